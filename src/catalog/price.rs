//! Price rules: how a model's file says what a run costs, and what that comes to.
//!
//! A price is `(base + usd × units) × factors`, held between `min_usd` and `max_usd`. Units are runs,
//! seconds, characters of a text, or started blocks of them; seconds come from parameters or measured inputs,
//! each with limits of its own. Everything is an exact fraction until [`Ratio::as_usd`] rounds it, once.

mod jsonata;

use serde::Deserialize;
use serde_json::Value;

use super::conditions::{Conditions, is_empty};
use super::formula::Formula;
use super::measured::Measured;
use super::param::ParamKind;
use super::ratio::Ratio;
use super::spec::ModelSpec;
use crate::domain::{Basis, Estimate, Params, Usd};

/// How a model's price is found.
#[derive(Debug, Clone, PartialEq)]
pub enum Price {
    /// By the rules of a model's file.
    Rules(Box<PriceList>),
    /// By the provider's own formula.
    Formula(Formula),
}

impl Price {
    /// What a run with these complete parameters costs. See [`ModelSpec::estimate`].
    pub(super) fn estimate(
        &self,
        spec: &ModelSpec,
        params: &Params,
        measured: &Measured,
    ) -> Option<Estimate> {
        match self {
            Self::Rules(rules) => rules.estimate(spec, params, measured),
            Self::Formula(formula) => formula.estimate(spec, params, measured),
        }
    }
}

/// The `[price]` table of a model's file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    #[serde(default)]
    per: Unit,
    #[serde(default)]
    length: Vec<Length>,
    #[serde(default)]
    combine: Combine,
    at_least: Option<Ratio>,
    at_most: Option<Ratio>,
    block: Option<Ratio>,
    after: Option<Ratio>,
    /// The first whose `when` holds is used.
    rules: Vec<Rule>,
    /// All whose `when` holds are used.
    #[serde(default)]
    times: Vec<Factor>,
    min_usd: Option<Ratio>,
    max_usd: Option<Ratio>,
    /// A doubt about the figure, for the finding.
    note: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unit {
    #[default]
    Run,
    Second,
    Block,
    /// Of the texts that `length` names; with `block`, started blocks of them.
    Character,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Combine {
    #[default]
    Sum,
    Longest,
}

/// Seconds that count: a parameter's value or an input's length. Of a text, its characters.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Length {
    of: String,
    at_least: Option<Ratio>,
    at_most: Option<Ratio>,
    /// Added after the limits.
    plus: Option<Ratio>,
    /// Started seconds count as whole ones.
    #[serde(default)]
    started: bool,
    /// Only full seconds count.
    #[serde(default)]
    full: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(default)]
    when: Conditions,
    usd: Ratio,
    base: Option<Ratio>,
    per: Option<Unit>,
    length: Option<Vec<Length>>,
    combine: Option<Combine>,
    after: Option<Ratio>,
    /// A doubt about the figure where this rule is used.
    note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Factor {
    #[serde(default)]
    when: Conditions,
    by: Option<Ratio>,
    /// The factor is this parameter's value.
    by_param: Option<String>,
}

/// Everything a rule looks at.
struct Facts<'a> {
    spec: &'a ModelSpec,
    params: &'a Params,
    measured: &'a Measured,
}

/// Seconds, and whether they are what they will be or only the least they can be.
#[derive(Clone, Copy)]
struct Seconds {
    count: Ratio,
    known: bool,
}

/// What one rule comes to.
struct Sum {
    amount: Ratio,
    known: bool,
    how: String,
}

impl Price {
    /// As the provider's list writes it; `None` where a run always costs the base price.
    pub(super) fn formula(&self, spec: &ModelSpec) -> Option<String> {
        match self {
            Self::Rules(rules) => rules.formula(spec),
            Self::Formula(formula) => Some(formula.in_list()),
        }
    }
}

impl PriceList {
    /// The same for every run.
    pub(super) fn flat(usd: Ratio) -> Self {
        let rule = Rule {
            when: Conditions::new(),
            usd,
            base: None,
            per: None,
            length: None,
            combine: None,
            after: None,
            note: None,
        };
        Self {
            per: Unit::Run,
            length: Vec::new(),
            combine: Combine::Sum,
            at_least: None,
            at_most: None,
            block: None,
            after: None,
            rules: vec![rule],
            times: Vec::new(),
            min_usd: None,
            max_usd: None,
            note: None,
        }
    }

    /// Every key that a rule names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let overriding = self.rules.iter().filter_map(|rule| rule.length.as_ref()).flatten();
        let lengths = self.length.iter().chain(overriding).map(|length| length.of.as_str());
        let factors = self.times.iter().filter_map(|factor| factor.by_param.as_deref());
        let rules = self.rules.iter().map(|rule| &rule.when);
        let conditions = rules.chain(self.times.iter().map(|factor| &factor.when));
        lengths.chain(factors).chain(conditions.flat_map(|when| when.keys().map(String::as_str)))
    }

    fn estimate(&self, spec: &ModelSpec, params: &Params, measured: &Measured) -> Option<Estimate> {
        let facts = Facts { spec, params, measured };
        let matching = self.rules.iter().find(|rule| facts.all_hold(&rule.when));
        let sum = if let Some(rule) = matching {
            self.sum(rule, &facts)?
        } else {
            // A choice that the rules need is wrong or missing: the cheapest of them is a floor.
            let sums = self.rules.iter().filter_map(|rule| self.sum(rule, &facts));
            let cheapest = sums.min_by_key(|sum| sum.amount)?;
            Sum { known: false, ..cheapest }
        };
        let amount = sum.amount.as_usd()?;
        if !sum.known && amount <= Usd::ZERO {
            return None;
        }
        let floor = if sum.known { "" } else { " at least" };
        let of_rule = matching.and_then(|rule| rule.note.as_ref());
        let note = of_rule.or(self.note.as_ref());
        let note = note.map(|note| format!("; {note}")).unwrap_or_default();
        let finding = format!("{}{floor}, rule of {}{note}", sum.how, spec.checked);
        Some(Estimate { floor: !sum.known, ..Estimate::exact(amount, Basis::Quoted, finding) })
    }

    fn sum(&self, rule: &Rule, facts: &Facts<'_>) -> Option<Sum> {
        let unit = rule.per.unwrap_or(self.per);
        let rate = dollars(rule.usd);
        let (units, known, mut how) = match unit {
            Unit::Run => (Ratio::ONE, true, format!("{rate} a run")),
            Unit::Second => {
                let seconds = self.seconds(rule, facts)?;
                (seconds.count, seconds.known, format!("{} s × {rate}", seconds.count))
            }
            Unit::Block => {
                let seconds = self.seconds(rule, facts)?;
                let block = self.block.unwrap_or(Ratio::ONE);
                let blocks = seconds.count.over(block)?.round_up();
                (blocks, seconds.known, format!("{blocks} × {block} s begun × {rate}"))
            }
            Unit::Character => {
                let counted = self.seconds(rule, facts)?;
                let (units, how) = match self.block {
                    Some(block) => {
                        let blocks = counted.count.over(block)?.round_up();
                        (blocks, format!("{blocks} × {block} characters begun × {rate}"))
                    }
                    None => (counted.count, format!("{} characters × {rate}", counted.count)),
                };
                (units, counted.known, how)
            }
        };
        let mut amount = units.times(rule.usd)?;
        if let Some(base) = rule.base {
            amount = amount.plus(base)?;
            how = format!("{} + {how}", dollars(base));
        }
        for factor in self.times.iter().filter(|factor| facts.all_hold(&factor.when)) {
            let by = match &factor.by_param {
                Some(key) => facts.number(key).unwrap_or(Ratio::ONE),
                None => factor.by.unwrap_or(Ratio::ONE),
            };
            amount = amount.times(by)?;
            how = format!("{how} × {by}");
        }
        amount = self.min_usd.map_or(amount, |least| amount.max(least));
        amount = self.max_usd.map_or(amount, |most| amount.min(most));
        Some(Sum { amount, known, how })
    }

    fn seconds(&self, rule: &Rule, facts: &Facts<'_>) -> Option<Seconds> {
        let mut all = Seconds { count: Ratio::ZERO, known: true };
        for length in rule.length.as_ref().unwrap_or(&self.length) {
            let one = facts.length(length)?;
            all.count = match rule.combine.unwrap_or(self.combine) {
                Combine::Sum => all.count.plus(one.count)?,
                Combine::Longest => all.count.max(one.count),
            };
            all.known &= one.known;
        }
        all.count = clamp(all.count, self.at_least, self.at_most);
        if let Some(after) = rule.after.or(self.after) {
            all.count = all.count.minus(after)?.max(Ratio::ZERO);
        }
        Some(all)
    }
}

impl Facts<'_> {
    fn all_hold(&self, conditions: &Conditions) -> bool {
        conditions
            .iter()
            .all(|(key, wanted)| wanted.holds(self.params.get(key), self.measured.has(key)))
    }

    fn length(&self, length: &Length) -> Option<Seconds> {
        let mut seconds = match self.spec.input(&length.of) {
            Some(input) => {
                let is_given = |value: &Value| !is_empty(value);
                let is_expected =
                    input.required || self.params.get(&length.of).is_some_and(is_given);
                match self.measured.milliseconds(&length.of) {
                    Some(ms) => Seconds { count: Ratio::new(i128::from(ms), 1000)?, known: true },
                    None if self.measured.has(&length.of) => {
                        Seconds { count: Ratio::ZERO, known: false }
                    }
                    None => Seconds { count: Ratio::ZERO, known: !is_expected },
                }
            }
            None => match self.number(&length.of).or_else(|| self.characters(&length.of)) {
                Some(count) => Seconds { count, known: true },
                None => Seconds { count: self.least(&length.of), known: false },
            },
        };
        if length.started {
            seconds.count = seconds.count.round_up();
        }
        if length.full {
            seconds.count = seconds.count.round_down();
        }
        seconds.count = clamp(seconds.count, length.at_least, length.at_most);
        seconds.count = seconds.count.plus(length.plus.unwrap_or(Ratio::ZERO))?;
        Some(seconds)
    }

    /// A parameter's value where it is a number that is not below zero.
    fn number(&self, key: &str) -> Option<Ratio> {
        self.params.get(key).and_then(number).filter(|number| *number >= Ratio::ZERO)
    }

    /// How many characters a text has that is not blank.
    fn characters(&self, key: &str) -> Option<Ratio> {
        self.spec.param(key).filter(|param| matches!(param.kind, ParamKind::Text { .. }))?;
        let text = self.params.get(key)?.as_str().filter(|text| !text.trim().is_empty())?;
        Some(Ratio::whole(i64::try_from(text.chars().count()).ok()?))
    }

    /// The least that a parameter can be; of a text, one character.
    fn least(&self, key: &str) -> Ratio {
        let least = match self.spec.param(key).map(|param| &param.kind) {
            Some(ParamKind::Choice { of }) => of.iter().filter_map(number).min(),
            Some(ParamKind::Integer { min, .. }) => min.map(Ratio::whole),
            Some(ParamKind::Text { .. }) => Some(Ratio::ONE),
            Some(ParamKind::Number { min, .. }) => min.and_then(|min| min.to_string().parse().ok()),
            _ => None,
        };
        least.unwrap_or(Ratio::ZERO).max(Ratio::ZERO)
    }
}

/// A JSON number by its decimal text, so that no float comes in.
fn number(value: &Value) -> Option<Ratio> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn clamp(count: Ratio, at_least: Option<Ratio>, at_most: Option<Ratio>) -> Ratio {
    let count = at_least.map_or(count, |least| count.max(least));
    at_most.map_or(count, |most| count.min(most))
}

fn dollars(amount: Ratio) -> String {
    amount.as_usd().map_or_else(|| format!("${amount}"), |usd| usd.to_string())
}

#[cfg(test)]
#[path = "price_tests.rs"]
mod tests;
