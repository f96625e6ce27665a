//! Lints whose findings can be mended without thinking, or with little: a row and a function for each.
//!
//! A safe fix changes nothing that a program or a run does. An unsafe one changes what the backend does, as its finding asks for, with figures that
//! somebody has to look at.

use super::Reported;
use super::fixes::Edit;
use super::tool_lints::stale_baseline_entries;
use crate::facts::words_of_code;
use crate::source::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    Safe,
    Unsafe,
}

pub(super) struct Fixer {
    pub lint: &'static str,
    pub safety: Safety,
    /// In the text of the finding's file; `None`: this one is not written as the fix knows it.
    pub edits: fn(&Reported, &str) -> Option<Vec<Edit>>,
}

pub(super) const FIXERS: &[Fixer] = &[
    Fixer { lint: stale_baseline_entries::INFO.id, safety: Safety::Safe, edits: without_line },
    Fixer { lint: "unbounded_caches", safety: Safety::Unsafe, edits: with_capacity },
    Fixer { lint: "unbounded_pool_waits", safety: Safety::Unsafe, edits: with_wait_timeout },
    Fixer { lint: "caches_without_expiry", safety: Safety::Unsafe, edits: with_expiry },
];

/// The line of a baseline.
fn without_line(reported: &Reported, text: &str) -> Option<Vec<Edit>> {
    let span = reported.finding.place.span;
    let end = text[span.end as usize..].find('\n').map_or(text.len(), |length| span.end as usize + length + 1);
    Some(vec![Edit { span: Span::new(span.start as usize, end), text: String::new() }])
}

/// `Cache::builder().max_capacity(10_000)` for `moka`.
fn with_capacity(reported: &Reported, text: &str) -> Option<Vec<Edit>> {
    let words = words(reported, text).filter(|_| library(reported) == "moka")?;
    let after = words.windows(3).find(|three| [three[0].1, three[1].1, three[2].1] == ["builder", "(", ")"])?[2];
    Some(vec![insert(after.0 + 1, ".max_capacity(10_000)".to_string())])
}

/// `Pool::builder(manager).wait_timeout(..)` for `deadpool`, which needs a runtime to wait with and fails to build without.
fn with_wait_timeout(reported: &Reported, text: &str) -> Option<Vec<Edit>> {
    let words = words(reported, text).filter(|_| library(reported) == "deadpool")?;
    let builder = words.windows(2).position(|two| [two[0].1, two[1].1] == ["builder", "("])?;
    let close = closing(&words, builder + 1)?;
    let has_runtime = words.windows(2).any(|two| [two[0].1, two[1].1] == [".", "runtime"]);
    let runtime = if has_runtime { String::new() } else { format!(".runtime({}::Runtime::Tokio1)", only_deadpool(text)?) };
    Some(vec![insert(words[close].0 + 1, format!(".wait_timeout(Some(std::time::Duration::from_secs(5))){runtime}"))])
}

/// The one crate of the family that a file names: each has `Runtime` again.
fn only_deadpool(text: &str) -> Option<&str> {
    let mut named: Vec<&str> = words_of_code(text).filter(|word| *word == "deadpool" || word.starts_with("deadpool_")).collect();
    named.sort_unstable();
    named.dedup();
    if let [only] = named[..] { Some(only) } else { None }
}

/// `set_ex(key, value, 3600)` for `set(key, value)` of `redis`.
fn with_expiry(reported: &Reported, text: &str) -> Option<Vec<Edit>> {
    let words = words(reported, text).filter(|_| ["redis", "deadpool_redis", "bb8_redis"].contains(&library(reported)))?;
    // Arguments may hold another `set`, and types between the name and them other parentheses.
    let open = opening(&words)?;
    let set = words[..open].windows(2).rposition(|two| [two[0].1, two[1].1] == [".", "set"])? + 1;
    if set + 1 != open && words[set + 1].1 != ":" {
        return None;
    }
    // A comma may stand behind the last argument.
    let (last, close) = (words[words.len() - 2], words[words.len() - 1]);
    let at = if last.1 == "," { last.0 } else { close.0 };
    Some(vec![Edit { span: span(words[set]), text: "set_ex".to_string() }, insert(at, ", 3600".to_string())])
}

/// The code at the finding's place, each word with its offset in the file.
fn words<'t>(reported: &Reported, text: &'t str) -> Option<Vec<(usize, &'t str)>> {
    let place = reported.finding.place.span;
    let code = text.get(place.start as usize..place.end as usize)?;
    Some(words_of_code(code).map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word)).collect())
}

/// Messages name the library first.
fn library(reported: &Reported) -> &str {
    reported.finding.message.split('`').nth(1).unwrap_or_default()
}

/// Of the parenthesis at `open` the one that closes it.
fn closing(words: &[(usize, &str)], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    words.iter().enumerate().skip(open).find_map(|(at, word)| {
        match word.1 {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

/// Of the parenthesis at the end the one that opens it.
fn opening(words: &[(usize, &str)]) -> Option<usize> {
    let mut depth = 0usize;
    words.iter().enumerate().rev().find_map(|(at, word)| {
        match word.1 {
            ")" => depth += 1,
            "(" => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

fn span(word: (usize, &str)) -> Span {
    Span::new(word.0, word.0 + word.1.len())
}

fn insert(at: usize, text: String) -> Edit {
    Edit { span: Span::new(at, at), text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Level, at};
    use crate::source::{Place, Sources};

    /// What a row makes of the code between `[[` and `]]`.
    fn mended(lint: &str, message: &str, marked: &str) -> Option<String> {
        let (start, end) = (marked.find("[[").expect("a start"), marked.find("]]").expect("an end") - 2);
        let text = marked.replace("[[", "").replace("]]", "");
        let file = Sources::default().add("src/main.rs", text.as_str());
        let reported = Reported {
            lint: crate::lints::ALL.iter().find(|one| one.info.id == lint).map(|one| &one.info).expect("a lint"),
            level: Level::Warn,
            finding: at(Place::new(file, Span::new(start, end)), message.into()),
            package: "api".into(),
            fingerprint: String::new(),
            suppressed: None,
        };
        let row = FIXERS.iter().find(|row| row.lint == lint).expect("a row");
        let edits = (row.edits)(&reported, &text)?;
        Some(crate::findings::FileFix::of(file, edits).apply(&text))
    }

    #[test]
    fn every_row_is_of_a_lint() {
        assert!(FIXERS.iter().all(|row| crate::findings::lint(row.lint).is_some()));
    }

    #[test]
    fn a_cache_gets_a_capacity_after_its_builder() {
        let mend = |code: &str| mended("unbounded_caches", "this `moka` cache grows", code);
        assert_eq!(
            mend("let a = [[Cache::builder() // \")\"\n    .build()]];").as_deref(),
            Some("let a = Cache::builder().max_capacity(10_000) // \")\"\n    .build();")
        );
        assert_eq!(mend("[[#[cached]]]"), None);
        assert_eq!(mended("unbounded_caches", "this `lru` cache grows", "[[LruCache::builder()]]"), None);
    }

    #[test]
    fn a_pool_waits_for_a_while_with_a_runtime() {
        let mend = |code: &str| mended("unbounded_pool_waits", "a connection of this `deadpool` pool", code);
        let waits = ".wait_timeout(Some(std::time::Duration::from_secs(5)))";
        assert_eq!(
            mend("use deadpool_postgres::Pool; [[Pool::builder(f(x, (y))).build()]]"),
            Some(format!(
                "use deadpool_postgres::Pool; Pool::builder(f(x, (y))){waits}.runtime(deadpool_postgres::Runtime::Tokio1).build()"
            ))
        );
        assert_eq!(mend("[[Pool::builder(m).runtime(r).build()]]"), Some(format!("Pool::builder(m){waits}.runtime(r).build()")));
        assert_eq!(mend("[[Pool::builder(m).build()]]"), None, "whose runtime is not known");
        assert_eq!(mend("use deadpool_redis as r; use deadpool_postgres as p; [[Pool::builder(m).build()]]"), None);
    }

    #[test]
    fn an_entry_is_written_with_an_hour() {
        let mend = |code: &str| mended("caches_without_expiry", "`redis` entry is written without", code);
        assert_eq!(mend("[[c.set(&k, f(v, 1)?)]].await?").as_deref(), Some("c.set_ex(&k, f(v, 1)?, 3600).await?"));
        assert_eq!(mend("[[c.set::<_, _, ()>(\n  k,\n  v,\n)]]").as_deref(), Some("c.set_ex::<_, _, ()>(\n  k,\n  v, 3600,\n)"));
        assert_eq!(mend("[[c.set_options(k, v, o)]]"), None);
        assert_eq!(mend("[[a.set(k, v).b.c.set(k, d.set(1))]]").as_deref(), Some("a.set(k, v).b.c.set_ex(k, d.set(1), 3600)"));
        assert_eq!(mend("[[c.set(k, v).await]]"), None, "the place is not the call alone");
    }
}
