//! Where a month ends, if it goes on like this: whole numbers in, whole cents out.

use jiff::civil::Date;

use super::Usd;

/// What a month would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// At its end, to the cent: this is no money yet.
    pub spent: Usd,
    /// The day on which its budget would be reached, where that is in this month.
    pub reached: Option<Date>,
}

/// What the month of this day comes to, when each of its days costs what those up to today did. What is held
/// counts as spent: most of it will be. `None` while nothing was spent, and on the first day of the month, which
/// tells of no other.
pub fn pace(today: Date, spent: Usd, held: Usd, budget: Option<Usd>) -> Option<Pace> {
    let used = i128::from((spent + held).micros());
    let (passed, days) = (i128::from(today.day()), i128::from(today.days_in_month()));
    if used <= 0 || passed < 2 {
        return None;
    }
    let cent = 10_000 * passed;
    let cents = (used * days * 2 + cent) / (cent * 2);
    let spent = i64::try_from(cents * 10_000).unwrap_or(i64::MAX);
    let reached = budget.and_then(|budget| {
        // The first day at whose end as much is used: what is used already was reached by today.
        let day = (i128::from(budget.micros()) * passed + used - 1) / used;
        let day = i8::try_from(day.max(passed)).ok().filter(|day| *day <= today.days_in_month())?;
        today.with().day(day).build().ok()
    });
    Some(Pace { spent: Usd::from_micros(spent), reached })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn usd(text: &str) -> Usd {
        text.parse().expect("an amount")
    }

    fn told(day: i8, spent: &str, budget: Option<&str>) -> Option<(String, Option<i8>)> {
        let pace = pace(date(2026, 11, day), usd(spent), Usd::ZERO, budget.map(usd))?;
        Some((pace.spent.to_string(), pace.reached.map(Date::day)))
    }

    #[test]
    fn a_month_goes_on_as_it_began() {
        let check = |day, spent: &str, budget, expected: &str, reached| {
            assert_eq!(
                told(day, spent, budget),
                Some((expected.to_owned(), reached)),
                "{day} {spent}"
            );
        };
        check(15, "50", None, "$100.00", None);
        check(22, "86.70", Some("90"), "$118.23", Some(23));
        check(15, "50", Some("100"), "$100.00", Some(30));
        check(15, "50", Some("100.000001"), "$100.00", None);
        check(15, "50", Some("50"), "$100.00", Some(15));
        check(15, "50", Some("20"), "$100.00", Some(15));
        check(30, "7.123456", None, "$7.12", None);
    }

    #[test]
    fn nothing_and_a_first_day_tell_of_no_month() {
        assert_eq!(told(15, "0", Some("10")), None);
        assert_eq!(told(1, "5", Some("10")), None);
    }

    #[test]
    fn what_is_held_counts_and_no_sum_is_too_large() {
        let held = pace(date(2026, 2, 14), usd("1"), usd("1"), None).map(|pace| pace.spent);
        assert_eq!(held, Some(usd("4")));
        let most = Usd::from_micros(i64::MAX);
        assert!(pace(date(2026, 2, 14), most, most, Some(most)).is_some());
    }
}
