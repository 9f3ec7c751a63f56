//! Writes what campaigns start from: a dictionary and the seeds that are made of the vectors. From the folder above:
//!
//! ```console
//! cargo run --manifest-path fuzz/Cargo.toml --example seeds
//! ```
//!
//! Targets that read text get the values, heads and documents of the vectors. The inputs of the others choose from
//! alphabets of their own, so no vector can be written as one; their seeds were found by a campaign.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use corspec::implementation::adapter::protocol::Request;
use corspec_fuzz::shapes::SPELLED;
use corspec_vectors::bytes::{ByteString, HeaderLines};
use corspec_vectors::client::{ClientVector, EvalInput};
use corspec_vectors::embedded::{client_vectors, model_vectors, server_vectors};
use corspec_vectors::policy::{ListDocument, PolicyDocument};
use corspec_vectors::{canonical, model::Algorithm};

/// Seeds of one target, and bytes one may have.
const MOST: usize = 48;
const LONGEST: usize = 400;
/// Bytes a word of the dictionary may have.
const LONGEST_WORD: usize = 32;
/// Name of the files written here; those of campaigns are named otherwise and stay.
const PREFIX: &str = "vector-";

/// Inputs by target.
#[derive(Default)]
struct Seeds(BTreeMap<&'static str, BTreeSet<Vec<u8>>>);

impl Seeds {
    fn add(&mut self, target: &'static str, input: impl Into<Vec<u8>>) {
        let input = input.into();
        if input.len() <= LONGEST {
            self.0.entry(target).or_default().insert(input);
        }
    }

    fn header(&mut self, name: &str, value: &[u8]) {
        let target = match name.to_ascii_lowercase().as_str() {
            "access-control-allow-methods"
            | "access-control-allow-headers"
            | "access-control-expose-headers"
            | "access-control-request-headers" => "list_headers",
            "access-control-allow-origin" | "origin" => "serialized_origin",
            "timing-allow-origin" => "get_decode_and_split",
            "content-type" => "mime_type",
            "range" => "single_range",
            "access-control-max-age" => "max_age",
            _ => return,
        };
        self.add(target, value);
    }

    /// Lines of one name are one input, a line each.
    fn headers(&mut self, lines: &HeaderLines) {
        let mut by_name: BTreeMap<String, Vec<&[u8]>> = BTreeMap::new();
        for (name, value) in lines {
            by_name.entry(name.to_string()).or_default().push(&value.0);
        }
        for (name, values) in by_name {
            self.header(&name, &values.join(&b'\n'));
        }
    }
}

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seeds = Seeds::default();
    let mut words = BTreeMap::new();
    of_model_vectors(&mut seeds);
    of_client_vectors(&mut seeds, &mut words);
    of_server_vectors(&mut seeds, &mut words);
    of_messages(&mut seeds);
    spelled(&mut seeds);
    for (target, inputs) in seeds.0 {
        let folder = folder.join("seeds").join(target);
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX)) {
                fs::remove_file(path)?;
            }
        }
        // These are few: all of them are kept.
        let kept = if target == "tool_inputs" { recordings() } else { Vec::new() };
        for input in spread(&inputs.into_iter().collect::<Vec<_>>()).chain(&kept) {
            fs::write(folder.join(format!("{PREFIX}{:016x}", fingerprint(input))), input)?;
        }
    }
    fs::write(folder.join("corspec.dict"), dictionary(&words))
}

/// Inputs that choose from the alphabet of their target: every piece, in order and by twos.
fn spelled(seeds: &mut Seeds) {
    let targets: Vec<&'static str> =
        seeds.0.keys().copied().filter(|target| *target != "tool_inputs").collect();
    for target in targets {
        for step in 1..4 {
            seeds.add(
                target,
                std::iter::once(SPELLED).chain((0..24).map(|byte| byte * step)).collect::<Vec<u8>>(),
            );
        }
    }
}

/// At most [`MOST`] of them, evenly spread.
fn spread(inputs: &[Vec<u8>]) -> impl Iterator<Item = &Vec<u8>> {
    let step = inputs.len().div_ceil(MOST).max(1);
    inputs.iter().step_by(step)
}

/// A name for an input that stays as long as the input does (FNV-1a).
fn fingerprint(input: &[u8]) -> u64 {
    let mix = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    input.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

fn of_model_vectors(seeds: &mut Seeds) {
    for vector in model_vectors() {
        let input = &vector.input;
        seeds.headers(input.headers.as_ref().unwrap_or(&Vec::new()));
        let target = match vector.algorithm {
            Algorithm::OriginOrNull => "serialized_origin",
            Algorithm::ParseAMimeType => "mime_type",
            Algorithm::ParseASingleRangeHeaderValue => "single_range",
            Algorithm::CollectAnHttpQuotedString => "get_decode_and_split",
            _ => continue,
        };
        if let Some(value) = input.value.as_ref().or(input.input.as_ref()) {
            seeds.add(target, &*value.0);
        }
    }
}

fn of_client_vectors(seeds: &mut Seeds, words: &mut BTreeMap<Vec<u8>, usize>) {
    for vector in client_vectors() {
        for fetch in &vector.fetches {
            let options = &fetch.request.options;
            count(words, options.method.iter());
            seeds.headers(&options.headers);
            for response in &fetch.responses {
                seeds.headers(&response.headers);
                count(words, response.headers.iter().flat_map(|(name, value)| [name, value]));
                let head = head(&format!("HTTP/1.1 {} x", response.status), &response.headers);
                seeds.add("heads", response.wire.as_ref().map_or(head, |wire| wire.0.clone()));
            }
        }
        let ClientVector { meta, fetches, .. } = vector;
        if let Ok(line) = canonical::line(&EvalInput { id: meta.id, fetches }) {
            seeds.add("tool_inputs", line);
        }
    }
}

fn of_server_vectors(seeds: &mut Seeds, words: &mut BTreeMap<Vec<u8>, usize>) {
    for mut vector in server_vectors() {
        for list in [&vector.policy.origins, &vector.policy.methods, &vector.policy.request_headers] {
            if let ListDocument::Only(items) = list {
                count(words, items.iter().map(|item| ByteString::from(&**item)).collect::<Vec<_>>().iter());
            }
        }
        if let ListDocument::Only(origins) = &vector.policy.origins {
            origins.iter().for_each(|origin| seeds.add("serialized_origin", &**origin));
        }
        if let Some(raw) = &vector.raw {
            seeds.add("heads", &*raw.bytes.0);
        }
        if let Some(wire) = &vector.wire {
            seeds.headers(&wire.headers);
            seeds.add("heads", head(&format!("{} {} HTTP/1.1", wire.method, wire.path), &wire.headers));
        }
        vector.expected = None;
        for line in [canonical::line(&vector), canonical::line(&vector.policy)].into_iter().flatten() {
            seeds.add("tool_inputs", line);
        }
    }
}

fn of_messages(seeds: &mut Seeds) {
    let policy: Option<PolicyDocument> = server_vectors().into_iter().next().map(|vector| vector.policy);
    let serve = policy.map(|policy| Request::Serve { policy });
    for request in [Request::Hello { protocol: 1 }, Request::Stop {}].iter().chain(&serve) {
        seeds
            .0
            .entry("tool_inputs")
            .or_default()
            .extend(canonical::line(request).ok().map(String::into_bytes));
    }
    for message in [
        "{\"name\":\"a\",\"version\":\"1\",\"language\":\"b\",\"package\":\"a\",\"homepage\":\"c\",\"knobs\":[\"routes\"]}",
        "{\"base_url\":\"http://127.0.0.1:1/\"}",
        "{\"unsupported\":[\"origins.null\"]}",
        "{\"refused\":\"no\"}",
        "{\"error\":\"no\"}",
        "[[known]]\nlaw = \"caching\"\nvectors = [\"a/*\"]\nreason = \"r\"\nexpires = \"2030-01-02\"\n",
        "version = \"1\"\n[[difference]]\nwhat = \"a\"\nwhy = \"b\"\nstep = \"cors-check/2\"\nvectors = [\"a\"]\n",
    ] {
        seeds.add("tool_inputs", message);
    }
}

/// What `corspec explain` reads: an entry with its preflight, what `curl -i` prints with a redirect, and a scenario.
fn recordings() -> Vec<Vec<u8>> {
    const ORIGIN: &str = r#"{"name":"Origin","value":"https://a.example"}"#;
    let entry = |method: &str, asked: &str, status: u16, allowed: &str| {
        format!(
            r#"{{"request":{{"method":"{method}","url":"https://b.example/","headers":[{ORIGIN}{asked}]}},"response":{{"status":{status},"headers":[{allowed}]}}}}"#
        )
    };
    let allowed = r#"{"name":"access-control-allow-origin","value":"https://a.example"}"#;
    let asked = r#",{"name":"Access-Control-Request-Method","value":"PUT"}"#;
    let har = |entries: &[String]| format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(","));
    [
        har(&[entry("GET", "", 200, allowed)]),
        har(&[entry("GET", r#",{"name":"Cookie","value":"a"}"#, 302, r#"{"name":"Location","value":"/x"}"#)]),
        har(&[entry("OPTIONS", asked, 204, ""), entry("PUT", "", 0, "")]),
        "HTTP/2 302 \r\nlocation: /b\r\n\r\nHTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\nbody".to_owned(),
        "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 204 x\nVary: Origin\n\n".to_owned(),
        r#"{"request":{"origin":"https://a.example","url":"https://b.example/"},"responses":[{"status":200}]}"#.to_owned(),
    ]
    .map(String::into_bytes)
    .into()
}

fn head(start: &str, lines: &HeaderLines) -> Vec<u8> {
    let mut head = format!("{start}\r\n").into_bytes();
    for (name, value) in lines {
        head.extend([&*name.0, b": ", &*value.0, b"\r\n"].concat());
    }
    head.extend(b"\r\n");
    head
}

fn count<'a>(words: &mut BTreeMap<Vec<u8>, usize>, found: impl Iterator<Item = &'a ByteString>) {
    for word in found.filter(|word| (2..=LONGEST_WORD).contains(&word.0.len())) {
        *words.entry(word.0.clone()).or_default() += 1;
    }
}

/// The words that come up most, as libFuzzer and AFL++ read them.
fn dictionary(words: &BTreeMap<Vec<u8>, usize>) -> String {
    const MOST_WORDS: usize = 160;
    let mut by_count: Vec<_> = words.iter().collect();
    by_count.sort_by_key(|&(word, &count)| (std::cmp::Reverse(count), word));
    let mut chosen: Vec<&Vec<u8>> = by_count.into_iter().take(MOST_WORDS).map(|(word, _)| word).collect();
    chosen.sort();
    let mut text = String::from("# Written by `cargo run --example seeds` from the vectors.\n");
    for word in chosen {
        text.push('"');
        for &byte in word {
            match byte {
                b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
                b' '..=b'~' => text.push(char::from(byte)),
                _ => text.push_str(&format!("\\x{byte:02x}")),
            }
        }
        text.push_str("\"\n");
    }
    text
}
