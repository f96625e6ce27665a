//! Small help with words: suggestions for misspelt names, plurals.

/// The candidate that `word` was probably meant to be.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let normal = normalised(word);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&normal, &normalised(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count().min(word.chars().count()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// ``did you mean `x`?``, or the whole list where nothing is near.
pub fn suggestion<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match did_you_mean(word, candidates.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of: {}", candidates.into_iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")),
    }
}

/// `1 route`, `2 routes`, `no routes` stays `0 routes`.
pub fn count(number: usize, what: &str) -> String {
    let plural = match what {
        _ if number == 1 => what.to_string(),
        _ if what.ends_with('y') => format!("{}ies", &what[..what.len() - 1]),
        _ => format!("{what}s"),
    };
    format!("{} {plural}", grouped(number))
}

/// `12,345`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn normalised(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

/// `axum` of `axum::routing::get`. Asked of every path there is, so it looks for nothing but a colon.
pub fn first_segment(path: &str) -> &str {
    &path[..path.bytes().position(|byte| byte == b':').unwrap_or(path.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_word() {
        let known = ["sql_in_handlers", "unbounded_caches", "layer_skips"];
        assert_eq!(did_you_mean("sql_in_handler", known), Some("sql_in_handlers"));
        assert_eq!(did_you_mean("Unbounded-Cache", known), Some("unbounded_caches"));
        assert_eq!(did_you_mean("clippy", known), None);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1, "query"), "1 query");
        assert_eq!(count(12345, "query"), "12,345 queries");
        assert_eq!(count(0, "route"), "0 routes");
    }
}
