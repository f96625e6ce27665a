//! How many connections the database accepts: by the configuration's word, or by a manifest that starts it with `max_connections=`.

use super::Inputs;
use crate::model::{Backend, DatabaseConnections, Evidence};
use crate::source::Place;

pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let asks = backend.resources.iter().filter_map(|one| one.limits.as_ref()).any(|limits| limits.max.number().is_some());
    if asks {
        backend.database_connections = declared(inputs).or_else(|| in_manifests(inputs));
    }
}

fn declared(inputs: &Inputs) -> Option<DatabaseConnections> {
    let (count, span) = inputs.declared.database_connections?;
    let place = inputs.declared.file.map(|file| Place::new(file, span));
    Some(DatabaseConnections {
        count,
        evidence: Evidence { place, what: format!("the configuration says that the database accepts {count}") },
    })
}

/// Where several say something, nobody knows which is meant.
fn in_manifests(inputs: &Inputs) -> Option<DatabaseConnections> {
    let is_manifest = |path: &&String| (path.ends_with(".yaml") || path.ends_with(".yml")) && !super::limits_elsewhere::is_an_example(path);
    let mut found = inputs.files.iter().filter(is_manifest).filter_map(|path| {
        let text = (inputs.read)(path)?;
        let (count, line) = accepted(&text)?;
        Some((count, format!("the database accepts {count}: `max_connections` in {path}, line {line}")))
    });
    let (count, what) = found.next()?;
    found.all(|(other, _)| other == count).then_some(DatabaseConnections { count, evidence: Evidence { place: None, what } })
}

/// `postgres -c max_connections=200`, and the line it stands in.
fn accepted(text: &str) -> Option<(u32, usize)> {
    text.lines().enumerate().find_map(|(line, text)| {
        let (before, rest) = text.split_once("max_connections=")?;
        let is_comment = before.trim_start().starts_with('#') || before.contains(" #");
        let is_whole = !before.ends_with(|last: char| last == '_' || last.is_alphanumeric());
        let digits: String = rest.trim_start_matches(['"', '\'']).chars().take_while(char::is_ascii_digit).collect();
        let count = digits.parse().ok().filter(|_| is_whole && !is_comment)?;
        Some((count, line + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn a_database_that_is_started_with_a_number_says_it() {
        assert_eq!(accepted("services:\n  db:\n    command: postgres -c max_connections=200 -c shared_buffers=1GB\n"), Some((200, 3)));
        assert_eq!(accepted("args: [\"-c\", \"max_connections=50\"]"), Some((50, 1)));
        assert_eq!(accepted("    # command: postgres -c max_connections=200\n"), None);
        assert_eq!(accepted("  POOL_max_connections=5\n"), None);
        assert_eq!(accepted("command: postgres -c max_connections=${MAX}\n"), None);
    }
}
