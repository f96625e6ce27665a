//! The same parts as columns, one line each, for people and `grep`.

use super::{Part, file_counts, json};
use crate::Analysis;
use crate::model::short_name;
use crate::words::count;
use std::io::{self, Write};

pub(super) fn print(analysis: &Analysis, part: Option<Part>, out: &mut dyn Write) -> io::Result<()> {
    match part {
        None => summary(analysis, out),
        Some(Part::Routes) => columns(&["METHOD", "PATH", "HANDLER", "AUTH", "RATE LIMIT", "MIDDLEWARE", "AT"], routes(analysis), out),
        Some(Part::Functions) => columns(&["FUNCTION", "ROLE", "EFFECTS", "AT"], functions(analysis), out),
        Some(Part::Calls) => columns(&["AT", "FROM", "TO", "MAY REACH"], calls(analysis), out),
        Some(Part::Queries) => {
            let head = ["OPERATION", "READS", "WRITES", "ROWS", "INDEXES", "UNSERVED", "POOL", "LIBRARY", "FUNCTION", "AT", "TEXT"];
            columns(&head, queries(analysis), out)
        }
        Some(Part::Schema) => columns(&["TABLE", "COLUMNS", "INDEXES", "INCOMPLETE", "SOURCE"], tables(analysis), out),
        Some(Part::Resources) => columns(&["KIND", "TYPE", "BUILT", "SETTINGS", "AT"], resources(analysis), out),
        Some(Part::Layers) => layers(analysis, out),
    }
}

fn summary(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    let backend = &analysis.backend;
    let files = file_counts(&analysis.files);
    let rows = [
        ("packages", count(backend.packages.len(), "package")),
        ("files", count(files.parsed + files.partial + files.skipped, "file")),
        ("routes", count(backend.routes.len(), "route")),
        ("functions", count(json::functions(analysis).len(), "function")),
        ("calls", count(backend.coverage.calls_resolved, "call between them")),
        ("queries", count(backend.data_accesses.len(), "query")),
        ("schema", count(backend.schemas.iter().map(|schema| schema.tables.len()).sum(), "table")),
        ("resources", count(backend.resources.len(), "resource")),
        ("layers", format!("{} style", backend.layering.style.name())),
    ];
    columns(&["PART", "WHAT"], rows.into_iter().map(|(part, what)| vec![part.to_string(), what]).collect(), out)?;
    writeln!(out, "\n`inspect PART` shows one of them")
}

fn routes(analysis: &Analysis) -> Vec<Vec<String>> {
    let row = |route: json::RouteJson| {
        let middleware: Vec<&str> = route.middleware.iter().map(|one| short_name(one.name)).collect();
        vec![
            route.method.to_string(),
            route.path.to_string(),
            route.handler.as_ref().map_or("?", |handler| handler.path).to_string(),
            route.auth.is.to_string(),
            route.rate_limit.is.to_string(),
            middleware.join(" > "),
            format!("{}:{}", route.file, route.line),
        ]
    };
    json::routes(analysis).into_iter().map(row).collect()
}

fn functions(analysis: &Analysis) -> Vec<Vec<String>> {
    let row = |function: json::FunctionJson| {
        let effects: Vec<&str> = function.effects.into_iter().collect();
        vec![function.path.to_string(), function.role.to_string(), effects.join(" "), format!("{}:{}", function.file, function.line)]
    };
    json::functions(analysis).into_iter().map(row).collect()
}

fn calls(analysis: &Analysis) -> Vec<Vec<String>> {
    let row = |call: json::CallJson| {
        let place = format!("{}:{}:{}", call.file, call.line, call.column);
        vec![place, call.from.to_string(), call.to.unwrap_or("?").to_string(), call.may_reach.join(" ")]
    };
    json::calls(analysis).into_iter().map(row).collect()
}

/// `queue`, and `members(members_pkey)` where an index holds it behind another column.
fn unserved(query: &json::QueryJson) -> String {
    let behind = query.behind.iter().map(|(table, index)| format!("{table}({index})"));
    query.unserved.iter().map(|table| table.to_string()).chain(behind).collect::<Vec<_>>().join(" ")
}

fn queries(analysis: &Analysis) -> Vec<Vec<String>> {
    let row = |query: json::QueryJson| {
        let text = query.text.or(query.orm.as_deref()).unwrap_or("?").split_whitespace().collect::<Vec<_>>().join(" ");
        vec![
            query.operation.to_string(),
            query.reads.join(" "),
            query.writes.join(" "),
            query.rows.to_string(),
            query.served.iter().map(|(table, index)| format!("{table}={index}")).collect::<Vec<_>>().join(" "),
            unserved(&query),
            query.pool_role.to_string(),
            query.library.to_string(),
            query.function.to_string(),
            format!("{}:{}", query.file, query.line),
            text,
        ]
    };
    json::queries(analysis).into_iter().map(row).collect()
}

fn tables(analysis: &Analysis) -> Vec<Vec<String>> {
    let index = |index: &json::IndexJson| format!("{}({})", if index.unique { "unique" } else { "" }, index.columns.join(","));
    let row = |table: json::TableJson| {
        vec![
            table.name.to_string(),
            table.columns.join(" "),
            table.indexes.iter().map(index).collect::<Vec<_>>().join(" "),
            table.incomplete.unwrap_or_default().to_string(),
            table.source.to_string(),
        ]
    };
    json::tables(analysis).into_iter().map(row).collect()
}

fn resources(analysis: &Analysis) -> Vec<Vec<String>> {
    let row = |resource: json::ResourceJson| {
        let set = resource.settings.iter().map(|(key, value)| format!("{key}={value}"));
        let others = resource.limits.iter().filter(|(key, limit)| limit.from == "library" && !resource.settings.contains_key(**key));
        let by_default = others.map(|(key, limit)| format!("{key}={} (default)", limit.value.unwrap_or_default()));
        let settings: Vec<String> = set.chain(by_default).collect();
        vec![
            resource.kind.to_string(),
            resource.type_path.to_string(),
            resource.built.to_string(),
            settings.join(" "),
            format!("{}:{}", resource.file, resource.line),
        ]
    };
    json::resources(analysis).into_iter().map(row).collect()
}

fn layers(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    let layering = &analysis.backend.layering;
    writeln!(out, "style: {} ({})\n", layering.style.name(), layering.why)?;
    let row = |module: json::ModuleJson| vec![module.layer.to_string(), module.path.to_string(), module.why.join("; ")];
    columns(&["LAYER", "MODULE", "WHY"], json::modules(analysis).into_iter().map(row).collect(), out)
}

/// Left-aligned columns; empty cells read `-`, and nothing follows the last one.
fn columns(head: &[&str], rows: Vec<Vec<String>>, out: &mut dyn Write) -> io::Result<()> {
    let mut widths: Vec<usize> = head.iter().map(|name| name.len()).collect();
    for row in &rows {
        row.iter().zip(&mut widths).for_each(|(cell, width)| *width = (*width).max(cell.chars().count()));
    }
    line(head.iter().copied(), &widths, out)?;
    rows.iter().try_for_each(|row| line(row.iter().map(String::as_str), &widths, out))
}

fn line<'c>(cells: impl Iterator<Item = &'c str>, widths: &[usize], out: &mut dyn Write) -> io::Result<()> {
    for (index, (cell, width)) in cells.zip(widths).enumerate() {
        let cell = if cell.is_empty() { "-" } else { cell };
        match index + 1 == widths.len() {
            true => write!(out, "{cell}")?,
            false => write!(out, "{cell:<width$}  ")?,
        }
    }
    writeln!(out)
}
