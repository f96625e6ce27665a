//! Reads knowledge files and answers what a path does.

use super::built_in::BUILT_IN;
use super::{CrateKnowledge, Does, FunctionKnowledge, Routes, TypeKnowledge, TypeRole};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use semver::{Version, VersionReq};
use serde::Deserialize;

/// All blocks, the user's before the built-in ones, with an index by path.
#[derive(Default)]
pub struct Knowledge {
    pub crates: Vec<CrateKnowledge>,
    /// Names and texts of the user's files.
    own: Vec<(String, String)>,
    functions: Index,
    macros: Index,
    attributes: Index,
    types: Index,
}

/// Path -> (block, row).
type Index = FxHashMap<String, Vec<(usize, usize)>>;

#[derive(Debug, thiserror::Error)]
#[error("{file}: {message}")]
pub struct KnowledgeError {
    pub file: String,
    /// With line, column and the offending text, as the TOML reader says it.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnowledgeFile {
    #[serde(rename = "crate", default)]
    crates: Vec<CrateKnowledge>,
}

fn blocks(file: &str, text: &str) -> Result<Vec<CrateKnowledge>, KnowledgeError> {
    let read: Result<KnowledgeFile, toml::de::Error> = toml::from_str(text);
    read.map(|file| file.crates).map_err(|error| KnowledgeError { file: file.to_string(), message: error.to_string() })
}

impl Knowledge {
    /// `users`: (file name, text) of the user's own files, which come first and so win.
    pub fn load(users: &[(String, String)]) -> Result<Knowledge, KnowledgeError> {
        Knowledge::with(users, Knowledge::built_in()?)
    }

    /// The same, with built-in blocks that were read before anybody knew of `users`.
    pub fn with(users: &[(String, String)], built_in: Vec<CrateKnowledge>) -> Result<Knowledge, KnowledgeError> {
        let mut knowledge = Knowledge { own: users.to_vec(), ..Knowledge::default() };
        for (file, text) in users {
            blocks(file, text)?.into_iter().for_each(|block| knowledge.add(block));
        }
        built_in.into_iter().for_each(|block| knowledge.add(block));
        Ok(knowledge)
    }

    pub fn built_in() -> Result<Vec<CrateKnowledge>, KnowledgeError> {
        let files: Result<Vec<Vec<CrateKnowledge>>, KnowledgeError> = BUILT_IN.par_iter().map(|(file, text)| blocks(file, text)).collect();
        Ok(files?.into_iter().flatten().collect())
    }

    /// Names and texts of the user's files: all that may differ between two runs of one build.
    pub fn own(&self) -> &[(String, String)] {
        &self.own
    }

    fn add(&mut self, block: CrateKnowledge) {
        let at = self.crates.len();
        let rows = [(&mut self.functions, &block.function), (&mut self.macros, &block.macros), (&mut self.attributes, &block.attribute)];
        for (index, rows) in rows {
            for (row, path) in rows.iter().enumerate().flat_map(|(row, known)| known.paths.iter().map(move |path| (row, path))) {
                index.entry(path.clone()).or_default().push((at, row));
            }
        }
        for (row, path) in block.types.iter().enumerate().flat_map(|(row, known)| known.paths.iter().map(move |path| (row, path))) {
            self.types.entry(path.clone()).or_default().push((at, row));
        }
        self.crates.push(block);
    }

    /// The block that speaks for `package` at `version`; without a version, the first block of that name.
    pub fn block(&self, package: &str, version: Option<&Version>) -> Option<usize> {
        self.crates.iter().position(|block| {
            block.name == package && !block.declarations.is_empty() && version.is_none_or(|version| speaks_for(&block.versions, version))
        })
    }

    /// Whether routes of the package are read, if it is a web framework.
    pub fn routes_of(&self, package: &str) -> Option<Routes> {
        self.crates.iter().find_map(|block| (block.name == package).then_some(block.routes).flatten())
    }

    /// Whether a call of this path, or of a method of this name, hands on what it is given and puts nothing around it.
    pub fn carries(&self, call: &str) -> bool {
        let carriers = self.crates.iter().flat_map(|block| &block.carries);
        carriers.map(String::as_str).any(|carrier| if carrier.ends_with("::") { call.starts_with(carrier) } else { call == carrier })
    }

    /// Whether anything is known about a function, method or macro at this canonical path, in any version.
    pub fn has(&self, path: &str) -> bool {
        self.functions.contains_key(path) || self.macros.contains_key(path)
    }

    /// What a call of the function or method at this canonical path does.
    pub fn function(&self, path: &str, version: Option<&Version>) -> &[Does] {
        self.row(&self.functions, |block| &block.function, path, version)
    }

    /// `path` without `!`.
    pub fn macro_(&self, path: &str, version: Option<&Version>) -> &[Does] {
        self.row(&self.macros, |block| &block.macros, path, version)
    }

    pub fn attribute(&self, path: &str, version: Option<&Version>) -> &[Does] {
        self.row(&self.attributes, |block| &block.attribute, path, version)
    }

    pub fn type_roles(&self, path: &str, version: Option<&Version>) -> &[TypeRole] {
        self.type_row(path, version).map_or(&[], |row| &row.roles)
    }

    /// The method of a connection of this type that prepares a text once.
    pub fn statement_cache(&self, path: &str, version: Option<&Version>) -> Option<&str> {
        self.type_row(path, version)?.statement_cache.as_deref()
    }

    fn type_row(&self, path: &str, version: Option<&Version>) -> Option<&TypeKnowledge> {
        self.find(
            &self.types,
            |block| &block.types,
            path,
            |row: &TypeKnowledge, block| {
                version.is_none_or(|version| speaks_for(&block.versions, version) && speaks_for(&row.versions, version))
            },
        )
    }

    fn row(&self, index: &Index, rows: fn(&CrateKnowledge) -> &Vec<FunctionKnowledge>, path: &str, version: Option<&Version>) -> &[Does] {
        self.find(index, rows, path, |row: &FunctionKnowledge, block| {
            version.is_none_or(|version| speaks_for(&block.versions, version) && speaks_for(&row.versions, version))
        })
        .map_or(&[], |row| &row.does)
    }

    fn find<Row>(
        &self,
        index: &Index,
        rows: fn(&CrateKnowledge) -> &Vec<Row>,
        path: &str,
        holds: impl Fn(&Row, &CrateKnowledge) -> bool,
    ) -> Option<&Row> {
        index.get(path)?.iter().map(|(block, row)| (&self.crates[*block], *row)).find_map(|(block, row)| {
            let row = &rows(block)[row];
            holds(row, block).then_some(row)
        })
    }
}

/// A pre-release is as its release will be: `*` means it too.
fn speaks_for(versions: &VersionReq, version: &Version) -> bool {
    versions.matches(&Version::new(version.major, version.minor, version.patch))
}
