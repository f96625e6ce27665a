//! Every lint has its page, its examples and references that can be opened, and says how often it was right.

use moai_backend::findings::Level;
use moai_backend::lints::{ALL, Lint, LintInfo, Reference, Section};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const HEADINGS: &[&str] = &["## What it finds", "## Why", "## What to do instead", "## When to allow", "## Limits", "## Measured"];

fn lints() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lints")
}

fn folder(info: &LintInfo) -> PathBuf {
    lints().join(info.section.id()).join(info.id)
}

/// Fails with everything that is wrong at once.
fn report(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn of_each(wrong: impl Fn(&Lint) -> Vec<String>) {
    assert!(!ALL.is_empty());
    report(ALL.iter().flat_map(|lint| wrong(lint).into_iter().map(|what| format!("{}: {what}", lint.info.id))).collect());
}

#[test]
fn every_lint_has_its_folder_with_all_its_parts() {
    const PARTS: &[&str] = &["mod.rs", "guidance.md", "bad.txt", "bad/Cargo.toml", "good/Cargo.toml"];
    of_each(|lint| {
        let folder = folder(&lint.info);
        let mut wrong: Vec<String> =
            PARTS.iter().filter(|part| !folder.join(part).is_file()).map(|part| format!("{part} is missing")).collect();
        // Cargo leaves folders with a manifest of their own out of the package.
        if folder.join("Cargo.toml").exists() {
            wrong.push("a Cargo.toml directly in the lint's folder keeps the lint out of the package".into());
        }
        wrong
    });
}

#[test]
fn every_folder_is_a_lint_that_is_listed() {
    let listed: BTreeSet<PathBuf> = ALL.iter().map(|lint| folder(&lint.info)).collect();
    assert_eq!(listed.len(), ALL.len(), "two lints share an id");
    let sections = Section::ALL.iter().map(|section| lints().join(section.id())).filter(|section| section.is_dir());
    let folders = sections.flat_map(|section| std::fs::read_dir(section).expect("a folder of this repository can be listed"));
    let folders = folders.map(|entry| entry.expect("so can its entries").path()).filter(|path| path.is_dir());
    report(folders.filter(|folder| !listed.contains(folder)).map(|folder| format!("{} is in no table", folder.display())).collect());
}

#[test]
fn every_page_has_its_headings_in_order() {
    of_each(|lint| {
        let page = lint.info.guidance;
        let title = format!("# `{}`\n", lint.info.id);
        let mut wrong = Vec::new();
        if !page.starts_with(&title) {
            wrong.push(format!("its page does not begin with {title:?}"));
        }
        let headings: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
        if headings != HEADINGS {
            wrong.push(format!("its page has the headings {headings:?}"));
        }
        if !page.contains("```rust") && !page.contains("```sql") {
            wrong.push("its page shows no code".into());
        }
        wrong
    });
}

#[test]
fn every_section_with_lints_has_a_page_with_references_and_related_skills() {
    let sections: BTreeSet<Section> = ALL.iter().map(|lint| lint.info.section).collect();
    let mut wrong = Vec::new();
    for section in sections {
        let page = std::fs::read_to_string(lints().join(section.id()).join("guidance.md")).unwrap_or_default();
        for needed in
            ["## References", "https://", "(accessed 20", "## Related skills", "trust validation", "web API expert", "database expert"]
        {
            // A line may end between two words.
            if !page.split_whitespace().collect::<Vec<_>>().join(" ").contains(needed) {
                wrong.push(format!("{}/guidance.md lacks {needed:?}", section.id()));
            }
        }
        for lint in ALL.iter().filter(|lint| lint.info.section == section && !page.contains(lint.info.id)) {
            wrong.push(format!("{}/guidance.md does not name {}", section.id(), lint.info.id));
        }
    }
    report(wrong);
}

#[test]
fn every_reference_can_be_opened_and_is_dated() {
    of_each(|lint| {
        let references = lint.info.references;
        let mut wrong: Vec<String> =
            references.iter().filter(|reference| !is_well_formed(reference)).map(|reference| format!("{reference:?}")).collect();
        if references.is_empty() {
            wrong.push("it rests on nothing".into());
        }
        let urls: BTreeSet<&str> = references.iter().map(|reference| reference.url).collect();
        if urls.len() != references.len() {
            wrong.push("it names one page twice".into());
        }
        wrong
    });
}

fn is_well_formed(reference: &Reference) -> bool {
    let date: Vec<&str> = reference.accessed.split('-').collect();
    let dated = date.iter().map(|part| part.len()).eq([4, 2, 2]) && date.iter().all(|part| part.parse::<u32>().is_ok());
    reference.url.starts_with("https://") && !reference.url.contains(char::is_whitespace) && !reference.title.is_empty() && dated
}

#[test]
fn summaries_and_help_are_words_for_the_user() {
    of_each(|lint| {
        let sentences = [lint.info.summary, lint.info.help];
        let wrong = sentences.iter().filter(|text| text.is_empty() || text.ends_with('.') || text.starts_with("This "));
        wrong.map(|text| format!("{text:?}")).collect()
    });
}

/// What `explain` prints and what the table says are one measurement.
#[test]
fn the_page_says_how_often_the_lint_was_right() {
    of_each(|lint| {
        let measured = lint.info.measured;
        let sentence = format!("{} found, {} read in the source, {} right", measured.found, measured.read, measured.right);
        let mut wrong = Vec::new();
        if !lint.info.guidance.contains(&sentence) {
            wrong.push(format!("its page does not say {sentence:?}"));
        }
        if measured.right > measured.read || measured.read > measured.found {
            wrong.push(format!("more right than read, or more read than found: {measured:?}"));
        }
        wrong
    });
}

/// Below nine of ten a lint has to be asked for.
#[test]
fn a_lint_that_is_often_wrong_is_off() {
    of_each(|lint| {
        let measured = lint.info.measured;
        let often_wrong = measured.right * 10 < measured.read * 9;
        let off = lint.info.level == Level::Allow;
        if often_wrong && !off { vec![format!("{measured:?} at level {}", lint.info.level.name())] } else { Vec::new() }
    });
}
