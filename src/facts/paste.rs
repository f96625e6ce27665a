//! Names that `paste!` puts together: `[<get_ $name:snake>]`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// Groups inside groups.
const DEEPEST: usize = 128;

/// The tokens with every `[< .. >]` made one name. What is none stays as it is.
pub(super) fn pasted(tokens: TokenStream, depth: usize) -> TokenStream {
    tokens.into_iter().map(|token| one(token, depth)).collect()
}

fn one(token: TokenTree, depth: usize) -> TokenTree {
    let TokenTree::Group(group) = token else { return token };
    if group.delimiter() == Delimiter::Bracket
        && let Some(name) = name(&group)
    {
        return TokenTree::Ident(name);
    }
    if depth >= DEEPEST {
        return TokenTree::Group(group);
    }
    let mut made = Group::new(group.delimiter(), pasted(group.stream(), depth + 1));
    made.set_span(group.span());
    TokenTree::Group(made)
}

fn name(group: &Group) -> Option<Ident> {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let [TokenTree::Punct(open), parts @ .., TokenTree::Punct(close)] = tokens.as_slice() else { return None };
    if open.as_char() != '<' || close.as_char() != '>' {
        return None;
    }
    let mut written = String::new();
    // Modifiers change the part before them.
    let mut last = String::new();
    let mut parts = parts.iter();
    while let Some(part) = parts.next() {
        match part {
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                let TokenTree::Ident(modifier) = parts.next()? else { return None };
                last = modified(&last, &modifier.to_string())?;
            }
            TokenTree::Group(_) => return None,
            TokenTree::Punct(punct) if punct.as_char() == '\'' || punct.as_char() == '#' => return None,
            part => {
                written.push_str(&last);
                last = part.to_string().trim_start_matches("r#").trim_matches('"').to_string();
            }
        }
    }
    written.push_str(&last);
    syn::parse_str::<Ident>(&written).ok().map(|_| Ident::new(&written, group.span()))
}

fn modified(text: &str, modifier: &str) -> Option<String> {
    match modifier {
        "lower" => Some(text.to_lowercase()),
        "upper" => Some(text.to_uppercase()),
        "snake" => Some(snake(text)),
        "camel" => Some(text.split('_').map(capitalised).collect()),
        _ => None,
    }
}

fn snake(text: &str) -> String {
    let mut snake = String::with_capacity(text.len() + 4);
    for one in text.chars() {
        if one.is_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(one.to_lowercase());
    }
    snake
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::pasted;

    fn paste(text: &str) -> String {
        pasted(text.parse().expect("these are tokens"), 0).to_string().split_whitespace().collect()
    }

    #[test]
    fn names_are_put_together() {
        assert_eq!(paste("enum [<User Endpoint>]"), "enumUserEndpoint");
        assert_eq!(paste("fn [<get_ UserName:snake>]()"), "fnget_user_name()");
        assert_eq!(paste("[<user_name:camel Id>]"), "UserNameId");
        assert_eq!(paste("[<\"a\" b:upper>]"), "aB");
    }

    #[test]
    fn what_is_no_name_stays() {
        assert_eq!(paste("[<T>::x]"), "[<T>::x]");
        assert_eq!(paste("[< 1 >]"), "[<1>]");
        assert_eq!(paste("[a < b]"), "[a<b]");
    }
}
