use crate::mail;

pub fn rename(_user: u64, name: &str) {
    mail::send("ada@example.org", &format!("you are called {name} now"));
}
