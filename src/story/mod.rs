//! Stories: a film of several scenes in one file. A way to fill briefs, never a way round the pipeline.
//!
//! Pure: the file is read into a [`Story`] with everything that is wrong with it, merged with its defaults into
//! steps, and laid beside what is in the library as a [`Plan`]. Only [`mod@file`] and what [`run`] looks up touch
//! the disk, and only [`run`] the pipeline.

mod checks;
mod edit;
pub mod file;
mod film;
mod fingerprint;
mod given;
pub mod identified;
mod plan;
mod planner;
mod prompt;
mod read;
mod revise;
pub mod run;
mod sheet;
mod steps;
mod table;
mod terms;

use std::collections::BTreeMap;

use crate::domain::{Operation, Params, ProviderId, StoryId};

pub use edit::{NotEditable, choose_take, identify};
pub use film::{Film, Stale};
pub use plan::{Chosen, Given, Made, Outlook, Plan, PlannedScene, PlannedStep, Standing, Status};
pub use prompt::{PARTS, joined};
pub use read::{NotToml, read};
pub use revise::{Revision, Said, revise};
pub use sheet::Sheet;
pub use terms::{Agreed, Selection};

/// What `story new` writes: a short story that can be made as it is, with every key explained.
pub const NEW: &str = include_str!("../../assets/stories/example.toml");

/// A file or address as it is written: `face.png`, `https://…`, `asset:12`.
pub type Named = String;

/// A story as it is written, faulty parts left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Story {
    /// Its id for ever, once the first run has written one.
    pub id: Option<StoryId>,
    /// What a person calls it.
    pub title: String,
    /// Where its takes belong.
    pub project: Option<String>,
    /// The service for all of it.
    pub provider: Option<ProviderId>,
    /// The model for scenes whose operation it does.
    pub model: Option<String>,
    /// What is done where a scene does not say or show it.
    pub operation: Option<Operation>,
    /// What is not to be seen, for models that can be told.
    pub negative_prompt: Option<String>,
    /// Parameters for every scene whose model has them.
    pub params: Params,
    /// The same for one operation.
    pub defaults: BTreeMap<Operation, Defaults>,
    /// Who speaks.
    pub cast: BTreeMap<String, Speaker>,
    /// How long one scene fades into the next, in seconds.
    pub crossfade: Option<f64>,
    /// What is heard under the whole film.
    pub music: Option<Named>,
    /// In the order of the film.
    pub scenes: Vec<Scene>,
}

/// What holds for all scenes of one operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defaults {
    /// The model.
    pub model: Option<String>,
    /// Parameters, as far as the scene's model has them.
    pub params: Params,
}

/// Somebody who speaks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Speaker {
    /// Their picture.
    pub portrait: Option<Named>,
    /// The voice, as the speech model names it.
    pub voice: Option<String>,
    /// The model that speaks.
    pub model: Option<String>,
    /// Its parameters.
    pub params: Params,
}

/// One scene.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scene {
    /// What it is known by, whatever its title and place.
    pub id: String,
    /// Whether the file says that id; otherwise it is the one that the first run writes.
    pub is_identified: bool,
    /// What a person calls it.
    pub title: String,
    /// What is to be seen: as written, or the seven parts joined.
    pub prompt: Option<String>,
    /// What is done.
    pub operation: Option<Operation>,
    /// The model.
    pub model: Option<String>,
    /// Parameters of the model.
    pub params: Params,
    /// What is not to be seen.
    pub negative_prompt: Option<String>,
    /// Pictures to begin with, or to work from.
    pub images: Vec<Named>,
    /// The picture to end on.
    pub last_image: Option<Named>,
    /// What is heard.
    pub audio: Option<Named>,
    /// A film to work from.
    pub video: Option<Named>,
    /// Who speaks.
    pub speaker: Option<String>,
    /// What is said.
    pub words: Option<String>,
    /// Whether it begins with the last picture of the scene before it.
    pub from_previous: bool,
    /// How long the film rests on its end, in seconds.
    pub pause: f64,
    /// The take that was chosen: `41`.
    pub take: Option<String>,
}

/// Something that is wrong with a story, with where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryFault {
    /// `story`, `cast ada` or `scene dunes`.
    pub place: String,
    /// Which key.
    pub key: String,
    /// What is wrong, naming the key.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl std::fmt::Display for StoryFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}
