//! One life of an adapter: the process, what it is asked, what it answers.

use std::collections::VecDeque;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::protocol::{AdapterError, Request, clip, read_answer};
use crate::process::ProcessGroup;

/// How long an adapter may take to end after it was told to.
pub const GRACE: Duration = Duration::from_secs(2);

/// How long an op may take. A `hello` waits for the interpreter or virtual machine to start.
pub(super) const fn limit(request: &Request) -> Duration {
    match request {
        Request::Hello { .. } => Duration::from_secs(60),
        Request::Serve { .. } => Duration::from_secs(20),
        Request::Stop {} => GRACE,
    }
}

/// How long an adapter that runs may take to say hello again.
const STILL_THERE: Duration = Duration::from_secs(10);

/// Bytes of an answer.
const LONGEST_ANSWER: u64 = 1 << 20;

/// Lines of standard error that are kept.
const TAIL: usize = 8;

/// How to start an adapter.
#[derive(Clone, Debug)]
pub struct Program {
    /// What it is called until it has said its name.
    pub name: String,
    /// The program and its arguments. A program with a slash is looked for in `folder`, any other in `PATH`.
    pub argv: Vec<String>,
    /// Where it runs.
    pub folder: PathBuf,
    /// What to do when it cannot be started.
    pub hint: String,
}

/// Why an op got no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpError {
    /// The adapter.
    pub adapter: String,
    /// The op; `start` when it did not come to one.
    pub op: String,
    /// What became of it.
    pub problem: Problem,
    /// The last lines of standard error.
    pub stderr: Vec<String>,
}

/// What became of an op.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The program cannot be started.
    #[error("it cannot be started: {0}")]
    NotStarted(String),
    /// The process ended, or closed its standard output.
    #[error("{0} instead of an answer")]
    Ended(String),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Hung(Duration),
    /// The answer does not follow the protocol.
    #[error("{0}")]
    Invalid(String),
    /// An error of the adapter itself.
    #[error("it answers with an error: {0}")]
    Error(String),
}

impl fmt::Display for OpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "adapter {}, {}: {}", self.adapter, self.op, self.problem)?;
        if !self.stderr.is_empty() && !matches!(self.problem, Problem::Error(_)) {
            write!(f, "; its standard error ends: {}", self.stderr.join(" ⏎ "))?;
        }
        Ok(())
    }
}

impl std::error::Error for OpError {}

/// A running adapter; killed with all it started when dropped.
#[derive(Debug)]
pub struct Session {
    name: String,
    process: ProcessGroup,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    stderr: Arc<Mutex<VecDeque<String>>>,
    reading_stderr: JoinHandle<()>,
}

impl Session {
    /// Starts an adapter.
    ///
    /// # Errors
    /// [`OpError`] when the program cannot be started.
    pub fn start(program: &Program) -> Result<Self, OpError> {
        let failed = |what: String| OpError {
            adapter: program.name.clone(),
            op: "start".to_owned(),
            problem: Problem::NotStarted(what),
            stderr: Vec::new(),
        };
        let Some((first, arguments)) = program.argv.split_first() else {
            return Err(failed("the command is empty".to_owned()));
        };
        // Which folder a relative program starts from differs between systems.
        let executable =
            if first.contains('/') { program.folder.join(first) } else { Path::new(first).to_owned() };
        let mut command = Command::new(&executable);
        command
            .args(arguments)
            .current_dir(&program.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = ProcessGroup::start(&mut command)
            .map_err(|error| failed(format!("`{}`: {error}{}", executable.display(), program.hint)))?;
        let child = &mut process.child;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(failed("it has no standard input and output".to_owned()));
        };
        let stderr = Arc::default();
        let reading_stderr = tokio::spawn(keep_tail(errors, Arc::clone(&stderr)));
        Ok(Self {
            name: program.name.clone(),
            process,
            input,
            output: BufReader::new(output),
            stderr,
            reading_stderr,
        })
    }

    /// Asks, and reads the answer.
    ///
    /// # Errors
    /// [`OpError`]. After all but [`Problem::Error`] the adapter cannot be asked again.
    pub async fn ask<T: DeserializeOwned>(&mut self, request: &Request) -> Result<T, OpError> {
        let line = serde_json::to_string(request)
            .map_err(|error| self.error(request.op(), Problem::Invalid(error.to_string())))?;
        self.ask_line(request.op(), &line, limit(request)).await
    }

    /// Whether it still answers: what a busy adapter does, and one that has ended or hangs does not.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn answers(&mut self) -> Result<(), OpError> {
        let line = r#"{"op":"hello","protocol":1}"#;
        match self.ask_line::<serde::de::IgnoredAny>("hello", line, STILL_THERE).await {
            Ok(_) | Err(OpError { problem: Problem::Error(_), .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Asks with a line as it is.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn ask_line<T: DeserializeOwned>(
        &mut self,
        op: &str,
        line: &str,
        limit: Duration,
    ) -> Result<T, OpError> {
        let problem = match timeout(limit, self.exchange(line)).await {
            Err(_) => Problem::Hung(limit),
            Ok(Err(problem)) => problem,
            Ok(Ok(answer)) => match read_answer(&answer) {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(AdapterError { error })) => Problem::Error(error),
                Err(what) => Problem::Invalid(what),
            },
        };
        if !matches!(problem, Problem::Error(_)) {
            // What it has said last may still be on its way.
            let _ = timeout(Duration::from_millis(200), &mut self.reading_stderr).await;
        }
        Err(self.error(op, problem))
    }

    async fn exchange(&mut self, line: &str) -> Result<Vec<u8>, Problem> {
        // An adapter that has ended says why at its output.
        let written = async {
            self.input.write_all(line.as_bytes()).await?;
            self.input.write_all(b"\n").await?;
            self.input.flush().await
        };
        let _ = written.await;
        let mut answer = Vec::new();
        let mut bounded = (&mut self.output).take(LONGEST_ANSWER);
        let read = bounded.read_until(b'\n', &mut answer).await;
        match read {
            Ok(_) if answer.ends_with(b"\n") => Ok(answer),
            Ok(_) if answer.len() as u64 == LONGEST_ANSWER => {
                Err(Problem::Invalid(format!("the answer is longer than {LONGEST_ANSWER} bytes")))
            }
            Ok(_) => Err(Problem::Ended(self.how_it_ended().await)),
            Err(error) => Err(Problem::Ended(format!("reading broke ({error})"))),
        }
    }

    async fn how_it_ended(&mut self) -> String {
        match timeout(Duration::from_millis(500), self.process.child.wait()).await {
            Ok(Ok(status)) => format!("it ended ({status})"),
            _ => "it closed its standard output".to_owned(),
        }
    }

    fn error(&self, op: &str, problem: Problem) -> OpError {
        let stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        OpError {
            adapter: self.name.clone(),
            op: op.to_owned(),
            problem,
            stderr: stderr.iter().cloned().collect(),
        }
    }

    /// Tells it to stop, closes its standard input, and waits; whatever is left then is killed.
    ///
    /// # Errors
    /// What it did instead of ending in time, or of ending with all that it started.
    pub async fn end(mut self) -> Result<(), OpError> {
        let request = Request::Stop {};
        let asked = self.ask::<super::protocol::Stopped>(&request).await;
        self.close(asked.err().map(|error| error.problem)).await
    }

    /// Closes its standard input, and waits; whatever is left then is killed.
    ///
    /// # Errors
    /// As [`Self::end`].
    pub async fn close(self, earlier: Option<Problem>) -> Result<(), OpError> {
        let ended = OpError {
            adapter: self.name.clone(),
            op: "stop".to_owned(),
            problem: Problem::Hung(GRACE),
            stderr: Vec::new(),
        };
        let Self { mut process, input, .. } = self;
        drop(input);
        if timeout(GRACE, process.child.wait()).await.is_err() {
            return Err(OpError {
                problem: Problem::Invalid(format!("it still runs {GRACE:?} after stop")),
                ..ended
            });
        }
        if process.outlived().await {
            return Err(OpError {
                problem: Problem::Invalid("it left processes behind that it had started".to_owned()),
                ..ended
            });
        }
        match earlier {
            Some(problem) => Err(OpError { problem, ..ended }),
            None => Ok(()),
        }
    }
}

async fn keep_tail(errors: ChildStderr, tail: Arc<Mutex<VecDeque<String>>>) {
    let mut errors = BufReader::new(errors);
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut bounded = (&mut errors).take(1 << 16);
        match bounded.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let text = clip(&String::from_utf8_lossy(&line), 300);
                if text.is_empty() {
                    continue;
                }
                let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
                if tail.len() == TAIL {
                    tail.pop_front();
                }
                tail.push_back(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(script: &str) -> Session {
        let argv = ["sh", "-c", script].map(str::to_owned).to_vec();
        let folder = std::env::temp_dir();
        Session::start(&Program { name: "a".into(), argv, folder, hint: String::new() }).unwrap()
    }

    async fn asked(script: &str) -> Problem {
        let mut session = session(script);
        let limit = Duration::from_millis(if script.contains("sleep") { 200 } else { 20_000 });
        session.ask_line::<serde_json::Value>("op", "{}", limit).await.unwrap_err().problem
    }

    #[tokio::test]
    async fn each_way_not_to_answer_is_told_apart() {
        assert!(matches!(asked("sleep 60").await, Problem::Hung(_)));
        assert_eq!(asked("exit 3").await, Problem::Ended("it ended (exit status: 3)".into()));
        assert!(matches!(asked("read x; echo '{\"error\":\"e\"}'").await, Problem::Error(e) if e == "e"));
        assert!(matches!(asked("read x; echo hello").await, Problem::Invalid(_)));
        // Without an end of line, until the limit.
        assert!(
            matches!(asked("tr '\\0' x < /dev/zero").await, Problem::Invalid(what) if what.contains("longer"))
        );
    }

    #[tokio::test]
    async fn the_last_lines_of_standard_error_are_kept() {
        let mut session = session("i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $i >&2; done; exit 1");
        let error = session.ask::<serde_json::Value>(&Request::Stop {}).await.unwrap_err();
        assert_eq!(error.stderr.len(), TAIL);
        assert!(error.to_string().ends_with("line 99 ⏎ line 100"), "{error}");
    }
}
