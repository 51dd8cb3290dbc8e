//! Bars by day with the average of a week as a second mark.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::super::super::look::Look;
use super::super::super::screen::Screen;
use super::super::super::text;
use super::super::super::theme::Role;
use super::super::super::usage::chart::{self, Bar, Cell};
use super::super::super::usage::{Section, words};
use crate::domain::Usd;

/// Draws the section.
pub(super) fn draw(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let look = &screen.look;
    let bars = screen.usage.bars();
    let focused = screen.usage.section == Section::Days;
    let height = area.height.saturating_sub(2);
    let selected = screen.usage.day_place();
    if bars.is_empty() || height == 0 {
        return super::title(screen, area, Section::Days, "By day", "", buf);
    }
    let highest = bars.iter().map(|bar| bar.figures.spent).max().unwrap_or_default();
    let top = chart::top(highest);
    let axis = axis(top);
    let wide = usize::from(area.width).saturating_sub(axis + 2);
    let step = if wide >= bars.len() * 2 { 2 } else { 1 };
    let shown = (wide / step).min(bars.len());
    // The newest are seen; older ones where somebody goes back to them.
    let first = (bars.len() - shown).min(selected);
    let in_sight = &bars[first..first + shown];
    let facts = if focused { of_day(look, &bars[selected]) } else { of_all(look, in_sight) };
    super::title(screen, area, Section::Days, "By day", &facts, buf);
    for row in 0..height {
        let from_foot = height - 1 - row;
        let label = match from_foot {
            it if it == height - 1 => chart::tick(top),
            0 if height > 1 => "$0".to_owned(),
            it if height >= 5 && height % 2 == 1 && it == height / 2 => {
                chart::tick(Usd::from_micros(top.micros() / 2))
            }
            _ => String::new(),
        };
        let joint = if from_foot == 0 { look.pick("┼", "+") } else { look.pick("┤", "|") };
        let mut spans = vec![Span::styled(
            format!(" {} {joint}", text::right(&label, axis - 3)),
            look.style(Role::Muted),
        )];
        for (at, bar) in in_sight.iter().enumerate() {
            let is_selected = focused && first + at == selected;
            spans.push(cell(screen, bar, top, (height, from_foot), is_selected));
            if step == 2 {
                spans.push(Span::raw(" "));
            }
        }
        super::super::line(buf, area, row + 1, spans);
    }
    let mut labels = vec![Span::raw(" ".repeat(axis))];
    labels.extend(days(look, in_sight, step, focused.then(|| selected - first)));
    super::super::line(buf, area, height + 1, Line::from(labels));
}

/// How many cells stand before the bars.
fn axis(top: Usd) -> usize {
    let half = chart::tick(Usd::from_micros(top.micros() / 2));
    text::width(&chart::tick(top)).max(text::width(&half)).max(4) + 3
}

fn cell(
    screen: &Screen,
    bar: &Bar,
    top: Usd,
    (rows, row): (u16, u16),
    is_selected: bool,
) -> Span<'static> {
    let look = &screen.look;
    let high = chart::eighths(bar.figures.spent, top, rows);
    let average = chart::eighths(bar.average, top, rows);
    // The days that the tables below are of stand out.
    let days = screen.usage.report.as_ref().and_then(|report| report.days);
    let is_told = days.is_none_or(|(first, last)| (first..=last).contains(&bar.day));
    let role = match (is_selected, is_told) {
        (true, _) => Role::Warn,
        (_, true) => Role::Live,
        _ => Role::Muted,
    };
    let style = look.style(role);
    let mark = look.pick("─", "-");
    match chart::cell(high, average, row) {
        Cell::Blank => Span::raw(" "),
        Cell::Nothing => Span::styled(look.pick("·", "."), look.style(Role::Rule)),
        Cell::Average => Span::styled(mark, Style::default()),
        // In letters, a bar with another one in it; else a notch in the bar.
        Cell::Within if look.ascii => Span::styled(mark, style),
        Cell::Within => Span::styled(mark, style.add_modifier(Modifier::REVERSED)),
        Cell::Part(part) => Span::styled(glyph(look, part), style),
    }
}

fn glyph(look: &Look, part: u16) -> &'static str {
    let at = usize::from(part.clamp(1, 8)) - 1;
    let symbols = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let letters = [".", ".", ":", ":", ":", "#", "#", "#"];
    look.pick(symbols[at], letters[at])
}

/// What the bars are, and what a day of them costs.
fn of_all(look: &Look, bars: &[Bar]) -> String {
    let sum: Usd = bars.iter().map(|bar| bar.figures.spent).sum();
    if sum == Usd::ZERO {
        return format!("nothing spent in {} days", bars.len());
    }
    let about = look.pick("≈ ", "about ");
    let line = look.pick("─", "-");
    let a_day = chart::over(sum, bars.len());
    format!(
        "{} days{}{about}{a_day} a day{}{line} average of 7",
        bars.len(),
        look.dot(),
        look.dot()
    )
}

/// A day in figures.
fn of_day(look: &Look, bar: &Bar) -> String {
    let figures = &bar.figures;
    let mut facts = vec![
        bar.day.strftime("%a %b %-d").to_string(),
        figures.spent.to_string(),
        format!("{} {}", figures.runs, if figures.runs == 1 { "run" } else { "runs" }),
    ];
    if figures.video_ms > 0 {
        facts.push(text::seconds(figures.video_ms));
    }
    if figures.failed > 0 {
        facts.push(format!("{} failed", figures.failed));
    }
    facts.push(format!("week {}{} a day", look.pick("≈ ", "about "), bar.average));
    facts.join(look.dot())
}

/// The days below the bars: the first of each month, the last day, and the selected one.
fn days(look: &Look, bars: &[Bar], step: usize, selected: Option<usize>) -> Vec<Span<'static>> {
    let cells = bars.len() * step;
    let mut line = vec![' '; cells];
    let mut put = |at: usize, label: &str| {
        let wide = label.chars().count();
        let at = at.min(cells.saturating_sub(wide));
        let around = at.saturating_sub(1)..(at + wide + 1).min(cells);
        let is_free = line[around].iter().all(|letter| *letter == ' ');
        if is_free && wide <= cells {
            for (cell, letter) in line[at..].iter_mut().zip(label.chars()) {
                *cell = letter;
            }
        }
    };
    let marked = selected.map(|at| {
        let label = format!("{} {}", look.pick("▲", "^"), words::day(bars[at].day));
        put(at * step, &label);
        (at * step).min(cells.saturating_sub(label.chars().count()))
    });
    if let Some(last) = bars.last().filter(|_| selected.is_none()) {
        put(cells, &words::day(last.day));
    }
    for (at, bar) in bars.iter().enumerate() {
        if bar.day.day() == 1 || at == 0 {
            put(at * step, &words::day(bar.day));
        }
    }
    let line: String = line.into_iter().collect();
    let muted = look.style(Role::Muted);
    let Some(marked) = marked else { return vec![Span::styled(line, muted)] };
    let at = line.char_indices().nth(marked).map_or(line.len(), |(at, _)| at);
    let (before, rest) = line.split_at(at);
    let end = rest.char_indices().nth(8).map_or(rest.len(), |(at, _)| at);
    vec![
        Span::styled(before.to_owned(), muted),
        Span::styled(rest[..end].to_owned(), look.style(Role::Warn)),
        Span::styled(rest[end..].to_owned(), muted),
    ]
}
