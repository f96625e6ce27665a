//! Checkstyle XML, version 4.3: files with errors in them.

use super::Page;
use super::xml::Xml;
use crate::findings::{Level, Reported};

pub fn write(page: &Page) -> String {
    let mut xml = Xml::new();
    xml.open("checkstyle", &[("version", "4.3")]);
    let findings: Vec<&Reported> = page.open().collect();
    for file in findings.chunk_by(|one, other| one.finding.place.file == other.finding.place.file) {
        xml.open("file", &[("name", &page.path(file[0].finding.place.file))]);
        file.iter().for_each(|reported| error(&mut xml, reported, page));
        xml.close();
    }
    for problem in &page.report.problems {
        let line = page.sources.start(crate::source::Place::new(problem.file, problem.span)).line.to_string();
        xml.open("file", &[("name", &page.path(problem.file))]);
        xml.empty("error", &[("line", &line), ("severity", "error"), ("message", &problem.message), ("source", "moai-backend.unread")]);
        xml.close();
    }
    xml.finish()
}

fn error(xml: &mut Xml, reported: &Reported, page: &Page) {
    let start = page.region(reported.finding.place).start;
    let severity = match reported.level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Note | Level::Allow => "info",
    };
    xml.empty(
        "error",
        &[
            ("line", &start.line.to_string()),
            ("column", &start.column.to_string()),
            ("severity", severity),
            ("message", &reported.finding.message),
            ("source", &format!("moai-backend.{}", reported.lint.id)),
        ],
    );
}
