//! Which pool each query runs on, where one of the workspace's pools is a replica's.
//!
//! The configuration's word comes first, then names: of the field, function, parameter, variable, static or type that holds or gives the
//! pool. A value is followed back to such a name through locals, accessors and callers. What cannot be told is unknown.

use super::connection_type::library as library_of;
use super::failure::is_handed_on;
use super::nested::KEEPS;
use super::origin::{Callers, binds, taken_apart};
use super::pool_words::{Said, shows_a_replica};
use super::walk::Walk;
use super::{Inputs, function};
use crate::facts::{ExprId, ExpressionKind, Literal};
use crate::knowledge::{Does, TypeRole};
use crate::model::{Backend, Chain, DeclaredPool, PoolRole, PoolUse, UnmatchedPattern};
use crate::resolve::{AdtId, Container, Definition, FunctionId, Target, Ty};
use crate::source::Place;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;

/// `executors`: for each access, the expression that names what runs it.
pub(super) fn add(inputs: &Inputs, executors: &[Option<ExprId>], backend: &mut Backend) {
    if !has_replica(inputs) {
        return;
    }
    let pools = Pools { inputs, callers: Callers::of(inputs), known: RefCell::default(), open: RefCell::default() };
    for (at, executor) in executors.iter().enumerate() {
        let access = &backend.data_accesses[at];
        let (Some(executor), Some(walk)) = (executor, Walk::new(inputs, FunctionId(access.function.0))) else { continue };
        // A file has no replica.
        if access.library == "rusqlite" {
            continue;
        }
        for origin in pools.origins(&walk, *executor, LONGEST_WAY) {
            let Origin { role, pool, place, why, functions, calls, fails } = origin;
            let has_to_succeed = fails && is_handed_on(&walk, *executor);
            backend.pool_uses.push(PoolUse { access: at, role, pool, place, chain: Chain { functions, calls }, why, has_to_succeed });
        }
    }
    if !backend.pool_uses.iter().any(|one| one.role == PoolRole::Replica) {
        backend.pool_uses.clear();
    }
}

/// Names of the configuration that nothing has.
pub(super) fn unmatched(inputs: &Inputs) -> Vec<UnmatchedPattern> {
    let declared = &inputs.declared.pools;
    if declared.is_empty() {
        return Vec::new();
    }
    let all: FxHashSet<&str> = names(inputs).collect();
    let missing = declared.iter().filter(|pool| !all.contains(pool.name.as_str()));
    missing
        .map(|pool| {
            let near = crate::words::did_you_mean(&pool.name, all.iter().copied());
            UnmatchedPattern {
                span: pool.span,
                message: format!("`data.pools`: no field, function, parameter, static or type is called `{}`", pool.name),
                help: near.map_or(String::new(), |name| format!("did you mean `{name}`?")),
            }
        })
        .collect()
}

/// Values, accessors and calls that are followed back to a name.
const LONGEST_WAY: usize = 12;
/// Ways to one query that are told apart.
const MOST_WAYS: usize = 200;

/// Whether anything at all shows that there is a replica: most workspaces have none, and nothing is followed there.
fn has_replica(inputs: &Inputs) -> bool {
    !inputs.declared.pools.is_empty() || names(inputs).any(shows_a_replica)
}

/// Of fields, types, functions, parameters and statics.
fn names<'a>(inputs: &'a Inputs) -> impl Iterator<Item = &'a str> {
    let resolved = inputs.resolved;
    let is_own = |module: crate::resolve::ModuleId| resolved.crates[resolved.modules[module.0 as usize].krate.0 as usize].source.is_some();
    let adts = resolved.adts.iter().filter(move |adt| is_own(adt.module));
    let fields = adts.flat_map(|adt| {
        let fields = adt.variants.iter().flat_map(|variant| variant.fields.iter().map(|field| field.name.as_str()));
        std::iter::once(adt.name.as_str()).chain(fields)
    });
    let functions = inputs.own_functions().map(|id| &resolved.functions[id.0 as usize]).flat_map(|function| {
        let parameters = function.facts.iter().flat_map(|facts| facts.parameters.iter().filter_map(|parameter| parameter.name.as_deref()));
        std::iter::once(function.name.as_str()).chain(parameters)
    });
    fields.chain(functions)
}

/// Where a pool is named, and the way from there to the value that was asked about.
#[derive(Clone)]
struct Origin {
    role: PoolRole,
    pool: String,
    place: Place,
    why: &'static str,
    functions: Vec<crate::model::FunctionId>,
    calls: Vec<Place>,
    /// A failure of any of the calls ends the function that makes it.
    fails: bool,
}

/// Kept for each parameter that was asked about: `None` is the receiver.
type Parameter = (FunctionId, Option<usize>);

struct Pools<'a> {
    inputs: &'a Inputs<'a>,
    callers: Callers,
    known: RefCell<FxHashMap<Parameter, Vec<Origin>>>,
    open: RefCell<FxHashSet<Parameter>>,
}

/// What kind of thing reaches a database.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Handle {
    /// A pool, connection or transaction of a library.
    Library,
    /// A type of the workspace that holds one.
    Holder(AdtId),
}

impl Pools<'_> {
    fn origins(&self, walk: &Walk, at: ExprId, depth: usize) -> Vec<Origin> {
        let at = taken_from(walk, at);
        if depth == 0 {
            return vec![unknown(walk, at)];
        }
        match self.said(walk, at) {
            Some(Verdict::Role(role, why)) => return vec![Origin { role, why, ..unknown(walk, at) }],
            Some(Verdict::Unknown) => return vec![unknown(walk, at)],
            None => {}
        }
        match walk.kind(at) {
            ExpressionKind::Field { base, .. } => self.origins(walk, *base, depth - 1),
            ExpressionKind::MethodCall { receiver, .. } => self.of_call(walk, at, Some(*receiver), depth),
            ExpressionKind::Call { .. } => self.of_call(walk, at, None, depth),
            ExpressionKind::Path(path) => match path.single() {
                Some(name) => self.of_local(walk, at, name, depth),
                None => vec![unknown(walk, at)],
            },
            ExpressionKind::Block { tail: Some(tail), .. } => self.origins(walk, *tail, depth - 1),
            ExpressionKind::If { then, otherwise: Some(otherwise), .. } => self.agreed(walk, at, &[*then, *otherwise], depth),
            ExpressionKind::Match { arms, .. } => {
                let bodies: Vec<ExprId> = arms.iter().map(|arm| arm.body).filter(|body| !leaves(walk, *body)).collect();
                self.agreed(walk, at, &bodies, depth)
            }
            ExpressionKind::Struct { fields, .. } => match self.only_handle(walk, fields.iter().map(|(.., value)| *value)) {
                Some(value) => self.origins(walk, value, depth - 1),
                None => vec![unknown(walk, at)],
            },
            _ => vec![unknown(walk, at)],
        }
    }

    /// One of these values, whichever it is.
    fn agreed(&self, walk: &Walk, at: ExprId, values: &[ExprId], depth: usize) -> Vec<Origin> {
        let origins: Vec<Origin> = values.iter().flat_map(|value| self.origins(walk, *value, depth - 1)).collect();
        match origins.first() {
            Some(first) if origins.iter().all(|one| one.role == first.role) => vec![first.clone()],
            _ => vec![unknown(walk, at)],
        }
    }

    /// The one value among these that reaches a database.
    fn only_handle(&self, walk: &Walk, values: impl Iterator<Item = ExprId>) -> Option<ExprId> {
        let mut handles = values.filter(|value| self.handle_at(walk, *value).is_some());
        let only = handles.next()?;
        handles.next().is_none().then_some(only)
    }

    /// `db.pool()`, `get_conn(&pool)`, `Users::new(conn)`.
    fn of_call(&self, walk: &Walk, at: ExprId, receiver: Option<ExprId>, depth: usize) -> Vec<Origin> {
        if let Some(role) = self.given_back(walk, at, depth) {
            return vec![Origin { role, why: "by what it gives back", ..unknown(walk, at) }];
        }
        let values = receiver.into_iter().chain(walk.arguments(at).iter().copied());
        match self.only_handle(walk, values).or(receiver) {
            Some(value) => self.origins(walk, value, depth - 1),
            None => by_address(walk, at)
                .map_or_else(|| vec![unknown(walk, at)], |role| vec![Origin { role, why: "by its address", ..unknown(walk, at) }]),
        }
    }

    /// The role of what an accessor of the workspace gives, where its own body names it.
    fn given_back(&self, walk: &Walk, at: ExprId, depth: usize) -> Option<PoolRole> {
        let Target::Function(callee) = &walk.inputs.call_at(walk.function, at)?.target else { return None };
        if !walk.inputs.has_own_body(*callee) {
            return None;
        }
        let inner = Walk::new(walk.inputs, *callee)?;
        let tail = match inner.kind(inner.body.root) {
            ExpressionKind::Block { tail, .. } => (*tail)?,
            _ => inner.body.root,
        };
        let tail = taken_from(&inner, tail);
        let names_it =
            matches!(inner.kind(tail), ExpressionKind::Field { .. } | ExpressionKind::MethodCall { .. } | ExpressionKind::Path(_));
        match self.said(&inner, tail).filter(|_| names_it && depth > 0)? {
            Verdict::Role(role, _) => Some(role),
            Verdict::Unknown => None,
        }
    }

    fn of_local(&self, walk: &Walk, at: ExprId, name: &str, depth: usize) -> Vec<Origin> {
        if let Some(value) = walk.bound_value(at) {
            let origins = self.origins(walk, value, depth - 1);
            let is_open = origins.iter().all(|one| one.role == PoolRole::Unknown);
            return match self.by_name(walk, at, name, false).filter(|_| is_open) {
                Some(Verdict::Role(role, why)) => vec![Origin { role, why, ..unknown(walk, at) }],
                _ => origins,
            };
        }
        let Some(facts) = walk.inputs.resolved.functions[walk.function.0 as usize].facts.as_ref() else { return vec![unknown(walk, at)] };
        if facts.receiver.is_some() && name == "self" {
            return self.by_callers((walk.function, None), depth).unwrap_or_else(|| vec![unknown(walk, at)]);
        }
        if let Some(index) = facts.parameters.iter().position(|parameter| parameter.name.as_deref() == Some(name)) {
            if let Some(Verdict::Role(role, why)) = self.by_name(walk, at, name, true) {
                return vec![Origin { role, why, ..unknown(walk, at) }];
            }
            return self.by_callers((walk.function, Some(index)), depth).unwrap_or_else(|| vec![unknown(walk, at)]);
        }
        match taken_apart(walk, name).as_slice() {
            [value] => self.origins(walk, *value, depth - 1),
            _ => {
                let is_taken_apart =
                    facts.parameters.iter().any(|parameter| parameter.name.is_none() && binds(walk, parameter.pattern, name));
                match self.by_name(walk, at, name, true).filter(|_| is_taken_apart) {
                    Some(Verdict::Role(role, why)) => vec![Origin { role, why, ..unknown(walk, at) }],
                    _ => vec![unknown(walk, at)],
                }
            }
        }
    }

    /// What callers give for a parameter. `None`: nobody is seen to call.
    fn by_callers(&self, parameter: Parameter, depth: usize) -> Option<Vec<Origin>> {
        if let Some(known) = self.known.borrow().get(&parameter) {
            return Some(known.clone());
        }
        if !self.open.borrow_mut().insert(parameter) {
            return Some(Vec::new());
        }
        let function = parameter.0;
        let mut origins: Vec<Origin> = Vec::new();
        let sites = self.callers.sites(function);
        for (caller, call) in sites.iter().take(MOST_WAYS) {
            let Some(outer) = Walk::new(self.inputs, *caller) else { continue };
            let Some(value) = given(self.inputs, &outer, *call, parameter) else { continue };
            let place = self.inputs.call_at(*caller, *call).map_or_else(|| outer.place(*call), |site| site.place);
            let fails = is_handed_on(&outer, *call);
            for mut origin in self.origins(&outer, value, depth - 1) {
                origin.fails &= fails;
                origin.functions.push(function::id(function));
                origin.calls.push(place);
                if origins.len() < MOST_WAYS {
                    origins.push(origin);
                }
            }
        }
        self.open.borrow_mut().remove(&parameter);
        if sites.is_empty() {
            return None;
        }
        self.known.borrow_mut().insert(parameter, origins.clone());
        Some(origins)
    }

    /// What the configuration, a name or a type says about this very value.
    fn said(&self, walk: &Walk, at: ExprId) -> Option<Verdict> {
        match walk.kind(at) {
            ExpressionKind::Field { base, name, .. } => {
                self.by_name(walk, at, name, true).or_else(|| self.beside_a_replica(walk, *base, name)).or_else(|| self.by_type(walk, at))
            }
            ExpressionKind::MethodCall { name, .. } => self.by_accessor(walk, at, name),
            ExpressionKind::Call { .. } => self.by_accessor(walk, at, walk.callee_name(at)?),
            ExpressionKind::Path(path) => match walk.inputs.definition_at(walk.function, at) {
                Some(Definition::Constant(_)) => self.by_name(walk, at, path.last()?, true),
                _ => self.declared(path.single()?).or_else(|| self.by_type(walk, at)),
            },
            _ => None,
        }
    }

    fn declared(&self, name: &str) -> Option<Verdict> {
        let is_it = |pool: &&DeclaredPool| pool.name == name;
        self.inputs.declared.pools.iter().find(is_it).map(|pool| Verdict::Role(pool.role, "by the configuration"))
    }

    /// `weak`: words that mean many things count too.
    fn by_name(&self, walk: &Walk, at: ExprId, name: &str, weak: bool) -> Option<Verdict> {
        if let Some(declared) = self.declared(name) {
            return Some(declared);
        }
        let said = match self.handle_at(walk, at)? {
            Handle::Library => Said::of(name),
            Handle::Holder(_) => Said::of_strict(name),
        };
        verdict(said, weak)
    }

    /// A function of the workspace that gives a pool or connection: `app.db_read()`.
    fn by_accessor(&self, walk: &Walk, at: ExprId, name: &str) -> Option<Verdict> {
        if let Some(declared) = self.declared(name) {
            return Some(declared);
        }
        let own = match &walk.inputs.call_at(walk.function, at)?.target {
            Target::Function(id) => walk.inputs.is_own(*id) && !is_constructor(walk.inputs, *id),
            Target::Trait { method, .. } => walk.inputs.is_own(*method),
            _ => false,
        };
        let outer = walk.around(at).take(4).take_while(|outer| {
            matches!(walk.kind(*outer), ExpressionKind::Await(_) | ExpressionKind::Try(_) | ExpressionKind::MethodCall { .. })
        });
        let gives = own && std::iter::once(at).chain(outer).any(|value| self.handle_at(walk, value).is_some());
        if !gives {
            return None;
        }
        verdict(Said::of_strict(name), true).or_else(|| self.by_type(walk, at))
    }

    /// `ReplicaPool`, a type of the workspace.
    fn by_type(&self, walk: &Walk, at: ExprId) -> Option<Verdict> {
        let Handle::Holder(adt) = self.handle_at(walk, at)? else { return None };
        let name = &self.inputs.resolved.adts[adt.0 as usize].name;
        if let Some(declared) = self.declared(name) {
            return Some(declared);
        }
        match Said::of_strict(name) {
            Said::Surely(role) => Some(Verdict::Role(role, "by its type")),
            _ => None,
        }
    }

    /// The only other pool of a struct that has a replica's is the primary's.
    fn beside_a_replica(&self, walk: &Walk, base: ExprId, name: &str) -> Option<Verdict> {
        let adt = adt_of(self.inputs, walk.inputs.type_of(walk.function, base), 4)?;
        let krate = walk.inputs.resolved.functions[walk.function.0 as usize].krate;
        let variant = self.inputs.resolved.adts[adt.0 as usize].variants.first()?;
        let is_pool = |ty: &Ty| has_role(self.inputs, krate, ty, &[TypeRole::Pool], 4);
        let pools: Vec<&str> =
            variant.fields.iter().zip(&variant.types).filter(|(_, ty)| is_pool(ty)).map(|(field, _)| field.name.as_str()).collect();
        let [one, other] = pools.as_slice() else { return None };
        let beside = if *one == name {
            other
        } else if *other == name {
            one
        } else {
            return None;
        };
        let declared = matches!(self.declared(beside), Some(Verdict::Role(PoolRole::Replica, _)));
        let is_replica = matches!(Said::of(beside), Said::Surely(PoolRole::Replica) | Said::Likely(PoolRole::Replica));
        (declared || is_replica).then_some(Verdict::Role(PoolRole::Primary, "beside the replica's"))
    }

    fn handle_at(&self, walk: &Walk, at: ExprId) -> Option<Handle> {
        let ty = walk.inputs.type_of(walk.function, at);
        if is_of_a_file(self.inputs, ty, 5) {
            return None;
        }
        handle(self.inputs, walk.function, ty, 5)
    }
}

#[derive(Clone, Copy)]
enum Verdict {
    Role(PoolRole, &'static str),
    /// It is said that it may be either.
    Unknown,
}

fn verdict(said: Said, weak: bool) -> Option<Verdict> {
    match said {
        Said::Nothing => None,
        Said::Either => Some(Verdict::Unknown),
        Said::Surely(role) => Some(Verdict::Role(role, "by its name")),
        Said::Likely(role) => weak.then_some(Verdict::Role(role, "by its name")),
    }
}

fn unknown(walk: &Walk, at: ExprId) -> Origin {
    Origin {
        role: PoolRole::Unknown,
        pool: walk.text(at),
        place: walk.place(at),
        why: "",
        functions: vec![function::id(walk.function)],
        calls: Vec::new(),
        fails: true,
    }
}

/// The pool behind `&mut *pool.acquire().await.map_err(..)?`.
fn taken_from(walk: &Walk, mut at: ExprId) -> ExprId {
    for _ in 0..16 {
        at = walk.same_thing(at);
        let takes = walk.does(at).iter().any(|does| matches!(does, Does::Acquire(_) | Does::Begin(_)));
        match walk.kind(at) {
            ExpressionKind::MethodCall { receiver, name, .. } if takes || KEEPS.contains(&name.as_str()) => at = *receiver,
            _ => break,
        }
    }
    at
}

/// What the caller gives for a parameter.
fn given(inputs: &Inputs, outer: &Walk, call: ExprId, (function, index): Parameter) -> Option<ExprId> {
    let is_method = matches!(outer.kind(call), ExpressionKind::MethodCall { .. });
    let by_path = inputs.resolved.functions[function.0 as usize].facts.as_ref().is_some_and(|facts| facts.receiver.is_some()) && !is_method;
    match (index, outer.kind(call)) {
        (None, ExpressionKind::MethodCall { receiver, .. }) => Some(*receiver),
        (None, _) => outer.arguments(call).first().copied(),
        (Some(index), _) => outer.arguments(call).get(index + usize::from(by_path)).copied(),
    }
}

/// `PgPool::connect(&env::var("READ_DATABASE_URL")?)`: what the address is called.
fn by_address(walk: &Walk, at: ExprId) -> Option<PoolRole> {
    let is_address = |name: &str| {
        let words = super::pool_words::words(name);
        ["url", "uri", "dsn"].iter().any(|word| words.iter().any(|own| own == word))
    };
    let name_of = |inside: ExprId| match walk.kind(inside) {
        ExpressionKind::Literal(Literal::Text { value, .. }) => Some(value.as_str()),
        ExpressionKind::Field { name, .. } => Some(name.as_str()),
        ExpressionKind::Path(path) => path.last(),
        _ => None,
    };
    let roles = walk.body.inside(at).filter_map(name_of).filter(|name| is_address(name)).map(Said::of_strict);
    let mut roles = roles.filter_map(|said| match said {
        Said::Surely(role) | Said::Likely(role) => Some(role),
        _ => None,
    });
    let first = roles.next()?;
    roles.all(|role| role == first).then_some(first)
}

/// `return`, `panic!`: gives no value.
fn leaves(walk: &Walk, at: ExprId) -> bool {
    match walk.kind(at) {
        ExpressionKind::Return(_) | ExpressionKind::Continue | ExpressionKind::Break(_) => true,
        ExpressionKind::Block { tail: None, .. } => true,
        ExpressionKind::Block { tail: Some(tail), .. } => leaves(walk, *tail),
        ExpressionKind::Macro(call) => matches!(call.path.last(), Some("panic" | "bail" | "unreachable" | "todo")),
        _ => false,
    }
}

/// `Replica::new(..)`, which makes one of what it is given.
fn is_constructor(inputs: &Inputs, function: FunctionId) -> bool {
    let function = &inputs.resolved.functions[function.0 as usize];
    matches!(function.container, Container::Impl(_)) && matches!(&*function.name, "new" | "from" | "default" | "clone")
}

const HANDLES: &[TypeRole] =
    &[TypeRole::Pool, TypeRole::Connection, TypeRole::PooledConnection, TypeRole::Transaction, TypeRole::PooledClient];

fn handle(inputs: &Inputs, function: FunctionId, ty: &Ty, depth: usize) -> Option<Handle> {
    if depth == 0 {
        return None;
    }
    if library_of(inputs, function, ty).is_some() {
        return Some(Handle::Library);
    }
    let krate = inputs.resolved.functions[function.0 as usize].krate;
    match ty {
        Ty::Reference(inner) => handle(inputs, function, inner, depth - 1),
        Ty::External(_, arguments) | Ty::Adt(_, arguments) => {
            let roles = inputs.type_roles(krate, ty);
            if roles.contains(&TypeRole::CacheClient) {
                return None;
            }
            if roles.iter().any(|role| HANDLES.contains(role)) {
                return Some(Handle::Library);
            }
            if is_seen_through(inputs, ty, roles) {
                return arguments.iter().find_map(|argument| handle(inputs, function, argument, depth - 1));
            }
            let Ty::Adt(id, _) = ty else { return None };
            let adt = &inputs.resolved.adts[id.0 as usize];
            let mut fields = adt.variants.iter().flat_map(|variant| &variant.types);
            fields.any(|field| has_role(inputs, krate, field, HANDLES, 4)).then_some(Handle::Holder(*id))
        }
        _ => None,
    }
}

/// `Arc`, `Option`, `State`, `Mutex`.
fn is_seen_through(inputs: &Inputs, ty: &Ty, roles: &[TypeRole]) -> bool {
    let last = inputs.type_path(ty).and_then(|path| path.rsplit("::").next());
    matches!(last, Some("Option" | "Result" | "Box" | "Arc" | "Rc" | "Pin" | "Cow"))
        || roles.contains(&TypeRole::Transparent)
        || roles.contains(&TypeRole::Lock)
}

/// Whether a value is, or wraps, something of these roles.
fn has_role(inputs: &Inputs, krate: crate::resolve::CrateId, ty: &Ty, wanted: &[TypeRole], depth: usize) -> bool {
    let roles = inputs.type_roles(krate, ty);
    if depth == 0 || roles.contains(&TypeRole::CacheClient) {
        return false;
    }
    match ty {
        _ if roles.iter().any(|role| wanted.contains(role)) => true,
        Ty::Reference(inner) => has_role(inputs, krate, inner, wanted, depth - 1),
        Ty::External(_, arguments) | Ty::Adt(_, arguments) => {
            is_seen_through(inputs, ty, roles) && arguments.iter().any(|argument| has_role(inputs, krate, argument, wanted, depth - 1))
        }
        _ => false,
    }
}

/// The type of the workspace that a value is, seen through what wraps it.
fn adt_of(inputs: &Inputs, ty: &Ty, depth: usize) -> Option<AdtId> {
    match ty {
        Ty::Reference(inner) if depth > 0 => adt_of(inputs, inner, depth - 1),
        Ty::External(_, arguments) if depth > 0 => arguments.iter().find_map(|argument| adt_of(inputs, argument, depth - 1)),
        Ty::Adt(id, arguments) => {
            let module = inputs.resolved.adts[id.0 as usize].module;
            let krate = inputs.resolved.modules[module.0 as usize].krate;
            if inputs.resolved.crates[krate.0 as usize].source.is_some() {
                return Some(*id);
            }
            arguments.iter().filter(|_| depth > 0).find_map(|argument| adt_of(inputs, argument, depth - 1))
        }
        _ => None,
    }
}

/// SQLite: readers of a file read what its writer wrote.
fn is_of_a_file(inputs: &Inputs, ty: &Ty, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match ty {
        Ty::Reference(inner) => is_of_a_file(inputs, inner, depth - 1),
        Ty::External(_, arguments) | Ty::Adt(_, arguments) => {
            let path = inputs.type_path(ty).unwrap_or_default().to_ascii_lowercase();
            path.contains("sqlite") || arguments.iter().any(|argument| is_of_a_file(inputs, argument, depth - 1))
        }
        _ => false,
    }
}
