//! Which packages the user asked about: `-p` and `--exclude`, as cargo reads them.

use super::described::{Described, DescribedPackage};
use super::{LoadError, LoadRequest};
use crate::words::suggestion;
use globset::Glob;

/// By package. A pattern that matches nothing is an error: it would leave something out in silence.
pub(super) fn selected(described: &Described, request: &LoadRequest) -> Result<Vec<bool>, LoadError> {
    let included = matching(described, &request.packages, "--package")?;
    let excluded = matching(described, &request.exclude, "--exclude")?;
    let all = request.packages.is_empty();
    let selected: Vec<bool> = included.into_iter().zip(excluded).map(|(included, excluded)| (all || included) && !excluded).collect();
    if selected.contains(&true) { Ok(selected) } else { Err(LoadError::NothingSelected) }
}

fn matching(described: &Described, patterns: &[String], option: &'static str) -> Result<Vec<bool>, LoadError> {
    let mut matched = vec![false; described.packages.len()];
    for pattern in patterns {
        let mut any = false;
        for (package, matched) in described.packages.iter().zip(&mut matched) {
            let hit = matches(pattern, package);
            *matched |= hit;
            any |= hit;
        }
        if !any {
            let names = described.packages.iter().map(|package| package.name.as_str());
            return Err(LoadError::UnknownPackage { option, pattern: pattern.clone(), suggestion: suggestion(pattern, names) });
        }
    }
    Ok(matched)
}

fn matches(pattern: &str, package: &DescribedPackage) -> bool {
    let (name, version) = match pattern.split_once(['@', ':']) {
        Some((name, version)) => (name, Some(version)),
        None => (pattern, None),
    };
    let named = name == package.name || Glob::new(name).is_ok_and(|glob| glob.compile_matcher().is_match(&package.name));
    // `name@1.2` is enough for 1.2.3.
    let versioned = version.is_none_or(|version| {
        package.version == version || package.version.strip_prefix(version).is_some_and(|rest| rest.starts_with('.'))
    });
    named && versioned
}
