//! The job list: one row a job, its columns lined up, its next step in the row.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::layout::Room;
use super::super::look::Look;
use super::super::screen::{Pane, Screen};
use super::super::text;
use super::super::theme::Role;
use crate::domain::text::printable;
use crate::domain::{Job, Progress, ProviderId, ReasonKind, StageName, Usd};

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
        (count(StageName::Failed), "failed"),
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
    } else if !screen.loaded {
        "reading the library".to_owned()
    } else if screen.areas().room == Room::Narrow {
        super::takes::first_step(screen)
    } else {
        "what you order is listed here while it is made".to_owned()
    };
    let width = usize::from(area.width).saturating_sub(3);
    for (row, words) in (0..).zip(text::wrap(&words, width)) {
        super::line(buf, area, row, Line::styled(format!("  {words}"), muted));
    }
}

/// Why the selected job stands where it stands, and what to do: the last lines of the pane.
pub(in super::super) fn note(screen: &Screen) -> Vec<Line<'static>> {
    let area = screen.areas().jobs;
    let width = usize::from(area.width).saturating_sub(3);
    // Where there is a preview, it says so there.
    if screen.focus != Pane::Jobs || area.height < 5 || screen.areas().room == Room::Full {
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
        // What is due or held takes its words from the blanks before it: names do not shrink for it.
        let money = widest(&|job| amount(job), 8);
        // Bar, glyph and blanks: 3 before the number, 1 after it, 2 before each of the others, 1 at the end.
        let fixed = 3 + number + 1 + 2 + 2 + money + 1;
        let rest = width.saturating_sub(fixed);
        let (stage, time) = match rest {
            0..=36 => (8, 7),
            37..=62 => (11, 15),
            63..=76 => (11, 21),
            _ => (11, 30),
        };
        Self { number, name: rest.saturating_sub(stage + time + 1), stage, time, money }
    }

    fn row(&self, screen: &Screen, job: &Job, chosen: bool) -> Line<'static> {
        let look = &screen.look;
        let stage = job.shown_stage();
        let style = if chosen { look.style(Role::Selected) } else { Style::default() };
        let word = look.style(Look::stage_role(stage)).patch(style);
        let glyph = look.stage(stage, job.is_held(), screen.beat());
        let (mut cells, mut money) = (self.name, text::right(&money(job), self.money));
        let both = (self.stage + 1 + self.time + self.money).saturating_sub(text::width(&money));
        let mut words = self.standing(screen, job, both);
        // Ways out of doubt, and what may still be billed, stand in the row at any width: the name gives way.
        let room = self.name + self.stage + 1 + self.time;
        if let Some(phrase) = in_full(screen, job, both, room) {
            money = text::right(&amount(job), self.money);
            cells = room.saturating_sub(text::width(&phrase));
            words = (text::fit(&phrase, room - cells), String::new());
        }
        let name = text::fit(&name(job), cells);
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
    fn standing(&self, screen: &Screen, job: &Job, both: usize) -> (String, String) {
        let time = both.saturating_sub(self.stage + 1);
        let stage = job.shown_stage();
        let word = if job.is_held() { "held" } else { stage.words() };
        let details = details(screen, job);
        if let Some(detail) = details.iter().find(|detail| text::width(detail) <= time)
            && (text::width(word) <= self.stage)
        {
            return (text::fit(word, self.stage + 1), text::fit(detail, time));
        }
        // What is said of a job given up begins with its stage.
        if let Some(detail) = details.iter().find(|detail| text::width(detail) <= both)
            && stage == StageName::Cancelled
        {
            return (String::new(), text::fit(detail, both));
        }
        let word = format!("{} ", text::cut_end(word, both.saturating_sub(1)));
        let room = both.saturating_sub(text::width(&word));
        let detail = details.iter().find(|detail| text::width(detail) <= room);
        let detail = detail.map(String::as_str).unwrap_or_default();
        (word, text::fit(detail, room))
    }
}

/// Whether it was given up and goes on at a provider all the same; nobody bills work on this machine.
fn may_be_billed(job: &Job) -> bool {
    job.abandoned && job.stage.is_live() && job.account.provider != ProviderId::Local
}

/// What a row has to say whole where its columns (`both` cells) are too narrow for it, in all the `room` there is.
fn in_full(screen: &Screen, job: &Job, both: usize, room: usize) -> Option<String> {
    let phrases = match job.shown_stage() {
        StageName::InDoubt => vec![format!("in doubt  {}", ways_out(screen))],
        StageName::Cancelled if may_be_billed(job) => {
            vec!["cancelled, may still be billed".into(), "cancelled, may be billed".into()]
        }
        _ => vec![],
    };
    // In the columns, one blank stands between word and figures.
    let narrow = phrases.first().is_some_and(|phrase| both + 1 < text::width(phrase));
    phrases.into_iter().filter(|_| narrow).find(|phrase| text::width(phrase) + 2 < room)
}

/// The beginning of the prompt on one line, or what is done where there is none.
fn name(job: &Job) -> String {
    let prompt = printable(job.brief.prompt());
    let words: Vec<_> = prompt.split_whitespace().take(24).collect();
    if words.is_empty() { job.brief.work() } else { words.join(" ") }
}

/// What is held or was spent, with its standing.
fn money(job: &Job) -> String {
    let amount = amount(job);
    if job.balance.refund_open() > Usd::ZERO {
        format!("due {amount}")
    } else if job.cost().is_none() && (job.shown_stage() == StageName::InDoubt || job.abandoned) {
        format!("held {amount}")
    } else {
        amount
    }
}

/// How much it is. Pretended money says so.
fn amount(job: &Job) -> String {
    let owed = job.balance.refund_open();
    let amount = if owed > Usd::ZERO {
        owed.to_string()
    } else if let Some(cost) = job.cost() {
        cost.to_string()
    } else if job.shown_stage() == StageName::InDoubt || job.abandoned {
        job.balance.held().to_string()
    } else if job.estimate.is_none() {
        "unknown".to_owned()
    } else {
        job.price().to_string()
    };
    if job.is_simulated() { format!("sim {amount}") } else { amount }
}

/// What is known beside the stage: figures, a clock, a reason, or the keys of the way out. Several wordings,
/// the fullest first: the first that fits is shown, whole.
fn details(screen: &Screen, job: &Job) -> Vec<String> {
    let zone = &screen.look.zone;
    let reason = job.reason.as_ref();
    let reasons = || {
        let full = reason.map(|reason| printable(&reason.text));
        let short = reason.map(|reason| in_a_word(reason.kind).to_owned());
        full.into_iter().chain(short).collect::<Vec<_>>()
    };
    match job.shown_stage() {
        StageName::InDoubt => vec![ways_out(screen)],
        StageName::Queued => match job.not_before {
            Some(at) if !job.is_held() => vec![format!("from {}", text::time_of_day(at, zone))],
            _ => reasons(),
        },
        StageName::Submitting => vec![clock(screen, job)],
        StageName::Waiting => waiting(screen, job),
        StageName::Checking | StageName::Downloading => transfer(screen, job),
        StageName::Done => {
            let take = screen.take_of(job.id);
            let length = match take.and_then(|take| take.facts.duration_ms) {
                Some(length) => format!("{:>6}", text::seconds(length)),
                None if take.is_some_and(|take| take.unreadable.is_some()) => {
                    return vec!["not readable here".into(), "unreadable".into(), "unknown".into()];
                }
                None => format!("{:6}", ""),
            };
            let took = job.times.ended.map(|ended| {
                let from = job.times.submitted.unwrap_or(job.times.created);
                format!("{length}  in {}", text::clock(text::between(from, ended)))
            });
            took.into_iter().chain([length]).collect()
        }
        StageName::Failed => reasons(),
        StageName::Cancelled if may_be_billed(job) => {
            vec!["cancelled, may still be billed".to_owned(), "may be billed".to_owned()]
        }
        StageName::Cancelled => job
            .times
            .ended
            .map(|at| format!("at {}", text::time_of_day(at, zone)))
            .into_iter()
            .collect(),
    }
}

/// How far a job is, in full, for the preview; `None` where nothing goes on.
pub(in super::super) fn so_far(screen: &Screen, job: &Job) -> Option<String> {
    wordings_so_far(screen, job).into_iter().next()
}

/// The same from the fullest wording to the shortest.
pub(in super::super) fn wordings_so_far(screen: &Screen, job: &Job) -> Vec<String> {
    match job.shown_stage() {
        StageName::Waiting => waiting(screen, job),
        StageName::Downloading => transfer(screen, job),
        StageName::Checking if progress(screen, job).bytes.is_some() => transfer(screen, job),
        _ => vec![],
    }
}

/// The bytes that are here, or at the provider, of those that will be; where there is little room, their measured share.
fn transfer(screen: &Screen, job: &Job) -> Vec<String> {
    let progress = progress(screen, job);
    let Some(bytes) = progress.bytes else { return vec![clock(screen, job)] };
    let share = progress.bytes_total.filter(|total| *total > 0).map(|total| {
        let percent = u128::from(bytes.min(total)) * 100 / u128::from(total);
        format!("{percent} %")
    });
    let whole = text::bytes_of(bytes, progress.bytes_total);
    [Some(whole), share, Some(text::size(bytes))].into_iter().flatten().collect()
}

/// How long a job waits, and beside that what is known: measured, queued, overdue, or what is usual.
fn waiting(screen: &Screen, job: &Job) -> Vec<String> {
    let elapsed = clock(screen, job);
    let progress = progress(screen, job);
    let beside = if let Some(percent) = progress.percent {
        Some(format!("{percent} %"))
    } else if let Some(place) = progress.queue_position {
        Some(format!("{place} before it"))
    } else if let Some(reason) = &job.reason {
        let short = format!("{elapsed}  {}", in_a_word(reason.kind));
        return vec![format!("{elapsed}  {}", printable(&reason.text)), short, elapsed];
    } else {
        let usual = screen.usual.get(&job.brief.model).copied().flatten();
        if let Some((quick, slow)) = usual {
            let (quick, slow) = (text::clock(quick), text::clock(slow));
            let full = format!("{elapsed}  usual {quick}-{slow}");
            let short = format!("{elapsed} ~{quick}-{slow}");
            return vec![full, short, format!("{elapsed} ~{slow}"), elapsed];
        }
        None
    };
    let both = beside.map(|beside| format!("{elapsed}  {beside}"));
    both.into_iter().chain([elapsed]).collect()
}

/// A reason where there is room for one word.
fn in_a_word(kind: ReasonKind) -> &'static str {
    match kind {
        ReasonKind::RateLimited => "rate limit",
        ReasonKind::QueuePaused => "paused",
        ReasonKind::Held => "held",
        ReasonKind::NoPlace => "in line",
        ReasonKind::Overdue => "overdue",
        ReasonKind::OtherAccount => "other account",
        ReasonKind::Unreachable => "no answer",
        ReasonKind::Blocked => "blocked",
        ReasonKind::NotSent => "not sent",
        ReasonKind::Refused => "refused",
        ReasonKind::Moderated => "moderation",
        ReasonKind::AtProvider => "provider",
        ReasonKind::Unusable => "unusable",
        ReasonKind::Unanswered => "unanswered",
        ReasonKind::Died => "cut short",
        ReasonKind::Lost => "lost",
        ReasonKind::Settled => "settled",
        ReasonKind::GivenUp => "given up",
        ReasonKind::Abandoned => "may be billed",
    }
}

pub(in super::super) fn ways_out(screen: &Screen) -> String {
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
