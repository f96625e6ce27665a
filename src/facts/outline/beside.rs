//! Impls that stand beside their type: in its module, with its bare name.
//!
//! Who comes upon the type comes upon them, and nobody else does, as far as their traits are those of other crates: a call through a trait
//! of the workspace may run any of its impls, so whoever puts outlines together looks at [`super::Declared::trait_`].

use super::super::{Impl, ItemKind, Type};
use super::Name;
use rustc_hash::FxHashSet;

/// What the modules of a file declare, in order.
#[derive(Default)]
pub(super) struct Beside {
    /// Inline modules around the item.
    pub modules: Vec<Name>,
    types: FxHashSet<(Vec<Name>, Name)>,
    impls: Vec<Option<(Vec<Name>, Owned)>>,
}

/// An impl that belongs to a type.
#[derive(Clone, Debug)]
pub(super) struct Owned {
    pub by: Name,
    pub trait_: Option<Name>,
}

impl Beside {
    pub fn declare(&mut self, name: &Name) {
        self.types.insert((self.modules.clone(), name.clone()));
    }

    pub fn implement(&mut self, one: &Impl) {
        let is_parameter = |name: &Name| one.generics.types.iter().any(|parameter| parameter.name == *name);
        let writes_macros = one.items.iter().any(|item| matches!(item.kind, ItemKind::MacroCall { .. }));
        let by = match &one.self_type {
            Type::Path(path) if !writes_macros => path.single().filter(|name| !is_parameter(name)),
            _ => None,
        };
        let trait_ = one.trait_.as_ref().and_then(|path| path.last().map(Name::from));
        self.impls.push(by.map(|by| (self.modules.clone(), Owned { by: by.clone(), trait_ })));
    }

    /// Of each impl, in order, whether it belongs to a type; no type counts that an import may stand in for.
    pub fn impls(self, is_imported: impl Fn(&Name) -> bool) -> Vec<Option<Owned>> {
        let Beside { types, impls, .. } = self;
        let belongs = |(module, one): (Vec<Name>, Owned)| {
            let imported = is_imported(&one.by);
            types.contains(&(module, one.by.clone())).then_some(one).filter(|_| !imported)
        };
        impls.into_iter().map(|one| one.and_then(belongs)).collect()
    }
}
