//! The user's command that says a key: run by `sh`, without our own secrets, for 30 seconds at most.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::env::Env;
use crate::domain::text::printable;

/// Long enough to type a passphrase.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

/// A line longer than this is no key.
const LONGEST: u64 = 64 * 1024;

/// The first line that the command prints, where it ends well in time. Blocks.
///
/// An error says what the command said on its error output, never what it said on its output.
pub(super) fn first_line(command: &str, env: &Env, deadline: Duration) -> Result<String, String> {
    let began = Instant::now();
    let mut said = tempfile::tempfile().map_err(|error| error.to_string())?;
    let mut child = start(command, env, &said).map_err(|error| format!("starting sh: {error}"))?;
    let output = child.stdout.take();
    let (line_is, line) = mpsc::sync_channel(1); // One line is sent, once.
    std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(output) = output {
            let read = BufReader::new(output.take(LONGEST)).read_until(b'\n', &mut text);
            let _ = line_is.send(read.map(|_| text));
        }
    });
    let text = match line.recv_timeout(deadline) {
        Ok(text) => text.map_err(|error| error.to_string()),
        Err(_late) => Err(late(deadline)),
    };
    let ended = end(&mut child, deadline.saturating_sub(began.elapsed()));
    let text = text?;
    if !ended.ok_or_else(|| late(deadline))?.success() {
        return Err(format!("it failed{}", words(&mut said)));
    }
    // What is no UTF-8 is no key either; the reader of the key says so.
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    if text.is_empty() {
        return Err(format!("it printed no key{}", words(&mut said)));
    }
    Ok(text)
}

fn start(command: &str, env: &Env, said: &File) -> std::io::Result<Child> {
    Command::new("sh")
        .arg("-c")
        .arg(command)
        .env_clear()
        .envs(env.for_children())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(said.try_clone()?)
        // Its own group, so that whatever it started ends with it.
        .process_group(0)
        .spawn()
}

/// Waits for the end, and brings it about at the deadline.
fn end(child: &mut Child, deadline: Duration) -> Option<std::process::ExitStatus> {
    let until = Instant::now() + deadline;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => {
                std::thread::park_timeout(Duration::from_millis(10));
            }
            Ok(None) | Err(_) => break,
        }
    }
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
    None
}

fn late(deadline: Duration) -> String {
    format!("no answer within {} s", deadline.as_secs())
}

/// The first line of what the command complained about.
fn words(said: &mut File) -> String {
    let mut text = String::new();
    let read = said.rewind().and_then(|()| said.take(400).read_to_string(&mut text));
    match (read, text.lines().find(|line| !line.trim().is_empty())) {
        (Ok(_), Some(line)) => format!(": {}", printable(line.trim())),
        _ => String::new(),
    }
}
