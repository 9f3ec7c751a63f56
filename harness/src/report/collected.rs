//! What every report is made of: the events of one stream, or of several, put together.

use std::collections::{BTreeSet, HashMap};

use crate::check::AuditEvent;
use crate::event::{AnimalEvent, ClientEvent, ClientResultEvent, Event, ExhibitEvent, ResultEvent};
use crate::implementation::Info;
use crate::shard::Shard;

/// The events of one run, of the shards of one, or of several runs.
///
/// Results of one implementation (or client) in one version belong together. What a later stream says of a vector
/// replaces what an earlier one said of it.
#[derive(Debug, Default)]
pub struct Collected {
    /// What was tested, in the order it was met.
    pub implementations: Vec<Tested<Info, ResultEvent>>,
    /// The clients, likewise.
    pub clients: Vec<Tested<ClientEvent, ClientResultEvent>>,
    /// The animals of the zoo that were examined, the last word on each.
    pub animals: Vec<AnimalEvent>,
    /// The exhibits of the museum, likewise.
    pub exhibits: Vec<ExhibitEvent>,
    /// Entries of lists of known failures and of profiles that should not be on them.
    pub problems: Vec<ListProblem>,
    /// Endpoints that were audited, those of a stream by their places; what a later stream says of one replaces what an
    /// earlier one said.
    pub audits: Vec<AuditEvent>,
    /// How many of them are of earlier streams.
    audits_before: usize,
    streams: Vec<Stream>,
    /// Which of `implementations` and of `clients` a name stands for in the current stream.
    named: HashMap<String, usize>,
    clients_named: HashMap<String, usize>,
}

/// What was found of one implementation or client.
#[derive(Debug)]
pub struct Tested<I, R> {
    /// Who it is.
    pub info: I,
    /// The streams it is in.
    streams: Vec<usize>,
    results: ByVector<R>,
}

impl<I, R> Tested<I, R> {
    /// Its results, in the order their vectors were met.
    pub fn results(&self) -> impl Iterator<Item = &R> {
        self.results.entries.iter().flat_map(|(_, results)| results)
    }
}

/// An entry that should not be on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListProblem {
    /// The implementation or client the list is for.
    pub implementation: String,
    /// What is wrong with the entry.
    pub problem: String,
}

/// Results by vector, each with the stream they are from.
#[derive(Debug)]
struct ByVector<R> {
    entries: Vec<(usize, Vec<R>)>,
    index: HashMap<String, usize>,
}

impl<R> ByVector<R> {
    fn new() -> Self {
        Self { entries: Vec::new(), index: HashMap::new() }
    }

    fn add(&mut self, stream: usize, vector: &str, result: R) {
        match self.index.get(vector).and_then(|&at| self.entries.get_mut(at)) {
            Some((from, results)) => {
                if *from != stream {
                    *from = stream;
                    results.clear();
                }
                results.push(result);
            }
            None => {
                self.index.insert(vector.to_owned(), self.entries.len());
                self.entries.push((stream, vec![result]));
            }
        }
    }
}

#[derive(Debug)]
struct Stream {
    /// Where it was read from; empty for the run at hand.
    from: String,
    shard: Option<Shard>,
    /// Whether it is complete and the exit code, from its last line.
    end: Option<(bool, u8)>,
}

impl Collected {
    /// Takes note of an event of the run at hand.
    pub fn note(&mut self, event: &Event) {
        self.note_from("", event);
    }

    /// Takes note of an event of the stream that was read from `from`; a `start` begins another stream.
    pub fn note_from(&mut self, from: &str, event: &Event) {
        match event {
            Event::Start { shard, .. } => self.begin(from, *shard),
            Event::Implementation(info) => {
                self.implementation(info);
            }
            Event::Result(result) => {
                let at = match self.named.get(&result.implementation) {
                    Some(&at) => at,
                    None => self.implementation(&unknown(&result.implementation)),
                };
                let stream = self.current();
                if let Some(tested) = self.implementations.get_mut(at) {
                    tested.results.add(stream, &result.vector, (**result).clone());
                }
            }
            Event::Client(info) => {
                self.client(info);
            }
            Event::ClientResult(result) => {
                let at = match self.clients_named.get(&result.client) {
                    Some(&at) => at,
                    None => {
                        self.client(&ClientEvent { name: result.client.clone(), ..ClientEvent::default() })
                    }
                };
                let stream = self.current();
                if let Some(tested) = self.clients.get_mut(at) {
                    tested.results.add(stream, &result.vector, (**result).clone());
                }
            }
            Event::Animal(animal) => {
                self.animals.retain(|known| known.name != animal.name);
                self.animals.push(animal.clone());
            }
            Event::Exhibit(exhibit) => {
                self.exhibits.retain(|known| known.name != exhibit.name);
                self.exhibits.push(exhibit.clone());
            }
            Event::Audit(audit) => self.audit(audit),
            Event::KnownFailingProblem { implementation, problem } => {
                let problem =
                    ListProblem { implementation: implementation.clone(), problem: problem.clone() };
                // Every shard finds the same ones.
                if !self.problems.contains(&problem) {
                    self.problems.push(problem);
                }
            }
            Event::End { complete, exit_code } => {
                if let Some(stream) = self.streams.last_mut() {
                    stream.end = Some((*complete, *exit_code));
                }
            }
        }
    }

    /// Begins a stream; a file whose first line was never written is one too.
    pub fn begin(&mut self, from: &str, shard: Option<Shard>) {
        self.streams.push(Stream { from: from.to_owned(), shard, end: None });
        self.named.clear();
        self.clients_named.clear();
        self.audits_before = self.audits.len();
    }

    /// What is missing, a sentence each: streams that were cut off or ended early, and shards nobody ran. Empty when the
    /// report is complete.
    pub fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for Stream { from, end, .. } in &self.streams {
            let from = if from.is_empty() { "the run" } else { from };
            match end {
                None => missing.push(format!("{from} was cut off: it has no `end`")),
                Some((false, code)) => {
                    missing.push(format!("{from} ended before everything was run (exit code {code})"));
                }
                Some((true, _)) => {}
            }
        }
        for tested in &self.implementations {
            let streams = tested.streams.iter().filter_map(|&at| self.streams.get(at));
            // Whoever runs a shard asked for no more; only files that are put together can lack others.
            let shards: Option<BTreeSet<Shard>> =
                streams.map(|stream| stream.shard.filter(|_| !stream.from.is_empty())).collect();
            if let Some(lacking) = shards.and_then(|shards| missing_shards(&shards)) {
                missing.push(format!("{}: {lacking}", tested.info.name));
            }
        }
        missing
    }

    /// Whether it holds shards of a run.
    pub fn is_part(&self) -> bool {
        self.streams.iter().any(|stream| stream.shard.is_some())
    }

    /// The exit code of all streams together: the gravest, in the order interrupted, findings, broken, clean. A stream
    /// that was cut off counts as broken.
    pub fn exit_code(&self) -> u8 {
        let codes: Vec<u8> =
            self.streams.iter().map(|stream| stream.end.map_or(3, |(_, code)| code)).collect();
        [130, 1, 3].into_iter().find(|code| codes.contains(code)).unwrap_or(0)
    }

    fn audit(&mut self, audit: &AuditEvent) {
        if let Some(known) = self.audits.iter_mut().find(|known| known.url == audit.url) {
            known.clone_from(audit);
            return;
        }
        let earlier = |known: &&AuditEvent| known.place <= audit.place;
        let at = self.audits.iter().skip(self.audits_before).take_while(earlier).count();
        self.audits.insert(self.audits_before + at, audit.clone());
    }

    fn current(&self) -> usize {
        self.streams.len().saturating_sub(1)
    }

    fn implementation(&mut self, info: &Info) -> usize {
        let at = place(&mut self.implementations, info.clone(), |tested| tested == info, self.streams.len());
        self.named.insert(info.name.clone(), at);
        at
    }

    fn client(&mut self, info: &ClientEvent) -> usize {
        let same = |tested: &ClientEvent| (&tested.name, &tested.version) == (&info.name, &info.version);
        let at = place(&mut self.clients, info.clone(), same, self.streams.len());
        self.clients_named.insert(info.name.clone(), at);
        at
    }
}

/// The place of the one `same` knows, or of a new one.
fn place<I, R>(all: &mut Vec<Tested<I, R>>, info: I, same: impl Fn(&I) -> bool, streams: usize) -> usize {
    let stream = streams.saturating_sub(1);
    if let Some(at) = all.iter().position(|tested| same(&tested.info)) {
        if !all[at].streams.contains(&stream) {
            all[at].streams.push(stream);
        }
        return at;
    }
    all.push(Tested { info, streams: vec![stream], results: ByVector::new() });
    all.len() - 1
}

fn unknown(name: &str) -> Info {
    Info { name: name.to_owned(), version: String::new(), language: String::new(), homepage: String::new() }
}

/// Missing shards named in a message.
const NAMED: usize = 5;

/// What belongs to the `present` shards and is not there; `None` when one whole set is, whatever else there is.
fn missing_shards(present: &BTreeSet<Shard>) -> Option<String> {
    let sets: BTreeSet<u32> = present.iter().map(|shard| shard.of).collect();
    let mut names = Vec::new();
    let mut count = 0_usize;
    for of in sets {
        let there = present.iter().filter(|shard| shard.of == of && (1..=of).contains(&shard.index)).count();
        let lacking = usize::try_from(of).unwrap_or(usize::MAX) - there;
        if lacking == 0 {
            return None;
        }
        count = count.saturating_add(lacking);
        let all = (1..=of).map(|index| Shard { index, of });
        names.extend(all.filter(|shard| !present.contains(shard)).take(NAMED).map(|shard| shard.to_string()));
    }
    names.truncate(NAMED);
    Some(match (names.as_slice(), count - names.len()) {
        ([one], 0) => format!("shard {one} is missing"),
        (names, 0) => format!("shards {} are missing", names.join(", ")),
        (names, more) => format!("shards {} and {more} more are missing", names.join(", ")),
    })
}
