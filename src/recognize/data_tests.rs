//! What data access, pools, caches and clients are recognized as, over small workspaces.

use crate::model::{Backend, Built, Condition, DataAccess, Limit, Resource, ResourceKind, Rows, Truth};
use crate::testing::inspect;

const SERVER: &str = "
    use axum::{routing::get, Router, extract::State};
    #[tokio::main]
    async fn main() {
        let app = Router::new().route(\"/\", get(handler)).with_state(state().await);
        let listener = tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.unwrap();
        axum::serve(listener, app).await.unwrap();
    }
";

fn app(body: &str) -> Backend {
    inspect(&[("src/main.rs", &format!("{SERVER}{body}"))])
}

fn only(backend: &Backend) -> &DataAccess {
    assert_eq!(backend.data_accesses.len(), 1, "{:#?}", backend.data_accesses);
    &backend.data_accesses[0]
}

fn resource(backend: &Backend, kind: ResourceKind) -> &Resource {
    backend.resources.iter().find(|resource| resource.kind == kind).unwrap_or_else(|| panic!("no {kind:?} in {:#?}", backend.resources))
}

#[test]
fn a_query_macro_and_what_runs_it_are_one_query() {
    let backend = inspect(&[(
        "src/lib.rs",
        "pub async fn all(db: &sqlx::PgPool) { sqlx::query_as!(User, \"SELECT * \" + \"FROM users\").fetch_all(db).await.unwrap(); }
         pub struct User;",
    )]);
    let access = only(&backend);
    assert_eq!(access.text.as_deref(), Some("SELECT * FROM users"));
    assert_eq!((access.reads.as_slice(), access.rows), (["users".to_string()].as_slice(), Rows::Unbounded));
}

#[test]
fn text_in_constants_locals_and_format_of_constants_is_known() {
    let backend = inspect(&[(
        "src/lib.rs",
        "const COLUMNS: &str = \"id, name\";
         pub async fn all(db: &sqlx::PgPool) {
             let sql = format!(\"SELECT {COLUMNS} FROM users LIMIT {}\", 10);
             sqlx::query(&sql).fetch_all(db).await.unwrap();
         }",
    )]);
    let access = only(&backend);
    assert_eq!(access.text.as_deref(), Some("SELECT id, name FROM users LIMIT 10"));
    assert_eq!(access.rows, Rows::Limited);
}

#[test]
fn text_with_holes_is_dynamic() {
    let backend = inspect(&[(
        "src/lib.rs",
        "pub async fn all(db: &sqlx::PgPool, table: String) { sqlx::query(&format!(\"DELETE FROM {table}\")).execute(db).await.unwrap(); }",
    )]);
    let access = only(&backend);
    assert!(access.dynamic && access.text.is_none());
    assert_eq!(access.operation.name(), "delete");
}

#[test]
fn a_query_builder_is_dynamic() {
    let backend = inspect(&[(
        "src/lib.rs",
        "pub async fn all(db: &sqlx::PgPool) {
             let mut query = sqlx::QueryBuilder::<sqlx::Postgres>::new(\"SELECT * FROM users WHERE id IN (\");
             query.push_bind(1);
             query.build().fetch_all(db).await.unwrap();
         }",
    )]);
    let access = only(&backend);
    assert!(access.dynamic);
    assert_eq!(access.reads, ["users"]);
}

#[test]
fn diesel_queries_name_their_tables() {
    let backend = inspect(&[(
        "src/lib.rs",
        "mod schema { diesel::table! { users (id) { id -> Int4, name -> Text, } } }
         use schema::users; use diesel::prelude::*;
         pub struct User;
         pub fn one(conn: &mut PgConnection) -> User { users::table.filter(users::id.eq(1)).first::<User>(conn).unwrap() }
         pub fn gone(conn: &mut PgConnection) { diesel::delete(users::table.find(1)).execute(conn).unwrap(); }",
    )]);
    let seen: Vec<_> = backend
        .data_accesses
        .iter()
        .map(|access| (access.operation.name(), access.reads.join(","), access.writes.join(","), access.rows))
        .collect();
    assert_eq!(seen, [("select", "users".into(), String::new(), Rows::One), ("delete", String::new(), "users".into(), Rows::Unknown)]);
}

/// Conditions, keys of the order and limit of each query, in the order of the code; `None` where the query is not understood.
fn said(backend: &Backend) -> Vec<Option<String>> {
    fn test(condition: &Condition) -> String {
        match condition {
            Condition::Test(test) => test.normal.clone(),
            Condition::Any(branches) => format!("any of {}", branches.len()),
            Condition::Optional(_) => "optional".into(),
        }
    }
    let one = |access: &DataAccess| {
        let scope = access.statement.as_ref()?.scopes.first()?;
        let mut parts: Vec<String> = scope.conditions.iter().map(test).collect();
        parts.extend(scope.order.iter().map(|key| format!("by {}", key.column.as_ref().map_or("?", |column| &column.name))));
        parts.extend(scope.limit.map(|limit| if limit == Limit::One { "one".to_string() } else { "some".to_string() }));
        parts.extend(scope.single_row.then(|| "single".to_string()));
        parts.extend(scope.grouped.then(|| "grouped".to_string()));
        Some(parts.join(", "))
    };
    backend.data_accesses.iter().map(one).collect()
}

const DIESEL: &str = "
    mod schema {
        diesel::table! { users (id) { id -> Int4, name -> Text, age -> Int4, active -> Bool, #[sql_name = \"kind\"] kind_ -> Text, } }
        diesel::table! { posts (id) { id -> Int4, } }
        diesel::table! { likes (user_id, post_id) { user_id -> Int4, post_id -> Int4, } }
    }
    use schema::{likes, posts, users}; use diesel::prelude::*; use diesel::dsl::count_star;
    pub struct User;
    ";

fn diesel_says(functions: &str) -> Vec<Option<String>> {
    said(&inspect(&[("src/lib.rs", &format!("{DIESEL}{functions}"))]))
}

#[test]
fn a_diesel_query_says_what_its_text_would_say() {
    let seen = diesel_says(
        "pub fn a(c: &mut PgConnection, name: &str) { users::table.filter(users::name.eq(name).and(users::age.gt(3))).order(users::id.desc()).limit(9).load::<User>(c).unwrap(); }
         pub fn b(c: &mut PgConnection) { users::table.filter(users::name.eq(\"x\").or(users::age.is_null())).load::<User>(c).unwrap(); }
         pub fn c(c: &mut PgConnection) { users::table.find(7).first::<User>(c).unwrap(); }
         pub fn d(c: &mut PgConnection) { likes::table.find((1, 2)).first::<User>(c).unwrap(); }
         pub fn e(c: &mut PgConnection) { users::table.filter(users::active).count().get_result::<i64>(c).unwrap(); }
         pub fn f(c: &mut PgConnection) { users::table.select(count_star()).get_result::<i64>(c).unwrap(); }
         pub fn g(c: &mut PgConnection) { diesel::delete(users::table.filter(users::age.lt(9))).execute(c).unwrap(); }
         pub fn h(c: &mut PgConnection) { let query = users::table.filter(users::name.eq(\"y\")); query.load::<User>(c).unwrap(); }",
    );
    let said: Vec<&str> = seen.iter().map(|one| one.as_deref().unwrap_or("nothing")).collect();
    assert_eq!(
        said,
        [
            "name = name, age > 3, by id, some",
            "any of 2",
            "id = 7, one",
            "user_id = 1, post_id = 2, one",
            "active, single",
            "grouped",
            "age < 9",
            "name = \"y\"",
        ]
    );
}

#[test]
fn columns_under_their_own_names_are_columns_and_locals_are_not() {
    let backend = inspect(&[
        ("src/lib.rs", "mod schema { diesel::table! { users (id) { id -> Int4, name -> Text, } } } mod store;"),
        (
            "src/store.rs",
            "use crate::schema::users::dsl::*; use diesel::prelude::*; pub struct User;
             pub fn a(c: &mut PgConnection, value: &str) { users.filter(name.eq(value)).load::<User>(c).unwrap(); }
             pub fn b(c: &mut PgConnection, given: Filter) { users.filter(given.eq(1)).load::<User>(c).unwrap(); }",
        ),
    ]);
    assert_eq!(said(&backend), [Some("name = value".to_string()), None]);
}

#[test]
fn a_diesel_query_with_a_part_that_is_not_understood_says_nothing() {
    let seen = diesel_says(
        "pub fn a(c: &mut PgConnection) { users::table.inner_join(posts::table).filter(users::age.eq(1)).load::<User>(c).unwrap(); }
         pub fn b(c: &mut PgConnection) { users::table.filter(users::id.eq_any(posts::table.select(posts::id))).load::<User>(c).unwrap(); }
         pub fn c(c: &mut PgConnection, only: Only) { users::table.filter(only.condition()).load::<User>(c).unwrap(); }
         pub fn d(c: &mut PgConnection) { users::table.filter(users::no_column.eq(1)).load::<User>(c).unwrap(); }
         pub fn e(c: &mut PgConnection, more: bool) { let mut query = users::table.into_boxed(); if more { query = query.filter(users::age.gt(1)); } query.load::<User>(c).unwrap(); }
         pub fn f(c: &mut PgConnection) { let liked = posts::table.select(posts::id); users::table.filter(users::id.eq_any(liked)).load::<User>(c).unwrap(); }",
    );
    assert_eq!(seen, [None, None, None, None, None, None]);
}

#[test]
fn queries_of_an_orm_are_counted() {
    let backend = inspect(&[(
        "src/lib.rs",
        &format!(
            "{DIESEL} pub fn a(c: &mut PgConnection) {{ users::table.find(7).first::<User>(c).unwrap(); diesel::sql_query(\"SELECT 1\").execute(c).unwrap(); }}"
        ),
    )]);
    assert_eq!((backend.coverage.queries_by_orm, backend.coverage.queries_literal), (1, 1));
}

#[test]
fn entities_of_sea_orm_name_their_tables() {
    let backend = inspect(&[
        ("src/lib.rs", "pub mod user; use sea_orm::*;
          pub async fn all(db: &DatabaseConnection) { user::Entity::find().filter(user::Column::Id.eq(1)).all(db).await.unwrap(); }
          pub async fn add(db: &DatabaseConnection, one: user::ActiveModel) { one.insert(db).await.unwrap(); }"),
        ("src/user.rs", "use sea_orm::entity::prelude::*;
          #[derive(Clone, Debug, DeriveEntityModel)] #[sea_orm(table_name = \"people\")] pub struct Model { #[sea_orm(primary_key)] pub id: i32 }
          pub enum Relation {} impl ActiveModelBehavior for ActiveModel {}"),
    ]);
    let seen: Vec<_> =
        backend.data_accesses.iter().map(|access| (access.operation.name(), access.reads.join(","), access.writes.join(","))).collect();
    assert_eq!(seen, [("select", "people".into(), String::new()), ("insert", String::new(), "people".into())]);
}

#[test]
fn collections_are_read_by_their_name() {
    let backend = inspect(&[(
        "src/lib.rs",
        "pub async fn one(db: mongodb::Database) { db.collection::<()>(\"users\").find_one(()).await.unwrap(); }",
    )]);
    assert_eq!(only(&backend).reads, ["users"]);
}

#[test]
fn a_method_of_the_same_name_is_no_query() {
    let backend = inspect(&[(
        "src/lib.rs",
        "pub struct Plan; impl Plan { pub fn execute(&self, n: &u32) {} pub fn first(&self, n: &u32) {} }
         pub fn run(plan: Plan) { plan.execute(&1); plan.first(&1); vec![1].first(); }",
    )]);
    assert!(backend.data_accesses.is_empty(), "{:#?}", backend.data_accesses);
}

#[test]
fn options_of_a_pool_are_read_from_its_builder() {
    let backend = app(
        "type Db = sqlx::PgPool;
         async fn state() -> Db {
             sqlx::postgres::PgPoolOptions::new().max_connections(5).acquire_timeout(std::time::Duration::from_secs(3)).connect(\"postgres://\").await.unwrap()
         }
         async fn handler(State(db): State<Db>) {}",
    );
    let pool = resource(&backend, ResourceKind::Pool);
    assert_eq!((pool.library.as_str(), pool.system.as_str(), pool.settings["max"].as_str()), ("sqlx", "postgres", "5"));
    assert!(pool.acquire_timeout.is_yes());
    assert!(matches!(pool.built, Built::Startup), "{:?}", pool.built);
}

#[test]
fn options_set_on_a_local_count() {
    let backend = app("async fn state() -> sea_orm::DatabaseConnection {
             let mut options = sea_orm::ConnectOptions::new(\"postgres://\");
             options.max_connections(7).min_connections(2);
             sea_orm::Database::connect(options).await.unwrap()
         }
         async fn handler() {}");
    let pool = resource(&backend, ResourceKind::Pool);
    assert_eq!((pool.settings["max"].as_str(), pool.settings["min"].as_str()), ("7", "2"));
}

#[test]
fn options_that_are_made_of_themselves_come_to_an_end() {
    let backend = app("pub struct Own { url: String, name: String }
         async fn state() -> sea_orm::DatabaseConnection {
             let mut own = Own { url: String::new(), name: String::new() };
             own.url = local(&own);
             own.name = local(&own);
             sea_orm::Database::connect(local(&own)).await.unwrap()
         }
         fn local(own: &Own) -> String { own.url.replace(\"\", &own.name) }
         async fn handler() {}");
    assert_eq!(resource(&backend, ResourceKind::Pool).library, "sea_orm");
}

#[test]
fn a_deadpool_without_a_timeout_waits_for_ever() {
    let pool = |options: &str| {
        let backend = app(&format!(
            "async fn state() -> deadpool_postgres::Pool {{
                 let manager = deadpool_postgres::Manager::new(\"\".parse().unwrap(), tokio_postgres::NoTls);
                 deadpool_postgres::Pool::builder(manager).max_size(16){options}.build().unwrap()
             }}
             async fn handler() {{}}"
        ));
        resource(&backend, ResourceKind::Pool).acquire_timeout.clone()
    };
    assert!(pool("").is_no(), "{:?}", pool(""));
    assert!(pool(".wait_timeout(Some(std::time::Duration::from_secs(1)))").is_yes());
    assert!(pool(".wait_timeout(None)").is_no());
}

#[test]
fn a_pool_from_a_configuration_value_is_not_judged() {
    let backend = app("pub struct Settings { pg: deadpool_postgres::Config }
         async fn state() -> deadpool_postgres::Pool { make(load()) }
         fn load() -> Settings { todo!() }
         fn make(settings: Settings) -> deadpool_postgres::Pool { settings.pg.create_pool(None, tokio_postgres::NoTls).unwrap() }
         async fn handler() {}");
    assert!(resource(&backend, ResourceKind::Pool).acquire_timeout.is_unknown());
}

#[test]
fn a_client_in_a_handler_is_built_per_request() {
    let backend = app(
        "async fn state() {} async fn handler() { fetch().await; } async fn fetch() { reqwest::Client::new().get(\"http://x\").send().await.unwrap(); }",
    );
    let client = resource(&backend, ResourceKind::HttpClient);
    assert!(matches!(&client.built, Built::PerRequest { chain, .. } if chain.functions.len() == 2), "{:?}", client.built);
}

#[test]
fn a_client_behind_a_cell_is_built_once() {
    let backend = app("static CLIENT: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
         async fn state() {}
         async fn handler() { CLIENT.get_or_init(|| reqwest::Client::new()); }");
    assert!(matches!(resource(&backend, ResourceKind::HttpClient).built, Built::Startup));
}

#[test]
fn a_client_that_is_kept_in_a_cache_is_not_built_per_request() {
    let backend = app("async fn state() {}
         async fn handler() { cached(todo!()).await; }
         async fn cached(cache: moka::future::Cache<String, reqwest::Client>) -> reqwest::Client {
             if let Some(client) = cache.get(\"a\").await { return client; }
             let client = reqwest::Client::new();
             cache.insert(\"a\".into(), client.clone()).await;
             client
         }");
    assert!(matches!(resource(&backend, ResourceKind::HttpClient).built, Built::Unknown(_)));
}

#[test]
fn an_address_that_is_asked_is_no_setting_of_the_client() {
    let backend = app("async fn state() {}
         async fn handler(axum::extract::Path(url): axum::extract::Path<String>) { reqwest::get(&url).await.unwrap(); }");
    let client = resource(&backend, ResourceKind::HttpClient);
    assert!(matches!(client.built, Built::PerRequest { .. }) && !client.per_request_settings);
}

#[test]
fn a_client_for_the_callers_proxy_is_his_own() {
    let backend = app("async fn state() {}
         async fn handler(axum::extract::Path(proxy): axum::extract::Path<String>) {
             reqwest::Client::builder().proxy(reqwest::Proxy::all(proxy).unwrap()).build().unwrap();
         }");
    assert!(resource(&backend, ResourceKind::HttpClient).per_request_settings);
}

#[test]
fn a_configuration_that_callers_make_of_the_request_is_the_requests() {
    let pool = |config: &str| {
        let backend = app(&format!(
            "pub struct Config {{ url: String }}
             async fn state() {{}}
             async fn handler(Path(tenant): Path<String>, State(own): State<Config>) {{ open(&{config}).await; }}
             async fn open(config: &Config) -> sqlx::PgPool {{ sqlx::PgPool::connect(&config.url).await.unwrap() }}"
        ));
        resource(&backend, ResourceKind::Pool).per_request_settings
    };
    assert!(pool("Config { url: tenant }"));
    assert!(!pool("own"));
}

#[test]
fn what_lies_in_a_field_comes_from_where_its_owner_comes_from() {
    let pool = |url: &str| {
        let backend = app(&format!(
            "pub struct Config {{ url: String }}
             pub struct Check {{ url: String }}
             impl Check {{
                 fn of(url: &str) -> Self {{ Check {{ url: url.to_string() }} }}
                 async fn run(&self) {{ self.again(3).await }}
                 async fn again(&self, left: u32) {{ sqlx::PgPool::connect(&self.url).await.unwrap(); if left > 0 {{ Box::pin(self.again(left - 1)).await }} }}
             }}
             async fn state() {{}}
             async fn handler(Path(tenant): Path<String>, State(own): State<Config>) {{ let check = Check::of(&{url}); check.run().await; }}"
        ));
        resource(&backend, ResourceKind::Pool).per_request_settings
    };
    assert!(pool("tenant"));
    assert!(!pool("own.url"));
}

#[test]
fn what_a_pattern_takes_out_comes_from_where_the_whole_comes_from() {
    let pool = |config: &str| {
        let backend = app(&format!(
            "pub enum Config {{ One {{ url: String }}, None }}
             async fn state() {{}}
             async fn handler(Path(tenant): Path<String>, State(own): State<Config>) {{ open(&{config}).await; }}
             async fn open(config: &Config) -> sqlx::PgPool {{
                 let Config::One {{ url }} = config else {{ panic!() }};
                 sqlx::PgPool::connect(url).await.unwrap()
             }}"
        ));
        resource(&backend, ResourceKind::Pool).per_request_settings
    };
    assert!(pool("Config::One { url: tenant }"));
    assert!(!pool("own"));
}

#[test]
fn what_a_trait_is_given_comes_from_who_calls_it() {
    let pool = |key: &str| {
        let backend = app(&format!(
            "pub struct TenantConfig {{ url: String }}
             trait Tenants {{ fn of(&self, name: &str) -> TenantConfig; }}
             trait Reports {{ async fn count(&self, config: &TenantConfig); }}
             pub struct Live;
             impl Reports for Live {{ async fn count(&self, config: &TenantConfig) {{ open(&config.url).await; }} }}
             async fn state() {{}}
             async fn handler(Path(tenant): Path<String>) {{ let config = tenants().of({key}); reports().count(&config).await; }}
             fn tenants() -> Box<dyn Tenants> {{ todo!() }}
             fn reports() -> Live {{ Live }}
             async fn open(url: &str) -> sqlx::PgPool {{ sqlx::PgPool::connect(url).await.unwrap() }}"
        ));
        resource(&backend, ResourceKind::Pool).per_request_settings
    };
    assert!(pool("&tenant"));
    assert!(!pool("\"own\""));
}

#[test]
fn a_connection_in_an_extractor_is_opened_per_request() {
    let backend = app("async fn state() {}
         pub struct Conn(tokio_postgres::Client);
         impl<S> axum::extract::FromRequestParts<S> for Conn {
             type Rejection = ();
             async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, ()> {
                 let (client, connection) = tokio_postgres::connect(\"host=db\", tokio_postgres::NoTls).await.unwrap();
                 Ok(Conn(client))
             }
         }
         async fn handler(conn: Conn) {}");
    assert!(matches!(resource(&backend, ResourceKind::Connection).built, Built::PerRequest { .. }));
}

#[test]
fn a_connection_behind_a_lock_in_state_is_shared() {
    let backend = app("#[derive(Clone)] struct App { db: std::sync::Arc<tokio::sync::Mutex<tokio_postgres::Client>> }
         async fn state() -> App {
             let (client, connection) = tokio_postgres::connect(\"host=db\", tokio_postgres::NoTls).await.unwrap();
             App { db: std::sync::Arc::new(tokio::sync::Mutex::new(client)) }
         }
         async fn handler(State(app): State<App>) {}");
    assert!(resource(&backend, ResourceKind::Connection).shared.is_some());
}

#[test]
fn caches_are_bounded_by_what_their_builder_says() {
    let backend = app("async fn state() {
             let bounded: moka::future::Cache<String, String> = moka::future::Cache::builder().max_capacity(10).build();
             let open: moka::future::Cache<String, String> = moka::future::Cache::builder().build();
         }
         async fn handler() {}");
    let caches: Vec<(bool, bool)> = backend.resources.iter().map(|cache| (cache.capacity.is_yes(), cache.expiry.is_no())).collect();
    assert_eq!(caches, [(true, true), (false, true)]);
    assert!(backend.resources[1].capacity.is_no());
}

#[test]
fn a_cached_function_without_size_or_time_is_unbounded() {
    let backend = inspect(&[(
        "src/lib.rs",
        "use cached::proc_macro::cached;
         #[cached] pub fn slow(key: String) -> u32 { 1 }
         #[cached(size = 10, time = 60)] pub fn bounded(key: String) -> u32 { 1 }",
    )]);
    let caches: Vec<(bool, bool)> = backend.resources.iter().map(|cache| (cache.capacity.is_no(), cache.expiry.is_no())).collect();
    assert_eq!(caches, [(true, true), (false, false)]);
}

const CACHE_ASIDE: &str = "
    use redis::AsyncCommands;
    pub async fn user(redis: &mut redis::aio::MultiplexedConnection, db: &sqlx::PgPool, id: i32) -> String {
        let key = format!(\"user:{id}\");
        let hit: Option<String> = redis.get(&key).await.unwrap();
        if let Some(hit) = hit { return hit; }
        let user: String = sqlx::query_scalar(\"SELECT name FROM users\").fetch_one(db).await.unwrap();
        WRITE
        user
    }
";

#[test]
fn an_entry_that_is_read_first_and_filled_from_a_database_is_a_cache_entry() {
    let write = |write: &str| inspect(&[("src/lib.rs", &CACHE_ASIDE.replace("WRITE", write))]).cache_writes.remove(0);
    let open = write("let _: () = redis.set(&key, &user).await.unwrap();");
    assert_eq!((open.key.as_str(), open.expiry.is_no(), open.cache_aside.is_yes()), ("user:{}", true, true));
    assert!(write("let _: () = redis.set_ex(&key, &user, 60).await.unwrap();").expiry.is_yes());
    assert!(write("let _: () = redis.set(&key, &user).await.unwrap(); let _: () = redis.expire(&key, 60).await.unwrap();").expiry.is_yes());
    assert!(!write("let _: () = redis.set(\"other\", &user).await.unwrap();").cache_aside.is_yes());
}

#[test]
fn options_in_a_local_tell_the_expiry() {
    let write = |write: &str| inspect(&[("src/lib.rs", &CACHE_ASIDE.replace("WRITE", write))]).cache_writes.remove(0).expiry;
    let options =
        |options: &str| write(&format!("let options = {options}; let _: () = redis.set_options(&key, &user, options).await.unwrap();"));
    assert!(options("redis::SetOptions::default().with_expiration(redis::SetExpiry::EX(60)).get(true)").is_yes());
    assert!(options("redis::SetOptions::default().get(true)").is_no());
    assert!(write("let _: () = redis.set_options(&key, &user, OPTIONS).await.unwrap();").is_unknown());
}

const TWO_STORES: &str = "
    use redis::AsyncCommands;
    pub trait Store { async fn load(&self, id: i32) -> String; async fn save(&self, id: i32, value: String); }
    pub struct InRedis { redis: redis::aio::MultiplexedConnection }
    impl Store for InRedis {
        async fn load(&self, id: i32) -> String { let mut redis = self.redis.clone(); redis.get(format!(\"user:{id}\")).await.unwrap() }
        async fn save(&self, id: i32, value: String) {
            let mut redis = self.redis.clone();
            let _: () = redis.set(format!(\"user:{id}\"), &value).await.unwrap();
        }
    }
    pub struct InPostgres { db: sqlx::PgPool }
    impl Store for InPostgres {
        async fn load(&self, id: i32) -> String { sqlx::query_scalar(\"SELECT name FROM users\").fetch_one(&self.db).await.unwrap() }
        async fn save(&self, id: i32, value: String) { sqlx::query(\"UPDATE users SET name = $1\").execute(&self.db).await.unwrap(); }
    }
    pub async fn rename(store: &dyn Store, id: i32) {
        let name = store.load(id).await;
        store.save(id, name).await;
    }
";

#[test]
fn a_store_beside_another_implementation_of_its_trait_is_no_cache() {
    let writes = inspect(&[("src/lib.rs", TWO_STORES)]).cache_writes;
    assert_eq!(writes.len(), 1);
    assert!(!writes[0].cache_aside.is_yes(), "{:?}", writes[0].cache_aside);
}

#[test]
fn a_database_that_is_only_written_fills_no_cache() {
    let written = CACHE_ASIDE
        .replace(
            "let user: String = sqlx::query_scalar(\"SELECT name FROM users\").fetch_one(db)",
            "let user = String::new(); sqlx::query(\"INSERT INTO log VALUES (1)\").execute(db)",
        )
        .replace("WRITE", "let _: () = redis.set(&key, &user).await.unwrap();");
    let write = inspect(&[("src/lib.rs", &written)]).cache_writes.remove(0);
    assert!(!write.cache_aside.is_yes(), "{:?}", write.cache_aside);
}

#[test]
fn a_pool_that_somebody_wrote_opens_a_connection_when_it_has_none() {
    let source = |field: &str| {
        format!(
            "pub struct Clients {{ kept: {field} }}
             impl Clients {{ async fn get(&self) -> tokio_postgres::Client {{ tokio_postgres::connect(\"\", tokio_postgres::NoTls).await.unwrap().0 }} }}
             async fn state() {{}}
             async fn handler(State(clients): State<std::sync::Arc<Clients>>) {{ clients.get().await; }}"
        )
    };
    let built = |field: &str| resource(&app(&source(field)), ResourceKind::Connection).built.clone();
    assert!(matches!(built("u8"), Built::PerRequest { .. }));
    assert!(matches!(built("std::sync::Arc<std::sync::Mutex<Vec<tokio_postgres::Client>>>"), Built::Unknown(_)));
}

fn nested(body: &str) -> Vec<(usize, Truth)> {
    let backend = inspect(&[("src/lib.rs", body)]);
    backend.nested_acquires.iter().map(|nested| (nested.chain.functions.len(), nested.same_pool.clone())).collect()
}

#[test]
fn a_query_on_the_pool_inside_a_transaction_takes_a_second_connection() {
    let found = nested(
        "pub async fn f(db: &sqlx::PgPool) {
             let mut tx = db.begin().await.unwrap();
             sqlx::query(\"SELECT 1\").execute(db).await.unwrap();
             tx.commit().await.unwrap();
         }",
    );
    assert_eq!(found.len(), 1);
    assert!(found[0].1.is_yes());
}

#[test]
fn a_function_that_takes_the_same_pool_takes_a_second_connection() {
    let found = nested(
        "pub struct S { db: sqlx::PgPool }
         impl S {
             pub async fn f(&self) { let mut conn = self.db.acquire().await.unwrap(); self.g().await; drop(conn); }
             async fn g(&self) { h(&self.db).await; }
         }
         async fn h(db: &sqlx::PgPool) { db.acquire().await.unwrap(); }",
    );
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, 3);
}

#[test]
fn a_connection_that_was_given_back_is_not_held() {
    for ends in ["tx.commit().await.unwrap();", "drop(tx);", "keep(tx);"] {
        let body = format!(
            "pub async fn f(db: &sqlx::PgPool) {{ let tx = db.begin().await.unwrap(); {ends} db.acquire().await.unwrap(); }} fn keep<T>(t: T) {{}}"
        );
        assert!(nested(&body).is_empty(), "{ends}");
    }
    assert!(
        nested("pub async fn f(db: &sqlx::PgPool) { { let tx = db.begin().await.unwrap(); } db.acquire().await.unwrap(); }").is_empty()
    );
}

#[test]
fn shadowing_does_not_give_a_connection_back() {
    let body = "pub async fn f(db: &sqlx::PgPool) { let tx = db.begin().await.unwrap(); let tx = db.begin().await.unwrap(); tx.commit().await.unwrap(); }";
    assert_eq!(nested(body).len(), 1);
}

#[test]
fn queries_on_the_transaction_and_other_pools_are_no_second_connection() {
    let body = "pub async fn f(db: &sqlx::PgPool, other: &sqlx::PgPool) {
        let mut tx = db.begin().await.unwrap();
        sqlx::query(\"SELECT 1\").execute(&mut *tx).await.unwrap();
        other.acquire().await.unwrap();
        tokio::spawn(async move { db.acquire().await.unwrap(); });
        tx.commit().await.unwrap();
    }";
    assert!(nested(body).is_empty());
}

/// A workspace with migrations in code: `up` of each by the name of its file, and what else its files hold.
fn schema_of(migrations: &[(&str, &str)]) -> Vec<String> {
    let mods: String = migrations.iter().map(|(name, _)| format!("mod {name};")).collect();
    let whole = |up: &str| format!("use sea_orm_migration::prelude::*; pub struct Migration; impl MigrationTrait for Migration {{ {up}");
    let mut files = vec![
        ("Cargo.toml".to_string(), "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\nsea-orm = \"1\"\nsea-orm-migration = \"1\"\n".to_string()),
        (
            "src/lib.rs".to_string(),
            format!("{mods} pub async fn health(db: &sea_orm::DatabaseConnection) {{ db.execute_unprepared(\"SELECT 1\").await; }}"),
        ),
    ];
    files.extend(migrations.iter().map(|(name, up)| (format!("src/{name}.rs"), whole(up))));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let backend = inspect(&files);
    let keys = |index: &crate::model::Index| {
        let keys: Vec<&str> = index.keys.iter().map(|key| key.text.as_str()).collect();
        format!("{}({})", if index.unique { "unique" } else { "" }, keys.join(","))
    };
    let table = |table: &crate::model::Table| {
        let columns: Vec<String> = table.columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
        let indexes: Vec<String> = table.indexes.iter().map(keys).collect();
        let incomplete = if table.incomplete.is_some() { " incomplete" } else { "" };
        format!("{}: {}; {}{incomplete}", table.name, columns.join(", "), indexes.join(" "))
    };
    backend.schemas.iter().flat_map(|schema| schema.tables.values()).map(table).collect()
}

#[test]
fn migrations_in_code_are_replayed_in_the_order_of_their_names() {
    let seen = schema_of(&[
        (
            "m2024_b",
            "async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                manager.alter_table(Table::alter().table(Folders::Table).add_column(ColumnDef::new(Folders::TypeOf).small_integer().not_null()).drop_column(Folders::Old).to_owned()).await?;
                index(manager).await
             } }
             async fn index(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
                manager.create_index(Index::create().name(\"folders_org\").table(Folders::Table).col(Folders::Org).col((Folders::TypeOf, IndexOrder::Desc)).unique().to_owned()).await
             }
             #[derive(DeriveIden)] enum Folders { Table, #[sea_orm(iden = \"org_name\")] Org, TypeOf, Old }",
        ),
        (
            "m2024_a",
            "async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> { manager.create_table(folders()).await?; manager.get_connection().execute_unprepared(\"CREATE INDEX tags_x ON tags (x)\").await?; Ok(()) }
             async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> { manager.drop_table(Table::drop().table(Folders::Table).to_owned()).await } }
             fn folders() -> TableCreateStatement {
                Table::create().table(Folders::Table).if_not_exists()
                    .col(ColumnDef::new(Folders::Id).big_integer().not_null().auto_increment().primary_key())
                    .col(ColumnDef::new(Folders::OrgName).string_len(256).not_null())
                    .col(string_null(Folders::Old))
                    .foreign_key(ForeignKey::create().from(Folders::Table, Folders::OrgName).to(Orgs::Table, Orgs::Name))
                    .to_owned()
             }
             #[derive(Iden)] enum Folders { Table, Id, OrgName, Old }
             #[derive(Iden)] enum Orgs { Table, Name }",
        ),
    ]);
    assert_eq!(seen, ["folders: id BIGINT, org_name VARCHAR(256), type_of SMALLINT; unique(id) unique(org_name,type_of)"]);
}

#[test]
fn what_a_migration_in_code_does_under_a_condition_or_by_other_names_leaves_its_table_incomplete() {
    let create =
        "manager.create_table(Table::create().table(Users::Table).col(ColumnDef::new(Users::Id).uuid().primary_key()).to_owned()).await?;";
    let idens = "#[derive(DeriveIden)] enum Users { Table, Id, Name }";
    let of = |then: &str| {
        let up = format!("async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {{ {create} {then} Ok(()) }} }} {idens}");
        schema_of(&[("m1", up.as_str())]).join("; ").ends_with("incomplete")
    };
    let index = "manager.create_index(Index::create().table(Users::Table).col(Users::Name).to_owned()).await?;";
    assert!(!of("") && !of(index));
    assert!(of(&format!("if manager.has_table(\"x\").await? {{ {index} }}")));
    assert!(of("manager.create_index(Index::create().table(Users::Table).col(Expr::cust(\"lower(name)\")).to_owned()).await?;"));
    assert!(of("for table in TABLES { manager.create_index(Index::create().table(Alias::new(table)).col(Users::Id).to_owned()).await?; }"));
    assert!(of("manager.get_connection().execute_unprepared(&format!(\"ALTER TABLE {} ADD x INT\", table())).await?;"));
    assert!(!of("manager.get_connection().execute_unprepared(\"UPDATE users SET name = 'x'\").await?;"));
}

const ENTITIES: [(&str, &str); 3] = [
    (
        "src/user.rs",
        "use sea_orm::entity::prelude::*;
         #[derive(DeriveEntityModel)] #[sea_orm(table_name = \"users\")]
         pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub org_id: i64, #[sea_orm(column_name = \"mail\")] pub email: String, pub r#type: i16 }",
    ),
    (
        "src/team.rs",
        "use sea_orm::entity::prelude::*;
         #[derive(DeriveEntityModel)] #[sea_orm(table_name = \"teams\")]
         pub struct Model { #[sea_orm(primary_key)] pub org: i64, #[sea_orm(primary_key)] pub name: String }",
    ),
    ("src/lib.rs", "pub mod user; pub mod team; pub mod store;"),
];

fn sea_orm_says(store: &str) -> Vec<Option<String>> {
    let store = format!("use sea_orm::*; use crate::{{team, user}}; {store}");
    said(&inspect(&[ENTITIES[0], ENTITIES[1], ENTITIES[2], ("src/store.rs", &store)]))
}

#[test]
fn a_query_of_sea_orm_says_what_its_text_would_say() {
    let seen = sea_orm_says(
        "pub async fn a(db: &DatabaseConnection, org: i64) { user::Entity::find().filter(user::Column::OrgId.eq(org)).filter(user::Column::Type.is_in([1, 2])).order_by_desc(user::Column::Id).limit(5).all(db).await; }
         pub async fn b(db: &DatabaseConnection) { user::Entity::find_by_id(7).one(db).await; }
         pub async fn c(db: &DatabaseConnection) { team::Entity::find_by_id((1, 2)).one(db).await; }
         pub async fn d(db: &DatabaseConnection) { user::Entity::find().filter(Condition::any().add(user::Column::Email.eq(1)).add(user::Column::Id.gt(1))).all(db).await; }
         pub async fn e(db: &DatabaseConnection) { user::Entity::find().filter(Condition::all().add(user::Column::Email.contains(\"x\"))).count(db).await; }
         pub async fn f(db: &DatabaseConnection) { user::Entity::delete_many().filter(user::Column::Email.is_null()).exec(db).await; }
         pub async fn g(db: &DatabaseConnection) { user::Entity::find().filter(Expr::expr(Func::lower(Expr::col((user::Entity, user::Column::Email)))).eq(mail.to_lowercase())).one(db).await; }",
    );
    let said: Vec<&str> = seen.iter().map(|one| one.as_deref().unwrap_or("nothing")).collect();
    assert_eq!(
        said,
        [
            "type in [1, 2], org_id = org, by id, some",
            "id = 7, one",
            "org = 1, name = 2, one",
            "any of 2",
            "mail like \"x\", single",
            "mail is null",
            "lower(mail) = mail.to_lowercase(), one",
        ]
    );
}

#[test]
fn columns_and_entities_are_known_by_what_a_file_imports() {
    let backend = inspect(&[
        ENTITIES[0],
        ENTITIES[1],
        ENTITIES[2],
        (
            "src/store.rs",
            "use sea_orm::*; use crate::user::{Column, Entity};
             pub async fn a(db: &DatabaseConnection) { Entity::find().filter(Column::OrgId.eq(1)).all(db).await; }",
        ),
    ]);
    assert_eq!(backend.data_accesses[0].reads, ["users"]);
    assert_eq!(said(&backend), [Some("org_id = 1".to_string())]);
}

#[test]
fn a_query_of_sea_orm_with_a_part_that_is_not_understood_says_nothing() {
    let seen = sea_orm_says(
        "pub async fn a(db: &DatabaseConnection, more: bool) { let mut query = user::Entity::find(); if more { query = query.filter(user::Column::Id.eq(1)); } query.all(db).await; }
         pub async fn b(db: &DatabaseConnection, condition: Condition) { user::Entity::find().filter(condition).all(db).await; }
         pub async fn c(db: &DatabaseConnection) { user::Entity::find().find_also_related(team::Entity).filter(user::Column::Id.eq(1)).all(db).await; }
         pub async fn d(db: &DatabaseConnection) { user::Entity::find().filter(user::Column::Other.eq(1)).all(db).await; }
         pub async fn e(db: &DatabaseConnection) { user::Entity::find().filter(team::Column::Org.eq(1)).all(db).await; }
         pub async fn f(db: &DatabaseConnection, org: Option<i64>) { user::Entity::find().apply_if(org, |query, org| query.filter(user::Column::OrgId.eq(org))).all(db).await; }",
    );
    assert_eq!(seen, [None, None, None, None, None, None]);
}
