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

/// What the code that puts routers together comes to. It needs nothing but resolved code.
pub struct Evaluated<'a>(evaluate::Evaluator<'a>);

pub fn evaluated<'a>(inputs: &'a Inputs<'a>) -> Evaluated<'a> {
    let mut evaluator = evaluate::Evaluator::new(inputs);
    evaluator.run();
    Evaluated(evaluator)
}

/// Servers, routes, middleware, handlers. Needs functions and their effects.
pub fn add(inputs: &Inputs, evaluated: Evaluated, backend: &mut Backend) {
    serve::add(inputs, backend, evaluated.0);
    unreached::note(inputs, backend);
}
