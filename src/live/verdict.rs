//! What the migrations say of a query beside what the planner says.

use super::Plan;
use crate::model::DataAccess;
use std::collections::{BTreeMap, BTreeSet};

/// By the migrations alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StaticVerdict {
    Served,
    /// An index holds the column, but not first.
    Behind,
    Unserved,
    /// Nothing is asked of the table, or not everything about it is known.
    NotJudged,
}

/// By the planner, with sequential scans priced out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LiveVerdict {
    Served,
    /// Found in an index by a column that it does not begin with.
    Behind,
    Unserved,
    /// Read without a condition.
    Unasked,
}

impl StaticVerdict {
    pub const ALL: [StaticVerdict; 4] = [StaticVerdict::Served, StaticVerdict::Behind, StaticVerdict::Unserved, StaticVerdict::NotJudged];

    pub fn name(self) -> &'static str {
        match self {
            StaticVerdict::Served => "served",
            StaticVerdict::Behind => "behind",
            StaticVerdict::Unserved => "unserved",
            StaticVerdict::NotJudged => "not_judged",
        }
    }
}

impl LiveVerdict {
    pub const ALL: [LiveVerdict; 4] = [LiveVerdict::Served, LiveVerdict::Behind, LiveVerdict::Unserved, LiveVerdict::Unasked];

    pub fn name(self) -> &'static str {
        match self {
            LiveVerdict::Served => "served",
            LiveVerdict::Behind => "behind",
            LiveVerdict::Unserved => "unserved",
            LiveVerdict::Unasked => "unasked",
        }
    }
}

/// Both verdicts about one table of one query.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub table: String,
    pub by_migrations: StaticVerdict,
    pub by_planner: LiveVerdict,
}

/// Every table that the plan reads.
pub fn judge(access: &DataAccess, structural: &Plan) -> Vec<Judged> {
    let mut live: BTreeMap<&str, LiveVerdict> = BTreeMap::new();
    for scan in &structural.scans {
        let verdict = match (&scan.condition, &scan.filter) {
            (Some(_), _) if scan.leading => LiveVerdict::Served,
            (Some(_), _) => LiveVerdict::Behind,
            (None, Some(_)) => LiveVerdict::Unserved,
            (None, None) => LiveVerdict::Unasked,
        };
        let known = live.entry(last(&scan.table)).or_insert(verdict);
        *known = worse(*known, verdict);
    }
    live.into_iter()
        .map(|(table, by_planner)| Judged { table: table.to_string(), by_migrations: by_migrations(access, table), by_planner })
        .collect()
}

/// A table that is read twice is judged by the worse of both.
fn worse(one: LiveVerdict, other: LiveVerdict) -> LiveVerdict {
    let rank = |verdict| match verdict {
        LiveVerdict::Unserved => 3,
        LiveVerdict::Behind => 2,
        LiveVerdict::Served => 1,
        LiveVerdict::Unasked => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}

fn by_migrations(access: &DataAccess, table: &str) -> StaticVerdict {
    let unserved = || access.unserved.iter().filter(|one| last(&one.table) == table);
    if unserved().any(|one| one.behind.is_empty()) {
        StaticVerdict::Unserved
    } else if unserved().count() > 0 {
        StaticVerdict::Behind
    } else if access.served.iter().any(|one| last(&one.table) == table) {
        StaticVerdict::Served
    } else {
        StaticVerdict::NotJudged
    }
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// How often which verdict met which.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agreement {
    pairs: BTreeMap<(StaticVerdict, LiveVerdict), usize>,
}

impl Agreement {
    pub fn of<'j>(judged: impl IntoIterator<Item = &'j Judged>) -> Self {
        let mut agreement = Self::default();
        for one in judged {
            *agreement.pairs.entry((one.by_migrations, one.by_planner)).or_default() += 1;
        }
        agreement
    }

    pub fn count(&self, by_migrations: StaticVerdict, by_planner: LiveVerdict) -> usize {
        self.pairs.get(&(by_migrations, by_planner)).copied().unwrap_or(0)
    }

    /// Pairs that the migrations judge, and those of them on which the planner agrees.
    pub fn share(&self) -> (usize, usize) {
        let judged = |(by_migrations, _): &(StaticVerdict, LiveVerdict)| *by_migrations != StaticVerdict::NotJudged;
        let same = |(by_migrations, by_planner): &(StaticVerdict, LiveVerdict)| by_migrations.name() == by_planner.name();
        let sum = |wanted: &dyn Fn(&(StaticVerdict, LiveVerdict)) -> bool| {
            self.pairs.iter().filter(|(pair, _)| judged(pair) && wanted(pair)).map(|(_, count)| count).sum()
        };
        (sum(&same), sum(&|_| true))
    }

    /// Pairs on which they differ, for lists.
    pub fn differs(judged: &Judged) -> bool {
        judged.by_migrations != StaticVerdict::NotJudged && judged.by_migrations.name() != judged.by_planner.name()
    }

    pub fn tables<'j>(judged: impl IntoIterator<Item = &'j Judged>) -> BTreeSet<&'j str> {
        judged.into_iter().map(|one| one.table.as_str()).collect()
    }
}
