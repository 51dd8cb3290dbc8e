//! The one place where the screen changes: a message in, effects out. No clock, no disk, no network.

mod batch;
pub mod command;
mod dialogs;
pub mod export;
mod improve;
pub(super) mod keys;
mod models;
mod order;
pub mod picker;
pub mod presets;
mod settings;
mod story;
mod studio;
mod usage;
mod verdicts;
mod wants;
mod works;

use super::backend::{Notice, Spending, Trouble};
use super::dialog::Dialog;
use super::draft::Draft;
use super::edit;
use super::layout;
use super::msg::{Effect, Library, Msg, Reply};
use super::pictures::Slot;
use super::playing;
use super::screen::{Pane, Peek, Screen};
use crate::domain::text::printable;
use crate::domain::{Job, JobEvent, JobId};

/// What a screen asks for when it opens.
pub fn open(screen: &mut Screen) -> Vec<Effect> {
    let mut effects =
        vec![Effect::RecallDraft, Effect::RecallFavourites, Effect::RecallDifferences];
    effects.extend(load(screen));
    effects.extend(wants::wants(screen));
    effects
}

/// Changes the screen by one message. Where everything is only looked at, no effect leaves here that changes
/// anything.
pub fn update(screen: &mut Screen, msg: Msg) -> Vec<Effect> {
    let mut effects = changed(screen, msg);
    if screen.desk.read_only {
        // A draft that is not kept is no news.
        if effects.iter().any(|it| it.changes() && !matches!(it, Effect::KeepDraft(_))) {
            screen.warn(Trouble::read_only());
        }
        effects.retain(|effect| !effect.changes());
    }
    effects
}

fn changed(screen: &mut Screen, msg: Msg) -> Vec<Effect> {
    let focus = screen.focus;
    let mut effects = match msg {
        Msg::Tick(now) => return tick(screen, now),
        Msg::Key(chord) => keys::press(screen, chord),
        Msg::GenerateAmongOthers => {
            screen.warn(Trouble {
                what:
                    "that came in one piece with other keys, as a paste does: nothing was ordered"
                        .to_owned(),
                hint: None,
            });
            vec![]
        }
        Msg::Paste(text) => keys::paste(screen, &text),
        Msg::Resized(size) => {
            screen.size = size;
            vec![]
        }
        Msg::Notice(notice) => news(screen, notice),
        Msg::Progress(board) => {
            // Figures of rows that nobody sees change nothing on screen.
            if !screen.live_in_sight() {
                screen.board = board;
                return vec![];
            }
            screen.board = board;
            vec![]
        }
        Msg::Reply(reply) => answer(screen, reply),
        Msg::Continued => {
            let mut effects = vec![Effect::Redraw, Effect::TakeBack];
            effects.extend(load(screen));
            effects
        }
    };
    screen.stale = true;
    if screen.focus == Pane::Settings && focus != Pane::Settings {
        // What was there when it was chosen may be gone: it is looked at again.
        let given: Vec<_> = screen.given_files().cloned().collect();
        effects.extend(screen.files.again(&given).into_iter().map(Effect::Facts));
    }
    studio::keep_in_sight(screen);
    models::keep_in_sight(screen);
    usage::keep_in_sight(screen);
    story::keep_in_sight(screen);
    effects.extend(playing::close_unseen(screen));
    effects.extend(wants::wants(screen));
    effects
}

/// Time went on: counters follow, toasts go, clocks run.
fn tick(screen: &mut Screen, now: jiff::Timestamp) -> Vec<Effect> {
    let (beat, second) = (screen.beat(), screen.now.as_second());
    screen.now = now;
    let moved = if screen.look.reduced_motion {
        second != now.as_second()
    } else {
        beat != screen.beat() || second != now.as_second()
    };
    if moved && screen.live_in_sight() {
        screen.stale = true;
    }
    if screen.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        screen.toast = None;
        screen.stale = true;
    }
    if screen.why.as_ref().is_some_and(|why| why.until <= now) {
        screen.why = None;
        screen.stale = true;
    }
    if screen.count_at.is_some_and(|at| at <= now) {
        let before = screen.counted.clone();
        screen.count();
        screen.stale |= before != screen.counted;
    }
    let mut effects = usage::tick(screen);
    effects.extend(story::tick(screen));
    effects.extend(screen.ask_quote());
    if screen.keep_at.is_some_and(|at| at <= now) {
        screen.keep_at = None;
        effects.extend(serde_json::to_string(&screen.draft()).map(Effect::KeepDraft));
    }
    effects
}

fn news(screen: &mut Screen, notice: Notice) -> Vec<Effect> {
    match notice {
        Notice::Moved { job, event } => {
            screen.moves += 1;
            let ended = !job.stage.is_live();
            if matches!(event, JobEvent::Saved { .. }) {
                // The usual time is asked for again: it has one more take to tell from.
                screen.usual.remove(&job.brief.model);
            }
            works::ask_anew(screen, &job);
            put_job(screen, *job);
            if ended || event == JobEvent::Admitted { load(screen) } else { vec![] }
        }
        // What was reached is told when it is read: another process may have reached it as well.
        Notice::Changed | Notice::Reached(_) => load(screen),
        // Orders are checked and priced by it already.
        Notice::Catalog(catalog) => {
            screen.settings.shelve(catalog);
            screen.count();
            models::restock(screen);
            vec![]
        }
        Notice::Trouble(trouble) => {
            screen.warn(trouble);
            vec![]
        }
    }
}

fn answer(screen: &mut Screen, reply: Reply) -> Vec<Effect> {
    match reply {
        Reply::Loaded { moves, library } => loaded(screen, moves, library),
        Reply::Preflighted { ask, preflight } => order::preflighted(screen, ask, preflight),
        Reply::Ordered { ask, ordered } => order::ordered(screen, ask, ordered),
        Reply::Poster { id, fit, slot } => {
            screen.pictures.put((id, fit), slot);
            vec![]
        }
        Reply::Facts { source, found } => {
            settings::found(screen, source, found);
            vec![]
        }
        Reply::LookedInto { asked, folder } => {
            picker::looked(screen, &asked, &folder);
            vec![]
        }
        Reply::Pictured { path, fit, picture } => {
            let slot = match picture {
                Ok(picture) => Slot::Ready(picture),
                Err(trouble) => Slot::Missing(printable(&trouble.what)),
            };
            screen.peek = Some(Peek { path, fit, slot });
            vec![]
        }
        Reply::Usual { model, usual } => {
            screen.usual.insert(model, usual);
            vec![]
        }
        Reply::Timeline { id, events: Ok(events) } => {
            happened(screen, id, &events);
            vec![]
        }
        Reply::Timeline { events: Err(trouble), .. } | Reply::Edited(Err(trouble)) => {
            screen.warn(trouble);
            vec![]
        }
        Reply::Usage { asked, report } => usage::told(screen, &asked, report),
        Reply::Ledger { asked, entries } => usage::lined(screen, &asked, entries),
        Reply::Story(answer) => story::answered(screen, answer),
        Reply::EditedFile(file, edited) => story::edited(screen, &file, edited),
        Reply::Said(said) => {
            match said {
                Ok(Some(text)) => screen.say(printable(&text)),
                Ok(None) => {}
                Err(trouble) => screen.warn(trouble),
            }
            load(screen)
        }
        Reply::Words { id, words } => {
            improve::offer(screen, id, words);
            vec![]
        }
        Reply::Frame { run, frame } => playing::frame(screen, run, frame),
        Reply::Edited(Ok(text)) => {
            let text = edit::pasted(text.trim_end());
            if screen.focus == Pane::Settings {
                settings::edited(screen, &text);
            } else if text != edit::text(&screen.prompt) {
                edit::replace(&mut screen.prompt, &text);
                touched(screen);
            }
            vec![]
        }
        Reply::Recalled(text) => {
            recall(screen, text.as_deref());
            vec![]
        }
        Reply::Quoted { brief, quote } => {
            screen.quoted(&brief, quote);
            vec![]
        }
        Reply::Differences(quotes) => {
            quotes.into_iter().rev().for_each(|quote| screen.models.differ(quote));
            vec![]
        }
        Reply::Favourites(text) => {
            screen.models.recall(text.as_deref().unwrap_or_default());
            screen.models.list(screen.settings.catalog());
            vec![]
        }
        Reply::Refreshed(said) => {
            screen.models.refreshing = false;
            match said {
                Ok(text) => screen.say(printable(&text)),
                Err(trouble) => screen.warn(trouble),
            }
            vec![]
        }
        Reply::Left(Ok(())) => vec![Effect::Quit],
        Reply::Left(Err(trouble)) => {
            screen.leaving = false;
            screen.warn(Trouble {
                hint: trouble.hint.or(Some("leave once more to close all the same".to_owned())),
                ..trouble
            });
            studio::left_badly(screen);
            vec![]
        }
    }
}

/// What happened to a job, for the dialog that waits for it.
fn happened(screen: &mut Screen, job: JobId, found: &[(jiff::Timestamp, JobEvent)]) {
    for dialog in &mut screen.dialogs {
        if let Dialog::Timeline { id, events, .. } = dialog
            && *id == job
        {
            *events = Some(found.to_vec());
        }
    }
}

fn loaded(screen: &mut Screen, moves: u64, library: Result<Library, Trouble>) -> Vec<Effect> {
    screen.loading = false;
    let mut told = Vec::new();
    usage::stirred(screen);
    match library {
        Ok(library) => {
            screen.assets = library.assets;
            let before = std::mem::replace(&mut screen.spending, library.spending);
            if screen.loaded {
                told = reached(screen, &before);
            }
            screen.loaded = true;
            if moves == screen.moves {
                screen.jobs = library.jobs;
            } else {
                // Jobs moved while they were read: what was read may be older than what is shown.
                for job in library.jobs {
                    if !screen.jobs.iter().any(|known| known.id == job.id) {
                        put_job(screen, job);
                    }
                }
                screen.load_again = true;
            }
        }
        Err(trouble) => screen.warn(trouble),
    }
    let mut effects = improve::arrived(screen);
    effects.extend(told);
    effects.extend(story::stirred(screen));
    if std::mem::take(&mut screen.load_again) {
        effects.extend(load(screen));
    }
    effects
}

/// Tells what was reached of budgets and limits since the library was read the last time.
fn reached(screen: &mut Screen, before: &Spending) -> Vec<Effect> {
    let new: Vec<_> = screen.spending.new_alerts(before).map(ToString::to_string).collect();
    if new.is_empty() {
        return vec![];
    }
    let what = new.join("; ");
    screen.warn(Trouble { what: what.clone(), hint: None });
    if screen.desk.notifies { vec![Effect::Notify(what)] } else { vec![] }
}

/// Reads the library again; once more afterwards if it is being read already.
fn load(screen: &mut Screen) -> Vec<Effect> {
    if screen.loading {
        screen.load_again = true;
        return vec![];
    }
    screen.loading = true;
    vec![Effect::Load(screen.moves)]
}

/// Puts a job into its place, newest first, or over its older self.
fn put_job(screen: &mut Screen, job: Job) {
    if let Some(known) = screen.jobs.iter_mut().find(|known| known.id == job.id) {
        *known = job;
        return;
    }
    let place = screen.jobs.partition_point(|known| known.number > job.number);
    screen.jobs.insert(place, job);
}

fn recall(screen: &mut Screen, text: Option<&str>) {
    let untouched = screen.prompt.is_empty() && screen.keep_at.is_none();
    let draft = text.and_then(|text| serde_json::from_str::<Draft>(text).ok());
    if let Some(draft) = draft.filter(|_| untouched) {
        put_draft(screen, &draft);
        screen.keep_at = None;
    }
}

/// Puts a draft into the editor; `false` where its model is not on offer.
fn put_draft(screen: &mut Screen, draft: &Draft) -> bool {
    screen.prompt = edit::editor(&edit::pasted(&draft.prompt));
    let known = screen.settings.put(draft);
    screen.parent = draft.parent;
    screen.tried = false;
    screen.count();
    touched(screen);
    known
}

/// The draft changed: it is counted a moment later, and kept a little after that.
fn touched(screen: &mut Screen) {
    screen.count_at = Some(screen.now + std::time::Duration::from_millis(250));
    screen.keep_at = Some(screen.now + std::time::Duration::from_secs(1));
}

/// The panes that `Tab` goes through in this room.
fn panes(screen: &Screen) -> Vec<Pane> {
    let narrow = screen.areas().room == layout::Room::Narrow;
    Pane::ALL.into_iter().filter(|pane| *pane != Pane::Preview || narrow).collect()
}

#[cfg(test)]
#[path = "update_tests.rs"]
mod tests;
