//! What the lints of this section share: how sure the layers are, where queries live, and what several breaches between the same two
//! modules have in common.

use crate::findings::Level;
use crate::model::{
    Backend, Breach, BreachKind, Certainty, Context, DataAccess, Dependency, Evidence, Function, FunctionId, ModuleId, PackageId, Role,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a lint about layers may say here.
pub enum Say {
    Everything,
    /// Some of the code keeps to layers: findings are notes.
    Notes,
}

impl Say {
    /// `None` where there are no layers to hold anybody to.
    pub fn about(backend: &Backend) -> Option<Say> {
        match backend.layering.certainty() {
            Certainty::Firm => Some(Say::Everything),
            Certainty::Tentative => Some(Say::Notes),
            Certainty::None => None,
        }
    }

    pub fn at_most(&self) -> Option<Level> {
        match self {
            Say::Everything => None,
            Say::Notes => Some(Level::Note),
        }
    }
}

pub fn module_path(backend: &Backend, module: ModuleId) -> &str {
    &backend.modules[module.0 as usize].path
}

/// Queries of production code by the function that runs them; control statements and jobs left out.
pub fn queries_by_function(backend: &Backend) -> BTreeMap<FunctionId, Vec<&DataAccess>> {
    let mut found: BTreeMap<FunctionId, Vec<&DataAccess>> = BTreeMap::new();
    for access in backend.data_accesses.iter().filter(|access| !access.control) {
        let function = backend.function(access.function);
        if function.context == Context::Production && function.role != Role::Job {
            found.entry(access.function).or_default().push(access);
        }
    }
    found
}

/// What a library runs, in the reader's word.
pub fn language(library: &str) -> &'static str {
    if library.starts_with("mongo") { "database queries" } else { "SQL" }
}

/// Packages that code of `package` uses, itself included: a repository anywhere else is somebody else's.
fn packages_of(backend: &Backend, package: PackageId) -> BTreeSet<PackageId> {
    let of = |module: ModuleId| backend.modules[module.0 as usize].package;
    let edges: BTreeSet<(PackageId, PackageId)> =
        backend.dependencies.iter().filter(|one| !one.test).map(|one| (of(one.from), of(one.to))).filter(|(from, to)| from != to).collect();
    let (mut found, mut open) = (BTreeSet::from([package]), vec![package]);
    while let Some(next) = open.pop() {
        let used = edges.iter().filter(|(from, _)| *from == next).map(|(_, to)| *to);
        open.extend(used.filter(|used| found.insert(*used)));
    }
    found
}

/// Repositories within reach of a function: where its queries could live.
pub struct Repositories<'b> {
    backend: &'b Backend,
    /// Functions that run queries, by repository module.
    modules: BTreeMap<ModuleId, usize>,
}

impl<'b> Repositories<'b> {
    /// `None` where there are none: then nobody can be asked to use them.
    pub fn near(backend: &'b Backend, function: &Function) -> Option<Self> {
        let packages = packages_of(backend, function.package);
        let mut modules: BTreeMap<ModuleId, usize> = BTreeMap::new();
        for id in queries_by_function(backend).keys() {
            let other = backend.function(*id);
            if backend.layering.role_of(other.module) == Role::Repository && packages.contains(&other.package) {
                *modules.entry(other.module).or_default() += 1;
            }
        }
        (!modules.is_empty()).then_some(Self { backend, modules })
    }

    /// Where the workspace keeps its queries: ``96% of the functions that run queries are in repositories such as `api::db` ``.
    pub fn sentence(&self) -> Evidence {
        let (part, whole) = (self.backend.layering.sql_in_repositories, self.backend.layering.sql_functions);
        let largest = self.modules.iter().max_by_key(|(module, count)| (**count, std::cmp::Reverse(**module)));
        let home = largest.map_or("", |(module, _)| module_path(self.backend, *module));
        let what = match (100 * part).checked_div(whole) {
            Some(percent) if percent >= 50 => format!("{percent}% of the functions that run queries are in repositories such as `{home}`"),
            _ => format!("there are repositories for that, such as `{home}`"),
        };
        Evidence { place: None, what }
    }

    /// The one that already works on the same tables, in the same package if there is one; nothing where no tables are known.
    pub fn of_tables(&self, function: &Function, queries: &[&DataAccess]) -> Option<&'b str> {
        let tables: Vec<&String> = queries.iter().flat_map(|access| access.reads.iter().chain(&access.writes)).collect();
        let mut scores: BTreeMap<ModuleId, usize> = BTreeMap::new();
        for access in &self.backend.data_accesses {
            let module = self.backend.function(access.function).module;
            let same = access.reads.iter().chain(&access.writes).any(|table| tables.contains(&table));
            if same && self.modules.contains_key(&module) {
                *scores.entry(module).or_default() += 1;
            }
        }
        let near = |module: ModuleId| self.backend.modules[module.0 as usize].package == function.package;
        let best = scores.into_iter().max_by_key(|(module, score)| (near(*module), *score, std::cmp::Reverse(*module)));
        best.map(|(module, _)| module_path(self.backend, module))
    }
}

/// Breaches of one kind, by the two modules they join.
pub fn pairs(backend: &Backend, wanted: impl Fn(&BreachKind) -> bool) -> BTreeMap<(&str, &str), Vec<(&Breach, &Dependency)>> {
    let mut found: BTreeMap<(&str, &str), Vec<(&Breach, &Dependency)>> = BTreeMap::new();
    for breach in backend.layering.breaches.iter().filter(|breach| wanted(&breach.kind)) {
        let dependency = &backend.dependencies[breach.dependency];
        let ends = (module_path(backend, dependency.from), module_path(backend, dependency.to));
        found.entry(ends).or_default().push((breach, dependency));
    }
    found
}

const MOST_PLACES: usize = 5;

/// Each place where the one module names the other.
pub fn places(found: &[(&Breach, &Dependency)]) -> Vec<Evidence> {
    let shown =
        found.iter().take(MOST_PLACES).map(|(_, one)| Evidence::at(one.place, format!("`{}` is {} here", one.item, one.via.word())));
    let rest = found.len().saturating_sub(MOST_PLACES);
    let more = (rest > 0).then(|| Evidence { place: None, what: format!("and {rest} more") });
    shown.chain(more).collect()
}

/// Names of what is used, each once.
pub fn items<'b>(found: &[(&Breach, &'b Dependency)]) -> Vec<&'b str> {
    let mut items: Vec<&str> = found.iter().map(|(_, one)| one.item.rsplit("::").next().unwrap_or(&one.item)).collect();
    items.sort_unstable();
    items.dedup();
    items
}
