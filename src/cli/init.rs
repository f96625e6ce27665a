//! `init`: a configuration from what the code shows.

use super::Exit;
use super::failure::Failure;
use super::files::write_whole;
use super::output::Output;
use super::progress::Progress;
use super::run::Run;
use super::scope::Scope;
use crate::config::FILE_NAME;
use crate::findings::catalogue;
use crate::lints::{Edition, Section};
use crate::model::{Backend, Context, ModuleId, Style};
use crate::words::count;
use clap::Args;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Write a commented `moai-backend.toml` from what the code shows
#[derive(Args)]
pub struct Arguments {
    /// Replace the file that is there
    #[arg(long)]
    force: bool,

    /// Print it instead of writing it
    #[arg(long, conflicts_with = "force")]
    stdout: bool,

    #[command(flatten)]
    scope: Scope,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    let progress = Progress::start(!arguments.scope.no_progress);
    let run = Run::new(&arguments.scope, &progress)?;
    drop(progress);
    let text = configuration(&run.analysis.backend);
    if arguments.stdout {
        output.print(&text);
        return Ok(Exit::Clean);
    }
    let path = Path::new(&run.analysis.workspace.root).join(FILE_NAME);
    write(&path, &text, arguments.force)?;
    output.print(&format!("wrote {}\n{}", path.display(), closing(&run.analysis.backend)));
    Ok(Exit::Clean)
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    if path.exists() && !force {
        return Err(Failure::new(format!("`{FILE_NAME}` is there already"), "`--force` replaces it, `--stdout` prints the new one"));
    }
    write_whole(path, text)
}

fn closing(backend: &Backend) -> String {
    match backend.layering.style {
        Style::Layered | Style::Declared => {
            "it declares the layers that the code shows; read it, then run `cargo moai-backend check`\n".to_string()
        }
        _ => "the code shows no clear layers, so they are suggested in comments only\n".to_string(),
    }
}

/// The text of the file.
pub fn configuration(backend: &Backend) -> String {
    let mut text = String::from("# Configuration of `cargo moai-backend`. Everything here is optional.\nversion = 1\n");
    text += &format!("edition = \"{}\" # a newer version of the tool adds no lints until this is raised\n\n", Edition::NEWEST);
    text += OUTSIDE;
    text += &lints();
    text += OVERRIDES;
    text += &layers(backend);
    text + RULES
}

const OUTSIDE: &str = "\
# What the code cannot show:
# ratelimit = \"gateway\"              # requests are limited before they reach this code
# ratelimit_because = \"..\"           # where that is configured
# knowledge = [\"backend-crates.toml\"]  # what crates of your own do

# [deploy]
# instances = 2                       # copies that run at the same time

";

const OVERRIDES: &str = "
# Other levels for a part of the workspace:
# [[override]]
# paths = [\"crates/legacy/**\"]
# lints = { all = { level = \"allow\", reason = \"replaced this year\" } }

";

const RULES: &str = "
# Rules of your own. Patterns that match nothing are errors, so no rule is silent by a typo.
# [[rule]]
# name = \"controllers call no other service\"
# from = { role = \"controller\" }
# to = { effect = \"http\" }
# because = \"retries and timeouts live in the service layer\"
#
# [[rule]]
# name = \"features do not know each other\"
# from = { module = \"my_app::features::{feature}\" }
# to = { module = \"my_app::features::{!feature}\" }
";

fn lints() -> String {
    let mut text = String::from("# deny, warn, note or allow; a section's name stands for all of its lints.\n[lints]\n");
    let lints = catalogue();
    for section in Section::ALL {
        for lint in lints.iter().filter(|lint| lint.section == section) {
            text += &format!("# {} = \"{}\"\n", lint.id, lint.level.name());
        }
    }
    text
}

/// Names of inferred layers from the top, as roles are called.
const ORDER: [&str; 5] = ["controller", "job", "service", "domain", "repository"];

fn layers(backend: &Backend) -> String {
    let layering = &backend.layering;
    let mut text = format!(
        "# What the code shows: {} ({})\n",
        layering.style.name(),
        if layering.why.is_empty() { "no layers were looked for" } else { &layering.why }
    );
    text += &matrix(backend);
    let found = by_layer(backend);
    let named: Vec<&str> = ORDER.into_iter().filter(|layer| found.contains_key(layer)).collect();
    if named.len() < 2 {
        return text + "# Fewer than two layers were found, so none are declared.\n";
    }
    let active = matches!(layering.style, Style::Layered | Style::Declared);
    if !active {
        text += "# Suggested only: remove the `# ` in front to declare them.\n";
    }
    text += "# From the top; a layer may use those below it. `closed = true` on a layer: nobody may jump over it.\n";
    for layer in named {
        let modules: Vec<String> = found[layer].iter().map(|path| format!("  \"{path}\",\n")).collect();
        let block = format!("[[layer]]\nname = \"{layer}\"\nmodules = [\n{}]\n\n", modules.concat());
        text += &if active { block } else { block.lines().map(|line| format!("# {line}\n")).collect() };
    }
    text
}

/// Module patterns of each layer: a module stands for what is in it as long as nothing in it belongs elsewhere.
fn by_layer(backend: &Backend) -> BTreeMap<&str, BTreeSet<String>> {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (index, module) in backend.modules.iter().enumerate().filter(|(_, module)| module.context == Context::Production) {
        let layer = layer_of(backend, ModuleId(index as u32));
        let above = module.parent.map_or("", |parent| layer_of(backend, parent));
        // The module above stands for it already.
        if !ORDER.contains(&layer) || above == layer {
            continue;
        }
        found.entry(layer).or_default().insert(module.path.clone());
    }
    found
}

fn layer_of(backend: &Backend, module: ModuleId) -> &str {
    backend.layering.modules.get(module.0 as usize).map_or("", |module| module.layer.as_str())
}

/// How often each layer uses each other one, in production code.
fn matrix(backend: &Backend) -> String {
    let mut uses: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for dependency in backend.dependencies.iter().filter(|dependency| !dependency.test) {
        let (from, to) = (layer_of(backend, dependency.from), layer_of(backend, dependency.to));
        if from != to && !from.is_empty() && !to.is_empty() {
            *uses.entry((from, to)).or_default() += 1;
        }
    }
    let names: BTreeSet<&str> = uses.keys().flat_map(|(from, to)| [*from, *to]).collect();
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_by_key(|name| (ORDER.iter().position(|one| one == name).unwrap_or(ORDER.len()), *name));
    if names.is_empty() {
        return String::new();
    }
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let mut text = format!("#\n# How often a layer (row) uses another one (column), {} in all:\n", count(uses.values().sum(), "use"));
    let head: Vec<String> = names.iter().map(|name| format!("{name:>width$}")).collect();
    text += &format!("# {:width$} {}\n", "", head.join(" "));
    for from in &names {
        let cells: Vec<String> =
            names.iter().map(|to| uses.get(&(*from, *to)).map_or(format!("{:>width$}", "."), |uses| format!("{uses:>width$}"))).collect();
        text += &format!("# {from:width$} {}\n", cells.join(" "));
    }
    text + "#\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Lookup};
    use crate::model::{Dependency, ItemKind, Layering, Module, ModuleLayer, PackageId, Via};
    use crate::source::{FileId, Place, Span};
    use crate::workspace::Memory;

    fn backend(style: Style) -> Backend {
        let place = Place::new(FileId(0), Span::default());
        let module = |path: &str, parent: Option<u32>| Module {
            path: path.into(),
            package: PackageId(0),
            parent: parent.map(ModuleId),
            file: FileId(0),
            place,
            context: Context::Production,
        };
        let layer = |layer: &str| ModuleLayer { layer: layer.into(), ..ModuleLayer::default() };
        let uses = |from, to| Dependency {
            from: ModuleId(from),
            to: ModuleId(to),
            place,
            item: String::new(),
            item_kind: ItemKind::Function,
            function: None,
            to_function: None,
            via: Via::Use,
            test: false,
        };
        let modules =
            vec![module("app", None), module("app::routes", Some(0)), module("app::routes::users", Some(1)), module("app::db", Some(0))];
        let layers = ["shared", "controller", "controller", "repository"].map(layer).to_vec();
        Backend {
            modules,
            layering: Layering { style, why: "2 handlers, none with SQL".into(), modules: layers, ..Layering::default() },
            dependencies: vec![uses(2, 3), uses(1, 3), uses(0, 1)],
            ..Backend::default()
        }
    }

    fn read(text: &str) -> Config {
        let mut files = Memory::default();
        files.add(FILE_NAME, text);
        Config::load(&Lookup { files: &files, root: "", explicit: None, members: &[] })
            .unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
    }

    #[test]
    fn layers_of_a_layered_backend_are_declared_by_their_topmost_modules() {
        let text = configuration(&backend(Style::Layered));
        let layers: Vec<(String, Vec<String>)> = read(&text)
            .declared
            .architecture
            .layers
            .iter()
            .map(|layer| (layer.name.clone(), layer.modules.iter().map(|pattern| pattern.text.clone()).collect()))
            .collect();
        assert_eq!(layers, [("controller".into(), vec!["app::routes".into()]), ("repository".into(), vec!["app::db".to_string()])]);
    }

    #[test]
    fn what_is_not_clear_is_only_suggested() {
        let text = configuration(&backend(Style::Script));
        assert!(read(&text).declared.architecture.layers.is_empty());
        assert!(text.contains("# name = \"controller\""), "{text}");
        let everything: String = text.lines().map(|line| line.strip_prefix("# ").unwrap_or(line).to_string() + "\n").collect();
        assert!(everything.contains("[[layer]]\nname = \"controller\""), "{everything}");
    }

    #[test]
    fn the_observed_matrix_stands_beside() {
        insta::assert_snapshot!(matrix(&backend(Style::Layered)), @r"
        #
        # How often a layer (row) uses another one (column), 3 uses in all:
        #            controller repository     shared
        # controller          .          2          .
        # repository          .          .          .
        # shared              1          .          .
        #
        ");
        assert!(configuration(&backend(Style::Layered)).contains("# controller "));
    }

    #[test]
    fn a_file_is_written_whole_and_replaced_only_when_asked() {
        let directory = tempfile::tempdir().expect("a folder");
        let path = directory.path().join(FILE_NAME);
        assert!(write(&path, "version = 1\n", false).is_ok());
        assert!(write(&path, "version = 1\n# again\n", false).is_err());
        assert!(write(&path, "version = 1\n# again\n", true).is_ok());
        assert_eq!(std::fs::read_dir(directory.path()).expect("the folder").count(), 1);
    }
}
