//! A story laid beside what is in the library: what is there, what goes on, what is missing, and what waits for
//! what.

use std::collections::{BTreeMap, BTreeSet};

use super::steps::{self, Setting};
use super::{Film, Named, Story, StoryFault, film, planner};
use crate::catalog::Catalog;
use crate::domain::brief::Source;
use crate::domain::{Asset, Brief, Job, ProviderId, SceneStep, StageName, Usd};

/// A file or address that the story names, looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Where it is.
    pub source: Source,
    /// What is in it: a hash, or the address itself.
    pub content: String,
}

/// A job that was ordered for the story, with the files that came of it.
#[derive(Debug, Clone)]
pub struct Made {
    /// The job.
    pub job: Job,
    /// Its files, trashed ones too.
    pub assets: Vec<Asset>,
}

/// What is known beside the story itself.
pub struct Outlook<'a> {
    /// The models.
    pub catalog: &'a Catalog,
    /// Who makes what does not say it itself.
    pub provider: ProviderId,
    /// Where its takes belong where the story does not say it.
    pub project: Option<&'a str>,
    /// The files and addresses that it names, or why they cannot be used.
    pub given: &'a BTreeMap<Named, Result<Given, String>>,
    /// The takes that it names as chosen.
    pub chosen: &'a BTreeMap<String, Result<Asset, String>>,
    /// What was ordered for it so far, the oldest first.
    pub made: &'a [Made],
    /// Scenes of which another take is wanted.
    pub again: &'a BTreeSet<String>,
    /// Only these scenes are made; all where nobody says.
    pub only: Option<&'a BTreeSet<String>>,
}

/// Where a step stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// It is in the library.
    Made(Box<Asset>),
    /// It was ordered, and goes on.
    Going(Box<Job>),
    /// It was ordered, and nobody can say whether it exists: it is not ordered again.
    Doubtful(Box<Job>),
    /// It is to be made, and can be.
    Wanted,
    /// It is to be made from something that is not there yet.
    Waits {
        /// Whether what it waits for is being made, or will be.
        comes: bool,
    },
}

/// One step of a scene.
#[derive(Debug, Clone)]
pub struct PlannedStep {
    /// Which.
    pub step: SceneStep,
    /// What is ordered. With [`Source::Awaited`] for what is not there yet; without a scene until all of it is known.
    pub brief: Brief,
    /// Where it stands.
    pub standing: Standing,
    /// The newest order of the same that came to nothing.
    pub failed: Option<Box<Job>>,
}

impl PlannedStep {
    /// Whether it is to be ordered, now or later.
    pub fn is_missing(&self) -> bool {
        matches!(self.standing, Standing::Wanted | Standing::Waits { comes: true })
    }
}

/// The take that a scene has in the film.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The take.
    pub asset: Asset,
    /// Whether it was made from the scene as it is now.
    pub is_current: bool,
    /// Whether the file names it.
    pub is_named: bool,
}

/// How a scene stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its take is there.
    Done,
    /// There are takes, of the scene as it was before.
    Changed,
    /// There is none.
    Missing,
    /// It is being made.
    Running(StageName),
    /// The last order came to nothing.
    Failed,
    /// An order may exist and be billed.
    InDoubt,
    /// It cannot be made as it is written.
    Faulty,
}

impl Status {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Running(_) => "running",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
            Self::Faulty => "faulty",
        }
    }

    /// Its name as a person reads it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Running(stage) => stage.words(),
            Self::InDoubt => "in doubt",
            other => other.as_str(),
        }
    }
}

/// One scene.
#[derive(Debug, Clone)]
pub struct PlannedScene {
    /// Its id.
    pub id: String,
    /// What a person calls it; its id where it has no title.
    pub title: String,
    /// Whether it is one of those that are to be made.
    pub is_wanted: bool,
    /// Its steps, each after what it needs. None where the file names its take.
    pub steps: Vec<PlannedStep>,
    /// Its takes in the library, of now and of before; the oldest first.
    pub takes: Vec<Asset>,
    /// The one that is in the film.
    pub chosen: Option<Chosen>,
    /// What its orders cost so far, in real money.
    pub spent: Usd,
    /// The same for those of the sandbox: never mixed with it.
    pub simulated: Usd,
    /// What is wrong with it.
    pub faults: Vec<StoryFault>,
}

impl PlannedScene {
    /// How it stands.
    pub fn status(&self) -> Status {
        let standings = || self.steps.iter().map(|step| &step.standing);
        let going = standings().find_map(|standing| match standing {
            Standing::Going(job) => Some(Status::Running(job.shown_stage())),
            _ => None,
        });
        let is_doubtful = || standings().any(|it| matches!(it, Standing::Doubtful(_)));
        let is_there = || standings().next_back().is_none_or(|it| matches!(it, Standing::Made(_)));
        let has_failed =
            || self.steps.iter().any(|step| step.is_missing() && step.failed.is_some());
        match going {
            Some(going) => going,
            None if is_doubtful() => Status::InDoubt,
            None if !self.faults.is_empty() => Status::Faulty,
            None if self.chosen.is_some() && is_there() => Status::Done,
            None if has_failed() => Status::Failed,
            None if self.chosen.is_some() => Status::Changed,
            None => Status::Missing,
        }
    }

    /// The job that tells most of it: the one that goes on, else the one that is in doubt or came to nothing.
    pub fn job(&self) -> Option<&Job> {
        let going = self.steps.iter().find_map(|step| match &step.standing {
            Standing::Going(job) => Some(&**job),
            _ => None,
        });
        going.or_else(|| self.reason())
    }

    /// Why its last order came to nothing, or is in doubt.
    pub fn reason(&self) -> Option<&Job> {
        self.steps.iter().find_map(|step| match &step.standing {
            Standing::Doubtful(job) => Some(&**job),
            Standing::Wanted | Standing::Waits { .. } => step.failed.as_deref(),
            Standing::Made(_) | Standing::Going(_) => None,
        })
    }
}

/// The whole story beside the library.
#[derive(Debug, Clone)]
pub struct Plan {
    /// In the order of the film.
    pub scenes: Vec<PlannedScene>,
    /// The film that was put together of them.
    pub film: Option<Film>,
    /// What is wrong with what is said for all scenes.
    pub faults: Vec<StoryFault>,
}

impl Plan {
    /// Lays the story beside what is known. `faults` is what was wrong with it where it was read.
    pub fn of(story: &Story, mut faults: Vec<StoryFault>, outlook: &Outlook<'_>) -> Self {
        let setting = Setting {
            story,
            catalog: outlook.catalog,
            provider: story.provider.unwrap_or(outlook.provider),
            project: story.project.as_deref().or(outlook.project),
        };
        steps::common_faults(&setting, &mut faults);
        let scenes = planner::scenes(story, outlook, setting);
        let film = film::film(story, &scenes, outlook);
        Self { scenes, film, faults }
    }

    /// Everything that is wrong, in the order of the file.
    pub fn faults(&self) -> impl Iterator<Item = &StoryFault> {
        let wanted = self.scenes.iter().filter(|scene| scene.is_wanted);
        self.faults.iter().chain(wanted.flat_map(|scene| &scene.faults))
    }

    /// What is to be ordered, now or later, in the order of the film.
    pub fn missing(&self) -> impl Iterator<Item = (&PlannedScene, &PlannedStep)> {
        let wanted = self.scenes.iter().filter(|scene| scene.is_wanted);
        let steps = wanted.flat_map(|scene| scene.steps.iter().map(move |step| (scene, step)));
        steps.filter(|(_, step)| step.is_missing())
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
pub(super) mod tests;
