//! Which part of which story a brief is for: what makes a step that was ordered findable among the jobs.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::StoryId;

/// What is made for a scene, in the order in which one needs the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SceneStep {
    /// Its words, spoken.
    Speech,
    /// The picture it begins with: the last one of the scene before it.
    Frame,
    /// The moving picture.
    Film,
    /// The moving picture with a recording laid over it.
    Sound,
    /// All scenes in one film.
    Assembly,
}

impl SceneStep {
    /// Its name in JSON and for a person.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Speech => "speech",
            Self::Frame => "frame",
            Self::Film => "film",
            Self::Sound => "sound",
            Self::Assembly => "assembly",
        }
    }
}

impl fmt::Display for SceneStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a brief is for. It is part of the brief, so that it is in the library as soon as the job is: whoever
/// comes back after a crash finds what was ordered, and orders nothing twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SceneRef {
    /// Which story.
    pub story: StoryId,
    /// The scene's id in it; empty for what is made of all scenes.
    pub scene: String,
    /// Which part of the scene.
    pub step: SceneStep,
    /// What tells two briefs of one step apart: everything that was said, and what is in the files.
    pub fingerprint: String,
}
