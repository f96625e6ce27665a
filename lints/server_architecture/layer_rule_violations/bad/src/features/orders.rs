use crate::mail;

pub fn close(order: u64) {
    // An inline path counts as an import does.
    let name = crate::features::users::name_of(order);
    mail::send("ada@example.org", &format!("{name}, your order is on its way"));
}
