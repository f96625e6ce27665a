#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, ComponentCycle, CycleEdge, Evidence};
use crate::source::Place;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "component_cycles",
        section: Section::ServerArchitecture,
        level: Level::Note,
        summary: "layers, features or packages need each other in a circle, so none can be understood, tested or taken out alone",
        help: "cut the circle where the fewest references cross it",
        guidance: include_str!("guidance.md"),
        references: &[references::MODULITH_VERIFICATION, references::AWS_BUSINESS_DOMAINS],
        measured: Measured { found: 1, read: 1, right: 1 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    findings.extend(backend.layering.cycles.iter().filter_map(finding));
}

fn finding(cycle: &ComponentCycle) -> Option<Finding> {
    let cut: Vec<&CycleEdge> = cycle.cut.iter().map(|at| &cycle.edges[*at]).collect();
    let place = first_place(&cut).or_else(|| first_place(&cycle.edges.iter().collect::<Vec<_>>()))?;
    let references: usize = cut.iter().map(|edge| edge.references).sum();
    let names = cycle.components.iter().map(String::as_str);
    let tests = if cut.iter().all(|edge| edge.dev) { " of tests" } else { "" };
    let counted = if references == 1 { "reference" } else { "references" };
    let arrows: Vec<String> = cut.iter().map(|edge| format!("{} -> {}", edge.from, edge.to)).collect();
    let arrows = evidence::list(arrows.iter().map(String::as_str), 4);
    Some(Finding {
        place,
        message: format!("{}s {} depend on each other in a circle", cycle.kind, evidence::list(names, 6)),
        evidence: cut.iter().flat_map(|edge| edge.examples.iter().cloned()).chain(std::iter::once(around(cycle))).collect(),
        help: format!("the cheapest cut is {arrows}: {references} {counted}{tests}"),
        item: String::new(),
        identity: format!("{} {}", cycle.kind, cycle.components.join(" ")),
        at_most: None,
    })
}

/// Every edge with its weight, so that a reader can choose another cut.
fn around(cycle: &ComponentCycle) -> Evidence {
    let edges: Vec<String> =
        cycle.edges.iter().take(12).map(|edge| format!("{} -> {} ({})", edge.from, edge.to, edge.references)).collect();
    Evidence { place: None, what: format!("references between them: {}", edges.join(", ")) }
}

fn first_place(edges: &[&CycleEdge]) -> Option<Place> {
    edges.iter().flat_map(|edge| &edge.examples).find_map(|example| example.place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    fn sketch(dev: bool) -> Sketch {
        let mut sketch = Sketch::new();
        let mut edge = |from: &str, to: &str, references, dev| CycleEdge {
            from: from.into(),
            to: to.into(),
            references,
            examples: vec![Evidence::at(sketch.place(), format!("`{from}` uses `{to}`"))],
            dev,
        };
        let edges = vec![edge("orders", "users", 9, false), edge("users", "orders", 2, dev)];
        let components = vec!["orders".to_string(), "users".to_string()];
        sketch.backend.layering.cycles.push(ComponentCycle { kind: "feature", components, edges, cut: vec![1] });
        sketch
    }

    #[test]
    fn a_circle_is_one_finding_with_the_cheapest_cut() {
        let findings = sketch(false).check(&LINT);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].message, "features `orders` and `users` depend on each other in a circle");
        assert_eq!(findings[0].help, "the cheapest cut is `users -> orders`: 2 references");
    }

    #[test]
    fn a_circle_that_only_tests_close_says_so() {
        assert_eq!(sketch(true).check(&LINT)[0].help, "the cheapest cut is `users -> orders`: 2 references of tests");
    }
}
