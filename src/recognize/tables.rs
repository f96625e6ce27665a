//! Tables that macros declare: `diesel::table!` modules and sea-orm entities, by the names that code uses for them.

use super::Inputs;
use super::schema::DeclaredTable;
use crate::facts::{Attribute, AttributeArgument, FileFacts, Item, ItemKind, Name, Path, Struct, UseKind};
use crate::source::FileId;
use rustc_hash::{FxHashMap, FxHashSet};

#[derive(Default)]
pub(super) struct Tables {
    /// Module of a `table!` -> name in SQL.
    diesel: FxHashMap<String, String>,
    /// What `table!` says, by name in SQL.
    declared: FxHashMap<String, DeclaredTable>,
    /// Files with `use schema::users::dsl::*`, whose columns are there under their own names.
    globs: FxHashSet<(FileId, String)>,
    /// Files in which a table's name alone means the table: `use schema::users::dsl::*`.
    bare: FxHashMap<FileId, FxHashSet<String>>,
    /// Files with `use ..::schema::users::table`.
    table_of_file: FxHashMap<FileId, String>,
    /// Module of an entity -> name in SQL.
    entities: FxHashMap<String, String>,
    /// `use user::Entity as User` -> `user`.
    entity_names: FxHashMap<String, String>,
    /// In this file: `use user::{Column, Entity as Users}` -> `Column` and `Users` are of `user`.
    imported: FxHashMap<(FileId, Name), String>,
    /// By module; `None` where several modules of that name differ.
    models: FxHashMap<String, Option<EntityModel>>,
}

/// What a `Model` that derives `DeriveEntityModel` says of its table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EntityModel {
    pub table: String,
    /// Names in SQL, by their variants of `Column`.
    pub columns: Vec<(String, String)>,
    /// Names in SQL of the primary key.
    pub key: Vec<String>,
}

impl Tables {
    pub fn of(inputs: &Inputs) -> Self {
        let mut tables = Self::default();
        for facts in inputs.graph.facts.iter().flatten() {
            tables.declared_in(&facts.items, &module_of(inputs.sources.path(facts.file)));
        }
        tables.declared = declared_tables(inputs).into_iter().map(|table| (table.name.clone(), table)).collect();
        for facts in inputs.graph.facts.iter().flatten() {
            tables.used_in(facts);
        }
        tables
    }

    fn declared_in(&mut self, items: &[Item], module: &str) {
        for item in items {
            match &item.kind {
                ItemKind::Module { items: Some(items), .. } => self.declared_in(items, &item.name),
                ItemKind::MacroCall { path, text, items, .. } => {
                    if path.last() == Some("table") {
                        self.diesel.extend(table_in(text));
                    }
                    self.declared_in(items, module);
                }
                ItemKind::Struct(of) if item.name == "Model" => {
                    self.entities.extend(entity(item, module));
                    if let Some(model) = entity_model(item, of) {
                        let known = self.models.entry(module.to_string()).or_insert_with(|| Some(model.clone()));
                        if known.as_ref() != Some(&model) {
                            *known = None;
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn used_in(&mut self, facts: &FileFacts) {
        let mut uses = Vec::new();
        collect_uses(&facts.items, &mut uses);
        for (path, kind) in uses {
            let names: Vec<&str> = path.segments.iter().map(|segment| segment.name.as_str()).collect();
            match (names.as_slice(), kind) {
                ([.., module, "Entity" | "Column"], UseKind::Named(name)) if self.models.contains_key(*module) => {
                    self.imported.insert((facts.file, name.clone()), module.to_string());
                    if names.ends_with(&["Entity"]) && name != "Entity" {
                        self.entity_names.insert(name.to_string(), module.to_string());
                    }
                }
                ([.., module], UseKind::Glob) if self.models.contains_key(*module) => {
                    for name in ["Entity", "Column"] {
                        self.imported.insert((facts.file, name.into()), module.to_string());
                    }
                }
                ([.., table, "dsl"], UseKind::Glob) if self.diesel.contains_key(*table) => {
                    self.bare(facts.file, table);
                    self.globs.insert((facts.file, self.diesel[*table].clone()));
                }
                ([.., table, "dsl", same], UseKind::Named(_)) if table == same => self.bare(facts.file, table),
                ([.., table, "table"], UseKind::Named(name)) if self.diesel.contains_key(*table) => {
                    if name == "table" {
                        self.table_of_file.insert(facts.file, table.to_string());
                    } else if name == table {
                        self.bare(facts.file, table);
                    }
                }
                ([.., module, "Entity"], UseKind::Named(name)) if name != "Entity" => {
                    self.entity_names.insert(name.to_string(), module.to_string());
                }
                _ => {}
            }
        }
    }

    fn bare(&mut self, file: FileId, table: &str) {
        self.bare.entry(file).or_default().insert(table.to_string());
    }

    /// The table that `path` means in `file`: `users::table`, `schema::users::dsl::users`, `users` after `use users::dsl::*`.
    pub fn diesel_table(&self, file: FileId, path: &Path) -> Option<&str> {
        if self.diesel.is_empty() {
            return None;
        }
        let from_the_end = |at| path.segments.iter().rev().nth(at).map(|segment| segment.name.as_str());
        let module = match (from_the_end(0)?, from_the_end(1), from_the_end(2)) {
            ("table", None, _) => self.table_of_file.get(&file).map(String::as_str),
            ("table", Some(table), _) => Some(table),
            (same, Some("dsl"), Some(table)) if table == same => Some(table),
            (table, None, _) if self.bare.get(&file).is_some_and(|bare| bare.contains(table)) => Some(table),
            _ => None,
        };
        self.diesel.get(module?).map(String::as_str)
    }

    /// Name in SQL of the table whose module goes by `name`.
    pub fn diesel_module(&self, name: &str) -> Option<&str> {
        self.diesel.get(name).map(String::as_str)
    }

    pub fn declared(&self, table: &str) -> Option<&DeclaredTable> {
        self.declared.get(table)
    }

    pub fn has_bare_columns(&self, file: FileId, table: &str) -> bool {
        self.globs.contains(&(file, table.to_string()))
    }

    /// Whether a path that ends with `name` can mean an entity.
    pub fn may_be_entity(&self, name: &str, file: FileId) -> bool {
        name == "Entity" || self.entity_names.contains_key(name) || self.imported.contains_key(&(file, name.into()))
    }

    /// The table of the entity that `path` means: `user::Entity`, or a name it was imported under.
    pub fn entity(&self, names: &[&str], file: FileId, own_module: &str) -> Option<String> {
        let imported = |name: &str| self.imported.get(&(file, name.into())).map(String::as_str);
        let module = match names {
            [name] if imported(name).is_some() => imported(name)?,
            [.., module, "Entity"] if !matches!(*module, "self" | "super" | "crate") => module,
            [.., "Entity"] => own_module,
            [.., name] => self.entity_names.get(*name)?.as_str(),
            [] => return None,
        };
        Some(self.entities.get(module).cloned().unwrap_or_else(|| module.to_string()))
    }

    /// The column that `user::Column::Name` means: its table and its name in SQL. Only for models that are known.
    pub fn entity_column(&self, names: &[&str], file: FileId, own_module: &str) -> Option<(&str, &str)> {
        let (module, variant) = match names {
            [.., module, "Column", variant] if !matches!(*module, "self" | "super" | "crate") => (*module, variant),
            [name, variant] | [.., name, variant] if names.len() == 2 || *name == "Column" => {
                let own = (*name == "Column").then_some(own_module);
                (self.imported.get(&(file, (*name).into())).map(String::as_str).or(own)?, variant)
            }
            _ => return None,
        };
        let model = self.models.get(module)?.as_ref()?;
        let (_, column) = model.columns.iter().find(|(own, _)| own == variant)?;
        Some((&model.table, column))
    }

    /// The model of the table, where there is one.
    pub fn entity_model(&self, table: &str) -> Option<&EntityModel> {
        let mut models = self.models.values().flatten().filter(|model| model.table == table);
        let first = models.next()?;
        models.all(|other| other == first).then_some(first)
    }

    /// The table of the entity whose module has this path.
    pub fn entity_in(&self, module_path: &str) -> String {
        let module = module_path.rsplit("::").next().unwrap_or(module_path);
        self.entities.get(module).cloned().unwrap_or_else(|| module.to_string())
    }
}

/// Every `table!` of the workspace.
pub(super) fn declared_tables(inputs: &Inputs) -> Vec<DeclaredTable> {
    fn inside(items: &[Item], file: &str, found: &mut Vec<DeclaredTable>) {
        for item in items {
            match &item.kind {
                ItemKind::Module { items: Some(items), .. } => inside(items, file, found),
                ItemKind::MacroCall { path, text, items, .. } => {
                    if path.last() == Some("table") {
                        found.extend(declared_table(text, file));
                    }
                    inside(items, file, found);
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    inputs.graph.facts.iter().flatten().for_each(|facts| inside(&facts.items, inputs.sources.path(facts.file), &mut found));
    found
}

/// `users (id) { id -> Int4, name -> Nullable<Text>, }`.
fn declared_table(text: &str, file: &str) -> Option<DeclaredTable> {
    let (_, name) = table_in(text)?;
    let (head, body) = text.rsplit_once('}')?.0.rsplit_once('{').filter(|(head, _)| !head.trim_end().ends_with('>'))?;
    let key = head.rsplit_once('(').and_then(|(_, key)| key.split(')').next());
    let mut columns: Vec<(String, String)> = Vec::new();
    let mut renamed = None;
    for line in body.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if let Some(rest) = line.strip_prefix("#[") {
            renamed = rest.trim_start().strip_prefix("sql_name").and_then(|rest| rest.split('"').nth(1)).map(str::to_string);
            continue;
        }
        for (name, data_type) in line.split(", ").filter_map(|part| part.split_once("->")) {
            let name = renamed.take().unwrap_or_else(|| name.trim().trim_start_matches("r#").to_string());
            columns.push((name, data_type.trim().trim_end_matches(',').to_string()));
        }
    }
    let key = key.map_or(vec!["id".to_string()], |key| key.split(',').map(|name| name.trim().to_string()).collect());
    Some(DeclaredTable { name: name.strip_prefix("public.").unwrap_or(&name).to_string(), key, columns, file: file.to_string() })
}

/// `src/entities/user.rs`, `src/entities/user/mod.rs` -> `user`.
pub(super) fn module_of(path: &str) -> String {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.rsplit('/').next().unwrap_or(path).to_string()
}

/// `schema.users (id) { .. }` after attributes, uses and comments: module name and name in SQL.
fn table_in(text: &str) -> Option<(String, String)> {
    let mut sql_name = None;
    let mut rest = text.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n')?.1.trim_start();
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/")?.1.trim_start();
        } else if rest.starts_with("use ") {
            rest = rest.split_once(';')?.1.trim_start();
        } else if let Some(attribute) = rest.strip_prefix("#[") {
            let (inside, after) = attribute.split_once("]")?;
            if inside.trim_start().starts_with("sql_name") {
                sql_name = inside.split('"').nth(1).map(str::to_string);
            }
            rest = after.trim_start();
        } else {
            break;
        }
    }
    let head = rest.split(['(', '{']).next()?.trim();
    let name = head.rsplit('.').next()?.trim();
    let valid = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    valid.then(|| (name.to_string(), sql_name.unwrap_or_else(|| head.replace(' ', ""))))
}

/// `#[sea_orm(table_name = "users")] struct Model`.
fn entity(model: &Item, module: &str) -> Option<(String, String)> {
    let arguments =
        model.attributes.iter().filter(|attribute| attribute.path.last() == Some("sea_orm")).flat_map(|attribute| &attribute.arguments);
    arguments
        .filter_map(|argument| match argument {
            AttributeArgument::KeyValue { key, value, .. } if key == "table_name" => Some((module.to_string(), value.clone())),
            _ => None,
        })
        .next()
}

/// The columns of a `Model`, as the derive names them.
fn entity_model(item: &Item, of: &Struct) -> Option<EntityModel> {
    let is_it =
        |argument: &AttributeArgument| matches!(argument, AttributeArgument::Path(path) if path.last() == Some("DeriveEntityModel"));
    let derives = item.attributes.iter().any(|attribute| attribute.path.last() == Some("derive") && attribute.arguments.iter().any(is_it));
    let (_, table) = entity(item, "").filter(|_| derives)?;
    // How such names are written is another matter.
    if said_by_sea_orm(&item.attributes, "rename_all").is_some() {
        return None;
    }
    let mut model = EntityModel { table, columns: Vec::new(), key: Vec::new() };
    for field in &of.fields {
        if has_word(&field.attributes, "ignore") {
            continue;
        }
        let own = field.name.trim_start_matches("r#");
        let name = said_by_sea_orm(&field.attributes, "column_name").unwrap_or_else(|| super::idens::snake_case(own));
        if has_word(&field.attributes, "primary_key") {
            model.key.push(name.clone());
        }
        let variant = said_by_sea_orm(&field.attributes, "enum_name").unwrap_or_else(|| camel_case(own));
        model.columns.push((variant, name));
    }
    Some(model)
}

fn sea_orm_arguments(attributes: &[Attribute]) -> impl Iterator<Item = &AttributeArgument> {
    attributes.iter().filter(|attribute| attribute.path.last() == Some("sea_orm")).flat_map(|attribute| &attribute.arguments)
}

fn said_by_sea_orm(attributes: &[Attribute], wanted: &str) -> Option<String> {
    sea_orm_arguments(attributes).find_map(|argument| match argument {
        AttributeArgument::KeyValue { key, value, .. } if key == wanted => Some(value.clone()),
        _ => None,
    })
}

fn has_word(attributes: &[Attribute], word: &str) -> bool {
    sea_orm_arguments(attributes).any(|argument| matches!(argument, AttributeArgument::Path(path) if path.last() == Some(word)))
}

/// `org_id` -> `OrgId`.
fn camel_case(name: &str) -> String {
    let mut result = String::new();
    for word in name.split('_') {
        let mut letters = word.chars();
        result.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        result.push_str(letters.as_str());
    }
    result
}

fn collect_uses<'f>(items: &'f [Item], into: &mut Vec<(&'f Path, &'f UseKind)>) {
    for item in items {
        match &item.kind {
            ItemKind::Use(bindings) => into.extend(bindings.iter().map(|binding| (&binding.path, &binding.kind))),
            ItemKind::Module { items: Some(items), .. } => collect_uses(items, into),
            ItemKind::MacroCall { items, .. } => collect_uses(items, into),
            ItemKind::Function(function) => {
                if let Some(body) = &function.body {
                    collect_uses(&body.items, into);
                }
            }
            ItemKind::Impl(block) => collect_uses(&block.items, into),
            ItemKind::Trait(block) => collect_uses(&block.items, into),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_macro_names_its_table_after_attributes_and_uses() {
        let text = "\n use diesel::sql_types::*; /// Users.\n #[sql_name = \"app_users\"]\n users (id) { id -> Int4, }";
        assert_eq!(table_in(text), Some(("users".into(), "app_users".into())));
        assert_eq!(table_in("audit.events (id) {"), Some(("events".into(), "audit.events".into())));
    }

    #[test]
    fn a_file_is_the_module_it_holds() {
        assert_eq!(module_of("crates/db/src/user.rs"), "user");
        assert_eq!(module_of("crates/db/src/user/mod.rs"), "user");
    }
}
