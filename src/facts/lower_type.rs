//! Paths, types, bounds and generics.

use super::source_map::SourceMap;
use super::{Generics, Path, Segment, Type, TypeParameter};
use crate::source::Span;
use syn::{GenericArgument, GenericParam, PathArguments, TypeParamBound, WherePredicate};

impl SourceMap<'_> {
    pub fn path(&self, path: &syn::Path) -> Path {
        // Most paths have one segment, and collecting would make room for four.
        let mut segments: Vec<Segment> = Vec::with_capacity(path.segments.len());
        segments.extend(path.segments.iter().map(|segment| self.segment(segment)));
        let start = match &path.leading_colon {
            Some(colon) => self.start(colon.spans[0]),
            None => segments.first().map_or(0, |segment| segment.span.start),
        };
        let end = path.segments.last().map_or(start, |last| self.end_of_segment(last, segments[segments.len() - 1].span));
        Path { global: path.leading_colon.is_some(), qself: None, trait_segments: 0, segments, span: Span { start, end } }
    }

    pub fn qualified_path(&self, qself: Option<&syn::QSelf>, path: &syn::Path) -> Path {
        let mut lowered = self.path(path);
        if let Some(qself) = qself {
            lowered.global = path.leading_colon.is_some();
            lowered.trait_segments = qself.position;
            lowered.qself = Some(Box::new(self.ty(&qself.ty)));
            lowered.span.start = self.start(qself.lt_token.spans[0]);
        }
        lowered
    }

    fn segment(&self, segment: &syn::PathSegment) -> Segment {
        let (name, span) = self.name(&segment.ident);
        let mut lowered = Segment { name, span, arguments: Vec::new(), bindings: Vec::new() };
        match &segment.arguments {
            PathArguments::None => {}
            PathArguments::AngleBracketed(generic) => self.angle_bracketed(generic, &mut lowered),
            PathArguments::Parenthesized(sugar) => {
                let inputs = sugar.inputs.iter().map(|argument| self.ty(&argument.ty)).collect();
                lowered.arguments.push(Type::Tuple(inputs));
                let output = self.return_type(&sugar.output).unwrap_or(Type::Tuple(Vec::new()));
                lowered.bindings.push(("Output".into(), output));
            }
        }
        lowered
    }

    fn angle_bracketed(&self, generic: &syn::AngleBracketedGenericArguments, segment: &mut Segment) {
        segment.arguments.reserve_exact(generic.args.iter().filter(|one| matches!(one, GenericArgument::Type(_))).count());
        for argument in &generic.args {
            match argument {
                GenericArgument::Type(ty) => segment.arguments.push(self.ty(ty)),
                GenericArgument::AssocType(binding) => {
                    segment.bindings.push((self.name(&binding.ident).0, self.ty(&binding.ty)));
                }
                GenericArgument::Constraint(constraint) => {
                    let bounds = self.bounds(&constraint.bounds);
                    segment.bindings.push((self.name(&constraint.ident).0, Type::ImplTrait(bounds)));
                }
                _ => {}
            }
        }
    }

    fn end_of_segment(&self, segment: &syn::PathSegment, name: Span) -> u32 {
        match &segment.arguments {
            PathArguments::None => name.end,
            PathArguments::AngleBracketed(generic) => self.end(generic.gt_token.spans[0]),
            PathArguments::Parenthesized(sugar) => match &sugar.output {
                syn::ReturnType::Default => self.end(sugar.paren_token.span.close()),
                syn::ReturnType::Type(_, ty) => self.end_of_type(ty).unwrap_or_else(|| self.end(sugar.paren_token.span.close())),
            },
        }
    }

    /// Where a type ends, for those that end in a token of their own.
    pub fn end_of_type(&self, ty: &syn::Type) -> Option<u32> {
        let mut ty = ty;
        loop {
            ty = match ty {
                syn::Type::Reference(reference) => &reference.elem,
                syn::Type::Ptr(pointer) => &pointer.elem,
                syn::Type::Group(group) => &group.elem,
                syn::Type::FnPtr(pointer) => match &pointer.output {
                    syn::ReturnType::Default => return Some(self.end(pointer.paren_token.span.close())),
                    syn::ReturnType::Type(_, ty) => ty,
                },
                syn::Type::Array(array) => return Some(self.end(array.bracket_token.span.close())),
                syn::Type::Slice(slice) => return Some(self.end(slice.bracket_token.span.close())),
                syn::Type::Tuple(tuple) => return Some(self.end(tuple.paren_token.span.close())),
                syn::Type::Paren(paren) => return Some(self.end(paren.paren_token.span.close())),
                syn::Type::Infer(infer) => return Some(self.end(infer.underscore_token.spans[0])),
                syn::Type::Never(never) => return Some(self.end(never.bang_token.spans[0])),
                syn::Type::Macro(call) => return Some(self.end(call.mac.delimiter.span().close())),
                syn::Type::Path(path) => return self.end_of_path(&path.path),
                syn::Type::ImplTrait(bounds) => return self.end_of_bounds(&bounds.bounds),
                syn::Type::TraitObject(bounds) => return self.end_of_bounds(&bounds.bounds),
                _ => return None,
            }
        }
    }

    fn end_of_path(&self, path: &syn::Path) -> Option<u32> {
        let last = path.segments.last()?;
        Some(self.end_of_segment(last, self.name(&last.ident).1))
    }

    fn end_of_bounds(&self, bounds: &Bounds) -> Option<u32> {
        match bounds.last()? {
            TypeParamBound::Trait(bound) => match &bound.paren_token {
                Some(paren) => Some(self.end(paren.span.close())),
                None => self.end_of_path(&bound.path),
            },
            TypeParamBound::Lifetime(lifetime) => Some(self.end(lifetime.ident.span())),
            TypeParamBound::PreciseCapture(capture) => Some(self.end(capture.gt_token.spans[0])),
            _ => None,
        }
    }

    pub fn ty(&self, ty: &syn::Type) -> Type {
        match ty {
            syn::Type::Path(path) => Type::Path(self.qualified_path(path.qself.as_ref(), &path.path)),
            syn::Type::Reference(reference) => Type::Reference(Box::new(self.ty(&reference.elem))),
            syn::Type::Ptr(pointer) => Type::Reference(Box::new(self.ty(&pointer.elem))),
            syn::Type::Slice(slice) => Type::Slice(Box::new(self.ty(&slice.elem))),
            syn::Type::Array(array) => Type::Array(Box::new(self.ty(&array.elem))),
            syn::Type::Tuple(tuple) => Type::Tuple(tuple.elems.iter().map(|ty| self.ty(ty)).collect()),
            syn::Type::Paren(paren) => self.ty(&paren.elem),
            syn::Type::Group(group) => self.ty(&group.elem),
            syn::Type::ImplTrait(bounds) => Type::ImplTrait(self.bounds(&bounds.bounds)),
            syn::Type::TraitObject(bounds) => Type::DynTrait(self.bounds(&bounds.bounds)),
            syn::Type::FnPtr(pointer) => Type::FunctionPointer {
                parameters: pointer.inputs.iter().map(|argument| self.ty(&argument.ty)).collect(),
                returns: self.return_type(&pointer.output).map(Box::new),
            },
            syn::Type::Never(_) => Type::Never,
            syn::Type::Infer(_) => Type::Infer,
            _ => Type::Unknown,
        }
    }

    /// `None` where nothing is written or `()` is.
    pub fn return_type(&self, output: &syn::ReturnType) -> Option<Type> {
        match output {
            syn::ReturnType::Default => None,
            syn::ReturnType::Type(_, ty) => match self.ty(ty) {
                Type::Tuple(elements) if elements.is_empty() => None,
                ty => Some(ty),
            },
        }
    }

    /// Trait bounds as path types; lifetimes and `?Sized` say nothing about what can be called.
    pub fn bounds(&self, bounds: &Bounds) -> Vec<Type> {
        bounds
            .iter()
            .filter_map(|bound| match bound {
                TypeParamBound::Trait(bound) if bound.maybe.is_none() => Some(Type::Path(self.path(&bound.path))),
                _ => None,
            })
            .collect()
    }

    pub fn generics(&self, generics: &syn::Generics) -> Generics {
        let mut lowered = Generics::default();
        for parameter in &generics.params {
            let GenericParam::Type(parameter) = parameter else { continue };
            lowered.types.push(TypeParameter {
                name: self.name(&parameter.ident).0,
                bounds: self.bounds(&parameter.bounds),
                default: parameter.default.as_ref().map(|(_, ty)| self.ty(ty)),
            });
        }
        self.where_clause(generics.where_clause.as_ref(), &mut lowered);
        lowered
    }

    fn where_clause(&self, clause: Option<&syn::WhereClause>, generics: &mut Generics) {
        for predicate in clause.into_iter().flat_map(|clause| &clause.predicates) {
            let WherePredicate::Type(predicate) = predicate else { continue };
            let bounds = self.bounds(&predicate.bounds);
            let bounded = self.ty(&predicate.bounded_ty);
            match parameter_named(generics, &bounded) {
                Some(parameter) => parameter.bounds.extend(bounds),
                None => generics.other_bounds.push((bounded, bounds)),
            }
        }
    }
}

type Bounds = syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]>;

fn parameter_named<'g>(generics: &'g mut Generics, bounded: &Type) -> Option<&'g mut TypeParameter> {
    let Type::Path(path) = bounded else { return None };
    let name = path.single()?;
    generics.types.iter_mut().find(|parameter| parameter.name == *name)
}
