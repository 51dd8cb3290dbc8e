//! The loop: messages in, at most one frame out, effects run.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::Context as _;
use crossterm::event::{Event, KeyEventKind};
use futures_util::{Stream, StreamExt as _};
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::layout::Size;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::action::Action;
use super::backend::{Backend, Board, Notice};
use super::chord::Chord;
use super::effects::Runner;
use super::keymap::{Found, Place};
use super::msg::{Effect, Msg, Reply};
use super::screen::Screen;
use super::terminal::{self, Surface};
use super::update::{open, update};
use super::view::view;
use super::{Ended, Ending};
use crate::domain::Unsent;

/// Frames that follow each other are this far apart; the first after a silence is drawn at once.
const BETWEEN_FRAMES: Duration = Duration::from_millis(33);

/// Everything that reaches the loop from outside.
pub struct Sources<I, S> {
    /// Opens the stream of keys, pastes, sizes. It is closed while another program has the terminal.
    pub input: I,
    /// Signals that end the program.
    pub signals: S,
    /// News.
    pub notices: mpsc::UnboundedReceiver<Notice>,
    /// Progress.
    pub board: watch::Receiver<Arc<Board>>,
    /// What runs the effects.
    pub backend: Arc<dyn Backend>,
    /// What time it is.
    pub clock: fn() -> Timestamp,
}

/// What woke the loop.
enum Woken {
    Due,
    Input(Event),
    Closed,
    Signal(Ending),
    Notice(Notice),
    Reply(Msg),
    Board,
    Tick,
}

/// Runs the studio on this terminal until it is left.
pub async fn play<T, I, F, S>(
    mut screen: Screen,
    terminal: &mut Terminal<T>,
    sources: Sources<F, S>,
) -> anyhow::Result<Ended>
where
    T: Surface,
    T::Error: Send + Sync + 'static,
    F: FnMut() -> I,
    I: Stream<Item = std::io::Result<Event>> + Unpin,
    S: Stream<Item = Ending> + Unpin,
{
    let Sources { input: mut listen, mut signals, mut notices, mut board, backend, clock } =
        sources;
    let (runner, mut replies) = Runner::start(Arc::clone(&backend));
    let mut stage = Stage { terminal, runner, backend: Arc::clone(&backend), clock, drawn: None };
    let first = open(&mut screen);
    stage.run(&mut screen, first).await?;
    let (mut told, mut watched) = (true, true);
    let mut input = listen();

    loop {
        if stage.draw(&mut screen).is_err() {
            // The terminal is gone: nobody can be asked anything any more.
            return leave(&*backend, Ending::Hangup).await;
        }
        let due = stage.due(&screen);
        let tick = screen.next_tick();

        let woken = tokio::select! {
            biased;
            signal = signals.next() => Woken::Signal(signal.unwrap_or(Ending::Terminated)),
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Woken::Due,
            event = input.next() => match event {
                Some(Ok(event)) => Woken::Input(event),
                Some(Err(_)) | None => Woken::Closed,
            },
            notice = notices.recv(), if told => {
                told = notice.is_some();
                let Some(notice) = notice else { continue };
                Woken::Notice(notice)
            }
            Some(reply) = replies.recv() => Woken::Reply(reply),
            changed = board.changed(), if watched => {
                watched = changed.is_ok();
                Woken::Board
            }
            () = tokio::time::sleep(tick.unwrap_or_default()), if tick.is_some() => Woken::Tick,
        };

        let mut effects = update(&mut screen, Msg::Tick(clock()));
        let messages = match woken {
            Woken::Due | Woken::Tick => vec![],
            Woken::Closed => return leave(&*backend, Ending::Hangup).await,
            Woken::Signal(ending) => return leave(&*backend, ending).await,
            Woken::Input(first) => {
                let events = batch(first, &mut input).await;
                translate(&screen, events)
            }
            Woken::Notice(notice) => {
                let more = std::iter::from_fn(|| notices.try_recv().ok());
                std::iter::once(notice).chain(more).map(Msg::Notice).collect()
            }
            Woken::Reply(reply) => vec![reply],
            Woken::Board => vec![Msg::Progress(Arc::clone(&board.borrow_and_update()))],
        };
        for message in messages {
            effects.extend(update(&mut screen, message));
        }
        let is_outside =
            |effect: &Effect| matches!(effect, Effect::EditOutside(_) | Effect::EditFile(_));
        if let Some(at) = effects.iter().position(is_outside) {
            let wanted = effects.swap_remove(at);
            // Two readers of one terminal would share out the keys between them.
            drop(input);
            match stage.edit(&mut screen, wanted, &mut signals).await? {
                Ok(more) => effects.extend(more),
                Err(ending) => return leave(&*backend, ending).await,
            }
            input = listen();
        }
        if let Some(ended) = stage.run(&mut screen, effects).await? {
            return Ok(ended);
        }
    }
}

/// The terminal side of the loop.
struct Stage<'a, T: Surface> {
    terminal: &'a mut Terminal<T>,
    runner: Runner,
    backend: Arc<dyn Backend>,
    clock: fn() -> Timestamp,
    /// When the last frame was drawn.
    drawn: Option<Instant>,
}

impl<T> Stage<'_, T>
where
    T: Surface,
    T::Error: Send + Sync + 'static,
{
    /// When the next frame is due, if one is.
    fn due(&self, screen: &Screen) -> Option<Instant> {
        let next = self.drawn.map_or_else(Instant::now, |drawn| drawn + BETWEEN_FRAMES);
        screen.stale.then_some(next)
    }

    /// Draws a frame if one is due.
    fn draw(&mut self, screen: &mut Screen) -> Result<(), T::Error> {
        if self.due(screen).is_none_or(|due| due > Instant::now()) {
            return Ok(());
        }
        self.terminal.draw(|frame| view(screen, frame))?;
        self.drawn = Some(Instant::now());
        screen.stale = false;
        Ok(())
    }

    /// Runs effects; those on the terminal here and now.
    async fn run(
        &mut self,
        screen: &mut Screen,
        effects: Vec<Effect>,
    ) -> anyhow::Result<Option<Ended>> {
        for effect in effects {
            match effect {
                Effect::Quit => {
                    let unfinished = screen.story.unfinished();
                    return Ok(Some(Ended { by: None, unfinished }));
                }
                Effect::Notify(text) => self.terminal.backend_mut().notify(&text),
                Effect::Copy(text) => self.terminal.backend_mut().copy(&text),
                Effect::Redraw => self.redraw(screen)?,
                Effect::Suspend if self.terminal.backend().can_suspend() => {
                    self.suspend(screen).await?;
                }
                Effect::Suspend | Effect::EditOutside(_) | Effect::EditFile(_) => {}
                effect => self.runner.run(effect),
            }
        }
        Ok(None)
    }

    fn redraw(&mut self, screen: &mut Screen) -> anyhow::Result<()> {
        self.terminal.backend_mut().forget();
        self.terminal.clear().context("drawing the screen again")?;
        screen.stale = true;
        self.drawn = None;
        Ok(())
    }

    /// Gives the terminal to the person's own editor, and takes it back. Jobs go on meanwhile; what
    /// ends the studio is heard, but for Ctrl-C, which is meant for the editor.
    async fn edit<S>(
        &mut self,
        screen: &mut Screen,
        wanted: Effect,
        signals: &mut S,
    ) -> anyhow::Result<Result<Vec<Effect>, Ending>>
    where
        S: Stream<Item = Ending> + Unpin,
    {
        let lends = self.terminal.backend().can_suspend();
        if lends {
            terminal::give_back();
        }
        let backend = Arc::clone(&self.backend);
        let mut editing = std::pin::pin!(outside(&*backend, wanted));
        let edited = loop {
            tokio::select! {
                biased;
                edited = &mut editing => break edited,
                signal = signals.next() => match signal.unwrap_or(Ending::Terminated) {
                    Ending::Interrupted => {}
                    ending => return Ok(Err(ending)),
                },
            }
        };
        let mut effects = Vec::new();
        if lends {
            terminal::enter().context("taking the terminal back")?;
            let (width, height) = crossterm::terminal::size().context("asking for the size")?;
            effects = update(screen, Msg::Resized(Size { width, height }));
        }
        effects.extend(update(screen, Msg::Tick((self.clock)())));
        effects.extend(edited.into_iter().flat_map(|reply| update(screen, Msg::Reply(reply))));
        self.redraw(screen)?;
        Ok(Ok(effects))
    }

    /// Hands the jobs over, gives the terminal back, stops; and undoes all three when continued.
    async fn suspend(&mut self, screen: &mut Screen) -> anyhow::Result<()> {
        if let Err(trouble) = self.backend.leave(Unsent::Hold).await {
            screen.warn(trouble);
            return Ok(());
        }
        terminal::give_back();
        let stopped = terminal::stop().await;
        terminal::enter().context("taking the terminal back")?;
        stopped.context("suspending")?;
        let mut effects = update(screen, Msg::Tick((self.clock)()));
        let (width, height) = crossterm::terminal::size().context("asking for the size")?;
        effects.extend(update(screen, Msg::Resized(Size { width, height })));
        effects.extend(update(screen, Msg::Continued));
        for effect in effects {
            match effect {
                Effect::Redraw => self.redraw(screen)?,
                effect => self.runner.run(effect),
            }
        }
        Ok(())
    }
}

/// Has a text, or a file, changed in the person's own editor.
async fn outside(backend: &dyn Backend, wanted: Effect) -> Option<Reply> {
    match wanted {
        Effect::EditOutside(text) => Some(Reply::Edited(backend.edit(text).await)),
        Effect::EditFile(file) => {
            let edited = backend.stories().edit(file.clone()).await;
            Some(Reply::EditedFile(file, edited))
        }
        _ => None,
    }
}

/// Hands everything over because something outside ends the program.
async fn leave(backend: &dyn Backend, by: Ending) -> anyhow::Result<Ended> {
    if let Err(trouble) = backend.leave(Unsent::Hold).await {
        tracing::error!(what = trouble.what, "handing the jobs over");
    }
    Ok(Ended { by: Some(by), unfinished: None })
}

/// Everything that came in one read: what can be had without waiting.
async fn batch<I>(first: Event, input: &mut I) -> Vec<Event>
where
    I: Stream<Item = std::io::Result<Event>> + Unpin,
{
    let mut events = vec![first];
    // Polled with this task's own waker: crossterm wakes the one that found nothing last.
    while let Some(event) = poll_fn(|cx| match input.poll_next_unpin(cx) {
        Poll::Ready(Some(Ok(event))) => Poll::Ready(Some(event)),
        _ => Poll::Ready(None),
    })
    .await
    {
        events.push(event);
    }
    events
}

/// Events as messages. A key that orders is not heard among others that came with it: in a terminal without
/// bracketed paste, that is a paste.
fn translate(screen: &Screen, events: Vec<Event>) -> Vec<Msg> {
    let keys =
        events.iter().filter(|event| matches!(event, Event::Key(_) | Event::Paste(_))).count();
    let orders = |chord: Chord| {
        screen.keymap.find(&[Place::Everywhere], &[chord]) == Found::Action(Action::Generate)
    };
    let one = |event| match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => {
            let chord = Chord::from(key);
            let msg =
                if keys > 1 && orders(chord) { Msg::GenerateAmongOthers } else { Msg::Key(chord) };
            Some(msg)
        }
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(width, height) => Some(Msg::Resized(Size { width, height })),
        _ => None,
    };
    events.into_iter().filter_map(one).collect()
}
