//! Which database library a value's type belongs to: pools, connections and transactions, also inside wrappers and generic bounds.

use super::Inputs;
use crate::knowledge::TypeRole;
use crate::resolve::{FunctionId, TraitBound, Ty};

const HANDLES: &[TypeRole] =
    &[TypeRole::Pool, TypeRole::Connection, TypeRole::PooledConnection, TypeRole::Transaction, TypeRole::PooledClient];

/// Traits that only connections, pools and transactions have, by the last segment of their path.
const EXECUTORS: &[(&str, &str)] = &[
    ("Executor", "sqlx"),
    ("Acquire", "sqlx"),
    ("PgExecutor", "sqlx"),
    ("MySqlExecutor", "sqlx"),
    ("SqliteExecutor", "sqlx"),
    ("ConnectionTrait", "sea_orm"),
    ("TransactionTrait", "sea_orm"),
    ("AsyncConnection", "diesel"),
    ("AsyncConnectionCore", "diesel"),
    ("GenericClient", "tokio_postgres"),
];

/// `sqlx`, `diesel`, `sea_orm`, .. where values of `ty` reach a database.
pub(super) fn library(inputs: &Inputs, function: FunctionId, ty: &Ty) -> Option<String> {
    within(inputs, function, ty, 6)
}

fn within(inputs: &Inputs, function: FunctionId, ty: &Ty, depth: usize) -> Option<String> {
    if depth == 0 {
        return None;
    }
    let krate = inputs.resolved.functions[function.0 as usize].krate;
    match ty {
        Ty::Reference(inner) => within(inputs, function, inner, depth - 1),
        Ty::Dyn(bounds) | Ty::Opaque(bounds) => bounds.iter().find_map(|bound| of_bound(inputs, bound)),
        Ty::Parameter(name) => of_parameter(inputs, function, name),
        Ty::Adt(_, arguments) | Ty::External(_, arguments) => {
            let path = inputs.type_path(ty)?;
            let roles = inputs.type_roles(krate, ty);
            let inner = || arguments.iter().find_map(|argument| within(inputs, function, argument, depth - 1));
            if roles.contains(&TypeRole::CacheClient) {
                return None;
            }
            if roles.iter().any(|role| HANDLES.contains(role)) {
                // A pool of anything is told by what is inside.
                return inner().or_else(|| Some(family(path)).filter(|own| !GENERIC_POOLS.contains(&own.as_str())));
            }
            (roles.contains(&TypeRole::Transparent) || roles.contains(&TypeRole::Lock) || is_manager(path))
                .then(inner)
                .flatten()
                .or_else(|| by_manager(path))
        }
        _ => None,
    }
}

const GENERIC_POOLS: &[&str] = &["deadpool", "bb8", "r2d2", "mobc"];

fn is_manager(path: &str) -> bool {
    path.ends_with("Manager")
}

/// A manager without type arguments says by its crate what it opens.
fn by_manager(path: &str) -> Option<String> {
    let known = [
        ("deadpool_postgres", "tokio_postgres"),
        ("bb8_postgres", "tokio_postgres"),
        ("r2d2_sqlite", "rusqlite"),
        ("deadpool_sqlite", "rusqlite"),
        ("r2d2_postgres", "postgres"),
    ];
    let first = path.split("::").next().unwrap_or(path);
    known.iter().find(|(name, _)| is_manager(path) && *name == first).map(|(_, library)| library.to_string())
}

fn of_bound(inputs: &Inputs, bound: &TraitBound) -> Option<String> {
    let path = match &bound.trait_ {
        Ok(id) => &inputs.resolved.traits[id.0 as usize].path,
        Err(path) => path,
    };
    let library = family(path);
    EXECUTORS.iter().find(|(name, own)| path.ends_with(&format!("::{name}")) && *own == library).map(|(_, library)| library.to_string())
}

/// By the bounds that the function itself puts on the parameter.
fn of_parameter(inputs: &Inputs, function: FunctionId, name: &str) -> Option<String> {
    let facts = inputs.resolved.functions[function.0 as usize].facts.as_ref()?;
    let bounds = facts.generics.types.iter().filter(|parameter| parameter.name == name).flat_map(|parameter| &parameter.bounds);
    bounds
        .filter_map(|bound| match bound {
            crate::facts::Type::Path(path) => path.last(),
            _ => None,
        })
        .find_map(|last| EXECUTORS.iter().find(|(name, _)| *name == last))
        .map(|(_, library)| library.to_string())
}

/// Crates that are one library to their users: `diesel_async` runs diesel's queries.
pub(super) fn family(path: &str) -> String {
    let first = path.split("::").next().unwrap_or(path);
    match first {
        "diesel_async" | "diesel_migrations" => "diesel".into(),
        "deadpool_postgres" => "tokio_postgres".into(),
        first => first.into(),
    }
}
