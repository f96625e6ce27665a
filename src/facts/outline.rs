//! What other bodies can see of a file: everything but the insides of bodies and where things stand.
//!
//! While the outlines of all files stay the same, a change in one body changes nothing about the others. The outline is written through
//! serde so that a new field is part of it by itself: forgetting one would make stale results, having one too many costs time.

use super::FileFacts;
use serde::ser::*;
use std::fmt::{self, Display};

/// As bytes to be compared or hashed.
pub fn outline(facts: &FileFacts) -> Vec<u8> {
    let mut writer = Writer::default();
    (&facts.items, &facts.attributes).serialize(&mut writer).expect("writing to memory does not fail");
    writer.out
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
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
enum Kind {
    Plain,
    Span,
    Body,
    Expression,
}

/// A list, tuple, struct or variant being written.
struct Compound<'w> {
    writer: &'w mut Writer,
    kind: Kind,
    /// Of a body: whether it declares items.
    has_items: bool,
}

/// Fields that say where something stands, beside those that are spans.
const PLACES: [&str; 1] = ["value_start"];

impl Writer {
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
        Compound { writer: self, kind, has_items: false }
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
        if self.kind == Kind::Span {
            self.writer.muted -= 1;
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

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<(), Never> {
        self.number(u64::from(index));
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
        let number = self.last_number;
        if let (("Statement", "Item"), Some(shape)) = ((name, variant), &mut self.shape) {
            shape.items.push(number);
        }
        Ok(())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Compound<'w>, Never> {
        self.number(length.unwrap_or(usize::MAX) as u64);
        Ok(self.compound(Kind::Plain))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'w>, Never> {
        Ok(self.compound(Kind::Plain))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'w>, Never> {
        Ok(self.compound(Kind::Plain))
    }

    fn serialize_tuple_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Compound<'w>, Never> {
        self.number(u64::from(index));
        Ok(self.compound(Kind::Plain))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Compound<'w>, Never> {
        self.serialize_seq(length)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'w>, Never> {
        Ok(self.compound(match name {
            "Span" => Kind::Span,
            "Body" => Kind::Body,
            "Expression" => Kind::Expression,
            _ => Kind::Plain,
        }))
    }

    fn serialize_struct_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Compound<'w>, Never> {
        self.number(u64::from(index));
        Ok(self.compound(Kind::Plain))
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
compound!(SerializeSeq: serialize_element, SerializeTuple: serialize_element);
compound!(SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field);

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
struct Never;

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

#[cfg(test)]
mod tests {
    use super::super::extract;
    use crate::source::FileId;

    fn same(one: &str, other: &str) -> bool {
        let outline = |text: &str| super::outline(&extract(FileId(0), text).0);
        outline(one) == outline(other)
    }

    #[test]
    fn what_bodies_do_and_where_things_stand_is_no_part_of_it() {
        let text = "use a::b;\nfn f(x: u8) -> u8 { g(x, \"one\") }\nconst N: u8 = 1;\nstruct S { a: u8 }\nimpl S { fn m(&self) {} }";
        let moved = "use a::b;\n\n// why\nfn f(x: u8) -> u8 {\n    let y = h(|| 2);\n    y.z()?\n}\nconst N: u8 = 2 + 3;\nstruct S {\n a: u8 }\nimpl S { fn m(&self) { loop {} } }";
        assert!(same(text, moved));
    }

    #[test]
    fn what_others_can_see_is_part_of_it() {
        let text = "use a::b;\nfn f(x: u8) -> u8 { 1 }\nstruct S { a: u8 }\ntrait T { fn d(&self) {} }";
        for other in [
            text.replace("a::b", "a::c"),
            text.replace("x: u8", "x: u16"),
            text.replace("-> u8", "-> u16"),
            text.replace("fn f", "pub fn f"),
            text.replace("fn f", "#[test] fn f"),
            text.replace("a: u8", "b: u8"),
            text.replace("(&self) {}", "(&self);"),
            text.replace("struct", "fn g() {}\nstruct"),
        ] {
            assert!(!same(text, &other), "{other}");
        }
    }

    #[test]
    fn items_in_bodies_are_part_of_it_with_the_blocks_they_stand_in() {
        let body = "fn f() { use a::b; let x = b(1, \"one\"); if x { struct S; s(x) } }";
        assert!(same(body, "fn f() { use a::b; let x = b(2, \"another\").c(); if x { let d = { 1 }; struct S; t(d) } }"));
        for other in [
            body.replace("a::b", "a::c"),
            body.replace("struct S;", ""),
            body.replace("{ struct S; s(x) }", "{ s(x) } struct S;"),
            body.replace("use a::b; ", "").replace("struct S;", "struct S; use a::b;"),
            body.replace("{ struct S; s(x) }", "{ { struct S; } }").replace("use a::b;", "{ use a::b; }"),
        ] {
            assert!(!same(body, &other), "{other}");
        }
    }
}
