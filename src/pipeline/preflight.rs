//! Pre-flight: facts are gathered first, then weighed by pure functions, all of them.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::catalog::ModelSpec;
use crate::domain::bound::Counted;
use crate::domain::{
    Ask, Basis, Brief, Check, CheckId, Estimate, Job, Outcome, Preflight, ProviderId, Usd, Wanted,
};

use crate::provider::Offer;

use super::admit::wanted;
use super::inputs::Files;
use super::quotes::Quoted;
use super::{Pipeline, Unavailable};

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

fn credential(found: Result<String, Unavailable>) -> Check {
    match found {
        Ok(source) => Check::pass(CheckId::Credential, source),
        Err(missing) => {
            Check::block(CheckId::Credential, missing.to_string(), missing.hint().to_owned())
        }
    }
}

/// `unquoted` is why the provider's own quote is not there, where it was asked for.
fn price(estimate: Option<&Estimate>, ask: &Ask, unquoted: Option<&str>) -> Check {
    let hint = "say --max-cost to hold at most that";
    let unquoted = unquoted.map(|why| format!("; no quote: {why}")).unwrap_or_default();
    match estimate {
        None if ask.max_cost.is_some() => {
            Check::pass(CheckId::Price, format!("price unknown; --max-cost is held{unquoted}"))
        }
        None => Check::warn(CheckId::Price, format!("price unknown{unquoted}"), hint),
        Some(floor) if floor.floor => {
            let finding = format!("at least {}: {}{unquoted}", floor.low, floor.finding);
            Check::warn(CheckId::Price, finding, hint)
        }
        Some(exact) => Check::pass(CheckId::Price, format!("{exact} = {}", exact.finding)),
    }
}

/// What is known of the prices, against the most that it may be. Where one is not known at all, there has to be
/// something left to hold for it.
fn max_cost_check(estimates: &[Option<Estimate>], max_cost: Usd) -> Check {
    let least: Usd = estimates.iter().flatten().map(|known| known.high).sum();
    let is_exact = estimates.iter().all(|known| known.as_ref().is_some_and(|known| !known.floor));
    let is_unknown = estimates.iter().any(Option::is_none);
    if least < max_cost || (least == max_cost && !is_unknown) {
        return Check::pass(CheckId::MaxCost, format!("at most {max_cost}"));
    }
    let least = if is_exact { least.to_string() } else { format!("≥ {least}") };
    let finding = if is_unknown {
        format!("{least} and an unknown price leave nothing of --max-cost {max_cost} to hold")
    } else {
        format!("{least} is above --max-cost {max_cost}")
    };
    Check::block(CheckId::MaxCost, finding, "raise --max-cost, or ask for less")
}

/// `None` where the catalogue says all there is to say.
fn weigh_offer(asked: Result<Offer, String>) -> Option<Check> {
    let id = CheckId::Offer;
    match asked {
        Ok(Offer::Listed) => None,
        Ok(Offer::Live(found)) => Some(Check::pass(id, found)),
        Ok(Offer::Doubtful(found)) => {
            Some(Check::warn(id, found, "the run may fail; another model may serve"))
        }
        Ok(Offer::Absent { finding, hint }) => Some(Check::block(id, finding, hint)),
        Err(error) => Some(Check::warn(
            id,
            format!("could not be asked: {error}"),
            "the provider is asked again before anything is sent",
        )),
    }
}

fn weigh_balance(asked: Result<Option<Usd>, String>, estimate: Option<&Estimate>) -> Check {
    match (asked, estimate) {
        (Err(error), _) => Check::warn(
            CheckId::Balance,
            format!("could not be asked: {error}"),
            "the run may be refused for want of credit",
        ),
        (Ok(None), _) => Check::pass(CheckId::Balance, "this provider has none"),
        (Ok(Some(left)), Some(estimate)) if left < estimate.low => Check::block(
            CheckId::Balance,
            format!("{left} at the provider, {estimate} needed"),
            "top up at the provider",
        ),
        (Ok(Some(left)), _) => Check::pass(CheckId::Balance, format!("{left} at the provider")),
    }
}

/// Whether there is room for a take.
pub fn disk(free: Option<u64>, needed: u64) -> Check {
    const MB: u64 = 1_000_000;
    match free {
        None => Check::warn(CheckId::Disk, "free space could not be read", "look at the disk"),
        Some(free) if free < needed => Check::block(
            CheckId::Disk,
            format!("{} MB free, {} MB needed", free / MB, needed / MB),
            "make room, or set RUSHES_HOME to another disk",
        ),
        Some(free) if free < 10_000 * MB => {
            Check::pass(CheckId::Disk, format!("{} MB free", free / MB))
        }
        Some(free) => Check::pass(CheckId::Disk, format!("{} GB free", free / MB / 1000)),
    }
}

/// Whether a person has to say yes: always at a limit of zero, or when the price is not known.
pub(super) fn needs_consent(estimate: Option<&Estimate>, confirm_above: Usd) -> bool {
    match estimate {
        Some(estimate) if !estimate.floor => {
            confirm_above == Usd::ZERO || estimate.high > confirm_above
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Outcome::{Block, Pass, Warn};

    fn cents(cents: i64) -> Usd {
        Usd::from_micros(cents * 10_000)
    }

    fn exact(price: i64) -> Estimate {
        Estimate::exact(cents(price), Basis::Quoted, "rule")
    }

    #[test]
    fn consent_is_asked_always_at_zero_and_above_the_limit_otherwise() {
        assert!(needs_consent(Some(&exact(1)), Usd::ZERO));
        assert!(needs_consent(Some(&exact(101)), cents(100)));
        assert!(!needs_consent(Some(&exact(100)), cents(100)));
        assert!(needs_consent(None, cents(100)));
        assert!(needs_consent(Some(&Estimate { floor: true, ..exact(1) }), cents(100)));
    }

    #[test]
    fn each_fact_comes_to_its_outcome() {
        let check = |check: Check, id, outcome| {
            assert_eq!((check.id, check.outcome), (id, outcome), "{}", check.finding);
            assert_eq!(check.hint.is_some(), outcome != Outcome::Pass);
        };
        let ask = Ask::new(vec![]);
        let capped = Ask { max_cost: Some(cents(50)), ..ask.clone() };
        check(price(Some(&exact(20)), &ask, None), CheckId::Price, Pass);
        check(price(None, &ask, None), CheckId::Price, Warn);
        check(price(None, &capped, None), CheckId::Price, Pass);
        check(price(Some(&Estimate { floor: true, ..exact(1) }), &ask, None), CheckId::Price, Warn);
        let floor = || Some(Estimate { floor: true, ..exact(50) });
        for (prices, expected) in [
            (vec![Some(exact(51))], Block),
            (vec![Some(exact(50))], Pass),
            (vec![Some(exact(25)), Some(exact(26))], Block),
            (vec![floor()], Pass),
            (vec![floor(), Some(exact(1))], Block),
            (vec![None], Pass),
            (vec![None, Some(exact(49))], Pass),
            (vec![None, Some(exact(50))], Block),
        ] {
            check(max_cost_check(&prices, cents(50)), CheckId::MaxCost, expected);
        }
        check(max_cost_check(&[None], Usd::ZERO), CheckId::MaxCost, Block);
        check(max_cost_check(&[Some(exact(0))], Usd::ZERO), CheckId::MaxCost, Pass);
        check(weigh_balance(Err("x".into()), None), CheckId::Balance, Warn);
        check(weigh_balance(Ok(None), None), CheckId::Balance, Pass);
        check(weigh_balance(Ok(Some(cents(19))), Some(&exact(20))), CheckId::Balance, Block);
        check(weigh_balance(Ok(Some(cents(20))), Some(&exact(20))), CheckId::Balance, Pass);
        assert_eq!(weigh_offer(Ok(Offer::Listed)), None);
        let offer = |asked| weigh_offer(asked).expect("there is something to say");
        check(offer(Ok(Offer::Live("live".into()))), CheckId::Offer, Pass);
        check(offer(Ok(Offer::Doubtful("staging".into()))), CheckId::Offer, Warn);
        check(offer(Err("silent".into())), CheckId::Offer, Warn);
        let absent = Offer::Absent { finding: "gone".into(), hint: "another".into() };
        check(offer(Ok(absent)), CheckId::Offer, Block);
        check(disk(Some(99), 100), CheckId::Disk, Block);
        check(disk(Some(100), 100), CheckId::Disk, Pass);
        check(disk(None, 100), CheckId::Disk, Warn);
    }
}
