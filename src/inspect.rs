//! `inspect`: the model of the backend as JSON, schema version 1, and as tables: the printer that looks at the model.

mod json;
mod table;

use crate::Analysis;
use crate::facts::Reading;
use crate::findings::{AnalysedFile, FileCounts};
use std::io::{self, Write};

/// What of the model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Routes,
    Functions,
    Calls,
    Queries,
    Schema,
    Resources,
    Layers,
}

impl Part {
    pub const ALL: [Part; 7] = [Part::Routes, Part::Functions, Part::Calls, Part::Queries, Part::Schema, Part::Resources, Part::Layers];

    pub fn name(self) -> &'static str {
        match self {
            Part::Routes => "routes",
            Part::Functions => "functions",
            Part::Calls => "calls",
            Part::Queries => "queries",
            Part::Schema => "schema",
            Part::Resources => "resources",
            Part::Layers => "layers",
        }
    }
}

/// JSON on one line. `None`: all parts.
pub fn inspect_json(analysis: &Analysis, part: Option<Part>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    serde_json::to_writer(&mut out, &json::document(analysis, part))?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Columns for a terminal. `None`: how much there is of each part.
pub fn inspect_table(analysis: &Analysis, part: Option<Part>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    table::print(analysis, part, &mut out)?;
    out.flush()
}

fn file_counts(files: &[AnalysedFile]) -> FileCounts {
    let of = |reading| files.iter().filter(|file| file.reading == reading).count();
    FileCounts { parsed: of(Reading::Whole), partial: of(Reading::Partial), skipped: of(Reading::Skipped) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use serde_json::Value;

    const LIBRARY: &str = "pub fn outer() {\n    inner();\n}\n\nfn inner() {}\n";

    fn json(part: Option<Part>) -> Value {
        let mut bytes = Vec::new();
        inspect_json(&testing::analyse(&[("src/lib.rs", LIBRARY)]), part, &mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn a_call_has_the_place_of_its_name_and_of_its_target() {
        let call = &json(None)["calls"][0];
        assert_eq!((&call["file"], &call["line"], &call["column"]), (&"src/lib.rs".into(), &2.into(), &5.into()));
        assert_eq!((&call["from"], &call["to"]), (&"app::outer".into(), &"app::inner".into()));
        assert_eq!((&call["to_file"], &call["to_line"]), (&"src/lib.rs".into(), &5.into()));
    }

    #[test]
    fn the_whole_document_has_every_part_and_one_part_only_itself() {
        let whole = json(None);
        assert_eq!(whole["schema_version"], 1);
        assert_eq!(whole["coverage"]["files"]["parsed"], 1);
        for part in Part::ALL {
            assert!(!whole[part.name()].is_null(), "{}", part.name());
        }
        let one = json(Some(Part::Functions));
        assert!(one["calls"].is_null());
        assert_eq!(one["functions"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_table_has_a_head_and_a_line_for_each() {
        let mut bytes = Vec::new();
        inspect_table(&testing::analyse(&[("src/lib.rs", LIBRARY)]), Some(Part::Calls), &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.lines().nth(1).unwrap().starts_with("src/lib.rs:2:5  app::outer  app::inner"));
    }
}
