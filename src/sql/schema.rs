//! Migrations, replayed: what `CREATE`, `ALTER`, `DROP` and `RENAME` leave behind.
//!
//! A statement that is not understood makes the table it names incomplete, not the whole schema.

use super::expression::{column, folded, inner, last_name, normal, table_name};
use super::{parse, words};
use crate::model::{Column, Dialect, ForeignKey, Index, IndexKey, Schema, Table};
use sqlparser::ast::{self, AlterColumnOperation, AlterTableOperation, ColumnOption, ObjectType, Statement, TableConstraint};

pub struct Replay {
    pub schema: Schema,
}

/// Statements that change tables, or put rows into them.
const MATTERS: &[&str] = &["CREATE", "ALTER", "DROP", "RENAME", "INSERT"];

impl Replay {
    pub fn new(root: &str, dialect: Dialect) -> Self {
        Self { schema: Schema { root: root.to_string(), dialect, ..Schema::default() } }
    }

    /// Applies one file of migrations.
    pub fn apply(&mut self, text: &str, file: &str) {
        for parsed in parse::statements_with(text, self.schema.dialect, |word| MATTERS.contains(&word) && word != "INSERT") {
            match &parsed.ast {
                Some(ast) => self.statement(ast, &parsed.text, file),
                None => self.not_understood(&parsed.text),
            }
        }
    }

    pub fn finish(mut self) -> Schema {
        if self.schema.dialect == Dialect::Mysql {
            self.schema.tables.values_mut().for_each(index_foreign_keys);
        }
        self.schema
    }

    fn statement(&mut self, ast: &Statement, text: &str, file: &str) {
        match ast {
            Statement::CreateTable(create) => self.create_table(create, file),
            Statement::CreateIndex(create) => self.create_index(create),
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::AlterIndex { name, operation: ast::AlterIndexOperation::RenameIndex { index_name } } => {
                self.rename_index(&last_name(name), &last_name(index_name));
            }
            Statement::Drop { object_type, names, table, .. } => self.drop(*object_type, names, table.as_ref()),
            Statement::RenameTable(renames) => {
                renames.iter().for_each(|rename| self.rename_table(&table_name(&rename.old_name), &table_name(&rename.new_name)));
            }
            Statement::CreateView(create) => self.create_view(create, file),
            Statement::CreateVirtualTable { name, .. } => {
                let name = table_name(name);
                let incomplete = Some("it is a virtual table".to_string());
                self.put(Table { name, source: file.into(), incomplete, is_view: true, ..Table::default() });
            }
            Statement::CreateFunction(_) | Statement::CreateProcedure { .. } => self.taint_defined(text),
            _ => {}
        }
    }

    fn put(&mut self, table: Table) {
        self.schema.tables.insert(table.name.clone(), table);
    }

    /// The table by the name that a statement uses for it.
    fn table(&mut self, name: &str) -> Option<&mut Table> {
        let found = self.schema.table(name)?.name.clone();
        self.schema.tables.get_mut(&found)
    }

    fn create_table(&mut self, create: &ast::CreateTable, file: &str) {
        let name = table_name(&create.name);
        if create.temporary || create.if_not_exists && self.schema.tables.contains_key(&name) {
            return;
        }
        let mut table = Table { name, source: file.into(), ..Table::default() };
        for definition in &create.columns {
            add_column(&mut table, definition);
        }
        create.constraints.iter().for_each(|constraint| add_constraint(&mut table, constraint));
        if let Some(ast::CreateTableLikeKind::Parenthesized(like) | ast::CreateTableLikeKind::Plain(like)) = &create.like {
            self.copy_columns(&mut table, &table_name(&like.name));
        }
        for parent in create.inherits.iter().flatten() {
            self.copy_columns(&mut table, &table_name(parent));
        }
        if let Some(parent) = &create.partition_of {
            let parent = table_name(parent);
            self.copy_columns(&mut table, &parent);
            table.indexes.extend(self.schema.table(&parent).into_iter().flat_map(|parent| parent.indexes.clone()));
        }
        if create.query.is_some() {
            table.incomplete = Some("it is created from a query".into());
        }
        self.put(table);
    }

    fn copy_columns(&self, table: &mut Table, from: &str) {
        match self.schema.table(from) {
            Some(parent) => table.columns.splice(0..0, parent.columns.iter().cloned()).for_each(drop),
            None => table.incomplete = Some(format!("it takes its columns from `{from}`, which no migration creates")),
        }
    }

    fn create_index(&mut self, create: &ast::CreateIndex) {
        let name = create.name.as_ref().map(last_name);
        let taken = create.if_not_exists && name.as_ref().is_some_and(|name| self.index_exists(name));
        if taken {
            return;
        }
        let Some(table) = self.table(&table_name(&create.table_name)) else { return };
        let partial = create.predicate.iter().flat_map(partial).collect();
        let method = create.using.as_ref().map_or("btree".into(), |method| method.to_string().to_lowercase());
        table.indexes.push(Index {
            name,
            keys: create.columns.iter().map(key).collect(),
            unique: create.unique,
            primary: false,
            method,
            partial,
        });
    }

    fn index_exists(&self, name: &str) -> bool {
        self.schema.tables.values().flat_map(|table| &table.indexes).any(|index| index.name.as_deref() == Some(name))
    }

    fn create_view(&mut self, create: &ast::CreateView, file: &str) {
        let name = table_name(&create.name);
        let columns = create.columns.iter().map(|column| Column { name: folded(&column.name), ..Column::default() }).collect();
        let incomplete = Some("it is a view".to_string());
        self.put(Table { name, columns, source: file.into(), incomplete, is_view: !create.materialized, ..Table::default() });
    }

    fn drop(&mut self, object: ObjectType, names: &[ast::ObjectName], of: Option<&ast::ObjectName>) {
        match object {
            ObjectType::Table | ObjectType::View | ObjectType::MaterializedView => {
                for name in names {
                    if let Some(name) = self.schema.table(&table_name(name)).map(|table| table.name.clone()) {
                        self.schema.tables.remove(&name);
                    }
                }
            }
            ObjectType::Index => {
                let of = of.map(table_name);
                for name in names.iter().map(last_name) {
                    let tables = self.schema.tables.values_mut().filter(|table| of.as_ref().is_none_or(|of| *of == table.name));
                    tables.for_each(|table| table.indexes.retain(|index| index.name.as_deref() != Some(name.as_str())));
                }
            }
            ObjectType::Schema => {
                for name in names.iter().map(table_name) {
                    self.schema.tables.retain(|table, _| !table.starts_with(&format!("{name}.")));
                }
            }
            _ => {}
        }
    }

    fn rename_table(&mut self, old: &str, new: &str) {
        let Some(old) = self.schema.table(old).map(|table| table.name.clone()) else { return };
        // `ALTER TABLE audit.a RENAME TO b` stays in its schema.
        let new = match old.rsplit_once('.') {
            Some((schema, _)) if !new.contains('.') => format!("{schema}.{new}"),
            _ => new.to_string(),
        };
        let Some(mut table) = self.schema.tables.remove(&old) else { return };
        table.name = new.clone();
        for key in self.schema.tables.values_mut().flat_map(|table| &mut table.foreign_keys).filter(|key| key.references == old) {
            key.references = new.clone();
        }
        self.put(table);
    }

    fn rename_index(&mut self, old: &str, new: &str) {
        for index in self.schema.tables.values_mut().flat_map(|table| &mut table.indexes) {
            if index.name.as_deref() == Some(old) {
                index.name = Some(new.to_string());
            }
        }
    }

    fn alter_table(&mut self, alter: &ast::AlterTable) {
        let mut name = table_name(&alter.name);
        for operation in &alter.operations {
            if let AlterTableOperation::RenameTable { table_name: ast::RenameTableNameKind::To(new) | ast::RenameTableNameKind::As(new) } =
                operation
            {
                let new = table_name(new);
                self.rename_table(&name, &new);
                name = new;
            } else if let AlterTableOperation::AddConstraint { constraint: TableConstraint::PrimaryKeyUsingIndex(using), .. } = operation {
                self.key_using_index(&name, using, true);
            } else if let AlterTableOperation::AddConstraint { constraint: TableConstraint::UniqueUsingIndex(using), .. } = operation {
                self.key_using_index(&name, using, false);
            } else if let Some(table) = self.table(&name) {
                alter_one(table, operation);
            } else if let AlterTableOperation::RenameConstraint { old_name, new_name } = operation {
                self.rename_index(&folded(old_name), &folded(new_name));
            }
        }
    }

    fn key_using_index(&mut self, table: &str, using: &ast::ConstraintUsingIndex, primary: bool) {
        let (index_name, new) = (folded(&using.index_name), using.name.as_ref().map(folded));
        let Some(table) = self.table(table) else { return };
        if let Some(index) = table.indexes.iter_mut().find(|index| index.name.as_deref() == Some(index_name.as_str())) {
            (index.primary, index.unique) = (primary, true);
            index.name = new.or(index.name.take());
        }
    }

    /// Tables that a statement names which nothing else is known of.
    fn not_understood(&mut self, text: &str) {
        let begins: String = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        if begins == "DO" {
            return self.taint_defined(text);
        }
        if !MATTERS.contains(&begins.as_str()) || begins == "INSERT" {
            return;
        }
        let about = words::defined_tables(text);
        let (kind, named) = about;
        if !["TABLE", "INDEX", "VIEW"].contains(&kind.as_str()) {
            return;
        }
        self.schema.not_understood += usize::from(named.is_empty());
        for name in named {
            self.taint(&name, "a migration of it was not understood");
        }
    }

    /// Code that may define tables when it runs.
    fn taint_defined(&mut self, text: &str) {
        let upper = text.to_ascii_uppercase();
        for phrase in ["ALTER TABLE", "CREATE INDEX", "CREATE UNIQUE INDEX", "DROP INDEX", "CREATE TABLE", "DROP TABLE"] {
            for (at, _) in upper.match_indices(phrase) {
                if !upper.is_char_boundary(at) || !text.is_char_boundary(at) {
                    continue;
                }
                let (_, named) = words::defined_tables(&text[at..]);
                for name in named {
                    self.taint(&name, "a procedure changes it");
                }
            }
        }
    }

    fn taint(&mut self, name: &str, why: &str) {
        if let Some(table) = self.table(name) {
            table.incomplete.get_or_insert_with(|| why.to_string());
        }
    }
}

/// InnoDB gives each foreign key an index where there is none.
fn index_foreign_keys(table: &mut Table) {
    for key in &table.foreign_keys {
        let leads = |index: &Index| {
            key.columns.iter().zip(&index.keys).all(|(column, key)| *column == key.text) && index.keys.len() >= key.columns.len()
        };
        if !table.indexes.iter().any(leads) {
            let keys = key.columns.iter().map(|column| plain_key(column)).collect();
            table.indexes.push(Index {
                name: key.name.clone(),
                keys,
                unique: false,
                primary: false,
                method: "btree".into(),
                partial: Vec::new(),
            });
        }
    }
}

fn add_column(table: &mut Table, definition: &ast::ColumnDef) {
    let name = folded(&definition.name);
    let data_type = definition.data_type.to_string().to_uppercase();
    let mut new = Column { name: name.clone(), data_type, nullable: true };
    for option in &definition.options {
        match &option.option {
            ColumnOption::NotNull => new.nullable = false,
            ColumnOption::PrimaryKey(_) => {
                new.nullable = false;
                if new.data_type == "BOOLEAN" || new.data_type == "BOOL" {
                    table.small.get_or_insert_with(|| format!("its key `{name}` is a boolean"));
                }
                table.indexes.push(unique(option.name.as_ref().map(folded), vec![plain_key(&name)], true));
            }
            ColumnOption::Unique(_) => table.indexes.push(unique(option.name.as_ref().map(folded), vec![plain_key(&name)], false)),
            ColumnOption::ForeignKey(key) => table.foreign_keys.push(foreign_key(key, vec![name.clone()])),
            ColumnOption::Check(check) => note_singleton(table, &check.expr),
            _ => {}
        }
    }
    table.columns.push(new);
}

/// `CHECK (id = 1)`, `CHECK (singleton)`: the key can have one value.
fn note_singleton(table: &mut Table, check: &ast::Expr) {
    let is_key = |name: &str| {
        let unique = table.indexes.iter().filter(|index| index.unique);
        unique.clone().any(|index| index.keys.len() == 1 && index.keys[0].text == name)
            || table.columns.iter().all(|column| column.name != name)
    };
    let only = match inner(check) {
        ast::Expr::BinaryOp { left, op: ast::BinaryOperator::Eq, right } => {
            let value = matches!(inner(right), ast::Expr::Value(_));
            column(left).filter(|_| value)
        }
        other => column(other),
    };
    if only.is_some_and(|only| is_key(&only.name)) {
        table.small.get_or_insert_with(|| format!("`CHECK ({})` leaves one row", normal(check)));
    }
}

fn add_constraint(table: &mut Table, constraint: &TableConstraint) {
    let keys = |columns: &[ast::IndexColumn]| columns.iter().map(key).collect::<Vec<_>>();
    match constraint {
        TableConstraint::PrimaryKey(one) => {
            let index = unique(one.name.as_ref().map(folded), keys(&one.columns), true);
            for key in &index.keys {
                if let Some(column) = table.columns.iter_mut().find(|column| column.name == key.text) {
                    column.nullable = false;
                }
            }
            table.indexes.push(index);
        }
        TableConstraint::Unique(one) => {
            let name = one.name.as_ref().or(one.index_name.as_ref()).map(folded);
            table.indexes.push(unique(name, keys(&one.columns), false));
        }
        TableConstraint::ForeignKey(one) => {
            let columns = one.columns.iter().map(folded).collect();
            table.foreign_keys.push(ForeignKey { name: one.name.as_ref().map(folded), ..foreign_key(one, columns) });
        }
        TableConstraint::Index(one) => {
            let method = one.index_type.as_ref().map_or("btree".into(), |method| method.to_string().to_lowercase());
            let name = one.name.as_ref().map(folded);
            table.indexes.push(Index { name, keys: keys(&one.columns), unique: false, primary: false, method, partial: Vec::new() });
        }
        TableConstraint::FulltextOrSpatial(one) => {
            let name = one.opt_index_name.as_ref().map(folded);
            let method = if one.fulltext { "fulltext" } else { "spatial" };
            table.indexes.push(Index {
                name,
                keys: keys(&one.columns),
                unique: false,
                primary: false,
                method: method.into(),
                partial: Vec::new(),
            });
        }
        TableConstraint::Exclude(one) => {
            let keys = one.elements.iter().map(|element| key(&element.column)).collect();
            let method = one.index_method.as_ref().map_or("gist".into(), folded);
            let partial = one.where_clause.iter().flat_map(|clause| partial(clause)).collect();
            table.indexes.push(Index { name: one.name.as_ref().map(folded), keys, unique: false, primary: false, method, partial });
        }
        TableConstraint::Check(check) => note_singleton(table, &check.expr),
        TableConstraint::PrimaryKeyUsingIndex(_) | TableConstraint::UniqueUsingIndex(_) => {}
    }
}

fn unique(name: Option<String>, keys: Vec<IndexKey>, primary: bool) -> Index {
    Index { name, keys, unique: true, primary, method: "btree".into(), partial: Vec::new() }
}

fn plain_key(name: &str) -> IndexKey {
    IndexKey { text: name.to_string(), is_column: true, descending: false, operator_class: None }
}

fn key(column_of: &ast::IndexColumn) -> IndexKey {
    let expr = &column_of.column.expr;
    let named = column(expr);
    IndexKey {
        is_column: named.is_some(),
        text: named.map_or_else(|| normal(expr), |named| named.name),
        descending: matches!(column_of.column.options.sort, Some(ast::OrderBySort::Desc)),
        operator_class: column_of.operator_class.as_ref().map(last_name),
    }
}

/// The conditions of a partial index.
fn partial(expr: &ast::Expr) -> Vec<String> {
    match inner(expr) {
        ast::Expr::BinaryOp { left, op: ast::BinaryOperator::And, right } => [partial(left), partial(right)].concat(),
        other => vec![normal(other)],
    }
}

fn foreign_key(key: &ast::ForeignKeyConstraint, columns: Vec<String>) -> ForeignKey {
    ForeignKey {
        name: key.name.as_ref().map(folded),
        columns,
        references: table_name(&key.foreign_table),
        referred: key.referred_columns.iter().map(folded).collect(),
    }
}

fn alter_one(table: &mut Table, operation: &AlterTableOperation) {
    use AlterTableOperation::*;
    match operation {
        AddConstraint { constraint, .. } => add_constraint(table, constraint),
        AddColumn { column_def, if_not_exists: true, .. } if table.column(&folded(&column_def.name)).is_some() => {}
        AddColumn { column_def, .. } => add_column(table, column_def),
        DropColumn { column_names, .. } => column_names.iter().map(folded).for_each(|name| drop_column(table, &name)),
        RenameColumn { old_column_name, new_column_name } => rename_column(table, &folded(old_column_name), &folded(new_column_name)),
        DropConstraint { name, .. } | DropForeignKey { name, .. } | DropIndex { name } => drop_constraint(table, &folded(name)),
        DropPrimaryKey { .. } => table.indexes.retain(|index| !index.primary),
        RenameConstraint { old_name, new_name } => {
            let (old, new) = (folded(old_name), folded(new_name));
            table.indexes.iter_mut().filter(|index| index.name.as_ref() == Some(&old)).for_each(|index| index.name = Some(new.clone()));
        }
        ChangeColumn { old_name, new_name, data_type, .. } => {
            rename_column(table, &folded(old_name), &folded(new_name));
            set_type(table, &folded(new_name), data_type);
        }
        ModifyColumn { col_name, data_type, .. } => set_type(table, &folded(col_name), data_type),
        AlterColumn { column_name, op } => {
            let name = folded(column_name);
            let Some(column) = table.columns.iter_mut().find(|column| column.name == name) else { return };
            match op {
                AlterColumnOperation::SetNotNull => column.nullable = false,
                AlterColumnOperation::DropNotNull => column.nullable = true,
                AlterColumnOperation::SetDataType { data_type, .. } => column.data_type = data_type.to_string().to_uppercase(),
                _ => {}
            }
        }
        _ => {}
    }
}

fn set_type(table: &mut Table, name: &str, data_type: &ast::DataType) {
    if let Some(column) = table.columns.iter_mut().find(|column| column.name == name) {
        column.data_type = data_type.to_string().to_uppercase();
    }
}

/// Indexes and keys that hold the column go with it.
fn drop_column(table: &mut Table, name: &str) {
    table.columns.retain(|column| column.name != name);
    let names_it = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    table.indexes.retain(|index| !index.keys.iter().any(|key| names_it(&key.text)) && !index.partial.iter().any(|text| names_it(text)));
    table.foreign_keys.retain(|key| !key.columns.iter().any(|column| column == name));
}

fn rename_column(table: &mut Table, old: &str, new: &str) {
    table.columns.iter_mut().filter(|column| column.name == old).for_each(|column| column.name = new.to_string());
    for key in table.indexes.iter_mut().flat_map(|index| &mut index.keys) {
        key.text = replaced(&key.text, old, new);
    }
    for text in table.indexes.iter_mut().flat_map(|index| &mut index.partial) {
        *text = replaced(text, old, new);
    }
    table
        .foreign_keys
        .iter_mut()
        .flat_map(|key| &mut key.columns)
        .filter(|column| *column == old)
        .for_each(|column| *column = new.to_string());
}

/// `old` as a whole word.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        result.push_str(if word == old { new } else { &word });
        word.clear();
        if c != '\0' {
            result.push(c);
        }
    }
    result
}

/// By its name, or by the name that PostgreSQL gives to a key without one.
fn drop_constraint(table: &mut Table, name: &str) {
    let bare = table.name.rsplit('.').next().unwrap_or_default().to_string();
    let given = |index: &Index| match (index.primary, &index.name) {
        (_, Some(own)) => own == name,
        (true, None) => format!("{bare}_pkey") == name,
        (false, None) => {
            let columns: Vec<&str> = index.keys.iter().map(|key| key.text.as_str()).collect();
            index.unique && (format!("{bare}_{}_key", columns.join("_")) == name || columns == [name])
        }
    };
    table.indexes.retain(|index| !given(index));
    let default = |key: &ForeignKey| format!("{bare}_{}_fkey", key.columns.join("_")) == name;
    table.foreign_keys.retain(|key| !(key.name.as_deref() == Some(name) || key.name.is_none() && default(key)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replay(sql: &str) -> Schema {
        let mut replay = Replay::new("migrations", Dialect::Postgres);
        replay.apply(sql, "migrations/1.sql");
        replay.finish()
    }

    fn columns(schema: &Schema, table: &str) -> Vec<String> {
        schema.tables[table].columns.iter().map(|column| column.name.clone()).collect()
    }

    fn indexes(schema: &Schema, table: &str) -> Vec<String> {
        let keys = |index: &Index| index.keys.iter().map(|key| key.text.clone()).collect::<Vec<_>>().join(",");
        schema.tables[table].indexes.iter().map(keys).collect()
    }

    #[test]
    fn tables_are_what_the_migrations_leave() {
        let schema = replay(
            "CREATE TABLE public.users (id BIGSERIAL PRIMARY KEY, email TEXT NOT NULL UNIQUE, old TEXT, team INT REFERENCES teams (id));
             ALTER TABLE users ADD COLUMN name TEXT, DROP COLUMN old;
             ALTER TABLE users RENAME COLUMN email TO mail;
             CREATE INDEX CONCURRENTLY users_name ON users (lower(name)) WHERE team IS NOT NULL;
             ALTER TABLE users RENAME TO accounts;",
        );
        assert_eq!(columns(&schema, "accounts"), ["id", "mail", "team", "name"]);
        assert_eq!(indexes(&schema, "accounts"), ["id", "mail", "lower(name)"]);
        assert_eq!(schema.tables["accounts"].indexes[2].partial, ["team is not null"]);
        assert_eq!(schema.tables["accounts"].foreign_keys[0].references, "teams");
    }

    #[test]
    fn dropped_columns_and_constraints_take_their_indexes_with_them() {
        let schema = replay(
            "CREATE TABLE a (id INT, b INT, c INT, CONSTRAINT a_pk PRIMARY KEY (id), UNIQUE (b, c));
             CREATE INDEX a_c ON a (c); ALTER TABLE a DROP CONSTRAINT a_b_c_key; ALTER TABLE a DROP COLUMN c; DROP INDEX IF EXISTS nothing;",
        );
        assert_eq!(indexes(&schema, "a"), ["id"]);
    }

    #[test]
    fn what_is_not_understood_leaves_its_table_incomplete_and_no_other() {
        let schema = replay("CREATE TABLE a (id INT); CREATE TABLE b (id INT); ALTER TABLE a FROBNICATE ((;");
        assert!(schema.tables["a"].incomplete.is_some() && schema.tables["b"].incomplete.is_none());
        let schema = replay("CREATE TABLE a (id INT); DO $$ BEGIN EXECUTE 'x'; ALTER TABLE a ADD COLUMN b INT; END $$;");
        assert!(schema.tables["a"].incomplete.is_some());
    }

    #[test]
    fn tables_of_one_row_are_known_as_such() {
        let schema = replay(
            "CREATE TABLE settings (id BOOL PRIMARY KEY DEFAULT true, CONSTRAINT one CHECK (id)); CREATE TABLE t (id INT PRIMARY KEY)",
        );
        assert!(schema.tables["settings"].small.is_some() && schema.tables["t"].small.is_none());
    }
}
