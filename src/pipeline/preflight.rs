//! Pre-flight: facts are gathered first, then weighed by pure functions, all of them.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::catalog::ModelSpec;
use crate::domain::bound::Counted;
use crate::domain::{
    Ask, Basis, Brief, Check, CheckId, Estimate, Job, Outcome, Preflight, ProviderId, Wanted,
};

use super::Pipeline;
use super::admit::wanted;
use super::inputs::Files;
use super::quotes::Quoted;
use super::weighed::{
    credential, disk, max_cost_check, needs_consent, price, weigh_balance, weigh_offer,
};

/// How long the provider may take to say what it offers, and what is left. Nobody waits longer before a dialog.
const PREFLIGHT_WAIT: Duration = Duration::from_secs(5);

/// What drives the prices of an order: its files, and what the provider quotes for it.
struct Facts {
    files: Files,
    quoted: Quoted,
}

impl Pipeline {
    /// Every check for this order. Sends nothing that makes or costs anything, holds nothing.
    pub async fn preflight(&self, ask: &Ask) -> Preflight {
        self.look_at(ask, None).await.0
    }

    /// What an order costs by our own rules, and each of its briefs, in their order: no provider is asked.
    pub async fn prices(&self, ask: &Ask) -> (Option<Estimate>, Vec<Option<Estimate>>) {
        let facts = Facts { files: self.files_of(ask).await, quoted: Quoted::default() };
        let each: Vec<Option<Estimate>> =
            ask.briefs.iter().map(|brief| self.estimate_of(brief, &facts)).collect();
        (total(&each), each)
    }

    /// The same, with what each brief costs, in their order; `None` where that is not known.
    pub async fn preflight_with_prices(&self, ask: &Ask) -> (Preflight, Vec<Option<Estimate>>) {
        self.look_at(ask, None).await
    }

    /// The same. A job that was admitted is looked at again as it was counted.
    pub(super) async fn look_at(
        &self,
        ask: &Ask,
        admitted: Option<&Job>,
    ) -> (Preflight, Vec<Option<Estimate>>) {
        let files = self.files_of(ask).await;
        let provider = asked_of(ask);
        let mut checks = vec![credential(self.services.credential(provider).await)];
        checks.push(self.parameters(ask));
        if checks[0].outcome != Outcome::Block {
            checks.extend(self.offers(ask).await);
        }
        checks.extend(self.inputs(ask, &files));
        // What will not be sent is not asked about either.
        let is_blocked = checks.iter().any(|check| check.outcome == Outcome::Block);
        let quoted = if is_blocked { Quoted::default() } else { self.quotes_of(ask, &files).await };
        let facts = Facts { files, quoted };
        let estimates: Vec<_> =
            ask.briefs.iter().map(|brief| self.estimate_of(brief, &facts)).collect();
        let estimate = total(&estimates);
        checks.push(facts.quoted.say(price(estimate.as_ref(), ask, facts.quoted.trouble())));
        if let Some(max_cost) = ask.max_cost {
            checks.push(max_cost_check(&estimates, max_cost));
        }
        checks.extend(match admitted {
            Some(job) => self.still_bounded(job).await,
            None => self.bounded(ask, &estimates).await,
        });
        if checks[0].outcome != Outcome::Block {
            checks.push(self.balance(provider, estimate.as_ref()).await);
        }
        checks.push(disk(self.library.free_bytes().ok(), self.terms.disk_needed));
        (Preflight { estimate, checks }, estimates)
    }

    /// The limits of the plan and the budgets, against what is spent, what is held and this order.
    async fn bounded(&self, ask: &Ask, estimates: &[Option<Estimate>]) -> Vec<Check> {
        let wanted = wanted(ask, estimates);
        let wanted = wanted.into_iter().map(|(_, wanted)| wanted).collect();
        let counted = if ask.partly { Counted::AsManyAsFit } else { Counted::NotYet };
        self.weighed(wanted, counted, self.account_day()).await
    }

    /// The same for a job whose money is held: it counts on the day on which it was admitted.
    async fn still_bounded(&self, job: &Job) -> Vec<Check> {
        let day = self.day_of(job.times.created);
        self.weighed(vec![Wanted::of(job)], Counted::Already, day).await
    }

    /// These runs against every limit and budget. What cannot be looked at lets nothing through.
    async fn weighed(
        &self,
        wanted: Vec<Wanted>,
        counted: Counted,
        day: jiff::civil::Date,
    ) -> Vec<Check> {
        match self.store.weigh(self.terms.plan.clone(), day, wanted, counted).await {
            Ok(checks) => checks,
            Err(error) => vec![Check::block(
                CheckId::Budget,
                format!("could not be looked at: {error}"),
                "rushes doctor looks at the library",
            )],
        }
    }

    /// Adds the last check, before money is held: did somebody say yes to this price?
    pub fn ask_consent(&self, ask: &Ask, preflight: &mut Preflight) {
        // What is pretended, and what this machine does itself, costs nobody anything.
        let is_free = ask.briefs.iter().all(|brief| !brief.provider.is_paid());
        if is_free || ask.consent {
            return;
        }
        if needs_consent(preflight.estimate.as_ref(), self.terms.confirm_above) {
            let price = preflight
                .estimate
                .as_ref()
                .map_or_else(|| "an unknown price".to_owned(), ToString::to_string);
            preflight.checks.push(Check::block(
                CheckId::Consent,
                format!("nobody has said yes to {price}"),
                "say --yes, or answer the question in a terminal",
            ));
        }
    }

    /// What one brief costs, by what was measured of its files, or by the provider's quote. `None` where no
    /// rule is known, or a price input is missing, and nothing was quoted.
    fn estimate_of(&self, brief: &Brief, facts: &Facts) -> Option<Estimate> {
        let catalog = self.catalog.now();
        let spec = catalog.find(brief.model.as_str()).ok()?;
        let ruled = spec.estimate(&brief.params, &facts.files.measured(brief));
        let mut estimate = facts.quoted.with(spec, brief, ruled)?;
        if brief.provider.is_simulated() {
            estimate.basis = Basis::Simulated;
        }
        Some(estimate)
    }

    fn parameters(&self, ask: &Ask) -> Check {
        let mut findings = BTreeSet::new();
        let mut hints = BTreeSet::new();
        let catalog = self.catalog.now();
        for brief in &ask.briefs {
            match catalog.find(brief.model.as_str()) {
                Ok(spec) => faults(spec, brief, &mut findings, &mut hints),
                Err(unknown) => {
                    findings.insert(unknown.to_string());
                    hints.insert(unknown.hint());
                }
            }
        }
        if findings.is_empty() {
            return Check::pass(CheckId::Parameters, "all valid");
        }
        let hint = Some(joined(hints)).filter(|hint| !hint.is_empty());
        Check { hint, ..Check::block(CheckId::Parameters, joined(findings), "") }
    }

    /// What the provider itself says of the models, where its offer changes from day to day.
    async fn offers(&self, ask: &Ask) -> Vec<Check> {
        let mut asked = BTreeSet::new();
        let mut checks = Vec::new();
        for brief in &ask.briefs {
            if !asked.insert((&brief.model, brief.operation)) {
                continue;
            }
            let Ok(client) = self.services.provider(brief.provider).await else { continue };
            let offer = client.offers(&brief.model, brief.operation);
            let answer = tokio::time::timeout(PREFLIGHT_WAIT, offer).await;
            let answer = answer.map_err(|_| "no answer within 5 s".to_owned());
            checks.extend(weigh_offer(answer.and_then(|it| it.map_err(|error| error.to_string()))));
        }
        checks
    }

    async fn balance(&self, provider: ProviderId, estimate: Option<&Estimate>) -> Check {
        let asked = async {
            let client =
                self.services.provider(provider).await.map_err(|error| error.to_string())?;
            tokio::time::timeout(PREFLIGHT_WAIT, client.balance())
                .await
                .map_err(|_| "no answer within 5 s".to_owned())?
                .map_err(|error| error.to_string())
        };
        weigh_balance(asked.await, estimate)
    }
}

/// Whose credential and balance count. An order goes to one service, and what this machine does for it needs
/// neither.
fn asked_of(ask: &Ask) -> ProviderId {
    let mut providers = ask.briefs.iter().map(|brief| brief.provider);
    let elsewhere = providers.clone().find(|provider| *provider != ProviderId::Local);
    elsewhere.or_else(|| providers.next()).unwrap_or(ProviderId::Sandbox)
}

/// What all of them cost; `None` where that of one is not known.
fn total(estimates: &[Option<Estimate>]) -> Option<Estimate> {
    let (first, others) = estimates.split_first()?;
    let mut total = first.clone()?;
    for next in others {
        let next = next.as_ref()?;
        total.low = total.low + next.low;
        total.high = total.high + next.high;
        total.floor |= next.floor;
    }
    if !others.is_empty() {
        total.finding = format!("{} × {}", estimates.len(), total.finding);
    }
    Some(total)
}

fn faults(
    spec: &ModelSpec,
    brief: &Brief,
    findings: &mut BTreeSet<String>,
    hints: &mut BTreeSet<String>,
) {
    if let Err(reason) = spec.availability() {
        findings.insert(format!("{} is switched off: {reason}", spec.id));
        if spec.is_local() {
            hints.insert("install ffmpeg, then see what rushes doctor says of it".to_owned());
        }
    }
    if !spec.runs_on(brief.provider) {
        let offered: Vec<_> = spec.providers.iter().map(|provider| provider.as_str()).collect();
        findings.insert(format!("{} is not offered by {}", spec.id, brief.provider));
        hints.insert(format!("--provider {}", offered.join(" or --provider ")));
    }
    for fault in spec.faults(&brief.params, &brief.inputs) {
        findings.insert(fault.message);
        hints.extend(fault.hint);
    }
}

fn joined(parts: BTreeSet<String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join("; ")
}
