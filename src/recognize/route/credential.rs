//! Code that asks who is calling: it reads a credential of the request, and may turn the request away.

use crate::facts::{Body, ExprId, ExpressionKind, Literal, Path, Type};
use crate::recognize::{Inputs, knows};
use crate::resolve::FunctionId;

/// Headers that carry credentials.
const HEADERS: [&str; 8] =
    ["authorization", "cookie", "x-api-key", "api-key", "x-auth-token", "x-access-token", "proxy-authorization", "x-session-token"];
/// Functions that open a token.
const TOKEN_READERS: [&str; 5] = ["jsonwebtoken::decode", "jwt_simple::", "jsonwebtoken::decoding::decode", "paseto::", "pasetors::"];
/// Names of what turns a request away.
const REJECTIONS: [&str; 10] = [
    "UNAUTHORIZED",
    "FORBIDDEN",
    "Unauthorized",
    "Forbidden",
    "ErrorUnauthorized",
    "ErrorForbidden",
    "Unauthenticated",
    "NotLoggedIn",
    "NotAuthenticated",
    "InvalidToken",
];

/// Whether the body itself reads a credential.
pub(super) fn reads(inputs: &Inputs, function: FunctionId) -> Option<ExprId> {
    let body = inputs.body(function)?;
    let by_call = inputs.calls(function).iter().find(|call| {
        let path = knows::external_path(&call.target, inputs.resolved);
        path.is_some_and(|path| TOKEN_READERS.iter().any(|reader| path == *reader || reader.ends_with("::") && path.starts_with(reader)))
    });
    by_call.map(|call| call.expression).or_else(|| (0..body.expressions.len() as u32).map(ExprId).find(|id| reads_at(body, *id)))
}

fn reads_at(body: &Body, id: ExprId) -> bool {
    match &body[id].kind {
        ExpressionKind::MethodCall { name, arguments, generics, .. } => match name.as_str() {
            "get" | "get_all" | "get_one" | "remove" | "contains_key" | "header" if arguments.len() == 1 => {
                names_header(body, arguments[0])
            }
            "typed_get" => generics.iter().any(names_authorization),
            "strip_prefix" | "starts_with" | "trim_start_matches" | "split_once" | "strip_prefix_of" => {
                arguments.first().is_some_and(|argument| is_scheme(body, *argument))
            }
            "get_identity" | "get_session" | "get_private" => true,
            "cookie" => matches!(arguments.as_slice(), [one] if is_name(body, *one)),
            "cookies" => arguments.is_empty(),
            _ => false,
        },
        ExpressionKind::Index { index, .. } => names_header(body, *index),
        ExpressionKind::Path(path) => matches!(path.last(), Some("from_request" | "from_request_parts")) && of_authorization(path),
        _ => false,
    }
}

/// `TypedHeader::<Authorization<Bearer>>::from_request_parts`: an extractor inside another.
fn of_authorization(path: &Path) -> bool {
    let arguments = path.segments.iter().flat_map(|segment| &segment.arguments).chain(path.qself.as_deref());
    arguments.into_iter().any(names_authorization)
}

fn names_authorization(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.last() == Some("Authorization") || of_authorization(path)
}

fn names_header(body: &Body, id: ExprId) -> bool {
    match &body[id].kind {
        ExpressionKind::Path(path) => matches!(path.last(), Some("AUTHORIZATION" | "COOKIE" | "PROXY_AUTHORIZATION")),
        ExpressionKind::Literal(Literal::Text { value, .. }) => HEADERS.contains(&value.to_ascii_lowercase().as_str()),
        ExpressionKind::Reference { value, .. } => names_header(body, *value),
        _ => false,
    }
}

/// A cookie's name: reading one takes a text, setting one a cookie.
fn is_name(body: &Body, id: ExprId) -> bool {
    match &body[id].kind {
        ExpressionKind::Literal(Literal::Text { .. }) => true,
        ExpressionKind::Path(path) => path.last().is_some_and(|name| !name.contains(char::is_lowercase)),
        ExpressionKind::Reference { value, .. } => is_name(body, *value),
        _ => false,
    }
}

fn is_scheme(body: &Body, id: ExprId) -> bool {
    matches!(&body[id].kind, ExpressionKind::Literal(Literal::Text { value, .. })
        if matches!(value.trim().to_ascii_lowercase().as_str(), "bearer" | "basic" | "token"))
}

/// Whether the body itself can turn a request away.
pub(super) fn rejects(inputs: &Inputs, function: FunctionId) -> bool {
    inputs.body(function).is_some_and(|body| {
        body.expressions.iter().any(|expression| match &expression.kind {
            ExpressionKind::Path(path) | ExpressionKind::Struct { path, .. } => is_rejection(path),
            _ => false,
        })
    })
}

fn is_rejection(path: &Path) -> bool {
    path.last().is_some_and(|name| REJECTIONS.contains(&name))
}

/// Whether the body can fail: for an extractor, failing is turning away.
pub(super) fn fails(inputs: &Inputs, function: FunctionId) -> bool {
    inputs.body(function).is_some_and(|body| {
        body.expressions.iter().any(|expression| match &expression.kind {
            ExpressionKind::Try(_) => true,
            ExpressionKind::Path(path) => {
                matches!(path.last(), Some("Err" | "Failure" | "Forward" | "Error" | "err"))
                    && (path.segments.len() > 1 || path.last() == Some("Err"))
            }
            ExpressionKind::MethodCall { name, .. } => {
                matches!(name.as_str(), "ok_or" | "ok_or_else" | "map_err" | "or_forward" | "or_error")
            }
            ExpressionKind::Macro(call) => call.path.last().is_some_and(|name| name.starts_with("err") || name == "bail"),
            _ => false,
        })
    })
}
