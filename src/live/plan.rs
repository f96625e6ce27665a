//! A plan as `EXPLAIN (FORMAT JSON)` writes it, and what the catalogue says of the tables and indexes in it.

use super::{LiveError, TableSize};
use postgres::Transaction;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// What matters about a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// In the planner's own unit: one page that is read in sequence costs 1.
    pub cost: f64,
    /// Rows it gives back, estimated.
    pub rows: f64,
    pub scans: Vec<Scan>,
    pub sorts: Vec<Sort>,
}

/// How a table is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// `public.users`.
    pub table: String,
    /// `Seq Scan`, `Index Scan`, `Bitmap Heap Scan`.
    pub node: String,
    pub index: Option<String>,
    /// What is looked up in the index.
    pub condition: Option<String>,
    /// It begins with the index's first column, or the index is of a kind that looks up any.
    pub leading: bool,
    /// What is asked of each row that was read.
    pub filter: Option<String>,
    /// Rows that remain, estimated.
    pub rows: f64,
}

impl Scan {
    /// All rows, or all entries of an index, are read to find some.
    pub fn reads_all(&self) -> bool {
        self.filter.is_some() && self.condition.is_none() || self.condition.is_some() && !self.leading
    }
}

/// Rows that are put in order after they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    pub keys: Vec<String>,
    /// Rows to sort, estimated.
    pub rows: f64,
    /// Only the first ones are wanted.
    pub limited: bool,
}

/// Tables and indexes of the database.
pub(super) struct Catalogue {
    pub tables: BTreeMap<String, TableSize>,
    /// First key and method, by the index's name.
    indexes: HashMap<String, (String, String)>,
}

const TABLES: &str = "
    SELECT n.nspname || '.' || c.relname, c.reltuples::float8, c.relpages::int8 * current_setting('block_size')::int8
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')";

const INDEXES: &str = "
    SELECT c.relname::text, pg_catalog.pg_get_indexdef(i.indexrelid, 1, true), m.amname::text
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = c.relam";

impl Catalogue {
    pub fn read(transaction: &mut Transaction) -> Result<Self, LiveError> {
        let size = |row: postgres::Row| {
            let rows: f64 = row.get(1);
            (row.get(0), TableSize { rows: (rows >= 0.0).then_some(rows as u64), bytes: row.get::<_, i64>(2).max(0) as u64 })
        };
        let tables = transaction.query(TABLES, &[]).map_err(LiveError::lost)?.into_iter().map(size).collect();
        let index = |row: postgres::Row| (row.get(0), (row.get(1), row.get(2)));
        let indexes = transaction.query(INDEXES, &[]).map_err(LiveError::lost)?.into_iter().map(index).collect();
        Ok(Self { tables, indexes })
    }

    /// Whether the condition is about the index's first key.
    fn leads(&self, index: &str, condition: &str) -> bool {
        let Some((first, method)) = self.indexes.get(index) else { return true };
        let (first, condition) = (bare(first), bare(condition));
        method != "btree" && method != "hash" || has_word(&condition, &first)
    }
}

/// Without what pretty-printing adds: quotes, parentheses, casts' spaces.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '"' | '(' | ')' | ' ')).collect()
}

/// `id` in `users.id=$1`, not in `user_id=$1`.
fn has_word(text: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        let ends = text[at + word.len()..].chars().next();
        // `AND` has lost its spaces.
        let begins = text[..at].chars().next_back().filter(|_| !text[..at].ends_with("AND"));
        !part(begins) && (!part(ends) || text[at + word.len()..].starts_with("IS") || text[at + word.len()..].starts_with("AND"))
    })
}

impl Plan {
    /// `None` where it is no plan.
    pub(super) fn read(json: &str, catalogue: &Catalogue) -> Option<Plan> {
        let value: Value = serde_json::from_str(json).ok()?;
        let root = value.get(0)?.get("Plan")?;
        let mut plan = Plan { cost: number(root, "Total Cost"), rows: number(root, "Plan Rows"), ..Plan::default() };
        plan.node(root, false, catalogue);
        Some(plan)
    }

    fn node(&mut self, node: &Value, limited: bool, catalogue: &Catalogue) {
        let kind = text(node, "Node Type").unwrap_or_default();
        match kind {
            "Seq Scan" | "Index Scan" | "Index Only Scan" | "Bitmap Heap Scan" | "Tid Scan" | "Tid Range Scan" | "Sample Scan" => {
                self.scans.extend(scan(node, kind, catalogue));
            }
            "Sort" | "Incremental Sort" => {
                let keys = node.get("Sort Key").and_then(Value::as_array).into_iter().flatten();
                let keys = keys.filter_map(Value::as_str).map(str::to_string).collect();
                let below = children(node).next().map_or(0.0, |child| number(child, "Plan Rows"));
                self.sorts.push(Sort { keys, rows: below, limited });
            }
            _ => {}
        }
        children(node).for_each(|child| self.node(child, kind == "Limit", catalogue));
    }
}

fn scan(node: &Value, kind: &str, catalogue: &Catalogue) -> Option<Scan> {
    let table = text(node, "Relation Name")?;
    let table = text(node, "Schema").map_or(table.to_string(), |schema| format!("{schema}.{table}"));
    let mut lookups = Vec::new();
    lookups_of(node, kind, &mut lookups);
    let own = ["Index Cond", "Recheck Cond", "TID Cond"].iter().find_map(|name| text(node, name));
    let condition = own.or_else(|| lookups.iter().find_map(|(_, condition)| *condition)).map(str::to_string);
    let leading =
        lookups.is_empty() || lookups.iter().all(|(index, condition)| condition.is_none_or(|condition| catalogue.leads(index, condition)));
    Some(Scan {
        table,
        node: kind.to_string(),
        index: lookups.first().map(|(index, _)| index.to_string()),
        condition,
        leading,
        filter: text(node, "Filter").map(str::to_string),
        rows: number(node, "Plan Rows"),
    })
}

/// Indexes and what is looked up in them; those of a bitmap stand below it.
fn lookups_of<'v>(node: &'v Value, kind: &str, found: &mut Vec<(&'v str, Option<&'v str>)>) {
    if let Some(index) = text(node, "Index Name") {
        found.push((index, text(node, "Index Cond")));
    }
    if kind.starts_with("Bitmap") {
        for child in children(node) {
            let kind = text(child, "Node Type").unwrap_or_default();
            if kind.starts_with("Bitmap") {
                lookups_of(child, kind, found);
            }
        }
    }
}

fn children(node: &Value) -> impl Iterator<Item = &Value> {
    node.get("Plans").and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(node: &'v Value, name: &str) -> Option<&'v str> {
    node.get(name).and_then(Value::as_str)
}

fn number(node: &Value, name: &str) -> f64 {
    node.get(name).and_then(Value::as_f64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        let index = |name: &str, first: &str, method: &str| (name.to_string(), (first.to_string(), method.to_string()));
        let indexes =
            [index("members_pkey", "team_id", "btree"), index("users_email", "lower(email)", "btree"), index("tags", "tags", "gin")];
        Catalogue { tables: BTreeMap::new(), indexes: indexes.into() }
    }

    fn plan(json: &str) -> Plan {
        Plan::read(json, &catalogue()).expect("a plan")
    }

    #[test]
    fn a_scan_of_all_rows_is_told_from_one_by_an_index() {
        let all = plan(
            r#"[{"Plan": {"Node Type": "Seq Scan", "Schema": "public", "Relation Name": "users", "Filter": "(team = $1)", "Plan Rows": 5, "Total Cost": 20.5}}]"#,
        );
        assert!(all.scans[0].reads_all() && all.scans[0].table == "public.users" && all.cost == 20.5);
        let by_index = plan(
            r#"[{"Plan": {"Node Type": "Index Scan", "Relation Name": "users", "Index Name": "users_email", "Index Cond": "(lower(users.email) = $1)"}}]"#,
        );
        assert!(!by_index.scans[0].reads_all() || !by_index.scans[0].leading, "{by_index:?}");
    }

    #[test]
    fn a_column_that_an_index_does_not_begin_with_reads_all_of_the_index() {
        let at = |condition: &str| {
            let json = format!(
                r#"[{{"Plan": {{"Node Type": "Bitmap Heap Scan", "Relation Name": "members", "Recheck Cond": "{condition}", "Plans":
                [{{"Node Type": "Bitmap Index Scan", "Index Name": "members_pkey", "Index Cond": "{condition}"}}]}}}}]"#
            );
            plan(&json).scans[0].leading
        };
        assert!(at("(members.team_id = $1)") && !at("(members.user_id = $1)") && !at("(members.old_team_id = $1)"));
        assert!(at("((members.user_id = $1) AND (members.team_id IS NULL))"));
    }

    #[test]
    fn sorts_below_a_limit_are_known_as_such() {
        let sorted = plan(
            r#"[{"Plan": {"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Sort Key": ["a"], "Plans": [{"Node Type": "Seq Scan", "Relation Name": "t", "Plan Rows": 90}]}]}}]"#,
        );
        assert_eq!(sorted.sorts, [Sort { keys: vec!["a".into()], rows: 90.0, limited: true }]);
        assert!(!sorted.scans[0].reads_all(), "nothing is asked of the rows");
    }

    #[test]
    fn what_is_no_plan_is_none() {
        assert!(
            ["", "[]", "{}", "[{\"Plan\": 1}]"].iter().all(|json| Plan::read(json, &catalogue()).is_none_or(|plan| plan.scans.is_empty()))
        );
    }
}
