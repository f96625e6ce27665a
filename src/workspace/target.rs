//! The target directory of a workspace, where it is not given by the environment.

use super::{Files, join, parent};
use toml::{Table, Value};

/// `build.target-dir` of the nearest `.cargo/config.toml` at or above the root, otherwise `target` below it.
pub(super) fn directory(root: &str, files: &dyn Files) -> String {
    let mut above = root;
    loop {
        let named = ["config.toml", "config"].iter().find_map(|name| named_in(&join(above, &format!(".cargo/{name}")), files));
        if let Some(named) = named {
            // Relative to the directory that `.cargo` lies in.
            return join(above, &named);
        }
        if above.is_empty() {
            return join(root, "target");
        }
        above = parent(above);
    }
}

fn named_in(config: &str, files: &dyn Files) -> Option<String> {
    let bytes = files.read(config).ok()?;
    let table: Table = std::str::from_utf8(&bytes).ok()?.parse().ok()?;
    table.get("build")?.get("target-dir").and_then(Value::as_str).map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::super::Memory;
    use super::*;

    #[test]
    fn the_nearest_configuration_of_cargo_names_the_target_directory() {
        let mut files = Memory::default();
        assert_eq!(directory("srv/app", &files), "srv/app/target");
        files.add("srv/.cargo/config.toml", "[build]\ntarget-dir = \"built\"\n");
        assert_eq!(directory("srv/app", &files), "srv/built");
        files.add("srv/app/.cargo/config.toml", "[build]\njobs = 1\n");
        assert_eq!(directory("srv/app", &files), "srv/built");
    }
}
