//! The picker of platforms and edits: each with what becomes of the take.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

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
    let most = area.height.saturating_sub(6).max(1);
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

/// `✓ TikTok   1080x1920   60 s   287 MB   crop, 32 % stays`.
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
            let room = width.saturating_sub(3 + 19 + 11 + 7);
            let (words, role) = becomes(platform, export);
            spans.push(Span::styled(name(&platform.name), style));
            spans.push(Span::styled(text::right(&size, 11), muted));
            spans.push(Span::styled(text::right(&seconds(platform.max_seconds), 7), muted));
            spans.push(Span::styled(text::cut_end(&format!("  {words}"), room), look.style(role)));
        }
        Row::Edit(spec) => {
            let room = width.saturating_sub(3 + 19 + 2);
            let about = text::cut_end(&printable(&spec.about), room);
            spans.push(Span::styled(name(&spec.name), style));
            spans.push(Span::styled(format!("  {}", in_letters(look, about)), muted));
        }
    }
    Line::from(spans)
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.0} s")
}

/// What becomes of the take there, in a few words.
fn becomes(platform: &Platform, export: &Export) -> (String, Role) {
    let shape = export.facts.pixels.map(|pixels| platform.shape(pixels, export.is_letterbox));
    let (shape, role) = match shape {
        None => (String::new(), Role::Muted),
        Some(Shape::AsItIs) => ("as it is".to_owned(), Role::Good),
        Some(Shape::Scaled) => ("scaled".to_owned(), Role::Good),
        Some(Shape::Cropped(stays)) => (format!("{stays} % of it stays"), Role::Text),
        Some(Shape::Letterboxed) => ("with black bars".to_owned(), Role::Text),
    };
    let cut = export.facts.duration_ms.and_then(|length| platform.cut(length));
    match cut {
        Some(most) => (format!("{shape}, first {most:.0} s"), Role::Warn),
        None => (shape, role),
    }
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
            "; the first {most:.0} s of {}",
            text::seconds(export.facts.duration_ms.unwrap_or_default())
        ),
        None => String::new(),
    };
    let weight = platform.max_mb;
    let weight = if weight >= 1000.0 {
        format!("{:.0} GB", weight / 1000.0)
    } else {
        format!("{weight:.0} MB")
    };
    format!("Take {} {shape}{cut}; at most {weight}.", export.label)
}
