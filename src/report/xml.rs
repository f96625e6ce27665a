//! XML as its formats need it: elements with attributes and text.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

pub struct Xml {
    writer: Writer<Vec<u8>>,
    open: Vec<&'static str>,
}

impl Xml {
    pub fn new() -> Self {
        let mut xml = Self { writer: Writer::new_with_indent(Vec::new(), b' ', 2), open: Vec::new() };
        xml.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    pub fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.write(Event::Start(element(name, attributes)));
        self.open.push(name);
    }

    pub fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.write(Event::End(BytesEnd::new(name)));
        }
    }

    pub fn empty(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.write(Event::Empty(element(name, attributes)));
    }

    /// An element with text in it.
    pub fn text(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.write(Event::Text(BytesText::new(&allowed(text))));
        self.close();
    }

    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        String::from_utf8_lossy(&self.writer.into_inner()).into_owned() + "\n"
    }

    fn write(&mut self, event: Event) {
        self.writer.write_event(event).expect("memory can always be written to");
    }
}

fn element<'n>(name: &'n str, attributes: &[(&str, &str)]) -> BytesStart<'n> {
    let mut element = BytesStart::new(name);
    for (key, value) in attributes {
        element.push_attribute((*key, allowed(value).as_str()));
    }
    element
}

/// XML 1.0 has no way to write most control characters, not even escaped.
fn allowed(text: &str) -> String {
    let is_allowed = |character: char| {
        matches!(character, '\t' | '\n' | '\r') || !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}')
    };
    text.chars().map(|character| if is_allowed(character) { character } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped_or_replaced() {
        let mut xml = Xml::new();
        xml.open("a", &[("b", "\"<é>\u{0}&\n")]);
        xml.text("c", &[], "]]> <x> \u{1b}[0m");
        let text = xml.finish();
        assert!(text.contains("b=\"&quot;&lt;é&gt;\u{fffd}&amp;"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains("<x>") && !text.contains("]]>"), "{text}");
    }
}
