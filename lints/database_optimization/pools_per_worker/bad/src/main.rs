use actix_web::http::header::CACHE_CONTROL;
use actix_web::{App, HttpResponse, HttpServer, Result, error, web};
use diesel::prelude::*;
use diesel::r2d2::ConnectionManager;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

pub type Pool = r2d2::Pool<ConnectionManager<PgConnection>>;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    HttpServer::new(|| {
        App::new()
            .app_data(web::Data::new(build_pool()))
            .route("/users", web::get().to(list))
            .route("/users/{id}", web::get().to(show))
    })
    .bind(("0.0.0.0", 3000))?
    .run()
    .await?;
    Ok(())
}

fn build_pool() -> Pool {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL says where the database is");
    Pool::builder().max_size(8).build(ConnectionManager::new(url)).expect("the database answers")
}

async fn list(pool: web::Data<Pool>) -> Result<HttpResponse> {
    let names = web::block(move || {
        let mut connection = pool.get()?;
        anyhow::Ok(users::table.select(users::name).limit(100).load::<String>(&mut connection)?)
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "max-age=60")).json(names.await?.map_err(error::ErrorInternalServerError)?))
}

async fn show(pool: web::Data<Pool>, id: web::Path<i32>) -> Result<HttpResponse> {
    let name = web::block(move || {
        let mut connection = pool.get()?;
        anyhow::Ok(users::table.find(*id).select(users::name).first::<String>(&mut connection)?)
    })
    .await?.map_err(error::ErrorNotFound)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "max-age=60")).json(name))
}
