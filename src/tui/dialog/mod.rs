//! What opens above the panes and takes the keys: a closed list, stacked.

pub(super) mod draw;
pub(super) mod facts;
mod help;
pub mod pick;
pub mod picker;
mod presets;
mod timeline;

use std::path::PathBuf;

use jiff::Timestamp;
use tui_textarea::TextArea;

use self::picker::Picker;
use super::batch::Batch;
use super::form::spot::Spot;
use super::keymap::Place;
use super::msg::Effect;
use super::story::RunLook;
use crate::domain::{Ask, AssetId, CheckId, JobEvent, JobId, Outcome, Preflight};
use crate::story::Selection;

/// How long a dialog that spends is deaf: whoever types on does not say yes by accident.
pub const DEAF_MS: i64 = 300;

/// Something that opened above the panes.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// The checks before money is spent, or what lets nothing be sent.
    Preflight {
        /// The order.
        ask: Ask,
        /// Its checks.
        preflight: Preflight,
        /// When it opened.
        since: Timestamp,
    },
    /// The checks before a whole story is run.
    StoryRun {
        /// The story's file.
        file: PathBuf,
        /// Which of its scenes.
        selection: Selection,
        /// Its checks, and what it comes to.
        looked: Box<RunLook>,
        /// When it opened.
        since: Timestamp,
    },
    /// The rows of an order of several.
    Batch(Box<Batch>),
    /// A question with yes and no.
    Confirm {
        /// The question.
        question: String,
        /// What yes means.
        detail: String,
        /// What yes does.
        yes: Effect,
    },
    /// How a job in doubt shall be settled.
    Settle {
        /// The job.
        id: JobId,
        /// Its number.
        number: u32,
    },
    /// In which style the prompt shall be written out.
    Styles {
        /// As the model has them.
        styles: Vec<String>,
        /// Which of them.
        at: usize,
    },
    /// Words that are offered in the place of the prompt.
    Words {
        /// The text in the library.
        id: AssetId,
        /// What it says.
        words: String,
        /// The first line in sight.
        top: usize,
        /// When it opened.
        since: Timestamp,
    },
    /// What becomes of the jobs that were never sent.
    Leaving {
        /// How many.
        unsent: usize,
    },
    /// What happened to a job.
    Timeline {
        /// The job.
        id: JobId,
        /// Oldest first; `None` while they are fetched.
        events: Option<Vec<(Timestamp, JobEvent)>>,
        /// The first line in sight.
        top: usize,
    },
    /// The keys of the place where it was asked for.
    Help {
        /// That place, nearest first.
        places: Vec<Place>,
        /// The first line in sight.
        top: usize,
    },
    /// A file for an input.
    Pick(Box<Picker>),
    /// One of very many values of a parameter.
    Choices {
        /// The parameter.
        spot: Spot,
        /// What was typed.
        field: Box<TextArea<'static>>,
        /// Which of the matches.
        at: usize,
    },
    /// The presets, each a change of the brief.
    Presets {
        /// What was typed.
        field: Box<TextArea<'static>>,
        /// Which of the matches.
        at: usize,
    },
    /// Every action, by its words.
    Palette {
        /// What was typed.
        field: Box<TextArea<'static>>,
        /// Which of the matches.
        at: usize,
    },
}

impl Dialog {
    /// The field that letters go to, where it has one.
    pub fn field(&mut self) -> Option<&mut TextArea<'static>> {
        match self {
            Self::Pick(picker) => Some(&mut picker.field),
            Self::Palette { field, .. }
            | Self::Choices { field, .. }
            | Self::Presets { field, .. } => Some(field),
            _ => None,
        }
    }

    /// Where its keys are looked up.
    pub fn places(&self) -> Vec<Place> {
        match self {
            Self::Preflight { .. } | Self::StoryRun { .. } => vec![Place::Preflight],
            Self::Batch(_) => vec![Place::Batch],
            Self::Settle { .. } => vec![Place::Settling],
            Self::Leaving { .. } => vec![Place::Leaving],
            Self::Confirm { .. }
            | Self::Timeline { .. }
            | Self::Help { .. }
            | Self::Styles { .. } => vec![Place::Dialog],
            Self::Words { .. } => vec![Place::Offer],
            Self::Pick(_) => vec![Place::Picker, Place::Line, Place::Text],
            Self::Palette { .. } | Self::Choices { .. } | Self::Presets { .. } => {
                vec![Place::Line, Place::Text]
            }
        }
    }
}

/// The worst that was found, apart from the question whether a person agrees: that is asked here.
pub fn worst(preflight: &Preflight) -> Outcome {
    let others = preflight.checks.iter().filter(|check| check.id != CheckId::Consent);
    others.map(|check| check.outcome).max().unwrap_or(Outcome::Pass)
}

/// Whether an order may go on without a question.
pub fn needs_no_question(preflight: &Preflight) -> bool {
    preflight.verdict() == Outcome::Pass
}
