//! The JSON schema of the configuration, for editors that check TOML against one.

use crate::findings::{Level, catalogue};
use crate::lints::{Edition, Section};
use crate::model::{EffectKind, PoolRole, Role, RuleKind};
use serde_json::{Value, json};

/// Draft 7, which editors' TOML plug-ins know.
pub fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "moai-backend.toml",
        "type": "object",
        "properties": {
            "version": { "const": 1 },
            "edition": { "description": "The lints that this workspace has agreed to.", "enum": Edition::ALL.map(|edition| edition.to_string()) },
            "ratelimit": { "description": "`gateway`: requests are limited before they reach this code.", "enum": ["gateway"] },
            "ratelimit_because": { "description": "Where that is configured.", "type": "string" },
            "knowledge": texts("What crates of your own do: files in the form of the built-in knowledge."),
            "baseline": { "description": "The file of accepted findings, relative to the workspace root.", "type": "string" },
            "deploy": closed(json!({
                "instances": { "description": "Copies that run at the same time.", "type": "integer", "minimum": 1 },
                "database_connections": { "description": "Connections that the database accepts: its `max_connections`.", "type": "integer", "minimum": 1 },
            }), &[]),
            "migrations": closed(json!({
                "applied": { "description": "The last version that is applied everywhere; later migrations are new.", "type": "string" },
            }), &[]),
            "data": closed(json!({ "pools": pools(), "shards": list(shards()) }), &[]),
            "lints": { "$ref": "#/definitions/lints" },
            "override": list(closed(json!({
                "paths": texts("Globs, relative to the workspace root."),
                "packages": texts("Names of packages; `*` matches any text."),
                "lints": { "$ref": "#/definitions/lints" },
            }), &["lints"])),
            "architecture": closed(json!({
                "containers": texts("The layers repeat in each of these modules."),
                "exhaustive": { "description": "Every module has to be in a layer, or in `shared`.", "type": "boolean" },
                "shared": texts("Modules outside the order: everybody may use them."),
            }), &[]),
            "layer": list(layer()),
            "rule": list(rule()),
        },
        "additionalProperties": false,
        "definitions": { "level": level(), "lints": lints(), "selector": selector(), "selectors": one_or_more("selector") },
    })
}

fn texts(description: &str) -> Value {
    json!({ "description": description, "type": "array", "items": { "type": "string" } })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// A table with these keys and no others.
fn closed(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn one_or_more(definition: &str) -> Value {
    let one = json!({ "$ref": format!("#/definitions/{definition}") });
    json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
}

fn level() -> Value {
    let levels = json!({ "enum": Level::ALL.map(Level::name) });
    let strict = json!({ "description": "Nothing of it is accepted by the baseline.", "type": "boolean" });
    let with_reason = closed(json!({ "level": levels, "reason": { "type": "string" }, "strict": strict }), &["level"]);
    json!({ "anyOf": [levels, with_reason] })
}

/// Every lint and section there is; `-` may stand for `_`.
fn lints() -> Value {
    let level = |description: &str| json!({ "description": description, "$ref": "#/definitions/level" });
    let lints = catalogue().into_iter().map(|lint| (lint.id, lint.summary));
    let sections = Section::ALL.map(|section| (section.id(), "all lints of this section"));
    let names = lints.chain(sections).chain([("all", "every lint")]);
    let spellings = names.flat_map(|(name, words)| [(name.to_string(), words), (name.replace('_', "-"), words)]);
    let properties: serde_json::Map<String, Value> = spellings.map(|(name, words)| (name, level(words))).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn pools() -> Value {
    let role =
        json!({ "description": "A replica only reads, and may be behind the primary.", "enum": PoolRole::DECLARED.map(PoolRole::name) });
    json!({
        "description": "By the name of the field, function, parameter, variable, static or type that holds or gives a pool.",
        "type": "object",
        "additionalProperties": closed(json!({ "role": role }), &["role"]),
    })
}

fn shards() -> Value {
    let key = json!({ "description": "The column that says on which shard a row is.", "type": "string" });
    closed(json!({ "tables": texts("Tables whose rows are divided by the key."), "key": key }), &["tables", "key"])
}

fn layer() -> Value {
    let properties = json!({
        "name": { "type": "string" },
        "modules": texts("Patterns of modules: Rust paths with `*`, `**` and `{name}`."),
        "closed": { "description": "Nobody may jump over it.", "type": "boolean" },
        "beside": { "description": "A layer above, of the same level.", "type": "string" },
        "siblings": { "description": "Whether layers of one level may use each other.", "enum": ["free", "independent"] },
        "optional": { "description": "It may match nothing.", "type": "boolean" },
    });
    closed(properties, &["name", "modules"])
}

fn rule() -> Value {
    let exception = closed(json!({ "from": { "$ref": "#/definitions/selector" }, "to": { "$ref": "#/definitions/selector" } }), &[]);
    let exception = json!({ "anyOf": [exception, { "$ref": "#/definitions/selector" }] });
    let properties = json!({
        "name": { "type": "string" },
        "kind": { "enum": RuleKind::ALL.map(RuleKind::name) },
        "from": { "$ref": "#/definitions/selectors" },
        "to": { "$ref": "#/definitions/selectors" },
        "except": { "anyOf": [exception, { "type": "array", "items": exception }] },
        "because": { "type": "string" },
    });
    closed(properties, &["name", "from", "to"])
}

fn selector() -> Value {
    let text = |description: &str| json!({ "description": description, "type": "string" });
    let mut selector = closed(
        json!({
            "module": text("A pattern of modules, and what is in them."),
            "function": text("A pattern whose last segment is the name of a function."),
            "layer": text("A declared layer."),
            "crate": text("A crate of the workspace or from outside."),
            "role": { "enum": Role::ALL.map(Role::name) },
            "effect": { "enum": EffectKind::ALL.map(EffectKind::name) },
        }),
        &[],
    );
    selector["minProperties"] = json!(1);
    selector
}
