//! What other bodies can see of a file: everything but the insides of bodies and where things stand.
//!
//! While the outlines of all files stay the same, a change in one body changes nothing about the others. Most types, functions and imports
//! are outlined one by one: free functions and those of inherent impls are reached by their names alone, so a file that does not contain the
//! name of a function cannot tell whether it is there. A type is reached by its name, or through a declaration that speaks of it, so each
//! declaration has the types that it speaks of with it; the impls beside a type are part of it ([`beside`]). For imports see [`imports`].
//! Whatever is reached in other ways is [`Outline::rest`]: traits, impls for types that stand elsewhere, and all that numbers follow from.
//! Three things make names that are written nowhere, or reach something by another one: macros, what joins identifiers, and `use a as b`.

mod beside;
mod imports;
mod words;
mod writer;

pub use imports::{ANY, PARENT, ROOT};

use super::{Body, FileFacts, Item, ItemKind, Name, UseBinding, UseKind};
use beside::Beside;
use imports::{Links, Mentions};
use rustc_hash::FxHashSet;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Default)]
pub struct Outline {
    /// All but `types`, `functions` and `imports`, as bytes to be compared or hashed.
    pub rest: Vec<u8>,
    /// Types, and the impls beside them without their functions if they are inherent; each has the name of the type. In order.
    pub types: Vec<Declared>,
    /// In order.
    pub functions: Vec<Declared>,
    /// In order.
    pub imports: Vec<Declared>,
    /// Types that `rest` speaks of, as far as names tell, but for those that it only imports.
    pub spoken_of: BTreeSet<Name>,
    /// Traits that are declared here.
    pub traits: BTreeSet<Name>,
    /// Of the text and comments: all that could be the name of one of `types`, `functions` or `imports`.
    pub words: BTreeSet<Name>,
    /// Names that other files may reach by other ones.
    pub handed_on: BTreeSet<Name>,
    /// Names of files whose modules may be called otherwise, or stand elsewhere.
    pub placed: BTreeSet<Name>,
    /// Names in macros: whoever calls one has them without writing them.
    pub in_macros: BTreeSet<Name>,
    /// By which declarations of this file may go through imports of others: the name of a module, or [`ANY`], [`PARENT`] or [`ROOT`], and
    /// the name in it.
    pub links: BTreeSet<(Name, Name)>,
    /// Last names of globs that may see private names of the modules around this file.
    pub globs: BTreeSet<Name>,
    /// Where there are `globs`: the names in declarations, and those that paths of imports begin with.
    pub mentions: BTreeSet<Name>,
    /// Second names of modules, among others; [`ANY`] where macros give some.
    pub renamed: BTreeSet<Name>,
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
    /// Its macros may declare traits of any name.
    pub traits_by_macros: bool,
}

/// One function without its body, one import, one type, or one impl beside its type.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Declared {
    pub name: Name,
    /// Of the inline module that it stands in.
    pub module: Option<Name>,
    /// Its declaration and its place among the rest.
    pub bytes: Vec<u8>,
    /// Types that it speaks of, as far as names tell.
    pub speaks_of: BTreeSet<Name>,
    /// Of a function: the type beside which its impl stands.
    pub of_type: Option<Name>,
    /// Of an impl: its trait.
    pub trait_: Option<Name>,
}

/// Of the facts that were read from `text`.
pub fn outline(facts: &FileFacts, text: &str) -> Outline {
    let mut outline = Outline {
        words: words::of_text(text).map(Name::from).collect(),
        names: Names { joined: words::joins_identifiers(text), ..Names::default() },
        ..Outline::default()
    };
    let mut scan =
        Scan { outline: &mut outline, imported: FxHashSet::default(), links: Links::default(), beside: Beside::default(), within: 0 };
    facts.items.iter().for_each(|item| scan.item(item));
    let Scan { imported, links, beside, .. } = scan;
    let impls = beside.impls(|name| imported.contains(name) || outline.renamed.contains(name));
    let mentions = Mentions::of(outline.globs.is_empty().then_some(imported));
    let mut writer = writer::Writer::new(mentions, links, impls);
    (&facts.items, &facts.attributes).serialize(&mut writer).expect("writing to memory does not fail");
    outline.take(writer);
    outline
}

impl Outline {
    fn take(&mut self, mut writer: writer::Writer) {
        for import in &writer.imports {
            import.way().iter().for_each(|name| writer.mentions.add(name));
        }
        for import in writer.imports {
            let alone = import.bound.as_ref().filter(|bound| import.is_own_business() && !writer.mentions.found.contains(*bound));
            let path = if alone.is_some() { import.way() } else { &import.path };
            writer.links.add(path, import.modules.len());
            writer.types.import(&import);
            match alone {
                Some(name) => {
                    let module = import.modules.last().cloned();
                    self.imports.push(Declared { name: name.clone(), module, bytes: import.bytes, ..Declared::default() });
                }
                None => writer.out.extend(import.bytes),
            }
        }
        self.rest = writer.out;
        self.types = writer.taken_types;
        self.spoken_of = writer.types.0.into_iter().collect();
        self.functions = writer.functions;
        self.links = writer.links.0;
        if !self.globs.is_empty() {
            self.mentions = writer.mentions.found;
        }
    }
}

/// What is known of a file before its declarations are written down.
struct Scan<'o> {
    outline: &'o mut Outline,
    /// Names that imports are bound to.
    imported: FxHashSet<Name>,
    links: Links,
    beside: Beside,
    /// Inside of bodies and macro calls, so many times.
    within: u32,
}

impl Scan<'_> {
    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Use(bindings) => bindings.iter().for_each(|binding| self.binding(binding)),
            ItemKind::ExternCrate { rename } => self.outline.renamed.extend(rename.clone()),
            ItemKind::MacroRules { arms, .. } => {
                for text in arms.iter().flat_map(|arm| [&arm.matcher, &arm.transcriber]) {
                    self.outline.in_macros.extend(words::of_text(text).map(Name::from));
                    self.outline.names.joined_by_macros |= words::joins_identifiers(text);
                    self.outline.renamed.extend(words::renames_arguments(text).then_some(ANY));
                    self.links.add_text(text);
                    self.traits_in(text);
                }
            }
            ItemKind::MacroCall { items, text, path, .. } => {
                self.outline.names.calls_macros = true;
                self.links.add_text(text);
                self.traits_in(text);
                if path.last() == Some("include") {
                    self.outline.placed.extend(words::of_text(text).map(Name::from));
                }
                self.within += 1;
                items.iter().for_each(|item| self.item(item));
                self.within -= 1;
            }
            ItemKind::Module { items, path } => {
                if let Some(path) = path {
                    self.outline.placed.extend(words::of_file(path).map(Name::from));
                    self.outline.renamed.insert(item.name.clone());
                }
                self.beside.modules.push(item.name.clone());
                items.iter().flatten().for_each(|item| self.item(item));
                self.beside.modules.pop();
            }
            ItemKind::Struct(_) | ItemKind::Enum(_) | ItemKind::Union(_) if self.within == 0 => self.beside.declare(&item.name),
            ItemKind::Trait(one) => {
                self.outline.traits.insert(item.name.clone());
                one.items.iter().for_each(|item| self.item(item));
            }
            ItemKind::Impl(one) => {
                if self.within == 0 {
                    self.beside.implement(one);
                }
                one.items.iter().for_each(|item| self.item(item));
            }
            ItemKind::Function(function) => self.within(function.body.as_deref()),
            ItemKind::Constant { value, .. } => self.within(value.as_deref()),
            _ => {}
        }
    }

    fn within(&mut self, body: Option<&Body>) {
        self.within += 1;
        body.into_iter().flat_map(|body| &body.items).for_each(|item| self.item(item));
        self.within -= 1;
    }

    fn traits_in(&mut self, text: &str) {
        for name in words::traits_in(text) {
            match name {
                Some(name) => drop(self.outline.traits.insert(name.into())),
                None => self.outline.names.traits_by_macros = true,
            }
        }
    }

    fn binding(&mut self, binding: &UseBinding) {
        let last = binding.path.last();
        match &binding.kind {
            UseKind::Glob => {
                self.outline.globs.extend(imports::outward_glob(&binding.path, self.beside.modules.len()).cloned());
            }
            // Nobody can say `_`.
            UseKind::Named(name) if name == "_" => {}
            UseKind::Named(name) if last == Some(name) => drop(self.imported.insert(name.clone())),
            UseKind::Named(name) => {
                self.outline.renamed.insert(name.clone());
                self.outline.handed_on.extend(last.map(Name::from));
            }
        }
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
        one.rest == other.rest && one.types == other.types && one.functions == other.functions && one.imports == other.imports
    }

    fn functions(text: &str) -> Vec<String> {
        of(text).functions.into_iter().map(|function| function.name.to_string()).collect()
    }

    fn types(text: &str) -> String {
        of(text).types.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn imports(text: &str) -> String {
        of(text).imports.iter().map(|import| import.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn shown<'a>(names: impl IntoIterator<Item = &'a Name>) -> String {
        names.into_iter().map(Name::as_str).collect::<Vec<_>>().join(" ")
    }

    fn links(text: &str) -> String {
        let of = of(text);
        of.links.iter().map(|(module, name)| format!("{module}::{name}")).collect::<Vec<_>>().join(" ")
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
        let text = "fn a() {} impl S { fn b(&self) {} } mod m { pub fn c() -> u8 { 1 } }";
        assert_eq!(functions(text), ["a", "b", "c"]);
        let without = "impl S { } mod m { }";
        assert_eq!(of(text).rest, of(without).rest);
        assert_ne!(of(text).rest, of("mod m { }").rest, "an impl for a type of another module");
    }

    #[test]
    fn types_with_the_impls_beside_them_leave_the_rest_as_it_is() {
        let text = "#[derive(Debug)] struct A { b: Vec<B> } enum B { C(D) } impl<T: F> E<T> for A { type G = H; fn e(&self) -> I {} } impl A { fn f(self) -> A {} } mod m { pub(crate) union U { a: u8 } impl U {} }";
        assert_eq!(types(text), "A B A A U U");
        assert_eq!(of(text).rest, of("mod m {}").rest);
        let speaks_of: Vec<String> = of(text).types.iter().map(|one| shown(&one.speaks_of)).collect();
        assert_eq!(speaks_of, ["A B Debug Vec", "B C D", "A E F G H I T", "A", "U", "U"]);
        let of_types: Vec<Option<Name>> = of(text).functions.into_iter().map(|one| one.of_type).collect();
        assert_eq!(of_types, [Some("A".into())]);
        assert_eq!(of(text).types[2].trait_, Some("E".into()));
        for other in [
            text.replace("Vec<B>", "Box<B>"),
            text.replace("Debug", "Clone"),
            text.replace("C(D)", "C(E)"),
            text.replace("T: F", "T: G"),
            text.replace("G = H", "G = A"),
            text.replace("-> I", "-> J"),
            text.replace("impl A { fn f(self) -> A {} } mod m {", "mod m { impl A { fn f(self) -> A {} }"),
        ] {
            assert!(!same(text, &other), "{other}");
        }
    }

    #[test]
    fn methods_are_told_apart_by_their_impls() {
        let (one, other) =
            (of("struct A; impl A<u8> { fn f() {} } impl A<u16> {}"), of("struct A; impl A<u8> {} impl A<u16> { fn f() {} }"));
        assert_eq!(one.rest, other.rest);
        assert_ne!(one.functions, other.functions);
    }

    #[test]
    fn types_that_are_reached_in_other_ways_stay() {
        for (text, rest) in [
            ("impl E for A {}", "A E"),
            ("struct A; mod m { impl A {} }", "A"),
            ("struct A; impl m::A {} impl Vec<A> {} impl E for &A {}", "A E Vec"),
            ("struct A; impl<A> E for A {}", "A E"),
            ("use m::A; struct A; impl A {}", "A"),
            ("struct A; impl A { m!(B); }", "A B"),
            ("struct A; impl A { fn f() { struct B; } }", "A B"),
            ("fn f() { struct B; impl B {} }", "B"),
            ("m! { struct A; }", "A"),
            ("use a::{B, b::C::D, E as F, G::*}; pub use H::I; type J = K; struct l(M);", "C E G H J K M"),
            ("fn f() { use a::{B, C::d}; }", "C"),
            ("trait A { type B: C; fn d(self) -> E; }", "A B C E Self"),
        ] {
            assert_eq!(shown(&of(text).spoken_of), rest, "{text}");
        }
    }

    #[test]
    fn traits_are_kept_by_name() {
        let text = "trait A {} mod m { trait B {} } fn f() { trait C {} } m! { pub trait D { fn traits(); } } macro_rules! m { () => { trait E {} } }";
        assert_eq!(shown(&of(text).traits), "A B C D E");
        assert!(!of(text).names.traits_by_macros);
        assert!(of("macro_rules! m { ($a:ident) => { trait $a {} } }").names.traits_by_macros);
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
        assert_eq!(shown(&of("fn f() { r#g(\"{h}\"); T::new(0xff) } // see i").words), "T f fn g h i new r see");
    }

    #[test]
    fn names_that_others_reach_without_writing_them_are_handed_on() {
        let text = "use m::{one as two, same, T as _}; fn f() { use n::three as four; } macro_rules! r { ($x:ident) => { five($x) } }";
        let outline = of(text);
        assert_eq!(shown(&outline.handed_on), "one three");
        assert_eq!(shown(&outline.renamed), "four two");
        assert_eq!(shown(&outline.in_macros), "five ident x");
        assert_eq!(outline.names, Names::default());
        let joining = of("macro_rules! r { ($x:ident) => { paste! { fn [<get_ $x>]() {} } } } r!(a);");
        assert_eq!(joining.names, Names { joined: true, joined_by_macros: true, calls_macros: true, traits_by_macros: false });
    }

    #[test]
    fn imports_that_only_bodies_use_leave_the_rest_as_it_is() {
        let text = "use a::{A, b::C}; use T as _; struct S; mod m { use super::D; fn f() { A + C + D } }";
        assert_eq!(imports(text), "A C _ D");
        assert_eq!(of(text).rest, of("struct S; mod m {}").rest);
        assert_ne!(of(text).imports, of(&text.replace("a::{", "x::{")).imports);
        assert_ne!(of(text).imports, of(&text.replace("use a", "#[cfg(test)] use a")).imports);
        assert_ne!(of(text).imports, of("use a::{A, b::C}; use T as _; use super::D; struct S; mod m { fn f() {} }").imports, "elsewhere");
    }

    #[test]
    fn imports_that_declarations_or_others_hang_on_stay() {
        for text in [
            "use a::A; fn f(a: A) {}",
            "use a::A; fn f<T: Into<Vec<A>>>() {}",
            "use a::A; struct S { a: x::A }",
            "use a::A; impl A for S {}",
            "use a::A; #[derive(A)] struct S;",
            "use a::A; m! { A }",
            "use a::A; fn f() { struct Inner(A); }",
            "use a::A; pub use A::B;",
            "use a::A; use A::*;",
            "use a::A; fn f() { use A::B; }",
            "pub use a::A;",
            "pub(crate) use a::A;",
            "use a::A as B;",
            "use a::*;",
            "fn f() { use a::A; }",
        ] {
            assert_eq!(imports(text), "", "{text}");
            assert_ne!(of(text).rest, of(&text.replace("a::", "b::")).rest, "{text}");
        }
    }

    #[test]
    fn steps_to_names_in_other_modules_are_kept() {
        assert_eq!(links("fn f(a: super::A, b: crate::b::B, c: Vec<x::C>, d: self::D) {}"), "b::B crate::b super::A x::C");
        assert_eq!(links("mod m { fn f(a: super::A, b: super::super::B, c: super::super::super::C) {} }"), "::C super::B");
        assert_eq!(links("use a::b::C; use a::d::E as F; fn f() -> std::io::Result {}"), "a::b a::d d::E", "nobody asks for `C`");
        assert_eq!(links("use a::b::C; fn f() -> C {}"), "a::b b::C");
        assert_eq!(
            links("macro_rules! m { () => { fn f(a: $crate::a::A, b: super::B, c: ::std::io::Error) {} } }"),
            "::B a::A crate::a super::B"
        );
        assert_eq!(links("fn f() { super::a::A }"), "");
    }

    #[test]
    fn globs_that_may_see_private_names_of_others_are_kept_with_what_is_declared() {
        for (text, globs, mentions) in [
            ("use super::*; use x::Y; fn f(a: A) {}", "super", "A a f super x"),
            ("use crate::m::*; fn f() {}", "m", "crate f m"),
            ("mod tests { use super::*; fn f(a: A) {} }", "", ""),
            ("mod tests { use super::super::*; }", "super", "super tests"),
            ("use std::io::*; fn f(a: A) {}", "", ""),
        ] {
            assert_eq!(shown(&of(text).globs), globs, "{text}");
            assert_eq!(shown(&of(text).mentions), mentions, "{text}");
        }
    }

    #[test]
    fn modules_that_are_not_called_as_their_files_are_kept() {
        let text = "#[path = \"../x/y.rs\"] mod a; #[path = \"z/mod.rs\"] mod b; include!(\"w.rs\");";
        assert_eq!(shown(&of(text).placed), "rs w y z");
        assert_eq!(shown(&of(text).renamed), "a b");
        assert_eq!(shown(&of("macro_rules! m { ($a:path) => { use $a as other; } }").renamed), "");
        assert!(of("macro_rules! m { ($a:path) => { use $a as other; } }").renamed.contains(&ANY));
        assert!(of("macro_rules! m { ($a:path) => { use $a as _; use x as y; } }").renamed.is_empty());
    }
}
