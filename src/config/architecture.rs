//! `[architecture]`, `[[layer]]` and `[[rule]]`: read and checked for everything that needs no code to check.

use super::table::{At, Table};
use crate::model::{ArchitectureConfig, Criterion, EffectKind, Exception, LayerConfig, Pattern, Role, Rule, RuleKind, Selector, Siblings};
use crate::source::Span;
use crate::words::suggestion;

pub fn architecture(top: &mut Table) -> ArchitectureConfig {
    let mut config = ArchitectureConfig::default();
    if let Some(mut table) = top.table("architecture") {
        config.containers = patterns(&mut table, "containers");
        config.shared = patterns(&mut table, "shared");
        config.exhaustive = table.boolean("exhaustive");
        table.finish();
    }
    top.tables("layer").into_iter().for_each(|table| layer(table, &mut config.layers));
    let layers: Vec<String> = config.layers.iter().map(|layer| layer.name.clone()).collect();
    top.tables("rule").into_iter().for_each(|table| rule(table, &layers, &mut config.rules));
    config
}

fn layer(mut table: Table, layers: &mut Vec<LayerConfig>) {
    let name = table.string("name");
    let beside = table.string("beside");
    let siblings = table.string("siblings");
    let texts = table.strings("modules");
    let nothing = texts.is_empty();
    let modules = texts.into_iter().filter_map(|text| pattern(&table, text, false)).collect();
    let (closed, optional) = (table.boolean("closed"), table.boolean("optional"));
    if name.is_none() {
        table.required("name", "");
    }
    if nothing {
        table.required("modules", "name the modules that it is made of: `modules = [\"my_app::services\"]`");
    }
    if let Some((name, span)) = name {
        if layers.iter().any(|layer| layer.name == name) {
            table.mistake(span, format!("there are two layers `{name}`"), "the second one", "give all patterns of a layer in one place");
        }
        let level = level(&table, beside, layers);
        let siblings = siblings_of(&table, siblings, level, layers);
        layers.push(LayerConfig { name, span, level, siblings, modules, closed, optional });
    }
    table.finish();
}

/// Below the last layer, or beside it.
fn level(table: &Table, beside: Option<At<String>>, layers: &[LayerConfig]) -> usize {
    let last = layers.last().map(|layer| layer.level);
    let Some((other, span)) = beside else { return last.map_or(0, |level| level + 1) };
    match layers.iter().find(|layer| layer.name == other) {
        Some(layer) if Some(layer.level) == last => layer.level,
        Some(_) => {
            table.mistake(
                span,
                format!("`{other}` is not the level right above"),
                "",
                "layers that stand beside each other follow one another",
            );
            last.unwrap_or(0)
        }
        None => {
            let help = suggestion(&other, layers.iter().map(|layer| layer.name.as_str()));
            table.mistake(span, format!("there is no layer `{other}` above this one"), "no such layer", help);
            last.map_or(0, |level| level + 1)
        }
    }
}

/// The word of one layer holds for its whole level.
fn siblings_of(table: &Table, word: Option<At<String>>, level: usize, layers: &mut [LayerConfig]) -> Siblings {
    let said = word.and_then(|(word, span)| match word.as_str() {
        "independent" => Some(Siblings::Independent),
        "free" => Some(Siblings::Free),
        _ => {
            let help = suggestion(&word, ["independent", "free"]);
            table.mistake(span, format!("`siblings` cannot be `{word}`"), "", help);
            None
        }
    });
    let others = layers.iter_mut().filter(|layer| layer.level == level);
    match said {
        Some(said) => others.map(|layer| layer.siblings = said).fold(said, |said, ()| said),
        None => others.map(|layer| layer.siblings).next().unwrap_or_default(),
    }
}

fn rule(mut table: Table, layers: &[String], rules: &mut Vec<Rule>) {
    let name = table.string("name");
    let kind = kind(&mut table);
    let from = selectors(&mut table, "from", layers);
    let to = selectors(&mut table, "to", layers);
    let except = table.tables("except").into_iter().filter_map(|one| exception(one, layers)).collect();
    let because = table.string("because").map(|(because, _)| because);
    let missing = [("name", name.is_none()), ("from", !table.has("from")), ("to", !table.has("to"))];
    for (key, _) in missing.iter().filter(|(_, missing)| *missing) {
        let help = match *key {
            "name" => "a rule's name stands in its findings",
            _ => "`{ module = \"**\" }` selects everything",
        };
        table.required(key, help);
    }
    check_captures(&table, &from, &to);
    if let Some((name, span)) = name {
        if rules.iter().any(|rule| rule.name == name) {
            table.mistake(span, format!("there are two rules `{name}`"), "the second one", "names tell findings apart: give it another");
        }
        rules.push(Rule { name, span, kind, from, to, except, because });
    }
    table.finish();
}

fn kind(table: &mut Table) -> RuleKind {
    let Some((word, span)) = table.string("kind") else { return RuleKind::Deny };
    RuleKind::ALL.into_iter().find(|kind| kind.name() == word).unwrap_or_else(|| {
        table.mistake(span, format!("there is no rule of kind `{word}`"), "", suggestion(&word, RuleKind::ALL.map(RuleKind::name)));
        RuleKind::Deny
    })
}

fn selectors(table: &mut Table, key: &'static str, layers: &[String]) -> Vec<Selector> {
    table.tables(key).into_iter().filter_map(|one| selector(one, layers)).collect()
}

fn exception(mut table: Table, layers: &[String]) -> Option<Exception> {
    if !table.has("from") && !table.has("to") {
        return selector(table, layers).map(Exception::Either);
    }
    let from = table.table("from").and_then(|one| selector(one, layers));
    let to = table.table("to").and_then(|one| selector(one, layers));
    table.finish();
    Some(Exception::Edge { from, to })
}

fn selector(mut table: Table, layers: &[String]) -> Option<Selector> {
    let mut criteria = Vec::new();
    criteria.extend(table.string("module").and_then(|text| pattern(&table, text, false)).map(Criterion::Module));
    criteria.extend(table.string("function").and_then(|text| pattern(&table, text, false)).map(Criterion::Function));
    criteria.extend(table.string("crate").and_then(|text| pattern(&table, text, true)).map(Criterion::Crate));
    if let Some((name, span)) = table.string("layer") {
        if !layers.contains(&name) {
            let help = match layers {
                [] => "no `[[layer]]` is declared; inferred layers are selected by `role`".to_string(),
                _ => suggestion(&name, layers.iter().map(String::as_str)),
            };
            table.mistake(span, format!("there is no layer `{name}`"), "no such layer", help);
        }
        criteria.push(Criterion::Layer(name, span));
    }
    let role = table.string("role").and_then(|word| named(&table, word, "role", &Role::ALL, Role::name));
    criteria.extend(role.map(|(role, span)| Criterion::Role(role, span)));
    let effect = table.string("effect").and_then(|word| named(&table, word, "effect", &EffectKind::ALL, EffectKind::name));
    criteria.extend(effect.map(|(effect, span)| Criterion::Effect(effect, span)));
    let span = table.span;
    if table.all().next().is_none() {
        table.mistake(span, "this selects nothing", "empty", "one or more of `module`, `function`, `layer`, `crate`, `role`, `effect`");
    }
    table.finish();
    (!criteria.is_empty()).then_some(Selector { criteria, span })
}

fn named<T: Copy, const N: usize>(
    table: &Table,
    (word, span): At<String>,
    what: &str,
    all: &[T; N],
    name: fn(T) -> &'static str,
) -> Option<At<T>> {
    let found = all.iter().copied().find(|one| name(*one) == word);
    if found.is_none() {
        table.mistake(span, format!("there is no {what} `{word}`"), "", suggestion(&word, all.map(name)));
    }
    found.map(|one| (one, span))
}

fn patterns(table: &mut Table, key: &'static str) -> Vec<Pattern> {
    let texts = table.strings(key);
    texts.into_iter().filter_map(|text| pattern(table, text, false)).collect()
}

fn pattern(table: &Table, (text, span): At<String>, is_crate: bool) -> Option<Pattern> {
    let wrong = wrong_pattern(&text, is_crate);
    if let Some((why, help)) = &wrong {
        table.mistake(span, format!("`{text}` is no pattern"), why.clone(), help.clone());
    }
    wrong.is_none().then_some(Pattern { text, span })
}

/// Why it cannot be a pattern, and what to do.
fn wrong_pattern(text: &str, is_crate: bool) -> Option<(String, String)> {
    let because = |why: &str, help: &str| Some((why.to_string(), help.to_string()));
    if text.contains('/') {
        return because("this is a path of files", "modules are named as in Rust: `my_app::routes::**`");
    }
    if is_crate && text.contains("::") {
        return because("a crate has one name", "use `module = \"..\"` for a part of a crate");
    }
    if matches!(text.split("::").next(), Some("crate" | "self" | "super")) {
        return because("relative to what?", "patterns begin with the name of a crate: `my_app::routes`");
    }
    let bad = text.split("::").find(|segment| !is_segment(segment, is_crate))?;
    because(&format!("`{bad}` is no part of a path"), "parts are names, `*`, `**`, `{name}` or `{!name}`")
}

fn is_segment(segment: &str, is_crate: bool) -> bool {
    let name = |text: &str| !text.is_empty() && text.chars().all(|one| one.is_alphanumeric() || one == '_');
    if let Some(inner) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return name(inner.strip_prefix('!').unwrap_or(inner));
    }
    segment == "**"
        || !segment.is_empty()
            && !segment.contains("**")
            && segment.chars().all(|one| one.is_alphanumeric() || one == '_' || one == '*' || is_crate && one == '-')
}

/// `{!feature}` means another one than `{feature}`, so that one has to be there.
fn check_captures(table: &Table, from: &[Selector], to: &[Selector]) {
    let names = |selectors: &[Selector]| -> Vec<(String, bool, Span)> {
        selectors.iter().flat_map(|one| &one.criteria).flat_map(captures).collect()
    };
    let taken: Vec<String> = names(from).into_iter().filter(|(_, not, _)| !not).map(|(name, ..)| name).collect();
    for (name, _, span) in names(from).into_iter().chain(names(to)).filter(|(name, not, _)| *not && !taken.contains(name)) {
        table.mistake(
            span,
            format!("nothing takes `{{{name}}}`"),
            "other than what?",
            format!("`from` has to hold `{{{name}}}` as one part of its path"),
        );
    }
}

fn captures(criterion: &Criterion) -> Vec<(String, bool, Span)> {
    let (Criterion::Module(pattern) | Criterion::Function(pattern) | Criterion::Crate(pattern)) = criterion else { return Vec::new() };
    let capture = |segment: &str| {
        let inner = segment.strip_prefix('{')?.strip_suffix('}')?;
        Some((inner.trim_start_matches('!').to_string(), inner.starts_with('!'), pattern.span))
    };
    pattern.segments().filter_map(capture).collect()
}
