//! Exact fractions for prices: a formula is worked out without a float and rounded once at its end.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

use crate::domain::Usd;

/// A fraction in lowest terms, its denominator above zero.
///
/// Arithmetic answers `None` where the figures leave 127 bits: a price nobody can pay is an unknown one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// One.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// The fraction of these two; `None` when the second is zero.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let divisor = greatest_common_divisor(numerator, denominator)?;
        let sign = if denominator < 0 { -1 } else { 1 };
        Some(Self {
            numerator: (numerator / divisor).checked_mul(sign)?,
            denominator: (denominator / divisor).checked_mul(sign)?,
        })
    }

    /// What is above and below the line.
    pub(super) fn parts(self) -> (i128, i128) {
        (self.numerator, self.denominator)
    }

    /// The whole number.
    pub fn whole(number: i64) -> Self {
        Self { numerator: i128::from(number), denominator: 1 }
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::new(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { numerator: other.numerator.checked_neg()?, ..other })
    }

    /// The product.
    pub fn times(self, other: Self) -> Option<Self> {
        Self::new(
            self.numerator.checked_mul(other.numerator)?,
            self.denominator.checked_mul(other.denominator)?,
        )
    }

    /// The quotient; `None` when `other` is zero.
    pub fn over(self, other: Self) -> Option<Self> {
        self.times(Self::new(other.denominator, other.numerator)?)
    }

    /// The next whole number that is not smaller.
    #[must_use]
    pub fn round_up(self) -> Self {
        let floor = self.numerator.div_euclid(self.denominator);
        let rest = self.numerator.rem_euclid(self.denominator);
        Self { numerator: floor.saturating_add(i128::from(rest > 0)), denominator: 1 }
    }

    /// The whole part of a number that is not below zero.
    #[must_use]
    pub fn round_down(self) -> Self {
        Self { numerator: self.numerator.div_euclid(self.denominator), denominator: 1 }
    }

    /// This many dollars as whole micro-dollars, rounded half up: the one place where a price is rounded.
    pub fn as_usd(self) -> Option<Usd> {
        let doubled = self.numerator.checked_mul(2_000_000)?.checked_add(self.denominator)?;
        let micros = doubled.div_euclid(self.denominator.checked_mul(2)?);
        i64::try_from(micros).ok().map(Usd::from_micros)
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        // Both denominators are positive; what overflows is compared by its whole part.
        let crossed = |one: &Self, two: &Self| one.numerator.checked_mul(two.denominator);
        match (crossed(self, other), crossed(other, self)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => (self.numerator / self.denominator).cmp(&(other.numerator / other.denominator)),
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Ratio {
    /// `5`, `7.5`; thirds and the like with three decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            return write!(f, "{}", self.numerator);
        }
        let thousandths = self.numerator.saturating_mul(1000) / self.denominator;
        let text = format!("{}.{:03}", thousandths / 1000, (thousandths % 1000).abs());
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A text that is no fraction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a number like 0.04 or 4/3")]
pub struct NotARatio(pub String);

impl FromStr for Ratio {
    type Err = NotARatio;

    /// Reads `2`, `0.0375` and `4/3`. At most 18 digits a side; never an exponent.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotARatio(text.to_owned());
        if let Some((over, under)) = text.split_once('/') {
            let over = decimal(over).ok_or_else(wrong)?;
            return over.over(decimal(under).ok_or_else(wrong)?).ok_or_else(wrong);
        }
        decimal(text).ok_or_else(wrong)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

fn decimal(text: &str) -> Option<Ratio> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let joined = format!("{whole}{fraction}");
    if joined.is_empty() || joined.len() > 18 || !joined.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let places = u32::try_from(fraction.len()).ok()?;
    Ratio::new(sign * joined.parse::<i128>().ok()?, 10_i128.checked_pow(places)?)
}

fn greatest_common_divisor(one: i128, other: i128) -> Option<i128> {
    let (mut one, mut other) = (one.checked_abs()?, other.checked_abs()?);
    while other != 0 {
        (one, other) = (other, one % other);
    }
    Some(one.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().expect("the test writes fractions")
    }

    #[test]
    fn a_result_is_rounded_once_and_half_up() {
        let check = |text, micros| assert_eq!(ratio(text).as_usd(), Some(Usd::from_micros(micros)));
        check("0.04", 40_000);
        check("0.0599999", 60_000);
        check("0.0000005", 1);
        check("0.00000049", 0);
        check("1/3", 333_333);
        check("2/3", 666_667);
        check("-0.0000005", 0);
    }

    #[test]
    fn sums_of_thirds_are_exact() {
        let third = ratio("1/3");
        let whole = third.plus(third).and_then(|sum| sum.plus(third));
        assert_eq!(whole, Some(Ratio::ONE));
        assert_eq!(ratio("0.084").times(ratio("4/3")), Some(ratio("0.112")));
        assert_eq!(ratio("10.01").over(ratio("5")).map(Ratio::round_up), Some(Ratio::whole(3)));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "1e3", "1/0", "0.0.1", "NaN", "1234567890123456789", "$2"] {
            assert!(text.parse::<Ratio>().is_err(), "{text:?} was taken for a fraction");
        }
    }
}
