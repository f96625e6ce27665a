use lettre::{Message, SmtpTransport, Transport};

pub fn send(to: &str, text: &str) {
    let mailbox = |address: &str| address.parse().expect("an address");
    let builder = Message::builder().from(mailbox("shop@example.org")).to(mailbox(to));
    let message = builder.body(text.to_string()).expect("a message");
    SmtpTransport::unencrypted_localhost().send(&message).expect("it is taken");
}
