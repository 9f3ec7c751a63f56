//! However much a server sends, the program needs little memory: measured from outside, in a process of its own.

#![cfg(target_os = "linux")]

use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::POLICY;
use super::behaviours::{BEHAVIOURS, Behaviour};
use super::peer::{self, When};

/// Bytes the program may need at its peak.
const LARGEST: u64 = 256 << 20;
/// Responses on their way at once.
const AT_ONCE: &str = "60";
/// The servers that send much.
const FAT: [&str; 14] = [
    "header lines without end",
    "a header line without end",
    "a status line without end",
    "a body without end",
    "chunks without end",
    "a chunk extension without end",
    "trailers without end",
    "interim responses without end",
    "100,000 header lines",
    "a header line of 10 MB",
    "a header line of 200 kB",
    "a body of 10 exabytes, it says",
    "a body of 3 MB",
    "a gzip bomb",
];

/// Waits for the process, and gives the most memory it ever had, in bytes.
fn peak(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        // The mark only rises, so the last look is enough; a process that has ended has none.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak = mark.map_or(peak, |mark| mark.trim().parse::<u64>().unwrap() << 10);
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}

#[test]
fn the_peak_of_memory_is_bounded_whatever_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.json"), POLICY).unwrap();
    let measure = |behaviour: &Behaviour| {
        // All is well until the vectors are run, so that as many responses as possible are on their way at once.
        let (address, times) = peer::counting_server(behaviour.serve, When::WithOrigin);
        // Only this one is noticed by the time it takes.
        let timeout = if behaviour.name == "interim responses without end" { "1" } else { "30" };
        let mut child = Command::new(env!("CARGO_BIN_EXE_corspec"))
            .args(["test", "--url", &format!("http://{address}/"), "--policy", "policy.json"])
            .args([
                "--timeout",
                timeout,
                "--jobs",
                AT_ONCE,
                "--include",
                "server-headers/*",
                "--format",
                "jsonl",
            ])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let peak = peak(&mut child);
        let code = child.wait().unwrap().code();
        (behaviour.name, peak, code, times.load(Ordering::Relaxed))
    };
    let fat = BEHAVIOURS.iter().filter(|behaviour| FAT.contains(&behaviour.name));
    let measured: Vec<_> = fat.map(measure).collect();
    assert_eq!(measured.len(), FAT.len());
    for (name, peak, code, times) in measured {
        let peak_mb = peak >> 20;
        assert!(times >= AT_ONCE.parse().unwrap(), "{name}: sent {times} times only");
        assert!((1..LARGEST).contains(&peak), "{name}: {peak_mb} MB at the peak");
        // 0 and 1: what came was judged. 3: nothing could be.
        assert!(matches!(code, Some(0 | 1 | 3)), "{name}: {code:?}");
    }
}
