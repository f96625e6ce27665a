//! What functions send to other systems.

use super::Inputs;
use super::walk::Walk;
use crate::knowledge::{Does, System};
use crate::model::{Backend, Effect, EffectKind};

pub fn add(inputs: &Inputs, backend: &mut Backend) {
    for function in inputs.own_functions() {
        if !inputs.all_does(function).any(|does| kind(does).is_some()) {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        for call in inputs.calls(function) {
            for kind in inputs.does(function, call).iter().filter_map(kind) {
                let what = super::knows::external_path(&call.target, inputs.resolved).unwrap_or_default().to_string();
                let when = walk.when(call.expression);
                let effect = Effect { kind, place: walk.place(call.expression), what, once: when.once, spawned: when.spawned };
                backend.functions[function.0 as usize].effects.push(effect);
            }
        }
    }
}

fn kind(does: &Does) -> Option<EffectKind> {
    match does {
        Does::Sends { system } => Some(match system {
            System::Http | System::Search | System::Cloud => EffectKind::Http,
            System::Grpc => EffectKind::Grpc,
            System::Smtp => EffectKind::Smtp,
            System::ObjectStore => EffectKind::ObjectStore,
            System::Queue => EffectKind::Queue,
        }),
        _ => None,
    }
}
