//! What happened to a job, as lines of a dialog.

use ratatui::text::{Line, Span};

use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;
use crate::domain::text::printable;
use crate::domain::{JobEvent, JobId};

/// What happened to a job, step by step, below what it is.
pub(super) fn timeline(
    screen: &Screen,
    id: JobId,
    events: Option<&[(jiff::Timestamp, JobEvent)]>,
    width: usize,
) -> Vec<Line<'static>> {
    let look = &screen.look;
    let muted = look.style(Role::Muted);
    let mut lines = Vec::new();
    if let Some(job) = screen.jobs.iter().find(|job| job.id == id) {
        let prompt = text::wrap(&printable(job.brief.prompt()), width);
        lines.extend(prompt.into_iter().take(3).map(Line::from));
        lines.push(Line::default());
        let mut fact = |name: &str, value: String| {
            lines.push(Line::from(vec![
                Span::styled(text::fit(name, 12), muted),
                Span::raw(text::cut_middle(&printable(&value), width.saturating_sub(12))),
            ]));
        };
        fact("job", job.id.to_string());
        fact("model", job.brief.model.to_string());
        fact("provider", job.account.provider.to_string());
        if let Some(prediction) = job.stage.prediction() {
            fact("prediction", prediction.to_string());
        }
        if let Some(seed) = job.brief.seed() {
            fact("seed", seed.to_string());
        }
        if let Some(estimate) = &job.estimate {
            fact("estimate", format!("{estimate}  {}", estimate.finding));
        }
        if let Some(cost) = job.cost() {
            let standing = if job.is_simulated() { "  simulated" } else { "" };
            fact("cost", format!("{cost}{standing}"));
        }
        fact("ordered", text::date(job.times.created, &look.zone));
        lines.push(Line::default());
    }
    match events {
        None => lines.push(Line::styled("reading what happened", muted)),
        Some(events) => lines.extend(events.iter().map(|(at, event)| {
            let reason = reason(event).map(printable).unwrap_or_default();
            let name = event.name().replace('_', " ");
            Line::from(vec![
                Span::styled(format!("{}  ", text::time_in_full(*at, &look.zone)), muted),
                Span::raw(text::fit(&name, 20)),
                Span::raw(text::cut_end(&reason, width.saturating_sub(30))),
            ])
        })),
    }
    lines
}

fn reason(event: &JobEvent) -> Option<&str> {
    match event {
        JobEvent::PutOff { reason, .. }
        | JobEvent::Blocked { reason }
        | JobEvent::RateLimited { reason, .. }
        | JobEvent::Refused { reason }
        | JobEvent::Unanswered { reason }
        | JobEvent::OutputMissing { reason }
        | JobEvent::Unusable { reason, .. }
        | JobEvent::FailedAtProvider { reason, .. }
        | JobEvent::StoppedAtProvider { reason, .. }
        | JobEvent::Lost { reason }
        | JobEvent::Noted { reason: Some(reason) } => Some(&reason.text),
        JobEvent::Accepted { prediction } | JobEvent::Adopted { prediction } => {
            Some(prediction.as_str())
        }
        _ => None,
    }
}
