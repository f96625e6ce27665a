//! Migrations, replayed: what `CREATE`, `ALTER`, `DROP` and `RENAME` leave behind.
//!
//! A statement that is not understood makes the table it names incomplete, not the whole schema.

use super::data_type::canonical;
use super::expression::{column, folded, inner, last_name, normal, table_name};
use super::migration::{self, Seen};
use super::parse::{self, Lines, Parsed};
use super::printed::{Signatures, printed};
use super::words;
use crate::model::{Column, Dialect, ForeignKey, Index, IndexKey, MigrationStep, OnDelete, Schema, SchemaChange, Table};
use crate::source::{FileId, Place, Span};
use rustc_hash::FxHashMap;
use sqlparser::ast::{self, AlterColumnOperation, AlterTableOperation, ColumnOption, ObjectType, Statement, TableConstraint};
use std::collections::BTreeSet;

pub struct Replay {
    pub schema: Schema,
    /// Tables that were there before the first new migration; `None`: there was no new one.
    old: Option<BTreeSet<String>>,
    signatures: Signatures,
    /// What keys of indexes are made of, by their text: how they are printed depends on what columns are in the end.
    expressions: FxHashMap<String, ast::Expr>,
}

/// What a new file of migrations does.
pub struct NewSteps {
    pub statements: usize,
    pub steps: Vec<MigrationStep>,
}

/// The statements of one file of migrations. Reading them needs nothing of the files before it, so files are read side by side.
pub struct Script<'t> {
    text: &'t str,
    statements: Vec<Parsed>,
}

impl<'t> Script<'t> {
    pub fn read(text: &'t str, dialect: Dialect) -> Self {
        Self { text, statements: parse::statements_with(text, dialect, |word| MATTERS.contains(&word)) }
    }
}

/// Statements that change tables.
const MATTERS: &[&str] = &["CREATE", "ALTER", "DROP", "RENAME"];

impl Replay {
    pub fn new(root: &str, dialect: Dialect) -> Self {
        Self {
            schema: Schema { root: root.to_string(), dialect, ..Schema::default() },
            old: None,
            signatures: Signatures::default(),
            expressions: FxHashMap::default(),
        }
    }

    /// Applies one file of migrations, which lies at `path`.
    pub fn apply(&mut self, text: &str, path: &str, file: FileId) {
        self.apply_script(&Script::read(text, self.schema.dialect), path, file);
    }

    /// The same for one that is read already, in the dialect of this schema.
    pub fn apply_script(&mut self, script: &Script, path: &str, file: FileId) {
        self.each(script, path, file, |_, _, _, _| {});
    }

    /// Applies what code at `place` runs: text of its own, or what a builder writes for PostgreSQL.
    pub fn apply_built(&mut self, text: &str, path: &str, place: Place) {
        let dialect = if text.contains('"') { Dialect::Postgres } else { self.schema.dialect };
        for parsed in &parse::statements_with(text, dialect, |word| MATTERS.contains(&word)) {
            match &parsed.ast {
                Some(ast) => {
                    let at = At { path, file: place.file, lines: None, statement: place.span };
                    self.statement(ast, &parsed.text, &at);
                }
                None => self.not_understood(&parsed.text),
            }
        }
    }

    /// Something may have been done to the table, or to any of those that there are.
    pub fn doubt(&mut self, table: Option<&str>, why: &str) {
        match table {
            Some(table) => self.taint(table, why),
            None => self.schema.tables.values_mut().for_each(|table| {
                table.incomplete.get_or_insert_with(|| why.to_string());
            }),
        }
    }

    /// The same for a file that is not applied everywhere yet.
    pub fn apply_new(&mut self, script: &Script, path: &str, file: FileId) -> NewSteps {
        self.old.get_or_insert_with(|| self.schema.tables.keys().cloned().collect());
        let mut new = NewSteps { statements: 0, steps: Vec::new() };
        new.statements = self.each(script, path, file, |replay, ast, statement, at| {
            let steps = replay.steps(ast, statement, at);
            if !is_assured(script.text, at.statement.start as usize) {
                new.steps.extend(steps);
            }
        });
        let lower = script.text.to_lowercase();
        let is_emptied = |table: &str| lower.contains("truncate") || lower.contains(&format!("delete from {table};"));
        new.steps.retain(|step| !(matches!(step.change, SchemaChange::AddsRequiredColumn { .. }) && is_emptied(&step.table)));
        new
    }

    /// Applies each statement after it was shown to `before`; how many there are.
    fn each(&mut self, script: &Script, path: &str, file: FileId, mut before: impl FnMut(&mut Self, &Statement, &str, &At)) -> usize {
        let lines = Lines::of(script.text);
        for parsed in &script.statements {
            let Some(ast) = &parsed.ast else {
                self.not_understood(&parsed.text);
                continue;
            };
            let at = At { path, file, lines: Some(&lines), statement: parsed.span };
            before(self, ast, &parsed.text, &at);
            self.statement(ast, &parsed.text, &at);
        }
        script.statements.len()
    }

    fn steps(&mut self, ast: &Statement, text: &str, at: &At) -> Vec<MigrationStep> {
        let seen = Seen { ast, text, whole: at.whole(), dialect: self.schema.dialect };
        let is_old = |name: &str| self.old.as_ref().is_some_and(|old| old.contains(name));
        let steps = migration::steps(&seen, |name| self.schema.table(name), is_old);
        for step in steps.iter().filter(|step| step.on_old_table) {
            if let (SchemaChange::RenamesTable { to }, Some(old)) = (&step.change, &mut self.old) {
                old.insert(to.clone());
            }
        }
        steps
    }

    pub fn finish(mut self) -> Schema {
        if self.schema.dialect == Dialect::Mysql {
            self.schema.tables.values_mut().for_each(index_foreign_keys);
        }
        if self.schema.dialect == Dialect::Postgres {
            self.print_keys();
        }
        self.schema
    }

    fn print_keys(&mut self) {
        for table in self.schema.tables.values_mut() {
            let mut indexes = std::mem::take(&mut table.indexes);
            for key in indexes.iter_mut().flat_map(|index| &mut index.keys).filter(|key| !key.is_column) {
                key.printed = self.expressions.get(&key.text).and_then(|expr| printed(expr, table, &self.signatures));
            }
            table.indexes = indexes;
        }
    }

    fn statement(&mut self, ast: &Statement, text: &str, at: &At) {
        match ast {
            Statement::CreateTable(create) => self.create_table(create, at),
            Statement::CreateIndex(create) => self.create_index(create, at),
            Statement::AlterTable(alter) => self.alter_table(alter, at),
            Statement::AlterIndex { name, operation: ast::AlterIndexOperation::RenameIndex { index_name } } => {
                self.rename_index(&last_name(name), &last_name(index_name));
            }
            Statement::Drop { object_type, names, table, .. } => self.drop(*object_type, names, table.as_ref()),
            Statement::RenameTable(renames) => {
                renames.iter().for_each(|rename| self.rename_table(&table_name(&rename.old_name), &table_name(&rename.new_name)));
            }
            Statement::CreateView(create) => self.create_view(create, at),
            Statement::CreateVirtualTable { name, .. } => {
                let name = table_name(name);
                let incomplete = Some("it is a virtual table".to_string());
                self.put(Table { name, incomplete, is_view: true, ..at.table() });
            }
            Statement::CreateFunction(create) => {
                let types = create.args.iter().flatten().map(|argument| canonical(&argument.data_type.to_string()).0).collect();
                self.signatures.insert(last_name(&create.name), types);
                self.taint_defined(text);
            }
            Statement::CreateProcedure { .. } => self.taint_defined(text),
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

    fn create_table(&mut self, create: &ast::CreateTable, at: &At) {
        let name = table_name(&create.name);
        if create.temporary || create.if_not_exists && self.schema.tables.contains_key(&name) {
            return;
        }
        let mut table = Table { name, ..at.table() };
        for definition in &create.columns {
            add_column(&mut table, definition, at);
        }
        create.constraints.iter().for_each(|constraint| add_constraint(&mut table, constraint, at));
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
        if self.schema.dialect != Dialect::Mysql {
            one_index_per_key(&mut table);
        }
        if create.query.is_some() {
            table.incomplete = Some("it is created from a query".into());
        }
        give_names(&mut table, self.schema.dialect);
        self.put(table);
    }

    fn copy_columns(&self, table: &mut Table, from: &str) {
        match self.schema.table(from) {
            Some(parent) => table.columns.splice(0..0, parent.columns.iter().cloned()).for_each(drop),
            None => table.incomplete = Some(format!("it takes its columns from `{from}`, which no migration creates")),
        }
    }

    fn create_index(&mut self, create: &ast::CreateIndex, at: &At) {
        let name = create.name.as_ref().map(last_name);
        let taken = create.if_not_exists && name.as_ref().is_some_and(|name| self.index_exists(name));
        if taken {
            return;
        }
        let dialect = self.schema.dialect;
        let named = table_name(&create.table_name);
        let keys: Vec<IndexKey> = create.columns.iter().map(key).collect();
        for (key, written) in keys.iter().zip(&create.columns).filter(|(key, _)| !key.is_column) {
            self.expressions.insert(key.text.clone(), written.column.expr.clone());
        }
        let Some(table) = self.table(&named) else { return };
        let partial = create.predicate.iter().flat_map(partial).collect();
        let method = create.using.as_ref().map_or("btree".into(), |method| method.to_string().to_lowercase());
        table.indexes.push(Index {
            name,
            keys,
            unique: create.unique,
            method,
            partial,
            carries: create.include.iter().map(folded).collect(),
            stands_alone: true,
            place: Some(at.whole()),
            ..Index::default()
        });
        give_names(table, dialect);
    }

    fn index_exists(&self, name: &str) -> bool {
        self.schema.tables.values().flat_map(|table| &table.indexes).any(|index| index.name.as_deref() == Some(name))
    }

    fn create_view(&mut self, create: &ast::CreateView, at: &At) {
        let name = table_name(&create.name);
        let columns = create.columns.iter().map(|column| Column { name: folded(&column.name), ..Column::default() }).collect();
        let incomplete = Some("it is a view".to_string());
        self.put(Table { name, columns, incomplete, is_view: !create.materialized, ..at.table() });
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
                    tables.for_each(|table| table.indexes.retain(|index| !index.is_called(&name)));
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
        self.rename_to(&old, new);
    }

    /// Under this very name from now on, and so in foreign keys.
    fn rename_to(&mut self, old: &str, new: String) {
        let Some(old) = self.schema.table(old).map(|table| table.name.clone()) else { return };
        let Some(mut table) = self.schema.tables.remove(&old) else { return };
        table.name = new.clone();
        for key in self.schema.tables.values_mut().flat_map(|table| &mut table.foreign_keys).filter(|key| key.references == old) {
            key.references = new.clone();
        }
        self.put(table);
    }

    fn move_table(&mut self, table: &str, schema: &str) {
        let bare = table.rsplit('.').next().unwrap_or(table);
        let new = if schema == "public" { bare.to_string() } else { format!("{schema}.{bare}") };
        self.rename_to(table, new);
    }

    fn rename_index(&mut self, old: &str, new: &str) {
        for index in self.schema.tables.values_mut().flat_map(|table| &mut table.indexes) {
            if index.is_called(old) {
                index.name = Some(new.to_string());
            }
        }
    }

    fn alter_table(&mut self, alter: &ast::AlterTable, at: &At) {
        let (mut name, dialect) = (table_name(&alter.name), self.schema.dialect);
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
                alter_one(table, operation, at);
                give_names(table, dialect);
            } else if let AlterTableOperation::RenameConstraint { old_name, new_name } = operation {
                self.rename_index(&folded(old_name), &folded(new_name));
            }
        }
    }

    fn key_using_index(&mut self, table: &str, using: &ast::ConstraintUsingIndex, primary: bool) {
        let (index_name, new) = (folded(&using.index_name), using.name.as_ref().map(folded));
        let Some(table) = self.table(table) else { return };
        if let Some(index) = table.indexes.iter_mut().find(|index| index.is_called(&index_name)) {
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
        if !MATTERS.contains(&begins.as_str()) {
            return;
        }
        if let Some((table, schema)) = parse::moved_table(text) {
            return self.move_table(&table, &schema);
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

/// Somebody says that the statement is safe, in the words of diesel-guard (`-- safety-assured:start`) or of squawk (`-- squawk-ignore`).
fn is_assured(text: &str, start: usize) -> bool {
    let Some(before) = text.get(..start) else { return false };
    let begun = before.rfind("safety-assured:start");
    let inside = begun.is_some_and(|begun| before.rfind("safety-assured:end").is_none_or(|ended| ended < begun));
    let mut comments = before.lines().rev().map(str::trim).take_while(|line| line.starts_with("--") || line.is_empty());
    inside || text.contains("squawk-ignore-file") || comments.any(|line| line.contains("squawk-ignore"))
}

/// `id UUID UNIQUE PRIMARY KEY` makes one index in PostgreSQL and SQLite: keys of one statement that are alike are put together.
fn one_index_per_key(table: &mut Table) {
    let indexes = std::mem::take(&mut table.indexes);
    for index in &indexes {
        let alike = |other: &Index| other.unique && other.keys == index.keys && other.partial == index.partial;
        let primary_elsewhere = !index.primary && indexes.iter().any(|other| other.primary && alike(other));
        if !(index.unique && (primary_elsewhere || table.indexes.iter().any(alike))) {
            table.indexes.push(index.clone());
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
            table.indexes.push(Index { name: key.name.clone(), keys, method: "btree".into(), ..Index::default() });
        }
    }
}

/// Where the statement that is applied stands.
struct At<'t> {
    path: &'t str,
    file: FileId,
    /// `None` where the text is not the file's own.
    lines: Option<&'t Lines<'t>>,
    statement: Span,
}

impl At<'_> {
    fn whole(&self) -> Place {
        Place::new(self.file, self.statement)
    }

    /// Of a name in the statement.
    fn name(&self, ident: &ast::Ident) -> Place {
        Place::new(self.file, self.lines.and_then(|lines| lines.span(ident.span)).unwrap_or(self.statement))
    }

    fn key(&self, columns: &[ast::IndexColumn]) -> Place {
        match columns.first().map(|first| inner(&first.column.expr)) {
            Some(ast::Expr::Identifier(ident)) => self.name(ident),
            _ => self.whole(),
        }
    }

    /// An empty one.
    fn table(&self) -> Table {
        Table { source: self.path.into(), place: Some(self.whole()), ..Table::default() }
    }
}

fn add_column(table: &mut Table, definition: &ast::ColumnDef, at: &At) {
    let name = folded(&definition.name);
    let place = at.name(&definition.name);
    let data_type = definition.data_type.to_string().to_uppercase();
    let mut new = Column { name: name.clone(), data_type, nullable: true, generated: false };
    for option in &definition.options {
        match &option.option {
            ColumnOption::NotNull => new.nullable = false,
            ColumnOption::Generated { generation_expr: Some(_), .. } => new.generated = true,
            ColumnOption::PrimaryKey(_) => {
                new.nullable = false;
                if new.data_type == "BOOLEAN" || new.data_type == "BOOL" {
                    table.small.get_or_insert_with(|| format!("its key `{name}` is a boolean"));
                }
                table.indexes.push(unique(option.name.as_ref().map(folded), vec![plain_key(&name)], true, place));
            }
            ColumnOption::Unique(_) => table.indexes.push(unique(option.name.as_ref().map(folded), vec![plain_key(&name)], false, place)),
            ColumnOption::ForeignKey(key) => table.foreign_keys.push(foreign_key(key, vec![name.clone()], place)),
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

fn add_constraint(table: &mut Table, constraint: &TableConstraint, at: &At) {
    let keys = |columns: &[ast::IndexColumn]| columns.iter().map(key).collect::<Vec<_>>();
    match constraint {
        TableConstraint::PrimaryKey(one) => {
            let index = unique(one.name.as_ref().map(folded), keys(&one.columns), true, at.key(&one.columns));
            for key in &index.keys {
                if let Some(column) = table.columns.iter_mut().find(|column| column.name == key.text) {
                    column.nullable = false;
                }
            }
            table.indexes.push(index);
        }
        TableConstraint::Unique(one) => {
            let name = one.name.as_ref().or(one.index_name.as_ref()).map(folded);
            table.indexes.push(unique(name, keys(&one.columns), false, at.key(&one.columns)));
        }
        TableConstraint::ForeignKey(one) => {
            let columns = one.columns.iter().map(folded).collect();
            let place = one.columns.first().map_or_else(|| at.whole(), |first| at.name(first));
            table.foreign_keys.push(ForeignKey { name: one.name.as_ref().map(folded), ..foreign_key(one, columns, place) });
        }
        TableConstraint::Index(one) => {
            let method = one.index_type.as_ref().map_or("btree".into(), |method| method.to_string().to_lowercase());
            let name = one.name.as_ref().map(folded);
            table.indexes.push(Index { name, keys: keys(&one.columns), method, place: Some(at.key(&one.columns)), ..Index::default() });
        }
        TableConstraint::FulltextOrSpatial(one) => {
            let name = one.opt_index_name.as_ref().map(folded);
            let method = if one.fulltext { "fulltext" } else { "spatial" };
            table.indexes.push(Index {
                name,
                keys: keys(&one.columns),
                method: method.into(),
                place: Some(at.key(&one.columns)),
                ..Index::default()
            });
        }
        TableConstraint::Exclude(one) => {
            let keys = one.elements.iter().map(|element| key(&element.column)).collect();
            let method = one.index_method.as_ref().map_or("gist".into(), folded);
            let partial = one.where_clause.iter().flat_map(|clause| partial(clause)).collect();
            let (name, place) = (one.name.as_ref().map(folded), Some(at.whole()));
            table.indexes.push(Index { name, keys, method, partial, excludes: true, place, ..Index::default() });
        }
        TableConstraint::Check(check) => {
            table.checks.push(normal(&check.expr));
            note_singleton(table, &check.expr);
        }
        TableConstraint::PrimaryKeyUsingIndex(_) | TableConstraint::UniqueUsingIndex(_) => {}
    }
}

fn unique(name: Option<String>, keys: Vec<IndexKey>, primary: bool, place: Place) -> Index {
    Index { name, keys, unique: true, primary, method: "btree".into(), place: Some(place), ..Index::default() }
}

fn plain_key(name: &str) -> IndexKey {
    IndexKey { text: name.to_string(), is_column: true, ..IndexKey::default() }
}

fn key(column_of: &ast::IndexColumn) -> IndexKey {
    let expr = &column_of.column.expr;
    let named = column(expr);
    IndexKey {
        is_column: named.is_some(),
        text: named.map_or_else(|| normal(expr), |named| named.name),
        descending: matches!(column_of.column.options.sort, Some(ast::OrderBySort::Desc)),
        operator_class: column_of.operator_class.as_ref().map(last_name),
        nulls_first: column_of.column.options.nulls_first,
        printed: None,
    }
}

/// The conditions of a partial index.
fn partial(expr: &ast::Expr) -> Vec<String> {
    match inner(expr) {
        ast::Expr::BinaryOp { left, op: ast::BinaryOperator::And, right } => [partial(left), partial(right)].concat(),
        other => vec![normal(other)],
    }
}

fn foreign_key(key: &ast::ForeignKeyConstraint, columns: Vec<String>, place: Place) -> ForeignKey {
    ForeignKey {
        name: key.name.as_ref().map(folded),
        columns,
        references: table_name(&key.foreign_table),
        referred: key.referred_columns.iter().map(folded).collect(),
        on_delete: match key.on_delete {
            Some(ast::ReferentialAction::Cascade) => OnDelete::Cascades,
            Some(ast::ReferentialAction::SetNull | ast::ReferentialAction::SetDefault) => OnDelete::Cleared,
            _ => OnDelete::Refused,
        },
        given_name: None,
        place: Some(place),
    }
}

fn alter_one(table: &mut Table, operation: &AlterTableOperation, at: &At) {
    use AlterTableOperation::*;
    match operation {
        AddConstraint { constraint, .. } => add_constraint(table, constraint, at),
        AddColumn { column_def, if_not_exists: true, .. } if table.column(&folded(&column_def.name)).is_some() => {}
        AddColumn { column_def, .. } => add_column(table, column_def, at),
        DropColumn { column_names, .. } => column_names.iter().map(folded).for_each(|name| drop_column(table, &name)),
        RenameColumn { old_column_name, new_column_name } => rename_column(table, &folded(old_column_name), &folded(new_column_name)),
        DropConstraint { name, .. } | DropForeignKey { name, .. } | DropIndex { name } => drop_constraint(table, &folded(name)),
        DropPrimaryKey { .. } => table.indexes.retain(|index| !index.primary),
        RenameConstraint { old_name, new_name } => {
            rename_constraint(table, &folded(old_name), &folded(new_name));
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

fn drop_constraint(table: &mut Table, name: &str) {
    table.indexes.retain(|index| !index.is_called(name));
    table.foreign_keys.retain(|key| !key.is_called(name));
}

fn rename_constraint(table: &mut Table, old: &str, new: &str) {
    for index in table.indexes.iter_mut().filter(|index| index.is_called(old)) {
        index.name = Some(new.to_string());
    }
    for key in table.foreign_keys.iter_mut().filter(|key| key.is_called(old)) {
        key.name = Some(new.to_string());
    }
}

/// What has no name of its own gets one from the database when it is made, and keeps it when the table is renamed.
fn give_names(table: &mut Table, dialect: Dialect) {
    let bare = table.name.rsplit('.').next().unwrap_or_default();
    for index in table.indexes.iter_mut().filter(|index| index.name.is_none() && index.given_name.is_none()) {
        let columns = index.keys.iter().map(|key| key.text.as_str()).collect::<Vec<_>>();
        index.given_name = Some(match (index.primary, index.unique && !index.stands_alone) {
            (true, _) => format!("{bare}_pkey"),
            _ if dialect == Dialect::Mysql => columns.first().copied().unwrap_or_default().to_string(),
            (_, true) => format!("{bare}_{}_key", columns.join("_")),
            _ => format!("{bare}_{}_idx", columns.join("_")),
        });
    }
    for key in table.foreign_keys.iter_mut().filter(|key| key.name.is_none() && key.given_name.is_none()) {
        key.given_name = Some(format!("{bare}_{}_fkey", key.columns.join("_")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replay(sql: &str) -> Schema {
        let mut replay = Replay::new("migrations", Dialect::Postgres);
        replay.apply(sql, "migrations/1.sql", FileId(0));
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
    fn names_that_the_database_gave_outlive_a_new_name_of_the_table() {
        let schema = replay(
            "CREATE TABLE a (id INT PRIMARY KEY, b INT REFERENCES c (id), UNIQUE (b, id)); CREATE INDEX ON a (b); ALTER TABLE a RENAME TO d;
             ALTER TABLE d DROP CONSTRAINT a_b_id_key; ALTER TABLE d RENAME CONSTRAINT a_b_fkey TO d_b; ALTER TABLE d DROP CONSTRAINT d_b;
             DROP INDEX a_b_idx;",
        );
        assert_eq!(indexes(&schema, "d"), ["id"]);
        assert!(schema.tables["d"].foreign_keys.is_empty());
    }

    #[test]
    fn keys_of_one_statement_that_are_alike_are_one_index() {
        let schema = replay(
            "CREATE TABLE a (id INT UNIQUE PRIMARY KEY, b INT UNIQUE, UNIQUE (b), UNIQUE (b, id)); CREATE UNIQUE INDEX a_b ON a (b);",
        );
        assert_eq!(indexes(&schema, "a"), ["id", "b", "b,id", "b"]);
        assert!(schema.tables["a"].indexes[0].primary);
    }

    #[test]
    fn keys_and_tables_know_where_they_are_written() {
        let text = "-- first\nCREATE TABLE a (id INT PRIMARY KEY,\n  \u{e4} INT REFERENCES b (id) ON DELETE CASCADE);\nCREATE INDEX a_i ON a (\u{e4});";
        let schema = replay(text);
        let (table, written) = (&schema.tables["a"], |place: Option<Place>| {
            let span = place.expect("it was read").span;
            &text[span.start as usize..span.end as usize]
        });
        assert_eq!(written(table.place), "CREATE TABLE a (id INT PRIMARY KEY,");
        assert_eq!(written(table.foreign_keys[0].place), "\u{e4}");
        assert_eq!(table.foreign_keys[0].on_delete, OnDelete::Cascades);
        assert_eq!(written(table.indexes[1].place), "CREATE INDEX a_i ON a (\u{e4})");
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
