//! Cargo.lock, formats 1 to 4: which version each package got.

use super::{Files, join};
use semver::{Version, VersionReq};
use serde::Deserialize;

#[derive(Default, Deserialize)]
pub(super) struct Lock {
    #[serde(default, rename = "package")]
    packages: Vec<Locked>,
    /// The root package in files older than format 1.
    #[serde(default)]
    root: Option<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: Version,
    #[serde(default)]
    source: Option<String>,
    /// `axum`, `axum 0.7.9` or `axum 0.7.9 (registry+..)`.
    #[serde(default)]
    dependencies: Vec<String>,
}

/// What a dependency was locked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolution {
    pub version: Version,
    /// From this workspace or a path, not from a registry or git.
    pub local: bool,
}

pub(super) fn read(root: &str, files: &dyn Files, notes: &mut Vec<String>) -> Option<Lock> {
    let Ok(bytes) = files.read(&join(root, "Cargo.lock")) else {
        notes.push("there is no Cargo.lock: versions are the lowest that each requirement allows".to_string());
        return None;
    };
    match std::str::from_utf8(&bytes).map_err(|error| error.to_string()).and_then(parse) {
        Ok(lock) => Some(lock),
        Err(error) => {
            notes.push(format!("Cargo.lock cannot be read ({error}): versions are the lowest that each requirement allows"));
            None
        }
    }
}

fn parse(text: &str) -> Result<Lock, String> {
    let mut lock: Lock = toml::from_str(text).map_err(|error| error.message().to_string())?;
    lock.packages.extend(lock.root.take());
    Ok(lock)
}

impl Lock {
    /// What `dependency` of the workspace's package `name` `version` became, along the edges of that very package.
    pub fn resolve(&self, name: &str, version: &str, dependency: &str, requirement: &str) -> Option<Resolution> {
        let from =
            self.packages.iter().find(|locked| locked.name == name && locked.source.is_none() && locked.version.to_string() == version)?;
        let requirement = VersionReq::parse(requirement).unwrap_or(VersionReq::STAR);
        let mut candidates: Vec<&Locked> = from.dependencies.iter().filter_map(|edge| self.edge(edge, dependency)).collect();
        if candidates.len() > 1 {
            candidates.retain(|locked| requirement.matches(&locked.version));
        }
        let chosen = candidates.into_iter().max_by_key(|locked| &locked.version)?;
        Some(Resolution { version: chosen.version.clone(), local: chosen.source.is_none() })
    }

    fn edge(&self, edge: &str, dependency: &str) -> Option<&Locked> {
        let mut words = edge.split(' ');
        let (name, version) = (words.next()?, words.next());
        let source = words.next().map(|source| source.trim_matches(['(', ')']));
        if name != dependency {
            return None;
        }
        self.packages.iter().find(|locked| {
            locked.name == name
                && version.is_none_or(|version| locked.version.to_string() == version)
                && source.is_none_or(|source| locked.source.as_deref() == Some(source))
        })
    }
}

/// The lowest version that a requirement allows; `None` where it has no lower bound worth the name.
pub(super) fn lowest(requirement: &str) -> Option<Version> {
    use semver::Op::{Caret, Exact, GreaterEq, Tilde, Wildcard};
    let requirement = VersionReq::parse(requirement).ok()?;
    let [one] = requirement.comparators.as_slice() else { return None };
    // `>=1` allows any major, so it says nothing about the interface.
    let bounded = matches!(one.op, Exact | Caret | Tilde | Wildcard);
    if !bounded || one.op == GreaterEq {
        return None;
    }
    Some(Version { pre: one.pre.clone(), ..Version::new(one.major, one.minor.unwrap_or(0), one.patch.unwrap_or(0)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_MAJORS: &str = r#"
        version = 4
        [[package]]
        name = "old"
        version = "0.1.0"
        dependencies = ["axum 0.7.9"]
        [[package]]
        name = "new"
        version = "0.1.0"
        dependencies = ["axum 0.8.4", "serde", "shared"]
        [[package]]
        name = "axum"
        version = "0.7.9"
        source = "registry+https://github.com/rust-lang/crates.io-index"
        [[package]]
        name = "axum"
        version = "0.8.4"
        source = "registry+https://github.com/rust-lang/crates.io-index"
        [[package]]
        name = "serde"
        version = "1.0.200"
        source = "git+https://github.com/serde-rs/serde#abc"
        [[package]]
        name = "shared"
        version = "0.2.0"
    "#;

    fn version(lock: &Lock, package: &str, dependency: &str) -> Option<String> {
        lock.resolve(package, "0.1.0", dependency, "*").map(|resolution| resolution.version.to_string())
    }

    #[test]
    fn two_majors_of_one_crate_are_told_apart_by_the_edges() {
        let lock = parse(TWO_MAJORS).unwrap();
        assert_eq!(version(&lock, "old", "axum").as_deref(), Some("0.7.9"));
        assert_eq!(version(&lock, "new", "axum").as_deref(), Some("0.8.4"));
        assert_eq!(version(&lock, "new", "serde").as_deref(), Some("1.0.200"));
        assert_eq!(version(&lock, "old", "serde"), None);
    }

    #[test]
    fn a_locked_package_without_a_source_is_local() {
        let lock = parse(TWO_MAJORS).unwrap();
        assert!(lock.resolve("new", "0.1.0", "shared", "*").unwrap().local);
        assert!(!lock.resolve("new", "0.1.0", "axum", "*").unwrap().local);
    }

    #[test]
    fn one_package_may_depend_on_two_majors_under_two_names() {
        let text = TWO_MAJORS.replace(r#"["axum 0.7.9"]"#, r#"["axum 0.7.9", "axum 0.8.4"]"#);
        let lock = parse(&text).unwrap();
        let of = |requirement| lock.resolve("old", "0.1.0", "axum", requirement).unwrap().version.to_string();
        assert_eq!((of("^0.7").as_str(), of("^0.8").as_str()), ("0.7.9", "0.8.4"));
    }

    #[test]
    fn the_oldest_formats_are_read() {
        let lock = parse(
            r#"
            [root]
            name = "app"
            version = "0.1.0"
            dependencies = ["axum 0.3.0 (registry+https://github.com/rust-lang/crates.io-index)"]
            [[package]]
            name = "axum"
            version = "0.3.0"
            source = "registry+https://github.com/rust-lang/crates.io-index"
            [metadata]
            "checksum axum 0.3.0 (registry+https://github.com/rust-lang/crates.io-index)" = "00"
            "#,
        )
        .unwrap();
        assert_eq!(version(&lock, "app", "axum").as_deref(), Some("0.3.0"));
    }

    #[test]
    fn a_requirement_alone_gives_its_lowest_version() {
        let of = |text| lowest(text).map(|version| version.to_string());
        assert_eq!(of("0.8").as_deref(), Some("0.8.0"));
        assert_eq!(of("=4.1.2").as_deref(), Some("4.1.2"));
        assert_eq!(of("1.*").as_deref(), Some("1.0.0"));
        assert_eq!(of("*"), None);
        assert_eq!(of(">=1"), None);
    }
}
