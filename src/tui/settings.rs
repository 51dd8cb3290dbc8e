//! The settings of the next order: the chosen model and its parameters, the seed, how many takes.

use std::sync::Arc;

use serde_json::Value;
use tui_textarea::TextArea;

use super::draft::Draft;
use super::edit;
use crate::catalog::{Catalog, Fault, ModelSpec, ParamKind, ParamSpec};
use crate::domain::{ModelId, Params, ProviderId};

/// One line of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Which model.
    Model,
    /// A parameter, by its place in the model's declaration.
    Param(usize),
    /// The seed.
    Seed,
    /// How many takes.
    Takes,
}

/// The most takes of one order: enough to choose from, too few to ruin anybody by one key.
const MOST_TAKES: u32 = 16;

/// Everything of the next order but its text.
#[derive(Debug, Clone)]
pub struct Settings {
    catalog: Arc<Catalog>,
    /// The service that orders go to: only what it runs is on offer.
    provider: ProviderId,
    chosen: Box<ModelSpec>,
    /// What was set, without prompt and seed. The model's defaults are not in here.
    pub params: Params,
    /// A fixed seed, or `None` for a new one each time.
    pub seed: Option<i64>,
    /// The last fixed seed, which comes back when *fixed* is chosen again.
    last_seed: i64,
    /// How many takes.
    pub takes: u32,
    /// The row under the bar.
    pub at: usize,
    /// A value that is being typed.
    pub editing: Option<TextArea<'static>>,
}

impl Settings {
    /// The settings of a provider's models, with this one chosen. `None` where the catalogue has it not.
    pub fn new(catalog: Arc<Catalog>, provider: ProviderId, chosen: &ModelId) -> Option<Self> {
        let chosen = Box::new(catalog.find(chosen.as_str()).ok()?.clone());
        Some(Self {
            catalog,
            provider,
            chosen,
            params: Params::new(),
            seed: None,
            last_seed: 1,
            takes: 1,
            at: 0,
            editing: None,
        })
    }

    /// The chosen model.
    pub fn model(&self) -> &ModelSpec {
        &self.chosen
    }

    /// Every model that is known.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// A model by its id.
    pub fn find(&self, id: &ModelId) -> Option<&ModelSpec> {
        self.catalog.find(id.as_str()).ok()
    }

    /// Whether this model can be ordered here: the provider runs it, and it is switched on.
    pub fn offers(&self, spec: &ModelSpec) -> bool {
        spec.runs_on(self.provider) && spec.available
    }

    /// Takes a newer catalogue. What was set stays, as far as the model still has it; a model that is gone
    /// stays chosen as it was known.
    pub fn shelve(&mut self, catalog: Arc<Catalog>) {
        self.catalog = catalog;
        if let Ok(spec) = self.catalog.find(self.chosen.id.as_str()) {
            *self.chosen = spec.clone();
            self.keep_what_fits();
        }
    }

    /// Chooses a model; `false` where it is not on offer here. What it does not have is forgotten.
    pub fn choose(&mut self, id: &ModelId) -> bool {
        let Some(spec) = self.find(id).filter(|spec| self.offers(spec)) else { return false };
        *self.chosen = spec.clone();
        self.keep_what_fits();
        true
    }

    /// The models that do the same on this provider, in the order of the catalogue.
    fn siblings(&self) -> Vec<&ModelSpec> {
        let alike = |spec: &&ModelSpec| {
            spec.id == self.chosen.id
                || (spec.operation == self.chosen.operation && self.offers(spec))
        };
        self.catalog.all().iter().filter(alike).collect()
    }

    /// The lines of the form, from the top.
    pub fn rows(&self) -> Vec<Row> {
        let spec = self.model();
        let in_form =
            |param: &ParamSpec| !param.hidden && !matches!(param.key.as_str(), "prompt" | "seed");
        let params = spec.params.iter().enumerate();
        let params = params.filter(|(_, param)| in_form(param)).map(|(at, _)| Row::Param(at));
        let seed = spec.takes_seed().then_some(Row::Seed);
        [Row::Model].into_iter().chain(params).chain(seed).chain([Row::Takes]).collect()
    }

    /// The row under the bar.
    pub fn row(&self) -> Row {
        let rows = self.rows();
        rows[self.at.min(rows.len() - 1)]
    }

    /// The key that a fault about this row names.
    pub fn key(&self, row: Row) -> &str {
        match row {
            Row::Model => "model",
            Row::Param(at) => &self.model().params[at].key,
            Row::Seed => "seed",
            Row::Takes => "takes",
        }
    }

    /// What the form calls this row.
    pub fn label(&self, row: Row) -> String {
        match self.key(row) {
            "negative_prompt" => "without".to_owned(),
            key => key.replace('_', " "),
        }
    }

    /// The value, as a person reads it.
    pub fn value(&self, row: Row) -> String {
        match row {
            Row::Model => self.model().name.clone(),
            Row::Param(at) => {
                let param = &self.model().params[at];
                match self.params.get(&param.key).or(param.default.as_ref()) {
                    Some(value) => worded(param, value),
                    None => "–".to_owned(),
                }
            }
            Row::Seed => self.seed.map_or("random".to_owned(), |seed| seed.to_string()),
            Row::Takes => self.takes.to_string(),
        }
    }

    /// The other values, as a person reads them; empty where there are too many to name.
    pub fn choices(&self, row: Row) -> Vec<String> {
        match row {
            Row::Model => self.siblings().iter().map(|spec| spec.name.clone()).collect(),
            Row::Param(at) => {
                let param = &self.model().params[at];
                values(param).iter().map(|value| worded(param, value)).collect()
            }
            Row::Seed if self.seed.is_some() => vec!["random".to_owned()],
            Row::Seed => vec!["fixed".to_owned()],
            Row::Takes => vec![],
        }
    }

    /// Moves the value of the row under the bar by one choice.
    pub fn step(&mut self, by: i64) {
        match self.row() {
            Row::Model => {
                let siblings = self.siblings();
                let at = siblings.iter().position(|spec| spec.id == self.chosen.id);
                let next = moved(at.unwrap_or_default(), by, siblings.len());
                if let Some(id) = siblings.get(next).map(|spec| spec.id.clone()) {
                    self.choose(&id);
                }
            }
            Row::Param(at) => self.step_param(at, by),
            Row::Seed => match self.seed.take() {
                Some(seed) => self.last_seed = seed,
                None => self.seed = Some(self.last_seed),
            },
            Row::Takes => {
                let takes = i64::from(self.takes) + by;
                self.takes =
                    u32::try_from(takes.clamp(1, i64::from(MOST_TAKES))).unwrap_or(self.takes);
            }
        }
    }

    fn step_param(&mut self, at: usize, by: i64) {
        let param = self.model().params[at].clone();
        let now = self.params.get(&param.key).or(param.default.as_ref()).cloned();
        let choices = values(&param);
        let next = match &param.kind {
            ParamKind::Integer { min, max, step } if choices.is_empty() => {
                let now = now.as_ref().and_then(Value::as_i64).or(*min).unwrap_or_default();
                let next = now.saturating_add(by * step.unwrap_or(1));
                Value::from(next.clamp(min.unwrap_or(i64::MIN), max.unwrap_or(i64::MAX)))
            }
            ParamKind::Number { min, max, step } => {
                let low = min.unwrap_or(f64::MIN);
                let now = now.as_ref().and_then(Value::as_f64).unwrap_or(low.max(0.0));
                let by = if by < 0 { -1.0 } else { 1.0 };
                let next = step.unwrap_or(0.1).mul_add(by, now);
                let next = next.clamp(low, max.unwrap_or(f64::MAX));
                Value::from((next * 1e6).round() / 1e6)
            }
            _ if choices.is_empty() => return,
            _ => {
                let place = now.and_then(|now| choices.iter().position(|choice| *choice == now));
                let next = place.map_or(0, |place| moved(place, by, choices.len()));
                choices[next].clone()
            }
        };
        self.params.insert(param.key, next);
    }

    /// Begins to type a value for the row under the bar.
    pub fn begin(&mut self) {
        let row = self.row();
        let text = match row {
            Row::Model => return,
            Row::Param(at) => {
                let param = &self.model().params[at];
                let now = self.params.get(&param.key).or(param.default.as_ref());
                now.map(plain).unwrap_or_default()
            }
            Row::Seed => self.seed.map_or(String::new(), |seed| seed.to_string()),
            Row::Takes => self.takes.to_string(),
        };
        self.editing = Some(edit::field(&text));
    }

    /// Takes what was typed. An empty text takes the value away: the model's default, or a random seed.
    pub fn finish(&mut self) -> Result<(), Fault> {
        let Some(field) = self.editing.take() else { return Ok(()) };
        let text = edit::text(&field).trim().to_owned();
        let wrong = |field: &str, message: &str| {
            Err(Fault { field: field.to_owned(), message: message.to_owned(), hint: None })
        };
        match self.row() {
            Row::Model => {}
            Row::Seed if text.is_empty() => self.seed = None,
            Row::Seed => match text.parse() {
                Ok(seed) => (self.seed, self.last_seed) = (Some(seed), seed),
                Err(_) => return wrong("seed", "is a whole number, or empty for a random one"),
            },
            Row::Takes => match text.parse::<u32>() {
                Ok(takes @ 1..=MOST_TAKES) => self.takes = takes,
                _ => return wrong("takes", "is a number from 1 to 16"),
            },
            Row::Param(at) => {
                let key = self.model().params[at].key.clone();
                if text.is_empty() {
                    self.params.shift_remove(&key);
                } else {
                    let value = self.model().parse_param(&key, &text)?;
                    self.params.insert(key, value);
                }
            }
        }
        Ok(())
    }

    /// Puts a draft's settings in; `false` where its model is not on offer.
    pub fn put(&mut self, draft: &Draft) -> bool {
        let known = self.choose(&draft.model);
        self.params.clone_from(&draft.params);
        self.seed = draft.seed;
        self.takes = draft.takes.clamp(1, MOST_TAKES);
        self.keep_what_fits();
        known
    }

    /// Another model: what it does not have is forgotten.
    fn keep_what_fits(&mut self) {
        let spec = &self.chosen;
        self.params.retain(|key, _| spec.has_param(key));
        self.at = self.at.min(self.rows().len() - 1);
    }
}

/// The values that a form can cycle through.
fn values(param: &ParamSpec) -> Vec<Value> {
    match &param.kind {
        ParamKind::Choice { of } => of.clone(),
        ParamKind::Switch => vec![Value::Bool(false), Value::Bool(true)],
        ParamKind::Size { min, max } => {
            let fits =
                |side: i64| min.is_none_or(|min| side >= min) && max.is_none_or(|max| side <= max);
            [
                (832, 480),
                (480, 832),
                (1280, 720),
                (720, 1280),
                (1024, 1024),
                (1920, 1080),
                (1080, 1920),
            ]
            .into_iter()
            .filter(|(width, height)| fits(*width) && fits(*height))
            .map(|(width, height)| Value::from(format!("{width}*{height}")))
            .collect()
        }
        _ => vec![],
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn worded(param: &ParamSpec, value: &Value) -> String {
    let text = match value {
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::String(text) if text.is_empty() => "–".to_owned(),
        other => crate::domain::text::printable(&plain(other)),
    };
    match &param.unit {
        Some(unit) => format!("{text} {unit}"),
        None => text,
    }
}

fn moved(at: usize, by: i64, count: usize) -> usize {
    let count = i64::try_from(count).unwrap_or(1).max(1);
    let next = (i64::try_from(at).unwrap_or_default() + by).rem_euclid(count);
    usize::try_from(next).unwrap_or_default()
}
