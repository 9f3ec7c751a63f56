//! Every status from 200 to 599, of a preflight and of the response itself.

use super::{ClientDraft, ClientFile, actual, fetch, preflight, request};
use crate::request::RequestOptions;

pub(super) fn files() -> Vec<ClientFile> {
    let allow = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "PUT")];
    let put = || RequestOptions { method: Some("PUT".into()), ..RequestOptions::default() };
    // A 421 is asked again over a new connection, so it is answered twice.
    let times = |status| if status == 421 { 2 } else { 1 };
    let of_preflights = (200..=599).map(|status| {
        let mut responses = vec![preflight(status, &allow); times(status)];
        responses.push(actual(200, &allow[..1]));
        ClientDraft {
            axes: vec!["preflight".to_owned(), status.to_string()],
            title: format!("a preflight that allows everything, with status {status}"),
            citation: "cors-preflight-fetch/7",
            fetches: vec![fetch(request(put()), responses)],
        }
    });
    let of_responses = (200..=599).map(|status| ClientDraft {
        axes: vec!["response".to_owned(), status.to_string()],
        title: format!("a shared response with status {status}, without Location"),
        citation: "http-fetch/6",
        fetches: vec![fetch(
            request(RequestOptions::default()),
            vec![actual(status, &allow[..1]); times(status)],
        )],
    });
    vec![
        (
            "generated-statuses-preflight.json",
            "Preflights with every status.",
            "status",
            of_preflights.collect(),
        ),
        (
            "generated-statuses-response.json",
            "Responses with every status.",
            "status",
            of_responses.collect(),
        ),
    ]
}
