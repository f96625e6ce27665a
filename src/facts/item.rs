//! Items: what a file declares.

use super::{Body, Name, Path, Type};
use crate::source::Span;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    /// Empty for `impl`, `use` and macro calls.
    pub name: Name,
    /// Of the name, or of the first token for nameless items.
    pub name_span: Span,
    /// Of the whole item with its attributes.
    pub span: Span,
    pub visibility: Visibility,
    pub attributes: Vec<Attribute>,
    pub kind: ItemKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    Private,
    Public,
    /// `pub(crate)`, `pub(super)`, `pub(in path)`.
    Restricted,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ItemKind {
    Use(Vec<UseBinding>),
    /// `extern crate name as rename;`
    ExternCrate {
        rename: Option<Name>,
    },
    /// `None`: the items are in another file; `path` holds `#[path = ".."]`, also when inside `cfg_attr`.
    Module {
        items: Option<Vec<Item>>,
        path: Option<String>,
    },
    Function(Arc<Function>),
    Struct(Struct),
    Enum(Enum),
    /// Fields as a struct's.
    Union(Struct),
    Trait(Trait),
    Impl(Impl),
    TypeAlias {
        generics: Generics,
        aliased: Option<Type>,
    },
    /// `const` and `static`, with the initializer as a body.
    Constant {
        ty: Type,
        is_static: bool,
        value: Option<Arc<Body>>,
    },
    /// `macro_rules! name`; `paths` are the `crate::..` paths and paths to known roots seen in its token trees.
    MacroRules {
        arms: Vec<MacroArm>,
        paths: Vec<Path>,
        exported: bool,
    },
    /// An item-position macro call, such as `include!`, `thread_local!`, `lazy_static!`, `diesel::table!`.
    /// Its arguments are read as items where they are items (`cfg_if!`, `lazy_static!` statics), otherwise kept as source text.
    MacroCall {
        path: Path,
        text: Arc<str>,
        /// Of the text.
        inner: Span,
        items: Vec<Item>,
    },
}

/// One arm of a `macro_rules!`, as source text of matcher and transcriber.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MacroArm {
    pub matcher: Arc<str>,
    pub transcriber: Arc<str>,
}

/// One leaf of a `use` tree.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UseBinding {
    pub path: Path,
    pub kind: UseKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UseKind {
    /// The name it is bound to: the last segment or the rename; `_` binds nothing nameable.
    Named(Name),
    Glob,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    pub name: Name,
    pub name_span: Span,
    pub span: Span,
    pub visibility: Visibility,
    pub attributes: Vec<Attribute>,
    pub generics: Generics,
    pub is_async: bool,
    pub receiver: Option<Receiver>,
    /// Without the receiver. Patterns live in the body's arena, so a function without body has `None` patterns.
    pub parameters: Vec<Parameter>,
    /// `None` for `()`.
    pub returns: Option<Type>,
    pub body: Option<Arc<Body>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receiver {
    /// `&self`, `&mut self`.
    pub by_reference: bool,
    /// `self: Arc<Self>`.
    pub ty: Option<Type>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// In the arena of the function's body.
    pub pattern: Option<super::PatternId>,
    /// The name where the pattern is a plain binding.
    pub name: Option<Name>,
    pub ty: Type,
    pub span: Span,
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Generics {
    /// Type parameters in order (lifetimes and consts left out), with bounds from both the list and the where clause.
    pub types: Vec<TypeParameter>,
    /// Where clauses on anything but a bare parameter: `Vec<T>: Trait`, `T::Item: Trait`.
    pub other_bounds: Vec<(Type, Vec<Type>)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TypeParameter {
    pub name: Name,
    /// Trait bounds as path types; `Fn(A) -> B` sugar is kept in the segment's arguments.
    pub bounds: Vec<Type>,
    pub default: Option<Type>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Struct {
    pub generics: Generics,
    pub fields: Vec<Field>,
    pub shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    Named,
    Tuple,
    Unit,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Field {
    /// `0`, `1`, .. for tuple fields.
    pub name: Name,
    pub name_span: Span,
    pub ty: Type,
    pub visibility: Visibility,
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enum {
    pub generics: Generics,
    pub variants: Vec<Variant>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variant {
    pub name: Name,
    pub name_span: Span,
    pub fields: Vec<Field>,
    pub shape: Shape,
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trait {
    pub generics: Generics,
    pub supertraits: Vec<Type>,
    /// Functions (with or without body), associated types (`TypeAlias`) and constants.
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Impl {
    pub generics: Generics,
    /// `None` for an inherent impl.
    pub trait_: Option<Path>,
    /// `impl !Trait for X`.
    pub negative: bool,
    pub self_type: Type,
    pub items: Vec<Item>,
}

/// One attribute, `derive` and `cfg_attr` included; what `cfg_attr` would add is added as its own attribute with `conditional` set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attribute {
    pub path: Path,
    pub span: Span,
    /// Source text between the delimiters, or after `=`; empty for a bare path.
    pub text: Arc<str>,
    /// Comma-separated arguments, read as far as they can be.
    pub arguments: Vec<AttributeArgument>,
    pub conditional: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum AttributeArgument {
    Text(String, Span),
    /// `get`, `sqlx::FromRow`.
    Path(Path),
    /// `path = "/x"`: the value as text without quotes when it is a string literal. `span` is that of the value.
    KeyValue {
        key: Name,
        value: String,
        is_string: bool,
        span: Span,
    },
    /// `method(get, head)`.
    List {
        path: Path,
        arguments: Vec<AttributeArgument>,
    },
    /// Something else, as source text.
    Other(String, Span),
}

impl Item {
    /// Whether `#[cfg(test)]`, `#[test]`, `#[tokio::test]` and the like put this item itself into test builds only.
    pub fn is_test(&self) -> bool {
        is_test(&self.attributes)
    }
}

/// `#[cfg(test)]` (also `all(test, ..)` and `any(test, feature = "test-utils")`), or an attribute whose last segment is `test`, `rstest`, `test_case`, `bench`, `proptest`, `quickcheck`.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match attribute.path.last() {
        Some("cfg") => cfg_requires_test(&attribute.arguments),
        Some("test" | "rstest" | "test_case" | "bench" | "proptest" | "quickcheck") => true,
        _ => false,
    })
}

fn cfg_requires_test(arguments: &[AttributeArgument]) -> bool {
    arguments.iter().any(|argument| match argument {
        AttributeArgument::Path(path) => path.last() == Some("test") && path.segments.len() == 1,
        AttributeArgument::List { path, arguments } if path.last() == Some("all") => cfg_requires_test(arguments),
        AttributeArgument::List { path, arguments } if path.last() == Some("any") => {
            let requires = |one: &AttributeArgument| cfg_requires_test(std::slice::from_ref(one));
            arguments.iter().any(requires) && arguments.iter().all(|one| requires(one) || is_test_support(one))
        }
        _ => false,
    })
}

/// `feature = "test-utils"`: features that only tests switch on, where they stand beside `test`.
fn is_test_support(argument: &AttributeArgument) -> bool {
    let AttributeArgument::KeyValue { key, value, .. } = argument else { return false };
    key.as_str() == "feature" && value.split(['-', '_']).any(|word| matches!(word, "test" | "tests" | "testing"))
}
