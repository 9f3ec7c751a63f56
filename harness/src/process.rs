//! A process with all it starts, ended when dropped: browsers and adapters.

use std::io;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::process::{Child, Command};

/// A process that leads a group of its own; the group is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct ProcessGroup {
    pub(crate) child: Child,
    group: Option<Pid>,
}

impl ProcessGroup {
    /// Starts `command` as the leader of a new group.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        let child = command.process_group(0).kill_on_drop(true).spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Self { child, group })
    }

    /// Whether the leader, which has ended, leaves others of the group behind.
    pub(crate) async fn outlived(&self) -> bool {
        let Some(group) = self.group else { return false };
        // They may be ending too.
        for _ in 0..20 {
            if test_kill_process_group(group).is_err() {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        true
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
