//! Servers and routes: router composition is evaluated, never matched by name.

mod attribute;
mod behaviour;
mod binding;
mod branch;
mod call;
mod constant;
#[cfg(test)]
mod constant_tests;
mod credential;
mod effect;
mod endpoint;
mod evaluate;
mod exposure;
mod format;
mod layer;
mod macro_call;
mod method;
mod register;
mod relevant;
mod serve;
mod signature;
#[cfg(test)]
mod tests;
mod text;
mod unreached;
mod value;
#[cfg(test)]
mod written_tests;

pub use exposure::add as add_exposure;

use super::Inputs;
use crate::model::Backend;

/// Servers, routes, middleware, handlers. Needs functions and their effects.
pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let mut evaluator = evaluate::Evaluator::new(inputs);
    evaluator.run();
    serve::add(inputs, backend, evaluator);
    unreached::note(inputs, backend);
}
