//! Which code composes routers at all. Only that is evaluated, and the rest of the workspace costs nothing.

use super::evaluate::routing_of;
use super::value::{Router, Value};
use crate::facts::{self, Body, ExprId, ExpressionKind};
use crate::knowledge::{Does, Routing};
use crate::model::Callers;
use crate::recognize::Inputs;
use crate::resolve::{Definition, FunctionId, ModuleId, Target};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// Expressions in a function that is one table of texts.
const LONGEST_TABLE: usize = 5_000;

pub(super) struct Relevant<'a> {
    inputs: &'a Inputs<'a>,
    /// By function: composes routers itself.
    composes: Vec<bool>,
    /// By function: composes routers or calls what does.
    reaches: Vec<bool>,
    /// Functions that another relevant function calls.
    called: Vec<bool>,
    /// Types whose methods change routers, with their framework.
    router_types: FxHashMap<&'a str, &'a str>,
    /// The same by last segment.
    router_names: FxHashMap<&'a str, &'a str>,
    /// Types of the workspace that are called like a router, by module.
    namesakes: FxHashSet<(ModuleId, &'a str)>,
    /// Types whose methods change endpoints, stacks of middleware, handlers.
    pub endpoint_types: Vec<&'a str>,
    pub stack_types: Vec<&'a str>,
    pub extension_types: Vec<&'a str>,
    /// Names of methods that hardly anything but a router has.
    method_names: FxHashSet<&'a str>,
}

impl<'a> Relevant<'a> {
    pub fn new(inputs: &'a Inputs<'a>) -> Self {
        let count = inputs.resolved.functions.len();
        let mut relevant = Relevant {
            inputs,
            composes: vec![false; count],
            reaches: vec![false; count],
            called: vec![false; count],
            router_types: FxHashMap::default(),
            router_names: FxHashMap::default(),
            namesakes: FxHashSet::default(),
            endpoint_types: Vec::new(),
            stack_types: Vec::new(),
            extension_types: Vec::new(),
            method_names: FxHashSet::default(),
        };
        relevant.read_knowledge();
        let types = inputs.resolved.adts.iter().map(|adt| (adt.module, adt.name.as_str()));
        relevant.namesakes = types.filter(|(_, name)| relevant.router_names.contains_key(name)).collect();
        relevant.find_composers();
        relevant.find_callers();
        relevant
    }

    fn read_knowledge(&mut self) {
        for block in &self.inputs.knowledge.crates {
            let rows = block.function.iter().flat_map(|row| row.paths.iter().map(move |path| (path.as_str(), row)));
            let rows: Vec<(&str, &Routing)> = rows.filter_map(|(path, row)| Some((path, routing_of(&row.does)?))).collect();
            let framework = rows.iter().find_map(|(_, routing)| match routing {
                Routing::New { framework, .. } => Some(framework.as_str()),
                _ => None,
            });
            for (path, routing) in rows {
                self.read_row(path, routing, framework);
            }
        }
        for list in [&mut self.endpoint_types, &mut self.stack_types, &mut self.extension_types] {
            list.sort_unstable();
            list.dedup();
        }
    }

    fn read_row(&mut self, path: &'a str, routing: &'a Routing, framework: Option<&'a str>) {
        let Some((owner, method)) = path.rsplit_once("::") else { return };
        match routing {
            Routing::New { is: Some(is), framework, .. } => self.add_router_type(is, framework),
            Routing::Nest { .. } | Routing::Configure { .. } | Routing::Route { .. } => {
                self.method_names.insert(method);
                match framework {
                    Some(framework) => self.add_router_type(owner, framework),
                    None => self.extension_types.push(owner),
                }
            }
            Routing::TypedRoute { .. } => self.extension_types.push(owner),
            Routing::Layer { .. } | Routing::Merge { .. } => {
                self.method_names.insert(method);
                if matches!(routing, Routing::Layer { covers: crate::knowledge::Covers::Inner, .. }) {
                    self.endpoint_types.push(owner);
                }
            }
            Routing::Handler { .. } | Routing::Method { .. } => self.endpoint_types.push(owner),
            Routing::Push { .. } => self.stack_types.push(owner),
            _ => {}
        }
    }

    fn add_router_type(&mut self, path: &'a str, framework: &'a str) {
        self.router_types.insert(path, framework);
        if let Some(name) = path.rsplit("::").next() {
            self.router_names.insert(name, path);
        }
    }

    fn find_composers(&mut self) {
        let functions = 0..self.inputs.resolved.functions.len() as u32;
        let composes = |id: FunctionId| self.inputs.has_own_body(id) && (self.calls_routing(id) || self.signature_names_router(id));
        self.composes = functions.into_par_iter().map(FunctionId).map(composes).collect();
        self.reaches = self.composes.clone();
    }

    fn calls_routing(&self, id: FunctionId) -> bool {
        self.inputs.all_does(id).any(|does| matches!(does, Does::Routing(_)))
            || self.inputs.calls(id).iter().any(|call| {
 matches!(call.kind, crate::resolve::CallKind::Macro)
                    && matches!(&self.inputs.body(id).map(|body| &body[call.expression].kind),
                        Some(ExpressionKind::Macro(call)) if call.path.last().is_some_and(|name| name == "routes" || name.starts_with("openapi_get_routes")))
        })
    }

    fn signature_names_router(&self, id: FunctionId) -> bool {
        let Some(facts) = &self.inputs.resolved.functions[id.0 as usize].facts else { return false };
        facts.parameters.iter().map(|parameter| &parameter.ty).chain(&facts.returns).any(|ty| self.names_router(id, ty, 0))
    }

    fn names_router(&self, function: FunctionId, ty: &facts::Type, depth: usize) -> bool {
        if depth > 8 {
            return false;
        }
        let of_path = |path: &facts::Path| {
            self.router_named(function, path).is_some()
                || path.last().is_some_and(|name| name == "HttpServiceFactory" || name.ends_with("Layer"))
                || path.segments.iter().flat_map(|segment| &segment.arguments).any(|inner| self.names_router(function, inner, depth + 1))
        };
        match ty {
            facts::Type::Path(path) => of_path(path),
            facts::Type::Reference(inner) | facts::Type::Slice(inner) | facts::Type::Array(inner) => {
                self.names_router(function, inner, depth + 1)
            }
            facts::Type::Tuple(types) | facts::Type::ImplTrait(types) | facts::Type::DynTrait(types) => {
                types.iter().any(|inner| self.names_router(function, inner, depth + 1))
            }
            _ => false,
        }
    }

    /// Spreads from composers to whatever calls or names them.
    fn find_callers(&mut self) {
        let calls = self.inputs.own_functions().flat_map(|id| self.inputs.calls(id).iter().map(move |call| (id, call)));
        let calls =
            calls.flat_map(|(id, call)| targets(&call.target).filter(move |target| *target != id).map(move |target| (target.0, id)));
        let callers = Callers::new(self.inputs.resolved.functions.len(), calls);
        let mut queue: Vec<FunctionId> = self.ids(&self.composes);
        while let Some(id) = queue.pop() {
            for caller in callers.of(id.0) {
                self.called[id.0 as usize] |= self.is_test(id) || !self.is_test(*caller);
                if !std::mem::replace(&mut self.reaches[caller.0 as usize], true) {
                    queue.push(*caller);
                }
            }
        }
    }

    fn ids(&self, marks: &[bool]) -> Vec<FunctionId> {
        let marked = marks.iter().enumerate().filter(|(_, marked)| **marked);
        marked.map(|(at, _)| FunctionId(at as u32)).collect()
    }

    fn is_test(&self, id: FunctionId) -> bool {
        self.inputs.resolved.functions[id.0 as usize].test
    }

    /// Where evaluation starts: what composes or leads there and is called by nothing that does. `main`s first, tests last.
    pub fn roots(&self) -> Vec<FunctionId> {
        let mut roots: Vec<FunctionId> = self.ids(&self.reaches);
        roots.retain(|id| !self.called[id.0 as usize] && (!self.is_test(*id) || self.composes[id.0 as usize]));
        roots.sort_by_key(|id| {
            let function = &self.inputs.resolved.functions[id.0 as usize];
            (function.test, function.name != "main", id.0)
        });
        roots
    }

    pub fn composers(&self) -> Vec<FunctionId> {
        let mut composers = self.ids(&self.composes);
        composers.sort_by_key(|id| (self.is_test(*id), id.0));
        composers
    }

    pub fn function(&self, id: FunctionId) -> bool {
        self.reaches[id.0 as usize]
    }

    /// Small functions that return a text: paths and prefixes.
    pub fn gives_text(&self, id: FunctionId) -> bool {
        let function = &self.inputs.resolved.functions[id.0 as usize];
        let Some(returns) = function.facts.as_ref().and_then(|facts| facts.returns.as_ref()) else { return false };
        let Some(body) = &function.body else { return false };
        // Of a table by variant, only the arm that fits is evaluated.
        let most = if is_table(body) { LONGEST_TABLE } else { 60 };
        body.expressions.len() < most && matches!(text_type(returns), Some("str" | "String" | "Cow"))
    }

    /// Whether the code inside `id` can change a router.
    pub fn inside(&self, function: FunctionId, body: &Body, id: ExprId) -> bool {
        let calls = self.inputs.calls(function);
        let from = calls.partition_point(|call| call.expression < body[id].first);
        let resolved = calls[from..].iter().take_while(|call| call.expression <= id).any(|call| {
            self.inputs.does(function, call).iter().any(|does| matches!(does, Does::Routing(_)))
                || targets(&call.target).any(|target| self.reaches[target.0 as usize])
        });
        resolved || body.inside(id).any(|inner| self.looks_like_routing(function, body, inner))
    }

    fn looks_like_routing(&self, function: FunctionId, body: &Body, id: ExprId) -> bool {
        match &body[id].kind {
            ExpressionKind::MethodCall { name, .. } => {
                self.method_names.contains(name.as_str())
                    && self.inputs.call_at(function, id).is_none_or(|call| matches!(call.target, Target::Unresolved(_)))
            }
            ExpressionKind::Macro(call) => call.path.last() == Some("routes"),
            _ => false,
        }
    }

    /// `is`, then the other router types of its framework, in order.
    pub fn router_types_like<'n>(&self, is: &'n str, framework: &str) -> Vec<&'n str>
    where
        'a: 'n,
    {
        let mut types: Vec<&str> =
            self.router_types.iter().filter(|(path, of)| **of == framework && **path != is).map(|(path, _)| *path).collect();
        types.sort_unstable();
        types.insert(0, is);
        types
    }

    pub fn empty_router(&self, path: &str) -> Option<Value> {
        self.router_types.get(path).map(|framework| Value::Router(Rc::new(Router::new(path, framework))))
    }

    pub fn empty_router_named(&self, name: &str) -> Option<Value> {
        self.router_names.get(name).and_then(|path| self.empty_router(path))
    }

    /// An empty router of the type that is written in the signature of `function`, or in a closure in it.
    pub fn empty_router_of(&self, function: FunctionId, ty: &facts::Type) -> Option<Value> {
        match ty {
            facts::Type::Reference(inner) => self.empty_router_of(function, inner),
            facts::Type::Path(path) => self.empty_router(self.router_named(function, path)?),
            _ => None,
        }
    }

    /// The router type that `path` in the code of `function` may mean: one whose name it has, unless it means something else.
    fn router_named(&self, function: FunctionId, path: &facts::Path) -> Option<&'a str> {
        let router = *self.router_names.get(path.last()?)?;
        let function = &self.inputs.resolved.functions[function.0 as usize];
        let may_be = match self.inputs.meaning(function.file, path) {
            Some(Definition::Adt(id)) => self.router_types.contains_key(&*self.inputs.resolved.adts[id.0 as usize].path),
            Some(Definition::Trait(_)) => false,
            // Other crates hand on the types of frameworks.
            Some(_) => true,
            None => !self.namesakes.contains(&(function.module, path.last()?)),
        };
        may_be.then_some(router)
    }
}

/// `match self { Self::A => "/a", .. }`.
fn is_table(body: &Body) -> bool {
    let ExpressionKind::Block { statements, tail: Some(tail), .. } = &body[body.root].kind else { return false };
    statements.is_empty() && matches!(body[*tail].kind, ExpressionKind::Match { .. })
}

fn targets(target: &Target) -> impl Iterator<Item = FunctionId> {
    let (certain, possible) = match target {
        Target::Function(id) => (Some(*id), &[][..]),
        Target::Trait { method, may_reach } if may_reach.len() <= 4 => (Some(*method), &may_reach[..]),
        _ => (None, &[][..]),
    };
    possible.iter().copied().chain(certain)
}

fn text_type(ty: &facts::Type) -> Option<&str> {
    match ty {
        facts::Type::Reference(inner) => text_type(inner),
        facts::Type::Path(path) => path.last(),
        _ => None,
    }
}
