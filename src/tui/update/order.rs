//! From a wish to jobs: the brief, the checks, the question, the order.

use std::path::PathBuf;

use super::super::action::Action;
use super::super::backend::{Ordered, Trouble};
use super::super::dialog::{self, Dialog};
use super::super::form::rows::row_of;
use super::super::msg::Effect;
use super::super::screen::{Looking, Pane, Screen};
use super::super::story::{self, RunLook};
use super::{batch, improve, load, put_job, studio};
use crate::domain::{Ask, Brief, Outcome, Preflight};
use crate::story::{Agreed, Selection};

/// Orders what is in the editor, once it is looked at.
pub(super) fn generate(screen: &mut Screen) -> Vec<Effect> {
    screen.tried = true;
    screen.batch = None;
    let rows = screen.recount();
    if let Some(fault) = screen.counted.faults.first().cloned() {
        go_to(screen, &fault.field);
        let others = screen.counted.faults.len() - 1;
        let more = if others > 0 { format!(", and {others} more") } else { String::new() };
        let what = format!("{}{more}", fault.message);
        screen.warn(Trouble { what, hint: fault.hint });
        return vec![];
    }
    let Some(rows) = rows else { return vec![] };
    if let [row] = rows.rows.as_slice() {
        let briefs = rows.briefs(row, || screen.new_seed());
        return check(screen, briefs);
    }
    batch::open(screen, rows);
    vec![]
}

/// Puts the focus where a fault can be put right.
fn go_to(screen: &mut Screen, field: &str) {
    let mut at = row_of(&screen.settings.rows(), field);
    if at.is_none() && screen.settings.model().words_key() != Some(field) {
        // It may be among those that are rarely set.
        screen.settings.all = true;
        at = row_of(&screen.settings.rows(), field);
    }
    match at {
        Some(at) => {
            screen.settings.at = at;
            studio::focus(screen, Pane::Settings);
        }
        None => studio::focus(screen, Pane::Prompt),
    }
}

/// Has an order looked at. One at a time: a second wish while the first is looked at is a slip.
pub(super) fn check(screen: &mut Screen, briefs: Vec<Brief>) -> Vec<Effect> {
    if screen.ordering {
        screen.say("the last order is still being looked at");
        return vec![];
    }
    screen.ordering = true;
    screen.say("looking at everything before it is sent");
    vec![Effect::Preflight(Ask::new(briefs))]
}

/// Has an order looked at that was put together elsewhere.
pub(super) fn check_ask(screen: &mut Screen, ask: Ask) -> Vec<Effect> {
    check(screen, ask.briefs)
}

/// The checks of a story's run are here: on to the run, or to the question.
pub(super) fn story_looked(
    screen: &mut Screen,
    file: PathBuf,
    selection: Selection,
    looked: Box<RunLook>,
) -> Vec<Effect> {
    if looked.jobs == 0 && dialog::worst(&looked.preflight) != Outcome::Block {
        // What an earlier run ordered may still be under way: it is followed from here.
        if screen.story.sheet.as_ref().is_some_and(|sheet| sheet.running() > 0) {
            return vec![run(screen, file, selection, &looked, false)];
        }
        let key = screen.keymap.key(&screen.places(), Action::AssembleStory).unwrap_or_default();
        screen.say(format!("nothing is missing; {key} puts the takes together"));
        return vec![];
    }
    let consents =
        looked.preflight.checks.iter().any(|check| check.id == crate::domain::CheckId::Consent);
    let goes_on = if looked.costs {
        consents && dialog::needs_no_question(&looked.preflight)
    } else {
        dialog::worst(&looked.preflight) != Outcome::Block
    };
    if goes_on {
        screen.story.looking = true;
        return vec![run(screen, file, selection, &looked, false)];
    }
    screen.toast = None;
    let since = screen.now;
    screen.dialogs.push(Dialog::StoryRun { file, selection, looked, since });
    vec![]
}

/// Somebody said yes to the price of a whole run.
pub(super) fn story_agreed(
    screen: &mut Screen,
    file: PathBuf,
    selection: Selection,
    looked: &RunLook,
) -> Vec<Effect> {
    screen.story.looking = true;
    vec![run(screen, file, selection, looked, true)]
}

fn run(
    screen: &Screen,
    file: PathBuf,
    selection: Selection,
    looked: &RunLook,
    consent: bool,
) -> Effect {
    let max_cost = screen.story.max_cost;
    let ceiling = looked.preflight.estimate.as_ref().map(|estimate| estimate.high);
    let ceiling = ceiling.filter(|_| looked.costs);
    Effect::Story(story::Ask::Run(file, selection, Agreed { consent, max_cost, ceiling }))
}

/// A check said no when a step of a run was ordered.
pub(super) fn story_blocked(screen: &mut Screen, preflight: Preflight) {
    ask_about(screen, Ask::new(vec![]), preflight);
}

/// The checks are here: on to the order, or to the question.
pub(super) fn preflighted(
    screen: &mut Screen,
    ask: Ask,
    preflight: Result<Preflight, Trouble>,
) -> Vec<Effect> {
    match preflight {
        Ok(preflight) if goes_on(&ask, &preflight) => vec![Effect::Order(ask)],
        Ok(preflight) => {
            screen.ordering = false;
            ask_about(screen, ask, preflight);
            vec![]
        }
        Err(trouble) => {
            screen.ordering = false;
            screen.warn(trouble);
            vec![]
        }
    }
}

/// Only what is pretended, or below the amount that a person is asked about, goes on by itself. A warning is asked
/// about where money is meant: the sandbox opens no dialog but to say that nothing is sent.
/// A list without the check of consent is asked about as soon as real money is meant.
fn goes_on(ask: &Ask, preflight: &Preflight) -> bool {
    let pretended = ask.briefs.iter().all(|brief| brief.provider.is_simulated());
    let agreed = preflight.checks.iter().any(|check| check.id == crate::domain::CheckId::Consent);
    if pretended {
        return dialog::worst(preflight) != Outcome::Block;
    }
    agreed && dialog::needs_no_question(preflight)
}

fn ask_about(screen: &mut Screen, ask: Ask, preflight: Preflight) {
    screen.toast = None;
    let since = screen.now;
    screen.dialogs.push(Dialog::Preflight { ask, preflight, since });
}

/// A person said yes in the dialog.
pub(super) fn agreed(screen: &mut Screen, mut ask: Ask) -> Vec<Effect> {
    ask.consent = true;
    screen.ordering = true;
    vec![Effect::Order(ask)]
}

/// Whether a dialog with these checks can be agreed to.
pub(super) fn can_agree(preflight: &Preflight) -> bool {
    dialog::worst(preflight) != Outcome::Block
}

/// The order ended: its jobs are in the list, or nothing was sent.
pub(super) fn ordered(
    screen: &mut Screen,
    ask: Ask,
    ordered: Result<Ordered, Trouble>,
) -> Vec<Effect> {
    screen.ordering = false;
    match ordered {
        Ok(Ordered::Admitted(jobs)) => {
            screen.batch = None;
            match jobs.as_slice() {
                [job] => screen.say(format!("job {} is on its way", job.number)),
                jobs => screen.say(format!("{} jobs are on their way", jobs.len())),
            }
            for job in jobs {
                improve::admitted(screen, &job);
                // A move that overtook this answer is newer.
                if !screen.jobs.iter().any(|known| known.id == job.id) {
                    put_job(screen, job);
                }
            }
            if matches!(screen.focus, Pane::Prompt | Pane::Settings) {
                screen.job_at.follow();
                screen.take_at.follow();
                screen.looking = Looking::Takes;
            }
            load(screen)
        }
        Ok(Ordered::Blocked(preflight)) => {
            ask_about(screen, ask, preflight);
            vec![]
        }
        Err(trouble) => {
            screen.warn(trouble);
            load(screen)
        }
    }
}
