//! What `explain-queries` prints: findings, a line for each query, and where migrations and planner disagree.

use super::run::Run;
use crate::findings::{Finding, Level, Report};
use crate::lints::LintInfo;
use crate::live::{Agreement, Answer, Judged, LiveVerdict, Plan, Scan, StaticVerdict, TableSize, judge};
use crate::model::{DataAccess, Evidence, Served, Unserved};
use crate::report::{SCHEMA_VERSION, Terminal, finding_value, render, summary_line};
use crate::words::count;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub struct Explained<'a> {
    pub run: &'a Run,
    pub target: String,
    pub system: &'static str,
    pub server: String,
    pub tables: &'a BTreeMap<String, TableSize>,
    pub queries: Vec<Query<'a>>,
    pub min_rows: u64,
}

/// One text, every place that has it, and the server's answer.
pub struct Query<'a> {
    text: &'a str,
    accesses: &'a [&'a DataAccess],
    answer: &'a Answer,
    judged: Vec<Judged>,
}

/// Lines of a list that are shown; JSON has all.
const MOST: usize = 20;

impl<'a> Query<'a> {
    pub fn new(text: &'a str, accesses: &'a [&'a DataAccess], answer: &'a Answer) -> Self {
        let judged = match answer {
            Answer::Planned(planned) => judge(accesses[0], &planned.structural),
            Answer::NotAsked(_) | Answer::Refused(_) => Vec::new(),
        };
        Self { text, accesses, answer, judged }
    }

    fn plan(&self) -> Option<&'a Plan> {
        match self.answer {
            Answer::Planned(planned) => Some(&planned.plan),
            Answer::NotAsked(_) | Answer::Refused(_) => None,
        }
    }
}

impl Explained<'_> {
    /// Findings of the lint that says the same without a database; its levels and allow comments hold.
    pub fn report(&self) -> Report {
        let lint = crate::findings::lint("unindexed_predicates").expect("the lint is one of ours");
        let analysis = &self.run.analysis;
        let served = analysis.backend.served();
        let found = self.queries.iter().flat_map(|query| self.findings(query, &served)).map(|finding| (lint, finding));
        let found: Vec<(&'static LintInfo, Finding)> = found.collect();
        Report::of(found, &analysis.backend, &self.run.ground(), &analysis.config.levels)
    }

    fn findings(&self, query: &Query, served: &Served) -> Vec<Finding> {
        let Some(plan) = query.plan() else { return Vec::new() };
        let large = |scan: &&Scan| scan.reads_all() && self.rows(&scan.table).is_some_and(|rows| rows >= self.min_rows);
        let mut findings: Vec<Finding> = Vec::new();
        for scan in plan.scans.iter().filter(large) {
            let finding = self.finding(query, plan, scan, served);
            if findings.iter().all(|known| known.identity != finding.identity) {
                findings.push(finding);
            }
        }
        findings
    }

    fn finding(&self, query: &Query, plan: &Plan, scan: &Scan, served: &Served) -> Finding {
        let (access, table) = (query.accesses[0], last(&scan.table));
        let rows = thousands(self.rows(&scan.table).unwrap_or_default());
        let asked = scan.condition.as_deref().or(scan.filter.as_deref()).unwrap_or_default();
        let message = match &scan.index {
            Some(index) => format!("PostgreSQL reads all of the index `{index}` of `{table}` ({rows} rows) on each run of this query"),
            None => format!("PostgreSQL reads all {rows} rows of `{table}` on each run of this query"),
        };
        let plan = format!(
            "the plan: {} on `{}` for `{asked}`, about {} left; the query costs {:.0}",
            scan.node,
            scan.table,
            count(scan.rows as usize, "row"),
            plan.cost
        );
        let mut evidence = vec![Evidence::at(access.place, format!("asks for `{asked}`")), words(plan)];
        evidence.push(words(by_migrations(access, table)));
        if query.accesses.len() > 1 {
            evidence.push(words(format!("the same text stands in {}", count(query.accesses.len() - 1, "more place"))));
        }
        let function = self.run.analysis.backend.function(access.function);
        let on_a_request = query.accesses.iter().any(|access| served.contains(access.function));
        Finding {
            place: access.place,
            message,
            evidence,
            help: help(access, table),
            item: function.path.clone(),
            identity: format!("live {} {asked}", scan.table),
            at_most: (!on_a_request).then_some(Level::Note),
        }
    }

    fn rows(&self, table: &str) -> Option<u64> {
        self.tables.get(table)?.rows
    }

    fn judged(&self) -> impl Iterator<Item = &Judged> {
        self.queries.iter().flat_map(|query| &query.judged)
    }

    fn place(&self, access: &DataAccess) -> String {
        let sources = self.run.sources();
        format!("{}:{}", sources.path(access.place.file), sources.start(access.place).line)
    }

    pub fn human(&self, report: &Report, terminal: &Terminal) -> String {
        let mut text: String = report.open().map(|reported| render(reported, self.run.sources(), terminal) + "\n").collect();
        text += &format!("{}\n{}\n", terminal.style("1", "plans"), self.plans());
        text += &self.not_planned(terminal);
        text +=
            &format!("{}\n{}\n", terminal.style("1", "the migrations' word beside the planner's, by table of a query"), self.agreement());
        text += &format!("{}\n", summary_line(report.summary()));
        self.covered().iter().for_each(|line| text += &format!("{}\n", terminal.style("2", line)));
        text
    }

    fn plans(&self) -> String {
        let mut rows = vec![["AT", "COST", "ROWS", "TABLES", "SORTS"].map(String::from)];
        for query in &self.queries {
            let Some(plan) = query.plan() else { continue };
            let tables: Vec<String> = plan.scans.iter().map(|scan| self.read(scan)).collect();
            let sorts: Vec<String> =
                plan.sorts.iter().map(|sort| format!("{} by {}", thousands(sort.rows as u64), sort.keys.join(", "))).collect();
            let place = self.place(query.accesses[0]);
            rows.push([place, format!("{:.0}", plan.cost), thousands(plan.rows as u64), tables.join(" "), sorts.join("; ")]);
        }
        columns(&rows)
    }

    /// `users=users_pkey`, `events=all(1,200,000)`.
    fn read(&self, scan: &Scan) -> String {
        let table = last(&scan.table);
        match (&scan.index, scan.reads_all()) {
            (Some(index), false) => format!("{table}={index}"),
            (Some(index), true) => format!("{table}=all of {index}"),
            (None, _) => match self.rows(&scan.table) {
                Some(rows) => format!("{table}=all({})", thousands(rows)),
                None => format!("{table}=all(?)"),
            },
        }
    }

    fn not_planned(&self, terminal: &Terminal) -> String {
        let why = |query: &Query| match query.answer {
            Answer::Planned(_) => None,
            Answer::NotAsked(why) => Some(format!("not asked: {why}")),
            Answer::Refused(said) => Some(format!("{} says: {said}", self.system)),
        };
        let lines: Vec<String> =
            self.queries.iter().filter_map(|query| Some(format!("  {} {}", self.place(query.accesses[0]), why(query)?))).collect();
        if lines.is_empty() {
            return String::new();
        }
        let more = lines.len().saturating_sub(MOST);
        let mut text = format!("{}\n{}\n", terminal.style("1;33", "not planned"), lines[..lines.len() - more].join("\n"));
        if more > 0 {
            text += &format!("  and {more} more: `--format json` has all\n");
        }
        text + "\n"
    }

    fn agreement(&self) -> String {
        let agreement = Agreement::of(self.judged());
        let mut rows =
            vec![["MIGRATIONS".to_string()].into_iter().chain(LiveVerdict::ALL.map(|live| said(live.name()))).collect::<Vec<_>>()];
        for by_migrations in StaticVerdict::ALL {
            let counts = LiveVerdict::ALL.map(|live| agreement.count(by_migrations, live).to_string());
            rows.push([said(by_migrations.name())].into_iter().chain(counts).collect());
        }
        let (same, judged) = agreement.share();
        let mut text = columns(&rows);
        text += &match judged {
            0 => "nothing to compare: the migrations judge none of these tables\n".to_string(),
            _ => format!("they agree on {same} of the {judged} that the migrations judge ({:.1} %)\n", 100.0 * same as f64 / judged as f64),
        };
        let differing = self.queries.iter().flat_map(|query| {
            query.judged.iter().filter(|judged| Agreement::differs(judged)).map(|judged| {
                let (by_migrations, by_planner) = (said(judged.by_migrations.name()), said(judged.by_planner.name()));
                format!(
                    "  {} `{}` is {by_migrations} by the migrations, {by_planner} by the planner\n",
                    self.place(query.accesses[0]),
                    judged.table
                )
            })
        });
        text + &differing.take(MOST).collect::<String>()
    }

    fn counts(&self) -> [usize; 3] {
        let of = |wanted: fn(&Answer) -> bool| self.queries.iter().filter(|query| wanted(query.answer)).count();
        [
            of(|answer| matches!(answer, Answer::Planned(_))),
            of(|answer| matches!(answer, Answer::Refused(_))),
            of(|answer| matches!(answer, Answer::NotAsked(_))),
        ]
    }

    /// Queries of production code without a text that could be asked about.
    fn without_text(&self) -> usize {
        let backend = &self.run.analysis.backend;
        let production = |access: &&DataAccess| backend.function(access.function).context == crate::model::Context::Production;
        let unknown = |access: &&DataAccess| (access.text.is_none() || access.dynamic) && !access.control;
        backend.data_accesses.iter().filter(production).filter(unknown).count()
    }

    fn covered(&self) -> [String; 2] {
        let [planned, refused, not_asked] = self.counts();
        let large = self.tables.values().filter(|size| size.rows.is_some_and(|rows| rows >= self.min_rows)).count();
        let unknown = self.tables.values().filter(|size| size.rows.is_none()).count();
        let analyse = if unknown > 0 { ": `ANALYZE` there gives estimates" } else { "" };
        [
            format!(
                "asked {} {} ({}): {planned} of {} planned, {refused} refused, {not_asked} not asked, {} without a text that is known",
                self.system,
                self.server,
                self.target,
                count(self.queries.len(), "text"),
                self.without_text()
            ),
            format!(
                "{}, {large} of {} rows or more, {unknown} never analysed{analyse}",
                count(self.tables.len(), "table"),
                thousands(self.min_rows)
            ),
        ]
    }

    pub fn json(&self, report: &Report) -> String {
        let [planned, refused, not_asked] = self.counts();
        let agreement = Agreement::of(self.judged());
        let by_migrations = |verdict: StaticVerdict| {
            let counts = LiveVerdict::ALL.map(|live| (live.name().to_string(), json!(agreement.count(verdict, live))));
            (verdict.name().to_string(), Value::Object(counts.into_iter().collect()))
        };
        let (same, judged) = agreement.share();
        let sources = self.run.sources();
        let value = json!({
            "schema_version": SCHEMA_VERSION,
            "tool_version": env!("CARGO_PKG_VERSION"),
            "server": { "system": self.system, "version": self.server, "database": self.target },
            "coverage": {
                "texts": self.queries.len(), "planned": planned, "refused": refused, "not_asked": not_asked, "without_text": self.without_text(),
                "min_rows": self.min_rows,
            },
            "tables": self.tables.iter().map(|(name, size)| json!({ "table": name, "rows": size.rows, "bytes": size.bytes })).collect::<Vec<_>>(),
            "queries": self.queries.iter().map(|query| self.query_json(query)).collect::<Vec<_>>(),
            "agreement": {
                "same": same, "judged": judged,
                "pairs": Value::Object(StaticVerdict::ALL.into_iter().map(by_migrations).collect()),
            },
            "findings": report.findings.iter().map(|reported| finding_value(reported, sources)).collect::<Vec<_>>(),
        });
        format!("{value:#}\n")
    }

    fn query_json(&self, query: &Query) -> Value {
        let sources = self.run.sources();
        let backend = &self.run.analysis.backend;
        let place = |access: &&DataAccess| {
            json!({
                "file": sources.path(access.place.file),
                "line": sources.start(access.place).line,
                "function": backend.function(access.function).path,
            })
        };
        let (state, why) = match query.answer {
            Answer::Planned(_) => ("planned", None),
            Answer::NotAsked(why) => ("not_asked", Some(why.to_string())),
            Answer::Refused(said) => ("refused", Some(said.clone())),
        };
        let judged = query
            .judged
            .iter()
            .map(|one| json!({ "table": one.table, "migrations": one.by_migrations.name(), "planner": one.by_planner.name() }));
        json!({
            "places": query.accesses.iter().map(place).collect::<Vec<_>>(),
            "text": query.text,
            "state": state,
            "why": why,
            "plan": query.plan().map(|plan| self.plan_json(plan)),
            "verdicts": judged.collect::<Vec<_>>(),
        })
    }

    fn plan_json(&self, plan: &Plan) -> Value {
        let scan = |scan: &Scan| {
            json!({
                "table": scan.table, "node": scan.node, "index": scan.index, "condition": scan.condition, "filter": scan.filter,
                "first_column": scan.leading, "reads_all": scan.reads_all(), "rows": scan.rows, "table_rows": self.rows(&scan.table),
            })
        };
        json!({
            "cost": plan.cost,
            "rows": plan.rows,
            "scans": plan.scans.iter().map(scan).collect::<Vec<_>>(),
            "sorts": plan.sorts.iter().map(|sort| json!({ "keys": sort.keys, "rows": sort.rows, "limited": sort.limited })).collect::<Vec<_>>(),
        })
    }
}

fn words(what: String) -> Evidence {
    Evidence { place: None, what }
}

fn unserved<'d>(access: &'d DataAccess, table: &str) -> Option<&'d Unserved> {
    access.unserved.iter().find(|one| last(&one.table) == table)
}

fn by_migrations(access: &DataAccess, table: &str) -> String {
    match unserved(access, table) {
        Some(one) if one.behind.is_empty() => format!("the migrations say the same: no index of `{table}` begins with what is asked"),
        Some(one) => format!("the migrations say the same: `{}` holds it, but not first", one.behind.join("`, `")),
        None => match access.served.iter().find(|one| last(&one.table) == table) {
            Some(one) => {
                format!("by the migrations the index `{}` could serve it, yet the planner does without: look at the statistics", one.index)
            }
            None => "the migrations alone do not tell".to_string(),
        },
    }
}

fn help(access: &DataAccess, table: &str) -> String {
    let columns = unserved(access, table).map(|one| one.columns.join(", ")).filter(|columns| !columns.is_empty());
    columns.map_or(String::new(), |columns| format!("in a new migration: `CREATE INDEX ON {table} ({columns})`, then ask again"))
}

fn last(table: &str) -> &str {
    table.rsplit('.').next().unwrap_or(table)
}

/// A verdict in words.
fn said(name: &str) -> String {
    name.replace('_', " ")
}

/// `1,200,000`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// In columns, `-` where there is nothing.
fn columns<R: AsRef<[String]>>(rows: &[R]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (at, cell) in row.as_ref().iter().enumerate() {
            let width = cell.chars().count().max(1);
            match widths.get_mut(at) {
                Some(known) => *known = width.max(*known),
                None => widths.push(width),
            }
        }
    }
    let line = |row: &R| {
        let cells = row.as_ref().iter().zip(&widths).map(|(cell, width)| {
            let cell = if cell.is_empty() { "-" } else { cell };
            format!("{cell:<width$}")
        });
        format!("  {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_readable() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["A", "BB"], ["ccc", ""]].map(|row| row.map(String::from));
        assert_eq!(columns(&rows), "  A    BB\n  ccc  -\n");
    }
}
