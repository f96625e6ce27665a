//! Reads and writes of caches: which key, whether the entry expires, and whether a database stands behind it.

use super::Inputs;
use super::text::text_of;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, MacroArguments};
use crate::knowledge::{self, Does};
use crate::model::{Backend, CacheOperation, CacheOperationKind, CacheWrite, Effect, EffectKind, Evidence, FunctionId, Operation, Truth};
use crate::resolve::{Container, Ty};
use crate::source::Place;

pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let mut touched: Vec<Touch> = Vec::new();
    for function in inputs.own_functions() {
        if !inputs.all_does(function).any(is_ours) {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        touched.extend(touches(&walk));
    }
    for touch in &touched {
        if let Some(kind) = touch.effect() {
            let effect = Effect { kind, place: touch.place, what: touch.what.clone(), once: false, spawned: touch.spawned };
            backend.functions[touch.function.0 as usize].effects.push(effect);
        }
    }
    let writes: Vec<CacheWrite> = touched.iter().filter_map(|touch| write(inputs, touch, &touched, backend)).collect();
    backend.cache_writes = writes;
    backend.cache_operations = touched.into_iter().map(operation).collect();
}

fn operation(touch: Touch) -> CacheOperation {
    let kind = match touch.kind {
        TouchKind::Read => CacheOperationKind::Read,
        TouchKind::Write(_) => CacheOperationKind::Write,
        TouchKind::Remove => CacheOperationKind::Remove,
        TouchKind::Expire => CacheOperationKind::Expire,
        TouchKind::Walk => CacheOperationKind::Walk,
        TouchKind::Flush => CacheOperationKind::Flush,
    };
    CacheOperation {
        function: touch.function,
        place: touch.place,
        library: touch.what.split("::").next().unwrap_or_default().to_string(),
        command: touch.command,
        kind,
        key: touch.key,
        store: touch.store,
        remote: touch.remote,
        spawned: touch.spawned,
        pipelined: touch.what.contains("::Pipeline"),
    }
}

/// One operation on a cache.
struct Touch {
    function: FunctionId,
    at: ExprId,
    place: Place,
    what: String,
    /// `set_ex`, `KEYS`.
    command: String,
    key: String,
    store: String,
    kind: TouchKind,
    spawned: bool,
    /// In a server of its own, not in this process.
    remote: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum TouchKind {
    Read,
    Write(Truth),
    Remove,
    Expire,
    Walk,
    Flush,
}

impl Touch {
    fn effect(&self) -> Option<EffectKind> {
        match self.kind {
            TouchKind::Read | TouchKind::Walk => Some(EffectKind::CacheRead),
            TouchKind::Write(_) | TouchKind::Remove | TouchKind::Flush => Some(EffectKind::CacheWrite),
            TouchKind::Expire => None,
        }
    }
}

fn is_ours(does: &Does) -> bool {
    matches!(
        does,
        Does::CacheRead
            | Does::CacheWrite(_)
            | Does::CacheRemove
            | Does::CacheExpire
            | Does::CacheWalk
            | Does::CacheFlush
            | Does::CacheCommand(_)
    )
}

fn touches(walk: &Walk) -> Vec<Touch> {
    let mut touches = Vec::new();
    for call in walk.inputs.calls(walk.function) {
        let at = call.expression;
        let path = super::knows::external_path(&call.target, walk.inputs.resolved).unwrap_or_default();
        for does in walk.inputs.does(walk.function, call) {
            let Some((kind, key)) = touch_kind(walk, at, does) else { continue };
            touches.push(Touch {
                function: super::function::id(walk.function),
                at,
                place: walk.place(at),
                what: path.to_string(),
                command: command_name(walk, at, does),
                key: key.map(|key| key_of(walk, key)).unwrap_or_default(),
                store: store_of(walk, at).unwrap_or_default(),
                kind,
                spawned: walk.when(at).spawned,
                remote: ["redis", "fred", "memcache", "async_memcached"].contains(&path.split("::").next().unwrap_or_default()),
            });
        }
    }
    touches
}

/// `sessions: moka::future::Cache<String, Session>`: what the receiver is called, and its type.
fn store_of(walk: &Walk, at: ExprId) -> Option<String> {
    let ExpressionKind::MethodCall { receiver, .. } = walk.kind(at) else { return None };
    let store = walk.same_thing(*receiver);
    let name = match walk.kind(store) {
        ExpressionKind::Field { name, .. } => name.as_str(),
        ExpressionKind::Path(path) => path.last()?,
        _ => return None,
    };
    let mut ty = walk.inputs.type_of(walk.function, *receiver);
    while let Ty::Reference(inner) = ty {
        ty = inner;
    }
    (!matches!(ty, Ty::Unknown)).then(|| format!("{}: {ty:?}", name.to_ascii_lowercase()))
}

fn touch_kind(walk: &Walk, at: ExprId, does: &Does) -> Option<(TouchKind, Option<ExprId>)> {
    let first = walk.arguments(at).first().copied();
    match does {
        Does::CacheRead => Some((TouchKind::Read, first)),
        Does::CacheRemove => Some((TouchKind::Remove, first)),
        Does::CacheExpire => Some((TouchKind::Expire, first)),
        Does::CacheWalk => Some((TouchKind::Walk, first)),
        Does::CacheFlush => Some((TouchKind::Flush, None)),
        Does::CacheWrite(write) => {
            let key = write.key.and_then(|key| walk.arguments(at).get(key).copied());
            Some((TouchKind::Write(expiry(walk, at, write)), key))
        }
        Does::CacheCommand(command) => raw_command(walk, at, *walk.arguments(at).get(command.name)?),
        _ => None,
    }
}

/// `set_ex`, or the name given to `cmd`.
fn command_name(walk: &Walk, at: ExprId, does: &Does) -> String {
    let named = match does {
        Does::CacheCommand(command) => walk.arguments(at).get(command.name).map(|name| text_of(walk, *name).text.to_ascii_uppercase()),
        _ => None,
    };
    named.or_else(|| walk.callee_name(at).map(str::to_string)).unwrap_or_default()
}

fn expiry(walk: &Walk, at: ExprId, write: &knowledge::CacheWrite) -> Truth {
    let argument = |index: Option<usize>| index.and_then(|index| walk.arguments(at).get(index).copied());
    if let Some(value) = argument(write.expiry) {
        return match walk.text(value).as_str() {
            "None" | "0" => Truth::No(format!("its expiry is `{}`", walk.text(value))),
            text if text.starts_with("Some") || !is_option(walk, value) => {
                Truth::Yes(Evidence::at(walk.place(value), format!("expires after `{text}`")))
            }
            text => Truth::Unknown(format!("`{text}` may be `None`")),
        };
    }
    if let Some(options) = argument(write.options) {
        return options_expiry(walk, options);
    }
    Truth::No("the command takes no expiry".into())
}

fn is_option(walk: &Walk, value: ExprId) -> bool {
    walk.inputs.type_path(walk.inputs.type_of(walk.function, value)).is_some_and(|path| path.ends_with("::Option"))
}

/// `SetOptions::default().with_expiration(..)`, also through a local.
fn options_expiry(walk: &Walk, options: ExprId) -> Truth {
    let given = walk.same_thing(options);
    let built = walk.bound_value(given).map_or(given, |bound| walk.same_thing(bound));
    let settings = super::settings::Settings::of(walk, built);
    if let Some(set) = settings.get("ttl") {
        return Truth::Yes(Evidence::at(set.place, format!("expires after `{}`", set.text)));
    }
    match walk.kind(built) {
        // A constant, a parameter, a field: what was set on it is set elsewhere.
        ExpressionKind::Path(_) | ExpressionKind::Field { .. } => Truth::Unknown(format!("the options are `{}`", walk.text(built))),
        _ if settings.hidden.is_some() => Truth::Unknown("the options come from elsewhere".into()),
        _ => Truth::No("its options set no expiry".into()),
    }
}

/// `redis::cmd("SET").arg(key).arg(value).arg("EX").arg(60)`.
fn raw_command(walk: &Walk, at: ExprId, name: ExprId) -> Option<(TouchKind, Option<ExprId>)> {
    let name = text_of(walk, name).text.to_ascii_uppercase();
    let arguments = following_arguments(walk, at);
    let key = arguments.first().copied();
    let says = |word: &str| arguments.iter().any(|argument| text_of(walk, *argument).text.eq_ignore_ascii_case(word));
    let expiry = if ["EX", "PX", "EXAT", "PXAT", "KEEPTTL"].iter().any(|word| says(word)) {
        Truth::Yes(Evidence::at(walk.place(at), "the command sets an expiry"))
    } else {
        Truth::No(format!("`{name}` is given no expiry"))
    };
    let kind = match name.as_str() {
        "GET" | "MGET" | "HGET" | "HGETALL" | "EXISTS" | "GETEX" => TouchKind::Read,
        "SET" | "MSET" | "HSET" | "JSON.SET" => TouchKind::Write(expiry),
        "SETEX" | "PSETEX" => TouchKind::Write(Truth::Yes(Evidence::at(walk.place(at), "the command takes an expiry"))),
        "DEL" | "UNLINK" => TouchKind::Remove,
        "EXPIRE" | "PEXPIRE" | "EXPIREAT" | "PEXPIREAT" => TouchKind::Expire,
        "KEYS" => TouchKind::Walk,
        "FLUSHALL" | "FLUSHDB" => TouchKind::Flush,
        _ => return None,
    };
    Some((kind, key))
}

/// What `.arg(..)` calls after this one give, in order.
fn following_arguments(walk: &Walk, command: ExprId) -> Vec<ExprId> {
    let mut arguments = Vec::new();
    let mut inner = command;
    for outer in walk.around(command) {
        match walk.kind(outer) {
            ExpressionKind::MethodCall { receiver, name, arguments: own, .. } if *receiver == inner && name == "arg" => {
                arguments.extend(own.first())
            }
            ExpressionKind::MethodCall { receiver, .. } if *receiver == inner => break,
            ExpressionKind::Reference { .. } => {}
            _ => break,
        }
        inner = outer;
    }
    arguments
}

/// The key as written, with holes: text where it is known, `{}` where it is not.
fn key_of(walk: &Walk, key: ExprId) -> String {
    let known = text_of(walk, key);
    if known.says_something() {
        return known.text;
    }
    let value = walk.same_thing(key);
    match walk.kind(value) {
        // `cache_key(id)`, `CacheKey::new(id)`: the way the key is made tells keys apart as well as text does.
        ExpressionKind::Call { .. } | ExpressionKind::MethodCall { .. } => {
            walk.callee_name(value).map_or_else(|| "{}".into(), |name| format!("{name}(..)"))
        }
        ExpressionKind::Path(path) => match walk.bound_value(value) {
            Some(bound) if bound != value => key_of(walk, bound),
            _ => path.single().map_or_else(|| path.text(), |name| format!("{{{name}}}")),
        },
        ExpressionKind::Field { name, .. } => format!("{{{name}}}"),
        ExpressionKind::Macro(call) => match &call.arguments {
            MacroArguments::Expressions(arguments) => arguments.first().map_or_else(String::new, |(_, first)| text_of(walk, *first).text),
            _ => "{}".into(),
        },
        _ => "{}".into(),
    }
}

fn write(inputs: &Inputs, touch: &Touch, touched: &[Touch], backend: &Backend) -> Option<CacheWrite> {
    let TouchKind::Write(expiry) = &touch.kind else { return None };
    if !touch.remote {
        return None;
    }
    let same_function = || touched.iter().filter(|other| other.function == touch.function);
    let expires_later = same_function().find(|other| other.kind == TouchKind::Expire && (other.key == touch.key || other.at > touch.at));
    let expiry = match (expiry, expires_later) {
        (Truth::No(_), Some(later)) => Truth::Yes(Evidence::at(later.place, "the entry's expiry is set afterwards")),
        (expiry, _) => expiry.clone(),
    };
    let aside = cache_aside(inputs, touch, touched, backend);
    Some(CacheWrite {
        function: touch.function,
        place: touch.place,
        library: touch.what.split("::").next().unwrap_or_default().to_string(),
        key: touch.key.clone(),
        expiry,
        read_by: aside.as_ref().ok().map(|(reader, _)| *reader),
        cache_aside: aside.map_or_else(Truth::No, |(_, source)| Truth::Yes(source)),
    })
}

/// Whether the same key is read first, in the function or in one that calls it, with a database or another system asked in between.
/// Gives the reader and the source, or why there is none.
fn cache_aside(inputs: &Inputs, touch: &Touch, touched: &[Touch], backend: &Backend) -> Result<(FunctionId, Evidence), String> {
    let callers = || {
        let calling =
            backend.functions.iter().enumerate().filter(|(_, function)| function.calls.iter().any(|call| call.to == touch.function));
        calling.map(|(at, _)| FunctionId(at as u32)).take(32)
    };
    let around: Vec<FunctionId> = std::iter::once(touch.function).chain(callers()).collect();
    let near: Vec<FunctionId> =
        around.iter().flat_map(|id| std::iter::once(*id).chain(backend.function(*id).calls.iter().map(|call| call.to))).collect();
    let read = touched.iter().find(|other| {
        other.kind == TouchKind::Read && other.remote && near.contains(&other.function) && is_same_key(&other.key, &touch.key)
    });
    let Some(read) = read else { return Err("nothing near it reads the same key first".into()) };
    // The source must be asked where the miss is handled, not by the reader of the cache itself.
    let asked = around.iter().flat_map(|id| backend.reached(*id).functions).filter(|id| !is_alternative(inputs, touch.function, *id));
    let source = asked.into_iter().find_map(|id| {
        let effects = backend.function(id).effects.iter();
        let mut sources = effects.filter(|effect| SOURCES.contains(&effect.kind) && !is_write(backend, id, effect));
        sources.next().map(|effect| (effect.place, effect.what.clone()))
    });
    match source {
        Some((place, what)) => {
            let what = format!("on a miss the data comes from here (`{what}`), and `{}` is read first", read.key);
            Ok((read.function, Evidence::at(place, what)))
        }
        None => Err("no database or other system is asked when the key is missing".into()),
    }
}

pub(super) const SOURCES: &[EffectKind] =
    &[EffectKind::Sql, EffectKind::Document, EffectKind::Http, EffectKind::Grpc, EffectKind::ObjectStore];

/// Whether the other is what takes the place of this one where another store is configured: both implement one trait, for two types.
fn is_alternative(inputs: &Inputs, one: FunctionId, other: FunctionId) -> bool {
    let implements = |id: FunctionId| match inputs.resolved.functions.get(id.0 as usize)?.container {
        Container::Impl(id) => Some((id, inputs.resolved.impls[id.0 as usize].trait_.as_ref()?.as_ref().ok()?)),
        _ => None,
    };
    matches!((implements(one), implements(other)), (Some((one, of)), Some((other, also))) if one != other && of == also)
}

/// A statement that is known to write only: a miss is not answered by it.
fn is_write(backend: &Backend, function: FunctionId, effect: &Effect) -> bool {
    let mut here = backend.data_access_in(function).filter(|access| access.place == effect.place);
    here.next().is_some_and(|access| matches!(access.operation, Operation::Insert | Operation::Update | Operation::Delete))
}

/// Keys that are nothing but a hole say nothing.
fn is_same_key(read: &str, written: &str) -> bool {
    read == written && !matches!(written, "" | "{}")
}
