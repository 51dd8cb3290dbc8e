//! What the story view asks of the rest of the program, and what it is told.

use std::path::PathBuf;

use async_trait::async_trait;

use super::super::backend::Trouble;
use crate::domain::{Job, Preflight, Usd};
use crate::story::{Agreed, Revision, Selection, Sheet};

/// What the view asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Find the stories that can be opened.
    Known,
    /// Read a story.
    Read(PathBuf),
    /// Write a new one.
    Create(PathBuf),
    /// Change its file.
    Revise(PathBuf, Revision),
    /// Look at a run before it is agreed to; it may cost so much at most.
    Look(PathBuf, Selection, Option<Usd>),
    /// Begin it.
    Run(PathBuf, Selection, Agreed),
    /// Order what can be ordered by now, of every run that was begun here.
    GoOn,
    /// Order nothing more of the runs of this story.
    Stop(PathBuf),
    /// Have the chosen takes put together.
    Assemble(PathBuf),
}

impl Ask {
    /// Whether it changes, sends or spends anything.
    pub fn changes(&self) -> bool {
        match self {
            Self::Create(_) | Self::Revise(..) | Self::Run(..) | Self::GoOn | Self::Stop(_) => true,
            Self::Known | Self::Read(_) | Self::Look(..) | Self::Assemble(_) => false,
        }
    }
}

/// What comes of it.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The stories that can be opened.
    Known(Known),
    /// A story as it is now; nothing where there is no such file.
    Read(PathBuf, Result<Option<Box<Sheet>>, Trouble>),
    /// A new one was written.
    Created(PathBuf, Result<(), Trouble>),
    /// The file was changed: what it was, and what it is.
    Revised(PathBuf, Revision, Result<(String, String), Trouble>),
    /// A run was looked at.
    Looked(PathBuf, Selection, Result<Box<RunLook>, Trouble>),
    /// Orders of a run were given.
    Ran(Result<Ran, Trouble>),
    /// More of them.
    WentOn(Result<Ran, Trouble>),
    /// The order that puts the takes together.
    Assembly(Result<crate::domain::Ask, Trouble>),
}

/// The stories that can be opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Those that were open before, the last first, then those where the program was started.
    pub files: Vec<PathBuf>,
    /// Whether the first of them was open before.
    pub is_opened: bool,
}

/// A run before it is agreed to.
#[derive(Debug, Clone, PartialEq)]
pub struct RunLook {
    /// Every check for all of it, with its price.
    pub preflight: Preflight,
    /// How many jobs that is.
    pub jobs: usize,
    /// Of how many scenes.
    pub scenes: usize,
    /// Whether any of it costs real money.
    pub costs: bool,
    /// Whether any of it is pretended.
    pub simulated: bool,
}

/// What came of ordering.
#[derive(Debug, Clone, Default)]
pub struct Ran {
    /// The new jobs.
    pub jobs: Vec<Job>,
    /// What was not ordered, each in a sentence.
    pub refused: Vec<Trouble>,
    /// The checks that let nothing through, where that was why.
    pub blocked: Option<Box<Preflight>>,
    /// Whether anything of a run is still under way, so that there is more to order later.
    pub goes_on: bool,
    /// Told when a run comes to its end.
    pub ended: Option<String>,
}

/// Stories, as the studio sees them. Called from effects, never from `update` or `view`.
#[async_trait]
pub trait Storyboard: Send + Sync {
    /// The stories that can be opened.
    async fn known(&self) -> Known;
    /// Reads a story and lays it beside the library; nothing where there is no such file. No provider is asked.
    async fn read(&self, file: PathBuf) -> Result<Option<Sheet>, Trouble>;
    /// Writes a short story with everything explained; what is there is never written over.
    async fn create(&self, file: PathBuf) -> Result<(), Trouble>;
    /// Changes the file, whole or not at all; returns what it was and what it is.
    async fn revise(&self, file: PathBuf, revision: Revision) -> Result<(String, String), Trouble>;
    /// Every check of a run; sends nothing.
    async fn look(
        &self,
        file: PathBuf,
        selection: Selection,
        max_cost: Option<Usd>,
    ) -> Result<RunLook, Trouble>;
    /// Orders what can be ordered, and keeps the rest for [`Self::go_on`].
    async fn run(
        &self,
        file: PathBuf,
        selection: Selection,
        agreed: Agreed,
    ) -> Result<Ran, Trouble>;
    /// Orders what can be ordered by now, of every run that was begun here.
    async fn go_on(&self) -> Result<Ran, Trouble>;
    /// Orders nothing more of this story's runs. What was ordered goes on.
    async fn stop(&self, file: PathBuf) -> Result<Ran, Trouble>;
    /// The order that puts the chosen takes together.
    async fn assembly(&self, file: PathBuf) -> Result<crate::domain::Ask, Trouble>;
    /// Lets the person change the file in their own editor, which has the terminal meanwhile.
    async fn edit(&self, file: PathBuf) -> Result<(), Trouble>;
}
