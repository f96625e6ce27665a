//! Servers and routes: router composition is evaluated, never matched by name.

mod attribute;
mod effect;
mod evaluate;
mod format;
mod relevant;
mod signature;
mod text;
mod value;

use super::Inputs;
use crate::model::Backend;

pub fn add(inputs: &Inputs, _backend: &mut Backend) {
    let mut evaluator = evaluate::Evaluator::new(inputs);
    evaluator.run();
}
