//! Inference variables: making types equal, coercing one into the other, and what is left in the end.

use super::*;

/// Types nested deeper than this are not compared further.
const MAX_NESTING: u32 = 24;

#[derive(Default)]
pub(super) struct Table {
    values: Vec<Value>,
}

#[derive(Clone, Debug)]
enum Value {
    Open(Kind),
    Bound(Ty),
}

/// What a variable may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    Integer,
    Float,
}

impl Table {
    pub fn fresh(&mut self) -> Ty {
        self.fresh_of(Kind::Any)
    }

    pub fn fresh_of(&mut self, kind: Kind) -> Ty {
        self.values.push(Value::Open(kind));
        Ty::Variable(self.values.len() as u32 - 1)
    }

    /// Follows variables to a type or an open variable.
    pub fn resolve(&self, ty: &Ty) -> Ty {
        let mut ty = ty;
        while let Ty::Variable(id) = ty {
            match &self.values[*id as usize] {
                Value::Bound(to) => ty = to,
                Value::Open(_) => break,
            }
        }
        ty.clone()
    }

    pub fn kind(&self, id: u32) -> Kind {
        match self.values[id as usize] {
            Value::Open(kind) => kind,
            Value::Bound(_) => Kind::Any,
        }
    }

    fn bind(&mut self, id: u32, ty: Ty) {
        self.values[id as usize] = Value::Bound(ty);
    }

    fn occurs(&self, id: u32, ty: &Ty) -> bool {
        let mut found = false;
        let mut steps = 0;
        map_type(ty, &mut |part| {
            steps += 1;
            if found || steps > 2000 {
                found = true;
                return Some(part.clone());
            }
            match self.resolve(part) {
                Ty::Variable(other) => {
                    found |= other == id;
                    None
                }
                resolved if matches!(part, Ty::Variable(_)) => {
                    found |= self.occurs_once(id, &resolved, 0);
                    None
                }
                _ => None,
            }
        });
        found
    }

    fn occurs_once(&self, id: u32, ty: &Ty, depth: u32) -> bool {
        if depth > MAX_NESTING {
            return true;
        }
        let mut found = false;
        map_type(ty, &mut |part| {
            if let Ty::Variable(_) = part {
                found |= match self.resolve(part) {
                    Ty::Variable(other) => other == id,
                    resolved => self.occurs_once(id, &resolved, depth + 1),
                };
            }
            found.then(|| part.clone())
        });
        found
    }
}

impl Infer<'_, '_> {
    /// The type itself, seen through variables and projections that can be worked out.
    pub(super) fn shallow(&mut self, ty: &Ty) -> Ty {
        let mut ty = self.table.resolve(ty);
        for _ in 0..8 {
            let Ty::Projection(of, trait_, name) = &ty else { break };
            match self.normalize(of, *trait_, name, 0) {
                Some(known) => ty = self.table.resolve(&known),
                None => break,
            }
        }
        ty
    }

    /// Makes both the same as far as that can be; `false` where they differ.
    pub(super) fn unify(&mut self, left: &Ty, right: &Ty) -> bool {
        self.unify_at(left, right, 0)
    }

    fn unify_at(&mut self, left: &Ty, right: &Ty, depth: u32) -> bool {
        if depth > MAX_NESTING {
            return false;
        }
        let (left, right) = (self.shallow(left), self.shallow(right));
        match (&left, &right) {
            (Ty::Variable(one), Ty::Variable(other)) => self.unify_variables(*one, *other),
            (Ty::Unknown, _) | (_, Ty::Unknown) => true,
            (Ty::Variable(id), ty) | (ty, Ty::Variable(id)) => self.assign(*id, ty),
            (Ty::Never, _) | (_, Ty::Never) => true,
            (Ty::Projection(..), Ty::Projection(..)) => left == right,
            (Ty::Projection(..), other) | (other, Ty::Projection(..)) => {
                let projection = if matches!(left, Ty::Projection(..)) { &left } else { &right };
                if depth == 0 && self.has_variables(projection) {
                    self.obligations.push(Obligation::Equal(projection.clone(), other.clone()));
                }
                true
            }
            (Ty::Adt(one, these), Ty::Adt(other, those)) => one == other && self.unify_lists(these, those, depth),
            (Ty::External(one, these), Ty::External(other, those)) => one == other && self.unify_lists(these, those, depth),
            (Ty::Tuple(these), Ty::Tuple(those)) => these.len() == those.len() && self.unify_lists(these, those, depth),
            (Ty::Reference(one), Ty::Reference(other)) => self.unify_at(one, other, depth + 1),
            (Ty::Slice(one) | Ty::Array(one), Ty::Slice(other) | Ty::Array(other)) => self.unify_at(one, other, depth + 1),
            (Ty::Opaque(these), Ty::Opaque(those)) | (Ty::Dyn(these), Ty::Dyn(those)) => self.unify_bounds(these, those, depth),
            (Ty::FunctionPointer(these, one), Ty::FunctionPointer(those, other)) => {
                these.len() == those.len() && self.unify_lists(these, those, depth) && self.unify_at(one, other, depth + 1)
            }
            (Ty::FunctionPointer(parameters, returns), Ty::Closure(_, at))
            | (Ty::Closure(_, at), Ty::FunctionPointer(parameters, returns)) => {
                let Some(callable) = self.closures.get(at).cloned() else { return true };
                for (one, other) in parameters.iter().zip(&callable.parameters) {
                    self.unify_at(one, other, depth + 1);
                }
                self.unify_at(returns, &callable.returns, depth + 1)
            }
            (left, right) => left == right,
        }
    }

    fn unify_lists(&mut self, these: &[Ty], those: &[Ty], depth: u32) -> bool {
        let mut same = true;
        for (one, other) in these.iter().zip(those) {
            same &= self.unify_at(one, other, depth + 1);
        }
        same
    }

    fn unify_bounds(&mut self, these: &[TraitBound], those: &[TraitBound], depth: u32) -> bool {
        let (Some(one), Some(other)) = (these.first(), those.first()) else { return true };
        if one.trait_ != other.trait_ {
            return false;
        }
        self.unify_lists(&one.arguments, &other.arguments, depth);
        for (name, ty) in one.bindings.iter() {
            if let Some((_, other)) = other.bindings.iter().find(|(other, _)| other == name) {
                self.unify_at(ty, other, depth + 1);
            }
        }
        true
    }

    fn unify_variables(&mut self, one: u32, other: u32) -> bool {
        if one == other {
            return true;
        }
        match (self.table.kind(one), self.table.kind(other)) {
            (Kind::Any, _) => self.table.bind(one, Ty::Variable(other)),
            (_, Kind::Any) => self.table.bind(other, Ty::Variable(one)),
            (these, those) if these == those => self.table.bind(one, Ty::Variable(other)),
            _ => return false,
        }
        true
    }

    fn assign(&mut self, id: u32, ty: &Ty) -> bool {
        let fits = match self.table.kind(id) {
            Kind::Any => true,
            Kind::Integer => matches!(ty, Ty::Primitive(name) if is_integer(name)),
            Kind::Float => matches!(ty, Ty::Primitive(name) if name.starts_with('f')),
        };
        if !fits || self.table.occurs(id, ty) {
            return false;
        }
        self.table.bind(id, ty.clone());
        true
    }

    /// `actual` is used where `expected` is wanted: as equal, or through dereferencing a reference.
    pub(super) fn coerce(&mut self, actual: &Ty, expected: &Ty) {
        let (actual, expected) = (self.shallow(actual), self.shallow(expected));
        let (Ty::Reference(from), Ty::Reference(to)) = (&actual, &expected) else {
            self.unify(&actual, &expected);
            return;
        };
        let to = self.shallow(to);
        let wanted = head(&to);
        let first = self.shallow(from);
        if wanted.is_none() || head(&first).is_none() || head(&first) == wanted {
            self.unify(&first, &to);
            return;
        }
        let mut at = first;
        for _ in 0..8 {
            let Some(next) = self.dereference(&at) else { return };
            at = self.shallow(&next);
            if head(&at) == wanted || matches!(at, Ty::Variable(_)) {
                self.unify(&at, &to);
                return;
            }
        }
    }

    /// The type of `if` and `match`: that of the first branch that comes to an end.
    pub(super) fn join(&mut self, so_far: Ty, next: Ty) -> Ty {
        let (so_far, next) = (self.shallow(&so_far), self.shallow(&next));
        match (&so_far, &next) {
            (Ty::Never | Ty::Unknown, _) => next,
            _ => {
                self.unify(&so_far, &next);
                so_far
            }
        }
    }

    pub(super) fn has_variables(&self, ty: &Ty) -> bool {
        let mut found = false;
        map_type(ty, &mut |part| {
            found |= matches!(part, Ty::Variable(_));
            found.then(|| part.clone())
        });
        found
    }

    /// Works off what waits for types to become known, until nothing moves.
    pub(super) fn settle(&mut self) {
        for _ in 0..8 {
            let before = (self.obligations.len(), self.pending.len());
            self.process_obligations();
            self.retry_pending();
            if before == (self.obligations.len(), self.pending.len()) {
                break;
            }
        }
    }

    pub(super) fn default_literals(&mut self) {
        for value in &mut self.table.values {
            match value {
                Value::Open(Kind::Integer) => *value = Value::Bound(primitive("i32")),
                Value::Open(Kind::Float) => *value = Value::Bound(primitive("f64")),
                _ => {}
            }
        }
    }

    /// Without variables: what stayed open is unknown.
    pub(super) fn finished(&mut self, ty: Ty) -> Ty {
        self.finished_at(&ty, 0)
    }

    fn finished_at(&mut self, ty: &Ty, depth: u32) -> Ty {
        if depth > MAX_NESTING {
            return Ty::Unknown;
        }
        let ty = self.shallow(ty);
        if let Ty::Variable(_) = ty {
            return Ty::Unknown;
        }
        // Projections inside are worked out too, so each part is looked at by itself.
        let mut top = true;
        map_type(&ty, &mut |part| {
            if std::mem::take(&mut top) && !matches!(part, Ty::Projection(..)) {
                return None;
            }
            match part {
                Ty::Variable(_) => Some(self.finished_at(part, depth + 1)),
                Ty::Projection(of, trait_, name) => match self.normalize(of, *trait_, name, 0) {
                    Some(known) => Some(self.finished_at(&known, depth + 1)),
                    None => {
                        let of = self.finished_at(of, depth + 1);
                        Some(if of == Ty::Unknown { Ty::Unknown } else { Ty::Projection(Arc::new(of), *trait_, name.clone()) })
                    }
                },
                _ => None,
            }
        })
    }
}

pub(super) fn is_integer(name: &str) -> bool {
    matches!(name, "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize")
}
