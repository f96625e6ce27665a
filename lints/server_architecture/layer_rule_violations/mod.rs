#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Evidence, RuleOutcome, RuleViolation};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "layer_rule_violations",
        section: Section::ServerArchitecture,
        level: Level::Deny,
        summary: "code breaks one of the architecture rules that the configuration declares",
        help: "do what the rule asks, or change the rule where everybody sees it",
        guidance: include_str!("guidance.md"),
        references: &[references::FOWLER_LAYERS, references::MODULITH_VERIFICATION],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for outcome in &backend.rules {
        findings.extend(outcome.violations.iter().map(|violation| finding(outcome, violation)));
    }
}

fn finding(outcome: &RuleOutcome, violation: &RuleViolation) -> Finding {
    let declared = outcome.declared_at.map(|place| Evidence::at(place, format!("rule `{}` is declared here", outcome.name)));
    let because = outcome.because.iter().map(|because| Evidence { place: None, what: because.clone() });
    Finding {
        place: violation.place,
        message: violation.message.clone(),
        evidence: violation.evidence.iter().cloned().chain(declared).chain(because).collect(),
        help: String::new(),
        item: String::new(),
        identity: violation.identity.clone(),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};

    #[test]
    fn a_violation_says_where_the_rule_stands_and_why_it_exists() {
        let mut sketch = Sketch::new();
        let (place, declared) = (sketch.place(), sketch.place());
        let message = "`api::handlers` must not use `diesel::insert_into`: rule `no_diesel`".to_string();
        let violation = RuleViolation { place, message: message.clone(), evidence: Vec::new(), identity: "no_diesel".into() };
        sketch.backend.rules.push(RuleOutcome {
            name: "no_diesel".into(),
            because: Some("we are leaving diesel".into()),
            declared_at: Some(declared),
            violations: vec![violation],
        });
        let findings = sketch.check(&LINT);
        assert_eq!(findings[0].message, message);
        assert_eq!(steps(&findings[0]), ["rule `no_diesel` is declared here", "we are leaving diesel"]);
    }
}
