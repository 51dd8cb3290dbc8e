//! What a run will cost, as far as that can be said before it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Usd;

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Our price rule, or the provider's quote: what was expected.
    Quoted,
    /// The provider's own billing line: what was taken.
    Billed,
    /// The sandbox: no money at all.
    Simulated,
    /// No price was known: what `--max-cost` let be held, or nothing.
    Unknown,
}

impl Basis {
    /// Its name in JSON and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quoted => "quoted",
            Self::Billed => "billed",
            Self::Simulated => "simulated",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A range of what a run costs, in micro-dollars. `low == high` where the price is exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// The least it can cost.
    pub low: Usd,
    /// The most it can cost; what is held. The same as `low` for a floor.
    pub high: Usd,
    /// Where the figure comes from.
    pub basis: Basis,
    /// Whether only a lower bound is known: an input that drives the price is missing or unmeasured.
    pub floor: bool,
    /// How it came about, for a person: `5 s × $0.04, rule of 2026-11-20`.
    pub finding: String,
}

impl Estimate {
    /// A price that is known exactly.
    pub fn exact(amount: Usd, basis: Basis, finding: impl Into<String>) -> Self {
        Self { low: amount, high: amount, basis, floor: false, finding: finding.into() }
    }

    /// The estimate of `count` such runs.
    #[must_use]
    pub fn times(&self, count: u32) -> Self {
        let count = i64::from(count);
        Self { low: self.low * count, high: self.high * count, ..self.clone() }
    }
}

impl fmt::Display for Estimate {
    /// `$0.50`, `$0.20-$0.50`, or `≥ $0.15` for a floor.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.floor {
            format!("≥ {}", self.low)
        } else if self.low == self.high {
            self.high.to_string()
        } else {
            format!("{}-{}", self.low, self.high)
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_reads_as_exact_as_it_is() {
        let exact = Estimate::exact(Usd::from_micros(500_000), Basis::Quoted, "");
        assert_eq!(exact.to_string(), "$0.50");
        assert_eq!(exact.times(3).to_string(), "$1.50");
        let range = Estimate { low: Usd::from_micros(200_000), ..exact.clone() };
        assert_eq!(range.to_string(), "$0.20-$0.50");
        assert_eq!(Estimate { floor: true, ..exact }.to_string(), "≥ $0.50");
    }
}
