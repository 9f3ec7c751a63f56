//! The bytes that reached something new, and how they are changed.

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// What one execution was made of: the bytes of its policy and those of its probe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// For [`policy`](super::generate::policy).
    #[serde(with = "hex")]
    pub policy: Vec<u8>,
    /// For [`probe`](super::generate::probe).
    #[serde(with = "hex")]
    pub probe: Vec<u8>,
}

/// Bytes a policy is made of at most, but for those with many routes.
const POLICY: usize = 32;
/// Bytes a probe is made of at most.
const PROBE: usize = 48;

/// The inputs that reached something new.
#[derive(Default)]
pub struct Corpus {
    inputs: Vec<Input>,
}

impl Corpus {
    /// Adds an input.
    pub fn push(&mut self, input: Input) {
        self.inputs.push(input);
    }

    /// The inputs, in the order they were found.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Bytes for a policy: new ones, or some that proved good, changed or not.
    pub fn policy(&self, random: &mut Rng) -> Vec<u8> {
        self.bytes(random, POLICY, |input| &input.policy)
    }

    /// Bytes for a probe, in the same way.
    pub fn probe(&self, random: &mut Rng) -> Vec<u8> {
        self.bytes(random, PROBE, |input| &input.probe)
    }

    fn bytes(&self, random: &mut Rng, length: usize, part: fn(&Input) -> &Vec<u8>) -> Vec<u8> {
        if self.inputs.is_empty() || random.bool() {
            return (0..length).map(|_| random.u8(..)).collect();
        }
        // The latest are less known.
        let from = if random.bool() { self.inputs.len() / 2 } else { 0 };
        let mut bytes = part(&self.inputs[random.usize(from..self.inputs.len())]).clone();
        for _ in 0..random.usize(0..4) {
            self.change(random, &mut bytes, part);
        }
        bytes.truncate(length);
        bytes
    }

    /// One change: a byte, or the end of another input.
    fn change(&self, random: &mut Rng, bytes: &mut Vec<u8>, part: fn(&Input) -> &Vec<u8>) {
        if bytes.is_empty() {
            bytes.push(random.u8(..));
            return;
        }
        let at = random.usize(0..bytes.len());
        match random.u8(0..8) {
            0 => bytes.insert(at, random.u8(..)),
            1 => {
                bytes.remove(at);
            }
            2 => {
                let other = part(&self.inputs[random.usize(0..self.inputs.len())]);
                let rest = other.get(at..).unwrap_or_default().to_vec();
                bytes.truncate(at);
                bytes.extend(rest);
            }
            3..=4 => bytes[at] = bytes[at].wrapping_add(if random.bool() { 1 } else { 255 }),
            _ => bytes[at] = random.u8(..),
        }
    }
}

/// Bytes as hexadecimal digits.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits: Option<Vec<u8>> =
            text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        let digits = digits.filter(|digits| digits.len() % 2 == 0);
        let digits = digits.ok_or_else(|| serde::de::Error::custom("not pairs of hexadecimal digits"))?;
        Ok(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
    }
}
