//! Writes the events of a run that never was, to standard output: many implementations, many vectors, and enough findings
//! to show whether a report is still usable. The same arguments give the same events.
//!
//! `cargo run --example synthetic_results -- 50 6000 | corspec report -o report.html -`

use std::io::{self, BufWriter, Write};

use corspec::event::{Event, ExchangeEvent, FindingEvent, ResultEvent};
use corspec::implementation::Info;
use corspec::verdict::Verdict;
use corspec_vectors::embedded::LAWS;
use corspec_vectors::meta::{Level, Reach};

/// Writes the events of `implementations` in `vectors` each.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(implementations: u64, vectors: u64, mut out: impl Write) -> io::Result<()> {
    let mut line = |event: &Event| -> io::Result<()> {
        serde_json::to_writer(&mut out, event)?;
        out.write_all(b"\n")
    };
    line(&Event::start(None))?;
    for implementation in 0..implementations {
        let name = format!("implementation-{implementation}");
        line(&Event::Implementation(Info {
            name: name.clone(),
            version: format!("{}.{}.0", implementation % 7, implementation % 11),
            language: ["Rust", "Go", "Java", "Python", "JavaScript"][(implementation % 5) as usize]
                .to_owned(),
            homepage: format!("https://{name}.example/"),
        }))?;
        for vector in 0..vectors {
            line(&Event::Result(Box::new(result(&name, implementation, vector)?)))?;
        }
    }
    line(&Event::End { complete: true, exit_code: 1 })
}

fn result(name: &str, implementation: u64, vector: u64) -> io::Result<ResultEvent> {
    let law = &LAWS[(vector % LAWS.len() as u64) as usize];
    let requirement = &law.requirements[(vector % law.requirements.len() as u64) as usize];
    // Spread without a pattern: what is broken is not the same everywhere.
    let dice = (implementation * 7919 + vector).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let verdict = match dice % 100 {
        0..84 => Verdict::Pass,
        84..92 => Verdict::Fail,
        92..96 => Verdict::KnownFail,
        96..99 => Verdict::Unsupported,
        _ => Verdict::Hang,
    };
    let id = format!("synthetic-{}/case-{vector}", law.id);
    let finding =
        (verdict != Verdict::Pass).then(|| finding(name, &id, vector, dice, verdict)).transpose()?;
    Ok(ResultEvent {
        implementation: name.to_owned(),
        title: format!("case {vector}: what {} asks for of an origin nobody listed", law.id),
        law: law.id.clone(),
        requirement: (verdict == Verdict::Fail).then(|| requirement.id.clone()),
        level: Level::ALL[(vector % 4) as usize],
        reach: Reach::Browser,
        verdict,
        finding,
        vector: id,
    })
}

fn finding(name: &str, id: &str, vector: u64, dice: u64, verdict: Verdict) -> io::Result<FindingEvent> {
    let what = match verdict {
        Verdict::Unsupported => format!("knob.{}", dice % 12),
        Verdict::Hang => "no complete response within 5 s".to_owned(),
        _ => format!("kind {}: an origin the policy does not allow reads the response", dice % 23),
    };
    let origin = format!("https://{dice:x}.attacker-{vector}.example");
    let exchange = |method: &str, status| ExchangeEvent {
        method: method.into(),
        target: format!("/plain?case={vector}"),
        request_headers: vec![
            ("Origin".into(), (&*origin).into()),
            ("Access-Control-Request-Method".into(), "PUT".into()),
            ("Access-Control-Request-Headers".into(), "x-token".into()),
        ],
        status,
        response_headers: vec![
            ("Access-Control-Allow-Origin".into(), (&*origin).into()),
            ("Access-Control-Allow-Credentials".into(), "true".into()),
            ("ETag".into(), (&*format!("\"{dice:x}\"")).into()),
            ("Date".into(), "Sun, 22 Nov 2026 18:21:24 GMT".into()),
        ],
        decides: false,
    };
    let answered = matches!(verdict, Verdict::Fail | Verdict::KnownFail);
    let max_age = vector % 600;
    let policy =
        format!(r#"{{"origins": ["https://app.example.com"], "credentials": true, "max_age": {max_age}}}"#);
    Ok(FindingEvent {
        what,
        known: (verdict == Verdict::KnownFail).then(|| format!("K{}: its authors know", dice % 9)),
        policy: serde_json::from_str(&policy)?,
        policy_means: format!("deny: the policy does not allow the origin {origin}"),
        browser: "gives script a cors response, status 200".to_owned(),
        step: Some("cors-check/5".to_owned()),
        exchanges: if answered { vec![exchange("OPTIONS", 204), exchange("PUT", 200)] } else { Vec::new() },
        reproduce: vec![format!(
            "corspec up {name} {id} --port 8998 -- curl -s -D - -o /dev/null -X PUT -H 'Origin: {origin}' 'http://127.0.0.1:8998/plain?case={vector}'"
        )],
    })
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse());
    let (Some(Ok(implementations)), Some(Ok(vectors))) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("two numbers are needed: implementations and vectors"));
    };
    write(implementations, vectors, BufWriter::new(io::stdout().lock()))
}
