//! Types of expressions.

use super::path::Meaning;
use super::*;
use crate::facts::{Arm, BlockKind, Literal, Operator, Path, PatternId, Statement};
use crate::source::Span;

impl<'w> Infer<'w, '_> {
    /// Infers `id` and everything in it. `expected` is a hint: [`Ty::Unknown`] for none.
    pub(super) fn expression(&mut self, id: ExprId, expected: &Ty) -> Ty {
        if self.depth >= MAX_DEPTH {
            return Ty::Unknown;
        }
        self.depth += 1;
        let ty = match self.body[id].kind {
            ExpressionKind::MethodCall { .. } | ExpressionKind::Try(_) | ExpressionKind::Await(_) | ExpressionKind::Field { .. } => {
                self.chain(id, expected)
            }
            _ => self.kind(id, expected),
        };
        self.depth -= 1;
        self.types[id.0 as usize] = ty.clone();
        ty
    }

    /// `a.b().c?.d`: from the innermost receiver outwards, so that long chains need no deep stack.
    fn chain(&mut self, id: ExprId, expected: &Ty) -> Ty {
        let mut links = vec![id];
        let mut at = id;
        while let Some(inner) = self.receiver_of(at) {
            links.push(inner);
            at = inner;
        }
        let Some(base) = links.pop() else { return Ty::Unknown };
        let hint = if links.is_empty() { expected.clone() } else { Ty::Unknown };
        let mut ty = if self.receiver_of(base).is_none() { self.expression(base, &hint) } else { Ty::Unknown };
        while let Some(link) = links.pop() {
            let hint = if links.is_empty() { expected.clone() } else { Ty::Unknown };
            ty = self.link(link, &ty, &hint);
            self.types[link.0 as usize] = ty.clone();
        }
        ty
    }

    fn receiver_of(&self, id: ExprId) -> Option<ExprId> {
        match &self.body[id].kind {
            ExpressionKind::MethodCall { receiver, .. } => Some(*receiver),
            ExpressionKind::Try(inner) | ExpressionKind::Await(inner) => Some(*inner),
            ExpressionKind::Field { base, .. } => Some(*base),
            _ => None,
        }
    }

    fn link(&mut self, id: ExprId, receiver: &Ty, expected: &Ty) -> Ty {
        match &self.body[id].kind {
            ExpressionKind::MethodCall { name, name_span, generics, arguments, .. } => {
                self.method_call_on(id, receiver, name, *name_span, generics, arguments, false, expected)
            }
            ExpressionKind::Try(_) => self.tried(receiver),
            ExpressionKind::Await(_) => {
                self.process_obligations();
                self.output_of_future(receiver)
            }
            ExpressionKind::Field { name, .. } => self.field(receiver, name),
            _ => Ty::Unknown,
        }
    }

    fn kind(&mut self, id: ExprId, expected: &Ty) -> Ty {
        let body = self.body;
        match &body[id].kind {
            ExpressionKind::Path(path) => self.path_expression(id, path, expected),
            ExpressionKind::Literal(literal) => self.literal(literal),
            ExpressionKind::Call { callee, arguments } => self.call_expression(id, *callee, arguments, expected),
            ExpressionKind::Index { base, index } => self.index(*base, *index),
            ExpressionKind::Unary(value) => self.unary(*value, expected),
            ExpressionKind::Dereference(value) => {
                let ty = self.expression(*value, &Ty::Unknown);
                self.dereference(&ty).unwrap_or_default()
            }
            ExpressionKind::Binary { operator, left, right } => self.binary(*operator, *left, *right),
            ExpressionKind::Assign { left, right, .. } => {
                let ty = self.expression(*left, &Ty::Unknown);
                let value = self.expression(*right, &ty);
                self.coerce(&value, &ty);
                unit()
            }
            ExpressionKind::Cast { value, ty } => {
                self.expression(*value, &Ty::Unknown);
                self.written(ty)
            }
            ExpressionKind::Reference { value, .. } => {
                let hint = match self.shallow(expected) {
                    Ty::Reference(inner) => (*inner).clone(),
                    _ => Ty::Unknown,
                };
                reference(self.expression(*value, &hint))
            }
            ExpressionKind::Block { kind, statements, tail } => self.block(id, *kind, statements, *tail, expected),
            ExpressionKind::If { condition, then, otherwise } => self.if_(*condition, *then, *otherwise, expected),
            ExpressionKind::Let { pattern, value } => {
                let ty = self.expression(*value, &Ty::Unknown);
                self.bind_pattern(*pattern, &ty);
                primitive("bool")
            }
            ExpressionKind::Match { scrutinee, arms } => self.match_(*scrutinee, arms, expected),
            ExpressionKind::Loop { body } => {
                self.breaks.push(Ty::Never);
                self.expression(*body, &Ty::Unknown);
                self.breaks.pop().unwrap_or_default()
            }
            ExpressionKind::While { condition, body } => {
                let before = self.locals.len();
                self.expression(*condition, &Ty::Unknown);
                self.breaks.push(Ty::Unknown);
                self.expression(*body, &Ty::Unknown);
                self.breaks.pop();
                self.locals.truncate(before);
                unit()
            }
            ExpressionKind::For { pattern, iterable, body } => self.for_(*pattern, *iterable, *body),
            ExpressionKind::Closure { parameters, returns, body, is_async, .. } => {
                self.closure(id, parameters, returns.as_ref(), *body, *is_async, expected)
            }
            ExpressionKind::Struct { path, fields, rest } => self.structure(path, fields, *rest, expected),
            ExpressionKind::Tuple(elements) => self.tuple(elements, expected),
            ExpressionKind::Array(elements) => self.array(elements, expected),
            ExpressionKind::Repeat { value, length } => {
                let ty = self.expression(*value, &Ty::Unknown);
                self.expression(*length, &primitive("usize"));
                Ty::Array(Arc::new(ty))
            }
            ExpressionKind::Range { from, to } => self.range(*from, *to),
            ExpressionKind::Return(value) => {
                let wanted = self.returns.last().cloned().unwrap_or_default();
                if let Some(value) = value {
                    let ty = self.expression(*value, &wanted);
                    self.coerce(&ty, &wanted);
                }
                Ty::Never
            }
            ExpressionKind::Break(value) => {
                let ty = value.map_or_else(unit, |value| self.expression(value, &Ty::Unknown));
                if let Some(so_far) = self.breaks.pop() {
                    let joined = self.join(so_far, ty);
                    self.breaks.push(joined);
                }
                Ty::Never
            }
            ExpressionKind::Continue => Ty::Never,
            ExpressionKind::Yield(value) => {
                value.iter().for_each(|value| drop(self.expression(*value, &Ty::Unknown)));
                Ty::Unknown
            }
            ExpressionKind::Macro(call) => self.macro_call(id, call, expected),
            _ => Ty::Unknown,
        }
    }

    fn literal(&mut self, literal: &Literal) -> Ty {
        match literal {
            Literal::Text { .. } => reference(primitive("str")),
            Literal::Bytes(_) => reference(Ty::Array(Arc::new(primitive("u8")))),
            Literal::Integer { suffix, .. } if suffix.is_empty() => self.table.fresh_of(unify::Kind::Integer),
            Literal::Float { suffix, .. } if suffix.is_empty() => self.table.fresh_of(unify::Kind::Float),
            Literal::Integer { suffix, .. } | Literal::Float { suffix, .. } => Ty::Primitive(suffix.clone()),
            Literal::Bool(_) => primitive("bool"),
            Literal::Char(_) => primitive("char"),
        }
    }

    pub(super) fn field(&mut self, base: &Ty, name: &Name) -> Ty {
        let mut at = self.shallow(base);
        for _ in 0..10 {
            match &at {
                Ty::Adt(id, arguments) => {
                    let adt = self.world.map.adt(*id);
                    let found = adt.variants.first().filter(|_| adt.kind != AdtKind::Enum).and_then(|variant| {
                        let index = variant.fields.iter().position(|field| field.name == *name)?;
                        variant.types.get(index)
                    });
                    if let Some(ty) = found {
                        let substitution: Vec<(Name, Ty)> =
                            adt.generics.types.iter().map(|one| one.name.clone()).zip(arguments.iter().cloned()).collect();
                        return substitute(ty, &substitution);
                    }
                }
                Ty::Tuple(types) => {
                    if let Some(ty) = name.parse::<usize>().ok().and_then(|index| types.get(index)) {
                        return ty.clone();
                    }
                }
                _ => {}
            }
            let Some(next) = self.dereference(&at) else { break };
            at = self.shallow(&next);
        }
        Ty::Unknown
    }

    /// The value of `x?`.
    fn tried(&mut self, ty: &Ty) -> Ty {
        match self.shallow(ty) {
            Ty::Adt(id, arguments) if self.is_lang(id, "std::result::Result") || self.is_lang(id, "std::option::Option") => {
                arguments.first().cloned().unwrap_or_default()
            }
            // By convention a foreign `Result` is an alias whose first argument is the value.
            Ty::External(path, arguments) if path.ends_with("Result") => arguments.first().cloned().unwrap_or_default(),
            _ => Ty::Unknown,
        }
    }

    /// The value of `x.await`.
    pub(super) fn output_of_future(&mut self, ty: &Ty) -> Ty {
        let name = Name::new_static("Output");
        let ty = self.shallow(ty);
        let lang = &self.world.lang;
        for path in ["std::future::Future", "std::future::IntoFuture"] {
            if let Some(future) = lang.trait_(path)
                && let Some(output) = self.normalize(&ty, future, &name, 0)
            {
                return self.shallow(&output);
            }
        }
        Ty::Unknown
    }

    fn block(&mut self, id: ExprId, kind: BlockKind, statements: &'w [Statement], tail: Option<ExprId>, expected: &Ty) -> Ty {
        if kind == BlockKind::Async {
            return self.async_block(id, statements, tail, expected);
        }
        self.block_value(id, statements, tail, expected)
    }

    fn async_block(&mut self, id: ExprId, statements: &'w [Statement], tail: Option<ExprId>, expected: &Ty) -> Ty {
        let output = self.expected_output(expected);
        self.returns.push(output.clone());
        let breaks = std::mem::take(&mut self.breaks);
        let ty = self.block_value(id, statements, tail, &output);
        self.coerce(&ty, &output);
        self.breaks = breaks;
        self.returns.pop();
        let ty = self.shallow(&ty);
        let output = if ty == Ty::Never { output } else { ty };
        self.world.lang.future_of(output)
    }

    /// What a future that is wanted somewhere should give.
    fn expected_output(&mut self, expected: &Ty) -> Ty {
        let expected = self.shallow(expected);
        let wanted = match &expected {
            Ty::Variable(_) => self.bounds_waiting_for(&expected),
            other => self.bounds_of(other),
        };
        let output = wanted.iter().flat_map(|bound| bound.bindings.iter()).find(|(name, _)| name == "Output").map(|(_, ty)| ty.clone());
        match output {
            Some(Ty::Unknown) | None => self.fresh(),
            Some(ty) => ty,
        }
    }

    fn block_value(&mut self, id: ExprId, statements: &'w [Statement], tail: Option<ExprId>, expected: &Ty) -> Ty {
        let scope = self.types_in.scope;
        if self.world.map.function_data[self.function.0 as usize].has_block_scopes
            && let Some(inner) = self.world.map.block_scopes.get(&(self.function, id))
        {
            self.types_in.scope = *inner;
        }
        let before = self.locals.len();
        let mut ends = false;
        for statement in statements {
            ends |= self.statement(statement);
        }
        let ty = match tail {
            Some(tail) => {
                let ty = self.expression(tail, expected);
                self.coerce(&ty, expected);
                ty
            }
            None if ends => Ty::Never,
            None => unit(),
        };
        self.locals.truncate(before);
        self.types_in.scope = scope;
        ty
    }

    /// Whether the code after it is out of reach.
    fn statement(&mut self, statement: &'w Statement) -> bool {
        match statement {
            Statement::Let { pattern, ty, value, otherwise, .. } => {
                let written = ty.as_ref().map(|ty| self.written(ty));
                let given = value.map(|value| self.expression(value, written.as_ref().unwrap_or(&Ty::Unknown)));
                if let (Some(given), Some(written)) = (&given, &written) {
                    self.coerce(given, written);
                }
                otherwise.iter().for_each(|otherwise| drop(self.expression(*otherwise, &Ty::Never)));
                let ends = given == Some(Ty::Never) && otherwise.is_none();
                let ty = match (written, given) {
                    (Some(written), Some(given)) => self.more_precise(written, given),
                    (Some(written), None) => written,
                    (None, Some(given)) => given,
                    (None, None) => self.fresh(),
                };
                self.bind_pattern(*pattern, &ty);
                ends
            }
            Statement::Expression { value, .. } => self.expression(*value, &Ty::Unknown) == Ty::Never,
            Statement::Item(_) => false,
        }
    }

    /// `let x: _ = value`, or an annotation of a type that is not declared.
    fn more_precise(&mut self, written: Ty, given: Ty) -> Ty {
        match self.shallow(&written) {
            Ty::Variable(_) | Ty::Unknown => given,
            written => written,
        }
    }

    fn if_(&mut self, condition: ExprId, then: ExprId, otherwise: Option<ExprId>, expected: &Ty) -> Ty {
        let before = self.locals.len();
        self.expression(condition, &primitive("bool"));
        let ty = self.expression(then, expected);
        self.locals.truncate(before);
        match otherwise {
            Some(otherwise) => {
                let other = self.expression(otherwise, expected);
                self.join(ty, other)
            }
            None => unit(),
        }
    }

    fn match_(&mut self, scrutinee: ExprId, arms: &'w [Arm], expected: &Ty) -> Ty {
        let matched = self.expression(scrutinee, &Ty::Unknown);
        let mut result = Ty::Never;
        for arm in arms {
            let before = self.locals.len();
            self.bind_pattern(arm.pattern, &matched);
            if let Some(guard) = arm.guard {
                self.expression(guard, &primitive("bool"));
            }
            let ty = self.expression(arm.body, expected);
            self.locals.truncate(before);
            result = self.join(result, ty);
        }
        result
    }

    fn for_(&mut self, pattern: PatternId, iterable: ExprId, body: ExprId) -> Ty {
        let ty = self.expression(iterable, &Ty::Unknown);
        self.process_obligations();
        let item = self.item_of(&ty);
        let before = self.locals.len();
        self.bind_pattern(pattern, &item);
        self.breaks.push(Ty::Unknown);
        self.expression(body, &Ty::Unknown);
        self.breaks.pop();
        self.locals.truncate(before);
        unit()
    }

    /// What iterating over `ty` gives.
    fn item_of(&mut self, ty: &Ty) -> Ty {
        let name = Name::new_static("Item");
        for path in ["std::iter::Iterator", "std::iter::IntoIterator"] {
            if let Some(trait_) = self.world.lang.trait_(path)
                && let Some(item) = self.normalize(ty, trait_, &name, 0)
            {
                return self.shallow(&item);
            }
        }
        Ty::Unknown
    }

    fn closure(
        &mut self,
        id: ExprId,
        parameters: &'w [(PatternId, Option<Type>)],
        returns: Option<&'w Type>,
        body: ExprId,
        is_async: bool,
        expected: &Ty,
    ) -> Ty {
        let wanted = self.expected_callable(expected);
        let before = self.locals.len();
        let mut types = Vec::with_capacity(parameters.len());
        for (index, (pattern, written)) in parameters.iter().enumerate() {
            let given = wanted.as_ref().and_then(|wanted| wanted.parameters.get(index)).cloned().unwrap_or_default();
            let ty = match written {
                Some(written) => {
                    let ty = self.written(written);
                    self.unify(&ty, &given);
                    ty
                }
                None => self.freshen(&given),
            };
            self.bind_pattern(*pattern, &ty);
            types.push(ty);
        }
        let result = match (returns, &wanted) {
            (Some(written), _) => self.written(written),
            (None, Some(wanted)) if is_async && !wanted.is_async_closure => self.expected_output(&wanted.returns.clone()),
            (None, Some(wanted)) => self.freshen(&wanted.returns.clone()),
            (None, None) => self.fresh(),
        };
        self.returns.push(result.clone());
        let breaks = std::mem::take(&mut self.breaks);
        let ty = self.expression(body, &result);
        self.coerce(&ty, &result);
        self.breaks = breaks;
        self.returns.pop();
        self.locals.truncate(before);
        let known = self.shallow(&result);
        let value = if matches!(known, Ty::Variable(_) | Ty::Unknown) { ty } else { known };
        let value = if is_async { self.world.lang.future_of(value) } else { value };
        self.closures.insert(id, Callable { parameters: types, returns: value, is_async_closure: is_async });
        Ty::Closure(self.function, id)
    }

    /// Parameter and return types that a closure is wanted to have.
    fn expected_callable(&mut self, expected: &Ty) -> Option<Callable> {
        let expected = self.shallow(expected);
        match &expected {
            Ty::Variable(_) => {
                let world = self.world;
                let bounds = self.bounds_waiting_for(&expected);
                let bound = bounds.iter().find(|bound| bound.trait_.as_ref().is_ok_and(|id| world.lang.fn_traits.contains(id)))?;
                let parameters = match bound.arguments.first() {
                    Some(Ty::Tuple(types)) => types.to_vec(),
                    _ => Vec::new(),
                };
                let returns = bound.bindings.iter().find(|(name, _)| name == "Output").map_or(Ty::Unknown, |(_, ty)| ty.clone());
                let is_async = bound.trait_.as_ref().is_ok_and(|id| world.lang.async_fn_traits.contains(id));
                Some(Callable { parameters, returns, is_async_closure: is_async })
            }
            Ty::Unknown => None,
            other => self.callable(&other.clone()),
        }
    }

    fn structure(&mut self, path: &'w Path, fields: &'w [(Name, Span, ExprId)], rest: Option<ExprId>, expected: &Ty) -> Ty {
        let (ty, names, types) = match self.shape(path) {
            Meaning::Constructor { definition, ty, fields, .. } => {
                self.expect_return(&ty, expected);
                let (adt, variant) = match definition {
                    Definition::Variant(adt, variant) => (adt, variant),
                    Definition::Adt(adt) => (adt, 0),
                    _ => return Ty::Unknown,
                };
                (ty, Some(&self.world.map.adt(adt).variants[variant as usize].fields), fields)
            }
            Meaning::External(path) => (Ty::External(path, [].into()), None, Vec::new()),
            _ => (Ty::Unknown, None, Vec::new()),
        };
        for (name, _, value) in fields {
            let index = names.and_then(|names| names.iter().position(|field| field.name == *name));
            let wanted = index.and_then(|index| types.get(index)).cloned().unwrap_or_default();
            let given = self.expression(*value, &wanted);
            self.coerce(&given, &wanted);
        }
        if let Some(rest) = rest {
            let given = self.expression(rest, &ty);
            self.unify(&given, &ty);
        }
        ty
    }

    fn tuple(&mut self, elements: &'w [ExprId], expected: &Ty) -> Ty {
        let hints = match self.shallow(expected) {
            Ty::Tuple(types) => types.to_vec(),
            _ => Vec::new(),
        };
        let types = elements.iter().enumerate().map(|(index, element)| {
            let hint = hints.get(index).cloned().unwrap_or_default();
            let ty = self.expression(*element, &hint);
            self.coerce(&ty, &hint);
            ty
        });
        Ty::Tuple(types.collect())
    }

    fn array(&mut self, elements: &'w [ExprId], expected: &Ty) -> Ty {
        let mut element = match self.shallow(expected) {
            Ty::Array(inner) | Ty::Slice(inner) => (*inner).clone(),
            _ => Ty::Unknown,
        };
        for value in elements {
            let ty = self.expression(*value, &element);
            element = self.join(element, ty);
        }
        if element == Ty::Unknown {
            element = self.fresh();
        }
        Ty::Array(Arc::new(element))
    }

    fn range(&mut self, from: Option<ExprId>, to: Option<ExprId>) -> Ty {
        let first = from.map(|from| self.expression(from, &Ty::Unknown));
        let last = to.map(|to| self.expression(to, first.as_ref().unwrap_or(&Ty::Unknown)));
        match (first, last) {
            (Some(first), Some(last)) => {
                self.unify(&first, &last);
                self.lang("std::ops::Range", [first])
            }
            (Some(first), None) => self.lang("std::ops::RangeFrom", [first]),
            (None, Some(last)) => self.lang("std::ops::RangeTo", [last]),
            (None, None) => self.lang("std::ops::RangeFull", []),
        }
    }

    fn index(&mut self, base: ExprId, index: ExprId) -> Ty {
        let base = self.expression(base, &Ty::Unknown);
        let index = self.expression(index, &Ty::Unknown);
        let index = self.shallow(&index);
        let by_range = matches!(&index, Ty::Adt(id, _) if {
            ["std::ops::Range", "std::ops::RangeFrom", "std::ops::RangeTo", "std::ops::RangeFull"].iter().any(|path| self.is_lang(*id, path))
        });
        let mut at = self.shallow(&base);
        for _ in 0..10 {
            match &at {
                Ty::Slice(inner) | Ty::Array(inner) => return if by_range { Ty::Slice(inner.clone()) } else { (**inner).clone() },
                Ty::Primitive(name) if name == "str" => return at,
                Ty::Adt(..) => {
                    if let Some(trait_) = self.world.lang.trait_("std::ops::Index")
                        && let Some(output) = self.normalize(&at, trait_, &Name::new_static("Output"), 0)
                    {
                        return output;
                    }
                }
                _ => {}
            }
            let Some(next) = self.dereference(&at) else { break };
            at = self.shallow(&next);
        }
        Ty::Unknown
    }

    fn unary(&mut self, value: ExprId, expected: &Ty) -> Ty {
        let ty = self.expression(value, expected);
        let inner = self.peeled(&ty);
        for path in ["std::ops::Not", "std::ops::Neg"] {
            if let (Ty::Adt(..), Some(trait_)) = (&inner, self.world.lang.trait_(path))
                && let Some(output) = self.normalize(&inner, trait_, &Name::new_static("Output"), 0)
            {
                return output;
            }
        }
        inner
    }

    fn binary(&mut self, operator: Operator, left: ExprId, right: ExprId) -> Ty {
        let one = self.expression(left, &Ty::Unknown);
        let one = self.peeled(&one);
        let hint = if matches!(one, Ty::Primitive(_) | Ty::Variable(_)) { one.clone() } else { Ty::Unknown };
        let other = self.expression(right, &hint);
        let other = self.peeled(&other);
        if matches!(operator, Operator::And | Operator::Or | Operator::Equality | Operator::Order) {
            if matches!(one, Ty::Variable(_)) || matches!(other, Ty::Variable(_)) {
                self.unify(&one, &other);
            }
            return primitive("bool");
        }
        let path = match operator {
            Operator::Add => "std::ops::Add",
            Operator::Subtract => "std::ops::Sub",
            Operator::Multiply => "std::ops::Mul",
            Operator::Divide => "std::ops::Div",
            Operator::Remainder => "std::ops::Rem",
            _ => "",
        };
        match (&one, &other) {
            (Ty::Primitive(_), Ty::Primitive(_) | Ty::Variable(_)) | (Ty::Variable(_), Ty::Primitive(_) | Ty::Variable(_)) => {
                if operator != Operator::Shift {
                    self.unify(&one, &other);
                }
                one
            }
            (Ty::Adt(..), _) => self.operator_output(path, &one, &other),
            (_, Ty::Adt(..)) => self.operator_output(path, &one, &other),
            _ => Ty::Unknown,
        }
    }

    fn operator_output(&mut self, path: &str, one: &Ty, other: &Ty) -> Ty {
        let Some(trait_) = self.world.lang.trait_(path) else { return Ty::Unknown };
        let name = Name::new_static("Output");
        match self.select(trait_, one, std::slice::from_ref(other), 0) {
            Some(select::Selected::Impl(id, mut substitution)) => {
                self.complete(id, &mut substitution);
                let types = &self.world.impls[id.0 as usize].types;
                types.iter().find(|(one, _)| *one == name).map_or(Ty::Unknown, |(_, ty)| substitute(ty, &substitution))
            }
            _ => Ty::Unknown,
        }
    }

    /// Without references around it.
    fn peeled(&mut self, ty: &Ty) -> Ty {
        let mut at = self.shallow(ty);
        while let Ty::Reference(inner) = &at {
            at = self.shallow(&inner.clone());
        }
        at
    }
}
