//! The flags that say what a page asks for: those of `corspec explain` and `corspec fetch`.

use corspec_vectors::bytes::ByteString;
use corspec_vectors::request::{BodyDocument, Credentials, Mode, Redirect, RequestDocument, RequestOptions};

use super::Failure;

/// What a page asks for; the defaults are those of `fetch()`.
#[derive(Debug, clap::Args)]
pub struct RequestArgs {
    /// Origin of the page, for instance `https://app.example.com`; `null` for a file or a sandboxed frame
    #[arg(long, value_name = "ORIGIN")]
    pub from: Option<String>,
    /// Method
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    pub method: Option<String>,
    /// Header that script sets, `Name: value`; may be repeated
    #[arg(short = 'H', long = "header", value_name = "LINE")]
    pub headers: Vec<String>,
    /// Credentials mode
    #[arg(long, value_name = "MODE", value_parser = ["omit", "same-origin", "include"])]
    pub credentials: Option<String>,
    /// Request mode
    #[arg(long, value_name = "MODE", value_parser = ["cors", "no-cors", "same-origin"])]
    pub mode: Option<String>,
    /// Redirect mode
    #[arg(long, value_name = "MODE", value_parser = ["follow", "error", "manual"])]
    pub redirect: Option<String>,
}

impl RequestArgs {
    /// The credentials mode, when one is given.
    pub fn credentials(&self) -> Option<Credentials> {
        self.credentials.as_deref().map(|mode| word(mode, &CREDENTIALS))
    }

    /// What the page asks of `url`, with a body or without.
    ///
    /// # Errors
    /// [`Failure`] naming the flag and what to write instead.
    pub fn document(&self, url: &str, body: bool) -> Result<RequestDocument, Failure> {
        let Some(origin) = &self.from else {
            return Err(Failure::usage(
                "whose page asks? Say it with --from, for instance --from https://app.example.com",
            ));
        };
        let method = match &self.method {
            None if body => Some("POST".into()),
            method => method.as_deref().map(ByteString::from),
        };
        let document = RequestDocument {
            origin: origin_of(origin)?,
            url: url.to_owned(),
            options: RequestOptions {
                method,
                headers: self.headers.iter().map(|line| header(line)).collect::<Result<_, _>>()?,
                mode: self.mode.as_deref().map(|mode| word(mode, &MODES)),
                credentials: self.credentials(),
                redirect: self.redirect.as_deref().map(|mode| word(mode, &REDIRECTS)),
                body: BodyDocument::Present(body),
                ..RequestOptions::default()
            },
        };
        let _ = document.prepare().map_err(|error| {
            let url = ByteString::from(url);
            Failure::usage(format_args!(
                "{url}: {error}: write an absolute URL such as https://api.example.com/x"
            ))
        })?;
        Ok(document)
    }
}

const MODES: [(&str, Mode); 3] =
    [("cors", Mode::Cors), ("no-cors", Mode::NoCors), ("same-origin", Mode::SameOrigin)];
const CREDENTIALS: [(&str, Credentials); 3] = [
    ("same-origin", Credentials::SameOrigin),
    ("omit", Credentials::Omit),
    ("include", Credentials::Include),
];
const REDIRECTS: [(&str, Redirect); 3] =
    [("follow", Redirect::Follow), ("error", Redirect::Error), ("manual", Redirect::Manual)];

/// What the word stands for; the parser of the command line lets no others through.
fn word<T: Copy>(word: &str, words: &[(&str, T); 3]) -> T {
    words.iter().find(|(known, _)| *known == word).unwrap_or(&words[0]).1
}

/// An origin as a browser writes it: a slash at the end or capitals are put right, a path is not.
fn origin_of(origin: &str) -> Result<String, Failure> {
    if corspec_model::Origin::parse(origin).is_ok() {
        return Ok(origin.to_owned());
    }
    let url = url::Url::parse(origin).ok().filter(|url| url.path() == "/" && url.query().is_none());
    let written = url.map(|url| url.origin().ascii_serialization()).filter(|written| written != "null");
    written.ok_or_else(|| {
        Failure::usage(format_args!(
            "--from {}: not an origin; write scheme://host[:port] without a path, or null",
            ByteString::from(origin)
        ))
    })
}

/// A header line of the command line.
///
/// # Errors
/// [`Failure`] when there is no colon in it.
pub fn header(line: &str) -> Result<(ByteString, ByteString), Failure> {
    match line.split_once(':') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.trim().into())),
        _ => Err(Failure::usage(format_args!(
            "`{}`: a header is written 'Name: value'",
            ByteString::from(line)
        ))),
    }
}
