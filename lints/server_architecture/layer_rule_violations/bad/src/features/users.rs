use lettre::Address;

pub fn name_of(_user: u64) -> String {
    "Ada".into()
}

pub fn rename(_user: u64, name: &str) {
    let _address: Option<Address> = format!("{name}@example.org").parse().ok();
}
