//! The settings: built-in values, then the user's file, then the environment, then flags; each value knows
//! where it came from.

mod huggingface;
mod layers;

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
use self::layers::{Layers, plain};
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

fn show(file: &Path) -> String {
    file.display().to_string()
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
