//! Who a finding is, across moves of lines: lint, package, item, identity, and its number among equals.

use rustc_hash::FxHashMap;

/// Gives equal findings their numbers; feed it in report order.
#[derive(Default)]
pub struct Fingerprints {
    seen: FxHashMap<String, u32>,
}

impl Fingerprints {
    pub fn of(&mut self, lint: &str, package: &str, item: &str, identity: &str) -> String {
        let key = [lint, package, item, identity].join("\u{0}");
        let ordinal = self.seen.entry(key.clone()).or_insert(0);
        *ordinal += 1;
        format!("{:016x}", fnv1a(format!("{key}\u{0}{ordinal}").as_bytes()))
    }
}

/// A message without its figures, for findings that name no identity of their own.
pub fn normalised(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for character in message.chars() {
        match character.is_ascii_digit() {
            true if text.ends_with('#') => {}
            true => text.push('#'),
            false => text.push(character),
        }
    }
    text
}

// The same for every version of this tool and of Rust, unlike the standard library's hashers.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_findings_are_numbered_and_others_are_not_disturbed() {
        let mut one = Fingerprints::default();
        let (first, second) = (one.of("l", "p", "i", "x"), one.of("l", "p", "i", "x"));
        assert_ne!(first, second);
        let mut other = Fingerprints::default();
        other.of("l", "p", "another", "x");
        assert_eq!(other.of("l", "p", "i", "x"), first);
    }

    #[test]
    fn figures_in_a_message_are_not_identity() {
        assert_eq!(normalised("12 routes, 3 of 400"), normalised("9 routes, 11 of 5"));
    }
}
