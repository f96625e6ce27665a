//! Where code runs: in production, in a tool, a migration, an example or a test.

use super::Inputs;
use crate::facts::{Expression, ExpressionKind};
use crate::model::{Backend, Context, EffectKind, FunctionId, PackageId, ResourceKind};
use crate::resolve::{self, CrateId, ModuleId, TargetKind};
use crate::source::FileId;
use rustc_hash::FxHashSet;

/// Contexts that targets, folders and attributes give. What binaries do is looked at later, by [`settle`].
pub(super) struct Contexts {
    modules: Vec<Context>,
    functions: Vec<Context>,
}

impl Contexts {
    pub(super) fn new(inputs: &Inputs) -> Contexts {
        let examples = example_packages(inputs);
        let crates: Vec<Context> = (0..inputs.resolved.crates.len() as u32).map(|id| of_crate(inputs, CrateId(id), &examples)).collect();
        let modules: Vec<Context> = inputs
            .resolved
            .modules
            .iter()
            .map(|module| later(crates[module.krate.0 as usize], of_file(inputs, module.file), module.test))
            .collect();
        let function = |one: &resolve::Function| later(modules[one.module.0 as usize], Context::Production, one.test);
        Contexts { functions: inputs.resolved.functions.iter().map(function).collect(), modules }
    }

    pub(super) fn of_module(&self, id: ModuleId) -> Context {
        self.modules[id.0 as usize]
    }

    pub(super) fn of_function(&self, id: resolve::FunctionId) -> Context {
        self.functions[id.0 as usize]
    }
}

/// Says which packages are deployed, and that binaries which neither serve nor consume nor repeat anything are tools. Call it when
/// effects, resources and routes are known.
pub fn settle(inputs: &Inputs, backend: &mut Backend) {
    let mains: Vec<(CrateId, FunctionId)> = mains(inputs);
    let lasting: Vec<bool> = mains.iter().map(|(_, main)| lasts(inputs, backend, *main)).collect();
    for ((krate, _), lasts) in mains.iter().zip(&lasting) {
        let package = package_of(inputs, *krate).filter(|_| *lasts);
        if let Some(package) = package.and_then(|id| backend.packages.get_mut(id.0 as usize)) {
            package.deployable = true;
        }
    }
    // Where nothing is seen to serve, the frameworks may be unknown to us: then no binary is called a tool.
    if backend.servers.is_empty() && !lasting.contains(&true) {
        return;
    }
    let tools: FxHashSet<CrateId> = mains.iter().zip(&lasting).filter(|(_, lasts)| !**lasts).map(|((krate, _), _)| *krate).collect();
    let is_tool = |krate: CrateId, context: Context| context == Context::Production && tools.contains(&krate);
    for (index, function) in inputs.resolved.functions.iter().enumerate() {
        if is_tool(function.krate, backend.functions[index].context) {
            backend.functions[index].context = Context::Tool;
        }
    }
    let own = inputs.resolved.modules.iter().filter(|module| inputs.resolved.crates[module.krate.0 as usize].source.is_some());
    for (module, resolved) in backend.modules.iter_mut().zip(own) {
        if is_tool(resolved.krate, module.context) {
            module.context = Context::Tool;
        }
    }
}

/// The `main` functions of binaries.
fn mains(inputs: &Inputs) -> Vec<(CrateId, FunctionId)> {
    let is_main = |function: &resolve::Function| {
        let krate = &inputs.resolved.crates[function.krate.0 as usize];
        let binary = krate.source.is_some_and(|source| inputs.graph.crates[source].kind == TargetKind::Binary);
        binary && function.module == krate.root && function.name == "main" && function.inside.is_none()
    };
    let functions = inputs.resolved.functions.iter().enumerate().filter(|(_, function)| is_main(function));
    functions.map(|(index, function)| (function.krate, FunctionId(index as u32))).collect()
}

/// Whether the program stays: it serves, consumes a queue, or loops for ever.
fn lasts(inputs: &Inputs, backend: &Backend, main: FunctionId) -> bool {
    let consumers: FxHashSet<FunctionId> = backend
        .resources
        .iter()
        .filter(|resource| matches!(resource.kind, ResourceKind::QueueConsumer | ResourceKind::Server))
        .map(|resource| resource.function)
        .collect();
    backend.reach_if(main, |_| true).iter().map(|chain| chain.last()).any(|id| {
        let serves = backend.function(id).effects.iter().any(|effect| effect.kind == EffectKind::Serves);
        serves || consumers.contains(&id) || loops(inputs, id)
    })
}

fn loops(inputs: &Inputs, id: FunctionId) -> bool {
    let is_loop = |expression: &Expression| matches!(expression.kind, ExpressionKind::Loop { .. });
    let is_own = (id.0 as usize) < inputs.resolved.functions.len();
    is_own && inputs.body(resolve::FunctionId(id.0)).is_some_and(|body| body.expressions.iter().any(is_loop))
}

fn package_of(inputs: &Inputs, krate: CrateId) -> Option<PackageId> {
    let source = inputs.resolved.crates[krate.0 as usize].source?;
    Some(PackageId(inputs.graph.crates[source].package as u32))
}

fn later(around: Context, own: Context, test: bool) -> Context {
    around.max(own).max(if test { Context::Test } else { Context::Production })
}

fn of_crate(inputs: &Inputs, id: CrateId, examples: &FxHashSet<PackageId>) -> Context {
    let Some(source) = inputs.resolved.crates[id.0 as usize].source else { return Context::Foreign };
    let package = PackageId(inputs.graph.crates[source].package as u32);
    let own = match inputs.graph.crates[source].kind {
        TargetKind::Test | TargetKind::Bench => Context::Test,
        TargetKind::Example => Context::Example,
        TargetKind::BuildScript | TargetKind::ProcMacro => Context::Tool,
        TargetKind::Library | TargetKind::Binary => Context::Production,
    };
    let of_package = inputs.packages.get(package.0 as usize).map_or(Context::Production, |package| of_name(&package.name));
    own.max(of_package).max(if examples.contains(&package) { Context::Example } else { Context::Production })
}

/// Words that a package's name is made of.
const PACKAGE_WORDS: &[(&str, Context)] = &[
    ("xtask", Context::Tool),
    ("xtasks", Context::Tool),
    ("migration", Context::Migration),
    ("migrations", Context::Migration),
    ("bench", Context::Test),
    ("benches", Context::Test),
    ("benchmarks", Context::Test),
];

fn of_name(name: &str) -> Context {
    let words = || name.split(['-', '_']);
    let known = PACKAGE_WORDS.iter().filter(|(word, _)| words().next_back() == Some(word));
    known.map(|(_, context)| *context).max().unwrap_or_default()
}

/// Folders below the workspace root that say what their code is for.
const FOLDERS: &[(&str, Context)] = &[
    ("tests", Context::Test),
    ("benches", Context::Test),
    ("migrations", Context::Migration),
    ("migration", Context::Migration),
    ("xtask", Context::Tool),
];

fn of_file(inputs: &Inputs, file: FileId) -> Context {
    let Some((folders, _)) = inputs.sources.get(file).and_then(|source| source.path.rsplit_once('/')) else { return Context::Production };
    let known = FOLDERS.iter().filter(|(folder, _)| folders.split('/').any(|one| one == *folder));
    known.map(|(_, context)| *context).max().unwrap_or_default()
}

/// Packages in a folder of examples or with the name of one, beside something that is deployed. In a workspace of nothing but
/// examples (and the libraries they show) they are what there is to look at.
fn example_packages(inputs: &Inputs) -> FxHashSet<PackageId> {
    let is_example = |package: &crate::model::Package| {
        let folders = package.manifest.split('/').any(|folder| matches!(folder, "examples" | "example" | "demo" | "demos"));
        folders || package.name.split(['-', '_']).any(|word| matches!(word, "example" | "examples" | "demo"))
    };
    let packages = inputs.packages.iter().enumerate();
    let examples: FxHashSet<PackageId> =
        packages.filter(|(_, package)| is_example(package)).map(|(index, _)| PackageId(index as u32)).collect();
    let deployed =
        inputs.graph.crates.iter().any(|krate| krate.kind == TargetKind::Binary && !examples.contains(&PackageId(krate.package as u32)));
    if deployed { examples } else { FxHashSet::default() }
}
