//! The definitions of all crates and what names mean in each scope.

use super::{Adt, AdtId, Alias, Crate, CrateId, Definition, Function, FunctionId, Impl, ImplId, Module, ModuleId, Trait, TraitId};
use crate::facts::{self, ExprId, Name, Path};
use crate::source::FileId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A module, or a block of a body that declares items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ScopeId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Namespace {
    Types,
    Values,
    Macros,
}

pub(super) const NAMESPACES: [Namespace; 3] = [Namespace::Types, Namespace::Values, Namespace::Macros];

/// How strongly a name is bound: items and named imports shadow globs; non-test shadows test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    Glob,
    Test,
    Named,
}

#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub definition: Definition,
    pub strength: Strength,
    /// Private names are seen by child modules only.
    pub public: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    bindings: [Option<Binding>; 3],
}

impl Names {
    pub fn get(&self, namespace: Namespace) -> Option<&Binding> {
        self.bindings[namespace as usize].as_ref()
    }

    /// Whether anything changed. The first binding of equal strength wins.
    pub fn bind(&mut self, namespace: Namespace, binding: Binding) -> bool {
        let slot = &mut self.bindings[namespace as usize];
        match slot {
            Some(old) if old.strength >= binding.strength => false,
            _ => {
                *slot = Some(binding);
                true
            }
        }
    }
}

pub(super) struct Scope {
    pub module: ModuleId,
    /// The scope around a block; `None` for modules.
    pub parent: Option<ScopeId>,
    pub names: FxHashMap<Name, Names>,
    /// Counts changes of `names`, so that globs know when to look again.
    pub changes: u32,
    /// Modules of undeclared crates whose names are all imported.
    pub external_globs: Vec<Arc<str>>,
}

#[derive(Clone, Debug)]
pub(super) enum Extern {
    Crate(CrateId),
    Undeclared(Arc<str>),
}

pub(super) struct CrateData {
    pub externs: FxHashMap<Name, Extern>,
    /// `#[macro_export]`ed macros, by name.
    pub exported_macros: FxHashMap<Name, Definition>,
    /// Crates of `#[macro_use] extern crate`.
    pub macro_use: Vec<Extern>,
    pub declared: bool,
}

pub(super) struct FunctionData<'a> {
    /// Where paths in the signature are looked up.
    pub scope: ScopeId,
    /// Declared type of a `const` or `static`.
    pub constant: Option<&'a facts::Type>,
    /// The impl or trait around it, also for associated constants.
    pub owner: Owner,
    pub has_block_scopes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    None,
    Impl(ImplId),
    Trait(TraitId),
}

pub(super) struct AdtData<'a> {
    pub scope: ScopeId,
    /// `None` for a type that only impls speak of.
    pub item: Option<&'a facts::Item>,
}

pub(super) struct TraitData<'a> {
    pub scope: ScopeId,
    pub fact: &'a facts::Trait,
    pub constants: Vec<(Name, FunctionId)>,
    pub types: Vec<(Name, &'a facts::Item)>,
}

pub(super) struct ImplData<'a> {
    pub scope: ScopeId,
    pub fact: &'a facts::Impl,
    pub constants: Vec<(Name, FunctionId)>,
    pub types: Vec<(Name, &'a facts::Item)>,
    pub file: FileId,
}

pub(super) struct AliasData<'a> {
    pub scope: ScopeId,
    pub generics: &'a facts::Generics,
    pub aliased: Option<&'a facts::Type>,
}

/// One leaf of a `use` item that is still to be bound.
pub(super) struct Import<'a> {
    pub scope: ScopeId,
    pub binding: &'a facts::UseBinding,
    pub public: bool,
    pub test: bool,
    pub file: FileId,
    pub function: Option<FunctionId>,
    pub resolved: bool,
}

/// `macro_rules!` texts that may name paths.
pub(super) struct MacroText<'a> {
    pub scope: ScopeId,
    pub paths: &'a [Path],
    pub file: FileId,
    pub test: bool,
}

/// A `macro_rules!` of the workspace.
#[derive(Clone, Copy)]
pub(super) struct Rule<'a> {
    pub krate: CrateId,
    pub name: &'a Name,
    pub arms: &'a [facts::MacroArm],
}

/// Everything that is declared anywhere, with the names of every scope.
#[derive(Default)]
pub(super) struct DefMap<'a> {
    pub crates: Vec<Crate>,
    pub crate_data: Vec<CrateData>,
    pub modules: Vec<Module>,
    /// Scope of each module.
    pub module_scopes: Vec<ScopeId>,
    pub scopes: Vec<Scope>,
    pub functions: Vec<Function>,
    pub function_data: Vec<FunctionData<'a>>,
    pub adts: Vec<Adt>,
    pub adt_data: Vec<AdtData<'a>>,
    pub traits: Vec<Trait>,
    pub trait_data: Vec<TraitData<'a>>,
    pub impls: Vec<Impl>,
    pub impl_data: Vec<ImplData<'a>>,
    pub aliases: Vec<Alias>,
    pub alias_data: Vec<AliasData<'a>>,
    pub imports: Vec<Import<'a>>,
    pub macro_texts: Vec<MacroText<'a>>,
    /// `macro_rules!` of the workspace by path.
    pub rules: FxHashMap<Arc<str>, Rule<'a>>,
    /// Functions that stand for macros of declared crates, by path.
    pub declared_macros: FxHashMap<Arc<str>, FunctionId>,
    pub block_scopes: FxHashMap<(FunctionId, ExprId), ScopeId>,
    /// Attributes of items, with the scope they stand in.
    pub attributes: Vec<(ScopeId, FileId, &'a facts::Attribute)>,
    /// Initializers of `thread_local!` statics.
    pub thread_locals: FxHashSet<FunctionId>,
    /// Traits imported as `_`.
    pub unnamed_traits: FxHashMap<ScopeId, Vec<TraitId>>,
    /// Names that nothing explains are taken from an undeclared crate's glob import; only once all else is bound.
    pub guesses_globs: bool,
    pub prelude: Option<ScopeId>,
    pub std: Option<CrateId>,
}

/// How far a path led: `used` of its segments mean `definition`; the rest is relative to a type.
#[derive(Clone, Debug)]
pub(super) struct Resolution {
    pub definition: Definition,
    pub used: usize,
    /// Found through the std prelude or as a primitive.
    pub prelude: bool,
}

const PRIMITIVES: [&str; 17] =
    ["bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64"];

impl<'a> DefMap<'a> {
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    pub fn module_scope(&self, id: ModuleId) -> ScopeId {
        self.module_scopes[id.0 as usize]
    }

    pub fn crate_of_scope(&self, scope: ScopeId) -> CrateId {
        self.modules[self.scope(scope).module.0 as usize].krate
    }

    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    pub fn adt(&self, id: AdtId) -> &Adt {
        &self.adts[id.0 as usize]
    }

    pub fn trait_(&self, id: TraitId) -> &Trait {
        &self.traits[id.0 as usize]
    }

    pub fn impl_(&self, id: ImplId) -> &Impl {
        &self.impls[id.0 as usize]
    }

    pub fn is_declared(&self, krate: CrateId) -> bool {
        self.crate_data[krate.0 as usize].declared
    }

    /// Whether the function is the workspace's own.
    pub fn is_own(&self, id: FunctionId) -> bool {
        !self.is_declared(self.function(id).krate)
    }

    pub fn new_scope(&mut self, module: ModuleId, parent: Option<ScopeId>) -> ScopeId {
        self.scopes.push(Scope { module, parent, names: FxHashMap::default(), changes: 0, external_globs: Vec::new() });
        ScopeId(self.scopes.len() as u32 - 1)
    }

    pub fn bind(&mut self, scope: ScopeId, name: &Name, namespace: Namespace, binding: Binding) -> bool {
        let scope = &mut self.scopes[scope.0 as usize];
        let changed = scope.names.entry(name.clone()).or_default().bind(namespace, binding);
        scope.changes += u32::from(changed);
        changed
    }

    /// What `path` means in `scope`, as far as modules (and not types) say.
    pub fn resolve(&self, scope: ScopeId, path: &Path, namespace: Namespace) -> Option<Resolution> {
        self.follow(self.resolve_first(scope, path, namespace)?, path, namespace, path.segments.len())
    }

    /// What a path of several segments means without the last one, which is the same for all namespaces; outside of what is declared, with it.
    pub fn resolve_parent(&self, scope: ScopeId, path: &Path) -> Option<Resolution> {
        self.follow(self.resolve_first(scope, path, Namespace::Types)?, path, Namespace::Types, path.segments.len() - 1)
    }

    /// The last segment below what [`Self::resolve_parent`] found.
    pub fn resolve_last(&self, parent: &Resolution, path: &Path, namespace: Namespace) -> Option<Resolution> {
        self.follow(parent.clone(), path, namespace, path.segments.len())
    }

    /// Goes on from what the first segments mean, until `end` of them are used.
    fn follow(&self, mut found: Resolution, path: &Path, namespace: Namespace, end: usize) -> Option<Resolution> {
        let segments = &path.segments;
        while found.used < end {
            let last = found.used + 1 == segments.len();
            let name = &segments[found.used].name;
            let namespace = if last { namespace } else { Namespace::Types };
            found.definition = match &found.definition {
                Definition::Module(module) => self.member(*module, name, namespace)?,
                Definition::Adt(adt) => match self.variant(*adt, name) {
                    Some(variant) => variant,
                    None => return Some(found),
                },
                Definition::External(_) => {
                    found.definition = external_member(&found.definition, segments[found.used..].iter().map(|one| &one.name));
                    found.used = segments.len();
                    return Some(found);
                }
                _ => return Some(found),
            };
            found.used += 1;
            found.prelude = false;
        }
        Some(found)
    }

    fn resolve_first(&self, scope: ScopeId, path: &Path, namespace: Namespace) -> Option<Resolution> {
        let first = &path.segments.first()?.name;
        let module = self.scope(scope).module;
        let krate = self.modules[module.0 as usize].krate;
        let found = |definition, used| Some(Resolution { definition, used, prelude: false });
        if path.global {
            return found(self.extern_crate(krate, first)?, 1);
        }
        match first.as_str() {
            "crate" | "$crate" => return found(Definition::Module(self.crates[krate.0 as usize].root), 1),
            "self" => return found(Definition::Module(module), 1),
            "super" => return self.resolve_supers(module, path),
            name => {
                if let Some(krate) = name.strip_prefix(facts::CRATE_OF_RULE).and_then(|number| number.parse::<usize>().ok()) {
                    return found(Definition::Module(self.crates.get(krate)?.root), 1);
                }
            }
        }
        if path.segments.len() > 1 {
            return self.resolve_head(scope, krate, first);
        }
        let (definition, prelude) = self.lookup(scope, first, namespace)?;
        Some(Resolution { definition, used: 1, prelude })
    }

    fn resolve_supers(&self, from: ModuleId, path: &Path) -> Option<Resolution> {
        let mut module = from;
        let mut used = 0;
        while path.segments.get(used).is_some_and(|segment| segment.name == "super") {
            module = self.modules[module.0 as usize].parent?;
            used += 1;
        }
        Some(Resolution { definition: Definition::Module(module), used, prelude: false })
    }

    /// The first segment of a longer path: a type or module, and a crate rather than something imported from an undeclared crate,
    /// since `use anyhow::anyhow` binds a macro or function whose namespace cannot be told.
    fn resolve_head(&self, scope: ScopeId, krate: CrateId, name: &Name) -> Option<Resolution> {
        let looked_up = self.lookup(scope, name, Namespace::Types);
        if let Some((Definition::External(_), _)) = &looked_up
            && let Some(definition) = self.extern_crate(krate, name)
        {
            return Some(Resolution { definition, used: 1, prelude: false });
        }
        let (definition, prelude) = looked_up?;
        Some(Resolution { definition, used: 1, prelude })
    }

    /// A single name, from the innermost scope outwards to the preludes. `true`: it came from the std prelude or is a primitive.
    pub fn lookup(&self, scope: ScopeId, name: &Name, namespace: Namespace) -> Option<(Definition, bool)> {
        if let Some(definition) = self.lookup_lexical(scope, name, namespace) {
            return Some((definition, false));
        }
        let module = self.scope(scope).module;
        let krate = self.modules[module.0 as usize].krate;
        if namespace == Namespace::Types
            && let Some(definition) = self.extern_crate(krate, name)
        {
            return Some((definition, false));
        }
        if namespace == Namespace::Macros
            && let Some(definition) = self.lookup_textual_macro(module, krate, name)
        {
            return Some((definition, false));
        }
        if let Some(definition) = self.prelude.and_then(|prelude| self.in_scope(prelude, name, namespace)) {
            return Some((definition.clone(), true));
        }
        if namespace == Namespace::Types && PRIMITIVES.contains(&name.as_str()) {
            return Some((Definition::Primitive, true));
        }
        self.only_external_glob(scope, name).map(|definition| (definition, false))
    }

    fn lookup_lexical(&self, scope: ScopeId, name: &Name, namespace: Namespace) -> Option<Definition> {
        let mut at = Some(scope);
        while let Some(id) = at {
            if let Some(definition) = self.in_scope(id, name, namespace) {
                return Some(definition.clone());
            }
            at = self.scope(id).parent;
        }
        None
    }

    pub fn in_scope(&self, scope: ScopeId, name: &Name, namespace: Namespace) -> Option<&Definition> {
        Some(&self.scope(scope).names.get(name)?.get(namespace)?.definition)
    }

    /// `macro_rules!` are seen by the modules below them; exported ones by `macro_use` crates.
    fn lookup_textual_macro(&self, module: ModuleId, krate: CrateId, name: &Name) -> Option<Definition> {
        let mut at = self.modules[module.0 as usize].parent;
        while let Some(id) = at {
            if let Some(definition @ Definition::Macro(_)) = self.in_scope(self.module_scope(id), name, Namespace::Macros) {
                return Some(definition.clone());
            }
            at = self.modules[id.0 as usize].parent;
        }
        let data = &self.crate_data[krate.0 as usize];
        if let Some(definition) = data.exported_macros.get(name) {
            return Some(definition.clone());
        }
        let declared = data.macro_use.iter().find_map(|used| match used {
            Extern::Crate(id) => self.crate_macro(*id, name),
            Extern::Undeclared(_) => None,
        });
        declared.or_else(|| {
            let std = self.std.and_then(|std| self.crate_macro(std, name));
            std.or_else(|| match data.macro_use.as_slice() {
                [Extern::Undeclared(path)] => Some(Definition::External(format!("{path}::{name}").into())),
                _ => None,
            })
        })
    }

    fn crate_macro(&self, krate: CrateId, name: &Name) -> Option<Definition> {
        let exported = self.crate_data.get(krate.0 as usize)?.exported_macros.get(name);
        let root = self.module_scope(self.crates[krate.0 as usize].root);
        exported.or_else(|| self.in_scope(root, name, Namespace::Macros)).cloned()
    }

    /// A name that nothing else explains may come from the only glob import of an undeclared crate.
    fn only_external_glob(&self, scope: ScopeId, name: &Name) -> Option<Definition> {
        if !self.guesses_globs {
            return None;
        }
        let mut at = Some(scope);
        let mut only = None;
        while let Some(id) = at {
            for glob in &self.scope(id).external_globs {
                if only.replace(glob).is_some() {
                    return None;
                }
            }
            at = self.scope(id).parent;
        }
        only.map(|glob| Definition::External(format!("{glob}::{name}").into()))
    }

    pub fn extern_crate(&self, krate: CrateId, name: &Name) -> Option<Definition> {
        match self.crate_data[krate.0 as usize].externs.get(name)? {
            // While crates are entered, those that come later are not there yet.
            Extern::Crate(id) => Some(Definition::Module(self.crates.get(id.0 as usize)?.root)),
            Extern::Undeclared(path) => Some(Definition::External(path.clone())),
        }
    }

    /// `module::name`, with no look at visibility.
    pub fn member(&self, module: ModuleId, name: &Name, namespace: Namespace) -> Option<Definition> {
        let scope = self.module_scope(module);
        if let Some(definition) = self.in_scope(scope, name, namespace) {
            return Some(definition.clone());
        }
        let info = &self.modules[module.0 as usize];
        if namespace == Namespace::Macros && info.parent.is_none() {
            return self.crate_data[info.krate.0 as usize].exported_macros.get(name).cloned();
        }
        match self.scope(scope).external_globs.as_slice() {
            [only] if self.guesses_globs => Some(Definition::External(format!("{only}::{name}").into())),
            _ => None,
        }
    }

    pub fn variant(&self, adt: AdtId, name: &Name) -> Option<Definition> {
        let adt_ = self.adt(adt);
        if adt_.kind != super::AdtKind::Enum {
            return None;
        }
        adt_.variants.iter().position(|variant| variant.name == *name).map(|index| Definition::Variant(adt, index as u32))
    }

    /// The module a definition stands in; `None` for what is not declared.
    pub fn module_of(&self, definition: &Definition) -> Option<ModuleId> {
        match definition {
            Definition::Module(id) => Some(*id),
            Definition::Function(id) | Definition::Constant(id) => Some(self.function(*id).module),
            Definition::Adt(id) | Definition::Variant(id, _) => Some(self.adt(*id).module),
            Definition::Trait(id) => Some(self.trait_(*id).module),
            Definition::Alias(id) => Some(self.aliases[id.0 as usize].module),
            _ => None,
        }
    }
}

pub(super) fn external_member<'n>(base: &Definition, names: impl Iterator<Item = &'n Name>) -> Definition {
    let Definition::External(path) = base else { return base.clone() };
    let mut path = path.to_string();
    for name in names {
        path.push_str("::");
        path.push_str(name);
    }
    Definition::External(path.into())
}
