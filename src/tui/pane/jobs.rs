//! The job list: one row a job, its columns lined up, its next step in the row.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::look::Look;
use super::super::screen::{Pane, Screen};
use super::super::text;
use super::super::theme::Role;
use crate::domain::text::printable;
use crate::domain::{Job, Progress, StageName, Usd};

/// Draws the list.
pub(in super::super) fn draw(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let look = &screen.look;
    let focused = screen.focus == Pane::Jobs;
    super::title(buf, area, look, "Jobs", focused, &facts(screen));
    let inside = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let jobs = screen.shown_jobs();
    if jobs.is_empty() {
        empty(screen, inside, buf);
        return;
    }
    let note = note(screen);
    let rows = usize::from(inside.height).saturating_sub(note.len()).max(1);
    let columns = Columns::of(screen, usize::from(area.width));
    let ids = screen.job_ids();
    let selected = screen.job_at.place(&ids);
    for (place, job) in jobs.iter().enumerate().skip(screen.job_top).take(rows) {
        let row = u16::try_from(place - screen.job_top).unwrap_or(u16::MAX);
        let chosen = focused && place == selected;
        super::line(buf, inside, row, columns.row(screen, job, chosen));
    }
    let first = inside.height.saturating_sub(u16::try_from(note.len()).unwrap_or(0));
    for (row, line) in (first..).zip(note) {
        super::line(buf, inside, row, line);
    }
}

/// `2 live · 1 in doubt · 38 done`, and what the filter lets through.
fn facts(screen: &Screen) -> String {
    let count =
        |wanted: StageName| screen.jobs.iter().filter(|job| job.shown_stage() == wanted).count();
    let held = screen.jobs.iter().filter(|job| job.is_held()).count();
    let facts = [
        (screen.live(), "live"),
        (held, "held"),
        (count(StageName::InDoubt), "in doubt"),
        (count(StageName::Done), "done"),
    ];
    let mut words: Vec<_> = facts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", text::grouped(count)))
        .collect();
    if !screen.filter.is_empty() {
        let (shown, all) = (screen.shown_jobs().len(), screen.jobs.len());
        words.insert(0, format!("/{} {shown} of {all}", printable(&screen.filter)));
    }
    words.join(screen.look.dot())
}

fn empty(screen: &Screen, area: Rect, buf: &mut Buffer) {
    let muted = screen.look.style(Role::Muted);
    let words = if !screen.filter.is_empty() {
        "no job has these words".to_owned()
    } else if screen.loaded {
        "what you order is listed here while it is made".to_owned()
    } else {
        "reading the library".to_owned()
    };
    super::line(buf, area, 0, Line::styled(format!("  {words}"), muted));
}

/// Why the selected job stands where it stands, and what to do: the last lines of the pane.
pub(in super::super) fn note(screen: &Screen) -> Vec<Line<'static>> {
    let area = screen.areas().jobs;
    let width = usize::from(area.width).saturating_sub(3);
    if screen.focus != Pane::Jobs || area.height < 5 {
        return vec![];
    }
    let Some(reason) = screen.job().and_then(|job| job.reason.as_ref()) else { return vec![] };
    let look = &screen.look;
    let mut words = text::wrap(&printable(&reason.text), width);
    words.truncate(2);
    if let Some(hint) = &reason.hint {
        let mut hint = text::wrap(&format!("hint: {}", printable(hint)), width);
        hint.truncate(2);
        words.extend(hint);
    }
    words.truncate(usize::from(area.height).saturating_sub(3));
    let rule = Line::styled(look.rule().repeat(width + 1), look.style(Role::Rule));
    let mut lines = vec![Line::from([vec![Span::raw("  ")], rule.spans].concat())];
    lines.extend(words.into_iter().map(|words| Line::from(format!("  {words}"))));
    lines
}

/// How wide each column is, so that all rows line up.
struct Columns {
    number: usize,
    name: usize,
    stage: usize,
    time: usize,
    money: usize,
}

impl Columns {
    fn of(screen: &Screen, width: usize) -> Self {
        let jobs = screen.shown_jobs();
        let widest = |text: &dyn Fn(&Job) -> String, least: usize| {
            jobs.iter().take(200).map(|job| text::width(&text(job))).max().unwrap_or(0).max(least)
        };
        let number = widest(&|job| job.number.to_string(), 2);
        let money = widest(&|job| money(job), 8);
        // Bar, glyph and blanks: 3 before the number, 1 after it, 2 before each of the others, 1 at the end.
        let fixed = 3 + number + 1 + 2 + 2 + money + 1;
        let rest = width.saturating_sub(fixed);
        let (stage, time) = match rest {
            0..=34 => (9, 9),
            35..=43 => (11, 9),
            44..=52 => (11, 14),
            53..=70 => (11, 22),
            _ => (11, 28),
        };
        Self { number, name: rest.saturating_sub(stage + time + 2), stage, time, money }
    }

    fn row(&self, screen: &Screen, job: &Job, chosen: bool) -> Line<'static> {
        let look = &screen.look;
        let stage = job.shown_stage();
        let style = if chosen { look.style(Role::Selected) } else { Style::default() };
        let word = look.style(Look::stage_role(stage)).patch(style);
        let glyph = look.stage(stage, job.is_held(), screen.beat());
        let name = text::fit(&name(job), self.name);
        let money = text::right(&money(job), self.money);
        let words = self.standing(screen, job);
        let quiet = job.cost().is_none();
        Line::from(vec![
            Span::styled(if chosen { look.bar() } else { " " }, look.style(Role::Accent)),
            Span::styled(glyph, word),
            Span::raw(" "),
            Span::styled(text::right(&job.number.to_string(), self.number), style),
            Span::raw(" "),
            Span::styled(name, style),
            Span::raw("  "),
            Span::styled(words.0, word),
            Span::styled(words.1, look.style(Role::Text).patch(style)),
            Span::raw("  "),
            Span::styled(money, if quiet { look.style(Role::Muted) } else { style }),
        ])
    }

    /// Stage and what is known of its progress, together as wide as the two columns.
    fn standing(&self, screen: &Screen, job: &Job) -> (String, String) {
        let both = self.stage + 2 + self.time;
        let stage = job.shown_stage();
        let detail = detail(screen, job, self.time);
        let word = if job.is_held() { "held" } else { stage.words() };
        if text::width(&detail) <= self.time {
            let gap = self.stage + 2;
            return (text::fit(word, gap), text::fit(&detail, self.time));
        }
        // Too long for its column: what is told by the glyph gives way to the figures.
        match stage {
            StageName::Downloading | StageName::Cancelled => {
                (String::new(), text::fit(&detail, both))
            }
            _ => {
                let word = format!("{word} ");
                let room = both.saturating_sub(text::width(&word));
                (word, text::fit(&detail, room))
            }
        }
    }
}

/// The beginning of the prompt on one line.
fn name(job: &Job) -> String {
    let prompt = printable(job.brief.prompt());
    let words: Vec<_> = prompt.split_whitespace().take(24).collect();
    if words.is_empty() { job.brief.operation.words() } else { words.join(" ") }
}

/// What is held or was spent, with its standing. Pretended money says so.
fn money(job: &Job) -> String {
    let owed = job.balance.refund_open();
    let amount = if owed > Usd::ZERO {
        format!("due {owed}")
    } else if let Some(cost) = job.cost() {
        cost.to_string()
    } else if job.shown_stage() == StageName::InDoubt || job.abandoned {
        format!("held {}", job.balance.held())
    } else if job.estimate.is_none() {
        "unknown".to_owned()
    } else {
        job.price().to_string()
    };
    if job.is_simulated() { format!("sim {amount}") } else { amount }
}

/// What is known beside the stage: figures, a clock, a reason, or the keys of the way out.
fn detail(screen: &Screen, job: &Job, room: usize) -> String {
    let look = &screen.look;
    let reason = job.reason.as_ref().map(|reason| printable(&reason.text));
    let zone = &look.zone;
    match job.shown_stage() {
        StageName::InDoubt => ways_out(screen),
        StageName::Queued => match (job.not_before, reason) {
            (Some(at), _) if !job.is_held() => {
                format!("not before {}", text::time_of_day(at, zone))
            }
            (_, Some(reason)) => reason,
            _ => String::new(),
        },
        StageName::Checking | StageName::Submitting => clock(screen, job),
        StageName::Waiting => {
            let progress = progress(screen, job);
            let elapsed = clock(screen, job);
            if let Some(percent) = progress.percent {
                return format!("{elapsed}  {percent} %");
            }
            if let Some(place) = progress.queue_position {
                return format!("{elapsed}  {place} before it");
            }
            let usual = screen.usual.get(&job.brief.model).copied().flatten();
            match (usual, reason) {
                (_, Some(reason)) if job.is_overdue() || room > 14 => {
                    format!("{elapsed}  {reason}")
                }
                (Some((quick, slow)), _) => {
                    let long =
                        format!("{elapsed}  usual {}-{}", text::clock(quick), text::clock(slow));
                    if text::width(&long) <= room { long } else { elapsed }
                }
                _ => elapsed,
            }
        }
        StageName::Downloading => {
            let progress = progress(screen, job);
            match progress.bytes {
                Some(bytes) => text::bytes_of(bytes, progress.bytes_total),
                None => clock(screen, job),
            }
        }
        StageName::Done => {
            let length = screen.take_of(job.id).and_then(|asset| asset.facts.duration_ms);
            let took = job.times.ended.map(|ended| {
                let from = job.times.submitted.unwrap_or(job.times.created);
                text::clock(text::between(from, ended))
            });
            let length = length.map(text::seconds).unwrap_or_default();
            match took {
                Some(took) if room >= 14 => format!("{length:>6}  in {took}"),
                _ => format!("{length:>6}"),
            }
        }
        StageName::Failed => reason.unwrap_or_default(),
        StageName::Cancelled if job.abandoned && job.stage.is_live() => {
            "cancelled, may still be billed".to_owned()
        }
        StageName::Cancelled => {
            let at = job.times.ended.map(|at| text::time_of_day(at, zone));
            at.map(|at| format!("at {at}")).unwrap_or_default()
        }
    }
}

fn ways_out(screen: &Screen) -> String {
    let places = [super::super::keymap::Place::Doubt];
    let key = |action: Action| {
        screen.keymap.key(&places, action).map(|key| format!("{key} {}", action.label()))
    };
    [Action::Find, Action::Settle].into_iter().filter_map(key).collect::<Vec<_>>().join("  ")
}

/// How long the job is at it: since it was sent, or since its stage began.
fn clock(screen: &Screen, job: &Job) -> String {
    let from = match job.stage.name() {
        StageName::Waiting => job.times.submitted.unwrap_or(job.times.stage),
        _ => job.times.stage,
    };
    text::clock(text::between(from, screen.now))
}

/// The newest figures: from the board while this process knows them, else as they were stored.
fn progress(screen: &Screen, job: &Job) -> Progress {
    screen.board.get(&job.id).copied().unwrap_or(job.progress)
}
