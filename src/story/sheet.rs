//! A story as it is told: what the file says, what is in the library of it, what is missing and what that costs.

use super::{Plan, PlannedScene, PlannedStep, Scene, Status, Story};
use crate::domain::{Estimate, Usd};

/// A story beside the library.
#[derive(Debug, Clone)]
pub struct Sheet {
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

    /// How long the film is as far as its scenes are there, in milliseconds: with its pauses, less what its
    /// cross-fades overlap.
    pub fn milliseconds(&self) -> u64 {
        let length = |scene: &PlannedScene| {
            let length = scene.chosen.as_ref()?.asset.facts.duration_s()?;
            Some(length + self.said(scene).map_or(0.0, |said| said.pause))
        };
        let lengths: Vec<f64> = self.plan.scenes.iter().filter_map(length).collect();
        let joints = u32::try_from(lengths.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let faded = self.story.crossfade.unwrap_or_default() * f64::from(joints);
        let milliseconds = (lengths.iter().sum::<f64>() - faded).max(0.0) * 1000.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not below 0")]
        let milliseconds = milliseconds.round() as u64;
        milliseconds
    }
}
