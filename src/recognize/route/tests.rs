//! Shapes of router composition, each with the table that comes out of it.

use crate::model::{Backend, Handler, Truth};
use crate::testing::inspect;

const AXUM: &str = "
use axum::{Router, routing::{get, post, put}, middleware::from_fn};
async fn a() {}
async fn b() {}
async fn c() {}
async fn serve(app: Router) { axum::serve(listener(), app).await.unwrap(); }
fn listener() -> tokio::net::TcpListener { todo!() }
";

const ACTIX: &str = "
use actix_web::{web, App, HttpServer, HttpResponse, get, post};
async fn a() -> HttpResponse { HttpResponse::Ok().finish() }
async fn b() -> HttpResponse { HttpResponse::Ok().finish() }
";

/// `GET /a a [outer inner?]`, in order of registration; `?` after the handler means under a condition.
pub(super) fn table(backend: &Backend) -> Vec<String> {
    let mut rows = Vec::new();
    for route in &backend.routes {
        let handler = match &route.handler {
            Handler::Function(id) => backend.function(*id).name.clone(),
            Handler::Service(name) => format!("service {}", name.rsplit("::").next().unwrap_or(name)),
            Handler::Unknown(_) => "unknown".to_string(),
        };
        let stack: Vec<String> = route
            .middleware
            .iter()
            .map(|one| {
                format!("{}{}", one.name.trim_end_matches("::new").rsplit("::").next().unwrap_or(&one.name), if one.may { "?" } else { "" })
            })
            .collect();
        let condition = if route.conditional.is_some() { "?" } else { "" };
        let stack = if stack.is_empty() { String::new() } else { format!(" [{}]", stack.join(" ")) };
        rows.push(format!("{} {} {handler}{condition}{stack}", route.method, route.path));
    }
    rows
}

pub(super) fn axum(main: &str) -> Vec<String> {
    table(&inspect(&[("src/main.rs", &format!("{AXUM}{main}"))]))
}

pub(super) fn actix(main: &str) -> Vec<String> {
    table(&inspect(&[("src/main.rs", &format!("{ACTIX}{main}"))]))
}

pub(super) fn rocket(main: &str) -> Vec<String> {
    table(&inspect(&[("src/main.rs", main)]))
}

#[test]
fn a_rule_that_builds_the_app_is_looked_into() {
    let routes = actix(
        "macro_rules! build_app {
             ($logger: expr, $state: expr) => {
                 App::new().app_data($state.clone()).wrap($logger).service(web::resource(\"/a\").route(web::get().to(a)).route(web::put().to(b)))
             };
         }
         #[actix_web::main] async fn main() {
             let state = 1;
             HttpServer::new(move || { let logger = actix_web::middleware::Logger::default(); build_app!(logger, state) }).run().await;
         }",
    );
    assert_eq!(routes, ["GET /a a [Logger]", "PUT /a b [Logger]"]);
}

#[test]
fn a_rule_that_lists_routes_is_looked_into() {
    let routes = axum(
        "macro_rules! listed {
             ($router:expr; $($verb:ident $path:literal => $handler:path),* $(,)?) => { $router$(.route($path, $verb($handler)))* };
         }
         #[tokio::main] async fn main() { serve(listed!(Router::new(); get \"/a\" => a, post \"/b\" => b)).await }",
    );
    assert_eq!(routes, ["GET /a a", "POST /b b"]);
}

#[test]
fn chained_routes_have_their_verbs_and_handlers() {
    let routes =
        axum("#[tokio::main] async fn main() { serve(Router::new().route(\"/a\", get(a).post(b)).route(\"/c/:id\", put(c))).await }");
    assert_eq!(routes, ["GET /a a", "POST /a b", "PUT /c/{id} c"]);
}

#[test]
fn a_layer_covers_only_the_routes_added_before_it() {
    let routes = axum(
        "async fn main() { serve(Router::new().route(\"/a\", get(a)).layer(tower_http::cors::CorsLayer::new()).route(\"/b\", get(b))).await }",
    );
    assert_eq!(routes, ["GET /a a [CorsLayer]", "GET /b b"]);
}

#[test]
fn later_layers_are_outer_and_a_service_builder_reads_from_the_outside() {
    let routes = axum(
        "use tower_http::{cors::CorsLayer, trace::TraceLayer, timeout::TimeoutLayer, compression::CompressionLayer};
        async fn main() {
            let stack = tower::ServiceBuilder::new().layer(TraceLayer::new_for_http()).layer(CorsLayer::permissive());
            let app = Router::new().route(\"/a\", get(a)).layer(CompressionLayer::new()).layer(stack);
            serve(app).await
        }",
    );
    assert_eq!(routes, ["GET /a a [TraceLayer CorsLayer CompressionLayer]"]);
}

#[test]
fn nested_router_prefix_reaches_the_handler() {
    let routes = axum(
        "mod users { use super::*; pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> { Router::new().route(\"/\", get(a)).route(\"/{id}\", get(b)) } }
        async fn main() { serve(Router::new().nest(\"/api\", Router::new().nest(\"/users\", users::router())).merge(Router::new().route(\"/c\", get(c)))).await }",
    );
    assert_eq!(routes, ["GET /api/users a", "GET /api/users/{id} b", "GET /c c"]);
}

#[test]
fn a_router_passed_through_a_function_keeps_its_routes() {
    let routes = axum(
        "fn with_cors(app: Router) -> Router { app.layer(tower_http::cors::CorsLayer::new()) }
        async fn main() { let app = Router::new().route(\"/a\", get(a)); let app = with_cors(app); run(app).await }
        async fn run(app: Router) { tokio::select! { _ = axum::serve(listener(), app.into_make_service()) => {}, _ = tokio::signal::ctrl_c() => {} } }",
    );
    assert_eq!(routes, ["GET /a a [CorsLayer]"]);
}

#[test]
fn a_layer_in_one_branch_is_there_only_sometimes() {
    let routes = axum(
        "async fn main() {
            let tls = std::env::args().count() > 1;
            let app = Router::new().route(\"/a\", get(a));
            let app = if tls { app.layer(tower_http::cors::CorsLayer::new()) } else { app };
            serve(app).await
        }",
    );
    assert_eq!(routes, ["GET /a a [CorsLayer?]"]);
}

#[test]
fn routes_under_a_condition_are_conditional() {
    let routes = axum(
        "async fn main() {
            let mut app = Router::new().route(\"/a\", get(a));
            if std::env::var(\"DEBUG\").is_ok() { app = app.route(\"/b\", get(b)); }
            #[cfg(feature = \"c\")]
            let app = app.route(\"/c\", get(c));
            serve(app).await
        }",
    );
    assert_eq!(routes, ["GET /a a", "GET /b b?", "GET /c c?"]);
}

#[test]
fn debug_routes_that_return_early_are_conditional() {
    let routes = axum(
        "fn dev() -> Router { Router::new().route(\"/dev\", get(b)) }
        fn build() -> Router { let r = Router::new().route(\"/a\", get(a)); #[cfg(debug_assertions)] { return r.merge(dev()); } r }
        async fn main() { serve(build()).await }",
    );
    assert!(routes.iter().any(|route| route.starts_with("GET /a a")), "{routes:?}");
    assert!(routes.contains(&"GET /dev b?".to_string()), "{routes:?}");
}

#[test]
fn a_loop_over_a_literal_list_is_unrolled() {
    let routes = axum(
        "async fn main() {
            let mut r = Router::new();
            for (path, endpoint) in [(\"/a\", get(a)), (\"/b\", post(b))] { r = r.route(path, endpoint); }
            serve(r).await
        }",
    );
    assert_eq!(routes, ["GET /a a", "POST /b b"]);
}

#[test]
fn a_loop_over_configuration_gives_routes_that_may_be() {
    let routes = axum(
        "enum Part { A, B }
        async fn main() {
            let parts: Vec<Part> = load();
            let mut r = Router::new();
            for part in parts { r = match part { Part::A => r.merge(Router::new().route(\"/a\", get(a))), Part::B => r.nest(\"/b\", Router::new().route(\"/x\", get(b))) } }
            serve(r).await
        }
        fn load() -> Vec<Part> { todo!() }",
    );
    assert_eq!(routes, ["GET /a a?", "GET /b/x b?"]);
}

#[test]
fn paths_are_put_together_from_constants() {
    let routes = axum(
        "const PREFIX: &str = \"/v1\";
        struct Health; impl Health { const PATH: &'static str = \"/health\"; }
        async fn main() {
            let name = \"users\";
            serve(Router::new()
                .route(Health::PATH, get(a))
                .route(&format!(\"{PREFIX}/{name}/{{id}}\"), get(b))
                .route(concat!(\"/x\", \"/y\"), get(c))
                .route(&(PREFIX.to_string() + \"/z\"), get(c))).await
        }",
    );
    assert_eq!(routes, ["GET /health a", "GET /v1/users/{id} b", "GET /x/y c", "GET /v1/z c"]);
}

#[test]
fn a_path_known_at_run_time_keeps_what_is_known() {
    let backend = inspect(&[(
        "src/main.rs",
        &format!(
            "{AXUM} async fn main() {{ let prefix = std::env::var(\"P\").unwrap(); serve(Router::new().nest(&prefix, Router::new().route(\"/a\", get(a)))).await }}"
        ),
    )]);
    assert_eq!(backend.routes[0].path, "{?&prefix}/a");
    assert!(!backend.routes[0].path_known);
}

#[test]
fn methods_fields_and_builders_hold_routers() {
    let routes = axum(
        "struct Server { router: Router }
        impl Server {
            fn new() -> Self { Self { router: Router::new() } }
            fn users(mut self) -> Self { self.router = self.router.route(\"/a\", get(a)); self }
            fn api(&self) -> Router { Router::new().route(\"/b\", get(b)) }
            async fn run(self) { let api = self.api(); axum::serve(listener(), self.router.merge(api)).await.unwrap(); }
        }
        async fn main() { Server::new().users().run().await }",
    );
    assert_eq!(routes, ["GET /a a", "GET /b b"]);
}

#[test]
fn an_extension_method_with_one_implementation_is_looked_into() {
    let routes = axum(
        "trait Capabilities { fn with_admin(self) -> Self; }
        impl Capabilities for Router { fn with_admin(self) -> Self { self.route(\"/admin\", get(b)) } }
        async fn main() { serve(Router::new().route(\"/a\", get(a)).with_admin()).await }",
    );
    assert_eq!(routes, ["GET /a a", "GET /admin b"]);
}

#[test]
fn middleware_of_one_endpoint_stays_there() {
    let routes = axum(
        "use axum::handler::Handler; use axum::extract::DefaultBodyLimit;
        async fn main() { serve(Router::new().route(\"/a\", get(a.layer(DefaultBodyLimit::max(10))).post(b)).route(\"/c\", put(c).layer(DefaultBodyLimit::disable()))).await }",
    );
    assert_eq!(routes, ["GET /a a [DefaultBodyLimit]", "POST /a b", "PUT /c c [DefaultBodyLimit]"]);
}

#[test]
fn closures_are_handlers() {
    let routes = axum("async fn main() { serve(Router::new().route(\"/a\", get(|| async { \"hi\" }))).await }");
    assert_eq!(routes.len(), 1);
    assert!(routes[0].starts_with("GET /a {closure:"), "{routes:?}");
}

#[test]
fn utoipa_routes_stand_in_the_attribute() {
    let routes = axum(
        "use utoipa_axum::{router::OpenApiRouter, routes};
        #[utoipa::path(get, path = \"/users/{id}\")] async fn show() {}
        #[utoipa::path(method(put, patch), path = \"/users/{id}\")] async fn change() {}
        async fn main() {
            let (router, api) = OpenApiRouter::new().routes(routes!(show, change)).nest(\"/v1\", OpenApiRouter::new().routes(routes!(show))).split_for_parts();
            serve(router).await
        }",
    );
    assert_eq!(routes, ["GET /users/{id} show", "PUT /users/{id} change", "PATCH /users/{id} change", "GET /v1/users/{id} show"]);
}

#[test]
fn aide_routes_carry_documentation_beside_the_handler() {
    let routes = axum(
        "use aide::axum::{ApiRouter, routing::{get_with, post_with}};
        fn users() -> ApiRouter { ApiRouter::new().api_route_with(\"/users\", get_with(a, |op| op).post_with(b, |op| op), |t| t) }
        async fn main() { let mut api = Default::default(); let app = ApiRouter::new().nest_api_service(\"/v1\", users()).finish_api(&mut api); serve(app).await }",
    );
    assert_eq!(routes, ["GET /v1/users a", "POST /v1/users b"]);
}

#[test]
fn a_wrapper_around_the_app_covers_everything() {
    let routes = axum(
        "async fn main() {
            let app = tower_http::normalize_path::NormalizePath::trim_trailing_slash(Router::new().route(\"/a\", get(a)));
            axum::serve(listener(), app).await.unwrap();
        }",
    );
    assert_eq!(routes, ["GET /a a [NormalizePath]"]);
}

#[test]
fn a_router_that_nobody_serves_is_detached() {
    let backend = inspect(&[("src/lib.rs", &format!("{AXUM} pub fn api() -> Router {{ Router::new().route(\"/a\", get(a)) }}"))]);
    assert_eq!(table(&backend), ["GET /a a"]);
    assert_eq!(backend.servers.len(), 1);
    assert!(backend.servers[0].place.is_none());
    assert!(backend.routes[0].rate_limit.is_unknown());
}

#[test]
fn an_unknown_method_on_a_router_makes_it_partly_unknown() {
    let backend = inspect(&[(
        "src/main.rs",
        &format!("{AXUM} async fn main() {{ serve(Router::new().route(\"/a\", get(a)).register_everything()).await }}"),
    )]);
    assert_eq!(table(&backend), ["GET /a a"]);
    assert_eq!(backend.servers[0].unknown.len(), 1);
}

#[test]
fn actix_apps_are_made_in_the_closure_of_the_server() {
    let routes = actix(
        "#[actix_web::main] async fn main() -> std::io::Result<()> {
            HttpServer::new(move || App::new()
                .wrap(actix_web::middleware::Logger::default())
                .service(web::scope(\"/api\").service(web::resource(\"/a/{id:[0-9]+}\").route(web::get().to(a)).route(web::post().to(b))).route(\"/b\", web::put().to(b)))
                .wrap(actix_cors::Cors::permissive())
                .service(show))
            .bind(\"0.0.0.0:80\")?.run().await
        }
        #[get(\"/show\")] async fn show() -> HttpResponse { HttpResponse::Ok().finish() }",
    );
    let stack = "[Cors Logger]";
    assert_eq!(
        routes,
        [
            format!("GET /api/a/{{id}} a {stack}"),
            format!("POST /api/a/{{id}} b {stack}"),
            format!("PUT /api/b b {stack}"),
            format!("GET /show show {stack}"),
        ]
    );
}

#[test]
fn configuration_functions_call_each_other() {
    let routes = actix(
        "fn config(cfg: &mut web::ServiceConfig) {
            cfg.route(\"/a\", web::get().to(a));
            if true { admin(cfg); }
            cfg.service(web::scope(\"/s\").configure(|inner| { inner.route(\"/b\", web::delete().to(b)); }));
        }
        fn admin(cfg: &mut web::ServiceConfig) { cfg.service(web::resource(\"/admin\").get(b)); }
        async fn main() { HttpServer::new(|| App::new().configure(config)).run().await.unwrap(); }",
    );
    assert_eq!(routes, ["GET /a a", "GET /admin b?", "DELETE /s/b b"]);
}

#[test]
fn globs_and_re_exports_lead_to_the_same_things() {
    let backend = inspect(&[
        (
            "src/main.rs",
            "mod api; use actix_web::{App, HttpServer}; use api::core_routes;
            async fn main() { HttpServer::new(|| App::new().configure(core_routes)).run().await.unwrap(); }",
        ),
        ("src/api/mod.rs", "mod core; pub use self::core::routes as core_routes;"),
        (
            "src/api/core.rs",
            "use actix_web::{web::*, HttpResponse}; async fn list() -> HttpResponse { HttpResponse::Ok().finish() }
            pub fn routes(cfg: &mut ServiceConfig) { cfg.service(scope(\"/core\").route(\"/list\", get().to(list))); }",
        ),
    ]);
    assert_eq!(table(&backend), ["GET /core/list list"]);
}

#[test]
fn an_app_of_paperclip_is_one_of_actix() {
    let backend = inspect(&[(
        "src/main.rs",
        "use actix_web::{App, HttpServer, HttpResponse}; use paperclip::actix::{OpenApiExt, web};
        async fn list() -> HttpResponse { HttpResponse::Ok().finish() }
        async fn main() {
            HttpServer::new(|| App::new().wrap_api().with_json_spec_at(\"/spec\").service(web::resource(\"/list\").route(web::get().to(list))).build()).run().await.unwrap();
        }",
    )]);
    assert_eq!(table(&backend), ["GET /list list"]);
}

#[test]
fn actix_guards_and_several_attributes_give_verbs() {
    let routes = actix(
        "#[actix_web::routes] #[get(\"/x\")] #[post(\"/y\")] async fn both() -> HttpResponse { HttpResponse::Ok().finish() }
        #[actix_web::route(\"/z\", method = \"GET\", method = \"HEAD\")] async fn z() -> HttpResponse { HttpResponse::Ok().finish() }
        async fn main() { HttpServer::new(|| App::new().service((both, z)).service(web::resource(\"/g\").guard(actix_web::guard::Post()).to(a))).run().await.unwrap(); }",
    );
    assert_eq!(routes, ["GET /x both", "POST /y both", "GET /z z", "HEAD /z z", "POST /g a"]);
}

#[test]
fn rocket_mounts_lists_of_functions() {
    let routes = rocket(
        "#[macro_use] extern crate rocket;
        use rocket::{Route, routes, get, post};
        #[get(\"/users/<id>?<full>\")] fn user(id: u32, full: bool) {}
        #[post(\"/users\", data = \"<new>\")] fn create(new: String) {}
        #[get(\"/files/<path..>\")] fn files(path: std::path::PathBuf) {}
        fn core_routes() -> Vec<Route> { let mut all = routes![user]; all.append(&mut more()); all }
        fn more() -> Vec<Route> { routes![create] }
        #[launch] fn rocket() -> _ { rocket::build().mount(\"/api\", core_routes()).mount(\"/\", routes![files]).attach(rocket_cors::CorsOptions::default().to_cors().unwrap()) }",
    );
    assert_eq!(routes.len(), 3, "{routes:?}");
    assert!(routes[0].starts_with("GET /api/users/{id} user ["), "{routes:?}");
    assert!(routes[1].starts_with("POST /api/users create ["), "{routes:?}");
    assert!(routes[2].starts_with("GET /files/{path} files ["), "{routes:?}");
}

#[test]
fn authentication_is_read_from_the_body_of_a_middleware_function() {
    let backend = inspect(&[(
        "src/main.rs",
        &format!(
            "{AXUM}
            use axum::{{extract::Request, middleware::Next, response::Response, http::{{StatusCode, header}}}};
            async fn require_user(request: Request, next: Next) -> Result<Response, StatusCode> {{
                let token = request.headers().get(header::AUTHORIZATION).ok_or(StatusCode::UNAUTHORIZED)?;
                check(token); Ok(next.run(request).await)
            }}
            fn check<T>(_: T) {{}}
            async fn main() {{ serve(Router::new().route(\"/a\", get(a)).layer(from_fn(require_user)).route(\"/b\", post(b))).await }}"
        ),
    )]);
    assert_eq!(table(&backend), ["GET /a a [require_user]", "POST /b b"]);
    assert!(backend.routes[0].auth.is_yes(), "{:?}", backend.routes[0].auth);
    assert!(backend.routes[1].auth.is_no(), "{:?}", backend.routes[1].auth);
}

#[test]
fn a_limiter_two_calls_deep_counts() {
    let backend = inspect(&[(
        "src/main.rs",
        &format!(
            "{AXUM}
            use governor::{{RateLimiter, DefaultKeyedRateLimiter}};
            static LIMITER: std::sync::LazyLock<DefaultKeyedRateLimiter<String>> = std::sync::LazyLock::new(|| todo!());
            fn check(ip: &String) -> bool {{ LIMITER.check_key(ip).is_ok() }}
            fn allowed(ip: &String) -> bool {{ check(ip) }}
            async fn login() {{ if !allowed(&String::new()) {{ return; }} }}
            async fn main() {{ serve(Router::new().route(\"/login\", post(login)).route(\"/a\", get(a))).await }}"
        ),
    )]);
    assert!(backend.routes[0].rate_limit.is_yes(), "{:?}", backend.routes[0].rate_limit);
    assert!(backend.routes[1].rate_limit.is_no(), "{:?}", backend.routes[1].rate_limit);
}

#[test]
fn a_workspace_method_that_returns_a_limiter_counts_by_its_type() {
    let backend = inspect(&[(
        "src/main.rs",
        &format!(
            "{ACTIX}
            struct Limits;
            impl Limits {{ fn register(&self) -> actix_governor::Governor {{ todo!() }} }}
            async fn main() {{ HttpServer::new(|| {{ let limits = Limits; App::new().service(web::resource(\"/login\").wrap(limits.register()).route(web::post().to(a))) }}).run().await.unwrap(); }}"
        ),
    )]);
    assert!(matches!(backend.routes[0].rate_limit, Truth::Yes(_)), "{:?}", backend.routes[0]);
}

#[test]
fn what_is_made_of_an_optional_value_of_the_workspace_is_not_that_value() {
    let backend = inspect(&[(
        "src/main.rs",
        &format!(
            "{ACTIX}
            #[derive(Clone)] struct Keys;
            impl Keys {{ fn read() -> Option<Self> {{ todo!() }} }}
            struct Auth {{ keys: Keys }}
            impl Auth {{ fn new(keys: Keys) -> Self {{ Self {{ keys }} }} }}
            impl<S> actix_web::dev::Transform<S, actix_web::dev::ServiceRequest> for Auth {{}}
            async fn main() {{
                let keys = Keys::read();
                HttpServer::new(move || App::new()
                    .wrap(actix_web_extras::middleware::Condition::from_option(keys.as_ref().map(|keys| Auth::new(keys.clone()))))
                    .route(\"/a\", web::get().to(a))).run().await.unwrap();
            }}"
        ),
    )]);
    let names: Vec<&str> = backend.routes[0].middleware.iter().map(|one| one.name.as_str()).collect();
    assert!(names.iter().any(|name| name.ends_with("Auth")), "{names:?}");
}

#[test]
fn a_layer_of_an_unknown_crate_turns_claims_of_absence_off() {
    let backend = inspect(&[(
        "src/main.rs",
        &format!("{AXUM} async fn main() {{ serve(Router::new().route(\"/a\", get(a)).layer(some_crate::Thing::new())).await }}"),
    )]);
    assert!(backend.routes[0].rate_limit.is_unknown(), "{:?}", backend.routes[0].rate_limit);
}

#[test]
fn rocket_is_served_by_its_launch_attribute() {
    let backend = inspect(&[(
        "src/main.rs",
        "use rocket::{get, launch, routes}; #[get(\"/a\")] fn a() {} #[launch] fn rocket() -> _ { rocket::build().mount(\"/\", routes![a]) }",
    )]);
    assert_eq!(table(&backend), ["GET /a a"]);
    assert!(backend.servers[0].place.is_some());
    assert!(backend.routes[0].rate_limit.is_no(), "{:?}", backend.routes[0].rate_limit);
}

#[test]
fn a_scope_attribute_prefixes_the_routes_of_its_module() {
    let routes = actix(
        r#"
        #[actix_web::scope("/api")]
        mod api {
            #[actix_web::get("/a")]
            async fn list() -> actix_web::HttpResponse { todo!() }
            #[actix_web::scope("/inner")]
            pub mod inner {
                #[actix_web::post("/b")]
                async fn add() -> actix_web::HttpResponse { todo!() }
            }
        }
        async fn run() { HttpServer::new(|| App::new().service(api::list).service(api::inner::add)).bind("x").unwrap().run().await.unwrap(); }
        "#,
    );
    assert_eq!(routes, ["GET /api/a list", "POST /api/inner/b add"]);
}

fn limits(main: &str) -> Vec<Truth> {
    let backend = inspect(&[("src/main.rs", &format!("{AXUM}{main}"))]);
    backend.routes.iter().map(|route| route.rate_limit.clone()).collect()
}

#[test]
fn a_router_that_its_function_keeps_has_no_more_middleware_than_was_seen() {
    let limits = limits(
        r#"
        struct Server { app: Router }
        impl Server {
            fn new(app: Router) -> Server { Server { app } }
            async fn run(self) { loop { self.app.clone().call(next()).await; } }
        }
        fn next() -> axum::extract::Request { todo!() }
        async fn main() { let app = Router::new().route("/a", get(a)); let server = Server::new(app); server.run().await; }
        "#,
    );
    assert!(matches!(limits.as_slice(), [Truth::No(_)]), "{limits:?}");
}

#[test]
fn a_router_that_its_function_returns_may_get_more_middleware() {
    let limits = limits(r#"pub fn app() -> Router { Router::new().route("/a", get(a)) }"#);
    assert!(matches!(limits.as_slice(), [Truth::Unknown(_)]), "{limits:?}");
}

#[test]
fn a_router_given_to_an_unknown_crate_may_get_more_middleware() {
    let limits = limits(r#"async fn main() { let app = Router::new().route("/a", get(a)); company_server::start(app).await; }"#);
    let [Truth::Unknown(why)] = limits.as_slice() else { panic!("{limits:?}") };
    assert!(why.contains("company_server::start"), "{why}");
}

#[test]
fn of_two_views_of_a_kept_router_the_one_with_more_around_it_counts() {
    let routes = axum(
        r#"
        async fn guard(request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response { next.run(request).await }
        async fn main() {
            let api = Router::new().route("/a", get(a));
            let app = api.clone().layer(from_fn(guard));
            app.call(todo!()).await;
        }
        "#,
    );
    assert_eq!(routes, ["GET /a a [guard]"]);
}

#[test]
fn handlers_that_no_route_reaches_are_told() {
    let backend = inspect(&[(
        "src/main.rs",
        "#[company::route(\"/a\")] async fn list(axum::Json(body): axum::Json<String>) -> String { body } fn main() { company::serve(); }",
    )]);
    let notes = backend.coverage.notes.join("\n");
    assert!(notes.contains("1 function takes a request as handlers do") && notes.contains("`list`"), "{notes}");
}

#[test]
fn a_framework_without_routes_is_told() {
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\naxum = \"0.8\"\nwarp = \"0.3\"\n";
    let backend = inspect(&[("Cargo.toml", manifest), ("src/main.rs", "fn main() {}")]);
    let notes = backend.coverage.notes.join("\n");
    assert!(notes.contains("a package depends on `axum`, and no routes were found"), "{notes}");
    assert!(notes.contains("routes of `warp` are not read"), "{notes}");
}

#[test]
fn an_extractor_that_runs_the_one_for_authorization_headers_is_a_guard() {
    let backend = inspect(&[(
        "src/main.rs",
        r#"
        use axum::{Router, routing::get, extract::FromRequestParts};
        use axum_extra::TypedHeader;
        use headers::{Authorization, authorization::Bearer};
        struct Missing;
        struct Caller { token: String }
        impl<S> FromRequestParts<S> for Caller where S: Send + Sync {
            type Rejection = Missing;
            async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Self::Rejection> {
                let token = TypedHeader::<Authorization<Bearer>>::from_request_parts(parts, state).await.map_err(|_| Missing)?;
                Ok(Self { token: token.token().to_string() })
            }
        }
        async fn one(caller: Caller) -> String { caller.token }
        async fn main() { let app = Router::new().route("/a", get(one)); axum::serve(todo!(), app).await; }
        "#,
    )]);
    assert!(backend.routes[0].auth.is_yes(), "{:?}", backend.routes[0].auth);
}

#[test]
fn actix_puts_the_slash_that_a_scope_or_a_resource_lacks() {
    let routes = actix(
        r#"
        #[get("list")]
        async fn list() -> HttpResponse { HttpResponse::Ok().finish() }
        async fn run() {
            HttpServer::new(|| App::new().service(
                web::scope("v3").service(list).service(web::scope("user").route("{id}", web::get().to(a)).route("", web::post().to(b)))
            )).bind("x").unwrap().run().await.unwrap();
        }
        "#,
    );
    assert_eq!(routes, ["GET /v3/list list", "GET /v3/user/{id} a", "POST /v3/user b"]);
}

#[test]
fn a_router_that_answers_each_request_itself_is_served() {
    let limits = limits(
        r#"
        fn app() -> Router { Router::new().route("/a", get(a)) }
        async fn listen(io: Io) {
            let service = hyper::service::service_fn(move |request: axum::extract::Request| app().call(request));
            connection::serve(io, service).await;
        }
        struct Io;
        "#,
    );
    assert!(matches!(limits.as_slice(), [Truth::No(_)]), "{limits:?}");
}

#[test]
fn a_test_that_calls_a_router_does_not_serve_it() {
    let limits = limits(
        r#"
        pub fn app() -> Router { Router::new().route("/a", get(a)) }
        #[tokio::test] async fn answers() { app().oneshot(request()).await.unwrap(); }
        fn request() -> axum::extract::Request { todo!() }
        "#,
    );
    assert!(matches!(limits.as_slice(), [Truth::Unknown(_)]), "{limits:?}");
}

#[test]
fn each_implementation_that_adds_routes_is_looked_into() {
    let routes = actix(
        r#"
        trait Mode { fn routes(config: &mut web::ServiceConfig); fn start() { HttpServer::new(|| App::new().wrap(actix_web::middleware::Logger::default()).configure(|config| Self::routes(config))).run(); } }
        struct Query; impl Mode for Query { fn routes(config: &mut web::ServiceConfig) { config.route("/query", web::get().to(a)); } }
        struct Ingest; impl Mode for Ingest { fn routes(config: &mut web::ServiceConfig) { config.route("/ingest", web::post().to(b)); } }
        fn main() { Query::start(); Ingest::start(); }
        "#,
    );
    assert_eq!(routes, ["POST /ingest b? [Logger]", "GET /query a? [Logger]"]);
}

#[test]
fn a_layer_that_is_there_or_not_is_seen() {
    let routes = axum(
        r#"
        struct Config { timeout: Option<std::time::Duration>, key: Option<Key> }
        struct Key;
        async fn start(config: Config) {
            let app = Router::new().route("/a", get(a))
                .layer(tower::util::option_layer(config.timeout.map(tower_http::timeout::TimeoutLayer::new)))
                .layer(tower::util::option_layer(config.key.map(axum::Extension)));
            serve(app).await
        }
        "#,
    );
    assert_eq!(routes, ["GET /a a [Extension? TimeoutLayer?]"]);
}

#[test]
fn a_layer_of_the_workspace_that_may_fail_to_be_made_is_looked_into() {
    let limits = limits(
        r#"
        #[derive(Clone)] struct Named; struct NamedService<S>(S);
        impl Named { fn new(name: &str) -> Result<Self, String> { check(name)?; Ok(Named) } }
        fn check(name: &str) -> Result<(), String> { Ok(()) }
        impl<S> tower::Layer<S> for Named { type Service = NamedService<S>; fn layer(&self, inner: S) -> NamedService<S> { NamedService(inner) } }
        impl<S: tower::Service<R>, R> tower::Service<R> for NamedService<S> { fn call(&mut self, request: R) -> S::Future { self.0.call(request) } }
        async fn main() { let named = Named::new("x").unwrap(); serve(Router::new().route("/a", get(a)).layer(named)).await }
        "#,
    );
    assert!(matches!(limits.as_slice(), [Truth::No(_)]), "{limits:?}");
}

#[test]
fn pages_of_leptos_leave_the_other_routes_known() {
    let limits = limits(
        r#"
        use leptos_axum::LeptosRoutes;
        async fn main() { let app = Router::new().route("/a", get(a)).leptos_routes(&1, Vec::new(), b); serve(app).await }
        "#,
    );
    assert!(matches!(limits.as_slice(), [Truth::No(_)]), "{limits:?}");
}

#[test]
fn a_response_that_is_made_before_is_a_handler() {
    let routes = axum(
        r#"
        async fn start() {
            let version = axum::Json(1);
            serve(Router::new().route("/", get("it runs")).route("/version", get(version)).route("/old", get(axum::response::Redirect::to("/")))).await
        }
        "#,
    );
    assert!(routes.iter().all(|route| route.contains(" service ")), "{routes:?}");
}
