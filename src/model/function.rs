//! Functions, what they do, and what they reach.

use super::{Backend, Callers, Evidence, ModuleId, PackageId, RouteId};
use crate::source::Place;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u32);

#[derive(Clone, Debug)]
pub struct Function {
    /// `crate::module::Type::name`. Closures used as handlers: `crate::module::outer::{closure:LINE}`.
    pub path: String,
    pub name: String,
    pub package: PackageId,
    pub module: ModuleId,
    /// Of the name.
    pub place: Place,
    pub role: Role,
    /// Why the role was given, strongest sign first.
    pub role_why: Vec<RoleSign>,
    pub context: Context,
    pub is_async: bool,
    /// What it does itself, in source order; what it calls does is in what [`Backend::reach`] finds.
    pub effects: Vec<Effect>,
    pub calls: Vec<Call>,
    /// The trait whose method it implements or declares, by path.
    pub trait_path: Option<String>,
    /// Implements a web adapter trait (`FromRequest`, `IntoResponse`): exempt from layer lints.
    pub web_adapter: bool,
}

impl Function {
    /// With the module or type it stands in: `accounts::login`.
    pub fn qualified_name(&self) -> &str {
        let parent = self.path.strip_suffix(self.name.as_str()).and_then(|path| path.strip_suffix("::")).unwrap_or("");
        let begin = parent.rfind("::").map_or(0, |at| at + 2);
        &self.path[begin..]
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Controller,
    Service,
    Repository,
    Domain,
    /// Gateways to other systems.
    Infra,
    Job,
    /// Outside the layer order: errors, configuration, telemetry, state, and composition roots.
    Shared,
    #[default]
    Unknown,
}

impl Role {
    pub const ALL: [Role; 8] =
        [Role::Controller, Role::Service, Role::Repository, Role::Domain, Role::Infra, Role::Job, Role::Shared, Role::Unknown];

    pub fn name(self) -> &'static str {
        match self {
            Role::Controller => "controller",
            Role::Service => "service",
            Role::Repository => "repository",
            Role::Domain => "domain",
            Role::Infra => "infra",
            Role::Job => "job",
            Role::Shared => "shared",
            Role::Unknown => "unknown",
        }
    }
}

/// Something that speaks for a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSign {
    pub role: Role,
    /// Of about 20; a role needs a lead over the others.
    pub points: i32,
    pub sign: Arc<str>,
}

impl fmt::Display for RoleSign {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} +{}: {}", self.role.name(), self.points, self.sign)
    }
}

/// Where code runs. Lints about the request path look at `Request`-reachable code only; tests and tools are silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    #[default]
    Production,
    /// Command-line binaries that never serve, and build scripts.
    Tool,
    Migration,
    Example,
    Test,
    /// Not of the workspace: a function that knowledge declares, known by name only. It has no effects, calls or module of its own.
    Foreign,
}

#[derive(Clone, Debug)]
pub struct Effect {
    pub kind: EffectKind,
    pub place: Place,
    /// As a reader knows it: `sqlx::query_as!`, `reqwest::Client::new`.
    pub what: String,
    /// Inside `OnceLock::get_or_init` and the like.
    pub once: bool,
    /// Inside a spawned task or thread.
    pub spawned: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EffectKind {
    /// Runs a query; see [`DataAccess`](super::DataAccess).
    Sql,
    Document,
    CacheRead,
    CacheWrite,
    Http,
    Grpc,
    Smtp,
    ObjectStore,
    Queue,
    /// Takes a connection from a pool.
    Acquire,
    Begin,
    /// Opens an unpooled database connection.
    Connect,
    PoolNew,
    /// Opens a connection to a cache server.
    CacheConnect,
    ClientNew,
    LimitsRate,
    ChecksCredential,
    /// Answers 429.
    AnswersTooManyRequests,
    SetsCacheHeader,
    Migrate,
    Serves,
}

impl EffectKind {
    /// The word used in configuration (`to = { effect = "http" }`) and in `inspect`.
    pub fn name(self) -> &'static str {
        match self {
            EffectKind::Sql => "sql",
            EffectKind::Document => "document",
            EffectKind::CacheRead => "cache_read",
            EffectKind::CacheWrite => "cache_write",
            EffectKind::Http => "http",
            EffectKind::Grpc => "grpc",
            EffectKind::Smtp => "smtp",
            EffectKind::ObjectStore => "object_store",
            EffectKind::Queue => "queue",
            EffectKind::Acquire => "acquire",
            EffectKind::Begin => "transaction",
            EffectKind::Connect => "connect",
            EffectKind::PoolNew => "pool_new",
            EffectKind::CacheConnect => "cache_connect",
            EffectKind::ClientNew => "client_new",
            EffectKind::LimitsRate => "rate_limit",
            EffectKind::ChecksCredential => "credential_check",
            EffectKind::AnswersTooManyRequests => "too_many_requests",
            EffectKind::SetsCacheHeader => "cache_header",
            EffectKind::Migrate => "migrate",
            EffectKind::Serves => "serve",
        }
    }

    pub const ALL: [EffectKind; 21] = [
        EffectKind::Sql,
        EffectKind::Document,
        EffectKind::CacheRead,
        EffectKind::CacheWrite,
        EffectKind::Http,
        EffectKind::Grpc,
        EffectKind::Smtp,
        EffectKind::ObjectStore,
        EffectKind::Queue,
        EffectKind::Acquire,
        EffectKind::Begin,
        EffectKind::Connect,
        EffectKind::PoolNew,
        EffectKind::CacheConnect,
        EffectKind::ClientNew,
        EffectKind::LimitsRate,
        EffectKind::ChecksCredential,
        EffectKind::AnswersTooManyRequests,
        EffectKind::SetsCacheHeader,
        EffectKind::Migrate,
        EffectKind::Serves,
    ];
}

/// A call to, or a mention of, a function of the workspace.
#[derive(Clone, Debug)]
pub struct Call {
    /// Of the callee's name.
    pub place: Place,
    pub to: FunctionId,
    pub kind: CallKind,
    /// Inside `OnceLock::get_or_init` and the like: runs at most once.
    pub once: bool,
    /// Inside a spawned task or thread.
    pub spawned: bool,
    /// Inside a closure that is not called on the spot.
    pub in_closure: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    Direct,
    /// Through a trait, and this implementation is one of several it may be.
    MayReach {
        of: u32,
    },
    /// Named as a value: passed on, stored.
    Mention,
}

/// The way from an entry to something it reaches: each hop a place, the last one the effect itself.
#[derive(Clone, Debug)]
pub struct Chain {
    /// From the entry's own function to the one that has the effect.
    pub functions: Vec<FunctionId>,
    /// Where each function of `functions` calls the next; one shorter.
    pub calls: Vec<Place>,
}

impl Chain {
    pub fn last(&self) -> FunctionId {
        *self.functions.last().expect("a chain holds at least its entry")
    }
}

impl Backend {
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// Every function `from` reaches in a request's own time (nothing spawned, nothing behind a run-once cell), nearest first,
    /// `from` included, each with the shortest chain. Calls through traits are followed to at most `MAX_IMPLEMENTATIONS`
    /// implementations; mentions are followed (a function handed to another call may be called by it).
    pub fn reach(&self, from: FunctionId) -> Vec<Chain> {
        self.reach_if(from, |call| !call.once && !call.spawned)
    }

    /// As [`Backend::reach`], along the calls that `follow` says yes to.
    pub fn reach_if(&self, from: FunctionId, follow: impl Fn(&Call) -> bool) -> Vec<Chain> {
        let reached = self.reached_if(from, follow);
        reached.functions.iter().map(|to| reached.chain_to(*to)).collect()
    }

    /// As [`Backend::reach`], with chains only for those that are asked for: most callers look for one function among thousands.
    pub fn reached(&self, from: FunctionId) -> Reached {
        self.reached_if(from, |call| !call.once && !call.spawned)
    }

    /// As [`Backend::reached`], along the calls that `follow` says yes to.
    pub fn reached_if(&self, from: FunctionId, follow: impl Fn(&Call) -> bool) -> Reached {
        let mut reached = Reached { functions: vec![from], came_by: [(from, None)].into_iter().collect() };
        let mut next = 0;
        while let Some(id) = reached.functions.get(next).copied() {
            next += 1;
            for call in self.function(id).calls.iter().filter(|call| follow(call)) {
                if matches!(call.kind, CallKind::MayReach { of } if of > MAX_IMPLEMENTATIONS) || reached.came_by.contains_key(&call.to) {
                    continue;
                }
                reached.came_by.insert(call.to, Some((id, call.place)));
                reached.functions.push(call.to);
            }
        }
        reached
    }

    /// Every route of production code whose handler reaches `function` in a request's own time, each with its shortest chain; the
    /// shortest of all first.
    pub fn routes_to(&self, function: FunctionId) -> Vec<(RouteId, Chain)> {
        let next = self.ways_to(function);
        let served = self.routes.iter().enumerate().filter(|(_, route)| route.context == Context::Production);
        let mut ways: Vec<(RouteId, Chain)> = served
            .filter_map(|(at, route)| {
                let handler = route.handler.function().filter(|handler| next.contains_key(handler))?;
                Some((RouteId(at as u32), chain_forward(handler, &next)))
            })
            .collect();
        ways.sort_by_key(|(route, chain)| (chain.calls.len(), *route));
        ways
    }

    /// Functions of production code that run beside requests: what is started as a task of its own, and the methods of the traits by
    /// which queues and clocks call it.
    pub fn tasks(&self) -> Vec<FunctionId> {
        const TRAITS: &[&str] = &["AsyncRunnable", "Runnable", "BackgroundJob", "CronJob", "AsyncConsumer"];
        let in_production = |id: &FunctionId| self.function(*id).context == Context::Production;
        let is_job = |function: &Function| {
            function.trait_path.as_deref().is_some_and(|path| TRAITS.contains(&path.rsplit("::").next().unwrap_or(path)))
        };
        let (mut tasks, functions) = (Vec::new(), (0..self.functions.len() as u32).map(FunctionId));
        for id in functions.filter(in_production) {
            tasks.extend(is_job(self.function(id)).then_some(id));
            tasks.extend(self.function(id).calls.iter().filter(|call| call.spawned && !call.once).map(|call| call.to));
        }
        tasks.sort();
        tasks.dedup();
        tasks
    }

    /// Who calls each function, and where, by the calls that are `wanted`.
    pub fn callers(&self, wanted: impl Fn(&Call) -> bool) -> Callers<(FunctionId, Place)> {
        let functions = self.functions.iter().enumerate();
        let calls = functions.flat_map(|(at, function)| function.calls.iter().map(move |call| (FunctionId(at as u32), call)));
        let wanted = calls.filter(|(_, call)| wanted(call));
        Callers::new(self.functions.len(), wanted.map(|(caller, call)| (call.to.0, (caller, call.place))))
    }

    /// For each function from which `to` is reached: where it goes next on the shortest way.
    fn ways_to(&self, to: FunctionId) -> Ways {
        let few = |call: &Call| !matches!(call.kind, CallKind::MayReach { of } if of > MAX_IMPLEMENTATIONS);
        let callers = self.callers(|call| !call.once && !call.spawned && few(call));
        let mut next: Ways = [(to, None)].into_iter().collect();
        let mut queue = VecDeque::from([to]);
        while let Some(id) = queue.pop_front() {
            for (caller, place) in callers.of(id.0) {
                if !next.contains_key(caller) {
                    next.insert(*caller, Some((id, *place)));
                    queue.push_back(*caller);
                }
            }
        }
        next
    }

    /// The chain as evidence: `GET /users > list_users > find_all`, a place per hop.
    pub fn evidence_of(&self, chain: &Chain) -> Vec<Evidence> {
        let hops = chain.calls.iter().zip(chain.functions.windows(2));
        hops.map(|(place, pair)| {
            let (from, to) = (self.function(pair[0]), self.function(pair[1]));
            // Layers often hand on to a function of the same name.
            let callee = if from.name == to.name { to.qualified_name() } else { &to.name };
            Evidence::at(*place, format!("`{}` calls `{callee}`", from.name))
        })
        .collect()
    }
}

/// What a function reaches, nearest first, itself included.
pub struct Reached {
    pub functions: Vec<FunctionId>,
    came_by: Ways,
}

impl Reached {
    /// The shortest way to one of `functions`.
    pub fn chain_to(&self, to: FunctionId) -> Chain {
        let (mut functions, mut calls, mut at) = (vec![to], Vec::new(), to);
        while let Some(Some((from, place))) = self.came_by.get(&at) {
            functions.push(*from);
            calls.push(*place);
            at = *from;
        }
        functions.reverse();
        calls.reverse();
        Chain { functions, calls }
    }
}

type Ways = rustc_hash::FxHashMap<FunctionId, Option<(FunctionId, Place)>>;

fn chain_forward(from: FunctionId, next: &Ways) -> Chain {
    let (mut functions, mut calls, mut at) = (vec![from], Vec::new(), from);
    while let Some(Some((to, place))) = next.get(&at) {
        functions.push(*to);
        calls.push(*place);
        at = *to;
    }
    Chain { functions, calls }
}

/// Beyond this many implementations a call through a trait says little about what runs.
pub const MAX_IMPLEMENTATIONS: u32 = 4;
