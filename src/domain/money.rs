//! Money: whole micro-dollars, never a float.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Neg, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in micro-dollars (1 USD = 1 000 000). May be negative: an adjustment can be.
///
/// Sums saturate at about nine trillion dollars instead of wrapping.
///
/// ```
/// use rushes::domain::Usd;
/// let price: Usd = "0.048".parse()?;
/// assert_eq!(price.micros(), 48_000);
/// assert_eq!(price.to_string(), "$0.048");
/// assert_eq!(Usd::from_micros(200_000).decimal(), "0.20");
/// # Ok::<(), rushes::domain::money::NotAnAmount>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

const MICROS: u64 = 1_000_000;

impl Usd {
    /// Nothing. Never stands for "unknown": that is an `Option`.
    pub const ZERO: Self = Self(0);

    /// The amount of this many micro-dollars.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The amount in micro-dollars.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Decimal text with 2 to 6 decimals and no sign of currency, as JSON has it: `0.20`, `0.048`.
    pub fn decimal(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let whole = self.0.unsigned_abs() / MICROS;
        let fraction = format!("{:06}", self.0.unsigned_abs() % MICROS);
        let significant = fraction.trim_end_matches('0').len().max(2);
        format!("{sign}{whole}.{}", &fraction[..significant])
    }
}

impl fmt::Display for Usd {
    /// `$0.20`, `-$1.048`: the amount with its currency, never cut to cents. Honours width.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.decimal().strip_prefix('-') {
            Some(amount) => format!("-${amount}"),
            None => format!("${}", self.decimal()),
        };
        f.pad(&text)
    }
}

/// A text that is no amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an amount in US dollars, like 0.50")]
pub struct NotAnAmount(pub String);

impl FromStr for Usd {
    type Err = NotAnAmount;

    /// Reads `0.5`, `$0.50`, `-2`, `12.345678`. More than six decimals, or any other text, is an error.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotAnAmount(text.to_owned());
        let trimmed = text.trim();
        let (sign, rest) = match trimmed.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, trimmed),
        };
        let rest = rest.strip_prefix('$').unwrap_or(rest);
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty())
            || fraction.len() > 6
            || !digits(whole)
            || !digits(fraction)
        {
            return Err(wrong());
        }
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| wrong())? };
        let fraction: i64 = format!("{fraction:0<6}").parse().map_err(|_| wrong())?;
        whole
            .checked_mul(1_000_000)
            .and_then(|micros| micros.checked_add(fraction))
            .map(|micros| Self(sign * micros))
            .ok_or_else(wrong)
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Usd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Usd {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Mul<i64> for Usd {
    type Output = Self;

    fn mul(self, times: i64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.decimal())
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_keeps_two_to_six_decimals() {
        let check = |micros, expected: &str| assert_eq!(Usd(micros).decimal(), expected);
        check(0, "0.00");
        check(200_000, "0.20");
        check(48_000, "0.048");
        check(1, "0.000001");
        check(12_345_678, "12.345678");
        check(-500_000, "-0.50");
        assert_eq!(Usd(-500_000).to_string(), "-$0.50");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "-", "$", "1e3", "0.1234567", "1,50", "0x1", "+1", "NaN"] {
            assert!(text.parse::<Usd>().is_err(), "{text:?} was taken for money");
        }
        assert_eq!("$.5".parse(), Ok(Usd(500_000)));
        assert!("99999999999999999999".parse::<Usd>().is_err());
    }

    proptest! {
        #[test]
        fn every_amount_survives_its_own_text(micros in -1_000_000_000_000_i64..1_000_000_000_000) {
            prop_assert_eq!(Usd(micros).decimal().parse(), Ok(Usd(micros)));
        }
    }
}
