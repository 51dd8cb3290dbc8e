//! The film that was put together of the story, or the order that does it.

use ratatui::text::{Line, Span};

use super::super::super::look::Look;
use super::super::super::screen::Screen;
use super::super::super::text;
use super::super::super::theme::Role;
use crate::domain::text::printable;
use crate::domain::{Job, SceneStep, StageName};
use crate::story::{Film, Sheet};

/// What there is to say of it; nothing where none was ordered.
pub(super) fn lines(screen: &Screen, sheet: &Sheet, width: usize) -> Vec<Line<'static>> {
    match (assembling(screen), &sheet.plan.film) {
        (Some(job), _) => vec![about_assembly(screen, job, width)],
        (None, Some(film)) => about_film(screen, film, width),
        (None, None) => vec![],
    }
}

/// The newest order to put the takes of this story together, where there is no film of it: it goes on, or came to
/// nothing.
pub(in super::super::super) fn assembling(screen: &Screen) -> Option<&Job> {
    let sheet = screen.story.sheet.as_ref()?;
    let is_it = |job: &&Job| {
        let scene = job.brief.scene.as_ref();
        scene.is_some_and(|scene| {
            scene.step == SceneStep::Assembly && Some(scene.story) == sheet.story.id
        })
    };
    let newest = screen.jobs.iter().find(is_it);
    newest.filter(|job| job.shown_stage() != StageName::Done)
}

fn about_assembly(screen: &Screen, job: &Job, width: usize) -> Line<'static> {
    let look = &screen.look;
    let stage = job.shown_stage();
    let so_far = super::super::jobs::so_far(screen, job).filter(|_| stage.is_live());
    let reason = job.reason.as_ref().filter(|_| stage == StageName::Failed);
    let reason = reason.map(|reason| printable(&reason.text));
    let facts = [Some(stage.words().to_owned()), so_far, reason];
    let words = facts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let glyph = look.stage(stage, job.is_held(), screen.beat());
    row_of_film(look, (glyph, Look::stage_role(stage)), &words, width)
}

fn about_film(screen: &Screen, film: &Film, width: usize) -> Vec<Line<'static>> {
    let look = &screen.look;
    let length = film.asset.facts.duration_ms.map(text::seconds);
    let stale = film.stale.as_ref().map(|_| "out of date".to_owned());
    let facts = [Some(format!("take {}", film.asset.label())), length, stale];
    let words = facts.into_iter().flatten().collect::<Vec<_>>().join(look.dot());
    let sign = match film.stale {
        None => (look.stage(StageName::Done, false, 0), Role::Good),
        Some(_) => (look.pick("≠", "~"), Role::Warn),
    };
    let mut lines = vec![row_of_film(look, sign, &words, width)];
    if let Some(stale) = &film.stale {
        let room = width.saturating_sub(4);
        let words = text::wrap(&printable(&stale.to_string()), room).into_iter();
        let muted = look.style(Role::Muted);
        lines.extend(words.map(|words| Line::styled(format!("   {words}"), muted)));
    }
    lines
}

fn row_of_film(
    look: &Look,
    sign: (&'static str, Role),
    words: &str,
    width: usize,
) -> Line<'static> {
    Line::from(vec![
        Span::raw(" "),
        Span::styled(sign.0, look.style(sign.1)),
        Span::styled(" the film  ", look.style(Role::Title)),
        Span::raw(text::cut_end(&printable(words), width.saturating_sub(14))),
    ])
}
