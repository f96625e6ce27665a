//! Calls of `macro_rules!` in item position: which rule a call means, and the items that it writes, which take part as if they stood there.
//!
//! Most rules are seen where the call stands, as Rust reads files from top to bottom. Those that a `use` or a path names are looked up when
//! all crates have been entered.

use super::collect::{Around, Collector, Of, bound_name};
use super::def_map::{Namespace, Rule};
use super::{Container, CrateId, Definition, imports};
use crate::facts::{CRATE_OF_RULE, Expander, Item, ItemKind, Position, RuleCall};
use crate::source::{FileId, Span, Written};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, OnceLock};

/// Rules that write calls of rules.
const MAX_DEPTH: u32 = 32;

/// Keeps what rules wrote at its place while more is added: a chain whose links never move.
#[derive(Default)]
pub(super) struct Arena {
    items: OnceLock<(Vec<Item>, Box<Arena>)>,
}

impl Arena {
    fn keep(&self, items: Vec<Item>) -> (&[Item], &Arena) {
        let (items, next) = self.items.get_or_init(|| (items, Box::default()));
        (items, next)
    }
}

impl Drop for Arena {
    /// One link after the other: a long chain must not be dropped by recursion.
    fn drop(&mut self) {
        let mut next = self.items.take();
        while let Some((_, mut arena)) = next {
            next = arena.items.take();
        }
    }
}

pub(super) struct Rules<'a> {
    arena: &'a Arena,
    expander: Expander,
    /// A file that several crates share is written to once.
    known: FxHashMap<(FileId, Span), Option<&'a [Item]>>,
    /// Where the next addition to a file begins.
    next: FxHashMap<FileId, u32>,
    waiting: Vec<Waiting<'a>>,
    pub written: Vec<Written>,
}

/// A call whose rule was not seen where it stands.
struct Waiting<'a> {
    item: &'a Item,
    of: Option<Of>,
    around: Around,
}

impl<'a> Rules<'a> {
    pub fn new(arena: &'a Arena) -> Self {
        let (known, next) = Default::default();
        Self { arena, expander: Expander::default(), known, next, waiting: Vec::new(), written: Vec::new() }
    }
}

impl<'a> Collector<'a> {
    /// Enters what the call writes, now or later; whether it is done.
    pub(super) fn rule_call(&mut self, item: &'a Item, of: Option<Of>, around: &Around) -> bool {
        let Some(written) = self.called(item, of, around) else { return false };
        let inner = Around { depth: around.depth + 1, ..around.clone() };
        self.items(written, &inner);
        true
    }

    /// What a call among the items of an impl or trait writes; `None`, too, where that is known later.
    pub(super) fn member_call(&mut self, item: &'a Item, of: Of, around: &Around) -> Option<&'a [Item]> {
        self.called(item, Some(of), around)
    }

    fn called(&mut self, item: &'a Item, of: Option<Of>, around: &Around) -> Option<&'a [Item]> {
        // Nothing asks what macros write into tests, and declarations have none.
        if around.test || around.depth >= MAX_DEPTH || self.map.is_declared(around.krate) {
            return None;
        }
        match self.rule(item, around) {
            Some(rule) => self.written(item, of, around, rule),
            None => {
                self.rules.waiting.push(Waiting { item, of, around: around.clone() });
                None
            }
        }
    }

    fn rule(&self, item: &Item, around: &Around) -> Option<Arc<str>> {
        let ItemKind::MacroCall { path, .. } = &item.kind else { return None };
        let found = self.map.resolve(around.scope, path, Namespace::Macros).filter(|found| found.used == path.segments.len())?;
        match found.definition {
            Definition::Macro(path) if self.map.rules.contains_key(&path) => Some(path),
            _ => None,
        }
    }

    fn written(&mut self, item: &'a Item, of: Option<Of>, around: &Around, rule: Arc<str>) -> Option<&'a [Item]> {
        let ItemKind::MacroCall { text, inner, .. } = &item.kind else { return None };
        if let Some(known) = self.rules.known.get(&(around.file, *inner)) {
            return *known;
        }
        let position = match of.map(|of| of.container) {
            None | Some(Container::Module | Container::Initializer) => Position::Items,
            Some(Container::Impl(_)) => Position::ImplItems,
            Some(Container::Trait(_)) => Position::TraitItems,
        };
        let call = RuleCall { file: around.file, text, inner: *inner, span: item.span, position };
        let Rule { krate, arms, .. } = *self.map.rules.get(&rule)?;
        let own_crate = if krate == around.krate { "crate".to_string() } else { name_of_crate(krate) };
        let rules = &mut self.rules;
        let start = rules.next.entry(around.file).or_insert(Written::FIRST);
        let made = rules.expander.items(&rule, arms, &own_crate, &call, *start).map(|(items, written)| {
            *start = start.saturating_add(written.text.len() as u32 + 1);
            rules.written.push(written);
            let (items, arena) = rules.arena.keep(items);
            rules.arena = arena;
            items
        });
        rules.known.insert((around.file, *inner), made);
        made
    }

    /// Looks up what waits, now that all crates are known.
    pub(super) fn imported_rules(&mut self) {
        for _ in 0..MAX_DEPTH {
            let names = self.names_of_rules();
            let is_known = |one: &Waiting| matches!(&one.item.kind, ItemKind::MacroCall { path, .. } if path.last().is_some_and(|name| names.contains(name)));
            let waiting: Vec<Waiting> = std::mem::take(&mut self.rules.waiting).into_iter().filter(is_known).collect();
            if waiting.is_empty() {
                return;
            }
            imports::bind_before_rules(&mut self.map);
            for Waiting { item, of, around } in waiting {
                let Some(rule) = self.rule(item, &around) else { continue };
                let Some(written) = self.written(item, of, &around, rule) else { continue };
                let around = Around { depth: around.depth + 1, ..around };
                match of {
                    None => self.items(written, &around),
                    Some(of) => self.add_members(written, of, &around),
                }
            }
        }
    }

    /// What rules are called, also after an import gave them another name.
    fn names_of_rules(&self) -> FxHashSet<&'a str> {
        let is_rule: FxHashSet<&str> = self.map.rules.values().map(|rule| rule.name.as_str()).collect();
        let renamed = self.map.imports.iter().filter(|import| import.binding.path.last().is_some_and(|last| is_rule.contains(last)));
        let renamed: Vec<&str> = renamed.filter_map(|import| bound_name(import.binding)).map(|name| name.as_str()).collect();
        is_rule.into_iter().chain(renamed).collect()
    }

    fn add_members(&mut self, items: &'a [Item], of: Of, around: &Around) {
        let members = self.members(items, of, around);
        match of.container {
            Container::Impl(id) => {
                self.map.impls[id.0 as usize].methods.extend(members.methods);
                let data = &mut self.map.impl_data[id.0 as usize];
                data.constants.extend(members.constants);
                data.types.extend(members.types);
            }
            Container::Trait(id) => {
                self.map.traits[id.0 as usize].methods.extend(members.methods);
                let data = &mut self.map.trait_data[id.0 as usize];
                data.constants.extend(members.constants);
                data.types.extend(members.types);
            }
            Container::Module | Container::Initializer => {}
        }
    }
}

fn name_of_crate(krate: CrateId) -> String {
    format!("{CRATE_OF_RULE}{}", krate.0)
}
