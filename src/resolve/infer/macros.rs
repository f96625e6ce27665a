//! Macro calls: their arguments, and the types of the values of those that are known.

use super::method::{Picked, Via};
use super::*;
use crate::facts::{MacroArguments, MacroCall, SelectArm};

impl<'w> Infer<'w, '_> {
    pub(super) fn macro_call(&mut self, id: ExprId, call: &'w MacroCall, expected: &Ty) -> Ty {
        let scope = self.types_in.scope;
        self.recorder.path(scope, &call.path, Namespace::Macros, &self.types_in);
        let meaning = self.world.map.resolve(scope, &call.path, Namespace::Macros).filter(|found| found.used == call.path.segments.len());
        let (target, declared) = match meaning.map(|found| found.definition) {
            Some(Definition::Macro(path)) => {
                let declared = self.world.map.declared_macros.get(&path).copied();
                (Target::External { path, function: declared }, declared)
            }
            Some(Definition::External(path)) => (Target::External { path, function: None }, None),
            _ => (Target::Unresolved(Unresolved::Path), None),
        };
        self.call(id, CallKind::Macro, call.name_span, target);
        match declared {
            Some(function) => self.declared_macro(function, call, expected),
            None => {
                let ty = self.macro_arguments(&call.arguments, expected);
                self.well_known(call.path.last().unwrap_or_default(), &call.arguments, ty)
            }
        }
    }

    /// A macro that knowledge declares as a function.
    fn declared_macro(&mut self, function: FunctionId, call: &'w MacroCall, expected: &Ty) -> Ty {
        let MacroArguments::Expressions(arguments) = &call.arguments else {
            let ty = self.macro_arguments(&call.arguments, expected);
            return self.well_known(call.path.last().unwrap_or_default(), &call.arguments, ty);
        };
        let name = call.path.last().unwrap_or_default();
        if name.ends_with("join") {
            return self.joined(name, arguments);
        }
        let picked = Picked { function, via: Via::Direct, substitution: Vec::new() };
        let callable = self.instantiate(&picked, &[]);
        self.expect_return(&callable.returns, expected);
        let facts = self.world.map.function(function).facts.as_ref();
        for (index, (_, argument)) in arguments.iter().enumerate() {
            let parameter = callable.parameters.get(index).cloned().unwrap_or_default();
            let named = facts.and_then(|facts| facts.parameters.get(index)).and_then(|parameter| parameter.name.as_ref());
            if named.is_some_and(|name| name == "ty") {
                self.type_argument(*argument, &parameter);
                continue;
            }
            let ty = self.expression(*argument, &parameter);
            self.coerce(&ty, &parameter);
        }
        // `vec![a, b, c]`: one parameter stands for all elements.
        if let ([only], true) = (callable.parameters.as_slice(), arguments.len() > 2) {
            for (_, argument) in &arguments[1..] {
                let ty = self.types[argument.0 as usize].clone();
                self.coerce(&ty, only);
            }
        }
        self.process_obligations();
        callable.returns
    }

    /// `query_as!(User, ..)`: the path names a type.
    fn type_argument(&mut self, argument: ExprId, parameter: &Ty) {
        let ExpressionKind::Path(path) = &self.body[argument].kind else {
            self.expression(argument, &Ty::Unknown);
            return;
        };
        let scope = self.types_in.scope;
        self.recorder.path(scope, path, Namespace::Types, &self.types_in);
        let ty = self.types_in.lower(&Type::Path(path.clone()));
        let ty = self.freshen(&ty);
        self.types[argument.0 as usize] = ty.clone();
        self.unify(&ty, parameter);
    }

    /// Everything in the arguments; the type of `select!`'s arms or of a block of statements.
    fn macro_arguments(&mut self, arguments: &'w MacroArguments, expected: &Ty) -> Ty {
        match arguments {
            MacroArguments::Expressions(arguments) => {
                for (_, argument) in arguments {
                    self.expression(*argument, &Ty::Unknown);
                }
                Ty::Unknown
            }
            MacroArguments::Arms(arms) => self.select_arms(arms, expected),
            MacroArguments::Matches { value, pattern, guard } => {
                let ty = self.expression(*value, &Ty::Unknown);
                let before = self.locals.len();
                self.bind_pattern(*pattern, &ty);
                guard.iter().for_each(|guard| drop(self.expression(*guard, &primitive("bool"))));
                self.locals.truncate(before);
                primitive("bool")
            }
            MacroArguments::Block(block) => self.expression(*block, &Ty::Unknown),
            MacroArguments::Unread => Ty::Unknown,
        }
    }

    fn select_arms(&mut self, arms: &'w [SelectArm], expected: &Ty) -> Ty {
        let mut result = Ty::Never;
        for arm in arms {
            let future = self.expression(arm.future, &Ty::Unknown);
            let output = match self.output_of_future(&future) {
                Ty::Unknown => match self.shallow(&future) {
                    Ty::Reference(inner) => self.output_of_future(&inner),
                    _ => Ty::Unknown,
                },
                known => known,
            };
            let before = self.locals.len();
            if let Some(pattern) = arm.pattern {
                self.bind_pattern(pattern, &output);
            }
            if let Some(guard) = arm.guard {
                self.expression(guard, &primitive("bool"));
            }
            let ty = match arm.handler {
                Some(handler) => self.expression(handler, expected),
                None => output,
            };
            self.locals.truncate(before);
            result = self.join(result, ty);
        }
        result
    }

    /// `join!(a, b)` gives `(A, B)`; `try_join!` a result of it.
    fn joined(&mut self, name: &str, arguments: &'w [(Option<Name>, ExprId)]) -> Ty {
        let mut outputs = Vec::with_capacity(arguments.len());
        let mut error = Ty::Unknown;
        for (_, argument) in arguments {
            let future = self.expression(*argument, &Ty::Unknown);
            let output = self.output_of_future(&future);
            match &output {
                Ty::Adt(id, types) if name == "try_join" && self.is_lang(*id, "std::result::Result") => {
                    outputs.push(types.first().cloned().unwrap_or_default());
                    error = types.get(1).cloned().unwrap_or_default();
                }
                _ => outputs.push(output),
            }
        }
        let tuple = Ty::Tuple(outputs.into());
        if name == "try_join" { self.lang("std::result::Result", [tuple, error]) } else { tuple }
    }

    /// Values of macros by their name alone: for those that nothing declares, and for forms that a function cannot say.
    fn well_known(&mut self, name: &str, arguments: &'w MacroArguments, of_arguments: Ty) -> Ty {
        match name {
            "panic" | "unreachable" | "todo" | "unimplemented" | "bail" | "compile_error" | "abort" => Ty::Never,
            "matches" | "cfg" => primitive("bool"),
            "format" => self.lang("std::string::String", []),
            "println" | "eprintln" | "print" | "eprint" | "assert" | "assert_eq" | "assert_ne" | "debug_assert" | "debug_assert_eq"
            | "debug_assert_ne" | "trace" | "debug" | "info" | "warn" | "error" | "event" | "ensure" => unit(),
            "concat" | "stringify" | "env" | "include_str" | "file" | "module_path" => reference(primitive("str")),
            "line" | "column" => primitive("u32"),
            "include_bytes" => reference(Ty::Array(Arc::new(primitive("u8")))),
            "select" | "stream" => of_arguments,
            "vec" => match arguments {
                MacroArguments::Expressions(elements) => {
                    let element = elements.first().map(|(_, first)| self.types[first.0 as usize].clone());
                    let element = element.unwrap_or_else(|| self.fresh());
                    self.lang("std::vec::Vec", [element])
                }
                _ => Ty::Unknown,
            },
            _ => Ty::Unknown,
        }
    }
}
