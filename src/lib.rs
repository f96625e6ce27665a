//! `cargo moai-backend`: an architect's eye on a Rust backend workspace. It reads, draws the backend, and says what is wrong.
//!
//! # The way through the house
//!
//! The folders are the pipeline, and [`analyse`] is the pipeline on one screen. Each room gives the next one a type that cannot
//! be wrong, and knows nothing of the rooms behind it.
//!
//! | room | takes | gives | the only room that knows |
//! |---|---|---|---|
//! | [`cli`] | arguments | [`Request`] | clap, exit codes, the terminal |
//! | [`git`] | where a hook stands | [`Tree`](git::Tree): the index or a commit, as `Files` | git |
//! | [`workspace`] | a manifest, [`Files`](workspace::Files) | [`Workspace`](workspace::Workspace), text, [`CrateGraph`](resolve::CrateGraph) | cargo |
//! | [`cache`] | a key, a value | the value an earlier run had for that key | how results lie on the disk |
//! | [`config`] | `moai-backend.toml` | [`Config`] | the user's TOML |
//! | [`facts`] | one file's text | [`FileFacts`](facts::FileFacts): items and bodies, owned | syn |
//! | [`knowledge`] | TOML about crates | [`Knowledge`]: which path is a route, a query, a pool | that data |
//! | [`resolve`] | facts, crate graph, declarations | [`Resolved`]: what each name, call and type means | names |
//! | [`sql`] | SQL text, migrations | [`Statement`](model::Statement), [`Schema`](model::Schema) | the SQL parser |
//! | `live` | the text of queries, the address of a database | its plans for them | a running PostgreSQL, the `sqlite3` program |
//! | [`recognize`] | resolved code, knowledge | [`Backend`] | both sides |
//! | [`model`] | | routes, functions, queries, pools, layers: the whiteboard | nobody else |
//! | [`lints`] | [`Backend`] | findings | the model, and nothing else |
//! | [`findings`] | findings, levels, allow comments | [`Report`](findings::Report) | what is suppressed and why |
//! | [`report`] | a report, or the model for `inspect` | bytes | formats |
//!
//! # The walls
//!
//! Three matter most: lints never meet syntax, files or cargo; reports of findings never meet the model; the model meets nobody,
//! because it is the language of the house. If a lint needs a syntax word, the model is missing a word. A test reads our own
//! `use` lines and holds the walls.
//!
//! # What is not known
//!
//! Precision comes first: a wrong finding costs more than a missed one.
//!
//! * A fact that may be absent is a [`Truth`](model::Truth): yes with evidence, no with what was searched, unknown with why. A lint
//!   about something missing fires on *no* only. What is unknown is counted in [`Coverage`](model::Coverage) and shown with every run.
//! * A call has a target, a path outside the workspace, or is [`Unresolved`](resolve::Unresolved). Nothing is matched by bare name.
//! * Trouble is data until the edge: a file that cannot be read is a [`Problem`](facts::Problem) beside the facts of the others, and
//!   a run with problems does not end as if it had found nothing. [`Stop`] is for the cases in which there is nothing to look at.
//! * The same input gives the same bytes, for any number of threads.
//!
//! # What is remembered
//!
//! A [`Cache`](cache::Cache) keeps the facts of a file by its text, and what [`resolve`] found in a file by its text and the outlines of
//! all files: what can be seen from outside of bodies. While only bodies change, only the files that changed are worked out again; where
//! a function comes, changes or goes, those too that contain its name. What old migrations come to is kept by their texts, and what git packs
//! tightly by its name there.
//!
//! What a whole `check` came to is kept as well, by everything that it was asked and all that it read. All reading goes through
//! [`Files`](workspace::Files), so [`Watched`](workspace::Watched) sees each question with its answer, "there is no such file" among them;
//! a later run asks the same questions first, and where all answers are the same it says the same. What a run learns in another way (the
//! date, cargo's word, flags) is part of the key, and has to be. A hook so looks at one tree: it knows what HEAD had.
//!
//! A cache that is missing, broken or of another build is an empty one, and a run says the same with and without it.
//!
//! Nothing of the project is compiled or executed, nothing but the cache is written, and no network is needed. Deep nesting is cut off where
//! files are read, and all work runs in workers with stacks that are large enough for what is left.

pub mod analysis;
pub mod cache;
pub mod cli;
pub mod config;
pub mod facts;
pub mod findings;
pub mod git;
pub mod inspect;

pub mod knowledge;
#[path = "../lints/mod.rs"]
pub mod lints;
#[cfg(feature = "live")]
pub mod live;
pub mod model;
pub mod recognize;
pub mod report;
pub mod resolve;
pub mod source;
pub mod sql;
#[cfg(test)]
pub mod testing;
pub mod words;
pub mod workspace;

pub use analysis::{Analysis, Request, Stop};

use analysis::{Clock, Seen, packages, with_workers};
use config::Config;
use knowledge::Knowledge;
use model::Backend;
use recognize::{Inputs, KnownCalls};
use resolve::Resolved;

/// The pipeline: from a manifest to the model of the backend.
pub fn analyse(request: &Request) -> Result<Analysis, Stop> {
    with_workers(|| pipeline(request))
}

fn pipeline(request: &Request) -> Result<Analysis, Stop> {
    let mut clock = Clock::start(request.progress);
    clock.room("workspace", "reading the workspace");
    let open = || workspace::open(&request.load, request.files, &request.cargo, request.cache);
    let (opened, built_in) = rayon::join(open, Knowledge::built_in);
    let (workspace, mut read) = opened?;
    clock.room("config", "reading the configuration");
    let mut config: Config = request.config(&workspace)?;
    let knowledge: Knowledge = Knowledge::with(&config.knowledge, built_in?)?;
    config.declared.file = config.source.as_ref().map(|source| read.sources.add(source.path.clone(), source.text.clone()));
    clock.room("resolve", "resolving names");
    let mut resolved: Resolved = resolve::resolve(&read.graph, &knowledge, request.cache);
    read.sources.add_written(std::mem::take(&mut resolved.written));
    clock.room("recognize", "drawing the backend");
    let listed = request.list(&workspace);
    let migrations = analysis::add_migrations(request, &workspace, &listed, &mut read.sources);
    let inputs = Inputs {
        resolved: &resolved,
        graph: &read.graph,
        knowledge: &knowledge,
        sources: &read.sources,
        cache: request.cache,
        read: &|path| request.text(&workspace, path),
        files: &listed,
        packages: packages(&workspace),
        migrations,
        is_new: &|path| request.is_new(&workspace, path),
        declared: &config.declared,
        known: KnownCalls::new(&resolved, &read.graph, &knowledge),
    };
    let (mut backend, ()): (Backend, ()) = rayon::join(|| recognize::recognize(&inputs), || request.cache.save());
    request.cache.save();
    let migrations = inputs.migrations;
    backend.coverage.notes.splice(0..0, workspace.notes.iter().chain(&read.notes).cloned());
    let Seen { files, problems } = Seen::by(&resolved, &workspace, &read.graph, read.problems);
    let (sources, graph) = (read.sources, read.graph);
    Ok(Analysis { workspace, config, knowledge, sources, graph, resolved, backend, migrations, files, problems, timings: clock.stop() })
}
