//! JUnit XML, as Jenkins' `junit-10.xsd` has it: a suite for each file, a failed case for each finding that fails the run, a skipped
//! one for the others.

use super::Page;
use super::xml::Xml;
use crate::findings::Reported;
use crate::source::Place;

const NAME: &str = "moai-backend";

pub fn write(page: &Page) -> String {
    let findings: Vec<&Reported> = page.open().collect();
    let failures = findings.iter().filter(|reported| fails(reported, page)).count();
    let errors = page.report.problems.len() + page.report.failures.len();
    let all = (findings.len() + errors).max(1);
    let mut xml = Xml::new();
    let counts = [all.to_string(), failures.to_string(), errors.to_string()];
    xml.open("testsuites", &[("name", NAME), ("tests", &counts[0]), ("failures", &counts[1]), ("errors", &counts[2])]);
    for file in findings.chunk_by(|one, other| one.finding.place.file == other.finding.place.file) {
        suite(&mut xml, file, page);
    }
    problems(&mut xml, page, errors);
    if findings.is_empty() && errors == 0 {
        // Readers of these files take an empty one for a run that did not happen.
        xml.open("testsuite", &[("name", NAME), ("tests", "1"), ("failures", "0"), ("errors", "0"), ("skipped", "0")]);
        xml.empty("testcase", &[("name", "check"), ("classname", NAME)]);
        xml.close();
    }
    xml.finish()
}

fn fails(reported: &Reported, page: &Page) -> bool {
    reported.level >= page.fail_on
}

fn suite(xml: &mut Xml, findings: &[&Reported], page: &Page) {
    let path = page.path(findings[0].finding.place.file);
    let failures = findings.iter().filter(|reported| fails(reported, page)).count();
    let counts = [findings.len().to_string(), failures.to_string(), (findings.len() - failures).to_string()];
    let [tests, failures, skipped] = &counts;
    xml.open("testsuite", &[("name", &path), ("tests", tests), ("failures", failures), ("errors", "0"), ("skipped", skipped)]);
    for reported in findings {
        let start = page.region(reported.finding.place).start;
        let name = format!("{} at {path}:{}:{}", reported.lint.id, start.line, start.column);
        xml.open("testcase", &[("name", &name), ("classname", &format!("{NAME}.{}", reported.lint.section.id()))]);
        let outcome = if fails(reported, page) { "failure" } else { "skipped" };
        xml.text(outcome, &[("type", reported.level.name()), ("message", &reported.finding.message)], &page.details(reported));
        xml.close();
    }
    xml.close();
}

fn problems(xml: &mut Xml, page: &Page, errors: usize) {
    if errors == 0 {
        return;
    }
    let count = errors.to_string();
    xml.open("testsuite", &[("name", "not read"), ("tests", &count), ("failures", "0"), ("errors", &count), ("skipped", "0")]);
    let in_files = page.report.problems.iter().map(|problem| {
        let line = page.sources.start(Place::new(problem.file, problem.span)).line;
        (format!("{}:{line}", page.path(problem.file)), &problem.message)
    });
    for (name, message) in in_files.chain(page.report.failures.iter().map(|failure| (NAME.to_string(), failure))) {
        xml.open("testcase", &[("name", &name), ("classname", NAME)]);
        xml.empty("error", &[("type", "problem"), ("message", message)]);
        xml.close();
    }
    xml.close();
}
