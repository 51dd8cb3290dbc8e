//! Budgets: what a person lets be spent per run, day, month and project.

use std::fmt;
use std::str::FromStr;

use super::Usd;

/// What a budget is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One run.
    PerRun,
    /// An account day.
    Day,
    /// A calendar month of account days.
    Month,
    /// A project, as long as it lives.
    Project(String),
}

/// A text that is no scope of a budget.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not per-run, day, month or project:NAME")]
pub struct NotAScope(pub String);

impl FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "per-run" => Ok(Self::PerRun),
            "day" => Ok(Self::Day),
            "month" => Ok(Self::Month),
            other => other
                .strip_prefix("project:")
                .filter(|name| !name.trim().is_empty())
                .map(|name| Self::Project(name.to_owned()))
                .ok_or_else(|| NotAScope(text.to_owned())),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerRun => f.pad("per-run"),
            Self::Day => f.pad("day"),
            Self::Month => f.pad("month"),
            Self::Project(name) => f.pad(&format!("project:{name}")),
        }
    }
}

/// A limit that a person set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// What for.
    pub scope: Scope,
    /// At most this; zero lets nothing be spent.
    pub amount: Usd,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for text in ["per-run", "day", "month", "project:kite film"] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
        for wrong in ["", "week", "project:", "project: ", "Day"] {
            assert!(wrong.parse::<Scope>().is_err(), "{wrong:?} was taken for a scope");
        }
    }
}
