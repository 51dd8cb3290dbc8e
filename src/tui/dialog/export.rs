//! The picker of platforms and edits: each with what becomes of the take.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::edit;
use super::super::look::Look;
use super::super::models::words::in_letters;
use super::super::pane::{line, prompt};
use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;
use super::super::update::export::{Export, Row, lacks, matches};
use super::pick;
use crate::catalog::platforms::{Platform, Shape};
use crate::domain::text::printable;

/// How many lines it has, the empty one below the field among them.
pub(super) fn height(screen: &Screen, export: &Export) -> usize {
    let all = matches(screen, "").len();
    // One for the field and the gap below it each, and what is told at the foot.
    all + 4 + lacks(screen).len().min(2) + usize::from(export.facts.pixels.is_none())
}

/// The keys that do something to the row under the bar, or to what is ticked.
pub(super) fn keys(screen: &Screen, export: &Export) -> Vec<(Action, String)> {
    let found = matches(screen, &edit::text(&export.field));
    let row = found.get(export.at);
    let go = match (export.ticked.len(), row) {
        (0, None) => None,
        (0, Some(Row::Platform(_))) => Some("make it".to_owned()),
        (0, Some(Row::Edit(_))) => Some("into the form".to_owned()),
        (count, _) => Some(format!("make {count}")),
    };
    let mut keys: Vec<_> = go.map(|words| (Action::Accept, words)).into_iter().collect();
    if matches!(row, Some(Row::Platform(_))) {
        keys.push((Action::Tick, "tick".to_owned()));
    }
    if found.iter().any(|row| matches!(row, Row::Platform(_))) {
        let fit = if export.is_letterbox { "crop" } else { "black bars" };
        keys.push((Action::TickAll, "all".to_owned()));
        keys.push((Action::Letterbox, fit.to_owned()));
    }
    keys.push((Action::Back, Action::Back.label().to_owned()));
    keys
}

/// Draws the inside of the picker: what was typed, the rows that it finds, what becomes of the take.
pub(super) fn draw(screen: &Screen, export: &Export, area: Rect, frame: &mut Frame<'_>) {
    let look = &screen.look;
    let muted = look.style(Role::Muted);
    let cells = Rect { height: 1, ..area };
    pick::field(screen, &export.field, "letters of it: reels, square, trim …", cells, frame);
    let found = matches(screen, &edit::text(&export.field));
    let width = usize::from(area.width);
    let mut foot = Vec::new();
    if let Some(row) = found.get(export.at) {
        let words = in_letters(look, whole(*row, export));
        let words = text::wrap(&printable(&words), width.saturating_sub(2));
        foot.extend(words.into_iter().map(|words| (words, Role::Money)));
    }
    for lack in lacks(screen) {
        let words = text::wrap(&printable(&lack), width.saturating_sub(2));
        foot.extend(words.into_iter().map(|words| (words, Role::Warn)));
    }
    // Where there is no row, why there is none has all the room.
    let kept = if found.is_empty() && edit::text(&export.field).is_empty() { 3 } else { 6 };
    let most = area.height.saturating_sub(kept).max(1);
    let foot_rows = u16::try_from(foot.len()).unwrap_or(u16::MAX).min(4).min(most);
    let height = area.height.saturating_sub(3 + foot_rows).max(1);
    let below = Rect { y: area.y + 2, height, ..area };
    let first = (export.at + 1).saturating_sub(usize::from(below.height));
    for (row, (place, one)) in (0..below.height).zip(found.iter().enumerate().skip(first)) {
        let chosen = place == export.at;
        line(frame.buffer_mut(), below, row, row_of(look, *one, export, chosen, width));
    }
    if found.is_empty() && !edit::text(&export.field).is_empty() {
        let words = "nothing has these letters in this order";
        line(frame.buffer_mut(), below, 0, Line::styled(words, muted));
    }
    let under =
        Rect { y: area.y + area.height.saturating_sub(foot_rows), height: foot_rows, ..area };
    for (row, (words, role)) in (0..under.height).zip(foot) {
        line(frame.buffer_mut(), under, row, Line::styled(format!("  {words}"), look.style(role)));
    }
    prompt::place_cursor(&export.field, cells, frame);
}

/// `✓ TikTok   1080x1920   60 s   287 MB  32 % stays, first 60 s`; the weight where there is room for it.
fn row_of(look: &Look, row: Row<'_>, export: &Export, chosen: bool, width: usize) -> Line<'static> {
    let style = look.style(if chosen { Role::Selected } else { Role::Text });
    let muted = look.style(Role::Muted);
    let is_ticked = matches!(row, Row::Platform(platform) if export.ticked.contains(&platform.id));
    let tick = if is_ticked { look.pick("✓", "x") } else { " " };
    let name = |name: &str| text::fit(&printable(name), 19);
    let mut spans = vec![
        Span::styled(if chosen { look.bar() } else { " " }, look.style(Role::Accent)),
        Span::styled(format!("{tick} "), look.style(Role::Good)),
    ];
    match row {
        Row::Platform(platform) => {
            let size = format!("{}x{}", platform.width, platform.height);
            let weight = if width < 70 { 0 } else { 8 };
            let room = width.saturating_sub(3 + 19 + 11 + 7 + weight + 2);
            let (words, role) = becomes(platform, export, room);
            spans.push(Span::styled(name(&platform.name), style));
            spans.push(Span::styled(text::right(&size, 11), muted));
            spans.push(Span::styled(text::right(&seconds(platform.max_seconds), 7), muted));
            if weight > 0 {
                spans.push(Span::styled(text::right(&megabytes(platform.max_mb), weight), muted));
            }
            spans
                .push(Span::styled(format!("  {}", text::cut_end(&words, room)), look.style(role)));
        }
        Row::Edit(spec) => {
            let room = width.saturating_sub(3 + 19 + 2);
            let about = in_letters(look, printable(&spec.about));
            spans.push(Span::styled(name(&spec.name), style));
            spans.push(Span::styled(format!("  {}", text::cut_end(&about, room)), muted));
        }
    }
    Line::from(spans)
}

fn seconds(seconds: f64) -> String {
    format!("{seconds} s")
}

fn megabytes(megabytes: f64) -> String {
    if megabytes >= 1000.0 {
        format!("{} GB", megabytes / 1000.0)
    } else {
        format!("{megabytes} MB")
    }
}

/// What becomes of the take there, in a few words. Where there is no room for both, that it is cut goes before its
/// shape: the foot tells all.
fn becomes(platform: &Platform, export: &Export, room: usize) -> (String, Role) {
    let shape = export.facts.pixels.map(|pixels| platform.shape(pixels, export.is_letterbox));
    let (shape, role) = match shape {
        None => (String::new(), Role::Muted),
        Some(Shape::AsItIs) => ("as it is".to_owned(), Role::Good),
        Some(Shape::Scaled) => ("scaled".to_owned(), Role::Good),
        Some(Shape::Cropped(stays)) => (format!("{stays} % stays"), Role::Text),
        Some(Shape::Letterboxed) => ("black bars".to_owned(), Role::Text),
    };
    let Some(most) = export.facts.duration_ms.and_then(|length| platform.cut(length)) else {
        return (shape, role);
    };
    let cut = format!("first {}", seconds(most));
    let both = format!("{shape}, {cut}");
    let is_cut_alone = shape.is_empty() || text::width(&both) > room;
    (if is_cut_alone { cut } else { both }, Role::Warn)
}

/// The same in full, for the row that is selected.
fn whole(row: Row<'_>, export: &Export) -> String {
    let platform = match row {
        Row::Edit(spec) => {
            return format!("{} It goes into the form with take {}.", spec.about, export.label);
        }
        Row::Platform(platform) => platform,
    };
    let size = format!("{}x{}", platform.width, platform.height);
    let shape = match export.facts.pixels.map(|it| (it, platform.shape(it, export.is_letterbox))) {
        None => format!("becomes {size}"),
        Some((_, Shape::AsItIs)) => format!("has {size} already"),
        Some((from, Shape::Scaled)) => format!("is scaled from {from} to {size}"),
        Some((from, Shape::Cropped(stays))) => {
            format!("is cut from {from} to {size}: {stays} % of the picture stays, from its middle")
        }
        Some((from, Shape::Letterboxed)) => {
            format!("is scaled from {from} into {size}, with black beside it")
        }
    };
    let cut = match export.facts.duration_ms.and_then(|length| platform.cut(length)) {
        Some(most) => format!(
            "; the first {} of {}",
            seconds(most),
            text::seconds(export.facts.duration_ms.unwrap_or_default())
        ),
        None => String::new(),
    };
    format!("Take {} {shape}{cut}; at most {}.", export.label, megabytes(platform.max_mb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_a_platform_of_ones_own_are_told_as_they_are() {
        assert_eq!([seconds(90.0), seconds(2.5)], ["90 s", "2.5 s"]);
        let told = [0.5, 287.0, 1500.0, 256_000.0].map(megabytes);
        assert_eq!(told, ["0.5 MB", "287 MB", "1.5 GB", "256 GB"]);
    }
}
