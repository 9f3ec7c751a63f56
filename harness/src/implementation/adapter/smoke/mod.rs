//! Whether an adapter is right itself, without a word on CORS: the protocol, and the application behind the software.

mod application;
mod policies;

use std::time::Duration;

use url::Url;

use super::manifest::Manifest;
use super::protocol::{Hello, PROTOCOL, Request, ServeAnswer};
use super::session::{OpError, Problem, Program, Session};
use super::supervisor::{empty_field, loopback};
use crate::implementation::Knob;
use crate::transport::{Http, Limits, Transport, TransportError, Version, WireRequest};

/// One thing looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub what: String,
    /// How it is.
    pub result: CheckResult,
}

/// How a thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckResult {
    /// Right.
    Ok,
    /// Only its author can tell.
    Note(String),
    /// Wrong.
    Wrong {
        /// What is wrong.
        problem: String,
        /// What to do.
        advice: String,
    },
}

impl CheckResult {
    fn wrong(problem: impl std::fmt::Display, advice: impl std::fmt::Display) -> Self {
        Self::Wrong { problem: problem.to_string(), advice: advice.to_string() }
    }

    fn or(result: Result<(), String>, advice: &str) -> Self {
        result.err().map_or(Self::Ok, |problem| Self::wrong(problem, advice))
    }
}

/// Looks at everything and hands each check to `sink` as soon as it is made. `manifest` is that of the adapter, if it has
/// a folder.
pub async fn smoke(program: &Program, manifest: Option<&Manifest>, sink: impl FnMut(Check)) {
    let mut smoke = Smoke { program, sink, dead: false };
    let Some((mut session, hello)) = smoke.hello(manifest).await else { return };
    if let Some(first) = smoke.serve(&mut session, &hello).await {
        smoke.application(&first, &hello).await;
        smoke.knobs(&mut session, &hello).await;
        smoke.check("the first policy is still up after all others", still_up(&first).await);
    }
    smoke.unknown_op(&mut session).await;
    smoke.stop(session).await;
    smoke.end_of_input().await;
}

struct Smoke<'a, F> {
    program: &'a Program,
    sink: F,
    /// Whether the adapter broke so that it cannot be asked again.
    dead: bool,
}

impl<F: FnMut(Check)> Smoke<'_, F> {
    fn check(&mut self, what: impl Into<String>, result: CheckResult) {
        (self.sink)(Check { what: what.into(), result });
    }

    async fn hello(&mut self, manifest: Option<&Manifest>) -> Option<(Session, Hello)> {
        let what = "it starts and answers hello";
        let mut session = match Session::start(self.program) {
            Ok(session) => session,
            Err(error) => {
                self.check(what, CheckResult::wrong(error, "check `run` in adapter.toml, or the command"));
                return None;
            }
        };
        let hello: Hello = match session.ask(&Request::Hello { protocol: PROTOCOL }).await {
            Ok(hello) => hello,
            Err(error) => {
                self.check(what, broken(&error));
                return None;
            }
        };
        self.check(what, CheckResult::Ok);
        let empty = empty_field(&hello).map_or(Ok(()), |field| Err(format!("`{field}` is empty")));
        let advice = "read the version from the installed package";
        self.check("hello has a name and a version", CheckResult::or(empty, advice));
        if let Some(manifest) = manifest {
            let same = [
                ("name", &hello.name, &manifest.name),
                ("language", &hello.language, &manifest.language),
                ("package", &hello.package, &manifest.package),
                ("homepage", &hello.homepage, &manifest.homepage),
            ];
            let differs = same.into_iter().find(|(_, said, written)| said != written);
            let result = differs.map_or(Ok(()), |(field, said, written)| {
                Err(format!("`{field}` is `{said}` in hello, `{written}` in adapter.toml"))
            });
            self.check("hello says what adapter.toml says", CheckResult::or(result, "make them the same"));
        }
        let again = session.ask::<Hello>(&Request::Hello { protocol: PROTOCOL }).await;
        let result = match again {
            Ok(again) if again == hello => CheckResult::Ok,
            Ok(_) => CheckResult::wrong("the second answer differs", "hello says the same whenever it comes"),
            Err(error) => self.broke(&error),
        };
        self.check("hello can be asked again", result);
        (!self.dead).then_some((session, hello))
    }

    /// Two policies at once. Answers with where the first is, if it is there.
    async fn serve(&mut self, session: &mut Session, hello: &Hello) -> Option<Url> {
        let what = "two policies are up at once, on loopback, on ports of their own";
        let mut bases = Vec::new();
        let mut not_served =
            String::from("the knobs in hello do not suffice for one allowed origin, with or without max_age");
        for policy in policies::servable(&hello.knobs) {
            if bases.len() == 2 {
                break;
            }
            let shown = policies::shown(&policy);
            match session.ask(&Request::Serve { policy }).await {
                Ok(ServeAnswer::BaseUrl(base)) => {
                    match loopback(&base, hello.knobs.contains(&Knob::Application)) {
                        Ok(base) => bases.push(base),
                        Err(problem) => {
                            let advice =
                                "listen at 127.0.0.1, port 0, and answer with the port that was given";
                            self.check(what, CheckResult::wrong(problem, advice));
                            return None;
                        }
                    }
                }
                Ok(other) => not_served = format!("{shown} is answered by {}", said(&other)),
                Err(error) => {
                    let result = self.broke(&error);
                    self.check(what, result);
                    return None;
                }
            }
        }
        if bases.len() < 2 {
            let advice =
                "name the knobs that the software can express, and serve policies that need no others";
            self.check(what, CheckResult::wrong(not_served, advice));
            return None;
        }
        if let [first, second] = &*bases
            && first.port() == second.port()
        {
            let problem = format!("both are at {first}");
            self.check(what, CheckResult::wrong(problem, "open one more listener for each serve"));
            return None;
        }
        for base in &bases {
            if let wrong @ CheckResult::Wrong { .. } = still_up(base).await {
                self.check(what, wrong);
                return None;
            }
        }
        self.check(what, CheckResult::Ok);
        bases.into_iter().next()
    }

    async fn application(&mut self, base: &Url, hello: &Hello) {
        if !hello.knobs.contains(&Knob::Application) {
            let note = "hello lacks the knob application: laws that need the routes are not judged";
            self.check("the routes of the application", CheckResult::Note(note.to_owned()));
            return;
        }
        let http = match http(base) {
            Ok(http) => http,
            Err(error) => {
                let result =
                    CheckResult::wrong(format_args!("{base}: {error}"), "answer with the URL of a server");
                self.check("the routes of the application", result);
                return;
            }
        };
        for route in application::routes() {
            let result = application::look_at(&http, &route).await;
            self.check(route.what(), result);
        }
    }

    /// A policy for each knob: those in hello are served or refused, the others are answered by `unsupported`. Knobs that
    /// the software needs for another reason than the policy's words may be named too.
    async fn knobs(&mut self, session: &mut Session, hello: &Hello) {
        let mut served = Ok(());
        let mut unsupported = Ok(());
        for (policy, needed) in policies::one_for_each_knob() {
            if self.dead {
                return;
            }
            let lacking: Vec<Knob> =
                needed.iter().copied().filter(|knob| !hello.knobs.contains(knob)).collect();
            let shown = policies::shown(&policy);
            let answer = match session.ask(&Request::Serve { policy }).await {
                Ok(answer) => answer,
                Err(error) => {
                    let result = self.broke(&error);
                    self.check(format!("the policy {shown}"), result);
                    continue;
                }
            };
            match answer {
                ServeAnswer::BaseUrl(_) | ServeAnswer::Refused(_) if !lacking.is_empty() => {
                    let names = names(&lacking);
                    unsupported =
                        unsupported.and(Err(format!("{shown} needs {names} and gets {}", said(&answer))));
                }
                ServeAnswer::Refused(message) if message.trim().is_empty() => {
                    served = served.and(Err(format!("{shown} is refused without a message")));
                }
                ServeAnswer::BaseUrl(_) | ServeAnswer::Refused(_) => {}
                ServeAnswer::Unsupported(named) => {
                    let declared: Vec<Knob> =
                        named.iter().copied().filter(|knob| hello.knobs.contains(knob)).collect();
                    if named.is_empty() {
                        served = served.and(Err(format!("{shown}: `unsupported` names no knob")));
                    } else if declared.len() == named.len() {
                        let names = names(&declared);
                        let note = format!("{shown} is not served, yet hello has {names}");
                        self.check(
                            "right only if the software does not take this value",
                            CheckResult::Note(note),
                        );
                    }
                }
                ServeAnswer::Error(message) => {
                    served = served.and(Err(format!("{shown}: {message}")));
                }
            }
        }
        let advice = "a knob in hello is served, or refused in the software's own words";
        self.check("the knobs in hello are served", CheckResult::or(served, advice));
        let advice = "answer {\"unsupported\": [knobs the policy needs and hello lacks]}";
        self.check("knobs that hello lacks are unsupported", CheckResult::or(unsupported, advice));
    }

    async fn unknown_op(&mut self, session: &mut Session) {
        if self.dead {
            return;
        }
        let line = r#"{"op":"corspec-asks-for-nonsense"}"#;
        let answer =
            session.ask_line::<serde_json::Value>("an unknown op", line, Duration::from_secs(20)).await;
        let result = match answer {
            Err(OpError { problem: Problem::Error(_), .. }) => CheckResult::Ok,
            Err(error) => self.broke(&error),
            Ok(answer) => CheckResult::wrong(
                format!("it is answered by `{answer}`"),
                "answer {\"error\": \"…\"} and read on",
            ),
        };
        self.check("an op it does not know is an error, not its end", result);
    }

    async fn stop(&mut self, session: Session) {
        let what = "stop ends it within 2 s, and all that it started";
        if self.dead {
            return;
        }
        let advice = "answer {}, close the listeners and end the process; leave no child behind";
        self.check(what, ended(session.end().await, advice));
    }

    /// The end of standard input is a stop too.
    async fn end_of_input(&mut self) {
        let what = "the end of standard input ends it within 2 s";
        let advice = "end the process when standard input ends: that is how a killed corspec is noticed";
        let Ok(mut session) = Session::start(self.program) else { return };
        match session.ask::<Hello>(&Request::Hello { protocol: PROTOCOL }).await {
            Ok(_) => self.check(what, ended(session.close(None).await, advice)),
            Err(error) => self.check(what, broken(&error)),
        }
    }

    /// What to say of an error; it is noted whether the adapter can be asked again.
    fn broke(&mut self, error: &OpError) -> CheckResult {
        self.dead |= !matches!(error.problem, Problem::Error(_));
        broken(error)
    }
}

fn ended(result: Result<(), OpError>, advice: &str) -> CheckResult {
    match result {
        Ok(()) => CheckResult::Ok,
        Err(error) => CheckResult::wrong(error, advice),
    }
}

fn broken(error: &OpError) -> CheckResult {
    let advice = match &error.problem {
        Problem::NotStarted(_) => "check the command",
        Problem::Ended(_) => "see what it says on standard error; it has to run on and read the next line",
        Problem::Hung(_) => "answer every line by one line, and flush standard output after each",
        Problem::Invalid(_) => "answer as the schemas in harness/schemas/adapter-*.schema.json have it",
        Problem::Error(_) => "see what the adapter does with this op",
    };
    CheckResult::wrong(error, advice)
}

async fn still_up(base: &Url) -> CheckResult {
    let request = WireRequest {
        method: (*b"GET").into(),
        target: "/".to_owned(),
        headers: corspec_model::HeaderList::new(),
        body: false,
    };
    let answer = match http(base) {
        Ok(http) => http.send(request).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(_) => CheckResult::Ok,
        Err(error) => {
            CheckResult::wrong(format_args!("{base}: {error}"), "listen before the answer, until stop")
        }
    }
}

fn http(base: &Url) -> Result<Http, TransportError> {
    Http::new(base, Version::Http1, None, Limits::default())
}

fn said(answer: &ServeAnswer) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}

fn names(knobs: &[Knob]) -> String {
    knobs.iter().map(|knob| knob.as_str()).collect::<Vec<_>>().join(", ")
}
