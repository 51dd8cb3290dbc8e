//! A made-up story beside a library in which some of it is made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rushes::domain::job::FailurePolicy;
use rushes::domain::{
    Asset, Basis, Brief, Estimate, Job, JobEvent, MediaFacts, ProviderId, Reason, ReasonKind,
    SceneRef, SceneStep, StoryId, Usd,
};
use rushes::story::{self, Made, Outlook, Plan, Sheet, Stale, Standing};

use super::made;
use crate::support::builtin;

pub(super) const KITE: &str = r#"
title = "The kite"
project = "kite-film"

[cast.ada]
portrait = "https://example.org/ada.png"
voice = "Calm_Woman"

[[scene]]
id = "dunes"
title = "The dunes"
prompt = "A red kite over dunes at dawn, slow dolly in, golden light, 35 mm"
pause = 0.5

[[scene]]
id = "shore"
title = "At the shore"
subject = "The same red kite"
scene = "above a quiet shore"

[[scene]]
id = "ada-tells"
title = "Ada tells"
speaker = "ada"
words = "Nobody knew whose kite it was, and nobody asked."

[[scene]]
id = "light"
title = "Into the light"
from_previous = true
prompt = "the camera rises into the sun"
"#;

pub(super) fn file() -> PathBuf {
    PathBuf::from("/home/ada/films/kite.toml")
}

pub(super) fn story_id() -> StoryId {
    StoryId::at(1, &[7; 10])
}

/// How far a made-up story is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    New,
    Running,
    Failed,
    Done,
    Stale,
    InDoubt,
}

/// A library in which the story was made so far.
pub(super) struct Film {
    pub(super) kind: Kind,
    pub(super) made: Vec<Made>,
}

impl Film {
    pub(super) fn plan(&self, text: &str) -> (rushes::story::Story, Plan) {
        let (mut story, faults) = rushes::story::read(text).unwrap();
        story.id = Some(story_id());
        let source = |url: &str| rushes::domain::brief::Source::Url(url.to_owned());
        let url = "https://example.org/ada.png";
        let given = rushes::story::Given { source: source(url), content: url.to_owned() };
        let given = BTreeMap::from([(url.to_owned(), Ok(given))]);
        let plan = Plan::of(
            &story,
            faults,
            &Outlook {
                catalog: &builtin(),
                provider: ProviderId::Wavespeed,
                project: None,
                given: &given,
                chosen: &BTreeMap::new(),
                made: &self.made,
                again: &BTreeSet::new(),
                only: None,
            },
        );
        (story, plan)
    }

    pub(super) fn job(&self, brief: Brief) -> Job {
        let number = u32::try_from(self.made.len()).unwrap() + 41;
        let job = made::job(ProviderId::Wavespeed, number, "", 90 - i64::from(number));
        Job { brief, ..job }
    }

    pub(super) fn add(&mut self, job: Job) {
        let assets = if job.stage.is_live() || job.cost().is_none() {
            vec![]
        } else {
            vec![made::take(&job)]
        };
        let assets =
            if job.shown_stage() == rushes::domain::StageName::Done { assets } else { vec![] };
        self.made.push(Made { job, assets });
    }

    /// Makes what can be made of these scenes, steps and all.
    pub(super) fn make(&mut self, scenes: &[&str]) {
        for _ in 0..4 {
            let (_, plan) = self.plan(KITE);
            let wanted = plan.missing().filter(|(scene, step)| {
                scenes.contains(&scene.id.as_str()) && step.standing == Standing::Wanted
            });
            for brief in wanted.map(|(_, step)| step.brief.clone()).collect::<Vec<_>>() {
                let charge = Usd::from_micros(200_000);
                let mut events = made::accepted();
                events.extend([JobEvent::OutputReady, JobEvent::Saved { charge }]);
                let job = made::after(self.job(brief), &events);
                self.add(job);
            }
        }
    }

    /// The first step of a scene that can be ordered, after these events.
    pub(super) fn begin(&mut self, scene: &str, events: &[JobEvent]) {
        let (_, plan) = self.plan(KITE);
        let step = plan.missing().find(|(of, _)| of.id == scene).unwrap().1.clone();
        let job = made::after(self.job(step.brief), events);
        self.add(job);
    }

    pub(super) fn of(kind: Kind) -> Self {
        let mut film = Self { kind, made: Vec::new() };
        match kind {
            Kind::New => {}
            Kind::Running => {
                film.make(&["dunes"]);
                film.begin("shore", &[made::accepted(), vec![JobEvent::Processing]].concat());
                film.begin("ada-tells", &made::accepted());
            }
            Kind::Failed => {
                film.make(&["dunes", "ada-tells"]);
                let reason = Reason::new(ReasonKind::Moderated, "content moderation (code 1200)")
                    .hint("change the prompt; $0.20 is due back within 3 h");
                let charge = Usd::from_micros(200_000);
                let policy = FailurePolicy::Refunded;
                let failed = JobEvent::FailedAtProvider { reason, policy, charge };
                film.begin("shore", &[made::accepted(), vec![failed]].concat());
            }
            Kind::InDoubt => {
                film.make(&["dunes"]);
                let reason = Reason::new(ReasonKind::Unanswered, "no answer within 120 s")
                    .hint("it is looked for in the provider's history");
                let events = [
                    JobEvent::CheckStarted,
                    JobEvent::SubmitStarted,
                    JobEvent::Unanswered { reason },
                ];
                film.begin("shore", &events);
            }
            Kind::Done | Kind::Stale => film.make(&["dunes", "shore", "ada-tells", "light"]),
        }
        film
    }

    pub(super) fn sheet(&self, text: &str) -> Sheet {
        let (story, mut plan) = self.plan(text);
        if let (Kind::Done | Kind::Stale, Some(asset)) = (self.kind, self.assets().first()) {
            let facts = MediaFacts { duration_ms: Some(20_500), ..asset.facts.clone() };
            let asset = Asset { facts, ..asset.clone() };
            let stale = Stale::Takes(vec!["shore".to_owned(), "light".to_owned()]);
            plan.film =
                Some(story::Film { asset, stale: (self.kind == Kind::Stale).then_some(stale) });
        }
        let price = || Estimate::exact(Usd::from_micros(200_000), Basis::Quoted, "5 s × $0.04");
        let each: Vec<_> = plan.missing().map(|_| Some(price())).collect();
        let micros = 200_000 * i64::try_from(each.len()).unwrap();
        let mut total = Estimate::exact(Usd::from_micros(micros), Basis::Quoted, "");
        total.floor = self.kind == Kind::New;
        Sheet { story, plan, total: Some(total), each }
    }

    pub(super) fn jobs(&self) -> Vec<Job> {
        let mut jobs: Vec<Job> = self.made.iter().rev().map(|made| made.job.clone()).collect();
        if matches!(self.kind, Kind::Done | Kind::Stale) {
            let mut brief = made::brief(ProviderId::Local, "", 0);
            brief.scene = Some(SceneRef {
                story: story_id(),
                scene: String::new(),
                step: SceneStep::Assembly,
                fingerprint: "f".to_owned(),
            });
            let mut events = made::accepted();
            events.extend([JobEvent::OutputReady, JobEvent::Saved { charge: Usd::ZERO }]);
            jobs.insert(0, made::after(self.job(brief), &events));
        }
        jobs
    }

    pub(super) fn assets(&self) -> Vec<Asset> {
        let of_film = self
            .jobs()
            .into_iter()
            .take(usize::from(matches!(self.kind, Kind::Done | Kind::Stale)));
        let of_film = of_film.map(|job| made::take(&job));
        of_film.chain(self.made.iter().rev().flat_map(|made| made.assets.clone())).collect()
    }
}
