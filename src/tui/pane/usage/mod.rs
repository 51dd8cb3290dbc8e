//! The usage view: what stands against the budgets, bars by day, tables, the ledger.

mod budgets;
mod columns;
mod days;
mod ledger;
mod table;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;
use super::super::usage::areas;
use super::super::usage::{Report, Section};

/// Draws the view between header and footer.
pub(in super::super) fn draw(screen: &Screen, frame: &mut Frame<'_>) {
    let areas = areas::areas(screen.size, &screen.usage);
    let buf = frame.buffer_mut();
    budgets::draw(screen, &areas, buf);
    days::draw(screen, areas.days, buf);
    table::draw(screen, areas.table, buf);
    table::top(screen, areas.top, buf);
    table::kept(screen, areas.kept, buf);
    ledger::draw(screen, areas.ledger, buf);
    for row in 0..areas.divider.height {
        let line = Line::styled(screen.look.divider(), screen.look.style(Role::Rule));
        super::line(buf, areas.divider, row, line);
    }
}

/// Whose money the view tells of: real money or what the sandbox pretended, never both.
pub(in super::super) fn header(screen: &Screen, room: usize) -> Vec<Span<'static>> {
    let look = &screen.look;
    let Some(report) = &screen.usage.report else { return vec![] };
    let runs = |count: u64| if count == 1 { "1 run".to_owned() } else { format!("{count} runs") };
    let apart = runs(report.apart);
    let (badge, told) = if report.simulated {
        let real = if report.apart == 0 {
            "no real money yet".to_owned()
        } else {
            format!("real money apart: {apart}")
        };
        (" SIMULATED ", vec![format!("the sandbox's runs{}{real}", look.dot()), real])
    } else if report.apart == 0 {
        ("", vec!["real money".to_owned()])
    } else {
        (
            "",
            vec![
                format!("real money{}sandbox apart: {apart}", look.dot()),
                "real money".to_owned(),
            ],
        )
    };
    let room = room.saturating_sub(text::width(badge) + 2);
    let told = told.into_iter().find(|words| text::width(words) <= room).unwrap_or_default();
    let mut spans = Vec::new();
    if !badge.is_empty() {
        spans.push(Span::styled(badge, look.style(Role::Badge)));
        spans.push(Span::raw("  "));
    }
    spans.push(Span::styled(told, look.style(Role::Muted)));
    spans
}

/// Draws the title of a section.
fn title(screen: &Screen, area: Rect, section: Section, name: &str, facts: &str, buf: &mut Buffer) {
    let focused = screen.usage.section == section;
    super::title(buf, area, &screen.look, name, focused, facts);
}

/// What is told where there is nothing to show.
fn told(screen: &Screen, area: Rect, words: &[String], buf: &mut Buffer) {
    let width = usize::from(area.width).saturating_sub(3);
    let lines = words.iter().flat_map(|words| text::wrap(words, width));
    for (row, words) in (1..).zip(lines) {
        let line = Line::styled(format!("  {words}"), screen.look.style(Role::Muted));
        super::line(buf, area, row, line);
    }
}

/// The bar and the style of a row.
fn mark(screen: &Screen, chosen: bool, focused: bool) -> (Span<'static>, ratatui::style::Style) {
    let look = &screen.look;
    let is_shown = chosen && focused;
    let bar = Span::styled(if is_shown { look.bar() } else { " " }, look.style(Role::Accent));
    (bar, if is_shown { look.style(Role::Selected) } else { ratatui::style::Style::default() })
}

/// Nothing was run on the days that are shown.
fn nothing(screen: &Screen, report: &Report) -> Vec<String> {
    use super::super::action::Action;
    let places = screen.places();
    let key = |action| screen.keymap.key(&places, action).unwrap_or_default();
    let window = super::super::usage::words::window(Some(report), screen.usage.asked.window);
    let is_ever = screen.usage.asked.window == super::super::usage::Window::Ever;
    let mut words = if is_ever {
        vec!["nothing was run yet: every take will stand here with what it cost".to_owned()]
    } else {
        vec![format!(
            "nothing was run in {window}: {} shows everything ever",
            key(Action::WholeTime)
        )]
    };
    if report.apart > 0 {
        let others = if report.simulated { "real money" } else { "what the sandbox pretended" };
        words.push(format!("{} shows {others}", key(Action::SwitchMoney)));
    }
    words
}
