use crate::features::users::{User, Users};

pub struct Order {
    pub owner: User,
}

pub fn open(users: &Users, id: u64) -> Option<Order> {
    users.find(id).map(|owner| Order { owner })
}

pub fn cancel_all(_user: u64) {}
