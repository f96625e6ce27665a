//! One forbidden edge, controllers to repositories, in the ten ways that Rust can spell it.

use crate::testing;

const CONFIG: &str = r#"
version = 1
[[rule]]
name = "no_jump"
kind = "deny"
from = { module = "app::controllers" }
to = { module = "app::repositories" }
"#;

const LIB: &str = "pub mod controllers; pub mod repositories; pub mod prelude;";
const REPOSITORIES: &str = "pub struct Repo; pub struct Other; impl Repo { pub fn all(&self) {} } pub fn find() {}";
const PRELUDE: &str = "pub use crate::repositories::Repo as AliasRepo;";

/// What the rule says of a module of controllers with this text, and whether anything was said to be unseen.
fn told(controllers: &str) -> (Vec<String>, Vec<String>) {
    let backend = testing::inspect(&[
        ("moai-backend.toml", CONFIG),
        ("src/lib.rs", LIB),
        ("src/controllers.rs", controllers),
        ("src/repositories.rs", REPOSITORIES),
        ("src/prelude.rs", PRELUDE),
    ]);
    let violations = backend.rules.iter().flat_map(|outcome| &outcome.violations);
    (violations.map(|violation| violation.message.clone()).collect(), backend.coverage.notes.clone())
}

#[track_caller]
fn caught(controllers: &str) {
    let (violations, _) = told(controllers);
    assert!(!violations.is_empty(), "{controllers}");
    assert!(violations.iter().all(|message| message.contains("must not use `app::repositories")), "{violations:?}");
}

#[test]
fn a_plain_import() {
    caught("use crate::repositories::Repo; pub fn list(_: Repo) {}");
}

#[test]
fn a_group() {
    caught("use crate::{repositories::{Repo, Other}}; pub fn list(_: Repo, _: Other) {}");
}

#[test]
fn a_glob() {
    caught("use crate::repositories::*; pub fn list(_: Repo) {}");
}

#[test]
fn an_import_inside_a_function() {
    caught("pub fn list() { use crate::repositories::Repo; let _ = Repo; }");
}

#[test]
fn an_inline_path() {
    caught("pub fn list() { crate::repositories::find() }");
}

#[test]
fn a_path_by_way_of_super() {
    caught("pub mod users { use super::super::repositories::Repo; pub fn list(_: Repo) {} }");
}

#[test]
fn a_re_export_under_another_name() {
    caught("use crate::prelude::AliasRepo; pub fn list(_: AliasRepo) {}");
}

#[test]
fn under_a_feature_that_is_off() {
    caught("#[cfg(feature = \"admin\")] mod admin { use crate::repositories::Repo; pub fn list(_: Repo) {} }");
}

#[test]
fn in_the_body_of_a_macro() {
    caught("macro_rules! load { () => { $crate::repositories::find() }; } pub fn list() { load!() }");
}

#[test]
fn test_code_is_exempt() {
    let (violations, _) = told("#[cfg(test)] mod tests { use crate::repositories::Repo; #[test] fn works() { let _ = Repo; } }");
    assert!(violations.is_empty(), "{violations:?}");
}

#[test]
fn a_method_call_without_any_path_counts_too() {
    let (violations, _) = told("pub struct Held { pub repo: crate::prelude::AliasRepo } pub fn list(held: &Held) { held.repo.all() }");
    assert!(violations.iter().any(|message| message.contains("app::repositories")), "{violations:?}");
}

#[test]
fn a_module_declaration_and_an_impl_of_a_foreign_trait_are_no_uses() {
    let (violations, _) = told("pub mod users { pub struct Page; } impl std::fmt::Display for users::Page { }");
    assert!(violations.is_empty(), "{violations:?}");
}
