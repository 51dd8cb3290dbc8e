//! The rows of the next order, each with its brief and price: computed once a change, never for a frame.

use std::collections::HashMap;

use serde_json::Value;

use super::super::edit;
use super::super::form::rows::label;
use super::super::screen::Screen;
use super::super::settings::Settings;
use crate::domain::batch::{self, Axis, Pattern, Row, TooManyRows};
use crate::domain::text::printable;
use crate::domain::{Brief, Estimate, ModelId, Params};

/// One row of the next order. Seeds that nobody fixed are drawn when it is sent.
#[derive(Debug, Clone)]
pub struct OrderRow {
    /// What is asked for, without a seed.
    pub brief: Brief,
    /// What tells it from the other rows; empty where it is the only one.
    pub words: String,
    /// Of one take.
    pub price: Option<Estimate>,
    /// Which of the fixed seeds it has; `None` where each take gets one of its own.
    seed: Option<usize>,
    /// Whether its model takes a seed at all.
    takes_seed: bool,
}

/// All rows of the next order.
#[derive(Debug, Clone)]
pub struct OrderRows {
    /// In reading order.
    pub rows: Vec<OrderRow>,
    /// Each is made so often.
    pub takes: u32,
    seeds: Vec<i64>,
}

impl OrderRows {
    /// The briefs of a row, one a take. `new` draws a seed.
    pub fn briefs(&self, row: &OrderRow, mut new: impl FnMut() -> i64) -> Vec<Brief> {
        let seed = |take| match row.seed {
            _ if !row.takes_seed => None,
            Some(at) => Some(batch::seed(&self.seeds, at, take)),
            None => Some(new()),
        };
        let seeds: Vec<_> = (0..self.takes).map(seed).collect();
        seeds.into_iter().map(|seed| seeded(&row.brief, seed)).collect()
    }

    /// The parameters of a row's first take, as far as its seed is fixed.
    pub fn first_params(&self, row: &OrderRow) -> Params {
        let seed = row.seed.filter(|_| row.takes_seed).map(|at| batch::seed(&self.seeds, at, 0));
        match seed {
            None => row.brief.params.clone(),
            Some(seed) => seeded(&row.brief, Some(seed)).params,
        }
    }

    /// What one take costs, from the cheapest row to the dearest; `None` where one is not known.
    pub fn each(&self) -> Option<Estimate> {
        let mut prices = self.rows.iter().map(|row| row.price.as_ref());
        let mut each = prices.next()??.clone();
        for price in prices {
            let price = price?;
            each.low = each.low.min(price.low);
            each.high = each.high.max(price.high);
            each.floor |= price.floor;
        }
        Some(each)
    }

    /// What all takes of all rows cost together; `None` where one price is not known.
    pub fn total(&self) -> Option<Estimate> {
        sum(self.rows.iter().map(|row| row.price.as_ref()), self.takes)
    }
}

/// The sum of these prices, each so many times.
pub(super) fn sum<'a>(
    prices: impl Iterator<Item = Option<&'a Estimate>>,
    takes: u32,
) -> Option<Estimate> {
    let mut total: Option<Estimate> = None;
    for price in prices {
        let price = price?.times(takes);
        total = Some(match total {
            None => price,
            Some(so_far) => Estimate {
                low: so_far.low + price.low,
                high: so_far.high + price.high,
                floor: so_far.floor || price.floor,
                ..so_far
            },
        });
    }
    total
}

/// The same brief with this seed, in the place where its model has it.
fn seeded(brief: &Brief, seed: Option<i64>) -> Brief {
    let mut brief = brief.clone();
    if let Some(seed) = seed {
        brief.params.insert("seed".to_owned(), seed.into());
    }
    brief
}

/// Multiplies the draft out: models first, then the prompt, then the form's values, the seeds last.
pub fn rows(screen: &Screen) -> Result<OrderRows, TooManyRows> {
    let settings = &screen.settings;
    let models: Vec<Settings> =
        settings.models().iter().map(|id| settings.with_model(id)).collect();
    let seeds = settings.seeds();
    let patterns = settings.patterns();
    let names = models.iter().map(|of| printable(&of.model().name));
    let text = edit::text(&screen.prompt);
    let mut axes =
        vec![Axis::plain("model", names), Axis::read("prompt", &[Pattern::read(text.trim())])?];
    for (key, pattern) in &patterns {
        axes.push(Axis::read(&label(key), std::slice::from_ref(pattern))?);
    }
    if !seeds.is_empty() {
        axes.push(Axis::plain("seed", seeds.iter().map(i64::to_string)));
    }
    let mut prices = Prices::default();
    let mut rows = Vec::new();
    for row in batch::rows(&axes, settings.takes)? {
        let of = &models[row.at(0)];
        if is_double(of, &row, &patterns, !seeds.is_empty()) {
            continue;
        }
        let params = params(of, &row, &axes, &patterns);
        let spec = of.model();
        let brief = Brief {
            provider: spec.provider_for(screen.desk.provider),
            model: spec.id.clone(),
            operation: spec.operation,
            params: spec.complete(&params),
            inputs: of.inputs.clone(),
            project: screen.desk.project.clone(),
            tags: Vec::new(),
            scene: None,
            parent: screen.parent,
        };
        rows.push(OrderRow {
            price: prices.of(screen, of, &brief),
            words: row.words(&axes),
            seed: (!seeds.is_empty()).then(|| row.at(axes.len() - 1)),
            takes_seed: spec.takes_seed(),
            brief,
        });
    }
    Ok(OrderRows { rows, takes: settings.takes, seeds })
}

/// Whether a row is another one once more: it differs only in what its model does not have.
fn is_double(of: &Settings, row: &Row, patterns: &[(String, Pattern)], seeds: bool) -> bool {
    let spec = of.model();
    let has_no = |at: usize, is_there: bool| row.at(at) > 0 && !is_there;
    let mut params = patterns.iter().enumerate();
    has_no(1, spec.words_key().is_some())
        || params.any(|(at, (key, _))| has_no(at + 2, spec.has_param(key)))
        || (seeds && has_no(patterns.len() + 2, spec.takes_seed()))
}

fn params(of: &Settings, row: &Row, axes: &[Axis], patterns: &[(String, Pattern)]) -> Params {
    let spec = of.model();
    let mut params = of.params.clone();
    let value = |at: usize| &axes[at].values[row.at(at)].text;
    for (at, (key, _)) in patterns.iter().enumerate().filter(|(_, (key, _))| spec.has_param(key)) {
        let text = value(at + 2);
        let parsed = spec.parse_param(key, text).unwrap_or_else(|_| Value::from(text.as_str()));
        params.insert(key.clone(), parsed);
    }
    // A model that can do without is not sent an empty one, which would be another thing than none.
    let prompt = value(1).trim();
    if let Some(words) = spec.words()
        && (words.required || !prompt.is_empty())
    {
        params.insert(words.key.clone(), prompt.into());
    }
    params
}

/// Prices that were counted, since many rows differ in nothing that costs.
#[derive(Default)]
struct Prices {
    known: HashMap<(ModelId, String), Option<Estimate>>,
    /// Models whose price has to do with the words of their prompt.
    by_words: HashMap<ModelId, bool>,
}

impl Prices {
    fn of(&mut self, screen: &Screen, of: &Settings, brief: &Brief) -> Option<Estimate> {
        let spec = of.model();
        let mut rest = brief.params.clone();
        if let Some(key) = brief.words_key() {
            let reads = || spec.formula().is_some_and(|formula| formula.contains(key));
            if !*self.by_words.entry(spec.id.clone()).or_insert_with(reads) {
                rest.shift_remove(key);
            }
        }
        let known = (spec.id.clone(), Value::Object(rest).to_string());
        let count = || spec.estimate(&brief.params, &screen.files.measured(&brief.inputs));
        self.known.entry(known).or_insert_with(count).clone()
    }
}
