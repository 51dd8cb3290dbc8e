//! The shape of a model's file under `assets/models/`, as it is written; [`ModelSpec`] is what it means.
//!
//! Every table denies keys that it does not know, and what is wrong with a file is one error that names
//! the file, the line, the key and the nearest right one.

use std::time::Duration;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::conditions::{Condition, Conditions, Then};
use super::input::{InputKind, InputSpec};
use super::param::{ItemKind, ParamKind, ParamSpec};
use super::price::{Price, PriceList};
use super::spec::{ModelSpec, Origin};
use super::value::value_faults;
use super::{CatalogError, Ratio, toml_file};
use crate::domain::{MediaKind, ModelId, Operation, ProviderId};

/// Longer than any documented run; the pipeline goes on asking after it, and says *overdue*.
pub(super) const PATIENCE_S: u64 = 600;

/// Reads one model's file. `file` is only for the error.
pub(super) fn read(file: &str, text: &str, origin: Origin) -> Result<ModelSpec, CatalogError> {
    let wrong = |message: String| CatalogError::Wrong { file: file.to_owned(), message };
    let written: ModelFile = toml_file::parse(text).map_err(wrong)?;
    let spec = written.into_spec(origin).map_err(wrong)?;
    sound(&spec).map_err(wrong)?;
    Ok(spec)
}

/// What a reader could not see in one key alone: doubled keys, a default that is itself at fault.
fn sound(spec: &ModelSpec) -> Result<(), String> {
    let keys: Vec<&str> = spec.keys().collect();
    if let Some(key) =
        keys.iter().enumerate().find_map(|(at, key)| keys[..at].contains(key).then_some(key))
    {
        return Err(format!("`{key}` is declared twice"));
    }
    sound_params(&spec.params)?;
    let unknown = |key: &&str| !keys.contains(key);
    if let Some(key) = spec.conditions.iter().flat_map(Condition::names).find(unknown) {
        return Err(format!("a condition names `{key}`, which is no parameter or input"));
    }
    let Some(Price::Rules(rules)) = &spec.price else { return Ok(()) };
    match rules.names().find(unknown) {
        Some(key) => Err(format!("the price names `{key}`, which is no parameter or input")),
        None => Ok(()),
    }
}

fn sound_params(params: &[ParamSpec]) -> Result<(), String> {
    for param in params {
        if let ParamKind::Choice { of } = &param.kind
            && of.is_empty()
        {
            return Err(format!("`{}` has nothing to choose from", param.key));
        }
        let faults = param.default.as_ref().map(|value| value_faults(param, value));
        if let Some(fault) = faults.unwrap_or_default().first() {
            return Err(format!("the default of `{}`: {}", param.key, fault.message));
        }
        sound_params(&param.fields)?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    id: String,
    name: String,
    providers: Vec<ProviderId>,
    operation: Operation,
    about: String,
    #[serde(default)]
    aliases: Vec<String>,
    source: String,
    checked: Date,
    #[serde(default)]
    default: bool,
    why_off: Option<String>,
    patience_s: Option<u64>,
    output: MediaKind,
    #[serde(default)]
    params: Vec<ParamFile>,
    #[serde(default)]
    inputs: Vec<InputFile>,
    #[serde(default)]
    conditions: Vec<ConditionFile>,
    price: Option<PriceList>,
}

impl ModelFile {
    fn into_spec(self, origin: Origin) -> Result<ModelSpec, String> {
        if self.id.trim().is_empty() {
            return Err("`id` is empty".to_owned());
        }
        Ok(ModelSpec {
            id: ModelId(self.id),
            name: self.name,
            providers: self.providers,
            operation: self.operation,
            about: self.about,
            origin,
            aliases: self.aliases,
            source: self.source,
            checked: self.checked,
            is_default: self.default,
            available: self.why_off.is_none(),
            reason: self.why_off,
            patience: Duration::from_secs(self.patience_s.unwrap_or(PATIENCE_S)),
            output: self.output,
            params: self.params.into_iter().map(ParamFile::into_spec).collect::<Result<_, _>>()?,
            inputs: self.inputs.into_iter().map(InputFile::into_spec).collect(),
            conditions: self
                .conditions
                .into_iter()
                .map(ConditionFile::into_condition)
                .collect::<Result<_, _>>()?,
            price: self.price.map(|rules| Price::Rules(Box::new(rules))),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindName {
    Text,
    Integer,
    Number,
    Switch,
    Choice,
    Size,
    List,
    Object,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParamFile {
    key: String,
    kind: KindName,
    of: Option<Vec<Value>>,
    min: Option<f64>,
    max: Option<f64>,
    step: Option<f64>,
    max_chars: Option<usize>,
    item: Option<ItemKind>,
    min_items: Option<usize>,
    max_items: Option<usize>,
    default: Option<Value>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    hidden: bool,
    unit: Option<String>,
    about: Option<String>,
    #[serde(default)]
    suggested: Vec<Value>,
    #[serde(default)]
    fields: Vec<Self>,
}

impl ParamFile {
    fn into_spec(self) -> Result<ParamSpec, String> {
        let key = self.key;
        let only_for = |given: bool, name: &str, kinds: &str| {
            if given { Err(format!("`{key}`: `{name}` is for {kinds}")) } else { Ok(()) }
        };
        let ranged = matches!(self.kind, KindName::Integer | KindName::Number | KindName::Size);
        let listed = matches!(self.kind, KindName::List);
        only_for(
            !ranged && self.min.or(self.max).or(self.step).is_some(),
            "min, max, step",
            "numbers",
        )?;
        only_for(!matches!(self.kind, KindName::Choice) && self.of.is_some(), "of", "a choice")?;
        only_for(
            !matches!(self.kind, KindName::Text) && self.max_chars.is_some(),
            "max_chars",
            "text",
        )?;
        only_for(
            !listed && (self.item.is_some() || self.min_items.or(self.max_items).is_some()),
            "item, min_items, max_items",
            "a list",
        )?;
        let kind = match self.kind {
            KindName::Text => ParamKind::Text { max_chars: self.max_chars },
            KindName::Integer => ParamKind::Integer {
                min: whole(&key, "min", self.min)?,
                max: whole(&key, "max", self.max)?,
                step: whole(&key, "step", self.step)?,
            },
            KindName::Number => ParamKind::Number { min: self.min, max: self.max, step: self.step },
            KindName::Switch => ParamKind::Switch,
            KindName::Choice => ParamKind::Choice { of: self.of.unwrap_or_default() },
            KindName::Size => ParamKind::Size {
                min: whole(&key, "min", self.min)?,
                max: whole(&key, "max", self.max)?,
            },
            KindName::List => ParamKind::List {
                item: self.item.unwrap_or(ItemKind::Text),
                min_items: self.min_items,
                max_items: self.max_items,
            },
            KindName::Object => ParamKind::Object,
        };
        Ok(ParamSpec {
            key,
            kind,
            default: self.default,
            required: self.required,
            hidden: self.hidden,
            unit: self.unit,
            about: self.about,
            suggested: self.suggested,
            fields: self.fields.into_iter().map(Self::into_spec).collect::<Result<_, _>>()?,
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 2^53")]
fn whole(key: &str, name: &str, number: Option<f64>) -> Result<Option<i64>, String> {
    match number {
        Some(number) if number.fract() != 0.0 || number.abs() > 9e15 => {
            Err(format!("`{key}`: `{name}` must be a whole number"))
        }
        number => Ok(number.map(|number| number as i64)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InputFile {
    key: String,
    kind: InputKind,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    formats: Vec<String>,
    max_bytes: Option<u64>,
    min_seconds: Option<u32>,
    max_seconds: Option<u32>,
    min_side: Option<u32>,
    max_ratio: Option<Ratio>,
    at_least: Option<usize>,
    /// One, and sent as a single address, unless this says otherwise: then sent as a list.
    how_many: Option<usize>,
    about: Option<String>,
}

impl InputFile {
    fn into_spec(self) -> InputSpec {
        InputSpec {
            key: self.key,
            kind: self.kind,
            required: self.required,
            formats: self.formats,
            max_bytes: self.max_bytes,
            min_seconds: self.min_seconds,
            max_seconds: self.max_seconds,
            min_side: self.min_side,
            max_ratio: self.max_ratio,
            at_least: self.at_least.unwrap_or(1),
            how_many: self.how_many.unwrap_or(1).max(1),
            is_list: self.how_many.is_some(),
            about: self.about,
        }
    }
}

/// One of `of`, `at_most`, `needed` and `never`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionFile {
    when: Conditions,
    key: String,
    of: Option<Vec<Value>>,
    at_most: Option<usize>,
    #[serde(default)]
    needed: bool,
    #[serde(default)]
    never: bool,
}

impl ConditionFile {
    fn into_condition(self) -> Result<Condition, String> {
        let then = match (self.of, self.at_most, self.needed, self.never) {
            (Some(of), None, false, false) => Then::OneOf(of),
            (None, Some(most), false, false) => Then::AtMost(most),
            (None, None, true, false) => Then::Needed,
            (None, None, false, true) => Then::Never,
            _ => {
                let key = self.key;
                return Err(format!(
                    "the condition on `{key}` needs one of of, at_most, needed, never"
                ));
            }
        };
        Ok(Condition { when: self.when, key: self.key, then })
    }
}
