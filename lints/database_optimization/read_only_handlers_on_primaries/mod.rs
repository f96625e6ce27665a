#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Context, DataAccess, Evidence, FunctionId, Operation, PoolRole, PoolUse, Protocol, Route, Server, ServerId};
use std::collections::{BTreeMap, BTreeSet};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "read_only_handlers_on_primaries",
        section: Section::DatabaseOptimization,
        level: Level::Allow,
        summary: "routes that only read ask the primary, and the server has a replica",
        help: "take the connection from the replica where the answer may be a little old",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_HOT_STANDBY, references::AURORA_WRITE_FORWARDING],
        measured: Measured { found: 1, read: 1, right: 0 },
    },
    check,
};

/// How many routes one finding names.
const MOST: usize = 5;

/// One finding for each server that has a replica.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if !backend.pool_uses.iter().any(|one| one.role == PoolRole::Replica) {
        return;
    }
    let queries = Queries::of(backend);
    for (at, server) in backend.servers.iter().enumerate().filter(|(_, server)| server.context == Context::Production) {
        let routes: Vec<&Route> = backend.routes.iter().filter(|route| route.server == ServerId(at as u32)).collect();
        let Some(replica) = routes.iter().find_map(|route| queries.on_a_replica(backend, route)) else { continue };
        let candidates: Vec<Candidate> = routes.iter().filter_map(|route| candidate(backend, &queries, route)).collect();
        if !candidates.is_empty() {
            findings.push(finding(server, replica, &candidates));
        }
    }
}

/// Queries and the pools they run on, by the functions that run or give them.
struct Queries<'b> {
    accesses: BTreeMap<FunctionId, Vec<(usize, &'b DataAccess)>>,
}

impl<'b> Queries<'b> {
    fn of(backend: &'b Backend) -> Self {
        let mut accesses: BTreeMap<FunctionId, Vec<(usize, &DataAccess)>> = BTreeMap::new();
        for (at, access) in backend.data_accesses.iter().enumerate().filter(|(_, access)| !access.control) {
            accesses.entry(access.function).or_default().push((at, access));
        }
        Self { accesses }
    }

    fn on_the_way(&self, reached: &BTreeSet<FunctionId>) -> Vec<(usize, &'b DataAccess)> {
        reached.iter().filter_map(|function| self.accesses.get(function)).flatten().copied().collect()
    }

    /// A query of this route that runs on a replica.
    fn on_a_replica(&self, backend: &'b Backend, route: &Route) -> Option<&'b PoolUse> {
        let reached = reached(backend, route)?;
        let queries = self.on_the_way(&reached);
        let mut uses = queries.iter().flat_map(|(at, _)| backend.pool_uses_of(*at));
        uses.find(|one| one.role == PoolRole::Replica && reached.contains(&one.chain.functions[0]))
    }
}

fn reached(backend: &Backend, route: &Route) -> Option<BTreeSet<FunctionId>> {
    let handler = route.handler.function().filter(|_| route.context == Context::Production)?;
    Some(backend.reached(handler).functions.into_iter().collect())
}

struct Candidate<'b> {
    route: &'b Route,
    tables: BTreeSet<&'b str>,
    taken: &'b PoolUse,
}

/// All that the route asks for is read on the primary, and none of it says who may do what.
fn candidate<'b>(backend: &'b Backend, queries: &Queries<'b>, route: &'b Route) -> Option<Candidate<'b>> {
    let reads = route.is_safe_method() && route.protocol == Protocol::Http && route.path_known && route.writes.is_empty();
    if !reads || route.is_probe() || route.is_administrative() {
        return None;
    }
    let reached = reached(backend, route)?;
    let accesses = queries.on_the_way(&reached);
    let plain = |access: &DataAccess| {
        let locks = access.statement.as_ref().is_some_and(|statement| statement.row_lock.is_some());
        access.operation == Operation::Select && access.writes.is_empty() && !access.reads.is_empty() && !access.spawned && !locks
    };
    if accesses.is_empty() || !accesses.iter().all(|(_, access)| plain(access)) {
        return None;
    }
    let tables: BTreeSet<&str> = accesses.iter().flat_map(|(_, access)| access.reads.iter().map(String::as_str)).collect();
    if tables.iter().any(|table| says_who_may(table)) {
        return None;
    }
    let uses = |at: usize| backend.pool_uses_of(at).iter().filter(|one| reached.contains(&one.chain.functions[0]));
    let on_primary = |at: usize| uses(at).count() > 0 && uses(at).all(|one| one.role == PoolRole::Primary);
    if !accesses.iter().all(|(at, _)| on_primary(*at)) {
        return None;
    }
    Some(Candidate { route, tables, taken: uses(accesses[0].0).next()? })
}

/// What was changed there has to count at once.
fn says_who_may(table: &str) -> bool {
    const WORDS: &[&str] = &[
        "session",
        "token",
        "auth",
        "oauth",
        "permission",
        "role",
        "key",
        "membership",
        "member",
        "login",
        "credential",
        "password",
        "invitation",
        "grant",
        "otp",
        "acl",
    ];
    table
        .to_ascii_lowercase()
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .any(|word| WORDS.contains(&word.strip_suffix('s').unwrap_or(word)))
}

fn finding(server: &Server, replica: &PoolUse, candidates: &[Candidate]) -> Finding {
    let named = &candidates[..candidates.len().min(MOST)];
    let routes = if candidates.len() == 1 { "route" } else { "routes" };
    let mut steps: Vec<Evidence> = named.iter().map(why).collect();
    steps.push(Evidence::at(replica.place, format!("others ask `{}`, a replica's {}", replica.pool, replica.why)));
    Finding {
        place: server.place.unwrap_or(named[0].route.place),
        message: format!(
            "{} read-only {routes} of `{}` on the primary, though there is a replica: {}",
            candidates.len(),
            server.name,
            evidence::list(candidates.iter().map(|found| found.route.path.as_str()), MOST)
        ),
        evidence: steps,
        help: String::new(),
        item: server.name.clone(),
        identity: "reads on the primary".into(),
        at_most: None,
    }
}

fn why(found: &Candidate) -> Evidence {
    let tables = evidence::list(found.tables.iter().copied(), 3);
    let what = format!(
        "`{}` reads {tables} on `{}`, the primary's {}, and writes nothing",
        found.route.title(),
        found.taken.pool,
        found.taken.why
    );
    Evidence::at(found.taken.place, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Chain;

    /// `GET /tags` reads `tags` on a pool of this role; `GET /posts` reads on the replica.
    fn tags_on(role: PoolRole, table: &str) -> Sketch {
        let mut sketch = Sketch::new();
        for (at, (path, table, role)) in [("/tags", table, role), ("/posts", "posts", PoolRole::Replica)].into_iter().enumerate() {
            let handler = sketch.function(&format!("api::handler{at}"));
            sketch.route("GET", path, handler);
            sketch.query(handler, &[table], &[]);
            let (place, chain) = (sketch.place(), Chain { functions: vec![handler], calls: Vec::new() });
            let pool = format!("db.{}", role.name());
            sketch.backend.pool_uses.push(PoolUse { access: at, role, pool, place, chain, why: "by its name", has_to_succeed: true });
        }
        sketch
    }

    #[test]
    fn a_route_that_only_reads_on_the_primary_is_advised() {
        let findings = tags_on(PoolRole::Primary, "tags").check(&LINT);
        assert_eq!(findings[0].message, "1 read-only route of `api` on the primary, though there is a replica: `/tags`");
        assert_eq!(findings[0].evidence[0].what, "`GET /tags` reads `tags` on `db.primary`, the primary's by its name, and writes nothing");
    }

    #[test]
    fn what_is_on_the_replica_unknown_or_written_is_silent() {
        assert!(tags_on(PoolRole::Replica, "tags").check(&LINT).is_empty());
        assert!(tags_on(PoolRole::Unknown, "tags").check(&LINT).is_empty());
        let mut written = tags_on(PoolRole::Primary, "tags");
        written.query(FunctionId(0), &[], &["views"]);
        assert!(written.check(&LINT).is_empty());
        let mut posted = tags_on(PoolRole::Primary, "tags");
        posted.backend.routes[0].method = "POST".into();
        assert!(posted.check(&LINT).is_empty());
    }

    #[test]
    fn who_may_do_what_has_to_be_fresh() {
        for table in ["sessions", "api_tokens", "user_roles", "api_keys"] {
            assert!(tags_on(PoolRole::Primary, table).check(&LINT).is_empty(), "{table}");
        }
        assert_eq!(tags_on(PoolRole::Primary, "authors").check(&LINT).len(), 1);
    }

    #[test]
    fn without_a_replica_in_the_server_there_is_no_choice() {
        let mut sketch = tags_on(PoolRole::Primary, "tags");
        sketch.backend.routes.remove(1);
        assert!(sketch.check(&LINT).is_empty());
    }
}
