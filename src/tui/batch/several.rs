//! What has several values in the form: each is a row of the next order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::form::rows::{Row, What};
use super::super::form::spot::Spot;
use super::super::settings::Settings;
use crate::catalog::{Fault, ParamKind};
use crate::domain::ModelId;
use crate::domain::batch::Pattern;

/// The values beyond the first, as they were typed. The first is where a single one would be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Several {
    /// By parameter, the seed among them: `{5|10}`.
    pub values: BTreeMap<String, String>,
    /// Models beside the chosen one, in the order in which they were marked.
    pub models: Vec<ModelId>,
}

impl Settings {
    /// The several values of a whole parameter, as they were typed.
    pub fn several_at(&self, spot: &Spot) -> Option<&str> {
        let key = &self.model().params.get(spot.param)?.key;
        spot.steps.is_empty().then(|| self.several.values.get(key).map(String::as_str)).flatten()
    }

    /// How many values a row of the form has.
    pub fn variants_of(&self, what: &What) -> u64 {
        let pattern = match what {
            What::Model => return u64::try_from(self.models().len()).unwrap_or(u64::MAX),
            What::Seed => self.several.values.get("seed").map(|text| Pattern::read(text)),
            What::Value(spot) => match self.several_at(spot) {
                Some(text) => Some(Pattern::read(text)),
                None => self.text_at(spot).map(|text| Pattern::read(&text)),
            },
            _ => None,
        };
        pattern.map_or(1, |pattern| pattern.count())
    }

    /// A whole parameter that is a text: `{a|b}` in it is alternatives.
    fn text_at(&self, spot: &Spot) -> Option<String> {
        let param = self.model().params.get(spot.param)?;
        let is_text = spot.steps.is_empty() && matches!(param.kind, ParamKind::Text { .. });
        let value = self.params.get(&param.key).filter(|_| is_text)?;
        value.as_str().map(str::to_owned)
    }

    /// Takes several values for a row, where the text is that; every one of them must be readable.
    pub(in super::super) fn take_several(&mut self, row: &Row, text: &str) -> Result<bool, Fault> {
        let pattern = Pattern::read(text);
        if pattern.count() < 2 {
            return Ok(false);
        }
        let wrong = |message: String| Fault { field: row.key.clone(), message, hint: None };
        if crate::domain::batch::few(pattern.count()).is_err() {
            return Err(wrong(format!("{} are too many values", pattern.count())));
        }
        match &row.what {
            What::Seed => {
                let seeds = read_seeds(&pattern)
                    .ok_or_else(|| wrong("takes whole numbers: {1|2|3}".to_owned()))?;
                self.seed = seeds.first().copied();
                self.last_seed = self.seed.unwrap_or(self.last_seed);
            }
            What::Value(spot) if spot.steps.is_empty() => {
                let spec = spot.spec(self.model()).into_owned();
                // A text keeps its alternatives in itself, and in JSON braces are what they are.
                if matches!(
                    spec.kind,
                    ParamKind::Text { .. } | ParamKind::List { .. } | ParamKind::Object
                ) {
                    return Ok(false);
                }
                let values: Result<Vec<Value>, Fault> =
                    pattern.variants().iter().map(|variant| spec.parse(&variant.text)).collect();
                self.set(spot, values?.into_iter().next());
            }
            _ => return Ok(false),
        }
        self.several.values.insert(row.key.clone(), text.to_owned());
        Ok(true)
    }

    /// The seeds that are fixed; none where each take has one of its own.
    pub fn seeds(&self) -> Vec<i64> {
        let several = self.several.values.get("seed").map(|text| Pattern::read(text));
        let several = several.and_then(|pattern| read_seeds(&pattern));
        several.unwrap_or_else(|| self.seed.into_iter().collect())
    }

    /// What the values of a parameter are, where it has several or is a text.
    pub(in super::super) fn patterns(&self) -> Vec<(String, Pattern)> {
        let of = |(key, value): (&String, &Value)| {
            let typed = self.several.values.get(key).map(|text| Pattern::read(text));
            let is_text = || {
                self.model().param(key).is_some_and(|it| matches!(it.kind, ParamKind::Text { .. }))
            };
            let text = || value.as_str().filter(|_| is_text()).map(Pattern::read);
            Some((key.clone(), typed.or_else(text)?))
        };
        self.params.iter().filter_map(of).collect()
    }

    /// The models of the next order: the chosen one, then those marked beside it that are on offer.
    pub fn models(&self) -> Vec<ModelId> {
        let marked = self.several.models.iter().filter(|id| **id != self.model().id);
        let on_offer = marked.filter(|id| self.find(id).is_some_and(|spec| self.offers(spec)));
        std::iter::once(&self.model().id).chain(on_offer).cloned().collect()
    }

    /// These settings as they would be if this model were chosen.
    #[must_use]
    pub(super) fn with_model(&self, id: &ModelId) -> Self {
        let mut settings = self.clone();
        settings.choose(id);
        settings
    }

    /// Marks a model for the next order beside the chosen one, or takes the mark away; says which.
    pub fn turn_mark(&mut self, id: &ModelId) -> bool {
        let marked = &mut self.several.models;
        if let Some(at) = marked.iter().position(|known| known == id) {
            marked.remove(at);
            return false;
        }
        marked.push(id.clone());
        true
    }
}

fn read_seeds(pattern: &Pattern) -> Option<Vec<i64>> {
    crate::domain::batch::few(pattern.count()).ok()?;
    let seeds = pattern.variants().into_iter().map(|seed| seed.text.trim().parse().ok());
    seeds.map(|seed| seed.filter(|seed| *seed >= 0)).collect()
}
