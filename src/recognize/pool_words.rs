//! What the name of a pool says about it: `read_pool`, `db_replica`, `primary_database`. Whole words count, never parts of them.

use crate::model::PoolRole;

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    /// A word that is about databases only: `replica`.
    Surely(PoolRole),
    /// A word that means many things, beside one that says pool, or alone: `read_pool`, `reader`.
    Likely(PoolRole),
    /// One or the other: `read_prefer_primary`.
    Either,
}

impl Said {
    /// Where nothing but the name tells that it is a pool's: every word has to be one of those used for pools, and a word that means
    /// many things does not stand alone.
    pub fn of_strict(name: &str) -> Said {
        let words = words(name);
        let is = |word: &String, set: &[&str]| set.contains(&word.as_str());
        let known = |word: &String| [REPLICA, LIKE_REPLICA, PRIMARY, LIKE_PRIMARY, HANDLE, EITHER].iter().any(|set| is(word, set));
        match Said::of(name) {
            Said::Likely(_) if !words.iter().any(|word| is(word, HANDLE)) => Said::Nothing,
            said if words.iter().all(known) => said,
            _ => Said::Nothing,
        }
    }

    pub fn of(name: &str) -> Said {
        let words = words(name);
        let has = |set: &[&str]| words.iter().any(|word| set.contains(&word.as_str()));
        let is_alone_or_of_a_pool = words.len() == 1 || has(HANDLE);
        let read_only = words.windows(2).any(|pair| pair[0] == "read" && pair[1] == "only");
        let replica = has(REPLICA) || read_only;
        let like_replica = has(LIKE_REPLICA) && is_alone_or_of_a_pool;
        let primary = has(PRIMARY);
        let like_primary = has(LIKE_PRIMARY) && is_alone_or_of_a_pool;
        match (replica || like_replica, primary || like_primary) {
            (false, false) => Said::Nothing,
            _ if has(EITHER) => Said::Either,
            (true, true) => Said::Either,
            (true, false) if replica => Said::Surely(PoolRole::Replica),
            (true, false) => Said::Likely(PoolRole::Replica),
            (false, true) if primary => Said::Surely(PoolRole::Primary),
            (false, true) => Said::Likely(PoolRole::Primary),
        }
    }
}

/// Whether a name of this kind shows that a database has a replica. `read_pool` alone does not: many a program keeps its readers from its
/// writers with two pools for one database.
pub(super) fn shows_a_replica(name: &str) -> bool {
    let words = words(name);
    match Said::of(name) {
        Said::Surely(PoolRole::Replica) => words.len() > 1 || ["replica", "standby"].contains(&words[0].as_str()),
        Said::Likely(PoolRole::Replica) => words.iter().any(|word| ADDRESS.contains(&word.as_str())),
        _ => false,
    }
}

const ADDRESS: &[&str] = &["dsn", "host", "uri", "url"];
const REPLICA: &[&str] = &["replica", "replicas", "follower", "standby", "readonly", "ro"];
const LIKE_REPLICA: &[&str] = &["read", "reader", "readers", "reading"];
const PRIMARY: &[&str] = &["primary", "master", "rw", "readwrite"];
const LIKE_PRIMARY: &[&str] = &["write", "writer", "leader"];
const EITHER: &[&str] = &["prefer", "preferred", "fallback", "or", "either", "any", "maybe"];
const HANDLE: &[&str] = &[
    "acquire",
    "client",
    "clients",
    "conn",
    "connection",
    "connections",
    "conns",
    "core",
    "database",
    "databases",
    "db",
    "dsn",
    "get",
    "mysql",
    "only",
    "pg",
    "pool",
    "pools",
    "postgres",
    "resource",
    "sql",
    "storage",
    "store",
    "uri",
    "url",
    "with",
];

/// `read_pool`, `readPool` and `ReadPool` are `read` and `pool`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_after_small = false;
    let mut begins = true;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            begins = true;
            continue;
        }
        if begins || letter.is_uppercase() && is_after_small {
            words.push(String::new());
        }
        words.last_mut().expect("the first letter begins a word").extend(letter.to_lowercase());
        (begins, is_after_small) = (false, letter.is_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_of_a_name_say_which_pool_it_is() {
        let replica = ["replica_database", "read_replica", "db_ro", "ReplicaPool", "readonly_pool", "read_only_pool", "DB_REPLICA_URL"];
        replica.iter().for_each(|name| assert_eq!(Said::of(name), Said::Surely(PoolRole::Replica), "{name}"));
        let likely = ["read_pool", "db_read", "reader", "get_read_conn", "READ_DATABASE_URL"];
        likely.iter().for_each(|name| assert_eq!(Said::of(name), Said::Likely(PoolRole::Replica), "{name}"));
        assert_eq!(Said::of("primary_database"), Said::Surely(PoolRole::Primary));
        assert_eq!(Said::of("db_write"), Said::Likely(PoolRole::Primary));
    }

    #[test]
    fn a_pool_to_read_from_may_be_for_the_same_database() {
        for name in ["replica", "replica_database", "db_ro", "ReadReplica", "read_only_pool", "READ_DATABASE_URL", "db_read_dsn"] {
            assert!(shows_a_replica(name), "{name}");
        }
        for name in ["read_pool", "reader", "db_read", "get_read_conn", "readonly", "replicas", "write_url", "url"] {
            assert!(!shows_a_replica(name), "{name}");
        }
    }

    #[test]
    fn parts_of_words_and_words_for_other_things_say_nothing() {
        for name in
            ["thread_pool", "spreader", "pool", "db", "read_file", "read_timeout", "route", "ready_conn", "roles", "replication_slot"]
        {
            assert_eq!(Said::of(name), Said::Nothing, "{name}");
        }
        assert_eq!(Said::of_strict("replica_manager"), Said::Nothing);
        assert_eq!(Said::of_strict("reader"), Said::Nothing);
        assert_eq!(Said::of_strict("replica_pool"), Said::Surely(PoolRole::Replica));
    }

    #[test]
    fn one_or_the_other_is_neither() {
        for name in ["db_read_prefer_primary", "replica_or_primary", "read_write_pool"] {
            assert_eq!(Said::of(name), Said::Either, "{name}");
        }
    }
}
