//! Routes, handlers and paths that macros of the workspace write.

use super::tests::{axum, table};
use crate::testing::{analyse, inspect};

const MANIFEST: &str =
    "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\naxum = \"0.8\"\ntokio = \"1\"\n";

const SERVE: &str = "
async fn a() {}
async fn serve(app: axum::Router) { axum::serve(listener(), app).await.unwrap(); }
fn listener() -> tokio::net::TcpListener { todo!() }
";

#[test]
fn an_enum_with_its_paths_is_written_by_a_macro() {
    let routes = axum(
        r#"
        macro_rules! endpoints {
            ($(enum $name:ident { $($variant:ident($method:ident, $path:expr)),* $(,)? })*) => {
                $(paste::paste! {
                    #[derive(Clone, Copy)]
                    pub enum [<$name Endpoint>] { $($variant),* }
                    impl [<$name Endpoint>] {
                        pub fn named(self) -> &'static str { stringify!($unbound) }
                        pub fn path(self) -> &'static str { match self { $([<$name Endpoint>]::$variant => $path),* } }
                    }
                })*
            };
        }
        endpoints! {
            enum User { List(GET, "/users"), One(GET, concat!("/users", "/{id}")), }
            enum Other { Thing(POST, "/thing") }
        }
        async fn main() {
            serve(Router::new()
                .route(UserEndpoint::List.path(), get(a))
                .route(UserEndpoint::One.path(), get(b))
                .route(OtherEndpoint::Thing.path(), post(c))).await
        }
        "#,
    );
    assert_eq!(routes, ["GET /users a", "GET /users/{id} b", "POST /thing c"]);
}

#[test]
fn methods_that_a_macro_writes_into_an_impl_are_methods() {
    let routes = axum(
        r#"
        macro_rules! without_scope { ($name:ident) => { pub fn $name(&self) -> &str { self.$name.strip_prefix(self.scope).unwrap() } }; }
        struct Paths { scope: &'static str, login: &'static str }
        impl Paths {
            const fn new() -> Self { Paths { scope: "/api", login: "/api/login" } }
            without_scope!(login);
        }
        const PATHS: Paths = Paths::new();
        async fn main() { serve(Router::new().nest(PATHS.scope, Router::new().route(PATHS.login(), post(a)))).await }
        "#,
    );
    assert_eq!(routes, ["POST /api/login a"]);
}

#[test]
fn macros_of_other_files_are_found_as_rust_finds_them() {
    let lib = format!(
        "#[macro_use] mod macros; mod inner; pub mod textual {{ macro_rules! local {{ ($n:ident, $p:expr) => {{ pub fn $n() -> &'static str {{ $p }} }} }} pub mod below; }}
         {SERVE}
         pub async fn run() {{ serve(axum::Router::new()
            .route(inner::leaked(), axum::routing::get(a)).route(inner::exported(), axum::routing::get(a)).route(inner::imported(), axum::routing::get(a))
            .route(textual::below::local(), axum::routing::get(a)).route(inner::unknown(), axum::routing::get(a))).await }}"
    );
    let macros = "macro_rules! leaked { ($n:ident, $p:expr) => { pub fn $n() -> &'static str { $p } } }
         #[macro_export] macro_rules! path { ($n:ident, $p:expr) => { pub fn $n() -> &'static str { $crate::macros::with_slash($p) } } }
         macro_rules! hidden { ($n:ident) => { pub fn $n() -> &'static str { \"/hidden\" } } } pub(crate) use hidden as shown;
         pub fn with_slash(text: &str) -> &str { text }";
    let inner = "leaked!(leaked, \"/leaked\"); crate::path!(exported, \"/exported\"); use crate::macros::shown; shown!(imported); other::nothing!(unknown, \"/x\");";
    let backend = inspect(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", &lib),
        ("src/macros.rs", macros),
        ("src/inner.rs", inner),
        ("src/textual/below.rs", "local!(local, \"/local\");"),
    ]);
    let mut paths: Vec<&str> = backend.routes.iter().map(|route| route.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/exported", "/hidden", "/leaked", "/local", "{?inner::unknown()}"]);
}

#[test]
fn a_macro_of_another_crate_names_its_own_crate() {
    let workspace = "[workspace]\nmembers = [\"app\", \"tools\"]\nresolver = \"2\"\n";
    let manifest = format!("{MANIFEST}tools = {{ path = \"../tools\" }}\n");
    let tools = "[package]\nname = \"tools\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
    let app = format!(
        "{SERVE} tools::path!(list); pub async fn run() {{ serve(axum::Router::new().route(list(), axum::routing::get(a))).await }} pub const PREFIX: &str = \"/wrong\";"
    );
    let backend = inspect(&[
        ("Cargo.toml", workspace),
        ("app/Cargo.toml", &manifest),
        ("tools/Cargo.toml", tools),
        ("app/src/lib.rs", &app),
        (
            "tools/src/lib.rs",
            "pub const PREFIX: &str = \"/right\"; #[macro_export] macro_rules! path { ($n:ident) => { fn $n() -> &'static str { $crate::PREFIX } } }",
        ),
    ]);
    assert_eq!(table(&backend), ["GET /right a"]);
}

#[test]
fn what_a_macro_writes_stands_at_the_call() {
    let text = "use sqlx::PgPool;
macro_rules! list {
    ($name:ident, $sql:expr) => {
        pub async fn $name(axum::extract::State(pool): axum::extract::State<PgPool>) -> String { sqlx::query($sql).fetch_all(&pool).await.unwrap(); String::new() }
    };
}
list!(users, \"select * from users\");
async fn main() {
    let app = axum::Router::new().route(\"/users\", axum::routing::get(users));
    axum::serve(listener(), app).await.unwrap();
}
fn listener() -> tokio::net::TcpListener { todo!() }
";
    let analysis = analyse(&[("src/main.rs", text)]);
    assert_eq!(table(&analysis.backend), ["GET /users users"]);
    let handler = analysis.backend.routes[0].handler.function().expect("the route has a handler");
    let name = analysis.backend.function(handler).place;
    assert_eq!((analysis.sources.start(name).line, analysis.sources.start(name).column), (7, 7));
    let lines: Vec<u32> = analysis.backend.data_accesses.iter().map(|access| analysis.sources.start(access.place).line).collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| *line == 7), "{lines:?}");
}

#[test]
fn macros_that_write_themselves_come_to_an_end() {
    let backend = inspect(&[(
        "src/main.rs",
        "macro_rules! again { ($($t:tt)*) => { again!($($t)* $($t)*); pub fn f() {} } } again!(a b); macro_rules! same { () => { same!(); } } same!(); fn main() {}",
    )]);
    assert!(backend.routes.is_empty());
}

#[test]
fn a_type_of_the_workspace_that_is_called_like_a_router_is_none() {
    let routes = |imports: &str, inside: &str| {
        let text = format!(
            "use actix_web::web;
             {imports}
             mod menu {{ {inside} }}
             async fn hello() -> &'static str {{ \"hi\" }}
             pub fn menu(config: &mut ServiceConfig) {{ config.route(\"/hello\", web::get().to(hello)); }}
             fn main() {{}}"
        );
        inspect(&[("src/main.rs", &text)]).routes.len()
    };
    let own = "pub struct ServiceConfig; impl ServiceConfig { pub fn route(&mut self, path: &str, to: actix_web::Route) {} }";
    assert_eq!(routes(own, ""), 0);
    assert_eq!(routes("use menu::ServiceConfig;", own), 0);
    assert_eq!(routes("use actix_web::web::ServiceConfig;", ""), 1);
}
