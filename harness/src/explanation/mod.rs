//! A fetch explained to people: what was sent and answered, why it ended as it did, and what would allow it.
//!
//! | part | module |
//! |---|---|
//! | one fetch as the model saw it | [`recorded`], or over the network [`live`] |
//! | why it ended so, in one sentence | [`why`] |
//! | why there was a preflight, or none | [`preflight`] |
//! | what browsers refuse before CORS has a say | [`mixed_content`] |
//! | what browsers print in their consoles | [`console`] |
//! | the response headers that would allow it | [`fix`] |
//! | what else is worth knowing | [`notes`] |
//! | the exchange as a picture | [`diagram`] |
//! | all of it as text | [`text`] |

pub mod console;
pub mod diagram;
pub mod fix;
pub mod live;
pub mod mixed_content;
pub mod notes;
pub mod preflight;
pub mod recorded;
pub mod text;
pub mod why;

use corspec_model::{Origin, Reason};
use corspec_vectors::DocumentError;
use corspec_vectors::client::OutcomeDocument;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::report::specification;
use console::Console;
use fix::Fix;
use notes::Hidden;
use preflight::Preflight;
use recorded::{Conditions, RecordedFetch};

/// How a fetch ended, for whoever asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Script reads the response.
    Shared,
    /// A response script cannot look into: it can be shown, played or run, not read.
    Opaque,
    /// A network error, or an exception of the API.
    Blocked,
    /// Nobody said what the server answers.
    Unanswered,
}

/// A fetch and everything there is to say about it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// How it ended.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub why: String,
    /// The stable name of the reason when it is blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The step of the standard that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepLink>,
    /// Whether there is a preflight, and why.
    pub preflight: Preflight,
    /// What browsers print; absent when they print nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<Console>,
    /// MDN's page about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mdn: Option<String>,
    /// What would allow it.
    pub fix: Fix,
    /// Response headers that script does not see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
    /// What else is worth knowing, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The fetch itself.
    pub fetch: RecordedFetch,
    /// The fetch as it goes with the fix, without its trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<RecordedFetch>,
}

/// A step of the standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepLink {
    /// `algorithm/number`
    pub step: String,
    /// Where it is.
    pub url: String,
}

/// Explains a fetch that began under `conditions`.
///
/// # Errors
/// [`DocumentError`] when the request of the record makes no sense.
pub fn explain(fetch: RecordedFetch, conditions: &Conditions) -> Result<Explanation, DocumentError> {
    let reason = reason_of(&fetch);
    let verdict = match &fetch.outcome {
        None => Verdict::Unanswered,
        Some(OutcomeDocument::Error { .. }) => Verdict::Blocked,
        Some(OutcomeDocument::Response { outcome_type, .. }) if outcome_type.starts_with("opaque") => {
            Verdict::Opaque
        }
        Some(OutcomeDocument::Response { .. }) => Verdict::Shared,
    };
    let (fix, fixed) = fix::work_out(&fetch, conditions)?;
    Ok(Explanation {
        verdict,
        why: why::why(&fetch, reason),
        reason: match &fetch.outcome {
            Some(OutcomeDocument::Error { reason, .. }) => Some(reason.clone()),
            _ => None,
        },
        step: fetch.step.as_ref().map(|step| StepLink { step: step.clone(), url: specification::link(step) }),
        preflight: preflight::preflight(&fetch)?,
        console: console::console(&fetch, reason),
        mdn: match &fetch.refused {
            Some(_) => Some(mixed_content::MDN.to_owned()),
            None => reason.and_then(mdn),
        },
        fix,
        hidden: notes::hidden(&fetch, conditions)?,
        notes: notes::notes(&fetch, reason),
        fetch,
        fixed,
    })
}

/// Why the fetch failed, if it did.
fn reason_of(fetch: &RecordedFetch) -> Option<Reason> {
    match &fetch.outcome {
        Some(OutcomeDocument::Error { reason, .. }) => Reason::named(reason),
        _ => None,
    }
}

/// MDN's page about the reason: they are named after Firefox's messages, without the digit that tells versions apart.
fn mdn(reason: Reason) -> Option<String> {
    // One page is spelt in its own way.
    let page = match reason.explanation().firefox?.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "CORSMissingAllowCredentials" => "CORSMIssingAllowCredentials",
        page => page,
    };
    Some(format!("https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS/Errors/{page}"))
}

/// Control characters, and whatever else a terminal might take for more than text, are shown as their escapes.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        // The marks that Firefox quotes with are this program's own.
        if c == ' ' || (c.is_ascii_graphic()) || matches!(c, '‘' | '’') {
            shown.push(c);
        } else {
            shown.extend(c.escape_default());
        }
    }
    shown
}

/// Whether a serialized origin is that of a URL; an opaque one never is.
pub(crate) fn is_same_origin(origin: &str, url: &str) -> bool {
    match (Origin::parse(origin), Url::parse(url)) {
        (Ok(origin), Ok(url)) => origin.is_same_origin_with(&Origin::of_url(&url)),
        _ => false,
    }
}
