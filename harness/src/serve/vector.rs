//! One vector: what it says, and for a client vector how its fetches go.

use corspec_vectors::client::ClientVector;
use corspec_vectors::meta::Meta;
use http::StatusCode;
use maud::{Markup, html};
use serde::Serialize;

use super::site::{Answer, Site};
use super::{browse, explainer, form, page, walk};
use crate::explanation::recorded::MixedContent;
use crate::report::html::prose::prose;
use crate::report::specification;

/// The page of the vector with this id.
pub(super) fn page(site: &Site, id: &str) -> Answer {
    let body = if let Some(vector) = site.client.iter().find(|vector| vector.meta.id == id) {
        html! { (about(&vector.meta)) (course(vector)) (document(vector)) }
    } else if let Some(vector) = site.server.iter().find(|vector| vector.meta.id == id) {
        html! {
            (about(&vector.meta))
            p { "A server vector of " a href={ "/laws#" (vector.law) } { (vector.law) } ": a policy, and a probe of a server that has it. Ask one:" }
            pre { "corspec test NAME --include " (id) " --verbose" }
            (document(vector))
        }
    } else if let Some(vector) = site.model.iter().find(|vector| vector.meta.id == id) {
        html! { (about(&vector.meta)) p { "A model vector: one algorithm, its input and its result." } (document(vector)) }
    } else {
        return Answer::Problem(StatusCode::NOT_FOUND, format!("there is no vector `{id}`"));
    };
    Answer::Page(page::page(id, "/vectors", &body))
}

fn about(meta: &Meta) -> Markup {
    html! {
        p.lead { (prose(&meta.title)) }
        dl.facts {
            dt { "Level" } dd { (meta.level.as_str()) }
            dt { "Steps" } dd { @for citation in &meta.citations { a href=(specification::link(citation)) { (citation) } " " } }
            dt { "Source" } dd { (browse::source(&meta.source)) }
            @if let Some(twin) = &meta.twin { dt { "Its opposite" } dd { a href={ "/vectors/" (twin) } { (twin) } } }
            @if let Some(note) = &meta.note { dt { "Note" } dd { (prose(note)) } }
        }
    }
}

fn course(vector: &ClientVector) -> Markup {
    html! {
        p { a href={ "/#" (form::state(&vector.fetches)) } { "Change it in the explainer" } }
        @match explainer::explained(&vector.fetches, MixedContent::Sent) {
            Ok(explanations) => (walk::all(&explanations)),
            Err(problem) => p.error { (prose(&problem)) },
        }
    }
}

fn document(vector: &impl Serialize) -> Markup {
    html! {
        details {
            summary { "The vector as JSON" }
            pre.wrap { (serde_json::to_string_pretty(vector).unwrap_or_default()) }
        }
    }
}
