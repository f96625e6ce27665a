//! Types of a handler's parameters.

use crate::knowledge::TypeRole;
use crate::recognize::Inputs;
use crate::resolve::{AdtId, FunctionId, Ty};

/// Types of the parameters, in order.
pub(super) fn parameters<'a>(inputs: &Inputs<'a>, function: FunctionId) -> &'a [Ty] {
    &inputs.resolved.bodies[function.0 as usize].parameters
}

/// Types of the workspace among the parameters, seen through wrappers that only hand them on.
pub(super) fn parameter_adts(inputs: &Inputs, function: FunctionId) -> Vec<AdtId> {
    let krate = inputs.resolved.functions[function.0 as usize].krate;
    let mut found = Vec::new();
    for ty in parameters(inputs, function) {
        let inner = match ty {
            Ty::Adt(_, arguments) if inputs.type_roles(krate, ty).contains(&TypeRole::Transparent) => arguments.first().unwrap_or(ty),
            Ty::Reference(inner) => inner,
            ty => ty,
        };
        if let Ty::Adt(adt, _) = inner {
            found.push(*adt);
        }
    }
    found
}
