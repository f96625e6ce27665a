use crate::mail;

pub fn close(order: u64) {
    mail::send("ada@example.org", &format!("your order {order} is on its way"));
}

#[cfg(test)]
mod tests {
    // Test code is exempt.
    use crate::features::users::rename;

    #[test]
    fn a_renamed_user_keeps_orders() {
        rename(3, "Eve");
    }
}
