//! Everything that `rushes usage` tells, read from the library in one go.

use jiff::civil::Date;

use crate::domain::plan::Period;
use crate::domain::usage::{Dear, Figures, Group, GroupBy, UsageFilter};
use crate::domain::{Alert, Pace, Plan, Rule, Scope, Standing, Usd, pace};
use crate::store::{Store, StoreError};

/// What is to be told.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Of which jobs.
    pub(super) filter: UsageFilter,
    /// How they are grouped.
    pub(super) by: GroupBy,
    /// So many of the dearest.
    pub(super) dearest: usize,
}

/// What is told: of real money, or of what the sandbox pretended.
#[derive(Debug)]
pub(super) struct Told {
    /// As it was asked for.
    pub(super) asked: Asked,
    /// The account day.
    pub(super) today: Date,
    /// Of everything that was asked for.
    pub(super) figures: Figures,
    /// The same by groups.
    pub(super) groups: Vec<Group>,
    /// The dearest jobs.
    pub(super) top: Vec<Dear>,
    /// Of today.
    pub(super) day: Figures,
    /// Of this month.
    pub(super) month: Figures,
    /// Where this month ends, if it goes on like this.
    pub(super) pace: Option<Pace>,
    /// What stands against budgets and limits.
    pub(super) standings: Vec<Standing>,
    /// What was told of those in their periods.
    pub(super) alerts: Vec<Alert>,
    /// What the sandbox pretended on the same days in the same project: never in the figures above, unless
    /// they are the sandbox's.
    pub(super) pretended: Figures,
    /// The same by groups.
    pub(super) pretended_groups: Vec<Group>,
}

impl Told {
    /// Reads it.
    pub(super) async fn read(
        store: &Store,
        plan: Option<Plan>,
        today: Date,
        asked: Asked,
    ) -> Result<Self, StoreError> {
        let Asked { filter, by, dearest } = asked.clone();
        let within = |(since, until): (Date, Date)| UsageFilter {
            since: Some(since),
            until: Some(until),
            ..filter.clone()
        };
        let sandbox = UsageFilter { simulated: true, ..filter.clone() };
        let day = store.figures(within((today, today))).await?;
        let month = store.figures(within(Period::CalendarMonth.days(today))).await?;
        let is_of = |rule: &Rule| match &filter.project {
            None => true,
            Some(project) => *rule == Rule::Budget(Scope::Project(project.clone())),
        };
        let mut standings = store.standings(plan.clone(), today, filter.simulated).await?;
        standings.retain(|standing| is_of(&standing.bound.rule));
        let mut alerts = store.alerts(plan, today).await?;
        alerts.retain(|Alert { standing, .. }| {
            standing.bound.simulated == filter.simulated && is_of(&standing.bound.rule)
        });
        Ok(Self {
            today,
            figures: store.figures(filter.clone()).await?,
            groups: store.groups(by, filter.clone()).await?,
            top: store.dearest(filter, dearest).await?,
            day,
            month,
            pace: pace(today, month.spent, month.held, budget_of_the_month(&standings)),
            standings,
            alerts,
            pretended: store.figures(sandbox.clone()).await?,
            pretended_groups: store.groups(by, sandbox).await?,
            asked,
        })
    }

    /// The budgets, and the limits of the plan.
    pub(super) fn bounds(&self) -> (Vec<&Standing>, Vec<&Standing>) {
        self.standings.iter().partition(|standing| matches!(standing.bound.rule, Rule::Budget(_)))
    }
}

fn budget_of_the_month(standings: &[Standing]) -> Option<Usd> {
    let rule = Rule::Budget(Scope::Month);
    let standing = standings.iter().find(|standing| standing.bound.rule == rule)?;
    standing.bound.allowed.most().map(Usd::from_micros)
}
