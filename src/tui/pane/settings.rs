//! The settings of the next order, as a form or as one line, and what it will cost.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::form::rows::{Row, What, input_of, row_of};
use super::super::form::{files, words::NOTHING};
use super::super::keymap::Place;
use super::super::layout;
use super::super::screen::{Pane, Screen};
use super::super::text;
use super::super::theme::Role;
use crate::catalog::ParamKind;
use crate::domain::batch;
use crate::domain::text::printable;

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
    let more = match screen.settings.models().len() - 1 {
        0 => String::new(),
        more => format!(" +{more}"),
    };
    let facts = format!("{}{more}  {}", printable(&spec.name), spec.operation.words());
    super::title(frame.buffer_mut(), area, &screen.look, "Settings", focused, &facts);
    let inside = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let rows = layout::form_rows(area, screen.focus);
    if rows.height > 0 {
        super::form::draw(screen, rows, frame);
        if layout::has_about(area, screen.focus) {
            super::form::about(screen, Rect { y: rows.y + rows.height, height: 1, ..rows }, frame);
        }
    } else {
        one_line(screen, Rect { height: 1, ..inside }, frame, false);
    }
    let last = Rect { y: inside.y + inside.height - 1, height: 1, ..inside };
    price(screen, last, frame);
}

/// `Hunyuan 1.5 · 1280*720 · 5 s · seed random · 1 take`; the chosen one under the accent.
fn one_line(screen: &Screen, area: Rect, frame: &mut Frame<'_>, with_price: bool) {
    let settings = &screen.settings;
    let look = &screen.look;
    let focused = screen.focus == Pane::Settings;
    if let (true, Some(field)) = (focused, &settings.editing) {
        let label = settings.row().label;
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
    let is_wide = area.width > 76;
    let mut right = if with_price { cost(screen, is_wide) } else { Line::default() };
    if let Some((words, role)) = screen.quote_words().filter(|_| with_price && is_wide) {
        right.spans.insert(0, Span::styled(format!("{words}  "), look.style(role)));
    }
    let room = usize::from(area.width).saturating_sub(right.width() + 3);
    let bar = if focused { look.bar() } else { " " };
    let mut spans = vec![Span::styled(bar, look.style(Role::Accent)), Span::raw(" ")];
    let mut used = 0;
    let rows = settings.rows();
    let faulty: Vec<_> =
        screen.shown_faults().iter().filter_map(|fault| row_of(&rows, &fault.field)).collect();
    for (place, row) in rows.iter().enumerate() {
        let chosen = focused && place == settings.at;
        let (words, wrong) = brief_words(screen, row, chosen, faulty.contains(&place));
        // The title names the model already.
        if words.is_empty() || (row.what == What::Model && !with_price && !chosen) {
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
fn brief_words(screen: &Screen, row: &Row, chosen: bool, wrong: bool) -> (String, bool) {
    let settings = &screen.settings;
    let value = settings.value(&row.what);
    let is_empty = value == NOTHING && !chosen && !wrong;
    let words = match &row.what {
        What::Model => value,
        What::Seed => format!("seed {value}"),
        What::Takes if settings.takes == 1 => "1 take".to_owned(),
        What::Takes => format!("{value} takes"),
        What::File { .. } => {
            let Some((input, nth)) = input_of(settings.model(), &row.what) else {
                return (String::new(), wrong);
            };
            match settings.given(&input.key).nth(nth) {
                Some(source) => text::cut_middle(&files::name(source, &screen.assets), 24),
                None if nth == 0 && (input.required || chosen || wrong) => {
                    format!("no {}", row.label)
                }
                None => String::new(),
            }
        }
        What::Value(_) | What::List(_) if is_empty => String::new(),
        What::List(_) => format!("{} {value}", row.label),
        What::Value(_) if row.depth > 0 => String::new(),
        What::Value(spot) => {
            let is_switch = spot.spec(settings.model()).kind == ParamKind::Switch;
            let is_bare = !is_switch && row.key != "negative_prompt" && value != NOTHING;
            if is_bare { value } else { format!("{} {value}", row.label) }
        }
        What::Add(_) | What::Group(_) | What::More(_) => String::new(),
    };
    let sign = if wrong { screen.look.pick("✗ ", "x ") } else { "" };
    (if words.is_empty() { words } else { format!("{sign}{words}") }, wrong)
}

/// What the next order costs, and the key that makes it.
fn price(screen: &Screen, area: Rect, frame: &mut Frame<'_>) {
    let cost = cost(screen, true);
    let gap = usize::from(area.width).saturating_sub(cost.width() + 1);
    let look = &screen.look;
    let (quote, role) = match screen.quote_words() {
        // Whole or not there: half a figure reads as another one.
        Some((words, role)) if text::width(&words) + 2 <= gap => (format!("  {words}"), role),
        _ => (String::new(), Role::Muted),
    };
    let room = gap - text::width(&quote);
    let sums = sums(screen);
    let sum = sums.iter().find(|sum| text::width(sum) <= room).cloned().unwrap_or_default();
    let mut spans = vec![
        Span::styled(quote, look.style(role)),
        Span::styled(text::fit(&sum, room), look.style(Role::Muted)),
    ];
    spans.extend(cost.spans);
    super::line(frame.buffer_mut(), area, 0, spans);
}

/// How the price comes about, in words and shorter: `2 variants × 1 take = 2 × $0.50 =`.
fn sums(screen: &Screen) -> Vec<String> {
    let (times, takes, rows) =
        (screen.look.pick("×", "x"), screen.settings.takes, screen.counted.rows);
    let each = screen.counted.estimate.as_ref();
    if rows < 2 {
        let sum = each.filter(|_| takes > 1).map(|each| format!("  {takes} takes {times} {each}"));
        return sum.into_iter().collect();
    }
    let variants = super::prompt::many(rows, "variant");
    let takes_in_words = super::prompt::many(u64::from(takes), "take");
    if batch::few(rows).is_err() {
        return vec![format!("  {variants}: too many"), "  too many".to_owned()];
    }
    let all = rows.saturating_mul(u64::from(takes));
    match each {
        None => vec![format!("  {variants} {times} {takes_in_words}"), format!("  {all} takes")],
        Some(each) => vec![
            format!("  {variants} {times} {takes_in_words} = {all} {times} {each} ="),
            format!("  {all} {times} {each} ="),
            format!("  {all} takes"),
        ],
    }
}

/// The price, and the key that spends it, with its word where there is room.
fn cost(screen: &Screen, in_words: bool) -> Line<'static> {
    let look = &screen.look;
    let about = match &screen.counted.total {
        // A floor says itself that it is none but the least.
        Some(total) if total.floor => total.to_string(),
        Some(total) => format!("about {total}"),
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
