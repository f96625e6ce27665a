//! Types of a handler's parameters.

use crate::recognize::Inputs;
use crate::resolve::{AdtId, FunctionId};

/// Types of the workspace among the parameters, in order, seen through references and wrappers.
pub(super) fn parameter_adts(_inputs: &Inputs, _function: FunctionId) -> Vec<AdtId> {
    Vec::new()
}
