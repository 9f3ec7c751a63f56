//! The explainer: a fetch to type in, paste or choose, and how it goes.

use corspec_vectors::client::ScriptedFetch;
use corspec_vectors::embedded;
use http::StatusCode;
use maud::{Markup, html};

use super::site::{Answer, Fields, Site, field};
use super::{examples, form, page, walk};
use crate::explanation::recorded::{MixedContent, scripted};
use crate::explanation::{Explanation, explain};
use crate::report::html::prose::prose;

pub(super) const SCRIPT: &str = include_str!("explain.js");

/// The empty explainer, with the worked examples.
pub(super) fn page() -> Answer {
    let body = html! {
        p.lead { "Type what a page asks for and what the server answers, and see what a browser that follows the Fetch Standard does: step by step, and what would change it." }
        (input(&Fields::new()))
        div #outcome aria-live="polite" {}
        section #examples { (worked_examples()) }
    };
    Answer::Page(page::page("Why does a browser block this?", "/", &body))
}

/// What becomes of the fetch a form describes: the part of the page that says so, or the whole page.
pub(super) fn answer(site: &Site, fields: &Fields, part: bool) -> Answer {
    match form::read(site, fields).and_then(|fetches| explained(&fetches, MixedContent::Refused)) {
        Ok(explanations) if part => Answer::Part(walk::all(&explanations)),
        Ok(explanations) => {
            let body = html! { (input(fields)) div #outcome { (walk::all(&explanations)) } };
            Answer::Page(page::page("Why does a browser block this?", "/", &body))
        }
        Err(problem) if part => Answer::Part(html! { p.error role="alert" { (prose(&problem)) } }),
        Err(problem) => Answer::Problem(StatusCode::UNPROCESSABLE_ENTITY, problem),
    }
}

/// Fetches of one form that are explained.
const MOST: usize = 50;

/// Explains fetches that follow one another.
///
/// # Errors
/// What makes no sense in them.
pub(super) fn explained(
    fetches: &[ScriptedFetch],
    mixed_content: MixedContent,
) -> Result<Vec<Explanation>, String> {
    if fetches.is_empty() {
        return Err("there is no fetch in it".to_owned());
    }
    if fetches.len() > MOST {
        return Err(format!("these are {} fetches; the page shows up to {MOST}", fetches.len()));
    }
    scripted(fetches, mixed_content)
        .map_err(|error| error.to_string())?
        .into_iter()
        .map(|(record, conditions)| explain(record, &conditions).map_err(|error| error.to_string()))
        .collect()
}

/// The form, filled in.
fn input(fields: &Fields) -> Markup {
    let value = |name: &str| field(fields, name);
    let choice = |name: &str, title: &str, options: &[(&str, &str)]| {
        let chosen = value(name).to_owned();
        html! {
            label { (title) " " select name=(name) {
                @for (option, shown) in options { option value=(option) selected[*option == chosen] { (shown) } }
            } }
        }
    };
    html! {
        form #fetch method="post" action="/explain" {
            fieldset {
                legend { "What the page asks for" }
                div.filters {
                    label { "Page's origin " input name="origin" value=(value("origin")) placeholder="https://foo.example" spellcheck="false"; }
                    (choice("method", "Method", &[("", "GET"), ("HEAD", "HEAD"), ("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH"), ("DELETE", "DELETE"), ("OPTIONS", "OPTIONS")]))
                    label.grow { "URL " input name="url" value=(value("url")) placeholder="https://bar.other/doc" spellcheck="false"; }
                    (choice("credentials", "Credentials", &[("", "same-origin"), ("include", "include"), ("omit", "omit")]))
                    (choice("mode", "Mode", &[("", "cors"), ("no-cors", "no-cors"), ("same-origin", "same-origin")]))
                    (choice("redirect", "Redirects", &[("", "follow"), ("manual", "manual"), ("error", "error")]))
                    label.check { input type="checkbox" name="body" checked[!value("body").is_empty()]; " has a body" }
                }
                label { "Request headers, one a line" textarea name="headers" rows="2" placeholder="X-PINGOTHER: pingpong" spellcheck="false" { (value("headers")) } }
            }
            fieldset {
                legend { "What the server answers" }
                label { "Heads as curl -i prints them, in the order of the requests; a line # preflight or # request before one says what it answers"
                    textarea name="responses" rows="6" placeholder="HTTP/1.1 204\nAccess-Control-Allow-Origin: https://foo.example" spellcheck="false" { (value("responses")) } }
            }
            details open[!value("scenario").is_empty()] {
                summary { "A scenario in JSON, or a HAR file" }
                label { "Scenario: several fetches, and everything vectors can say"
                    textarea name="scenario" rows="6" spellcheck="false" { (value("scenario")) } }
                p.drop hidden { label { "Drop a HAR file anywhere on this page, or choose one " input #har type="file" accept=".har,application/json"; } }
                div #entries {}
            }
            p.act {
                button.main type="submit" { "Explain" } " "
                button #share type="button" hidden { "Copy link" } " "
                span #shared.faint role="status" {}
            }
        }
    }
}

/// The guide's scenarios and the pages about errors, each with what mends it.
fn worked_examples() -> Markup {
    let vectors = embedded::client_vectors();
    let title = |id: &str| {
        vectors.iter().find(|vector| vector.meta.id == id).map(|vector| vector.meta.title.as_str())
    };
    let list = |examples: Vec<examples::Example<'_>>| {
        html! {
            ul.examples {
                @for example in examples {
                    li {
                        strong { (example.title) } " " a.faint href=(example.link) { "MDN" }
                        @for id in &example.vectors {
                            @if let Some(title) = title(id) { br; a href={ "/vectors/" (id) } { (prose(title)) } }
                        }
                    }
                }
            }
        }
    };
    html! {
        h2 { "Worked examples" }
        h3 { "The MDN guide's scenarios" }
        (list(examples::scenarios()))
        h3 { "The errors browsers report, and the same mended" }
        (list(examples::errors(&vectors)))
    }
}
