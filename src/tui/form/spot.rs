//! A place in a model's parameters, down to a field of an item of a list.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::catalog::{ItemKind, ModelSpec, ParamKind, ParamSpec};
use crate::domain::Params;

/// One step down from a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To the item of a list at this place.
    Item(usize),
    /// To the field of an object at this place of its declaration.
    Field(usize),
}

/// A place in the parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The parameter, by its place in the model's declaration.
    pub param: usize,
    /// The way down from there.
    pub steps: Vec<Step>,
}

impl Spot {
    /// A whole parameter.
    pub fn of(param: usize) -> Self {
        Self { param, steps: Vec::new() }
    }

    /// One step further down.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self { steps, ..self.clone() }
    }

    /// The nearest item of a list that this is, or is in: the list, and the item's place.
    pub fn item(&self) -> Option<(Self, usize)> {
        let found = self.steps.iter().rposition(|step| matches!(step, Step::Item(_)))?;
        let Step::Item(place) = self.steps[found] else { return None };
        Some((Self { steps: self.steps[..found].to_vec(), ..self.clone() }, place))
    }

    /// Its declaration. The items of a list have one of their own.
    pub fn spec<'a>(&self, model: &'a ModelSpec) -> Cow<'a, ParamSpec> {
        let mut spec = Cow::Borrowed(&model.params[self.param]);
        for step in &self.steps {
            spec = match step {
                Step::Item(_) => Cow::Owned(item(&spec)),
                Step::Field(at) => match spec {
                    Cow::Borrowed(spec) => Cow::Borrowed(&spec.fields[*at]),
                    Cow::Owned(mut spec) => Cow::Owned(spec.fields.swap_remove(*at)),
                },
            };
        }
        spec
    }

    /// What a fault calls it: `multi_prompt[0].duration`.
    pub fn key(&self, model: &ModelSpec) -> String {
        let mut key = model.params[self.param].key.clone();
        let mut so_far = Self::of(self.param);
        for step in &self.steps {
            so_far = so_far.then(*step);
            match step {
                Step::Item(place) => drop(write!(key, "[{place}]")),
                Step::Field(_) => drop(write!(key, ".{}", so_far.spec(model).key)),
            }
        }
        key
    }

    /// Its value, where one was set.
    pub fn get<'a>(&self, model: &ModelSpec, params: &'a Params) -> Option<&'a Value> {
        let mut value = params.get(&model.params[self.param].key)?;
        let mut so_far = Self::of(self.param);
        for step in &self.steps {
            so_far = so_far.then(*step);
            value = match step {
                Step::Item(place) => value.get(place)?,
                Step::Field(_) => value.get(&so_far.spec(model).key)?,
            };
        }
        Some(value)
    }

    /// Sets its value, or takes it away. What it is in is made where it is missing; an item that is not
    /// there is added at the end.
    pub fn set(&self, model: &ModelSpec, params: &mut Params, value: Option<Value>) {
        let key = &model.params[self.param].key;
        if self.steps.is_empty() {
            match value {
                Some(value) => drop(params.insert(key.clone(), value)),
                None => drop(params.shift_remove(key)),
            }
            return;
        }
        let mut place = params.entry(key.clone()).or_insert(Value::Null);
        let mut so_far = Self::of(self.param);
        let last = self.steps.len() - 1;
        for (at, step) in self.steps.iter().enumerate() {
            so_far = so_far.then(*step);
            match step {
                Step::Item(item) => {
                    let Some(items) = as_list(place) else { return };
                    match &value {
                        None if at == last => {
                            if *item < items.len() {
                                items.remove(*item);
                            }
                            return;
                        }
                        _ if *item >= items.len() => items.push(Value::Null),
                        _ => {}
                    }
                    let found = (*item).min(items.len() - 1);
                    place = &mut items[found];
                }
                Step::Field(_) => {
                    let Some(fields) = as_object(place) else { return };
                    let name = so_far.spec(model).key.clone();
                    if at == last && value.is_none() {
                        fields.shift_remove(&name);
                        return;
                    }
                    place = fields.entry(name).or_insert(Value::Null);
                }
            }
        }
        *place = value.unwrap_or_default();
    }
}

/// The list that this is; nothing at all becomes an empty one.
fn as_list(value: &mut Value) -> Option<&mut Vec<Value>> {
    if value.is_null() {
        *value = Value::Array(Vec::new());
    }
    value.as_array_mut()
}

fn as_object(value: &mut Value) -> Option<&mut Map<String, Value>> {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut()
}

/// What each item of a list is.
fn item(list: &ParamSpec) -> ParamSpec {
    let ParamKind::List { item, .. } = &list.kind else { return list.clone() };
    let kind = match item {
        ItemKind::Text => ParamKind::Text { max_chars: None },
        ItemKind::Integer => ParamKind::Integer { min: None, max: None, step: None },
        ItemKind::Number => ParamKind::Number { min: None, max: None, step: None },
        ItemKind::Object => ParamKind::Object,
    };
    ParamSpec { kind, default: None, required: true, hidden: false, ..list.clone() }
}

/// A new item of a list, or a new object: its fields at their defaults.
pub fn blank(list: &ParamSpec) -> Value {
    match item(list).kind {
        ParamKind::Integer { .. } | ParamKind::Number { .. } => Value::from(0),
        ParamKind::Object => {
            let at_default = |field: &ParamSpec| Some((field.key.clone(), field.default.clone()?));
            Value::Object(list.fields.iter().filter_map(at_default).collect())
        }
        _ => Value::from(""),
    }
}
