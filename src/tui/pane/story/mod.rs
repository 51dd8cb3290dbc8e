//! The story view: one row a scene, and everything about the selected one.

pub(in super::super) mod facts;
mod film;
mod known;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub(in super::super) use film::assembling;

use super::super::action::Action;
use super::super::layout;
use super::super::models::{Part, areas, words};
use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;
use crate::domain::text::printable;
use crate::domain::{AssetId, Job, JobId, Pixels, StageName, Usd};
use crate::story::{PlannedScene, Sheet, Status};

/// Draws the view between header and footer.
pub(in super::super) fn draw(screen: &Screen, buf: &mut Buffer) {
    let areas = areas::areas(screen.size, screen.story.part);
    let Some(file) = &screen.story.file else {
        let below = areas.list.union(areas.facts);
        return known::draw(
            screen,
            Rect { y: areas.bar.y, height: below.height + 1, ..below },
            buf,
        );
    };
    super::line(buf, areas.bar, 0, bar(screen, file, usize::from(areas.bar.width)));
    list(screen, areas.list, buf);
    facts::draw(screen, areas.facts, buf);
    for row in 0..areas.divider.height {
        let line = Line::styled(screen.look.divider(), screen.look.style(Role::Rule));
        super::line(buf, areas.divider, row, line);
    }
}

/// The title and the file, and at the right end how much of it there is, and what it cost and costs.
fn bar(screen: &Screen, file: &std::path::Path, width: usize) -> Line<'static> {
    let look = &screen.look;
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
    let name = printable(&name);
    let Some(sheet) = &screen.story.sheet else {
        return Line::styled(format!(" {name}"), look.style(Role::Title));
    };
    let title = match printable(&sheet.story.title) {
        title if title.is_empty() => name.clone(),
        title => title,
    };
    let money = words::in_letters(look, money(sheet, width.saturating_sub(16)));
    let mut room = width.saturating_sub(text::width(&money) + 4);
    let title = text::cut_end(&title, room.max(12));
    room = room.saturating_sub(text::width(&title) + 2);
    let name = if title == name || room < 8 { String::new() } else { text::cut_end(&name, room) };
    let used = 1 + text::width(&title) + 2 + text::width(&name);
    let gap = width.saturating_sub(used + text::width(&money) + 1);
    Line::from(vec![
        Span::styled(format!(" {title}"), look.style(Role::Title)),
        Span::styled(format!("  {name}"), look.style(Role::Muted)),
        Span::raw(" ".repeat(gap)),
        Span::styled(money, look.style(Role::Money)),
    ])
}

/// `$1.20 so far, ≥ $0.45 missing`, and shorter where there is no room for that.
fn money(sheet: &Sheet, room: usize) -> String {
    let (spent, simulated) = sheet.costs();
    let mut so_far = Vec::new();
    if spent > Usd::ZERO || simulated == Usd::ZERO {
        so_far.push(format!("{spent} so far"));
    }
    if simulated > Usd::ZERO {
        so_far.push(format!("{simulated} simulated"));
    }
    let missing = match (&sheet.total, sheet.each.is_empty()) {
        (_, true) => None,
        (Some(total), false) => Some(format!("{total} missing")),
        (None, false) => Some("missing: price unknown".to_owned()),
    };
    let whole = so_far.iter().cloned().chain(missing.clone()).collect::<Vec<_>>().join(", ");
    // What is to be paid goes before what was.
    let least = missing.unwrap_or_else(|| so_far.pop().unwrap_or_default());
    if text::width(&whole) <= room { whole } else { least }
}

/// How many scenes the list has room for.
pub(in super::super) fn rows(screen: &Screen, list: Rect) -> usize {
    let notes = notes(screen, usize::from(list.width)).len();
    let lines = usize::from(list.height).saturating_sub(1 + notes).max(1);
    let scenes = screen.story.scenes().len();
    // Where all have room with their words below them, each has.
    if lines >= scenes * 3 { scenes.max(1) } else { lines }
}

/// How many lines a scene has: its row, its words and an empty one where there is room for all of that.
fn lines_each(screen: &Screen, list: Rect) -> u16 {
    let notes = notes(screen, usize::from(list.width)).len();
    let lines = usize::from(list.height).saturating_sub(1 + notes);
    if lines >= screen.story.scenes().len() * 3 { 3 } else { 1 }
}

fn list(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let look = &screen.look;
    let focused = screen.story.part == Part::List;
    super::title(buf, area, look, "Scenes", focused, &counts(screen));
    let inside = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let Some(sheet) = &screen.story.sheet else {
        return lines(inside, &unread(screen), look.style(Role::Muted), buf);
    };
    let width = usize::from(area.width);
    let rows = rows(screen, area);
    let selected = screen.story.scene_place();
    let scenes = sheet.plan.scenes.iter().enumerate().skip(screen.story.top).take(rows);
    let each = lines_each(screen, area);
    for (row, (place, scene)) in (0..inside.height).step_by(usize::from(each)).zip(scenes) {
        let chosen = place == selected;
        super::line(buf, inside, row, line(screen, (place, scene), chosen, width));
        if each > 1 {
            super::line(buf, inside, row + 1, below(screen, sheet, scene, chosen, width));
        }
    }
    if sheet.plan.scenes.is_empty() {
        let key = screen.keymap.key(&screen.places(), Action::AddScene).unwrap_or_default();
        let words = format!("There is no scene yet: {key} writes one.");
        lines(inside, &words, look.style(Role::Muted), buf);
    }
    let notes = notes(screen, width);
    let first = inside.height.saturating_sub(u16::try_from(notes.len()).unwrap_or(u16::MAX));
    for (row, note) in (first..inside.height).zip(notes) {
        super::line(buf, inside, row, note);
    }
}

/// `3 of 5 done · 15.0 s`.
fn counts(screen: &Screen) -> String {
    let Some(sheet) = &screen.story.sheet else { return String::new() };
    let mut facts = vec![format!("{} of {} done", sheet.done(), sheet.plan.scenes.len())];
    if sheet.running() > 0 {
        facts.push(format!("{} on the way", sheet.running()));
    }
    let length = sheet.milliseconds();
    if length > 0 {
        facts.push(text::seconds(length));
    }
    facts.join(screen.look.dot())
}

/// What is wrong with what is said for all scenes, or with the file as it is now; and the film, once there is one.
fn notes(screen: &Screen, width: usize) -> Vec<Line<'static>> {
    let look = &screen.look;
    let Some(sheet) = &screen.story.sheet else { return vec![] };
    let cut = |words: &str| text::cut_end(&printable(words), width.saturating_sub(4));
    let mut notes = Vec::new();
    if let Some(trouble) = &screen.story.trouble {
        let words = format!(" ! {}", cut(&trouble.what));
        notes.push(Line::styled(words, look.style(Role::Bad)));
    }
    for fault in &sheet.plan.faults {
        let hint = fault.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        let words = cut(&format!("{fault}{hint}"));
        let words = format!(" {} {words}", look.pick("✗", "x"));
        notes.push(Line::styled(words, look.style(Role::Bad)));
    }
    let about = film::lines(screen, sheet, width);
    if !about.is_empty() {
        notes.push(Line::default());
    }
    notes.extend(about);
    notes
}

/// A scene's row: its number and title, how it stands, its take, how long that is, what it cost.
fn line(
    screen: &Screen,
    (place, scene): (usize, &PlannedScene),
    chosen: bool,
    width: usize,
) -> Line<'static> {
    let look = &screen.look;
    let muted = look.style(Role::Muted);
    let style = if chosen { look.style(Role::Selected) } else { Style::default() };
    let role = role(scene.status());
    let has_money = width >= 56;
    let has_length = width >= 44;
    let stand = match width {
        0..=59 => 12,
        60..=79 => 16,
        _ => 24,
    };
    let taken = 7 + 2 + stand + if has_length { 6 + 7 } else { 0 } + if has_money { 8 } else { 0 };
    let room = width.saturating_sub(taken);
    let asset = scene.chosen.as_ref().map(|chosen| &chosen.asset);
    let mut spans = vec![
        Span::styled(if chosen { look.bar() } else { " " }, look.style(Role::Accent)),
        Span::styled(glyph(screen, scene), look.style(role)),
        Span::styled(format!("{:>3} ", place + 1), muted),
        Span::styled(text::fit(&printable(&scene.title), room), style),
        Span::styled(
            format!("  {}", text::fit(&standing(screen, scene, stand), stand)),
            look.style(role),
        ),
    ];
    if has_length {
        let label = asset.map(crate::domain::Asset::label).unwrap_or_default();
        // A take that somebody named stays, whatever is made later.
        let is_named = scene.chosen.as_ref().is_some_and(|chosen| chosen.is_named);
        let sign = if is_named { look.pick("●", "*") } else { "" };
        let length = asset.and_then(|asset| asset.facts.duration_ms).map(text::seconds);
        spans.push(Span::raw(text::right(&format!("{label}{sign}"), 6)));
        spans.push(Span::styled(text::right(&length.unwrap_or_default(), 7), muted));
    }
    if has_money {
        let cost = scene.spent + scene.simulated;
        let cost = if cost == Usd::ZERO { String::new() } else { cost.to_string() };
        spans.push(Span::styled(text::right(&cost, 8), look.style(Role::Money)));
    }
    Line::from(spans)
}

/// The line below a scene's row: what is to be seen, or said.
fn below(
    screen: &Screen,
    sheet: &Sheet,
    scene: &PlannedScene,
    chosen: bool,
    width: usize,
) -> Line<'static> {
    let look = &screen.look;
    let said = sheet.said(scene);
    let words = said.and_then(|said| said.words.as_ref().map(|words| look.quoted(words)));
    let words = words.or_else(|| said.and_then(|said| said.prompt.clone()));
    let words = printable(&words.unwrap_or_default().replace('\n', " "));
    let words = text::cut_end(&words, width.saturating_sub(8));
    Line::from(vec![
        Span::styled(if chosen { look.bar() } else { " " }, look.style(Role::Accent)),
        Span::styled(format!("     {words}"), look.style(Role::Muted)),
    ])
}

/// How a scene stands, in as many words as there is room for.
fn standing(screen: &Screen, scene: &PlannedScene, room: usize) -> String {
    let status = scene.status();
    let words = status.words().to_owned();
    let Status::Running(_) = status else { return words };
    let job = scene.job().map(|job| screen.jobs.iter().find(|it| it.id == job.id).unwrap_or(job));
    let so_far = job.map(|job| super::jobs::wordings_so_far(screen, job)).unwrap_or_default();
    let more = scene.steps.iter().filter(|step| step.is_missing()).count();
    let more = if more > 0 { format!(", {more} more") } else { String::new() };
    let with_more = so_far.iter().map(|so_far| format!("{words} {so_far}{more}"));
    let without = so_far.iter().map(|so_far| format!("{words} {so_far}"));
    let alone = [format!("{words}{more}"), words.clone()];
    let mut wordings = with_more.chain(without).chain(alone);
    wordings.find(|it| text::width(it) <= room).unwrap_or(words)
}

fn glyph(screen: &Screen, scene: &PlannedScene) -> &'static str {
    let look = &screen.look;
    match scene.status() {
        Status::Done => look.stage(StageName::Done, false, 0),
        Status::Changed => look.pick("≠", "~"),
        Status::Missing => look.pick("○", "o"),
        Status::Running(stage) => look.stage(stage, false, screen.beat()),
        Status::Failed => look.stage(StageName::Failed, false, 0),
        Status::InDoubt => look.stage(StageName::InDoubt, false, 0),
        Status::Faulty => "!",
    }
}

fn role(status: Status) -> Role {
    match status {
        Status::Done => Role::Good,
        Status::Changed | Status::InDoubt => Role::Warn,
        Status::Missing => Role::Muted,
        Status::Running(_) => Role::Live,
        Status::Failed | Status::Faulty => Role::Bad,
    }
}

/// What stands in the place of the scenes while there are none to show.
fn unread(screen: &Screen) -> String {
    let story = &screen.story;
    let key = |action| screen.keymap.key(&screen.places(), action).unwrap_or_default();
    if let Some(trouble) = &story.trouble {
        let hint = trouble.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        return format!(
            "{}{hint}. {} opens it in your editor.",
            printable(&trouble.what),
            key(Action::EditStory)
        );
    }
    if story.is_new {
        return format!(
            "There is no such file yet. {} writes a short story there, with everything explained.",
            key(Action::AddScene)
        );
    }
    "reading the story".to_owned()
}

fn lines(area: Rect, words: &str, style: Style, buf: &mut Buffer) {
    let width = usize::from(area.width).saturating_sub(3);
    for (row, words) in (0..).zip(text::wrap(words, width)) {
        super::line(buf, area, row, Line::styled(format!("  {words}"), style));
    }
}

/// The picture that the view shows, with the pixels it fits into.
pub(in super::super) fn picture(screen: &Screen) -> Option<(AssetId, Pixels)> {
    let cells = facts::poster(screen)?;
    let chosen = screen.story.scene()?.chosen.as_ref()?;
    Some((chosen.asset.id, layout::pixels(cells)))
}

/// The job that the selected scene's row tells of, as it is now.
pub(in super::super) fn job(screen: &Screen, id: JobId) -> Option<&Job> {
    screen.jobs.iter().find(|job| job.id == id)
}
