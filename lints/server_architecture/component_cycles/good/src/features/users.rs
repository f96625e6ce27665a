#[derive(Clone)]
pub struct User {
    pub id: u64,
}

type Listener = Box<dyn FnMut(u64)>;

#[derive(Default)]
pub struct Users {
    all: Vec<User>,
    listeners: Vec<Listener>,
}

impl Users {
    pub fn find(&self, id: u64) -> Option<User> {
        self.all.iter().find(|user| user.id == id).cloned()
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }

    pub fn on_delete(&mut self, listener: Listener) {
        self.listeners.push(listener);
    }

    pub fn delete(&mut self, id: u64) {
        self.all.retain(|user| user.id != id);
        self.listeners.iter_mut().for_each(|listener| listener(id));
    }
}
