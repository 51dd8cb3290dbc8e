//! What was spent, for the usage view: sums and lines of the library, and the file they are written to.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::ToSpan;
use jiff::civil::Date;

use super::desk::stored;
use crate::assembly::Assembly;
use crate::domain::plan::Period;
use crate::domain::usage::{Entry, Group, GroupBy, LedgerFilter, UsageFilter};
use crate::domain::{
    Allowance, Bound, Meter, Pace, ProviderId, Rule, Scope, Standing, Usd, Used, csv, pace,
};
use crate::provider::abilities;
use crate::store::StoreError;
use crate::store::kept::REAL_PROVIDER_USED;
use crate::tui::backend::Trouble;
use crate::tui::usage::{Asked, Export, Lines, Report, Row, Window, chart, words};

/// So many of the dearest jobs are told.
const DEAREST: usize = 10;

/// So many lines are read at once for a file.
const AT_ONCE: usize = 5_000;

/// Everything that the view shows, but for the lines.
pub(super) async fn report(assembly: &Assembly, asked: &Asked) -> Result<Report, Trouble> {
    add_up(assembly, asked).await.map_err(|error| stored(&error))
}

async fn add_up(assembly: &Assembly, asked: &Asked) -> Result<Report, StoreError> {
    let store = &assembly.store;
    let today = assembly.pipeline.account_day();
    let simulated = is_simulated(assembly, asked.simulated).await?;
    let days = days(asked.window, today);
    let filter = within(days, simulated);
    let other = UsageFilter { simulated: !simulated, ..UsageFilter::default() };
    let since = Some(chart::first_needed(today));
    let recent = UsageFilter { since, until: Some(today), project: None, simulated };
    let bars = chart::bars(today, &store.groups(GroupBy::Day, recent).await?);
    let (rows, per_run) = rows(assembly, asked, today, simulated).await?;
    let dashboards = ProviderId::ALL
        .into_iter()
        .filter_map(|provider| Some((provider, abilities::of(provider, "").ok()?.dashboard?)));
    Ok(Report {
        simulated,
        // What this machine did itself, for nothing, is no real money.
        apart: if simulated && is_pretended_alone(assembly).await? {
            0
        } else {
            store.figures(other).await?.runs
        },
        today,
        days,
        ending: ending(&rows, today),
        rows,
        per_run,
        bars,
        figures: store.figures(filter.clone()).await?,
        groups: groups(assembly, asked).await?,
        dearest: store.dearest(filter, DEAREST).await?,
        dashboards: dashboards.collect(),
    })
}

/// Today and the month, the studio's project, then what else has a budget or a limit, the fullest first.
async fn rows(
    assembly: &Assembly,
    asked: &Asked,
    today: Date,
    simulated: bool,
) -> Result<(Vec<Row>, Option<Usd>), StoreError> {
    let plan = assembly.pipeline.terms.plan.clone();
    let mut standings = assembly.store.standings(plan, today, simulated).await?;
    let is_per_run = |standing: &Standing| standing.bound.rule == Rule::Budget(Scope::PerRun);
    let per_run = standings.iter().find(|standing| is_per_run(standing));
    let per_run = per_run.and_then(|standing| standing.bound.allowed.most()).map(Usd::from_micros);
    standings.retain(|standing| !is_per_run(standing));
    standings.sort_by_key(|standing| std::cmp::Reverse(standing.percent()));
    let mut rows = Vec::new();
    let project = asked.project.clone().map(Scope::Project);
    for scope in [Scope::Day, Scope::Month].into_iter().chain(project) {
        let rule = Rule::Budget(scope);
        let known = standings.iter().position(|standing| standing.bound.rule == rule);
        let standing = known.map(|at| standings.remove(at));
        rows.push(row(assembly, rule, standing, today, simulated).await?);
    }
    for standing in standings {
        let rule = standing.bound.rule.clone();
        rows.push(row(assembly, rule, Some(standing), today, simulated).await?);
    }
    Ok((rows, per_run))
}

/// A rule with what stands against it; where nobody set it, what would.
async fn row(
    assembly: &Assembly,
    rule: Rule,
    standing: Option<Standing>,
    today: Date,
    simulated: bool,
) -> Result<Row, StoreError> {
    let (days, project) = match &rule {
        Rule::Budget(Scope::Day) => (Some((today, today)), None),
        Rule::Budget(Scope::Month) => (Some(Period::CalendarMonth.days(today)), None),
        Rule::Budget(Scope::Project(name)) => (None, Some(name.clone())),
        _ => (standing.as_ref().and_then(|standing| standing.bound.days), None),
    };
    let is_money = rule.meter() == Meter::Cost;
    let filter = UsageFilter { project, ..within(days, simulated) };
    let figures = assembly.store.figures(filter).await?;
    let standing = standing.unwrap_or_else(|| Standing {
        used: Used { spent: figures.spent.micros(), held: figures.held.micros() },
        bound: Bound {
            rule,
            allowed: Allowance::Unlimited,
            days,
            period: String::new(),
            simulated,
        },
    });
    Ok(Row { standing, due: is_money.then_some(figures.due) })
}

/// Lines of the ledger, newest first.
pub(super) async fn ledger(assembly: &Assembly, lines: Lines) -> Result<Vec<Entry>, Trouble> {
    read(assembly, lines).await.map_err(|error| stored(&error))
}

async fn read(assembly: &Assembly, lines: Lines) -> Result<Vec<Entry>, StoreError> {
    let simulated = is_simulated(assembly, lines.simulated).await?;
    let mut filter = LedgerFilter {
        jobs: within(days(lines.window, assembly.pipeline.account_day()), simulated),
        kind: None,
        model: None,
        words: String::new(),
        before: lines.before,
        limit: lines.limit,
    };
    let mut words = Vec::new();
    match lines.only {
        Some((GroupBy::Model, key)) => filter.model = Some(key),
        // The library keeps an empty name where there is none.
        Some((GroupBy::Project, key)) if key == "-" => filter.jobs.project = Some(String::new()),
        Some((GroupBy::Project, key)) => filter.jobs.project = Some(key),
        Some((GroupBy::Day, key)) => {
            let day = key.parse().ok();
            (filter.jobs.since, filter.jobs.until) = (day, day);
        }
        Some((GroupBy::Provider | GroupBy::Operation | GroupBy::Tag, key)) => words.push(key),
        None => {}
    }
    // A kind of line by its name is that; everything else is looked for in what was run.
    for word in lines.words.split_whitespace() {
        match words::named_kind(word) {
            Some(kind) => filter.kind = Some(kind),
            None => words.push(word.to_owned()),
        }
    }
    filter.words = words.join(" ");
    assembly.store.entries(filter).await
}

/// Real money, once a real provider was used; else what the sandbox pretended, which is all there is.
async fn is_simulated(assembly: &Assembly, wanted: Option<bool>) -> Result<bool, StoreError> {
    match wanted {
        Some(simulated) => Ok(simulated),
        None => is_pretended_alone(assembly).await,
    }
}

/// Whether no real money was ever at stake.
async fn is_pretended_alone(assembly: &Assembly) -> Result<bool, StoreError> {
    Ok(assembly.store.recall(REAL_PROVIDER_USED).await?.is_none())
}

/// The first and the last day of what is shown; `None` is all of them.
fn days(window: Window, today: Date) -> Option<(Date, Date)> {
    match window {
        Window::Ever => None,
        Window::Month(back) => {
            let month = today.first_of_month().checked_sub(i64::from(back).months());
            Some(Period::CalendarMonth.days(month.unwrap_or(Date::MIN)))
        }
    }
}

fn within(days: Option<(Date, Date)>, simulated: bool) -> UsageFilter {
    let (since, until) = days.unzip();
    UsageFilter { since, until, project: None, simulated }
}

/// Where this month ends: told from its own row.
fn ending(rows: &[Row], today: Date) -> Option<Pace> {
    let is_month = |row: &&Row| row.standing.bound.rule == Rule::Budget(Scope::Month);
    let Standing { bound, used } = &rows.iter().find(is_month)?.standing;
    let budget = bound.allowed.most().map(Usd::from_micros);
    pace(today, Usd::from_micros(used.spent), Usd::from_micros(used.held), budget)
}

/// Writes what is shown into a new file where the program was started, else among the data.
pub(super) async fn export(assembly: &Assembly, what: Export) -> Result<PathBuf, Trouble> {
    let text = match what {
        Export::Groups(asked) => {
            let groups = groups(assembly, &asked).await.map_err(|error| stored(&error))?;
            csv::groups(asked.by, &groups)
        }
        Export::Lines(lines) => {
            let entries = all_lines(assembly, lines).await.map_err(|error| stored(&error))?;
            csv::lines(&entries)
        }
    };
    let day = assembly.pipeline.account_day();
    let data = assembly.paths.data.clone();
    let writing = move || {
        let here = std::env::current_dir().and_then(|folder| write_new(&folder, day, &text));
        here.or_else(|_| write_new(&data, day, &text))
    };
    let written = tokio::task::spawn_blocking(writing).await;
    let written = written.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    written.map_err(|error| Trouble {
        what: format!("the figures cannot be written: {error}"),
        hint: Some("start rushes in a folder that can be written to".to_owned()),
    })
}

async fn groups(assembly: &Assembly, asked: &Asked) -> Result<Vec<Group>, StoreError> {
    let simulated = is_simulated(assembly, asked.simulated).await?;
    let days = days(asked.window, assembly.pipeline.account_day());
    assembly.store.groups(asked.by, within(days, simulated)).await
}

/// Every line, in as many looks as there are pages: nobody else waits for all of them.
async fn all_lines(assembly: &Assembly, lines: Lines) -> Result<Vec<Entry>, StoreError> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let before = entries.last().map(|entry| entry.seq);
        let page = read(assembly, Lines { before, limit: AT_ONCE, ..lines.clone() }).await?;
        let is_last = page.len() < AT_ONCE;
        entries.extend(page);
        if is_last {
            return Ok(entries);
        }
    }
}

/// Writes a file that was not there before: the name of the day, with a number where that is taken.
fn write_new(folder: &Path, day: Date, text: &str) -> std::io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let more = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("rushes-usage-{day}{more}.csv"));
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_file_that_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| write_new(folder.path(), date(2026, 11, 22), text).unwrap();
        let (first, second) = (write("one"), write("two"));
        assert!(first.ends_with("rushes-usage-2026-11-22.csv"));
        assert!(second.ends_with("rushes-usage-2026-11-22-2.csv"));
        assert_eq!(std::fs::read_to_string(first).unwrap(), "one");
        assert!(write_new(Path::new("/nowhere/at/all"), date(2026, 11, 22), "").is_err());
    }

    #[test]
    fn a_window_is_a_calendar_month_or_everything() {
        let today = date(2026, 3, 31);
        let month = |back| days(Window::Month(back), today);
        assert_eq!(month(0), Some((date(2026, 3, 1), date(2026, 3, 31))));
        assert_eq!(month(1), Some((date(2026, 2, 1), date(2026, 2, 28))));
        assert_eq!(month(3), Some((date(2025, 12, 1), date(2025, 12, 31))));
        assert_eq!(days(Window::Ever, today), None);
    }
}
