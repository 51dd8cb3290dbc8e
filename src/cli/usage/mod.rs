//! `rushes usage`.

mod json;
mod text;
mod told;

use std::io::IsTerminal;

use serde_json::Value;

use self::told::{Asked, Told};
use super::args::Usage;
use super::exit::{Exit, WrongUsage};
use super::{reconcile, talk};
use crate::assembly::{Assembly, Flags};
use crate::domain::csv;
use crate::domain::usage::{GroupBy, LedgerFilter, UsageFilter};
use crate::studio::Ear;

/// So many of the dearest jobs are in JSON where nobody says how many.
const DEAREST: usize = 10;

/// What was spent, held and is due back.
pub(super) async fn run(args: Usage, flags: Flags) -> anyhow::Result<Exit> {
    if let (Some(since), Some(until)) = (args.since, args.until)
        && until < since
    {
        let what = format!("no day is from {since} up to {until}");
        return Err(WrongUsage { what, hint: "--since is the first day, --until the last" }.into());
    }
    let (ear, _) = Ear::new();
    let assembly = super::open(flags, ear).await?;
    let bills = if args.reconcile { Some(reconcile::Report::make(&assembly).await?) } else { None };
    if let Some(bills) = &bills {
        bills.say_what_is_missing();
    }
    let exit = bills.as_ref().map_or(Exit::Done, reconcile::Report::exit);
    let filter = UsageFilter {
        since: args.since,
        until: args.until,
        project: args.project.clone(),
        simulated: args.sandbox,
    };
    if args.lines.ledger {
        ledger(&assembly, &args, filter).await?;
        return Ok(exit);
    }
    let by = GroupBy::from(args.by);
    if args.csv {
        print(&csv::groups(by, &assembly.store.groups(by, filter).await?));
        return Ok(exit);
    }
    let dearest = args.top.unwrap_or(if args.json { DEAREST } else { 0 });
    let (plan, today) = (assembly.pipeline.terms.plan.clone(), assembly.pipeline.account_day());
    let told = Told::read(&assembly.store, plan, today, Asked { filter, by, dearest }).await?;
    if args.json {
        let mut usage = json::usage(&told);
        if let Some(bills) = &bills {
            usage["reconciled"] = bills.json();
        }
        talk::json(&usage);
        return Ok(exit);
    }
    if let Some(bills) = &bills {
        bills.say(talk::data);
        talk::data("");
    }
    for line in text::usage(&told) {
        talk::data(&line);
    }
    Ok(exit)
}

/// Prints the lines themselves.
async fn ledger(assembly: &Assembly, args: &Usage, jobs: UsageFilter) -> anyhow::Result<()> {
    let simulated = jobs.simulated;
    let filter = LedgerFilter {
        jobs,
        kind: args.lines.kind,
        model: args.lines.model.clone(),
        words: args.lines.find.clone().unwrap_or_default(),
        before: None,
        limit: args.lines.limit,
    };
    let entries = assembly.store.entries(filter).await?;
    if args.json {
        let lines = entries.iter().map(|entry| json::line(entry, simulated));
        talk::json(&Value::Array(lines.collect()));
    } else if args.csv {
        print(&csv::lines(&entries));
    } else {
        let zone = &assembly.settings.time_zone;
        for entry in &entries {
            talk::data(&text::line(entry, zone));
        }
        if entries.len() == args.lines.limit {
            talk::hint("--limit says how many lines there are at most");
        }
    }
    Ok(())
}

/// A file keeps every character of a text; a terminal is not steered by one.
fn print(text: &str) {
    if std::io::stdout().is_terminal() {
        talk::block(text.trim_end());
    } else {
        talk::raw(text.as_bytes());
    }
}

#[cfg(test)]
#[path = "../usage_tests.rs"]
mod tests;
