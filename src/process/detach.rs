//! The detached worker: a process of its own that goes on when the screen is gone.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// The hidden flag that makes `rushes worker` leave the terminal behind.
pub const DETACHED: &str = "--detached";

/// Starts `rushes worker` without a terminal and returns at once.
///
/// The worker begins a session of its own, so that a hang-up of this one does not reach it. `handed` is
/// what it cannot find by itself (a credential that came from a command): it goes through a pipe, so that
/// no list of processes and no file ever shows it.
pub fn start_worker(program: &Path, log: &Path, handed: &str) -> io::Result<u32> {
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let log = std::fs::File::options().create(true).append(true).open(log)?;
    let mut child = Command::new(program)
        .args(["worker", DETACHED])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        // A worker that died at once reads nothing; it is the next start that goes on then.
        let _ = pipe.write_all(handed.as_bytes());
    }
    Ok(child.id())
}

/// Begins a session of its own: called by the worker itself, first thing.
pub fn leave_terminal() {
    // Fails only for a process that leads a group already, and then there is no terminal to leave.
    let _ = rustix::process::setsid();
}
