//! What models cost at the settings of now: counted only for what is in sight, and only once.

use std::collections::HashMap;

use serde_json::Value;

use crate::catalog::{InputKind, Measured, ModelSpec, ParamKind};
use crate::domain::{Estimate, ModelId, Params, Usd};

/// So many values of the setting that prices differ by are listed, and so many lengths.
const MOST: (usize, usize) = (6, 3);

/// What a model costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// A run, as far as it can be said.
    pub run: Option<Estimate>,
    /// A second, where the price goes by time.
    pub rate: Option<Rate>,
}

/// What a second costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The amount.
    pub amount: Usd,
    /// Whether it is rounded.
    pub about: bool,
    /// Whether it is only the least.
    pub floor: bool,
}

/// What a model costs at a few settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The lengths, in words.
    pub lengths: Vec<String>,
    /// Each value of the setting that the price differs by, with the price at each length.
    pub rows: Vec<(String, Vec<Option<Estimate>>)>,
    /// Switches that the price differs by: what a run costs with them turned.
    pub turned: Vec<(String, Estimate)>,
}

/// What was counted, at these settings.
#[derive(Debug, Default)]
pub struct Prices {
    params: Params,
    costs: HashMap<ModelId, Cost>,
    table: Option<(ModelId, Table)>,
}

impl Prices {
    /// Counts what these models cost at these settings, where that is not known yet.
    pub fn count<'a>(&mut self, params: &Params, specs: impl Iterator<Item = &'a ModelSpec>) {
        if self.params != *params {
            *self = Self { params: params.clone(), ..Self::default() };
        }
        for spec in specs {
            if !self.costs.contains_key(&spec.id) {
                self.costs.insert(spec.id.clone(), cost(spec, params));
            }
        }
    }

    /// Counts what this model costs at a few settings.
    pub fn lay_out(&mut self, spec: &ModelSpec) {
        if self.table.as_ref().is_none_or(|(id, _)| *id != spec.id) {
            self.table = Some((spec.id.clone(), table(spec, &fitting(spec, &self.params))));
        }
    }

    /// What a model costs; `None` where it was not counted.
    pub fn of(&self, id: &ModelId) -> Option<&Cost> {
        self.costs.get(id)
    }

    /// What it costs at a few settings; `None` where it was not counted.
    pub fn table(&self, id: &ModelId) -> Option<&Table> {
        self.table.as_ref().filter(|(of, _)| of == id).map(|(_, table)| table)
    }

    /// The settings that everything was counted at.
    pub fn params(&self) -> &Params {
        &self.params
    }
}

/// Those of these settings that a model takes.
pub fn fitting(spec: &ModelSpec, params: &Params) -> Params {
    let known = params.iter().filter(|(key, _)| spec.has_param(key));
    let mut fitting: Params = known.map(|(key, value)| (key.clone(), value.clone())).collect();
    if !fitting.is_empty() {
        let faults = spec.faults(&fitting, &vec![]);
        fitting.retain(|key, _| {
            !faults.iter().any(|fault| fault.field.split(['[', '.']).next() == Some(key))
        });
    }
    fitting
}

fn cost(spec: &ModelSpec, params: &Params) -> Cost {
    let params = fitting(spec, params);
    let run = spec.estimate(&params, &Measured::default());
    let rate = match length(spec) {
        Some(key) => by_parameter(spec, &params, key, run.as_ref()),
        None => by_file(spec, &params),
    };
    Cost { run, rate }
}

/// The parameter that says how long the video becomes.
pub fn length(spec: &ModelSpec) -> Option<&str> {
    let is_length = |key: &&str| matches!(*key, "duration" | "seconds" | "video_length");
    spec.params.iter().map(|param| param.key.as_str()).find(is_length)
}

/// The price of a run over its seconds, where another length costs something else.
fn by_parameter(
    spec: &ModelSpec,
    params: &Params,
    key: &str,
    run: Option<&Estimate>,
) -> Option<Rate> {
    let run = run?;
    let now = spec.complete(params).get(key).and_then(millis)?;
    let others = lengths(spec, key);
    let other = others.iter().find(|value| millis(value) != Some(now))?;
    let longer = with(params, key, other);
    let longer = spec.estimate(&longer, &Measured::default())?;
    (longer.low != run.low).then(|| rate(run.low, now, run.floor)).flatten()
}

/// What one more second of the files costs: the first two lengths of them that make a difference tell.
fn by_file(spec: &ModelSpec, params: &Params) -> Option<Rate> {
    let lasts = |kind| matches!(kind, InputKind::Audio | InputKind::Video | InputKind::File);
    let all = || spec.inputs.iter().filter(|input| lasts(input.kind));
    let key = &all().find(|input| input.required).or_else(|| all().next())?.key;
    let at = |seconds: u64| {
        let measured = Measured::default().lasting(key.clone(), seconds * 1000);
        spec.estimate(params, &measured).filter(|estimate| !estimate.floor)
    };
    [(10, 20), (5, 10), (2, 4)].into_iter().find_map(|(short, long)| {
        let more = at(long)?.low.micros() - at(short)?.low.micros();
        let seconds = i64::try_from(long - short).ok()?;
        (more > 0).then(|| rate(Usd::from_micros(more), seconds * 1000, false)).flatten()
    })
}

/// An amount over a time; rounded to a hundredth of a cent where it does not come out even.
fn rate(amount: Usd, milliseconds: i64, floor: bool) -> Option<Rate> {
    let over = amount.micros().checked_mul(1000)?;
    if over % milliseconds == 0 {
        return Some(Rate { amount: Usd::from_micros(over / milliseconds), about: false, floor });
    }
    let hundredths = (over + milliseconds * 50) / (milliseconds * 100);
    Some(Rate { amount: Usd::from_micros(hundredths * 100), about: true, floor })
}

/// What a model costs at a few settings: by size or resolution, by length, by each switch that makes a difference.
fn table(spec: &ModelSpec, params: &Params) -> Table {
    let estimate = |params: &Params| spec.estimate(params, &Measured::default());
    let now = estimate(params);
    let low = |estimate: &Option<Estimate>| estimate.as_ref().map(|it| it.low);
    let differs = |key: &str, of: &[Value]| {
        of.iter().any(|value| low(&estimate(&with(params, key, value))) != low(&now))
    };
    let length = length(spec).map(|key| (key, lengths(spec, key)));
    let length = length.filter(|(key, of)| differs(key, of));
    let mut choices = spec.params.iter().filter_map(|param| match &param.kind {
        ParamKind::Choice { of } if length.as_ref().is_none_or(|(key, _)| *key != param.key) => {
            Some((param.key.as_str(), &of[..]))
        }
        _ => None,
    });
    let choice = choices.find(|(key, of)| differs(key, &of[..of.len().min(MOST.0)]));
    let columns = length.as_ref().map_or(vec![], |(_, of)| of.clone());
    let row = |params: &Params| match &length {
        Some((key, of)) => of.iter().map(|value| estimate(&with(params, key, value))).collect(),
        None => vec![estimate(params)],
    };
    let mut rows: Vec<(String, Vec<Option<Estimate>>)> = match choice {
        Some((key, of)) => of
            .iter()
            .take(MOST.0)
            .map(|value| (super::words::size(value), row(&with(params, key, value))))
            .collect(),
        None if length.is_some() => vec![(String::new(), row(params))],
        None => vec![],
    };
    // Upright and lying at the same price are one row; others at the same price are named together.
    rows.dedup_by(|next, first| {
        let same = next.1 == first.1;
        if same && !first.0.split(", ").any(|name| name == next.0) {
            first.0 = format!("{}, {}", first.0, next.0);
        }
        same
    });
    let switches = spec.params.iter().filter(|param| param.kind == ParamKind::Switch);
    let turned = switches.filter_map(|param| {
        let value = spec.complete(params).get(&param.key).and_then(Value::as_bool);
        let turned = !value.unwrap_or_default();
        let price = estimate(&with(params, &param.key, &turned.into()))?;
        let word = if turned { "on" } else { "off" };
        let words = format!("{} {word}", param.key.replace('_', " "));
        (Some(price.low) != low(&now)).then_some((words, price))
    });
    let seconds = |value: &Value| format!("{} s", super::words::typed(value));
    Table { lengths: columns.iter().map(seconds).collect(), rows, turned: turned.collect() }
}

/// A few values of the length: those of a choice, or least, usual and most of a range.
fn lengths(spec: &ModelSpec, key: &str) -> Vec<Value> {
    let Some(param) = spec.param(key) else { return vec![] };
    let mut values: Vec<Value> = match &param.kind {
        ParamKind::Choice { of } => of.iter().filter(|it| millis(it).is_some()).cloned().collect(),
        ParamKind::Integer { min, max, .. } => {
            let usual = param.default.clone();
            [min.map(Value::from), usual, max.map(Value::from)].into_iter().flatten().collect()
        }
        _ => vec![],
    };
    values.retain(|value| millis(value).is_some());
    values.sort_by_key(millis);
    values.dedup();
    if values.len() > MOST.1 {
        let last = values.len() - 1;
        values = vec![values[0].clone(), values[last / 2].clone(), values[last].clone()];
    }
    values
}

/// A length in milliseconds; one that is none, or below one, is not known.
fn millis(value: &Value) -> Option<i64> {
    let seconds = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    (1..100_000).contains(&seconds).then_some(seconds * 1000)
}

fn with(params: &Params, key: &str, value: &Value) -> Params {
    let mut params = params.clone();
    params.insert(key.to_owned(), value.clone());
    params
}
