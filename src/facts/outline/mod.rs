//! What other bodies can see of a file: everything but the insides of bodies and where things stand.
//!
//! While the outlines of all files stay the same, a change in one body changes nothing about the others. Most functions are outlined one by
//! one: free ones and those of inherent impls are reached by their names alone, so a file that does not contain the name of a function
//! cannot tell whether it is there. Whatever is reached in other ways is [`Outline::rest`]: types, impls of traits, and all that numbers follow
//! from. Three things make names that are written nowhere, or reach a function by another one: macros, what joins identifiers, and
//! `use a as b`.

mod words;
mod writer;

use super::{Body, FileFacts, Item, ItemKind, Name, UseKind};
use serde::Serialize;
use std::collections::BTreeSet;

pub struct Outline {
    /// All but `functions`, as bytes to be compared or hashed.
    pub rest: Vec<u8>,
    /// In order.
    pub functions: Vec<Declared>,
    /// Of the text and comments: all that could be the name of one of `functions`.
    pub words: BTreeSet<Name>,
    /// Names that other files may reach without writing them: those in macros, and those that are renamed.
    pub handed_on: BTreeSet<Name>,
    pub names: Names,
}

/// Where identifiers come from that stand nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Names {
    /// The file joins some itself.
    pub joined: bool,
    /// Its macros do so wherever they are called.
    pub joined_by_macros: bool,
    pub calls_macros: bool,
}

/// One function, without its body.
#[derive(Debug, PartialEq, Eq)]
pub struct Declared {
    pub name: Name,
    /// Its declaration and its place among the rest.
    pub bytes: Vec<u8>,
}

/// Of the facts that were read from `text`.
pub fn outline(facts: &FileFacts, text: &str) -> Outline {
    let mut writer = writer::Writer::default();
    (&facts.items, &facts.attributes).serialize(&mut writer).expect("writing to memory does not fail");
    let mut outline = Outline {
        rest: writer.out,
        functions: writer.functions,
        words: words::of_text(text).map(Name::from).collect(),
        handed_on: BTreeSet::new(),
        names: Names { joined: words::joins_identifiers(text), ..Names::default() },
    };
    facts.items.iter().for_each(|item| outline.hand_on(item));
    outline
}

impl Outline {
    fn hand_on(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Use(bindings) => {
                let renamed =
                    |binding: &&super::UseBinding| !matches!(&binding.kind, UseKind::Named(name) if binding.path.last() == Some(name));
                self.handed_on.extend(bindings.iter().filter(renamed).filter_map(|binding| binding.path.last().map(Name::from)));
            }
            ItemKind::MacroRules { arms, .. } => {
                for text in arms.iter().flat_map(|arm| [&arm.matcher, &arm.transcriber]) {
                    self.handed_on.extend(words::of_text(text).map(Name::from));
                    self.names.joined_by_macros |= words::joins_identifiers(text);
                }
            }
            ItemKind::MacroCall { items, .. } => {
                self.names.calls_macros = true;
                items.iter().for_each(|item| self.hand_on(item));
            }
            ItemKind::Module { items: Some(items), .. } => items.iter().for_each(|item| self.hand_on(item)),
            ItemKind::Trait(one) => one.items.iter().for_each(|item| self.hand_on(item)),
            ItemKind::Impl(one) => one.items.iter().for_each(|item| self.hand_on(item)),
            ItemKind::Function(function) => self.hand_on_within(function.body.as_deref()),
            ItemKind::Constant { value, .. } => self.hand_on_within(value.as_deref()),
            _ => {}
        }
    }

    fn hand_on_within(&mut self, body: Option<&Body>) {
        body.into_iter().flat_map(|body| &body.items).for_each(|item| self.hand_on(item));
    }
}

#[cfg(test)]
mod tests {
    use super::super::extract;
    use super::*;
    use crate::source::FileId;

    fn of(text: &str) -> Outline {
        outline(&extract(FileId(0), text).0, text)
    }

    fn same(one: &str, other: &str) -> bool {
        let (one, other) = (of(one), of(other));
        one.rest == other.rest && one.functions == other.functions
    }

    fn functions(text: &str) -> Vec<String> {
        of(text).functions.into_iter().map(|function| function.name.to_string()).collect()
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

    #[test]
    fn functions_that_are_reached_by_name_alone_leave_the_rest_as_it_is() {
        let text = "fn a() {} struct S; impl S { fn b(&self) {} } mod m { pub fn c() -> u8 { 1 } }";
        assert_eq!(functions(text), ["a", "b", "c"]);
        let without = "struct S; impl S { } mod m { }";
        assert_eq!(of(text).rest, of(without).rest);
        assert_ne!(of(text).rest, of("struct S; mod m { }").rest, "an impl has a number");
    }

    #[test]
    fn functions_that_are_reached_in_other_ways_stay() {
        let text = "trait T { fn a(&self) {} } impl T for S { fn b(&self) {} } fn c() { struct Inner; } cfg_if! { fn d() {} } fn E() {} fn f() { fn g() {} }";
        assert_eq!(functions(text), Vec::<String>::new());
    }

    #[test]
    fn a_function_that_moves_to_another_place_among_the_rest_is_another_one() {
        let (one, other) = (of("impl A { fn f(&self) {} } impl B {}"), of("impl A {} impl B { fn f(&self) {} }"));
        assert_eq!(one.rest, other.rest);
        assert_ne!(one.functions, other.functions);
    }

    #[test]
    fn words_are_those_that_a_function_may_be_called_by() {
        let names = |text: &str| of(text).words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(names("fn f() { r#g(\"{h}\"); T::new(0xff) } // see i"), "f fn g h i new r see");
    }

    #[test]
    fn names_that_others_reach_without_writing_them_are_handed_on() {
        let text = "use m::{one as two, same}; fn f() { use n::three as four; } macro_rules! r { ($x:ident) => { five($x) } }";
        let handed = of(text).handed_on;
        assert_eq!(handed.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" "), "five ident one three x");
        assert_eq!(of(text).names, Names::default());
        let joining = of("macro_rules! r { ($x:ident) => { paste! { fn [<get_ $x>]() {} } } } r!(a);");
        assert_eq!(joining.names, Names { joined: true, joined_by_macros: true, calls_macros: true });
    }
}
