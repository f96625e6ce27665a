//! What the statements of a new migration do to tables that are in use.

use super::data_type::canonical;
use super::expression::{column, folded, inner, last_name, normal, table_name};
use crate::model::{Dialect, MigrationStep, SchemaChange, Table};
use crate::source::Place;
use sqlparser::ast::{self, AlterColumnOperation, AlterTableOperation, ColumnOption, Expr, ObjectType, Statement, TableConstraint};

/// A statement and where names in it stand.
pub(super) struct Seen<'s> {
    pub ast: &'s Statement,
    /// As written.
    pub text: &'s str,
    pub whole: Place,
    pub dialect: Dialect,
}

/// Its changes, judged by the table as it is before it runs.
pub(super) fn steps<'t>(seen: &Seen, table: impl Fn(&str) -> Option<&'t Table>, is_old: impl Fn(&str) -> bool) -> Vec<MigrationStep> {
    let step = |name: &str, change| {
        let known = table(name).map_or(name, |table| table.name.as_str());
        MigrationStep { place: seen.whole, table: known.to_string(), on_old_table: is_old(known), change }
    };
    match seen.ast {
        Statement::CreateIndex(create) => vec![step(&table_name(&create.table_name), builds_index(create))],
        Statement::AlterTable(alter) => {
            let name = table_name(&alter.name);
            let changes = alter.operations.iter().filter_map(|operation| change(operation, table(&name), seen.dialect));
            changes.map(|change| step(&name, change)).collect()
        }
        Statement::Drop { object_type: ObjectType::Table, names, .. } => {
            names.iter().map(|name| step(&table_name(name), SchemaChange::DropsTable)).collect()
        }
        // The parser is not shown the word, so the text tells.
        Statement::Drop { object_type: ObjectType::Index, names, .. } if is_concurrent(seen.text) => {
            names.iter().map(|name| step("", SchemaChange::DropsIndexConcurrently { name: last_name(name) })).collect()
        }
        _ => Vec::new(),
    }
}

fn is_concurrent(text: &str) -> bool {
    text.split_whitespace().take(4).any(|word| word.eq_ignore_ascii_case("concurrently"))
}

fn builds_index(create: &ast::CreateIndex) -> SchemaChange {
    let columns: Vec<String> = create.columns.iter().map(|key| normal(&key.column.expr)).collect();
    let name = create.name.as_ref().map_or_else(|| format!("({})", columns.join(", ")), last_name);
    SchemaChange::BuildsIndex { name, columns, unique: create.unique, concurrently: create.concurrently }
}

fn change(operation: &AlterTableOperation, table: Option<&Table>, dialect: Dialect) -> Option<SchemaChange> {
    use AlterTableOperation::*;
    Some(match operation {
        AddColumn { column_def, if_not_exists, .. } => {
            let name = folded(&column_def.name);
            let is_there = *if_not_exists && table.is_some_and(|table| table.column(&name).is_some());
            return if is_there { None } else { added_column(column_def, dialect) };
        }
        AddConstraint { not_valid: true, .. } => return None,
        AddConstraint { constraint, .. } => return added_constraint(constraint),
        AlterColumn { column_name, op } => return altered_column(&folded(column_name), op, table?),
        DropColumn { column_names, .. } => SchemaChange::DropsColumn { column: column_names.first().map(folded)? },
        RenameColumn { old_column_name, new_column_name } => {
            SchemaChange::RenamesColumn { column: folded(old_column_name), to: folded(new_column_name) }
        }
        RenameTable { table_name: ast::RenameTableNameKind::To(new) | ast::RenameTableNameKind::As(new) } => {
            SchemaChange::RenamesTable { to: table_name(new) }
        }
        _ => return None,
    })
}

fn added_column(definition: &ast::ColumnDef, dialect: Dialect) -> Option<SchemaChange> {
    let column = folded(&definition.name);
    let data_type = definition.data_type.to_string().to_uppercase();
    let options = || definition.options.iter().map(|option| &option.option);
    if ["SERIAL", "BIGSERIAL", "SMALLSERIAL"].contains(&data_type.as_str()) {
        return Some(SchemaChange::RewritesTable { column, why: format!("each row gets a number for `{data_type}`") });
    }
    for option in options() {
        match option {
            ColumnOption::Generated { generation_expr: None, .. } | ColumnOption::Identity(_) => {
                return Some(SchemaChange::RewritesTable { column, why: "each row gets a number".into() });
            }
            ColumnOption::Generated { generation_expr_mode: Some(ast::GeneratedExpressionMode::Stored), .. } => {
                return Some(SchemaChange::RewritesTable { column, why: "it is worked out for each row and stored".into() });
            }
            ColumnOption::Generated { .. } => return None,
            ColumnOption::Default(value) => {
                let why = format!("`DEFAULT {value}` is another value for each row");
                return is_volatile(value).then_some(SchemaChange::RewritesTable { column, why });
            }
            _ => {}
        }
    }
    let required = options().any(|option| matches!(option, ColumnOption::NotNull | ColumnOption::PrimaryKey(_)));
    // MySQL fills in what it takes for the type's zero, and a type of one's own may have a default.
    (required && dialect != Dialect::Mysql && is_built_in(&canonical(&data_type).0)).then_some(SchemaChange::AddsRequiredColumn { column })
}

/// Functions of PostgreSQL and its usual extensions that give another value each time they are called.
const VOLATILE: &[&str] = &[
    "gen_random_uuid",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "random",
    "gen_random_bytes",
    "clock_timestamp",
    "timeofday",
    "nextval",
];

fn is_volatile(value: &Expr) -> bool {
    match inner(value) {
        Expr::Function(function) => VOLATILE.contains(&last_name(&function.name).as_str()),
        Expr::Cast { expr, .. } => is_volatile(expr),
        Expr::BinaryOp { left, right, .. } => is_volatile(left) || is_volatile(right),
        _ => false,
    }
}

fn added_constraint(constraint: &TableConstraint) -> Option<SchemaChange> {
    let names = |columns: &[ast::IndexColumn]| columns.iter().map(|key| normal(&key.column.expr)).collect();
    Some(match constraint {
        TableConstraint::ForeignKey(key) => {
            SchemaChange::AddsForeignKey { columns: key.columns.iter().map(folded).collect(), parent: table_name(&key.foreign_table) }
        }
        TableConstraint::Check(check) => SchemaChange::AddsCheck { check: normal(&check.expr) },
        TableConstraint::Unique(key) => SchemaChange::AddsKey { columns: names(&key.columns), primary: false },
        TableConstraint::PrimaryKey(key) => SchemaChange::AddsKey { columns: names(&key.columns), primary: true },
        _ => return None,
    })
}

fn altered_column(name: &str, operation: &AlterColumnOperation, table: &Table) -> Option<SchemaChange> {
    let known = table.column(name)?;
    let column = name.to_string();
    match operation {
        AlterColumnOperation::SetNotNull => {
            let proven = table
                .checks
                .iter()
                .any(|check| check.split(" and ").any(|part| part.trim_matches(['(', ')', ' ']) == format!("{name} is not null")));
            (known.nullable && !proven).then_some(SchemaChange::SetsNotNull { column })
        }
        AlterColumnOperation::SetDataType { data_type, using, .. } => {
            let new = data_type.to_string().to_uppercase();
            let casts_itself = using.as_ref().is_none_or(|using| casts(using, name));
            let why = format!("`{}` becomes `{new}`", known.data_type);
            (is_rewrite(&known.data_type, &new, casts_itself) == Some(true)).then_some(SchemaChange::RewritesTable { column, why })
        }
        _ => None,
    }
}

/// `USING a`, `USING a::text`: nothing but the conversion that the type asks for.
fn casts(using: &Expr, name: &str) -> bool {
    let subject = match inner(using) {
        Expr::Cast { expr, .. } => inner(expr),
        other => other,
    };
    column(subject).is_some_and(|column| column.name == name)
}

/// Whether PostgreSQL writes every row anew to change the type of a column; `None` where that depends on more than the names.
fn is_rewrite(old: &str, new: &str, casts_itself: bool) -> Option<bool> {
    let ((old, old_size), (new, new_size)) = (canonical(old), canonical(new));
    if !is_built_in(&old) {
        return None;
    }
    let wider = match (old_size.as_slice(), new_size.as_slice()) {
        (_, []) => true,
        ([], _) => false,
        (old, new) => old.len() == new.len() && old.first() <= new.first() && old.get(1) == new.get(1),
    };
    let is_text = |name: &str| name == "character varying" || name == "text";
    let stamp = |name: &str| name.starts_with("timestamp");
    match () {
        () if !casts_itself && is_built_in(&new) => Some(true),
        () if is_text(&old) && is_text(&new) || old == new => Some(!wider),
        // Depends on the time zone of the session.
        () if stamp(&old) && stamp(&new) => None,
        () if old == "cidr" && new == "inet" => Some(false),
        // Domains and enums: a domain over the same type changes nothing.
        () if !is_built_in(&new) => None,
        () => Some(true),
    }
}

/// By its canonical name.
fn is_built_in(data_type: &str) -> bool {
    const NAMES: &[&str] = &[
        "smallint",
        "integer",
        "bigint",
        "numeric",
        "real",
        "double precision",
        "text",
        "character varying",
        "character",
        "uuid",
        "json",
        "jsonb",
        "bytea",
        "boolean",
        "date",
        "time without time zone",
        "timestamp without time zone",
        "timestamp with time zone",
        "inet",
        "cidr",
    ];
    NAMES.contains(&data_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::sql::schema::{Replay, Script};

    const BEFORE: &str = "
        CREATE TABLE old (id INT PRIMARY KEY, name VARCHAR(50), amount NUMERIC(10, 2), at TIMESTAMP, kind mood, CHECK (at IS NOT NULL));
        CREATE TABLE parents (id INT PRIMARY KEY);";

    fn changes(sql: &str) -> Vec<SchemaChange> {
        let mut replay = Replay::new("migrations", Dialect::Postgres);
        replay.apply(BEFORE, "1.sql", FileId(0));
        let new = replay.apply_new(&Script::read(sql, Dialect::Postgres), "2.sql", FileId(1));
        new.steps.into_iter().filter(|step| step.on_old_table).map(|step| step.change).collect()
    }

    #[test]
    fn types_that_are_stored_alike_are_not_written_anew() {
        for (sql, rewrites) in [
            ("name TYPE TEXT", false),
            ("name TYPE VARCHAR(80)", false),
            ("name TYPE VARCHAR(20)", true),
            ("name TYPE TEXT USING name::text", false),
            ("name TYPE TEXT USING lower(name)", true),
            ("id TYPE BIGINT", true),
            ("amount TYPE NUMERIC(12, 2)", false),
            ("amount TYPE NUMERIC(12, 4)", true),
            ("at TYPE TIMESTAMPTZ", false),
            ("kind TYPE TEXT", false),
            ("name TYPE mood USING name::mood", false),
        ] {
            let found = changes(&format!("ALTER TABLE old ALTER COLUMN {sql}"));
            assert_eq!(matches!(found.as_slice(), [SchemaChange::RewritesTable { .. }]), rewrites, "{sql}: {found:?}");
        }
    }

    #[test]
    fn columns_are_added_for_free_unless_each_row_needs_a_value_of_its_own() {
        let added = |sql: &str| changes(&format!("ALTER TABLE old ADD COLUMN {sql}")).pop();
        assert_eq!(added("a INT"), None);
        assert_eq!(added("a INT NOT NULL DEFAULT 0"), None);
        assert_eq!(added("a TIMESTAMPTZ NOT NULL DEFAULT now()"), None);
        assert_eq!(added("a INT NOT NULL"), Some(SchemaChange::AddsRequiredColumn { column: "a".into() }));
        assert!(matches!(added("a UUID NOT NULL DEFAULT gen_random_uuid()"), Some(SchemaChange::RewritesTable { .. })));
        assert!(matches!(added("a BIGSERIAL"), Some(SchemaChange::RewritesTable { .. })));
        assert!(matches!(added("a BIGINT GENERATED ALWAYS AS IDENTITY"), Some(SchemaChange::RewritesTable { .. })));
    }

    #[test]
    fn constraints_that_are_checked_at_once_are_told_from_those_that_are_not() {
        let found = |sql: &str| changes(&format!("ALTER TABLE old {sql}")).len();
        assert_eq!(found("ADD CONSTRAINT a FOREIGN KEY (id) REFERENCES parents (id)"), 1);
        assert_eq!(found("ADD CONSTRAINT a FOREIGN KEY (id) REFERENCES parents (id) NOT VALID"), 0);
        assert_eq!(found("ADD CONSTRAINT a CHECK (id > 0)"), 1);
        assert_eq!(found("ADD CONSTRAINT a CHECK (id > 0) NOT VALID"), 0);
        assert_eq!(found("ADD CONSTRAINT a UNIQUE (name)"), 1);
        assert_eq!(found("ADD CONSTRAINT a UNIQUE USING INDEX b"), 0);
        assert_eq!(found("ALTER COLUMN name SET NOT NULL"), 1);
        assert_eq!(found("ALTER COLUMN at SET NOT NULL"), 0);
        assert_eq!(found("ALTER COLUMN id SET NOT NULL"), 0);
    }

    #[test]
    fn what_somebody_says_is_safe_is_left_out() {
        let change = "ALTER TABLE old ALTER COLUMN name SET NOT NULL;";
        assert_eq!(changes(&format!("-- safety-assured:start\n-- it is small\n{change}\n-- safety-assured:end\n{change}")).len(), 0);
        assert_eq!(changes(&format!("-- squawk-ignore adding-not-nullable-field\n{change}")).len(), 0);
        assert_eq!(changes(&format!("-- safety-assured:start\nSELECT 1;\n-- safety-assured:end\n{change}")).len(), 1);
    }

    #[test]
    fn what_a_new_migration_makes_itself_is_not_old() {
        assert_eq!(changes("CREATE TABLE new (id INT); CREATE INDEX new_id ON new (id); ALTER TABLE new ADD CHECK (id > 0)"), []);
        let renamed = changes("ALTER TABLE old RENAME TO older; CREATE INDEX CONCURRENTLY older_name ON older (name)");
        assert!(matches!(&renamed[..], [SchemaChange::RenamesTable { .. }, SchemaChange::BuildsIndex { concurrently: true, .. }]));
    }
}
