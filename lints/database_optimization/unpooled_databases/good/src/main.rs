//! The pool is built in another module and arrives in handlers as shared data.

use actix_web::{App, HttpServer, web};

mod db;
mod notes;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let pool = db::pool(&std::env::var("DATABASE_URL")?)?;
    HttpServer::new(move || App::new().app_data(web::Data::new(pool.clone())).configure(notes::routes))
        .bind(("0.0.0.0", 3000))?
        .run()
        .await?;
    Ok(())
}
