//! Small backends drawn by hand, for tests of roles, layers and rules.

use super::layer::judge;
use super::pattern::segments;
use crate::model::*;
use crate::source::{FileId, Place, Span};

/// Modules come into being with the functions in them, each in a file of its own.
#[derive(Default)]
pub(super) struct Drawn {
    pub backend: Backend,
    pub declared: Declared,
    next: usize,
}

impl Drawn {
    pub(super) fn place(&mut self, module: ModuleId) -> Place {
        self.next += 10;
        Place::new(FileId(module.0), Span::new(self.next, self.next + 5))
    }

    pub(super) fn module(&mut self, path: &str) -> ModuleId {
        if let Some(at) = self.backend.modules.iter().position(|module| module.path == path) {
            return ModuleId(at as u32);
        }
        let parent = path.rsplit_once("::").map(|(parent, _)| self.module(parent));
        let package = self.package(segments(path)[0]);
        let id = ModuleId(self.backend.modules.len() as u32);
        let place = self.place(id);
        self.backend.modules.push(Module { path: path.into(), package, parent, file: FileId(id.0), place, context: Context::Production });
        id
    }

    fn package(&mut self, name: &str) -> PackageId {
        if let Some(at) = self.backend.packages.iter().position(|package| package.name == name) {
            return PackageId(at as u32);
        }
        let manifest = format!("{name}/Cargo.toml");
        self.backend.packages.push(Package { name: name.into(), version: "0.1.0".into(), manifest, deployable: true, selected: true });
        PackageId(self.backend.packages.len() as u32 - 1)
    }

    /// `app::db::find`, `app::db::Users::find`, `app::db::<Users as app::db::Find>::find`.
    pub(super) fn function(&mut self, path: &str) -> FunctionId {
        let parts = segments(path);
        let is_module = |part: &&&str| !part.starts_with('<') && !part.starts_with(char::is_uppercase);
        let module = parts[..parts.len() - 1].iter().take_while(is_module).copied().collect::<Vec<_>>().join("::");
        let module = self.module(&module);
        let place = self.place(module);
        let owner = parts[parts.len() - 2];
        let trait_path = owner.strip_suffix('>').and_then(|owner| owner.split_once(" as ")).map(|(_, path)| path.to_string());
        self.backend.functions.push(Function {
            path: path.into(),
            name: parts[parts.len() - 1].into(),
            package: self.backend.modules[module.0 as usize].package,
            module,
            place,
            role: Role::Unknown,
            role_why: Vec::new(),
            context: Context::Production,
            is_async: true,
            effects: Vec::new(),
            calls: Vec::new(),
            trait_path,
            web_adapter: false,
        });
        FunctionId(self.backend.functions.len() as u32 - 1)
    }

    /// Both the call and the dependency that comes of it.
    pub(super) fn call(&mut self, from: FunctionId, to: FunctionId) {
        let (module, target) = (self.backend.function(from).module, self.backend.function(to).module);
        let place = self.place(module);
        let call = Call { place, to, kind: CallKind::Direct, once: false, spawned: false, in_closure: false };
        self.backend.functions[from.0 as usize].calls.push(call);
        if module != target {
            let item = self.backend.function(to).path.clone();
            self.dependency(module, target, &item, place);
            let last = self.backend.dependencies.last_mut().expect("one was just pushed");
            (last.function, last.to_function) = (Some(from), Some(to));
        }
    }

    pub(super) fn uses(&mut self, from: &str, item: &str) {
        let (from, to) = (self.module(from), self.module(item.rsplit_once("::").map_or(item, |(module, _)| module)));
        let place = self.place(from);
        self.dependency(from, to, item, place);
    }

    fn dependency(&mut self, from: ModuleId, to: ModuleId, item: &str, place: Place) {
        self.backend.dependencies.push(Dependency {
            from,
            to,
            place,
            item: item.into(),
            item_kind: ItemKind::Function,
            function: None,
            to_function: None,
            via: Via::Use,
            test: false,
        });
    }

    pub(super) fn uses_crate(&mut self, from: &str, item: &str) {
        let from = self.module(from);
        let place = self.place(from);
        let krate = segments(item)[0].to_string();
        self.backend.external_uses.push(ExternalUse { from, function: None, place, krate, item: item.into(), via: Via::Use, test: false });
    }

    pub(super) fn effect(&mut self, function: FunctionId, kind: EffectKind, what: &str) {
        let place = self.place(self.backend.function(function).module);
        let effect = Effect { kind, place, what: what.into(), once: false, spawned: false };
        self.backend.functions[function.0 as usize].effects.push(effect);
    }

    pub(super) fn query(&mut self, function: FunctionId) {
        self.effect(function, EffectKind::Sql, "sqlx::query!");
        let place = self.backend.function(function).effects.last().expect("one was just pushed").place;
        self.backend.data_accesses.push(DataAccess {
            function,
            place,
            library: "sqlx".into(),
            text: None,
            dynamic: false,
            operation: Operation::Select,
            reads: Vec::new(),
            writes: Vec::new(),
            rows: Rows::Unknown,
            control: false,
            spawned: false,
            statement: None,
            executor: Executor::Unknown,
            streamed: false,
            served: Vec::new(),
            unserved: Vec::new(),
        });
    }

    pub(super) fn route(&mut self, method: &str, path: &str, handler: FunctionId) {
        let place = self.place(self.backend.function(handler).module);
        let unknown = Truth::default;
        self.backend.routes.push(Route {
            method: method.into(),
            path: path.into(),
            path_known: true,
            protocol: Protocol::Http,
            framework: "axum".into(),
            package: PackageId(0),
            server: ServerId(0),
            handler: Handler::Function(handler),
            place,
            middleware: Vec::new(),
            conditional: None,
            context: Context::Production,
            auth: unknown(),
            rate_limit: unknown(),
            timeout: unknown(),
            body_limit: unknown(),
            cache: unknown(),
            identity: unknown(),
            takes_body: Truth::default(),
            takes_secret: Truth::default(),
            reads: Vec::new(),
            writes: Vec::new(),
        });
    }

    /// `handlers` handlers over as many repository functions.
    pub(super) fn layered(count: usize) -> Self {
        let mut drawn = Self::default();
        for at in 0..count {
            let handler = drawn.function(&format!("app::handlers::get_{at}"));
            let find = drawn.function(&format!("app::db::find_{at}"));
            drawn.route("GET", &format!("/{at}"), handler);
            drawn.query(find);
            drawn.call(handler, find);
        }
        drawn
    }

    pub(super) fn layer(&mut self, name: &str, level: usize, patterns: &[&str]) -> &mut LayerConfig {
        let modules = patterns.iter().map(|text| pattern(text)).collect();
        let span = Span::default();
        let (siblings, closed, optional) = (Siblings::Independent, false, false);
        self.declared.architecture.layers.push(LayerConfig { name: name.into(), span, level, siblings, modules, closed, optional });
        self.declared.architecture.layers.last_mut().expect("one was just pushed")
    }

    pub(super) fn rule(&mut self, name: &str, kind: RuleKind, from: Vec<Criterion>, to: Vec<Criterion>) -> &mut Rule {
        let selector =
            |criteria: Vec<Criterion>| if criteria.is_empty() { vec![] } else { vec![Selector { criteria, span: Span::default() }] };
        self.declared.architecture.rules.push(Rule {
            name: name.into(),
            span: Span::default(),
            kind,
            from: selector(from),
            to: selector(to),
            except: Vec::new(),
            because: None,
        });
        self.declared.architecture.rules.last_mut().expect("one was just pushed")
    }

    pub(super) fn judged(mut self) -> Backend {
        judge(&self.declared, &["reqwest".into()], &[], &mut self.backend);
        self.backend
    }
}

pub(super) fn pattern(text: &str) -> Pattern {
    Pattern { text: text.into(), span: Span::default() }
}

pub(super) fn module(text: &str) -> Criterion {
    Criterion::Module(pattern(text))
}

/// Messages of every rule's violations.
pub(super) fn violations(backend: &Backend) -> Vec<&str> {
    backend.rules.iter().flat_map(|outcome| &outcome.violations).map(|violation| violation.message.as_str()).collect()
}
