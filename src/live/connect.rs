//! Where the database is, and how to get there. Passwords never leave this file.

use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls, Transaction};
use std::fmt;
use std::time::Duration;

/// A database that can be connected to.
pub struct Target {
    config: Config,
}

/// What went wrong, and what to do about it; without passwords.
#[derive(Debug)]
pub struct LiveError {
    pub message: String,
    pub help: String,
}

impl LiveError {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    pub(super) fn lost(error: postgres::Error) -> Self {
        let said = error.as_db_error().map_or_else(|| causes(&error), |said| said.message().to_string());
        Self::new(format!("the database stopped answering: {said}"), "try again; nothing was changed there")
    }
}

/// The error and what caused it. The client's errors name options and addresses, never values.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        let one_text = one.to_string();
        if !text.contains(&one_text) {
            text = format!("{text}: {one_text}");
        }
        cause = one.source();
    }
    text
}

/// Parameters of a URL that the client knows; others belong to other clients (`statement-cache-capacity` of sqlx).
const KNOWN: &[&str] =
    &["host", "port", "user", "password", "dbname", "options", "application_name", "connect_timeout", "target_session_attrs"];

impl Target {
    /// `postgres://user:password@host:port/database`, as sqlx and libpq write it.
    pub fn parse(url: &str) -> Result<Target, LiveError> {
        let url = url.trim();
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        match scheme {
            "postgres" | "postgresql" => {}
            "mysql" | "mariadb" | "mssql" => {
                let help = "only PostgreSQL and SQLite are asked; `check` judges queries of other databases by the migrations";
                return Err(LiveError::new(format!("the database URL is one of `{scheme}`"), help));
            }
            _ => return Err(not_understood()),
        }
        let (url, tls) = own_parameters(url);
        if tls {
            let help = "no TLS is built in: use a tunnel (`ssh -L 5432:database:5432`), a database on this machine with the production's \
                        statistics, or `sslmode=disable` where the network is yours";
            return Err(LiveError::new("the database URL demands an encrypted connection", help));
        }
        let mut config: Config = url.parse().map_err(|_| not_understood())?;
        config.ssl_mode(SslMode::Disable);
        if config.get_application_name().is_none() {
            config.application_name("cargo-moai-backend");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        Ok(Target { config })
    }

    pub(super) fn connect(&self) -> Result<Client, LiveError> {
        self.config.connect(NoTls).map_err(|error| {
            let said = error.as_db_error().map_or_else(|| causes(&error), |said| said.message().to_string());
            let help =
                "check that the server runs, that the URL is right, and that the user may connect; a role that may only read is enough";
            LiveError::new(format!("cannot connect to {self}: {said}"), help)
        })
    }
}

fn not_understood() -> LiveError {
    let help =
        "write `postgres://user:password@host:5432/database`, with `%40` for an `@` in the password (it is not printed here on purpose)";
    LiveError::new("the database URL cannot be understood", help)
}

/// The URL with the parameters that are ours, and whether it demands TLS.
fn own_parameters(url: &str) -> (String, bool) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_string(), false) };
    let mut tls = false;
    let mut kept = Vec::new();
    for parameter in query.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        tls |= matches!(name, "sslmode" | "ssl-mode") && !matches!(value.to_ascii_lowercase().as_str(), "disable" | "allow" | "prefer");
        if KNOWN.contains(&name) {
            kept.push(parameter);
        }
    }
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    (format!("{base}{query}"), tls)
}

/// `app at localhost:5432`: without user and password.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => format!("{name}:{port}"),
            #[cfg(unix)]
            Some(Host::Unix(path)) => format!("{}, port {port}", path.display()),
            None => "localhost".into(),
        };
        write!(f, "`{}` at {host}", self.config.get_dbname().or(self.config.get_user()).unwrap_or("postgres"))
    }
}

pub(super) struct Version {
    pub number: u32,
    pub text: String,
}

impl Version {
    /// `EXPLAIN (GENERIC_PLAN)` came with PostgreSQL 16.
    pub fn has_generic_plan(&self) -> bool {
        self.number >= 160_000
    }
}

/// `plan_cache_mode` came with PostgreSQL 12.
const OLDEST: u32 = 120_000;

pub(super) fn version(transaction: &mut Transaction) -> Result<Version, LiveError> {
    let setting = "SELECT current_setting('server_version_num'), current_setting('server_version')";
    let row = transaction.query_one(setting, &[]).map_err(LiveError::lost)?;
    let (number, text): (String, String) = (row.get(0), row.get(1));
    let version = Version { number: number.parse().unwrap_or(0), text: text.split(' ').next().unwrap_or_default().to_string() };
    match version.number >= OLDEST {
        true => Ok(version),
        false => Err(LiveError::new(format!("PostgreSQL {} is too old to be asked", version.text), "15 and newer are supported")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(url: &str) -> String {
        let Err(error) = Target::parse(url) else { panic!("{url} was understood") };
        format!("{} {}", error.message, error.help)
    }

    #[test]
    fn a_target_is_named_without_user_and_password() {
        let target = Target::parse("postgres://ada:secret@db.example:5433/app?statement-cache-capacity=0&sslmode=prefer").ok().unwrap();
        assert_eq!(target.to_string(), "`app` at db.example:5433");
    }

    #[test]
    fn urls_that_are_not_understood_are_not_repeated() {
        for url in ["secret", "postgres://ada:sec?ret=secret@db:port/app", "postgres://ada:secret@db:port/app"] {
            if let Err(error) = Target::parse(url) {
                assert!(!format!("{error:?}").contains("secret"), "{error:?}");
            }
        }
        assert!(error("postgres://ada:secret@db:port/app").contains("cannot be understood"));
    }

    #[test]
    fn other_databases_and_encrypted_connections_are_refused_with_a_reason() {
        assert!(error("mysql://root:secret@db/app").contains("one of `mysql`"));
        let said = error("postgres://ada:secret@db/app?sslmode=verify-full");
        assert!(said.contains("encrypted") && !said.contains("secret"), "{said}");
    }
}
