//! The steps of the standard in words, and the values each looks at.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::explanation::recorded::{RecordedExchange, RecordedFetch};

/// A step in our words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// What it asks, or what it does.
    pub(super) asks: String,
    /// The values it looks at.
    #[serde(default)]
    shows: Vec<String>,
}

type Sections = HashMap<String, HashMap<String, Words>>;

static SECTIONS: LazyLock<Sections> =
    LazyLock::new(|| toml::from_str(include_str!("steps.toml")).unwrap_or_default());

/// The words for a step, `algorithm/number`.
pub(super) fn words(step: &str) -> Option<&'static Words> {
    let (section, number) = step.split_once('/')?;
    SECTIONS.get(section)?.get(number)
}

impl Words {
    /// Name and value of everything the step looks at; `(absent)` for a header that is not there.
    pub(super) fn values(
        &self,
        fetch: &RecordedFetch,
        exchange: Option<&RecordedExchange>,
    ) -> Vec<(String, String)> {
        self.shows.iter().filter_map(|name| Some((label(name), value(name, fetch, exchange)?))).collect()
    }
}

fn label(name: &str) -> String {
    name.strip_prefix(['<', '>']).map_or_else(
        || name.to_owned(),
        |header| header.trim().split('-').map(capitalized).collect::<Vec<_>>().join("-"),
    )
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

fn value(name: &str, fetch: &RecordedFetch, exchange: Option<&RecordedExchange>) -> Option<String> {
    let request = &fetch.request;
    let prepared = || request.prepare().ok().and_then(Result::ok);
    let absent = || "(absent)".to_owned();
    Some(match name {
        "origin" => request.origin.clone(),
        "url" => exchange.map_or(&request.url, |exchange| &exchange.request.url).clone(),
        "method" => request.options.method.as_ref().map_or("GET".to_owned(), ToString::to_string),
        "mode" => format!("{:?}", prepared()?.mode).to_lowercase(),
        "credentials" => format!("{:?}", prepared()?.credentials_mode).to_lowercase(),
        "referrer policy" => {
            Some(request.options.referrer_policy.clone()).filter(|policy| !policy.is_empty())?
        }
        "status" => exchange?.response.as_ref()?.status.to_string(),
        _ => match (name.strip_prefix("> "), name.strip_prefix("< ")) {
            (Some(header), _) => exchange?
                .request
                .headers
                .iter()
                .find(|(name, _)| name.0.eq_ignore_ascii_case(header.as_bytes()))
                .map_or_else(absent, |(_, value)| value.to_string()),
            (_, Some(header)) => {
                let value = exchange?.response.as_ref()?.header(header);
                value.map_or_else(absent, |value| String::from_utf8_lossy(&value).into_owned())
            }
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use corspec_vectors::embedded;

    use super::*;

    #[test]
    fn every_step_of_the_model_has_words_and_no_others_do() {
        let steps = embedded::steps();
        let wordless: Vec<&str> =
            steps.iter().map(|entry| entry.step.as_str()).filter(|step| words(step).is_none()).collect();
        assert_eq!(wordless, [""; 0]);
        let sections: Sections = toml::from_str(include_str!("steps.toml")).unwrap();
        assert_eq!(sections.values().map(HashMap::len).sum::<usize>(), steps.len());
    }
}
