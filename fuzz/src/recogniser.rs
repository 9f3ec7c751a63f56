//! A recogniser of regular ABNF, made without looking at the parsers it is held against: a [`Rule`] becomes a
//! deterministic automaton, which reads each byte once.

use std::collections::{BTreeSet, HashMap};

/// A rule of a grammar, over bytes.
#[derive(Clone, Debug)]
pub enum Rule {
    /// One of these bytes.
    Byte(Vec<u8>),
    /// One after the other.
    Sequence(Vec<Rule>),
    /// One of them.
    Either(Vec<Rule>),
    /// At least `.0` times, at most `.1` times when there is a limit.
    Repeat(usize, Option<usize>, Box<Rule>),
}

/// Exactly these bytes, in this case.
pub fn literal(text: &str) -> Rule {
    Rule::Sequence(text.bytes().map(|byte| Rule::Byte(vec![byte])).collect())
}

/// Any byte for which `holds` does.
pub fn byte(holds: impl Fn(u8) -> bool) -> Rule {
    Rule::Byte((0..=u8::MAX).filter(|&byte| holds(byte)).collect())
}

/// One after the other.
pub fn sequence<const N: usize>(rules: [Rule; N]) -> Rule {
    Rule::Sequence(rules.into())
}

/// One of them.
pub fn either<const N: usize>(rules: [Rule; N]) -> Rule {
    Rule::Either(rules.into())
}

/// `*rule`
pub fn any(rule: Rule) -> Rule {
    Rule::Repeat(0, None, Box::new(rule))
}

/// `1*rule`
pub fn some(rule: Rule) -> Rule {
    Rule::Repeat(1, None, Box::new(rule))
}

/// `least*most rule`
pub fn between(least: usize, most: usize, rule: Rule) -> Rule {
    Rule::Repeat(least, Some(most), Box::new(rule))
}

/// `[ rule ]`
pub fn optional(rule: Rule) -> Rule {
    between(0, 1, rule)
}

/// An automaton that accepts what a rule does.
#[derive(Debug)]
pub struct Recogniser {
    /// For each state and byte the next state; 0 is the state nothing leads out of.
    next: Vec<[u16; 256]>,
    accepts: Vec<bool>,
}

impl Recogniser {
    /// Builds the automaton of `rule`.
    pub fn new(rule: &Rule) -> Self {
        let mut graph = Graph::default();
        let (start, end) = (graph.node(), graph.node());
        graph.add(rule, start, end);
        graph.determinise(start, end)
    }

    /// Whether the whole of `input` matches.
    pub fn matches(&self, input: &[u8]) -> bool {
        let mut state = 1;
        for &byte in input {
            state = usize::from(self.next[state][usize::from(byte)]);
            if state == 0 {
                break;
            }
        }
        self.accepts[state]
    }
}

/// The rule as a graph: an edge is taken on some bytes, or on none.
#[derive(Default)]
struct Graph {
    free: Vec<Vec<usize>>,
    on_byte: Vec<Vec<(Vec<u8>, usize)>>,
}

impl Graph {
    fn node(&mut self) -> usize {
        self.free.push(Vec::new());
        self.on_byte.push(Vec::new());
        self.free.len() - 1
    }

    /// Adds the paths from `from` to `to` that spell what `rule` matches.
    fn add(&mut self, rule: &Rule, from: usize, to: usize) {
        match rule {
            Rule::Byte(bytes) => self.on_byte[from].push((bytes.clone(), to)),
            Rule::Either(rules) => rules.iter().for_each(|rule| self.add(rule, from, to)),
            Rule::Sequence(rules) => {
                let mut at = from;
                for rule in rules {
                    at = self.then(rule, at);
                }
                self.free[at].push(to);
            }
            Rule::Repeat(least, most, rule) => {
                let mut at = from;
                for _ in 0..*least {
                    at = self.then(rule, at);
                }
                match most {
                    Some(most) => {
                        for _ in *least..*most {
                            self.free[at].push(to);
                            at = self.then(rule, at);
                        }
                    }
                    None => {
                        let again = self.node();
                        self.free[at].push(again);
                        self.add(rule, again, again);
                        at = again;
                    }
                }
                self.free[at].push(to);
            }
        }
    }

    fn then(&mut self, rule: &Rule, from: usize) -> usize {
        let to = self.node();
        self.add(rule, from, to);
        to
    }

    /// The node and all that are reached from it without a byte.
    fn close(&self, nodes: &mut BTreeSet<usize>) {
        let mut open: Vec<usize> = nodes.iter().copied().collect();
        while let Some(node) = open.pop() {
            open.extend(self.free[node].iter().filter(|&&next| nodes.insert(next)));
        }
    }

    /// Each set of nodes one can be in at once becomes one state.
    fn determinise(&self, start: usize, end: usize) -> Recogniser {
        let mut first = BTreeSet::from([start]);
        self.close(&mut first);
        let mut sets = vec![BTreeSet::new(), first];
        let mut index: HashMap<BTreeSet<usize>, u16> = sets.iter().cloned().zip(0..).collect();
        let mut next = Vec::new();
        while next.len() < sets.len() {
            let mut after = vec![BTreeSet::new(); 256];
            for (bytes, to) in sets[next.len()].iter().flat_map(|&node| &self.on_byte[node]) {
                for &byte in bytes {
                    after[usize::from(byte)].insert(*to);
                }
            }
            let mut row = [0; 256];
            for (byte, mut set) in after.into_iter().enumerate() {
                self.close(&mut set);
                row[byte] = *index.entry(set).or_insert_with_key(|set| {
                    sets.push(set.clone());
                    (sets.len() - 1) as u16
                });
            }
            next.push(row);
        }
        Recogniser { next, accepts: sets.iter().map(|set| set.contains(&end)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted<'a>(rule: &Rule, inputs: &[&'a str]) -> Vec<&'a str> {
        let recogniser = Recogniser::new(rule);
        inputs.iter().copied().filter(|input| recogniser.matches(input.as_bytes())).collect()
    }

    #[test]
    fn each_kind_of_rule_matches_what_it_says() {
        let digit = || byte(|byte| byte.is_ascii_digit());
        assert_eq!(accepted(&literal("ab"), &["", "a", "ab", "AB", "abc"]), ["ab"]);
        assert_eq!(accepted(&either([literal("a"), literal("bc")]), &["a", "b", "bc", "abc"]), ["a", "bc"]);
        assert_eq!(accepted(&any(digit()), &["", "1", "12", "1a"]), ["", "1", "12"]);
        assert_eq!(accepted(&some(digit()), &["", "1", "12", "a"]), ["1", "12"]);
        assert_eq!(accepted(&between(2, 3, digit()), &["1", "12", "123", "1234"]), ["12", "123"]);
        assert_eq!(accepted(&optional(digit()), &["", "1", "12"]), ["", "1"]);
        // What a reader that goes for the longest run gets wrong.
        let ends_in_a = sequence([any(either([literal("a"), literal("-")])), literal("a")]);
        assert_eq!(accepted(&ends_in_a, &["a", "a-", "a-a", ""]), ["a", "a-a"]);
    }
}
