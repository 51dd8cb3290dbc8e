//! What stands against budgets and limits: a row each, and where the month will end.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::super::look::Look;
use super::super::super::screen::Screen;
use super::super::super::text;
use super::super::super::theme::Role;
use super::super::super::usage::areas::Areas;
use super::super::super::usage::{Report, Row, Section, words};
use super::columns::{Cell, Column, Columns};
use crate::domain::{Meter, Usd};

/// The least that a bar is drawn in, with its percentage behind it.
const BAR: usize = 16;

/// Draws the section.
pub(super) fn draw(screen: &Screen, areas: &Areas, buf: &mut Buffer) {
    let area = areas.budgets;
    let usage = &screen.usage;
    let Some(report) = &usage.report else {
        super::title(screen, area, Section::Budgets, "Budgets", "", buf);
        return super::told(screen, area, &["reading the ledger".to_owned()], buf);
    };
    let look = &screen.look;
    let width = usize::from(area.width);
    let rows = usize::from(area.height).saturating_sub(1 + usize::from(areas.has_ending));
    let names: Vec<_> =
        report.rows.iter().map(|row| words::rule(&row.standing.bound.rule, report.today)).collect();
    let name = names.iter().map(|name| text::width(name)).max().unwrap_or_default().clamp(9, 16);
    let columns = columns(report, width.saturating_sub(name + 3 + BAR));
    let name = name.max(width.saturating_sub(3 + columns.width() + 60)).min(24);
    super::title(screen, area, Section::Budgets, "Budgets", "", buf);
    columns.captions(buf, area, look, 2 + name, 11);
    let focused = usage.section == Section::Budgets;
    let shown = report.rows.iter().enumerate().skip(usage.row_top).take(rows);
    for (at, (place, row)) in (1..).zip(shown) {
        let (bar, style) = super::mark(screen, place == usage.row_at, focused);
        let mut spans = vec![bar, Span::raw(" ")];
        spans.push(Span::styled(text::fit(&names[place], name), style));
        spans.extend(columns.row(look, place, style));
        let room = width.saturating_sub(3 + name + columns.width());
        spans.extend(gauge(look, row, room.min(56)));
        super::super::line(buf, area, at, spans);
    }
    if areas.has_ending {
        let line = ending(look, report, width);
        super::super::line(buf, area, area.height - 1, line);
    }
}

fn columns(report: &Report, room: usize) -> Columns {
    let of = |value: i64, row: &Row| match row.standing.bound.rule.meter() {
        Meter::Cost => Cell::Money(Usd::from_micros(value)),
        Meter::Videos | Meter::Calls(_) => Cell::Plain(value.to_string()),
    };
    let each = |cell: &dyn Fn(&Row) -> Cell| report.rows.iter().map(cell).collect::<Vec<_>>();
    let counts = |row: &Row| row.standing.bound.rule.meter() != Meter::Cost;
    let spent = each(&|row| of(row.standing.used.spent, row));
    let held = each(&|row| match row.standing.used.held {
        _ if counts(row) => Cell::None,
        held => of(held, row),
    });
    let due = each(&|row| Cell::money(row.due));
    let most = each(&|row| row.standing.bound.allowed.most().map_or(Cell::None, |it| of(it, row)));
    let is_owed = report.rows.iter().any(|row| row.due.is_some_and(|due| due > Usd::ZERO));
    // What is nothing everywhere makes room first.
    let (due_rank, held_rank) = if is_owed { (1, 2) } else { (2, 1) };
    let columns = vec![
        Column::new("spent", 0, spent),
        Column::new("held", held_rank, held),
        Column::new("refund due", due_rank, due),
        Column::new("of", 0, most),
    ];
    Columns::fitting(columns, room)
}

/// How much of it is used as a bar with its figure: what is spent, what is held, what is left.
fn gauge(look: &Look, row: &Row, room: usize) -> Vec<Span<'static>> {
    let muted = look.style(Role::Muted);
    let Some(percent) = row.standing.percent() else {
        let words = text::cut_end("no budget", room.saturating_sub(3));
        return vec![Span::styled(format!("   {words}"), muted)];
    };
    let role = match percent {
        100.. => Role::Bad,
        80.. => Role::Warn,
        _ => Role::Live,
    };
    let figure = format!("{percent} %");
    let cells = room.saturating_sub(12).max(3);
    let most = row.standing.bound.allowed.most().unwrap_or_default().max(1);
    let part = |value: i64| {
        let value = i128::from(value.max(0)).min(i128::from(most));
        let cells = i128::try_from(cells).unwrap_or_default();
        usize::try_from(value * cells / i128::from(most)).unwrap_or_default()
    };
    let used = row.standing.used;
    let nothing = used.sum() <= 0 && percent < 100;
    // Something used is never drawn as nothing.
    let all = if percent >= 100 { cells } else { part(used.sum()).max(usize::from(!nothing)) };
    let spent = if used.held > 0 { part(used.spent).min(all) } else { all };
    let figure_style = if percent >= 80 { look.style(role) } else { Style::default() };
    vec![
        Span::styled(look.pick("   ", "  [").to_owned(), look.style(Role::Rule)),
        Span::styled(look.pick("▆", "#").repeat(spent), look.style(role)),
        Span::styled(look.pick("▃", "=").repeat(all - spent), look.style(role)),
        Span::styled(look.pick("▁", ".").repeat(cells - all), look.style(Role::Rule)),
        Span::styled(look.pick(" ", "]").to_owned(), look.style(Role::Rule)),
        Span::styled(text::right(&figure, 6), figure_style),
        Span::styled(if percent >= 80 { " !" } else { "" }, figure_style),
    ]
}

/// Where the month will end, in as many words as there is room for, and what else bounds a run.
fn ending(look: &Look, report: &Report, width: usize) -> Line<'static> {
    let muted = look.style(Role::Muted);
    let month = words::month(report.today, report.today);
    let has_any = report.rows.iter().any(|row| row.standing.bound.allowed.most().is_some());
    let mut facts: Vec<(Vec<String>, Role)> = Vec::new();
    if let Some(ending) = report.ending {
        let spent = ending.spent;
        let reached = ending.reached.map(|day| {
            let is_today = day == report.today;
            if is_today { "today".to_owned() } else { format!("on {}", words::nth(day)) }
        });
        facts.push(match reached {
            Some(day) => (
                vec![
                    format!(
                        "at this pace {month} ends at about {spent}: its budget is reached {day}"
                    ),
                    format!("{month} ends at about {spent}, budget reached {day}"),
                    format!("{month}: about {spent}, over {day}"),
                ],
                Role::Warn,
            ),
            None => (
                vec![
                    format!("at this pace {month} ends at about {spent}"),
                    format!("{month} ends at about {spent}"),
                ],
                Role::Text,
            ),
        });
    } else if has_any {
        facts.push((vec![format!("nothing was spent in {month} yet")], Role::Muted));
    }
    if let Some(most) = report.per_run {
        facts.push((vec![format!("a run: at most {most}")], Role::Muted));
    }
    if !has_any && !report.simulated {
        let how = "rushes budget set month 50 sets a budget";
        facts.push((vec![format!("no budget is set: {how}"), how.to_owned()], Role::Muted));
    }
    let mut spans = vec![Span::raw("  ")];
    let mut room = width.saturating_sub(3);
    for (ways, role) in facts {
        let between = if spans.len() > 1 { look.dot() } else { "" };
        let left = room.saturating_sub(text::width(between));
        if let Some(words) = ways.into_iter().find(|words| text::width(words) <= left) {
            room = left - text::width(&words);
            spans.extend([Span::styled(between, muted), Span::styled(words, look.style(role))]);
        }
    }
    Line::from(spans)
}
