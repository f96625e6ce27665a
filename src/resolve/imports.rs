//! Binds what `use` items import, round by round until nothing changes.

use super::collect::bound_name;
use super::def_map::*;
use super::*;
use crate::facts::UseKind;

/// More rounds than this only a chain of that many globs needs.
const MAX_ROUNDS: usize = 64;

/// All names of `source` are imported into `target`.
struct Glob {
    target: ScopeId,
    source: ScopeId,
    public: bool,
    seen: Option<u32>,
}

pub(super) fn bind_all(map: &mut DefMap) {
    let mut globs: Vec<Glob> = Vec::new();
    bind_rounds(map, &mut globs);
    bind_types_of_macros(map);
    bind_rounds(map, &mut globs);
    map.guesses_globs = true;
    bind_rounds(map, &mut globs);
}

/// Binds what can be bound before macros that imports name have written their items.
pub(super) fn bind_before_rules(map: &mut DefMap) {
    bind_rounds(map, &mut Vec::new());
    // Globs are not remembered, so they are to be looked at again.
    map.imports.iter_mut().filter(|import| import.binding.kind == UseKind::Glob).for_each(|import| import.resolved = false);
    map.scopes.iter_mut().for_each(|scope| scope.external_globs.clear());
}

/// An impl for a name that nothing declares is for a type that a macro writes: the name stands for it, with no fields known.
fn bind_types_of_macros(map: &mut DefMap) {
    for index in 0..map.impls.len() {
        let data = &map.impl_data[index];
        let facts::Type::Path(path) = &data.fact.self_type else { continue };
        let Some(name) = path.single().filter(|name| data.fact.generics.types.iter().all(|one| one.name != **name)) else { continue };
        let is_own = !map.is_declared(map.crate_of_scope(data.scope));
        let from_glob = !map.scope(data.scope).external_globs.is_empty();
        if !is_own || from_glob || map.resolve(data.scope, path, Namespace::Types).is_some() {
            continue;
        }
        let (scope, module, name) = (data.scope, map.impls[index].module, name.clone());
        let place = Place::new(data.file, path.span);
        let id = AdtId(map.adts.len() as u32);
        let generics = facts::Generics::default();
        let path: Arc<str> = format!("{}::{name}", map.modules[module.0 as usize].path).into();
        let attributes = Vec::new();
        map.adts.push(Adt { module, path, name: name.clone(), place, kind: AdtKind::Struct, generics, attributes, variants: Vec::new() });
        map.adt_data.push(AdtData { scope, item: None });
        map.bind(scope, &name, Namespace::Types, Binding { definition: Definition::Adt(id), strength: Strength::Named, public: true });
    }
}

fn bind_rounds(map: &mut DefMap, globs: &mut Vec<Glob>) {
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for index in 0..map.imports.len() {
            if !map.imports[index].resolved {
                changed |= bind_one(map, index, globs);
            }
        }
        for glob in globs.iter_mut() {
            changed |= copy_names(map, glob);
        }
        if !changed {
            break;
        }
    }
}

fn bind_one(map: &mut DefMap, index: usize, globs: &mut Vec<Glob>) -> bool {
    let import = &map.imports[index];
    match (&import.binding.kind, bound_name(import.binding)) {
        (UseKind::Glob, _) => bind_glob(map, index, globs),
        (_, Some(name)) => bind_named(map, index, &name.clone()),
        (_, None) => {
            let scope = import.scope;
            let Some(found) = map.resolve(scope, &import.binding.path, Namespace::Types) else { return false };
            map.imports[index].resolved = true;
            if let Definition::Trait(id) = found.definition {
                map.unnamed_traits.entry(scope).or_default().push(id);
            }
            false
        }
    }
}

fn bind_glob(map: &mut DefMap, index: usize, globs: &mut Vec<Glob>) -> bool {
    let Import { scope, public, binding, .. } = map.imports[index];
    let Some(found) = map.resolve(scope, &binding.path, Namespace::Types).filter(|found| found.used == binding.path.segments.len()) else {
        return false;
    };
    map.imports[index].resolved = true;
    match found.definition {
        Definition::Module(module) => {
            globs.push(Glob { target: scope, source: map.module_scope(module), public, seen: None });
        }
        Definition::Adt(adt) => import_variants(map, scope, adt, public),
        Definition::External(path) => map.scopes[scope.0 as usize].external_globs.push(path),
        _ => {}
    }
    true
}

fn import_variants(map: &mut DefMap, scope: ScopeId, adt: AdtId, public: bool) {
    let names: Vec<Name> = map.adt(adt).variants.iter().map(|variant| variant.name.clone()).collect();
    for (index, name) in names.iter().enumerate() {
        for namespace in [Namespace::Types, Namespace::Values] {
            let definition = Definition::Variant(adt, index as u32);
            map.bind(scope, name, namespace, Binding { definition, strength: Strength::Glob, public });
        }
    }
}

fn bind_named(map: &mut DefMap, index: usize, name: &Name) -> bool {
    let Import { scope, public, test, binding, .. } = map.imports[index];
    let strength = if test && !map.modules[map.scope(scope).module.0 as usize].test { Strength::Test } else { Strength::Named };
    let mut changed = false;
    let parent = match binding.path.segments.len() {
        0 | 1 => None,
        _ => match map.resolve_parent(scope, &binding.path) {
            None => return false,
            parent => parent,
        },
    };
    for namespace in NAMESPACES {
        let found = match &parent {
            Some(parent) => map.resolve_last(parent, &binding.path, namespace),
            None => resolve_import(map, scope, &binding.path, name, namespace),
        };
        let Some(found) = found else { continue };
        // The name's own binding is not news.
        if found.used < binding.path.segments.len() || map.in_scope(scope, name, namespace) == Some(&found.definition) {
            map.imports[index].resolved |= found.used == binding.path.segments.len();
            continue;
        }
        map.imports[index].resolved |= !matches!(found.definition, Definition::External(_)) || binding.path.segments.len() > 1;
        changed |= map.bind(scope, name, namespace, Binding { definition: found.definition, strength, public });
    }
    // A name found in one namespace may turn up in another in a later round, through a glob.
    if !changed {
        changed
    } else {
        map.imports[index].resolved = false;
        true
    }
}

/// A single segment as [`DefMap::resolve`] has it, but `use x;` never means the `x` that it binds itself.
fn resolve_import(map: &DefMap, scope: ScopeId, path: &facts::Path, name: &Name, namespace: Namespace) -> Option<Resolution> {
    let own = path.single() == Some(name);
    if own && namespace == Namespace::Types {
        let krate = map.crate_of_scope(scope);
        let definition = map.extern_crate(krate, name)?;
        return Some(Resolution { definition, used: 1, prelude: false });
    }
    let found = map.resolve(scope, path, namespace)?;
    (!own || found.prelude).then_some(found)
}

fn copy_names(map: &mut DefMap, glob: &mut Glob) -> bool {
    let source = map.scope(glob.source);
    if glob.seen == Some(source.changes) || glob.source == glob.target {
        return false;
    }
    glob.seen = Some(source.changes);
    let sees_private = is_inside(map, map.scope(glob.target).module, source.module);
    let mut copies = Vec::new();
    for (name, names) in &source.names {
        for namespace in NAMESPACES {
            if let Some(binding) = names.get(namespace).filter(|binding| binding.public || sees_private) {
                copies.push((name.clone(), namespace, binding.definition.clone()));
            }
        }
    }
    let external: Vec<Arc<str>> = source.external_globs.clone();
    let mut changed = false;
    for (name, namespace, definition) in copies {
        changed |= map.bind(glob.target, &name, namespace, Binding { definition, strength: Strength::Glob, public: glob.public });
    }
    for path in external {
        let globs = &mut map.scopes[glob.target.0 as usize].external_globs;
        if !globs.contains(&path) {
            globs.push(path);
            changed = true;
        }
    }
    changed
}

fn is_inside(map: &DefMap, inner: ModuleId, outer: ModuleId) -> bool {
    let mut at = Some(inner);
    while let Some(id) = at {
        if id == outer {
            return true;
        }
        at = map.modules[id.0 as usize].parent;
    }
    false
}
