//! The provider's own price formula: `JSONata` over the inputs, in micro-dollars.
//!
//! Nothing here evaluates the language by hand. A formula is parsed when its model is priced, not when the
//! list of some eight hundred is read. It is foreign text, so an evaluation has limits, and what is no sane
//! price falls back to *at least the base price*.

use std::cell::Cell;
use std::rc::Rc;

use jiff::civil::Date;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorOptions};
use jsonata_core::parser;
use jsonata_core::value::JValue;
use serde_json::{Map, Value};

use super::conditions::is_empty;
use super::measured::Measured;
use super::ratio::Ratio;
use super::spec::ModelSpec;
use crate::domain::{Basis, Estimate, Params, Usd};

/// The longest formula of March 2026 has under 2 000 characters.
const MAX_CHARS: usize = 20_000;
/// More than any price needs, even where a busy machine leaves this program aside for a while: a price
/// that is cut off would be held as a floor.
const MAX_MS: u64 = 250;
/// Deeper than any formula of March 2026 nests.
const MAX_DEPTH: usize = 500;
/// Longer than any list that a model takes.
const MAX_ITEMS: usize = 10_000;

/// The function that a formula calls for the length of a file. It is written without `$` there, which is
/// no function call in `JSONata`, and carries a version: `get_duration_v2(video)`.
const LENGTH_CALL: &str = "get_duration";
const OUR_CALL: &str = "media_seconds";

/// Stands for a file in the formula's data, where only its key and its length matter.
const FILE: &str = "file of ";

/// A provider's price formula and its base price.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    text: String,
    base_price: Ratio,
    checked: Date,
}

impl Formula {
    /// A formula as the provider's list has it, with the base price in dollars beside it.
    pub(super) fn new(text: &str, base_price: Ratio, checked: Date) -> Self {
        Self { text: in_jsonata(text), base_price, checked }
    }

    /// The formula as a list has it.
    pub(super) fn in_list(&self) -> String {
        self.text.replace(&format!("${OUR_CALL}"), &format!("{LENGTH_CALL}_v2"))
    }

    /// The price where the formula gives one, else that it is no less than the base price.
    pub(super) fn estimate(
        &self,
        spec: &ModelSpec,
        params: &Params,
        measured: &Measured,
    ) -> Option<Estimate> {
        let lengths = Lengths::of(spec, params, measured);
        let price = self.evaluate(data(spec, params, measured, self.base_price), lengths.clone());
        let Some(price) = price.filter(|price| *price > Usd::ZERO) else {
            let base = self.base_price.as_usd().filter(|base| *base > Usd::ZERO)?;
            let finding = format!("at least the base price, list of {}", self.checked);
            return Some(floor(base, finding));
        };
        let finding = format!("the provider's formula of {}", self.checked);
        if lengths.unknown.get() {
            return Some(floor(price, format!("at least, by {finding}")));
        }
        Some(Estimate::exact(price, Basis::Quoted, finding))
    }

    fn evaluate(&self, data: Map<String, Value>, lengths: Lengths) -> Option<Usd> {
        if self.text.len() > MAX_CHARS {
            return None;
        }
        let expression = parser::parse(&self.text).ok()?;
        let options = EvaluatorOptions {
            timeout_ms: Some(MAX_MS),
            max_stack_depth: Some(MAX_DEPTH),
            max_sequence_length: Some(MAX_ITEMS),
            ..EvaluatorOptions::default()
        };
        let mut evaluator = Evaluator::with_options(Context::new(), options);
        let seconds = move |arguments: &[JValue]| Ok(JValue::Number(lengths.seconds(arguments)));
        evaluator.register_fn(OUR_CALL, seconds).ok()?;
        let data = JValue::from(Value::Object(data));
        let result = evaluator.evaluate(&expression, &data).ok()?;
        micros(result.get("total_price")?.as_f64()?)
    }
}

fn floor(amount: Usd, finding: String) -> Estimate {
    Estimate { floor: true, ..Estimate::exact(amount, Basis::Quoted, finding) }
}

/// Half up to a whole micro-dollar: the one place where a formula's price is rounded.
#[expect(clippy::cast_possible_truncation, reason = "checked to be finite and below 2^53")]
fn micros(price: f64) -> Option<Usd> {
    let rounded = (price + 0.5).floor();
    (rounded.is_finite() && rounded.abs() < 9e15).then(|| Usd::from_micros(rounded as i64))
}

/// Everything that the formula may name: the base price, the parameters, and a mark for each file.
fn data(
    spec: &ModelSpec,
    params: &Params,
    measured: &Measured,
    base_price: Ratio,
) -> Map<String, Value> {
    let mut data = params.clone();
    for input in &spec.inputs {
        let given = params.get(&input.key);
        let is_there = measured.has(&input.key) || given.is_some_and(|value| !is_empty(value));
        if !is_there && !input.required {
            // An empty text stays what it is: a formula may tell it from nothing at all.
            continue;
        }
        let mark = Value::from(format!("{FILE}{}", input.key));
        let addresses = given.and_then(Value::as_array).map_or(0, Vec::len);
        let value = if input.is_list {
            vec![mark; (measured.count(&input.key) + addresses).max(1)].into()
        } else {
            mark
        };
        data.insert(input.key.clone(), value);
    }
    let base = base_price.as_usd().unwrap_or_default();
    data.insert("base_price".to_owned(), Value::from(base.micros()));
    data
}

/// The lengths of the files, and whether one was asked for that nobody measured.
#[derive(Clone)]
struct Lengths {
    seconds: Rc<Vec<(String, Option<f64>)>>,
    unknown: Rc<Cell<bool>>,
}

impl Lengths {
    #[expect(clippy::cast_precision_loss, reason = "no film lasts 2^53 milliseconds")]
    fn of(spec: &ModelSpec, params: &Params, measured: &Measured) -> Self {
        let one = |key: &str| {
            let seconds = measured.milliseconds(key).map(|ms| ms as f64 / 1000.0);
            (format!("{FILE}{key}"), seconds.filter(|_| !params.contains_key(key)))
        };
        let seconds = spec.inputs.iter().map(|input| one(&input.key)).collect();
        Self { seconds: Rc::new(seconds), unknown: Rc::new(Cell::new(false)) }
    }

    /// The length of the file that the argument stands for; nothing has no length.
    fn seconds(&self, arguments: &[JValue]) -> f64 {
        let argument = match arguments.first() {
            Some(JValue::Array(items)) => items.first(),
            other => other,
        };
        let Some(mark) = argument.and_then(JValue::as_str).filter(|text| !text.is_empty()) else {
            return 0.0;
        };
        let known = self.seconds.iter().find(|(known, _)| known.as_str() == mark);
        let seconds = known.and_then(|(_, seconds)| *seconds);
        if seconds.is_none() {
            self.unknown.set(true);
        }
        seconds.unwrap_or(0.0)
    }
}

/// `get_duration_v2(video)` as a call that `JSONata` knows: `$media_seconds(video)`.
fn in_jsonata(text: &str) -> String {
    let mut rewritten = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(LENGTH_CALL) {
        let (before, call) = rest.split_at(at);
        let name =
            call.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(call.len());
        let is_call = call[name..].trim_start().starts_with('(')
            && !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        rewritten.push_str(before);
        if is_call {
            rewritten.push_str(if before.ends_with('$') { "" } else { "$" });
            rewritten.push_str(OUR_CALL);
        } else {
            rewritten.push_str(&call[..name]);
        }
        rest = &call[name..];
    }
    rewritten + rest
}

#[cfg(test)]
#[path = "formula_tests.rs"]
mod tests;
