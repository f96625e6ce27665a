use crate::db::{DbPool, notes};
use actix_web::{HttpResponse, Result, error, web};
use diesel::prelude::*;

pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/notes/{id}", web::get().to(show));
}

async fn show(pool: web::Data<DbPool>, id: web::Path<i64>) -> Result<HttpResponse> {
    let text = web::block(move || text_of(&pool, id.into_inner())).await?.map_err(error::ErrorNotFound)?;
    Ok(HttpResponse::Ok().body(text))
}

fn text_of(pool: &DbPool, id: i64) -> anyhow::Result<String> {
    let mut connection = pool.get()?;
    Ok(notes::table.find(id).select(notes::text).first(&mut connection)?)
}
