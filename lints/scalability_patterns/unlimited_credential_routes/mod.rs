#![doc = include_str!("guidance.md")]

mod words;

use super::limiting;
use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Chain, Context, EffectKind, Evidence, FunctionId, Route, ServerId};
use crate::source::Place;
use std::collections::BTreeMap;
use words::Attempt;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "unlimited_credential_routes",
        section: Section::ScalabilityPatterns,
        level: Level::Warn,
        summary: "a route that takes credentials answers as often as it is asked",
        help: "limit attempts by client address and by account, in a layer around the route or in what the handler calls",
        guidance: include_str!("guidance.md"),
        references: &[references::OWASP_AUTHENTICATION, references::OWASP_RESOURCES, references::CWE_307, references::AWS_THROTTLE],
        measured: Measured { found: 13, read: 13, right: 13 },
    },
    check,
};

/// One finding per handler: the same handler under two paths is one door.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if !backend.limits_elsewhere.is_empty() {
        return;
    }
    let mut doors: BTreeMap<(ServerId, Door), Vec<Open>> = BTreeMap::new();
    for open in backend.routes.iter().filter_map(|route| open(backend, route)) {
        doors.entry((open.route.server, door(open.route))).or_default().push(open);
    }
    findings.extend(doors.values().map(|routes| finding(backend, &routes[0], routes.len() - 1)));
}

type Door = (Option<FunctionId>, Option<Place>);

fn door(route: &Route) -> Door {
    match route.handler.function() {
        Some(handler) => (Some(handler), None),
        None => (None, Some(route.place)),
    }
}

struct Open<'b> {
    route: &'b Route,
    attempt: Attempt,
    /// The shortest way to where a password or code is hashed or checked, if there is one.
    check: Option<(Chain, &'b str, Place)>,
}

fn open<'b>(backend: &'b Backend, route: &'b Route) -> Option<Open<'b>> {
    let served = route.context == Context::Production && backend.server(route.server).context == Context::Production;
    // Behind a login the caller is known already: what is left to guess is their own.
    if !served || route.is_safe_method() || route.method == "DELETE" || !route.rate_limit.is_no() || route.auth.is_yes() {
        return None;
    }
    let handler = route.handler.function();
    let check = handler.and_then(|handler| credential_check(backend, handler));
    let name = handler.map(|handler| backend.function(handler).name.as_str());
    // A route for every verb may be a page, and without a body there is nothing to guess: what it takes has to be seen.
    if (route.method == "ANY" || route.takes_body.is_no()) && check.is_none() {
        return None;
    }
    let attempt = words::attempt(route, name, check.is_some() && route.auth.is_no())?;
    if attempt.is_a_guess() && handler.is_some_and(|handler| counts_failures(backend, handler)) {
        return None;
    }
    if attempt == Attempt::Login && check.is_none() && words::is_vouched_for(route) {
        return None;
    }
    // What another service vouches for (OAuth) or an invitation allows is no guess of a secret.
    let needs_a_secret = matches!(attempt, Attempt::Login | Attempt::Register) && check.is_none();
    if needs_a_secret && route.takes_secret.is_no() && !words::secret_in_path(route) {
        return None;
    }
    Some(Open { route, attempt, check })
}

/// Whether what the handler calls locks accounts or counts failed attempts, by its name: how well it does so is not judged.
fn counts_failures(backend: &Backend, handler: FunctionId) -> bool {
    backend.reached(handler).functions.iter().any(|id| words::counts_failures(&backend.function(*id).name))
}

fn credential_check(backend: &Backend, handler: FunctionId) -> Option<(Chain, &str, Place)> {
    let reached = backend.reached(handler);
    reached.functions.iter().find_map(|id| {
        let effects = &backend.function(*id).effects;
        let check = effects.iter().find(|effect| effect.kind == EffectKind::ChecksCredential && !effect.spawned)?;
        Some((reached.chain_to(*id), check.what.as_str(), check.place))
    })
}

fn finding(backend: &Backend, open: &Open, others: usize) -> Finding {
    let route = open.route;
    let mut steps = match &open.check {
        Some((chain, what, place)) => {
            evidence::from_route(backend, route, chain, Evidence::at(*place, format!("`{what}` works on the credential")))
        }
        None => evidence::entry(backend, route),
    };
    steps.push(limiting::stack(route));
    steps.push(Evidence { place: None, what: format!("searched for a limiter: {}", route.rate_limit.why()) });
    let (item, identity) = door_of(backend, route);
    Finding {
        place: route.place,
        message: format!(
            "nothing limits how often a client may {} at `{}`{}",
            open.attempt.words(),
            route.title(),
            evidence::more(others, "route")
        ),
        evidence: steps,
        help: format!("put {} around it, keyed by client address; {}", limiting::advice(&route.framework), limiting::ELSEWHERE),
        item,
        identity,
        at_most: None,
    }
}

/// A handler is one door however many routes lead to it; a route whose handler has no name is its own.
fn door_of(backend: &Backend, route: &Route) -> (String, String) {
    let server = &backend.server(route.server).name;
    let handler = route.handler.function().map(|id| backend.function(id)).filter(|handler| !handler.name.starts_with("{closure"));
    match handler {
        Some(handler) => (handler.path.clone(), server.clone()),
        None => (server.clone(), route.title()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{GatewayLimit, Truth};

    /// `POST /login` > `login` > `verify`, which checks a password.
    fn login() -> Sketch {
        let mut sketch = Sketch::new();
        let (login, verify) = (sketch.function("api::login"), sketch.function("api::password::verify"));
        sketch.call(login, verify);
        sketch.effect(verify, EffectKind::ChecksCredential, "argon2::PasswordVerifier::verify_password");
        sketch.route("POST", "/login", login);
        sketch
    }

    #[test]
    fn what_another_service_vouches_for_is_no_guess() {
        let found = |path: &str| route("POST", path, "api::authenticate").check(&LINT).len();
        assert_eq!(found("/account/authenticate"), 1);
        assert_eq!(found("/account/oauth/authenticate"), 0);
        assert_eq!(found("/oauth/token"), 1, "this service vouches for others itself");
    }

    #[test]
    fn an_account_that_is_locked_after_failures_cannot_be_guessed_at_will() {
        let mut sketch = login();
        assert_eq!(sketch.check(&LINT).len(), 1);
        let (login, count) =
            (sketch.backend.routes[0].handler.function().unwrap(), sketch.function("users::increment_failed_login_attempts"));
        sketch.call(login, count);
        assert_eq!(sketch.check(&LINT).len(), 0);
        sketch.backend.routes[0].path = "/password/reset".into();
        sketch.backend.functions[login.0 as usize].name = "reset_password".into();
        assert_eq!(sketch.check(&LINT).len(), 1, "a locked account can still be sent mails");
    }

    fn route(method: &str, path: &str, handler: &str) -> Sketch {
        let mut sketch = Sketch::new();
        let handler = sketch.function(handler);
        sketch.route(method, path, handler);
        sketch
    }

    #[test]
    fn evidence_leads_to_the_password_check_and_shows_the_stack() {
        let findings = login().check(&LINT);
        assert_eq!(findings[0].message, "nothing limits how often a client may guess credentials at `POST /login`");
        assert_eq!(
            steps(&findings[0]),
            [
                "`POST /login` is registered here",
                "`login` handles it",
                "`login` calls `verify`",
                "`argon2::PasswordVerifier::verify_password` works on the credential",
                "its stack holds no middleware",
                "searched for a limiter: the stack and what the handler calls"
            ]
        );
    }

    #[test]
    fn codes_resets_and_registrations_are_named_as_what_they_are() {
        for (path, handler, words) in [
            ("/auth/otp", "api::check", "guess codes"),
            ("/password/reset", "api::start", "start a password reset"),
            ("/password_reset", "api::start", "start a password reset"),
            ("/api/users", "api::register_user", "register"),
            ("/sign-up", "api::create", "register"),
            ("/oauth/token", "api::exchange", "guess credentials"),
        ] {
            let messages = route("POST", path, handler).messages(&LINT);
            assert!(messages.len() == 1 && messages[0].contains(words), "{path}: {messages:?}");
        }
    }

    #[test]
    fn a_word_that_means_many_things_needs_a_check_of_a_credential() {
        for path in ["/tokens", "/verify", "/sessions", "/reset", "/users"] {
            assert!(route("POST", path, "api::create").check(&LINT).is_empty(), "{path}");
        }
        let mut sketch = login();
        sketch.backend.routes[0].path = "/sessions".into();
        sketch.backend.functions[0].name = "create".into();
        assert_eq!(sketch.check(&LINT).len(), 1);
    }

    #[test]
    fn devices_and_partners_register_as_well() {
        for (path, found) in
            [("/register", 1), ("/api/v1/register", 1), ("/users/register", 1), ("/devices/register", 0), ("/partner/aws/register", 0)]
        {
            assert_eq!(route("POST", path, "api::create").check(&LINT).len(), found, "{path}");
        }
    }

    #[test]
    fn what_registers_under_a_parameter_is_not_known_to_be_a_user() {
        for path in ["/v1/{kind}/{app}/registration", "/v1/registration/{id}"] {
            assert!(route("PUT", path, "api::create").check(&LINT).is_empty(), "{path}");
        }
    }

    #[test]
    fn pages_callbacks_and_logouts_are_silent() {
        assert!(route("GET", "/login", "api::login").check(&LINT).is_empty());
        assert!(route("POST", "/login/callback", "api::callback").check(&LINT).is_empty());
        assert!(route("POST", "/login/logout", "api::logout").check(&LINT).is_empty());
    }

    #[test]
    fn a_limiter_anywhere_or_a_doubt_is_silent() {
        for truth in [Sketch::new().yes("`check_login_limit` asks a governor"), Truth::Unknown("a layer of its own".into())] {
            let mut sketch = login();
            sketch.backend.routes[0].rate_limit = truth;
            assert!(sketch.check(&LINT).is_empty());
        }
    }

    #[test]
    fn a_gateway_answers_it() {
        let mut sketch = login();
        let evidence = Evidence { place: None, what: "`ratelimit = \"gateway\"`".into() };
        sketch.backend.limits_elsewhere.push(GatewayLimit { evidence });
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_login_that_takes_no_body_has_nothing_to_guess() {
        let mut sketch = route("POST", "/login", "api::login");
        assert_eq!(sketch.check(&LINT).len(), 1);
        sketch.backend.routes[0].takes_body = Truth::No("no parameter reads a body".into());
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn where_another_service_vouches_there_is_no_secret_to_guess() {
        for (path, found) in [("/session/signup", 0), ("/login", 0), ("/signup/{invite_code}", 1), ("/password/reset", 1)] {
            let mut sketch = route("POST", path, "api::create");
            sketch.backend.routes[0].takes_secret = Truth::No("none of its 2 fields is a password, code or token".into());
            assert_eq!(sketch.check(&LINT).len(), found, "{path}");
        }
    }

    #[test]
    fn a_route_behind_a_login_is_silent() {
        let mut sketch = login();
        sketch.backend.routes[0].auth = sketch.yes("`require_user`");
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn one_handler_under_two_paths_is_one_finding() {
        let mut sketch = login();
        let mut again = sketch.backend.routes[0].clone();
        again.path = "/api/v1/login".into();
        sketch.backend.routes.push(again);
        assert_eq!(sketch.messages(&LINT), ["nothing limits how often a client may guess credentials at `POST /login` (+ 1 more route)"]);
    }
}
