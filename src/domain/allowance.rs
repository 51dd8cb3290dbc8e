//! How much of something is allowed: nothing, so much, or as much as one likes. Three things, never a zero
//! that means two of them.

use std::fmt;
use std::str::FromStr;

/// How much is allowed: a count, or micro-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Allowance {
    /// Not at all.
    Disabled,
    /// At most this.
    AtMost(i64),
    /// No limit.
    Unlimited,
}

impl Allowance {
    /// What may be used of it in all; `None` where there is no limit.
    pub fn most(self) -> Option<i64> {
        match self {
            Self::Disabled => Some(0),
            Self::AtMost(most) => Some(most),
            Self::Unlimited => None,
        }
    }
}

/// A text that is no allowance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not \"disabled\", \"unlimited\" or a whole number from 0")]
pub struct NotAnAllowance(pub String);

impl FromStr for Allowance {
    type Err = NotAnAllowance;

    /// Reads a count: `disabled`, `12`, `unlimited`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "disabled" => Ok(Self::Disabled),
            "unlimited" => Ok(Self::Unlimited),
            number => number
                .parse()
                .ok()
                .filter(|most| *most >= 0)
                .map(Self::AtMost)
                .ok_or_else(|| NotAnAllowance(text.to_owned())),
        }
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled => f.pad("disabled"),
            Self::AtMost(most) => f.pad(&most.to_string()),
            Self::Unlimited => f.pad("unlimited"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_so_much_and_no_limit_are_three_things() {
        let read = |text: &str| text.parse::<Allowance>();
        assert_eq!(read("disabled").unwrap().most(), Some(0));
        assert_eq!(read("0"), Ok(Allowance::AtMost(0)));
        assert_eq!(read("unlimited").unwrap().most(), None);
        for wrong in ["", "-1", "many", "1.5", "0x3"] {
            assert!(read(wrong).is_err(), "{wrong:?} was taken for an allowance");
        }
        for text in ["disabled", "7", "unlimited"] {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
    }
}
