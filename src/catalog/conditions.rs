//! What one field's value asks of another: conditions, as price rules and model files write them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::value::plain;

/// Fields and what each has to be, all at once.
pub(super) type Conditions = BTreeMap<String, Wanted>;

/// `"720p"`, `[5, 8]`, `{ is = "given" }`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub(super) enum Wanted {
    /// One of these values.
    AnyOf(Vec<Value>),
    /// There, and not empty.
    Given,
    /// There, and empty.
    Empty,
    /// Not there at all.
    Absent,
    /// Absent or empty.
    Missing,
}

impl TryFrom<Value> for Wanted {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match value {
            Value::Array(values) => Ok(Self::AnyOf(values)),
            Value::Object(table) => match (table.len(), table.get("is").and_then(Value::as_str)) {
                (1, Some("given")) => Ok(Self::Given),
                (1, Some("empty")) => Ok(Self::Empty),
                (1, Some("absent")) => Ok(Self::Absent),
                (1, Some("missing")) => Ok(Self::Missing),
                _ => {
                    Err("expected { is = \"given\" }, \"empty\", \"absent\" or \"missing\"".into())
                }
            },
            value => Ok(Self::AnyOf(vec![value])),
        }
    }
}

impl Wanted {
    /// Whether a field is as wanted: its value among the parameters, and whether a file fills it.
    pub(super) fn holds(&self, value: Option<&Value>, has_file: bool) -> bool {
        let is_empty = !has_file && value.is_some_and(is_empty);
        let is_present = has_file || value.is_some();
        match self {
            Self::AnyOf(values) => {
                value.is_some_and(|value| values.iter().any(|wanted| same(wanted, value)))
            }
            Self::Given => is_present && !is_empty,
            Self::Empty => is_empty,
            Self::Absent => !is_present,
            Self::Missing => !is_present || is_empty,
        }
    }

    /// The same for a person: `without last_image`, `with a video`, `at resolution 1080p`.
    fn words(&self, key: &str) -> String {
        match self {
            Self::AnyOf(values) => {
                let values: Vec<String> = values.iter().map(plain).collect();
                format!("at {key} {}", values.join(" or "))
            }
            Self::Given => format!("with {key}"),
            Self::Empty => format!("with an empty {key}"),
            Self::Absent | Self::Missing => format!("without {key}"),
        }
    }
}

/// Whether there is nothing in it.
pub(super) fn is_empty(value: &Value) -> bool {
    value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty)
}

/// `5` and `5.0` are the same number.
fn same(one: &Value, other: &Value) -> bool {
    one == other || one.as_f64().is_some_and(|number| other.as_f64() == Some(number))
}

/// While `when` holds, more is asked of the field `key` than its declaration says.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub(super) when: Conditions,
    /// The field of which more is asked.
    pub key: String,
    /// What is asked of it.
    pub then: Then,
}

/// What a condition asks of its field.
#[derive(Debug, Clone, PartialEq)]
pub enum Then {
    /// One of these values.
    OneOf(Vec<Value>),
    /// At most so many entries or files.
    AtMost(usize),
    /// Something.
    Needed,
    /// Nothing.
    Never,
}

impl Condition {
    /// The fields that it looks at, and the one that it asks something of.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.when.keys().map(String::as_str).chain([self.key.as_str()])
    }

    /// As a part of a JSON schema; `None` where the language of the provider's list has no words for it.
    pub fn in_schema(&self) -> Option<Value> {
        let key = self.key.as_str();
        let (then, of) = match &self.then {
            Then::OneOf(of) => ("properties", json!({key: {"enum": of}})),
            Then::AtMost(most) => ("properties", json!({key: {"maxItems": most}})),
            Then::Needed => ("required", json!([key])),
            Then::Never if self.when.values().all(|wanted| *wanted == Wanted::Given) => {
                return Some(json!({"not": {"required": self.names().collect::<Vec<_>>()}}));
            }
            Then::Never => return None,
        };
        let is_missing =
            self.when.len() == 1 && self.when.values().all(|it| *it == Wanted::Missing);
        let mut when = Map::new();
        for (key, wanted) in &self.when {
            let property = match wanted {
                Wanted::AnyOf(values) => json!({"enum": values}),
                Wanted::Given => json!({"minLength": 1}),
                // Said by the other branch of its opposite.
                Wanted::Missing if is_missing => json!({"minLength": 1}),
                Wanted::Missing | Wanted::Empty | Wanted::Absent => return None,
            };
            when.insert(key.clone(), property);
        }
        let branch = if is_missing { "else" } else { "then" };
        Some(json!({"if": {"properties": when}, branch: {then: of}}))
    }

    /// When it holds, for a person.
    pub fn words(&self) -> String {
        let words: Vec<String> = self.when.iter().map(|(key, wanted)| wanted.words(key)).collect();
        words.join(" and ")
    }
}
