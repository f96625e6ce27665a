//! What we know about crates, as data: `*.toml` beside this file and the user's own files of the same form.
//!
//! A file holds `[[crate]]` blocks. A block has four parts:
//!
//! * `declarations`: the part of the crate's public interface that backends use, in Rust (bodies empty: `fn begin(&self) -> Result<Tx> {}`).
//!   [`crate::resolve`] loads it as if it were the crate's source, so re-exports, aliases, generics and methods of foreign types
//!   resolve like the workspace's own.
//! * `[[crate.function]]`, `[[crate.type]]`, `[[crate.macro]]`, `[[crate.attribute]]`: what the things at these canonical paths *do* ([`Does`], [`TypeRole`]).
//! * `routes` and `carries`: what the crate is to the composition of routers.
//! * `versions`: the Cargo version requirement the block speaks for. A row may narrow it with its own.
//!
//! Rules for `declarations`, which are read by the same code as the workspace's own sources:
//!
//! * The text is the crate's root module. Methods and functions have empty bodies `{}`; trait methods without a default end in `;`.
//! * Paths resolve as in edition 2021: `std`, and every crate that knowledge knows under its library name (`http::HeaderMap`).
//!   A crate that is not known may be named too; its types stay opaque. The std prelude is in scope, `async fn` and `impl Trait` mean what they mean.
//! * Visibility, lifetimes, `Sized` and auto traits (`Send`, `Sync`) do not matter. Bounds matter where they say something about a type:
//!   `F: FnOnce(A) -> B`, `F: Future<Output = T>`, `I: IntoIterator<Item = T>`.
//! * `impl Deref for X { type Target = Y; }`, `impl Future for X { type Output = Y; }`, `impl Iterator for X { type Item = Y; }` are believed.
//! * A method that is not declared on a declared type resolves to `crate::Type::method` with an unknown type: declare what returns something useful.
//! * A macro is a function with `#[declared_macro]`: it is named `m!` instead of `m()`, and the macro call has the function's return type, its
//!   arguments the parameters' types as far as they match in number. A parameter named `ty` is an argument that names a type:
//!   `#[declared_macro] pub fn query_as<T>(ty: T, sql: &str) -> Map<T> {}`.
//! * A type's derives count (`#[derive(Clone, Debug)]`), but every type is taken to be `Clone`, `Debug`, `Display` and comparable anyway.
//!
//! Canonical path: where `declarations` define the item (`sqlx::Pool::begin`), never where a re-export shows it.
//! This room reads data; it knows neither syntax nor the workspace.

mod built_in;
mod data;
mod reader;
mod routing;

pub use data::*;
pub use reader::*;
pub use routing::*;

use semver::VersionReq;
use serde::Deserialize;

/// One `[[crate]]` block.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrateKnowledge {
    /// Package name, as in Cargo.lock.
    pub name: String,
    #[serde(default = "any_version")]
    pub versions: VersionReq,
    /// Rust declarations; see the module docs.
    #[serde(default)]
    pub declarations: String,
    /// Whether it is a web framework or server, and whether its routes are read.
    pub routes: Option<Routes>,
    /// Calls that hand on or run what they are given and put nothing around it: all below a path (`tokio::`, `tower::ServiceExt::`), or
    /// methods by name (`map`) for where the receiver's type is not known.
    #[serde(default)]
    pub carries: Vec<String>,
    #[serde(default)]
    pub function: Vec<FunctionKnowledge>,
    #[serde(default, rename = "type")]
    pub types: Vec<TypeKnowledge>,
    #[serde(default, rename = "macro")]
    pub macros: Vec<FunctionKnowledge>,
    #[serde(default)]
    pub attribute: Vec<FunctionKnowledge>,
}

/// Whether the routes of a web framework are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routes {
    Read,
    /// They are registered in ways that nothing here reads; every run says so.
    Unread,
}

fn any_version() -> VersionReq {
    VersionReq::STAR
}

/// What functions, methods, macros or attributes at these paths do. A method's path is `crate::Type::method` or `crate::Trait::method`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionKnowledge {
    pub paths: Vec<String>,
    #[serde(default = "any_version")]
    pub versions: VersionReq,
    /// One or more effects: `does = ["commit"]`, `does = [{ query = { sql = 0 } }]`.
    #[serde(default)]
    pub does: Vec<Does>,
    /// Where the fact was read.
    #[serde(default)]
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeKnowledge {
    pub paths: Vec<String>,
    #[serde(default = "any_version")]
    pub versions: VersionReq,
    #[serde(default)]
    pub roles: Vec<TypeRole>,
    /// For connections, and for what stands for them in the type of a pool's: the method that prepares a text once and keeps the
    /// statement, where `prepare` does not.
    #[serde(default)]
    pub statement_cache: Option<String>,
    #[serde(default)]
    pub source: String,
}

/// What a call does. Argument positions are 0-based and do not count the receiver.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// Builds or changes a router, endpoint or middleware stack.
    Routing(Routing),
    /// A call in a body that proves the request is limited: `governor::RateLimiter::check_key`.
    LimitsRate,
    /// Verifies a password, token or one-time code.
    ChecksCredential,
    /// Runs its closure at most once: `OnceLock::get_or_init`, `LazyLock::new`.
    RunsOnce,
    /// Starts its argument as a task or thread of its own: what the argument does is not done by the caller in its own time.
    Spawns,
    /// Runs its closure off the async worker: `spawn_blocking`, `web::block`.
    Offloads,

    /// Takes SQL text: argument `sql` (`None`: the text comes from elsewhere, as with diesel's DSL).
    Query(Query),
    /// Runs a query built before: `.fetch_all(&pool)`, `.load(conn)`.
    Execute(Execute),
    PoolNew(PoolNew),
    /// Sets an option of a pool, client or cache being built.
    Option(BuilderOption),
    /// Opens one connection that no pool holds.
    Connect(Connect),
    /// Takes a connection out of a pool.
    Acquire(Acquire),
    /// Starts a transaction.
    Begin(Acquire),
    Commit,
    Rollback,
    Migrate,

    ClientNew(ClientNew),
    /// Sends something to another system: `http`, `smtp`, `object_store`, `queue`, `grpc`.
    Sends {
        system: System,
    },
    /// Takes messages from a broker.
    Consumes,

    CacheNew(CacheNew),
    CacheRead,
    CacheWrite(CacheWrite),
    CacheRemove,
    /// Goes through every key of the server to answer (`KEYS`), while the others wait.
    CacheWalk,
    /// Removes every key of the server or database (`FLUSHALL`).
    CacheFlush,
    /// Sets the expiry of an existing entry.
    CacheExpire,
    /// One of the above, by the name of a command given as text.
    CacheCommand(CacheCommand),
}
