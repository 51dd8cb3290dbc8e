//! The rows of the form of settings: label, value, and beside it what is wrong or what else could be.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::form::files::{self, Known};
use super::super::form::rows::{Row, What, input_of, row_of};
use super::super::form::words::NOTHING;
use super::super::screen::{Pane, Screen};
use super::super::text;
use super::super::theme::Role;
use crate::catalog::Fault;
use crate::domain::brief::Source;
use crate::domain::text::printable;

/// The room for labels: as wide as the widest, within these.
const LABELS: (usize, usize) = (9, 16);

/// The room for values that have something beside them.
const VALUES: (usize, usize) = (8, 18);

/// Draws the rows in sight.
pub(super) fn draw(screen: &Screen, area: Rect, frame: &mut Frame<'_>) {
    let settings = &screen.settings;
    let rows = settings.rows();
    let faults = screen.shown_faults();
    let faults: Vec<_> = faults
        .into_iter()
        .filter_map(|fault| Some((row_of(&rows, &fault.field)?, fault)))
        .collect();
    let label_width = rows.iter().map(|row| indent(row) + text::width(&row.label)).max();
    // Where the pane is narrow, a long name gives way to what it stands for.
    let widest = LABELS.1.min(usize::from(area.width) / 4);
    let label_width = label_width.unwrap_or(0).clamp(LABELS.0, widest.max(LABELS.0)) + 1;
    let beside = rows.iter().filter(|row| !matches!(row.what, What::File { .. }));
    let value_width = beside.map(|row| text::width(&settings.value(&row.what))).max();
    let columns = Columns {
        label: label_width,
        value: value_width.unwrap_or(0).clamp(VALUES.0, VALUES.1),
        room: usize::from(area.width).saturating_sub(label_width + 3),
    };
    let in_sight = rows.iter().enumerate().skip(settings.top);
    for (line, (place, row)) in (0..area.height).zip(in_sight) {
        let chosen = screen.focus == Pane::Settings && place == settings.at;
        let fault = faults.iter().find(|(at, _)| *at == place).map(|(_, fault)| *fault);
        let mut spans = head(screen, row, chosen, columns.label);
        if let (true, Some(field)) = (chosen, &settings.editing) {
            super::line(frame.buffer_mut(), area, line, spans);
            let x = u16::try_from(columns.label).unwrap_or_default() + 2;
            let words = fault.map(|fault| wrong(screen, fault, row));
            // What is typed keeps at least half of the row.
            let most = usize::from(area.width.saturating_sub(x + 2) / 2);
            let words = words.map(|words| text::cut_words(&words, most)).unwrap_or_default();
            let beside = u16::try_from(text::width(&words)).unwrap_or_default();
            let cells = Rect {
                x: area.x + x,
                y: area.y + line,
                width: area.width.saturating_sub(x + 2 + beside),
                height: 1,
            };
            frame.render_widget(field, cells);
            let rest = Rect { x: cells.x + cells.width + 1, width: beside, ..cells };
            let words = Line::styled(words, screen.look.style(Role::Bad));
            super::line(frame.buffer_mut(), rest, 0, words);
            super::prompt::place_cursor(field, cells, frame);
            continue;
        }
        spans.extend(body(screen, row, chosen, fault, &columns));
        super::line(frame.buffer_mut(), area, line, spans);
    }
}

struct Columns {
    label: usize,
    value: usize,
    room: usize,
}

fn indent(row: &Row) -> usize {
    row.depth * 2
}

/// The bar and the label.
fn head(screen: &Screen, row: &Row, chosen: bool, width: usize) -> Vec<Span<'static>> {
    let look = &screen.look;
    let bar = if chosen { look.bar() } else { " " };
    let label = format!("{}{}", " ".repeat(indent(row).min(width / 2)), row.label);
    vec![
        Span::styled(bar, look.style(Role::Accent)),
        Span::raw(" "),
        Span::styled(text::fit(&text::cut_end(&label, width - 1), width), look.style(Role::Muted)),
    ]
}

/// The value, and what stands beside it.
fn body(
    screen: &Screen,
    row: &Row,
    chosen: bool,
    fault: Option<&Fault>,
    columns: &Columns,
) -> Vec<Span<'static>> {
    let look = &screen.look;
    let style = if chosen { look.style(Role::Selected) } else { Style::default() };
    let muted = look.style(Role::Muted);
    let (value, extra) = match &row.what {
        What::File { .. } => file_words(screen, row, columns.room),
        What::Add(_) => {
            return vec![Span::styled(offer(screen, "one more"), pick(chosen, style, muted))];
        }
        What::More(count) => {
            let places = screen.places();
            let key = screen.keymap.key(&places, Action::ShowAll);
            let key = key.map(|key| format!(" ({key})")).unwrap_or_default();
            let words = format!("{} {count} more{key}", look.pick("…", "..."));
            return vec![Span::styled(words, pick(chosen, style, muted))];
        }
        what => {
            let room = columns.room.saturating_sub(columns.value + 2);
            (screen.settings.value(what), beside(screen, row, room))
        }
    };
    let is_empty = value == NOTHING;
    let style = if is_empty && !chosen { muted } else { style };
    let (extra, extra_style) = match fault {
        Some(fault) => (wrong(screen, fault, row), look.style(Role::Bad)),
        None => (extra, muted),
    };
    if extra.is_empty() {
        return vec![Span::styled(text::cut_end(&value, columns.room), style)];
    }
    let is_file = matches!(row.what, What::File { .. });
    // A long value beside nothing worth its room keeps it.
    let width = match (is_file, fault) {
        (true, _) => text::width(&value).min(columns.room),
        (false, Some(_)) => text::width(&value).min(columns.value),
        (false, None) => columns.value,
    };
    let room = columns.room.saturating_sub(width + 2);
    if room < 4 {
        return vec![Span::styled(text::cut_end(&value, columns.room), style)];
    }
    vec![
        Span::styled(text::fit(&value, width), style),
        Span::raw("  "),
        Span::styled(text::cut_words(&extra, room), extra_style),
    ]
}

fn pick(chosen: bool, one: Style, other: Style) -> Style {
    if chosen { one } else { other }
}

/// `+ one more`.
fn offer(screen: &Screen, what: &str) -> String {
    let places = screen.places();
    let key = screen.keymap.key(&places, Action::AddItem).unwrap_or("+".to_owned());
    format!("{key} {what}")
}

/// A fault without the name of its field, which stands before it already.
fn wrong(screen: &Screen, fault: &Fault, row: &Row) -> String {
    let message = printable(&fault.message);
    let named = [fault.field.as_str(), super::super::form::rows::root(&fault.field)];
    let is_here = fault.field == row.key;
    let short = named.iter().find_map(|name| message.strip_prefix(&format!("{name} ")));
    let words = short.filter(|_| is_here || fault.field.starts_with(&row.key));
    format!("{} {}", screen.look.pick("✗", "x"), words.unwrap_or(&message))
}

/// What else the row could be: its other choices, as many as fit whole, its limits, that it is needed.
fn beside(screen: &Screen, row: &Row, room: usize) -> String {
    let settings = &screen.settings;
    let value = settings.value(&row.what);
    let choices = settings.choices(&row.what);
    let others: Vec<_> = choices.into_iter().filter(|choice| *choice != value).collect();
    if others.is_empty() {
        return settings.remark(&row.what);
    }
    let more = screen.look.pick("…", "...");
    let all = others.join("  ");
    if text::width(&all) <= room {
        return all;
    }
    let mut words = String::new();
    for choice in others {
        if text::width(&words) + text::width(&choice) + 2 + text::width(more) > room {
            break;
        }
        words.push_str(&choice);
        words.push_str("  ");
    }
    words + more
}

/// A file's name and what it is: the name gives way, the figures do not.
fn file_words(screen: &Screen, row: &Row, room: usize) -> (String, String) {
    let settings = &screen.settings;
    let given = input_of(settings.model(), &row.what)
        .and_then(|(input, nth)| settings.given(&input.key).nth(nth));
    let Some(source) = given else {
        return (NOTHING.to_owned(), settings.remark(&row.what));
    };
    let facts = match (screen.files.get(source), source) {
        (Some(Known::Facts(facts)), _) => files::words(facts),
        (Some(Known::Measuring) | None, Source::File(_) | Source::Asset(_)) => {
            format!("measuring {}", screen.look.pick("…", "..."))
        }
        (_, Source::Url(_)) => "address".to_owned(),
        (Some(Known::Wrong(_)), _) | (_, Source::Awaited) => String::new(),
    };
    let name_room = room.saturating_sub(text::width(&facts) + 2).max(12);
    (text::cut_middle(&files::name(source, &screen.assets), name_room), facts)
}

/// What the row under the bar is for.
pub(super) fn about(screen: &Screen, area: Rect, frame: &mut Frame<'_>) {
    let settings = &screen.settings;
    let row = settings.row();
    let faults = screen.shown_faults();
    let rows = settings.rows();
    let fault = faults.iter().find(|fault| row_of(&rows, &fault.field) == Some(settings.at));
    // Beside its row a fault may be cut: here it is whole, with what can be done.
    let words = match fault.map(|fault| (&fault.message, &fault.hint)) {
        Some((message, Some(hint))) => format!("{message}; {hint}"),
        Some((message, None)) => message.clone(),
        None => settings.about(&row.what).unwrap_or_default(),
    };
    let words = printable(&words);
    let words = text::cut_words(&words, usize::from(area.width).saturating_sub(3));
    let line = Line::styled(format!("  {words}"), screen.look.style(Role::Muted));
    super::line(frame.buffer_mut(), area, 0, line);
}
