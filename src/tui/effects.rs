//! Effects, run against the rest of the program; what comes of them goes back as messages.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::backend::{Backend, Poster, Trouble};
use super::msg::{Effect, Library, Msg, Reply};
use super::pictures::Slot;
use super::projector::Projector;
use super::story::{self, Answer};
use crate::domain::text::printable;

/// The newest jobs and takes that the lists hold.
const NEWEST: usize = 500;

/// The small piece of state that the draft is.
const DRAFT: &str = "studio.draft";

/// The small piece of state that the favourite models are: a list of their ids.
const FAVOURITES: &str = "models.favourites";

/// Runs effects: readers side by side, writers one after the other in the order of the keys.
#[derive(Debug, Clone)]
pub(super) struct Runner {
    replies: mpsc::UnboundedSender<Msg>,
    writes: mpsc::UnboundedSender<Effect>,
    backend: Hidden,
    projector: Arc<Projector>,
}

/// The backend, which has nothing to print.
#[derive(Clone)]
struct Hidden(Arc<dyn Backend>);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("backend")
    }
}

impl Runner {
    /// Starts the writer. The receiver gets every reply; unbounded, since each answers one key or one notice.
    pub(super) fn start(backend: Arc<dyn Backend>) -> (Self, mpsc::UnboundedReceiver<Msg>) {
        let (replies, receiver) = mpsc::unbounded_channel();
        // Unbounded: a person's keys fill it, and none of them may be lost.
        let (writes, mut todo) = mpsc::unbounded_channel();
        let (to, with) = (replies.clone(), Arc::clone(&backend));
        tokio::spawn(async move {
            while let Some(effect) = todo.recv().await {
                if let Some(reply) = run(&*with, effect).await {
                    drop(to.send(Msg::Reply(reply)));
                }
            }
        });
        let projector = Arc::default();
        (Self { replies, writes, backend: Hidden(backend), projector }, receiver)
    }

    /// Runs an effect; never waits for it.
    pub(super) fn run(&self, effect: Effect) {
        if is_write(&effect) {
            drop(self.writes.send(effect));
            return;
        }
        let (to, backend) = (self.replies.clone(), Arc::clone(&self.backend.0));
        if matches!(effect, Effect::OpenFilm(_) | Effect::NextFrame(..) | Effect::CloseFilm) {
            let projector = Arc::clone(&self.projector);
            tokio::spawn(async move {
                if let Some(reply) = projector.run(&*backend, effect).await {
                    drop(to.send(Msg::Reply(reply)));
                }
            });
            return;
        }
        tokio::spawn(async move {
            if let Some(reply) = run(&*backend, effect).await {
                drop(to.send(Msg::Reply(reply)));
            }
        });
    }
}

/// Whether the order among such effects matters. Orders are not: they may take a while, and depend on nothing.
fn is_write(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Cancel(_)
            | Effect::Resume(_)
            | Effect::Settle(..)
            | Effect::Trash(_)
            | Effect::Restore(_)
            | Effect::Decide(..)
            | Effect::GiveReason(..)
            | Effect::Favourite(..)
            | Effect::KeepDraft(_)
            | Effect::KeepFavourites(_)
            | Effect::Story(story::Ask::Revise(..))
            | Effect::Leave(_)
            | Effect::TakeBack
    )
}

async fn run(backend: &dyn Backend, effect: Effect) -> Option<Reply> {
    let silent = |done: Result<(), Trouble>| Some(Reply::Said(done.map(|()| None)));
    let said = |done: Result<(), Trouble>, text: &str| {
        Some(Reply::Said(done.map(|()| Some(text.to_owned()))))
    };
    match effect {
        Effect::Preflight(ask) => {
            let preflight = backend.preflight(ask.clone()).await;
            Some(Reply::Preflighted { ask, preflight })
        }
        Effect::Order(ask) => {
            let ordered = backend.order(ask.clone()).await;
            Some(Reply::Ordered { ask, ordered })
        }
        Effect::Load(moves) => {
            let library = load(backend).await;
            Some(Reply::Loaded { moves, library })
        }
        Effect::Usual(model) => {
            let usual = backend.usual(model.clone()).await.ok().flatten();
            Some(Reply::Usual { model, usual })
        }
        Effect::Facts(_) | Effect::LookInto(_) | Effect::Picture(..) | Effect::Import(_) => {
            of_files(backend, effect).await
        }
        Effect::Poster(id, fit) => {
            let slot = match backend.poster(id, fit).await {
                Ok(Poster::Picture(picture)) => Slot::Ready(Arc::new(picture)),
                Ok(Poster::Words(words)) => Slot::Words(words),
                Err(trouble) => Slot::Missing(printable(&trouble.what)),
            };
            Some(Reply::Poster { id, fit, slot })
        }
        Effect::Words(id) => Some(Reply::Words { id, words: backend.words(id).await }),
        Effect::Timeline(id) => {
            let events = backend.timeline(id).await;
            Some(Reply::Timeline { id, events })
        }
        Effect::Usage(asked) => {
            let report = backend.usage(asked.clone()).await.map(Box::new);
            Some(Reply::Usage { asked, report })
        }
        Effect::Ledger(asked) => {
            let entries = backend.ledger(asked.clone()).await;
            Some(Reply::Ledger { asked, entries })
        }
        Effect::Export(what) => {
            let path = backend.export(what).await;
            Some(Reply::Said(path.map(|path| Some(format!("written to {}", path.display())))))
        }
        Effect::Cancel(id) => silent(backend.cancel(id).await),
        Effect::Resume(id) => said(backend.resume(id).await, "it goes on"),
        Effect::Find(id) => Some(Reply::Said(backend.find(id).await.map(Some))),
        Effect::Settle(id, settlement) => said(backend.settle(id, settlement).await, "settled"),
        Effect::Trash(id) => silent(backend.trash(id).await),
        Effect::Restore(id) => silent(backend.restore(id).await),
        Effect::Decide(id, verdict) => silent(backend.decide(id, verdict).await),
        Effect::GiveReason(id, reason) => silent(backend.give_reason(id, reason).await),
        Effect::Favourite(id, favourite) => silent(backend.favourite(id, favourite).await),
        Effect::KeepDraft(text) => {
            let kept = backend.keep(DRAFT, text).await;
            kept.err().map(|trouble| Reply::Said(Err(trouble)))
        }
        Effect::RecallDraft => Some(Reply::Recalled(backend.recall(DRAFT).await.ok().flatten())),
        Effect::KeepFavourites(text) => {
            let kept = backend.keep(FAVOURITES, text).await;
            kept.err().map(|trouble| Reply::Said(Err(trouble)))
        }
        Effect::RecallFavourites => {
            Some(Reply::Favourites(backend.recall(FAVOURITES).await.ok().flatten()))
        }
        Effect::Quote(brief) => {
            let quote = backend.quote((*brief).clone()).await.ok();
            Some(Reply::Quoted { brief, quote })
        }
        Effect::RecallDifferences => {
            Some(Reply::Differences(backend.quote_differences().await.unwrap_or_default()))
        }
        Effect::RefreshModels => Some(Reply::Refreshed(backend.refresh_models().await)),
        Effect::Leave(unsent) => Some(Reply::Left(backend.leave(unsent).await)),
        Effect::TakeBack => silent(backend.take_back().await),
        Effect::Story(ask) => Some(Reply::Story(of_stories(backend, ask).await)),
        // These belong to the terminal; the loop sees to them.
        Effect::Copy(_)
        | Effect::Notify(_)
        | Effect::Suspend
        | Effect::EditOutside(_)
        | Effect::EditFile(_)
        | Effect::OpenFilm(_)
        | Effect::NextFrame(..)
        | Effect::CloseFilm
        | Effect::Redraw
        | Effect::Quit => None,
    }
}

/// What the story view asks for.
async fn of_stories(backend: &dyn Backend, ask: story::Ask) -> Answer {
    let stories = backend.stories();
    match ask {
        story::Ask::Known => Answer::Known(stories.known().await),
        story::Ask::Read(file) => {
            let read = stories.read(file.clone()).await.map(|sheet| sheet.map(Box::new));
            Answer::Read(file, read)
        }
        story::Ask::Create(file) => {
            let created = stories.create(file.clone()).await;
            Answer::Created(file, created)
        }
        story::Ask::Revise(file, revision) => {
            let revised = stories.revise(file.clone(), revision.clone()).await;
            Answer::Revised(file, revision, revised)
        }
        story::Ask::Look(file, selection, max_cost) => {
            let looked = stories.look(file.clone(), selection.clone(), max_cost).await;
            let looked = looked.map(Box::new);
            Answer::Looked(file, selection, looked)
        }
        story::Ask::Run(file, selection, agreed) => {
            Answer::Ran(stories.run(file, selection, agreed).await)
        }
        story::Ask::GoOn => Answer::WentOn(stories.go_on().await),
        story::Ask::Stop(file) => Answer::Ran(stories.stop(file).await),
        story::Ask::Assemble(file) => Answer::Assembly(stories.assembly(file).await),
    }
}

/// Effects on files outside of the library.
async fn of_files(backend: &dyn Backend, effect: Effect) -> Option<Reply> {
    match effect {
        Effect::Facts(source) => {
            let found = backend.facts(source.clone()).await;
            Some(Reply::Facts { source, found })
        }
        Effect::LookInto(asked) => {
            let folder = backend.look_into(asked.clone()).await;
            Some(Reply::LookedInto { asked, folder })
        }
        Effect::Picture(path, fit) => {
            let picture = backend.picture(path.clone(), fit).await.map(Arc::new);
            Some(Reply::Pictured { path, fit, picture })
        }
        Effect::Import(path) => Some(Reply::Said(backend.import(path).await.map(Some))),
        _ => None,
    }
}

async fn load(backend: &dyn Backend) -> Result<Library, Trouble> {
    let jobs = backend.jobs(NEWEST).await?;
    let assets = backend.assets(NEWEST).await?;
    let spending = backend.spending().await?;
    Ok(Library { jobs, assets, spending })
}
