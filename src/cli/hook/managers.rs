//! Programs that write hooks themselves. What we wrote into their hooks would be gone with their next run.

use super::Hook;
use std::path::Path;

pub struct Manager {
    pub name: &'static str,
    /// What shows that it is in use, from the top of the worktree.
    pub file: &'static str,
    snippet: fn(Hook) -> String,
}

const MANAGERS: &[Manager] = &[
    Manager { name: "pre-commit", file: ".pre-commit-config.yaml", snippet: pre_commit },
    Manager { name: "pre-commit", file: ".pre-commit-config.yml", snippet: pre_commit },
    Manager { name: "prek", file: "prek.toml", snippet: prek },
    Manager { name: "lefthook", file: "lefthook.yml", snippet: lefthook },
    Manager { name: "lefthook", file: "lefthook.yaml", snippet: lefthook },
    Manager { name: "lefthook", file: ".lefthook.yml", snippet: lefthook },
    Manager { name: "lefthook", file: ".lefthook.yaml", snippet: lefthook },
    Manager { name: "lefthook", file: ".config/lefthook.yml", snippet: lefthook },
    Manager { name: "husky", file: ".husky", snippet: husky },
    Manager { name: "hk", file: "hk.pkl", snippet: hk },
];

/// The manager that a repository uses.
pub fn of(root: &Path) -> Option<Manager> {
    let found = MANAGERS.iter().find(|manager| root.join(manager.file).exists())?;
    Some(Manager { ..*found })
}

impl Manager {
    pub fn snippets(&self, hooks: &[Hook]) -> String {
        hooks.iter().map(|hook| (self.snippet)(*hook)).collect::<Vec<_>>().join("\n")
    }

    /// Whether its configuration runs this tool in `hook`, as far as its text shows.
    pub fn runs(&self, root: &Path, hook: Hook) -> bool {
        let file = root.join(self.file);
        let file = if self.name == "husky" { file.join(hook.name()) } else { file };
        #[expect(clippy::disallowed_methods, reason = "this is no file of the workspace")]
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.contains("moai-backend")
    }
}

fn pre_commit(hook: Hook) -> String {
    let (id, name) = (hook.name(), hook.name());
    format!(
        "repos:\n- repo: local\n  hooks:\n  - id: moai-backend-{id}\n    name: cargo moai-backend\n    entry: cargo-moai-backend hook run {name}\n    language: system\n    files: '(\\.(rs|toml|sql)|Cargo\\.lock)$'\n    pass_filenames: false\n    require_serial: true\n    stages: [{name}]\n"
    )
}

fn prek(hook: Hook) -> String {
    let name = hook.name();
    format!(
        "[[repos]]\nrepo = \"local\"\n\n[[repos.hooks]]\nid = \"moai-backend-{name}\"\nname = \"cargo moai-backend\"\nentry = \"cargo-moai-backend hook run {name}\"\nlanguage = \"system\"\npass_filenames = false\nrequire_serial = true\nstages = [\"{name}\"]\n"
    )
}

fn lefthook(hook: Hook) -> String {
    let name = hook.name();
    let (input, given) = if hook == Hook::PrePush { ("\n      use_stdin: true", " {1} {2}") } else { ("", "") };
    format!("{name}:\n  commands:\n    moai-backend:\n      run: cargo-moai-backend hook run {name}{given}{input}\n")
}

fn husky(hook: Hook) -> String {
    let name = hook.name();
    format!("# .husky/{name}\ncargo-moai-backend hook run {name} \"$@\"\n")
}

fn hk(hook: Hook) -> String {
    let name = hook.name();
    format!(
        "hooks {{\n  [\"{name}\"] {{\n    steps {{\n      [\"moai-backend\"] {{ check = \"cargo-moai-backend hook run {name}\" }}\n    }}\n  }}\n}}\n"
    )
}
