//! The loop: generate, judge, keep what is new, look into what fails.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arbitrary::Unstructured;
use corspec_model::Policy;
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::{Probe, ServerVector};
use fastrand::Rng;

use super::behaviour::Behaviours;
use super::corpus::{Corpus, Input};
use super::execute::{Executed, Served};
use super::finding::{Found, Key, Known};
use super::state::State;
use super::{generate, shrink};
use crate::implementation::Implementation;
use crate::transport::Limits;
use crate::verdict::{Judgement, Verdict};

/// Makes the target anew, for one that keeps every policy it was ever given.
pub type Make = dyn Fn() -> Result<Box<dyn Implementation>, String>;

/// Probes asked under one policy before the next is put into force.
const PROBES_A_POLICY: u32 = 24;
/// Policies that are served before the target is made anew.
const POLICIES_A_TARGET: u32 = 400;
/// Policies in a row that are not served before the campaign is given up.
const REFUSALS: u32 = 2000;
/// Policies in a row under which the target does not even start, or answer, before the campaign is given up.
const FAILED_STARTS: u32 = 5;
/// How often a failure that does not happen again alone is looked into. What was asked before may have hidden it.
const LOOKS: u32 = 50;
/// The same where each look may take the whole time limit.
const LOOKS_AT_SILENCE: u32 = 3;
/// Executions spent on making one finding smaller.
const SHRINKING: u32 = 200;
/// The same for a finding that takes the whole time limit each time.
const SHRINKING_A_HANG: u32 = 4;

/// How a campaign is run.
#[derive(Clone, Default)]
pub struct Settings {
    /// What random choices begin with; the same seed makes the same choices.
    pub seed: u64,
    /// Vectors to execute.
    pub runs: Option<u64>,
    /// Time to spend.
    pub time: Option<Duration>,
    /// What bounds an exchange.
    pub limits: Limits,
    /// The policy and the path of a server that has one already.
    pub given: Option<Given>,
    /// What is known to be broken.
    pub known: HashSet<Known>,
}

/// What a running server is asked.
#[derive(Clone)]
pub struct Given {
    /// The policy it is meant to have.
    pub document: PolicyDocument,
    /// The same, parsed.
    pub policy: Policy,
    /// The path of its URL.
    pub path: String,
}

/// A campaign against one target.
pub struct Campaign<'a> {
    make: &'a Make,
    target: Arc<dyn Implementation>,
    name: String,
    settings: Settings,
    state: Option<State>,
    random: Rng,
    corpus: Corpus,
    behaviours: Behaviours,
    found: Vec<Found>,
    seen: HashSet<Key>,
    looked: HashMap<Key, u32>,
    runs: u64,
    spent: Duration,
    began: Instant,
    served: u32,
    notes: Vec<String>,
}

/// What is told while it runs: nothing in particular, or what was found.
pub type Tell<'t> = dyn FnMut(&Campaign<'_>, Option<&Found>) -> ControlFlow<()> + 't;

impl<'a> Campaign<'a> {
    /// A campaign against what `make` makes. With a `state` it goes on where that one was left.
    ///
    /// # Errors
    /// Why the target cannot be made.
    pub fn new(make: &'a Make, settings: Settings, state: Option<State>) -> Result<Self, String> {
        let target: Arc<dyn Implementation> = make()?.into();
        let (runs, spent) = state.as_ref().map_or((0, Duration::ZERO), State::done);
        Ok(Self {
            make,
            name: target.info().name,
            target,
            // Where it goes on it does not choose the same again.
            random: Rng::with_seed(settings.seed ^ runs.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            settings,
            state,
            corpus: Corpus::default(),
            behaviours: Behaviours::default(),
            found: Vec::new(),
            seen: HashSet::new(),
            looked: HashMap::new(),
            runs,
            spent,
            began: Instant::now(),
            served: 0,
            notes: Vec::new(),
        })
    }

    /// Vectors executed, those of earlier runs of the campaign too.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Distinct behaviours seen.
    pub fn behaviours(&self) -> &Behaviours {
        &self.behaviours
    }

    /// Inputs that reached something new.
    pub fn inputs(&self) -> &[Input] {
        self.corpus.inputs()
    }

    /// What was found, those of earlier runs too that still fail.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// The target.
    pub fn target(&self) -> &dyn Implementation {
        &*self.target
    }

    /// Failures that did not happen again when they were asked for alone, and why: the keys, and how often each.
    pub fn not_reproduced(&self) -> impl Iterator<Item = (&Key, u32)> {
        self.looked.iter().filter(|(key, _)| !self.seen.contains(key)).map(|(key, times)| (key, *times))
    }

    /// What random choices began with.
    pub fn seed(&self) -> u64 {
        self.settings.seed
    }

    /// Time spent in this run.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Time spent, in earlier runs too.
    pub fn elapsed(&self) -> Duration {
        self.spent + self.began.elapsed()
    }

    /// Ends the target and saves what is not saved yet. Answers with the crashes of an adapter.
    pub async fn end(&mut self) -> Vec<String> {
        self.notes.extend(self.target.end().await);
        self.save();
        std::mem::take(&mut self.notes)
    }

    /// Runs until runs or time are used up, or `tell` breaks. May be dropped: what was found is saved.
    ///
    /// # Errors
    /// Why it cannot go on: the target serves no policy, or does not start.
    pub async fn run(&mut self, tell: &mut Tell<'_>) -> Result<(), String> {
        self.began = Instant::now();
        self.target.start().await;
        self.resume(tell).await?;
        let (mut refusals, mut failed_starts) = (0, 0);
        while !self.is_over() {
            let bytes = self.corpus.policy(&mut self.random);
            let Some((document, policy)) = self.policy(&bytes) else { continue };
            match self.serve(policy).await {
                Ok(served) => {
                    (refusals, failed_starts) = (0, 0);
                    if self.batch(&bytes, &document, served, tell).await.is_break() {
                        return Ok(());
                    }
                }
                Err((verdict, what)) => {
                    refusals += 1;
                    if !matches!(verdict, Verdict::Unsupported | Verdict::Refused) {
                        failed_starts += 1;
                        self.renew().await?;
                    }
                    if failed_starts == FAILED_STARTS || refusals == REFUSALS {
                        return Err(format!("{}: {what}", self.name));
                    }
                    if tell(self, None).is_break() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Executes what earlier runs of the campaign kept.
    async fn resume(&mut self, tell: &mut Tell<'_>) -> Result<(), String> {
        let Some(state) = &self.state else { return Ok(()) };
        let (inputs, vectors) = state.kept()?;
        for vector in vectors {
            let Ok(policy) = vector.policy.to_policy() else { continue };
            let Ok(served) = self.serve(policy).await else { continue };
            let executed = served.execute(&*self.target, &vector).await;
            let failure = executed.judgements.iter().find_map(|judgement| {
                let key = Key::of(judgement).filter(|key| !self.is_known(key))?;
                Some((key, judgement.clone()))
            });
            if let Some((key, judgement)) = failure {
                self.seen.insert(key.clone());
                self.found.push(Found { key, vector, judgement });
                if tell(self, self.found.last()).is_break() {
                    return Ok(());
                }
            }
        }
        for input in inputs {
            if let Some((document, policy)) = self.policy(&input.policy)
                && let Some(vector) = self.probe(&input.probe, &document, &policy)
                && let Ok(served) = self.serve(policy).await
            {
                let executed = served.execute(&*self.target, &vector).await;
                self.behaviours.note(&executed);
            }
            self.corpus.push(input);
            if tell(self, None).is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Probes under one policy.
    async fn batch(
        &mut self,
        policy: &[u8],
        document: &PolicyDocument,
        mut served: Served,
        tell: &mut Tell<'_>,
    ) -> ControlFlow<()> {
        for _ in 0..PROBES_A_POLICY {
            if self.is_over() {
                return ControlFlow::Continue(());
            }
            let probe = self.corpus.probe(&mut self.random);
            let Some(vector) = self.probe(&probe, document, served.policy()) else { continue };
            let executed = served.execute(&*self.target, &vector).await;
            self.runs += 1;
            if self.behaviours.note(&executed) {
                let input = Input { policy: policy.to_vec(), probe };
                self.keep(&input);
                self.corpus.push(input);
            }
            let failures: Vec<Key> = executed.judgements.iter().filter_map(Key::of).collect();
            for key in &failures {
                if self.is_known(key) {
                    continue;
                }
                if let Some(found) = self.look_into(&vector, key).await {
                    self.seen.insert(key.clone());
                    self.found.push(found);
                    self.save_found();
                    tell(self, self.found.last())?;
                }
            }
            tell(self, None)?;
            if is_down(&executed) {
                match self.serve(served.policy().clone()).await {
                    Ok(again) => served = again,
                    Err(_) => return ControlFlow::Continue(()),
                }
            }
        }
        self.save();
        ControlFlow::Continue(())
    }

    /// Whether the failure was found before, or is known, or was looked into often enough.
    fn is_known(&self, key: &Key) -> bool {
        self.seen.contains(key)
            || self.settings.known.iter().any(|(requirement, level, step)| {
                *requirement == key.requirement && *level <= key.level && *step == key.step
            })
            || self
                .looked
                .get(key)
                .is_some_and(|&looks| looks >= if key.is_silent() { LOOKS_AT_SILENCE } else { LOOKS })
    }

    /// Asks for it alone, twice, and makes it smaller. `None` when it does not happen again.
    async fn look_into(&mut self, vector: &ServerVector, key: &Key) -> Option<Found> {
        *self.looked.entry(key.clone()).or_default() += 1;
        self.reproduce(vector, key).await?;
        let mut smallest = vector.clone();
        let mut shown = self.reproduce(vector, key).await?;
        let hangs = key.verdicts.iter().any(|word| word == Verdict::Hang.as_str());
        let mut left = if hangs { SHRINKING_A_HANG } else { SHRINKING };
        'smaller: loop {
            for form in shrink::simpler(&smallest) {
                if shrink::length(&form) >= shrink::length(&smallest) || !self.may_be_asked(&form) {
                    continue;
                }
                if left == 0 {
                    break 'smaller;
                }
                left -= 1;
                if let Some(again) = self.reproduce(&form, key).await {
                    (smallest, shown) = (form, again);
                    continue 'smaller;
                }
            }
            break;
        }
        let (judgement, executed) = shown;
        Some(Found::new(&self.name, key.clone(), smallest, judgement, &executed))
    }

    /// Executes a vector alone, on a policy put into force for it.
    async fn reproduce(&mut self, vector: &ServerVector, key: &Key) -> Option<(Judgement, Executed)> {
        let served = self.serve(vector.policy.to_policy().ok()?).await.ok()?;
        let executed = served.execute(&*self.target, vector).await;
        let judgement =
            executed.judgements.iter().find(|judgement| Key::of(judgement).as_ref() == Some(key))?;
        Some((judgement.clone(), executed))
    }

    /// Puts a policy into force, in a new target when this one has served many.
    async fn serve(&mut self, policy: Policy) -> Result<Served, (Verdict, String)> {
        if self.served >= POLICIES_A_TARGET {
            self.renew().await.map_err(|what| (Verdict::SetupError, what))?;
        }
        let served = Served::new(&*self.target, policy, self.settings.limits).await?;
        self.served += 1;
        Ok(served)
    }

    /// Ends the target and makes it anew.
    async fn renew(&mut self) -> Result<(), String> {
        self.notes.extend(self.target.end().await);
        self.target = (self.make)()?.into();
        self.target.start().await;
        self.served = 0;
        Ok(())
    }

    /// The policy that bytes make, or the one the server has.
    fn policy(&self, bytes: &[u8]) -> Option<(PolicyDocument, Policy)> {
        if let Some(given) = &self.settings.given {
            return Some((given.document.clone(), given.policy.clone()));
        }
        let document = generate::policy(&mut Unstructured::new(bytes)).ok()?;
        let policy = document.to_policy().ok()?;
        Some((document, policy))
    }

    /// The probe that bytes make, at the path of a running server where there is one.
    fn probe(&self, bytes: &[u8], document: &PolicyDocument, policy: &Policy) -> Option<ServerVector> {
        let mut vector = generate::probe(&mut Unstructured::new(bytes), document, policy).ok()??;
        match &self.settings.given {
            None => Some(vector),
            Some(given) => at_path(&mut vector, &given.path).then_some(vector),
        }
    }

    /// Whether a simpler form is one the target can be asked: a running server keeps its policy and its path.
    fn may_be_asked(&self, form: &ServerVector) -> bool {
        self.settings.given.as_ref().is_none_or(|given| {
            form.policy == given.document
                && form.request.as_ref().is_none_or(|request| request.path == given.path)
                && form.remember.as_ref().is_none_or(|remember| remember.request.path == given.path)
                && form.replay.iter().flat_map(|pair| pair.iter()).all(|request| request.path == given.path)
                && form
                    .stability
                    .iter()
                    .all(|probe| probe.requests().all(|request| request.path == given.path))
        })
    }

    fn is_over(&self) -> bool {
        self.settings.runs.is_some_and(|runs| self.runs >= runs)
            || self.settings.time.is_some_and(|time| self.began.elapsed() >= time)
    }

    fn keep(&mut self, input: &Input) {
        if let Some(state) = &mut self.state {
            self.notes.extend(state.keep(input).err());
        }
    }

    fn save_found(&mut self) {
        if let (Some(state), Some(found)) = (&self.state, self.found.last()) {
            let event = found.event(&*self.target, &state.findings());
            let commands = event.finding.map(|finding| finding.reproduce).unwrap_or_default();
            self.notes.extend(state.save_found(found, &commands).err());
        }
        self.save();
    }

    fn save(&mut self) {
        let elapsed = self.elapsed();
        if let Some(state) = &mut self.state {
            self.notes.extend(state.save(self.runs, elapsed).err());
        }
    }
}

/// Whether the target may not answer any more.
fn is_down(executed: &Executed) -> bool {
    executed.judgements.iter().any(|judgement| {
        matches!(judgement.verdict, Verdict::Crash | Verdict::Hang | Verdict::SetupError)
            || judgement.requirement == Some("robustness/alive")
    })
}

/// Asks for the path of a running server. Whether that can be: what its application says is not known, its policy cannot
/// be configured in another order, and it has one path.
fn at_path(vector: &mut ServerVector, path: &str) -> bool {
    const ROUTE: &str = "/plain";
    if vector.law == "transparency" || vector.law == "classification" {
        return false;
    }
    let permuted = vector.stability.as_ref().is_some_and(|probe| probe.permuted);
    if permuted {
        return false;
    }
    if let Ok(Probe::Raw(_)) = vector.probe() {
        return true;
    }
    let requests = vector
        .request
        .iter_mut()
        .chain(vector.replay.iter_mut().flat_map(|pair| pair.iter_mut()))
        .chain(vector.remember.iter_mut().map(|remember| &mut remember.request))
        .chain(vector.stability.iter_mut().flat_map(|probe| probe.requests_mut()));
    for request in requests {
        if request.path != ROUTE {
            return false;
        }
        path.clone_into(&mut request.path);
    }
    if let Some(wire) = &mut vector.wire {
        path.clone_into(&mut wire.path);
    }
    true
}
