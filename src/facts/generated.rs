//! Items that well-known macros write: modules of `diesel::table!`, what `DeriveEntityModel` puts beside a `Model`. Only what code names.

use super::{Enum, Field, Generics, Shape, Variant};
use super::{Impl, Item, ItemKind, Name, Path, Segment, Struct, Type, UseBinding, UseKind, Visibility};
use crate::source::Span;

/// `users (id) { id -> Int4, name -> Text, }`: the module `users` with `table`, its columns, and `dsl`.
pub(super) fn table(text: &str, span: Span) -> Vec<Item> {
    let text = without_comments(text);
    let text = without_uses(&text);
    let Some((head, body)) = text.split_once('{') else { return Vec::new() };
    let head = head.split('(').next().unwrap_or(head).trim();
    let Some(name) = head.rsplit(['.', ' ', ']', ';', '\n']).find(|word| !word.is_empty()) else { return Vec::new() };
    let name = name.strip_prefix("r#").unwrap_or(name);
    if !is_identifier(name) {
        return Vec::new();
    }
    let mut before_arrows: Vec<&str> = body.split("->").collect();
    // What follows the last arrow is a type.
    before_arrows.pop();
    let columns = before_arrows.into_iter().filter_map(|part| part.split_whitespace().next_back()).filter(|word| is_identifier(word));
    let write = Writer { span };
    let mut structs = vec![write.unit("table"), write.implement(&["diesel", "Table"], "table", Vec::new())];
    let mut column_items = vec![write.unit("star")];
    for column in columns {
        column_items.push(write.unit(column));
        column_items.push(write.implement(&["diesel", "Column"], column, Vec::new()));
    }
    structs.push(write.module("columns", column_items));
    structs.push(write.import(&["columns"], UseKind::Glob, &["self"]));
    let all =
        [write.import(&["columns"], UseKind::Glob, &["super"]), write.import(&["table"], UseKind::Named(Name::new(name)), &["super"])];
    structs.push(write.module("dsl", all.into()));
    vec![write.module(name, structs)]
}

/// Comments and attributes out, so that words and braces in them do not count.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or(line);
        if !code.trim_start().starts_with("#[") {
            kept.push_str(code);
            kept.push('\n');
        }
    }
    kept
}

/// What follows the `use`s, which may have braces of their own: `use super::sql_types::{Kind, State};`.
fn without_uses(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some((_, after)) = rest.strip_prefix("use ").and_then(|path| path.split_once(';')) {
        rest = after.trim_start();
    }
    rest
}

fn is_identifier(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_') && !word.starts_with(|c: char| c.is_ascii_digit())
}

/// For each `#[derive(DeriveEntityModel)] struct Model`: `Entity`, `ActiveModel`, `Column` and `PrimaryKey` beside it.
pub(super) fn entities(items: &mut Vec<Item>) {
    let Some(model) = items.iter().find(|item| item.name == "Model" && derives_entity(item)) else { return };
    let ItemKind::Struct(structure) = &model.kind else { return };
    let write = Writer { span: model.name_span };
    let has = |name: &str| items.iter().any(|item| item.name == name && !matches!(item.kind, ItemKind::Impl(_)));
    let mut written = Vec::new();
    if !has("Entity") {
        let types = ["Model", "ActiveModel", "Column", "PrimaryKey", "Relation"].map(|name| write.alias(name, name));
        written.push(write.unit("Entity"));
        written.push(write.implement(&["sea_orm", "EntityTrait"], "Entity", types.into()));
        written.push(write.implement(&["sea_orm", "ModelTrait"], "Model", vec![write.alias("Entity", "Entity")]));
    }
    if !has("ActiveModel") {
        written.push(write.active_model(structure));
        written.push(write.implement(&["sea_orm", "ActiveModelTrait"], "ActiveModel", vec![write.alias("Entity", "Entity")]));
    }
    if !has("Column") {
        written.push(write.columns(structure));
        written.push(write.implement(&["sea_orm", "ColumnTrait"], "Column", Vec::new()));
    }
    items.append(&mut written);
}

fn derives_entity(item: &Item) -> bool {
    use super::AttributeArgument;
    item.attributes
        .iter()
        .filter(|attribute| attribute.path.last() == Some("derive"))
        .flat_map(|attribute| &attribute.arguments)
        .any(|argument| matches!(argument, AttributeArgument::Path(path) if path.last() == Some("DeriveEntityModel")))
}

/// Writes items that all stand at one place: that of the macro.
struct Writer {
    span: Span,
}

impl Writer {
    fn item(&self, name: &str, kind: ItemKind) -> Item {
        Item { name: Name::new(name), name_span: self.span, span: self.span, visibility: Visibility::Public, attributes: Vec::new(), kind }
    }

    fn unit(&self, name: &str) -> Item {
        self.item(name, ItemKind::Struct(Struct { generics: Generics::default(), fields: Vec::new(), shape: Shape::Unit }))
    }

    fn module(&self, name: &str, items: Vec<Item>) -> Item {
        self.item(name, ItemKind::Module { items: Some(items), path: None })
    }

    fn import(&self, last: &[&str], kind: UseKind, before: &[&str]) -> Item {
        let names: Vec<&str> = before.iter().chain(last).copied().collect();
        self.item("", ItemKind::Use(vec![UseBinding { path: self.path(&names, false), kind }]))
    }

    /// `impl ::krate::Trait for name { items }`.
    fn implement(&self, of: &[&str], name: &str, items: Vec<Item>) -> Item {
        let block = Impl {
            generics: Generics::default(),
            trait_: Some(self.path(of, true)),
            negative: false,
            self_type: Type::Path(self.path(&[name], false)),
            items,
        };
        self.item("", ItemKind::Impl(block))
    }

    fn alias(&self, name: &str, to: &str) -> Item {
        self.item(name, ItemKind::TypeAlias { generics: Generics::default(), aliased: Some(Type::Path(self.path(&[to], false))) })
    }

    fn active_model(&self, model: &Struct) -> Item {
        let value = |field: &Field| {
            let mut path = self.path(&["sea_orm", "ActiveValue"], true);
            path.segments[1].arguments.push(field.ty.clone());
            Field {
                name: field.name.clone(),
                name_span: self.span,
                ty: Type::Path(path),
                visibility: Visibility::Public,
                attributes: Vec::new(),
            }
        };
        let fields = model.fields.iter().map(value).collect();
        self.item("ActiveModel", ItemKind::Struct(Struct { generics: Generics::default(), fields, shape: Shape::Named }))
    }

    fn columns(&self, model: &Struct) -> Item {
        let variant = |field: &Field| Variant {
            name: Name::new(camel_case(&field.name)),
            name_span: self.span,
            fields: Vec::new(),
            shape: Shape::Unit,
            attributes: Vec::new(),
        };
        self.item("Column", ItemKind::Enum(Enum { generics: Generics::default(), variants: model.fields.iter().map(variant).collect() }))
    }

    fn path(&self, names: &[&str], global: bool) -> Path {
        let segment = |name: &&str| Segment { name: Name::new(name), span: self.span, arguments: Vec::new(), bindings: Vec::new() };
        Path { global, segments: names.iter().map(segment).collect(), span: self.span, ..Path::default() }
    }
}

/// `created_at` -> `CreatedAt`.
fn camel_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(items: &[Item]) -> Vec<&str> {
        items.iter().map(|item| item.name.as_str()).filter(|name| !name.is_empty()).collect()
    }

    #[test]
    fn a_table_is_a_module_with_its_columns() {
        let text = "\n use diesel::sql_types::*;\n use super::sql_types::{Kind, State};\n /// Users { of this }.\n #[sql_name = \"u\"]\n auth.users (id) {\n /// Key.\n id -> Int4,\n name -> Nullable<Text>,\n }";
        let items = table(text, Span::default());
        assert_eq!(names(&items), ["users"]);
        let ItemKind::Module { items: Some(inside), .. } = &items[0].kind else { panic!("a module") };
        assert_eq!(names(inside), ["table", "columns", "dsl"]);
        let ItemKind::Module { items: Some(columns), .. } = &inside[2].kind else { panic!("a module") };
        assert_eq!(names(columns), ["star", "id", "name"]);
    }

    #[test]
    fn text_that_is_no_table_gives_nothing() {
        assert!(table("", Span::default()).is_empty());
        assert!(table("{", Span::default()).is_empty());
    }

    #[test]
    fn columns_are_named_in_camel_case() {
        assert_eq!(camel_case("created_at"), "CreatedAt");
    }
}
