//! The first line: what this is, whose money it is, what was spent, what goes on.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;
use crate::domain::Usd;
use crate::domain::text::printable;

/// Draws the header.
pub(in super::super) fn draw(screen: &Screen, area: Rect, buf: &mut Buffer) {
    let look = &screen.look;
    let width = usize::from(area.width);
    let mut left = vec![Span::styled(" rushes", look.style(Role::Accent))];
    if let Some(project) = screen.desk.project.as_ref().filter(|_| width >= 76) {
        let project = text::cut_end(&printable(project), 20);
        left.push(Span::styled(format!("  {project}"), look.style(Role::Muted)));
    }
    if let Some(title) = screen.view.title() {
        left.push(Span::styled(format!("  {title}"), look.style(Role::Title)));
    }
    left.push(Span::raw("   "));
    if screen.is_simulated() {
        left.push(Span::styled(" SANDBOX ", look.style(Role::Badge)));
    } else {
        left.push(Span::raw(screen.desk.provider.to_string()));
    }
    let left = Line::from(left);
    let right = Line::from(figures(screen, width.saturating_sub(left.width() + 2)));
    let gap = width.saturating_sub(left.width() + right.width() + 1);
    let mut spans = left.spans;
    spans.push(Span::raw(" ".repeat(gap)));
    spans.extend(right.spans);
    super::line(buf, area, 0, spans);
}

/// Spend, holds and live jobs: as many of them as fit, the most needed first.
fn figures(screen: &Screen, room: usize) -> Vec<Span<'static>> {
    let look = &screen.look;
    let today = screen.spending.today;
    let (spent, held) = if screen.is_simulated() {
        (today.simulated, today.simulated_held)
    } else {
        (today.spent, today.held)
    };
    // Beside the figure, not only in the badge: nobody shall take pretended money for spent money.
    let standing = match screen.desk.budget {
        _ if screen.is_simulated() => " simulated".to_owned(),
        Some(budget) => format!(" of {budget}"),
        None => String::new(),
    };
    let mut facts = Vec::new();
    if screen.loaded {
        facts.push((format!("today {spent}{standing}"), look.style(Role::Money)));
    }
    if held > Usd::ZERO {
        facts.push((format!("held {held}"), look.style(Role::Muted)));
    }
    if screen.live() > 0 {
        facts.push((format!("{} live", screen.live()), look.style(Role::Live)));
    }
    let length = |facts: &[(String, ratatui::style::Style)]| -> usize {
        facts.iter().map(|(text, _)| text::width(text) + 3).sum()
    };
    while length(&facts) > room + 3 && facts.len() > 1 {
        // Holds are told again in the rows that hold.
        let least = facts.iter().position(|(text, _)| text.starts_with("held"));
        facts.remove(least.unwrap_or(facts.len() - 1));
    }
    let mut spans = Vec::new();
    for (at, (text, style)) in facts.into_iter().enumerate() {
        if at > 0 {
            spans.push(Span::raw("   "));
        }
        spans.push(Span::styled(text, style));
    }
    spans
}
