//! Usage for a person, line by line.

use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use super::super::budget;
use super::told::Told;
use crate::domain::Usd;
use crate::domain::usage::{Dear, Entry, Figures, Group};

/// So many letters of a prompt are enough to know it by.
const PROMPT: usize = 60;

/// What was spent: of which days, today and this month, budgets, then the table.
pub(super) fn usage(told: &Told) -> Vec<String> {
    let mut lines = vec![period(told)];
    lines.extend(sums(&told.figures));
    lines.push(format!("today, {}", told.today));
    lines.push(spent(&told.day));
    lines.push(format!("this month, {}", told.today.strftime("%Y-%m")));
    lines.push(spent(&told.month));
    if let Some(pace) = told.pace {
        let reached = pace.reached.map_or_else(String::new, |day| {
            let when = if day <= told.today { "is reached" } else { "would be reached" };
            format!("; its budget {when} on {day}")
        });
        lines.push(format!("  at this pace {} at its end{reached}", pace.spent));
    }
    let (budgets, limits) = told.bounds();
    if !told.standings.is_empty() {
        lines.push("budgets and limits".to_owned());
    }
    let bounds = budgets.into_iter().chain(limits);
    lines.extend(bounds.map(|standing| format!("  {}", budget::line(standing))));
    lines.extend(told.alerts.iter().map(|alert| format!("  ! {alert}")));
    lines.extend(table(told.asked.by.as_str(), &told.groups));
    if !told.top.is_empty() {
        lines.push("the dearest".to_owned());
        lines.extend(told.top.iter().map(dear));
    }
    if !told.asked.filter.simulated && !told.pretended.is_empty() {
        lines.push(String::new());
        lines.push(format!("sandbox, simulated: {}", told.pretended.spent));
        lines.extend(table(told.asked.by.as_str(), &told.pretended_groups));
    }
    lines
}

/// Of which days and what all of this is.
fn period(told: &Told) -> String {
    let filter = &told.asked.filter;
    let days = match (filter.since, filter.until) {
        (None, None) => "ever".to_owned(),
        (Some(since), None) => format!("since {since}"),
        (None, Some(until)) => format!("up to {until}"),
        (Some(since), Some(until)) if since == until => since.to_string(),
        (Some(since), Some(until)) => format!("{since} to {until}"),
    };
    let project = match filter.project.as_deref() {
        None => String::new(),
        Some("-") => ", no project".to_owned(),
        Some(project) => format!(", project {project}"),
    };
    let sandbox = if filter.simulated { "sandbox, simulated: " } else { "" };
    format!("{sandbox}{days}{project}")
}

fn spent(figures: &Figures) -> String {
    format!(
        "  spent {}   held {}   refund due {}   {} runs, {} s of video",
        figures.spent,
        figures.held,
        figures.due,
        figures.runs,
        seconds(figures.video_ms)
    )
}

/// The sums, and what of them was for nothing.
fn sums(figures: &Figures) -> Vec<String> {
    let mut lines = vec![spent(figures)];
    if figures.failed_cost != Usd::ZERO || figures.rejected_cost != Usd::ZERO {
        lines.push(format!(
            "  failed and cancelled runs cost {}, rejected takes {}",
            figures.failed_cost, figures.rejected_cost
        ));
    }
    if let Some(kept) = figures.kept_per_mille() {
        let each =
            figures.per_kept().map_or_else(String::new, |each| format!(", {each} a kept take"));
        lines.push(format!(
            "  {} takes, {} kept, {} rejected: {} kept{each}",
            figures.takes,
            figures.kept,
            figures.rejected,
            percent(kept)
        ));
    }
    if let Some(drift) = figures.drift() {
        lines.push(format!(
            "  {} runs were billed {}, quoted {}: {}",
            figures.billed_runs,
            figures.billed,
            figures.billed_quoted,
            signed(drift)
        ));
    }
    lines
}

/// Groups as columns: only as wide as what stands in them.
fn table(by: &str, groups: &[Group]) -> Vec<String> {
    if groups.is_empty() {
        return vec![];
    }
    let header = [
        by,
        "runs",
        "seconds",
        "spent",
        "held",
        "a run",
        "a second",
        "a kept take",
        "failed",
        "over quote",
    ];
    let mut rows = vec![header.map(str::to_owned)];
    rows.extend(groups.iter().map(row));
    let width =
        |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    rows.iter()
        .map(|row| {
            let mut line = format!("  {}", row[0]);
            line.push_str(&" ".repeat(widths[0] - row[0].width()));
            for (field, width) in row.iter().zip(&widths).skip(1) {
                line.push_str(&" ".repeat(2 + width - field.width()));
                line.push_str(field);
            }
            line
        })
        .collect()
}

fn row(Group { key, figures }: &Group) -> [String; 10] {
    let known = |amount: Option<Usd>| amount.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let drift = figures.drift().map_or_else(|| "-".to_owned(), signed);
    [
        crate::domain::text::printable(key),
        figures.runs.to_string(),
        seconds(figures.video_ms),
        figures.spent.to_string(),
        figures.held.to_string(),
        known(figures.per_run()),
        known(figures.per_second()),
        known(figures.per_kept()),
        figures.failed_per_mille().map_or_else(|| "-".to_owned(), percent),
        drift,
    ]
}

fn dear(dear: &Dear) -> String {
    let Dear { number, day, model, prompt, spent, .. } = dear;
    format!("  {spent:>10}  #{number}  {day}  {model}  {}", beginning(prompt))
}

/// A line of the ledger with its job.
pub(super) fn line(entry: &Entry, zone: &TimeZone) -> String {
    let at = entry.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let project = entry.project.as_deref().map_or_else(String::new, |name| format!("  [{name}]"));
    format!(
        "{at}  #{:<6} {:<10} {:>11}  {:<9}  {}  {}{project}  {}",
        entry.number,
        entry.kind,
        entry.amount,
        entry.basis,
        entry.stage,
        entry.model,
        beginning(&entry.prompt)
    )
}

fn beginning(prompt: &str) -> String {
    let mut letters = prompt.chars();
    let beginning: String = letters.by_ref().take(PROMPT).collect();
    if letters.next().is_some() { format!("{beginning}…") } else { beginning }
}

fn percent(per_mille: u64) -> String {
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

fn seconds(milliseconds: u64) -> String {
    let tenths = (milliseconds + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn signed(amount: Usd) -> String {
    if amount > Usd::ZERO { format!("+{amount}") } else { amount.to_string() }
}
