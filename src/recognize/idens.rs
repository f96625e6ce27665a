//! Names of tables and columns as sea-query's code writes them: variants of `Iden` enums, aliases, text.

use super::Inputs;
use super::tables::Tables;
use super::text::text_of;
use super::walk::Walk;
use crate::facts::{Attribute, AttributeArgument, Enum, ExprId, ExpressionKind, Item, ItemKind};
use crate::resolve::Definition;
use crate::source::FileId;
use rustc_hash::FxHashMap;

pub(super) struct Idens<'t> {
    /// Names of the variants of an enum that derives `Iden` or `DeriveIden`; `None` for one that says its name by code.
    variants: FxHashMap<(FileId, String), Vec<Option<String>>>,
    tables: &'t Tables,
}

impl<'t> Idens<'t> {
    pub fn of(inputs: &Inputs, tables: &'t Tables) -> Self {
        let mut variants = FxHashMap::default();
        for facts in inputs.graph.facts.iter().flatten() {
            enums_in(&facts.items, facts.file, &mut variants);
        }
        Self { variants, tables }
    }

    /// `None` where the name is not known for certain.
    pub fn name(&self, walk: &Walk, at: ExprId) -> Option<String> {
        let at = walk.peeled(at);
        match walk.kind(at) {
            ExpressionKind::MethodCall { receiver, name, .. } if KEEPS_NAME.contains(&name.as_str()) => self.name(walk, *receiver),
            ExpressionKind::Call { arguments, .. } if walk.callee_name(at) == Some("new") && arguments.len() == 1 => {
                whole_text(walk, arguments[0])
            }
            ExpressionKind::Path(path) => match walk.inputs.definition_at(walk.function, at) {
                Some(Definition::Variant(id, variant)) => {
                    let adt = &walk.inputs.resolved.adts[id.0 as usize];
                    self.variants.get(&(adt.place.file, adt.name.to_string()))?.get(*variant as usize)?.clone()
                }
                Some(Definition::Local) if path.single().is_some() => whole_text(walk, at),
                Some(Definition::Constant(_)) => whole_text(walk, at),
                _ => {
                    let names: Vec<&str> = path.segments.iter().map(|segment| segment.name.as_str()).collect();
                    let own = super::tables::module_of(walk.inputs.sources.path(walk.file()));
                    match names.as_slice() {
                        [.., "Entity"] => self.tables.entity(&names, walk.file(), &own),
                        [.., "Column", _] => self.tables.entity_column(&names, walk.file(), &own).map(|(_, column)| column.to_string()),
                        _ => None,
                    }
                }
            },
            ExpressionKind::Literal(_) => whole_text(walk, at),
            _ => None,
        }
    }
}

const KEEPS_NAME: &[&str] = &["to_string", "to_owned", "clone", "into_iden", "into_table_ref", "into_column_ref", "as_str", "into"];

fn whole_text(walk: &Walk, at: ExprId) -> Option<String> {
    let known = text_of(walk, at);
    (!known.holes && !known.text.is_empty()).then_some(known.text)
}

fn enums_in(items: &[Item], file: FileId, found: &mut FxHashMap<(FileId, String), Vec<Option<String>>>) {
    for item in items {
        match &item.kind {
            ItemKind::Module { items: Some(items), .. } => enums_in(items, file, found),
            ItemKind::Enum(of) if derives_iden(item) => {
                found.insert((file, item.name.to_string()), names(item, of));
            }
            ItemKind::Function(function) => {
                if let Some(body) = &function.body {
                    enums_in(&body.items, file, found);
                }
            }
            _ => {}
        }
    }
}

fn derives_iden(item: &Item) -> bool {
    let is_iden = |argument: &AttributeArgument| matches!(argument, AttributeArgument::Path(path) if matches!(path.last(), Some("Iden" | "DeriveIden")));
    item.attributes.iter().any(|attribute| attribute.path.last() == Some("derive") && attribute.arguments.iter().any(is_iden))
}

/// As the derives do it: `Table` is the enum's own name, and everything is written with underscores.
fn names(item: &Item, of: &Enum) -> Vec<Option<String>> {
    let own = match written(&item.attributes) {
        Written::No => Some(snake_case(&item.name)),
        Written::Name(name) => Some(name),
        Written::ByCode => None,
    };
    let name = |variant: &crate::facts::Variant| match written(&variant.attributes) {
        Written::Name(name) => Some(name),
        Written::No if variant.name == "Table" => own.clone(),
        Written::No if variant.fields.is_empty() => Some(snake_case(&variant.name)),
        Written::No | Written::ByCode => None,
    };
    of.variants.iter().map(name).collect()
}

enum Written {
    No,
    Name(String),
    ByCode,
}

/// `#[iden = "users"]`, `#[iden(rename = "users")]`, `#[sea_orm(iden = "users")]`.
fn written(attributes: &[Attribute]) -> Written {
    let mut own = attributes.iter().filter(|attribute| matches!(attribute.path.last(), Some("iden" | "sea_orm")));
    let Some(attribute) = own.next() else { return Written::No };
    let named = attribute.arguments.iter().find_map(|argument| match argument {
        AttributeArgument::Text(name, _) => Some(name.clone()),
        AttributeArgument::KeyValue { key, value, .. } if key == "iden" || key == "rename" => Some(value.clone()),
        _ => None,
    });
    named.map_or(Written::ByCode, Written::Name)
}

/// `OrgId` -> `org_id`, `APIKey` -> `api_key`; digits belong to the word before.
pub(super) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut result = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || before.is_uppercase() && letters.get(at + 1).is_some_and(|next| next.is_lowercase())
            });
        if begins {
            result.push('_');
        }
        result.extend(letter.to_lowercase());
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_with_underscores() {
        let pairs = [("OrgId", "org_id"), ("APIKey", "api_key"), ("Sha256Sum", "sha256_sum"), ("id", "id"), ("V2", "v2")];
        for (name, written) in pairs {
            assert_eq!(snake_case(name), written);
        }
    }
}
