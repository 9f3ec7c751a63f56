//! Adapters: the protocol, crashes and hangs, the end of processes, and what the starters are worth.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A folder of its own, removed at the end.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn corspec(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
        command.args(arguments).current_dir(&self.0);
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::from(self.corspec(arguments).output().unwrap())
    }

    /// The starter of a language, as `adapters/NAME`, with `from` replaced by `to` in its source.
    fn starter(&self, language: &str, name: &str, changes: &[(&str, &str)]) {
        let folder = format!("adapters/{name}");
        let run = self.run(&["adapter", "new", "--language", language, &folder]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let source = std::fs::read_dir(self.path(&folder)).unwrap();
        let source = source.map(|entry| entry.unwrap().path()).find(|path| !path.ends_with("adapter.toml"));
        let source = source.unwrap();
        let mut text = std::fs::read_to_string(&source).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        std::fs::write(source, text).unwrap();
    }
}

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Run {
    fn results(&self) -> Vec<Value> {
        let events = self.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|event| event["event"] == "result").collect()
    }

    fn count(&self, verdict: &str) -> usize {
        self.results().iter().filter(|result| result["verdict"] == verdict).count()
    }

    fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Whether a program can be run here; says so when it cannot.
fn is_installed(program: &str, version: &str) -> bool {
    let found = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("skipped: there is no {program} here");
    }
    found
}

fn python() -> bool {
    is_installed("python3", "--version")
}

const TEST: [&str; 5] = ["test", "--format", "jsonl", "--include", "server-{origins,credentials}/*"];

fn test_of(folder: &Folder, name: &str) -> Run {
    folder.run(&[&TEST[..], &[name]].concat())
}

#[track_caller]
fn starter_is_right(language: &str) {
    let folder = Folder::new();
    folder.starter(language, "one", &[]);
    let install = folder.run(&["adapter", "install", "one"]);
    assert_eq!(install.code, 0, "{}", install.all());
    let smoke = folder.run(&["adapter", "smoke", "one"]);
    assert_eq!(smoke.code, 0, "{}", smoke.all());
    assert!(smoke.stdout.contains("ok    GET /stream"), "{}", smoke.stdout);
    let test = folder.run(&["test", "one"]);
    assert_eq!(test.code, 0, "{}", test.all());
    assert!(test.stdout.contains("one "), "{}", test.stdout);
}

#[test]
fn the_python_starter_is_right() {
    if python() {
        starter_is_right("python");
    }
}

#[test]
fn the_javascript_starter_is_right() {
    if is_installed("node", "--version") {
        starter_is_right("javascript");
    }
}

#[test]
fn the_java_starter_is_right() {
    if is_installed("java", "--version") {
        starter_is_right("java");
    }
}

#[test]
fn the_go_starter_is_right() {
    if is_installed("go", "version") {
        starter_is_right("go");
    }
}

#[test]
fn the_ruby_starter_is_right() {
    if is_installed("ruby", "--version") {
        starter_is_right("ruby");
    }
}

/// Has the starter with a change in it smoke-tested, which has to find `what`.
#[track_caller]
fn smoke_finds(changes: &[(&str, &str)], what: &str) {
    let folder = Folder::new();
    folder.starter("python", "one", changes);
    let smoke = folder.run(&["adapter", "smoke", "one"]);
    assert_eq!(smoke.code, 1, "{changes:?}: {}", smoke.all());
    assert!(smoke.stdout.contains(what), "{changes:?}: {}", smoke.stdout);
    assert!(smoke.stdout.contains("\n      → "), "{}", smoke.stdout);
}

#[test]
fn smoke_finds_what_is_wrong_with_the_protocol() {
    if !python() {
        return;
    }
    for (from, to, what) in [
        ("platform.python_version()", "' '", "`version` is empty"),
        ("\"max_age.absent\"", "\"max_age.none\"", "unknown variant `max_age.none`"),
        ("\"language\": \"Python\"", "\"language\": \"Ruby\"", "`language` is `Ruby` in hello"),
        ("http://127.0.0.1:{server", "http://0.0.0.0:{server", "`base_url` is `http://0.0.0.0:"),
        ("http://127.0.0.1:{server.server_port}", "http://127.0.0.1:1", "both are at http://127.0.0.1:1/"),
        ("server.serve_forever", "server.server_close", "cannot connect"),
        ("if knob not in HELLO[\"knobs\"]", "if False", "and gets {\"base_url\":"),
        ("return {\"error\": f\"there", "sys.exit(f\"there", "its standard error ends: there is no op"),
        ("return HELLO", "print('hi'); return HELLO", "only answers belong on standard output: `hi`"),
    ] {
        // What ends a call ends with it.
        let to = if to.starts_with("sys.exit") {
            "sys.exit(f\"there is no op\") if True else {\"e\": f\""
        } else {
            to
        };
        smoke_finds(&[(from, to)], what);
    }
    // It goes on after stop.
    let on = "for line in iter(lambda: sys.stdin.readline() or '{}', None):";
    let stop = "if request.get(\"op\") == \"stop\":\n            return";
    smoke_finds(&[("for line in sys.stdin:", on), (stop, "")], "it still runs 2s after stop");
}

#[test]
fn smoke_finds_what_is_wrong_with_the_application() {
    if !python() {
        return;
    }
    for (from, to, what) in [
        ("\"X-App\", \"corspec\"", "\"X-App\", \"other\"", "`X-App` is `other`"),
        ("if path == \"/redirect\":", "if path == \"/elsewhere\":", "the status is 404, not 302"),
        (
            "        chunked = len",
            "        pieces = [b\"\".join(pieces)]\n        chunked = len",
            "it has Content-Length",
        ),
        ("b\" \" + request[\"body\"]", "b\"\"", "the body is `GET`, not `GET `"),
    ] {
        smoke_finds(&[(from, to)], what);
    }
}

#[test]
fn smoke_finds_a_process_that_is_left_behind() {
    if !python() {
        return;
    }
    let folder = Folder::new();
    let marker = folder.path("child").display().to_string();
    let start = format!(
        "import subprocess; subprocess.Popen(['sh', '-c', 'echo $$ > {marker}; sleep 600'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n\n\nmain()\n"
    );
    folder.starter("python", "one", &[("\n\nmain()\n", &format!("\n\n{start}"))]);
    let smoke = folder.run(&["adapter", "smoke", "one"]);
    assert_eq!(smoke.code, 1, "{}", smoke.all());
    assert!(smoke.stdout.contains("left processes behind"), "{}", smoke.stdout);
    let child = std::fs::read_to_string(marker).unwrap();
    assert!(!is_running(child.trim()), "it is killed");
}

#[test]
fn an_adapter_that_lacks_a_knob_is_not_asked() {
    if !python() {
        return;
    }
    let folder = Folder::new();
    // Were it asked, it would serve.
    folder.starter("python", "one", &[("if knob not in HELLO[\"knobs\"]", "if False")]);
    let run = test_of(&folder, "one");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.count("pass") > 0 && run.count("unsupported") > 0, "{}", run.stdout);
    let finding = run.results().into_iter().find(|result| result["verdict"] == "unsupported").unwrap();
    assert!(finding["finding"]["what"].as_str().unwrap().contains('.'), "{finding}");
}

#[test]
fn what_the_software_refuses_is_refused() {
    if !python() {
        return;
    }
    let folder = Folder::new();
    let refuse = "lacking = []\n        return {\"refused\": \"no such policy\"}";
    folder.starter(
        "python",
        "one",
        &[(
            "lacking = [knob for knob in needed(request[\"policy\"]) if knob not in HELLO[\"knobs\"]]",
            refuse,
        )],
    );
    let run = test_of(&folder, "one");
    assert_eq!(run.code, 3, "nothing was judged");
    assert!(run.count("refused") > 0 && run.count("pass") == 0, "{}", run.stdout);
    assert!(run.stdout.contains("no such policy"));
}

#[test]
fn an_answer_that_is_no_answer_is_told_with_the_adapter_the_op_and_what_is_wrong() {
    if !python() {
        return;
    }
    let folder = Folder::new();
    folder.starter("python", "one", &[("{\"base_url\": f", "{\"baseurl\": f")]);
    let run = test_of(&folder, "one");
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.count("setup-error") > 0);
    for part in ["adapter one, serve: ", "unknown variant `baseurl`"] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
}

#[test]
fn an_adapter_that_cannot_start_says_why_and_what_to_do() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("adapters/one")).unwrap();
    let manifest =
        "name = \"one\"\nlanguage = \"C\"\npackage = \"p\"\nhomepage = \"h\"\nrun = [\"./nothing\"]\n";
    std::fs::write(folder.path("adapters/one/adapter.toml"), manifest).unwrap();
    let run = test_of(&folder, "one");
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("corspec adapter install one"), "{}", run.stdout);
    let run = folder.run(&["test", "--format", "jsonl", "--adapter", "sh -c 'echo the cause >&2; exit 7'"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("exit status: 7") && run.stdout.contains("the cause"), "{}", run.stdout);
}

#[test]
fn a_request_that_crashes_the_adapter_is_a_crash_and_the_rest_is_judged() {
    if !python() {
        return;
    }
    let folder = Folder::new();
    let crash = "def application(request):\n    import os\n    if request[\"headers\"].get(\"Origin\") == \"null\": os._exit(9)\n";
    folder.starter("python", "one", &[("def application(request):\n", crash)]);
    let run = test_of(&folder, "one");
    let crashed: Vec<Value> =
        run.results().into_iter().filter(|result| result["verdict"] == "crash").collect();
    assert!(!crashed.is_empty(), "{}", run.stdout);
    // Nobody is blamed for what another request did.
    for result in &crashed {
        assert!(result["vector"].as_str().unwrap().contains("null"), "{result}");
    }
    assert!(run.count("pass") > 50, "{}", run.stdout);
    assert_eq!(run.count("setup-error"), 0, "{}", run.stdout);
    assert!(run.stderr.contains("exit status: 9"), "{}", run.stderr);
    assert_ne!(run.code, 0);
}

#[test]
fn an_adapter_that_is_killed_is_started_again_and_its_crash_is_told() {
    if !python() {
        return;
    }
    let folder = Folder::new();
    let marker = folder.path("once").display().to_string();
    let crash = format!(
        "def application(request):\n    import os\n    if request[\"headers\"].get(\"Origin\") and not os.path.exists({marker:?}):\n        open({marker:?}, \"w\").close()\n        os.kill(os.getpid(), 9)\n"
    );
    folder.starter("python", "one", &[("def application(request):\n", &crash)]);
    let run = test_of(&folder, "one");
    assert_eq!(run.count("crash") + run.count("setup-error"), 0, "{}", run.stdout);
    assert!(run.stderr.contains("was started again") && run.stderr.contains("signal: 9"), "{}", run.stderr);
    assert_eq!(run.code, 3, "a crash is not clean: {}", run.stderr);
}

#[test]
fn adapters_are_listed_and_one_that_is_not_there_is_named() {
    let folder = Folder::new();
    let none = folder.run(&["adapter", "list"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("--adapter-dir"), "{}", none.stderr);
    folder.starter("go", "two", &[]);
    folder.starter("python", "one", &[]);
    let list = folder.run(&["adapter", "list"]);
    let names: Vec<&str> = list.stdout.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(names, ["one", "two"]);
    let missing = folder.run(&["adapter", "install", "three"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("there is no adapter `three`"), "{}", missing.stderr);
    let twice = folder.run(&["adapter", "new", "--language", "go", "adapters/two"]);
    assert_eq!(twice.code, 2);
}

#[test]
fn a_set_up_line_that_fails_shows_its_output() {
    let folder = Folder::new();
    folder.starter("python", "one", &[]);
    let manifest = folder.path("adapters/one/adapter.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(
        &manifest,
        text.replace("setup = []", "setup = [\"echo first\", \"echo why >&2; false\"]"),
    )
    .unwrap();
    let run = folder.run(&["adapter", "install", "one"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("exit status: 1") && run.stderr.contains("\n    why"), "{}", run.stderr);
    assert!(!run.stderr.contains("first"));
}

#[test]
fn a_finding_is_shown_again_by_up() {
    if !python() {
        return;
    }
    let folder = Folder::new();
    // It allows every origin.
    let any =
        ("request[\"headers\"].get(\"Origin\") in policy[\"origins\"]", "\"Origin\" in request[\"headers\"]");
    folder.starter("python", "one", &[any]);
    let command = "python3 adapters/one/adapter.py";
    for arguments in [&["one"][..], &["--adapter", command][..]] {
        let run = folder.run(&[&TEST[..], arguments].concat());
        assert_eq!(run.code, 1, "{}", run.all());
        let failure = run.results().into_iter().find(|result| result["verdict"] == "fail").unwrap();
        let reproduce = failure["finding"]["reproduce"][0].as_str().unwrap();
        let line = reproduce.replace("corspec ", &format!("{} ", env!("CARGO_BIN_EXE_corspec")));
        let line = line.replace("--port 8998", "--port 0").replace("curl -s", "echo");
        assert!(line.contains(" up "), "{line}");
        let shown = Command::new("sh").args(["-c", &line]).current_dir(&folder.0).output().unwrap();
        let shown = Run::from(shown);
        assert_eq!(shown.code, 0, "{line}: {}", shown.stderr);
        assert!(shown.stdout.contains("http://127.0.0.1:8998/"), "{}", shown.stdout);
    }
}

#[test]
fn what_is_asked_and_answered_follows_the_schemas() {
    if !python() {
        return;
    }
    let folder = Folder::new();
    let log = folder.path("log").display().to_string();
    folder.starter(
        "python",
        "one",
        &[(
            "print(json.dumps(reply), flush=True)",
            &format!("open({log:?}, \"a\").write(line + json.dumps(reply) + \"\\n\"); print(json.dumps(reply), flush=True)"),
        )],
    );
    assert_eq!(folder.run(&["adapter", "smoke", "one"]).code, 0);
    assert_eq!(test_of(&folder, "one").code, 0);
    let log = std::fs::read_to_string(log).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let request = schema("request");
    let mut asked = std::collections::BTreeMap::<String, usize>::new();
    for pair in lines.chunks(2) {
        let op = pair[0]["op"].as_str().unwrap().to_owned();
        let is_known = ["hello", "serve", "stop"].contains(&&*op);
        assert_eq!(request.is_valid(&pair[0]), is_known, "{}", pair[0]);
        let answer = if is_known { schema(&op) } else { schema("error") };
        assert!(answer.is_valid(&pair[1]), "{}", pair[1]);
        *asked.entry(op).or_default() += 1;
    }
    assert!(asked["serve"] > 20 && asked["hello"] > 2 && asked["stop"] == 2, "{asked:?}");
}

fn schema(name: &str) -> jsonschema::Validator {
    let path = format!("schemas/adapter-{name}.schema.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn is_running(pid: &str) -> bool {
    let state = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().unwrap();
    let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

/// Waits until `what` gives something; it is given plenty of time.
fn wait_for<T>(mut what: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = what() {
            return value;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "it never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// An adapter that has written its process id and that of a child, and answers nothing after hello.
fn hanging(folder: &Folder) -> (Child, Vec<String>) {
    let pids = folder.path("pids").display().to_string();
    let hang = format!(
        "if request.get(\"op\") == \"serve\":\n        import os, subprocess, time\n        child = subprocess.Popen([\"sleep\", \"600\"])\n        open({pids:?}, \"w\").write(f\"{{os.getpid()}} {{child.pid}} .\")\n        time.sleep(600)"
    );
    folder.starter("python", "one", &[("if request.get(\"op\") == \"serve\":", &hang)]);
    let child =
        folder.corspec(&["test", "one"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let text = wait_for(|| std::fs::read_to_string(&pids).ok().filter(|text| text.ends_with('.')));
    (child, text.split(' ').take(2).map(str::to_owned).collect())
}

#[test]
fn no_process_is_left_after_an_interruption() {
    if !python() {
        return;
    }
    for signal in ["-INT", "-TERM"] {
        let folder = Folder::new();
        let (child, pids) = hanging(&folder);
        assert!(pids.iter().all(|pid| is_running(pid)), "{pids:?}");
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!(run.code, 130, "{}", run.all());
        wait_for(|| pids.iter().all(|pid| !is_running(pid)).then_some(()));
    }
}
