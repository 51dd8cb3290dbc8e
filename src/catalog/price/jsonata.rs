//! A price rule as the provider's own list writes prices: `JSONata` over the inputs, in micro-dollars.
//! The sandbox lists its models with it.

use serde_json::Value;

use super::{Combine, Factor, Length, PriceList, Rule, Unit};
use crate::catalog::conditions::{Conditions, Wanted};
use crate::catalog::param::ParamKind;
use crate::catalog::ratio::Ratio;
use crate::catalog::spec::ModelSpec;

/// What a formula calls for the length of a file, as most of those of March 2026 do.
const LENGTH_CALL: &str = "get_duration_v2";

impl PriceList {
    /// The formula; `None` where every run costs the same, which the list says by its base price alone, or
    /// where a figure is too large to be written.
    pub(in crate::catalog) fn formula(&self, spec: &ModelSpec) -> Option<String> {
        if self.is_flat() {
            return None;
        }
        let mut written = Vec::new();
        for rule in &self.rules {
            let amount = self.amount(rule, spec)?;
            let Some(when) = all_hold(&rule.when) else {
                written.push(amount);
                break;
            };
            // What would follow the last of them is nothing: no rule, no price.
            written.push(format!("{when} ? {amount}"));
        }
        let written = written.join(" : ");
        Some(format!("{{\"total_price\": {written}}}"))
    }

    fn is_flat(&self) -> bool {
        let is_plain = |rule: &Rule| {
            rule.when.is_empty() && rule.base.is_none() && rule.per.unwrap_or(self.per) == Unit::Run
        };
        self.times.is_empty()
            && self.min_usd.or(self.max_usd).is_none()
            && self.rules.first().is_some_and(is_plain)
    }

    fn amount(&self, rule: &Rule, spec: &ModelSpec) -> Option<String> {
        let rate = micros(rule.usd)?;
        let mut amount = match rule.per.unwrap_or(self.per) {
            Unit::Run => rate,
            Unit::Second => format!("{} * {rate}", self.counted(rule, spec)),
            Unit::Character if self.block.is_none() => {
                format!("{} * {rate}", self.counted(rule, spec))
            }
            Unit::Block | Unit::Character => {
                let block = number(self.block.unwrap_or(Ratio::ONE));
                format!("$ceil({} / {block}) * {rate}", self.counted(rule, spec))
            }
        };
        if let Some(base) = rule.base {
            amount = format!("({} + {amount})", micros(base)?);
        }
        for factor in &self.times {
            amount = format!("{amount} * {}", times(factor));
        }
        let limit = |usd: Option<Ratio>| usd.map(|usd| micros(usd).ok_or(())).transpose().ok();
        Some(format!("({})", clamped(amount, limit(self.min_usd)?, limit(self.max_usd)?)))
    }

    fn counted(&self, rule: &Rule, spec: &ModelSpec) -> String {
        let lengths = rule.length.as_ref().unwrap_or(&self.length).iter();
        let all: Vec<String> = lengths.map(|length| seconds_of(length, spec)).collect();
        let all = match (all.len(), rule.combine.unwrap_or(self.combine)) {
            (0, _) => "0".to_owned(),
            (1, _) => all.concat(),
            (_, Combine::Sum) => format!("({})", all.join(" + ")),
            // None of them is below zero, and neither is the longest.
            (_, Combine::Longest) => format!("$max([{}])", all.join(", ")),
        };
        // Of a text that is not there yet nothing may come, rather than the least.
        let all = match self.at_least.map(number).filter(|_| all.starts_with("$length")) {
            Some(least) => clamped(
                format!("({all} < {least} ? {least} : {all})"),
                None,
                self.at_most.map(number),
            ),
            None => clamped(all, self.at_least.map(number), self.at_most.map(number)),
        };
        match rule.after.or(self.after) {
            Some(after) => format!("$max([{all} - {}, 0])", number(after)),
            None => all,
        }
    }
}

fn seconds_of(length: &Length, spec: &ModelSpec) -> String {
    let key = &length.of;
    let is_text = spec.param(key).is_some_and(|it| matches!(it.kind, ParamKind::Text { .. }));
    let mut seconds = match spec.input(key) {
        Some(_) => format!("{LENGTH_CALL}({key})"),
        None if is_text => format!("$length({key})"),
        None => key.clone(),
    };
    if length.started {
        seconds = format!("$ceil({seconds})");
    }
    if length.full {
        seconds = format!("$floor({seconds})");
    }
    let seconds = clamped(seconds, length.at_least.map(number), length.at_most.map(number));
    match length.plus {
        Some(plus) => format!("({seconds} + {})", number(plus)),
        None => seconds,
    }
}

fn times(factor: &Factor) -> String {
    let by = match (&factor.by_param, factor.by) {
        (Some(key), _) => format!("($exists({key}) ? {key} : 1)"),
        (None, Some(by)) => number(by),
        (None, None) => "1".to_owned(),
    };
    match all_hold(&factor.when) {
        Some(when) => format!("({when} ? {by} : 1)"),
        None => by,
    }
}

fn clamped(amount: String, least: Option<String>, most: Option<String>) -> String {
    let amount = match least {
        Some(least) => format!("$max([{amount}, {least}])"),
        None => amount,
    };
    match most {
        Some(most) => format!("$min([{amount}, {most}])"),
        None => amount,
    }
}

/// `None` where nothing is asked.
fn all_hold(conditions: &Conditions) -> Option<String> {
    let all: Vec<String> = conditions.iter().map(|(key, wanted)| holds(key, wanted)).collect();
    (!all.is_empty()).then(|| format!("({})", all.join(" and ")))
}

fn holds(key: &str, wanted: &Wanted) -> String {
    let given = format!("$exists({key}) and {key} != \"\" and $count({key}) > 0");
    match wanted {
        Wanted::AnyOf(values) => {
            let one = |value: &Value| format!("{key} = {value}");
            let any: Vec<String> = values.iter().map(one).collect();
            if any.len() == 1 { any.concat() } else { format!("({})", any.join(" or ")) }
        }
        Wanted::Given => given,
        Wanted::Empty => format!("$exists({key}) and ({key} = \"\" or $count({key}) = 0)"),
        Wanted::Absent => format!("$not($exists({key}))"),
        Wanted::Missing => format!("$not({given})"),
    }
}

fn micros(usd: Ratio) -> Option<String> {
    Some(number(usd.times(Ratio::whole(1_000_000))?))
}

/// Decimal where it is one, else a division.
fn number(ratio: Ratio) -> String {
    let text = ratio.to_string();
    if text.parse() == Ok(ratio) {
        return text;
    }
    let (numerator, denominator) = ratio.parts();
    format!("({numerator} / {denominator})")
}
