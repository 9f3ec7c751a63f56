//! A failure that was found: when two are the same, and the vector file it becomes.

use std::path::Path;

use corspec_vectors::canonical;
use corspec_vectors::meta::{Level, VectorFile};
use corspec_vectors::server::ServerVector;
use sha2::{Digest, Sha256};

use super::execute::Executed;
use crate::event::ResultEvent;
use crate::implementation::Implementation;
use crate::known_failing::KnownFailing;
use crate::report::reproduce;
use crate::run;
use crate::transport::WireRequest;
use crate::verdict::{Judgement, Verdict};

/// What makes two failures the same: the requirement, how binding it is, the step that decided, and what the policy means
/// against what the browser did.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The requirement that is broken; for a crash and a hang the law that could not be judged.
    pub requirement: String,
    /// How binding it is: what only a hand-made client can send does not hide what a browser can.
    pub level: Level,
    /// The step of the standard that blocks what the policy allows; where nothing is blocked there is none.
    pub step: Option<String>,
    /// What the policy means, what the browser did, and `crash` or `hang` where nothing came: a word each.
    pub verdicts: [String; 3],
}

/// Needs a quiet machine, and this one is busy.
const NOT_FUZZED: &str = "robustness/time";

impl Key {
    /// The key of a judgement that is a failure; `None` for any other.
    pub fn of(judgement: &Judgement) -> Option<Self> {
        let broken = match judgement.verdict {
            Verdict::Fail => judgement.level != Level::Check && judgement.requirement != Some(NOT_FUZZED),
            Verdict::Crash | Verdict::Hang => true,
            _ => false,
        };
        let finding = judgement.finding.as_ref().filter(|_| broken)?;
        let word = |text: &str| text.split([' ', ':']).next().unwrap_or_default().to_owned();
        let verdict = if judgement.verdict == Verdict::Fail { "" } else { judgement.verdict.as_str() };
        let verdicts = [word(&finding.policy_means), word(&finding.browser), verdict.to_owned()];
        Some(Self {
            requirement: judgement.requirement.unwrap_or(judgement.law).to_owned(),
            level: judgement.level,
            step: deciding_step(&finding.policy_means, &finding.browser, finding.step.as_deref()),
            verdicts,
        })
    }
}

impl Key {
    /// Whether no answer came: a crash or a hang.
    pub fn is_silent(&self) -> bool {
        !self.verdicts[2].is_empty()
    }
}

/// The step that blocks what the policy allows. Any other step says how far a request came, not what is wrong.
fn deciding_step(policy_means: &str, browser: &str, step: Option<&str>) -> Option<String> {
    let blocked = policy_means.starts_with("allow") && browser.starts_with("blocks");
    step.filter(|_| blocked).map(str::to_owned)
}

/// A failure that is known, as far as what is the same is concerned: a requirement, how binding, at which step. It covers
/// what is less binding, too.
pub type Known = (String, Level, Option<String>);

/// What a known failure in the results of a run excludes.
pub fn known(result: &ResultEvent) -> Known {
    let finding = result.finding.as_ref();
    let step = finding.and_then(|f| deciding_step(&f.policy_means, &f.browser, f.step.as_deref()));
    (result.requirement.clone().unwrap_or_else(|| result.law.clone()), result.level, step)
}

/// A failure, reproduced alone and shrunk.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is the only one of.
    pub key: Key,
    /// The smallest vector that shows it, ready for `vectors/regressions/`.
    pub vector: ServerVector,
    /// What the judge says of that vector.
    pub judgement: Judgement,
}

impl Found {
    /// A failure of `target` that `vector` shows. Its id follows from what is asked, its note holds the steps the model took.
    pub fn new(
        target: &str,
        key: Key,
        mut vector: ServerVector,
        judgement: Judgement,
        executed: &Executed,
    ) -> Self {
        let what = judgement.finding.as_ref().map(|finding| finding.what.clone()).unwrap_or_default();
        let digest = Sha256::digest(canonical::line(&vector).unwrap_or_default().as_bytes());
        let hash: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        vector.meta.id = format!("regression/{}-{hash}", key.requirement.replace('/', "-"));
        vector.meta.title = what.chars().filter(|character| !character.is_control()).collect();
        vector.meta.source = format!("corspec fuzz {target}");
        if let Some(step) = judgement.finding.as_ref().and_then(|finding| finding.step.as_ref()) {
            vector.meta.citations = vec![step.clone()];
        }
        let steps: Vec<String> = executed.trace.iter().map(|(step, held)| format!("{step}={held}")).collect();
        vector.meta.note = (!steps.is_empty()).then(|| format!("the model's steps: {}", steps.join(" ")));
        Self { key, vector, judgement }
    }

    /// What is wrong, in one sentence.
    pub fn what(&self) -> &str {
        &self.vector.meta.title
    }

    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}.json", self.vector.meta.id.rsplit('/').next().unwrap_or_default())
    }

    /// The event that reports are made of. Its commands name the file in the folder of `findings`.
    pub fn event(&self, target: &dyn Implementation, findings: &Path) -> ResultEvent {
        let (name, options) = (target.info().name, target.curl_options());
        // Only a running server is named by its URL.
        let server = name.contains("://").then_some((&*name, &*options));
        let arguments = target.up_arguments();
        let none = KnownFailing::default();
        let mut event = run::event(&name, &arguments, &self.vector, self.judgement.clone(), server, &none);
        let file = findings.join(self.file_name()).display().to_string();
        let exchanges = self.judgement.finding.iter().flat_map(|finding| &finding.exchanges);
        let requests: Vec<&WireRequest> = exchanges.map(|exchange| &exchange.request).collect();
        let commands =
            if requests.iter().all(|request| reproduce::is_for_curl(request)) && !requests.is_empty() {
                reproduce::commands(&arguments, &file, server, requests.into_iter())
            } else {
                vec![format!("corspec fuzz {arguments} --replay {file}")]
            };
        if let Some(finding) = &mut event.finding {
            finding.reproduce = commands;
        }
        event
    }

    /// The text of its file: a file of vectors with one vector; `reproduce` are commands that show it again.
    ///
    /// # Errors
    /// Whatever serializing gives; it does not happen.
    pub fn text(&self, reproduce: &[String]) -> serde_json::Result<String> {
        let about = format!("Found by {}. To see it: {}", self.vector.meta.source, reproduce.join(" ; "));
        canonical::file_text(&VectorFile { about, vectors: vec![self.vector.clone()] })
    }
}
