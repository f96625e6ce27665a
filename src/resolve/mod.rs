//! Names across files and crates: which definition a path or a call means. Every call has a target, an external path, or an honest
//! [`Target::Unresolved`]; nothing is matched by bare name.
//!
//! Crates known to [`crate::knowledge`] take part through their `declarations`, as if they were source.

pub mod graph;
mod ty;

pub use graph::*;
pub use ty::*;

use crate::facts::{self, ExprId, Name};
use crate::source::{FileId, Place};
use std::sync::Arc;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
    )*};
}
id! {
    /// A crate target of the workspace (library, binary, test ..) or a crate declared by knowledge.
    CrateId
    ModuleId
    /// A function, method, or the initializer of a `const`/`static`: everything that has (or could have) a body.
    FunctionId
    /// A struct, enum or union.
    AdtId
    TraitId
    ImplId
    AliasId
}

/// Everything resolved: the definitions, and for each body its types and calls.
pub struct Resolved {
    pub crates: Vec<Crate>,
    pub modules: Vec<Module>,
    pub functions: Vec<Function>,
    pub adts: Vec<Adt>,
    pub traits: Vec<Trait>,
    pub impls: Vec<Impl>,
    pub aliases: Vec<Alias>,
    /// By [`FunctionId`]; empty for functions without body and those of declared crates.
    pub bodies: Vec<ResolvedBody>,
    /// Paths, in any position, that mean an item of the workspace or a foreign crate: `use`, types, expressions, macros' `crate::` paths.
    pub references: Vec<Reference>,
    /// Named references that stayed open, for the coverage line.
    pub unresolved_references: usize,
}

pub struct Crate {
    /// As written in paths: `svix_server`.
    pub name: Name,
    /// Index into [`CrateGraph::crates`] for a crate of the workspace; `None` for one declared by knowledge.
    pub source: Option<usize>,
    pub root: ModuleId,
}

pub struct Module {
    pub krate: CrateId,
    pub parent: Option<ModuleId>,
    /// `svix_server::v1::endpoints`.
    pub path: Arc<str>,
    pub name: Name,
    /// Where its items stand.
    pub file: FileId,
    /// Whether it is in its own file (or is the root), not inline.
    pub own_file: bool,
    pub test: bool,
    /// Predicates of `cfg` attributes on it and its parents.
    pub cfg: Vec<Arc<str>>,
}

pub struct Function {
    pub krate: CrateId,
    pub module: ModuleId,
    /// `krate::module::Type::name`; for trait impls `krate::module::<Type as Trait>::name`.
    pub path: Arc<str>,
    pub name: Name,
    pub file: FileId,
    /// `None` for initializers.
    pub facts: Option<Arc<facts::Function>>,
    pub body: Option<Arc<facts::Body>>,
    pub place: Place,
    pub container: Container,
    /// `#[test]`, inside `#[cfg(test)]`, or in a test or bench target.
    pub test: bool,
    /// The function whose body declares it.
    pub inside: Option<FunctionId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    Module,
    Impl(ImplId),
    Trait(TraitId),
    /// Initializer of a `const` or `static`.
    Initializer,
}

pub struct Adt {
    pub module: ModuleId,
    pub path: Arc<str>,
    pub name: Name,
    pub place: Place,
    pub kind: AdtKind,
    pub generics: facts::Generics,
    pub attributes: Vec<facts::Attribute>,
    /// One for structs; in order for enums.
    pub variants: Vec<AdtVariant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdtKind {
    Struct,
    Enum,
    Union,
}

pub struct AdtVariant {
    pub name: Name,
    pub shape: facts::Shape,
    pub fields: Vec<facts::Field>,
    /// Types of `fields`, resolved; parameters of the type are [`Ty::Parameter`].
    pub types: Vec<Ty>,
}

pub struct Trait {
    pub module: ModuleId,
    pub path: Arc<str>,
    pub name: Name,
    pub place: Place,
    pub attributes: Vec<facts::Attribute>,
    pub methods: Vec<FunctionId>,
    pub supertraits: Vec<TraitId>,
    pub impls: Vec<ImplId>,
}

pub struct Impl {
    pub module: ModuleId,
    pub place: Place,
    /// `None` for inherent impls; `Err(path)` for a trait that knowledge does not declare.
    pub trait_: Option<Result<TraitId, Arc<str>>>,
    pub self_type: Ty,
    pub methods: Vec<FunctionId>,
    pub attributes: Vec<facts::Attribute>,
}

pub struct Alias {
    pub module: ModuleId,
    pub path: Arc<str>,
    pub ty: Ty,
}

/// What inference found in one body.
#[derive(Default)]
pub struct ResolvedBody {
    /// By [`ExprId`].
    pub types: Vec<Ty>,
    /// Sorted by expression.
    pub calls: Vec<CallSite>,
    /// What each path expression means, sorted by expression: constants, statics, functions as values, constructors.
    pub paths: Vec<(ExprId, Definition)>,
}

/// One call, or one function named as a value, in a body.
#[derive(Clone, Debug)]
pub struct CallSite {
    /// The `Call`, `MethodCall` or `Macro` expression; for a mention, the path.
    pub expression: ExprId,
    pub kind: CallKind,
    /// Of the callee's name.
    pub place: Place,
    pub target: Target,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    Call,
    Method,
    Macro,
    /// A function item used as a value: passed to another call, stored, returned.
    Mention,
}

#[derive(Clone, Debug)]
pub enum Target {
    Function(FunctionId),
    /// A trait's method through `dyn`, a generic bound or an unknown implementor, with what it may reach in the workspace.
    Trait {
        method: FunctionId,
        may_reach: Arc<[FunctionId]>,
    },
    /// Outside the workspace: canonical where knowledge declares it, otherwise as far as it could be followed (`anyhow::bail`).
    /// A declared function also has its id.
    External {
        path: Arc<str>,
        function: Option<FunctionId>,
    },
    /// Tuple struct or variant.
    Constructor,
    /// A closure or function pointer held in a value.
    Value,
    Unresolved(Unresolved),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// The type of the receiver is not known.
    Receiver,
    /// The receiver's type is known but has no such method as far as we see (derives, Deref, macros).
    Method,
    Path,
}

/// What a path means.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    Module(ModuleId),
    Function(FunctionId),
    /// Const or static; its initializer.
    Constant(FunctionId),
    Adt(AdtId),
    Variant(AdtId, u32),
    Trait(TraitId),
    Alias(AliasId),
    Macro(Arc<str>),
    /// Outside the workspace and not declared by knowledge.
    External(Arc<str>),
    Local,
    TypeParameter,
    Primitive,
}

/// A path that means something outside its own module.
#[derive(Clone, Debug)]
pub struct Reference {
    pub from: ModuleId,
    /// The function it stands in, if any.
    pub function: Option<FunctionId>,
    pub place: Place,
    pub to: Definition,
    pub kind: ReferenceKind,
    pub test: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    Use,
    Path,
    /// In the body of a `macro_rules!`.
    MacroText,
}
