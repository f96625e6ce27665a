use crate::features::users::{User, Users};

pub struct Order {
    pub owner: User,
}

#[derive(Default)]
pub struct Orders {
    all: Vec<Order>,
}

impl Orders {
    pub fn open(&mut self, users: &Users, id: u64) {
        self.all.extend(users.find(id).map(|owner| Order { owner }));
    }

    pub fn cancel_all(&mut self, user: u64) {
        self.all.retain(|order| order.owner.id != user);
    }
}
