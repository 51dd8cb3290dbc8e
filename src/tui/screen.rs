//! Everything the studio shows, as one value.

mod parts;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::layout::Size;
use tui_textarea::TextArea;

use super::backend::{Board, Spending, Trouble};
use super::batch::Batch;
use super::chord::Chord;
use super::dialog::Dialog;
use super::edit;
use super::form::files::Files;
use super::keymap::{Keymap, Place};
use super::layout::{self, Areas};
use super::look::Look;
use super::models::Models;
use super::pictures::Pictures;
use super::playing::Playing;
use super::quoting::Quoting;
use super::selection::Selection;
use super::settings::Settings;
use super::story::Stories;
use super::usage::{Section, Usage};
use super::views::View;
use crate::catalog::presets::Presets;
use crate::domain::{Asset, AssetId, Job, JobId, ModelId, StageName};

pub use parts::{Counted, Desk, LineKind, Looking, Pane, Peek, Subject, Toast, Undo, WhyOffer};

/// The whole state of the studio. `update` changes it, `view` draws it.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact about the screen")]
pub struct Screen {
    /// Cells.
    pub size: Size,
    /// As late as it was told to be.
    pub now: Timestamp,
    /// How it looks.
    pub look: Look,
    /// What keys do.
    pub keymap: Keymap,
    /// Provider, project, budget.
    pub desk: Desk,
    /// What is shown.
    pub view: View,
    /// The presets on offer.
    pub presets: Presets,
    /// The catalogue of models, as it is looked at.
    pub models: Models,
    /// What was spent, as it is looked at.
    pub usage: Usage,
    /// The story that is open.
    pub story: Stories,
    /// The pane that keys go to.
    pub focus: Pane,
    /// The list that the preview follows.
    pub looking: Looking,
    /// The prompt editor.
    pub prompt: TextArea<'static>,
    /// The first row of the prompt in sight.
    pub prompt_top: usize,
    /// Everything else of the next order.
    pub settings: Settings,
    /// The take that the draft was made from.
    pub parent: Option<AssetId>,
    /// What is known of the files that models are given.
    pub files: Files,
    /// The picture of the file that the picker is at.
    pub peek: Option<Peek>,
    /// The folder that a file was last chosen from.
    pub folder: Option<PathBuf>,
    /// What was counted from the draft.
    pub counted: Counted,
    /// When it is counted again.
    pub count_at: Option<Timestamp>,
    /// What the provider quotes for it.
    pub quoting: Quoting,
    /// When the draft is kept.
    pub keep_at: Option<Timestamp>,
    /// Whether somebody tried to order this draft: from then on its faults are shown.
    pub tried: bool,
    /// Newest first.
    pub jobs: Vec<Job>,
    /// Newest first.
    pub assets: Vec<Asset>,
    /// Whether the library was read.
    pub loaded: bool,
    /// Newest progress.
    pub board: Arc<Board>,
    /// How long models usually take, once asked.
    pub usual: HashMap<ModelId, Option<(Duration, Duration)>>,
    /// What was spent.
    pub spending: Spending,
    /// Pictures at hand.
    pub pictures: Pictures,
    /// The film in the preview.
    pub playing: Option<Playing>,
    /// How many films were opened so far.
    pub runs: u64,
    /// The selected job.
    pub job_at: Selection<JobId>,
    /// The first job in sight.
    pub job_top: usize,
    /// The selected take.
    pub take_at: Selection<AssetId>,
    /// The first take in sight.
    pub take_top: usize,
    /// Only jobs and takes with these words are shown.
    pub filter: String,
    /// The list of rows that an order came from, while it is asked about.
    pub batch: Option<Box<Batch>>,
    /// Open dialogs, the topmost last.
    pub dialogs: Vec<Dialog>,
    /// The line in the footer, while something is typed there.
    pub line: Option<(LineKind, TextArea<'static>)>,
    /// A message in the footer.
    pub toast: Option<Toast>,
    /// The next letter may say why a take was rejected.
    pub why: Option<WhyOffer>,
    /// The beginning of a key sequence.
    pub pending: Vec<Chord>,
    /// What can be undone, the newest last.
    pub undo: Vec<Undo>,
    /// An order is being looked at or admitted.
    pub ordering: bool,
    /// Jobs that write the prompt out, whose words are offered when they are there.
    pub improving: Vec<JobId>,
    /// The jobs are being handed over.
    pub leaving: bool,
    /// Handing over failed: whoever leaves again means it.
    pub left_badly: bool,
    /// How many moves of jobs were told.
    pub moves: u64,
    /// The library is being read.
    pub loading: bool,
    /// It changed again meanwhile.
    pub load_again: bool,
    /// The state of the generator of seeds.
    pub random: u64,
    /// Something changed since the last frame.
    pub stale: bool,
}

/// What a new screen needs to know.
#[derive(Debug)]
pub struct Opening {
    /// Cells.
    pub size: Size,
    /// Now.
    pub now: Timestamp,
    /// How it looks.
    pub look: Look,
    /// What keys do.
    pub keymap: Keymap,
    /// Provider, project, budget.
    pub desk: Desk,
    /// The models on offer, one chosen.
    pub settings: Settings,
    /// The presets on offer.
    pub presets: Presets,
    /// Anything: where seeds begin.
    pub random: u64,
}

impl Screen {
    /// An empty studio with the focus in the prompt.
    pub fn new(opening: Opening) -> Self {
        let Opening { size, now, look, keymap, desk, settings, presets, random } = opening;
        let models = Models::new(desk.provider, settings.catalog());
        let usage = Usage::new(desk.project.clone());
        let mut screen = Self {
            size,
            now,
            look,
            keymap,
            desk,
            view: View::Studio,
            presets,
            models,
            usage,
            story: Stories::default(),
            focus: Pane::Prompt,
            looking: Looking::Takes,
            prompt: edit::editor(""),
            prompt_top: 0,
            settings,
            parent: None,
            files: Files::default(),
            peek: None,
            folder: None,
            counted: Counted::default(),
            count_at: None,
            quoting: Quoting::default(),
            keep_at: None,
            tried: false,
            jobs: Vec::new(),
            assets: Vec::new(),
            loaded: false,
            board: Arc::default(),
            usual: HashMap::new(),
            spending: Spending::default(),
            pictures: Pictures::default(),
            playing: None,
            runs: 0,
            job_at: Selection::default(),
            job_top: 0,
            take_at: Selection::default(),
            take_top: 0,
            filter: String::new(),
            batch: None,
            dialogs: Vec::new(),
            line: None,
            toast: None,
            why: None,
            pending: Vec::new(),
            undo: Vec::new(),
            ordering: false,
            improving: Vec::new(),
            leaving: false,
            left_badly: false,
            moves: 0,
            loading: false,
            load_again: false,
            random,
            stale: true,
        };
        screen.count();
        screen
    }

    /// Where everything stands.
    pub fn areas(&self) -> Areas {
        layout::areas(self.size, self.focus, self.settings.rows().len())
    }

    /// Whether new orders are pretended.
    pub fn is_simulated(&self) -> bool {
        self.desk.provider.is_simulated()
    }

    /// Jobs that go on.
    pub fn live(&self) -> usize {
        self.jobs.iter().filter(|job| job.stage.is_live() && !job.is_held()).count()
    }

    /// Jobs that were never sent and would be, if nobody left.
    pub fn unsent(&self) -> usize {
        let unsent = |job: &&Job| {
            matches!(job.stage.name(), StageName::Queued | StageName::Checking) && !job.is_held()
        };
        self.jobs.iter().filter(unsent).count()
    }

    /// Where keys are looked up, the nearest place first.
    pub fn places(&self) -> Vec<Place> {
        if self.line.is_some() {
            return vec![Place::Line, Place::Text];
        }
        if let Some(dialog) = self.dialogs.last() {
            return dialog.places();
        }
        if self.view == View::Models {
            return vec![Place::Models, Place::Views, Place::Lists, Place::Everywhere];
        }
        if self.view == View::Usage {
            return self.usage_places();
        }
        if self.view == View::Story {
            return vec![
                Place::Scenes,
                Place::Story,
                Place::Views,
                Place::Lists,
                Place::Everywhere,
            ];
        }
        let mut places = match self.focus {
            Pane::Prompt => vec![Place::Editor, Place::Text],
            Pane::Settings if self.settings.editing.is_some() => vec![Place::Line, Place::Text],
            Pane::Settings => vec![Place::Settings, Place::Lists],
            Pane::Jobs if self.is_in_doubt() => {
                vec![Place::Doubt, Place::Works, Place::Views, Place::Lists]
            }
            Pane::Jobs | Pane::Takes | Pane::Preview => {
                vec![Place::Works, Place::Views, Place::Lists]
            }
        };
        places.push(Place::Everywhere);
        places
    }

    fn usage_places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        if self.usage.in_doubt().is_some() {
            places.push(Place::Doubt);
        }
        if matches!(self.usage.section, Section::Top | Section::Ledger) {
            places.push(Place::Charges);
        }
        places.extend([Place::Usage, Place::Views, Place::Lists, Place::Everywhere]);
        places
    }

    /// Says something in the footer.
    pub fn say(&mut self, text: impl Into<String>) {
        self.show(Trouble { what: text.into(), hint: None }, false);
    }

    /// Says in the footer what went wrong.
    pub fn warn(&mut self, trouble: Trouble) {
        self.show(trouble, true);
    }

    fn show(&mut self, trouble: Trouble, wrong: bool) {
        let stays = Duration::from_secs(if wrong { 12 } else { 5 });
        let until = self.now + stays;
        self.toast = Some(Toast { text: trouble.what, hint: trouble.hint, wrong, until });
        self.stale = true;
    }

    /// How long the screen can stay as it is, if nothing happens. `None`: for ever.
    pub fn next_tick(&self) -> Option<Duration> {
        let turning = self.live_in_sight().then(|| {
            let step = if self.look.reduced_motion { 1000 } else { 250 };
            let passed = self.now.as_millisecond().rem_euclid(step);
            Duration::from_millis(u64::try_from(step - passed).unwrap_or(250))
        });
        let until = |at: Option<Timestamp>| at.map(|at| super::text::between(self.now, at));
        let toast = until(self.toast.as_ref().map(|toast| toast.until));
        let (count, quote, keep) = (self.count_at, self.quoting.at, self.keep_at);
        let reloads = [self.usage.reload_at, self.story.reload_at];
        let waited = [count, quote, keep].into_iter().chain(reloads).map(until);
        let why = until(self.why.as_ref().map(|why| why.until));
        [turning, toast, why].into_iter().chain(waited).flatten().min()
    }

    /// Whether a row is on screen whose clock runs.
    pub fn live_in_sight(&self) -> bool {
        if self.view == View::Story {
            let sheet = self.story.sheet.as_ref();
            return self.story.is_film_live || sheet.is_some_and(|sheet| sheet.running() > 0);
        }
        if self.view != View::Studio {
            return false;
        }
        let rows = usize::from(self.areas().jobs.height.saturating_sub(1));
        let shown = self.shown_jobs();
        let mut rows = shown.iter().skip(self.job_top).take(rows);
        rows.any(|job| {
            job.stage.is_live() && job.stage.name() != StageName::Queued && !job.abandoned
        })
    }

    /// Which of its four shapes a turning glyph has.
    pub fn beat(&self) -> usize {
        usize::try_from(self.now.as_millisecond().rem_euclid(1000) / 250).unwrap_or_default()
    }
}
