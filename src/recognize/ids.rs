//! The model's numbers for what resolve calls by its own, for things of the workspace only.

use super::{Inputs, function};
use crate::model;
use crate::resolve;

pub(super) struct Ids<'a> {
    inputs: &'a Inputs<'a>,
    /// Modules of the workspace are numbered in order, those of declared crates left out.
    modules: Vec<Option<model::ModuleId>>,
}

impl<'a> Ids<'a> {
    pub(super) fn new(inputs: &'a Inputs<'a>) -> Self {
        let crates = &inputs.resolved.crates;
        let mut next = 0..;
        let number = |module: &resolve::Module| crates[module.krate.0 as usize].source.and_then(|_| next.next().map(model::ModuleId));
        let modules = inputs.resolved.modules.iter().map(number).collect();
        Self { inputs, modules }
    }

    pub(super) fn function(&self, id: resolve::FunctionId) -> Option<model::FunctionId> {
        self.inputs.is_own(id).then(|| function::id(id))
    }

    pub(super) fn module(&self, id: resolve::ModuleId) -> Option<model::ModuleId> {
        self.modules[id.0 as usize]
    }
}
