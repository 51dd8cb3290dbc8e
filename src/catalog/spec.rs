//! A model: what it takes, within which limits, and what it makes.

use std::time::Duration;

use jiff::civil::Date;
use serde_json::Value;

use super::conditions::Condition;
use super::input::InputSpec;
use super::measured::Measured;
use super::param::{ParamKind, ParamSpec};
use super::price::Price;
use super::{Fault, check, parse, value};
use crate::domain::brief::WORDS;
use crate::domain::{Estimate, Inputs, MediaKind, ModelId, Operation, Params, ProviderId};

/// Where a model's declaration comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A file that is compiled in.
    BuiltIn,
    /// The provider's own list.
    Listed,
    /// A file of the user.
    User,
}

impl Origin {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Listed => "listed",
            Self::User => "user",
        }
    }
}

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
    /// Where its declaration comes from.
    pub origin: Origin,
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
    /// What some values ask of other fields.
    pub conditions: Vec<Condition>,
    /// What it costs, where that can be said.
    pub price: Option<Price>,
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

    /// The parameter that the prompt goes to: what the editor holds, or the words on the command line.
    pub fn words_key(&self) -> Option<&str> {
        let is_text = |param: &&ParamSpec| matches!(param.kind, ParamKind::Text { .. });
        let named = |key: &str| self.param(key).filter(is_text);
        WORDS.into_iter().find_map(named).map(|param| param.key.as_str())
    }

    /// The declaration of it.
    pub fn words(&self) -> Option<&ParamSpec> {
        self.param(self.words_key()?)
    }

    /// Whether it has this parameter.
    pub fn has_param(&self, key: &str) -> bool {
        self.param(key).is_some()
    }

    /// The values of a choice, as a person types them; `None` where anything goes.
    pub fn allowed(&self, key: &str) -> Option<String> {
        self.param(key).and_then(value::allowed)
    }

    /// Whether a seed can be asked for. Otherwise the model picks.
    pub fn takes_seed(&self) -> bool {
        self.has_param("seed")
    }

    /// Whether this service runs it.
    pub fn runs_on(&self, provider: ProviderId) -> bool {
        self.providers.contains(&provider)
    }

    /// Whether this program does it itself, on this machine.
    pub fn is_local(&self) -> bool {
        self.providers == [ProviderId::Local]
    }

    /// The service that a brief for this model goes to where that one is wanted: what is done on this machine
    /// is done nowhere else.
    pub fn provider_for(&self, wanted: ProviderId) -> ProviderId {
        if self.is_local() { ProviderId::Local } else { wanted }
    }

    /// Whether it can be ordered by somebody who uses this service.
    pub fn is_at_hand(&self, provider: ProviderId) -> bool {
        self.runs_on(self.provider_for(provider))
    }

    /// Whether the provider's list can be asked about it: it comes from a file, and runs there.
    pub fn is_compared(&self) -> bool {
        self.origin != Origin::Listed && self.runs_on(ProviderId::Wavespeed)
    }

    /// `Err` with the reason where it is switched off.
    pub fn availability(&self) -> Result<(), &str> {
        if self.available { Ok(()) } else { Err(self.reason.as_deref().unwrap_or("switched off")) }
    }

    /// Every parameter that has a default, at it, in the order of declaration.
    pub fn defaults(&self) -> Params {
        let at_default = |param: &ParamSpec| Some((param.key.clone(), param.default.clone()?));
        self.params.iter().filter_map(at_default).collect()
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

    /// The same with an address for every input that was given, each in its declared place: an input that
    /// takes several is sent as a list, even of one.
    #[must_use]
    pub fn filled(&self, given: &Params, addresses: Vec<(String, String)>) -> Params {
        let mut given = given.clone();
        for (key, address) in addresses {
            let is_list = self.input(&key).is_some_and(|input| input.is_list);
            match given.get_mut(&key) {
                Some(Value::Array(list)) if is_list => list.push(address.into()),
                _ if is_list => {
                    given.insert(key, Value::from(vec![address]));
                }
                _ => {
                    given.insert(key, address.into());
                }
            }
        }
        self.complete(&given)
    }

    /// Everything that is wrong with these parameters and inputs, all at once, in the order of declaration.
    pub fn faults(&self, given: &Params, inputs: &Inputs) -> Vec<Fault> {
        check::faults(self, given, inputs)
    }

    /// The conditions that hold with these parameters and inputs: what is asked beyond the declaration.
    pub fn asked(&self, given: &Params, inputs: &Inputs) -> Vec<&Condition> {
        let holds = |condition: &&Condition| check::holds(self, condition, given, inputs);
        self.conditions.iter().filter(holds).collect()
    }

    /// Reads `KEY=VALUE` from a command line by the declared type. Whether the value is allowed is for
    /// [`Self::faults`], except where it has no meaning at all.
    pub fn parse_param(&self, key: &str, text: &str) -> Result<Value, Fault> {
        parse::param(self, key, text)
    }

    /// The price rule as the provider's list writes it: `JSONata` in micro-dollars. `None` where there is no
    /// rule, or every run costs the same.
    pub fn formula(&self) -> Option<String> {
        self.price.as_ref()?.formula(self)
    }

    /// What a run costs, as far as it can be said: a floor where a length is not measured yet.
    ///
    /// `None` only when there is no rule, or an input that drives the price is missing and there is no
    /// least price. Other faults do not matter here: a blank prompt is still priced.
    pub fn estimate(&self, given: &Params, measured: &Measured) -> Option<Estimate> {
        self.price.as_ref()?.estimate(self, &self.complete(given), measured)
    }
}
