//! Presets, from files: each is a change of a brief that a person sees before anything is ordered.

use serde::Deserialize;
use serde_json::Value;

use super::fitted;
use super::nearest::nearest;
use super::spec::ModelSpec;
use crate::domain::{Inputs, Params};

/// The presets that the program comes with, one group a file.
const BUILT_IN: [(&str, &str); 6] = [
    ("aspects.toml", include_str!("../../assets/presets/aspects.toml")),
    ("motion.toml", include_str!("../../assets/presets/motion.toml")),
    ("camera.toml", include_str!("../../assets/presets/camera.toml")),
    ("style.toml", include_str!("../../assets/presets/style.toml")),
    ("without.toml", include_str!("../../assets/presets/without.toml")),
    ("linkedin.toml", include_str!("../../assets/presets/linkedin.toml")),
];

/// The parameter for words that shall be kept out, as the services name it.
const WITHOUT: &str = "negative_prompt";

/// A change of a brief by a name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// What it is called by.
    pub name: String,
    /// What a person reads.
    pub label: String,
    /// What it is among: `camera`.
    #[serde(skip)]
    pub group: String,
    /// Put behind the prompt.
    words: Option<String>,
    /// Put behind what shall be kept out.
    without: Option<String>,
    /// The shape: `9:16`.
    aspect: Option<String>,
    /// How many lines: `720p`.
    resolution: Option<String>,
    /// How many seconds.
    duration: Option<u32>,
    /// Other parameters.
    #[serde(default)]
    set: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: String,
    #[serde(default)]
    preset: Vec<Preset>,
}

/// What is wrong with a file of presets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {why}")]
pub struct BadPresets {
    /// Which file.
    pub file: String,
    /// What is wrong in it.
    pub why: String,
}

/// No preset has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no preset {name:?}")]
pub struct UnknownPreset {
    /// The name.
    pub name: String,
    /// One that is nearly the same.
    pub near: Option<String>,
}

/// What a preset changes in a brief for one model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// The prompt with its words; `None` where they are there already, or it brings none.
    pub prompt: Option<String>,
    /// What is set: the parameter and its value.
    pub set: Vec<(String, Value)>,
    /// What this model cannot do, in words.
    pub left_out: Vec<String>,
}

impl Change {
    /// What it comes to, in a line: `prompt + slow dolly in · size 720*1280`. `before` is the prompt of now.
    pub fn words(&self, before: &str) -> String {
        let behind = |prompt: &String| {
            let added = prompt.strip_prefix(before.trim_end()).unwrap_or(prompt);
            format!("prompt + {}", added.trim_start_matches([',', ' ']))
        };
        let set = self.set.iter().map(|(key, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{key} {value}")
        });
        let done: Vec<_> = self.prompt.iter().map(behind).chain(set).collect();
        let done = if done.is_empty() { "nothing to change".to_owned() } else { done.join(" · ") };
        if self.left_out.is_empty() {
            done
        } else {
            format!("{done}; {}", self.left_out.join("; "))
        }
    }

    /// Whether the brief is as it was afterwards.
    pub fn is_nothing(&self) -> bool {
        self.prompt.is_none() && self.set.is_empty()
    }
}

/// Every preset on offer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Presets(Vec<Preset>);

impl Presets {
    /// The presets that the program comes with.
    pub fn built_in() -> Result<Self, BadPresets> {
        let mut presets = Self::default();
        for (name, text) in BUILT_IN {
            presets.add(name, text)?;
        }
        Ok(presets)
    }

    /// Those and the ones of the user's files, each by its name and text. One of the same name takes the place of
    /// another.
    pub fn with_own(files: &[(String, String)]) -> Result<Self, BadPresets> {
        let mut presets = Self::built_in()?;
        for (name, text) in files {
            presets.add(name, text)?;
        }
        Ok(presets)
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), BadPresets> {
        let wrong = |why: &str| BadPresets { file: file.to_owned(), why: why.to_owned() };
        let read: File = toml::from_str(text).map_err(|error| wrong(error.message()))?;
        for mut preset in read.preset {
            if preset.name.is_empty() || preset.name.contains(char::is_whitespace) {
                return Err(wrong(&format!("{:?} is no name: write it in one word", preset.name)));
            }
            preset.group.clone_from(&read.group);
            match self.0.iter_mut().find(|known| known.name == preset.name) {
                Some(known) => *known = preset,
                None => self.0.push(preset),
            }
        }
        Ok(())
    }

    /// All of them, by group.
    pub fn all(&self) -> &[Preset] {
        &self.0
    }

    /// The one of this name.
    pub fn find(&self, name: &str) -> Result<&Preset, UnknownPreset> {
        self.0.iter().find(|preset| preset.name == name).ok_or_else(|| {
            let names = self.0.iter().map(|preset| preset.name.as_str());
            UnknownPreset { name: name.to_owned(), near: nearest(name, names).map(str::to_owned) }
        })
    }
}

impl Preset {
    /// What it asks for, whatever the model makes of it.
    pub fn does(&self) -> String {
        let set = self.set.iter().map(|(key, value)| format!("{key} {value}"));
        let asked = [
            self.words.as_ref().map(|words| format!("+ {words}")),
            self.without.as_ref().map(|words| format!("without {words}")),
            self.aspect.clone(),
            self.resolution.clone(),
            self.duration.map(|seconds| format!("{seconds} s")),
        ];
        asked.into_iter().flatten().chain(set).collect::<Vec<_>>().join(" · ")
    }

    /// What it changes in this brief for this model, whose prompt, parameters and files of now are given. What
    /// would make a fault where there is none is left out.
    pub fn change(&self, spec: &ModelSpec, prompt: &str, given: (&Params, &Inputs)) -> Change {
        let (params, inputs) = given;
        let mut fitting =
            Fitting { spec, inputs, after: params.clone(), change: Change::default() };
        if let Some(words) = &self.words {
            match (spec.words_key(), joined(prompt, words)) {
                (Some(key), Some(after)) => fitting.set(key, after.into()),
                (Some(_), None) => {}
                (None, _) => fitting.leave_out("takes no prompt"),
            }
        }
        if let Some(words) = &self.without {
            let before = params.get(WITHOUT).and_then(Value::as_str).unwrap_or_default();
            match (spec.param(WITHOUT), joined(before, words)) {
                (Some(_), Some(after)) => fitting.set(WITHOUT, after.into()),
                (Some(_), None) => {}
                (None, _) => fitting.leave_out("takes no words to keep out"),
            }
        }
        if let Some(wanted) = &self.aspect {
            fitting.take(fitted::aspect(spec, &fitting.after, wanted), wanted);
        }
        if let Some(wanted) = &self.resolution {
            fitting.take(fitted::resolution(spec, &fitting.after, wanted), wanted);
        }
        if let Some(seconds) = self.duration {
            fitting.take(fitted::duration(spec, seconds), &format!("{seconds} s"));
        }
        for (key, value) in &self.set {
            if let (true, Ok(value)) = (spec.has_param(key), serde_json::to_value(value)) {
                fitting.set(key, value);
            }
        }
        let mut change = fitting.change;
        if let Some(key) = spec.words_key()
            && let Some(at) = change.set.iter().position(|(known, _)| known == key)
        {
            change.prompt = change.set.remove(at).1.as_str().map(str::to_owned);
        }
        // What is so already is no change.
        change.set.retain(|(key, value)| {
            let default = || spec.param(key).and_then(|param| param.default.clone());
            params.get(key).cloned().or_else(default).as_ref() != Some(value)
        });
        change
    }
}

/// A change that is being made to fit a model.
struct Fitting<'a> {
    spec: &'a ModelSpec,
    inputs: &'a Inputs,
    after: Params,
    change: Change,
}

impl Fitting<'_> {
    fn take(&mut self, found: Option<(String, Value)>, wanted: &str) {
        match found {
            Some((key, value)) => self.set(&key, value),
            None => self.leave_out(&format!("makes no {wanted}")),
        }
    }

    fn set(&mut self, key: &str, value: Value) {
        let faults = |params: &Params| {
            let given = self.spec.complete(params);
            self.spec.faults(&given, self.inputs).into_iter().map(|fault| fault.message)
        };
        let before: Vec<_> = faults(&self.after).collect();
        let mut after = self.after.clone();
        after.insert(key.to_owned(), value.clone());
        let fault = faults(&after).find(|fault| !before.contains(fault));
        if let Some(fault) = fault {
            self.change.left_out.push(fault);
            return;
        }
        self.after = after;
        self.change.set.retain(|(known, _)| known != key);
        self.change.set.push((key.to_owned(), value));
    }

    fn leave_out(&mut self, why: &str) {
        self.change.left_out.push(format!("{} {why}", self.spec.name));
    }
}

/// Words behind others, parted by a comma; `None` where they are there.
fn joined(before: &str, words: &str) -> Option<String> {
    let before = before.trim_end();
    if before.to_lowercase().contains(&words.to_lowercase()) {
        return None;
    }
    if before.is_empty() {
        return Some(words.to_owned());
    }
    let ends = before.ends_with(['.', '!', '?', ',', ';', ':']);
    Some(format!("{before}{}{words}", if ends { " " } else { ", " }))
}

#[cfg(test)]
#[path = "presets_tests.rs"]
mod tests;
