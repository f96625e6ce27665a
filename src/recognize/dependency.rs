//! Which module needs which, by every path and method call that resolves to a definition in another module, and what is used of crates
//! outside the workspace.

use super::Inputs;
use super::ids::Ids;
use crate::knowledge::TypeRole;
use crate::model::{Dependency, ExternalUse, ItemKind, Via};
use crate::resolve::{self, Adt, CallKind, Container, Definition, Function, ModuleId, Reference, ReferenceKind, Target, Ty};
use crate::source::Place;
use crate::words::first_segment;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::sync::{Arc, OnceLock};

/// By place.
pub(super) fn all(inputs: &Inputs, ids: &Ids) -> (Vec<Dependency>, Vec<ExternalUse>) {
    let reader = Reader::new(inputs, ids);
    let mut found: Vec<Found> = inputs.resolved.references.par_iter().filter_map(|reference| reader.reference(reference)).collect();
    found.extend(reader.method_calls());
    let (mut dependencies, mut external_uses) = (Vec::new(), Vec::new());
    for one in found {
        match one {
            Found::Inside(dependency) => dependencies.push(dependency),
            Found::Outside(external) => external_uses.push(external),
        }
    }
    dependencies.sort_by_key(|one: &Dependency| one.place);
    external_uses.sort_by_key(|one: &ExternalUse| one.place);
    once_each(&mut dependencies, |one| one.place, |one, other| one.to == other.to && one.item == other.item);
    once_each(&mut external_uses, |one| one.place, |one, other| one.item == other.item);
    (dependencies, external_uses)
}

/// Keeps the first of what is the same at one place: expressions in macros may be read more than once. `found` is sorted by place.
fn once_each<T>(found: &mut Vec<T>, place: impl Fn(&T) -> Place, same: impl Fn(&T, &T) -> bool) {
    let mut kept: Vec<T> = Vec::with_capacity(found.len());
    for one in found.drain(..) {
        let here = kept.iter().rev().take_while(|other| place(other) == place(&one));
        if !here.into_iter().any(|other| same(&one, other)) {
            kept.push(one);
        }
    }
    *found = kept;
}

enum Found {
    Inside(Dependency),
    Outside(ExternalUse),
}

/// The definition that a path means: where it stands, what it is called, and what it is.
struct Meaning {
    module: ModuleId,
    path: Arc<str>,
    kind: ItemKind,
    function: Option<resolve::FunctionId>,
}

struct Reader<'a> {
    inputs: &'a Inputs<'a>,
    ids: &'a Ids<'a>,
    /// By type: what it is, once asked for.
    kinds: Vec<OnceLock<ItemKind>>,
    own_crates: FxHashSet<&'a str>,
}

impl<'a> Reader<'a> {
    fn new(inputs: &'a Inputs<'a>, ids: &'a Ids<'a>) -> Self {
        let kinds = inputs.resolved.adts.iter().map(|_| OnceLock::new()).collect();
        let own = inputs.resolved.crates.iter().filter(|krate| krate.source.is_some());
        Self { inputs, ids, kinds, own_crates: own.map(|krate| krate.name.as_str()).collect() }
    }

    fn reference(&self, reference: &Reference) -> Option<Found> {
        let via = match reference.kind {
            ReferenceKind::Use => Via::Use,
            ReferenceKind::Path => Via::Path,
            ReferenceKind::MacroText => Via::MacroText,
        };
        let user = User { module: reference.from, function: reference.function, place: reference.place, test: reference.test, via };
        match &reference.to {
            Definition::External(path) | Definition::Macro(path) => self.outside(&user, path),
            definition => self.to_definition(&user, self.meaning(definition)?),
        }
    }

    fn to_definition(&self, user: &User, to: Meaning) -> Option<Found> {
        if self.is_declared(to.module) {
            return self.outside(user, &to.path);
        }
        if to.module == user.module {
            return None;
        }
        Some(Found::Inside(Dependency {
            from: self.ids.module(user.module)?,
            to: self.ids.module(to.module)?,
            place: user.place,
            item: to.path.to_string(),
            item_kind: to.kind,
            function: user.function.and_then(|function| self.ids.function(function)),
            to_function: to.function.and_then(|function| self.ids.function(function)),
            via: user.via,
            test: user.test || self.inputs.resolved.modules[user.module.0 as usize].test,
        }))
    }

    fn outside(&self, user: &User, path: &str) -> Option<Found> {
        let path = path.strip_prefix("::").unwrap_or(path);
        let krate = first_segment(path);
        if self.own_crates.contains(krate) || self.is_declared(user.module) {
            return None;
        }
        Some(Found::Outside(ExternalUse {
            from: self.ids.module(user.module)?,
            function: user.function.and_then(|function| self.ids.function(function)),
            place: user.place,
            krate: krate.to_string(),
            item: path.to_string(),
            via: user.via,
            test: user.test || self.inputs.resolved.modules[user.module.0 as usize].test,
        }))
    }

    /// Whether the module belongs to a crate that knowledge declares.
    fn is_declared(&self, module: ModuleId) -> bool {
        let resolved = self.inputs.resolved;
        resolved.crates[resolved.modules[module.0 as usize].krate.0 as usize].source.is_none()
    }

    fn meaning(&self, definition: &Definition) -> Option<Meaning> {
        let resolved = self.inputs.resolved;
        let meaning = |module, path: &Arc<str>, kind| Meaning { module, path: path.clone(), kind, function: None };
        Some(match definition {
            Definition::Module(id) => meaning(*id, &resolved.modules[id.0 as usize].path, ItemKind::Module),
            Definition::Function(id) => self.function(*id, ItemKind::Function),
            Definition::Constant(id) => self.function(*id, ItemKind::PlainData),
            Definition::Adt(id) | Definition::Variant(id, _) => {
                let adt = &resolved.adts[id.0 as usize];
                let kind = *self.kinds[id.0 as usize].get_or_init(|| self.kind_of(adt));
                meaning(adt.module, &adt.path, kind)
            }
            Definition::Trait(id) => meaning(resolved.traits[id.0 as usize].module, &resolved.traits[id.0 as usize].path, ItemKind::Trait),
            Definition::Alias(id) => {
                let alias = &resolved.aliases[id.0 as usize];
                let kind = if is_web(self.inputs, &alias.ty, 0) { ItemKind::WebType } else { ItemKind::PlainData };
                meaning(alias.module, &alias.path, kind)
            }
            _ => return None,
        })
    }

    fn function(&self, id: resolve::FunctionId, kind: ItemKind) -> Meaning {
        let function = &self.inputs.resolved.functions[id.0 as usize];
        Meaning { module: function.module, path: function.path.clone(), kind, function: Some(id) }
    }

    fn kind_of(&self, adt: &Adt) -> ItemKind {
        let web = adt.variants.iter().flat_map(|variant| &variant.types).any(|ty| is_web(self.inputs, ty, 0));
        if web { ItemKind::WebType } else { ItemKind::PlainData }
    }

    /// A method called on a value needs the module that defines it, though no path says so; once per caller and method.
    fn method_calls(&self) -> Vec<Found> {
        let callers: Vec<resolve::FunctionId> = self.inputs.own_functions().collect();
        callers.par_iter().flat_map_iter(|from| self.method_calls_of(*from)).collect()
    }

    fn method_calls_of(&self, from: resolve::FunctionId) -> Vec<Found> {
        let mut seen = FxHashSet::default();
        let calls = self.inputs.calls(from).iter().filter(|call| call.kind == CallKind::Method);
        let found = calls.filter_map(|call| {
            let (Target::Function(to) | Target::Trait { method: to, .. }) = &call.target else { return None };
            let resolved = self.inputs.resolved;
            let (caller, callee) = (&resolved.functions[from.0 as usize], &resolved.functions[to.0 as usize]);
            if self.is_declared(callee.module) || self.stands_in_for_a_trait(callee) || !seen.insert(*to) {
                return None;
            }
            let user = User { module: caller.module, function: Some(from), place: call.place, test: caller.test, via: Via::Call };
            self.to_definition(&user, self.function(*to, ItemKind::Function))
        });
        found.collect()
    }

    /// Where a trait is implemented is no business of who calls it.
    fn stands_in_for_a_trait(&self, function: &Function) -> bool {
        match function.container {
            Container::Impl(id) => self.inputs.resolved.impls[id.0 as usize].trait_.is_some(),
            _ => false,
        }
    }
}

/// Who names something.
struct User {
    module: ModuleId,
    function: Option<resolve::FunctionId>,
    place: Place,
    test: bool,
    via: Via,
}

const DEEP: usize = 16;

/// Whether a type names a web framework's.
pub(super) fn is_web(inputs: &Inputs, ty: &Ty, depth: usize) -> bool {
    if depth > DEEP {
        return false;
    }
    let all = |types: &[Ty]| types.iter().any(|ty| is_web(inputs, ty, depth + 1));
    match ty {
        Ty::Adt(id, arguments) => is_web_path(inputs, &inputs.resolved.adts[id.0 as usize].path) || all(arguments),
        Ty::External(path, arguments) => is_web_path(inputs, path) || all(arguments),
        Ty::Reference(inner) | Ty::Slice(inner) | Ty::Array(inner) => is_web(inputs, inner, depth + 1),
        Ty::Tuple(types) => all(types),
        Ty::Dyn(bounds) | Ty::Opaque(bounds) => bounds.iter().any(|bound| {
            let path = match &bound.trait_ {
                Ok(id) => &inputs.resolved.traits[id.0 as usize].path,
                Err(path) => path,
            };
            is_web_path(inputs, path)
        }),
        _ => false,
    }
}

/// Whether knowledge says that a web framework owns the type or trait at `path`.
pub(super) fn is_web_path(inputs: &Inputs, path: &str) -> bool {
    let roles = inputs.knowledge.type_roles(path, None);
    roles.iter().any(|role| matches!(role, TypeRole::WebFramework | TypeRole::WebAdapter))
}
