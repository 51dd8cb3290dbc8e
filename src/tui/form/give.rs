//! Something of the library is given to the chosen model, or to one that takes its kind.

use super::super::settings::Settings;
use super::rows::{What, label};
use crate::catalog::{InputKind, InputSpec, ModelSpec};
use crate::domain::brief::Source;
use crate::domain::{MediaKind, ModelId, Operation};

/// Where it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What the form calls the input.
    pub label: String,
    /// Whether another model was chosen for it.
    pub chose: bool,
}

/// Why it went nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPlace {
    /// This model takes its kind, and has as many as it takes.
    Full(String),
    /// No model that runs here takes its kind.
    NoModel,
}

/// What is most likely wanted of a file of this kind, the likeliest first.
fn operations(kind: MediaKind) -> &'static [Operation] {
    match kind {
        MediaKind::Image => &[
            Operation::ImageToVideo,
            Operation::ReferenceToVideo,
            Operation::TalkingAvatar,
            Operation::Image,
        ],
        MediaKind::Video => &[
            Operation::Enhance,
            Operation::Extend,
            Operation::Retake,
            Operation::Translate,
            Operation::Background,
            Operation::Sound,
            Operation::FaceSwap,
        ],
        MediaKind::Audio => &[Operation::TalkingAvatar, Operation::TextToVideo],
        MediaKind::Other => &[],
    }
}

/// Whether a file of this kind may be what the input is for. A mask is never guessed.
fn takes(input: &InputSpec, kind: MediaKind) -> bool {
    input.kind != InputKind::Mask && (input.kind.media() == kind || input.kind == InputKind::File)
}

impl Settings {
    /// Gives a file of the library to the first input that takes its kind and is empty; where the chosen model
    /// has none of that kind, to the usual model that does. The bar goes there.
    pub fn give(&mut self, source: Source, kind: MediaKind) -> Result<Given, NoPlace> {
        let mut chose = false;
        if !self.model().inputs.iter().any(|input| takes(input, kind)) {
            let id = self.usual_for(kind).ok_or(NoPlace::NoModel)?;
            chose = self.choose(&id);
        }
        let free = |input: &&InputSpec| {
            takes(input, kind) && self.given(&input.key).count() < input.how_many
        };
        let inputs = &self.model().inputs;
        let needed = inputs.iter().filter(|input| input.required).find(free);
        let Some(input) = needed.or_else(|| inputs.iter().find(free)) else {
            return Err(NoPlace::Full(self.model().name.clone()));
        };
        let place = inputs.iter().position(|other| other.key == input.key).unwrap_or_default();
        let (key, nth) = (input.key.clone(), self.given(&input.key).count());
        let is_row = |what: &What| *what == What::File { input: place, nth };
        self.at = self.rows().iter().position(|row| is_row(&row.what)).unwrap_or_default();
        self.put_files(vec![source]);
        Ok(Given { label: label(&key), chose })
    }

    /// The model that runs here and is most likely wanted for a file of this kind.
    fn usual_for(&self, kind: MediaKind) -> Option<ModelId> {
        let fits = |spec: &&ModelSpec| {
            self.offers(spec) && spec.inputs.iter().any(|input| takes(input, kind))
        };
        let of = |operation: &Operation| {
            let usual = self.catalog().default_for(*operation).filter(fits);
            let all = self.catalog().all().iter();
            let mut others = all.filter(|spec| spec.operation == *operation).filter(fits);
            usual.or_else(|| others.next()).map(|spec| spec.id.clone())
        };
        let any = || self.catalog().all().iter().find(fits).map(|spec| spec.id.clone());
        operations(kind).iter().find_map(of).or_else(any)
    }
}
