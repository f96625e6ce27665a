//! How many connections a pool opens and how long it keeps them: by its options, or by the library's defaults where all of them were seen.

use super::resource::{Seen, is_made_here};
use super::settings::{Setting, Settings};
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, Literal};
use crate::knowledge::PoolNew;
use crate::model::{PoolLimit, PoolLimits};
use crate::resolve::{Definition, FunctionId};

pub(super) fn of(new: &PoolNew, settings: &Settings, seen: &Seen) -> PoolLimits {
    let hidden = hidden(new, settings, seen);
    let limit = |key: &str, fields: &[&str], default: &str| {
        let set = settings.get(key).or_else(|| fields.iter().find_map(|field| settings.fields.get(*field)));
        match (set, &hidden) {
            (Some(setting), _) => as_set(seen, setting),
            (None, Some(why)) => PoolLimit::Unknown(why.clone()),
            (None, None) if default.is_empty() => PoolLimit::Unknown("the library's default is not known".into()),
            (None, None) => PoolLimit::Default { text: default.into(), number: default.parse().ok() },
        }
    };
    PoolLimits {
        max: limit("max", &["max_size", "max_connections"], &new.defaults.max),
        min: limit("min", &["min_idle", "min_connections"], &new.defaults.min),
        idle_timeout: limit("idle_timeout", &["idle_timeout"], &new.defaults.idle_timeout),
        max_lifetime: limit("max_lifetime", &["max_lifetime"], &new.defaults.max_lifetime),
    }
}

/// Why not all options were seen.
fn hidden(new: &PoolNew, settings: &Settings, seen: &Seen) -> Option<String> {
    let elsewhere = settings.hidden.as_ref().or(settings.given.as_ref()).map(|from| format!("the pool's options come from `{from}`"));
    let configured = new.configured && !settings.fields.contains_key("pool") && !is_made_here(seen);
    elsewhere.or_else(|| configured.then(|| "the pool's options come from a configuration value".into()))
}

fn as_set(seen: &Seen, setting: &Setting) -> PoolLimit {
    let number = setting.value.and_then(|(function, value)| {
        if function == seen.walk.function {
            return number(seen.walk, value, DEPTH);
        }
        number(&Walk::new(seen.walk.inputs, function)?, value, DEPTH)
    });
    PoolLimit::Set { text: setting.text.clone(), number, place: setting.place }
}

/// Of a literal, a local or a constant.
fn number(walk: &Walk, at: ExprId, depth: usize) -> Option<u64> {
    let at = walk.same_thing(at);
    match walk.kind(at) {
        ExpressionKind::Literal(Literal::Integer { value, .. }) => u64::try_from((*value)?).ok(),
        ExpressionKind::Call { arguments, .. } if walk.callee_name(at) == Some("Some") && depth > 0 => {
            number(walk, *arguments.first()?, depth - 1)
        }
        ExpressionKind::Cast { value, .. } if depth > 0 => number(walk, *value, depth - 1),
        ExpressionKind::Path(_) if depth > 0 => match walk.inputs.definition_at(walk.function, at) {
            Some(Definition::Constant(constant)) => of_constant(walk, *constant, depth - 1),
            _ => number(walk, walk.bound_value(at)?, depth - 1),
        },
        _ => None,
    }
}

fn of_constant(walk: &Walk, constant: FunctionId, depth: usize) -> Option<u64> {
    let walk = Walk::new(walk.inputs, constant)?;
    number(&walk, walk.body.root, depth)
}

const DEPTH: usize = 4;
