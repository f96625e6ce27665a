//! Pools, connections, clients and caches: where they are built, with which options, and what their building does as an effect.

use super::origin::Callers;
use super::settings::{Setting, Settings};
use super::text::text_of;
use super::walk::Walk;
use super::{Inputs, pool_limits, sharing};
use crate::facts::{ExprId, ExpressionKind};
use crate::knowledge::{CacheNew, ClientNew, Connect, Does, PoolNew, System, TypeRole};
use crate::model::{Backend, Built, Effect, EffectKind, Evidence, Resource, ResourceKind, Truth};
use crate::resolve::{FunctionId, Ty};
use crate::words::first_segment;
use rayon::prelude::*;
use std::collections::BTreeMap;

pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let (callers, bounded_waits) = rayon::join(|| Callers::of(inputs), || bounded_waits(inputs));
    let functions: Vec<FunctionId> = inputs.own_functions().collect();
    let found: Vec<Found> = functions.par_iter().filter_map(|function| built_in(inputs, *function, &callers, &bounded_waits)).collect();
    for Found { function, effects, resources } in found {
        backend.functions[function.0 as usize].effects.extend(effects);
        backend.resources.extend(resources);
    }
    backend.resources.extend(super::cached_functions::all(inputs));
    backend.resources.sort_by_key(|resource| resource.place);
    for_maintenance(backend);
    sharing::add(inputs, backend);
}

/// What a function builds or takes.
struct Found {
    function: FunctionId,
    effects: Vec<Effect>,
    resources: Vec<Resource>,
}

fn built_in(inputs: &Inputs, function: FunctionId, callers: &Callers, bounded_waits: &BTreeMap<String, Evidence>) -> Option<Found> {
    // Most bodies build nothing: look before preparing to walk.
    if !inputs.all_does(function).any(is_ours) {
        return None;
    }
    let walk = Walk::new(inputs, function)?;
    let mut built = Found { function, effects: Vec::new(), resources: Vec::new() };
    for call in inputs.calls(function) {
        let at = call.expression;
        for does in inputs.does(function, call) {
            let path = super::knows::external_path(&call.target, inputs.resolved).unwrap_or_default();
            let seen = Seen { walk: &walk, at, path, callers, bounded_waits };
            if let Some(kind) = effect(does, &seen) {
                let when = walk.when(at);
                let effect = Effect { kind, place: walk.place(at), what: path.to_string(), once: when.once, spawned: when.spawned };
                built.effects.push(effect);
            }
            built.resources.extend(resource(does, &seen));
        }
    }
    Some(built)
}

/// A connection of its own for `VACUUM INTO`, a lock or a session setting is on purpose.
fn for_maintenance(backend: &mut Backend) {
    let only_control = |function| {
        let mut statements = backend.data_access_in(function).peekable();
        statements.peek().is_some() && statements.all(|access| access.control)
    };
    let connections = backend.resources.iter().map(|one| one.kind == ResourceKind::Connection && only_control(one.function));
    let dedicated: Vec<bool> = connections.collect();
    backend.resources.iter_mut().zip(dedicated).for_each(|(resource, dedicated)| resource.dedicated |= dedicated);
}

/// A call that builds or takes something.
pub(super) struct Seen<'s, 'a> {
    pub walk: &'s Walk<'a>,
    pub at: ExprId,
    path: &'s str,
    callers: &'s Callers,
    /// Libraries whose waits for a connection are bounded where they are made.
    bounded_waits: &'s BTreeMap<String, Evidence>,
}

fn is_ours(does: &Does) -> bool {
    matches!(
        does,
        Does::PoolNew(_)
            | Does::Connect(_)
            | Does::Acquire(_)
            | Does::Begin(_)
            | Does::Migrate
            | Does::ClientNew(_)
            | Does::CacheNew(_)
            | Does::Consumes
    )
}

fn effect(does: &Does, seen: &Seen) -> Option<EffectKind> {
    Some(match does {
        Does::PoolNew(_) => EffectKind::PoolNew,
        Does::Connect(connect) if is_cache(&system_of_connection(connect, seen)) => EffectKind::CacheConnect,
        Does::Connect(_) => EffectKind::Connect,
        Does::Acquire(_) => EffectKind::Acquire,
        Does::Begin(_) => EffectKind::Begin,
        Does::Migrate => EffectKind::Migrate,
        Does::ClientNew(_) => EffectKind::ClientNew,
        _ => return None,
    })
}

fn resource(does: &Does, seen: &Seen) -> Option<Resource> {
    match does {
        Does::PoolNew(new) => Some(pool(new, seen)),
        Does::Connect(connect) => Some(connection(connect, seen)),
        Does::ClientNew(new) => client(new, seen),
        Does::CacheNew(new) if new.store == "process" => Some(cache(new, seen)),
        Does::Consumes => Some(blank(ResourceKind::QueueConsumer, "queue".into(), seen)),
        _ => None,
    }
}

fn blank(kind: ResourceKind, system: String, seen: &Seen) -> Resource {
    Resource {
        kind,
        library: first_segment(seen.path).to_string(),
        system,
        type_path: type_built(seen).unwrap_or_else(|| parent_path(seen.path).trim_end_matches("Builder").to_string()),
        function: super::function::id(seen.walk.function),
        place: seen.walk.place(seen.at),
        built: Built::Unknown("where it is built was not looked at".into()),
        settings: BTreeMap::new(),
        limits: None,
        acquire_timeout: Truth::default(),
        capacity: Truth::default(),
        expiry: Truth::default(),
        dedicated: false,
        per_request_settings: false,
        stored: false,
        per_worker: None,
        shared: None,
    }
}

fn pool(new: &PoolNew, seen: &Seen) -> Resource {
    let settings = Settings::of(seen.walk, seen.at);
    let system = if new.database.is_empty() { system_built(seen) } else { new.database.clone() };
    Resource {
        acquire_timeout: acquire_timeout(new, &settings, seen),
        limits: Some(pool_limits::of(new, &settings, seen)),
        settings: settings.texts(),
        dedicated: is_in_memory(seen),
        per_request_settings: arguments_depend_on_request(seen),
        ..blank(ResourceKind::Pool, system, seen)
    }
}

/// Whether a caller waits for a free connection at most so long.
fn acquire_timeout(new: &PoolNew, settings: &Settings, seen: &Seen) -> Truth {
    let library = first_segment(seen.path);
    if let Some(setting) = settings.get("acquire_timeout") {
        return timeout_value(seen, setting);
    }
    if let Some(setting) = settings.fields.get("timeouts").or_else(|| settings.fields.get("wait")) {
        return timeout_value(seen, setting);
    }
    let default = match new.default_acquire_timeout {
        None => Some(Truth::Unknown(format!("what `{library}` does when no connection is free is not known"))),
        Some(0) => None,
        Some(seconds) => Some(Truth::Yes(Evidence { place: None, what: format!("`{library}` gives up after {seconds} s by default") })),
    };
    if let Some(default) = default {
        return default;
    }
    if let Some(evidence) = seen.bounded_waits.get(library) {
        return Truth::Yes(evidence.clone());
    }
    if let Some(hidden) = &settings.hidden {
        return Truth::Unknown(format!("the pool's options come from `{hidden}`"));
    }
    if new.configured && !settings.fields.contains_key("pool") && !is_made_here(seen) {
        return Truth::Unknown("the pool's options come from a configuration value".into());
    }
    Truth::No(format!("no timeout is set while it is built, and `{library}` has none by default"))
}

fn timeout_value(seen: &Seen, setting: &Setting) -> Truth {
    match setting.text.as_str() {
        "None" => Truth::No("its timeout is set to `None`".into()),
        "Timeouts::default()" | "Timeouts::new()" | "Default::default()" => {
            Truth::No(format!("its timeouts are `{}`, which are none", setting.text))
        }
        text => {
            Truth::Yes(Evidence::at(if text == "?" { seen.walk.place(seen.at) } else { setting.place }, format!("waits at most `{text}`")))
        }
    }
}

/// Whether the configuration a pool is created from is written out in this body: `let mut config = Config::new();`.
pub(super) fn is_made_here(seen: &Seen) -> bool {
    let ExpressionKind::MethodCall { receiver, .. } = seen.walk.kind(seen.at) else { return false };
    let base = seen.walk.same_thing(*receiver);
    let value = seen.walk.bound_value(base).unwrap_or(base);
    match seen.walk.kind(seen.walk.same_thing(value)) {
        ExpressionKind::Call { .. } => {
            seen.walk.callee_name(seen.walk.same_thing(value)).is_some_and(|name| ["new", "default", "from_url"].contains(&name))
        }
        ExpressionKind::Struct { rest, .. } => rest.is_none_or(|rest| seen.walk.callee_name(seen.walk.same_thing(rest)) == Some("default")),
        _ => false,
    }
}

/// Libraries for which some connection is taken with a bound of its own: `timeout_get`, `tokio::time::timeout(.., pool.get())`.
fn bounded_waits(inputs: &Inputs) -> BTreeMap<String, Evidence> {
    let mut bounded = BTreeMap::new();
    let takes = |function: &FunctionId| inputs.all_does(*function).any(|does| matches!(does, Does::Acquire(_)));
    for function in inputs.own_functions().filter(takes) {
        for call in inputs.calls(function) {
            let takes = inputs.does(function, call).iter().find_map(|does| match does {
                Does::Acquire(acquire) => Some(acquire),
                _ => None,
            });
            let Some(acquire) = takes else { continue };
            let path = super::knows::external_path(&call.target, inputs.resolved).unwrap_or_default();
            let Some(walk) = Walk::new(inputs, function) else { continue };
            if acquire.bounded || is_inside_timeout(&walk, call.expression) {
                let evidence = Evidence::at(call.place, "the wait is bounded where the connection is taken");
                bounded.entry(first_segment(path).to_string()).or_insert(evidence);
            }
        }
    }
    bounded
}

fn is_inside_timeout(walk: &Walk, at: ExprId) -> bool {
    walk.around(at).any(|outer| matches!(walk.kind(outer), ExpressionKind::Call { .. }) && walk.callee_name(outer) == Some("timeout"))
}

fn connection(connect: &Connect, seen: &Seen) -> Resource {
    let system = system_of_connection(connect, seen);
    let kind = if is_cache(&system) { ResourceKind::CacheConnection } else { ResourceKind::Connection };
    Resource {
        dedicated: connect.dedicated || is_in_memory(seen),
        per_request_settings: arguments_depend_on_request(seen) || configuration_depends_on_request(seen),
        settings: Settings::of(seen.walk, seen.at).texts(),
        ..blank(kind, system, seen)
    }
}

fn system_of_connection(connect: &Connect, seen: &Seen) -> String {
    if connect.database.is_empty() { system_built(seen) } else { connect.database.clone() }
}

fn is_cache(system: &str) -> bool {
    matches!(system, "redis" | "memcached")
}

fn client(new: &ClientNew, seen: &Seen) -> Option<Resource> {
    let (kind, system) = match new.system {
        System::Http => (ResourceKind::HttpClient, "http"),
        System::Grpc => (ResourceKind::GrpcClient, "grpc"),
        System::Smtp => (ResourceKind::SmtpClient, "smtp"),
        System::ObjectStore => (ResourceKind::ObjectStoreClient, "object_store"),
        System::Queue => (ResourceKind::QueueProducer, "queue"),
        // Clients of other services: their cost is not known well enough to speak of.
        System::Search | System::Cloud => return None,
    };
    let settings = Settings::of(seen.walk, seen.at);
    let own = settings.get("identity").and_then(|setting| setting.value);
    let identity = own.is_some_and(|(function, value)| {
        Walk::new(seen.walk.inputs, function).is_none_or(|walk| seen.callers.depends_on_request(&walk, value))
    });
    // `reqwest::get(url)`: what it is given is sent, and says nothing of the client.
    let sends = seen.walk.does(seen.at).iter().any(|does| matches!(does, Does::Sends { .. }));
    Some(Resource {
        per_request_settings: identity || !sends && arguments_depend_on_request(seen) || chain_depends(seen),
        settings: settings.texts(),
        ..blank(kind, system.into(), seen)
    })
}

/// `SmtpTransport::relay(host).credentials(..).build()`: what the chain was given.
fn chain_depends(seen: &Seen) -> bool {
    let mut at = seen.at;
    while let ExpressionKind::MethodCall { receiver, .. } = seen.walk.kind(at) {
        at = seen.walk.same_thing(*receiver);
        let depends = |argument: &ExprId| seen.callers.depends_on_request(seen.walk, *argument);
        // Credentials and servers tell clients apart; names, sizes and times do not.
        let tells = matches!(
            seen.walk.callee_name(at),
            Some("relay" | "starttls_relay" | "builder_dangerous" | "from_url" | "credentials" | "create_channel" | "from_shared")
        );
        if tells && seen.walk.arguments(at).iter().any(depends) {
            return true;
        }
    }
    false
}

fn arguments_depend_on_request(seen: &Seen) -> bool {
    seen.walk.arguments(seen.at).iter().any(|argument| seen.callers.depends_on_request(seen.walk, *argument))
}

/// A call in the same crate that makes room in a cache of this library: `pop_lru`, `resize`.
fn evicted_by_hand(inputs: &Inputs, function: FunctionId, library: &str) -> Option<String> {
    const MAKES_ROOM: &[&str] = &["pop_lru", "pop_mru", "peek_lru", "resize", "evict", "evict_one", "evict_oldest", "remove_lru", "flush"];
    let krate = inputs.resolved.functions[function.0 as usize].krate;
    let same_crate = inputs.own_functions().filter(|id| inputs.resolved.functions[id.0 as usize].krate == krate);
    same_crate.flat_map(|id| inputs.calls(id).iter().map(move |call| (id, call))).find_map(|(id, call)| {
        let ExpressionKind::MethodCall { receiver, name, .. } = &inputs.body(id)?[call.expression].kind else { return None };
        let of_library = || inputs.type_path(inputs.type_of(id, *receiver)).is_some_and(|path| first_segment(path) == library);
        (MAKES_ROOM.contains(&name.as_str()) && of_library()).then(|| name.to_string())
    })
}

/// `let mut config: Config = text.parse()?; config.connect(NoTls)`: what the configuration was made of.
fn configuration_depends_on_request(seen: &Seen) -> bool {
    let ExpressionKind::MethodCall { receiver, .. } = seen.walk.kind(seen.at) else { return false };
    let base = seen.walk.same_thing(*receiver);
    let value = seen.walk.bound_value(base).map_or(base, |value| seen.walk.same_thing(value));
    let given: Vec<ExprId> = match seen.walk.kind(value) {
        ExpressionKind::Call { arguments, .. } => arguments.clone(),
        ExpressionKind::MethodCall { receiver, name, .. } if name == "parse" => vec![*receiver],
        _ => Vec::new(),
    };
    given.iter().any(|argument| seen.callers.depends_on_request(seen.walk, *argument))
}

fn cache(new: &CacheNew, seen: &Seen) -> Resource {
    let settings = Settings::of(seen.walk, seen.at);
    let bound = |key: &str, what: &str| {
        settings.get(key).map(|setting| Truth::Yes(Evidence::at(setting.place, format!("{what} `{}`", setting.text))))
    };
    let evicted = || evicted_by_hand(seen.walk.inputs, seen.walk.function, first_segment(seen.path));
    let absent = |what: &str| match (&settings.hidden, evicted()) {
        (Some(hidden), _) => Truth::Unknown(format!("its options come from `{hidden}`")),
        (None, Some(by)) => Truth::Unknown(format!("`{by}` takes entries out")),
        (None, None) => Truth::No(format!("no {what} is set")),
    };
    let constructed = |argument: Option<usize>, what: &str| {
        let given = *seen.walk.arguments(seen.at).get(argument?)?;
        Some(Truth::Yes(Evidence::at(seen.walk.place(given), format!("{what} `{}`", seen.walk.text(given)))))
    };
    let capacity = constructed(new.capacity, "holds at most").or_else(|| bound("capacity", "holds at most"));
    let expiry = constructed(new.expiry, "expires after").or_else(|| bound("ttl", "expires after"));
    let expiry = expiry.or_else(|| bound("tti", "expires when idle for"));
    Resource {
        capacity: capacity
            .unwrap_or_else(|| if new.unbounded { absent("capacity") } else { Truth::Unknown("its size was not seen".into()) }),
        expiry: expiry.unwrap_or_else(|| absent("expiry")),
        settings: settings.texts(),
        ..blank(ResourceKind::Cache, "process".into(), seen)
    }
}

/// `:memory:` databases live as long as their connection.
fn is_in_memory(seen: &Seen) -> bool {
    seen.walk.arguments(seen.at).iter().any(|argument| text_of(seen.walk, *argument).text.contains(":memory:"))
}

fn system_built(seen: &Seen) -> String {
    let own = system_of(seen.walk.inputs, seen.walk.inputs.type_of(seen.walk.function, seen.at));
    own.or_else(|| around_type(seen))
        .or_else(|| seen.walk.arguments(seen.at).first().and_then(|url| system_of_url(&text_of(seen.walk, *url).text)))
        .or_else(|| system_of_path(seen.path))
        .unwrap_or_default()
}

/// The type after `.await` and `?`, or of the local it is bound to.
fn around_type(seen: &Seen) -> Option<String> {
    let outer = seen.walk.around(seen.at).take(4).take_while(|outer| {
        matches!(seen.walk.kind(*outer), ExpressionKind::Await(_) | ExpressionKind::Try(_) | ExpressionKind::MethodCall { .. })
    });
    outer.into_iter().find_map(|outer| system_of(seen.walk.inputs, seen.walk.inputs.type_of(seen.walk.function, outer)))
}

fn type_built(seen: &Seen) -> Option<String> {
    let inputs = seen.walk.inputs;
    let outer = seen.walk.around(seen.at).take(3).take_while(|outer| {
        matches!(seen.walk.kind(*outer), ExpressionKind::Await(_) | ExpressionKind::Try(_) | ExpressionKind::MethodCall { .. })
    });
    let types = std::iter::once(seen.at).chain(outer).map(|at| inputs.type_of(seen.walk.function, at));
    types.filter_map(|ty| type_with_role(inputs, ty, 10)).next().map(str::to_string)
}

/// The first type, from the outside in, that knowledge gives a role other than being seen through.
fn type_with_role<'a>(inputs: &Inputs<'a>, ty: &'a Ty, depth: usize) -> Option<&'a str> {
    let arguments = match ty {
        Ty::Reference(inner) if depth > 0 => return type_with_role(inputs, inner, depth - 1),
        Ty::Adt(_, arguments) | Ty::External(_, arguments) => arguments,
        _ => return None,
    };
    let path = inputs.type_path(ty)?;
    let roles = inputs.knowledge.type_roles(path, None);
    if roles.iter().any(|role| !matches!(role, TypeRole::Transparent | TypeRole::Lock | TypeRole::Extractor)) {
        return Some(path);
    }
    arguments.iter().filter(|_| depth > 0).find_map(|argument| type_with_role(inputs, argument, depth - 1))
}

/// The database system that a type speaks of, by the types inside it.
pub(super) fn system_of(inputs: &Inputs, ty: &Ty) -> Option<String> {
    match ty {
        Ty::Reference(inner) | Ty::Slice(inner) | Ty::Array(inner) => system_of(inputs, inner),
        Ty::Tuple(parts) => parts.iter().find_map(|part| system_of(inputs, part)),
        Ty::Adt(_, arguments) | Ty::External(_, arguments) => {
            let own = inputs.type_path(ty).and_then(system_of_path);
            own.or_else(|| arguments.iter().find_map(|argument| system_of(inputs, argument)))
        }
        Ty::Opaque(bounds) | Ty::Dyn(bounds) => {
            bounds.iter().flat_map(|bound| bound.bindings.iter()).find_map(|(_, ty)| system_of(inputs, ty))
        }
        _ => None,
    }
}

fn system_of_path(path: &str) -> Option<String> {
    const WORDS: &[(&str, &str)] = &[
        ("sqlx::Postgres", "postgres"),
        ("sqlx::MySql", "mysql"),
        ("sqlx::Sqlite", "sqlite"),
        ("sqlx::Pg", "postgres"),
        ("sqlx::postgres", "postgres"),
        ("sqlx::sqlite", "sqlite"),
        ("sqlx::mysql", "mysql"),
        ("PgConnection", "postgres"),
        ("MysqlConnection", "mysql"),
        ("SqliteConnection", "sqlite"),
        ("tokio_postgres::", "postgres"),
        ("deadpool_postgres::", "postgres"),
        ("bb8_postgres::", "postgres"),
        ("r2d2_postgres::", "postgres"),
        ("postgres::", "postgres"),
        ("rusqlite::", "sqlite"),
        ("r2d2_sqlite::", "sqlite"),
        ("deadpool_sqlite::", "sqlite"),
        ("libsql::", "sqlite"),
        ("mysql_async::", "mysql"),
        ("mysql::", "mysql"),
        ("deadpool_redis::", "redis"),
        ("bb8_redis::", "redis"),
        ("r2d2_redis::", "redis"),
        ("redis::", "redis"),
        ("mongodb::", "mongodb"),
    ];
    WORDS
        .iter()
        .find(|(word, _)| path.starts_with(word) || !word.contains("::") && path.ends_with(word))
        .map(|(_, system)| system.to_string())
}

fn system_of_url(url: &str) -> Option<String> {
    let scheme = url.split(':').next()?;
    let known = [
        ("postgres", "postgres"),
        ("postgresql", "postgres"),
        ("mysql", "mysql"),
        ("sqlite", "sqlite"),
        ("redis", "redis"),
        ("rediss", "redis"),
    ];
    known.iter().find(|(name, _)| *name == scheme).map(|(_, system)| system.to_string())
}

fn parent_path(path: &str) -> &str {
    path.rsplit_once("::").map_or(path, |(parent, _)| parent)
}
