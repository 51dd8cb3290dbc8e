//! What bounds a run: budgets and the plan's limits, weighed against what is spent, what is held and what
//! shall be added. Pure: the library says what was used, in the transaction that admits.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;

use super::plan::{Meter, Plan};
use super::{Allowance, Brief, Budget, Check, CheckId, Job, Outcome, ProviderId, Scope, Usd};

/// The shares of a bound that are told, in percent.
pub const TOLD_AT: [u8; 3] = [80, 90, 100];

/// Who says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A budget of the person.
    Budget(Scope),
    /// A limit of the plan of this name.
    Plan(String, Meter),
}

impl Rule {
    /// Its name in the library: `day`, `project:kite`, `free:videos`.
    pub fn key(&self) -> String {
        match self {
            Self::Budget(scope) => scope.to_string(),
            Self::Plan(plan, Meter::Cost) => format!("{plan}:cost"),
            Self::Plan(plan, Meter::Videos) => format!("{plan}:videos"),
            Self::Plan(plan, Meter::Calls(provider)) => format!("{plan}:calls:{provider}"),
        }
    }

    /// What it counts.
    pub fn meter(&self) -> Meter {
        match self {
            Self::Budget(_) => Meter::Cost,
            Self::Plan(_, meter) => *meter,
        }
    }

    fn check(&self) -> CheckId {
        match self {
            Self::Budget(_) => CheckId::Budget,
            Self::Plan(..) => CheckId::Limits,
        }
    }
}

impl fmt::Display for Rule {
    /// As a person reads it: `day budget`, `free plan, videos`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Budget(Scope::PerRun) => "budget of a run".to_owned(),
            Self::Budget(Scope::Day) => "day budget".to_owned(),
            Self::Budget(Scope::Month) => "month budget".to_owned(),
            Self::Budget(Scope::Project(name)) => format!("budget of {name}"),
            Self::Plan(plan, Meter::Cost) => format!("{plan} plan, cost"),
            Self::Plan(plan, Meter::Videos) => format!("{plan} plan, videos"),
            Self::Plan(plan, Meter::Calls(provider)) => format!("{plan} plan, {provider} calls"),
        };
        f.pad(&text)
    }
}

/// One rule on one day: what is counted, and how much of it is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Whose rule.
    pub rule: Rule,
    /// How much.
    pub allowed: Allowance,
    /// The account days that count, both included; `None` is for ever.
    pub days: Option<(Date, Date)>,
    /// The name of the period, for what is told once in it.
    pub period: String,
    /// Whether it is the sandbox's.
    pub simulated: bool,
}

impl Bound {
    /// The only project that counts, where it is one.
    pub fn project(&self) -> Option<&str> {
        match &self.rule {
            Rule::Budget(Scope::Project(name)) => Some(name),
            _ => None,
        }
    }
}

/// How much of a bound is used: micro-dollars, or a count with nothing held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Spent, or counted.
    pub spent: i64,
    /// Held for what runs.
    pub held: i64,
}

impl Used {
    /// Both together.
    pub fn sum(self) -> i64 {
        self.spent.saturating_add(self.held)
    }
}

/// A bound with how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The rule on its day.
    pub bound: Bound,
    /// What is used.
    pub used: Used,
}

impl Standing {
    /// What is left; `None` without a limit, never below zero.
    pub fn left(&self) -> Option<i64> {
        Some((self.bound.allowed.most()? - self.used.sum()).max(0))
    }

    /// Which share is used, in whole percent; `None` without a limit. Of nothing at all, everything is used.
    pub fn percent(&self) -> Option<u32> {
        let most = self.bound.allowed.most()?;
        if most <= 0 {
            return Some(100);
        }
        let share = i128::from(self.used.sum().max(0)) * 100 / i128::from(most);
        Some(u32::try_from(share).unwrap_or(u32::MAX))
    }
}

/// A share of a bound that was reached: told once a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Where the bound stands.
    pub standing: Standing,
    /// 80, 90 or 100.
    pub percent: u8,
}

impl fmt::Display for Alert {
    /// `90 % of the day budget: $4.62 of $5.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Standing { bound, used } = &self.standing;
        let meter = bound.rule.meter();
        let used = amount(meter, used.sum());
        let most = amount(meter, bound.allowed.most().unwrap_or_default());
        let pretended = if bound.simulated { "sandbox: " } else { "" };
        f.pad(&format!("{pretended}{} % of the {}: {used} of {most}", self.percent, bound.rule))
    }
}

/// One run that shall be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What is held for it; `None` where its price is unknown or only a floor.
    pub cost: Option<Usd>,
    /// Whether it makes a video.
    pub is_video: bool,
    /// With whom.
    pub provider: ProviderId,
    /// Where it belongs.
    pub project: Option<String>,
}

impl Wanted {
    /// A run of this brief for which this is held.
    pub fn new(brief: &Brief, cost: Option<Usd>) -> Self {
        Self {
            cost,
            is_video: brief.operation.makes_video() && brief.provider != ProviderId::Local,
            provider: brief.provider,
            project: brief.project.clone(),
        }
    }

    /// A job as its admission counted it: for the look just before it is sent.
    pub fn of(job: &Job) -> Self {
        let is_known = job.estimate.as_ref().is_some_and(|estimate| !estimate.floor);
        Self::new(&job.brief, (is_known || job.hold > Usd::ZERO).then_some(job.hold))
    }
}

/// Which bounds there are on this account day for runs of these projects. `None` is every project that has a
/// budget. The sandbox has budgets of its own and no plan.
pub fn bounds(
    budgets: &[Budget],
    plan: Option<&Plan>,
    day: Date,
    projects: Option<&BTreeSet<String>>,
    simulated: bool,
) -> Vec<Bound> {
    let month = super::plan::Period::CalendarMonth;
    let of_budget = |budget: &Budget| {
        let (days, period) = match &budget.scope {
            Scope::PerRun => (None, String::new()),
            Scope::Day => (Some((day, day)), day.to_string()),
            Scope::Month => (Some(month.days(day)), month.name(day)),
            Scope::Project(name) => {
                if projects.is_some_and(|wanted| !wanted.contains(name)) {
                    return None;
                }
                (None, String::new())
            }
        };
        let allowed = Allowance::AtMost(budget.amount.micros());
        let rule = Rule::Budget(budget.scope.clone());
        Some(Bound { rule, allowed, days, period, simulated })
    };
    let mut bounds: Vec<_> = budgets.iter().filter_map(of_budget).collect();
    for plan in plan.into_iter().filter(|_| !simulated) {
        let (days, period) = (Some(plan.period.days(day)), plan.period.name(day));
        for (meter, allowed) in plan.meters() {
            let rule = Rule::Plan(plan.name.clone(), meter);
            bounds.push(Bound { rule, allowed, days, period: period.clone(), simulated });
        }
    }
    bounds
}

/// Whether the runs are counted in what is used already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// They would come on top of it.
    NotYet,
    /// As many of them as fit would, from the first on.
    AsManyAsFit,
    /// They were admitted: what is used has them.
    Already,
}

/// Weighs these runs against every bound: one check of the plan's limits and one of the budgets, each with
/// every rule in its finding, the worst first.
pub fn weigh(standings: &[Standing], wanted: &[Wanted], counted: Counted) -> Vec<Check> {
    if counted == Counted::AsManyAsFit {
        return weigh_part(standings, wanted);
    }
    [CheckId::Limits, CheckId::Budget]
        .map(|id| {
            let mut found: Vec<Weighed> = standings
                .iter()
                .filter(|standing| standing.bound.rule.check() == id)
                .filter_map(|standing| weighed(standing, wanted, counted))
                .collect();
            found.sort_by_key(|weighed| std::cmp::Reverse(weighed.outcome));
            let Some(worst) = found.first() else {
                let none = if id == CheckId::Limits { "no limits set" } else { "none set" };
                return Check::pass(id, none);
            };
            let (outcome, hint) = (worst.outcome, worst.hint.clone());
            let findings: Vec<_> = found.into_iter().map(|weighed| weighed.finding).collect();
            Check { id, outcome, finding: findings.join("; "), hint }
        })
        .to_vec()
}

/// The same where a part of the runs will do: what keeps out some of them is a warning, what keeps out all a
/// block.
fn weigh_part(standings: &[Standing], wanted: &[Wanted]) -> Vec<Check> {
    let mut checks = weigh(standings, wanted, Counted::NotYet);
    let fitting = fitting(standings, wanted);
    if fitting > 0 {
        let blocking = checks.iter_mut().filter(|check| check.outcome == Outcome::Block);
        for check in blocking {
            check.outcome = Outcome::Warn;
            check.finding = format!("{fitting} of {} fit; all: {}", wanted.len(), check.finding);
        }
    }
    checks
}

/// How many of these runs fit, from the first on.
pub fn fitting(standings: &[Standing], wanted: &[Wanted]) -> usize {
    let fits = |count: usize| {
        let checks = weigh(standings, &wanted[..count], Counted::NotYet);
        checks.iter().all(|check| check.outcome != Outcome::Block)
    };
    // What is wanted only adds up: it fits up to some place, and no more after it.
    let (mut some, mut too_many) = (0, wanted.len() + 1);
    while some + 1 < too_many {
        let middle = usize::midpoint(some, too_many);
        if fits(middle) { some = middle } else { too_many = middle }
    }
    some
}

struct Weighed {
    outcome: Outcome,
    finding: String,
    hint: Option<String>,
}

/// `None` where these runs use nothing of it.
fn weighed(standing: &Standing, wanted: &[Wanted], counted: Counted) -> Option<Weighed> {
    let Standing { bound, used } = standing;
    let most = bound.allowed.most()?;
    let rule = &bound.rule;
    let meter = rule.meter();
    let within: Vec<_> = wanted
        .iter()
        .filter(|run| bound.project().is_none_or(|name| run.project.as_deref() == Some(name)))
        .filter(|run| match meter {
            Meter::Cost => run.cost != Some(Usd::ZERO),
            Meter::Videos => run.is_video,
            Meter::Calls(provider) => run.provider == provider,
        })
        .collect();
    if within.is_empty() {
        return None;
    }
    if within.iter().any(|run| run.cost.is_none()) {
        return Some(Weighed {
            outcome: Outcome::Block,
            finding: format!("{rule}: the price is not known"),
            hint: Some("say --max-cost: that is held, and counted".to_owned()),
        });
    }
    let cost = |run: &&Wanted| run.cost.unwrap_or_default().micros();
    if *rule == Rule::Budget(Scope::PerRun) {
        let dearest = within.iter().map(cost).max().unwrap_or_default();
        let figures = format!("{} of {}", amount(meter, dearest), amount(meter, most));
        return Some(over(bound, dearest, most, &figures));
    }
    let adding = match (counted, meter) {
        (Counted::Already, _) => 0,
        (_, Meter::Cost) => within.iter().map(cost).fold(0, i64::saturating_add),
        _ => i64::try_from(within.len()).unwrap_or(i64::MAX),
    };
    let after = used.sum().saturating_add(adding);
    let show = |value| amount(meter, value);
    let sum = match (counted, meter) {
        (Counted::Already, _) => format!("{} with this", show(after)),
        (_, Meter::Cost) => format!(
            "{} spent + {} held + {} = {}",
            show(used.spent),
            show(used.held),
            show(adding),
            show(after)
        ),
        _ => format!("{} + {adding} = {after}", used.sum()),
    };
    Some(over(bound, after, most, &format!("{sum} of {}", show(most))))
}

fn over(bound: &Bound, after: i64, most: i64, figures: &str) -> Weighed {
    let rule = &bound.rule;
    let finding = format!("{rule}: {figures}");
    if after > most {
        let hint = Some(way_out(bound, after));
        return Weighed { outcome: Outcome::Block, finding, hint };
    }
    let is_near = i128::from(after) * 100 >= i128::from(most) * i128::from(TOLD_AT[0]);
    let per_run = *rule == Rule::Budget(Scope::PerRun);
    if is_near && !per_run {
        let share = if most == 0 { 100 } else { i128::from(after) * 100 / i128::from(most) };
        let hint = Some(format!("{share} % of the {rule} is used after this"));
        return Weighed { outcome: Outcome::Warn, finding, hint };
    }
    Weighed { outcome: Outcome::Pass, finding, hint: None }
}

/// How somebody goes on who is blocked by this bound.
fn way_out(bound: &Bound, needed: i64) -> String {
    match &bound.rule {
        Rule::Budget(scope) => {
            let scope = one_word(scope.to_string());
            let needed = Usd::from_micros(needed).decimal();
            // Without the flag it would be the budget of real money that is raised.
            let whose = if bound.simulated { " --sandbox" } else { "" };
            format!("rushes budget set {scope} {needed}{whose} allows it; or ask for less")
        }
        Rule::Plan(plan, _) => {
            format!(
                "the limits are those of the plan {plan}: another one is set as limits = \"…\" in config.toml"
            )
        }
    }
}

/// A text as a shell takes it for one word.
fn one_word(text: String) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_.:/".contains(letter);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn amount(meter: Meter, value: i64) -> String {
    match meter {
        Meter::Cost => Usd::from_micros(value).to_string(),
        Meter::Videos | Meter::Calls(_) => value.to_string(),
    }
}

#[cfg(test)]
#[path = "bound_tests.rs"]
mod tests;
