//! Workspaces in memory and on the disk.

use super::*;
use crate::resolve::{Dependency, DependencyTarget, TargetKind};

fn memory(fixture: &[(&str, &str)]) -> Memory {
    let mut files = Memory::default();
    for (path, text) in fixture {
        files.add(*path, text);
    }
    files
}

fn load_memory(fixture: &[(&str, &str)], manifest: &str) -> Workspace {
    load(&LoadRequest { manifest: manifest.into(), ..LoadRequest::default() }, &memory(fixture)).unwrap()
}

fn targets(workspace: &Workspace) -> Vec<(String, TargetKind, String)> {
    let mut targets: Vec<_> = workspace.crates.iter().map(|one| (one.name.to_string(), one.kind, one.root.to_string())).collect();
    targets.sort();
    targets
}

fn dependency<'w>(workspace: &'w Workspace, krate: &str, name: &str) -> Option<&'w Dependency> {
    workspace.crates.iter().find(|one| one.name == krate)?.dependencies.iter().find(|one| one.name == name)
}

/// Writes a fixture below a temporary directory: what cargo sees.
#[expect(clippy::disallowed_methods, reason = "cargo reads from the disk, so its fixtures lie there")]
fn disk(fixture: &[(&str, &str)]) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in fixture {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let root = std::fs::canonicalize(directory.path()).unwrap().to_str().unwrap().replace('\\', "/");
    (directory, root)
}

const NESTED: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates/left-out\"]\n[workspace.package]\nversion = \"2.1.0\"\n[workspace.dependencies]\nhttp-api = { package = \"api\", path = \"crates/api\" }\naxum = \"0.7\"\n",
    ),
    (
        "crates/api/Cargo.toml",
        "[package]\nname = \"api\"\nversion.workspace = true\nedition = \"2021\"\n[lib]\nname = \"api_core\"\n[dependencies]\nweb = { package = \"axum\", version = \"0.8\" }\n[dev-dependencies]\ntower = \"0.5\"\n",
    ),
    ("crates/api/src/lib.rs", ""),
    ("crates/api/src/bin/tool.rs", ""),
    ("crates/api/src/bin/worker/main.rs", ""),
    ("crates/api/tests/it.rs", ""),
    ("crates/api/build.rs", "fn main() {}"),
    (
        "crates/server/Cargo.toml",
        "[package]\nname = \"server\"\nversion = \"0.1.0\"\nedition = \"2021\"\nautobins = false\n[[bin]]\nname = \"serve\"\npath = \"app/serve.rs\"\n[dependencies]\nhttp-api.workspace = true\naxum.workspace = true\n",
    ),
    ("crates/server/app/serve.rs", "fn main() {}"),
    ("crates/server/src/bin/unused.rs", "fn main() {}"),
    ("crates/left-out/Cargo.toml", "[package]\nname = \"left-out\"\nversion = \"0.1.0\"\n"),
    ("crates/left-out/src/lib.rs", ""),
];

fn check_nested(workspace: &Workspace, root: &str) {
    let names: Vec<_> = workspace.packages.iter().map(|package| (package.name.as_str(), package.version.as_str())).collect();
    assert_eq!(names, [("api", "2.1.0"), ("server", "0.1.0")]);
    let at = |path: &str| join(root, path);
    assert_eq!(
        targets(workspace),
        [
            ("api_core".to_string(), TargetKind::Library, at("crates/api/src/lib.rs")),
            ("build_script_build".to_string(), TargetKind::BuildScript, at("crates/api/build.rs")),
            ("it".to_string(), TargetKind::Test, at("crates/api/tests/it.rs")),
            ("serve".to_string(), TargetKind::Binary, at("crates/server/app/serve.rs")),
            ("tool".to_string(), TargetKind::Binary, at("crates/api/src/bin/tool.rs")),
            ("worker".to_string(), TargetKind::Binary, at("crates/api/src/bin/worker/main.rs")),
        ]
    );
    let library = workspace.crates.iter().position(|one| one.name == "api_core").unwrap();
    assert!(matches!(dependency(workspace, "serve", "http_api").unwrap().to, DependencyTarget::Workspace(index) if index == library));
    assert!(matches!(dependency(workspace, "tool", "api_core").unwrap().to, DependencyTarget::Workspace(index) if index == library));
    let DependencyTarget::External { package, version } = &dependency(workspace, "api_core", "web").unwrap().to else { panic!() };
    assert_eq!((package.as_str(), version.as_ref().unwrap().to_string().as_str()), ("axum", "0.8.0"));
    assert!(dependency(workspace, "api_core", "tower").unwrap().dev);
    assert!(dependency(workspace, "build_script_build", "web").is_none());
}

#[test]
fn a_virtual_workspace_is_read_without_cargo() {
    check_nested(&load_memory(NESTED, "Cargo.toml"), "");
}

#[test]
fn cargo_says_the_same() {
    let (_directory, root) = disk(NESTED);
    let request = LoadRequest { manifest: format!("{root}/Cargo.toml"), ..LoadRequest::default() };
    let workspace = load(&request, &Disk).unwrap();
    check_nested(&workspace, &root);
    assert!(workspace.notes.iter().any(|note| note.contains("no Cargo.lock")));
}

#[test]
fn the_manifest_of_a_member_leads_to_the_workspace() {
    let workspace = load_memory(NESTED, "crates/server/Cargo.toml");
    assert_eq!((workspace.root.as_str(), workspace.packages.len()), ("", 2));
    let (_directory, root) = disk(NESTED);
    let request = LoadRequest { manifest: format!("{root}/crates/server/Cargo.toml"), ..LoadRequest::default() };
    assert_eq!(load(&request, &Disk).unwrap().root, root);
}

#[test]
fn an_excluded_package_is_a_workspace_of_its_own() {
    let workspace = load_memory(NESTED, "crates/left-out/Cargo.toml");
    assert_eq!((workspace.root.as_str(), workspace.packages.len()), ("crates/left-out", 1));
}

#[test]
fn a_pinned_toolchain_that_is_not_installed_is_not_in_the_way() {
    let pinned: &[(&str, &str)] = &[("rust-toolchain.toml", "[toolchain]\nchannel = \"1.2.3\"\n")];
    let (_directory, root) = disk(&[NESTED, pinned].concat());
    let request = LoadRequest { manifest: format!("{root}/Cargo.toml"), ..LoadRequest::default() };
    check_nested(&load(&request, &Disk).unwrap(), &root);
}

#[test]
fn unstable_features_of_cargo_are_read_with_a_note() {
    let manifest = "cargo-features = [\"codegen-backend\"]\n[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\ngone = { path = \"../gone\" }\n";
    let (_directory, root) = disk(&[("Cargo.toml", manifest), ("src/lib.rs", "")]);
    let workspace = load(&LoadRequest { manifest: format!("{root}/Cargo.toml"), ..LoadRequest::default() }, &Disk).unwrap();
    assert_eq!(workspace.packages[0].name, "app");
    assert!(matches!(dependency(&workspace, "app", "gone").unwrap().to, DependencyTarget::External { .. }));
}

#[test]
fn a_broken_manifest_is_an_error_with_its_line() {
    let broken = "[package]\nname = \"app\"\nversion = 1\n";
    let (_directory, root) = disk(&[("Cargo.toml", broken), ("src/lib.rs", "")]);
    let error = load(&LoadRequest { manifest: format!("{root}/Cargo.toml"), ..LoadRequest::default() }, &Disk).unwrap_err();
    let LoadError::Manifest { place: Some(place), .. } = &error else { panic!("{error}") };
    assert_eq!((place.file.clone(), place.line), (format!("{root}/Cargo.toml"), Some(3)));
}

#[test]
fn a_missing_manifest_and_an_empty_workspace_are_errors() {
    let error = |fixture, manifest: &str| {
        load(&LoadRequest { manifest: manifest.into(), ..LoadRequest::default() }, &memory(fixture)).unwrap_err().to_string()
    };
    assert_eq!(error(&[], "Cargo.toml"), "there is no `Cargo.toml` at `Cargo.toml`");
    assert_eq!(error(&[("src/lib.rs", "")], "src/lib.rs"), "`src/lib.rs` is not a manifest");
    assert_eq!(error(&[("Cargo.toml", "[workspace]\n")], "Cargo.toml"), "the workspace of `Cargo.toml` has no packages");
}

#[test]
fn packages_are_selected_as_cargo_does() {
    let select = |packages: &[&str], exclude: &[&str]| {
        let strings = |list: &[&str]| list.iter().map(|one| one.to_string()).collect();
        let request = LoadRequest { manifest: "Cargo.toml".into(), packages: strings(packages), exclude: strings(exclude) };
        let workspace = load(&request, &memory(NESTED)).map_err(|error| error.to_string())?;
        Ok::<_, String>(
            workspace.packages.iter().filter(|package| package.selected).map(|package| package.name.clone()).collect::<Vec<_>>(),
        )
    };
    assert_eq!(select(&[], &[]).unwrap(), ["api", "server"]);
    assert_eq!(select(&["server"], &[]).unwrap(), ["server"]);
    assert_eq!(select(&["api@2.1"], &[]).unwrap(), ["api"]);
    assert_eq!(select(&["s*"], &[]).unwrap(), ["server"]);
    assert_eq!(select(&[], &["api"]).unwrap(), ["server"]);
    assert_eq!(select(&["sever"], &[]).unwrap_err(), "`--package sever` matches no package of the workspace");
    assert_eq!(select(&[], &["api", "server"]).unwrap_err(), "every package of the workspace is excluded");
}

/// Paths that were read, and problems as `path: message`.
fn read_memory(files: &Memory) -> (Vec<String>, Vec<String>) {
    let workspace = load(&LoadRequest { manifest: "Cargo.toml".into(), ..LoadRequest::default() }, files).unwrap();
    let read = read(&workspace, files, &crate::cache::Cache::none());
    let problems = read.problems.iter().map(|problem| format!("{}: {}", read.sources.path(problem.file), problem.message)).collect();
    (read.sources.iter().map(|(_, file)| file.path.to_string()).collect(), problems)
}

const PACKAGE: (&str, &str) = ("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\n");

#[test]
fn files_are_found_along_modules_paths_and_includes() {
    let files = memory(&[
        PACKAGE,
        (
            "src/main.rs",
            "mod plain;\nmod inline { mod inner; #[path = \"odd.rs\"] mod renamed; }\n#[path = \"../shared/all.rs\"]\nmod shared;\ninclude!(\"list.in\");\nfn main() {}",
        ),
        ("src/plain.rs", "mod below;\nmod folder;"),
        ("src/plain/below.rs", ""),
        ("src/plain/folder/mod.rs", "mod deep;"),
        ("src/plain/folder/deep.rs", ""),
        ("src/inline/inner.rs", ""),
        ("src/inline/odd.rs", ""),
        ("shared/all.rs", "mod beside;"),
        ("shared/beside.rs", ""),
        ("src/list.in", "fn listed() {}"),
        ("src/nobody.rs", "this is a template, not {{ code }}"),
    ]);
    let (read, problems) = read_memory(&files);
    let expected = [
        "shared/all.rs",
        "shared/beside.rs",
        "src/inline/inner.rs",
        "src/inline/odd.rs",
        "src/list.in",
        "src/main.rs",
        "src/plain.rs",
        "src/plain/below.rs",
        "src/plain/folder/deep.rs",
        "src/plain/folder/mod.rs",
    ];
    assert_eq!(read, expected);
    assert!(problems.is_empty());
}

#[test]
fn a_module_that_a_build_script_may_write_is_no_problem() {
    let with_script = [("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\n"), ("src/main.rs", "mod pb;\nfn main() {}")];
    let missing = ["src/main.rs: there is no file for module `pb`"];
    assert_eq!(read_memory(&memory(&with_script)).1, missing);
    let stamps = memory(&[with_script[0], with_script[1], ("build.rs", "fn main() { println!(\"cargo:rustc-env=AT=1\"); }")]);
    assert_eq!(read_memory(&stamps).1, missing, "this script writes no module");
    let files = memory(&[with_script[0], with_script[1], ("build.rs", "fn main() { compile().out_dir(\"src/pb\"); }")]);
    assert!(read_memory(&files).1.is_empty());
    let workspace = load(&LoadRequest { manifest: "Cargo.toml".into(), ..LoadRequest::default() }, &files).unwrap();
    let notes = read(&workspace, &files, &crate::cache::Cache::none()).notes;
    assert_eq!(notes, ["no file is there for `pb`: taken for what a build script writes, and not read"]);
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem_beside_the_others() {
    let mut files = memory(&[PACKAGE, ("src/main.rs", "\u{feff}mod bad;\r\nmod large;\r\nfn main() {}\r\n")]);
    files.add("src/bad.rs", b"fn a() {}\n// \xff\n");
    files.add("src/large.rs", vec![b' '; 50 << 20]);
    let (read, problems) = read_memory(&files);
    assert_eq!(read.len(), 3);
    assert_eq!(
        problems,
        ["src/bad.rs: the file is not UTF-8, first in line 2", "src/large.rs: the file was not read: it has 50 MiB, more than 16"]
    );
}

#[test]
fn a_path_dependency_that_is_not_checked_out_leaves_the_rest_readable() {
    let root = "[workspace]\nmembers = [\"app\"]\n";
    let app = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\ngone = { path = \"../../gone\" }\n";
    let (_directory, root) = disk(&[("Cargo.toml", root), ("app/Cargo.toml", app), ("app/src/lib.rs", "")]);
    let workspace = load(&LoadRequest { manifest: format!("{root}/Cargo.toml"), ..LoadRequest::default() }, &Disk).unwrap();
    assert_eq!(workspace.packages[0].name, "app");
    assert!(workspace.notes.iter().any(|note| note.contains("read without it")), "{:?}", workspace.notes);
}
