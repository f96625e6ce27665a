//! Walks every crate's files and enters what they declare into the definitions: the module tree, items, and items inside bodies.

use super::def_map::*;
use super::*;
use crate::facts::{Attribute, Item, ItemKind, UseKind, Visibility, is_test};
use rustc_hash::FxHashMap;

/// Files and modules deeper than this are a loop of `#[path]`s.
const MAX_MODULE_DEPTH: u32 = 64;

pub(super) struct Collector<'a> {
    pub map: DefMap<'a>,
    pub(super) rules: super::rules::Rules<'a>,
    files: &'a FxHashMap<Arc<str>, FileId>,
    facts: &'a [Option<Arc<facts::FileFacts>>],
}

/// Where an item stands.
#[derive(Clone)]
pub(super) struct Around {
    pub krate: CrateId,
    pub module: ModuleId,
    pub scope: ScopeId,
    pub file: FileId,
    /// Path of the module, or of the function whose body is being read.
    pub prefix: Arc<str>,
    pub test: bool,
    pub function: Option<FunctionId>,
    pub folders: Arc<Folders>,
    pub depth: u32,
    pub thread_local: bool,
}

/// Where `mod x;` looks.
pub(super) struct Folders {
    /// Of the file itself, for `include!` and `#[path]` outside inline modules.
    of_file: String,
    /// For the children of the current module.
    of_children: String,
    inline: bool,
}

/// What an associated item belongs to.
#[derive(Clone, Copy)]
pub(super) struct Of {
    pub container: Container,
    owner: Owner,
}

const FREE: Of = Of { container: Container::Module, owner: Owner::None };

impl<'a> Collector<'a> {
    pub fn new(
        files: &'a FxHashMap<Arc<str>, FileId>,
        facts: &'a [Option<Arc<facts::FileFacts>>],
        written: &'a super::rules::Arena,
    ) -> Self {
        Self { map: DefMap::default(), rules: super::rules::Rules::new(written), files, facts }
    }

    /// A crate of the workspace.
    pub fn add_source_crate(&mut self, index: usize, krate: &SourceCrate, externs: FxHashMap<Name, Extern>) {
        let test = matches!(krate.kind, TargetKind::Test | TargetKind::Bench);
        let id = self.new_crate(&krate.name, Some(index), test, externs);
        let root = self.map.crates[id.0 as usize].root;
        let Some((&file, facts)) = self.files.get(&krate.root).and_then(|file| Some((file, self.facts_of(*file)?))) else { return };
        self.map.modules[root.0 as usize].file = file;
        let folder = folder_of(&krate.root).to_string();
        let around = Around {
            krate: id,
            module: root,
            scope: self.map.module_scope(root),
            file,
            prefix: self.map.modules[root.0 as usize].path.clone(),
            test: test || is_test(&facts.attributes),
            function: None,
            folders: Arc::new(Folders { of_file: folder.clone(), of_children: folder, inline: false }),
            depth: 0,
            thread_local: false,
        };
        self.items(&facts.items, &around);
    }

    /// A crate given by knowledge: one file, no folders.
    pub fn add_declared_crate(&mut self, name: &str, file: FileId, facts: &'a facts::FileFacts, externs: FxHashMap<Name, Extern>) {
        let id = self.new_crate(&name.into(), None, false, externs);
        let root = self.map.crates[id.0 as usize].root;
        self.map.modules[root.0 as usize].file = file;
        let around = Around {
            krate: id,
            module: root,
            scope: self.map.module_scope(root),
            file,
            prefix: name.into(),
            test: false,
            function: None,
            folders: Arc::new(Folders { of_file: String::new(), of_children: String::new(), inline: false }),
            depth: 0,
            thread_local: false,
        };
        self.items(&facts.items, &around);
    }

    fn new_crate(&mut self, name: &Name, source: Option<usize>, test: bool, externs: FxHashMap<Name, Extern>) -> CrateId {
        let id = CrateId(self.map.crates.len() as u32);
        let root = self.new_module(id, None, name.as_str().into(), name, FileId(u32::MAX), true, test, Vec::new());
        self.map.crates.push(Crate { name: name.clone(), source, root });
        self.map.crate_data.push(CrateData {
            externs,
            exported_macros: FxHashMap::default(),
            macro_use: Vec::new(),
            declared: source.is_none(),
        });
        id
    }

    #[expect(clippy::too_many_arguments, reason = "a module has that many properties and one constructor")]
    fn new_module(
        &mut self,
        krate: CrateId,
        parent: Option<ModuleId>,
        path: Arc<str>,
        name: &Name,
        file: FileId,
        own_file: bool,
        test: bool,
        cfg: Vec<Arc<str>>,
    ) -> ModuleId {
        let id = ModuleId(self.map.modules.len() as u32);
        self.map.modules.push(Module { krate, parent, path, name: name.clone(), file, own_file, test, cfg });
        let scope = self.map.new_scope(id, None);
        self.map.module_scopes.push(scope);
        id
    }

    fn facts_of(&self, file: FileId) -> Option<&'a facts::FileFacts> {
        self.facts.get(file.0 as usize)?.as_deref()
    }

    pub(super) fn items(&mut self, items: &'a [Item], around: &Around) {
        for item in items {
            self.item(item, around);
        }
    }

    fn item(&mut self, item: &'a Item, around: &Around) {
        let test = around.test || item.is_test();
        let inner;
        let around = if test == around.test {
            around
        } else {
            inner = Around { test, ..around.clone() };
            &inner
        };
        self.attributes(&item.attributes, around);
        match &item.kind {
            ItemKind::Use(bindings) => self.imports(item, bindings, around),
            ItemKind::ExternCrate { rename } => self.extern_crate(item, rename.as_ref(), around),
            ItemKind::Module { items, path } => self.module(item, items.as_deref(), path.as_deref(), around),
            ItemKind::Function(function) => self.free_function(item, function, around),
            ItemKind::Struct(fact) => self.structure(item, fact, AdtKind::Struct, around),
            ItemKind::Union(fact) => self.structure(item, fact, AdtKind::Union, around),
            ItemKind::Enum(fact) => self.enumeration(item, fact, around),
            ItemKind::Trait(fact) => self.trait_(item, fact, around),
            ItemKind::Impl(fact) => self.impl_(item, fact, around),
            ItemKind::TypeAlias { generics, aliased } => self.alias(item, generics, aliased.as_ref(), around),
            ItemKind::Constant { ty, value, .. } => {
                let id = self.constant(item, ty, value.as_ref(), Owner::None, around);
                self.bind(item, Namespace::Values, Definition::Constant(id), around);
            }
            ItemKind::MacroRules { arms, paths, exported } => self.macro_rules(item, arms, paths, *exported, around),
            ItemKind::MacroCall { path, text, items, .. } => self.macro_call(item, path, text, items, around),
        }
    }

    fn attributes(&mut self, attributes: &'a [Attribute], around: &Around) {
        if self.map.crate_data[around.krate.0 as usize].declared {
            return;
        }
        let kept = attributes.iter().filter(|one| !is_built_in(one));
        self.map.attributes.extend(kept.map(|one| (around.scope, around.file, one)));
    }

    fn bind(&mut self, item: &Item, namespace: Namespace, definition: Definition, around: &Around) {
        let strength = if around.test && !self.map.modules[around.module.0 as usize].test { Strength::Test } else { Strength::Named };
        let public = item.visibility != Visibility::Private;
        self.map.bind(around.scope, &item.name, namespace, Binding { definition, strength, public });
    }

    fn imports(&mut self, item: &'a Item, bindings: &'a [facts::UseBinding], around: &Around) {
        self.map.imports.extend(bindings.iter().map(|binding| Import {
            scope: around.scope,
            binding,
            public: item.visibility != Visibility::Private,
            test: around.test,
            file: around.file,
            function: around.function,
            resolved: false,
        }));
    }

    fn extern_crate(&mut self, item: &'a Item, rename: Option<&'a Name>, around: &Around) {
        let krate = around.krate.0 as usize;
        let target = match item.name.as_str() {
            "self" => Extern::Crate(around.krate),
            name => match self.map.crate_data[krate].externs.get(name) {
                Some(found) => found.clone(),
                None => Extern::Undeclared(name.into()),
            },
        };
        if item.attributes.iter().any(|attribute| attribute.path.last() == Some("macro_use")) {
            self.map.crate_data[krate].macro_use.push(target.clone());
        }
        let name = rename.unwrap_or(&item.name);
        if name != "_" {
            self.map.crate_data[krate].externs.insert(name.clone(), target);
        }
    }

    fn free_function(&mut self, item: &'a Item, function: &'a Arc<facts::Function>, around: &Around) {
        let id = self.function(item, function, FREE, around);
        if item.attributes.iter().any(|attribute| attribute.path.last() == Some("declared_macro")) {
            let path = self.map.function(id).path.clone();
            self.map.declared_macros.insert(path.clone(), id);
            self.bind(item, Namespace::Macros, Definition::Macro(path), around);
        } else {
            self.bind(item, Namespace::Values, Definition::Function(id), around);
        }
    }

    fn function(&mut self, item: &'a Item, fact: &'a Arc<facts::Function>, of: Of, around: &Around) -> FunctionId {
        let id = FunctionId(self.map.functions.len() as u32);
        self.map.functions.push(Function {
            krate: around.krate,
            module: around.module,
            path: join(&around.prefix, &item.name),
            name: item.name.clone(),
            file: around.file,
            facts: Some(fact.clone()),
            body: fact.body.clone(),
            place: Place::new(around.file, item.name_span),
            container: of.container,
            test: around.test,
            inside: around.function,
        });
        self.map.function_data.push(FunctionData { scope: around.scope, constant: None, owner: of.owner, has_block_scopes: false });
        if let Some(body) = &fact.body {
            self.body(id, body, around);
        }
        id
    }

    fn constant(
        &mut self,
        item: &'a Item,
        ty: &'a facts::Type,
        value: Option<&'a Arc<facts::Body>>,
        owner: Owner,
        around: &Around,
    ) -> FunctionId {
        let id = FunctionId(self.map.functions.len() as u32);
        self.map.functions.push(Function {
            krate: around.krate,
            module: around.module,
            path: join(&around.prefix, &item.name),
            name: item.name.clone(),
            file: around.file,
            facts: None,
            body: value.cloned(),
            place: Place::new(around.file, item.name_span),
            container: Container::Initializer,
            test: around.test,
            inside: around.function,
        });
        if around.thread_local {
            self.map.thread_locals.insert(id);
        }
        self.map.function_data.push(FunctionData { scope: around.scope, constant: Some(ty), owner, has_block_scopes: false });
        if let Some(body) = value {
            self.body(id, body, around);
        }
        id
    }

    /// Items of a body stand in the scope of the block that holds their statement.
    fn body(&mut self, function: FunctionId, body: &'a facts::Body, around: &Around) {
        if body.items.is_empty() || around.depth >= MAX_MODULE_DEPTH {
            return;
        }
        self.map.function_data[function.0 as usize].has_block_scopes = true;
        let prefix = self.map.function(function).path.clone();
        // Parents have larger ids than what is inside them, so walking down meets outer blocks first.
        let mut outer: Vec<(u32, u32, ScopeId)> = Vec::new();
        for at in (0..body.expressions.len() as u32).rev() {
            let facts::ExpressionKind::Block { statements, .. } = &body.expressions[at as usize].kind else { continue };
            let items: Vec<u32> =
                statements.iter().filter_map(|one| if let facts::Statement::Item(item) = one { Some(*item) } else { None }).collect();
            if items.is_empty() {
                continue;
            }
            let parent = outer.iter().rev().find(|(first, last, _)| (*first..=*last).contains(&at)).map_or(around.scope, |one| one.2);
            let scope = self.map.new_scope(around.module, Some(parent));
            self.map.block_scopes.insert((function, ExprId(at)), scope);
            outer.push((body.expressions[at as usize].first.0, at, scope));
            let inner = Around { scope, prefix: prefix.clone(), function: Some(function), depth: around.depth + 1, ..around.clone() };
            for item in items.into_iter().filter_map(|index| body.items.get(index as usize)) {
                self.item(item, &inner);
            }
        }
    }

    fn structure(&mut self, item: &'a Item, fact: &'a facts::Struct, kind: AdtKind, around: &Around) {
        let variant = AdtVariant { name: item.name.clone(), shape: fact.shape, fields: fact.fields.clone(), types: Vec::new() };
        for field in &fact.fields {
            self.attributes(&field.attributes, around);
        }
        let id = self.adt(item, kind, &fact.generics, vec![variant], around);
        self.bind(item, Namespace::Types, Definition::Adt(id), around);
        if fact.shape != facts::Shape::Named {
            self.bind(item, Namespace::Values, Definition::Adt(id), around);
        }
    }

    fn enumeration(&mut self, item: &'a Item, fact: &'a facts::Enum, around: &Around) {
        let variants = fact
            .variants
            .iter()
            .map(|variant| AdtVariant {
                name: variant.name.clone(),
                shape: variant.shape,
                fields: variant.fields.clone(),
                types: Vec::new(),
            })
            .collect();
        let id = self.adt(item, AdtKind::Enum, &fact.generics, variants, around);
        self.bind(item, Namespace::Types, Definition::Adt(id), around);
    }

    fn adt(&mut self, item: &'a Item, kind: AdtKind, generics: &facts::Generics, variants: Vec<AdtVariant>, around: &Around) -> AdtId {
        let id = AdtId(self.map.adts.len() as u32);
        self.map.adts.push(Adt {
            module: around.module,
            path: join(&around.prefix, &item.name),
            name: item.name.clone(),
            place: Place::new(around.file, item.name_span),
            kind,
            generics: generics.clone(),
            attributes: item.attributes.clone(),
            variants,
        });
        self.map.adt_data.push(AdtData { scope: around.scope, item: Some(item) });
        id
    }

    fn trait_(&mut self, item: &'a Item, fact: &'a facts::Trait, around: &Around) {
        let id = TraitId(self.map.traits.len() as u32);
        let path = join(&around.prefix, &item.name);
        self.map.traits.push(Trait {
            module: around.module,
            path: path.clone(),
            name: item.name.clone(),
            place: Place::new(around.file, item.name_span),
            attributes: item.attributes.clone(),
            methods: Vec::new(),
            supertraits: Vec::new(),
            impls: Vec::new(),
        });
        self.map.trait_data.push(TraitData { scope: around.scope, fact, constants: Vec::new(), types: Vec::new() });
        self.bind(item, Namespace::Types, Definition::Trait(id), around);
        let inner = Around { prefix: path, ..around.clone() };
        let members = self.members(&fact.items, Of { container: Container::Trait(id), owner: Owner::Trait(id) }, &inner);
        self.map.traits[id.0 as usize].methods = members.methods;
        let data = &mut self.map.trait_data[id.0 as usize];
        (data.constants, data.types) = (members.constants, members.types);
    }

    fn impl_(&mut self, item: &'a Item, fact: &'a facts::Impl, around: &Around) {
        let id = ImplId(self.map.impls.len() as u32);
        self.map.impls.push(Impl {
            module: around.module,
            place: Place::new(around.file, item.name_span),
            trait_: None,
            self_type: Ty::Unknown,
            methods: Vec::new(),
            attributes: item.attributes.clone(),
        });
        self.map.impl_data.push(ImplData { scope: around.scope, fact, constants: Vec::new(), types: Vec::new(), file: around.file });
        let members = self.members(&fact.items, Of { container: Container::Impl(id), owner: Owner::Impl(id) }, around);
        self.map.impls[id.0 as usize].methods = members.methods;
        let data = &mut self.map.impl_data[id.0 as usize];
        (data.constants, data.types) = (members.constants, members.types);
    }

    pub(super) fn members(&mut self, items: &'a [Item], of: Of, around: &Around) -> Members<'a> {
        let mut members = Members::default();
        for item in items {
            let test = around.test || item.is_test();
            let around = Around { test, ..around.clone() };
            self.attributes(&item.attributes, &around);
            match &item.kind {
                ItemKind::Function(function) => members.methods.push(self.function(item, function, of, &around)),
                ItemKind::Constant { ty, value, .. } => {
                    members.constants.push((item.name.clone(), self.constant(item, ty, value.as_ref(), of.owner, &around)));
                }
                ItemKind::TypeAlias { .. } => members.types.push((item.name.clone(), item)),
                ItemKind::MacroCall { items, .. } => {
                    members.extend(self.members(items, of, &around));
                    if items.is_empty()
                        && let Some(written) = self.member_call(item, of, &around)
                    {
                        members.extend(self.members(written, of, &around));
                    }
                }
                _ => {}
            }
        }
        members
    }

    fn alias(&mut self, item: &'a Item, generics: &'a facts::Generics, aliased: Option<&'a facts::Type>, around: &Around) {
        let id = AliasId(self.map.aliases.len() as u32);
        self.map.aliases.push(Alias { module: around.module, path: join(&around.prefix, &item.name), ty: Ty::Unknown });
        self.map.alias_data.push(AliasData { scope: around.scope, generics, aliased });
        self.bind(item, Namespace::Types, Definition::Alias(id), around);
    }

    fn macro_rules(&mut self, item: &'a Item, arms: &'a [facts::MacroArm], paths: &'a [facts::Path], exported: bool, around: &Around) {
        let path = join(&around.prefix, &item.name);
        if !self.map.is_declared(around.krate) {
            self.map.rules.entry(path.clone()).or_insert(Rule { krate: around.krate, name: &item.name, arms });
        }
        let definition = Definition::Macro(path);
        self.bind(item, Namespace::Macros, definition.clone(), around);
        if exported {
            self.map.crate_data[around.krate.0 as usize].exported_macros.insert(item.name.clone(), definition);
        }
        self.map.macro_texts.push(MacroText { scope: around.scope, paths, file: around.file, test: around.test });
    }

    fn macro_call(&mut self, item: &'a Item, path: &'a facts::Path, text: &str, items: &'a [Item], around: &Around) {
        match path.last() {
            // Arguments that are items themselves are read where they stand.
            _ if items.is_empty() && self.rule_call(item, None, around) => {}
            Some("include") => self.include(text, around),
            Some("thread_local") => self.items(items, &Around { thread_local: true, ..around.clone() }),
            _ => self.items(items, around),
        }
    }

    /// `include!("file.rs")`: its items stand here.
    fn include(&mut self, text: &str, around: &Around) {
        let written = text.trim().trim_end_matches(',');
        let Some(name) = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return };
        let path = normalize(&around.folders.of_file, name);
        let Some(&file) = self.files.get(path.as_str()) else { return };
        let Some(facts) = self.facts_of(file).filter(|_| around.depth < MAX_MODULE_DEPTH) else { return };
        let folder = folder_of(&path).to_string();
        let folders = Arc::new(Folders { of_file: folder, of_children: around.folders.of_children.clone(), inline: around.folders.inline });
        self.items(&facts.items, &Around { file, folders, depth: around.depth + 1, ..around.clone() });
    }

    fn module(&mut self, item: &'a Item, items: Option<&'a [Item]>, path: Option<&str>, around: &Around) {
        if around.depth >= MAX_MODULE_DEPTH {
            return;
        }
        match items {
            Some(items) => {
                let base = if around.folders.inline { &around.folders.of_children } else { &around.folders.of_file };
                let of_children = match path {
                    Some(path) => normalize(base, path),
                    None => normalize(&around.folders.of_children, &item.name),
                };
                let folders = Folders { of_file: around.folders.of_file.clone(), of_children, inline: true };
                let id = self.child_module(item, around.file, false, around.test, around);
                self.module_items(items, id, around.file, folders, around.test, around);
                self.leave_macros(item, id, around);
            }
            None => {
                let Some((path, file, like_mod_rs)) = self.file_of_module(&item.name, path, &around.folders) else { return };
                let Some(facts) = self.facts_of(file) else { return };
                let test = around.test || is_test(&facts.attributes);
                let folder = folder_of(&path).to_string();
                let of_children = if like_mod_rs { folder.clone() } else { normalize(&folder, file_stem(&path)) };
                let id = self.child_module(item, file, true, test, around);
                self.attributes(&facts.attributes, around);
                self.module_items(&facts.items, id, file, Folders { of_file: folder, of_children, inline: false }, test, around);
                self.leave_macros(item, id, around);
            }
        }
    }

    fn module_items(&mut self, items: &'a [Item], id: ModuleId, file: FileId, folders: Folders, test: bool, around: &Around) {
        let inner = Around {
            krate: around.krate,
            module: id,
            scope: self.map.module_scope(id),
            file,
            prefix: self.map.modules[id.0 as usize].path.clone(),
            test,
            function: around.function,
            folders: Arc::new(folders),
            depth: around.depth + 1,
            thread_local: false,
        };
        self.items(items, &inner);
    }

    /// After `#[macro_use] mod m;` the macros of `m` are seen as if they stood here.
    fn leave_macros(&mut self, item: &Item, module: ModuleId, around: &Around) {
        if !item.attributes.iter().any(|attribute| attribute.path.last() == Some("macro_use")) {
            return;
        }
        let names = &self.map.scope(self.map.module_scope(module)).names;
        let rules = names.iter().filter_map(|(name, names)| Some((name.clone(), names.get(Namespace::Macros)?.clone())));
        let rules: Vec<(Name, Binding)> = rules.filter(|(_, binding)| matches!(binding.definition, Definition::Macro(_))).collect();
        for (name, binding) in rules {
            self.map.bind(around.scope, &name, Namespace::Macros, binding);
        }
    }

    fn child_module(&mut self, item: &Item, file: FileId, own_file: bool, test: bool, around: &Around) -> ModuleId {
        let cfg_here = item.attributes.iter().filter(|one| one.path.last() == Some("cfg")).map(|one| one.text.clone());
        let cfg = self.map.modules[around.module.0 as usize].cfg.iter().cloned().chain(cfg_here).collect();
        let path = join(&around.prefix, &item.name);
        let id = self.new_module(around.krate, Some(around.module), path, &item.name, file, own_file, test, cfg);
        self.bind(item, Namespace::Types, Definition::Module(id), around);
        id
    }

    /// The file of `mod name;`, and whether its children lie beside it (`mod.rs`, `#[path]`) or in a folder of its name.
    fn file_of_module(&self, name: &str, path: Option<&str>, folders: &Folders) -> Option<(String, FileId, bool)> {
        let find = |path: String, like_mod_rs| self.files.get(path.as_str()).map(|file| (path, *file, like_mod_rs));
        if let Some(written) = path {
            let base = if folders.inline { &folders.of_children } else { &folders.of_file };
            if let Some(found) = find(normalize(base, written), true) {
                return Some(found);
            }
        }
        find(normalize(&folders.of_children, &format!("{name}.rs")), false)
            .or_else(|| find(normalize(&folders.of_children, &format!("{name}/mod.rs")), true))
    }
}

#[derive(Default)]
pub(super) struct Members<'a> {
    pub methods: Vec<FunctionId>,
    pub constants: Vec<(Name, FunctionId)>,
    pub types: Vec<(Name, &'a Item)>,
}

impl Members<'_> {
    fn extend(&mut self, other: Self) {
        self.methods.extend(other.methods);
        self.constants.extend(other.constants);
        self.types.extend(other.types);
    }
}

/// Attributes of the language itself lead nowhere.
fn is_built_in(attribute: &Attribute) -> bool {
    const BUILT_IN: [&str; 22] = [
        "doc",
        "cfg",
        "cfg_attr",
        "allow",
        "warn",
        "deny",
        "expect",
        "forbid",
        "inline",
        "must_use",
        "path",
        "macro_use",
        "macro_export",
        "test",
        "ignore",
        "should_panic",
        "deprecated",
        "non_exhaustive",
        "repr",
        "track_caller",
        "automatically_derived",
        "default",
    ];
    attribute.path.single().is_some_and(|name| BUILT_IN.contains(&name.as_str()))
}

fn join(prefix: &str, name: &str) -> Arc<str> {
    let mut path = String::with_capacity(prefix.len() + 2 + name.len());
    path.push_str(prefix);
    path.push_str("::");
    path.push_str(name);
    path.into()
}

fn folder_of(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}

fn file_stem(path: &str) -> &str {
    let file = path.rfind('/').map_or(path, |at| &path[at + 1..]);
    file.strip_suffix(".rs").unwrap_or(file)
}

/// `folder/relative` with `.` and `..` worked out.
fn normalize(folder: &str, relative: &str) -> String {
    let relative = relative.replace('\\', "/");
    let (absolute, whole) =
        if relative.starts_with('/') { (true, relative) } else { (folder.starts_with('/'), format!("{folder}/{relative}")) };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    if absolute { format!("/{path}") } else { path }
}

/// The name an import binds, if any.
pub(super) fn bound_name(binding: &facts::UseBinding) -> Option<&Name> {
    match &binding.kind {
        UseKind::Named(name) if name != "_" => Some(name),
        _ => None,
    }
}
