#![doc = include_str!("guidance.md")]

use super::layers::{self, Say};
use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Breach, BreachKind, Dependency, Evidence, ItemKind};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "upward_dependencies",
        section: Section::ServerArchitecture,
        level: Level::Warn,
        summary: "a lower layer depends on a higher one: what should know nothing of requests needs the code that answers them",
        help: "move what is shared down, or hand it over as an argument or through a trait that the lower layer owns",
        guidance: include_str!("guidance.md"),
        references: &[references::FOWLER_LAYERS, references::HEXAGONAL],
        measured: Measured { found: 9, read: 9, right: 9 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let Some(say) = Say::about(backend) else { return };
    let pairs = layers::pairs(backend, |kind| *kind == BreachKind::Upward);
    let is_told = |from: &str, to: &str| pairs.keys().any(|(user, used)| *user == from && used.starts_with(&format!("{to}::")));
    for ((from, to), found) in &pairs {
        // `use crate::api` for the sake of `api::users::Page` is told with the latter.
        let only_on_the_way = found.iter().all(|(_, one)| one.item_kind == ItemKind::Module) && is_told(from, to);
        if !only_on_the_way {
            findings.push(finding(from, to, found, &say));
        }
    }
}

fn finding(from: &str, to: &str, found: &[(&Breach, &Dependency)], say: &Say) -> Finding {
    let (breach, first) = found[0];
    let items = evidence::list(layers::items(found), 3);
    let order = format!(
        "`{}` is above `{}`: requests come from above, and what is below must work without them",
        breach.to_layer, breach.from_layer
    );
    let mut steps = layers::places(found);
    steps.push(Evidence { place: None, what: order });
    Finding {
        place: first.place,
        message: format!("{} `{from}` depends on {} `{to}` for {items}", breach.from_layer, breach.to_layer),
        evidence: steps,
        help: advice(found, &items, from),
        item: from.to_string(),
        identity: format!("{from} {to}"),
        at_most: say.at_most(),
    }
}

fn advice(found: &[(&Breach, &Dependency)], items: &str, from: &str) -> String {
    let movable = found.iter().all(|(_, one)| matches!(one.item_kind, ItemKind::PlainData | ItemKind::Function | ItemKind::Trait));
    match movable {
        true => format!("move {items} to `{from}`, or to a module that both may use, and let the higher layer use it from there"),
        false => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{Role, Style};

    fn sketch(kind: ItemKind) -> Sketch {
        let mut sketch = Sketch::new();
        sketch.module("api::db", Role::Repository);
        sketch.module("api::handlers", Role::Controller);
        sketch.uses("api::db", "api::handlers::Page", kind);
        sketch.uses("api::db", "api::handlers::Order", kind);
        sketch.breach(0, BreachKind::Upward, "repository", "controller");
        sketch.breach(1, BreachKind::Upward, "repository", "controller");
        sketch.backend.layering.style = Style::Layered;
        sketch
    }

    #[test]
    fn two_uses_of_one_module_are_one_finding() {
        let findings = sketch(ItemKind::PlainData).check(&LINT);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].message, "repository `api::db` depends on controller `api::handlers` for `Order` and `Page`");
        assert!(findings[0].help.starts_with("move `Order` and `Page` to `api::db`"));
    }

    #[test]
    fn a_type_of_the_web_cannot_simply_move_down() {
        assert_eq!(sketch(ItemKind::WebType).check(&LINT)[0].help, "");
    }

    #[test]
    fn a_module_that_is_only_imported_on_the_way_to_another_is_not_told_twice() {
        let mut sketch = sketch(ItemKind::PlainData);
        sketch.module("api::handlers::users", Role::Controller);
        sketch.backend.dependencies.clear();
        sketch.uses("api::db", "api::handlers::users", ItemKind::Module);
        sketch.uses("api::db", "api::handlers::users::Page", ItemKind::PlainData);
        assert_eq!(sketch.messages(&LINT), ["repository `api::db` depends on controller `api::handlers::users` for `Page`"]);
    }

    #[test]
    fn a_workspace_without_layers_is_silent() {
        let mut sketch = sketch(ItemKind::PlainData);
        sketch.backend.layering.style = Style::Script;
        assert!(sketch.check(&LINT).is_empty());
    }
}
