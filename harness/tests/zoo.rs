//! The suite proves itself: every animal is caught by the requirement it breaks, no legal variant is called wrong, and
//! no law is idle.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use corspec::run::Options;
use corspec::zoo::{self, Animal, Examined};
use corspec_vectors::embedded::{self, LAWS};

/// What the suite says of every animal.
static EXAMINED: LazyLock<Vec<(&'static Animal, Examined)>> =
    LazyLock::new(|| examine_all(zoo::animals().collect()));

fn examine_all(animals: Vec<&'static Animal>) -> Vec<(&'static Animal, Examined)> {
    let vectors = embedded::server_vectors();
    let options = Options::default();
    // One thread a core: examining is work, not waiting.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let mut examined: Vec<(usize, Examined)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    let mut examined = Vec::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(animal) = animals.get(index) else { return examined };
                        let found = runtime.block_on(zoo::examine(animal, &vectors, &options)).unwrap();
                        examined.push((index, found));
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    examined.sort_by_key(|(index, _)| *index);
    animals.into_iter().zip(examined.into_iter().map(|(_, found)| found)).collect()
}

#[test]
fn every_animal_is_caught_by_the_requirement_it_breaks() {
    assert!(EXAMINED.len() >= 80, "only {} animals", EXAMINED.len());
    let free: Vec<String> = EXAMINED
        .iter()
        .filter(|(animal, examined)| !examined.is_right(animal))
        .map(|(animal, examined)| {
            format!("{}: {:?}, found {:?}", animal.name, animal.breaks, examined.broken)
        })
        .collect();
    assert!(free.is_empty(), "{free:#?}");
}

#[test]
fn no_legal_variant_is_called_wrong() {
    let variants = examine_all(zoo::legal_variants().collect());
    assert!(variants.len() >= 25, "only {} variants", variants.len());
    let accused: Vec<String> = variants
        .iter()
        .filter(|(variant, examined)| !examined.is_right(variant))
        .map(|(variant, examined)| {
            let example = examined.example.as_ref().map(|result| {
                let what = result.finding.as_ref().map(|finding| finding.what.clone());
                format!("{} {what:?}", result.vector)
            });
            format!("{}: {:?} {example:?} silent: {}", variant.name, examined.broken, examined.silent)
        })
        .collect();
    assert!(accused.is_empty(), "{accused:#?}");
}

/// Without a law, an animal that only this law catches goes free.
#[test]
fn every_law_alone_catches_an_animal() {
    let mut only: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (animal, examined) in EXAMINED.iter() {
        let mut laws = examined.laws.iter();
        if let (Some(law), None) = (laws.next(), laws.next()) {
            only.entry(law).or_default().push(animal.name);
        }
    }
    let idle: Vec<&str> = LAWS.iter().map(|law| &*law.id).filter(|law| !only.contains_key(law)).collect();
    assert!(idle.is_empty(), "no animal is caught by {idle:?} alone; {only:#?}");
}

#[test]
fn every_requirement_is_broken_by_an_animal() {
    let broken: BTreeSet<&str> = zoo::animals().filter_map(|animal| animal.breaks).collect();
    let known: BTreeSet<&str> =
        LAWS.iter().flat_map(|law| &law.requirements).map(|requirement| &*requirement.id).collect();
    assert_eq!(broken.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "no such requirement");
    assert_eq!(known.difference(&broken).collect::<Vec<_>>(), Vec::<&&str>::new(), "no animal breaks it");
}

#[test]
fn names_are_unique_and_every_animal_has_a_source() {
    let mut names = BTreeSet::new();
    for animal in zoo::animals().chain(zoo::legal_variants()) {
        assert!(names.insert(animal.name), "{}", animal.name);
        assert!(!animal.source.is_empty() && !animal.does.is_empty(), "{}", animal.name);
    }
}
