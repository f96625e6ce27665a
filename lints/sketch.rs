//! Small backends drawn by hand, for the unit tests of lints.

use crate::findings::Finding;
use crate::lints::Lint;
use crate::model::*;
use crate::source::{FileId, Place, Span};
use std::collections::BTreeMap;

/// A backend with one package, one module and one axum server that nothing limits.
pub struct Sketch {
    pub backend: Backend,
    next: usize,
}

pub const SERVER: ServerId = ServerId(0);

impl Sketch {
    pub fn new() -> Self {
        let mut sketch = Self { backend: Backend::default(), next: 0 };
        let place = sketch.place();
        let package =
            Package { name: "api".into(), version: "0.1.0".into(), manifest: "Cargo.toml".into(), deployable: true, selected: true };
        sketch.backend.packages.push(package);
        sketch.backend.modules.push(Module {
            path: "api".into(),
            package: PackageId(0),
            parent: None,
            file: place.file,
            place,
            context: Context::Production,
        });
        sketch.backend.servers.push(Server {
            name: "api".into(),
            framework: "axum".into(),
            package: PackageId(0),
            place: Some(place),
            context: Context::Production,
            unknown: Vec::new(),
        });
        sketch
    }

    /// Another place in the one file; each is after the one before.
    pub fn place(&mut self) -> Place {
        self.next += 10;
        Place::new(FileId(0), Span::new(self.next, self.next + 5))
    }

    /// `api::login`.
    pub fn function(&mut self, path: &str) -> FunctionId {
        let place = self.place();
        self.backend.functions.push(Function {
            path: path.into(),
            name: path.rsplit("::").next().unwrap_or(path).into(),
            package: PackageId(0),
            module: ModuleId(0),
            place,
            role: Role::Unknown,
            role_why: Vec::new(),
            context: Context::Production,
            is_async: true,
            effects: Vec::new(),
            calls: Vec::new(),
            trait_path: None,
            web_adapter: false,
        });
        FunctionId(self.backend.functions.len() as u32 - 1)
    }

    /// `api::db`, of this role.
    pub fn module(&mut self, path: &str, role: Role) -> ModuleId {
        let place = self.place();
        let (package, context, parent) = (PackageId(0), Context::Production, Some(ModuleId(0)));
        self.backend.modules.push(Module { path: path.into(), package, parent, file: place.file, place, context });
        self.backend.layering.modules.resize(self.backend.modules.len(), ModuleLayer::default());
        let layer = self.backend.layering.modules.last_mut().expect("it was just made");
        (layer.layer, layer.role) = (role.name().into(), role);
        ModuleId(self.backend.modules.len() as u32 - 1)
    }

    /// `api::db::find`, in the module `api::db` that was drawn before.
    pub fn function_in(&mut self, path: &str, role: Role) -> FunctionId {
        let id = self.function(path);
        let module = self.module_of(path);
        let function = self.function_mut(id);
        (function.module, function.role) = (module, role);
        id
    }

    fn module_of(&self, item: &str) -> ModuleId {
        let path = item.rsplit_once("::").map_or(item, |(module, _)| module);
        let at = self.backend.modules.iter().position(|module| module.path == path);
        ModuleId(at.expect("the module was drawn before") as u32)
    }

    /// Module `from` names `item` of another module.
    pub fn uses(&mut self, from: &str, item: &str, item_kind: ItemKind) {
        let at = self.backend.modules.iter().position(|module| module.path == from).expect("the module was drawn before");
        let (from, to, place) = (ModuleId(at as u32), self.module_of(item), self.place());
        let (item, via) = (item.to_string(), Via::Use);
        let dependency = Dependency { from, to, place, item, item_kind, function: None, to_function: None, via, test: false };
        self.backend.dependencies.push(dependency);
    }

    /// The dependency of this index goes against the order.
    pub fn breach(&mut self, dependency: usize, kind: BreachKind, from: &str, to: &str) {
        let (from_layer, to_layer) = (from.to_string(), to.to_string());
        self.backend.layering.breaches.push(Breach { kind, dependency, from_layer, to_layer });
    }

    pub fn call(&mut self, from: FunctionId, to: FunctionId) -> Place {
        let place = self.place();
        let call = Call { place, to, kind: CallKind::Direct, once: false, spawned: false, in_closure: false };
        self.backend.functions[from.0 as usize].calls.push(call);
        place
    }

    pub fn effect(&mut self, function: FunctionId, kind: EffectKind, what: &str) -> Place {
        let place = self.place();
        let effect = Effect { kind, place, what: what.into(), once: false, spawned: false };
        self.backend.functions[function.0 as usize].effects.push(effect);
        place
    }

    /// A route without middleware, of which everything is known to be absent.
    pub fn route(&mut self, method: &str, path: &str, handler: FunctionId) -> RouteId {
        let place = self.place();
        let no = || Truth::No("the stack and what the handler calls".into());
        self.backend.routes.push(Route {
            method: method.into(),
            path: path.into(),
            path_known: true,
            protocol: Protocol::Http,
            framework: "axum".into(),
            package: PackageId(0),
            server: SERVER,
            handler: Handler::Function(handler),
            place,
            middleware: Vec::new(),
            conditional: None,
            context: Context::Production,
            auth: no(),
            rate_limit: no(),
            timeout: no(),
            body_limit: no(),
            cache: no(),
            identity: no(),
            takes_body: Truth::default(),
            takes_secret: Truth::default(),
            reads: Vec::new(),
            writes: Vec::new(),
        });
        RouteId(self.backend.routes.len() as u32 - 1)
    }

    pub fn route_mut(&mut self, id: RouteId) -> &mut Route {
        &mut self.backend.routes[id.0 as usize]
    }

    pub fn function_mut(&mut self, id: FunctionId) -> &mut Function {
        &mut self.backend.functions[id.0 as usize]
    }

    /// A resource that `function` builds at start-up.
    pub fn resource(&mut self, kind: ResourceKind, library: &str, system: &str, function: FunctionId) -> &mut Resource {
        let place = self.place();
        self.backend.resources.push(Resource {
            kind,
            library: library.into(),
            system: system.into(),
            type_path: format!("{library}::Thing"),
            function,
            place,
            built: Built::Startup,
            settings: BTreeMap::new(),
            limits: None,
            acquire_timeout: Truth::default(),
            capacity: Truth::default(),
            expiry: Truth::default(),
            dedicated: false,
            per_request_settings: false,
            stored: true,
            per_worker: None,
            shared: None,
        });
        self.backend.resources.last_mut().expect("one was just pushed")
    }

    /// `route`'s handler builds it by way of `chain`.
    pub fn per_request(route: RouteId, functions: &[FunctionId], calls: &[Place], other_routes: usize) -> Built {
        Built::PerRequest { route, chain: Chain { functions: functions.to_vec(), calls: calls.to_vec() }, other_routes }
    }

    /// A query that `function` runs.
    pub fn query(&mut self, function: FunctionId, reads: &[&str], writes: &[&str]) {
        let place = self.effect(function, EffectKind::Sql, "sqlx::query");
        self.backend.data_accesses.push(DataAccess {
            function,
            place,
            library: "sqlx".into(),
            text: None,
            dynamic: false,
            operation: if writes.is_empty() { Operation::Select } else { Operation::Update },
            reads: reads.iter().map(|table| table.to_string()).collect(),
            writes: writes.iter().map(|table| table.to_string()).collect(),
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

    /// A new migration for PostgreSQL that does this to a table which `POST /orders` fills.
    pub fn with_migration(table: &str, change: SchemaChange) -> Self {
        let mut sketch = Sketch::new();
        let add = sketch.function("api::add");
        sketch.route("POST", "/orders", add);
        sketch.query(add, &[], &[table]);
        sketch.backend.data_accesses[0].operation = Operation::Insert;
        let step = MigrationStep { place: sketch.place(), table: table.into(), on_old_table: true, change };
        sketch.backend.migrations.push(Migration {
            file: FileId(0),
            name: "0002_more.sql".into(),
            dialect: Dialect::Postgres,
            transaction: Truth::default(),
            statements: 1,
            steps: vec![step],
        });
        sketch
    }

    /// A table of the one PostgreSQL database, of which everything is known and nothing said yet; the same one for the same name.
    pub fn table(&mut self, name: &str) -> &mut Table {
        let place = Some(self.place());
        if self.backend.schemas.is_empty() {
            self.backend.schemas.push(Schema { root: "migrations".into(), dialect: Dialect::Postgres, ..Schema::default() });
        }
        let tables = &mut self.backend.schemas[0].tables;
        tables.entry(name.into()).or_insert_with(|| Table { name: name.into(), place, ..Table::default() })
    }

    pub fn yes(&mut self, what: &str) -> Truth {
        Truth::Yes(Evidence::at(self.place(), what))
    }

    pub fn check(&self, lint: &Lint) -> Vec<Finding> {
        let mut findings = Vec::new();
        (lint.check)(&self.backend, &mut findings);
        findings
    }

    pub fn messages(&self, lint: &Lint) -> Vec<String> {
        self.check(lint).into_iter().map(|finding| finding.message).collect()
    }
}

/// The evidence of a finding, as words.
pub fn steps(finding: &Finding) -> Vec<&str> {
    finding.evidence.iter().map(|step| step.what.as_str()).collect()
}
