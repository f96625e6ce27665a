#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::Way;
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, EffectKind, Evidence, HeldTransaction};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "transactions_across_remote_calls",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a transaction stays open while another system is called",
        help: "call the other system before the transaction begins or after it is committed, or leave a row that a worker acts on (an outbox)",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_IDLE_TRANSACTIONS, references::HIKARI_POOL_SIZING],
        measured: Measured { found: 6, read: 6, right: 6 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if backend.held_transactions.is_empty() {
        return;
    }
    let served = backend.served();
    for held in &backend.held_transactions {
        if let Some(way) = Way::to(backend, &served, held.function) {
            findings.push(finding(backend, held, &way));
        }
    }
}

fn finding(backend: &Backend, held: &HeldTransaction, way: &Way) -> Finding {
    let function = backend.function(held.function);
    let mut steps = way.evidence(backend, Evidence::at(held.begun, format!("`{}` begins a transaction", function.name)));
    steps.extend(backend.evidence_of(&held.chain));
    steps.push(Evidence::at(held.remote, format!("`{}` waits for {}", held.what, system(held.kind))));
    let rest = if held.leases { "; rows that others skip are a lease, which a column with a deadline can hold too" } else { "" };
    Finding {
        place: held.inner,
        message: format!(
            "`{}` keeps a transaction open while it waits for {}: its rows stay locked and its connection taken, and what was sent is not undone{rest}",
            function.name,
            system(held.kind)
        ),
        evidence: steps,
        help: String::new(),
        item: function.path.clone(),
        identity: format!("{} {}", held.kind.name(), held.what),
        at_most: held.leases.then_some(Level::Note),
    }
}

fn system(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Grpc => "a gRPC service",
        EffectKind::Smtp => "a mail server",
        EffectKind::ObjectStore => "an object store",
        EffectKind::Queue => "a message broker",
        _ => "an HTTP service",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::Chain;

    fn mail_in_a_transaction() -> Sketch {
        let mut sketch = Sketch::new();
        let sign_up = sketch.function("api::sign_up");
        sketch.route("POST", "/users", sign_up);
        let (begun, inner) = (sketch.place(), sketch.place());
        sketch.backend.held_transactions.push(HeldTransaction {
            function: sign_up,
            begun,
            inner,
            chain: Chain { functions: vec![sign_up], calls: Vec::new() },
            kind: EffectKind::Smtp,
            what: "lettre::Transport::send".into(),
            remote: inner,
            leases: false,
        });
        sketch
    }

    #[test]
    fn a_mail_sent_inside_a_transaction_is_found() {
        let findings = mail_in_a_transaction().check(&LINT);
        assert!(findings[0].message.contains("waits for a mail server"));
        assert_eq!(steps(&findings[0])[2..], ["`sign_up` begins a transaction", "`lettre::Transport::send` waits for a mail server"]);
    }

    #[test]
    fn a_lease_on_purpose_is_a_note_and_a_job_is_silent() {
        let mut lease = mail_in_a_transaction();
        lease.backend.held_transactions[0].leases = true;
        assert_eq!(lease.check(&LINT)[0].at_most, Some(Level::Note));
        let mut job = mail_in_a_transaction();
        job.backend.routes.clear();
        assert!(job.check(&LINT).is_empty());
    }
}
