//! Small workspaces in memory, one capability each.

use super::*;
use crate::source::Sources;

struct Resolution {
    resolved: Resolved,
    sources: Sources,
}

/// Crates by name with their files; each depends on all crates before it and on the named packages.
fn resolve_crates(crates: &[(&str, &[(&str, &str)])], packages: &[&str]) -> Resolution {
    let mut sources = Sources::default();
    let mut graph = CrateGraph::default();
    for (index, (name, files)) in crates.iter().enumerate() {
        for (path, text) in *files {
            let path: Arc<str> = format!("/{name}/{path}").into();
            let id = sources.add(path.clone(), *text);
            let (facts, problems) = facts::extract(id, text);
            assert!(problems.is_empty(), "{path}: {problems:?}");
            graph.files.insert(path, id);
            graph.facts.push(Some(Arc::new(facts)));
        }
        let others =
            (0..index).map(|other| Dependency { name: crates[other].0.into(), to: DependencyTarget::Workspace(other), dev: false });
        let external = packages.iter().map(|package| Dependency {
            name: package.replace('-', "_").into(),
            to: DependencyTarget::External { package: (*package).into(), version: None },
            dev: false,
        });
        graph.crates.push(SourceCrate {
            name: (*name).into(),
            package: index,
            kind: TargetKind::Library,
            root: format!("/{name}/{}", files[0].0).into(),
            dependencies: others.chain(external).collect(),
        });
    }
    let knowledge = Knowledge::load(&[]).unwrap();
    Resolution { resolved: resolve(&graph, &knowledge, &Cache::none()), sources }
}

fn resolve_files(files: &[(&str, &str)]) -> Resolution {
    resolve_crates(&[("app", files)], &["tokio", "futures", "anyhow", "async-trait", "lettre2", "serde_json", "once_cell"])
}

/// What the only call (or the first) of `name` in one file means.
fn target(text: &str, name: &str) -> String {
    resolve_files(&[("lib.rs", text)]).target(name)
}

impl Resolution {
    fn target(&self, name: &str) -> String {
        let calls = self.resolved.bodies.iter().flat_map(|body| &body.calls);
        let mut found: Vec<&CallSite> = calls.filter(|call| self.sources.snippet(call.place) == name).collect();
        found.sort_by_key(|call| call.place);
        self.describe(&found.first().expect("the call exists").target)
    }

    fn describe(&self, target: &Target) -> String {
        let path = |id: &FunctionId| self.resolved.functions[id.0 as usize].path.to_string();
        match target {
            Target::Function(id) => path(id),
            Target::Trait { method, may_reach } => {
                let reach: Vec<String> = may_reach.iter().map(path).collect();
                format!("{} -> [{}]", path(method), reach.join(", "))
            }
            Target::External { path, .. } => format!("extern {path}"),
            Target::Constructor => "constructor".into(),
            Target::Value => "value".into(),
            Target::Unresolved(why) => format!("{why:?}"),
        }
    }

    /// References that leave `module`, as `kind path`, in order of place.
    fn references_from(&self, module: &str) -> Vec<String> {
        let from = |one: &&Reference| &*self.resolved.modules[one.from.0 as usize].path == module;
        let mut found: Vec<String> = self.resolved.references.iter().filter(from).map(|one| self.reference(one)).collect();
        found.dedup();
        found
    }

    fn reference(&self, reference: &Reference) -> String {
        let resolved = &self.resolved;
        let to = match &reference.to {
            Definition::Module(id) => resolved.modules[id.0 as usize].path.to_string(),
            Definition::Function(id) | Definition::Constant(id) => resolved.functions[id.0 as usize].path.to_string(),
            Definition::Adt(id) | Definition::Variant(id, _) => resolved.adts[id.0 as usize].path.to_string(),
            Definition::Trait(id) => resolved.traits[id.0 as usize].path.to_string(),
            Definition::Alias(id) => resolved.aliases[id.0 as usize].path.to_string(),
            Definition::Macro(path) | Definition::External(path) => path.to_string(),
            other => format!("{other:?}"),
        };
        format!("{:?} {to}{}", reference.kind, if reference.test { " (test)" } else { "" })
    }
}

#[test]
fn every_declaration_of_knowledge_can_be_read() {
    let knowledge = Knowledge::load(&[]).unwrap();
    for block in &knowledge.crates {
        let (_, problems) = facts::extract(FileId(0), &block.declarations);
        let at = problems.first().map(|problem| &block.declarations[problem.span.start as usize..]);
        assert!(problems.is_empty(), "{}: {problems:?} {:?}", block.name, at.map(|text| text.chars().take(80).collect::<String>()));
    }
}

#[test]
fn modules_lie_beside_mod_rs_or_in_a_folder_of_their_name() {
    let files = [
        ("lib.rs", "mod a; mod b; fn f() { a::x::one(); b::y::two(); }"),
        ("a.rs", "pub mod x;"),
        ("a/x.rs", "pub fn one() {}"),
        ("b/mod.rs", "pub mod y;"),
        ("b/y.rs", "pub fn two() {}"),
    ];
    let resolution = resolve_files(&files);
    assert_eq!(resolution.target("one"), "app::a::x::one");
    assert_eq!(resolution.target("two"), "app::b::y::two");
}

#[test]
fn a_stray_mod_rs_does_not_replace_the_root() {
    let files = [("lib.rs", "mod a; fn f() { a::go(); }"), ("mod.rs", "pub mod wrong;"), ("a.rs", "pub fn go() {}")];
    assert_eq!(resolve_files(&files).target("go"), "app::a::go");
}

#[test]
fn path_attributes_are_relative_to_the_file_or_to_the_inline_module() {
    let files = [
        (
            "lib.rs",
            r#"#[path = "other/place.rs"] mod a; mod inner { #[path = "deep.rs"] pub mod b; } fn f() { a::one(); inner::b::two(); }"#,
        ),
        ("other/place.rs", "pub fn one() {}"),
        ("inner/deep.rs", "pub fn two() {}"),
    ];
    let resolution = resolve_files(&files);
    assert_eq!(resolution.target("one"), "app::a::one");
    assert_eq!(resolution.target("two"), "app::inner::b::two");
}

#[test]
fn included_files_put_their_items_where_the_include_stands() {
    let files = [("lib.rs", r#"mod m { include!("part.rs"); } fn f() { m::go(); }"#), ("part.rs", "pub fn go() {}")];
    assert_eq!(resolve_files(&files).target("go"), "app::m::go");
}

#[test]
fn re_exports_renames_and_globs_lead_to_the_definition() {
    let text = "
        mod repo { pub fn find() {} pub fn store() {} }
        mod middle { pub use super::repo::find as lookup; pub use super::repo::*; }
        mod prelude { pub use super::middle::*; }
        use prelude::*;
        fn f() { lookup(); store(); }";
    assert_eq!(target(text, "lookup"), "app::repo::find");
    assert_eq!(target(text, "store"), "app::repo::store");
}

#[test]
fn cyclic_globs_and_aliases_come_to_an_end() {
    let text = "
        mod a { pub use super::b::*; pub type X = super::b::Y; pub fn one() {} }
        mod b { pub use super::a::*; pub type Y = super::a::X; }
        fn f(x: a::X) { b::one(); x.go(); }";
    assert_eq!(target(text, "one"), "app::a::one");
    assert_eq!(target(text, "go"), "Receiver");
}

#[test]
fn a_block_sees_its_own_items_first() {
    let text = "
        fn go() {}
        fn f() { { fn go() {} go(); } }";
    assert_eq!(target(text, "go"), "app::f::go");
}

#[test]
fn crates_of_the_workspace_resolve_each_other() {
    let db: &[(&str, &str)] = &[("lib.rs", "pub struct Pool; impl Pool { pub fn get(&self) {} } pub fn connect() -> Pool { Pool }")];
    let api: &[(&str, &str)] = &[("lib.rs", "fn f() { let pool = db::connect(); pool.get(); }")];
    let resolution = resolve_crates(&[("db", db), ("api", api)], &[]);
    assert_eq!(resolution.target("connect"), "db::connect");
    assert_eq!(resolution.target("get"), "db::Pool::get");
}

#[test]
fn items_behind_cfg_test_give_way_to_the_others() {
    let text = "
        #[cfg(test)] fn now() -> u8 { 1 }
        #[cfg(not(test))] mod real { pub struct Clock; impl Clock { pub fn tick(&self) {} } }
        #[cfg(not(test))] fn now() -> real::Clock { real::Clock }
        fn f() { now().tick(); }";
    assert_eq!(target(text, "tick"), "app::real::Clock::tick");
}

#[test]
fn undeclared_crates_are_followed_by_path() {
    let text = "
        mod mail { pub use lettre2::transport::Sender as Mailer; }
        use mail::Mailer;
        fn f(mailer: &Mailer) { Mailer::connect(); mailer.send(); }";
    assert_eq!(target(text, "connect"), "extern lettre2::transport::Sender::connect");
    assert_eq!(target(text, "send"), "extern lettre2::transport::Sender::send");
}

#[test]
fn declared_crates_give_types_to_what_they_return() {
    let text = "
        use std::collections::HashMap;
        struct User; impl User { fn name(&self) {} }
        fn f(users: HashMap<String, User>) { if let Some(user) = users.get(\"a\") { user.name(); } }";
    assert_eq!(target(text, "get"), "extern std::collections::hash_map::HashMap::get");
    assert_eq!(target(text, "name"), "app::User::name");
}

#[test]
fn open_type_parameters_are_inferred_from_later_use() {
    let text = "
        struct User; impl User { fn name(&self) {} }
        fn f(user: User) { let mut all = Vec::new(); all.push(user); for one in &all { one.name(); } }";
    assert_eq!(target(text, "name"), "app::User::name");
}

#[test]
fn fields_and_smart_pointers_are_seen_through() {
    let text = "
        use std::sync::{Arc, Mutex};
        struct Repo; impl Repo { fn find(&self) {} }
        struct State { repo: Arc<Mutex<Repo>> }
        impl State { fn f(&self) { self.repo.lock().unwrap().find(); } }";
    assert_eq!(target(text, "find"), "app::Repo::find");
}

#[test]
fn an_own_deref_is_followed() {
    let text = "
        struct Inner; impl Inner { fn go(&self) {} }
        struct Outer(Inner);
        impl std::ops::Deref for Outer { type Target = Inner; fn deref(&self) -> &Inner { &self.0 } }
        fn f(outer: &Outer) { outer.go(); }";
    assert_eq!(target(text, "go"), "app::Inner::go");
}

#[test]
fn a_derived_deref_is_followed_to_its_field() {
    let one = "
        struct Inner; impl Inner { fn go(&self) {} }
        #[derive(Clone, Deref)] struct Outer(std::sync::Arc<Inner>);
        fn f(outer: &Outer) { outer.go(); }";
    assert_eq!(target(one, "go"), "app::Inner::go");
    let marked = "
        struct Inner; impl Inner { fn go(&self) {} } struct Other;
        #[derive(derive_more::Deref)] struct Outer<T> { other: Other, #[deref] inner: T }
        fn f(outer: &Outer<Inner>) { outer.go(); }";
    assert_eq!(target(marked, "go"), "app::Inner::go");
}

#[test]
fn awaiting_and_question_marks_give_the_value_inside() {
    let text = "
        struct User; impl User { fn name(&self) {} }
        async fn load() -> anyhow::Result<Option<User>> { todo!() }
        async fn f() -> anyhow::Result<()> { let user = load().await?.unwrap(); user.name(); Ok(()) }";
    assert_eq!(target(text, "name"), "app::User::name");
}

#[test]
fn iterator_chains_keep_their_items() {
    let text = "
        struct User; impl User { fn active(&self) -> bool { true } fn name(&self) -> String { todo!() } }
        fn f(users: Vec<User>) {
            let kept: Vec<_> = users.into_iter().filter(|one| one.active()).collect();
            kept.first().map(|one| one.name());
        }";
    assert_eq!(target(text, "active"), "app::User::active");
    assert_eq!(target(text, "name"), "app::User::name");
}

#[test]
fn closures_take_their_types_from_what_they_are_passed_to() {
    let text = "
        struct Tx; impl Tx { fn commit(self) {} }
        fn with_tx<T>(run: impl FnOnce(Tx) -> T) -> T { todo!() }
        fn f() { with_tx(|tx| tx.commit()); }";
    assert_eq!(target(text, "commit"), "app::Tx::commit");
}

#[test]
fn a_call_on_a_known_type_reaches_its_impl() {
    let text = "
        trait Store { fn save(&self); fn twice(&self) { self.save(); } }
        struct Db; impl Store for Db { fn save(&self) {} }
        fn f(db: Db) { db.twice(); db.save(); }";
    let resolution = resolve_files(&[("lib.rs", &format!("{text} fn g(db: &Db) {{ Store::save(db); }}"))]);
    assert_eq!(resolution.target("twice"), "app::Store::twice");
    assert_eq!(resolution.target("save"), "app::Store::save -> [app::<Db as Store>::save]");
    assert_eq!(
        target("trait S { fn save(&self); } struct Db; impl S for Db { fn save(&self) {} } fn f(db: Db) { db.save(); }", "save"),
        "app::<Db as S>::save"
    );
}

#[test]
fn dyn_and_generic_calls_say_what_they_may_reach() {
    let text = "
        trait Store { fn save(&self); fn all(&self) {} }
        struct A; impl Store for A { fn save(&self) {} }
        struct B; impl Store for B { fn save(&self) {} fn all(&self) {} }
        fn f(store: &dyn Store) { store.save(); }
        fn g<S>(store: S) where S: Store { store.all(); }";
    assert_eq!(target(text, "save"), "app::Store::save -> [app::<A as Store>::save, app::<B as Store>::save]");
    assert_eq!(target(text, "all"), "app::Store::all -> [app::Store::all, app::<B as Store>::all]");
}

#[test]
fn blanket_impls_and_supertraits_count() {
    let text = "
        trait Base { fn base(&self) {} }
        trait Ext { fn ext(&self) {} }
        impl<T: Base> Ext for T {}
        trait Sub: Base {}
        struct X; impl Base for X {}
        fn f(x: X) { x.ext(); }
        fn g(sub: &dyn Sub) { sub.base(); }";
    assert_eq!(target(text, "ext"), "app::Ext::ext");
    assert_eq!(target(text, "base"), "app::Base::base -> [app::Base::base]");
}

#[test]
fn the_argument_chooses_among_several_from_impls() {
    let text = "
        struct Error; struct Io; struct Sql;
        impl From<Io> for Error { fn from(_: Io) -> Self { Error } }
        impl From<Sql> for Error { fn from(_: Sql) -> Self { Error } }
        fn f(sql: Sql) { Error::from(sql); }";
    let resolution = resolve_files(&[("lib.rs", text)]);
    let calls: Vec<&CallSite> = resolution.resolved.bodies.iter().flat_map(|body| &body.calls).collect();
    let Target::Function(id) = calls[0].target else { panic!("{:?}", calls[0].target) };
    let place = resolution.resolved.functions[id.0 as usize].place;
    let line = resolution.sources.start(place).line;
    assert_eq!(line, 4);
}

#[test]
fn an_unknown_receiver_is_never_guessed() {
    let text = "
        struct User; impl User { fn only_here(&self) {} }
        fn f() { lettre2::something().only_here(); }";
    assert_eq!(target(text, "only_here"), "Receiver");
}

#[test]
fn a_method_of_an_unrelated_type_is_not_taken() {
    let text = "
        struct A; struct B; impl B { fn only_b(&self) {} }
        fn f(a: A) { a.only_b(); }";
    assert_eq!(target(text, "only_b"), "Method");
}

#[test]
fn functions_named_as_values_are_mentions() {
    let text = "fn handler() {} fn f() { lettre2::get(handler); }";
    let resolution = resolve_files(&[("lib.rs", text)]);
    let calls = resolution.resolved.bodies.iter().flat_map(|body| &body.calls);
    let mentions: Vec<String> = calls.filter(|one| one.kind == CallKind::Mention).map(|one| resolution.describe(&one.target)).collect();
    assert_eq!(mentions, ["app::handler"]);
}

#[test]
fn a_type_that_is_not_known_has_no_functions_of_others() {
    let text = "pub trait Kind { type Key; } pub struct Odd; impl Odd { pub fn fresh() -> Odd { Odd } pub fn taken(self: std::sync::Arc<Self>) {} } \
                pub fn f<K: Kind>() { let _ = <K::Key>::fresh(); let key: fn() -> K::Key = todo!(); key().taken() }";
    assert_eq!([target(text, "fresh"), target(text, "taken")], ["Method", "Method"]);
}

#[test]
fn associated_functions_constants_and_self_resolve() {
    let text = "
        struct User; impl User { const ROOT: User = User; fn new() -> Self { Self::make() } fn make() -> Self { User } fn name(&self) {} }
        fn f() { User::new(); User::ROOT.name(); }";
    assert_eq!(target(text, "make"), "app::User::make");
    assert_eq!(target(text, "name"), "app::User::name");
}

#[test]
fn patterns_bind_what_they_take_apart() {
    let text = "
        struct User; impl User { fn name(&self) {} }
        enum Event { Created { user: User, at: u32 }, Renamed(User, String), Gone }
        fn f(event: &Event) { match event { Event::Created { user, .. } | Event::Renamed(user, _) => user.name(), Event::Gone => {} } }";
    assert_eq!(target(text, "name"), "app::User::name");
}

#[test]
fn statics_behind_lazy_cells_have_their_type() {
    let text = "
        use std::sync::LazyLock;
        struct Config; impl Config { fn load() -> Config { Config } fn get(&self) {} }
        static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::load());
        fn f() { CONFIG.get(); }";
    assert_eq!(target(text, "get"), "app::Config::get");
    assert_eq!(target(text, "load"), "app::Config::load");
}

#[test]
fn async_traits_boxed_futures_and_joins_are_transparent() {
    let text = "
        use std::{future::Future, pin::Pin};
        struct User; impl User { fn name(&self) {} fn age(&self) {} }
        #[async_trait::async_trait] trait Repo { async fn find(&self) -> Option<User>; }
        fn boxed() -> Pin<Box<dyn Future<Output = User> + Send>> { Box::pin(async { User }) }
        async fn f(repo: Box<dyn Repo>) {
            let (found, user) = tokio::join!(repo.find(), boxed());
            found.unwrap().name();
            user.age();
        }";
    assert_eq!(target(text, "name"), "app::User::name");
    assert_eq!(target(text, "age"), "app::User::age");
}

#[test]
fn spawned_tasks_give_what_they_return() {
    let text = "
        struct User; impl User { fn name(&self) {} }
        async fn f() { let user = tokio::spawn(async { User }).await.unwrap(); user.name(); }";
    assert_eq!(target(text, "spawn"), "extern tokio::task::spawn");
    assert_eq!(target(text, "name"), "app::User::name");
}

#[test]
fn one_forbidden_edge_in_ten_spellings_is_seen_in_each() {
    let forbidden = "Use app::repositories::Repo";
    let uses = |text: &str| {
        let root = "
            pub mod repositories { pub struct Repo; impl Repo { pub fn new() -> Repo { Repo } } pub struct Other; pub fn find() {} }
            pub mod prelude { pub use super::repositories::Repo as AliasRepo; }
            pub mod controllers { pub mod users; }";
        let resolution = resolve_files(&[("lib.rs", root), ("controllers/users.rs", text)]);
        resolution.references_from("app::controllers::users")
    };
    assert_eq!(uses("use crate::repositories::Repo;"), [forbidden]);
    assert_eq!(uses("use crate::{repositories::{Repo}};"), [forbidden]);
    assert_eq!(uses("use crate::repositories::*; fn f(repo: Repo) {}"), ["Use app::repositories", "Path app::repositories::Repo"]);
    assert_eq!(uses("fn f() { use crate::repositories::Repo; }"), [forbidden]);
    assert_eq!(uses("fn f() { crate::repositories::find(); }"), ["Path app::repositories::find"]);
    assert_eq!(uses("use super::super::repositories::Repo;"), [forbidden]);
    assert_eq!(uses("use crate::prelude::AliasRepo;"), [forbidden]);
    assert_eq!(uses("#[cfg(test)] mod tests { }  #[cfg(test)] use crate::repositories::Repo;"), ["Use app::repositories::Repo (test)"]);
    assert_eq!(uses("#[cfg(feature = \"x\")] use crate::repositories::Repo;"), [forbidden]);
    assert_eq!(uses("macro_rules! m { () => { crate::repositories::find() } }"), ["MacroText app::repositories::find"]);
}

#[test]
fn the_same_input_resolves_the_same_with_any_number_of_threads() {
    let text = "
        trait Store { fn save(&self); } struct A; impl Store for A { fn save(&self) {} }
        fn f(store: &dyn Store, a: A) { store.save(); a.save(); lettre2::x(f); vec![1].iter().map(|x| x + 1).collect::<Vec<_>>(); }";
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let resolved = pool.install(|| resolve_files(&[("lib.rs", text)])).resolved;
        format!("{:?}", resolved.bodies.iter().map(|body| (&body.types, &body.calls, &body.paths)).collect::<Vec<_>>())
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn recursion_in_the_code_read_comes_to_an_end() {
    let text = "
        struct List<T> { next: Option<Box<List<List<T>>>> }
        trait Tr { type Out; fn go(&self) -> Self::Out; }
        impl<T: Tr> Tr for List<T> where List<T>: Tr { type Out = <List<List<T>> as Tr>::Out; fn go(&self) -> Self::Out { todo!() } }
        fn same(n: u32) -> impl Fn() -> u32 { move || same(n)() }
        fn f(list: List<u8>) { let mut x = list.go(); x = vec![x]; x.go(); same(1); }";
    assert_eq!(target(text, "same"), "app::same");
}

#[test]
fn a_type_that_a_macro_writes_is_known_by_its_impls() {
    let text = "
        make_config! { anything }
        impl Config { pub fn mail(&self) {} }
        static CONFIG: std::sync::LazyLock<Config> = std::sync::LazyLock::new(|| todo!());
        mod other { use super::{Config, CONFIG}; fn f(config: Config) { CONFIG.mail(); } }";
    assert_eq!(target(text, "mail"), "app::Config::mail");
}

#[test]
fn what_is_returned_chooses_among_impls_that_differ_in_an_argument() {
    let text = "
        trait Map<S> { fn map_res(self) -> Option<S>; }
        impl<S> Map<S> for Result<S, u8> { fn map_res(self) -> Option<S> { None } }
        impl Map<()> for Result<usize, u8> { fn map_res(self) -> Option<()> { None } }
        fn f(rows: Result<usize, u8>) -> Option<()> { rows.map_res() }";
    let resolution = resolve_files(&[("lib.rs", text)]);
    let calls: Vec<&CallSite> = resolution.resolved.bodies.iter().flat_map(|body| &body.calls).collect();
    let Target::Function(id) = calls[0].target else { panic!("{:?}", calls[0].target) };
    assert_eq!(resolution.sources.start(resolution.resolved.functions[id.0 as usize].place).line, 4);
}
