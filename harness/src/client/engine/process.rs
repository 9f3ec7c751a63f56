//! A process with all it starts, ended when dropped.

use std::io;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use super::StartError;

/// A process that leads a group of its own; the group is killed when this is dropped.
pub(super) struct ProcessGroup {
    pub(super) child: Child,
    group: Option<Pid>,
}

impl ProcessGroup {
    /// Starts `command` as the leader of a new group.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let child = command.process_group(0).kill_on_drop(true).spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Self { child, group })
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

/// The first of these programs that is installed.
pub(super) fn find(names: &[&str], packages: &str) -> Result<PathBuf, StartError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| {
            let folders = folders.iter().map(move |folder| folder.join(name));
            std::iter::once(PathBuf::from(name)).filter(|path| path.is_absolute()).chain(folders)
        })
        .find(|path| is_file(path))
        .ok_or_else(|| {
            StartError::new(format_args!(
                "{} is not installed: on Debian, apt-get install {packages}",
                names.first().unwrap_or(&"it")
            ))
        })
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file())
}
