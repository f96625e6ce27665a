//! Which pool each query is recognized to run on, over small workspaces.

use crate::model::PoolRole;
use crate::testing::{inspect, try_analyse};

const SCHEMA: &str = "sqlx::query(\"SELECT id FROM users\")";

/// The role of each query, in the order of the code, and what gives its connection.
fn roles(code: &str) -> Vec<(&'static str, Vec<String>)> {
    let backend = inspect(&[("src/lib.rs", &code.replace("QUERY", SCHEMA))]);
    let one = |at: usize| (backend.pool_role(at).name(), backend.pool_uses_of(at).iter().map(|one| one.pool.clone()).collect());
    (0..backend.data_accesses.len()).map(one).collect()
}

fn names(code: &str) -> Vec<&'static str> {
    roles(code).into_iter().map(|(role, _)| role).collect()
}

#[test]
fn a_field_says_which_pool_it_is_and_the_one_beside_it_is_the_other() {
    let seen = roles(
        "pub struct Settings { pub read_database_url: Option<String> }
         pub struct Db { pool: sqlx::PgPool, read_pool: Option<sqlx::PgPool> }
         impl Db {
             pub async fn all(&self) { QUERY.fetch_all(self.read_pool.as_ref().unwrap()).await.unwrap(); }
             pub async fn one(&self) { QUERY.fetch_one(&self.pool).await.unwrap(); }
         }",
    );
    assert_eq!(seen[0], ("replica", vec!["self.read_pool".to_string()]));
    assert_eq!(seen[1], ("primary", vec!["self.pool".to_string()]));
}

#[test]
fn two_pools_for_one_database_are_no_replica_and_its_primary() {
    let seen = names(
        "pub struct Store { read_pool: sqlx::PgPool, write_pool: sqlx::PgPool }
         impl Store {
             pub async fn open(url: &str) -> Self { Store { read_pool: pool(url).await, write_pool: pool(url).await } }
             pub async fn all(&self) { QUERY.fetch_all(&self.read_pool).await.unwrap(); }
         }
         async fn pool(url: &str) -> sqlx::PgPool { sqlx::PgPool::connect(url).await.unwrap() }",
    );
    assert_eq!(seen, ["unknown"]);
}

#[test]
fn an_accessor_and_its_connection_are_followed_through_locals_and_callers() {
    let seen = roles(
        "pub struct App { primary: sqlx::PgPool, follower_pool: sqlx::PgPool }
         impl App {
             pub async fn db_read(&self) -> sqlx::pool::PoolConnection<sqlx::Postgres> { self.follower_pool.acquire().await.unwrap() }
             pub async fn db_write(&self) -> sqlx::pool::PoolConnection<sqlx::Postgres> { self.primary.acquire().await.unwrap() }
             pub async fn db_read_prefer_primary(&self) -> sqlx::pool::PoolConnection<sqlx::Postgres> { self.primary.acquire().await.unwrap() }
         }
         async fn find(conn: &mut sqlx::PgConnection) { QUERY.fetch_one(conn).await.unwrap(); }
         async fn save(conn: &mut sqlx::PgConnection) { QUERY.fetch_one(conn).await.unwrap(); }
         async fn count(conn: &mut sqlx::PgConnection) { QUERY.fetch_one(conn).await.unwrap(); }
         pub async fn show(app: &App) { let mut conn = app.db_read().await; find(&mut conn).await; }
         pub async fn edit(app: &App) { let mut tx = app.db_write().await; save(&mut tx).await; }
         pub async fn sum(app: &App) { let mut conn = app.db_read_prefer_primary().await; count(&mut conn).await; }",
    );
    let said: Vec<&str> = seen.iter().map(|(role, _)| *role).collect();
    assert_eq!(said, ["replica", "primary", "unknown"]);
    assert_eq!(seen[0].1, ["app.db_read()"]);
}

#[test]
fn ways_that_disagree_are_told_apart_and_the_query_is_unknown() {
    let backend = inspect(&[(
        "src/lib.rs",
        "async fn find(conn: &sqlx::PgPool) { sqlx::query(\"SELECT id FROM users\").fetch_one(conn).await.unwrap(); }
         pub async fn show(replica: &sqlx::PgPool) { find(replica).await; }
         pub async fn edit(primary: &sqlx::PgPool) { find(primary).await; }",
    )]);
    let roles: Vec<PoolRole> = backend.pool_uses_of(0).iter().map(|one| one.role).collect();
    assert_eq!(roles, [PoolRole::Replica, PoolRole::Primary]);
    assert_eq!(backend.pool_role(0), PoolRole::Unknown);
    let way: Vec<&str> = backend.pool_uses_of(0)[0].chain.functions.iter().map(|id| backend.function(*id).name.as_str()).collect();
    assert_eq!(way, ["show", "find"]);
}

#[test]
fn a_pool_is_known_by_its_address_and_by_the_type_that_holds_it() {
    let seen = names(
        "pub struct ReplicaPool(sqlx::PgPool);
         pub async fn a() {
             let db = sqlx::PgPool::connect(&std::env::var(\"READ_DATABASE_URL\").unwrap()).await.unwrap();
             QUERY.fetch_one(&db).await.unwrap();
         }
         pub async fn b(db: &ReplicaPool) { QUERY.fetch_one(&db.0).await.unwrap(); }",
    );
    assert_eq!(seen, ["replica", "replica"]);
}

#[test]
fn a_reader_of_something_else_and_a_file_have_no_replica() {
    assert_eq!(
        names(
            "pub struct FileReader { pool: sqlx::PgPool }
             pub async fn a(reader: &FileReader) { QUERY.fetch_one(&reader.pool).await.unwrap(); }
             pub async fn b(read_pool: &sqlx::SqlitePool) { QUERY.fetch_one(read_pool).await.unwrap(); }"
        ),
        ["unknown", "unknown"]
    );
}

#[test]
fn a_connection_that_is_read_from_a_lock_is_no_replica() {
    assert_eq!(
        names(
            "pub struct Store { pool: std::sync::RwLock<sqlx::PgPool>, replica_pool: sqlx::PgPool }
             pub async fn a(store: &Store) { let read_conn = store.pool.read().unwrap(); QUERY.fetch_one(&*read_conn).await.unwrap(); }
             pub async fn b(store: &Store) { QUERY.fetch_one(&store.replica_pool).await.unwrap(); }"
        ),
        ["primary", "replica"]
    );
}

#[test]
fn the_configuration_has_the_first_word() {
    let code = "pub struct Db { pool: sqlx::PgPool, replica: sqlx::PgPool }
         impl Db {
             pub async fn a(&self) { sqlx::query(\"SELECT id FROM users\").fetch_one(&self.pool).await.unwrap(); }
             pub async fn b(&self) { sqlx::query(\"SELECT id FROM users\").fetch_one(&self.replica).await.unwrap(); }
         }";
    let declared = "[data.pools.pool]\nrole = \"replica\"\n[data.pools.replica]\nrole = \"primary\"\n";
    let backend = inspect(&[("src/lib.rs", code), ("moai-backend.toml", declared)]);
    assert_eq!((backend.pool_role(0), backend.pool_role(1)), (PoolRole::Replica, PoolRole::Primary));
}

#[test]
fn a_declared_pool_that_nothing_is_called_is_a_mistake() {
    let code = "pub struct Db { reporting: sqlx::PgPool }";
    let declared = "[data.pools.reportin]\nrole = \"replica\"\n";
    let analysis = try_analyse(&[("src/lib.rs", code), ("moai-backend.toml", declared)]).expect("a workspace");
    assert_eq!(analysis.backend.unmatched.len(), 1);
    assert_eq!(analysis.backend.unmatched[0].help, "did you mean `reporting`?");
}

#[test]
fn a_statement_whose_failure_somebody_takes_does_not_have_to_succeed() {
    let of = |body: &str, call: &str| {
        let code = format!(
            "async fn touch(conn: &mut sqlx::PgConnection) -> sqlx::Result<()> {{ {body} }}
             pub async fn show(replica: &sqlx::PgPool) -> sqlx::Result<()> {{ let mut conn = replica.acquire().await?; {call} }}"
        );
        let backend = inspect(&[("src/lib.rs", &code.replace("RUN", "sqlx::query(\"DELETE FROM users\").execute(&mut *conn).await"))]);
        assert_eq!(backend.pool_uses_of(0)[0].role, PoolRole::Replica);
        backend.pool_uses_of(0)[0].has_to_succeed
    };
    let call = "touch(&mut conn).await";
    assert!(of("RUN?; Ok(())", call));
    assert!(of("RUN.map(|_| ())", call));
    assert!(of("let done = RUN; done?; Ok(())", call));
    assert!(of("RUN.unwrap(); Ok(())", "touch(&mut conn).await?; Ok(())"));
    assert!(!of("RUN.ok(); Ok(())", call));
    assert!(!of("let Ok(_) = RUN else { return Ok(()) }; Ok(())", call));
    assert!(!of("if let Err(error) = RUN { println!(\"{error}\"); } Ok(())", call));
    assert!(!of("let done = async { RUN?; sqlx::Result::Ok(()) }.await; drop(done); Ok(())", call));
    assert!(!of("RUN?; Ok(())", "let _ = touch(&mut conn).await; Ok(())"));
    assert!(!of("RUN?; Ok(())", "match touch(&mut conn).await { _ => Ok(()) }"));
}

/// Functions that read on a replica what they have written, by name.
fn stale(body: &str) -> Vec<String> {
    let code = "pub struct Db { primary: sqlx::PgPool, replica: sqlx::PgPool }
         impl Db {
             async fn save(&self) { sqlx::query(\"UPDATE users SET name = 'a'\").execute(&self.primary).await.unwrap(); }
             async fn load(&self) { sqlx::query(\"SELECT name FROM users\").fetch_all(&self.replica).await.unwrap(); }
             async fn other(&self) { sqlx::query(\"SELECT title FROM posts\").fetch_all(&self.replica).await.unwrap(); }
             async fn fresh(&self) { sqlx::query(\"SELECT name FROM users\").fetch_all(&self.primary).await.unwrap(); }
         }
         pub async fn edit(db: &Db, some: bool) { BODY }";
    let backend = inspect(&[("src/lib.rs", &code.replace("BODY", body))]);
    backend.stale_reads.iter().map(|one| format!("{} {}", backend.function(one.function).name, one.table)).collect()
}

#[test]
fn what_was_written_on_the_primary_and_is_read_on_the_replica_is_stale() {
    assert_eq!(stale("db.save().await; db.load().await;"), ["edit users"]);
    assert_eq!(stale("if some { db.save().await; } db.load().await;"), ["edit users"]);
    assert_eq!(stale("db.save().await; if some { db.load().await; }"), ["edit users"]);
}

#[test]
fn what_is_read_before_elsewhere_or_on_another_way_is_not_stale() {
    for body in [
        "db.load().await; db.save().await;",
        "db.save().await; db.other().await;",
        "db.save().await; db.fresh().await;",
        "if some { db.save().await; } else { db.load().await; }",
        "match some { true => db.save().await, false => db.load().await }",
        "if some { db.save().await; return; } db.load().await;",
        "let write = Db::save; let read = Db::load;",
    ] {
        assert_eq!(stale(body), Vec::<String>::new(), "{body}");
    }
}
