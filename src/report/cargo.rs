//! What `cargo check --message-format=json` prints, so that rust-analyzer shows findings by `check.overrideCommand`
//! (<https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages>).

use super::diagnostic::render;
use super::page::uri;
use super::{CargoPackage, Page, Terminal};
use crate::findings::{Evidence, Level, Reported, guidance_url};
use crate::source::Place;
use serde::Serialize;

#[derive(Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message<'a> {
    CompilerArtifact(Artifact<'a>),
    CompilerMessage(CompilerMessage<'a>),
    BuildFinished { success: bool },
}

/// Says of a package that it was looked at: old findings of it are no longer true.
#[derive(Serialize)]
struct Artifact<'a> {
    #[serde(flatten)]
    package: PackageJson<'a>,
    profile: Profile,
    features: [&'static str; 0],
    filenames: [&'static str; 0],
    executable: Option<&'static str>,
    fresh: bool,
}

#[derive(Serialize)]
struct Profile {
    opt_level: &'static str,
    debuginfo: u32,
    debug_assertions: bool,
    overflow_checks: bool,
    test: bool,
}

#[derive(Serialize)]
struct CompilerMessage<'a> {
    #[serde(flatten)]
    package: PackageJson<'a>,
    message: Diagnostic<'a>,
}

#[derive(Serialize)]
struct PackageJson<'a> {
    package_id: String,
    manifest_path: &'a str,
    target: Target<'a>,
}

#[derive(Serialize)]
struct Target<'a> {
    kind: [&'static str; 1],
    crate_types: [&'static str; 1],
    name: &'a str,
    src_path: &'a str,
    edition: &'static str,
    doc: bool,
    doctest: bool,
    test: bool,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    #[serde(rename = "$message_type")]
    message_type: &'static str,
    message: String,
    code: Option<Code>,
    level: &'static str,
    spans: Vec<SpanJson<'a>>,
    children: Vec<Diagnostic<'a>>,
    rendered: Option<String>,
}

#[derive(Serialize)]
struct Code {
    code: String,
    explanation: Option<&'static str>,
}

#[derive(Serialize)]
struct SpanJson<'a> {
    file_name: &'a str,
    byte_start: u32,
    byte_end: u32,
    line_start: u32,
    line_end: u32,
    column_start: u32,
    column_end: u32,
    is_primary: bool,
    text: [Line<'a>; 1],
    label: Option<String>,
    suggested_replacement: Option<String>,
    suggestion_applicability: Option<String>,
    expansion: Option<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    text: &'a str,
    highlight_start: u32,
    highlight_end: u32,
}

/// Without the closing message, for something else may follow.
pub fn messages(page: &Page) -> String {
    let looked_at = page.ground.packages.iter().map(artifact);
    let findings = page.open().filter_map(|reported| {
        let package = page.package(&reported.package)?;
        Some(Message::CompilerMessage(CompilerMessage { package: about(package), message: diagnostic(reported, page) }))
    });
    let problems = page.report.problems.iter().filter_map(|problem| {
        let message = said("warning", problem.message.clone(), vec![span(Place::new(problem.file, problem.span), None, page)]);
        Some(Message::CompilerMessage(CompilerMessage { package: about(page.package("")?), message }))
    });
    looked_at.chain(findings).chain(problems).map(|message| line(&message)).collect()
}

pub fn write(page: &Page) -> String {
    messages(page) + &finished(!page.fails())
}

pub fn finished(success: bool) -> String {
    line(&Message::BuildFinished { success })
}

fn line(message: &Message) -> String {
    serde_json::to_string(message).expect("messages hold only strings, numbers and lists") + "\n"
}

fn artifact(package: &CargoPackage) -> Message<'_> {
    let profile = Profile { opt_level: "0", debuginfo: 0, debug_assertions: false, overflow_checks: false, test: false };
    Message::CompilerArtifact(Artifact { package: about(package), profile, features: [], filenames: [], executable: None, fresh: false })
}

fn about(package: &CargoPackage) -> PackageJson<'_> {
    PackageJson {
        package_id: package_id(package),
        manifest_path: &package.manifest,
        target: Target {
            kind: [package.target_kind],
            crate_types: [if package.target_kind == "lib" { "lib" } else { "bin" }],
            name: &package.target_name,
            src_path: &package.target_root,
            edition: "2021",
            doc: false,
            doctest: false,
            test: false,
        },
    }
}

/// `path+file:///ws/crates/api#0.1.0`, and `#name@0.1.0` where the folder has another name
/// (<https://doc.rust-lang.org/cargo/reference/pkgid-spec.html>).
fn package_id(package: &CargoPackage) -> String {
    let directory = package.manifest.strip_suffix("/Cargo.toml").unwrap_or(&package.manifest);
    let folder = directory.rsplit('/').next().unwrap_or("");
    let name = if folder == package.name { String::new() } else { format!("{}@", package.name) };
    let slash = if directory.starts_with('/') { "" } else { "/" };
    format!("path+file://{slash}{}#{name}{}", uri(directory), package.version)
}

fn diagnostic<'a>(reported: &'a Reported, page: &Page<'a>) -> Diagnostic<'a> {
    let finding = &reported.finding;
    let help = (!reported.help().is_empty()).then(|| said("help", reported.help().to_string(), Vec::new()));
    let link = said("help", format!("see {}", guidance_url(reported.lint)), Vec::new());
    let evidence = finding.evidence.iter().map(|one| step(one, page));
    Diagnostic {
        // With one `::`, editors show it as lint of a tool.
        code: Some(Code { code: format!("moai_backend::{}", reported.lint.id), explanation: Some(reported.lint.guidance) }),
        children: evidence.chain(help).chain([link]).collect(),
        rendered: Some(render(reported, page.sources, &Terminal::PLAIN)),
        ..said(level(reported.level), finding.message.clone(), vec![span(finding.place, None, page)])
    }
}

fn step<'a>(evidence: &Evidence, page: &Page<'a>) -> Diagnostic<'a> {
    let spans = evidence.place.map(|place| span(place, Some(evidence.what.clone()), page));
    said("note", evidence.what.clone(), spans.into_iter().collect())
}

fn said<'a>(level: &'static str, message: String, spans: Vec<SpanJson<'a>>) -> Diagnostic<'a> {
    Diagnostic { message_type: "diagnostic", message, code: None, level, spans, children: Vec::new(), rendered: None }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Note | Level::Allow => "note",
    }
}

fn span<'a>(place: Place, label: Option<String>, page: &Page<'a>) -> SpanJson<'a> {
    let region = page.region(place);
    SpanJson {
        file_name: page.sources.path(place.file),
        byte_start: region.span.start,
        byte_end: region.span.end,
        line_start: region.start.line,
        line_end: region.end.line,
        column_start: region.start.column,
        column_end: region.end.column,
        is_primary: true,
        text: [Line { text: region.line, highlight_start: region.start.column, highlight_end: region.end.column }],
        label,
        suggested_replacement: None,
        suggestion_applicability: None,
        expansion: None,
    }
}
