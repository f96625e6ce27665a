//! TOML tables read key by key: every value keeps its place, every mistake is kept, and keys nobody asked for are mistakes.

use super::error::{ConfigError, ConfigSource};
use crate::source::Span;
use crate::words::suggestion;
use std::cell::RefCell;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
pub type At<T> = (T, Span);

pub struct Mistakes<'a> {
    pub source: &'a ConfigSource,
    found: RefCell<Vec<ConfigError>>,
}

impl<'a> Mistakes<'a> {
    pub fn new(source: &'a ConfigSource) -> Self {
        Self { source, found: RefCell::default() }
    }

    pub fn add(&self, span: Span, message: impl Into<String>, label: impl Into<String>, help: impl Into<String>) {
        self.found.borrow_mut().push(ConfigError::at(self.source, span, message, label, help));
    }

    pub fn into_errors(self) -> Vec<ConfigError> {
        self.found.into_inner()
    }
}

/// One table of the file.
pub struct Table<'t> {
    mistakes: &'t Mistakes<'t>,
    /// For messages: `` `[[rule]]` ``; empty for the file's top.
    name: String,
    entries: &'t DeTable<'t>,
    pub span: Span,
    known: Vec<&'static str>,
}

impl<'t> Table<'t> {
    pub fn new(mistakes: &'t Mistakes<'t>, name: impl Into<String>, entries: &'t DeTable<'t>, span: Span) -> Self {
        Self { mistakes, name: name.into(), entries, span, known: Vec::new() }
    }

    pub fn has(&mut self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    pub fn string(&mut self, key: &'static str) -> Option<At<String>> {
        let (value, span) = self.value(key)?;
        let text = value.as_str().map(|text| (text.to_string(), span));
        text.or_else(|| self.wrong(key, value, span, "a string"))
    }

    pub fn boolean(&mut self, key: &'static str) -> bool {
        let Some((value, span)) = self.value(key) else { return false };
        value.as_bool().or_else(|| self.wrong(key, value, span, "`true` or `false`")).unwrap_or(false)
    }

    pub fn integer(&mut self, key: &'static str) -> Option<At<u32>> {
        let (value, span) = self.value(key)?;
        let read = value.as_integer().and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
        read.map(|number| (number, span)).or_else(|| self.wrong(key, value, span, "a whole number"))
    }

    /// An array of strings.
    pub fn strings(&mut self, key: &'static str) -> Vec<At<String>> {
        let Some((value, span)) = self.value(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            return self.wrong(key, value, span, "an array of strings").unwrap_or_default();
        };
        let element = |one: &'t toml::Spanned<DeValue<'t>>| {
            let span = span_of(one);
            let text = one.get_ref().as_str().map(|text| (text.to_string(), span));
            text.or_else(|| self.wrong(key, one.get_ref(), span, "a string here"))
        };
        array.iter().filter_map(element).collect()
    }

    pub fn table(&mut self, key: &'static str) -> Option<Table<'t>> {
        let (value, span) = self.value(key)?;
        let table = value.as_table().map(|entries| Table::new(self.mistakes, format!("`[{key}]`"), entries, span));
        table.or_else(|| self.wrong(key, value, span, "a table"))
    }

    /// `[[key]]`, or an array of inline tables, or one table alone.
    pub fn tables(&mut self, key: &'static str) -> Vec<Table<'t>> {
        let Some((value, span)) = self.value(key) else { return Vec::new() };
        let table = |value: &'t DeValue<'t>, span| {
            let table = value.as_table().map(|entries| Table::new(self.mistakes, format!("`{key}`"), entries, span));
            table.or_else(|| self.wrong(key, value, span, "a table"))
        };
        match value.as_array() {
            Some(array) => array.iter().filter_map(|one| table(one.get_ref(), span_of(one))).collect(),
            None => table(value, span).into_iter().collect(),
        }
    }

    /// Every key with its value: for tables whose keys are names that the user gives. Nothing is unknown then.
    pub fn all(&self) -> impl Iterator<Item = (At<&'t str>, At<&'t DeValue<'t>>)> + use<'t> {
        self.entries.iter().map(|(key, value)| ((key.get_ref().as_ref(), range(key.span())), (value.get_ref(), span_of(value))))
    }

    pub fn mistake(&self, span: Span, message: impl Into<String>, label: impl Into<String>, help: impl Into<String>) {
        self.mistakes.add(span, message, label, help);
    }

    /// A table inside this one, found by [`Table::all`].
    pub fn inner(&self, name: impl Into<String>, entries: &'t DeTable<'t>, span: Span) -> Table<'t> {
        Table::new(self.mistakes, name, entries, span)
    }

    /// The key has to be there.
    pub fn required(&self, key: &str, help: &str) {
        let place = if self.name.is_empty() { String::new() } else { format!(" in {}", self.name) };
        self.mistake(self.span, format!("`{key}` is missing{place}"), format!("needs `{key}`"), help);
    }

    /// Keys that were not asked for are mistakes.
    pub fn finish(self) {
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.known.contains(&key.get_ref().as_ref())) {
            let name = key.get_ref().as_ref();
            let place = if self.name.is_empty() { String::new() } else { format!(" in {}", self.name) };
            let help = suggestion(name, self.known.iter().copied());
            self.mistake(range(key.span()), format!("unknown key `{name}`{place}"), "not a key of this tool", help);
        }
    }

    fn value(&mut self, key: &'static str) -> Option<At<&'t DeValue<'t>>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.entries.get(key).map(|value| (value.get_ref(), span_of(value)))
    }

    fn wrong<T>(&self, key: &str, value: &DeValue, span: Span, wanted: &str) -> Option<T> {
        self.mistake(span, format!("`{key}` has to be {wanted}"), format!("this is {}", article(value.type_str())), "");
        None
    }
}

fn span_of(value: &toml::Spanned<DeValue>) -> Span {
    range(value.span())
}

pub fn range(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {kind}")
}
