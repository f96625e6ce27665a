//! Every format that `check` can print, by name.

use super::{Page, cargo, checkstyle, concise, github, gitlab, human, json, jsonl, junit, markdown, rdjson, sarif};

pub struct Format {
    pub name: &'static str,
    /// For whom it is, in a few words.
    pub about: &'static str,
    pub write: fn(&Page) -> String,
}

pub static FORMATS: [Format; 13] = [
    Format { name: "human", about: "drawn for people", write: |page| human(page.report, page.sources, &page.terminal, page.options) },
    Format { name: "concise", about: "one line for each finding", write: |page| concise(page.report, page.sources) },
    Format { name: "json", about: "everything, for programs", write: |page| json(page.report, page.sources) },
    Format { name: "jsonl", about: "the same, a line for each finding", write: jsonl::write },
    Format { name: "sarif", about: "SARIF 2.1.0, for code scanning", write: sarif::write },
    Format { name: "github", about: "annotations of GitHub Actions", write: github::write },
    Format { name: "gitlab", about: "GitLab's code quality report", write: gitlab::write },
    Format { name: "junit", about: "JUnit XML, for lists of failed tests", write: junit::write },
    Format { name: "checkstyle", about: "Checkstyle XML", write: checkstyle::write },
    Format { name: "rdjson", about: "reviewdog's diagnostics", write: rdjson::write },
    Format { name: "markdown", about: "a table for comments and summaries", write: markdown::write },
    Format { name: "cargo", about: "cargo's JSON messages, for rust-analyzer", write: cargo::write },
    Format { name: "none", about: "nothing: the exit code says it", write: |_| String::new() },
];

pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
