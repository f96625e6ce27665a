//! Files that other programs read from this repository: they are read here first.

use crate::git_repository::{Repository, bad};
use std::process::Command;
use yaml_rust2::{Yaml, YamlLoader};

fn yaml(text: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

fn word<'y>(yaml: &'y Yaml, name: &str) -> &'y str {
    yaml[name].as_str().unwrap_or_else(|| panic!("`{name}` is no text in {yaml:?}"))
}

/// A script as a runner starts it.
fn is_shell(script: &str) -> bool {
    let output = Command::new("sh").args(["-n", "-c", script]).output().expect("sh starts");
    output.status.success()
}

#[test]
fn the_action_is_one_that_github_takes_and_its_step_annotates() {
    let action = yaml(include_str!("../../action.yml"));
    assert_eq!(word(&action["runs"], "using"), "composite");
    let steps = action["runs"]["steps"].as_vec().expect("steps");
    assert!(steps.iter().all(|step| word(step, "shell") == "bash" && is_shell(word(step, "run"))));
    for input in action["inputs"].as_hash().expect("inputs").keys() {
        let used = format!("${{{{ inputs.{} }}}}", input.as_str().expect("a name"));
        assert!(include_str!("../../action.yml").contains(&used), "{used} is not used");
    }
    let check = word(steps.last().expect("a step"), "run");
    let repository = Repository::new(false);
    repository.write("src/extra.rs", bad());
    repository.commit_all("bad");
    let mut command = Command::new("bash");
    let annotated = |since: &str| {
        command.args(["-c", check]).current_dir(&repository.top).env("SINCE", since).env("ARGUMENTS", "--fail-on deny");
        let output = repository.isolate(&mut command).output().expect("bash starts");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).matches("pools_per_request::").count())
    };
    let mut annotated = annotated;
    assert_eq!(annotated("HEAD~1"), (Some(1), 1));
}

#[test]
fn the_pipeline_of_gitlab_says_what_it_needs_and_uploads_what_it_writes() {
    let job = &yaml(include_str!("../../docs/gitlab-ci.yml"))["moai-backend"];
    let scripts = ["before_script", "script"].map(|name| job[name].as_vec().expect("a script").clone()).concat();
    let scripts: Vec<&str> = scripts.iter().map(|line| line.as_str().expect("a line")).collect();
    assert!(scripts.iter().all(|line| is_shell(line)), "{scripts:?}");
    let report = word(&job["artifacts"]["reports"], "codequality");
    assert!(scripts.last().is_some_and(|line| line.ends_with(&format!("gitlab={report}"))));
    let output = Command::new("sh").args(["-c", scripts[0]]).env_remove("MOAI_BACKEND_URL").output().expect("sh starts");
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("URL of the repository"));
}

#[test]
fn hooks_for_pre_commit_have_what_it_asks_for() {
    let hooks = yaml(include_str!("../../.pre-commit-hooks.yaml"));
    let hooks = hooks.as_vec().expect("hooks");
    assert_eq!(hooks.iter().map(|hook| word(hook, "language")).collect::<Vec<_>>(), ["rust", "system"]);
    for hook in hooks {
        assert_eq!(word(hook, "entry"), "cargo-moai-backend hook run pre-commit");
        assert!(word(hook, "files").contains("rs|toml|sql") && hook["pass_filenames"].as_bool() == Some(false));
    }
}

#[test]
fn what_managers_are_given_is_yaml() {
    for file in [".pre-commit-config.yaml", "lefthook.yml"] {
        let repository = Repository::new(false);
        repository.write(file, "");
        for hook in ["pre-commit", "pre-push"] {
            let said = repository.run(&["hook", "install", hook]);
            yaml(said.stdout.split_once("Add:\n\n").unwrap_or_else(|| panic!("{}", said.all())).1);
        }
    }
}

/// There is no release on a registry yet, so nobody is sent there.
#[test]
fn nobody_is_told_to_install_what_is_not_published() {
    let pages = [
        include_str!("../../README.md"),
        include_str!("../../action.yml"),
        include_str!("../../docs/gitlab-ci.yml"),
        include_str!("../../hooks/pre-commit"),
        include_str!("../../hooks/pre-push"),
        include_str!("../../src/cli/hook/doctor.rs"),
    ];
    let lines = pages.iter().flat_map(|page| page.lines()).filter(|line| line.contains("cargo install"));
    let (from_source, from_registry): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.contains("--git") || line.contains("--path"));
    assert!(from_registry.is_empty() && from_source.len() >= 6, "{from_registry:?} {from_source:?}");
}
