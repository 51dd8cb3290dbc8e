//! The settings: built-in values, then the user's file, then the environment, then flags; each value knows
//! where it came from.

mod huggingface;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use toml::Value;
use toml_edit::{DocumentMut, Item};

use super::base_url::BaseUrl;
use super::env::Env;
use super::paths::Paths;
use super::write;

pub use self::huggingface::HuggingfaceSettings;
use crate::catalog::nearest::nearest;
use crate::domain::{ProviderId, Usd};

/// Every setting at its default, with a comment each.
pub const BUILT_IN: &str = include_str!("../../assets/config.toml");

/// Which variable stands before which setting of the file.
const FROM_ENVIRONMENT: [(&str, &str); 8] = [
    ("RUSHES_PROVIDER", "provider"),
    ("WAVESPEED_BASE_URL", "wavespeed.base_url"),
    ("HF_ENDPOINT", "huggingface.hub_url"),
    ("HF_ROUTER_URL", "huggingface.router_url"),
    ("FAL_QUEUE_URL", "huggingface.queue_url"),
    ("RUSHES_SANDBOX_SPEED", "sandbox.speed"),
    ("RUSHES_SANDBOX_MEGAPIXELS", "sandbox.most_megapixels"),
    ("RUSHES_SANDBOX_FAULTS", "sandbox.faults"),
];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `assets/config.toml`.
    BuiltIn,
    /// The user's file.
    File(PathBuf),
    /// This variable.
    Environment(&'static str),
    /// This option of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Environment(name) => write!(f, "${name}"),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A setting given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The option: `--provider`.
    pub name: &'static str,
    /// The setting: `provider`.
    pub key: &'static str,
    /// Its value.
    pub text: String,
}

/// One thing that is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read or written.
    #[error("{doing} {file}")]
    Io {
        /// `reading` or `writing`.
        doing: &'static str,
        /// Which file.
        file: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A value or key is wrong.
    #[error("{origin}: {message}")]
    Wrong {
        /// Where it stands.
        origin: Origin,
        /// What is wrong, naming the key.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

impl SettingsError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Io { .. } => None,
            Self::Wrong { hint, .. } => hint.as_deref(),
        }
    }
}

/// How `WaveSpeed` is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WavespeedSettings {
    /// Where it is reached.
    pub base_url: BaseUrl,
    /// The name of the account's level, as `assets/providers/wavespeed.toml` has it.
    pub account_level: String,
    /// A command whose first line is the key.
    pub key_cmd: Option<String>,
}

/// How the sandbox behaves.
#[derive(Debug, Clone, PartialEq)]
pub struct SandboxSettings {
    /// How many times as fast as usual; above zero.
    pub speed: f64,
    /// A film of more pixels, all its frames together, is drawn with fewer frames a second.
    pub most_drawn: u64,
    /// What goes wrong, as its own words say it.
    pub faults: String,
}

/// How the studio looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudioSettings {
    /// A built-in theme, or the name of a file in the themes folder.
    pub theme: String,
    /// Plain letters instead of rules and symbols.
    pub ascii: bool,
    /// Nothing turns or moves by itself.
    pub reduced_motion: bool,
    /// The terminal tells when a budget or limit is nearly used up.
    pub notifications: bool,
}

/// All settings, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The service to use; `None` leaves it to what the library says.
    pub provider: Option<ProviderId>,
    /// The model to use when none is named.
    pub model: Option<String>,
    /// The project that new work belongs to.
    pub project: Option<String>,
    /// Whose days are counted.
    pub time_zone: TimeZone,
    /// Spending more than this at once is asked about.
    pub confirm_above: Usd,
    /// The name of the plan whose limits count.
    pub limits: Option<String>,
    /// Nothing is sent while fewer bytes are free on the library's disk.
    pub disk_needed: u64,
    /// How `WaveSpeed` is used.
    pub wavespeed: WavespeedSettings,
    /// How Hugging Face is used.
    pub huggingface: HuggingfaceSettings,
    /// How the sandbox behaves.
    pub sandbox: SandboxSettings,
    /// How the studio looks.
    pub studio: StudioSettings,
    layers: Layers,
}

impl Settings {
    /// All layers, the last of them winning.
    pub fn load(paths: &Paths, env: &Env, flags: &[Flag]) -> Result<Self, SettingsError> {
        let file = paths.config_file();
        let text = write::text_of(&file).map_err(|source| SettingsError::Io {
            doing: "reading",
            file: show(&file),
            source,
        })?;
        Self::of_layers(&file, &text, env, flags)
    }

    /// Every setting as `wavespeed.base_url`, its value as text, and where that came from.
    pub fn explain(&self) -> Vec<(String, String, Origin)> {
        let row = |(key, (value, origin)): (&String, &(Value, Origin))| {
            (key.clone(), plain(value), origin.clone())
        };
        self.layers.values.iter().map(row).collect()
    }

    fn of_layers(
        file: &Path,
        text: &str,
        env: &Env,
        flags: &[Flag],
    ) -> Result<Self, SettingsError> {
        let mut layers = Layers::built_in();
        layers.add_file(file, text)?;
        for (variable, key) in FROM_ENVIRONMENT {
            if let Some(text) = env.text(variable) {
                layers.add_text(key, &text, Origin::Environment(variable))?;
            }
        }
        for flag in flags {
            layers.add_text(flag.key, &flag.text, Origin::Flag(flag.name))?;
        }
        layers.into_settings()
    }
}

/// Sets one setting in the user's file, which keeps its comments and order. Nothing is written unless the
/// file is right afterwards.
pub fn set(paths: &Paths, key: &str, text: &str) -> Result<(), SettingsError> {
    let file = paths.config_file();
    let io =
        |doing| move |source| SettingsError::Io { doing, file: show(&paths.config_file()), source };
    let before = write::text_of(&file).map_err(io("reading"))?;
    let mut layers = Layers::built_in();
    layers.add_text(key, text, Origin::File(file.clone()))?;
    let mut document: DocumentMut =
        before.parse().map_err(|error: toml_edit::TomlError| SettingsError::Wrong {
            origin: Origin::File(file.clone()),
            message: error.message().to_owned(),
            hint: None,
        })?;
    let value = match &layers.values[key].0 {
        Value::Boolean(value) => toml_edit::value(*value),
        Value::Integer(value) => toml_edit::value(*value),
        Value::Float(value) => toml_edit::value(*value),
        value => toml_edit::value(plain(value)),
    };
    match key.split_once('.') {
        None => put(document.as_table_mut(), key, value),
        Some((section, key)) => {
            let section = document.entry(section).or_insert_with(toml_edit::table);
            if let Some(table) = section.as_table_like_mut() {
                put(table, key, value);
            }
        }
    }
    let after = document.to_string();
    Settings::of_layers(&file, &after, &Env::default(), &[])?;
    write::whole(&file, &after, write::mode_of(&file, 0o600)).map_err(io("writing"))
}

/// Replaces a value and keeps the comments around it.
fn put(table: &mut dyn toml_edit::TableLike, key: &str, mut item: Item) {
    let Some(old) = table.get_mut(key) else {
        table.insert(key, item);
        return;
    };
    if let (Some(old), Some(new)) = (old.as_value(), item.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    *old = item;
}

/// Values by dotted key, each with where it came from.
#[derive(Debug, Clone, PartialEq)]
struct Layers {
    values: BTreeMap<String, (Value, Origin)>,
}

impl Layers {
    fn built_in() -> Self {
        let table: toml::Table = BUILT_IN.parse().expect("a test reads the built-in settings");
        let flat = flatten(&table).into_iter();
        Self { values: flat.map(|(key, value)| (key, (value, Origin::BuiltIn))).collect() }
    }

    fn add_file(&mut self, file: &Path, text: &str) -> Result<(), SettingsError> {
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
    fn add_text(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), SettingsError> {
        let value = match self.values.get(key).map(|(value, _)| value) {
            Some(Value::Boolean(_)) => text.parse().ok().map(Value::Boolean),
            Some(Value::Integer(_)) => text.parse().ok().map(Value::Integer),
            Some(Value::Float(_)) => text.parse().ok().map(Value::Float),
            _ => None,
        };
        self.add(key, value.unwrap_or_else(|| Value::String(text.to_owned())), origin)
    }

    fn add(&mut self, key: &str, value: Value, origin: Origin) -> Result<(), SettingsError> {
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
    fn most_drawn(&self) -> Result<u64, SettingsError> {
        let key = "sandbox.most_megapixels";
        let millions = self.values[key].0.as_integer().unwrap_or_default();
        let pixels = u64::try_from(millions).ok().and_then(|it| it.checked_mul(1_000_000));
        pixels.filter(|it| *it > 0).ok_or_else(|| self.wrong(key, "must be above 0", None))
    }

    fn text(&self, key: &str) -> &str {
        self.values[key].0.as_str().unwrap_or_default()
    }

    fn switch(&self, key: &str) -> bool {
        self.values[key].0.as_bool().unwrap_or_default()
    }

    fn optional(&self, key: &str) -> Option<String> {
        Some(self.text(key).trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn wrong(&self, key: &str, why: impl fmt::Display, hint: Option<&str>) -> SettingsError {
        SettingsError::Wrong {
            origin: self.values[key].1.clone(),
            message: format!("{key}: {why}"),
            hint: hint.map(str::to_owned),
        }
    }

    fn into_settings(self) -> Result<Settings, SettingsError> {
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

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn show(file: &Path) -> String {
    file.display().to_string()
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
