//! What each scene needs, has, and is made of: scene by scene, because one may begin where another ends.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::fingerprint::fingerprint;
use super::steps::{self, Draft, Need, Setting};
use super::{Chosen, Made, Outlook, PlannedScene, PlannedStep, Scene, Standing, Story, StoryFault};
use crate::domain::brief::Source;
use crate::domain::{Asset, Job, SceneRef, SceneStep, StageName, StoryId, Usd, Verdict};

/// Every scene beside what is known, in the order of the film.
pub(super) fn scenes(
    story: &Story,
    outlook: &Outlook<'_>,
    setting: Setting<'_>,
) -> Vec<PlannedScene> {
    let mut planner = Planner { story, outlook, setting, previous: None };
    story.scenes.iter().map(|scene| planner.scene(scene)).collect()
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
            .filter(|made| is_for(made, draft.step, Some(&fingerprint)))
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

    /// The takes of a scene that are in the library, the oldest first.
    fn takes(&self, scene: &Scene, step: SceneStep, fingerprint: Option<&str>) -> Vec<Asset> {
        let made = self.of_scene(scene).filter(|made| is_for(made, step, fingerprint));
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

/// Whether a job is for this step of its scene, and for just this brief where one is named.
fn is_for(made: &Made, step: SceneStep, fingerprint: Option<&str>) -> bool {
    made.job.brief.scene.as_ref().is_some_and(|of| {
        of.step == step && fingerprint.is_none_or(|fingerprint| of.fingerprint == fingerprint)
    })
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
