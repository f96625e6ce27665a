//! Modules, functions and calls: the ground the other recognizers stand on.
//!
//! A function has the same number here as in [`crate::resolve`]. Those of crates that knowledge declares are there too, empty and
//! with [`Context::Foreign`], so that numbers need no translation. Closures that handle requests are added behind them.

use super::context::Contexts;
use super::flow::Flow;
use super::{Inputs, knows};
use crate::facts::ExprId;
use crate::knowledge::TypeRole;
use crate::model::{Backend, Call, CallKind, Context, Coverage, Function, FunctionId, Module, ModuleId, PackageId, Role};
use crate::resolve::{self, CallSite, Container, Definition, Target};
use crate::source::{Place, Span};
use rayon::prelude::*;

pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let contexts = Contexts::new(inputs);
    let modules = own_modules(inputs);
    backend.modules = modules.own.iter().map(|id| module(inputs, *id, &modules, &contexts)).collect();
    let ids: Vec<resolve::FunctionId> = (0..inputs.resolved.functions.len() as u32).map(resolve::FunctionId).collect();
    backend.functions = ids.par_iter().map(|id| function(inputs, *id, &modules, &contexts)).collect();
    count_calls(inputs, &mut backend.coverage);
}

/// The model's number for a function of resolve.
pub fn id(function: resolve::FunctionId) -> FunctionId {
    FunctionId(function.0)
}

/// Makes a function of the closure `closure` in the body of `parent`: what the parent was seen to do inside it moves there. Call it
/// when effects are known; a second call for the same closure gives the same function.
pub fn closure_function(inputs: &Inputs, backend: &mut Backend, parent: resolve::FunctionId, closure: ExprId) -> FunctionId {
    let place = inputs.place_of(parent, closure);
    let line = inputs.sources.start(place).line;
    let path = format!("{}::{{closure:{line}}}", backend.function(id(parent)).path);
    let known = backend.functions.iter().skip(inputs.resolved.functions.len()).position(|one| one.place == place);
    if let Some(known) = known {
        return FunctionId((inputs.resolved.functions.len() + known) as u32);
    }
    let new = FunctionId(backend.functions.len() as u32);
    let inside = |other: Place| other.file == place.file && place.span.contains(other.span);
    let outer = &mut backend.functions[parent.0 as usize];
    let (effects, kept_effects) = std::mem::take(&mut outer.effects).into_iter().partition(|effect| inside(effect.place));
    let (calls, kept_calls): (Vec<Call>, Vec<Call>) = std::mem::take(&mut outer.calls).into_iter().partition(|call| inside(call.place));
    (outer.effects, outer.calls) = (kept_effects, kept_calls);
    outer.calls.push(Call { place, to: new, kind: CallKind::Mention, once: false, spawned: false, in_closure: false });
    let calls = calls.into_iter().map(|call| Call { in_closure: false, ..call }).collect();
    let name = format!("{{closure:{line}}}");
    let function = Function { path, name, place, effects, calls, is_async: true, trait_path: None, web_adapter: false, ..outer.clone() };
    backend.functions.push(function);
    let moves = |function: &mut FunctionId, at: Place| {
        if *function == id(parent) && inside(at) {
            *function = new;
        }
    };
    backend.data_accesses.iter_mut().for_each(|one| moves(&mut one.function, one.place));
    backend.resources.iter_mut().for_each(|one| moves(&mut one.function, one.place));
    backend.cache_operations.iter_mut().for_each(|one| moves(&mut one.function, one.place));
    backend.stale_reads.iter_mut().for_each(|one| {
        moves(&mut one.function, one.read_at);
        moves(&mut one.way_to_write.functions[0], one.written);
        moves(&mut one.way_to_read.functions[0], one.read_at);
    });
    backend.pool_uses.iter_mut().for_each(|one| moves(&mut one.chain.functions[0], one.place));
    backend.cache_writes.iter_mut().for_each(|one| moves(&mut one.function, one.place));
    new
}

/// Modules of the workspace's own crates.
struct OwnModules {
    own: Vec<resolve::ModuleId>,
    /// By resolve's number.
    numbers: Vec<Option<ModuleId>>,
}

fn own_modules(inputs: &Inputs) -> OwnModules {
    let mut modules = OwnModules { own: Vec::new(), numbers: Vec::with_capacity(inputs.resolved.modules.len()) };
    for (index, module) in inputs.resolved.modules.iter().enumerate() {
        let is_own = inputs.resolved.crates[module.krate.0 as usize].source.is_some();
        modules.numbers.push(is_own.then_some(ModuleId(modules.own.len() as u32)));
        modules.own.extend(is_own.then_some(resolve::ModuleId(index as u32)));
    }
    modules
}

fn module(inputs: &Inputs, id: resolve::ModuleId, modules: &OwnModules, contexts: &Contexts) -> Module {
    let module = &inputs.resolved.modules[id.0 as usize];
    Module {
        path: module.path.to_string(),
        package: package(inputs, module.krate),
        parent: module.parent.and_then(|parent| modules.numbers[parent.0 as usize]),
        file: module.file,
        place: Place::new(module.file, Span::default()),
        context: contexts.of_module(id),
    }
}

fn package(inputs: &Inputs, krate: resolve::CrateId) -> PackageId {
    let source = inputs.resolved.crates[krate.0 as usize].source;
    PackageId(source.map_or(0, |source| inputs.graph.crates[source].package as u32))
}

fn function(inputs: &Inputs, id: resolve::FunctionId, modules: &OwnModules, contexts: &Contexts) -> Function {
    let function = &inputs.resolved.functions[id.0 as usize];
    let module = modules.numbers[function.module.0 as usize];
    let (trait_path, web_adapter) = trait_of(inputs, function);
    Function {
        path: function.path.to_string(),
        name: function.name.to_string(),
        package: package(inputs, function.krate),
        module: module.unwrap_or(ModuleId(0)),
        place: function.place,
        role: Role::Unknown,
        role_why: Vec::new(),
        context: if module.is_some() { contexts.of_function(id) } else { Context::Foreign },
        is_async: function.facts.as_ref().is_some_and(|facts| facts.is_async),
        effects: Vec::new(),
        calls: if module.is_some() { calls(inputs, id) } else { Vec::new() },
        trait_path,
        web_adapter,
    }
}

fn trait_of(inputs: &Inputs, function: &resolve::Function) -> (Option<String>, bool) {
    let path = match function.container {
        Container::Trait(id) => Some(&inputs.resolved.traits[id.0 as usize].path),
        Container::Impl(id) => match &inputs.resolved.impls[id.0 as usize].trait_ {
            Some(Ok(id)) => Some(&inputs.resolved.traits[id.0 as usize].path),
            Some(Err(path)) => Some(path),
            None => None,
        },
        _ => None,
    };
    let Some(path) = path else { return (None, false) };
    let version = inputs.version_of(function.krate, path);
    (Some(path.to_string()), inputs.knowledge.type_roles(path, version).contains(&TypeRole::WebAdapter))
}

/// Calls to functions of the workspace and mentions of them, in source order.
fn calls(inputs: &Inputs, id: resolve::FunctionId) -> Vec<Call> {
    let Some(body) = inputs.body(id) else { return Vec::new() };
    let flow = Flow::new(inputs, id, body);
    let mut calls: Vec<Call> = inputs.calls(id).iter().flat_map(|site| calls_of(inputs, site, &flow)).collect();
    for (expression, definition) in &inputs.resolved.bodies[id.0 as usize].paths {
        // An initializer runs when the program is compiled, or once behind its `LazyLock`.
        if let Definition::Constant(constant) = definition
            && inputs.is_own(*constant)
            && inputs.body(*constant).is_some()
        {
            let marks = flow.marks(*expression);
            let place = inputs.place_of(id, *expression);
            calls.push(Call {
                place,
                to: self::id(*constant),
                kind: CallKind::Mention,
                once: true,
                spawned: marks.spawned,
                in_closure: marks.in_closure,
            });
        }
    }
    calls.sort_by_key(|call| (call.place, call.to));
    calls
}

fn calls_of(inputs: &Inputs, site: &CallSite, flow: &Flow) -> Vec<Call> {
    let marks = flow.marks(site.expression);
    let call = |to: resolve::FunctionId, kind| Call {
        place: site.place,
        to: id(to),
        kind,
        once: marks.once,
        spawned: marks.spawned,
        in_closure: marks.in_closure,
    };
    match &site.target {
        Target::Function(to) if inputs.is_own(*to) => {
            let kind = if site.kind == resolve::CallKind::Mention { CallKind::Mention } else { CallKind::Direct };
            vec![call(*to, kind)]
        }
        Target::Trait { method, may_reach } => {
            let default = (inputs.is_own(*method) && inputs.body(*method).is_some()).then_some(*method);
            let of = (may_reach.len() + usize::from(default.is_some())) as u32;
            may_reach.iter().copied().chain(default).map(|to| call(to, CallKind::MayReach { of })).collect()
        }
        _ => Vec::new(),
    }
}

fn count_calls(inputs: &Inputs, coverage: &mut Coverage) {
    let sites = inputs.own_functions().flat_map(|id| inputs.calls(id));
    for site in sites.filter(|site| matches!(site.kind, resolve::CallKind::Call | resolve::CallKind::Method)) {
        match &site.target {
            target if knows::external_path(target, inputs.resolved).is_some() => coverage.calls_external += 1,
            Target::Function(_) | Target::Trait { .. } => coverage.calls_resolved += 1,
            Target::Unresolved(_) => coverage.calls_unresolved += 1,
            // Constructors build data, and a value that is called was resolved where it came from.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Backend, Call, CallKind, Context, Function};
    use crate::testing;

    fn function<'b>(backend: &'b Backend, path: &str) -> &'b Function {
        backend.functions.iter().find(|function| function.path == path).unwrap_or_else(|| panic!("no `{path}`"))
    }

    fn call<'b>(backend: &'b Backend, from: &str, to: &str) -> &'b Call {
        let calls = &function(backend, from).calls;
        calls.iter().find(|call| backend.function(call.to).path == to).unwrap_or_else(|| panic!("`{from}` does not call `{to}`"))
    }

    #[test]
    fn code_given_to_a_spawn_is_not_done_in_the_callers_time() {
        let main = "fn job() {}\nfn other() {}\nfn now() -> u8 { 0 }\nfn taking(_: u8) {}\n\
            fn run() { std::thread::spawn(move || job()); std::thread::spawn(other); taking(now()); }\nfn main() {}";
        let backend = testing::inspect(&[("src/main.rs", main)]);
        assert!(call(&backend, "app::run", "app::job").spawned);
        assert!(call(&backend, "app::run", "app::other").spawned);
        assert!(!call(&backend, "app::run", "app::now").spawned);
    }

    #[test]
    fn a_static_reaches_its_initializer_once() {
        let main = "use std::sync::LazyLock;\nstatic NAME: LazyLock<String> = LazyLock::new(|| build());\n\
            fn build() -> String { String::new() }\nfn name() -> usize { NAME.len() }\nfn main() {}";
        let backend = testing::inspect(&[("src/main.rs", main)]);
        let once = call(&backend, "app::name", "app::NAME");
        assert!(once.once && once.kind == CallKind::Mention);
        assert!(call(&backend, "app::NAME", "app::build").once);
    }

    #[test]
    fn a_call_through_a_trait_may_reach_every_implementation_and_the_default() {
        let library = "pub trait Store { fn get(&self) {} }\npub struct A;\nimpl Store for A { fn get(&self) {} }\n\
            pub fn read(store: &dyn Store) { store.get() }";
        let backend = testing::inspect(&[("src/lib.rs", library)]);
        assert_eq!(call(&backend, "app::read", "app::<A as Store>::get").kind, CallKind::MayReach { of: 2 });
        assert_eq!(call(&backend, "app::read", "app::Store::get").kind, CallKind::MayReach { of: 2 });
    }

    #[test]
    fn tests_examples_and_build_scripts_are_not_production() {
        let backend = testing::inspect(&[
            ("src/lib.rs", "pub fn work() {}\n#[cfg(test)]\nmod tests { fn helper() {} }\nmod migrations;"),
            ("src/migrations.rs", "fn up() {}"),
            ("src/main.rs", "fn main() { loop {} }"),
            ("examples/show.rs", "fn show() {}\nfn main() {}"),
            ("tests/it.rs", "fn check() {}"),
            ("build.rs", "fn generate() {}\nfn main() {}"),
        ]);
        let context = |path| function(&backend, path).context;
        assert_eq!(context("app::work"), Context::Production);
        assert_eq!(context("app::tests::helper"), Context::Test);
        assert_eq!(context("show::show"), Context::Example);
        assert_eq!(context("it::check"), Context::Test);
        assert_eq!(context("build_script_build::generate"), Context::Tool);
    }

    #[test]
    fn a_binary_that_ends_beside_one_that_serves_is_a_tool() {
        let backend =
            testing::inspect(&[("src/bin/serve.rs", "fn main() { loop {} }"), ("src/bin/seed.rs", "fn fill() {}\nfn main() { fill() }")]);
        assert_eq!(function(&backend, "seed::fill").context, Context::Tool);
        assert_eq!(function(&backend, "serve::main").context, Context::Production);
        assert!(backend.packages[0].deployable);
    }

    #[test]
    fn a_workspace_of_examples_is_production() {
        let package = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
        let examples: &[(&str, &str)] = &[
            ("Cargo.toml", "[workspace]\nmembers = [\"examples/*\"]\n"),
            ("examples/one/Cargo.toml", &package("example-one")),
            ("examples/one/src/main.rs", "fn main() {}"),
        ];
        assert_eq!(function(&testing::inspect(examples), "example_one::main").context, Context::Production);
        let root = "[workspace]\nmembers = [\"examples/*\", \"server\"]\n";
        let beside: &[(&str, &str)] = &[("server/Cargo.toml", &package("server")), ("server/src/main.rs", "fn main() { loop {} }")];
        let both = [&[("Cargo.toml", root)], &examples[1..], beside].concat();
        assert_eq!(function(&testing::inspect(&both), "example_one::main").context, Context::Example);
    }
}
