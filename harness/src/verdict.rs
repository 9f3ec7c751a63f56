//! Verdicts and findings: what a law says of an implementation in one vector.

use corspec_vectors::meta::Level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::browser::Exchange;
use crate::implementation::Knob;
use crate::transport::TransportError;

/// What became of one law in one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The law holds.
    Pass,
    /// The law is broken.
    Fail,
    /// The implementation cannot express the policy.
    Unsupported,
    /// The implementation refuses the policy.
    Refused,
    /// The implementation did not start, or cannot be reached.
    SetupError,
    /// The connection broke, the implementation panicked, or what it sent is not HTTP.
    Crash,
    /// No complete response in time, or one without end.
    Hang,
    /// Broken, and listed as known to be.
    KnownFail,
    /// Listed as known to be broken, and it holds.
    UnexpectedPass,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Self; 9] = [
        Self::Pass,
        Self::Fail,
        Self::Unsupported,
        Self::Refused,
        Self::SetupError,
        Self::Crash,
        Self::Hang,
        Self::KnownFail,
        Self::UnexpectedPass,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unsupported => "unsupported",
            Self::Refused => "refused",
            Self::SetupError => "setup-error",
            Self::Crash => "crash",
            Self::Hang => "hang",
            Self::KnownFail => "known-fail",
            Self::UnexpectedPass => "unexpected-pass",
        }
    }

    /// Whether the implementation answered so that the law could be judged.
    pub const fn is_judged(self) -> bool {
        matches!(self, Self::Pass | Self::Fail | Self::KnownFail | Self::UnexpectedPass)
    }
}

impl From<&TransportError> for Verdict {
    fn from(error: &TransportError) -> Self {
        match error {
            TransportError::Connect(_) | TransportError::Unsendable(_) => Self::SetupError,
            TransportError::Broken(_) => Self::Crash,
            TransportError::Timeout(_) | TransportError::TooLarge(_) | TransportError::HeadTooLarge => {
                Self::Hang
            }
            TransportError::NotApplicable(_) => Self::Unsupported,
        }
    }
}

/// One law judged in one vector.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The law's id.
    pub law: &'static str,
    /// Which of its requirements is broken, if one is.
    pub requirement: Option<&'static str>,
    /// How binding it is here.
    pub level: Level,
    /// What became of it.
    pub verdict: Verdict,
    /// Unless it passed: what was found.
    pub finding: Option<Finding>,
}

impl Judgement {
    /// The law holds.
    pub const fn pass(law: &'static str, level: Level) -> Self {
        Self { law, requirement: None, level, verdict: Verdict::Pass, finding: None }
    }

    /// A requirement of the law is broken.
    pub const fn fail(requirement: &'static str, law: &'static str, level: Level, finding: Finding) -> Self {
        let requirement = Some(requirement);
        Self { law, requirement, level, verdict: Verdict::Fail, finding: Some(finding) }
    }

    /// It could not be judged, for a reason that is not the law's.
    pub fn not_judged(law: &'static str, level: Level, verdict: Verdict, what: impl Into<String>) -> Self {
        Self {
            law,
            requirement: None,
            level,
            verdict,
            finding: Some(Finding { what: what.into(), ..Finding::default() }),
        }
    }

    /// The implementation cannot express what the vector needs.
    pub fn unsupported(law: &'static str, level: Level, knob: Knob) -> Self {
        Self::not_judged(law, level, Verdict::Unsupported, knob.to_string())
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// What is wrong, in one sentence that does not name the vector: equal findings are equal here.
    pub what: String,
    /// What the policy means for the request.
    pub policy_means: String,
    /// What the browser would do.
    pub browser: String,
    /// The step of the standard that decides.
    pub step: Option<String>,
    /// What went over the wire.
    pub exchanges: Vec<Exchange>,
    /// The place of the exchange that shows it, where that is not the last.
    pub decides: Option<usize>,
}
