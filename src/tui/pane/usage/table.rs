//! Sums by model, provider, …; the dearest jobs; what a kept take costs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::super::look::Look;
use super::super::super::screen::Screen;
use super::super::super::text;
use super::super::super::theme::Role;
use super::super::super::usage::{Report, Section, words};
use super::columns::{Cell, Column, Columns, behind};
use crate::domain::Usd;
use crate::domain::text::printable;
use crate::domain::usage::{Dear, Figures, Group, GroupBy};

/// The least that the name of a row has.
const NAME: usize = 20;

/// Draws the table.
pub(super) fn draw(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let (look, usage) = (&screen.look, &screen.usage);
    let name = format!("By {}", usage.by.as_str());
    let Some(report) = usage.report.as_ref().filter(|report| !report.groups.is_empty()) else {
        super::title(screen, area, Section::Table, &name, "", buf);
        if let Some(report) = &usage.report {
            super::told(screen, area, &nothing(screen, report), buf);
        }
        return;
    };
    let width = usize::from(area.width);
    let columns = columns(screen, &report.groups, width.saturating_sub(NAME + 3));
    let from = width.saturating_sub(1 + columns.width());
    super::title(screen, area, Section::Table, &name, "", buf);
    let taken = text::width(&name) + 2;
    let window = words::window(Some(report), usage.asked.window);
    let count = format!(" {window} ");
    columns.captions(buf, area, look, from, taken);
    if taken + text::width(&count) < from {
        let at = area.x + u16::try_from(taken).unwrap_or_default();
        buf.set_string(at + 1, area.y, count, look.style(Role::Muted));
    }
    let focused = usage.section == Section::Table;
    let selected = usage.group_place();
    let rows = usize::from(area.height) - 1;
    let shown = report.groups.iter().enumerate().skip(usage.group_top).take(rows);
    for (at, (place, group)) in (1..).zip(shown) {
        let (bar, style) = super::mark(screen, place == selected, focused);
        let called = words::group(screen.settings.catalog(), usage.by, &group.key);
        let called = text::fit(&called, from.saturating_sub(2));
        let mut spans = vec![bar, Span::raw(" "), Span::styled(called, style)];
        spans.extend(columns.row(look, place, style));
        super::super::line(buf, area, at, spans);
    }
}

fn nothing(screen: &Screen, report: &Report) -> Vec<String> {
    if screen.usage.by == GroupBy::Tag && report.figures.jobs > 0 {
        return vec!["nothing that was run here has a tag".to_owned()];
    }
    super::nothing(screen, report)
}

fn columns(screen: &Screen, groups: &[Group], room: usize) -> Columns {
    let each = |cell: &dyn Fn(&Figures) -> Cell| -> Vec<Cell> {
        groups.iter().map(|group| cell(&group.figures)).collect()
    };
    let runs =
        each(&|it| Cell::Plain(text::grouped(usize::try_from(it.runs).unwrap_or(usize::MAX))));
    let video = each(&|it| Cell::plain((it.video_ms > 0).then(|| text::seconds(it.video_ms))));
    let failed = each(&|it| Cell::plain(it.failed_per_mille().map(words::percent)));
    let drift = each(&|it| Cell::plain(it.drift().map(|it| words::drift(&screen.look, Some(it)))));
    let columns = vec![
        Column::new("runs", 0, runs),
        Column::new("video", 4, video),
        Column::new("cost", 0, each(&|it| Cell::Money(it.spent))),
        Column::new("per run", 2, each(&|it| Cell::money(it.per_run()))),
        Column::new("per second", 5, each(&|it| Cell::money(it.per_second()))),
        Column::new("per kept", 1, each(&|it| Cell::money(it.per_kept()))),
        Column::new("failed", 3, failed),
        Column::new("quote vs bill", 6, drift),
    ];
    Columns::fitting(columns, room)
}

/// Draws the dearest jobs.
pub(super) fn top(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let (look, usage) = (&screen.look, &screen.usage);
    let window = words::window(usage.report.as_ref(), usage.asked.window);
    super::title(screen, area, Section::Top, "Top ten", &window, buf);
    let dearest = usage.dearest();
    if let Some(report) = usage.report.as_ref().filter(|_| dearest.is_empty()) {
        return super::told(screen, area, &super::nothing(screen, report), buf);
    }
    let costs = dearest.iter().map(|dear| Cell::Money(dear.spent)).collect();
    let costs = Columns::fitting(vec![Column::new("cost", 0, costs)], 40);
    let width = usize::from(area.width);
    let room = width.saturating_sub(18 + costs.width());
    let model = (room / 3).clamp(10, 24);
    let focused = usage.section == Section::Top;
    let selected = usage.dear_at.place(&usage.dear_ids());
    let rows = usize::from(area.height) - 1;
    let shown = dearest.iter().enumerate().skip(usage.dear_top).take(rows);
    for (at, (place, dear)) in (1..).zip(shown) {
        let (bar, style) = super::mark(screen, place == selected, focused);
        let muted = look.style(Role::Muted);
        let called = words::model(screen.settings.catalog(), &dear.model);
        let day = dear.day.parse().map_or_else(|_| printable(&dear.day), words::day);
        let mut spans = vec![
            bar,
            Span::styled(text::right(&dear.number.to_string(), 5), style),
            Span::styled(format!("  {}", text::fit(&day, 6)), muted),
            Span::raw(format!("  {}", text::fit(&called, model))),
            Span::styled(
                format!("  {}", text::fit(&asked(dear), room.saturating_sub(model + 1))),
                style,
            ),
        ];
        spans.extend(costs.row(look, place, style));
        super::super::line(buf, area, at, spans);
    }
}

fn asked(dear: &Dear) -> String {
    let prompt = printable(&dear.prompt);
    if prompt.trim().is_empty() { "no prompt".to_owned() } else { prompt }
}

/// What a kept take cost, and what was paid for nothing: in as many words as there is room for.
pub(super) fn kept(screen: &Screen, area: Rect, buf: &mut Buffer) {
    let Some(report) = screen.usage.report.as_ref().filter(|_| !area.is_empty()) else { return };
    let look = &screen.look;
    let room = usize::from(area.width).saturating_sub(3);
    let width = |facts: &[Vec<Span<'_>>]| -> usize {
        let between = facts.len().saturating_sub(1) * text::width(look.dot());
        facts.iter().flatten().map(Span::width).sum::<usize>() + between
    };
    let ways = [Words::All, Words::Some, Words::Few];
    let ways = ways.map(|words| in_words(look, &report.figures, words));
    let [.., fewest] = &ways;
    let facts = ways.iter().find(|facts| width(facts) <= room).unwrap_or(fewest);
    let mut line = vec![Span::raw("  ")];
    for (at, fact) in facts.iter().enumerate() {
        let between = if at > 0 { look.dot() } else { "" };
        line.push(Span::styled(between, look.style(Role::Muted)));
        line.extend(fact.iter().cloned());
    }
    super::super::line(buf, area, 0, Line::from(line));
}

/// How much is said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    All,
    Some,
    Few,
}

fn in_words(look: &Look, figures: &Figures, words: Words) -> Vec<Vec<Span<'static>>> {
    let muted = look.style(Role::Muted);
    let said = |words: &str| Span::styled(words.to_owned(), muted);
    let amount = |amount: Usd| {
        let (cents, rest) = words::money(amount);
        let style = look.style(Role::Title);
        [Span::styled(cents, style), Span::styled(rest, behind(look, style))]
    };
    let decided = figures.kept + figures.rejected;
    let mut facts: Vec<Vec<Span<'static>>> = Vec::new();
    if let Some(rate) = figures.kept_per_mille() {
        let mut fact = vec![Span::styled(words::percent(rate), look.style(Role::Title))];
        fact.push(said(" kept"));
        if words == Words::All {
            fact.push(said(&format!(" ({} of {decided})", figures.kept)));
        }
        facts.push(fact);
    } else if figures.takes > 0 {
        facts.push(vec![said("no take kept or rejected yet")]);
    }
    if let Some(per_kept) = figures.per_kept() {
        let mut fact = amount(per_kept).to_vec();
        fact.push(said(" a kept take"));
        facts.push(fact);
    }
    let lost = figures.failed_cost + figures.rejected_cost;
    let Some(share) = words::share(lost, figures.spent).filter(|_| lost > Usd::ZERO) else {
        return facts;
    };
    let mut fact = vec![said("failures ")];
    fact.extend(amount(figures.failed_cost));
    fact.push(said(" + rejects "));
    fact.extend(amount(figures.rejected_cost));
    facts.push(match words {
        Words::All => {
            fact.extend([said(" = "), Span::raw(share), said(" of the cost")]);
            fact
        }
        Words::Some => {
            fact.extend([said(" = "), Span::raw(share)]);
            fact
        }
        Words::Few => vec![Span::raw(share), said(" lost")],
    });
    facts
}
