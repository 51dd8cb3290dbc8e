//! The shape of a model's file under `assets/models/`, as it is written; [`ModelSpec`] is what it means.
//!
//! Every table denies keys that it does not know, and what is wrong with a file is one error that names
//! the file, the line, the key and the nearest right one.

use std::time::Duration;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::price::PriceList;
use super::spec::{InputKind, InputSpec, ItemKind, ModelSpec, ParamKind, ParamSpec};
use super::{CatalogError, check, toml_file};
use crate::domain::{MediaKind, ModelId, Operation, Params, ProviderId};

/// Longer than any documented run; the pipeline goes on asking after it, and says *overdue*.
const PATIENCE_S: u64 = 600;

/// Reads one model's file. `file` is only for the error.
pub(super) fn read(file: &str, text: &str) -> Result<ModelSpec, CatalogError> {
    let wrong = |message: String| CatalogError::Wrong { file: file.to_owned(), message };
    let written: ModelFile = toml_file::parse(text).map_err(wrong)?;
    let spec = written.into_spec().map_err(wrong)?;
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
    for param in &spec.params {
        let at_fault = param.default.as_ref().and_then(|value| check::value_fault(param, value));
        if let Some(fault) = at_fault {
            return Err(format!("the default of `{}`: {}", param.key, fault.message));
        }
        if let ParamKind::Choice { of } = &param.kind
            && of.is_empty()
        {
            return Err(format!("`{}` has nothing to choose from", param.key));
        }
    }
    let unknown = |key: &&str| !keys.contains(key);
    match spec.price.as_ref().and_then(|price| price.names().find(unknown)) {
        Some(key) => Err(format!("the price names `{key}`, which is no parameter or input")),
        None => Ok(()),
    }
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
    price: Option<PriceList>,
}

impl ModelFile {
    fn into_spec(self) -> Result<ModelSpec, String> {
        if self.id.trim().is_empty() {
            return Err("`id` is empty".to_owned());
        }
        Ok(ModelSpec {
            id: ModelId(self.id),
            name: self.name,
            providers: self.providers,
            operation: self.operation,
            about: self.about,
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
            price: self.price,
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
    max_bytes: Option<u64>,
    max_seconds: Option<u32>,
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
            max_bytes: self.max_bytes,
            max_seconds: self.max_seconds,
            how_many: self.how_many.unwrap_or(1).max(1),
            is_list: self.how_many.is_some(),
            about: self.about,
        }
    }
}

/// The parameters of a spec at their defaults: here so that the shipped files can be checked on their own.
pub(super) fn defaults(spec: &ModelSpec) -> Params {
    spec.params
        .iter()
        .filter_map(|param| Some((param.key.clone(), param.default.clone()?)))
        .collect()
}
