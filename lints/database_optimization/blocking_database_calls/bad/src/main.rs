use actix_web::{App, HttpResponse, HttpServer, Result, error, web};
use diesel::prelude::*;
use diesel::r2d2::ConnectionManager;
use redis::Commands;

mod users;

pub type Pool = r2d2::Pool<ConnectionManager<PgConnection>>;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let pool = Pool::builder().max_size(8).build(ConnectionManager::new(std::env::var("DATABASE_URL")?))?;
    let redis = r2d2::Pool::builder().build(redis::Client::open(std::env::var("REDIS_URL")?)?)?;
    HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(pool.clone()))
            .app_data(web::Data::new(redis.clone()))
            .route("/users", web::get().to(list))
            .route("/users/{id}", web::get().to(show))
            .route("/motd", web::get().to(message))
    })
    .bind(("0.0.0.0", 3000))?
    .run()
    .await?;
    Ok(())
}

/// Waits itself.
async fn list(pool: web::Data<Pool>) -> Result<HttpResponse> {
    let mut connection = pool.get().map_err(error::ErrorServiceUnavailable)?;
    let names = users::users::table.select(users::users::name).limit(100).load::<String>(&mut connection);
    Ok(HttpResponse::Ok().json(names.map_err(error::ErrorInternalServerError)?))
}

/// Waits through a function that is not async.
async fn show(pool: web::Data<Pool>, id: web::Path<i32>) -> Result<HttpResponse> {
    let name = users::name(&pool, *id).map_err(error::ErrorNotFound)?;
    Ok(HttpResponse::Ok().json(name))
}

async fn message(redis: web::Data<r2d2::Pool<redis::Client>>) -> Result<HttpResponse> {
    let mut connection = redis.get().map_err(error::ErrorServiceUnavailable)?;
    let text: String = connection.get("motd").map_err(error::ErrorServiceUnavailable)?;
    Ok(HttpResponse::Ok().body(text))
}
