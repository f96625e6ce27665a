//! Paths and types as written.

use super::Name;
use crate::source::Span;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `::a::b::<T>::c`. `self`, `super`, `crate`, `Self`, `$crate` are ordinary first segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Starts with `::`.
    pub global: bool,
    /// `<T as Trait>::x`: `T`; the trait's segments then come first in `segments`, `trait_segments` of them.
    pub qself: Option<Box<Type>>,
    pub trait_segments: usize,
    pub segments: Vec<Segment>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub name: Name,
    pub span: Span,
    /// Type arguments, in order; lifetimes and consts left out. `Fn(A, B) -> C` gives one `Tuple([A, B])` and `binding("Output", C)`.
    pub arguments: Vec<Type>,
    /// `Iterator<Item = T>`, and `Item: Trait` as an `ImplTrait`.
    pub bindings: Vec<(Name, Type)>,
}

/// How a path is written down. There are more of them than of anything else, and most are one name.
#[derive(Serialize)]
#[serde(rename = "Path")]
enum Shown<'p> {
    Name(&'p Name, Span),
    Whole(bool, &'p Option<Box<Type>>, usize, &'p [Segment], Span),
}

#[derive(Deserialize)]
#[serde(rename = "Path")]
enum Stored {
    Name(Name, Span),
    Whole(bool, Option<Box<Type>>, usize, Vec<Segment>, Span),
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Path { global, qself, trait_segments, segments, span } = self;
        let shown = match (segments.as_slice(), global, qself, trait_segments) {
            ([Segment { name, span: of_name, arguments, bindings }], false, None, 0)
                if of_name == span && arguments.is_empty() && bindings.is_empty() =>
            {
                Shown::Name(name, *span)
            }
            _ => Shown::Whole(*global, qself, *trait_segments, segments, *span),
        };
        shown.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Name(name, span) => {
                let segment = Segment { name, span, arguments: Vec::new(), bindings: Vec::new() };
                Path { segments: vec![segment], span, ..Path::default() }
            }
            Stored::Whole(global, qself, trait_segments, segments, span) => Path { global, qself, trait_segments, segments, span },
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Type {
    Path(Path),
    /// `&T`, `&mut T`, `*const T`.
    Reference(Box<Type>),
    Slice(Box<Type>),
    Array(Box<Type>),
    /// `()` is the empty tuple.
    Tuple(Vec<Type>),
    FunctionPointer {
        parameters: Vec<Type>,
        returns: Option<Box<Type>>,
    },
    /// Bounds as path types.
    DynTrait(Vec<Type>),
    ImplTrait(Vec<Type>),
    Never,
    Infer,
    /// A macro in type position or something newer than this reader.
    Unknown,
}

impl Path {
    pub fn last(&self) -> Option<&str> {
        self.segments.last().map(|segment| segment.name.as_str())
    }

    /// The only segment of a one-segment path without qself.
    pub fn single(&self) -> Option<&Name> {
        match self.segments.as_slice() {
            [one] if !self.global && self.qself.is_none() => Some(&one.name),
            _ => None,
        }
    }

    /// `a::b::c` without generic arguments.
    pub fn text(&self) -> String {
        let mut text = String::from(if self.global { "::" } else { "" });
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                text.push_str("::");
            }
            text.push_str(&segment.name);
        }
        text
    }
}
