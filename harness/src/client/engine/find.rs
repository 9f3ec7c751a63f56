//! Finds the program of a client.

use std::path::{Path, PathBuf};

use super::StartError;

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
