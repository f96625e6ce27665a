//! What sea-query's builders of tables and indexes say, as the SQL that they would write.

use super::idens::Idens;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, Literal, PatternKind};
use crate::resolve::Target;

/// One statement, or several about one table.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Built {
    /// Empty for what changes no table.
    pub sql: String,
    pub table: Option<String>,
    /// All of it was understood.
    pub whole: bool,
}

/// What `at` builds; `None` where that is not known.
pub(super) fn built(walk: &Walk, idens: &Idens, at: ExprId, depth: usize) -> Option<Built> {
    let builder = Builder { walk, idens };
    let Some(chain) = builder.chain(at) else { return builder.elsewhere(at, depth) };
    match chain.root.as_str() {
        "Table::create" => builder.create_table(&chain, None),
        "table_auto" => builder.create_table(&chain, chain.arguments.first().copied()),
        "Table::alter" => builder.alter_table(&chain),
        "Table::drop" => builder.drop_table(&chain),
        "Table::rename" => builder.rename_table(&chain),
        "Table::truncate" | "Query::insert" | "Query::update" | "Query::delete" | "Query::select" => {
            Some(Built { whole: true, ..Built::default() })
        }
        "Index::create" => builder.create_index(&chain),
        "Index::drop" => builder.drop_index(&chain),
        "ForeignKey::create" => builder.create_foreign_key(&chain),
        "ForeignKey::drop" => builder.drop_foreign_key(&chain),
        _ => builder.elsewhere(at, depth),
    }
}

/// `Table::create().table(Users::Table).to_owned()`.
struct Chain<'w> {
    /// The last two segments of what begins it.
    root: String,
    arguments: &'w [ExprId],
    /// In the order of the code.
    steps: Vec<(&'w str, &'w [ExprId])>,
}

impl Chain<'_> {
    fn argument(&self, name: &str) -> Option<ExprId> {
        self.steps.iter().find(|(own, _)| *own == name).and_then(|(_, arguments)| arguments.first().copied())
    }

    fn has(&self, name: &str) -> bool {
        self.steps.iter().any(|(own, _)| *own == name)
    }

    fn knows_only(&self, names: &[&str]) -> bool {
        self.steps.iter().all(|(own, _)| names.contains(own) || SAYS_NOTHING.contains(own))
    }
}

const SAYS_NOTHING: &[&str] =
    &["to_owned", "take", "clone", "if_not_exists", "if_exists", "comment", "engine", "collate", "character_set", "into", "borrow"];

struct Builder<'w, 'a> {
    walk: &'w Walk<'a>,
    idens: &'w Idens<'w>,
}

impl<'a> Builder<'_, 'a> {
    fn chain(&self, at: ExprId) -> Option<Chain<'a>> {
        let mut steps: Vec<(&'a str, &'a [ExprId])> = Vec::new();
        let mut at = at;
        for _ in 0..256 {
            at = self.walk.peeled(at);
            match self.walk.kind(at) {
                ExpressionKind::MethodCall { receiver, name, arguments, .. } => {
                    steps.push((name.as_str(), arguments.as_slice()));
                    at = *receiver;
                }
                ExpressionKind::Call { callee, arguments } => {
                    let ExpressionKind::Path(path) = self.walk.kind(*callee) else { return None };
                    let names: Vec<&str> = path.segments.iter().map(|segment| segment.name.as_str()).collect();
                    let root = match names.as_slice() {
                        [.., of, name] if of.starts_with(char::is_uppercase) => format!("{of}::{name}"),
                        [.., name] => name.to_string(),
                        [] => return None,
                    };
                    steps.reverse();
                    return Some(Chain { root, arguments, steps });
                }
                ExpressionKind::Path(path) if self.is_used_once(path.single()?) => at = self.walk.bound_value(at)?,
                _ => return None,
            }
        }
        None
    }

    /// A local that is used here alone: nothing was added to it elsewhere.
    fn is_used_once(&self, name: &str) -> bool {
        let uses = |kind: &ExpressionKind| matches!(kind, ExpressionKind::Path(path) if path.single().is_some_and(|own| own == name));
        let binds = |kind: &PatternKind| matches!(kind, PatternKind::Binding { name: own, .. } if own == name);
        self.walk.body.expressions.iter().filter(|expression| uses(&expression.kind)).count() == 1
            && self.walk.body.patterns.iter().filter(|pattern| binds(&pattern.kind)).count() == 1
    }

    /// `create_users_table()`: what a function without parameters gives back.
    fn elsewhere(&self, at: ExprId, depth: usize) -> Option<Built> {
        let at = self.walk.peeled(at);
        let call = self.walk.inputs.call_at(self.walk.function, at)?;
        let Target::Function(function) = &call.target else { return None };
        let walk = Walk::new(self.walk.inputs, *function)?;
        let tail = match walk.kind(walk.body.root) {
            ExpressionKind::Block { tail: Some(tail), .. } => *tail,
            _ => return None,
        };
        built(&walk, self.idens, tail, depth.checked_sub(1)?)
    }

    fn name(&self, at: ExprId) -> Option<String> {
        self.idens.name(self.walk, at).filter(|name| !name.contains('"'))
    }

    fn create_table(&self, chain: &Chain, named: Option<ExprId>) -> Option<Built> {
        let name = self.name(named.or_else(|| chain.argument("table"))?)?;
        let mut parts: Vec<String> = Vec::new();
        let mut whole = true;
        for (step, arguments) in &chain.steps {
            let part = match (*step, *arguments) {
                ("table", _) => continue,
                ("col", [column]) => self.column(*column),
                ("primary_key", [key]) => self.key(*key, "PRIMARY KEY"),
                ("index", [key]) => self.key(*key, "UNIQUE"),
                ("foreign_key", [key]) => self.foreign_key(*key),
                (step, _) if SAYS_NOTHING.contains(&step) => continue,
                _ => None,
            };
            whole &= part.is_some();
            parts.extend(part);
        }
        if chain.root == "table_auto" {
            parts.extend(["created_at", "updated_at"].map(|name| format!("{} TIMESTAMP NOT NULL", quoted(name))));
        }
        let sql = format!("CREATE TABLE IF NOT EXISTS {} ({})", quoted(&name), parts.join(", "));
        Some(Built { sql, table: Some(name), whole })
    }

    /// A key in `CREATE TABLE`; one that is not unique is an index, which only MySQL makes there.
    fn key(&self, at: ExprId, kind: &str) -> Option<String> {
        let chain = self.chain(at).filter(|chain| chain.root == "Index::create" && chain.knows_only(INDEX_STEPS))?;
        if kind == "UNIQUE" && !chain.has("unique") && !chain.has("primary") {
            return None;
        }
        let kind = if chain.has("primary") { "PRIMARY KEY" } else { kind };
        let name = chain.argument("name").and_then(|name| self.name(name)).filter(|_| kind == "UNIQUE");
        let named = name.map_or(String::new(), |name| format!("CONSTRAINT {} ", quoted(&name)));
        Some(format!("{named}{kind} ({})", self.index_columns(&chain)?))
    }

    fn index_columns(&self, chain: &Chain) -> Option<String> {
        let columns = chain.steps.iter().filter(|(step, _)| *step == "col").map(|(_, arguments)| {
            let at = self.walk.peeled(*arguments.first()?);
            let ExpressionKind::Tuple(parts) = self.walk.kind(at) else { return self.name(at).map(|name| quoted(&name)) };
            let [column, order] = parts.as_slice() else { return None };
            let ExpressionKind::Path(order) = self.walk.kind(*order) else { return None };
            Some(format!("{} {}", quoted(&self.name(*column)?), order.last()?.to_ascii_uppercase()))
        });
        let columns = columns.collect::<Option<Vec<_>>>()?;
        (!columns.is_empty()).then(|| columns.join(", "))
    }

    fn column(&self, at: ExprId) -> Option<String> {
        let chain = self.chain(at)?;
        let mut column = Column { name: self.name(*chain.arguments.first()?)?, ..Column::default() };
        let root = chain.root.rsplit("::").next()?;
        match chain.root.as_str() {
            "ColumnDef::new" | "ColumnDef::new_with_type" => {}
            root_name if root_name == root => column.helped(root)?,
            _ => return None,
        }
        for (step, arguments) in &chain.steps {
            column.step(step, arguments.first().and_then(|at| self.integer(*at)))?;
        }
        Some(column.written())
    }

    fn integer(&self, at: ExprId) -> Option<u128> {
        match self.walk.kind(at) {
            ExpressionKind::Literal(Literal::Integer { value, .. }) => *value,
            _ => None,
        }
    }

    fn foreign_key(&self, at: ExprId) -> Option<String> {
        let chain = self.chain(at).filter(|chain| matches!(chain.root.as_str(), "ForeignKey::create" | "TableForeignKey::new"))?;
        self.foreign_key_of(&chain)
    }

    fn foreign_key_of(&self, chain: &Chain) -> Option<String> {
        let (mut columns, mut referred, mut to) = (Vec::new(), Vec::new(), None);
        for (step, arguments) in &chain.steps {
            match (*step, *arguments) {
                ("from", [_, column]) | ("from_col", [column]) => columns.extend(self.names(*column)?),
                ("to", [table, column]) => {
                    to = Some(self.name(*table)?);
                    referred.extend(self.names(*column)?);
                }
                ("to_tbl", [table]) => to = Some(self.name(*table)?),
                ("to_col", [column]) => referred.extend(self.names(*column)?),
                _ => {}
            }
        }
        let list = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        let action = chain.argument("on_delete").and_then(|at| match self.walk.kind(at) {
            ExpressionKind::Path(path) => path.last().map(str::to_string),
            _ => None,
        });
        let action = match action.as_deref() {
            Some("Cascade") => " ON DELETE CASCADE",
            Some("SetNull") => " ON DELETE SET NULL",
            Some("SetDefault") => " ON DELETE SET DEFAULT",
            _ => "",
        };
        let name = chain.argument("name").and_then(|name| self.name(name));
        let named = name.map_or(String::new(), |name| format!("CONSTRAINT {} ", quoted(&name)));
        (!columns.is_empty()).then_some(())?;
        Some(format!("{named}FOREIGN KEY ({}) REFERENCES {} ({}){action}", list(&columns), quoted(&to?), list(&referred)))
    }

    /// One, or those of a tuple.
    fn names(&self, at: ExprId) -> Option<Vec<String>> {
        match self.walk.kind(self.walk.peeled(at)) {
            ExpressionKind::Tuple(parts) => parts.iter().map(|part| self.name(*part)).collect(),
            _ => Some(vec![self.name(at)?]),
        }
    }

    fn alter_table(&self, chain: &Chain) -> Option<Built> {
        let name = self.name(chain.argument("table")?)?;
        let (mut changes, mut whole) = (Vec::new(), true);
        for (step, arguments) in &chain.steps {
            let change = match (*step, *arguments) {
                ("table", _) => continue,
                (step, _) if SAYS_NOTHING.contains(&step) => continue,
                ("add_column", [column]) => self.column(*column).map(|column| format!("ADD COLUMN {column}")),
                ("add_column_if_not_exists", [column]) => self.column(*column).map(|column| format!("ADD COLUMN IF NOT EXISTS {column}")),
                // What it changes is a type, a default, or whether there may be none.
                ("modify_column", [column]) if self.column(*column).is_some_and(|column| !is_key(&column)) => continue,
                ("drop_column", [column]) => self.name(*column).map(|column| format!("DROP COLUMN {}", quoted(&column))),
                ("rename_column", [old, new]) => {
                    self.name(*old).zip(self.name(*new)).map(|(old, new)| format!("RENAME COLUMN {} TO {}", quoted(&old), quoted(&new)))
                }
                ("add_foreign_key", [key]) => self.foreign_key(*key).map(|key| format!("ADD {key}")),
                ("drop_foreign_key", [key]) => self.name(*key).map(|key| format!("DROP CONSTRAINT {}", quoted(&key))),
                _ => None,
            };
            whole &= change.is_some();
            changes.extend(change.map(|change| format!("ALTER TABLE {} {change}", quoted(&name))));
        }
        Some(Built { sql: changes.join("; "), table: Some(name), whole })
    }

    fn drop_table(&self, chain: &Chain) -> Option<Built> {
        let tables = chain.steps.iter().filter(|(step, _)| *step == "table").map(|(_, arguments)| self.name(*arguments.first()?));
        let tables = tables.map(|name| name.map(|name| quoted(&name))).collect::<Option<Vec<_>>>()?;
        Some(Built { sql: format!("DROP TABLE IF EXISTS {}", tables.join(", ")), table: None, whole: !tables.is_empty() })
    }

    fn rename_table(&self, chain: &Chain) -> Option<Built> {
        let (_, [old, new]) = *chain.steps.iter().find(|(step, _)| *step == "table")? else { return None };
        let (old, new) = (self.name(*old)?, self.name(*new)?);
        Some(Built { sql: format!("ALTER TABLE {} RENAME TO {}", quoted(&old), quoted(&new)), table: Some(new), whole: true })
    }

    fn create_index(&self, chain: &Chain) -> Option<Built> {
        let table = self.name(chain.argument("table")?)?;
        let name = chain.argument("name").and_then(|name| self.name(name));
        let columns = self.index_columns(chain).filter(|_| chain.knows_only(INDEX_STEPS) && (name.is_some() || !chain.has("name")));
        let Some(columns) = columns else { return Some(Built { sql: String::new(), table: Some(table), whole: false }) };
        let unique = if chain.has("unique") { "UNIQUE " } else { "" };
        let named = match &name {
            Some(name) if chain.has("if_not_exists") => format!("IF NOT EXISTS {}", quoted(name)),
            Some(name) => quoted(name),
            None => String::new(),
        };
        Some(Built { sql: format!("CREATE {unique}INDEX {named} ON {} ({columns})", quoted(&table)), table: Some(table), whole: true })
    }

    fn drop_index(&self, chain: &Chain) -> Option<Built> {
        let table = chain.argument("table").and_then(|table| self.name(table));
        let Some(name) = chain.argument("name").and_then(|name| self.name(name)) else {
            return table.map(|table| Built { sql: String::new(), table: Some(table), whole: false });
        };
        Some(Built { sql: format!("DROP INDEX IF EXISTS {}", quoted(&name)), table, whole: true })
    }

    fn create_foreign_key(&self, chain: &Chain) -> Option<Built> {
        let from = chain.steps.iter().find(|(step, _)| matches!(*step, "from" | "from_tbl"))?.1.first()?;
        let table = self.name(*from)?;
        let key = self.foreign_key_of(chain);
        let whole = key.is_some();
        let sql = key.map_or(String::new(), |key| format!("ALTER TABLE {} ADD {key}", quoted(&table)));
        Some(Built { sql, table: Some(table), whole })
    }

    fn drop_foreign_key(&self, chain: &Chain) -> Option<Built> {
        let table = self.name(chain.argument("table")?)?;
        let name = chain.argument("name").and_then(|name| self.name(name));
        let whole = name.is_some();
        let sql = name.map_or(String::new(), |name| format!("ALTER TABLE {} DROP CONSTRAINT {}", quoted(&table), quoted(&name)));
        Some(Built { sql, table: Some(table), whole })
    }
}

const INDEX_STEPS: &[&str] = &["name", "table", "col", "unique", "primary"];

fn is_key(column: &str) -> bool {
    column.ends_with(" UNIQUE") || column.ends_with(" PRIMARY KEY")
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

#[derive(Default)]
struct Column {
    name: String,
    data_type: Option<String>,
    required: bool,
    unique: bool,
    primary: bool,
}

impl Column {
    /// `string_null(..)`, `pk_auto(..)` of `sea_orm_migration::schema`: without a word about it, a column is required.
    fn helped(&mut self, function: &str) -> Option<()> {
        self.required = true;
        let base = match function {
            "pk_auto" | "pk_uuid" | "big_pk_auto" => {
                self.primary = true;
                if function == "pk_uuid" { "uuid" } else { "integer" }
            }
            _ => match (function.strip_suffix("_null"), function.strip_suffix("_uniq")) {
                (Some(base), _) => {
                    self.required = false;
                    base
                }
                (_, Some(base)) => {
                    self.unique = true;
                    base
                }
                _ => function,
            },
        };
        self.data_type = Some(data_type(base)?.to_string());
        Some(())
    }

    fn step(&mut self, name: &str, length: Option<u128>) -> Option<()> {
        match name {
            "not_null" => self.required = true,
            "null" => self.required = false,
            "primary_key" => self.primary = true,
            "unique_key" => self.unique = true,
            "auto_increment" | "default" | "comment" | "check" | "generated" | "using" => {}
            name if SAYS_NOTHING.contains(&name) => {}
            name => {
                let base = data_type(name)?;
                let length = length.filter(|_| name.ends_with("_len")).map_or(String::new(), |length| format!("({length})"));
                self.data_type = Some(format!("{base}{length}"));
            }
        }
        Some(())
    }

    fn written(&self) -> String {
        let mut text = format!("{} {}", quoted(&self.name), self.data_type.as_deref().unwrap_or("TEXT"));
        let words = [(self.required, " NOT NULL"), (self.unique, " UNIQUE"), (self.primary, " PRIMARY KEY")];
        words.iter().filter(|(says, _)| *says).for_each(|(_, word)| text += word);
        text
    }
}

fn data_type(method: &str) -> Option<&'static str> {
    DATA_TYPES.iter().find(|(own, _)| *own == method).map(|(_, written)| *written)
}

/// Methods of `sea_query::ColumnDef`, as PostgreSQL calls the types.
const DATA_TYPES: &[(&str, &str)] = &[
    ("string", "VARCHAR"),
    ("string_len", "VARCHAR"),
    ("char", "CHAR"),
    ("char_len", "CHAR"),
    ("text", "TEXT"),
    ("tiny_text", "TEXT"),
    ("medium_text", "TEXT"),
    ("long_text", "TEXT"),
    ("tiny_integer", "SMALLINT"),
    ("small_integer", "SMALLINT"),
    ("integer", "INTEGER"),
    ("big_integer", "BIGINT"),
    ("tiny_unsigned", "SMALLINT"),
    ("small_unsigned", "SMALLINT"),
    ("unsigned", "INTEGER"),
    ("big_unsigned", "BIGINT"),
    ("float", "REAL"),
    ("double", "DOUBLE PRECISION"),
    ("decimal", "DECIMAL"),
    ("decimal_len", "DECIMAL"),
    ("money", "MONEY"),
    ("money_len", "MONEY"),
    ("boolean", "BOOLEAN"),
    ("date", "DATE"),
    ("time", "TIME"),
    ("date_time", "TIMESTAMP"),
    ("timestamp", "TIMESTAMP"),
    ("timestamp_with_time_zone", "TIMESTAMPTZ"),
    ("timestamp_with_time_zone_len", "TIMESTAMPTZ"),
    ("year", "INTEGER"),
    ("interval", "INTERVAL"),
    ("uuid", "UUID"),
    ("json", "JSON"),
    ("json_binary", "JSONB"),
    ("binary", "BYTEA"),
    ("binary_len", "BYTEA"),
    ("var_binary", "BYTEA"),
    ("blob", "BYTEA"),
    ("bit", "BIT"),
    ("varbit", "BIT VARYING"),
    ("array", "OTHER_TYPE"),
    ("enumeration", "OTHER_TYPE"),
    ("custom", "OTHER_TYPE"),
    ("inet", "INET"),
    ("cidr", "CIDR"),
    ("mac_address", "MACADDR"),
    ("ltree", "OTHER_TYPE"),
];
