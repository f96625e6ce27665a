#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::per_request::{PerRequest, per_request, shared_by_others};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, ResourceKind};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "clients_per_request",
        section: Section::ScalabilityPatterns,
        level: Level::Warn,
        summary: "an HTTP, gRPC, mail, object store or queue client is built for every request",
        help: "build the client once at start-up and share clones of it: they share its connections",
        guidance: include_str!("guidance.md"),
        references: &[
            references::REQWEST_CLIENT,
            references::AZURE_IMPROPER_INSTANTIATION,
            references::AWS_SDK_BEST_PRACTICES,
            references::RABBITMQ_CHURN,
        ],
        measured: Measured { found: 24, read: 24, right: 24 },
    },
    check,
};

/// Kind, the word for it, and what is lost with each.
const CLIENTS: &[(ResourceKind, &str, &str)] = &[
    (ResourceKind::HttpClient, "client", "its open connections, TLS set-up and DNS answers are thrown away with the request"),
    (ResourceKind::GrpcClient, "channel", "a new HTTP/2 connection is made for a call that could share one"),
    (ResourceKind::SmtpClient, "mail transport", "every mail waits for a new connection, TLS and login"),
    (ResourceKind::ObjectStoreClient, "object store client", "its connections and cached credentials are thrown away with the request"),
    (ResourceKind::QueueProducer, "producer", "the broker sees a new connection for every message"),
];

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let kinds: Vec<ResourceKind> = CLIENTS.iter().map(|(kind, ..)| *kind).collect();
    for built in per_request(backend, &kinds) {
        let Some((_, word, lost)) = CLIENTS.iter().find(|(kind, ..)| *kind == built.resource.kind) else { continue };
        let message = format!("a new `{}` {word} is built for every request to {}", built.resource.library, built.routes());
        let sink = format!("`{}` builds it here: {lost}", built.builder.name);
        let help = help(backend, &built);
        findings.push(built.finding(backend, message, &sink, help));
    }
}

fn help(backend: &Backend, built: &PerRequest) -> String {
    match shared_by_others(backend, built) {
        Some(shared) => format!("use a clone of the one that `{}` builds", backend.function(shared.function).path),
        None => format!("build it once at start-up, keep it in {} and use clones of it", built.state()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};

    fn client_in_a_helper(kind: ResourceKind, library: &str) -> Sketch {
        let mut sketch = Sketch::new();
        let (register, verify) = (sketch.function("api::register"), sketch.function("api::captcha::verify"));
        let call = sketch.call(register, verify);
        let route = sketch.route("POST", "/register", register);
        sketch.resource(kind, library, "http", verify).built = Sketch::per_request(route, &[register, verify], &[call], 1);
        sketch
    }

    #[test]
    fn an_http_client_built_behind_the_handler_is_found() {
        let findings = client_in_a_helper(ResourceKind::HttpClient, "reqwest").check(&LINT);
        assert_eq!(findings[0].message, "a new `reqwest` client is built for every request to `POST /register` (+ 1 more route)");
        assert_eq!(
            steps(&findings[0])[2..],
            [
                "`register` calls `verify`",
                "`verify` builds it here: its open connections, TLS set-up and DNS answers are thrown away with the request"
            ]
        );
    }

    #[test]
    fn mail_queue_and_object_store_clients_are_found_too() {
        for (kind, word) in [
            (ResourceKind::SmtpClient, "mail transport"),
            (ResourceKind::QueueProducer, "producer"),
            (ResourceKind::ObjectStoreClient, "object store client"),
            (ResourceKind::GrpcClient, "channel"),
        ] {
            assert!(client_in_a_helper(kind, "library").messages(&LINT)[0].contains(word));
        }
    }

    #[test]
    fn a_database_or_cache_is_another_lints_business() {
        for kind in [ResourceKind::Pool, ResourceKind::Connection, ResourceKind::CacheConnection, ResourceKind::QueueConsumer] {
            assert!(client_in_a_helper(kind, "library").check(&LINT).is_empty());
        }
    }

    #[test]
    fn help_names_the_client_that_is_already_there() {
        let mut sketch = client_in_a_helper(ResourceKind::HttpClient, "reqwest");
        let main = sketch.function("api::main");
        sketch.resource(ResourceKind::HttpClient, "reqwest", "http", main);
        assert_eq!(sketch.check(&LINT)[0].help, "use a clone of the one that `api::main` builds");
    }

    #[test]
    fn a_client_with_the_callers_own_proxy_is_silent() {
        let mut sketch = client_in_a_helper(ResourceKind::HttpClient, "reqwest");
        sketch.backend.resources[0].per_request_settings = true;
        assert!(sketch.check(&LINT).is_empty());
    }
}
