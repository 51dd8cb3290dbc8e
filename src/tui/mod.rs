//! The studio: the whole program on one screen.
//!
//! Elm's shape. A [`msg::Msg`] goes into [`update::update`], which changes the [`screen::Screen`] and returns
//! [`msg::Effect`]s; [`view::view`] draws the screen. The loop in [`app`] runs the effects against a
//! [`backend::Backend`], which is all that the studio knows of the rest of the program.

pub mod action;
pub mod app;
pub mod backend;
pub mod batch;
pub mod chord;
pub mod dialog;
mod diff;
pub mod draft;
mod edit;
mod effects;
pub mod form;
pub mod keymap;
pub mod layout;
pub mod look;
pub mod models;
pub mod msg;
mod pane;
mod picture;
pub mod pictures;
pub mod playing;
mod projector;
mod quoting;
pub mod screen;
pub mod selection;
pub mod settings;
mod shown;
pub mod story;
pub mod terminal;
mod text;
pub mod theme;
pub mod update;
pub mod usage;
pub mod view;
pub mod views;
pub mod wire;
mod wish;
mod wrap;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use crossterm::event::EventStream;
use futures_util::stream::{self, Stream, StreamExt as _};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};

use self::backend::{Backend, Board, Notice};
use self::keymap::Keymap;
use self::look::Look;
use self::screen::{Desk, Opening, Screen};
use self::settings::Settings;
use self::theme::{Depth, Theme};
use crate::catalog::Catalog;
use crate::catalog::presets::Presets;
use crate::domain::{ModelId, ProviderId, Reasons};

/// Everything that the studio is started with.
pub struct Start {
    /// The rest of the program.
    pub backend: Arc<dyn Backend>,
    /// Its news.
    pub notices: mpsc::UnboundedReceiver<Notice>,
    /// The newest progress of every live job.
    pub board: watch::Receiver<Arc<Board>>,
    /// Every model that is known; those that the provider runs are offered.
    pub catalog: Arc<Catalog>,
    /// The presets on offer.
    pub presets: Presets,
    /// The model that is chosen at first. A kept draft may choose another.
    pub model: ModelId,
    /// The service that orders go to.
    pub provider: ProviderId,
    /// Where new takes belong.
    pub project: Option<String>,
    /// Everything is looked at, and nothing changed, sent or spent.
    pub read_only: bool,
    /// The letters that say why a take is rejected.
    pub reasons: Reasons,
    /// Whether the terminal shall tell when a budget or limit is nearly used up.
    pub notifies: bool,
    /// How it looks.
    pub style: Style,
    /// The text of the user's own `keymap.toml`.
    pub keymap: Option<String>,
    /// What time it is.
    pub clock: fn() -> Timestamp,
    /// Times of day are told in this zone.
    pub zone: TimeZone,
    /// Anything: where seeds begin.
    pub random: u64,
}

/// How the studio looks, as the configuration and the environment say.
#[derive(Debug, Clone)]
pub struct Style {
    /// A built-in theme's name.
    pub theme: String,
    /// The text of the user's own theme file, which then counts.
    pub own_theme: Option<String>,
    /// How many colours the terminal has.
    pub depth: Depth,
    /// Plain letters instead of rules and symbols.
    pub ascii: bool,
    /// Nothing turns.
    pub reduced_motion: bool,
}

/// What ended the studio from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// SIGHUP, or the terminal went away.
    Hangup,
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl Ending {
    /// The exit code that says so: 128 and the signal's number.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Hangup => 129,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// How the studio ended. The jobs are handed over in every case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// What ended it; `None` where the person left.
    pub by: Option<Ending>,
    /// The story of which a run was under way: what waited for something else was not ordered yet.
    pub unfinished: Option<PathBuf>,
}

/// Runs the studio in the terminal that the program was started in, and gives the terminal back.
pub async fn run(start: Start) -> anyhow::Result<Ended> {
    let (width, height) =
        crossterm::terminal::size().context("asking the terminal for its size")?;
    let (screen, sources) = prepare(start, Size { width, height })?;
    let signals = Box::pin(signals().context("listening for signals")?);
    let held = terminal::Held::take().context("taking the terminal")?;
    let mut terminal = terminal::open().context("opening the terminal")?;
    terminal.clear().context("clearing the terminal")?;
    let sources = app::Sources {
        input: EventStream::new,
        signals,
        notices: sources.notices,
        board: sources.board,
        backend: sources.backend,
        clock: sources.clock,
    };
    let ended = app::play(screen, &mut terminal, sources).await;
    drop(held);
    ended
}

/// The screen as it opens, and the sources that do not come from a terminal; for a terminal of this size.
pub fn prepare(start: Start, size: Size) -> anyhow::Result<(Screen, app::Sources<(), ()>)> {
    let Style { theme, own_theme, depth, ascii, reduced_motion } = start.style;
    let theme = match own_theme {
        Some(text) => Theme::read(&text, depth).context("reading your theme")?,
        None => Theme::built_in(&theme, depth)
            .with_context(|| format!("unknown theme {theme:?}; known: dark, light"))?,
    };
    let look = Look { theme, depth, ascii, reduced_motion, zone: start.zone };
    let settings = Settings::new(start.catalog, start.provider, &start.model)
        .with_context(|| format!("the catalogue has no model {}", start.model))?;
    let desk = Desk {
        provider: start.provider,
        project: start.project,
        read_only: start.read_only,
        reasons: start.reasons,
        notifies: start.notifies,
    };
    let screen = Screen::new(Opening {
        size,
        now: (start.clock)(),
        look,
        keymap: Keymap::load(start.keymap.as_deref())?,
        desk,
        settings,
        presets: start.presets,
        random: start.random,
    });
    let sources = app::Sources {
        input: (),
        signals: (),
        notices: start.notices,
        board: start.board,
        backend: start.backend,
        clock: start.clock,
    };
    Ok((screen, sources))
}

/// The signals that end the studio, as they come.
fn signals() -> std::io::Result<impl Stream<Item = Ending>> {
    let heard = |kind, ending| {
        signal(kind).map(|signal: Signal| {
            let next = move |mut signal: Signal| async move {
                signal.recv().await.map(|()| (ending, signal))
            };
            Box::pin(stream::unfold(signal, next))
        })
    };
    let hangup = heard(SignalKind::hangup(), Ending::Hangup)?;
    let interrupt = heard(SignalKind::interrupt(), Ending::Interrupted)?;
    let terminate = heard(SignalKind::terminate(), Ending::Terminated)?;
    Ok(stream::select(hangup, stream::select(interrupt, terminate)).map(|ending| ending))
}
