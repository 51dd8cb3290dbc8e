//! The settings of the next order, as a form or as one line, and what it will cost.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::keymap::Place;
use super::super::screen::{Pane, Screen};
use super::super::settings::Row;
use super::super::text;
use super::super::theme::Role;
use crate::catalog::Fault;

const LABEL: usize = 11;

/// Draws the settings: a form where there is room, else one line; always with the price.
pub(in super::super) fn draw(screen: &Screen, area: Rect, frame: &mut Frame<'_>) {
    if area.is_empty() {
        return;
    }
    if area.height == 1 {
        one_line(screen, area, frame, true);
        return;
    }
    let focused = screen.focus == Pane::Settings;
    let spec = screen.settings.model();
    let facts = format!("{}  {}", spec.name, spec.operation.words());
    super::title(frame.buffer_mut(), area, &screen.look, "Settings", focused, &facts);
    let inside = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let rows = screen.settings.rows().len();
    if usize::from(inside.height) > rows.min(4) && inside.height > 3 {
        form(screen, Rect { height: inside.height - 1, ..inside }, frame);
    } else {
        one_line(screen, Rect { height: 1, ..inside }, frame, false);
    }
    let last = Rect { y: inside.y + inside.height - 1, height: 1, ..inside };
    price(screen, last, frame);
}

/// What is wrong with a row, once somebody wanted to order it or it was set wrong.
fn fault(screen: &Screen, row: Row) -> Option<&Fault> {
    let key = screen.settings.key(row);
    screen.counted.faults.iter().find(|fault| fault.field == key)
}

fn form(screen: &Screen, area: Rect, frame: &mut Frame<'_>) {
    let settings = &screen.settings;
    let look = &screen.look;
    let rows = settings.rows();
    let height = usize::from(area.height);
    let first = (settings.at + 1).saturating_sub(height);
    let value_width = rows.iter().map(|row| text::width(&settings.value(*row))).max().unwrap_or(0);
    let value_width = value_width.clamp(8, 18);
    for (place, row) in rows.iter().enumerate().skip(first).take(height) {
        let at = u16::try_from(place - first).unwrap_or(u16::MAX);
        let chosen = screen.focus == Pane::Settings && place == settings.at;
        let bar = if chosen { look.bar() } else { " " };
        let mut spans = vec![
            Span::styled(bar, look.style(Role::Accent)),
            Span::raw(" "),
            Span::styled(text::fit(&settings.label(*row), LABEL), look.style(Role::Muted)),
        ];
        let room = usize::from(area.width).saturating_sub(LABEL + 3);
        if let (true, Some(field)) = (chosen, &settings.editing) {
            super::line(frame.buffer_mut(), area, at, spans);
            let x = u16::try_from(LABEL).unwrap_or_default() + 2;
            let cells = Rect {
                x: area.x + x,
                y: area.y + at,
                width: area.width.saturating_sub(x + 2),
                height: 1,
            };
            frame.render_widget(field, cells);
            super::prompt::place_cursor(field, cells, frame);
            continue;
        }
        let style = if chosen { look.style(Role::Selected) } else { Style::default() };
        let value = settings.value(*row);
        if let Some(fault) = fault(screen, *row) {
            spans.push(Span::styled(format!("{value}  "), style));
            let words = format!("{} {}", look.pick("✗", "x"), fault.message);
            let room = room.saturating_sub(text::width(&value) + 2);
            spans.push(Span::styled(text::cut_end(&words, room), look.style(Role::Bad)));
        } else {
            let choices = settings.choices(*row);
            let others: Vec<_> = choices.into_iter().filter(|choice| *choice != value).collect();
            let extra = match row {
                Row::Takes if settings.takes > 1 && settings.seed.is_some() => {
                    "seeds count up".to_owned()
                }
                Row::Takes if !settings.model().takes_seed() => {
                    "the model picks the seeds".to_owned()
                }
                Row::Takes if settings.takes > 1 => "each with its own seed".to_owned(),
                _ => others.join("  "),
            };
            if extra.is_empty() {
                spans.push(Span::styled(text::cut_end(&value, room), style));
            } else {
                spans.push(Span::styled(text::fit(&value, value_width), style));
                let room = room.saturating_sub(value_width + 2);
                spans.push(Span::raw("  "));
                spans.push(Span::styled(text::cut_end(&extra, room), look.style(Role::Muted)));
            }
        }
        super::line(frame.buffer_mut(), area, at, spans);
    }
}

/// `Hunyuan 1.5 · 1280*720 · 5 s · seed random · 1 take`; the chosen one under the accent.
fn one_line(screen: &Screen, area: Rect, frame: &mut Frame<'_>, with_price: bool) {
    let settings = &screen.settings;
    let look = &screen.look;
    let focused = screen.focus == Pane::Settings;
    if let (true, Some(field)) = (focused, &settings.editing) {
        let label = settings.label(settings.row());
        let x = u16::try_from(text::width(&label)).unwrap_or_default() + 4;
        let spans = vec![
            Span::styled(look.bar(), look.style(Role::Accent)),
            Span::raw(" "),
            Span::styled(label, look.style(Role::Muted)),
        ];
        super::line(frame.buffer_mut(), area, 0, spans);
        let cells = Rect { x: area.x + x, width: area.width.saturating_sub(x + 1), ..area };
        frame.render_widget(field, cells);
        super::prompt::place_cursor(field, cells, frame);
        return;
    }
    let right = if with_price { cost(screen, area.width > 76) } else { Line::default() };
    let room = usize::from(area.width).saturating_sub(right.width() + 3);
    let bar = if focused { look.bar() } else { " " };
    let mut spans = vec![Span::styled(bar, look.style(Role::Accent)), Span::raw(" ")];
    let mut used = 0;
    for (place, row) in settings.rows().iter().enumerate() {
        let chosen = focused && place == settings.at;
        let (words, wrong) = brief_words(screen, *row, chosen);
        // The title names the model already.
        if words.is_empty() || (*row == Row::Model && !with_price && !chosen) {
            continue;
        }
        let words = if used > 0 { format!("{}{words}", look.dot()) } else { words };
        // A part is whole or not there: half a figure reads as another one. Only what is chosen is cut.
        if !chosen && text::width(&words) > room.saturating_sub(used) {
            continue;
        }
        let words = text::cut_end(&words, room.saturating_sub(used));
        used += text::width(&words);
        let style = match (wrong, chosen) {
            (true, _) => look.style(Role::Bad),
            (false, true) => look.style(Role::Accent),
            (false, false) => Style::default(),
        };
        // The dot before a chosen value is not part of it.
        match words.strip_prefix(look.dot()) {
            Some(rest) => {
                spans.push(Span::styled(look.dot(), look.style(Role::Muted)));
                spans.push(Span::styled(rest.to_owned(), style));
            }
            None => spans.push(Span::styled(words, style)),
        }
    }
    spans.push(Span::raw(" ".repeat(room.saturating_sub(used))));
    spans.extend(right.spans);
    super::line(frame.buffer_mut(), area, 0, spans);
}

/// A row in a few words for the one-line form, and whether it is wrong.
fn brief_words(screen: &Screen, row: Row, chosen: bool) -> (String, bool) {
    let settings = &screen.settings;
    let value = settings.value(row);
    if let Some(fault) = fault(screen, row) {
        return (format!("{} {}", settings.label(row), fault.message), true);
    }
    let words = match row {
        Row::Model => value,
        Row::Seed => format!("seed {value}"),
        Row::Takes if settings.takes == 1 => "1 take".to_owned(),
        Row::Takes => format!("{value} takes"),
        Row::Param(_) if value == "–" && !chosen => String::new(),
        Row::Param(_) if settings.key(row) == "negative_prompt" => format!("without {value}"),
        Row::Param(at) => match settings.model().params[at].kind {
            crate::catalog::ParamKind::Switch => format!("{} {value}", settings.label(row)),
            _ => value,
        },
    };
    (words, false)
}

/// What the next order costs, and the key that makes it.
fn price(screen: &Screen, area: Rect, frame: &mut Frame<'_>) {
    let cost = cost(screen, true);
    let gap = usize::from(area.width).saturating_sub(cost.width() + 1);
    let look = &screen.look;
    let takes = screen.settings.takes;
    let sum = match (&screen.counted.estimate, takes) {
        (Some(estimate), 2..) => format!("  {takes} takes {} {estimate}", look.pick("×", "x")),
        _ => String::new(),
    };
    let sum = text::fit(&sum, gap);
    let mut spans = vec![Span::styled(sum, look.style(Role::Muted))];
    spans.extend(cost.spans);
    super::line(frame.buffer_mut(), area, 0, spans);
}

/// The price, and the key that spends it, with its word where there is room.
fn cost(screen: &Screen, in_words: bool) -> Line<'static> {
    let look = &screen.look;
    let takes = screen.settings.takes;
    let about = match &screen.counted.estimate {
        Some(estimate) => format!("about {}", estimate.times(takes)),
        None => "price unknown".to_owned(),
    };
    // Told wherever the focus is, above dialogs and lines too: the row does not change for them.
    let key = screen.keymap.key(&[Place::Everywhere], Action::Generate);
    let mut spans = vec![Span::styled(about, look.style(Role::Title)), Span::raw("   ")];
    if let Some(key) = key {
        spans.push(Span::styled(key, look.style(Role::Key)));
        if in_words {
            spans.push(Span::raw(format!(" {}", Action::Generate.label())));
        }
    }
    Line::from(spans)
}
