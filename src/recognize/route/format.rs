//! Format strings: literal text and holes.

pub(super) enum Piece {
    Literal(String),
    /// `{}`.
    Next,
    /// `{name}`, `{name:?}`.
    Named(String),
}

pub(super) fn pieces(pattern: &str) -> Vec<Piece> {
    let (mut found, mut literal) = (Vec::new(), String::new());
    let mut rest = pattern.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '{' | '}' if rest.peek() == Some(&one) => {
                literal.push(one);
                rest.next();
            }
            '{' => {
                let hole: String = rest.by_ref().take_while(|one| *one != '}').collect();
                if !literal.is_empty() {
                    found.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                let name = hole.split(':').next().unwrap_or_default().trim();
                found.push(if name.is_empty() || name.parse::<usize>().is_ok() { Piece::Next } else { Piece::Named(name.to_string()) });
            }
            _ => literal.push(one),
        }
    }
    if !literal.is_empty() {
        found.push(Piece::Literal(literal));
    }
    found
}
