//! What users read: the words of findings and of errors.

use crate::support::Fixture;

#[test]
fn a_finding_reads_from_the_route_to_the_sink() {
    let said = Fixture::api().check(&["-A", "all", "-D", "pools_per_request"]);
    let text = said.stdout.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text, @r#"x"#);
}

#[test]
fn errors_say_what_where_and_what_to_do() {
    let said = Fixture::new(&[]).check(&[]);
    assert_eq!(said.code, 2);
    insta::assert_snapshot!(said.stderr, @r#"x"#);
}

#[test]
fn the_line_of_an_unread_file_is_explained() {
    let said = Fixture::api().run(&["explain", "src/mian.rs:3"]);
    assert_eq!(said.code, 2);
    insta::assert_snapshot!(said.stderr, @r#"x"#);
}
