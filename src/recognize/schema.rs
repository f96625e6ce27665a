//! Tables: migrations found and replayed, with diesel's `schema.rs` as a second word; then what they say about the queries.

use super::Inputs;
use super::migration::{is_new, recognized};
use super::tables::{Tables, declared_tables};
use crate::cache::Key;
use crate::model::{Backend, Column, Dialect, Index, IndexKey, Migration, Package, Rows, Schema, Table};
use crate::source::FileId;
use crate::sql;
use crate::sql::schema::{Replay, Script};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The files of migrations that set up one database, in the order in which they are applied.
pub struct MigrationFiles<T> {
    /// The folder that holds them, relative to the workspace.
    pub root: String,
    pub files: Vec<T>,
}

/// Files of migrations among `files`, which are all files of the workspace.
pub fn migration_files(files: &[String], packages: &[Package]) -> Vec<MigrationFiles<String>> {
    let sets = Sets::of(files, &package_folders(packages));
    sets.by_root.into_iter().map(|(root, files)| MigrationFiles { root, files }).collect()
}

/// What the migrations of one set leave behind, and what the new ones among them do.
pub type Replayed = (Schema, Vec<Migration>);

/// What all migrations come to. It needs no model yet.
pub fn replay(inputs: &Inputs) -> Vec<Replayed> {
    inputs.migrations.par_iter().filter_map(|set| replayed(inputs, set)).collect()
}

pub(super) fn add(inputs: &Inputs, tables: &Tables, replayed: Vec<Replayed>, backend: &mut Backend) {
    if backend.data_accesses.is_empty() {
        return;
    }
    let (mut schemas, migrations): (Vec<Schema>, Vec<Vec<Migration>>) = replayed.into_iter().unzip();
    schemas.extend(super::code_migration::schemas(inputs, tables));
    backend.migrations = migrations.into_iter().flatten().collect();
    second_word(inputs, &mut schemas);
    backend.schemas = schemas;
}

/// Plans every query whose text is known.
pub fn plan_queries(inputs: &Inputs, backend: &mut Backend) {
    let folders = package_folders(&inputs.packages);
    let schemas = &backend.schemas;
    let functions = &backend.functions;
    backend.data_accesses.par_iter_mut().for_each(|access| {
        let Some(statement) = &access.statement else { return };
        let file = inputs.sources.path(functions[access.function.0 as usize].place.file);
        let plan = sql::plan::plan(statement, &schemas_of(schemas, &folders, file));
        access.rows = match access.rows {
            Rows::Unbounded => plan.rows,
            own => own,
        };
        (access.served, access.unserved) = (plan.served, plan.unserved);
    });
}

/// The schemas of the package that holds `file`; all of them where it has none.
pub(super) fn schemas_of<'s>(schemas: &'s [Schema], folders: &[String], file: &str) -> Vec<&'s Schema> {
    let package = folder_of(folders, file);
    let own: Vec<&Schema> = schemas.iter().filter(|schema| folder_of(folders, &format!("{}/x", schema.root)) == package).collect();
    if own.is_empty() { schemas.iter().collect() } else { own }
}

/// Folders of the packages, the deepest first.
pub(super) fn package_folders(packages: &[Package]) -> Vec<String> {
    let folder = |manifest: &str| manifest.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_string());
    let mut folders: Vec<String> = packages.iter().map(|package| folder(&package.manifest)).collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(folder.len()));
    folders
}

fn folder_of<'f>(folders: &'f [String], file: &str) -> &'f str {
    let holds = |folder: &&String| folder.is_empty() || file.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
    folders.iter().find(holds).map_or("", String::as_str)
}

fn replayed(inputs: &Inputs, set: &MigrationFiles<FileId>) -> Option<Replayed> {
    if set.files.iter().any(|id| is_new(inputs, &inputs.sources.file(*id).path)) {
        return replayed_anew(inputs, set);
    }
    let key = key(inputs, set);
    let known: Option<Option<Schema>> = inputs.cache.get(key);
    let schema = known.unwrap_or_else(|| {
        let schema = replayed_anew(inputs, set).map(|(schema, _)| schema);
        inputs.cache.put(key, &schema);
        schema
    });
    Some((schema?, Vec::new()))
}

/// Everything that the schema of old migrations comes from.
fn key(inputs: &Inputs, set: &MigrationFiles<FileId>) -> Key {
    let files = || set.files.iter().map(|id| (*id, inputs.sources.file(*id)));
    let named: Vec<(FileId, &str)> = files().map(|(id, file)| (id, &*file.path)).collect();
    let named = Key::of("migrations", format!("{:?}", (&set.root, named)).as_bytes());
    let texts = files().map(|(_, file)| Key::of("migration", file.text.as_bytes()));
    Key::join("schema", &std::iter::once(named).chain(texts).collect::<Vec<_>>())
}

/// Files whose statements are held in memory together: parsed, they take many times what their text takes.
const READ_AT_ONCE: usize = 32;

fn replayed_anew(inputs: &Inputs, set: &MigrationFiles<FileId>) -> Option<Replayed> {
    let texts = set.files.iter().map(|id| inputs.sources.file(*id));
    let dialect = match dialect_of_path(&set.root) {
        Dialect::Unknown => sql::dialect_of(texts.map(|file| &*file.text)),
        known => known,
    };
    let mut replay = Replay::new(&set.root, dialect);
    let mut migrations = Vec::new();
    for ids in set.files.chunks(READ_AT_ONCE) {
        let scripts: Vec<Script> = ids.par_iter().map(|id| Script::read(&inputs.sources.file(*id).text, dialect)).collect();
        for (id, script) in ids.iter().zip(scripts) {
            let path = &inputs.sources.file(*id).path;
            if is_new(inputs, path) {
                let new = replay.apply_new(&script, path, *id);
                migrations.push(recognized(inputs, set, *id, new, dialect));
            } else {
                replay.apply_script(&script, path, *id);
            }
        }
    }
    let schema = replay.finish();
    (!schema.tables.is_empty() || !migrations.is_empty()).then_some((schema, migrations))
}

pub(super) fn dialect_of_path(root: &str) -> Dialect {
    let root = root.to_ascii_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| root.contains(word));
    match () {
        () if names(&["postgres", "storage-pg", "/pg"]) => Dialect::Postgres,
        () if names(&["mysql", "mariadb"]) => Dialect::Mysql,
        () if names(&["sqlite", "hiqlite"]) => Dialect::Sqlite,
        () => Dialect::Unknown,
    }
}

/// Files of migrations in the order in which they are applied, by the folder that holds them.
struct Sets {
    by_root: BTreeMap<String, Vec<String>>,
}

impl Sets {
    fn of(files: &[String], folders: &[String]) -> Self {
        let mut ordered: BTreeMap<String, Vec<(Order, String)>> = BTreeMap::new();
        let mut plain: Vec<String> = Vec::new();
        let others = folders_of_others(files, folders);
        let is_own = |file: &str| !others.iter().any(|other| file.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('/')));
        for file in files.iter().filter(|file| file.ends_with(".sql") && !is_for_tests(file) && is_own(file)).cloned() {
            match migration(&file) {
                Some((root, order)) => ordered.entry(root).or_default().push((order, file)),
                None => plain.push(file),
            }
        }
        let packages: Vec<&str> = ordered.keys().map(|root| folder_of(folders, &format!("{root}/x"))).collect();
        // A file that sets everything up at once is read only where nothing else does.
        let lone: Vec<String> = plain
            .into_iter()
            .filter(|file| is_setup(file) && !packages.contains(&folder_of(folders, file)) && !packages.contains(&""))
            .collect();
        let mut by_root: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (root, mut files) in ordered {
            files.sort();
            by_root.insert(root, files.into_iter().map(|(_, file)| file).collect());
        }
        for file in lone {
            let root = file.rsplit_once('/').map_or("", |(root, _)| root).to_string();
            by_root.entry(root).or_default().push(file);
        }
        Self { by_root }
    }
}

type Order = (u128, String);

/// The folder of migrations that a file belongs to, and its place among them; `None` for other files, and for the way back.
fn migration(file: &str) -> Option<(String, Order)> {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    if name == "up.sql" {
        let (root, version) = folder.rsplit_once('/').unwrap_or(("", folder));
        return Some((root.to_string(), (0, version.to_string())));
    }
    if name == "down.sql" || name.ends_with(".down.sql") || name.ends_with("_down.sql") || name.ends_with(".undo.sql") {
        return None;
    }
    // `V12__name.sql` of refinery, `0012_name.sql` of sqlx.
    let version = name.strip_prefix('V').filter(|rest| rest.contains("__")).unwrap_or(name);
    let digits: String = version.chars().take_while(char::is_ascii_digit).take(30).collect();
    let number: u128 = digits.parse().ok()?;
    Some((folder.to_string(), (number, name.to_string())))
}

fn is_setup(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".sql").to_ascii_lowercase();
    ["schema", "structure", "init", "setup", "tables", "create_tables", "db", "database"].contains(&name.as_str())
        || name.ends_with("schema")
}

/// Folders with a manifest that is none of the workspace's packages: what is in them belongs to another workspace.
fn folders_of_others(files: &[String], folders: &[String]) -> Vec<String> {
    let manifests = files.iter().filter_map(|file| file.strip_suffix("/Cargo.toml"));
    manifests.filter(|folder| !folders.iter().any(|own| own == folder)).map(str::to_string).collect()
}

fn is_for_tests(file: &str) -> bool {
    let folders =
        ["tests", "test", "fixtures", "testdata", "test-data", "benches", "node_modules", "target", "vendor", "dev", "seeds", "demo"];
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    name.ends_with(".down.sql")
        || name == "down.sql"
        || folder.split('/').any(|part| folders.contains(&part) || part.starts_with("test_") || part.ends_with("fixtures"))
}

/// What `table!` says: tables and columns that no migration was seen to make. It says nothing of indexes.
fn second_word(inputs: &Inputs, schemas: &mut Vec<Schema>) {
    let mut rest = Schema::default();
    for declared in declared_tables(inputs) {
        let mut found = false;
        for schema in schemas.iter_mut() {
            let Some(name) = schema.table(&declared.name).map(|table| table.name.clone()) else { continue };
            found = true;
            complete(schema.tables.get_mut(&name).expect("it was just found"), &declared.columns);
        }
        if !found {
            rest.root = declared.file.rsplit_once('/').map_or(String::new(), |(root, _)| root.to_string());
            rest.tables.insert(declared.name.clone(), declared.table());
        }
    }
    if rest.tables.is_empty() {
        return;
    }
    match schemas.as_mut_slice() {
        [only] => only.tables.extend(rest.tables),
        _ => schemas.push(rest),
    }
}

fn complete(table: &mut Table, columns: &[(String, String)]) {
    for (name, data_type) in columns {
        if table.column(name).is_none() {
            table.columns.push(Column {
                name: name.clone(),
                data_type: data_type.clone(),
                nullable: data_type.starts_with("Nullable"),
                generated: false,
            });
            if !table.is_view {
                table.incomplete.get_or_insert_with(|| format!("no migration was seen to add `{name}`"));
            }
        }
    }
}

/// A table as `table!` writes it.
pub(super) struct DeclaredTable {
    pub name: String,
    pub key: Vec<String>,
    pub columns: Vec<(String, String)>,
    pub file: String,
}

impl DeclaredTable {
    fn table(self) -> Table {
        let key = |name: &String| IndexKey { text: name.clone(), is_column: true, ..IndexKey::default() };
        let primary =
            Index { keys: self.key.iter().map(key).collect(), unique: true, primary: true, method: "btree".into(), ..Index::default() };
        let column =
            |(name, data_type): (String, String)| Column { nullable: data_type.starts_with("Nullable"), name, data_type, generated: false };
        Table {
            name: self.name,
            columns: self.columns.into_iter().map(column).collect(),
            indexes: vec![primary],
            source: self.file,
            incomplete: Some("no migration was seen to make it".into()),
            ..Table::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_applied_in_the_order_of_their_numbers() {
        let files = [
            "db/10_b.sql",
            "db/9_a.sql",
            "db/9_a.down.sql",
            "m/2020-01-02-x/up.sql",
            "m/2020-01-01-y/up.sql",
            "m/2020-01-01-y/down.sql",
            "r/V2__b.sql",
            "r/V10__c.sql",
        ];
        let sets = Sets::of(&files.iter().map(|file| file.to_string()).collect::<Vec<_>>(), &[String::new()]);
        let of = |root: &str| sets.by_root[root].join(" ");
        assert_eq!(of("db"), "db/9_a.sql db/10_b.sql");
        assert_eq!(of("m"), "m/2020-01-01-y/up.sql m/2020-01-02-x/up.sql");
        assert_eq!(of("r"), "r/V2__b.sql r/V10__c.sql");
    }

    #[test]
    fn migrations_of_a_workspace_inside_are_not_this_ones() {
        let files = ["api/Cargo.toml", "api/migrations/1_a.sql", "examples/shop/Cargo.toml", "examples/shop/migrations/1_b.sql"];
        let sets = Sets::of(&files.iter().map(|file| file.to_string()).collect::<Vec<_>>(), &["api".into()]);
        assert_eq!(sets.by_root.into_keys().collect::<Vec<_>>(), ["api/migrations"]);
    }

    #[test]
    fn a_schema_file_is_read_only_where_there_are_no_migrations() {
        let roots = |files: &[&str]| {
            let sets =
                Sets::of(&files.iter().map(|file| file.to_string()).collect::<Vec<_>>(), &["api".into(), "jobs".into(), String::new()]);
            sets.by_root.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(
            roots(&["api/migrations/1_a.sql", "api/schema.sql", "jobs/schema.sql", "jobs/tests/1_x.sql"]),
            ["api/migrations", "jobs"]
        );
    }
}
