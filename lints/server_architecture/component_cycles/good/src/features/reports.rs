use crate::features::users::Users;

pub fn summary(users: &Users) -> String {
    format!("{} users", users.count())
}
