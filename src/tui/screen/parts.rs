//! What the screen's state is made of: panes, what is looked at, messages, what can be undone.

use std::path::PathBuf;

use jiff::Timestamp;

use super::super::draft::Draft;
use super::super::pictures::Slot;
use super::super::story::Typed;
use crate::catalog::Fault;
use crate::domain::{Asset, AssetId, Estimate, Job, Pixels, ProviderId, Reasons, Verdict};

/// A part of the studio that can have the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described where it is drawn")]
pub enum Pane {
    Prompt,
    Settings,
    Jobs,
    Takes,
    Preview,
}

impl Pane {
    /// Every pane, in the order of `Tab`.
    pub const ALL: [Self; 5] =
        [Self::Prompt, Self::Settings, Self::Jobs, Self::Takes, Self::Preview];
}

/// Which list the preview shows the selection of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looking {
    /// The selected job.
    Jobs,
    /// The selected take.
    Takes,
}

/// What the preview shows, and what keys act on.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A job that has no take here.
    Job(&'a Job),
    /// A take.
    Take(&'a Asset),
    /// Nothing was made yet.
    Nothing,
}

/// A short message in the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What happened.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether something went wrong.
    pub wrong: bool,
    /// When it goes away.
    pub until: Timestamp,
}

/// What `undo` brings back.
#[derive(Debug, Clone, PartialEq)]
pub enum Undo {
    /// A draft that was put aside.
    Draft(Box<Draft>),
    /// A take in the trash.
    Trash(AssetId),
    /// What was decided about a take before, and why.
    Decide(AssetId, Option<Verdict>, Option<String>),
    /// Whether it was a favourite before.
    Favourite(AssetId, bool),
    /// A story's file: what a change made of it, and what it was before.
    Story {
        /// The file.
        file: PathBuf,
        /// What it is since.
        now: String,
        /// What it was.
        before: String,
    },
}

/// For a moment after a take was rejected, a letter says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyOffer {
    /// The take that was just rejected.
    pub take: AssetId,
    /// Its number.
    pub label: String,
    /// When it is too late.
    pub until: Timestamp,
}

/// What the line in the footer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// A command.
    Command,
    /// Words to show jobs and takes by.
    Filter,
    /// Words to find models by; typed at the head of their view.
    Search,
    /// Words to find lines of the ledger by.
    Ledger,
    /// Words of a scene.
    Scene(Typed),
}

/// What is counted from the draft; it follows the last key after a moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counted {
    /// Characters of the prompt.
    pub characters: usize,
    /// Of one take; where rows differ, from the cheapest to the dearest.
    pub estimate: Option<Estimate>,
    /// Of all takes together.
    pub total: Option<Estimate>,
    /// How many prompts the editor's text stands for.
    pub variants: u64,
    /// How many rows the order has, each made as often as takes are asked for.
    pub rows: u64,
    /// Everything that is wrong with the draft.
    pub faults: Vec<Fault>,
}

/// The picture of a file in the picker.
#[derive(Debug, Clone)]
pub struct Peek {
    /// The file.
    pub path: PathBuf,
    /// The pixels it fits.
    pub fit: Pixels,
    /// The picture.
    pub slot: Slot,
}

/// Whose work it is, and with whose money.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The service that new orders go to.
    pub provider: ProviderId,
    /// Where new takes belong.
    pub project: Option<String>,
    /// Everything is looked at, and nothing changed, sent or spent.
    pub read_only: bool,
    /// The letters that say why a take is rejected.
    pub reasons: Reasons,
    /// Whether the terminal shall tell what a person should know at once.
    pub notifies: bool,
}
