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
        let (mut preflight, estimates) = self.look_at(&ask, None).await;
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
        // Of this very moment: at midnight the next look at the clock is another day.
        let day = self.day_of(now);
        let batch =
            (ask.briefs.len() > 1).then(|| BatchId::at(id_millis(now), &self.dice.ten_bytes()));
        let wanted = wanted(&ask, &estimates);
        let mut new = Vec::with_capacity(ask.briefs.len());
        for ((brief, estimate), (hold, wanted)) in ask.briefs.iter().zip(estimates).zip(wanted) {
            let provider = self.services.provider(brief.provider).await?;
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

/// What is held for each job of an order, and how it counts against budgets and limits: the high end of its
/// estimate; where its price is not known, its share of what `--max-cost` leaves for such jobs.
pub(super) fn wanted(ask: &Ask, estimates: &[Option<Estimate>]) -> Vec<(Usd, Wanted)> {
    let known = |estimate: &Option<Estimate>| {
        estimate.as_ref().filter(|known| !known.floor).map(|known| known.high)
    };
    let left =
        ask.max_cost.map(|max_cost| max_cost - estimates.iter().filter_map(known).sum::<Usd>());
    let open = estimates.iter().filter(|estimate| known(estimate).is_none()).count();
    let share = left.map(|left| {
        let open = i64::try_from(open.max(1)).unwrap_or(i64::MAX);
        Usd::from_micros(left.micros().max(0) / open)
    });
    let of = |(brief, estimate): (&Brief, &Option<Estimate>)| {
        let floor = estimate.as_ref().map(|floor| floor.high);
        let hold = known(estimate).or(share).or(floor).unwrap_or_default();
        // A share of nothing bounds nothing.
        let is_known = known(estimate).is_some() || share.is_some_and(|share| share > Usd::ZERO);
        (hold, Wanted::new(brief, is_known.then_some(hold)))
    };
    ask.briefs.iter().zip(estimates).map(of).collect()
}

#[cfg(test)]
#[path = "admit_tests.rs"]
mod tests;
