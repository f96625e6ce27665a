//! What recognizers are given, and the questions they all ask of it.

use crate::cache::Cache;
use crate::facts::{self, Body, ExprId, ExpressionKind};
use crate::knowledge::{Does, Knowledge, TypeRole};
use crate::model;
use crate::resolve::{
    self, CallKind, CallSite, Container, CrateGraph, CrateId, Definition, DependencyTarget, FunctionId, Resolved, Target, Ty,
};
use crate::source::{FileId, Place, Sources, Span};
use crate::words::first_segment;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use semver::Version;

/// Everything a recognizer may look at.
pub struct Inputs<'a> {
    pub resolved: &'a Resolved,
    pub graph: &'a CrateGraph,
    pub knowledge: &'a Knowledge,
    pub sources: &'a Sources,
    /// Of what needs nothing but files.
    pub cache: &'a Cache,
    /// Text of a file that is no Rust source, by its path relative to the workspace root: for `include_str!` and `query_file!`.
    pub read: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Files below the workspace root that are not hidden, by their paths relative to it.
    pub files: &'a [String],
    pub packages: Vec<model::Package>,
    /// Sorted by the folders that hold them.
    pub migrations: Vec<super::MigrationFiles<crate::source::FileId>>,
    /// Whether a file came with the change that is checked, by its path relative to the workspace root.
    pub is_new: &'a (dyn Fn(&str) -> bool + Sync),
    /// What the configuration says about the backend.
    pub declared: &'a model::Declared,
    pub known: KnownCalls<'a>,
}

/// What calls do, by knowledge: looked up once, since every recognizer asks for every call.
pub struct KnownCalls<'a> {
    /// By function, and sorted by expression; calls that nothing is known about are left out.
    by_function: Vec<Vec<(ExprId, &'a [Does])>>,
    versions: Versions<'a>,
}

/// Versions of the crates that each crate of the workspace depends on, by the names that canonical paths begin with.
struct Versions<'a> {
    by_source: Vec<FxHashMap<String, &'a Version>>,
}

impl<'a> Versions<'a> {
    fn new(graph: &'a CrateGraph) -> Self {
        let of_crate = |krate: &'a resolve::SourceCrate| {
            let mut versions = FxHashMap::default();
            for dependency in &krate.dependencies {
                if let DependencyTarget::External { package, version: Some(version) } = &dependency.to {
                    versions.entry(package.replace('-', "_")).or_insert(version);
                }
            }
            versions
        };
        Self { by_source: graph.crates.iter().map(of_crate).collect() }
    }

    fn of(&self, resolved: &Resolved, krate: CrateId, path: &str) -> Option<&'a Version> {
        self.by_source[resolved.crates[krate.0 as usize].source?].get(first_segment(path)).copied()
    }
}

impl<'a> KnownCalls<'a> {
    pub fn new(resolved: &'a Resolved, graph: &'a CrateGraph, knowledge: &'a Knowledge) -> Self {
        let versions = Versions::new(graph);
        let of_function = |(function, body): (&resolve::Function, &'a resolve::ResolvedBody)| {
            let known = body.calls.iter().filter_map(|call| {
                let path = external_path(&call.target, resolved)?;
                let does = match call.kind {
                    _ if !knowledge.has(path) => return None,
                    CallKind::Macro => knowledge.macro_(path, versions.of(resolved, function.krate, path)),
                    _ => knowledge.function(path, versions.of(resolved, function.krate, path)),
                };
                (!does.is_empty()).then_some((call.expression, does))
            });
            known.collect()
        };
        let by_function = resolved.functions.par_iter().zip(&resolved.bodies).map(of_function).collect();
        Self { by_function, versions }
    }

    fn does(&self, function: FunctionId, expression: ExprId) -> &'a [Does] {
        let known = &self.by_function[function.0 as usize];
        known.binary_search_by_key(&expression, |(at, _)| *at).map_or(&[], |at| known[at].1)
    }
}

impl<'a> Inputs<'a> {
    /// Version of the package named by the first segment of `path`, as the crate of `function` depends on it.
    pub fn version_of(&self, krate: CrateId, path: &str) -> Option<&'a Version> {
        self.known.versions.of(self.resolved, krate, path)
    }

    /// What a call of `function` does, by knowledge. Empty for calls inside the workspace.
    pub fn does(&self, function: FunctionId, call: &CallSite) -> &'a [Does] {
        self.known.does(function, call.expression)
    }

    /// The same for the call that `expression` is, if it is one.
    pub fn does_at(&self, function: FunctionId, expression: ExprId) -> &'a [Does] {
        self.known.does(function, expression)
    }

    /// All that calls of `function` do, by knowledge, in source order.
    pub fn all_does(&self, function: FunctionId) -> impl Iterator<Item = &'a Does> + use<'_, 'a> {
        self.known.by_function[function.0 as usize].iter().flat_map(|(_, does)| *does)
    }

    /// What a path in `file` means, where that is something outside of its module. Code in several crates has several meanings, and the
    /// last one counts.
    pub fn meaning(&self, file: FileId, path: &facts::Path) -> Option<&'a Definition> {
        let references = &self.resolved.references;
        let at = |span: Span| {
            let place = Place::new(file, span);
            let until = references.partition_point(|reference| reference.place <= place);
            references[..until].last().filter(|reference| reference.place == place).map(|reference| &reference.to)
        };
        at(path.span).or_else(|| at(path.segments.last()?.span))
    }

    /// Roles of a foreign type, seen through references. Aliases are already expanded.
    pub fn type_roles(&self, krate: CrateId, ty: &Ty) -> &'a [TypeRole] {
        match self.type_path(ty) {
            Some(path) => self.knowledge.type_roles(path, self.version_of(krate, path)),
            None => &[],
        }
    }

    /// Path of a nominal type, seen through references.
    pub fn type_path(&self, ty: &'a Ty) -> Option<&'a str> {
        match ty {
            Ty::Reference(inner) => self.type_path(inner),
            Ty::Adt(id, _) => Some(&self.resolved.adts[id.0 as usize].path),
            Ty::External(path, _) => Some(path),
            _ => None,
        }
    }

    pub fn body(&self, function: FunctionId) -> Option<&'a Body> {
        self.resolved.functions[function.0 as usize].body.as_deref()
    }

    pub fn calls(&self, function: FunctionId) -> &'a [CallSite] {
        &self.resolved.bodies[function.0 as usize].calls
    }

    /// The call that `expression` is, if it is one.
    pub fn call_at(&self, function: FunctionId, expression: ExprId) -> Option<&'a CallSite> {
        let calls = self.calls(function);
        calls.binary_search_by_key(&expression, |call| call.expression).ok().map(|at| &calls[at])
    }

    pub fn type_of(&self, function: FunctionId, expression: ExprId) -> &'a Ty {
        self.resolved.bodies[function.0 as usize].types.get(expression.0 as usize).unwrap_or(&Ty::Unknown)
    }

    /// What a path expression means.
    pub fn definition_at(&self, function: FunctionId, expression: ExprId) -> Option<&'a Definition> {
        let paths = &self.resolved.bodies[function.0 as usize].paths;
        paths.binary_search_by_key(&expression, |(at, _)| *at).ok().map(|at| &paths[at].1)
    }

    pub fn place_of(&self, function: FunctionId, expression: ExprId) -> Place {
        let file = self.resolved.functions[function.0 as usize].file;
        let span = self.body(function).map_or(Default::default(), |body| body[expression].span);
        Place::new(file, span)
    }

    /// Functions of the workspace (not of declared crates) with a body.
    pub fn own_functions(&self) -> impl Iterator<Item = FunctionId> + use<'a> {
        let resolved = self.resolved;
        (0..resolved.functions.len() as u32).map(FunctionId).filter(|id| has_own_body(resolved, *id))
    }

    /// Whether it is one of [`Inputs::own_functions`].
    pub fn has_own_body(&self, function: FunctionId) -> bool {
        has_own_body(self.resolved, function)
    }

    /// Arguments of a call or method call, without the receiver.
    pub fn arguments(body: &Body, expression: ExprId) -> &[ExprId] {
        match &body[expression].kind {
            ExpressionKind::Call { arguments, .. } | ExpressionKind::MethodCall { arguments, .. } => arguments,
            _ => &[],
        }
    }

    /// Whether it is of the workspace, not of a crate that knowledge declares.
    pub fn is_own(&self, function: FunctionId) -> bool {
        let krate = self.resolved.functions[function.0 as usize].krate;
        self.resolved.crates[krate.0 as usize].source.is_some()
    }

    pub fn is_initializer(&self, function: FunctionId) -> bool {
        self.resolved.functions[function.0 as usize].container == Container::Initializer
    }
}

fn has_own_body(resolved: &Resolved, id: FunctionId) -> bool {
    let function = &resolved.functions[id.0 as usize];
    function.body.is_some() && resolved.crates[function.krate.0 as usize].source.is_some()
}

/// Canonical path of a target outside the workspace.
pub fn external_path<'r>(target: &'r Target, resolved: &'r Resolved) -> Option<&'r str> {
    match target {
        Target::External { path, .. } => Some(path),
        Target::Function(id) | Target::Trait { method: id, .. } => {
            let function = &resolved.functions[id.0 as usize];
            resolved.crates[function.krate.0 as usize].source.is_none().then_some(&*function.path)
        }
        _ => None,
    }
}
