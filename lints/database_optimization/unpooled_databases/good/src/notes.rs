use crate::db::{DbPool, notes};
use actix_web::{HttpResponse, Result, error, web};
use diesel::prelude::*;

pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/notes/{id}", web::get().to(show));
}

async fn show(pool: web::Data<DbPool>, id: web::Path<i64>) -> Result<HttpResponse> {
    let id = id.into_inner();
    let text: String = web::block(move || {
        let mut connection = pool.get().map_err(error::ErrorServiceUnavailable)?;
        notes::table.find(id).select(notes::text).first(&mut connection).map_err(error::ErrorNotFound)
    })
    .await??;
    Ok(HttpResponse::Ok().body(text))
}
