//! What users see of the configuration: what it says, and what its mistakes look like.

use super::*;
use crate::findings::{Level, tool_lints::unused_allows};
use crate::model::{Criterion, RuleKind, Siblings};
use crate::workspace::Files;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

struct Tree(BTreeMap<&'static str, &'static str>);

impl Files for Tree {
    fn read(&self, path: &str) -> io::Result<Arc<[u8]>> {
        self.0.get(path).map(|text| text.as_bytes().into()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn is_file(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    fn list(&self, _: &str) -> Vec<String> {
        self.0.keys().map(|path| path.to_string()).collect()
    }
}

fn load(files: &[(&'static str, &'static str)]) -> Result<Config, Vec<ConfigError>> {
    let members = [Member { name: "api".into(), manifest: "api/Cargo.toml".into() }];
    let tree = Tree(files.iter().copied().collect());
    Config::load(&Lookup { files: &tree, root: "", explicit: None, members: &members })
}

fn config(text: &'static str) -> Config {
    load(&[(FILE_NAME, text)]).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// `message | text under the label | help`, a line per mistake.
fn mistakes(text: &'static str) -> String {
    let errors = load(&[(FILE_NAME, text)]).expect_err("mistakes");
    let line = |error: &ConfigError| {
        use miette::Diagnostic;
        let label = error.labels().and_then(|mut labels| labels.next());
        let under = label.map_or("", |label| &text[label.offset()..label.offset() + label.len()]);
        format!("{error} | {under} | {}", error.help().map_or(String::new(), |help| help.to_string()))
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn levels_are_words_or_tables_with_a_reason() {
    let config = config("version = 1\n[lints]\nunused_allows = \"deny\"\nproject = { level = \"allow\", reason = \"later\" }\n");
    assert_eq!(config.levels.decide(&unused_allows::INFO, "a.rs", "api").level, Level::Deny);
    assert_eq!(config.levels.workspace.len(), 2);
}

#[test]
fn unknown_keys_lints_and_levels_are_told_all_at_once_with_what_was_meant() {
    let text = "verison = 1\n[lints]\nunused_allow = \"deny\"\nunused_allows = \"denny\"\n[[override]]\npath = [\"a\"]\nlints = {}\n";
    insta::assert_snapshot!(mistakes(text), @r#"
    unknown lint `unused_allow` | unused_allow | did you mean `unused_allows`?
    unknown level `denny` | "denny" | did you mean `deny`?
    `paths` is missing in `override` | [[override]] | name the files it is for, `paths = ["crates/legacy/**"]`, or the packages, `packages = ["legacy"]`
    unknown key `path` in `override` | path | did you mean `paths`?
    unknown key `verison` | verison | did you mean `version`?
    "#);
}

#[test]
fn wrong_kinds_of_values_are_pointed_at() {
    insta::assert_snapshot!(mistakes("version = 2\nknowledge = \"a.toml\"\nratelimit = \"nginx\"\n[deploy]\ninstances = 0\ndatabase_connections = 0\n"), @r#"
    there is no version 2 of this configuration | 2 | this tool reads `version = 1`
    `knowledge` has to be an array of strings | "a.toml" | 
    `ratelimit` cannot be `nginx` | "nginx" | one of: `gateway`
    a backend runs at least once | 0 | say how many copies run at the same time
    a database accepts at least one connection | 0 | give its `max_connections`
    "#);
}

#[test]
fn broken_toml_is_pointed_at() {
    let text = mistakes("[lints\nunused_allows = \"deny\"\n");
    assert!(text.starts_with("`moai-backend.toml` is not valid TOML"), "{text}");
}

#[test]
fn layers_stand_below_each_other_or_beside() {
    let config = config(
        r#"
        [architecture]
        containers = ["app::features::*"]
        exhaustive = true
        [[layer]]
        name = "web"
        modules = ["routes"]
        [[layer]]
        name = "billing"
        modules = ["billing"]
        closed = true
        [[layer]]
        name = "shipping"
        beside = "billing"
        siblings = "free"
        modules = ["shipping"]
        [[layer]]
        name = "db"
        modules = ["db::**"]
        optional = true
        "#,
    );
    let levels: Vec<_> =
        config.declared.architecture.layers.iter().map(|layer| (layer.name.as_str(), layer.level, layer.siblings)).collect();
    use Siblings::*;
    assert_eq!(levels, [("web", 0, Independent), ("billing", 1, Free), ("shipping", 1, Free), ("db", 2, Independent)]);
}

#[test]
fn rules_select_by_module_layer_crate_role_and_effect() {
    let config = config(
        r#"
        [[layer]]
        name = "web"
        modules = ["app::web"]
        [[rule]]
        name = "features are independent"
        from = { module = "app::features::{f}" }
        to = [{ module = "app::features::{!f}" }, { crate = "tokio-postgres" }]
        except = [{ module = "app::features::shared" }, { from = { layer = "web" } }]
        because = "each ships alone"
        [[rule]]
        name = "services make no calls"
        kind = "only"
        from = { role = "infra" }
        to = { effect = "http" }
        "#,
    );
    let rules = &config.declared.architecture.rules;
    assert_eq!((rules[0].kind, rules[1].kind), (RuleKind::Deny, RuleKind::Only));
    assert_eq!((rules[0].to.len(), rules[0].except.len()), (2, 2));
    assert!(matches!(rules[1].to[0].criteria[..], [Criterion::Effect(crate::model::EffectKind::Http, _)]));
}

#[test]
fn rules_that_cannot_mean_anything_are_mistakes() {
    let text = r#"
[[layer]]
name = "web"
modules = ["crate::web", "src/web"]
[[rule]]
name = "r"
kind = "forbid"
from = { layer = "wbe", role = "controler" }
to = { module = "a::{!f}", effect = "htp" }
[[rule]]
name = "r"
from = {}
"#;
    insta::assert_snapshot!(mistakes(text), @r#"
    `crate::web` is no pattern | "crate::web" | patterns begin with the name of a crate: `my_app::routes`
    `src/web` is no pattern | "src/web" | modules are named as in Rust: `my_app::routes::**`
    there is no rule of kind `forbid` | "forbid" | one of: `deny`, `allow`, `only`, `required`
    there is no layer `wbe` | "wbe" | did you mean `web`?
    there is no role `controler` | "controler" | did you mean `controller`?
    there is no effect `htp` | "htp" | did you mean `http`?
    nothing takes `{f}` | "a::{!f}" | `from` has to hold `{f}` as one part of its path
    this selects nothing | {} | one or more of `module`, `function`, `layer`, `crate`, `role`, `effect`
    `to` is missing in `rule` | [[rule]] | `{ module = "**" }` selects everything
    there are two rules `r` | "r" | names tell findings apart: give it another
    "#);
}

#[test]
fn workspace_metadata_is_a_configuration_and_two_are_one_too_many() {
    let manifest = "[workspace]\nmembers = [\"api\"]\n[workspace.metadata.moai-backend.lints]\nunused_allows = \"note\"\n";
    let alone = load(&[("Cargo.toml", manifest)]).expect("a configuration");
    assert_eq!(alone.levels.decide(&unused_allows::INFO, "a.rs", "api").level, Level::Note);
    let both = load(&[("Cargo.toml", manifest), (FILE_NAME, "version = 1")]).expect_err("two configurations");
    assert_eq!(both[0].to_string(), "there are two configurations: `moai-backend.toml` and this one");
}

#[test]
fn a_package_sets_levels_for_itself_and_nothing_else() {
    let manifest = "[package]\nname = \"api\"\n[package.metadata.moai-backend]\nlints.unused_allows = \"allow\"\n";
    let config = load(&[("Cargo.toml", "[workspace]\n"), ("api/Cargo.toml", manifest)]).expect("a configuration");
    assert_eq!(config.levels.decide(&unused_allows::INFO, "api/a.rs", "api").level, Level::Allow);
    assert_eq!(config.levels.decide(&unused_allows::INFO, "b/a.rs", "b").level, Level::Warn);
    let manifest = "[package]\nname = \"api\"\n[package.metadata.moai-backend]\nratelimit = \"gateway\"\n";
    let errors = load(&[("Cargo.toml", "[workspace]\n"), ("api/Cargo.toml", manifest)]).expect_err("a mistake");
    assert_eq!(errors[0].to_string(), "unknown key `ratelimit` in `package.metadata.moai-backend`");
}

#[test]
fn the_example_of_the_documentation_is_read_whole() {
    let config = load(&[(FILE_NAME, include_str!("example.toml")), ("backend-crates.toml", "")]).expect("no mistakes");
    assert_eq!((config.declared.architecture.layers.len(), config.declared.architecture.rules.len()), (4, 3));
    assert_eq!(config.knowledge.len(), 1);
    assert_eq!(config.declared.instances.map(|(instances, _)| instances), Some(3));
    assert_eq!(config.declared.database_connections.map(|(connections, _)| connections), Some(200));
}

#[test]
fn pools_have_a_role_and_nothing_else() {
    let config = config("[data.pools.reporting]\nrole = \"replica\"\n[data.pools.main]\nrole = \"primary\"\n");
    let mut said: Vec<(&str, &str)> = config.declared.pools.iter().map(|pool| (pool.name.as_str(), pool.role.name())).collect();
    said.sort();
    assert_eq!(said, [("main", "primary"), ("reporting", "replica")]);
    let mistakes =
        |text: &'static str| load(&[(FILE_NAME, text)]).expect_err("a mistake").iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(mistakes("[data.pools.a]\nrole = \"replik\"\n"), ["a pool cannot be a `replik`"]);
    assert_eq!(
        mistakes("[data.pools.a]\nrol = \"replica\"\n"),
        ["`role` is missing in `[data.pools.a]`", "unknown key `rol` in `[data.pools.a]`"]
    );
    assert_eq!(mistakes("[data.pools]\na = \"replica\"\n"), ["`a` has to be a table"]);
}

#[test]
fn shards_have_tables_and_a_key() {
    let config = config("[[data.shards]]\ntables = [\"event\", \"detail\"]\nkey = \"org_id\"\n");
    let shards = &config.declared.shards[0];
    assert_eq!((shards.tables.len(), shards.key.0.as_str()), (2, "org_id"));
    let errors = load(&[(FILE_NAME, "[[data.shards]]\ntable = [\"event\"]\n")]).expect_err("a mistake");
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors, ["`tables` is missing in `shards`", "`key` is missing in `shards`", "unknown key `table` in `shards`"]);
}

#[test]
fn overrides_that_match_nothing_are_mistakes() {
    let config = config("[[override]]\npaths = [\"crates/legcy/**\"]\npackages = [\"ap\"]\nlints = { all = \"allow\" }\n");
    let mut sources = Sources::default();
    sources.add("crates/legacy/src/lib.rs", "");
    let errors: Vec<String> = config.unmatched(&sources, &["api".into()]).iter().map(ToString::to_string).collect();
    assert_eq!(errors, ["no file of the workspace matches `crates/legcy/**`", "no package matches `ap`"]);
}
