//! What is built on the way of a request and kept is not built per request.

use crate::testing::check;

const SERVER: &str = "
    use axum::{routing::{get, post}, Router, extract::State, Json};
    use std::{collections::HashMap, sync::{Arc, RwLock, Mutex}};
    #[tokio::main]
    async fn main() {
        let app = Router::new().route(\"/\", get(handler)).with_state(AppState::new());
        let listener = tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.unwrap();
        axum::serve(listener, app).await.unwrap();
    }
";

/// Findings that are no notes, of a server whose `handler` and `AppState` are given.
fn found(code: &str) -> Vec<String> {
    let found = check(&[("src/main.rs", &format!("{SERVER}{code}"))]);
    found
        .into_iter()
        .filter(|one| one.contains("per_request") || one.starts_with("unpooled"))
        .map(|one| one[..one.find(':').unwrap_or(0)].into())
        .collect()
}

const CLIENT: [&str; 1] = ["clients_per_request"];

#[test]
fn a_client_that_is_used_and_dropped_is_built_per_request() {
    let code = "
        #[derive(Clone)] struct AppState; impl AppState { fn new() -> Self { AppState } }
        fn client() -> reqwest::Client { let client = reqwest::Client::new(); client }
        async fn handler() { let client = client(); client.get(\"http://a\").send().await.unwrap(); }";
    assert_eq!(found(code), CLIENT);
}

#[test]
fn what_is_swapped_into_the_state_is_kept() {
    let code = "
        #[derive(Clone)] struct AppState { live: Arc<RwLock<Live>> }
        struct Live { client: reqwest::Client, name: String }
        struct Prepared { client: reqwest::Client }
        impl AppState {
            fn new() -> Self { todo!() }
            fn prepare(&self) -> Result<Prepared, String> { let client = build()?; Ok(Prepared { client }) }
            fn swap(&self, prepared: Prepared) { *self.live.write().unwrap() = Live { client: prepared.client, name: String::new() }; }
        }
        fn build() -> Result<reqwest::Client, String> { Ok(reqwest::Client::new()) }
        async fn handler(State(state): State<AppState>) { let prepared = state.prepare().unwrap(); state.swap(prepared); }";
    assert_eq!(found(code), [""; 0]);
}

#[test]
fn what_is_pushed_into_a_static_is_kept() {
    let code = "
        #[derive(Clone)] struct AppState; impl AppState { fn new() -> Self { AppState } }
        struct Remote { client: reqwest::Client }
        impl Remote { fn new() -> Result<Remote, String> { Ok(Remote { client: reqwest::Client::new() }) } }
        static REMOTES: RwLock<Vec<(String, Arc<Remote>)>> = RwLock::new(Vec::new());
        fn remote(name: &str) -> Result<Arc<Remote>, String> {
            let remote = Remote::new()?;
            let remote = Arc::new(remote);
            let out = remote.clone();
            REMOTES.write().unwrap().push((name.to_string(), remote));
            Ok(out)
        }
        async fn handler() { remote(\"a\").unwrap(); }";
    assert_eq!(found(code), [""; 0]);
}

#[test]
fn extensions_of_a_request_end_with_it() {
    let code = "
        #[derive(Clone)] struct AppState; impl AppState { fn new() -> Self { AppState } }
        async fn handler(mut request: axum::extract::Request) { request.extensions_mut().insert(reqwest::Client::new()); }";
    assert_eq!(found(code), CLIENT);
}

#[test]
fn a_map_of_own_things_that_hold_clients_is_a_pool() {
    let code = "
        #[derive(Clone)] struct AppState { pool: Remotes } impl AppState { fn new() -> Self { todo!() } }
        #[derive(Clone)] struct Remotes { cache: Arc<Mutex<HashMap<String, Remote>>> }
        #[derive(Clone)] struct Remote { client: reqwest::Client }
        impl Remote { fn new() -> Remote { Remote { client: reqwest::Client::new() } } }
        impl Remotes {
            fn get(&self, name: &str) -> Remote { self.cache.lock().unwrap().entry(name.into()).or_insert_with(Remote::new).clone() }
        }
        async fn handler(State(state): State<AppState>) { state.pool.get(\"a\"); }";
    assert_eq!(found(code), [""; 0]);
}

#[test]
fn a_pool_that_somebody_wrote_is_a_pool() {
    let pool = "
        #[derive(Clone)] struct AppState { db: Arc<Connections> } impl AppState { fn new() -> Self { todo!() } }
        struct Connections { idle: Arc<Mutex<Vec<tokio_postgres::Client>>>, url: String }
        struct Lent { client: Option<tokio_postgres::Client> }
        impl Connections {
            async fn get(&self) -> Lent {
                if let Some(client) = self.idle.lock().unwrap().pop() { return Lent { client: Some(client) }; }
                Lent { client: Some(connect(&self.url).await) }
            }
        }
        async fn connect(url: &str) -> tokio_postgres::Client {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client
        }
        async fn handler(State(state): State<AppState>) {
            let lent = state.db.get().await;
            lent.client.as_ref().unwrap().query(\"SELECT id FROM users\", &[]).await.unwrap();
        }";
    assert_eq!(found(pool), [""; 0]);
}

#[test]
fn middleware_runs_for_every_request() {
    let code = "
        #[derive(Clone)] struct AppState; impl AppState { fn new() -> Self { AppState } }
        async fn handler() {}
        async fn ask(request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response {
            reqwest::Client::new().get(\"http://a\").send().await.unwrap();
            next.run(request).await
        }
        fn routes() -> Router { Router::new().route(\"/x\", get(handler)).layer(axum::middleware::from_fn(ask)) }";
    let code = format!("{SERVER}{code}").replace(".with_state(AppState::new())", ".merge(routes())");
    let found = check(&[("src/main.rs", &code)]);
    assert!(found.iter().any(|one| one.starts_with("clients_per_request") && one.contains("`GET /x`")), "{found:?}");
}

#[test]
fn a_connection_to_what_the_request_names_cannot_come_from_a_pool() {
    let code = "
        #[derive(Clone)] struct AppState; impl AppState { fn new() -> Self { AppState } }
        async fn open(text: &str) -> tokio_postgres::Client {
            let mut config = text.parse::<tokio_postgres::Config>().unwrap();
            config.application_name(\"x\");
            let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client
        }
        async fn handler(url: String) { open(&url).await.query(\"SELECT id FROM users\", &[]).await.unwrap(); }";
    assert_eq!(found(code), [""; 0]);
}

/// Of whatever it is a pool.
const POOL: &str = "
    #[derive(Clone)] struct AppState { pool: Arc<Pool<Connection>> } impl AppState { fn new() -> Self { todo!() } }
    trait Resource { fn open() -> Self; fn is_open(&self) -> bool; }
    struct Connection { client: Arc<std::sync::OnceLock<tokio_postgres::Client>> }
    impl Resource for Connection {
        fn open() -> Connection {
            let client = Arc::new(std::sync::OnceLock::new());
            let filled = client.clone();
            tokio::spawn(async move { let (made, _) = tokio_postgres::connect(\"host=db\", tokio_postgres::NoTls).await.unwrap(); let _ = filled.set(made); });
            Connection { client }
        }
        fn is_open(&self) -> bool { self.client.get().is_some() }
    }
    struct Pool<R> { idle: Mutex<Vec<R>> }
    struct Lent<R: Resource> { resource: Option<R>, pool: Arc<Pool<R>> }
    impl<R: Resource> Pool<R> {
        fn get(self: &Arc<Self>) -> Lent<R> {
            let mut idle = self.idle.lock().unwrap();
            while let Some(resource) = idle.pop() {
                if resource.is_open() { return Lent { resource: Some(resource), pool: self.clone() }; }
            }
            Lent { resource: Some(R::open()), pool: self.clone() }
        }
    }
    async fn handler(State(state): State<AppState>) { let lent = state.pool.get(); }";

#[test]
fn what_its_drop_gives_back_to_a_pool_is_kept() {
    let back = "impl<R: Resource> Drop for Lent<R> { fn drop(&mut self) { if let Some(one) = self.resource.take() { self.pool.idle.lock().unwrap().push(one); } } }";
    assert_eq!(found(&format!("{POOL}{back}")), [""; 0]);
    let gone = "impl<R: Resource> Drop for Lent<R> { fn drop(&mut self) { tracing::debug!(\"closed\"); } }";
    assert_eq!(found(&format!("{POOL}{gone}")), ["connections_per_request"]);
}

#[test]
fn what_becomes_of_an_error_is_nothing_to_the_value() {
    let code = |settled: &str| {
        format!(
            "
        #[derive(Clone)] struct AppState {{ tenants: Arc<RwLock<HashMap<String, Arc<Tenant>>>> }}
        struct Tenant {{ name: String, client: reqwest::Client }}
        trait Settled<T> {{ fn settled(self, why: &str) -> Result<T, String>; }}
        impl Tenant {{
            fn new(name: &str) -> Result<Self, String> {{
                let client = Self::client().change_context(\"no client\")?;
                Ok(Self {{ name: name.to_string(), client }})
            }}
            fn client() -> error_stack::Result<reqwest::Client, String> {{ reqwest::Client::builder().build().change_context(\"no client\") }}
        }}
        impl AppState {{
            fn new() -> Self {{ todo!() }}
            fn set(&self, tenant: Tenant) {{ let mut all = self.tenants.write().unwrap(); all.insert(tenant.name.clone(), Arc::new(tenant)); }}
        }}
        async fn handler(State(state): State<AppState>) -> Result<(), String> {{ let tenant = Tenant::new(\"a\"){settled}?; state.set(tenant); Ok(()) }}"
        )
    };
    assert_eq!(found(&code("")), [""; 0]);
    assert_eq!(found(&code(".attach_printable(\"a\")")), [""; 0]);
    assert_eq!(found(&code(".settled(\"a\")")), [""; 0]);
}
