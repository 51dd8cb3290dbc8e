//! Figures of usage in a few words: what a row, a group, a line is called.

use jiff::civil::Date;

use super::super::look::Look;
use super::super::text;
use super::{Report, Window};
use crate::catalog::{Catalog, ModelSpec};
use crate::domain::text::printable;
use crate::domain::usage::{Entry, GroupBy};
use crate::domain::{LineKind, Meter, Operation, Rule, Scope, StageName, Usd};

/// What a budget or a limit is called in its row.
pub fn rule(rule: &Rule, today: Date) -> String {
    match rule {
        Rule::Budget(Scope::PerRun) => "a run".to_owned(),
        Rule::Budget(Scope::Day) => "today".to_owned(),
        Rule::Budget(Scope::Month) => month(today, today),
        Rule::Budget(Scope::Project(name)) => printable(name),
        Rule::Plan(plan, Meter::Cost) => printable(&format!("{plan} plan")),
        Rule::Plan(plan, Meter::Videos) => printable(&format!("{plan}: videos")),
        Rule::Plan(plan, Meter::Calls(provider)) => printable(&format!("{plan}: {provider} calls")),
    }
}

/// `November`; with its year where that is another one.
pub fn month(day: Date, today: Date) -> String {
    let form = if day.year() == today.year() { "%B" } else { "%B %Y" };
    day.strftime(form).to_string()
}

/// The days that are shown: `November`, `ever`.
pub fn window(report: Option<&Report>, window: Window) -> String {
    match (window, report) {
        (Window::Ever, _) => "ever".to_owned(),
        (Window::Month(_), Some(Report { days: Some((first, _)), today, .. })) => {
            month(*first, *today)
        }
        (Window::Month(0), _) => "this month".to_owned(),
        (Window::Month(_), _) => "a month before".to_owned(),
    }
}

/// `Nov 22`.
pub fn day(day: Date) -> String {
    day.strftime("%b %-d").to_string()
}

/// `the 26th`.
pub fn nth(day: Date) -> String {
    let number = day.day();
    let ending = match (number / 10, number % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("the {number}{ending}")
}

/// What a group is called.
pub fn group(catalog: &Catalog, by: GroupBy, key: &str) -> String {
    match by {
        GroupBy::Model => match known(catalog, key) {
            Some(spec) => printable(&format!("{} {}", spec.name, spec.operation.words())),
            None => printable(key),
        },
        GroupBy::Operation => key.parse().map_or_else(|_| printable(key), Operation::words),
        GroupBy::Project if key == "-" => "no project".to_owned(),
        GroupBy::Day => key.parse().map_or_else(|_| printable(key), long_day),
        GroupBy::Provider | GroupBy::Project | GroupBy::Tag => printable(key),
    }
}

/// `Sun Nov 22`.
fn long_day(day: Date) -> String {
    day.strftime("%a %b %-d").to_string()
}

/// A model's name where it is known, else its id.
pub fn model(catalog: &Catalog, id: &str) -> String {
    printable(known(catalog, id).map_or(id, |spec| &spec.name))
}

fn known<'a>(catalog: &'a Catalog, id: &str) -> Option<&'a ModelSpec> {
    catalog.all().iter().find(|spec| spec.id.as_str() == id)
}

/// An amount in two parts: down to its cents, and what is left behind them.
pub fn money(amount: Usd) -> (String, String) {
    let whole = amount.to_string();
    let cents = whole.find('.').map_or(whole.len(), |at| (at + 3).min(whole.len()));
    let (cents, rest) = whole.split_at(cents);
    (cents.to_owned(), rest.to_owned())
}

/// `33 %` of so many thousandths, half up.
pub fn percent(per_mille: u64) -> String {
    format!("{} %", (per_mille + 5) / 10)
}

/// What part of one amount another is; `None` of nothing.
pub fn share(part: Usd, whole: Usd) -> Option<String> {
    let (part, whole) = (i128::from(part.micros().max(0)), i128::from(whole.micros()));
    let per_mille = u64::try_from((part * 2000 + whole) / (whole * 2).max(1)).unwrap_or_default();
    (whole > 0).then(|| percent(per_mille))
}

/// What the provider billed beyond our price: `exact`, `+$0.12`; `–` where no bill was seen.
pub fn drift(look: &Look, drift: Option<Usd>) -> String {
    match drift {
        None => look.pick("–", "-").to_owned(),
        Some(Usd::ZERO) => "exact".to_owned(),
        Some(more) if more > Usd::ZERO => format!("+{more}"),
        Some(less) => less.to_string(),
    }
}

/// What a line says, in a word or two.
pub fn kind(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Hold => "hold",
        LineKind::Release => "release",
        LineKind::Charge => "charge",
        LineKind::RefundDue => "refund due",
        LineKind::Refund => "refund",
        LineKind::Adjust => "adjust",
    }
}

/// The kind of line that a word names, as the ledger or as a person writes it.
pub fn named_kind(words: &str) -> Option<LineKind> {
    let words = words.to_lowercase();
    LineKind::ALL.into_iter().find(|it| it.as_str() == words || kind(*it) == words)
}

/// The amount of a line: what nobody knows the price of is never nothing.
pub fn amount(entry: &Entry) -> Option<Usd> {
    (entry.basis != "unknown" || entry.amount != Usd::ZERO).then_some(entry.amount)
}

/// What else there is to say of a line. `ways` are the ways out of a doubt.
pub fn note(entry: &Entry, ways: &str) -> String {
    if entry.stage == StageName::InDoubt {
        return ways.to_owned();
    }
    let basis = match (entry.kind, entry.basis.as_str()) {
        (_, "simulated") => "simulated",
        (LineKind::Adjust, _) => "the provider's bill differs",
        (_, basis) => basis,
    };
    let reason = entry.reason.as_deref().filter(|reason| !reason.is_empty());
    match (entry.kind, reason) {
        (LineKind::Hold | LineKind::Adjust, _) | (_, None) => printable(basis),
        (_, Some(reason)) => printable(reason),
    }
}

/// When a line was written: the time of today, the day of this year, else the whole date.
pub fn written(entry: &Entry, look: &Look, today: Date) -> String {
    let at = entry.at.to_zoned(look.zone.clone());
    if at.date() == today {
        text::time_of_day(entry.at, &look.zone)
    } else if at.date().year() == today.year() {
        day(at.date())
    } else {
        at.strftime("%y-%m-%d").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_amount_is_parted_at_its_cents_and_never_loses_any() {
        let check = |text: &str, cents: &str, rest: &str| {
            let amount: Usd = text.parse().expect("an amount");
            assert_eq!(money(amount), (cents.to_owned(), rest.to_owned()));
        };
        check("0.50", "$0.50", "");
        check("1.483051", "$1.48", "3051");
        check("-0.048", "-$0.04", "8");
        check("86.7", "$86.70", "");
    }

    #[test]
    fn days_read_as_a_person_says_them() {
        for (day, expected) in [
            (1, "1st"),
            (2, "2nd"),
            (3, "3rd"),
            (11, "11th"),
            (13, "13th"),
            (22, "22nd"),
            (26, "26th"),
        ] {
            assert_eq!(nth(date(2026, 11, day)), format!("the {expected}"));
        }
        assert_eq!(month(date(2026, 3, 1), date(2026, 11, 22)), "March");
        assert_eq!(month(date(2025, 12, 1), date(2026, 11, 22)), "December 2025");
    }

    #[test]
    fn a_part_of_nothing_is_no_share() {
        assert_eq!(share(Usd::from_micros(1), Usd::ZERO), None);
        assert_eq!(share(Usd::from_micros(1), Usd::from_micros(4)).as_deref(), Some("25 %"));
        assert_eq!(percent(14), "1 %");
        assert_eq!(percent(15), "2 %");
    }

    #[test]
    fn kinds_of_lines_are_found_by_both_of_their_names() {
        assert_eq!(named_kind("refund_due"), Some(LineKind::RefundDue));
        assert_eq!(named_kind("Refund due"), Some(LineKind::RefundDue));
        assert_eq!(named_kind("wan"), None);
    }
}
