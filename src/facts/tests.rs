//! What holds for any text: no panic, no overflow, spans inside the text.

use super::*;
use proptest::prelude::*;

fn facts(text: &str) -> FileFacts {
    extract(FileId(0), text).0
}

/// Debug builds take more stack than release builds, so what passes here passes there.
fn with_small_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(16 << 20).spawn(run).expect("a thread starts").join().expect("no panic")
}

fn check_span(text: &str, span: Span) {
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} is no part of the text");
}

fn check_body(text: &str, body: &Body) {
    for (index, expression) in body.expressions.iter().enumerate() {
        check_span(text, expression.span);
        assert!(expression.first.0 as usize <= index);
        for inner in body.inside(ExprId(index as u32)) {
            assert!(body[inner].first >= expression.first, "{inner:?} begins outside of {index}");
        }
    }
    body.patterns.iter().for_each(|pattern| check_span(text, pattern.span));
    check_items(text, &body.items);
}

fn check_items(text: &str, items: &[Item]) {
    for item in items {
        check_span(text, item.span);
        check_span(text, item.name_span);
        match &item.kind {
            ItemKind::Module { items: Some(items), .. } | ItemKind::MacroCall { items, .. } => check_items(text, items),
            ItemKind::Impl(block) => check_items(text, &block.items),
            ItemKind::Trait(declaration) => check_items(text, &declaration.items),
            ItemKind::Function(function) => function.body.iter().for_each(|body| check_body(text, body)),
            ItemKind::Constant { value: Some(body), .. } => check_body(text, body),
            _ => {}
        }
    }
}

fn check(text: &str) {
    let (facts, problems) = extract(FileId(0), text);
    check_items(text, &facts.items);
    for problem in &problems {
        check_span(text, problem.span);
        assert!(!problem.message.contains("bug of this tool"), "a panic was caught");
    }
    for comment in &facts.allows {
        check_span(text, comment.span);
        if let AllowScope::Span(span) = comment.scope {
            check_span(text, span);
        }
    }
}

/// Texts of `n` links that a parser or a destructor may recurse over.
fn runs(n: usize) -> Vec<(&'static str, String)> {
    let function = |body: String| format!("fn f() {{ {body} }}");
    vec![
        ("parentheses", function(format!("{}x{}", "(".repeat(n), ")".repeat(n)))),
        ("blocks", function(format!("{}{}", "{".repeat(n), "}".repeat(n)))),
        ("closures in calls", function(format!("{}x{}", "f(|| ".repeat(n), ")".repeat(n)))),
        ("arrays of calls", function(format!("{}x{}", "[f(".repeat(n), ")]".repeat(n)))),
        ("nested macros", function(format!("{}x{}", "vec![".repeat(n), "]".repeat(n)))),
        ("nested ifs", function(format!("{}x{}", "if a { ".repeat(n), "}".repeat(n)))),
        ("nested matches", function(format!("{}x{}", "match a { b => { ".repeat(n / 2), "} }".repeat(n / 2)))),
        ("modules", format!("{}{}", "mod a { ".repeat(n), "}".repeat(n))),
        ("functions", format!("{}{}", "fn a() { ".repeat(n), "}".repeat(n))),
        ("json", function(format!("json!({}1{})", "{\"a\": ".repeat(n), "}".repeat(n)))),
        ("not", function(format!("{}x", "!".repeat(n)))),
        ("minus", function(format!("{}x", "- ".repeat(n)))),
        ("references", function(format!("{}x", "&".repeat(n)))),
        ("dereferences", function(format!("{}x", "*".repeat(n)))),
        ("sums", function(format!("x{}", " + x".repeat(n)))),
        ("ands", function(format!("x{}", " && x".repeat(n)))),
        ("calls in a chain", function(format!("x{}", ".f(1)".repeat(n)))),
        ("fields in a chain", function(format!("x{}", ".f".repeat(n)))),
        ("question marks", function(format!("x{}", "?".repeat(n)))),
        ("calls of calls", function(format!("x{}", "()".repeat(n)))),
        ("indexes", function(format!("x{}", "[0]".repeat(n)))),
        ("casts", function(format!("x{}", " as u8".repeat(n)))),
        ("assignments", function(format!("{}x", "x = ".repeat(n)))),
        ("returns", function(format!("{}x", "return ".repeat(n)))),
        ("closures", function(format!("{}x", "|| ".repeat(n)))),
        ("closures with parameters", function(format!("{}x", "|a, b| ".repeat(n)))),
        ("else ifs", function(format!("if a {{}} {}", "else if a {} ".repeat(n)))),
        ("ranges", function(format!("{}x", ".. ".repeat(n)))),
        ("labels", function(format!("{}loop {{}}", "'a: ".repeat(n)))),
        ("generics", format!("type A = {}u8{};", "B<".repeat(n), ">".repeat(n))),
        ("generics with commas", format!("type A = {}u8{};", "B<u8, ".repeat(n), ">".repeat(n))),
        ("reference types", format!("type A = {}u8;", "&".repeat(n))),
        ("pointer types", format!("type A = {}u8;", "*const ".repeat(n))),
        ("function types", format!("type A = {}u8;", "fn() -> ".repeat(n))),
        ("trait sugar", format!("type A = {}u8;", "dyn Fn() -> ".repeat(n))),
        ("qualified paths", format!("type A = {}u8{};", "<".repeat(n), " as B>::C".repeat(n))),
        ("bounds", format!("fn f<T: {}>() {{}}", "A + ".repeat(n))),
        ("use paths", format!("use {}b;", "a::".repeat(n))),
        ("paths", function(format!("{}b", "a::".repeat(n)))),
        ("reference patterns", function(format!("let {}x = y;", "&".repeat(n)))),
        ("bindings", function(format!("let {}x = y;", "a @ ".repeat(n)))),
        ("alternatives", function(format!("let {}x = y;", "a | ".repeat(n)))),
        ("statements", function("x.y();".repeat(n))),
        ("items", "fn f() -> u8 { 1 } ".repeat(n)),
        ("list", function(format!("[{}]", "a + b, ".repeat(n)))),
        ("attributes", format!("{}fn f() {{}}", "#[a] ".repeat(n))),
        ("cfg attributes", format!("#[{}b{}] fn f() {{}}", "cfg_attr(a, ".repeat(n), ")".repeat(n))),
        ("unfinished", "fn f( { [ (".repeat(n)),
        ("arms", function(format!("match x {{ {} }}", "A => {} ".repeat(n)))),
        ("strings", function(format!("\"a\"{}", " + \"a\"".repeat(n)))),
    ]
}

#[test]
fn long_and_deep_texts_do_not_overflow_a_small_stack() {
    for n in [250, 600, 2_000, 10_000] {
        for (name, text) in runs(n) {
            let (reading, problems) = with_small_stack(move || {
                let (facts, problems) = extract(FileId(0), &text);
                (facts.reading, problems.len())
            });
            assert!(reading == Reading::Whole || problems > 0, "{name} {n}");
        }
    }
}

#[test]
fn too_many_brackets_skip_the_file_and_say_so() {
    let text = format!("fn f() {{ {}{} }}", "(".repeat(10_000), ")".repeat(10_000));
    let (facts, problems) = extract(FileId(0), &text);
    assert_eq!(facts.reading, Reading::Skipped);
    assert_eq!(problems[0].message, "nested deeper than 256 brackets");
    assert_eq!(problems[0].span.start, 9 + 255);
}

#[test]
fn brackets_in_strings_and_comments_do_not_count() {
    let text = format!("fn f() {{ /* {0} */ \"{0}\"; }} // {0}", "([{".repeat(1_000));
    assert_eq!(facts(&text).reading, Reading::Whole);
}

#[test]
fn generated_chains_and_tables_are_read() {
    for text in [
        format!("fn f() {{ x{}; }}", ".route(\"/a\", get(b))".repeat(3_000)),
        format!("fn f() {{ {} }}", "if a == b { c } else ".repeat(500) + "{ d }"),
        format!("const A: &[u8] = &[{}];", "1, ".repeat(100_000)),
        format!("const A: &[(i32, bool)] = &[{}];", "(-1, a < b && !c), ".repeat(10_000)),
        format!("fn f() {{ match x {{ {} }} }}", "&A => {} B | C => d, ".repeat(2_000)),
    ] {
        assert_eq!(facts(&text).reading, Reading::Whole, "{}", &text[..40]);
    }
}

#[test]
fn large_files_are_skipped() {
    let (facts, problems) = extract(FileId(0), &" ".repeat((8 << 20) + 1));
    assert_eq!(facts.reading, Reading::Skipped);
    assert!(problems[0].message.contains("8 MiB"));
}

/// Tokens that together come close to Rust, mostly broken.
fn soup() -> impl Strategy<Value = String> {
    const TOKENS: &[&str] = &[
        "fn ",
        "f",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "<",
        ">",
        ";",
        ",",
        "mod m ",
        "impl A ",
        "struct S ",
        "let ",
        "=",
        "=> ",
        "::",
        ".",
        "x",
        "'a",
        "'b'",
        "\"text {x} \\u{e9}\"",
        "r#\"raw\"#",
        "r#type",
        "/* c */",
        "// line\n",
        "/// doc\n",
        "\n",
        "\r\n",
        "é",
        "\u{feff}",
        "!",
        "#",
        "[a = \"b\"]",
        "match ",
        "if ",
        "else ",
        "return ",
        "|",
        "&",
        "*",
        "-",
        "+",
        "vec!",
        "json!",
        "select!",
        "format!",
        "1",
        "0.5",
        "async ",
        "move ",
        "use ",
        "crate",
        "pub ",
        "\0",
        "// moai-backend: allow(x) reason = \"y\"\n",
        "/* moai-backend: allow-file( */",
        "\"",
        "'",
        "---\n",
        "#!/bin\n",
        "macro_rules! m ",
        "$",
        "trait T ",
        "where ",
        "..",
        "?",
        "static ",
        "const ",
        ": u8",
        "lazy_static!",
        "ref ",
    ];
    prop::collection::vec(prop::sample::select(TOKENS), 0..60).prop_map(|tokens| tokens.concat())
}

/// Well-formed nesting of brackets, blocks, closures and macros.
fn nested() -> impl Strategy<Value = String> {
    const AROUND: &[(&str, &str)] = &[
        ("(", ")"),
        ("{ ", " }"),
        ("f(", ", é)"),
        ("[", "; 3]"),
        ("vec![", ", b]"),
        ("|a, b| ", ""),
        ("match ", " { Some(_) if a => { b } _ => c }"),
        ("async move { ", "?; }.await"),
        ("json!({\"k\": ", "})"),
        ("!", ""),
        ("&", ""),
        ("S { a: ", ", ..b }"),
        ("(", " as u8)"),
        ("if ", " { a } else { b }"),
        ("a + ", ""),
        ("(", ").m::<T>(1)"),
        ("format!(\"é {x} {}\", ", ")"),
        ("{ fn g() -> u8 { ", " } g() }"),
        ("return ", ""),
        ("tokio::select! { a = ", " => b, else => c }"),
        ("matches!(", ", A | B(1..=2) if c)"),
    ];
    prop::collection::vec(prop::sample::select(AROUND), 0..80).prop_map(|around| {
        let (open, close) = around.iter().fold((String::new(), String::new()), |(open, close), (o, c)| (open + o, format!("{c}{close}")));
        format!("// é\r\nfn f() {{ {open}x{close} }}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_tokens_are_read_without_panic(text in soup()) {
        check(&text);
    }

    #[test]
    fn any_nesting_is_read_without_overflow(text in nested()) {
        with_small_stack(move || check(&text));
    }
}
