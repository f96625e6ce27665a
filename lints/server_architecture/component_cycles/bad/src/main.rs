mod features;

fn main() {
    let mut users = features::users::Users::default();
    features::users::delete(&mut users, 3);
    println!("{}", features::reports::summary(&users));
}
