//! What came of what the story view asked for.

use std::path::Path;

use super::super::super::backend::Trouble;
use super::super::super::msg::Effect;
use super::super::super::screen::{Screen, Undo};
use super::super::super::story::{Answer, Ran};
use super::super::super::views::View;
use super::super::{load, order, put_job};
use super::{go_on, open, read};
use crate::story::Revision;

/// What the view asked for is here.
pub(in super::super) fn answered(screen: &mut Screen, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Known(known) => {
            let story = &mut screen.story;
            let last = known.files.first().filter(|_| known.is_opened && !story.choosing).cloned();
            story.known_at = story.known_at.min(known.files.len().saturating_sub(1));
            story.known = Some(known.files);
            match last {
                Some(last) if story.file.is_none() && screen.view == View::Story => {
                    open(screen, last)
                }
                _ => vec![],
            }
        }
        Answer::Read(file, sheet) => {
            let again = screen.story.reading.end();
            if screen.story.file.as_ref() == Some(&file) {
                let story = &mut screen.story;
                // What stands then where the selected scene was is selected, if that is gone.
                story.place = if story.at.is_some() { story.scene_place() } else { story.place };
                (story.trouble, story.is_new) = (None, false);
                match sheet {
                    Ok(sheet) => {
                        (story.is_new, story.sheet) = (sheet.is_none(), sheet);
                        story.go(story.scene_place());
                    }
                    Err(trouble) => story.trouble = Some(trouble),
                }
            }
            // Another file was opened meanwhile, or the library changed.
            if again || screen.story.file.as_ref() != Some(&file) { read(screen) } else { vec![] }
        }
        Answer::Created(file, Ok(())) => {
            screen.say(format!("{} is written: everything in it is explained", file.display()));
            open(screen, file)
        }
        Answer::Revised(file, revision, Ok((before, now))) => {
            if before != now && !matches!(revision, Revision::PutBack { .. }) {
                screen.undo.push(Undo::Story { file, now, before });
            }
            read(screen)
        }
        Answer::Looked(file, selection, looked) => {
            screen.story.looking = false;
            let mut effects = match looked {
                Ok(looked) => order::story_looked(screen, file, selection, looked),
                Err(trouble) => {
                    screen.warn(trouble);
                    vec![]
                }
            };
            // The file was read for it: what is shown follows.
            effects.extend(read(screen));
            effects
        }
        Answer::Ran(ran) => {
            screen.story.looking = false;
            ordered(screen, ran, true)
        }
        Answer::WentOn(ran) => {
            let again = screen.story.ordering.end();
            let mut effects = ordered(screen, ran, false);
            if again {
                effects.extend(go_on(screen));
            }
            effects
        }
        Answer::Assembly(Ok(ask)) => order::check_ask(screen, ask),
        Answer::Created(_, Err(trouble))
        | Answer::Revised(_, _, Err(trouble))
        | Answer::Assembly(Err(trouble)) => {
            screen.warn(trouble);
            read(screen)
        }
    }
}

/// Orders of a run were given, or not.
fn ordered(screen: &mut Screen, ran: Result<Ran, Trouble>, by_hand: bool) -> Vec<Effect> {
    let ran = match ran {
        Ok(ran) => ran,
        Err(trouble) => {
            screen.warn(trouble);
            return read(screen);
        }
    };
    screen.story.goes_on = ran.goes_on;
    let count = ran.jobs.len();
    let is_news = by_hand || count > 0 || ran.ended.is_some() || !ran.refused.is_empty();
    if !is_news && ran.blocked.is_none() {
        return vec![];
    }
    for job in ran.jobs {
        if !screen.jobs.iter().any(|known| known.id == job.id) {
            put_job(screen, job);
        }
    }
    if let Some(ended) = ran.ended {
        screen.say(ended);
    } else if by_hand {
        screen.say(match (count, ran.goes_on) {
            (0, true) => "what was ordered before goes on".to_owned(),
            (0, false) => "nothing was ordered".to_owned(),
            (1, _) => "1 job is on its way".to_owned(),
            (jobs, _) => format!("{jobs} jobs are on their way"),
        });
    }
    for trouble in ran.refused {
        screen.warn(trouble);
    }
    if let Some(preflight) = ran.blocked {
        order::story_blocked(screen, *preflight);
    }
    let mut effects = load(screen);
    effects.extend(read(screen));
    effects
}

/// The story's file was in the person's own editor.
pub(in super::super) fn edited(
    screen: &mut Screen,
    file: &Path,
    edited: Result<(), Trouble>,
) -> Vec<Effect> {
    if let Err(trouble) = edited {
        screen.warn(trouble);
    }
    if screen.story.file.as_deref() == Some(file) { read(screen) } else { vec![] }
}
