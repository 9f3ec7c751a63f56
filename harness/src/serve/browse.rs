//! Lists: vectors by law, step, source and words; laws.

use corspec_vectors::embedded::LAWS;
use corspec_vectors::meta::Meta;
use maud::{Markup, html};

use super::site::{Answer, Fields, Site, field};
use super::{examples, page};
use crate::report::html::prose::prose;
use crate::report::specification;

/// Vectors on one page.
const SHOWN: usize = 100;

/// What a list says of a vector.
struct Entry<'a> {
    kind: &'static str,
    law: &'a str,
    meta: &'a Meta,
}

fn entries(site: &Site) -> impl Iterator<Item = Entry<'_>> {
    let client = site.client.iter().map(|vector| Entry { kind: "client", law: "", meta: &vector.meta });
    let server =
        site.server.iter().map(|vector| Entry { kind: "server", law: &vector.law, meta: &vector.meta });
    let model = site.model.iter().map(|vector| Entry { kind: "model", law: "", meta: &vector.meta });
    client.chain(server).chain(model)
}

/// The vectors that match a query, a hundred at a time.
pub(super) fn vectors(site: &Site, query: &Fields) -> Answer {
    let wanted = |name| field(query, name).trim().to_lowercase();
    let (words, law, step, source, kind) =
        (wanted("q"), wanted("law"), wanted("step"), wanted("source"), wanted("kind"));
    let found: Vec<Entry<'_>> = entries(site)
        .filter(|entry| kind.is_empty() || entry.kind == kind)
        .filter(|entry| law.is_empty() || entry.law == law)
        .filter(|entry| step.is_empty() || entry.meta.citations.iter().any(|citation| cites(citation, &step)))
        .filter(|entry| source.is_empty() || entry.meta.source.to_lowercase().contains(&source))
        .filter(|entry| {
            let text = format!("{} {}", entry.meta.id, entry.meta.title).to_lowercase();
            words.split_whitespace().all(|word| text.contains(word))
        })
        .collect();
    let from: usize = field(query, "from").parse().unwrap_or(0);
    let next = from.saturating_add(SHOWN);
    let body = html! {
        form.filters method="get" action="/vectors" {
            label { "Words " input type="search" name="q" value=(field(query, "q")); }
            label { "Kind " select name="kind" {
                @for option in ["", "client", "server", "model"] {
                    option value=(option) selected[option == kind] { @if option.is_empty() { "all" } @else { (option) } }
                }
            } }
            label { "Law " select name="law" {
                option value="" { "all" }
                @for option in LAWS.iter() { option selected[option.id == law] { (option.id) } }
            } }
            label { "Step or section " input name="step" value=(field(query, "step")) placeholder="cors-check/4" spellcheck="false"; }
            label { "Source " input name="source" value=(field(query, "source")) placeholder="MDN, WPT, CVE…"; }
            button type="submit" { "Show" }
        }
        p role="status" { (found.len()) " vectors" }
        div.wide role="region" aria-label="Vectors" tabindex="0" { (table(found.get(from..).unwrap_or_default())) }
        @if found.len() > next { p { a href={ "/vectors?" (with_from(query, next)) } { "Next " (SHOWN) } } }
    };
    Answer::Page(page::page("Vectors", "/vectors", &body))
}

/// Whether a citation is the step, one of its parts, or in the section.
fn cites(citation: &str, step: &str) -> bool {
    let rest = citation.strip_prefix(step);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
}

fn with_from(query: &Fields, from: usize) -> String {
    let kept = query.iter().filter(|(name, _)| name != "from");
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept.map(|(name, value)| (name, value)))
        .append_pair("from", &from.to_string())
        .finish()
}

fn table(found: &[Entry<'_>]) -> Markup {
    html! {
        table {
            thead { tr { th scope="col" { "Vector" } th scope="col" { "Title" } th scope="col" { "Level" } th scope="col" { "Steps" } th scope="col" { "Source" } } }
            tbody {
                @for Entry { kind, law, meta } in found.iter().take(SHOWN) {
                    tr {
                        th scope="row" { a href={ "/vectors/" (meta.id) } { (meta.id) } " " small { (kind) " " (law) } }
                        td { (prose(&meta.title)) }
                        td { (meta.level.as_str()) }
                        td { @for citation in &meta.citations { a href=(specification::link(citation)) { (citation) } " " } }
                        td { (source(&meta.source)) }
                    }
                }
            }
        }
    }
}

/// A source, linked where it is a page.
pub(super) fn source(source: &str) -> Markup {
    let link = examples::link(source);
    html! { @if let Some(link) = specification::safe(&link) { a href=(link) { (source) } } @else { (source) } }
}

/// Every law with what it asks for.
pub(super) fn laws() -> Answer {
    let body = html! {
        p.lead { "What every implementation must satisfy under every policy. A law compares what a browser would do with what the policy means." }
        @for law in LAWS.iter() {
            section {
                h2 id=(law.id) { (law.id) " " span.chip { (law.level.as_str()) } }
                p { (prose(&law.statement)) " " (prose(&law.why)) }
                p { a href={ "/vectors?law=" (law.id) } { "Its vectors" } }
                dl.facts {
                    @for requirement in &law.requirements {
                        dt { code { (requirement.id) } br; span.chip { (requirement.level.as_str()) } }
                        dd {
                            (prose(&requirement.statement)) " " (prose(&requirement.why)) " "
                            @for citation in &requirement.citations { a href=(specification::link(citation)) { (citation) } " " }
                        }
                    }
                }
            }
        }
    };
    Answer::Page(page::page("Laws", "/laws", &body))
}
