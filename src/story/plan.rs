//! A story laid beside what is in the library: what is there, what goes on, what is missing, and what waits for
//! what.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::fingerprint::fingerprint;
use super::steps::{self, Draft, Need, Setting};
use super::{Named, Scene, Story, StoryFault};
use crate::catalog::Catalog;
use crate::domain::brief::Source;
use crate::domain::{
    Asset, Brief, Job, ProviderId, SceneRef, SceneStep, StageName, StoryId, Usd, Verdict,
};

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
        let mut planner = Planner { story, outlook, setting, previous: None };
        let scenes = story.scenes.iter().map(|scene| planner.scene(scene)).collect();
        Self { scenes, faults }
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

/// What a step makes for those after it.
#[derive(Clone)]
enum Flow {
    Ready(Box<Asset>),
    Comes,
    Never,
}

struct Planner<'a> {
    story: &'a Story,
    outlook: &'a Outlook<'a>,
    setting: Setting<'a>,
    previous: Option<Flow>,
}

impl Planner<'_> {
    fn scene(&mut self, scene: &Scene) -> PlannedScene {
        let outlook = self.outlook;
        let is_wanted = outlook.only.is_none_or(|only| only.contains(&scene.id));
        let mut planned = PlannedScene {
            id: scene.id.clone(),
            title: if scene.title.is_empty() { scene.id.clone() } else { scene.title.clone() },
            is_wanted,
            steps: Vec::new(),
            takes: Vec::new(),
            chosen: None,
            spent: self.cost(scene, false),
            simulated: self.cost(scene, true),
            faults: Vec::new(),
        };
        let named = scene.take.as_ref().and_then(|take| outlook.chosen.get(take));
        if let Some(Err(why)) = named {
            planned.faults.push(StoryFault {
                place: format!("scene {}", scene.id),
                key: "take".to_owned(),
                message: format!("take: {why}"),
                hint: Some("rushes assets list".to_owned()),
            });
        }
        let named = named.and_then(|named| named.as_ref().ok());
        let drafts = match named {
            Some(_) if !outlook.again.contains(&scene.id) => Vec::new(),
            _ => steps::of(&self.setting, scene, &mut planned.faults),
        };
        let last = drafts.last().map_or(SceneStep::Film, |draft| draft.step);
        planned.takes = self.takes(scene, last, None);
        let mut flows: BTreeMap<SceneStep, Flow> = BTreeMap::new();
        for draft in &drafts {
            let is_again = draft.step == SceneStep::Film && outlook.again.contains(&scene.id);
            let step = self.step(scene, draft, &flows, is_again, &mut planned.faults);
            flows.insert(draft.step, flow(&step.standing, is_wanted));
            planned.steps.push(step);
        }
        planned.chosen = self.chosen(named, &planned);
        let made = planned.steps.last().and_then(|step| flows.remove(&step.step));
        let there =
            planned.chosen.as_ref().map(|chosen| Flow::Ready(Box::new(chosen.asset.clone())));
        // A scene that is not made again now is there as it was.
        self.previous = Some(match (made, there) {
            (Some(Flow::Never) | None, Some(there)) => there,
            (Some(made), _) if planned.faults.is_empty() => made,
            _ => Flow::Never,
        });
        planned
    }

    fn step(
        &self,
        scene: &Scene,
        draft: &Draft,
        flows: &BTreeMap<SceneStep, Flow>,
        is_again: bool,
        faults: &mut Vec<StoryFault>,
    ) -> PlannedStep {
        let mut brief = draft.brief.clone();
        let mut contents = Vec::new();
        let (mut comes, mut is_whole) = (true, true);
        let mut fault = |key: &str, message: String, hint: Option<String>| {
            faults.push(StoryFault {
                place: format!("scene {}", scene.id),
                key: key.to_owned(),
                message,
                hint,
            });
        };
        for (key, need) in &draft.needs {
            let flow = match need {
                Need::Given(name) => match self.outlook.given.get(name) {
                    Some(Ok(given)) => {
                        contents.push((key.clone(), given.content.clone()));
                        brief.inputs.push((key.clone(), given.source.clone()));
                        continue;
                    }
                    Some(Err(why)) => {
                        fault(
                            key,
                            format!("{key}: {why}"),
                            Some("a path is taken from the story's folder".to_owned()),
                        );
                        Flow::Never
                    }
                    None => Flow::Never,
                },
                Need::Made(step) => flows.get(step).cloned().unwrap_or(Flow::Never),
                Need::Previous => self.previous.clone().unwrap_or_else(|| {
                    let hint = Some("give it an image instead".to_owned());
                    fault("from_previous", "there is no scene before the first".to_owned(), hint);
                    Flow::Never
                }),
            };
            match flow {
                Flow::Ready(asset) => {
                    contents.push((key.clone(), asset.sha256.clone()));
                    brief.inputs.push((key.clone(), Source::Asset(asset.id)));
                }
                other => {
                    is_whole = false;
                    comes &= matches!(other, Flow::Comes);
                    brief.inputs.push((key.clone(), Source::Awaited));
                }
            }
        }
        if let Ok(spec) = self.outlook.catalog.find(brief.model.as_str()) {
            if let Err(why) = spec.availability() {
                fault("model", format!("{} is switched off: {why}", spec.id), None);
            }
            if !spec.runs_on(brief.provider) {
                fault("model", format!("{} is not offered by {}", spec.id, brief.provider), None);
            }
            for found in spec.faults(&brief.params, &brief.inputs) {
                fault(&found.field, found.message, found.hint);
            }
        }
        if !is_whole {
            let standing = Standing::Waits { comes };
            return PlannedStep { step: draft.step, brief, standing, failed: None };
        }
        let fingerprint = fingerprint(draft, &contents);
        let same: Vec<&Made> = self
            .of_scene(scene)
            .filter(|made| self.is_for(made, draft.step, Some(&fingerprint)))
            .collect();
        let standing = standing(&same, draft.step, is_again);
        let failed = same
            .iter()
            .rev()
            .map(|made| &made.job)
            .find(|job| matches!(job.shown_stage(), StageName::Failed | StageName::Cancelled));
        let failed = failed.map(|job| Box::new(job.clone()));
        let story = self.story.id.unwrap_or(StoryId(Uuid::nil()));
        brief.scene =
            Some(SceneRef { story, scene: scene.id.clone(), step: draft.step, fingerprint });
        PlannedStep { step: draft.step, brief, standing, failed }
    }

    fn cost(&self, scene: &Scene, simulated: bool) -> Usd {
        let jobs = self.of_scene(scene).map(|made| &made.job);
        let costs = jobs.filter(|job| job.is_simulated() == simulated).filter_map(Job::cost);
        costs.fold(Usd::ZERO, |sum, cost| sum + cost)
    }

    fn of_scene<'s>(&'s self, scene: &'s Scene) -> impl Iterator<Item = &'s Made> {
        self.outlook
            .made
            .iter()
            .filter(|made| made.job.brief.scene.as_ref().is_some_and(|of| of.scene == scene.id))
    }

    fn is_for(&self, made: &Made, step: SceneStep, fingerprint: Option<&str>) -> bool {
        made.job.brief.scene.as_ref().is_some_and(|of| {
            of.step == step && fingerprint.is_none_or(|fingerprint| of.fingerprint == fingerprint)
        })
    }

    /// The takes of a scene that are in the library, the oldest first.
    fn takes(&self, scene: &Scene, step: SceneStep, fingerprint: Option<&str>) -> Vec<Asset> {
        let made = self.of_scene(scene).filter(|made| self.is_for(made, step, fingerprint));
        made.flat_map(|made| &made.assets)
            .filter(|asset| asset.trashed.is_none())
            .cloned()
            .collect()
    }

    /// The take that the file names, else of the scene as it is now, else of how it was.
    fn chosen(&self, named: Option<&Asset>, planned: &PlannedScene) -> Option<Chosen> {
        if let Some(asset) = named {
            return Some(Chosen { asset: asset.clone(), is_current: true, is_named: true });
        }
        let now = planned.steps.last().and_then(|step| step.brief.scene.as_ref());
        let is_of_now = |asset: &&Asset| {
            self.outlook.made.iter().any(|made| {
                made.assets.iter().any(|it| it.id == asset.id)
                    && made.job.brief.scene.as_ref() == now
            })
        };
        let current = now.and_then(|_| best(planned.takes.iter().filter(is_of_now)));
        let (asset, is_current) = match current {
            Some(asset) => (asset, true),
            None => (best(planned.takes.iter())?, false),
        };
        Some(Chosen { asset: asset.clone(), is_current, is_named: false })
    }
}

/// The newest that was kept, else the newest that was not rejected.
fn best<'a>(takes: impl DoubleEndedIterator<Item = &'a Asset> + Clone) -> Option<&'a Asset> {
    let kept = takes.clone().rev().find(|asset| asset.verdict == Some(Verdict::Kept));
    kept.or_else(|| takes.rev().find(|asset| asset.verdict != Some(Verdict::Rejected)))
}

/// Where a step stands by the orders of just this, the oldest first.
fn standing(same: &[&Made], step: SceneStep, is_again: bool) -> Standing {
    let newest = |is: fn(StageName) -> bool| {
        same.iter().rev().map(|made| &made.job).find(|job| is(job.shown_stage()))
    };
    if let Some(job) = newest(StageName::is_live) {
        return Standing::Going(Box::new(job.clone()));
    }
    // What only serves another step may lie in the trash: it was paid for, and is still there.
    let is_of_use = |asset: &&Asset| asset.trashed.is_none() || step < SceneStep::Film;
    let there: Vec<&Asset> = same.iter().flat_map(|made| &made.assets).filter(is_of_use).collect();
    let made = best(there.into_iter()).filter(|_| !is_again);
    if let Some(asset) = made {
        return Standing::Made(Box::new(asset.clone()));
    }
    match newest(|stage| stage == StageName::InDoubt) {
        Some(job) => Standing::Doubtful(Box::new(job.clone())),
        None => Standing::Wanted,
    }
}

fn flow(standing: &Standing, is_wanted: bool) -> Flow {
    match standing {
        Standing::Made(asset) => Flow::Ready(asset.clone()),
        Standing::Going(_) | Standing::Waits { comes: true } => Flow::Comes,
        Standing::Wanted if is_wanted => Flow::Comes,
        Standing::Wanted | Standing::Doubtful(_) | Standing::Waits { comes: false } => Flow::Never,
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
