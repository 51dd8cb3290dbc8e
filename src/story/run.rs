//! A story's run over the pipeline: what is missing is ordered as soon as what it needs is there, within what was
//! agreed. Every order goes through [`Pipeline::admit`], and whoever runs it again finds what was ordered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::checks::{name_faults, nothing, say_price};
use super::film::parts;
use super::given::{found, look_up, names};
use super::steps::ASSEMBLE;
use super::{
    Agreed, Given, Made, Named, Outlook, Plan, PlannedStep, Selection, Sheet, Standing, Story,
    StoryFault,
};
use crate::catalog::{ModelSpec, UnknownModel};
use crate::domain::{
    Ask, Asset, Brief, Estimate, Job, JobId, Preflight, ProviderId, SceneRef, SceneStep, StoryId,
    Usd, Wish,
};
use crate::pipeline::{Pipeline, PipelineError};
use crate::store::StoreError;

/// What a story is made with where it does not say it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The folder of its file: paths are taken from there.
    pub folder: PathBuf,
    /// Who makes it.
    pub provider: ProviderId,
    /// Where its takes belong.
    pub project: Option<String>,
}

/// The pre-flight of a whole run.
#[derive(Debug, Clone)]
pub struct Looked {
    /// The story beside the library.
    pub plan: Plan,
    /// One list of checks for all of it.
    pub preflight: Preflight,
    /// What each missing step costs, in the order of [`Plan::missing`].
    pub each: Vec<Option<Estimate>>,
}

/// What came of ordering what could be ordered.
#[derive(Debug, Default)]
pub struct Ordered {
    /// The new jobs, owned by this process.
    pub jobs: Vec<Job>,
    /// What was not ordered, and why.
    pub refused: Vec<Refused>,
}

/// Steps that were not ordered.
#[derive(Debug, Clone)]
pub enum Refused {
    /// A check said no.
    Blocked(Box<Preflight>),
    /// It would be more than was agreed.
    Beyond {
        /// Which, of which scenes.
        steps: Vec<(String, SceneStep)>,
        /// What they cost.
        price: Usd,
        /// What is left of what was agreed.
        left: Usd,
    },
}

/// One run of a story.
pub struct Run {
    pipeline: Arc<Pipeline>,
    story: Story,
    /// What was wrong with it where it was read.
    faults: Vec<StoryFault>,
    place: Place,
    given: BTreeMap<Named, Result<Given, String>>,
    chosen: BTreeMap<String, Result<Asset, String>>,
    only: Option<BTreeSet<String>>,
    /// Scenes of which another take was wanted and not ordered yet.
    again: BTreeSet<String>,
    /// What was ordered or found under way in this run: it is not ordered again by it, whatever comes of it.
    tried: BTreeSet<(String, SceneStep)>,
    /// What this run has ordered so far.
    ordered: Usd,
}

impl Run {
    /// Looks up what the story names.
    pub async fn new(
        pipeline: Arc<Pipeline>,
        (story, faults): (Story, Vec<StoryFault>),
        place: Place,
        selection: Selection,
    ) -> Result<Self, StoreError> {
        let (only, again) = match selection {
            Selection::Missing => (None, BTreeSet::new()),
            Selection::All => (None, story.scenes.iter().map(|scene| scene.id.clone()).collect()),
            Selection::Scenes(scenes) => (Some(scenes.clone()), scenes),
        };
        let mut given = BTreeMap::new();
        for name in names(&story) {
            if !given.contains_key(name) {
                given.insert(name.clone(), look_up(&pipeline, &place.folder, name).await?);
            }
        }
        let mut chosen = BTreeMap::new();
        for take in story.scenes.iter().filter_map(|scene| scene.take.as_ref()) {
            chosen.insert(take.clone(), found(pipeline.store.find_asset(take).await)?);
        }
        let (tried, ordered) = (BTreeSet::new(), Usd::ZERO);
        Ok(Self { pipeline, story, faults, place, given, chosen, only, again, tried, ordered })
    }

    /// The story that is made.
    pub fn story(&self) -> &Story {
        &self.story
    }

    /// A file or address that the story names, looked up.
    pub fn given(&self, name: &str) -> Option<&Result<Given, String>> {
        self.given.get(name)
    }

    /// The story beside the library as it is now.
    pub async fn plan(&self) -> Result<Plan, StoreError> {
        let made = match self.story.id {
            Some(id) => self.pipeline.store.made_for(id).await?,
            None => Vec::new(),
        };
        let made: Vec<Made> = made.into_iter().map(|(job, assets)| Made { job, assets }).collect();
        let catalog = self.pipeline.catalog.now();
        Ok(Plan::of(
            &self.story,
            self.faults.clone(),
            &Outlook {
                catalog: &catalog,
                provider: self.place.provider,
                project: self.place.project.as_deref(),
                given: &self.given,
                chosen: &self.chosen,
                made: &made,
                again: &self.again,
                only: self.only.as_ref(),
            },
        ))
    }

    /// Every check for everything that is missing, and what it comes to. Nothing is ordered. With `agreed`, whether
    /// somebody has said yes is one of them.
    pub async fn look(
        &self,
        max_cost: Option<Usd>,
        agreed: Option<Agreed>,
    ) -> Result<Looked, StoreError> {
        let plan = self.plan().await?;
        let briefs: Vec<Brief> = plan.missing().map(|(_, step)| step.brief.clone()).collect();
        let consent = agreed.is_some_and(|agreed| agreed.consent);
        let ask = Ask { max_cost, consent, ..Ask::new(briefs) };
        let (mut preflight, each) = if ask.briefs.is_empty() {
            (Preflight { estimate: Some(nothing()), checks: Vec::new() }, Vec::new())
        } else {
            self.pipeline.preflight_with_prices(&ask).await
        };
        name_faults(&plan, &mut preflight);
        say_price(&plan, &each, &mut preflight);
        if agreed.is_some() && !ask.briefs.is_empty() {
            self.pipeline.ask_consent(&ask, &mut preflight);
        }
        Ok(Looked { plan, preflight, each })
    }

    /// The story beside the library, with what is missing priced by our own rules: no provider is asked.
    ///
    /// # Errors
    ///
    /// When the library cannot be read.
    pub async fn sheet(&self) -> Result<Sheet, StoreError> {
        let plan = self.plan().await?;
        let briefs: Vec<Brief> = plan.missing().map(|(_, step)| step.brief.clone()).collect();
        let (total, each) = match briefs.as_slice() {
            [] => (Some(nothing()), Vec::new()),
            _ => self.pipeline.prices(&Ask::new(briefs)).await,
        };
        Ok(Sheet { story: self.story.clone(), plan, total, each })
    }

    /// The id that the story was given just now.
    pub fn identify(&mut self, id: StoryId) {
        self.story.id = Some(id);
    }

    /// These scenes are not made in this run after all.
    pub fn leave_out(&mut self, scenes: &[(String, SceneStep)]) {
        for (scene, step) in scenes {
            self.note(scene, *step);
        }
    }

    /// Jobs of this story that go on: another run ordered them, and this one follows them instead of ordering them
    /// again.
    pub fn adopt(&mut self, plan: &Plan) -> Vec<JobId> {
        let mut adopted = Vec::new();
        for scene in plan.scenes.iter().filter(|scene| scene.is_wanted) {
            for step in &scene.steps {
                if let Standing::Going(job) = &step.standing {
                    self.note(&scene.id, step.step);
                    adopted.push(job.id);
                }
            }
        }
        adopted
    }

    fn note(&mut self, scene: &str, step: SceneStep) {
        if step == SceneStep::Film {
            self.again.remove(scene);
        }
        self.tried.insert((scene.to_owned(), step));
    }

    /// The order that puts the chosen takes together, or what is wrong with what the story says of that.
    ///
    /// # Errors
    ///
    /// When nothing here puts films together.
    pub fn assembly(
        &self,
        plan: &Plan,
        crossfade: f64,
    ) -> Result<Result<Brief, StoryFault>, UnknownModel> {
        let catalog = self.pipeline.catalog.now();
        let spec = catalog.find(ASSEMBLE)?;
        let given = |name: &Named| self.given.get(name).cloned();
        let parts = match parts(&self.story, &plan.scenes, given, crossfade) {
            Ok(parts) => parts,
            Err(why) => {
                let (place, key) = ("story".to_owned(), "music".to_owned());
                let message = format!("music: {why}");
                return Ok(Err(StoryFault { place, key, message, hint: None }));
            }
        };
        let scene = self.story.id.map(|story| SceneRef {
            story,
            scene: String::new(),
            step: SceneStep::Assembly,
            fingerprint: parts.fingerprint,
        });
        Ok(Ok(Brief {
            provider: spec.provider_for(self.place.provider),
            model: spec.id.clone(),
            operation: spec.operation,
            params: parts.params,
            inputs: parts.inputs,
            project: self.story.project.clone().or_else(|| self.place.project.clone()),
            tags: Vec::new(),
            parent: None,
            scene,
        }))
    }

    /// Orders everything whose inputs are there, in one batch: whole or not at all. Says nothing where there is
    /// nothing to order.
    pub async fn order(
        &mut self,
        agreed: Agreed,
        wish: Option<Wish>,
    ) -> Result<Ordered, PipelineError> {
        let plan = self.plan().await?;
        let is_new =
            |scene: &str, step: &PlannedStep| !self.tried.contains(&(scene.to_owned(), step.step));
        let missing: Vec<(String, PlannedStep)> = plan
            .missing()
            .filter(|(scene, step)| scene.faults.is_empty() && is_new(&scene.id, step))
            .map(|(scene, step)| (scene.id.clone(), step.clone()))
            .collect();
        let (ready, later): (Vec<_>, Vec<_>) =
            missing.into_iter().partition(|(_, step)| step.standing == Standing::Wanted);
        let mut ordered = Ordered::default();
        if ready.is_empty() {
            return Ok(ordered);
        }
        let later: Vec<Brief> = later.into_iter().map(|(_, step)| step.brief).collect();
        let (_, later) = self.pipeline.prices(&Ask::new(later)).await;
        let later = later.into_iter().flatten().fold(Usd::ZERO, |sum, it| sum + it.low);
        // One order goes to one service.
        let mut groups: BTreeMap<ProviderId, Vec<(String, PlannedStep)>> = BTreeMap::new();
        for (scene, step) in ready {
            groups.entry(step.brief.provider).or_default().push((scene, step));
        }
        for (_, group) in groups {
            self.order_group(group, later, (agreed, wish), &mut ordered).await?;
        }
        Ok(ordered)
    }

    async fn order_group(
        &mut self,
        group: Vec<(String, PlannedStep)>,
        later: Usd,
        (agreed, wish): (Agreed, Option<Wish>),
        ordered: &mut Ordered,
    ) -> Result<(), PipelineError> {
        let briefs = group.iter().map(|(_, step)| self.seeded(&step.brief)).collect();
        let left = |most: Usd| most - self.ordered - later;
        let max_cost = agreed.max_cost.map(left);
        let ask = Ask { max_cost, consent: agreed.consent, ..Ask::new(briefs) };
        if let (Some(ceiling), None) = (agreed.ceiling, agreed.max_cost) {
            let preflight = self.pipeline.preflight(&ask).await;
            let price = preflight.estimate.map(|estimate| estimate.high);
            if let Some(price) = price.filter(|price| *price > left(ceiling)) {
                let steps = group.into_iter().map(|(scene, step)| (scene, step.step)).collect();
                ordered.refused.push(Refused::Beyond { steps, price, left: left(ceiling) });
                return Ok(());
            }
        }
        match self.pipeline.admit(ask, wish).await {
            Ok(jobs) => {
                for (scene, step) in &group {
                    self.note(scene, step.step);
                }
                self.ordered = jobs.iter().fold(self.ordered, |sum, job| sum + job.hold);
                ordered.jobs.extend(jobs);
            }
            Err(PipelineError::Blocked(preflight)) => {
                for (scene, step) in &group {
                    self.note(scene, step.step);
                }
                ordered.refused.push(Refused::Blocked(preflight));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The brief with a seed of its own where the model takes one and the story names none, so that every take can
    /// be made again.
    fn seeded(&self, brief: &Brief) -> Brief {
        let mut brief = brief.clone();
        let catalog = self.pipeline.catalog.now();
        let takes_seed = catalog.find(brief.model.as_str()).is_ok_and(ModelSpec::takes_seed);
        let is_open = brief.params.get("seed").is_none_or(|seed| seed.as_i64() == Some(-1));
        if takes_seed && is_open {
            brief.params.insert("seed".to_owned(), self.pipeline.dice.seed().into());
        }
        brief
    }
}
