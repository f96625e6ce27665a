mod features;
mod mail;

fn main() {
    features::orders::close(7);
    features::users::rename(3, "Ada");
}
