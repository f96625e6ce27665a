//! Which routes take credentials, by the words that backends use for them.

use crate::model::{Handler, Route};

/// What a client can do without end where nothing limits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attempt {
    Login,
    Code,
    Reset,
    Register,
}

impl Attempt {
    /// What an account that locks itself stops.
    pub fn is_a_guess(self) -> bool {
        matches!(self, Attempt::Login | Attempt::Code)
    }

    /// Continues "nothing limits how often a client may ..".
    pub fn words(self) -> &'static str {
        match self {
            Attempt::Login => "guess credentials",
            Attempt::Code => "guess codes",
            Attempt::Reset => "start a password reset",
            Attempt::Register => "register",
        }
    }
}

/// A login that ends here and was made elsewhere: `/oauth/authenticate`, `/sso/login`. Whoever gives out tokens checks secrets itself.
pub fn is_vouched_for(route: &Route) -> bool {
    const ELSEWHERE: &[&str] = &["oauth", "oauth2", "oidc", "openid", "saml", "sso"];
    let mut segments = route.path.split('/');
    !route.path.ends_with("/token") && segments.any(|segment| ELSEWHERE.contains(&segment))
}

/// Names of functions that lock an account after failures, or count them.
pub fn counts_failures(function: &str) -> bool {
    const WORDS: &[&str] = &[
        "brute_force",
        "failed_attempt",
        "failed_login",
        "is_locked",
        "lock_account",
        "lock_out",
        "lock_user",
        "locked_out",
        "lockout",
        "login_attempt",
        "login_failure",
        "too_many_attempts",
    ];
    WORDS.iter().any(|word| function.contains(word))
}

/// Words that say it alone, as a whole segment or as a handler's name (`-` and `_` do not count).
const PLAIN: &[(&str, Attempt)] = &[
    ("login", Attempt::Login),
    ("signin", Attempt::Login),
    ("logon", Attempt::Login),
    ("authenticate", Attempt::Login),
    ("loginuser", Attempt::Login),
    ("userlogin", Attempt::Login),
    ("otp", Attempt::Code),
    ("totp", Attempt::Code),
    ("mfa", Attempt::Code),
    ("2fa", Attempt::Code),
    ("verifyotp", Attempt::Code),
    ("verifycode", Attempt::Code),
    ("verifyemail", Attempt::Code),
    ("emailverification", Attempt::Code),
    ("resetpassword", Attempt::Reset),
    ("passwordreset", Attempt::Reset),
    ("forgotpassword", Attempt::Reset),
    ("passwordforgot", Attempt::Reset),
    ("lostpassword", Attempt::Reset),
    ("registeruser", Attempt::Register),
    ("userregister", Attempt::Register),
    ("signup", Attempt::Register),
];

/// Words that mean users only at the beginning of a path or after one of [`OF_USERS`]: devices, hooks and partners register as well.
const AFTER_USERS: &[&str] = &["register", "registration"];
const OF_USERS: &[&str] = &["account", "accounts", "api", "auth", "authors", "identity", "member", "members", "public", "user", "users"];

/// Two segments in a row that say it together.
const PAIRS: &[(&str, &str, Attempt)] = &[
    ("oauth", "token", Attempt::Login),
    ("oauth2", "token", Attempt::Login),
    ("auth", "token", Attempt::Login),
    ("connect", "token", Attempt::Login),
    ("password", "reset", Attempt::Reset),
    ("password", "forgot", Attempt::Reset),
    ("reset", "password", Attempt::Reset),
    ("forgot", "password", Attempt::Reset),
    ("email", "verify", Attempt::Code),
    ("verify", "email", Attempt::Code),
    ("phone", "verify", Attempt::Code),
];

/// Words that mean many things, and say it only of a handler that is seen to work on a password or code.
const WITH_A_CHECK: &[(&str, Attempt)] = &[
    ("token", Attempt::Login),
    ("tokens", Attempt::Login),
    ("auth", Attempt::Login),
    ("session", Attempt::Login),
    ("sessions", Attempt::Login),
    ("verify", Attempt::Code),
    ("verification", Attempt::Code),
    ("code", Attempt::Code),
    ("reset", Attempt::Reset),
    ("users", Attempt::Register),
    ("accounts", Attempt::Register),
];

/// Ends of a path that only look like the words before them.
const OTHERWISE: &[&str] = &["logout", "signout", "callback"];

/// What `route` lets a client try, by its path's last two segments and its handler's name.
///
/// `sure`: the handler is seen to work on a password or code, and nobody is logged in.
pub fn attempt(route: &Route, handler_name: Option<&str>, sure: bool) -> Option<Attempt> {
    let segments: Vec<String> =
        route.path.split('/').filter(|segment| !segment.is_empty() && !segment.starts_with('{')).map(plain).collect();
    let last = &segments[segments.len().saturating_sub(2)..];
    if last.last().is_some_and(|end| OTHERWISE.contains(&end.as_str())) {
        return None;
    }
    let pair = PAIRS.iter().find(|(first, second, _)| last == [*first, *second]).map(|(.., attempt)| *attempt);
    let name = handler_name.filter(|_| matches!(route.handler, Handler::Function(_))).map(plain);
    let words: Vec<&str> = last.iter().rev().map(String::as_str).chain(name.as_deref()).collect();
    let said = |table: &[(&str, Attempt)]| {
        words.iter().find_map(|word| table.iter().find(|(plain, _)| plain == word)).map(|(_, attempt)| *attempt)
    };
    let registers = AFTER_USERS.contains(&segments.last().map_or("", String::as_str)) && (sure || is_of_users(&route.path, &segments));
    let register = (registers || name.as_deref() == Some("register") && sure).then_some(Attempt::Register);
    pair.or_else(|| said(PLAIN)).or(register).or_else(|| said(WITH_A_CHECK).filter(|_| sure))
}

/// What a parameter stands for may be anything, so `/{kind}/{app}/registration` and `/registration/{id}` are not known to be of users.
fn is_of_users(path: &str, segments: &[String]) -> bool {
    if path.split('/').filter(|segment| !segment.is_empty()).rev().take(2).any(|segment| segment.starts_with('{')) {
        return false;
    }
    let version = |segment: &str| segment.strip_prefix('v').is_some_and(|digits| digits.parse::<u32>().is_ok());
    match segments.iter().rev().nth(1) {
        None => true,
        Some(before) => OF_USERS.contains(&before.as_str()) || version(before),
    }
}

fn plain(text: impl AsRef<str>) -> String {
    text.as_ref().chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// `/verify/{token}`: the path itself is the guess.
pub fn secret_in_path(route: &Route) -> bool {
    const SECRETS: &[&str] = &["token", "code", "otp", "key", "secret", "password", "invitation"];
    let parameters = route.path.split('/').filter(|segment| segment.starts_with('{'));
    parameters.map(|segment| segment.to_ascii_lowercase()).any(|segment| SECRETS.iter().any(|word| segment.contains(word)))
}
