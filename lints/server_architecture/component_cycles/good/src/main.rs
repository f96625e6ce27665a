mod features;

fn main() {
    let mut users = features::users::Users::default();
    let mut orders = features::orders::Orders::default();
    users.on_delete(Box::new(move |user| orders.cancel_all(user)));
    users.delete(3);
    println!("{}", features::reports::summary(&users));
}
