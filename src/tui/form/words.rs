//! What the form says in a row: the value, and beside it what else could be chosen.

use serde_json::Value;

use super::super::settings::Settings;
use super::rows::{What, input_of};
use super::spot::Spot;
use super::widget;
use crate::catalog::{Condition, ItemKind, ParamKind, Then};
use crate::domain::text::printable;

/// Nothing was given.
pub const NOTHING: &str = "–";

impl Settings {
    /// The value of a parameter: what was set, else its default.
    pub fn value_at(&self, spot: &Spot) -> Option<Value> {
        let spec = spot.spec(self.model());
        let set = spot.get(self.model(), &self.params);
        set.or(spec.default.as_ref()).filter(|value| !value.is_null()).cloned()
    }

    /// The value of a row, as a person reads it. Files are told by [`super::files::name`].
    pub fn value(&self, what: &What) -> String {
        match what {
            What::Model => match self.several.models.len() {
                0 => printable(&self.model().name),
                more => format!("{} +{more}", printable(&self.model().name)),
            },
            What::Value(spot) if self.several_at(spot).is_some() => {
                let unit = spot.spec(self.model()).unit.clone();
                let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
                printable(&format!("{}{unit}", self.several_at(spot).unwrap_or_default()))
            }
            What::Value(spot) => match self.value_at(spot) {
                Some(value) => widget::worded(&spot.spec(self.model()), &value),
                None => NOTHING.to_owned(),
            },
            What::List(spot) => match self.value_at(spot) {
                Some(Value::Array(items)) if items.len() == 1 => "1 entry".to_owned(),
                Some(Value::Array(items)) if !items.is_empty() => {
                    format!("{} entries", items.len())
                }
                _ => NOTHING.to_owned(),
            },
            What::Seed => match self.several.values.get("seed") {
                Some(several) => printable(several),
                None => self.seed.map_or("random".to_owned(), |seed| seed.to_string()),
            },
            What::Takes => self.takes.to_string(),
            What::More(count) => format!("{count} more"),
            What::File { .. } => NOTHING.to_owned(),
            What::Add(_) | What::Group(_) => String::new(),
        }
    }

    /// The other values, as a person reads them; none where there are too many to name, or none to choose.
    pub fn choices(&self, what: &What) -> Vec<String> {
        if self.variants_of(what) > 1 {
            return vec![];
        }
        match what {
            What::Model => {
                self.siblings().iter().take(40).map(|spec| printable(&spec.name)).collect()
            }
            What::Value(spot) => {
                let param = spot.spec(self.model());
                let values = self.allowed(spot);
                // The value before them has the unit.
                let bare = crate::catalog::ParamSpec { unit: None, ..param.into_owned() };
                let now = self.value_at(spot);
                let others = values.iter().filter(|value| Some(*value) != now.as_ref()).take(40);
                others.map(|value| widget::worded(&bare, value)).collect()
            }
            What::Seed if self.seed.is_some() => vec!["random".to_owned()],
            What::Seed => vec!["fixed".to_owned()],
            _ => vec![],
        }
    }

    /// The values that a row can be stepped through; those that a condition forbids just now are left out.
    pub fn allowed(&self, spot: &Spot) -> Vec<Value> {
        let param = spot.spec(self.model());
        let mut values = widget::values(&param);
        if spot.steps.is_empty() {
            for condition in self.asked_of(&param.key) {
                if let Then::OneOf(of) = &condition.then {
                    values.retain(|value| of.contains(value));
                }
            }
        }
        values
    }

    /// What conditions ask of this field just now.
    pub fn asked_of(&self, key: &str) -> Vec<&Condition> {
        let mut asked = self.model().asked(&self.params, &self.inputs);
        asked.retain(|condition| condition.key == key);
        asked
    }

    /// What stands beside a value that has no choices: its limits, or that it is needed.
    pub fn remark(&self, what: &What) -> String {
        let model = self.model();
        match (self.variants_of(what), what) {
            (0 | 1, _) => {}
            (count, What::Model) => return format!("{count} models, each a row"),
            (count, _) => return format!("{count} values, each a row"),
        }
        match what {
            What::File { .. } => {
                let Some((input, nth)) = input_of(model, what) else { return String::new() };
                let needed = self
                    .asked_of(&input.key)
                    .into_iter()
                    .find(|condition| condition.then == Then::Needed);
                match (nth, needed) {
                    (0, _) if input.required => "needed".to_owned(),
                    (0, Some(condition)) => format!("needed {}", printable(&condition.words())),
                    (0, None) if input.how_many > 1 => format!("up to {}", input.how_many),
                    (0, None) => String::new(),
                    (nth, _) => format!("{} more", input.how_many.saturating_sub(nth)),
                }
            }
            What::Value(spot) => {
                let param = spot.spec(model);
                let is_empty = self.value_at(spot).is_none_or(|it| it.as_str() == Some(""));
                let limits = widget::limits(&param);
                match (param.required && is_empty, limits.is_empty()) {
                    (true, true) => "needed".to_owned(),
                    (true, false) => format!("needed, {limits}"),
                    (false, _) => limits,
                }
            }
            What::List(spot) => {
                let ParamKind::List { item, min_items, max_items } = spot.spec(model).kind else {
                    return String::new();
                };
                let item = match item {
                    ItemKind::Text => "texts",
                    ItemKind::Integer => "whole numbers",
                    ItemKind::Number => "numbers",
                    ItemKind::Object => "entries",
                };
                match (min_items.filter(|least| *least > 0), max_items) {
                    (Some(least), Some(most)) => format!("{least} to {most} {item}"),
                    (Some(least), None) => format!("at least {least} {item}"),
                    (None, Some(most)) => format!("up to {most} {item}"),
                    (None, None) => String::new(),
                }
            }
            What::Takes if !model.takes_seed() => "the model picks the seeds".to_owned(),
            What::Takes if self.takes > 1 && self.seed.is_some() => "seeds count up".to_owned(),
            What::Takes if self.takes > 1 => "each with its own seed".to_owned(),
            _ => String::new(),
        }
    }

    /// What a row is for, in a sentence: what the model's declaration says.
    pub fn about(&self, what: &What) -> Option<String> {
        let model = self.model();
        let about = match what {
            What::Model => Some(model.about.clone()),
            What::File { .. } => input_of(model, what)?.0.about.clone(),
            What::Value(spot) | What::List(spot) | What::Add(spot) | What::Group(spot) => {
                spot.spec(model).about.clone()
            }
            What::Seed => model.param("seed")?.about.clone(),
            What::Takes | What::More(_) => None,
        };
        about.map(|text| printable(&text)).filter(|text| !text.trim().is_empty())
    }
}
