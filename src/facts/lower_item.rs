//! Items, with their bodies.

use super::lower_expression::BodyBuilder;
use super::source_map::SourceMap;
use super::{
    BlockKind, Body, Enum, Field, Function, Generics, Impl, Item, ItemKind, Name, Parameter, Path, PatternKind, Receiver, Segment, Shape,
    Struct, Trait, Type, UseBinding, UseKind, Variant, Visibility,
};
use crate::source::Span;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::sync::Arc;
use syn::{Fields, ForeignItem, ImplItem, TraitItem, UseTree};

/// `use {::alloy::U256, model::Order}`, which syn leaves as it is for the `::` inside the braces. Without it the names are looked up in the
/// module first, where hardly anybody has a module that is called like a crate.
fn import_of_roots(tokens: &TokenStream) -> Option<syn::ItemUse> {
    let is_use = tokens.clone().into_iter().any(|token| matches!(&token, TokenTree::Ident(ident) if ident == "use"));
    is_use.then(|| syn::parse2(without_roots(tokens.clone(), 0)?).ok()).flatten()
}

/// The tokens without `::` at the beginning of what braces list.
fn without_roots(tokens: TokenStream, depth: usize) -> Option<TokenStream> {
    const DEEPEST: usize = 64;
    if depth > DEEPEST {
        return None;
    }
    let mut kept: Vec<TokenTree> = Vec::new();
    // As many colons as are still to be left out.
    let mut skip = if depth > 0 { 2 } else { 0 };
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ':' && skip > 0 => skip -= 1,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let mut inner = Group::new(Delimiter::Brace, without_roots(group.stream(), depth + 1)?);
                inner.set_span(group.span());
                kept.push(inner.into());
                skip = 0;
            }
            token => {
                skip = if depth > 0 && matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') { 2 } else { 0 };
                kept.push(token);
            }
        }
    }
    Some(kept.into_iter().collect())
}

/// What every item has, before its kind is known.
struct Head<'a> {
    attributes: &'a [syn::Attribute],
    visibility: Visibility,
    name: Name,
    name_span: Span,
    /// Start of the item without its attributes.
    start: u32,
}

impl SourceMap<'_> {
    pub fn items(&self, items: &[syn::Item]) -> Vec<Item> {
        let mut lowered = Vec::with_capacity(items.len());
        for item in items {
            self.item(item, &mut lowered);
            if let syn::Item::Fn(function) = item {
                self.attribute_values(&function.attrs, &mut lowered);
            }
        }
        super::generated::entities(&mut lowered);
        lowered
    }

    pub fn item(&self, item: &syn::Item, into: &mut Vec<Item>) {
        match item {
            syn::Item::Fn(function) => {
                let head = self.function_head(&function.attrs, &function.vis, function.modifiers.defaultness.as_ref(), &function.sig);
                into.push(self.function(head, &function.sig, Some(&function.block), None));
            }
            syn::Item::Struct(structure) => into.push(self.structure(structure)),
            syn::Item::Enum(enumeration) => into.push(self.enumeration(enumeration)),
            syn::Item::Union(union) => into.push(self.union(union)),
            syn::Item::Impl(block) => into.push(self.impl_block(block)),
            syn::Item::Trait(declaration) => into.push(self.trait_declaration(declaration)),
            syn::Item::Use(import) => into.push(self.import(import)),
            syn::Item::Mod(module) => into.push(self.module(module)),
            syn::Item::Const(constant) => into.push(self.constant(constant)),
            syn::Item::Static(constant) => into.push(self.static_item(constant)),
            syn::Item::Type(alias) => into.push(self.alias(alias)),
            syn::Item::TraitAlias(alias) => into.push(self.trait_alias(alias)),
            syn::Item::ExternCrate(krate) => into.push(self.extern_crate(krate)),
            syn::Item::Macro(call) => into.push(self.item_macro(call)),
            syn::Item::ForeignMod(block) => block.items.iter().for_each(|item| self.foreign_item(item, into)),
            syn::Item::Verbatim(tokens) => match import_of_roots(tokens) {
                Some(import) => into.push(self.import(&import)),
                None => self.not_understood(tokens),
            },
            _ => {}
        }
    }

    fn not_understood(&self, tokens: &TokenStream) {
        let tokens: Vec<_> = tokens.clone().into_iter().collect();
        self.problem(self.span_of(&tokens), "this item is not understood and is left out");
    }

    fn head<'a>(
        &self,
        attributes: &'a [syn::Attribute],
        visibility: &syn::Visibility,
        keyword: proc_macro2::Span,
        ident: Option<&proc_macro2::Ident>,
    ) -> Head<'a> {
        let start = self.visibility_start(visibility).unwrap_or_else(|| self.start(keyword));
        let (name, name_span) = match ident {
            Some(ident) => self.name(ident),
            None => (Name::default(), self.span(keyword)),
        };
        Head { attributes, visibility: lower_visibility(visibility), name, name_span, start }
    }

    fn visibility_start(&self, visibility: &syn::Visibility) -> Option<u32> {
        match visibility {
            syn::Visibility::Public(token) => Some(self.start(token.span)),
            syn::Visibility::Restricted(restricted) => Some(self.start(restricted.pub_token.span)),
            syn::Visibility::Inherited => None,
        }
    }

    fn finish(&self, head: Head<'_>, end: u32, kind: ItemKind) -> Item {
        let span = Span { start: self.start_with_attributes(head.attributes, head.start), end };
        let attributes = self.attributes(head.attributes.iter().filter(|one| matches!(one.style, syn::AttrStyle::Outer)));
        Item { name: head.name, name_span: head.name_span, span, visibility: head.visibility, attributes, kind }
    }

    fn function_head<'a>(
        &self,
        attributes: &'a [syn::Attribute],
        visibility: &syn::Visibility,
        defaultness: Option<&syn::Token![default]>,
        signature: &syn::Signature,
    ) -> Head<'a> {
        let keyword = [
            defaultness.map(|token| token.span),
            signature.constness.as_ref().map(|token| token.span),
            signature.asyncness.as_ref().map(|token| token.span),
            match &signature.safety {
                syn::Safety::Safe(token) => Some(token.span),
                syn::Safety::Unsafe(token) => Some(token.span),
                _ => None,
            },
            signature.abi.as_ref().map(|abi| abi.extern_token.span),
        ];
        let keyword = keyword.into_iter().flatten().next().unwrap_or(signature.fn_token.span);
        self.head(attributes, visibility, keyword, Some(&signature.ident))
    }

    fn function(&self, head: Head<'_>, signature: &syn::Signature, block: Option<&syn::Block>, semicolon: Option<&syn::Token![;]>) -> Item {
        let end = match (block, semicolon) {
            (Some(block), _) => self.end(block.brace_token.span.close()),
            (None, Some(semicolon)) => self.end(semicolon.spans[0]),
            (None, None) => self.end(signature.paren_token.span.close()),
        };
        let mut builder = BodyBuilder::new(self);
        let mut receiver = None;
        let mut parameters = Vec::with_capacity(signature.inputs.len());
        for input in &signature.inputs {
            match input {
                syn::FnArg::Receiver(one) => receiver = Some(self.receiver(one)),
                syn::FnArg::Typed(typed) => parameters.push(self.parameter(typed, &mut builder, block.is_some())),
            }
        }
        let body = block.map(|block| {
            let root = builder.block(block, BlockKind::Plain, None);
            Arc::new(builder.finish(root.id))
        });
        let mut item = self.finish(head, end, ItemKind::Use(Vec::new()));
        item.kind = ItemKind::Function(Arc::new(Function {
            name: item.name.clone(),
            name_span: item.name_span,
            span: item.span,
            visibility: item.visibility.clone(),
            attributes: item.attributes.clone(),
            generics: self.generics(&signature.generics),
            is_async: signature.asyncness.is_some(),
            receiver,
            parameters,
            returns: self.return_type(&signature.output),
            body,
        }));
        item
    }

    fn receiver(&self, receiver: &syn::Receiver) -> Receiver {
        match &receiver.kind {
            syn::ReceiverKind::Reference(..) => Receiver { by_reference: true, ty: None },
            syn::ReceiverKind::Typed(_, ty) => Receiver { by_reference: matches!(**ty, syn::Type::Reference(_)), ty: Some(self.ty(ty)) },
            _ => Receiver { by_reference: false, ty: None },
        }
    }

    fn parameter(&self, typed: &syn::PatType, builder: &mut BodyBuilder, has_body: bool) -> Parameter {
        let pattern = builder.pattern(&typed.pat);
        let lowered = &builder.patterns[pattern.0 as usize];
        let name = match &lowered.kind {
            PatternKind::Binding { name, sub: None, .. } => Some(name.clone()),
            _ => None,
        };
        let end = self.end_of_type(&typed.ty).unwrap_or(lowered.span.end);
        let span = Span { start: self.start_with_attributes(&typed.attrs, lowered.span.start), end };
        Parameter { pattern: has_body.then_some(pattern), name, ty: self.ty(&typed.ty), span, attributes: self.attributes(&typed.attrs) }
    }

    fn structure(&self, structure: &syn::ItemStruct) -> Item {
        let head = self.head(&structure.attrs, &structure.vis, structure.struct_token.span, Some(&structure.ident));
        let end = match (&structure.semi_token, &structure.fields) {
            (Some(semicolon), _) => self.end(semicolon.spans[0]),
            (None, Fields::Named(fields)) => self.end(fields.brace_token.span.close()),
            (None, Fields::Unnamed(fields)) => self.end(fields.paren_token.span.close()),
            (None, Fields::Unit) => head.name_span.end,
        };
        let (fields, shape) = self.fields(&structure.fields);
        self.finish(head, end, ItemKind::Struct(Struct { generics: self.generics(&structure.generics), fields, shape }))
    }

    fn union(&self, union: &syn::ItemUnion) -> Item {
        let head = self.head(&union.attrs, &union.vis, union.union_token.span, Some(&union.ident));
        let fields = union.fields.named.iter().enumerate().map(|(index, field)| self.field(index, field)).collect();
        let kind = ItemKind::Union(Struct { generics: self.generics(&union.generics), fields, shape: Shape::Named });
        self.finish(head, self.end(union.fields.brace_token.span.close()), kind)
    }

    fn fields(&self, fields: &Fields) -> (Vec<Field>, Shape) {
        let shape = match fields {
            Fields::Named(_) => Shape::Named,
            Fields::Unnamed(_) => Shape::Tuple,
            Fields::Unit => Shape::Unit,
        };
        (fields.iter().enumerate().map(|(index, field)| self.field(index, field)).collect(), shape)
    }

    fn field(&self, index: usize, field: &syn::Field) -> Field {
        let ty = self.ty(&field.ty);
        let (name, name_span) = match &field.ident {
            Some(ident) => self.name(ident),
            None => (smol_str::format_smolstr!("{index}"), self.unnamed_field_span(field, &ty)),
        };
        Field { name, name_span, ty, visibility: lower_visibility(&field.vis), attributes: self.attributes(&field.attrs) }
    }

    /// Of the type's path, the closest thing to a name that a tuple field has.
    fn unnamed_field_span(&self, field: &syn::Field, ty: &Type) -> Span {
        match ty {
            Type::Path(path) => path.span,
            _ => {
                let end = self.end_of_type(&field.ty).unwrap_or(0);
                Span { start: end.saturating_sub(1), end }
            }
        }
    }

    fn enumeration(&self, enumeration: &syn::ItemEnum) -> Item {
        let head = self.head(&enumeration.attrs, &enumeration.vis, enumeration.enum_token.span, Some(&enumeration.ident));
        let variants = enumeration.variants.iter().map(|variant| self.variant(variant)).collect();
        let kind = ItemKind::Enum(Enum { generics: self.generics(&enumeration.generics), variants });
        self.finish(head, self.end(enumeration.brace_token.span.close()), kind)
    }

    fn variant(&self, variant: &syn::Variant) -> Variant {
        let (name, name_span) = self.name(&variant.ident);
        let (fields, shape) = self.fields(&variant.fields);
        Variant { name, name_span, fields, shape, attributes: self.attributes(&variant.attrs) }
    }

    fn import(&self, import: &syn::ItemUse) -> Item {
        let head = self.head(&import.attrs, &import.vis, import.use_token.span, None);
        let global = import.leading_colon.is_some();
        let mut bindings = Vec::new();
        self.use_tree(global, &mut Vec::new(), &import.tree, &mut bindings);
        self.finish(head, self.end(import.semi_token.spans[0]), ItemKind::Use(bindings))
    }

    fn use_tree(&self, global: bool, prefix: &mut Vec<Segment>, tree: &UseTree, into: &mut Vec<UseBinding>) {
        let depth = prefix.len();
        let mut tree = tree;
        while let UseTree::Path(path) = tree {
            prefix.push(self.use_segment(&path.ident));
            tree = &path.tree;
        }
        match tree {
            UseTree::Path(_) => {}
            UseTree::Name(leaf) => self.use_leaf(global, prefix, &leaf.ident, None, into),
            UseTree::Rename(leaf) => self.use_leaf(global, prefix, &leaf.ident, Some(&leaf.rename), into),
            UseTree::Glob(star) => {
                let end = self.span(star.star_token.spans[0]);
                let path = path_of(global, prefix.clone(), end);
                into.push(UseBinding { path, kind: UseKind::Glob });
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(global, prefix, tree, into)),
        }
        prefix.truncate(depth);
    }

    fn use_segment(&self, ident: &proc_macro2::Ident) -> Segment {
        let (name, span) = self.name(ident);
        Segment { name, span, arguments: Vec::new(), bindings: Vec::new() }
    }

    /// `use a::{self}` binds `a`, so the path ends before `self`.
    fn use_leaf(
        &self,
        global: bool,
        prefix: &[Segment],
        ident: &proc_macro2::Ident,
        rename: Option<&proc_macro2::Ident>,
        into: &mut Vec<UseBinding>,
    ) {
        let leaf = self.use_segment(ident);
        let mut segments = prefix.to_vec();
        let end = leaf.span;
        if leaf.name != "self" || segments.is_empty() {
            segments.push(leaf);
        }
        let last = segments.last().map(|segment| segment.name.clone()).unwrap_or_default();
        let name = rename.map_or(last, |rename| self.name(rename).0);
        into.push(UseBinding { path: path_of(global, segments, end), kind: UseKind::Named(name) });
    }

    fn module(&self, module: &syn::ItemMod) -> Item {
        let head = self.head(&module.attrs, &module.vis, module.mod_token.span, Some(&module.ident));
        let end = match (&module.content, &module.semi) {
            (Some((brace, _)), _) => self.end(brace.span.close()),
            (None, Some(semicolon)) => self.end(semicolon.spans[0]),
            (None, None) => head.name_span.end,
        };
        let items = module.content.as_ref().map(|(_, items)| self.items(items));
        let mut item = self.finish(head, end, ItemKind::Module { items, path: None });
        item.attributes.extend(self.attributes(module.attrs.iter().filter(|one| matches!(one.style, syn::AttrStyle::Inner(_)))));
        let path_attribute = path_attribute(&item.attributes);
        if let ItemKind::Module { path, .. } = &mut item.kind {
            *path = path_attribute;
        }
        item
    }

    fn impl_block(&self, block: &syn::ItemImpl) -> Item {
        let keyword = block.modifiers.defaultness.as_ref().map(|token| token.span);
        let keyword = keyword.or(block.unsafety.as_ref().map(|token| token.span)).unwrap_or(block.impl_token.span);
        let head = self.head(&block.attrs, &syn::Visibility::Inherited, keyword, None);
        let mut items = Vec::with_capacity(block.items.len());
        block.items.iter().for_each(|item| self.impl_item(item, &mut items));
        let kind = ItemKind::Impl(Impl {
            generics: self.generics(&block.generics),
            trait_: block.trait_.as_ref().map(|(path, _)| self.path(path)),
            negative: block.modifiers.polarity.is_some(),
            self_type: self.ty(&block.self_ty),
            items,
        });
        self.finish(head, self.end(block.brace_token.span.close()), kind)
    }

    pub fn impl_item(&self, item: &ImplItem, into: &mut Vec<Item>) {
        match item {
            ImplItem::Fn(function) => {
                let head = self.function_head(&function.attrs, &function.vis, function.modifiers.defaultness.as_ref(), &function.sig);
                into.push(self.function(head, &function.sig, Some(&function.block), None));
            }
            ImplItem::Const(constant) => {
                let head = self.head(&constant.attrs, &constant.vis, constant.const_token.span, Some(&constant.ident));
                let kind = self.constant_kind(&constant.ty, false, Some(&constant.expr));
                into.push(self.finish(head, self.end(constant.semi_token.spans[0]), kind));
            }
            ImplItem::Type(alias) => {
                let head = self.head(&alias.attrs, &alias.vis, alias.type_token.span, Some(&alias.ident));
                let kind = ItemKind::TypeAlias { generics: self.generics(&alias.generics), aliased: Some(self.ty(&alias.ty)) };
                into.push(self.finish(head, self.end(alias.semi_token.spans[0]), kind));
            }
            ImplItem::Macro(call) => into.push(self.member_macro(&call.attrs, &call.mac, call.semi_token.as_ref())),
            ImplItem::Verbatim(tokens) => self.not_understood(tokens),
            _ => {}
        }
    }

    fn trait_declaration(&self, declaration: &syn::ItemTrait) -> Item {
        let keyword = declaration.unsafety.as_ref().map_or(declaration.trait_token.span, |token| token.span);
        let head = self.head(&declaration.attrs, &declaration.vis, keyword, Some(&declaration.ident));
        let mut items = Vec::with_capacity(declaration.items.len());
        declaration.items.iter().for_each(|item| self.trait_item(item, &mut items));
        let kind = ItemKind::Trait(Trait {
            generics: self.generics(&declaration.generics),
            supertraits: self.bounds(&declaration.supertraits),
            items,
        });
        self.finish(head, self.end(declaration.brace_token.span.close()), kind)
    }

    pub fn trait_item(&self, item: &TraitItem, into: &mut Vec<Item>) {
        let inherited = syn::Visibility::Inherited;
        match item {
            TraitItem::Fn(function) => {
                let head = self.function_head(&function.attrs, &inherited, function.modifiers.defaultness.as_ref(), &function.sig);
                into.push(self.function(head, &function.sig, function.default.as_ref(), function.semi_token.as_ref()));
            }
            TraitItem::Const(constant) => {
                let head = self.head(&constant.attrs, &inherited, constant.const_token.span, Some(&constant.ident));
                let kind = self.constant_kind(&constant.ty, false, constant.default.as_ref().map(|(_, value)| value));
                into.push(self.finish(head, self.end(constant.semi_token.spans[0]), kind));
            }
            TraitItem::Type(alias) => {
                let head = self.head(&alias.attrs, &inherited, alias.type_token.span, Some(&alias.ident));
                let mut generics = self.generics(&alias.generics);
                generics.other_bounds.push((self_item(&head), self.bounds(&alias.bounds)));
                let aliased = alias.default.as_ref().map(|(_, ty)| self.ty(ty));
                into.push(self.finish(head, self.end(alias.semi_token.spans[0]), ItemKind::TypeAlias { generics, aliased }));
            }
            TraitItem::Macro(call) => into.push(self.member_macro(&call.attrs, &call.mac, call.semi_token.as_ref())),
            TraitItem::Verbatim(tokens) => self.not_understood(tokens),
            _ => {}
        }
    }

    fn foreign_item(&self, item: &ForeignItem, into: &mut Vec<Item>) {
        match item {
            ForeignItem::Fn(function) => {
                let head = self.function_head(&function.attrs, &function.vis, None, &function.sig);
                into.push(self.function(head, &function.sig, None, Some(&function.semi_token)));
            }
            ForeignItem::Static(constant) => {
                let head = self.head(&constant.attrs, &constant.vis, constant.static_token.span, Some(&constant.ident));
                into.push(self.finish(head, self.end(constant.semi_token.spans[0]), self.constant_kind(&constant.ty, true, None)));
            }
            ForeignItem::Type(alias) => {
                let head = self.head(&alias.attrs, &alias.vis, alias.type_token.span, Some(&alias.ident));
                let kind = ItemKind::TypeAlias { generics: Generics::default(), aliased: None };
                into.push(self.finish(head, self.end(alias.semi_token.spans[0]), kind));
            }
            _ => {}
        }
    }

    fn constant(&self, constant: &syn::ItemConst) -> Item {
        let head = self.head(&constant.attrs, &constant.vis, constant.const_token.span, Some(&constant.ident));
        let kind = self.constant_kind(&constant.ty, false, Some(&constant.expr));
        self.finish(head, self.end(constant.semi_token.spans[0]), kind)
    }

    fn static_item(&self, constant: &syn::ItemStatic) -> Item {
        let head = self.head(&constant.attrs, &constant.vis, constant.static_token.span, Some(&constant.ident));
        let kind = self.constant_kind(&constant.ty, true, Some(&constant.expr));
        self.finish(head, self.end(constant.semi_token.spans[0]), kind)
    }

    pub fn constant_kind(&self, ty: &syn::Type, is_static: bool, value: Option<&syn::Expr>) -> ItemKind {
        ItemKind::Constant { ty: self.ty(ty), is_static, value: value.map(|value| Arc::new(self.initializer(value))) }
    }

    fn initializer(&self, value: &syn::Expr) -> Body {
        let mut builder = BodyBuilder::new(self);
        let root = builder.id(value);
        builder.finish(root)
    }

    fn alias(&self, alias: &syn::ItemType) -> Item {
        let head = self.head(&alias.attrs, &alias.vis, alias.type_token.span, Some(&alias.ident));
        let kind = ItemKind::TypeAlias { generics: self.generics(&alias.generics), aliased: Some(self.ty(&alias.ty)) };
        self.finish(head, self.end(alias.semi_token.spans[0]), kind)
    }

    /// A trait alias is a trait without items of its own.
    fn trait_alias(&self, alias: &syn::ItemTraitAlias) -> Item {
        let head = self.head(&alias.attrs, &alias.vis, alias.trait_token.span, Some(&alias.ident));
        let kind =
            ItemKind::Trait(Trait { generics: self.generics(&alias.generics), supertraits: self.bounds(&alias.bounds), items: Vec::new() });
        self.finish(head, self.end(alias.semi_token.spans[0]), kind)
    }

    fn extern_crate(&self, krate: &syn::ItemExternCrate) -> Item {
        let head = self.head(&krate.attrs, &krate.vis, krate.extern_token.span, Some(&krate.ident));
        let rename = krate.rename.as_ref().map(|(_, rename)| self.name(rename).0);
        self.finish(head, self.end(krate.semi_token.spans[0]), ItemKind::ExternCrate { rename })
    }

    fn item_macro(&self, call: &syn::ItemMacro) -> Item {
        let start = self.path(&call.mac.path).span;
        let end = self.macro_end(&call.mac, call.semi_token.as_ref());
        let (name, name_span) = call.ident.as_ref().map_or((Name::default(), start), |ident| self.name(ident));
        let head = Head { attributes: &call.attrs, visibility: Visibility::Private, name, name_span, start: start.start };
        let exported = call.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"));
        let is_rules = call.ident.is_some() && call.mac.path.is_ident("macro_rules");
        let kind = if is_rules { self.macro_rules(&call.mac, exported) } else { self.item_macro_call(&call.mac) };
        self.finish(head, end, kind)
    }

    fn member_macro(&self, attributes: &[syn::Attribute], call: &syn::Macro, semicolon: Option<&syn::Token![;]>) -> Item {
        let span = self.path(&call.path).span;
        let head = Head { attributes, visibility: Visibility::Private, name: Name::default(), name_span: span, start: span.start };
        self.finish(head, self.macro_end(call, semicolon), self.item_macro_call(call))
    }

    fn macro_end(&self, call: &syn::Macro, semicolon: Option<&syn::Token![;]>) -> u32 {
        semicolon.map_or_else(|| self.end(call.delimiter.span().close()), |semicolon| self.end(semicolon.spans[0]))
    }
}

fn lower_visibility(visibility: &syn::Visibility) -> Visibility {
    match visibility {
        syn::Visibility::Public(_) => Visibility::Public,
        // `pub(self)` is as private as nothing at all.
        syn::Visibility::Restricted(restricted) if restricted.path.is_ident("self") => Visibility::Private,
        syn::Visibility::Restricted(_) => Visibility::Restricted,
        syn::Visibility::Inherited => Visibility::Private,
    }
}

fn path_of(global: bool, segments: Vec<Segment>, last: Span) -> Path {
    let start = segments.first().map_or(last.start, |first| first.span.start);
    // In a group the written path is in two places; the end is that of the leaf.
    Path { global, qself: None, trait_segments: 0, segments, span: Span { start: start.min(last.start), end: last.end } }
}

/// `Self::Name`, the type that an associated type's bounds are about.
fn self_item(head: &Head<'_>) -> Type {
    let segment = |name: Name| Segment { name, span: head.name_span, arguments: Vec::new(), bindings: Vec::new() };
    let segments = vec![segment("Self".into()), segment(head.name.clone())];
    Type::Path(Path { global: false, qself: None, trait_segments: 0, segments, span: head.name_span })
}

fn path_attribute(attributes: &[super::Attribute]) -> Option<String> {
    attributes.iter().filter(|attribute| attribute.path.last() == Some("path")).find_map(|attribute| match attribute.arguments.as_slice() {
        [super::AttributeArgument::Text(path, _)] => Some(path.clone()),
        _ => None,
    })
}
