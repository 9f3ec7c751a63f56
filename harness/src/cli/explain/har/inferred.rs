//! What a recording does not say and what it lets guess: the page, the mode, the credentials mode.

use corspec_model::abnf::ALLOW_CREDENTIALS;
use corspec_vectors::request::{Credentials, Mode};

use super::{Entry, HarRequest, header};

/// The credentials mode of `request`, and how it is known; `None` where nothing shows it. `asked` is what its preflight asks
/// for.
pub(super) fn credentials(request: &HarRequest, asked: Option<&str>) -> Option<(Credentials, &'static str)> {
    let named = |asked: &str| asked.split(',').any(|name| name.trim().eq_ignore_ascii_case("authorization"));
    if header(&request.headers, "Cookie").is_some() || !request.cookies.is_empty() {
        return Some((Credentials::Include, "a cookie went along"));
    }
    if header(&request.headers, "Authorization").is_some() && asked.is_some_and(|asked| !named(asked)) {
        let known =
            "the preflight does not ask for the `Authorization` that went along, so the browser added it";
        return Some((Credentials::Include, known));
    }
    // A font's is fixed by CSS.
    if header(&request.headers, "Sec-Fetch-Dest") == Some("font") {
        return Some((Credentials::SameOrigin, "fonts are fetched so"));
    }
    None
}

/// What was guessed about the fetch that begins with `entry`, in one sentence; nothing when all of it is recorded.
/// `said` is the credentials mode the user named, `asked` what its preflight asks for.
pub(super) fn note(
    entry: &Entry,
    mode: Mode,
    said: Option<Credentials>,
    asked: Option<&str>,
) -> Option<String> {
    let sent = &entry.request.headers;
    let mut guesses = Vec::new();
    if header(sent, "Origin").is_none() {
        guesses.push("the page from `Referer`".to_owned());
    }
    if header(sent, "Sec-Fetch-Mode").is_none() {
        let because = if mode == Mode::Cors { "there is an `Origin`" } else { "there is no `Origin`" };
        guesses.push(format!("the mode, since {because}"));
    }
    if said.is_none() && mode == Mode::Cors {
        guesses.push(match credentials(&entry.request, asked) {
            Some((mode, known)) => format!("credentials `{}`, since {known}", word(mode)),
            None => unknown(entry),
        });
    }
    (!guesses.is_empty()).then(|| format!("Inferred from the recording: {}.", guesses.join("; ")))
}

fn unknown(entry: &Entry) -> String {
    let allowed = header(&entry.response.headers, ALLOW_CREDENTIALS).is_some_and(|value| value == "true");
    let cookies = header(&entry.request.headers, "Sec-Fetch-Storage-Access").is_some();
    let hint = match (allowed, cookies) {
        (true, _) => {
            "; the server's `Access-Control-Allow-Credentials: true` hints that the page asks for `include`"
        }
        (false, true) => "; its `Sec-Fetch-Storage-Access` hints that the page asks for `include`",
        (false, false) => "",
    };
    format!(
        "credentials `same-origin`, the default, since no cookie is recorded{hint}; sanitized exports leave cookies out, so say \
         --credentials include if the page asks for it"
    )
}

const fn word(mode: Credentials) -> &'static str {
    match mode {
        Credentials::Omit => "omit",
        Credentials::SameOrigin => "same-origin",
        Credentials::Include => "include",
    }
}
