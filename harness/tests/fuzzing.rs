//! Fuzzing: what is generated makes sense, finds seeded bugs, and blames nothing that is legal.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use arbitrary::Unstructured;
use corspec::fuzzing::campaign::{Campaign, Settings};
use corspec::fuzzing::corpus::Input;
use corspec::fuzzing::finding::Found;
use corspec::fuzzing::times::time_to_find;
use corspec::fuzzing::{generate, state};
use corspec::implementation::{Implementation, InProcess};
use corspec::known_failing::KnownFailing;
use corspec::verdict::Verdict;
use corspec::zoo::{self, Animal};
use corspec::{meaning, run};
use corspec_vectors::canonical;
use corspec_vectors::meta::VectorFile;
use corspec_vectors::server::{Probe, ServerVector};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Vectors made of random bytes.
fn generated(seed: u64, how_many: usize) -> Vec<ServerVector> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut vectors = Vec::new();
    while vectors.len() < how_many {
        let bytes: Vec<u8> = (0..96).map(|_| random.u8(..)).collect();
        vectors.extend(generate::vector(&mut Unstructured::new(&bytes)).unwrap());
    }
    vectors
}

#[test]
fn whatever_the_bytes_the_vector_makes_sense() {
    let mut kinds = BTreeSet::new();
    for vector in generated(1, 5000) {
        let line = canonical::line(&vector).unwrap();
        assert_eq!(vector.expected, Some(meaning::expected(&vector).unwrap()), "{line}");
        assert!(corspec::laws::law_named(&vector.law).is_some(), "{line}");
        let again: ServerVector = serde_json::from_str(&line).unwrap();
        assert_eq!(canonical::line(&again).unwrap(), line);
        let kind = match vector.probe().unwrap() {
            Probe::Request(_) => "request",
            Probe::Replay(_) => "replay",
            Probe::Remember(_) => "remember",
            Probe::Wire(_) => "wire",
            Probe::Raw(_) => "raw",
            Probe::Stability(_) => "stability",
        };
        kinds.insert((kind, vector.law));
    }
    for (kind, law) in [
        ("request", "soundness"),
        ("request", "completeness"),
        ("request", "transparency"),
        ("request", "routing"),
        ("replay", "caching"),
        ("remember", "max-age"),
        ("wire", "classification"),
        ("wire", "robustness"),
        ("wire", "transparency"),
        ("raw", "robustness"),
        ("stability", "stability"),
    ] {
        assert!(kinds.contains(&(kind, law.to_owned())), "{kind} of {law} is never made");
    }
}

#[test]
fn no_bytes_make_the_simplest_vector() {
    let vector = generate::vector(&mut Unstructured::new(&[])).unwrap().unwrap();
    assert_eq!(vector.request.unwrap().origin.0, b"https://app.example.com");
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn animal(name: &str) -> &'static Animal {
    zoo::animals().chain(zoo::legal_variants()).find(|animal| animal.name == name).unwrap()
}

/// A campaign of some vectors in this process: its inputs, how many behaviours, what it found.
fn campaign(animal: &'static Animal, seed: u64, runs: u64) -> (Vec<Input>, usize, Vec<Found>) {
    let make = || -> Result<Box<dyn Implementation>, String> { Ok(Box::new(InProcess(Box::new(*animal)))) };
    let settings = Settings { seed, runs: Some(runs), ..Settings::default() };
    let mut campaign = Campaign::new(&make, settings, None).unwrap();
    block_on(campaign.run(&mut |_, _| ControlFlow::Continue(()))).unwrap();
    (campaign.inputs().to_vec(), campaign.behaviours().len(), campaign.found().to_vec())
}

#[test]
fn nothing_legal_is_blamed() {
    for variant in zoo::legal_variants() {
        let (inputs, _, found) = campaign(variant, 1, 500);
        assert!(inputs.len() > 30, "{}: only {} inputs did anything new", variant.name, inputs.len());
        let blamed: Vec<String> = found.iter().map(|found| canonical::line(&found.vector).unwrap()).collect();
        assert!(blamed.is_empty(), "{}: {blamed:#?}", variant.name);
    }
}

#[test]
fn seeded_bugs_are_found_from_nothing() {
    for name in [
        "suffix-match",
        "null-allowed",
        "method-case-folded",
        "headers-reflected",
        "credentials-always",
        "star-exposes-all",
        "max-age-by-default",
        "vary-only-with-origin",
        "all-options-swallowed",
        "errors-without-cors",
        "refused-after-refusal",
        "path-case-folded",
        "path-after-origin",
        "dies-of-nul",
    ] {
        let took = block_on(time_to_find(animal(name), 1, None, Some(20_000))).unwrap();
        assert!(took.is_some(), "{name} is not found in 20,000 runs");
    }
}

#[test]
fn the_same_seed_makes_the_same_campaign() {
    let of = |seed| {
        let (inputs, behaviours, found) = campaign(animal("suffix-match"), seed, 600);
        let vectors: Vec<String> =
            found.iter().map(|found| canonical::line(&found.vector).unwrap()).collect();
        (inputs, behaviours, vectors)
    };
    let first = of(7);
    assert!(!first.2.is_empty());
    assert_eq!(first, of(7));
    assert_ne!(first.0, of(8).0);
}

#[test]
fn a_finding_was_made_smaller_and_still_fails() {
    for name in ["suffix-match", "refused-after-refusal", "max-age-in-milliseconds"] {
        let animal = animal(name);
        let (.., found) = campaign(animal, 1, 3000);
        let found = found.iter().find(|found| Some(&*found.key.requirement) == animal.breaks).unwrap();
        let policy = &found.vector.policy;
        assert!(policy.routes.is_empty(), "{name}: {policy:?}");
        assert_eq!(policy.expose, Default::default(), "{name}: nothing of it is about exposure");
        let mut failed = false;
        let vectors = [found.vector.clone()];
        let sink = |result: corspec::event::ResultEvent| {
            failed |= result.verdict == Verdict::Fail && result.requirement.as_deref() == animal.breaks;
            ControlFlow::Continue(())
        };
        let target = InProcess(Box::new(*animal));
        let options = run::Options::default();
        block_on(run::run(&target, &vectors, &options, &mut KnownFailing::default(), sink)).unwrap();
        assert!(failed, "{name}: {}", canonical::line(&found.vector).unwrap());
    }
}

fn corspec(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
    command.args(arguments).current_dir(folder).env_remove("GITHUB_STEP_SUMMARY");
    command
}

fn text(output: &Output) -> String {
    [&*String::from_utf8_lossy(&output.stdout), &*String::from_utf8_lossy(&output.stderr)].concat()
}

/// A campaign without an end, after its first finding.
fn under_way(folder: &Path) -> (Child, PathBuf) {
    let mut child = corspec(folder, &["fuzz", "zoo/suffix-match", "--seed", "1", "--state", "state"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let findings = folder.join("state/findings");
    loop {
        let finding = std::fs::read_dir(&findings)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|extension| extension == "json"));
        if let Some(finding) = finding {
            return (child, finding);
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn runs(folder: &Path) -> u64 {
    let text = std::fs::read_to_string(folder.join("state/campaign.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["runs"].as_u64().unwrap()
}

#[test]
fn a_killed_campaign_goes_on_and_has_lost_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, finding) = under_way(folder.path());
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    let corpus = folder.path().join("state/corpus.jsonl");
    let kept = std::fs::read_to_string(&corpus).unwrap();
    let whole: Vec<&str> = kept.lines().collect();
    // Killed in the middle of a line.
    std::fs::write(&corpus, format!("{kept}{{\"policy\":\"00")).unwrap();
    let before = runs(folder.path());
    let until = (before + 100).to_string();
    let output = corspec(folder.path(), &["fuzz", "zoo/suffix-match", "--state", "state", "--runs", &until])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains(finding.file_name().unwrap().to_str().unwrap()), "{}", text(&output));
    assert!(text(&output).contains("seed 1;"), "{}", text(&output));
    assert_eq!(runs(folder.path()), before + 100);
    let now = std::fs::read_to_string(&corpus).unwrap();
    assert!(now.lines().take(whole.len()).eq(whole), "inputs are lost");
    let other =
        corspec(folder.path(), &["fuzz", "reference", "--state", "state", "--runs", "1"]).output().unwrap();
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other).contains("campaign against `zoo/suffix-match`"), "{}", text(&other));
}

#[test]
fn after_ctrl_c_everything_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, finding) = under_way(folder.path());
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let found = state::read(&finding).unwrap();
    assert!(found[0].meta.id.starts_with("regression/"), "{}", found[0].meta.id);
    let events = std::fs::read_to_string(folder.path().join("state/events.jsonl")).unwrap();
    let last: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["complete"]), (&"end".into(), &false.into()));
    assert!(runs(folder.path()) > 0);
    let again = corspec(folder.path(), &["fuzz", "zoo/suffix-match", "--replay", finding.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(1), "{}", text(&again));
    let right = corspec(folder.path(), &["fuzz", "reference", "--replay", finding.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(right.status.code(), Some(0), "{}", text(&right));
}

/// The smallest set of vectors there can be: the laws alone.
fn small_set(folder: &Path) {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    for name in ["model", "client", "server", "schemas"] {
        std::fs::create_dir_all(folder.join("vectors").join(name)).unwrap();
    }
    std::fs::copy(vectors.join("laws.json"), folder.join("vectors/laws.json")).unwrap();
}

/// What a campaign against an animal finds first of the requirement it breaks, as a file.
fn finding_of(name: &str) -> VectorFile<ServerVector> {
    let animal = animal(name);
    let (.., found) = campaign(animal, 1, 3000);
    let found = found.iter().find(|found| Some(&*found.key.requirement) == animal.breaks).unwrap();
    serde_json::from_str(&found.text(&[]).unwrap()).unwrap()
}

#[test]
fn a_finding_is_promoted_once() {
    let folder = tempfile::tempdir().unwrap();
    small_set(folder.path());
    let finding = finding_of("suffix-match");
    let id = finding.vectors[0].meta.id.clone();
    std::fs::write(folder.path().join("f.json"), canonical::file_text(&finding).unwrap()).unwrap();
    let promote = || corspec(folder.path(), &["fuzz", "promote", "f.json"]).output().unwrap();
    let output = promote();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let added = state::read(&folder.path().join("vectors/regressions/soundness.json")).unwrap();
    assert_eq!(added[0].meta.id, id);
    let index = std::fs::read_to_string(folder.path().join("vectors/index.json")).unwrap();
    assert!(index.contains(id.rsplit('/').next().unwrap()), "{index}");
    let list = corspec(folder.path(), &["vectors", "--folder", "vectors", "list"]).output().unwrap();
    assert!(text(&list).contains(&id), "{}", text(&list));
    let again = promote();
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again).contains("is in the set already"), "{}", text(&again));
}

#[test]
fn what_is_no_finding_is_not_promoted_and_told_why() {
    let folder = tempfile::tempdir().unwrap();
    small_set(folder.path());
    let finding = finding_of("suffix-match");
    let good = serde_json::to_value(&finding).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut file = good.clone();
        change(&mut file);
        file.to_string()
    };
    let vector = |file: &mut Value, name: &str, value: Value| {
        file["vectors"][0][name] = value;
    };
    for (file, says) in [
        ("{".to_owned(), "line 1"),
        (changed(&|file| file["vectors"] = Value::Array(Vec::new())), "no vector"),
        (changed(&|file| vector(file, "polcy", 1.into())), "`polcy` is no field"),
        (changed(&|file| vector(file, "id", "server/x".into())), "`regression/`"),
        (changed(&|file| vector(file, "law", "gravity".into())), "gravity"),
        (changed(&|file| file["vectors"][0]["policy"]["origins"] = "https://a".into()), "\"*\""),
        (changed(&|file| file["vectors"][0]["expected"]["verdict"] = "allow".into()), "`expected`"),
        (changed(&|file| vector(file, "level", "check".into())), "`level`"),
        // Nobody takes a stranger for an app that is not even near.
        (changed(&|file| file["vectors"][0]["request"]["origin"] = "self".into()), "self"),
    ] {
        std::fs::write(folder.path().join("f.json"), &file).unwrap();
        let output = corspec(folder.path(), &["fuzz", "promote", "f.json"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{says}: {}", text(&output));
        assert!(text(&output).contains("f.json: "), "{}", text(&output));
        if says != "self" {
            assert!(text(&output).contains(says), "{says}: {}", text(&output));
        }
    }
    assert!(!folder.path().join("vectors/regressions").exists(), "nothing is written");
}
