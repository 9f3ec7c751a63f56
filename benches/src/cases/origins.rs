//! Is the origin on the list? 1 to 10,000 entries.

use std::collections::HashSet;
use std::hint::black_box;

use aho_corasick::AhoCorasick;
use corspec_model::fast::Origins;
use corspec_model::policy::{AllowList, OriginPattern};
use regex::bytes::RegexSet;

use crate::case::Case;

const SIZES: [usize; 5] = [1, 10, 100, 1_000, 10_000];
/// Asked in turn, so that no contender lives on one warm entry.
const ASKED: usize = 64;
/// A set of more patterns takes regex seconds to build.
const REGEX_AT_MOST: usize = 1_000;

fn listed(n: usize) -> String {
    format!("https://app-{n}.customer-{}.example.com", n % 7)
}

fn pattern(n: usize) -> String {
    format!("https://*.customer-{n}.example.com")
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for size in SIZES {
        let entries: Vec<String> = (0..size).map(listed).collect();
        let spread = |n: usize| n * 7919 % size;
        let asked = |change: &dyn Fn(String) -> String| -> Vec<String> {
            (0..ASKED).map(|n| change(listed(spread(n)))).collect()
        };
        cases.extend(exact("hit", &entries, &asked(&|origin| origin)));
        cases.extend(exact("miss", &entries, &asked(&|origin| origin.replace("app", "web"))));
        cases.extend(exact("near-miss-suffix", &entries, &asked(&|origin| origin.replace("app-", "x-app-"))));
        cases.extend(exact("near-miss-prefix", &entries, &asked(&|origin| origin + ".evil.example")));
        cases.extend(exact("near-miss-port", &entries, &asked(&|origin| origin + ":8443")));

        let entries: Vec<String> = (0..size).map(pattern).collect();
        let asked = |start: &str, end: &str| -> Vec<String> {
            (0..ASKED).map(|n| format!("https://{start}customer-{}.example.com{end}", spread(n))).collect()
        };
        cases.extend(subdomains("hit", &entries, &asked("app.", "")));
        cases.extend(subdomains("deep-hit", &entries, &asked("a.b.c.d.", "")));
        cases.extend(subdomains("miss", &entries, &asked("app.x", "")));
        cases.extend(subdomains("near-miss-host-itself", &entries, &asked("", "")));
        cases.extend(subdomains("near-miss-port", &entries, &asked("app.", ":8443")));
    }
    cases
}

/// How many of those asked are allowed.
fn count(asked: &[String], mut allows: impl FnMut(&str) -> bool) -> u64 {
    black_box(asked).iter().filter(|origin| allows(origin)).count() as u64
}

fn policies(entries: &[String]) -> AllowList<OriginPattern> {
    AllowList::Only(entries.iter().filter_map(|entry| OriginPattern::parse(entry).ok()).collect())
}

type Allows = Box<dyn Fn(&str) -> bool>;

/// A contender whose list is made of `entries` when it is needed.
fn contender(
    group: &str,
    name: &str,
    entries: &[String],
    asked: &[String],
    make: impl FnOnce(&[String]) -> Allows + 'static,
) -> Case {
    let (size, entries, asked) = (entries.len(), entries.to_vec(), asked.to_vec());
    let make = move || -> Box<dyn FnMut() -> u64> {
        let allows = make(&entries);
        Box::new(move || count(&asked, &allows))
    };
    Case::made(group, name, size, make).of(ASKED)
}

fn exact(input: &str, entries: &[String], asked: &[String]) -> Vec<Case> {
    let group = format!("origins/exact-{input}");
    let mut cases = corspec(&group, entries, asked);
    let mut case = |name: &str, make: fn(&[String]) -> Allows| {
        cases.push(contender(&group, name, entries, asked, make));
    };
    case("linear scan", |entries| {
        let entries = entries.to_vec();
        Box::new(move |origin| entries.iter().any(|entry| entry == origin))
    });
    case("HashSet", |entries| {
        let set: HashSet<String> = entries.iter().cloned().collect();
        Box::new(move |origin| set.contains(origin))
    });
    if entries.len() <= REGEX_AT_MOST {
        case("regex set", |entries| regex_set(entries.iter().map(|entry| regex::escape(entry))));
    }
    case("aho-corasick", |entries| match AhoCorasick::new(entries) {
        Ok(automaton) => Box::new(move |origin| {
            let mut found = automaton.find_overlapping_iter(origin);
            found.any(|found| found.start() == 0 && found.end() == origin.len())
        }),
        Err(_) => Box::new(|_| false),
    });
    cases
}

fn subdomains(input: &str, entries: &[String], asked: &[String]) -> Vec<Case> {
    let group = format!("origins/subdomains-{input}");
    let mut cases = corspec(&group, entries, asked);
    if entries.len() <= REGEX_AT_MOST {
        cases.push(contender(&group, "regex set", entries, asked, |entries| {
            let label = r"(?:[a-z0-9-]+\.)*[a-z0-9-]+";
            regex_set(entries.iter().map(|entry| regex::escape(entry).replace(r"\*", label)))
        }));
    }
    cases
}

fn regex_set(patterns: impl Iterator<Item = String>) -> Allows {
    match RegexSet::new(patterns.map(|pattern| format!("^{pattern}$"))) {
        Ok(set) => Box::new(move |origin| set.is_match(origin.as_bytes())),
        Err(_) => Box::new(|_| false),
    }
}

fn corspec(group: &str, entries: &[String], asked: &[String]) -> Vec<Case> {
    vec![
        contender(group, "literal", entries, asked, |entries| {
            let list = policies(entries);
            Box::new(move |origin| list.allows(|pattern| pattern.matches(origin.as_bytes())))
        }),
        contender(group, "fast", entries, asked, |entries| {
            let index = Origins::new(&policies(entries));
            Box::new(move |origin| index.allows(origin.as_bytes()))
        }),
    ]
}
