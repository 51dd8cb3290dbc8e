//! The checks before money is held: one list, all evaluated, each with a finding.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// Which check it is. The order here is the order on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckId {
    /// There is a key for the provider.
    Credential,
    /// The model exists, is switched on, and its parameters are valid.
    Parameters,
    /// The provider runs the model at the moment, where that has to be asked.
    Offer,
    /// Files can be read and are within the model's limits.
    Inputs,
    /// The price is known.
    Price,
    /// `--max-cost`.
    MaxCost,
    /// Limits of the plan.
    Limits,
    /// Budgets of the run, day, month and project.
    Budget,
    /// What is left at the provider.
    Balance,
    /// Room for the file.
    Disk,
    /// A person, or `--yes`, said that money may be spent.
    Consent,
}

impl CheckId {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Parameters => "parameters",
            Self::Offer => "offer",
            Self::Inputs => "inputs",
            Self::Price => "price",
            Self::MaxCost => "max_cost",
            Self::Limits => "limits",
            Self::Budget => "budget",
            Self::Balance => "balance",
            Self::Disk => "disk",
            Self::Consent => "consent",
        }
    }
}

/// What a check came to. Ordered: the worst of a list is its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// A person should know, and may go on.
    Warn,
    /// Nothing is sent.
    Block,
}

/// One check with what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which check.
    pub id: CheckId,
    /// What it came to.
    pub outcome: Outcome,
    /// What was found, in one line.
    pub finding: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Check {
    /// A check that found everything as it should be.
    pub fn pass(id: CheckId, finding: impl Into<String>) -> Self {
        Self { id, outcome: Outcome::Pass, finding: finding.into(), hint: None }
    }

    /// A check that found something a person should know.
    pub fn warn(id: CheckId, finding: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { id, outcome: Outcome::Warn, finding: finding.into(), hint: Some(hint.into()) }
    }

    /// A check that lets nothing be sent.
    pub fn block(id: CheckId, finding: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { id, outcome: Outcome::Block, finding: finding.into(), hint: Some(hint.into()) }
    }
}

/// Every check of one order, and its price as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    /// The whole order's estimate. `None` only when a price input is missing and no floor is known.
    pub estimate: Option<Estimate>,
    /// All checks, in the order of [`CheckId`].
    pub checks: Vec<Check>,
}

impl Preflight {
    /// The worst outcome of all checks.
    pub fn verdict(&self) -> Outcome {
        self.checks.iter().map(|check| check.outcome).max().unwrap_or(Outcome::Pass)
    }

    /// Whether this check blocks.
    pub fn blocks_on(&self, id: CheckId) -> bool {
        self.checks.iter().any(|check| check.id == id && check.outcome == Outcome::Block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_the_worst_outcome() {
        let preflight = |checks| Preflight { estimate: None, checks };
        let pass = Check::pass(CheckId::Disk, "");
        let warn = Check::warn(CheckId::Price, "", "");
        let block = Check::block(CheckId::Credential, "", "");
        assert_eq!(preflight(vec![]).verdict(), Outcome::Pass);
        assert_eq!(preflight(vec![pass.clone(), warn.clone()]).verdict(), Outcome::Warn);
        let worst = preflight(vec![warn, block, pass]);
        assert_eq!(worst.verdict(), Outcome::Block);
        assert!(worst.blocks_on(CheckId::Credential) && !worst.blocks_on(CheckId::Disk));
    }

    #[test]
    fn every_check_has_the_same_name_in_text_and_in_json() {
        for id in [CheckId::Credential, CheckId::MaxCost, CheckId::Consent] {
            assert_eq!(serde_json::to_value(id).expect("a plain enum is JSON"), id.as_str());
        }
    }
}
