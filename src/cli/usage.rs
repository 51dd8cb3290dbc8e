//! `rushes usage`.

use crate::assembly::Flags;
use crate::domain::csv;
use crate::domain::usage::GroupBy;
use crate::store::ledger::{Days, UsageGroup};
use crate::studio::Ear;

use super::args::Usage;
use super::exit::Exit;
use super::{json, reconcile, talk};

/// What was spent, held and is due back.
pub(super) async fn run(args: Usage, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _) = Ear::new();
    let assembly = super::open(flags, ear).await?;
    let bills = if args.reconcile { Some(reconcile::Report::make(&assembly).await?) } else { None };
    if let Some(bills) = &bills {
        bills.say_what_is_missing();
    }
    let exit = bills.as_ref().map_or(Exit::Done, reconcile::Report::exit);
    let days = Days {
        since: args.since.map(|day| day.to_string()),
        until: args.until.map(|day| day.to_string()),
    };
    let by = GroupBy::from(args.by);
    let totals = assembly.store.totals(days.clone()).await?;
    let groups = assembly.store.usage(by, days.clone(), false).await?;
    if args.json {
        let mut usage = json::usage(&totals, &groups);
        if let Some(bills) = &bills {
            usage["reconciled"] = bills.json();
        }
        talk::json(&usage);
        return Ok(exit);
    }
    if args.csv {
        talk::data("key,runs,seconds,spent_usd");
        for group in &groups {
            talk::data(&csv_row(group));
        }
        return Ok(exit);
    }
    if let Some(bills) = &bills {
        bills.say(talk::data);
        talk::data("");
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
    Ok(exit)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Usd;

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
