//! Guidance pages on a terminal: Markdown as far as our own pages use it.

use crate::findings::{catalogue, guidance_url};
use crate::lints::{LintInfo, Section};
use crate::report::Terminal;

/// The page of one lint: what `explain LINT` prints.
pub fn page(info: &LintInfo, terminal: &Terminal) -> String {
    let mut text = format!("{}\n", terminal.style("1", info.id));
    text += &format!("{}; {} by default, in {}, since edition {}\n\n", info.summary, info.level.name(), info.section.id(), info.since());
    text += markdown(info.guidance, terminal).trim_start();
    text += &format!("\n{} {}\n", terminal.style("36", "instead:"), info.help);
    text += &references(info, terminal);
    text += &measured(info);
    text + &format!("\nThis page, with links: {}\n", guidance_url(info))
}

fn references(info: &LintInfo, terminal: &Terminal) -> String {
    if info.references.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", terminal.style("1", "It rests on"));
    for reference in info.references {
        let version = if reference.version.is_empty() { String::new() } else { format!(", {}", reference.version) };
        text += &format!("  {}{version} (read {})\n    {}\n", reference.title, reference.accessed, reference.url);
    }
    text
}

fn measured(info: &LintInfo) -> String {
    let counts = &info.measured;
    match counts.read {
        0 => String::new(),
        read => format!("\nMeasured on real backends: {} found, {read} read in the source, {} of them right\n", counts.found, counts.right),
    }
}

/// A section's own page, where it has one, and its lints.
pub fn section(section: Section, terminal: &Terminal) -> String {
    let mut text = format!("{}\n", terminal.style("1", section.id()));
    let page = SECTIONS.iter().find(|(one, _)| *one == section).map_or("", |(_, page)| page);
    text += &markdown(page, terminal);
    text += &format!("\n{}\n", terminal.style("1", "Lints"));
    for lint in catalogue().iter().filter(|lint| lint.section == section) {
        text += &format!("  {:<5} {}: {}\n", lint.level.name(), lint.id, lint.summary);
    }
    text
}

/// Guidance of the sections that have lints.
const SECTIONS: [(Section, &str); 4] = [
    (Section::ServerArchitecture, include_str!("../../lints/server_architecture/guidance.md")),
    (Section::CachingStrategies, include_str!("../../lints/caching_strategies/guidance.md")),
    (Section::DatabaseOptimization, include_str!("../../lints/database_optimization/guidance.md")),
    (Section::ScalabilityPatterns, include_str!("../../lints/scalability_patterns/guidance.md")),
];

/// Headings bold, code dimmed and indented, fences and link targets left out. The first heading, the page's name, is left out.
pub fn markdown(source: &str, terminal: &Terminal) -> String {
    let (mut text, mut in_code, mut first) = (String::new(), false, true);
    for line in source.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            // rustdoc hides lines that begin with `# `.
            if !line.starts_with("# ") {
                text += &format!("{}\n", terminal.style("2", &format!("    {line}")));
            }
        } else if let Some(heading) = line.strip_prefix('#') {
            if !std::mem::take(&mut first) {
                text += &format!("{}\n", terminal.style("1", heading.trim_start_matches('#').trim()));
            }
        } else {
            text += &format!("{}\n", inline(line, terminal));
        }
    }
    text
}

/// `` `code` `` coloured, `[text](target)` as its text.
fn inline(line: &str, terminal: &Terminal) -> String {
    let mut text = String::new();
    for (index, part) in line.split('`').enumerate() {
        match index % 2 {
            0 => text += &without_links(&bare_addresses(&part.replace("**", ""))),
            _ if terminal.color => text += &terminal.style("36", part),
            _ => text += &format!("`{part}`"),
        }
    }
    text
}

/// `<https://..>` as `https://..`.
fn bare_addresses(part: &str) -> String {
    let (mut text, mut rest) = (String::new(), part);
    while let Some((before, after)) = rest.split_once("<https://") {
        let (address, after) = after.split_once('>').unwrap_or((after, ""));
        text += &format!("{before}https://{address}");
        rest = after;
    }
    text + rest
}

fn without_links(part: &str) -> String {
    let mut text = String::new();
    let mut rest = part;
    while let Some((before, (words, after))) = next_link(rest) {
        text += before;
        text += words;
        rest = after;
    }
    text + rest
}

fn next_link(text: &str) -> Option<(&str, (&str, &str))> {
    let middle = text.find("](")?;
    let open = text[..middle].rfind('[')?;
    let close = middle + text[middle..].find(')')?;
    Some((&text[..open], (&text[open + 1..middle], &text[close + 1..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_read_well_without_colour() {
        let page = "# name\n\nSee [the docs](https://example.org) for `x`, <https://example.org> too.\n\n## Bad\n\n```rust,ignore\n# hidden\nlet a = [1](2);\n```\n";
        assert_eq!(markdown(page, &Terminal::PLAIN), "\nSee the docs for `x`, https://example.org too.\n\nBad\n\n    let a = [1](2);\n");
    }
}
