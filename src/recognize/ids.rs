//! The model's ids for what resolve calls by its own.

use super::Inputs;
use crate::model::{self, Backend};
use crate::resolve;
use rustc_hash::FxHashMap;

pub(super) struct Ids {
    functions: Vec<Option<model::FunctionId>>,
    modules: Vec<Option<model::ModuleId>>,
}

impl Ids {
    pub(super) fn new(inputs: &Inputs, backend: &Backend) -> Self {
        let functions = backend.functions.iter().enumerate();
        let functions: FxHashMap<_, _> =
            functions.map(|(at, one)| ((one.place, one.path.as_str()), model::FunctionId(at as u32))).collect();
        let modules = backend.modules.iter().enumerate();
        let modules: FxHashMap<_, _> = modules.map(|(at, one)| ((one.file, one.path.as_str()), model::ModuleId(at as u32))).collect();
        let resolved = inputs.resolved;
        Self {
            functions: resolved.functions.iter().map(|one| functions.get(&(one.place, &*one.path)).copied()).collect(),
            modules: resolved.modules.iter().map(|one| modules.get(&(one.file, &*one.path)).copied()).collect(),
        }
    }

    pub(super) fn function(&self, id: resolve::FunctionId) -> Option<model::FunctionId> {
        self.functions[id.0 as usize]
    }

    pub(super) fn module(&self, id: resolve::ModuleId) -> Option<model::ModuleId> {
        self.modules[id.0 as usize]
    }
}
