//! Budgets, what stands against them, and what was told of that. The figures are read where they decide:
//! in the transaction that admits.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::rows::{all, millis};
use super::{NewJob, Store, StoreError};
use crate::domain::bound::{self, Counted, TOLD_AT};
use crate::domain::{
    Alert, Bound, Budget, Check, Meter, Plan, Rule, Scope, Standing, Usd, Used, Wanted,
};

/// By what an order is let in: the plan's limits and the day it counts on. The budgets are in the library.
#[derive(Debug, Clone)]
pub struct Gate {
    /// The plan, where one is set.
    pub plan: Option<Plan>,
    /// The account day.
    pub day: Date,
    /// Whether as many jobs are let in as fit, instead of all or none.
    pub partly: bool,
}

impl Store {
    /// The budgets, of real money or of the sandbox: per run, day and month first, then projects by name.
    pub async fn budgets(&self, simulated: bool) -> Result<Vec<Budget>, StoreError> {
        self.call(move |connection| budgets(connection, simulated)).await
    }

    /// Sets a budget, or takes it away. Says what it was.
    pub async fn set_budget(
        &self,
        scope: Scope,
        amount: Option<Usd>,
        simulated: bool,
        at: Timestamp,
    ) -> Result<Option<Usd>, StoreError> {
        const DOING: &str = "setting a budget";
        self.write(DOING, move |transaction| {
            let name = scope.to_string();
            let before: Option<i64> = transaction
                .query_row(
                    "SELECT amount FROM budgets WHERE simulated = ?1 AND scope = ?2",
                    params![simulated, name],
                    |row| row.get(0),
                )
                .optional()
                .map_err(StoreError::sql(DOING))?;
            match amount {
                Some(amount) => transaction.execute(
                    "INSERT OR REPLACE INTO budgets (simulated, scope, amount, at) VALUES (?1, ?2, ?3, ?4)",
                    params![simulated, name, amount.micros(), millis(at)],
                ),
                None => transaction.execute(
                    "DELETE FROM budgets WHERE simulated = ?1 AND scope = ?2",
                    params![simulated, name],
                ),
            }
            .map_err(StoreError::sql(DOING))?;
            // Another amount is another story: what was told of the old one may be told again.
            transaction
                .execute("DELETE FROM alerts WHERE simulated = ?1 AND rule = ?2", params![simulated, name])
                .map_err(StoreError::sql(DOING))?;
            Ok(before.map(Usd::from_micros))
        })
        .await
    }

    /// Where every budget and limit stands on this account day.
    pub async fn standings(
        &self,
        plan: Option<Plan>,
        day: Date,
        simulated: bool,
    ) -> Result<Vec<Standing>, StoreError> {
        self.call(move |connection| standings(connection, plan.as_ref(), day, None, simulated))
            .await
    }

    /// Weighs runs that shall be admitted, or were, as admission would now: the checks of the plan's limits
    /// and of the budgets.
    pub async fn weigh(
        &self,
        plan: Option<Plan>,
        day: Date,
        wanted: Vec<Wanted>,
        counted: Counted,
    ) -> Result<Vec<Check>, StoreError> {
        self.call(move |connection| {
            let (standings, wanted) = these(connection, plan.as_ref(), day, wanted)?;
            Ok(bound::weigh(&standings, &wanted, counted))
        })
        .await
    }

    /// Notes every share of a bound that was reached and was not told in its period yet, and returns the
    /// highest of each. Saying it again returns nothing.
    pub async fn new_alerts(
        &self,
        plan: Option<Plan>,
        day: Date,
        at: Timestamp,
    ) -> Result<Vec<Alert>, StoreError> {
        self.write("noting what was reached", move |transaction| {
            let mut alerts = Vec::new();
            for simulated in [false, true] {
                for standing in standings(transaction, plan.as_ref(), day, None, simulated)? {
                    alerts.extend(reached(transaction, standing, at)?);
                }
            }
            Ok(alerts)
        })
        .await
    }

    /// The highest share told of each bound in its period now.
    pub async fn alerts(&self, plan: Option<Plan>, day: Date) -> Result<Vec<Alert>, StoreError> {
        self.call(move |connection| {
            let mut alerts = Vec::new();
            for simulated in [false, true] {
                for standing in standings(connection, plan.as_ref(), day, None, simulated)? {
                    if let Some(percent) = told(connection, &standing.bound)? {
                        alerts.push(Alert { standing, percent });
                    }
                }
            }
            Ok(alerts)
        })
        .await
    }
}

/// Which jobs of an order are let in, or the checks that refuse it. Called in the transaction that inserts.
pub(super) fn let_in(
    transaction: &Transaction<'_>,
    gate: &Gate,
    new: &[NewJob],
) -> Result<Result<usize, Vec<Check>>, StoreError> {
    let wanted = new.iter().map(|job| job.wanted.clone()).collect();
    let (standings, wanted) = these(transaction, gate.plan.as_ref(), gate.day, wanted)?;
    let checks = bound::weigh(&standings, &wanted, Counted::NotYet);
    if checks.iter().all(|check| check.outcome != crate::domain::Outcome::Block) {
        return Ok(Ok(new.len()));
    }
    let fitting = if gate.partly { bound::fitting(&standings, &wanted) } else { 0 };
    Ok(if fitting > 0 { Ok(fitting) } else { Err(checks) })
}

/// What bounds these runs. An order is of one kind: what is pretended is bound by the sandbox's budgets alone, and
/// what this machine does for nothing beside it does not make it real.
fn these(
    connection: &Connection,
    plan: Option<&Plan>,
    day: Date,
    mut wanted: Vec<Wanted>,
) -> Result<(Vec<Standing>, Vec<Wanted>), StoreError> {
    let is_paid = wanted.iter().any(|run| run.provider.is_paid());
    let simulated = !is_paid && wanted.iter().any(|run| run.provider.is_simulated());
    wanted.retain(|run| run.provider.is_simulated() == simulated);
    let projects: BTreeSet<_> = wanted.iter().filter_map(|run| run.project.clone()).collect();
    Ok((standings(connection, plan, day, Some(&projects), simulated)?, wanted))
}

fn standings(
    connection: &Connection,
    plan: Option<&Plan>,
    day: Date,
    projects: Option<&BTreeSet<String>>,
    simulated: bool,
) -> Result<Vec<Standing>, StoreError> {
    let budgets = budgets(connection, simulated)?;
    bound::bounds(&budgets, plan, day, projects, simulated)
        .into_iter()
        .map(|bound| Ok(Standing { used: used(connection, &bound)?, bound }))
        .collect()
}

fn budgets(connection: &Connection, simulated: bool) -> Result<Vec<Budget>, StoreError> {
    let mut budgets = all(
        connection,
        "reading the budgets",
        "SELECT scope, amount FROM budgets WHERE simulated = :simulated",
        &[(":simulated", &simulated)],
        |row| {
            let text = |error: rusqlite::Error| StoreError::Row(error.to_string());
            let scope: String = row.get(0).map_err(text)?;
            let amount = Usd::from_micros(row.get(1).map_err(text)?);
            let scope = scope.parse().map_err(|error: crate::domain::budget::NotAScope| {
                StoreError::Row(error.to_string())
            })?;
            Ok(Budget { scope, amount })
        },
    )?;
    budgets.sort_by(|one, other| one.scope.cmp(&other.scope));
    Ok(budgets)
}

fn used(connection: &Connection, bound: &Bound) -> Result<Used, StoreError> {
    if bound.rule == Rule::Budget(Scope::PerRun) {
        return Ok(Used::default());
    }
    let (spent, held, provider) = match bound.rule.meter() {
        Meter::Cost => ("spent", "held", None),
        Meter::Videos => ("videos", "0", None),
        Meter::Calls(provider) => ("calls", "0", Some(provider.as_str())),
    };
    let (since, until) = bound
        .days
        .map_or((None, None), |(since, until)| (Some(since.to_string()), Some(until.to_string())));
    // The table with the fewest rows a day that knows enough: this is asked in every admission.
    let (sums, key, of) = match bound.project() {
        Some(project) => ("project_sums", "project", Some(project)),
        None => ("model_sums", "provider", provider),
    };
    connection
        .prepare_cached(&format!(
            "SELECT coalesce(sum({spent}), 0), coalesce(sum({held}), 0) FROM {sums}
             WHERE simulated = ?1 AND day BETWEEN coalesce(?2, '') AND coalesce(?3, '9999-99-99')
               AND (?4 IS NULL OR {key} = ?4)"
        ))
        .and_then(|mut statement| {
            statement.query_row(params![bound.simulated, since, until, of], |row| {
                Ok(Used { spent: row.get(0)?, held: row.get(1)? })
            })
        })
        .map_err(StoreError::sql("adding up what is used"))
}

/// Notes what this bound has reached; returns the highest share that is new.
fn reached(
    transaction: &Transaction<'_>,
    standing: Standing,
    at: Timestamp,
) -> Result<Option<Alert>, StoreError> {
    let bound = &standing.bound;
    // A run's own budget is never used up, and what allows nothing is told when somebody asks for it.
    let (Some(percent), Some(1..)) = (standing.percent(), bound.allowed.most()) else {
        return Ok(None);
    };
    if bound.rule == Rule::Budget(Scope::PerRun) {
        return Ok(None);
    }
    let mut highest = None;
    for share in TOLD_AT.into_iter().filter(|share| u32::from(*share) <= percent) {
        let new = transaction
            .execute(
                "INSERT OR IGNORE INTO alerts (simulated, rule, period, percent, used, allowed, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    bound.simulated,
                    bound.rule.key(),
                    bound.period,
                    share,
                    standing.used.sum(),
                    bound.allowed.most(),
                    millis(at)
                ],
            )
            .map_err(StoreError::sql("noting what was reached"))?;
        if new > 0 {
            highest = Some(share);
        }
    }
    Ok(highest.map(|percent| Alert { standing, percent }))
}

fn told(connection: &Connection, bound: &Bound) -> Result<Option<u8>, StoreError> {
    connection
        .query_row(
            "SELECT max(percent) FROM alerts WHERE simulated = ?1 AND rule = ?2 AND period = ?3",
            params![bound.simulated, bound.rule.key(), bound.period],
            |row| row.get(0),
        )
        .map_err(StoreError::sql("reading what was told"))
}
