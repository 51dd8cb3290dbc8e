//! Standard output for data, standard error for talk. A closed pipe ends output, never a job.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use serde_json::Value;

use crate::domain::text::{printable, printable_lines};
use crate::domain::{Outcome, Preflight};

/// Writes one line of data.
pub(super) fn data(line: &str) {
    // A reader that is gone wants no more; whatever is being made goes on.
    let _ = writeln!(io::stdout(), "{}", printable(line));
}

/// Writes a path: data that another program opens, so its bytes stay as they are.
pub(super) fn path(path: &Path) {
    use std::os::unix::ffi::OsStrExt;

    let mut out = io::stdout();
    let _ = out.write_all(path.as_os_str().as_bytes()).and_then(|()| out.write_all(b"\n"));
}

/// Writes a value as one line of JSON.
pub(super) fn json(value: &Value) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{value}").and_then(|()| out.flush());
}

/// Writes what we made ourselves as it is: a script of a shell, a manual page.
pub(super) fn raw(bytes: &[u8]) {
    let mut out = io::stdout();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Writes text of several lines.
pub(super) fn block(text: &str) {
    let _ = writeln!(io::stdout(), "{}", printable_lines(text));
}

/// Says something to the person.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(line));
}

/// Says what to do.
pub(super) fn hint(hint: &str) {
    say(&format!("hint: {hint}"));
}

/// Whether somebody can be asked: there is a terminal to hear and to answer.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question that only a clear yes answers with yes.
pub(super) async fn ask(question: String) -> io::Result<bool> {
    let read = move || {
        write!(io::stderr(), "{} [y/N] ", printable(&question))?;
        io::stderr().flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    };
    // On a thread of its own: a signal must be heard while nobody answers.
    tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
}

/// Every check, for a person.
pub(super) fn preflight(preflight: &Preflight) {
    let price = match &preflight.estimate {
        None => "price unknown".to_owned(),
        Some(floor) if floor.floor => floor.to_string(),
        Some(estimate) => format!("about {estimate}"),
    };
    say(&price);
    for check in &preflight.checks {
        let glyph = match check.outcome {
            Outcome::Pass => '✓',
            Outcome::Warn => '!',
            Outcome::Block => '✗',
        };
        say(&format!("  {glyph} {:<11} {}", check.id.as_str(), check.finding));
        if let Some(advice) = check.hint.as_ref().filter(|_| check.outcome != Outcome::Pass) {
            say(&format!("    {:<11} hint: {advice}", ""));
        }
    }
}
