//! `rushes usage`.

use std::sync::Arc;

use crate::assembly::{self, Assembly, Flags};
use crate::domain::usage::GroupBy;
use crate::domain::{Job, ProviderId, Usd, csv};
use crate::pipeline::Services;
use crate::provider::BillingQuery;
use crate::store::ledger::{Days, UsageGroup};
use crate::studio::Ear;

use super::args::Usage;
use super::exit::Exit;
use super::{json, talk};

/// What was spent, held and is due back.
pub(super) async fn run(args: Usage, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _) = Ear::new();
    let assembly = assembly::open(flags, Arc::new(ear)).await?;
    if args.reconcile && assembly.flags.read_only {
        talk::say("rushes: this is --read-only: nothing is changed");
        return Ok(Exit::Blocked);
    }
    if args.reconcile {
        reconcile(&assembly).await?;
    }
    let days = Days {
        since: args.since.map(|day| day.to_string()),
        until: args.until.map(|day| day.to_string()),
    };
    let by = GroupBy::from(args.by);
    let totals = assembly.store.totals(days.clone()).await?;
    let groups = assembly.store.usage(by, days.clone(), false).await?;
    if args.json {
        talk::json(&json::usage(&totals, &groups));
        return Ok(Exit::Done);
    }
    if args.csv {
        talk::data("key,runs,seconds,spent_usd");
        for group in &groups {
            talk::data(&csv_row(group));
        }
        return Ok(Exit::Done);
    }
    talk::data(&format!(
        "spent {}   held {}   refund due {}",
        totals.spent, totals.held, totals.refund_due
    ));
    table(&groups);
    let pretended = assembly.store.usage(by, days, true).await?;
    if !pretended.is_empty() {
        talk::data("");
        talk::data(&format!("sandbox, simulated: {}", totals.simulated));
        table(&pretended);
    }
    Ok(Exit::Done)
}

fn table(groups: &[UsageGroup]) {
    for group in groups {
        let seconds = json::seconds(group.video_ms);
        talk::data(&format!(
            "  {:<52}  {:>5} runs  {seconds:>8.1} s  {:>12}",
            group.key, group.runs, group.spent
        ));
    }
}

fn csv_row(group: &UsageGroup) -> String {
    let key = csv::field(&group.key);
    let seconds = json::seconds(group.video_ms);
    format!("{key},{},{seconds:.3},{}", group.runs, group.spent.decimal())
}

/// Sets the provider's own bill beside every charge of the last thousand jobs: differences are adjusted,
/// refunds noted. Saying it again changes nothing.
async fn reconcile(assembly: &Assembly) -> anyhow::Result<()> {
    let jobs = assembly.store.jobs(1000).await?;
    for provider in ProviderId::ALL.into_iter().filter(|provider| !provider.is_simulated()) {
        let of_provider: Vec<&Job> =
            jobs.iter().filter(|job| job.account.provider == provider).collect();
        if of_provider.is_empty() {
            continue;
        }
        let client = assembly.clients.provider(provider).await?;
        let ours: Vec<&Job> = of_provider
            .into_iter()
            .filter(|job| job.account == *client.account() && job.stage.prediction().is_some())
            .collect();
        let query = BillingQuery {
            predictions: ours.iter().filter_map(|job| job.stage.prediction().cloned()).collect(),
            ..BillingQuery::default()
        };
        if query.predictions.is_empty() {
            continue;
        }
        let bill = client.billings(&query).await?;
        let mut changed = 0;
        for job in ours {
            let lines =
                bill.iter().filter(|line| line.prediction.as_ref() == job.stage.prediction());
            let (back, taken): (Vec<_>, Vec<_>) = lines.partition(|line| line.is_refund);
            let sum = |lines: Vec<&crate::provider::BillingLine>| -> Usd {
                lines.iter().map(|line| line.amount).sum()
            };
            let now = assembly.pipeline.clock.now();
            let written = assembly.store.reconcile(job.id, sum(taken), sum(back), now).await?;
            changed += written.len();
        }
        talk::say(&format!(
            "{provider}: {} billing lines, {changed} differences noted",
            bill.len()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_comma_stays_one_field() {
        let group = |key: &str| UsageGroup {
            key: key.into(),
            runs: 1,
            video_ms: 5_000,
            spent: Usd::from_micros(200_000),
        };
        assert_eq!(csv_row(&group("a")), "a,1,5.000,0.20");
        assert_eq!(csv_row(&group("a,\"b\"")), "\"a,\"\"b\"\"\",1,5.000,0.20");
    }
}
