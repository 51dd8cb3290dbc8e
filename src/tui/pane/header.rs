//! The first line: what this is, whose money it is, what was spent, what goes on.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;
use super::super::views::View;
use crate::domain::text::printable;
use crate::domain::{Alert, Meter, Rule, Scope, Usd};

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
    if screen.view == View::Usage {
        // Which money this tells of, which need not be the one that orders go to.
        let taken: usize = left.iter().map(Span::width).sum();
        left.extend(super::usage::header(screen, width.saturating_sub(taken + 12)));
    } else if screen.is_simulated() {
        left.push(Span::styled(" SANDBOX ", look.style(Role::Badge)));
    } else {
        left.push(Span::raw(screen.desk.provider.to_string()));
    }
    if screen.desk.read_only {
        left.push(Span::raw(" "));
        left.push(Span::styled(" READ-ONLY ", look.style(Role::Badge)));
    }
    let left = Line::from(left);
    let right = Line::from(figures(screen, width.saturating_sub(left.width() + 2)));
    let gap = width.saturating_sub(left.width() + right.width() + 1);
    let mut spans = left.spans;
    spans.push(Span::raw(" ".repeat(gap)));
    spans.extend(right.spans);
    super::line(buf, area, 0, spans);
}

/// The highest share that was reached of what bounds orders here.
fn loudest(screen: &Screen) -> Option<&Alert> {
    let here = |alert: &&Alert| alert.standing.bound.simulated == screen.is_simulated();
    screen.spending.alerts.iter().filter(here).max_by_key(|alert| alert.standing.percent())
}

/// The rule in a word or two.
fn short(alert: &Alert) -> String {
    match &alert.standing.bound.rule {
        Rule::Budget(Scope::Project(name)) => text::cut_end(&printable(name), 12),
        Rule::Budget(scope) => scope.to_string(),
        Rule::Plan(plan, Meter::Cost) => format!("plan {plan}"),
        Rule::Plan(plan, Meter::Videos) => format!("{plan}'s videos"),
        Rule::Plan(plan, Meter::Calls(_)) => format!("{plan}'s calls"),
    }
}

/// Spend, holds and live jobs: as many of them as fit, the most needed first.
fn figures(screen: &Screen, room: usize) -> Vec<Span<'static>> {
    let look = &screen.look;
    let (today, simulated) = (screen.spending.today, screen.is_simulated());
    let (spent, held) = if screen.is_simulated() {
        (today.simulated, today.simulated_held)
    } else {
        (today.spent, today.held)
    };
    // Beside the figure, not only in the badge: nobody shall take pretended money for spent money.
    let budget = screen.spending.day_budget(simulated).and_then(|day| day.bound.allowed.most());
    let budget = budget.map_or_else(String::new, |most| format!(" of {}", Usd::from_micros(most)));
    let standing = if simulated { format!("{budget} simulated") } else { budget };
    let mut facts = Vec::new();
    if screen.loaded && screen.view != View::Usage {
        facts.push((format!("today {spent}{standing}"), look.style(Role::Money)));
    }
    if let Some(alert) = loudest(screen).filter(|_| screen.view != View::Usage) {
        let role = if alert.percent >= 100 { Role::Bad } else { Role::Warn };
        let text =
            format!("! {} % of {}", alert.standing.percent().unwrap_or_default(), short(alert));
        facts.push((text, look.style(role)));
    }
    if held > Usd::ZERO && screen.view != View::Usage {
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
    // The last one is never cut: words go before figures.
    let shorter = [("today ", ""), ("simulated", "sim")];
    for (word, short) in shorter {
        if length(&facts) > room + 3
            && let Some((text, _)) = facts.first_mut()
        {
            *text = text.replacen(word, short, 1);
        }
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
