//! A model: what it takes, within which limits, and what it makes.

use std::time::Duration;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::price::{Measured, PriceList};
use super::{Fault, check, parse};
use crate::domain::{Estimate, Inputs, MediaKind, ModelId, Operation, Params, ProviderId};

/// A generative model on offer.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSpec {
    /// Its exact id, as the provider has it.
    pub id: ModelId,
    /// What a person calls it.
    pub name: String,
    /// Which services run it.
    pub providers: Vec<ProviderId>,
    /// What it does.
    pub operation: Operation,
    /// In one sentence.
    pub about: String,
    /// Other names that find it, exactly.
    pub aliases: Vec<String>,
    /// Where the figures come from.
    pub source: String,
    /// The day on which they were compared with the source.
    pub checked: Date,
    /// Whether it is what an operation uses when no model is named.
    pub is_default: bool,
    /// Whether it is switched on.
    pub available: bool,
    /// Why it is not.
    pub reason: Option<String>,
    /// How long it may take from the first `processing` before it is overdue.
    pub patience: Duration,
    /// What comes out.
    pub output: MediaKind,
    /// Its parameters, in the order of the form.
    pub params: Vec<ParamSpec>,
    /// The files and addresses it takes, in schema order.
    pub inputs: Vec<InputSpec>,
    /// What it costs, where a rule is known.
    pub price: Option<PriceList>,
}

impl ModelSpec {
    /// Every declared key: inputs first, then parameters.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let inputs = self.inputs.iter().map(|input| input.key.as_str());
        inputs.chain(self.params.iter().map(|param| param.key.as_str()))
    }

    /// The declaration of a parameter.
    pub fn param(&self, key: &str) -> Option<&ParamSpec> {
        self.params.iter().find(|param| param.key == key)
    }

    /// The declaration of an input.
    pub fn input(&self, key: &str) -> Option<&InputSpec> {
        self.inputs.iter().find(|input| input.key == key)
    }

    /// Whether it has this parameter.
    pub fn has_param(&self, key: &str) -> bool {
        self.param(key).is_some()
    }

    /// The values of a choice, as a person types them; `None` where anything goes.
    pub fn allowed(&self, key: &str) -> Option<String> {
        self.param(key).and_then(check::allowed)
    }

    /// Whether a seed can be asked for. Otherwise the model picks.
    pub fn takes_seed(&self) -> bool {
        self.has_param("seed")
    }

    /// Whether this service runs it.
    pub fn runs_on(&self, provider: ProviderId) -> bool {
        self.providers.contains(&provider)
    }

    /// `Err` with the reason where it is switched off.
    pub fn availability(&self) -> Result<(), &str> {
        if self.available { Ok(()) } else { Err(self.reason.as_deref().unwrap_or("switched off")) }
    }

    /// Every parameter that has a default, at it, in the order of declaration.
    pub fn defaults(&self) -> Params {
        super::file::defaults(self)
    }

    /// What is sent: the given values and the defaults of the others, only declared keys, in the order of
    /// declaration. An explicitly empty value stays as it was given.
    #[must_use]
    pub fn complete(&self, given: &Params) -> Params {
        let value = |key: &str| {
            let default = || self.param(key).and_then(|param| param.default.clone());
            given.get(key).cloned().or_else(default)
        };
        self.keys().filter_map(|key| Some((key.to_owned(), value(key)?))).collect()
    }

    /// Everything that is wrong with these parameters and inputs, all at once, in the order of declaration.
    pub fn faults(&self, given: &Params, inputs: &Inputs) -> Vec<Fault> {
        check::faults(self, given, inputs)
    }

    /// Reads `KEY=VALUE` from a command line by the declared type. Whether the value is allowed is for
    /// [`Self::faults`], except where it has no meaning at all.
    pub fn parse_param(&self, key: &str, text: &str) -> Result<Value, Fault> {
        parse::param(self, key, text)
    }

    /// What a run costs, as far as it can be said: a floor where a length is not measured yet.
    ///
    /// `None` only when there is no rule, or an input that drives the price is missing and there is no
    /// least price. Other faults do not matter here: a blank prompt is still priced.
    pub fn estimate(&self, given: &Params, measured: &Measured) -> Option<Estimate> {
        self.price.as_ref()?.estimate(self, &self.complete(given), measured)
    }
}

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

/// What kind of file an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// A picture.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// A picture that says where.
    Mask,
    /// The picture to end on.
    LastImage,
}

impl InputKind {
    /// Its name on the command line: `last-image`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Mask => "mask",
            Self::LastImage => "last-image",
        }
    }

    /// The kind of file that it must be.
    pub fn media(self) -> MediaKind {
        match self {
            Self::Image | Self::Mask | Self::LastImage => MediaKind::Image,
            Self::Audio => MediaKind::Audio,
            Self::Video => MediaKind::Video,
        }
    }
}

/// A file or address that the model takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSpec {
    /// Its key on the wire.
    pub key: String,
    /// What kind of file.
    pub kind: InputKind,
    /// Whether it must be given.
    pub required: bool,
    /// No file larger.
    pub max_bytes: Option<u64>,
    /// No file longer.
    pub max_seconds: Option<u32>,
    /// At most so many.
    pub how_many: usize,
    /// Whether it is sent as a list, even of one.
    pub is_list: bool,
    /// In one sentence.
    pub about: Option<String>,
}
