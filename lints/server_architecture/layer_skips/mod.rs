#![doc = include_str!("guidance.md")]

use super::layers;
use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Breach, BreachKind, Dependency, Evidence};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "layer_skips",
        section: Section::ServerArchitecture,
        level: Level::Deny,
        summary: "a layer reaches past one that the configuration declares closed",
        help: "go through the closed layer, or declare it open",
        guidance: include_str!("guidance.md"),
        references: &[references::FOWLER_LAYERS, references::FOWLER_SERVICE_LAYER],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

/// Only what is declared can be skipped: leaving a layer out is no fault where nobody asked for it.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for ((from, to), found) in layers::pairs(backend, |kind| matches!(kind, BreachKind::Skips { .. })) {
        findings.push(finding(from, to, &found));
    }
}

fn finding(from: &str, to: &str, found: &[(&Breach, &Dependency)]) -> Finding {
    let (breach, first) = found[0];
    let closed = match &breach.kind {
        BreachKind::Skips { closed } => closed.as_str(),
        _ => "",
    };
    let mut steps = layers::places(found);
    steps.push(Evidence { place: None, what: format!("layer `{closed}` stands between them and is declared closed") });
    Finding {
        place: first.place,
        message: format!(
            "`{from}` in layer `{}` reaches past layer `{closed}` to `{to}` in layer `{}`",
            breach.from_layer, breach.to_layer
        ),
        evidence: steps,
        help: format!("call layer `{closed}`, and let it call `{to}`"),
        item: from.to_string(),
        identity: format!("{from} {to}"),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{ItemKind, Role, Style};

    fn sketch() -> Sketch {
        let mut sketch = Sketch::new();
        sketch.module("api::http", Role::Controller);
        sketch.module("api::db", Role::Repository);
        sketch.uses("api::http", "api::db::find", ItemKind::Function);
        sketch.backend.layering.style = Style::Declared;
        sketch
    }

    #[test]
    fn a_jump_over_a_closed_layer_names_all_three() {
        let mut sketch = sketch();
        sketch.breach(0, BreachKind::Skips { closed: "services".into() }, "http", "db");
        assert_eq!(sketch.messages(&LINT), ["`api::http` in layer `http` reaches past layer `services` to `api::db` in layer `db`"]);
    }

    #[test]
    fn without_a_closed_layer_nothing_is_skipped() {
        assert!(sketch().check(&LINT).is_empty());
    }
}
