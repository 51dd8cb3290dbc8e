//! Usage for a script: field by field, in this order.

use serde_json::{Map, Value, json};

use super::super::{budget, json};
use super::told::Told;
use crate::domain::usage::{Dear, Entry, Figures, Group};
use crate::domain::{Alert, Meter, Pace, Standing, Usd};

/// What was spent. Amounts are decimal text in US dollars; `null` is what nobody knows.
pub(super) fn usage(told: &Told) -> Value {
    let Told { figures, .. } = told;
    let filter = &told.asked.filter;
    let (budgets, limits) = told.bounds();
    let mut usage = Map::new();
    let mut add = |name: &str, value: Value| {
        usage.insert(name.to_owned(), value);
    };
    add("currency", "USD".into());
    add("spent", figures.spent.decimal().into());
    add("held", figures.held.decimal().into());
    add("refund_due", figures.due.decimal().into());
    add("simulated", told.pretended.spent.decimal().into());
    add("by", told.groups.iter().map(group).collect());
    add("grouped_by", told.asked.by.as_str().into());
    add("of", if filter.simulated { "sandbox" } else { "real" }.into());
    add("since", json!(filter.since.map(|day| day.to_string())));
    add("until", json!(filter.until.map(|day| day.to_string())));
    add("project", json!(filter.project));
    add("totals", Value::Object(sums(figures)));
    add("budgets", budgets.into_iter().map(budget::as_json).collect());
    add("limits", limits.into_iter().map(limit).collect());
    add("alerts", told.alerts.iter().map(alert).collect());
    add("today", period("day", told.today.to_string(), &told.day));
    add("month", period("month", told.today.strftime("%Y-%m").to_string(), &told.month));
    add("projection", json!(told.pace.map(projection)));
    add("top", told.top.iter().map(dear).collect());
    Value::Object(usage)
}

fn group(group: &Group) -> Value {
    let mut value = Map::from_iter([("key".to_owned(), group.key.clone().into())]);
    value.extend(sums(&group.figures));
    Value::Object(value)
}

fn period(name: &str, is: String, figures: &Figures) -> Value {
    let mut value = Map::from_iter([(name.to_owned(), is.into())]);
    value.extend(sums(figures));
    Value::Object(value)
}

fn sums(figures: &Figures) -> Map<String, Value> {
    let known = |amount: Option<Usd>| json!(amount.map(Usd::decimal));
    let seen = |amount: Usd| known((figures.billed_runs > 0).then_some(amount));
    let Value::Object(sums) = json!({
        "runs": figures.runs,
        "seconds": json::seconds(figures.video_ms),
        "spent": figures.spent.decimal(),
        "held": figures.held.decimal(),
        "refund_due": figures.due.decimal(),
        "done": figures.done,
        "failed": figures.failed,
        "failed_percent": figures.failed_per_mille().map(percent),
        "takes": figures.takes,
        "kept": figures.kept,
        "rejected": figures.rejected,
        "kept_percent": figures.kept_per_mille().map(percent),
        "per_run": known(figures.per_run()),
        "per_second": known(figures.per_second()),
        "per_kept": known(figures.per_kept()),
        "failed_cost": figures.failed_cost.decimal(),
        "rejected_cost": figures.rejected_cost.decimal(),
        "billed_runs": figures.billed_runs,
        "billed": seen(figures.billed),
        "quoted": seen(figures.billed_quoted),
        "drift": known(figures.drift()),
    }) else {
        unreachable!("an object was made")
    };
    sums
}

/// Tenths of a percent are kept.
fn percent(per_mille: u64) -> f64 {
    f64::from(u32::try_from(per_mille).unwrap_or(u32::MAX)) / 10.0
}

/// A limit of the plan: money as decimal text, videos and calls as numbers.
fn limit(standing: &Standing) -> Value {
    let meter = standing.bound.rule.meter();
    let amount = |value: i64| amount(meter, value);
    json!({
        "rule": standing.bound.rule.key(),
        "period": standing.bound.period,
        "limit": standing.bound.allowed.most().map(amount),
        "used": amount(standing.used.sum()),
        "left": standing.left().map(amount),
    })
}

fn alert(alert: &Alert) -> Value {
    let Standing { bound, used } = &alert.standing;
    json!({
        "rule": bound.rule.key(),
        "period": bound.period,
        "percent": alert.percent,
        "used": amount(bound.rule.meter(), used.sum()),
        "limit": bound.allowed.most().map(|most| amount(bound.rule.meter(), most)),
        "text": alert.to_string(),
    })
}

fn amount(meter: Meter, value: i64) -> Value {
    match meter {
        Meter::Cost => Usd::from_micros(value).decimal().into(),
        Meter::Videos | Meter::Calls(_) => value.into(),
    }
}

fn projection(pace: Pace) -> Value {
    json!({
        "month_end": pace.spent.decimal(),
        "budget_reached": pace.reached.map(|day| day.to_string()),
    })
}

fn dear(dear: &Dear) -> Value {
    json!({
        "job_id": dear.job.to_string(),
        "number": dear.number,
        "account_day": dear.day,
        "model": dear.model,
        "prompt": dear.prompt,
        "spent": dear.spent.decimal(),
    })
}

/// A line of the ledger with its job.
pub(super) fn line(entry: &Entry, simulated: bool) -> Value {
    json!({
        "line": entry.seq,
        "at": entry.at.to_string(),
        "account_day": entry.day,
        "job_id": entry.job.to_string(),
        "number": entry.number,
        "kind": entry.kind.as_str(),
        "amount": entry.amount.decimal(),
        "basis": entry.basis,
        "simulated": simulated,
        "provider": entry.provider,
        "model": entry.model,
        "project": entry.project,
        "stage": entry.stage.as_str(),
        "reason": entry.reason,
        "prompt": entry.prompt,
    })
}
