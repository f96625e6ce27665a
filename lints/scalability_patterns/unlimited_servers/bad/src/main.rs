use actix_web::{App, HttpResponse, HttpServer, web};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    HttpServer::new(move || {
        App::new()
            .service(web::resource("/orders").route(web::get().to(list)).route(web::post().to(create)))
            .route("/orders/{id}/invoice", web::post().to(invoice))
    })
    .bind(("0.0.0.0", 3000))?
    .run()
    .await
}

async fn list() -> HttpResponse {
    HttpResponse::Ok().body("[]")
}

async fn create(body: String) -> HttpResponse {
    HttpResponse::Created().body(body)
}

async fn invoice(id: web::Path<u64>) -> HttpResponse {
    HttpResponse::Accepted().body(format!("invoice for {id}"))
}
