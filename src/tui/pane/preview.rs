//! What is selected: its picture as large as it can be, and everything about it below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::keymap::Place;
use super::super::layout;
use super::super::look::Look;
use super::super::picture;
use super::super::screen::{Pane, Screen, Subject};
use super::super::text;
use super::super::theme::Role;
use crate::domain::text::printable;
use crate::domain::{Asset, AssetId, Job, MediaKind, StageName, Usd};

/// Draws the preview.
pub(in super::super) fn draw(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let look = &screen.look;
    let focused = screen.focus == Pane::Preview;
    match screen.subject() {
        Subject::Take(asset) => {
            let ids = screen.take_ids();
            let place = ids.iter().position(|id| *id == asset.id);
            let facts = place.map(|place| format!("{} of {}", place + 1, text::grouped(ids.len())));
            let facts = match screen.playing.as_ref().filter(|film| film.id == asset.id) {
                Some(film) => Some(film.facts(asset.facts.duration_ms, screen.now, look.dot())),
                None => facts,
            };
            let name = format!("Take {}", asset.label());
            super::title(buf, area, look, &name, focused, &facts.unwrap_or_default());
            take(screen, asset, area, buf);
        }
        Subject::Job(job) => {
            let stage = job.shown_stage();
            super::title(buf, area, look, &format!("Job {}", job.number), focused, stage.words());
            let inside = Rect { x: area.x + 1, width: area.width - 1, ..area };
            lines(inside, 2, about_job(screen, job, usize::from(area.width) - 2), buf);
        }
        Subject::Nothing => {
            super::title(buf, area, look, "Preview", focused, "");
            let inside = Rect { x: area.x + 1, width: area.width - 1, ..area };
            lines(inside, 2, welcome(screen, usize::from(area.width) - 2), buf);
        }
    }
}

/// Draws lines from this row on, as many as there is room for.
fn lines(area: Rect, first: u16, lines: Vec<Line<'static>>, buf: &mut Buffer) {
    for (row, line) in (first..area.height).zip(lines) {
        super::line(buf, area, row, line);
    }
}

fn take(screen: &Screen, asset: &Asset, area: Rect, buf: &mut Buffer) {
    let look = &screen.look;
    let cells = layout::large_picture(area);
    let film = screen.playing.as_ref().filter(|film| film.id == asset.id);
    let drawn = match film.and_then(|film| film.shown.as_ref()) {
        Some((_, frame)) => picture::draw(frame, cells, look, buf),
        None => super::takes::poster(screen, asset, cells, buf),
    };
    if layout::is_beside(area) {
        let left = cells.x + cells.width + 2;
        let beside = Rect { x: left, width: area.width.saturating_sub(left - area.x), ..area };
        let room = usize::from(beside.height) - 1;
        let width = usize::from(beside.width).saturating_sub(1);
        lines(beside, 1, about_take(screen, asset, width, room), buf);
        return;
    }
    // Text stands where it stands for any picture of the usual shape: it does not jump when one comes.
    let below = cells.height.max(drawn.height) + 1;
    let inside = Rect { x: area.x + 1, width: area.width - 1, ..area };
    let room = usize::from(inside.height.saturating_sub(below));
    let width = usize::from(inside.width) - 1;
    let gap = u16::from(room > 14);
    lines(inside, below + gap, about_take(screen, asset, width, room - usize::from(gap)), buf);
}

/// Everything about a take, the most needed first; the prompt gives way where there is little room.
fn about_take(screen: &Screen, asset: &Asset, width: usize, room: usize) -> Vec<Line<'static>> {
    let look = &screen.look;
    let facts = facts(screen, asset, width);
    let spare = room.saturating_sub(facts.len() + 2);
    let mut prompt = text::wrap(&printable(&asset.prompt), width);
    let most = spare.clamp(1, 8);
    if prompt.len() > most {
        prompt.truncate(most);
        if let Some(last) = prompt.last_mut() {
            *last = text::cut_end(&format!("{last} …"), width);
        }
    }
    let mut lines: Vec<_> = prompt.into_iter().map(Line::from).collect();
    let marks = super::takes::marks(screen, asset);
    if !marks.is_empty() {
        let mut spans = marks;
        if let Some(first) = spans.first_mut() {
            *first = Span::styled(first.content.trim_start().to_owned(), first.style);
        }
        lines.push(Line::from(spans));
    }
    if room > facts.len() + 4 {
        lines.push(Line::default());
    }
    lines.extend(facts.into_iter().map(|(name, value)| fact(look, name, &value, width)));
    lines
}

/// As many of the figures as fit, each whole.
fn joined(figures: Vec<String>, dot: &str, cells: usize) -> String {
    let mut text = String::new();
    for figure in figures {
        let longer = if text.is_empty() { figure } else { format!("{text}{dot}{figure}") };
        if !text.is_empty() && text::width(&longer) > cells {
            break;
        }
        text = longer;
    }
    text
}

/// A name and its value; the value keeps its end, where paths differ.
fn fact(look: &Look, name: &'static str, value: &str, width: usize) -> Line<'static> {
    let label = label(width);
    let value = text::cut_middle(value, width.saturating_sub(label));
    Line::from(vec![
        Span::styled(text::fit(name, label), look.style(Role::Muted)),
        Span::raw(value),
    ])
}

/// How many cells the names of facts take.
fn label(width: usize) -> usize {
    if width < 40 { 7 } else { 10 }
}

fn facts(screen: &Screen, asset: &Asset, width: usize) -> Vec<(&'static str, String)> {
    let look = &screen.look;
    let dot = look.dot();
    let cells = width.saturating_sub(label(width));
    let mut facts = Vec::new();
    let measured = [
        asset.facts.duration_ms.map(text::seconds),
        if width < 40 {
            asset.facts.resolution()
        } else {
            asset.facts.pixels.map(|pixels| pixels.to_string())
        },
        asset.facts.fps_milli.map(|milli| format!("{} fps", text::thousandths(milli))),
    ];
    let measured: Vec<_> = measured.into_iter().flatten().collect();
    let kind = match asset.kind {
        MediaKind::Video => "video",
        MediaKind::Image => "picture",
        MediaKind::Audio => "sound",
        MediaKind::Other => "what",
    };
    if !measured.is_empty() {
        facts.push((kind, joined(measured, dot, cells)));
    } else if asset.kind == MediaKind::Other && asset.unreadable.is_none() {
        facts.push((kind, printable(&asset.mime)));
    } else {
        let why = asset.unreadable.as_deref().unwrap_or("not readable here");
        facts.push((kind, printable(why)));
    }
    if let Some(origin) = &asset.origin {
        let cost = origin.cost_words();
        let took = screen.job_of(asset).and_then(|job| {
            let from = job.times.submitted.unwrap_or(job.times.created);
            Some(format!("in {}", text::clock(text::between(from, job.times.ended?))))
        });
        let paid = [Some(cost), took].into_iter().flatten().collect();
        facts.push(("cost", joined(paid, dot, cells)));
        let model = screen.settings.find(&origin.model);
        facts.push((
            "model",
            model.map_or_else(|| origin.model.to_string(), |spec| spec.name.clone()),
        ));
        let seed = origin.seed.map_or("picked by the model".to_owned(), |seed| seed.to_string());
        facts.push(("seed", seed));
    }
    if let Some(line) = lineage(screen, asset) {
        facts.push(("from", line));
    }
    facts.push(("made", text::date(asset.created, &look.zone)));
    let codec = asset.facts.codec.clone().unwrap_or_else(|| asset.mime.clone());
    facts.push(("file", format!("{}{dot}{}", text::size(asset.bytes), printable(&codec))));
    facts.push(("", printable(&asset.path)));
    facts
}

/// `38 → 40 → 43`: the takes it comes from, the oldest first.
fn lineage(screen: &Screen, asset: &Asset) -> Option<String> {
    let find = |id: AssetId| screen.assets.iter().find(|known| known.id == id);
    let mut labels = Vec::new();
    let mut next = asset.parent;
    while let Some(id) = next.filter(|_| labels.len() < 6) {
        let Some(parent) = find(id) else {
            labels.push("an older take".to_owned());
            break;
        };
        labels.push(parent.label());
        next = parent.parent;
    }
    if labels.is_empty() {
        return None;
    }
    labels.reverse();
    labels.push(asset.label());
    Some(labels.join(screen.look.pick(" → ", " > ")))
}

fn about_job(screen: &Screen, job: &Job, width: usize) -> Vec<Line<'static>> {
    let look = &screen.look;
    let prompt = text::wrap(&printable(job.brief.prompt()), width);
    let mut lines: Vec<_> = prompt.into_iter().take(8).map(Line::from).collect();
    lines.push(Line::default());
    if let Some(reason) = &job.reason {
        let style = look.style(Look::stage_role(job.shown_stage()));
        let words = text::wrap(&printable(&reason.text), width);
        lines.extend(words.into_iter().map(|words| Line::styled(words, style)));
        if let Some(hint) = &reason.hint {
            let words = text::wrap(&format!("hint: {}", printable(hint)), width);
            lines.extend(words.into_iter().map(Line::from));
        }
        if job.shown_stage() == StageName::InDoubt {
            lines.push(Line::styled(super::jobs::ways_out(screen), look.style(Role::Key)));
        }
        lines.push(Line::default());
    }
    let mut facts = Vec::new();
    if let Some(time) = super::jobs::so_far(screen, job).filter(|_| job.reason.is_none()) {
        facts.push(("so far", time));
    }
    let model = screen.settings.find(&job.brief.model);
    facts.push((
        "model",
        model.map_or_else(|| job.brief.model.to_string(), |spec| spec.name.clone()),
    ));
    for (key, value) in &job.brief.params {
        if matches!(key.as_str(), "size" | "resolution" | "duration") {
            let unit = model.and_then(|spec| spec.param(key)?.unit.clone()).unwrap_or_default();
            let value = crate::catalog::plain(value);
            let name = if key == "duration" { "length" } else { "size" };
            facts.push((name, format!("{} {unit}", printable(&value)).trim_end().to_owned()));
        }
    }
    if let Some(seed) = job.brief.seed() {
        facts.push(("seed", seed.to_string()));
    }
    let standing = if job.is_simulated() { " simulated" } else { "" };
    facts.push(match job.cost() {
        Some(cost) => ("cost", format!("{cost}{standing}")),
        None if job.estimate.is_none() && job.balance.held() == Usd::ZERO => {
            ("cost", "price unknown".to_owned())
        }
        None => ("held", format!("{}{standing}", job.balance.held())),
    });
    facts.push(("made", text::date(job.times.created, &look.zone)));
    lines.extend(facts.into_iter().map(|(name, value)| fact(look, name, &value, width)));
    lines
}

/// What an empty studio says.
fn welcome(screen: &Screen, width: usize) -> Vec<Line<'static>> {
    let look = &screen.look;
    let key = |action| screen.keymap.key(&[Place::Everywhere], action).unwrap_or_default();
    let muted = look.style(Role::Muted);
    let steps = [
        ("type".to_owned(), "what shall be seen, and how it moves"),
        (key(Action::Generate), "makes a take of it"),
        (key(Action::Back), "goes to jobs and takes: keep, reject, run again, edit"),
        (key(Action::Help), "shows every key"),
    ];
    let column = 6;
    let mut lines = vec![Line::styled("Your takes are shown here.", look.style(Role::Title))];
    lines.push(Line::default());
    for (key, words) in steps {
        let words = text::wrap(words, width.saturating_sub(column));
        for (row, words) in words.into_iter().enumerate() {
            let sign = if row == 0 { key.as_str() } else { "" };
            let sign = Span::styled(text::fit(sign, column), look.style(Role::Key));
            lines.push(Line::from(vec![sign, Span::raw(words)]));
        }
    }
    if screen.is_simulated() {
        lines.push(Line::default());
        let words = "The sandbox makes real video files and takes no money: it is for trying everything out.";
        lines.extend(text::wrap(words, width).into_iter().map(|words| Line::styled(words, muted)));
    }
    lines
}
