//! What the facts of small texts are.

use super::*;
use std::sync::Arc;

fn read(text: &str) -> FileFacts {
    let (facts, problems) = extract(FileId(0), text);
    assert_eq!(problems, [], "{text}");
    facts
}

fn names(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.name.as_str()).collect()
}

fn function(text: &str) -> Arc<Function> {
    let ItemKind::Function(function) = read(text).items.remove(0).kind else { panic!("the text begins with a function") };
    function
}

fn body(statements: &str) -> Arc<Body> {
    function(&format!("fn f() {{ {statements} }}")).body.clone().expect("the function has a body")
}

/// The macro call that is the only statement.
fn macro_of(body: &Body) -> &MacroCall {
    let last = body.expressions.iter().rev().find_map(|expression| match &expression.kind {
        ExpressionKind::Macro(call) => Some(call),
        _ => None,
    });
    last.expect("the body has a macro call")
}

/// Arguments as `name=kind`, where the kind of a path is the path.
fn arguments(statements: &str) -> Vec<String> {
    let body = body(statements);
    let MacroArguments::Expressions(arguments) = &macro_of(&body).arguments else {
        panic!("expected expressions: {:?}", macro_of(&body).arguments)
    };
    let show = |(name, id): &(Option<Name>, ExprId)| match name {
        Some(name) => format!("{name}={}", shown(&body, *id)),
        None => shown(&body, *id),
    };
    arguments.iter().map(show).collect()
}

fn shown(body: &Body, id: ExprId) -> String {
    match &body[id].kind {
        ExpressionKind::Path(path) => path.text(),
        ExpressionKind::Literal(Literal::Text { value, .. }) => format!("{value:?}"),
        ExpressionKind::Literal(Literal::Integer { value: Some(value), .. }) => value.to_string(),
        ExpressionKind::Call { callee, .. } => format!("{}()", shown(body, *callee)),
        ExpressionKind::MethodCall { receiver, name, .. } => format!("{}.{name}()", shown(body, *receiver)),
        ExpressionKind::Binary { left, right, .. } => format!("{}+{}", shown(body, *left), shown(body, *right)),
        ExpressionKind::Await(inner) => format!("{}.await", shown(body, *inner)),
        other => format!("{other:?}").split([' ', '(', '{']).next().unwrap_or_default().to_string(),
    }
}

fn under(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

#[test]
fn children_come_before_their_parents() {
    let body = body("a.b(c)?.d(e).await");
    let shown: Vec<String> = (0..body.expressions.len()).map(|id| shown(&body, ExprId(id as u32))).collect();
    assert_eq!(shown, ["a", "c", "a.b()", "Try", "e", "Try.d()", "Try.d().await", "Block"]);
    assert_eq!(body[ExprId(5)].first, ExprId(0));
    assert_eq!(body[ExprId(4)].first, ExprId(4));
}

#[test]
fn spans_are_those_of_the_original_text() {
    for prefix in [
        "",
        "\u{feff}",
        "#!/usr/bin/env cargo\n",
        "\u{feff}#!/bin/x\r\n",
        "#!/x\n---\n[dependencies]\nx = \"1\"\n---\n",
        "// é 漢字\r\n\r\n",
    ] {
        let text = format!("{prefix}fn f(é: u8) {{ /* ü */ let s = \"a é\"; ß(é).call(\"x\")\r\n  .next() }}\r\n");
        let facts = read(&text);
        let ItemKind::Function(function) = &facts.items[0].kind else { panic!("a function") };
        assert_eq!(under(&text, function.name_span), "f");
        let body = function.body.as_ref().expect("a body");
        let spans: Vec<&str> = body.expressions.iter().map(|expression| under(&text, expression.span)).collect();
        assert_eq!(spans[..6], ["\"a é\"", "ß", "é", "ß(é)", "\"x\"", "ß(é).call(\"x\")"], "{prefix:?}");
        assert!(under(&text, facts.items[0].span).starts_with("fn f(") && under(&text, facts.items[0].span).ends_with('}'));
    }
}

#[test]
fn parentheses_are_left_out_but_count_for_the_span_around_them() {
    let text = "fn f() { (a + b).c() }";
    let body = function(text).body.clone().expect("a body");
    assert_eq!(under(text, body[ExprId(2)].span), "a + b");
    assert_eq!(under(text, body[ExprId(3)].span), "(a + b).c()");
}

#[test]
fn text_literals_know_where_their_value_starts() {
    let text = r####"fn f() { g("plain", r#"raw "x""#, "esc\n"); }"####;
    let body = function(text).body.clone().expect("a body");
    let texts: Vec<(&str, bool, bool)> = body
        .expressions
        .iter()
        .filter_map(|expression| match &expression.kind {
            ExpressionKind::Literal(Literal::Text { value, value_start, raw }) => {
                Some((value.as_str(), *raw, text[*value_start as usize..].starts_with(value)))
            }
            _ => None,
        })
        .collect();
    assert_eq!(texts, [("plain", true, true), ("raw \"x\"", true, true), ("esc\n", false, false)]);
}

#[test]
fn parameters_live_in_the_arena_of_the_body() {
    let function = function("async fn f<T: A>(&self, State(pool): State<P>, mut id: u8, #[x] _: T) -> Result<B> where T: C + ?Sized {}");
    assert!(function.is_async && function.receiver.as_ref().is_some_and(|receiver| receiver.by_reference));
    let named: Vec<Option<&str>> = function.parameters.iter().map(|parameter| parameter.name.as_deref()).collect();
    assert_eq!(named, [None, Some("id"), None]);
    let body = function.body.as_ref().expect("a body");
    let pattern = function.parameters[0].pattern.expect("a pattern");
    assert!(
        matches!(&body[pattern].kind, PatternKind::TupleStruct { path, elements } if path.last() == Some("State") && elements.len() == 1)
    );
    assert_eq!(function.generics.types[0].bounds.len(), 2);
}

#[test]
fn use_trees_are_flattened() {
    let facts = read("pub use a::{self, b::{C as D, e::*}, f::self as g}; use ::x as _;");
    let shown: Vec<String> = facts
        .items
        .iter()
        .flat_map(|item| match &item.kind {
            ItemKind::Use(bindings) => bindings.as_slice(),
            _ => &[],
        })
        .map(|binding| format!("{} {:?}", binding.path.text(), binding.kind))
        .collect();
    assert_eq!(shown, ["a Named(\"a\")", "a::b::C Named(\"D\")", "a::b::e Glob", "a::f Named(\"g\")", "::x Named(\"_\")"]);
}

#[test]
fn format_strings_name_variables() {
    assert_eq!(
        arguments(r#"println!("{a} {{no}} {b:?} {} {0} {:>w$.p$} {d}", c, d = 1);"#),
        ["\"{a} {{no}} {b:?} {} {0} {:>w$.p$} {d}\"", "c", "d=1", "a", "b", "w", "p"]
    );
    let text = r#"fn f() { format!("\u{1F600} \"{name}"); }"#;
    let body = function(text).body.clone().expect("a body");
    let path = body.expressions.iter().find_map(|expression| match &expression.kind {
        ExpressionKind::Path(path) => Some(under(text, path.span)),
        _ => None,
    });
    assert_eq!(path, Some("name"));
}

#[test]
fn macro_arguments_are_read_as_expressions() {
    assert_eq!(arguments("vec![a(); n];"), ["a()", "n"]);
    assert_eq!(arguments("vec![];"), [""; 0]);
    assert_eq!(
        arguments("info!(target: \"t\", user.id = %id, ?err, n = 1, \"done {x}\");"),
        ["target=\"t\"", "user.id=id", "err", "n=1", "\"done {x}\"", "x"]
    );
    assert_eq!(arguments("event!(Level::INFO, { a = b(), c }, \"m\");"), ["Level::INFO", "a=b()", "c", "\"m\""]);
    assert_eq!(arguments("sqlx::query_as!(m::User, \"SELECT\" + \" 1\", a as _);"), ["m::User", "\"SELECT\"+\" 1\"", "Cast"]);
    assert_eq!(arguments("query_as!(Row<T>, \"x\");"), ["Row", "\"x\""]);
    assert_eq!(arguments("routes![a, b::c];"), ["a", "b::c"]);
    assert_eq!(arguments("tokio::join!(a.b(), c);"), ["a.b()", "c"]);
    assert_eq!(arguments("ensure!(a == b, Error::New(x));"), ["a+b", "Error::New()"]);
    assert_eq!(arguments("hashmap! { \"a\" => b(), \"c\" => d };"), ["\"a\"", "b()", "\"c\"", "d"]);
    assert_eq!(arguments("assert_snapshot!(a(), @\"x\");"), ["a()", "\"x\""]);
}

#[test]
fn json_gives_the_values_of_objects() {
    assert_eq!(
        arguments("json!({ \"a\": f(), \"b\": { \"c\": [x.y(), { \"d\": null }] }, (k()): 1 });"),
        ["a=f()", "x.y()", "d=null", "k()", "1"]
    );
    assert_eq!(arguments("doc! { \"$set\": { \"name\": name }, \"list\": [{ \"x\": 1 }] };"), ["name=name", "x=1"]);
    assert_eq!(arguments("json!([one.clone(), {\"a\": \"x\", \"b\": {\"c\": \"d\"}}]);"), ["one.clone()", "a=\"x\"", "c=\"d\""]);
}

#[test]
fn select_gives_its_arms() {
    let body = body("tokio::select! { biased; Some(x) = rx.recv(), if on => { a(x) } _ = sleep() => b(), else => c() }");
    let MacroArguments::Arms(arms) = &macro_of(&body).arguments else { panic!("expected arms") };
    let shown: Vec<(bool, String, bool, String)> = arms
        .iter()
        .map(|arm| {
            (arm.pattern.is_some(), shown(&body, arm.future), arm.guard.is_some(), arm.handler.map_or(String::new(), |id| shown(&body, id)))
        })
        .collect();
    let expected = [(true, "rx.recv()", true, "Block"), (true, "sleep()", false, "b()"), (false, "Tuple", false, "c()")];
    assert_eq!(shown, expected.map(|(pattern, future, guard, handler)| (pattern, future.to_string(), guard, handler.to_string())));
}

#[test]
fn other_macro_shapes_are_told_apart() {
    let shape = |statements: &str| format!("{:?}", macro_of(&body(statements)).arguments).split(['(', ' ']).next().map(str::to_string);
    assert_eq!(shape("matches!(a, Some(b) | c if d);").as_deref(), Some("Matches"));
    assert_eq!(shape("assert_matches!(a, Some(_), \"m {}\", x);").as_deref(), Some("Matches"));
    assert_eq!(shape("stream! { yield a; };").as_deref(), Some("Block"));
    assert_eq!(shape("try_stream! { for x in y { yield x?; } };").as_deref(), Some("Block"));
    assert_eq!(shape("cfg_if! { if #[cfg(a)] { b(); } else { c(); } }").as_deref(), Some("Block"));
    assert_eq!(shape("db_run! { conn: sqlite, mysql { a(conn) } postgresql { b(conn) } }").as_deref(), Some("Block"));
    assert_eq!(shape("mock! { A {} impl B for A { fn c(&self) -> D; } }").as_deref(), Some("Block"));
    assert_eq!(shape("quote! { #a fn f() { g() } };").as_deref(), Some("Unread"));
}

#[test]
fn item_macros_give_items() {
    let facts = read(
        "lazy_static! { static ref A: Regex = Regex::new(\"x\"); pub static ref B: u8 = 1; }
         thread_local! { static C: Cell<u8> = const { Cell::new(1) } }
         cfg_if! { if #[cfg(a)] { mod d; } else { mod e; } }
         cfg_feature! { #![feature = \"x\"] mod g; }
         include!(\"f.rs\");",
    );
    let inside: Vec<Vec<&str>> = facts
        .items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::MacroCall { items, .. } => names(items),
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(inside, [vec!["A", "B"], vec!["C"], vec!["d", "e"], vec!["g"], vec![]]);
    let ItemKind::MacroCall { text, .. } = &facts.items[4].kind else { panic!("a macro call") };
    assert_eq!(&**text, "\"f.rs\"");
}

#[test]
fn macro_rules_keep_their_arms_and_the_paths_in_them() {
    let facts = read("#[macro_export] macro_rules! m { ($x:expr) => { $crate::a::b($x, crate::c, $x::d, e::F { g: 1 }) }; () => { h } }");
    let ItemKind::MacroRules { arms, paths, exported } = &facts.items[0].kind else { panic!("rules") };
    assert_eq!((arms.len(), *exported, &*arms[0].matcher, &*arms[1].transcriber), (2, true, "$x:expr", " h "));
    assert_eq!(paths.iter().map(Path::text).collect::<Vec<_>>(), ["$crate::a::b", "crate::c", "e::F"]);
}

#[test]
fn attributes_have_arguments() {
    let facts =
        read("/// doc\n#[get(\"/x\", data = \"<b>\", n = 3, wrap(a::B), 5)]\n#[cfg_attr(test, path = \"y.rs\", derive(C))]\nmod m;");
    let item = &facts.items[0];
    let paths: Vec<(String, bool)> = item.attributes.iter().map(|one| (one.path.text(), one.conditional)).collect();
    let expected = [("get", false), ("cfg_attr", false), ("path", true), ("derive", true)];
    assert_eq!(paths, expected.map(|(path, conditional)| (path.to_string(), conditional)));
    assert!(matches!(&item.kind, ItemKind::Module { items: None, path: Some(path) } if path == "y.rs"));
    let shown: Vec<String> = item.attributes[0]
        .arguments
        .iter()
        .map(|argument| match argument {
            AttributeArgument::Text(text, _) => text.clone(),
            AttributeArgument::Path(path) => path.text(),
            AttributeArgument::KeyValue { key, value, is_string, .. } => format!("{key}={value} {is_string}"),
            AttributeArgument::List { path, arguments } => format!("{}({})", path.text(), arguments.len()),
            AttributeArgument::Other(text, _) => format!("other {text}"),
        })
        .collect();
    assert_eq!(shown, ["/x", "data=<b> true", "n=3 false", "wrap(1)", "other 5"]);
    assert_eq!(&*item.attributes[0].text, "\"/x\", data = \"<b>\", n = 3, wrap(a::B), 5");
}

#[test]
fn test_items_are_known_by_their_attributes() {
    let is_test = |attribute: &str| read(&format!("{attribute} fn f() {{}}")).items[0].is_test();
    for yes in [
        "#[test]",
        "#[tokio::test]",
        "#[cfg(test)]",
        "#[cfg(all(test, feature = \"x\"))]",
        "#[cfg(any(test))]",
        "#[cfg(any(test, feature = \"test-utils\"))]",
        "#[rstest]",
        "#[sqlx::test(m = \"x\")]",
    ] {
        assert!(is_test(yes), "{yes}");
    }
    for no in [
        "#[cfg(not(test))]",
        "#[cfg(any(test, feature = \"x\"))]",
        "#[cfg(feature = \"test\")]",
        "#[derive(test)]",
        "#[cfg_attr(test, mock)]",
        "#[cfg(all(not(test), a))]",
    ] {
        assert!(!is_test(no), "{no}");
    }
}

fn allow(text: &str) -> (Option<&str>, Option<String>) {
    let comment = read(text).allows.remove(0);
    let covered = match comment.scope {
        AllowScope::Span(span) => Some(under(text, span)),
        AllowScope::File => None,
    };
    (covered, comment.malformed)
}

#[test]
fn allow_comments_cover_what_follows_them() {
    let covers = |text: &str, expected: &str| assert_eq!(allow(text), (Some(expected), None), "{text}");
    const ALLOW: &str = "// moai-backend: allow(a) reason = \"r\"";
    covers(&format!("fn x() {{}}\n{ALLOW}\n#[get(\"/\")]\nfn f() {{}}\nfn g() {{}}"), "#[get(\"/\")]\nfn f() {}");
    covers(&format!("/// doc\n{ALLOW}\nfn f() {{}}"), &format!("/// doc\n{ALLOW}\nfn f() {{}}"));
    covers(&format!("fn f() {{\n {ALLOW}\n let x = a()\n  .b();\n c(); }}"), "let x = a()\n  .b();");
    covers(&format!("fn f() {{\n {ALLOW}\n a()\n  .b();\n c(); }}"), "a()\n  .b()");
    covers(&format!("fn f() {{ R::new()\n {ALLOW}\n .route(\"/\", get(x))\n .route(\"/b\", y) }}"), ".route(\"/\", get(x))");
    covers(&format!("fn f() {{ match a {{\n {ALLOW}\n A => b(),\n C => d }} }}"), "A => b()");
    covers(&format!("struct S {{\n {ALLOW}\n #[x] pub a: Map<A, B>,\n b: u8 }}"), " #[x] pub a: Map<A, B>,".trim_start());
    covers(&format!("impl S {{\n {ALLOW}\n fn f(&self) {{}}\n fn g() {{}} }}"), "fn f(&self) {}");
    covers(&format!("fn f() {{ a(\n {ALLOW}\n b(c),\n d) }}"), "b(c)");
    covers(&format!("fn f() {{\n  a(); {ALLOW}\n b(); }}"), &format!("  a(); {ALLOW}"));
    covers("/* moai-backend: allow(a) reason = \"r\" */\nfn f() {}", "fn f() {}");
}

#[test]
fn allow_comments_say_lints_reason_and_until() {
    let text = "// moai-backend: allow-file(a_b, c) reason = \"it is \\\"so\\\"\" until = \"2026-12-31\"\nfn f() {}";
    let comment = read(text).allows.remove(0);
    assert_eq!(comment.scope, AllowScope::File);
    assert_eq!(
        comment.lints.iter().map(|(name, span)| (name.as_str(), under(text, *span))).collect::<Vec<_>>(),
        [("a_b", "a_b"), ("c", "c")]
    );
    assert_eq!((comment.reason.as_deref(), comment.until.as_deref(), comment.malformed), (Some("it is \"so\""), Some("2026-12-31"), None));
}

#[test]
fn malformed_allow_comments_say_how_to_write_them() {
    for (comment, complaint) in [
        ("allow(a)", "the reason is missing"),
        ("allow(a) reason = \"\"", "the reason is empty"),
        ("allow(a) reason = why", "no text in double quotes"),
        ("allow() reason = \"r\"", "the list of lints is empty"),
        ("allow a reason = \"r\"", "parentheses is missing"),
        ("allow(a reason = \"r\"", "closing parenthesis is missing"),
        ("deny(a) reason = \"r\"", "`deny` is not known"),
        ("allow(a) because = \"r\"", "`because` is not known"),
        ("", "nothing is allowed here"),
    ] {
        let malformed = allow(&format!("// moai-backend: {comment}\nfn f() {{}}")).1.expect("a complaint");
        assert!(malformed.contains(complaint) && malformed.contains("write `// moai-backend: allow("), "{malformed}");
    }
    assert!(allow("fn f() {}\n// moai-backend: allow(a) reason = \"r\"\n").1.is_some_and(|one| one.contains("nothing follows")));
}

#[test]
fn only_plain_comments_that_begin_with_the_marker_allow() {
    let text = "/// moai-backend: allow(a) reason = \"r\"\n// see moai-backend: allow(a)\nconst A: &str = \"// moai-backend: allow(a)\"; /** moai-backend: allow(a) */ fn f() {}";
    assert_eq!(read(text).allows, []);
}

#[test]
fn one_bad_item_does_not_lose_the_others() {
    let text = "#![cfg(unix)]\nuse a::b;\nfn good() {}\nfn bad() { let = ; }\nmod m { fn c() {} fn d( {} ) }\nimpl S { fn e(&self) {} fn f() { 1 + } const G: T = T { a: 1 }; }\nconst H: T = T { b: 2 };\nstruct I;";
    let (facts, problems) = extract(FileId(0), text);
    assert_eq!(facts.reading, Reading::Partial);
    assert_eq!(names(&facts.items), ["", "good", "m", "", "H", "I"]);
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert_eq!(facts.attributes.len(), 1);
    let inside = facts.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Module { items, .. } => items.as_deref(),
        ItemKind::Impl(block) => Some(&block.items[..]),
        _ => None,
    });
    assert_eq!(inside.map(names).collect::<Vec<_>>(), [vec!["c"], vec!["e", "G"]]);
    assert_eq!(under(text, facts.items[1].span), "fn good() {}");
}

#[test]
fn unbalanced_brackets_lose_one_item_only() {
    let text = "fn a() {}\n\nfn b() {\n  if x {\n}\n\nfn c(é: u8) { d(é) }\n";
    let (facts, problems) = extract(FileId(0), text);
    assert_eq!((facts.reading, problems.len()), (Reading::Partial, 1));
    assert_eq!(names(&facts.items), ["a", "c"]);
    assert_eq!(under(text, facts.items[1].span), "fn c(é: u8) { d(é) }");
    assert_eq!(under(text, problems[0].span).trim(), "fn b() {\n  if x {\n}");
}

#[test]
fn statements_keep_their_cfg() {
    let body = body("#[cfg(feature = \"x\")] a.b(); #[cfg(unix)] let c = 1;");
    let ExpressionKind::Block { statements, .. } = &body[body.root].kind else { panic!("a block") };
    let cfgs: Vec<Option<&str>> = statements
        .iter()
        .map(|statement| match statement {
            Statement::Let { cfg, .. } | Statement::Expression { cfg, .. } => cfg.as_deref(),
            Statement::Item(_) => None,
        })
        .collect();
    assert_eq!(cfgs, [Some("feature = \"x\""), Some("unix")]);
}

#[test]
fn rules_that_call_themselves_or_double_their_input_come_to_an_end() {
    let endless = "macro_rules! again { ($x:expr) => { again!(again!($x)) }; } fn f() { again!(1); }";
    let double = "macro_rules! d { ($($x:tt)*) => { d!($($x)* $($x)* + $($x)*) }; } fn f() { d!(1 + 1 + 1 + 1); }";
    let many = "macro_rules! m { ($($a:ident $($b:ident)*);*) => { [$($($b + $a),*),*] }; } fn f() { m!(a b c; d e; f); m!(; ;); }";
    let odd =
        "macro_rules! o { ($) => { 1 }; ($x) => { 2 }; ($x:expr) => { $y }; ($x:vis) => { $($x)* }; } fn f() { o!(1); o!(); o!(pub); }";
    let bare = "macro_rules! e {} fn f() { e!(); let é = \"é\"; e!(é); }";
    for text in [endless, double, many, odd, bare] {
        let (facts, problems) = super::extract(crate::source::FileId(0), text);
        assert!(problems.is_empty() && facts.items.len() == 2, "{text}: {problems:?}");
    }
}

#[test]
fn imports_with_roots_inside_the_braces_are_read() {
    let facts = read("use {::alloy::primitives::{U256, b::C as D}, ::x::Y, e2e::setup::*, model::Order};");
    let ItemKind::Use(bindings) = &facts.items[0].kind else { panic!("the text is an import") };
    let paths: Vec<String> = bindings.iter().map(|binding| binding.path.text()).collect();
    assert_eq!(paths, ["alloy::primitives::U256", "alloy::primitives::b::C", "x::Y", "e2e::setup", "model::Order"]);
}
