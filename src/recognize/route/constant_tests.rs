//! Paths that constants, tables in structs and methods of enums give.

use super::tests::{actix, axum, rocket};

#[test]
fn a_table_of_paths_in_constant_structs_is_read() {
    let routes = axum(
        r#"
        struct Auth { login: &'static str }
        impl Auth { const fn new() -> Self { let login = "/login"; Self { login } } }
        struct Paths { auth: Auth, home: &'static str }
        impl Paths { const fn new() -> Paths { let auth = Auth::new(); Paths { auth, home: "/home/" } } }
        const PATHS: Paths = Paths::new();
        async fn main() {
            serve(Router::new().route(PATHS.auth.login, post(a)).route(&PATHS.home[0..PATHS.home.len() - 1], get(b))).await
        }
        "#,
    );
    assert_eq!(routes, ["POST /login a", "GET /home b"]);
}

#[test]
fn a_method_of_an_enum_gives_the_path_of_each_variant() {
    let routes = axum(
        r#"
        enum User { List, One }
        enum Endpoint { Home, User(User), Other { id: u32 } }
        impl User {
            fn path(&self) -> &'static str { match self { Self::List => "/api/users", User::One => "/api/users/{id}" } }
            fn short(self) -> &'static str { &self.path()["/api".len()..] }
        }
        impl Endpoint {
            fn path(self) -> String {
                match self { Endpoint::Home => "/".to_string(), Endpoint::User(user) => user.path().to_string(), Self::Other { .. } => "/other".into() }
            }
        }
        async fn main() {
            serve(Router::new()
                .route(User::List.path(), get(a))
                .route(&Endpoint::User(User::One).path(), get(b))
                .route(User::One.short(), post(c))).await
        }
        "#,
    );
    assert_eq!(routes, ["GET /api/users a", "GET /api/users/{id} b", "POST /users/{id} c"]);
}

#[test]
fn a_variant_that_is_not_known_gives_no_path() {
    let routes = axum(
        r#"
        enum Endpoint { One, Two }
        impl Endpoint { fn path(&self) -> &'static str { match self { Self::One => "/one", Self::Two => "/two" } } }
        fn add(router: Router, endpoint: Endpoint) -> Router { router.route(endpoint.path(), get(a)) }
        async fn main() { serve(add(Router::new(), chosen())).await }
        fn chosen() -> Endpoint { todo!() }
        "#,
    );
    assert!(routes.iter().all(|route| route.contains("{?")), "{routes:?}");
}

#[test]
fn code_in_an_attribute_is_evaluated() {
    let routes = actix(
        r#"
        struct Routes { login: &'static str, scope: &'static str }
        impl Routes {
            const fn new() -> Self { Routes { login: "/api/login", scope: "/api" } }
            fn rest(&self) -> &str { self.login.strip_prefix(self.scope).unwrap() }
        }
        const ROUTES: Routes = Routes::new();
        #[post(path = "ROUTES.login")]
        async fn login() -> HttpResponse { todo!() }
        #[post(path = "crate::ROUTES.rest()")]
        async fn again() -> HttpResponse { todo!() }
        #[get(path = "MISSING.path")]
        async fn missing() -> HttpResponse { todo!() }
        async fn run() {
            HttpServer::new(|| App::new().service(login).service(web::scope(ROUTES.scope).service(again)).service(missing)).bind("x").unwrap().run().await.unwrap();
        }
        "#,
    );
    assert_eq!(routes, ["POST /api/login login", "POST /api/login again", "GET {?MISSING.path} missing"]);
}

#[test]
fn middleware_in_an_attribute_is_evaluated() {
    let routes = actix(
        r#"
        struct Guard;
        fn guard() -> Guard { Guard }
        #[get("/a", wrap = "actix_web::middleware::Compress::default()", wrap = "guard()")]
        async fn one() -> HttpResponse { todo!() }
        #[get("/b", wrap = "unseen::Thing::new()")]
        async fn two() -> HttpResponse { todo!() }
        async fn run() { HttpServer::new(|| App::new().service(one).service(two)).bind("x").unwrap().run().await.unwrap(); }
        "#,
    );
    assert_eq!(routes, ["GET /a one [Guard Compress]", "GET /b two [new()]"]);
}

#[test]
fn lists_of_documented_routes_are_mounted_by_a_macro() {
    let routes = rocket(
        r#"
        use rocket::{Build, Rocket, Route, get, post, launch};
        use rocket_okapi::{mount_endpoints_and_merged_docs, openapi_get_routes_spec, OpenApi, openapi};
        mod users {
            use super::*;
            #[openapi(tag = "Users")] #[get("/<id>")] fn one(id: u64) {}
            #[openapi(tag = "Users")] #[post("/")] fn add() {}
            pub fn routes() -> (Vec<Route>, OpenApi) { openapi_get_routes_spec![one, add] }
        }
        #[openapi] #[get("/")] fn root() {}
        fn specification() -> OpenApi { todo!() }
        fn mount(mut rocket: Rocket<Build>, webhooks: bool) -> Rocket<Build> {
            let settings = settings();
            if webhooks {
                mount_endpoints_and_merged_docs! { rocket, "/".to_owned(), settings, "/" => (vec![], specification()), "" => openapi_get_routes_spec![root], "/users" => users::routes() };
            } else {
                mount_endpoints_and_merged_docs! { rocket, "/".to_owned(), settings, "/users" => users::routes() };
            }
            rocket
        }
        #[launch] fn start() -> _ { mount(rocket::build(), true) }
        "#,
    );
    assert_eq!(routes, ["GET / root?", "GET /users/{id} one", "POST /users add"]);
}
