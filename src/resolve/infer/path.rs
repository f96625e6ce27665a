//! Paths in expressions: what they mean, and their types.

use super::associated::Associated;
use super::method::{Picked, Via};
use super::*;
use crate::facts::{Path, Segment, Shape};
use crate::source::Span;

/// What a path in an expression means.
pub(super) enum Meaning {
    Local(Ty),
    Function(Picked),
    /// Of a tuple struct, variant or unit value: its type, and those of its fields.
    Constructor {
        definition: Definition,
        ty: Ty,
        fields: Vec<Ty>,
        shape: Shape,
    },
    Constant(FunctionId, Ty),
    External(Arc<str>),
    Unresolved(Unresolved),
}

impl<'w> Infer<'w, '_> {
    pub(super) fn call_path(&mut self, expression: ExprId, callee: ExprId, path: &'w Path, arguments: &'w [ExprId], expected: &Ty) -> Ty {
        let span = name_span(path);
        match self.meaning(path) {
            Meaning::Local(ty) => {
                self.types[callee.0 as usize] = ty.clone();
                self.paths.push((callee, Definition::Local));
                self.call_value(expression, callee, &ty, arguments)
            }
            Meaning::Function(picked) => {
                let generics = path.segments.last().map_or(&[][..], |segment| &segment.arguments);
                let callable = self.instantiate(&picked, generics);
                self.expect_return(&callable.returns, expected);
                let parameters = callable.parameters_with_receiver(self, &picked);
                self.arguments(arguments, &parameters);
                let function = picked.function;
                let function = self.call_picked(expression, CallKind::Call, span, picked).unwrap_or(function);
                self.types[callee.0 as usize] = Ty::FunctionItem(function);
                self.paths.push((callee, Definition::Function(function)));
                callable.returns
            }
            Meaning::Constructor { definition, ty, fields, .. } => {
                self.paths.push((callee, definition));
                self.expect_return(&ty, expected);
                self.arguments(arguments, &fields);
                self.call(expression, CallKind::Call, span, Target::Constructor);
                ty
            }
            Meaning::Constant(id, ty) => {
                self.paths.push((callee, Definition::Constant(id)));
                self.types[callee.0 as usize] = ty.clone();
                self.call_value(expression, callee, &ty, arguments)
            }
            Meaning::External(path) => {
                self.arguments(arguments, &[]);
                self.paths.push((callee, Definition::External(path.clone())));
                self.call(expression, CallKind::Call, span, Target::External { path, function: None });
                Ty::Unknown
            }
            Meaning::Unresolved(why) => {
                self.arguments(arguments, &[]);
                self.call(expression, CallKind::Call, span, Target::Unresolved(why));
                Ty::Unknown
            }
        }
    }

    /// A path that is not called here.
    pub(super) fn path_expression(&mut self, expression: ExprId, path: &'w Path, expected: &Ty) -> Ty {
        let span = name_span(path);
        match self.meaning(path) {
            Meaning::Local(ty) => {
                self.paths.push((expression, Definition::Local));
                ty
            }
            Meaning::Function(picked) => self.mention(expression, &picked, path, span),
            Meaning::Constructor { definition, ty, fields, shape } => {
                self.paths.push((expression, definition));
                if shape == Shape::Tuple {
                    return Ty::FunctionPointer(fields.into(), Arc::new(ty));
                }
                self.expect_return(&ty, expected);
                ty
            }
            Meaning::Constant(id, ty) => {
                self.paths.push((expression, Definition::Constant(id)));
                ty
            }
            Meaning::External(path) => {
                self.paths.push((expression, Definition::External(path)));
                Ty::Unknown
            }
            Meaning::Unresolved(_) => Ty::Unknown,
        }
    }

    fn mention(&mut self, expression: ExprId, picked: &Picked, path: &'w Path, span: Span) -> Ty {
        let generics = path.segments.last().map_or(&[][..], |segment| &segment.arguments);
        let mut callable = self.instantiate(picked, generics);
        callable.parameters = callable.parameters_with_receiver(self, picked);
        self.mentions.insert(expression, callable);
        let target = self.target(picked);
        let function = target_function(&target).unwrap_or(picked.function);
        self.paths.push((expression, Definition::Function(function)));
        self.call(expression, CallKind::Mention, span, target);
        Ty::FunctionItem(function)
    }

    pub(super) fn meaning(&mut self, path: &'w Path) -> Meaning {
        if let Some(name) = path.single()
            && let Some((_, ty)) = self.locals.iter().rev().find(|(one, _)| one == name)
        {
            return Meaning::Local(ty.clone());
        }
        let scope = self.types_in.scope;
        self.recorder.path(scope, path, Namespace::Values, &self.types_in);
        for segment in &path.segments {
            for ty in &segment.arguments {
                self.recorder.types(scope, ty, &self.types_in);
            }
        }
        if let Some(qself) = &path.qself {
            return self.qualified(qself, path);
        }
        let Some(first) = path.segments.first() else { return Meaning::Unresolved(Unresolved::Path) };
        if !path.global && (first.name == "Self" || self.is_parameter(&first.name)) {
            return self.relative_to_first(path);
        }
        let Some(found) = self.world.map.resolve(scope, path, Namespace::Values) else {
            return Meaning::Unresolved(Unresolved::Path);
        };
        match (&found.definition, path.segments.get(found.used)) {
            (Definition::Trait(trait_), Some(member)) => self.trait_member(*trait_, &path.segments[found.used - 1], member),
            (definition, Some(_)) => {
                let definition = definition.clone();
                let ty = self.type_of_definition(&definition, &path.segments[found.used - 1]);
                self.members(&ty, &path.segments[found.used..])
            }
            (definition, None) => self.value(&definition.clone(), path),
        }
    }

    fn is_parameter(&self, name: &str) -> bool {
        self.types_in.generics.iter().flatten().any(|generics| generics.types.iter().any(|one| one.name == name))
    }

    fn type_of_definition(&mut self, definition: &Definition, segment: &Segment) -> Ty {
        let ty = self.types_in.definition(definition, segment, 0);
        self.freshen(&ty)
    }

    /// `Self`, `Self::x`, `T::x`.
    fn relative_to_first(&mut self, path: &'w Path) -> Meaning {
        let head = Path { segments: path.segments[..1].to_vec(), ..Path::default() };
        let ty = self.types_in.lower(&Type::Path(head));
        match &path.segments[1..] {
            [] => match &ty {
                Ty::Adt(id, arguments) => self.constructor(*id, 0, Some(arguments.clone())),
                _ => Meaning::Unresolved(Unresolved::Path),
            },
            rest => self.members(&ty, rest),
        }
    }

    /// `Type::a::b`: all but the last are types.
    fn members(&mut self, ty: &Ty, rest: &'w [Segment]) -> Meaning {
        match rest {
            [member] => self.member(ty, member),
            [kind, member] => match self.associated_type(ty, &kind.name) {
                Some(ty) => self.member(&ty, member),
                None => Meaning::Unresolved(Unresolved::Path),
            },
            _ => Meaning::Unresolved(Unresolved::Path),
        }
    }

    /// `Type::name`.
    fn member(&mut self, ty: &Ty, member: &Segment) -> Meaning {
        let ty = self.shallow(ty);
        if let Ty::Adt(id, arguments) = &ty
            && let Some(Definition::Variant(_, variant)) = self.world.map.variant(*id, &member.name)
        {
            return self.constructor(*id, variant, Some(arguments.clone()));
        }
        match self.find_associated(&ty, &member.name) {
            Some(Associated::Function(picked)) => Meaning::Function(picked),
            Some(Associated::Constant(id, ty)) => Meaning::Constant(id, ty),
            None => match &ty {
                Ty::External(path, _) => Meaning::External(format!("{path}::{}", member.name).into()),
                Ty::Adt(id, _) if self.is_declared(*id) => {
                    Meaning::External(format!("{}::{}", self.world.map.adt(*id).path, member.name).into())
                }
                Ty::Unknown | Ty::Variable(_) => Meaning::Unresolved(Unresolved::Receiver),
                _ => Meaning::Unresolved(Unresolved::Method),
            },
        }
    }

    fn is_declared(&self, id: AdtId) -> bool {
        let map = &self.world.map;
        map.is_declared(map.modules[map.adt(id).module.0 as usize].krate)
    }

    /// `<T as Trait>::name`, `<T>::name`.
    fn qualified(&mut self, qself: &'w Type, path: &'w Path) -> Meaning {
        let ty = self.written(qself);
        if path.trait_segments == 0 {
            return self.members(&ty, &path.segments);
        }
        let (head, rest) = path.segments.split_at(path.trait_segments.min(path.segments.len()));
        let trait_path = Path { segments: head.to_vec(), global: path.global, span: path.span, ..Path::default() };
        let [member] = rest else { return Meaning::Unresolved(Unresolved::Path) };
        let Some(bound) = self.types_in.trait_path(&trait_path) else { return Meaning::Unresolved(Unresolved::Path) };
        match bound.trait_ {
            Ok(trait_) => {
                let arguments = bound.arguments.iter().map(|ty| self.freshen(ty)).collect();
                self.member_of_trait(trait_, ty, arguments, &member.name)
            }
            Err(path) => Meaning::External(format!("{path}::{}", member.name).into()),
        }
    }

    /// `Trait::name`: for whom, the arguments will tell.
    fn trait_member(&mut self, trait_: TraitId, segment: &Segment, member: &Segment) -> Meaning {
        let Ty::Dyn(bounds) = self.types_in.definition(&Definition::Trait(trait_), segment, 0) else {
            return Meaning::Unresolved(Unresolved::Path);
        };
        let arguments = bounds[0].arguments.iter().map(|ty| self.freshen(ty)).collect();
        let ty = self.fresh();
        self.member_of_trait(trait_, ty, arguments, &member.name)
    }

    fn member_of_trait(&mut self, trait_: TraitId, ty: Ty, arguments: Vec<Ty>, name: &str) -> Meaning {
        if let Some(function) = self.world.trait_method(trait_, name) {
            return Meaning::Function(self.trait_pick(function, trait_, ty, arguments));
        }
        match self.world.map.trait_data[trait_.0 as usize].constants.iter().find(|(one, _)| one == name) {
            Some((_, id)) => {
                let constant = substitute(&self.world.signature(*id).returns, &[("Self".into(), ty)]);
                Meaning::Constant(*id, constant)
            }
            None => Meaning::Unresolved(Unresolved::Method),
        }
    }

    /// A path that modules alone explain.
    fn value(&mut self, definition: &Definition, path: &Path) -> Meaning {
        match definition {
            Definition::Function(function) => Meaning::Function(Picked { function: *function, via: Via::Direct, substitution: Vec::new() }),
            Definition::Constant(id) => Meaning::Constant(*id, self.world.signature(*id).returns.clone()),
            Definition::Adt(id) => {
                let arguments = self.written_arguments(path.segments.last());
                self.constructor(*id, 0, arguments)
            }
            Definition::Variant(id, variant) => {
                // `Option::<u8>::None` and `None::<u8>` both occur.
                let on_enum = path.segments.len().checked_sub(2).and_then(|at| path.segments.get(at));
                let arguments = match self.written_arguments(path.segments.last()) {
                    Some(arguments) => Some(arguments),
                    None => self.written_arguments(on_enum),
                };
                self.constructor(*id, *variant, arguments)
            }
            Definition::External(path) => Meaning::External(path.clone()),
            _ => Meaning::Unresolved(Unresolved::Path),
        }
    }

    fn written_arguments(&mut self, segment: Option<&Segment>) -> Option<Arc<[Ty]>> {
        let arguments = &segment?.arguments;
        if arguments.is_empty() {
            return None;
        }
        let lowered: Vec<Ty> = arguments.iter().map(|ty| self.types_in.lower(ty)).collect();
        Some(lowered.iter().map(|ty| self.freshen(ty)).collect())
    }

    /// Type and fields of a struct or variant; without arguments its parameters are open.
    pub(super) fn constructor(&mut self, id: AdtId, variant: u32, arguments: Option<Arc<[Ty]>>) -> Meaning {
        let adt = self.world.map.adt(id);
        let mut arguments = arguments.map_or_else(Vec::new, |arguments| arguments.to_vec());
        arguments.truncate(adt.generics.types.len());
        while arguments.len() < adt.generics.types.len() {
            arguments.push(self.table.fresh());
        }
        let Some(fact) = adt.variants.get(variant as usize) else { return Meaning::Unresolved(Unresolved::Path) };
        let substitution: Vec<(Name, Ty)> = adt.generics.types.iter().map(|one| one.name.clone()).zip(arguments.iter().cloned()).collect();
        let fields = fact.types.iter().map(|ty| substitute(ty, &substitution)).collect();
        let definition = if adt.kind == AdtKind::Enum { Definition::Variant(id, variant) } else { Definition::Adt(id) };
        Meaning::Constructor { definition, ty: Ty::Adt(id, arguments.into()), fields, shape: fact.shape }
    }

    /// The struct or variant that a path in a literal or pattern means, with `Self` and aliases seen through.
    pub(super) fn shape(&mut self, path: &'w Path) -> Meaning {
        let scope = self.types_in.scope;
        self.recorder.path(scope, path, Namespace::Types, &self.types_in);
        let Some(first) = path.segments.first() else { return Meaning::Unresolved(Unresolved::Path) };
        if path.qself.is_some() || first.name == "Self" {
            return match path.segments.len() {
                1 => self.relative_to_first(path),
                _ => {
                    let meaning = self.members_of_self(path);
                    meaning.unwrap_or(Meaning::Unresolved(Unresolved::Path))
                }
            };
        }
        let Some(found) = self.world.map.resolve(scope, path, Namespace::Types) else {
            return Meaning::Unresolved(Unresolved::Path);
        };
        match (&found.definition, path.segments.get(found.used)) {
            (Definition::Alias(_), rest) => {
                let definition = found.definition.clone();
                let ty = self.type_of_definition(&definition, &path.segments[found.used - 1]);
                match (ty, rest) {
                    (Ty::Adt(id, arguments), None) => self.constructor(id, 0, Some(arguments)),
                    (ty @ Ty::Adt(..), Some(member)) => self.member(&ty, member),
                    (Ty::External(path, _), _) => Meaning::External(path),
                    _ => Meaning::Unresolved(Unresolved::Path),
                }
            }
            (_, Some(_)) => Meaning::Unresolved(Unresolved::Path),
            (definition, None) => self.value(&definition.clone(), path),
        }
    }

    fn members_of_self(&mut self, path: &'w Path) -> Option<Meaning> {
        if let Some(qself) = &path.qself {
            return Some(self.qualified(qself, path));
        }
        let head = Path { segments: path.segments[..1].to_vec(), ..Path::default() };
        let ty = self.types_in.lower(&Type::Path(head));
        let own = self.types_in.lower(&Type::Path(Path { span: Span::default(), ..path.clone() }));
        if let Ty::Adt(id, arguments) = self.shallow(&own) {
            return Some(self.constructor(id, 0, Some(arguments)));
        }
        Some(self.members(&ty, &path.segments[1..]))
    }
}

impl Callable {
    /// As a path, a method takes its receiver as the first argument.
    pub(super) fn parameters_with_receiver(&self, infer: &mut Infer, picked: &Picked) -> Vec<Ty> {
        let signature = infer.world.signature(picked.function);
        let Some(receiver) = &signature.receiver else { return self.parameters.clone() };
        let receiver = substitute(receiver, &picked.substitution);
        // Parameters of the impl that are still open are as good as unknown here.
        let receiver = map_type(&receiver, &mut |ty| match ty {
            Ty::Parameter(name) if !infer.is_parameter(name) && name != "Self" => Some(Ty::Unknown),
            _ => None,
        });
        std::iter::once(receiver).chain(self.parameters.iter().cloned()).collect()
    }
}

fn target_function(target: &Target) -> Option<FunctionId> {
    match target {
        Target::Function(id) | Target::Trait { method: id, .. } => Some(*id),
        Target::External { function, .. } => *function,
        _ => None,
    }
}

pub(super) fn name_span(path: &Path) -> Span {
    path.segments.last().map_or(path.span, |segment| segment.span)
}
