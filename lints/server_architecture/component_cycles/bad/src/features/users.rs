#[derive(Clone)]
pub struct User {
    pub id: u64,
}

#[derive(Default)]
pub struct Users {
    all: Vec<User>,
}

impl Users {
    pub fn find(&self, id: u64) -> Option<User> {
        self.all.iter().find(|user| user.id == id).cloned()
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }
}

pub fn delete(users: &mut Users, id: u64) {
    crate::features::orders::cancel_all(id);
    users.all.retain(|user| user.id != id);
}
