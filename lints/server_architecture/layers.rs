//! What the lints of this section share: how sure the layers are, where queries live, and what several breaches between the same two
//! modules have in common.

use crate::findings::Level;
use crate::model::{
    Backend, Breach, BreachKind, Certainty, Context, DataAccess, Dependency, Evidence, Function, FunctionId, ModuleId, Role,
};
use std::collections::BTreeMap;

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

/// Where the workspace keeps its queries, as a sentence: ``96% of this workspace's queries live in `api::db` ``.
pub fn home_sentence(backend: &Backend) -> Option<String> {
    let (part, whole) = (backend.layering.sql_in_repositories, backend.layering.sql_functions);
    let home = home(backend)?;
    let percent = (100 * part).checked_div(whole)?;
    Some(if percent >= 50 {
        format!("{percent}% of the functions that run queries are in repositories such as `{home}`")
    } else {
        format!("the workspace has repositories for that, such as `{home}`")
    })
}

/// The repository module with the most functions that run queries.
fn home(backend: &Backend) -> Option<&str> {
    repositories(backend)
        .into_iter()
        .max_by_key(|(module, count)| (*count, std::cmp::Reverse(*module)))
        .map(|(module, _)| module_path(backend, module))
}

fn repositories(backend: &Backend) -> BTreeMap<ModuleId, usize> {
    let mut counts: BTreeMap<ModuleId, usize> = BTreeMap::new();
    for id in queries_by_function(backend).keys() {
        let module = backend.function(*id).module;
        if backend.layering.role_of(module) == Role::Repository {
            *counts.entry(module).or_default() += 1;
        }
    }
    counts
}

/// The repository that already works on the same tables, in the same package if there is one; nothing where no tables are known.
pub fn nearest_repository<'b>(backend: &'b Backend, function: &Function, queries: &[&DataAccess]) -> Option<&'b str> {
    let tables: Vec<&String> = queries.iter().flat_map(|access| access.reads.iter().chain(&access.writes)).collect();
    let mut scores: BTreeMap<ModuleId, usize> = BTreeMap::new();
    for access in &backend.data_accesses {
        let module = backend.function(access.function).module;
        let same = access.reads.iter().chain(&access.writes).any(|table| tables.contains(&table));
        if same && backend.layering.role_of(module) == Role::Repository {
            *scores.entry(module).or_default() += 1;
        }
    }
    let near = |module: ModuleId| backend.modules[module.0 as usize].package == function.package;
    let best = scores.into_iter().max_by_key(|(module, score)| (near(*module), *score, std::cmp::Reverse(*module)));
    best.map(|(module, _)| module_path(backend, module))
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
