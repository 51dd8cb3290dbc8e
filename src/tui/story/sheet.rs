//! A story as the view shows it: the file, what is in the library of it, what is missing and what that costs.

use std::path::PathBuf;

use crate::domain::{Estimate, Job, SceneStep, Usd};
use crate::story::{Plan, PlannedScene, PlannedStep, Scene, Standing, Status, Story};

/// A story beside the library.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Its file, as it was opened.
    pub file: PathBuf,
    /// What the file says.
    pub story: Story,
    /// Every scene with its steps and takes.
    pub plan: Plan,
    /// What all that is missing costs; `None` where no price is known.
    pub total: Option<Estimate>,
    /// What each missing step costs, in the order of [`Plan::missing`].
    pub each: Vec<Option<Estimate>>,
}

impl Sheet {
    /// What is missing of a scene, each step with its price.
    pub fn missing<'s>(
        &'s self,
        scene: &'s PlannedScene,
    ) -> impl Iterator<Item = (&'s PlannedStep, Option<&'s Estimate>)> {
        let all = self.plan.missing().zip(&self.each);
        all.filter(|((of, _), _)| of.id == scene.id)
            .map(|((_, step), price)| (step, price.as_ref()))
    }

    /// What the file says of a scene.
    pub fn said(&self, scene: &PlannedScene) -> Option<&Scene> {
        self.story.scenes.iter().find(|said| said.id == scene.id)
    }

    /// How many scenes have their take.
    pub fn done(&self) -> usize {
        self.plan.scenes.iter().filter(|scene| scene.status() == Status::Done).count()
    }

    /// How many are being made.
    pub fn running(&self) -> usize {
        let is_running = |scene: &&PlannedScene| matches!(scene.status(), Status::Running(_));
        self.plan.scenes.iter().filter(is_running).count()
    }

    /// What all orders cost so far: in real money, and in the sandbox.
    pub fn costs(&self) -> (Usd, Usd) {
        self.plan.scenes.iter().fold((Usd::ZERO, Usd::ZERO), |(spent, simulated), scene| {
            (spent + scene.spent, simulated + scene.simulated)
        })
    }

    /// How long the chosen takes are together, with the pauses between them, in milliseconds.
    pub fn milliseconds(&self) -> u64 {
        let one = |scene: &PlannedScene| {
            let length = scene.chosen.as_ref()?.asset.facts.duration_ms?;
            let pause = self.said(scene).map_or(0.0, |said| said.pause);
            let pause = std::time::Duration::try_from_secs_f64(pause).unwrap_or_default();
            Some(length + u64::try_from(pause.as_millis()).unwrap_or_default())
        };
        self.plan.scenes.iter().filter_map(one).sum()
    }
}

/// The job that a scene's row tells of: the one that goes on, else the one that is in doubt or came to nothing.
pub fn job_of(scene: &PlannedScene) -> Option<&Job> {
    let going = scene.steps.iter().find_map(|step| match &step.standing {
        Standing::Going(job) => Some(&**job),
        _ => None,
    });
    going.or_else(|| scene.reason())
}

/// A step in a word.
pub fn step_words(step: SceneStep) -> &'static str {
    step.as_str()
}
