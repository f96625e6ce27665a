//! Patterns: what they bind, and with which types.

use super::path::Meaning;
use super::*;
use crate::facts::{PatternId, PatternKind, Shape};

/// Patterns nested deeper than this bind nothing known.
const MAX_NESTING: u32 = 64;

impl<'w> Infer<'w, '_> {
    pub(super) fn bind_pattern(&mut self, pattern: PatternId, ty: &Ty) {
        self.pattern(pattern, ty, false, 0);
    }

    /// `by_reference`: a reference was seen through on the way, so bindings are references.
    fn pattern(&mut self, pattern: PatternId, ty: &Ty, by_reference: bool, depth: u32) {
        if depth > MAX_NESTING {
            return;
        }
        let body = self.body;
        let kind = &body[pattern].kind;
        if let PatternKind::Binding { name, by_reference: explicit, sub } = kind {
            return self.binding(name, *explicit || by_reference, *sub, ty, depth);
        }
        if let PatternKind::Reference(inner) = kind {
            let ty = match self.shallow(ty) {
                Ty::Reference(inner) => (*inner).clone(),
                other => other,
            };
            return self.pattern(*inner, &ty, false, depth + 1);
        }
        if let PatternKind::Or(alternatives) = kind {
            return self.alternatives(alternatives, ty, by_reference, depth);
        }
        // Matching a reference with a pattern that is none looks through it.
        let (mut ty, mut by_reference) = (self.shallow(ty), by_reference);
        while let Ty::Reference(inner) = &ty {
            ty = self.shallow(&inner.clone());
            by_reference = true;
        }
        match kind {
            PatternKind::Tuple(elements) => {
                let types = match &ty {
                    Ty::Tuple(types) => types.to_vec(),
                    Ty::Variable(_) if !elements.iter().any(|one| matches!(body[*one].kind, PatternKind::Rest)) => {
                        let types: Vec<Ty> = elements.iter().map(|_| self.fresh()).collect();
                        self.unify(&ty, &Ty::Tuple(types.clone().into()));
                        types
                    }
                    _ => Vec::new(),
                };
                self.elements(elements, &types, by_reference, depth);
            }
            PatternKind::TupleStruct { path, elements } => {
                let fields = self.fields_of(path, &ty, Namespace::Values).map_or_else(Vec::new, |(_, fields)| fields);
                self.elements(elements, &fields, by_reference, depth);
            }
            PatternKind::Struct { path, fields } => {
                let (names, types) = self.fields_of(path, &ty, Namespace::Types).unwrap_or_default();
                for (name, sub) in fields {
                    let at = names.iter().position(|one| one == name);
                    let ty = at.and_then(|at| types.get(at)).cloned().unwrap_or_default();
                    self.pattern(*sub, &ty, by_reference, depth + 1);
                }
            }
            PatternKind::Slice(elements) => self.slice(elements, &ty, by_reference, depth),
            PatternKind::Path(path) => {
                let meaning = self.meaning(path);
                if let Meaning::Constructor { ty: own, .. } = meaning {
                    self.unify(&own, &ty);
                }
            }
            PatternKind::Value(values) => {
                for value in values {
                    let given = self.expression(*value, &ty);
                    if !matches!(self.shallow(&given), Ty::Reference(_)) {
                        self.unify(&given, &ty);
                    }
                }
            }
            _ => {}
        }
    }

    /// A plain name, unless it is a constant or unit variant.
    fn binding(&mut self, name: &'w Name, by_reference: bool, sub: Option<PatternId>, ty: &Ty, depth: u32) {
        if sub.is_none()
            && name.chars().next().is_some_and(char::is_uppercase)
            && let Some((definition, _)) = self.world.map.lookup(self.types_in.scope, name, Namespace::Values)
        {
            let unit_variant = |id: AdtId, variant: u32| self.world.map.adt(id).variants[variant as usize].shape == Shape::Unit;
            match definition {
                Definition::Variant(id, variant) if unit_variant(id, variant) => {
                    if let Meaning::Constructor { ty: own, .. } = self.constructor(id, variant, None) {
                        let ty = self.shallow(ty);
                        self.unify(&own, &ty);
                    }
                    return;
                }
                Definition::Constant(_) => return,
                Definition::Adt(id) if unit_variant(id, 0) => return,
                _ => {}
            }
        }
        let bound = if by_reference && *ty != Ty::Unknown { reference(ty.clone()) } else { ty.clone() };
        self.locals.push((name.clone(), bound));
        if let Some(sub) = sub {
            self.pattern(sub, ty, by_reference, depth + 1);
        }
    }

    /// Each alternative binds the same names; the first whose types are known counts.
    fn alternatives(&mut self, alternatives: &'w [PatternId], ty: &Ty, by_reference: bool, depth: u32) {
        let before = self.locals.len();
        let mut kept: Option<Vec<(Name, Ty)>> = None;
        for alternative in alternatives {
            self.pattern(*alternative, ty, by_reference, depth + 1);
            let bound = self.locals.split_off(before);
            let known = bound.iter().all(|(_, ty)| *ty != Ty::Unknown);
            if kept.is_none() || (known && kept.iter().flatten().any(|(_, ty)| *ty == Ty::Unknown)) {
                kept = Some(bound);
            }
        }
        self.locals.extend(kept.into_iter().flatten());
    }

    /// With a `..` somewhere, what follows it counts from the end.
    fn elements(&mut self, elements: &'w [PatternId], types: &[Ty], by_reference: bool, depth: u32) {
        let rest = elements.iter().position(|one| matches!(self.body[*one].kind, PatternKind::Rest));
        for (index, element) in elements.iter().enumerate() {
            let at = match rest {
                Some(rest) if index > rest => (types.len() + index).checked_sub(elements.len()),
                _ => Some(index),
            };
            let ty = at.and_then(|at| types.get(at)).cloned().unwrap_or_default();
            self.pattern(*element, &ty, by_reference, depth + 1);
        }
    }

    fn slice(&mut self, elements: &'w [PatternId], ty: &Ty, by_reference: bool, depth: u32) {
        let mut at = ty.clone();
        if let Ty::Adt(..) = at {
            at = self.dereference(&at).unwrap_or_default();
        }
        let element = match &at {
            Ty::Slice(inner) | Ty::Array(inner) => (**inner).clone(),
            _ => Ty::Unknown,
        };
        for pattern in elements {
            let is_rest = matches!(&self.body[*pattern].kind, PatternKind::Binding { sub: Some(sub), .. } if {
                matches!(self.body[*sub].kind, PatternKind::Rest)
            });
            let ty = if is_rest { Ty::Slice(Arc::new(element.clone())) } else { element.clone() };
            self.pattern(*pattern, &ty, by_reference, depth + 1);
        }
    }

    /// Names and types of the fields of the struct or variant that `path` means, for a value of type `ty`.
    fn fields_of(&mut self, path: &'w facts::Path, ty: &Ty, namespace: Namespace) -> Option<(Vec<Name>, Vec<Ty>)> {
        let meaning = if namespace == Namespace::Values { self.meaning(path) } else { self.shape(path) };
        let Meaning::Constructor { definition, ty: own, fields, .. } = meaning else { return None };
        self.unify(&own, ty);
        let (id, variant) = match definition {
            Definition::Variant(id, variant) => (id, variant),
            Definition::Adt(id) => (id, 0),
            _ => return None,
        };
        let names = self.world.map.adt(id).variants[variant as usize].fields.iter().map(|field| field.name.clone()).collect();
        Some((names, fields))
    }
}
