//! Admission: every check, then the jobs and their holds in one transaction.

use crate::catalog::{InputSpec, ModelSpec};
use crate::clock::id_millis;
use crate::domain::brief::Source;
use crate::domain::{
    Ask, AssetId, BatchId, Brief, Check, CheckId, Estimate, Inputs, Job, JobEvent, JobId, Outcome,
    Preflight, Usd, Wanted, Wish,
};
use crate::store::{Admission, Gate, NewJob};

use super::{LEASE, Pipeline, PipelineError, later};

impl Pipeline {
    /// The pre-flight with which [`Pipeline::admit`] would decide.
    pub async fn preflight_with_consent(&self, ask: &Ask) -> Preflight {
        let mut preflight = self.preflight(ask).await;
        self.ask_consent(ask, &mut preflight);
        preflight
    }

    /// Checks the order, holds its money and inserts its jobs, owned by this process: all or none.
    ///
    /// `wish` is [`Wish::Send`] for jobs that a worker may send when nobody looks on.
    pub async fn admit(&self, ask: Ask, wish: Option<Wish>) -> Result<Vec<Job>, PipelineError> {
        let (mut preflight, facts) = self.look_at(&ask, None).await;
        self.ask_consent(&ask, &mut preflight);
        let awaits = |brief: &Brief| brief.inputs.iter().any(|(_, it)| *it == Source::Awaited);
        if ask.briefs.iter().any(awaits) {
            let found = "what one of them needs is not there yet";
            preflight.checks.push(Check::block(CheckId::Inputs, found, "make that first"));
        }
        if preflight.verdict() == Outcome::Block || ask.briefs.is_empty() {
            return Err(PipelineError::Blocked(Box::new(preflight)));
        }
        let now = self.clock.now();
        let day = self.account_day();
        let batch =
            (ask.briefs.len() > 1).then(|| BatchId::at(id_millis(now), &self.dice.ten_bytes()));
        let mut new = Vec::with_capacity(ask.briefs.len());
        for brief in &ask.briefs {
            let provider = self.services.provider(brief.provider).await?;
            let estimate = self.estimate_of(brief, &facts);
            let (hold, wanted) = wanted(brief, estimate.as_ref(), &ask);
            new.push(NewJob {
                id: JobId::at(id_millis(now), &self.dice.ten_bytes()),
                batch,
                hold,
                estimate,
                brief: self.complete(brief),
                account: provider.account().clone(),
                account_day: day.to_string(),
                wanted,
                wish,
            });
        }
        crate::process::failpoint::reached("before-admit");
        let gate = Gate { plan: self.terms.plan.clone(), day, partly: ask.partly };
        let owned = (self.owner.clone(), later(now, LEASE));
        let jobs = match self.store.admit(new, gate, owned, now).await? {
            Admission::Admitted(jobs) => jobs,
            // Somebody else was quicker: what the pre-flight found is not so any more.
            Admission::Refused(checks) => {
                for check in checks {
                    match preflight.checks.iter_mut().find(|known| known.id == check.id) {
                        Some(known) => *known = check,
                        None => preflight.checks.push(check),
                    }
                }
                return Err(PipelineError::Blocked(Box::new(preflight)));
            }
        };
        crate::process::failpoint::reached("after-admit");
        self.tell_alerts().await;
        for job in &jobs {
            self.tell(job, &JobEvent::Admitted);
        }
        Ok(jobs)
    }

    /// The brief with every default filled in and just the model's own keys: what will be sent. What is made
    /// from something in the library descends from it.
    fn complete(&self, brief: &Brief) -> Brief {
        let catalog = self.catalog.now();
        let Ok(spec) = catalog.find(brief.model.as_str()) else { return brief.clone() };
        let params = spec.complete(&brief.params);
        let parent = brief.parent.or_else(|| made_from(spec, &brief.inputs));
        Brief { params, parent, ..brief.clone() }
    }
}

/// The asset that a take is made from: the first one of the kind that comes out, so that a film with another
/// face descends from the film; else the first one.
fn made_from(spec: &ModelSpec, inputs: &Inputs) -> Option<AssetId> {
    let given = |input: &InputSpec| {
        inputs.iter().find_map(|(key, source)| match source {
            Source::Asset(id) if *key == input.key => Some(*id),
            _ => None,
        })
    };
    let alike = spec.inputs.iter().filter(|input| input.kind.media() == spec.output);
    alike.chain(&spec.inputs).find_map(given)
}

/// What is held for a job of an order, and how it counts against budgets and limits.
pub(super) fn wanted(brief: &Brief, estimate: Option<&Estimate>, ask: &Ask) -> (Usd, Wanted) {
    let hold = hold(estimate, ask.max_cost, ask.briefs.len());
    let is_known = estimate.is_some_and(|estimate| !estimate.floor) || ask.max_cost.is_some();
    (hold, Wanted::new(brief, is_known.then_some(hold)))
}

/// What is held for one job: the high end of its estimate; its share of `--max-cost` where the price is
/// not known.
fn hold(estimate: Option<&Estimate>, max_cost: Option<Usd>, jobs: usize) -> Usd {
    match estimate {
        Some(estimate) if !estimate.floor => estimate.high,
        known => {
            let share = max_cost.map(|max_cost| {
                let jobs = i64::try_from(jobs.max(1)).unwrap_or(i64::MAX);
                Usd::from_micros(max_cost.micros() / jobs)
            });
            share.or(known.map(|floor| floor.high)).unwrap_or(Usd::ZERO)
        }
    }
}
