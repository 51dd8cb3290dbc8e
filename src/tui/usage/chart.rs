//! Bars by day as text: pure figures in, cells out.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::domain::Usd;
use crate::domain::usage::{Figures, Group};

/// So many days have a bar.
pub const DAYS: usize = 90;

/// The average runs over so many.
pub const AVERAGED: usize = 7;

/// A day and its sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// The day.
    pub day: Date,
    /// Its sums; nothing on most days.
    pub figures: Figures,
    /// What a day cost over the week up to this one.
    pub average: Usd,
}

/// The first day that the bars need to know of: their averages look further back than they do.
pub fn first_needed(today: Date) -> Date {
    back(today, DAYS + AVERAGED - 2)
}

fn back(day: Date, days: usize) -> Date {
    let days = i64::try_from(days).unwrap_or_default();
    day.checked_sub(days.days()).unwrap_or(Date::MIN)
}

/// The last days up to this one, oldest first; groups are by day, those without are days of nothing.
pub fn bars(today: Date, groups: &[Group]) -> Vec<Bar> {
    let read = |group: &Group| Some((group.key.parse::<Date>().ok()?, group.figures));
    let known: BTreeMap<Date, Figures> = groups.iter().filter_map(read).collect();
    let of = |day: Date| known.get(&day).copied().unwrap_or_default();
    let bar = |ago: usize| {
        let day = back(today, ago);
        let week: Usd = (0..AVERAGED).map(|before| of(back(day, before)).spent).sum();
        Bar { day, figures: of(day), average: over(week, AVERAGED) }
    };
    (0..DAYS).rev().map(bar).collect()
}

/// An equal share, to a hundredth of a cent: what is drawn, and told with a `≈`.
pub fn over(sum: Usd, among: usize) -> Usd {
    let hundredths = i64::try_from(among.max(1)).unwrap_or(i64::MAX).saturating_mul(100);
    Usd::from_micros((sum.micros() + hundredths / 2).div_euclid(hundredths) * 100)
}

/// What the highest row of the axis stands for: the next amount above this that reads well, halves too.
pub fn top(highest: Usd) -> Usd {
    let highest = highest.micros();
    if highest <= 0 {
        return Usd::from_micros(1_000_000);
    }
    let mut unit: i64 = 1;
    while unit.saturating_mul(100) < highest {
        unit *= 10;
    }
    let steps = [10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100];
    let fits = steps.into_iter().map(|step| unit * step).find(|top| *top >= highest);
    Usd::from_micros(fits.unwrap_or(highest))
}

/// How many eighths of a cell an amount is high, where the axis has so many rows. Something is never nothing.
pub fn eighths(amount: Usd, top: Usd, rows: u16) -> u16 {
    let (amount, top) = (i128::from(amount.micros()), i128::from(top.micros().max(1)));
    if amount <= 0 {
        return 0;
    }
    let whole = i128::from(rows) * 8;
    let high = ((amount * whole * 2 + top) / (top * 2)).clamp(1, whole.max(1));
    u16::try_from(high).unwrap_or(u16::MAX)
}

/// What stands in one cell of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// The foot of a day without any.
    Nothing,
    /// So many eighths of a bar.
    Part(u16),
    /// The average, above the bar.
    Average,
    /// The average, within the bar.
    Within,
}

/// The cell of a bar in this row, counted from the foot.
pub fn cell(bar: u16, average: u16, row: u16) -> Cell {
    let part = bar.saturating_sub(row * 8).min(8);
    // The middle of the line is what has to lie in the row.
    let is_here = average > 0 && (average - 1) / 8 == row;
    match (part, is_here) {
        (0, true) => Cell::Average,
        (8, true) => Cell::Within,
        (0, false) if row == 0 => Cell::Nothing,
        (0, false) => Cell::Blank,
        (part, _) => Cell::Part(part),
    }
}

/// An amount at the axis: without cents where it has none.
pub fn tick(amount: Usd) -> String {
    let text = amount.to_string();
    text.strip_suffix(".00").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn usd(text: &str) -> Usd {
        text.parse().expect("an amount")
    }

    fn group(day: &str, spent: &str) -> Group {
        let figures = Figures { spent: usd(spent), ..Figures::default() };
        Group { key: day.to_owned(), figures }
    }

    #[test]
    fn every_day_has_a_bar_and_its_average_looks_back_a_week() {
        let today = date(2026, 11, 22);
        let groups = [group("2026-11-22", "0.70"), group("2026-11-16", "1.40"), group("x", "9")];
        let bars = bars(today, &groups);
        assert_eq!((bars.len(), bars[0].day), (DAYS, date(2026, 8, 25)));
        let last = bars[DAYS - 1];
        assert_eq!((last.day, last.figures.spent, last.average), (today, usd("0.70"), usd("0.30")));
        assert_eq!(bars[DAYS - 2].average, usd("0.20"));
        assert_eq!(bars[DAYS - 8].average, Usd::ZERO, "before the first of them");
        assert_eq!(first_needed(today), date(2026, 8, 19));
    }

    #[test]
    fn an_axis_ends_at_an_amount_that_reads_well() {
        let check = |highest: &str, expected: &str| {
            assert_eq!(tick(top(usd(highest))), expected, "{highest}");
        };
        check("0", "$1");
        check("11.30", "$12");
        check("12", "$12");
        check("12.01", "$16");
        check("0.048", "$0.05");
        check("99", "$100");
        check("0.000003", "$0.00001");
        check("7800", "$8000");
    }

    #[test]
    fn something_is_never_drawn_as_nothing_and_nothing_never_as_something() {
        let top = usd("10");
        assert_eq!(eighths(usd("10"), top, 5), 40);
        assert_eq!(eighths(usd("5"), top, 5), 20);
        assert_eq!(eighths(usd("0.000001"), top, 5), 1);
        assert_eq!(eighths(Usd::ZERO, top, 5), 0);
        assert_eq!(eighths(usd("-1"), top, 5), 0);
    }

    #[test]
    fn the_average_is_a_mark_of_its_own_above_a_bar_and_within_it() {
        assert_eq!(cell(0, 0, 0), Cell::Nothing);
        assert_eq!(cell(0, 0, 1), Cell::Blank);
        assert_eq!(cell(12, 0, 0), Cell::Part(8));
        assert_eq!(cell(12, 0, 1), Cell::Part(4));
        assert_eq!(cell(4, 16, 1), Cell::Average);
        assert_eq!(cell(24, 16, 1), Cell::Within);
        assert_eq!(cell(24, 16, 2), Cell::Part(8));
        assert_eq!(cell(0, 1, 0), Cell::Average);
    }
}
