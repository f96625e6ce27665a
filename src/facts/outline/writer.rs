//! Facts as bytes, with the plain types and functions and the imports taken out.
//!
//! Everything goes through serde, so that a new field is part of it by itself: forgetting one would make stale results, having one too
//! many costs time.

use super::beside::Owned;
use super::imports::{Import, Links, Mentions, Types};
use super::{Declared, Name, words};
use serde::ser::*;
use std::fmt::{self, Display};

#[derive(Default)]
pub(super) struct Writer {
    /// What is left when the types, the functions and the imports are taken out.
    pub out: Vec<u8>,
    pub taken_types: Vec<Declared>,
    pub functions: Vec<Declared>,
    /// In order.
    pub imports: Vec<Import>,
    /// Of everything but imports that were taken out.
    pub links: Links,
    /// In everything but the paths of imports.
    pub mentions: Mentions,
    /// In what is left, but for paths of imports.
    pub types: Types,
    /// Of the impls that are still to be written, outside of what is fixed: the types that they belong to.
    impls: std::vec::IntoIter<Option<Owned>>,
    /// Of the impl that is being written.
    owned: Option<Owned>,
    /// Bindings of the `use` item that is being written.
    bindings: Vec<Import>,
    /// Inline modules around what is being written.
    modules: Vec<Name>,
    /// Segments of the paths that are being written, the outer ones first.
    paths: Vec<Vec<Name>>,
    /// Of the binding that is being written.
    imported: Vec<Name>,
    is_in_binding: bool,
    /// What the binding that was written last is bound to; `None` for a glob.
    bound: Option<Name>,
    /// Whether the item that is being written is private.
    is_private: bool,
    /// The text that was written last.
    last_text: Name,
    /// Inside of something whose functions stay, so many times: traits, their impls, macro calls, bodies.
    fixed: u32,
    /// The name of the item that was written last.
    name: String,
    /// The item kind that was written last.
    kind: &'static str,
    /// Whether the item that was written last is among the functions now.
    is_taken_out: bool,
    bodies_with_items: u32,
    /// Inside of something that is left out, so many times.
    muted: u32,
    last_number: u64,
    /// Of the body whose expressions are being walked.
    shape: Option<Shape>,
}

/// Where in a body items stand: what their scopes and numbers follow from. The rest of the body is nobody else's business.
#[derive(Default)]
struct Shape {
    expressions: u64,
    first: u64,
    items: Vec<u64>,
    /// First expression, own number, and items of each block that has any.
    blocks: Vec<(u64, u64, Vec<u64>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Span,
    Body,
    Expression,
    /// A list, of which each part is announced, so that one can be taken out.
    List,
    Item,
    Declaration(&'static str),
    Impl,
    Trait,
    /// Of one name, or of segments.
    Path,
    Segment,
    Binding,
}

/// A list, tuple, struct or variant being written.
pub(super) struct Compound<'w> {
    writer: &'w mut Writer,
    kind: Kind,
    /// Of a body: whether it declares items. Of an impl: whether it is one of a trait.
    has_items: bool,
    start: Start,
}

/// How much had been written when something began.
#[derive(Clone, Copy)]
struct Start {
    out: usize,
    types: usize,
    functions: usize,
    bodies_with_items: u32,
}

/// Fields that say where something stands, beside those that are spans.
const PLACES: [&str; 1] = ["value_start"];

impl Writer {
    pub fn new(mentions: Mentions, links: Links, impls: Vec<Option<Owned>>) -> Self {
        Writer { mentions, links, impls: impls.into_iter(), ..Writer::default() }
    }

    fn number(&mut self, number: u64) {
        self.last_number = number;
        self.bytes(&number.to_le_bytes());
    }

    fn text(&mut self, text: &[u8]) {
        self.bytes(&(text.len() as u64).to_le_bytes());
        self.bytes(text);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if self.muted == 0 {
            self.out.extend_from_slice(bytes);
        }
    }

    fn compound(&mut self, kind: Kind) -> Compound<'_> {
        self.muted += u32::from(kind == Kind::Span);
        self.fixed += u32::from(matches!(kind, Kind::Body | Kind::Trait | Kind::Declaration("MacroCall")));
        match kind {
            Kind::Declaration("Module") => self.modules.push(self.name.as_str().into()),
            Kind::Path => self.paths.push(Vec::new()),
            Kind::Binding => self.is_in_binding = true,
            Kind::Impl if !self.is_fixed() => self.owned = self.impls.next().flatten(),
            _ => {}
        }
        let (out, types, functions) = (self.out.len(), self.types.0.len(), self.functions.len());
        let start = Start { out, types, functions, bodies_with_items: self.bodies_with_items };
        Compound { writer: self, kind, has_items: false, start }
    }

    /// Whether nothing can be taken out here.
    fn is_fixed(&self) -> bool {
        self.fixed > 0 || self.muted > 0
    }

    /// An item was written since `start`.
    fn end_item(&mut self, start: Start) {
        let owned = if self.is_fixed() { None } else { self.owned.take_if(|_| self.kind == "Impl") };
        if self.is_fixed() || self.bodies_with_items != start.bodies_with_items {
            return;
        }
        match self.kind {
            "Use" => self.end_use(start.out),
            // Nothing can be found in or by it but its name.
            "Function" if self.name.starts_with(words::starts_function) => {
                let function = self.take_out(start);
                self.functions.push(function);
            }
            "Struct" | "Enum" | "Union" if self.name.starts_with(words::starts_type) => {
                let declared = self.take_out(start);
                self.taken_types.push(declared);
            }
            "Impl" => owned.into_iter().for_each(|owned| self.end_impl(start, owned)),
            _ => {}
        }
    }

    /// An impl was written since `start`; its functions, which are taken out, are told apart by what is around them.
    fn end_impl(&mut self, start: Start, owned: Owned) {
        let around = self.take_out(start);
        for function in &mut self.functions[start.functions..] {
            function.of_type = Some(owned.by.clone());
            function.bytes.extend(&around.bytes);
        }
        self.taken_types.push(Declared { name: owned.by, trait_: owned.trait_, ..around });
    }

    /// What was written since `start`, which is taken out.
    fn take_out(&mut self, start: Start) -> Declared {
        let mut bytes = (start.out as u64).to_le_bytes().to_vec();
        bytes.extend(self.out.drain(start.out..));
        let speaks_of = self.types.0.drain(start.types..).collect();
        self.is_taken_out = true;
        Declared { name: self.name.as_str().into(), module: self.modules.last().cloned(), bytes, speaks_of, ..Declared::default() }
    }

    /// A path is complete.
    fn end_path(&mut self) {
        let mut path = self.paths.pop().unwrap_or_default();
        // One that is a name only has no segments.
        if path.is_empty() {
            path.push(self.last_text.clone());
        }
        if self.is_in_binding {
            self.imported = path;
        } else if self.muted == 0 {
            self.links.add(&path, self.modules.len());
        }
    }

    /// A binding was written since `start`.
    fn end_binding(&mut self, start: usize) {
        self.is_in_binding = false;
        let import = Import {
            path: std::mem::take(&mut self.imported),
            bound: self.bound.take(),
            is_private: self.is_private,
            modules: self.modules.clone(),
            bytes: Vec::new(),
        };
        if self.is_fixed() {
            self.types.import(&import);
            import.path.iter().for_each(|name| self.mentions.add(name));
            self.links.add(&import.path, self.modules.len());
        } else {
            self.bindings.push(Import { bytes: self.out.drain(start..).collect(), ..import });
            self.is_taken_out = true;
        }
    }

    /// A `use` item was written since `start`, without its bindings. Each has the rest of the item with it.
    fn end_use(&mut self, start: usize) {
        let mut around = (start as u64).to_le_bytes().to_vec();
        around.extend(self.out.drain(start..));
        for binding in self.bindings.drain(..) {
            self.imports.push(Import { bytes: [around.as_slice(), &binding.bytes].concat(), ..binding });
        }
        self.is_taken_out = true;
    }
}

impl Compound<'_> {
    fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Never> {
        match (self.kind, key) {
            (_, key) if PLACES.contains(&key) => Ok(()),
            (Kind::Body, "items") => {
                let before = self.writer.out.len();
                value.serialize(&mut *self.writer)?;
                self.has_items = self.writer.out[before..] != 0u64.to_le_bytes();
                self.writer.bodies_with_items += u32::from(self.has_items);
                Ok(())
            }
            (Kind::Body, "expressions") if self.has_items => self.shape(value),
            (Kind::Body, _) => Ok(()),
            (Kind::Expression, "first") => {
                value.serialize(&mut *self.writer)?;
                let first = self.writer.last_number;
                self.writer.shape.iter_mut().for_each(|shape| shape.first = first);
                Ok(())
            }
            (Kind::Item, "name") => {
                let before = self.writer.out.len();
                value.serialize(&mut *self.writer)?;
                let name = self.writer.out.get(before + 8..).unwrap_or_default();
                self.writer.name = String::from_utf8_lossy(name).into_owned();
                Ok(())
            }
            (Kind::Segment, "name") => {
                value.serialize(&mut *self.writer)?;
                let name = self.writer.last_text.clone();
                self.writer.paths.last_mut().into_iter().for_each(|path| path.push(name.clone()));
                Ok(())
            }
            (Kind::Impl, "trait_") => {
                let before = self.writer.out.len();
                value.serialize(&mut *self.writer)?;
                self.has_items = self.writer.out[before..] != 0u64.to_le_bytes();
                self.writer.fixed += u32::from(self.has_items);
                Ok(())
            }
            _ => value.serialize(&mut *self.writer),
        }
    }

    /// Blocks with items, the outer ones before the inner ones, each with the number of the one around it.
    fn shape<T: Serialize + ?Sized>(&mut self, expressions: &T) -> Result<(), Never> {
        let around = self.writer.shape.replace(Shape::default());
        self.writer.muted += 1;
        expressions.serialize(&mut *self.writer)?;
        self.writer.muted -= 1;
        let shape = std::mem::replace(&mut self.writer.shape, around).unwrap_or_default();
        let blocks: Vec<&(u64, u64, Vec<u64>)> = shape.blocks.iter().rev().collect();
        for (number, (_, at, items)) in blocks.iter().enumerate() {
            let parent = blocks[..number].iter().rposition(|(first, last, _)| (*first..=*last).contains(at));
            self.writer.number(parent.map_or(0, |parent| parent as u64 + 1));
            items.serialize(&mut *self.writer)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Never> {
        match self.kind {
            Kind::Span => self.writer.muted -= 1,
            Kind::Body | Kind::Trait => self.writer.fixed -= 1,
            Kind::Impl => self.writer.fixed -= u32::from(self.has_items),
            Kind::Declaration(kind) => {
                self.writer.fixed -= u32::from(kind == "MacroCall");
                self.writer.kind = kind;
                if kind == "Module" {
                    self.writer.modules.pop();
                }
            }
            Kind::List => self.writer.number(0),
            Kind::Path => self.writer.end_path(),
            Kind::Binding => self.writer.end_binding(self.start.out),
            Kind::Item => self.writer.end_item(self.start),
            _ => {}
        }
        if let (Kind::Expression, Some(shape)) = (self.kind, &mut self.writer.shape) {
            let items = std::mem::take(&mut shape.items);
            if !items.is_empty() {
                shape.blocks.push((shape.first, shape.expressions, items));
            }
            shape.expressions += 1;
        }
        Ok(())
    }
}

macro_rules! numbers {
    ($($name:ident: $ty:ty),*) => {$(
        fn $name(self, value: $ty) -> Result<(), Never> {
            self.number(value as u64);
            Ok(())
        }
    )*};
}

impl<'w> Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Compound<'w>;
    type SerializeTuple = Compound<'w>;
    type SerializeTupleStruct = Compound<'w>;
    type SerializeTupleVariant = Compound<'w>;
    type SerializeMap = Compound<'w>;
    type SerializeStruct = Compound<'w>;
    type SerializeStructVariant = Compound<'w>;

    numbers!(serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64);
    numbers!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_char: char);

    fn serialize_f32(self, value: f32) -> Result<(), Never> {
        self.number(u64::from(value.to_bits()));
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Never> {
        self.number(value.to_bits());
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Never> {
        self.bytes(&value.to_le_bytes());
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Never> {
        self.bytes(&value.to_le_bytes());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Never> {
        self.text(value.as_bytes());
        if self.muted == 0 {
            self.last_text = value.into();
            if !self.is_in_binding {
                self.mentions.add(value);
                self.types.add(value);
            }
        }
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Never> {
        self.text(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.number(0);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        self.number(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_variant(self, name: &'static str, index: u32, variant: &'static str) -> Result<(), Never> {
        self.number(u64::from(index));
        if name == "Visibility" {
            self.is_private = variant == "Private";
        }
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        self.number(u64::from(index));
        value.serialize(&mut *self)?;
        match name {
            "ItemKind" => self.kind = variant,
            "UseKind" => self.bound = Some(self.last_text.clone()),
            _ => {}
        }
        let number = self.last_number;
        if let (("Statement", "Item"), Some(shape)) = ((name, variant), &mut self.shape) {
            shape.items.push(number);
        }
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'w>, Never> {
        Ok(self.compound(Kind::List))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'w>, Never> {
        Ok(self.compound(Kind::Plain))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'w>, Never> {
        Ok(self.compound(Kind::Plain))
    }

    fn serialize_tuple_variant(self, name: &'static str, index: u32, _: &'static str, _: usize) -> Result<Compound<'w>, Never> {
        self.number(u64::from(index));
        Ok(self.compound(if name == "Path" { Kind::Path } else { Kind::Plain }))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Compound<'w>, Never> {
        self.number(length.unwrap_or(usize::MAX) as u64);
        Ok(self.compound(Kind::Plain))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'w>, Never> {
        Ok(self.compound(match name {
            "Span" => Kind::Span,
            "Body" => Kind::Body,
            "Expression" => Kind::Expression,
            "Item" => Kind::Item,
            "Impl" => Kind::Impl,
            "Trait" => Kind::Trait,
            "Segment" => Kind::Segment,
            "UseBinding" => Kind::Binding,
            _ => Kind::Plain,
        }))
    }

    fn serialize_struct_variant(self, name: &'static str, index: u32, variant: &'static str, _: usize) -> Result<Compound<'w>, Never> {
        self.number(u64::from(index));
        Ok(self.compound(if name == "ItemKind" { Kind::Declaration(variant) } else { Kind::Plain }))
    }
}

macro_rules! compound {
    ($($of:ident: $name:ident),*) => {$(
        impl $of for Compound<'_> {
            type Ok = ();
            type Error = Never;

            fn $name<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                value.serialize(&mut *self.writer)
            }

            fn end(self) -> Result<(), Never> {
                self.finish()
            }
        }
    )*};
}
compound!(SerializeTuple: serialize_element);
compound!(SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field);

impl SerializeSeq for Compound<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        let before = self.writer.out.len();
        self.writer.number(1);
        value.serialize(&mut *self.writer)?;
        if std::mem::take(&mut self.writer.is_taken_out) {
            self.writer.out.truncate(before);
        }
        Ok(())
    }

    fn end(self) -> Result<(), Never> {
        self.finish()
    }
}

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        key.serialize(&mut *self.writer)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Never> {
        self.finish()
    }
}

macro_rules! structs {
    ($($of:ident)*) => {$(
        impl $of for Compound<'_> {
            type Ok = ();
            type Error = Never;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Never> {
                self.field(key, value)
            }

            fn end(self) -> Result<(), Never> {
                self.finish()
            }
        }
    )*};
}
structs!(SerializeStruct SerializeStructVariant);

/// What serde asks for and memory has no use of.
#[derive(Debug)]
pub(super) struct Never;

impl Display for Never {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an outline cannot be written")
    }
}

impl std::error::Error for Never {}

impl Error for Never {
    fn custom<T: Display>(_: T) -> Self {
        Never
    }
}
