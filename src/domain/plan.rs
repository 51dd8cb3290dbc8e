//! Plans: a named set of limits on videos, calls and cost in a period.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::{Allowance, ProviderId};

/// What a plan counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meter {
    /// Micro-dollars, spent and held.
    Cost,
    /// Runs that make a video, but for those that came to nothing.
    Videos,
    /// Submissions to a provider, whatever came of them.
    Calls(ProviderId),
}

/// How long a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From the first to the last day of a month.
    CalendarMonth,
    /// So many days, today the last of them. At least one.
    RollingDays(u16),
}

impl Period {
    /// The first and the last account day of the period that this day is in.
    pub fn days(self, day: Date) -> (Date, Date) {
        match self {
            Self::CalendarMonth => (day.first_of_month(), day.last_of_month()),
            Self::RollingDays(days) => {
                let back = i64::from(days.max(1)) - 1;
                let first = Span::new().try_days(back).ok();
                let first = first.and_then(|back| day.checked_sub(back).ok()).unwrap_or(Date::MIN);
                (first, day)
            }
        }
    }

    /// The name of the period for what is told once in it. A rolling one has no beginning of its own: its
    /// days are told in blocks of as many.
    pub fn name(self, day: Date) -> String {
        match self {
            Self::CalendarMonth => day.strftime("%Y-%m").to_string(),
            Self::RollingDays(days) => {
                let length = i64::from(days.max(1));
                let since = (day - jiff::civil::date(1970, 1, 1)).get_days();
                let within = i64::from(since).rem_euclid(length);
                let begin = day.checked_sub(within.days()).unwrap_or(Date::MIN);
                format!("{days} days from {begin}")
            }
        }
    }
}

/// A set of limits, from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its name: `free`.
    pub name: String,
    /// How long they count.
    pub period: Period,
    /// Videos in a period.
    pub videos: Allowance,
    /// Calls in a period, by provider; one that is not named has no limit.
    pub calls: BTreeMap<ProviderId, Allowance>,
    /// Micro-dollars in a period.
    pub cost: Allowance,
}

impl Plan {
    /// Everything that it limits, with how much is allowed.
    pub fn meters(&self) -> Vec<(Meter, Allowance)> {
        let mut meters = vec![(Meter::Videos, self.videos), (Meter::Cost, self.cost)];
        let calls = self.calls.iter();
        meters.extend(calls.map(|(provider, allowed)| (Meter::Calls(*provider), *allowed)));
        meters.retain(|(_, allowed)| *allowed != Allowance::Unlimited);
        meters
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_month_is_the_calendars_and_days_roll() {
        let day = date(2026, 2, 14);
        let month = Period::CalendarMonth;
        assert_eq!(month.days(day), (date(2026, 2, 1), date(2026, 2, 28)));
        assert_eq!(month.name(day), "2026-02");
        let week = Period::RollingDays(7);
        assert_eq!(week.days(day), (date(2026, 2, 8), day));
        assert_eq!(Period::RollingDays(1).days(day), (day, day));
        assert_eq!(week.days(date(2026, 3, 2)), (date(2026, 2, 24), date(2026, 3, 2)));
    }

    #[test]
    fn a_rolling_period_is_told_once_in_as_many_days() {
        let week = Period::RollingDays(7);
        let days: Vec<_> = (0..21).map(|by| date(2026, 11, 1) + by.days()).collect();
        let mut names: Vec<_> = days.iter().map(|day| week.name(*day)).collect();
        names.dedup();
        assert!(names.len() == 3 || names.len() == 4, "{names:?}");
    }
}
