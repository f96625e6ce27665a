//! Types as far as they are known.

use super::{AdtId, FunctionId, TraitId};
use crate::facts::{ExprId, Name};
use std::sync::Arc;

/// A resolved type. `Unknown` is a fact too: it never equals anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ty {
    #[default]
    Unknown,
    Never,
    /// `str`, `u64`, `bool`, ..
    Primitive(Name),
    Adt(AdtId, Arc<[Ty]>),
    Reference(Arc<Ty>),
    Slice(Arc<Ty>),
    Array(Arc<Ty>),
    Tuple(Arc<[Ty]>),
    /// A type parameter in scope, by name; its bounds are those of its owner.
    Parameter(Name),
    Dyn(Arc<[TraitBound]>),
    /// `impl Trait`, in argument or return position.
    Opaque(Arc<[TraitBound]>),
    /// A named function used as a value.
    FunctionItem(FunctionId),
    FunctionPointer(Arc<[Ty]>, Arc<Ty>),
    /// A closure expression in the body of a function.
    Closure(FunctionId, ExprId),
    /// `T::Item` that could not be normalised.
    Projection(Arc<Ty>, TraitId, Name),
    /// A type of a crate that knowledge does not declare, by the path it was reached with.
    External(Arc<str>, Arc<[Ty]>),
    /// An inference variable; never seen outside resolve.
    Variable(u32),
}

/// `Trait<A, B, Item = T>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraitBound {
    pub trait_: Result<TraitId, Arc<str>>,
    pub arguments: Arc<[Ty]>,
    pub bindings: Arc<[(Name, Ty)]>,
}
