//! Whether there is a pool at all for a database that requests reach: built, received or named anywhere in production code.

use super::{Inputs, lifetime};
use crate::knowledge::TypeRole;
use crate::model::{Backend, Context, Evidence, ResourceKind, Truth};
use crate::resolve::{AdtId, Definition, Reference};

/// One answer for each database system that something connects to. Call it when resources are known.
pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let connections = backend.resources.iter().filter(|resource| resource.kind == ResourceKind::Connection);
    let systems: Vec<String> = connections.map(|resource| resource.system.clone()).collect();
    for system in systems {
        if !backend.pools.contains_key(&system) {
            let truth = of_system(inputs, backend, &system);
            backend.pools.insert(system, truth);
        }
    }
}

fn of_system(inputs: &Inputs, backend: &Backend, system: &str) -> Truth {
    let built = backend.resources.iter().find(|resource| resource.kind == ResourceKind::Pool && resource.system == system);
    if let Some(pool) = built {
        return Truth::Yes(Evidence::at(
            pool.place,
            format!("`{}` builds a `{}` pool", backend.function(pool.function).name, pool.library),
        ));
    }
    // A pool that comes from elsewhere (a library, a framework's attribute) still shows its type where it is used. Which system it is for
    // cannot always be told, so any of them counts.
    let mentions = || inputs.resolved.references.iter().filter(|reference| in_production(backend, reference));
    if let Some((reference, path)) = mentions().find_map(|reference| Some((reference, known_pool(inputs, reference)?))) {
        return Truth::Yes(Evidence::at(reference.place, format!("`{path}` is named here")));
    }
    if let Some(truth) = pool_of_ones_own(inputs, backend, system) {
        return truth;
    }
    match mentions().find_map(unknown_pool) {
        Some(path) => Truth::Unknown(format!("`{path}` may be a pool")),
        None => Truth::No("no pool of any known library is built, received or named in production code".into()),
    }
}

/// A type of the workspace that keeps many connections, as `struct Pool { idle: Mutex<Vec<Client>> }` does, or one that is only called
/// a pool.
fn pool_of_ones_own(inputs: &Inputs, backend: &Backend, system: &str) -> Option<Truth> {
    let connections = backend.resources.iter().filter(|one| one.kind == ResourceKind::Connection && one.system == system);
    let libraries: std::collections::BTreeSet<&str> = connections.map(|one| one.library.as_str()).collect();
    let own = || (0..inputs.resolved.adts.len() as u32).map(AdtId).filter(|id| is_of_production(inputs, backend, *id));
    let adt = |id: AdtId| &inputs.resolved.adts[id.0 as usize];
    let keeps_many = |id: &AdtId| {
        let mut fields = adt(*id).variants.iter().flat_map(|variant| &variant.types);
        fields.any(|field| libraries.iter().any(|library| lifetime::has_many(inputs, field, library, false, FIELDS)))
    };
    if let Some(id) = own().find(keeps_many) {
        return Some(Truth::Yes(Evidence::at(adt(id).place, format!("`{}` keeps many connections", adt(id).name))));
    }
    let called_a_pool = |id: &AdtId| {
        let name = adt(*id).name.to_ascii_lowercase();
        name.ends_with("pool") && !name.contains("thread") && !name.contains("worker")
    };
    let id = own().find(called_a_pool)?;
    Some(Truth::Unknown(format!("`{}` may be a pool", adt(id).path)))
}

/// How deep inside the types of fields connections are looked for.
const FIELDS: usize = 6;

fn is_of_production(inputs: &Inputs, backend: &Backend, adt: AdtId) -> bool {
    let module = inputs.resolved.adts[adt.0 as usize].module;
    let krate = inputs.resolved.modules[module.0 as usize].krate;
    let context = backend.modules.get(module.0 as usize).map_or(Context::Production, |module| module.context);
    inputs.resolved.crates[krate.0 as usize].source.is_some() && context == Context::Production
}

fn in_production(backend: &Backend, reference: &Reference) -> bool {
    let context = backend.modules.get(reference.from.0 as usize).map_or(Context::Production, |module| module.context);
    !reference.test && context == Context::Production
}

/// A pool, a connection out of one, or a client that pools inside.
fn known_pool<'a>(inputs: &Inputs<'a>, reference: &Reference) -> Option<&'a str> {
    const POOLS: [TypeRole; 3] = [TypeRole::Pool, TypeRole::PooledConnection, TypeRole::PooledClient];
    let Definition::Adt(id) = &reference.to else { return None };
    let path: &str = &inputs.resolved.adts[id.0 as usize].path;
    let roles = inputs.knowledge.type_roles(path, None);
    let is_for_a_cache = roles.contains(&TypeRole::CacheClient) || is_for_a_cache(path);
    (roles.iter().any(|role| POOLS.contains(role)) && !is_for_a_cache).then_some(path)
}

/// A pool by its name, of a library that is not known.
fn unknown_pool(reference: &Reference) -> Option<&str> {
    let Definition::External(path) = &reference.to else { return None };
    let lower = path.to_ascii_lowercase();
    (lower.contains("pool") && !lower.contains("threadpool") && !lower.contains("thread_pool")).then_some(path)
}

fn is_for_a_cache(path: &str) -> bool {
    ["redis", "fred", "memcache"].iter().any(|library| path.starts_with(library) || path.contains(&format!("_{library}")))
}
