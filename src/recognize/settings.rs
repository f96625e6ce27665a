//! Options of something that is being built: read from its builder's chain, the locals it is built up in, and helpers that begin it.

use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, Name};
use crate::knowledge::Does;
use crate::resolve::{Definition, FunctionId, Target, Ty};
use crate::source::Place;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Settings {
    pub values: BTreeMap<String, Setting>,
    /// Something that may set options could not be looked into, and what.
    pub hidden: Option<String>,
    /// Options that were given as a whole and could not be looked into: `.config(self.config)`.
    pub given: Option<String>,
    /// Struct literals seen on the way: `PoolConfig { max_size: 16, .. }` gives `max_size`.
    pub fields: BTreeMap<String, Setting>,
    /// Locals whose later changes were looked for.
    followed: Vec<(FunctionId, Name)>,
}

#[derive(Clone)]
pub(super) struct Setting {
    pub text: String,
    pub place: Place,
    /// The value in the body it was read in.
    pub value: Option<(FunctionId, ExprId)>,
}

impl Settings {
    /// Of what the call `built` builds.
    pub fn of(walk: &Walk, built: ExprId) -> Self {
        let mut settings = Settings::default();
        settings.call(walk, built, DEPTH);
        settings
    }

    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.values.get(key)
    }

    pub fn texts(&self) -> BTreeMap<String, String> {
        self.values.iter().map(|(key, setting)| (key.clone(), setting.text.clone())).collect()
    }

    fn call(&mut self, walk: &Walk, at: ExprId, depth: usize) {
        self.options(walk, at);
        if let ExpressionKind::MethodCall { receiver, .. } = walk.kind(at) {
            self.value(walk, *receiver, depth);
        }
        for argument in walk.arguments(at) {
            if !matches!(walk.kind(walk.peeled(*argument)), ExpressionKind::Literal(_)) {
                self.argument(walk, *argument, depth);
            }
        }
    }

    /// An argument counts where it is a builder or options value itself; a URL or a key from elsewhere hides nothing.
    fn argument(&mut self, walk: &Walk, at: ExprId, depth: usize) {
        let before = self.hidden.take();
        self.value(walk, at, depth.saturating_sub(1));
        let hidden = std::mem::replace(&mut self.hidden, before);
        if self.given.is_none() && may_be_options(walk, at) {
            self.given = hidden;
        }
    }

    fn options(&mut self, walk: &Walk, at: ExprId) {
        for does in walk.does(at) {
            if let Does::Option(option) = does {
                let value = walk.arguments(at).get(option.value).copied();
                let text = value.map_or_else(|| "?".to_string(), |value| walk.text(value));
                let setting = Setting { text, place: walk.place(at), value: value.map(|value| (walk.function, value)) };
                self.values.entry(option.key.clone()).or_insert(setting);
            }
        }
    }

    /// Down the chain of a builder.
    fn value(&mut self, walk: &Walk, at: ExprId, depth: usize) {
        if depth == 0 {
            return;
        }
        let at = walk.same_thing(at);
        match walk.kind(at) {
            ExpressionKind::MethodCall { .. } => self.call(walk, at, depth - 1),
            ExpressionKind::Call { .. } => self.called(walk, at, depth),
            ExpressionKind::Struct { fields, rest, .. } => {
                for (name, _, value) in fields {
                    let setting = Setting { text: walk.text(*value), place: walk.place(*value), value: Some((walk.function, *value)) };
                    self.fields.entry(name.to_string()).or_insert(setting);
                    self.argument(walk, *value, depth);
                }
                if let Some(rest) = rest {
                    self.value(walk, *rest, depth - 1);
                }
            }
            ExpressionKind::Path(path) => match walk.bound_value(at) {
                Some(value) => {
                    path.single().into_iter().for_each(|name| self.changed_later(walk, name, depth));
                    self.value(walk, value, depth - 1);
                }
                None if matches!(walk.inputs.definition_at(walk.function, at), None | Some(Definition::Local)) => self.hide(walk, at),
                None => {}
            },
            ExpressionKind::Field { .. } => self.hide(walk, at),
            ExpressionKind::If { then, otherwise, .. } => {
                self.value(walk, *then, depth - 1);
                otherwise.iter().for_each(|otherwise| self.value(walk, *otherwise, depth - 1));
            }
            ExpressionKind::Match { arms, .. } => arms.iter().for_each(|arm| self.value(walk, arm.body, depth - 1)),
            ExpressionKind::Block { tail: Some(tail), .. } => self.value(walk, *tail, depth - 1),
            _ => {}
        }
    }

    fn called(&mut self, walk: &Walk, at: ExprId, depth: usize) {
        self.call(walk, at, depth - 1);
        let Some(call) = walk.inputs.call_at(walk.function, at) else { return self.hide(walk, at) };
        match &call.target {
            Target::Function(own) if walk.inputs.is_own(*own) => match Walk::new(walk.inputs, *own) {
                Some(inner) => self.value(&inner, inner.body.root, depth - 1),
                None => self.hide(walk, at),
            },
            Target::Function(_) | Target::External { .. } | Target::Constructor => {}
            // `Config::default()` of an unknown type, a closure, a trait's method.
            _ => self.hide(walk, at),
        }
    }

    fn hide(&mut self, walk: &Walk, at: ExprId) {
        self.hidden.get_or_insert_with(|| walk.text(at));
    }

    /// `options.max_connections(5);` and `config.pool = ..;` as statements of their own.
    fn changed_later(&mut self, walk: &Walk, name: &Name, depth: usize) {
        // `config.pool = with(config.pool)` leads back to itself.
        let local = (walk.function, name.clone());
        if self.followed.contains(&local) {
            return;
        }
        self.followed.push(local);
        let is_it = |value: ExprId| matches!(walk.kind(walk.peeled(value)), ExpressionKind::Path(path) if path.single() == Some(name));
        for at in (0..walk.body.expressions.len() as u32).map(ExprId) {
            match walk.kind(at) {
                ExpressionKind::MethodCall { receiver, .. } if is_it(chain_start(walk, *receiver)) => self.options(walk, at),
                ExpressionKind::Assign { left, right, .. } => {
                    if let ExpressionKind::Field { base, name: field, .. } = walk.kind(*left)
                        && is_it(chain_start(walk, *base))
                    {
                        let setting = Setting { text: walk.text(*right), place: walk.place(*right), value: Some((walk.function, *right)) };
                        self.fields.entry(field.to_string()).or_insert(setting);
                        self.argument(walk, *right, depth / 2);
                    }
                }
                _ => {}
            }
        }
    }
}

/// A value that is called so, or of which nothing is known. Managers and options of single connections limit no pool.
fn may_be_options(walk: &Walk, at: ExprId) -> bool {
    let ty = walk.inputs.type_of(walk.function, at);
    let ty = match ty {
        Ty::Reference(inner) => inner,
        _ => ty,
    };
    match walk.inputs.type_path(ty) {
        Some(path) => {
            let name = path.rsplit("::").next().unwrap_or(path);
            let of_connections = ["sqlx::", "tokio_postgres::", "postgres::"].iter().any(|library| path.starts_with(library));
            !of_connections && ["Config", "Options", "Builder", "Timeouts"].iter().any(|end| name.ends_with(end))
        }
        None => matches!(ty, Ty::Unknown | Ty::Parameter(_) | Ty::Opaque(_)),
    }
}

const DEPTH: usize = 24;

/// The value a chain of methods and fields begins with.
fn chain_start(walk: &Walk, mut at: ExprId) -> ExprId {
    loop {
        at = walk.peeled(at);
        match walk.kind(at) {
            ExpressionKind::MethodCall { receiver, .. } => at = *receiver,
            ExpressionKind::Field { base, .. } => at = *base,
            _ => return at,
        }
    }
}
