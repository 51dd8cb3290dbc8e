//! What is printed of followed jobs: JSON Lines, or words for a person with the paths alone on standard
//! output.

use std::io::{IsTerminal, Write};
use std::path::Path;

use jiff::Timestamp;

use crate::domain::text::printable_lines;
use crate::domain::{Asset, Job, Progress};

use super::{json, talk};

/// A longer text is for a pager.
const MOST_WORDS: u64 = 8 << 10;

/// Prints what happens to jobs, and remembers what is on the terminal's last line.
#[derive(Debug)]
pub(super) struct Teller {
    json: bool,
    /// Whether a line that is rewritten is on the screen.
    open_line: bool,
    /// What went wrong last: said once, however often it happens.
    last_trouble: String,
}

impl Teller {
    /// One that prints JSON Lines, or one that talks.
    pub(super) fn new(json: bool) -> Self {
        Self { json, open_line: false, last_trouble: String::new() }
    }

    /// A job is at another stage, or for another reason where it was.
    pub(super) fn job(&mut self, job: &Job, at: Timestamp) {
        if self.json {
            talk::json(&json::job_line(job, at));
            return;
        }
        self.clear_line();
        let reason = job.reason.as_ref();
        let because = reason.map(|reason| format!(": {}", reason.text)).unwrap_or_default();
        talk::say(&format!("{}: {}{because}", called(job), job.shown_stage()));
        if let Some(advice) = reason.and_then(|reason| reason.hint.as_deref()) {
            talk::hint(advice);
        }
    }

    /// The provider has it, and that was all that was waited for.
    pub(super) fn accepted(&mut self, job: &Job) {
        if !self.json {
            self.clear_line();
            talk::data(&job.id.to_string());
        }
    }

    /// A file came of it.
    pub(super) fn take(&mut self, job: &Job, asset: &Asset, file: &Path) {
        if self.json {
            talk::json(&json::of_scene(json::take_line(asset, file), job));
            return;
        }
        self.clear_line();
        talk::path(file);
        // Words are read where they are asked for; what is piped on is still the path.
        if let Some(words) = written(asset, file) {
            talk::say(&words);
        }
    }

    /// What it cost in the end.
    pub(super) fn cost(&mut self, job: &Job) {
        if let (false, Some(cost)) = (self.json, job.cost()) {
            let simulated = if job.is_simulated() { ", simulated" } else { "" };
            talk::say(&format!("{}: {cost}{simulated}", called(job)));
        }
    }

    /// Something that a person should know.
    pub(super) fn trouble(&mut self, what: &str, hint: Option<&str>) {
        if self.last_trouble == what {
            return;
        }
        what.clone_into(&mut self.last_trouble);
        self.clear_line();
        talk::say(&format!("rushes: {what}"));
        if let Some(hint) = hint {
            talk::hint(hint);
        }
    }

    /// How far each job is: a line of JSON each, or one line that is rewritten, where there is a terminal.
    pub(super) fn progress(&mut self, figures: &[(&Job, Progress, f64)]) {
        if self.json {
            for (job, progress, elapsed) in figures {
                talk::json(&json::progress_line(job, *progress, *elapsed));
            }
            return;
        }
        if figures.is_empty() || !std::io::stderr().is_terminal() {
            return;
        }
        let words: Vec<String> = figures
            .iter()
            .map(|(job, progress, elapsed)| words(job, *progress, *elapsed))
            .collect();
        let width = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
        // One column is left free: a full line would wrap, and could not be taken back.
        let line: String = words.join("  ·  ").chars().take(width.saturating_sub(1)).collect();
        self.open_line = true;
        let mut terminal = std::io::stderr();
        let _ = write!(terminal, "\r\x1b[K{line}").and_then(|()| terminal.flush());
    }

    /// Takes the rewritten line away.
    pub(super) fn clear_line(&mut self) {
        if std::mem::take(&mut self.open_line) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// Bytes or percent where they are known, else the time that went by.
fn words(job: &Job, progress: Progress, elapsed: f64) -> String {
    let how_far = match (progress.bytes, progress.bytes_total, progress.percent) {
        (Some(bytes), Some(total), _) => format!("{} of {} MB", megabytes(bytes), megabytes(total)),
        (Some(bytes), None, _) => format!("{} MB", megabytes(bytes)),
        (None, _, Some(percent)) => format!("{percent} %"),
        (None, _, None) => format!("{elapsed:.0} s"),
    };
    let before = match progress.queue_position {
        Some(position) if position > 0 => format!(", {position} before it"),
        _ => String::new(),
    };
    format!("{}: {} {how_far}{before}", called(job), job.shown_stage())
}

/// A job as a person knows it: by its number, and by the scene that it is for.
fn called(job: &Job) -> String {
    match &job.brief.scene {
        Some(of) if of.scene.is_empty() => format!("job {} ({})", job.number, of.step),
        Some(of) => format!("job {} ({} {})", job.number, of.scene, of.step),
        None => format!("job {}", job.number),
    }
}

/// Megabytes with one decimal.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_add(50_000) / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A text of a screenful or two, safe to print.
fn written(asset: &Asset, file: &Path) -> Option<String> {
    let is_short = asset.mime == "text/plain" && asset.bytes <= MOST_WORDS;
    let text = is_short.then(|| std::fs::read_to_string(file).ok())??;
    Some(printable_lines(text.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::followed::tests::admitted;

    #[test]
    fn progress_is_told_in_what_is_measured() {
        let check = |progress: Progress, expected: &str| {
            assert_eq!(words(&admitted(), progress, 12.4), format!("job 41: queued {expected}"));
        };
        check(Progress::default(), "12 s");
        check(Progress { percent: Some(40), ..Progress::default() }, "40 %");
        check(
            Progress {
                bytes: Some(4_160_000),
                bytes_total: Some(12_000_000),
                ..Progress::default()
            },
            "4.2 of 12.0 MB",
        );
        check(Progress { bytes: Some(999), ..Progress::default() }, "0.0 MB");
        check(Progress { queue_position: Some(3), ..Progress::default() }, "12 s, 3 before it");
    }
}
