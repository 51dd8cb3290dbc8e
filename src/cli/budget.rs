//! `rushes budget`.

use serde_json::{Value, json};

use crate::assembly::Flags;
use crate::domain::bound::Rule;
use crate::domain::{Meter, Scope, Standing, Usd};
use crate::studio::Ear;

use super::exit::Exit;
use super::talk;
use super::verbs::Budgets;

/// What may be spent, and what stands against it.
pub(super) async fn run(verb: Budgets, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _) = Ear::new();
    let assembly = super::open(flags, ear).await?;
    let pipeline = &assembly.pipeline;
    match verb {
        Budgets::Show { sandbox, json } => {
            let plan = pipeline.terms.plan.clone();
            let standings = assembly.store.standings(plan, pipeline.account_day(), sandbox).await?;
            if json {
                let (budgets, _) = apart(&standings);
                talk::json(&Value::Array(budgets.into_iter().map(as_json).collect()));
            } else {
                show(&standings);
            }
        }
        Budgets::Set { scope, amount, sandbox } => {
            let now = pipeline.clock.now();
            let before = assembly.store.set_budget(scope.clone(), amount.0, sandbox, now).await?;
            let was = before.map_or_else(|| "none".to_owned(), |was| was.to_string());
            let is = amount.0.map_or_else(|| "off".to_owned(), |is| is.to_string());
            talk::say(&format!("{} is {is}; it was {was}", Rule::Budget(scope)));
            for alert in pipeline.new_alerts().await? {
                talk::say(&format!("! {alert}"));
            }
        }
    }
    Ok(Exit::Done)
}

fn apart(standings: &[Standing]) -> (Vec<&Standing>, Vec<&Standing>) {
    standings.iter().partition(|standing| matches!(standing.bound.rule, Rule::Budget(_)))
}

/// One budget as JSON. A run's own has nothing spent or held against it.
pub(super) fn as_json(standing: &Standing) -> Value {
    let money = |micros: i64| Usd::from_micros(micros).decimal();
    json!({
        "scope": standing.bound.rule.key(),
        "limit": standing.bound.allowed.most().map(money),
        "spent": money(standing.used.spent),
        "held": money(standing.used.held),
        "left": standing.left().map(money),
    })
}

fn show(standings: &[Standing]) {
    let (budgets, limits) = apart(standings);
    if budgets.is_empty() {
        talk::data("no budgets are set");
        talk::hint("rushes budget set day 5");
    }
    for standing in budgets.into_iter().chain(limits) {
        talk::data(&line(standing));
    }
}

/// `day budget        $1.24 spent   $0.40 held   $3.36 left of $5.00`.
pub(super) fn line(standing: &Standing) -> String {
    let rule = &standing.bound.rule;
    let show = |value: i64| match rule.meter() {
        Meter::Cost => Usd::from_micros(value).to_string(),
        Meter::Videos | Meter::Calls(_) => value.to_string(),
    };
    let most = show(standing.bound.allowed.most().unwrap_or_default());
    if *rule == Rule::Budget(Scope::PerRun) {
        return format!("{rule:<24} {most}");
    }
    let left = show(standing.left().unwrap_or_default());
    let used = match rule.meter() {
        Meter::Cost => {
            format!("{:>10} spent {:>10} held", show(standing.used.spent), show(standing.used.held))
        }
        Meter::Videos | Meter::Calls(_) => {
            format!("{:>27}", format!("{} used", standing.used.sum()))
        }
    };
    format!("{rule:<24} {used} {left:>10} left of {most}")
}
