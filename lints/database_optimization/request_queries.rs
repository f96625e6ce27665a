//! Queries on the way of a request: the common ground of the lints about what is asked of a database.

use crate::findings::{Finding, Level};
use crate::lints::evidence;
use crate::model::{Backend, Chain, Context, DataAccess, Evidence, FunctionId, Operation, Route, Served};

/// The nearest route to something, and the way there.
pub struct Way<'b> {
    pub route: &'b Route,
    pub chain: Chain,
}

impl<'b> Way<'b> {
    /// `None` for what no request to production code runs in its own time.
    pub fn to(backend: &'b Backend, served: &Served, function: FunctionId) -> Option<Self> {
        if backend.function(function).context != Context::Production {
            return None;
        }
        let (route, chain) = served.way_to(function)?;
        Some(Self { route: backend.route(route), chain })
    }

    /// The route, its handler, each hop, and then what is there.
    pub fn evidence(&self, backend: &Backend, sink: Evidence) -> Vec<Evidence> {
        evidence::from_route(backend, self.route, &self.chain, sink)
    }

    /// What a statement on this way does to every row of the tables: `does` completes "`function` .. every row of", `lacks` is shown at the statement.
    pub fn about_every_row(&self, backend: &Backend, access: &DataAccess, does: &str, lacks: &str, tables: &[&str]) -> Finding {
        let names = evidence::list(tables.iter().copied(), 3);
        let function = backend.function(access.function);
        Finding {
            place: access.place,
            message: format!("`{}` {does} every row of {names} on each `{}`", function.name, self.route.title()),
            evidence: self.evidence(backend, Evidence::at(access.place, format!("{lacks}: every row of {names}"))),
            help: String::new(),
            item: function.path.clone(),
            identity: tables.join(" "),
            at_most: self.is_seldom().then_some(Level::Note),
        }
    }

    /// Asked by the platform or by administrators: seldom.
    pub fn is_seldom(&self) -> bool {
        self.route.is_probe() || self.route.is_administrative()
    }
}

/// Whether production code puts rows into the table beyond start-up: it grows with use.
pub fn grows(backend: &Backend, table: &str) -> bool {
    let inserts = |access: &&DataAccess| access.operation == Operation::Insert && access.writes.iter().any(|own| same_table(own, table));
    backend.data_accesses.iter().filter(inserts).any(|access| backend.function(access.function).context == Context::Production)
}

/// Tables that grow with use for certain: requests of users put rows into them. Not those that are filled at start-up, by administrators,
/// by jobs or by other systems, which may stay small.
pub struct Growing {
    inserted: Vec<String>,
}

impl Growing {
    pub fn of(backend: &Backend) -> Self {
        let served = backend.served_to_users();
        let by_users = |access: &&DataAccess| {
            let production = backend.function(access.function).context == Context::Production;
            access.operation == Operation::Insert && production && served.contains(access.function)
        };
        Self { inserted: backend.data_accesses.iter().filter(by_users).flat_map(|access| access.writes.clone()).collect() }
    }

    pub fn contains(&self, backend: &Backend, table: &str) -> bool {
        self.inserted.iter().any(|own| same_table(own, table)) && !is_small(backend, table)
    }
}

/// Whether two names mean one table, wherever they name its schema.
pub fn same_table(one: &str, other: &str) -> bool {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    last(one) == last(other)
}

/// Why a table is known to stay small: its keys allow one row, or only migrations fill it.
pub fn is_small(backend: &Backend, table: &str) -> bool {
    let known = backend.schemas.iter().filter_map(|schema| schema.table(table)).any(|table| table.small.is_some());
    known || !grows(backend, table)
}

/// A statement that builds an index, with a name: PostgreSQL would find one itself, MySQL and SQLite want to be told.
pub fn create_index(table: &str, keys: &str) -> String {
    let words = |text: &str| {
        let parts: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|part| !part.is_empty()).collect();
        parts.join("_")
    };
    format!("CREATE INDEX {}_{}_idx ON {table} ({keys})", words(table), words(keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_built_by_a_name_that_every_database_takes() {
        assert_eq!(create_index("users", "email, lower(name)"), "CREATE INDEX users_email_lower_name_idx ON users (email, lower(name))");
        assert_eq!(create_index("auth.users", "(lower(email))"), "CREATE INDEX auth_users_lower_email_idx ON auth.users ((lower(email)))");
    }
}
