//! The values of all settings, laid over each other: each knows where it came from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use jiff::tz::TimeZone;
use toml::Value;

use super::super::base_url::BaseUrl;
use super::{
    BUILT_IN, HuggingfaceSettings, Origin, SandboxSettings, Settings, SettingsError,
    StudioSettings, WavespeedSettings,
};
use crate::catalog::nearest::nearest;
use crate::domain::Usd;

/// Values by dotted key, each with where it came from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layers {
    pub(super) values: BTreeMap<String, (Value, Origin)>,
}

impl Layers {
    pub(super) fn built_in() -> Self {
        let table: toml::Table = BUILT_IN.parse().expect("a test reads the built-in settings");
        let flat = flatten(&table).into_iter();
        Self { values: flat.map(|(key, value)| (key, (value, Origin::BuiltIn))).collect() }
    }

    pub(super) fn add_file(&mut self, file: &Path, text: &str) -> Result<(), SettingsError> {
        let origin = Origin::File(file.to_owned());
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            let message = format!("line {line}: {}", error.message());
            SettingsError::Wrong { origin: origin.clone(), message, hint: None }
        })?;
        for (key, value) in flatten(&table) {
            self.add(&key, value, origin.clone())?;
        }
        Ok(())
    }

    /// Adds a value that is text, by the type of the built-in one.
    pub(super) fn add_text(
        &mut self,
        key: &str,
        text: &str,
        origin: Origin,
    ) -> Result<(), SettingsError> {
        let value = match self.values.get(key).map(|(value, _)| value) {
            Some(Value::Boolean(_)) => text.parse().ok().map(Value::Boolean),
            Some(Value::Integer(_)) => text.parse().ok().map(Value::Integer),
            Some(Value::Float(_)) => text.parse().ok().map(Value::Float),
            _ => None,
        };
        self.add(key, value.unwrap_or_else(|| Value::String(text.to_owned())), origin)
    }

    pub(super) fn add(
        &mut self,
        key: &str,
        value: Value,
        origin: Origin,
    ) -> Result<(), SettingsError> {
        let Some((known, _)) = self.values.get(key) else {
            if self.values.keys().any(|known| known.starts_with(&format!("{key}."))) {
                let message = format!("{key} must be a section, [{key}]");
                return Err(SettingsError::Wrong { origin, message, hint: None });
            }
            let near = nearest(key, self.values.keys().map(String::as_str));
            let hint = near.map(|right| format!("did you mean {right}?"));
            return Err(SettingsError::Wrong {
                origin,
                message: format!("unknown setting {key}"),
                hint,
            });
        };
        let value = match (known, value) {
            #[expect(clippy::cast_precision_loss, reason = "a factor, not an amount")]
            (Value::Float(_), Value::Integer(whole)) => Value::Float(whole as f64),
            (_, value) => value,
        };
        if known.type_str() != value.type_str() {
            let wanted = match known.type_str() {
                "string" => "text in quotes",
                "boolean" => "true or false",
                "float" => "a number",
                other => other,
            };
            let message = format!("{key} must be {wanted}, not {}", plain(&value));
            return Err(SettingsError::Wrong { origin, message, hint: None });
        }
        self.values.insert(key.to_owned(), (value, origin));
        Ok(())
    }

    /// In pixels: the setting counts millions of them.
    pub(super) fn most_drawn(&self) -> Result<u64, SettingsError> {
        let key = "sandbox.most_megapixels";
        let millions = self.values[key].0.as_integer().unwrap_or_default();
        let pixels = u64::try_from(millions).ok().and_then(|it| it.checked_mul(1_000_000));
        pixels.filter(|it| *it > 0).ok_or_else(|| self.wrong(key, "must be above 0", None))
    }

    pub(super) fn text(&self, key: &str) -> &str {
        self.values[key].0.as_str().unwrap_or_default()
    }

    pub(super) fn switch(&self, key: &str) -> bool {
        self.values[key].0.as_bool().unwrap_or_default()
    }

    pub(super) fn optional(&self, key: &str) -> Option<String> {
        Some(self.text(key).trim().to_owned()).filter(|text| !text.is_empty())
    }

    pub(super) fn wrong(
        &self,
        key: &str,
        why: impl fmt::Display,
        hint: Option<&str>,
    ) -> SettingsError {
        SettingsError::Wrong {
            origin: self.values[key].1.clone(),
            message: format!("{key}: {why}"),
            hint: hint.map(str::to_owned),
        }
    }

    pub(super) fn into_settings(self) -> Result<Settings, SettingsError> {
        let provider = self.optional("provider").map(|name| name.parse()).transpose();
        let provider = provider.map_err(|error| self.wrong("provider", error, None))?;
        let time_zone = match self.optional("time_zone") {
            None => TimeZone::system(),
            Some(name) => TimeZone::get(&name).map_err(|error| {
                self.wrong("time_zone", error, Some("write it like Europe/Warsaw"))
            })?,
        };
        let confirm_above: Usd = self
            .text("confirm_above")
            .parse()
            .map_err(|error| self.wrong("confirm_above", error, None))?;
        let disk_needed = self.values["disk_needed_mb"].0.as_integer().unwrap_or_default();
        let disk_needed = u64::try_from(disk_needed)
            .map_err(|_negative| self.wrong("disk_needed_mb", "must not be negative", None))?
            .saturating_mul(1_000_000);
        let plain_http = self.switch("wavespeed.allow_plain_http");
        let base_url = BaseUrl::read(self.text("wavespeed.base_url"), plain_http)
            .map_err(|error| self.wrong("wavespeed.base_url", &error, Some(error.hint)))?;
        let speed = self.values["sandbox.speed"].0.as_float().unwrap_or(1.0);
        if !(speed.is_finite() && speed > 0.0) {
            return Err(self.wrong("sandbox.speed", "must be above 0", None));
        }
        Ok(Settings {
            provider,
            model: self.optional("model"),
            project: self.optional("project"),
            time_zone,
            confirm_above,
            limits: self.optional("limits"),
            disk_needed,
            wavespeed: WavespeedSettings {
                base_url,
                account_level: self.text("wavespeed.account_level").trim().to_owned(),
                key_cmd: self.optional("wavespeed.key_cmd"),
            },
            huggingface: HuggingfaceSettings::read(&self)?,
            sandbox: SandboxSettings {
                speed,
                most_drawn: self.most_drawn()?,
                faults: self.text("sandbox.faults").trim().to_owned(),
            },
            studio: StudioSettings {
                theme: self.text("studio.theme").trim().to_owned(),
                ascii: self.switch("studio.ascii"),
                reduced_motion: self.switch("studio.reduced_motion"),
                notifications: self.switch("studio.notifications"),
            },
            layers: self,
        })
    }
}

/// One level of tables becomes dotted keys; deeper ones stay values, which no setting has.
fn flatten(table: &toml::Table) -> Vec<(String, Value)> {
    let mut flat = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(section) => {
                let inner =
                    section.iter().map(|(name, value)| (format!("{key}.{name}"), value.clone()));
                flat.extend(inner);
            }
            value => flat.push((key.clone(), value.clone())),
        }
    }
    flat
}

/// A value as a person writes it.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
