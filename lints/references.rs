//! The pages that lints rest on: each once, as data. AWS pages are given by the framework's id and a dated edition, for their "latest" texts change.

use super::Reference;

const ACCESSED: &str = "2026-11-23";

const fn page(title: &'static str, url: &'static str, version: &'static str) -> Reference {
    Reference { title, url, version, accessed: ACCESSED }
}

pub const AWS_THROTTLE: Reference = page(
    "AWS Well-Architected Framework, REL05-BP02 Throttle requests",
    "https://docs.aws.amazon.com/wellarchitected/2024-06-27/framework/rel_mitigate_interaction_failure_throttle_requests.html",
    "2024-06-27",
);
pub const AWS_CLIENT_TIMEOUTS: Reference = page(
    "AWS Well-Architected Framework, REL05-BP05 Set client timeouts",
    "https://docs.aws.amazon.com/wellarchitected/2024-06-27/framework/rel_mitigate_interaction_failure_client_timeouts.html",
    "2024-06-27",
);
pub const AWS_FAIL_FAST: Reference = page(
    "AWS Well-Architected Framework, REL05-BP04 Fail fast and limit queues",
    "https://docs.aws.amazon.com/wellarchitected/2024-06-27/framework/rel_mitigate_interaction_failure_fail_fast.html",
    "2024-06-27",
);
pub const AWS_CACHING: Reference = page(
    "AWS Well-Architected Framework, PERF03-BP05 Implement data access patterns that utilize caching",
    "https://docs.aws.amazon.com/wellarchitected/2024-06-27/framework/perf_data_access_patterns_caching.html",
    "2024-06-27",
);
pub const AWS_QUERY_PERFORMANCE: Reference = page(
    "AWS Well-Architected Framework, PERF03-BP04 Implement strategies to improve query performance in data store",
    "https://docs.aws.amazon.com/wellarchitected/2024-06-27/framework/perf_data_implement_strategies_to_improve_query_performance.html",
    "2024-06-27",
);
pub const AWS_SDK_BEST_PRACTICES: Reference = page(
    "AWS SDK for Rust, best practices: reuse an SDK client when possible",
    "https://docs.aws.amazon.com/sdk-for-rust/latest/dg/best-practices.html",
    "",
);
pub const AWS_BUILDERS_CACHING: Reference = page(
    "Amazon Builders' Library, Caching challenges and strategies",
    "https://aws.amazon.com/builders-library/caching-challenges-and-strategies/",
    "",
);
pub const TWELVE_FACTOR_BACKING_SERVICES: Reference =
    page("The Twelve-Factor App, IV. Backing services", "https://12factor.net/backing-services", "");
pub const TWELVE_FACTOR_PROCESSES: Reference = page("The Twelve-Factor App, VI. Processes", "https://12factor.net/processes", "");
pub const TWELVE_FACTOR_CONCURRENCY: Reference = page("The Twelve-Factor App, VIII. Concurrency", "https://12factor.net/concurrency", "");
pub const AZURE_IMPROPER_INSTANTIATION: Reference = page(
    "Azure Architecture Center, Improper Instantiation antipattern",
    "https://learn.microsoft.com/azure/architecture/antipatterns/improper-instantiation/",
    "",
);
pub const AZURE_CACHE_ASIDE: Reference =
    page("Azure Architecture Center, Cache-Aside pattern", "https://learn.microsoft.com/azure/architecture/patterns/cache-aside", "");
pub const AZURE_NO_CACHING: Reference = page(
    "Azure Architecture Center, No Caching antipattern",
    "https://learn.microsoft.com/azure/architecture/antipatterns/no-caching/",
    "",
);
pub const OWASP_AUTHENTICATION: Reference = page(
    "OWASP API Security Top 10, API2:2023 Broken Authentication",
    "https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/",
    "2023",
);
pub const OWASP_RESOURCES: Reference = page(
    "OWASP API Security Top 10, API4:2023 Unrestricted Resource Consumption",
    "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
    "2023",
);
pub const CWE_307: Reference =
    page("CWE-307: Improper Restriction of Excessive Authentication Attempts", "https://cwe.mitre.org/data/definitions/307.html", "");
pub const CWE_770: Reference =
    page("CWE-770: Allocation of Resources Without Limits or Throttling", "https://cwe.mitre.org/data/definitions/770.html", "");
pub const RFC_6585: Reference =
    page("RFC 6585, section 4: 429 Too Many Requests", "https://www.rfc-editor.org/rfc/rfc6585#section-4", "2012-04");
pub const RFC_9111: Reference =
    page("RFC 9111, HTTP Caching, section 4.2: Freshness", "https://www.rfc-editor.org/rfc/rfc9111#section-4.2", "2022-06");
pub const SQLX_POOL: Reference = page("sqlx, `Pool`: why use a pool?", "https://docs.rs/sqlx/0.8.6/sqlx/struct.Pool.html", "0.8.6");
pub const DEADPOOL_TIMEOUTS: Reference =
    page("deadpool, `Timeouts`: none by default", "https://docs.rs/deadpool/0.12.3/deadpool/managed/struct.Timeouts.html", "0.12.3");
pub const DEADPOOL_STATEMENT_CACHE: Reference = page(
    "deadpool-postgres, change log: `prepare_cached` since 0.8.0, and `prepare` no longer caches",
    "https://docs.rs/crate/deadpool-postgres/0.14.2/source/CHANGELOG.md",
    "0.14.2",
);
pub const POSTGRES_PREPARE: Reference = page("PostgreSQL 17, `PREPARE`", "https://www.postgresql.org/docs/17/sql-prepare.html", "17");
pub const RUSQLITE_PREPARE_CACHED: Reference = page(
    "rusqlite, `Connection::prepare_cached`",
    "https://docs.rs/rusqlite/0.37.0/rusqlite/struct.Connection.html#method.prepare_cached",
    "0.37.0",
);
pub const SYNCSTORAGE_LOCKUP: Reference = page(
    "syncstorage-rs #973: a deadpool without timeouts, in production",
    "https://github.com/mozilla-services/syncstorage-rs/issues/973",
    "",
);
pub const HIKARI_POOL_SIZING: Reference =
    page("HikariCP, About Pool Sizing: pool-locking", "https://github.com/brettwooldridge/HikariCP/wiki/About-Pool-Sizing", "");
pub const REDIS_MULTIPLEXED: Reference = page(
    "redis, `MultiplexedConnection`: cheap to clone, made to be shared",
    "https://docs.rs/redis/0.32.7/redis/aio/struct.MultiplexedConnection.html",
    "0.32.7",
);
pub const REDIS_EXPIRE: Reference =
    page("Redis, `EXPIRE`: keys with an expire and keys without", "https://redis.io/docs/latest/commands/expire/", "");
pub const MOKA_CAPACITY: Reference = page(
    "moka, `CacheBuilder`: max_capacity and expiration",
    "https://docs.rs/moka/0.12.11/moka/future/struct.CacheBuilder.html",
    "0.12.11",
);
pub const MOKA_GET_WITH: Reference = page(
    "moka, `Cache::get_with`: concurrent calls on one key evaluate one future",
    "https://docs.rs/moka/0.12.11/moka/future/struct.Cache.html#method.get_with",
    "0.12.11",
);
pub const REQWEST_CLIENT: Reference =
    page("reqwest, `Client`: create one and reuse it", "https://docs.rs/reqwest/0.12.24/reqwest/struct.Client.html", "0.12.24");
pub const RABBITMQ_CHURN: Reference =
    page("RabbitMQ, Connections: high connection churn", "https://www.rabbitmq.com/docs/connections#high-connection-churn", "");
pub const POSTGRES_CONNECTIONS: Reference = page(
    "PostgreSQL 18, 19.3 Connections and authentication: max_connections",
    "https://www.postgresql.org/docs/18/runtime-config-connection.html#GUC-MAX-CONNECTIONS",
    "18",
);
pub const AWS_BUSINESS_DOMAINS: Reference = page(
    "AWS Well-Architected Framework, REL03-BP02 Build services focused on specific business domains and functionality",
    "https://docs.aws.amazon.com/wellarchitected/2024-06-27/framework/rel_service_architecture_business_domains.html",
    "2024-06-27",
);
pub const FOWLER_LAYERS: Reference = page(
    "Martin Fowler, Presentation Domain Data Layering",
    "https://martinfowler.com/bliki/PresentationDomainDataLayering.html",
    "2015-08-26",
);
pub const FOWLER_SERVICE_LAYER: Reference =
    page("Patterns of Enterprise Application Architecture, Service Layer", "https://martinfowler.com/eaaCatalog/serviceLayer.html", "");
pub const FOWLER_REPOSITORY: Reference =
    page("Patterns of Enterprise Application Architecture, Repository", "https://martinfowler.com/eaaCatalog/repository.html", "");
pub const HEXAGONAL: Reference =
    page("Alistair Cockburn, Hexagonal Architecture (Ports and Adapters)", "https://alistair.cockburn.us/hexagonal-architecture/", "2005");
pub const MODULITH_VERIFICATION: Reference = page(
    "Spring Modulith, Verifying Application Module Structure: no cycles on the application module level",
    "https://docs.spring.io/spring-modulith/reference/verification.html",
    "2.0",
);
pub const REDIS_KEYS: Reference =
    page("Redis, `KEYS`: do not use it in regular application code", "https://redis.io/docs/latest/commands/keys/", "");
pub const REDIS_SCAN: Reference = page("Redis, `SCAN`: keys in small steps", "https://redis.io/docs/latest/commands/scan/", "");
pub const REDIS_FLUSHALL: Reference =
    page("Redis, `FLUSHALL`: all the keys of all the databases", "https://redis.io/docs/latest/commands/flushall/", "");
pub const TOKIO_SPAWN_BLOCKING: Reference = page(
    "tokio, `spawn_blocking`: where blocking is acceptable",
    "https://docs.rs/tokio/1.48.0/tokio/task/fn.spawn_blocking.html",
    "1.48.0",
);
pub const TOKIO_BLOCKING: Reference = page(
    "tokio, CPU-bound tasks and blocking code",
    "https://docs.rs/tokio/1.48.0/tokio/index.html#cpu-bound-tasks-and-blocking-code",
    "1.48.0",
);
pub const ACTIX_BLOCK: Reference = page("actix-web, Databases: `web::block`", "https://actix.rs/docs/databases/", "4");
pub const POSTGRES_ADVISORY_LOCKS: Reference = page(
    "PostgreSQL 18, 13.3.5 Advisory Locks: held until the session ends",
    "https://www.postgresql.org/docs/18/explicit-locking.html#ADVISORY-LOCKS",
    "18",
);
pub const POSTGRES_SET: Reference =
    page("PostgreSQL 18, `SET`: the current session", "https://www.postgresql.org/docs/18/sql-set.html", "18");
pub const REDIS_PIPELINING: Reference =
    page("Redis, Pipelining: round-trip time", "https://redis.io/docs/latest/develop/using-commands/pipelining/", "");
pub const REDIS_MGET: Reference = page("Redis, `MGET`: the values of all keys", "https://redis.io/docs/latest/commands/mget/", "");
pub const AZURE_CHATTY_IO: Reference =
    page("Azure Architecture Center, Chatty I/O antipattern", "https://learn.microsoft.com/azure/architecture/antipatterns/chatty-io/", "");
pub const AZURE_EXTRANEOUS_FETCHING: Reference = page(
    "Azure Architecture Center, Extraneous Fetching antipattern",
    "https://learn.microsoft.com/azure/architecture/antipatterns/extraneous-fetching/",
    "",
);
pub const POSTGRES_MULTICOLUMN: Reference =
    page("PostgreSQL 17, Multicolumn Indexes", "https://www.postgresql.org/docs/17/indexes-multicolumn.html", "17");
pub const POSTGRES_TRIGRAMS: Reference =
    page("PostgreSQL 17, pg_trgm: index support", "https://www.postgresql.org/docs/17/pgtrgm.html#PGTRGM-INDEX", "17");
pub const POSTGRES_TEXT_SEARCH: Reference =
    page("PostgreSQL 17, Full Text Search", "https://www.postgresql.org/docs/17/textsearch-intro.html", "17");
pub const SQLX_TRANSACTION: Reference = page("sqlx 0.8.6, Transaction", "https://docs.rs/sqlx/0.8.6/sqlx/struct.Transaction.html", "0.8.6");
pub const POSTGRES_HOT_STANDBY: Reference = page(
    "PostgreSQL 17, Hot Standby: what a standby refuses, and that it is behind the primary",
    "https://www.postgresql.org/docs/17/hot-standby.html#HOT-STANDBY-USERS",
    "17",
);
pub const POSTGRES_PARTITION_PRUNING: Reference = page(
    "PostgreSQL 17, Table Partitioning: partition pruning",
    "https://www.postgresql.org/docs/17/ddl-partitioning.html#DDL-PARTITION-PRUNING",
    "17",
);
pub const AZURE_SHARDING: Reference =
    page("Azure Architecture Center, Sharding pattern", "https://learn.microsoft.com/azure/architecture/patterns/sharding", "");
pub const AURORA_WRITE_FORWARDING: Reference = page(
    "Amazon Aurora, local write forwarding in Aurora PostgreSQL: replicas are behind, and reads that follow a write belong to the writer",
    "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-postgresql-write-forwarding.html",
    "",
);
pub const POSTGRES_COLUMNS: Reference = page(
    "PostgreSQL 17, Value Expressions: column references",
    "https://www.postgresql.org/docs/17/sql-expressions.html#SQL-EXPRESSIONS-COLUMN-REFS",
    "17",
);
pub const POSTGRES_TRANSACTIONS: Reference =
    page("PostgreSQL 17, Transactions", "https://www.postgresql.org/docs/17/tutorial-transactions.html", "17");
pub const POSTGRES_LIMIT: Reference =
    page("PostgreSQL 17, LIMIT and OFFSET", "https://www.postgresql.org/docs/17/queries-limit.html", "17");
pub const OWASP_SQL_INJECTION: Reference = page(
    "OWASP Cheat Sheet Series, SQL Injection Prevention",
    "https://cheatsheetseries.owasp.org/cheatsheets/SQL_Injection_Prevention_Cheat_Sheet.html",
    "",
);
pub const CWE_SQL_INJECTION: Reference = page(
    "CWE-89: Improper Neutralization of Special Elements used in an SQL Command",
    "https://cwe.mitre.org/data/definitions/89.html",
    "",
);
pub const SQLX_SQL_SAFE: Reference = page("sqlx, SqlSafeStr", "https://docs.rs/sqlx/0.9.0/sqlx/trait.SqlSafeStr.html", "0.9.0");
pub const NO_OFFSET: Reference =
    page("Markus Winand, We need tool support for keyset pagination", "https://use-the-index-luke.com/no-offset", "");
pub const POSTGRES_EXPRESSION_INDEXES: Reference =
    page("PostgreSQL 17, Indexes on Expressions", "https://www.postgresql.org/docs/17/indexes-expressional.html", "17");
pub const SQLITE_EXPRESSION_INDEXES: Reference = page("SQLite, Indexes on Expressions", "https://sqlite.org/expridx.html", "");
pub const MYSQL_FUNCTIONAL_KEYS: Reference = page(
    "MySQL 8.4, CREATE INDEX: functional key parts",
    "https://dev.mysql.com/doc/refman/8.4/en/create-index.html#create-index-functional-key-parts",
    "8.4",
);
pub const POSTGRES_UNIQUE_INDEXES: Reference =
    page("PostgreSQL 17, Unique Indexes", "https://www.postgresql.org/docs/17/indexes-unique.html", "17");
pub const POSTGRES_CONSTRAINTS: Reference =
    page("PostgreSQL 17, Constraints: foreign keys, primary keys", "https://www.postgresql.org/docs/17/ddl-constraints.html", "17");
pub const POSTGRES_REPLICA_IDENTITY: Reference = page(
    "PostgreSQL 17, Logical Replication: replica identity",
    "https://www.postgresql.org/docs/17/logical-replication-publication.html",
    "17",
);
pub const SQLITE_FOREIGN_KEYS: Reference =
    page("SQLite, Foreign Key Support: required and suggested database indexes", "https://www.sqlite.org/foreignkeys.html#fk_indexes", "");
pub const POSTGRES_CREATE_INDEX: Reference = page(
    "PostgreSQL 17, `CREATE INDEX`: building indexes concurrently",
    "https://www.postgresql.org/docs/17/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY",
    "17",
);
pub const POSTGRES_ALTER_TABLE: Reference =
    page("PostgreSQL 17, `ALTER TABLE`: notes", "https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-NOTES", "17");
pub const SQLITE_ALTER_TABLE: Reference =
    page("SQLite, `ALTER TABLE ADD COLUMN`", "https://www.sqlite.org/lang_altertable.html#altertabaddcol", "");
pub const SQUAWK_CONCURRENT_INDEX: Reference =
    page("Squawk, require-concurrent-index-creation", "https://squawkhq.com/docs/require-concurrent-index-creation", "2.68");
pub const SQUAWK_CONCURRENT_IN_TRANSACTION: Reference = page(
    "Squawk, ban-concurrent-index-creation-in-transaction",
    "https://squawkhq.com/docs/ban-concurrent-index-creation-in-transaction",
    "2.68",
);
pub const SQUAWK_NOT_VALID: Reference =
    page("Squawk, constraint-missing-not-valid", "https://squawkhq.com/docs/constraint-missing-not-valid", "2.68");
pub const SQUAWK_REQUIRED_FIELD: Reference =
    page("Squawk, adding-required-field", "https://squawkhq.com/docs/adding-required-field", "2.68");
pub const SQUAWK_CHANGING_TYPE: Reference = page("Squawk, changing-column-type", "https://squawkhq.com/docs/changing-column-type", "2.68");
pub const SQUAWK_DROP_COLUMN: Reference = page("Squawk, ban-drop-column", "https://squawkhq.com/docs/ban-drop-column", "2.68");
pub const SQUAWK_RENAMING_COLUMN: Reference = page("Squawk, renaming-column", "https://squawkhq.com/docs/renaming-column", "2.68");
pub const ACTIX_SHARED_STATE: Reference =
    page("actix-web, Application: shared mutable state is built outside of the factory", "https://actix.rs/docs/application/", "4");
pub const POSTGRES_EXPLAIN: Reference = page("PostgreSQL 17, Using EXPLAIN", "https://www.postgresql.org/docs/17/using-explain.html", "17");
pub const POSTGRES_LOCKING: Reference =
    page("PostgreSQL 17, Explicit Locking", "https://www.postgresql.org/docs/17/explicit-locking.html", "17");
pub const POSTGRES_IDLE_TRANSACTIONS: Reference = page(
    "PostgreSQL 17, Client Connection Defaults: idle_in_transaction_session_timeout",
    "https://www.postgresql.org/docs/17/runtime-config-client.html",
    "17",
);
pub const POSTGRES_UPDATE: Reference = page("PostgreSQL 17, UPDATE", "https://www.postgresql.org/docs/17/sql-update.html", "17");
pub const SQLITE_N_PLUS_ONE: Reference =
    page("SQLite, Many Small Queries Are Efficient In SQLite", "https://www.sqlite.org/np1queryprob.html", "");
