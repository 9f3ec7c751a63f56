//! `corspec explain`: why a fetch ends as it does, and what would allow it.
//!
//! | what is given | module |
//! |---|---|
//! | flags, with responses or without | [`responses`] |
//! | a HAR file | `har` |
//! | a vector, or a scenario of its form | `scenario` |

pub(crate) mod har;
pub mod responses;
mod scenario;

use std::io::Read;
use std::path::Path;

use clap::ValueEnum;
use corspec_vectors::client::ScriptedFetch;
use corspec_vectors::request::Credentials;

use super::request::RequestArgs;
use super::{Exit, Failure, terminal_width};
use crate::explanation::diagram::{Diagram, mermaid, svg};
use crate::explanation::recorded::{MixedContent, scripted};
use crate::explanation::{Explanation, explain, text};

/// Explain why a browser blocks a fetch or shares its response, and which response headers would allow it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// URL the page asks for, id of a client vector, HAR file, or JSON scenario; `-` reads either of the files from
    /// standard input
    #[arg(value_name = "WHAT")]
    what: Option<String>,
    #[command(flatten)]
    request: RequestArgs,
    /// The request has a body
    #[arg(short, long)]
    body: bool,
    /// A response, `STATUS 'Name: value'…`, in the order the requests are sent; `preflight=STATUS` and `request=STATUS`
    /// answer only that one; `-` reads what `curl -i` prints from standard input
    #[arg(long = "response", value_name = "STATUS | LINE", num_args = 1..)]
    responses: Vec<String>,
    /// Form of the answer
    #[arg(long, default_value = "text")]
    format: Format,
    /// Of several fetches only this one, counted from 1
    #[arg(long, value_name = "N")]
    only: Option<usize>,
    /// Print the JSON Schema of one explanation, the form of --format json, and nothing else
    #[arg(long)]
    schema: bool,
}

const EXAMPLES: &str = "Examples:
  What is sent, and what must the server answer?
    corspec explain https://bar.other/resources/post-here/ --from https://foo.example -X POST \\
      -H 'X-PINGOTHER: pingpong' -H 'Content-Type: application/xml'
  Why is this blocked, and what would allow it?
    corspec explain https://api.example/x --from https://app.example -X PUT --response 405 'Allow: GET'
  What does curl's answer mean to a browser?
    curl -si https://api.example/x | corspec explain https://api.example/x --from https://app.example --response -
  Everything cross-origin that DevTools recorded (Network, Export HAR), with the credentials mode it does not record:
    corspec explain recording.har --credentials include
  A picture:
    corspec explain mdn-errors/corsmethodnotfound --format svg > exchange.svg

A response is 200 unless it says otherwise. Exit code 0 whatever the explanation says, 2 when there is nothing to explain.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object a line, see --schema
    Json,
    /// A picture
    Svg,
    /// A Mermaid sequence diagram
    Mermaid,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] naming what cannot be read and what to do.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    if args.schema {
        anstream::print!("{}", crate::schemas::explanation());
        return Ok(Exit::Clean);
    }
    let Some(what) = args.what.as_deref() else {
        // A URL behind --response was taken for a part of it, which is told.
        responses::read(&args.responses)?;
        return Err(Failure::usage(
            "what is to be explained? A URL with --from, the id of a vector, a HAR file or a scenario; see `corspec explain \
             --help`",
        ));
    };
    let mut explained = explanations(what, args)?;
    let all = explained.len();
    if let Some(number) = args.only {
        if number == 0 || number > all {
            return Err(Failure::usage(format_args!("--only {number}: there are {all} fetches")));
        }
        explained = vec![explained.swap_remove(number - 1)];
    }
    if matches!(args.format, Format::Svg | Format::Mermaid) && explained.len() != 1 {
        return Err(Failure::usage(format_args!(
            "a picture shows one fetch of {all}: choose it with --only N"
        )));
    }
    let count = explained.len();
    for (index, explanation) in explained.iter().enumerate() {
        if count > 1 && args.format == Format::Text {
            let request = &explanation.fetch.request;
            let method = request.options.method.as_ref().map_or("GET".to_owned(), ToString::to_string);
            anstream::println!(
                "{}{} of {count}: {} {}",
                if index == 0 { "" } else { "\n" },
                index + 1,
                crate::explanation::printable(&method),
                crate::explanation::printable(&request.url)
            );
        }
        print(explanation, args.format);
    }
    Ok(Exit::Clean)
}

/// Prints one explanation.
fn print(explanation: &Explanation, format: Format) {
    match format {
        Format::Text => anstream::print!("{}", text::text(explanation, terminal_width())),
        // Bytes that JSON lets stand as they are, a terminal might not.
        Format::Json => anstream::println!("{}", json(explanation)),
        Format::Svg => anstream::print!("{}", svg::text(&Diagram::of(explanation))),
        Format::Mermaid => anstream::print!("{}", mermaid::text(&Diagram::of(explanation))),
    }
}

/// One explanation as a line of JSON, everything beyond ASCII escaped.
pub fn json(explanation: &Explanation) -> String {
    let text = serde_json::to_string(explanation).unwrap_or_default();
    let mut escaped = String::with_capacity(text.len());
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ b' '..=b'~') => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("\\u{unit:04x}")),
        }
    }
    escaped
}

fn explanations(what: &str, args: &Args) -> Result<Vec<Explanation>, Failure> {
    if what.contains("://") {
        let request = args.request.document(what, args.body)?;
        let responses = responses::read(&args.responses)?;
        return explain_all(&[ScriptedFetch { at: 0.0, request, responses }], MixedContent::Refused);
    }
    if !args.responses.is_empty() || args.request.from.is_some() {
        return Err(Failure::usage(format_args!(
            "`{what}`: --from and --response are for a URL such as https://api.example/x; a vector, a HAR file and a \
             scenario bring their own"
        )));
    }
    let text = match what {
        "-" => Some(standard_input()?),
        path if Path::new(path).is_file() => Some(super::read(Path::new(path))?),
        _ => None,
    };
    let Some(text) = text else { return explain_all(&scenario::of_vector(what)?, MixedContent::Sent) };
    recorded(what, &text, args.request.credentials())
}

/// Explains the fetches of a HAR file or of a scenario, whichever `text` is. `name` is what errors call it; `credentials` is
/// what the page asked for, which a HAR file does not say.
///
/// # Errors
/// [`Failure`] naming what cannot be read and what to do.
pub fn recorded(
    name: &str,
    text: &str,
    credentials: Option<Credentials>,
) -> Result<Vec<Explanation>, Failure> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        let name = if name == "-" { "standard input" } else { name };
        return Err(Failure::usage(format_args!(
            "{name} is empty: a HAR file or a JSON scenario is needed; for what `curl -i` prints, see --response"
        )));
    }
    if text.starts_with("HTTP/") {
        return Err(Failure::usage(
            "that is what `curl -i` prints: say what the page asks for, and read it with `corspec explain URL --from ORIGIN \
             --response -`",
        ));
    }
    if har::is_har(text) {
        har::explain_all(name, text, credentials)
    } else {
        explain_all(&scenario::read(name, text)?, MixedContent::Refused)
    }
}

/// Explains each of the fetches.
///
/// # Errors
/// [`Failure`] naming the field of a request that no page can ask for.
pub fn explain_all(
    fetches: &[ScriptedFetch],
    mixed_content: MixedContent,
) -> Result<Vec<Explanation>, Failure> {
    scripted(fetches, mixed_content)
        .map_err(Failure::usage)?
        .into_iter()
        .map(|(record, conditions)| explain(record, &conditions).map_err(Failure::usage))
        .collect()
}

fn standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::usage(format_args!("standard input: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
