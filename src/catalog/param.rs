//! A parameter: what it is called, what values it has, what is sent when nothing is given.

use serde::Deserialize;
use serde_json::Value;

use super::{Fault, parse};

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ParamSpec {
    /// Its key on the wire, on the command line and in the form.
    pub key: String,
    /// What values it has.
    pub kind: ParamKind,
    /// What is sent when nothing is given.
    pub default: Option<Value>,
    /// Whether it must be given.
    pub required: bool,
    /// Whether the form leaves it out.
    pub hidden: bool,
    /// What a number counts: `s`.
    pub unit: Option<String>,
    /// In one sentence.
    pub about: Option<String>,
    /// Values that a form offers, where others are allowed too.
    pub suggested: Vec<Value>,
    /// What each object of a list, or an object, holds; empty where anything goes.
    pub fields: Vec<Self>,
}

impl ParamSpec {
    /// Reads a value as a person types it, by the declared type. Whether it is allowed is another question.
    pub fn parse(&self, text: &str) -> Result<Value, Fault> {
        parse::value(self, text)
    }
}

/// What values a parameter has.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamKind {
    /// Text.
    Text {
        /// At most so many characters.
        max_chars: Option<usize>,
    },
    /// A whole number.
    Integer {
        /// Not below.
        min: Option<i64>,
        /// Not above.
        max: Option<i64>,
        /// Counted from `min`.
        step: Option<i64>,
    },
    /// Any number.
    Number {
        /// Not below.
        min: Option<f64>,
        /// Not above.
        max: Option<f64>,
        /// What a form counts by; not checked.
        step: Option<f64>,
    },
    /// On or off.
    Switch,
    /// One of these.
    Choice {
        /// Which, in the order of the form.
        of: Vec<Value>,
    },
    /// A size in pixels, `1280*720`.
    Size {
        /// No side below.
        min: Option<i64>,
        /// No side above.
        max: Option<i64>,
    },
    /// Several values.
    List {
        /// What each is.
        item: ItemKind,
        /// At least so many.
        min_items: Option<usize>,
        /// At most so many.
        max_items: Option<usize>,
    },
    /// A JSON object.
    Object,
}

/// What a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each is named after its JSON type")]
pub enum ItemKind {
    Text,
    Integer,
    Number,
    Object,
}
