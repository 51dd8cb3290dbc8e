//! What the user asked for. Immutable once ordered: another wish is another brief.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{AssetId, ModelId, ProviderId, SceneRef};

/// A model's parameters by name, exactly as they will be sent, in the order of its declaration.
///
/// An explicitly empty value (`""`) is present here and differs from an absent one.
pub type Params = Map<String, Value>;

/// What is done. Never a provider's endpoint name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is named after what it does")]
pub enum Operation {
    TextToVideo,
    ImageToVideo,
    ReferenceToVideo,
    TalkingAvatar,
    Enhance,
    Retake,
    Extend,
    FaceSwap,
    Translate,
    Background,
    Sound,
    Speech,
    Image,
    Edit,
    Export,
    Assemble,
    Other,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 17] = [
        Self::TextToVideo,
        Self::ImageToVideo,
        Self::ReferenceToVideo,
        Self::TalkingAvatar,
        Self::Enhance,
        Self::Retake,
        Self::Extend,
        Self::FaceSwap,
        Self::Translate,
        Self::Background,
        Self::Sound,
        Self::Speech,
        Self::Image,
        Self::Edit,
        Self::Export,
        Self::Assemble,
        Self::Other,
    ];

    /// Whether a video comes of it, as the limits of a plan count them.
    pub fn makes_video(self) -> bool {
        !matches!(self, Self::Speech | Self::Image | Self::Other)
    }

    /// Its name on the command line and in JSON: `text-to-video`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TextToVideo => "text-to-video",
            Self::ImageToVideo => "image-to-video",
            Self::ReferenceToVideo => "reference-to-video",
            Self::TalkingAvatar => "talking-avatar",
            Self::Enhance => "enhance",
            Self::Retake => "retake",
            Self::Extend => "extend",
            Self::FaceSwap => "face-swap",
            Self::Translate => "translate",
            Self::Background => "background",
            Self::Sound => "sound",
            Self::Speech => "speech",
            Self::Image => "image",
            Self::Edit => "edit",
            Self::Export => "export",
            Self::Assemble => "assemble",
            Self::Other => "other",
        }
    }

    /// Its name as a person reads it: `text to video`.
    pub fn words(self) -> String {
        self.as_str().replace('-', " ")
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Operation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|operation| operation.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|operation| operation.as_str()).collect();
            format!("unknown operation {text:?}; known: {}", known.join(", "))
        })
    }
}

/// A file or address that a model is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A file on this machine, uploaded before the submission.
    File(std::path::PathBuf),
    /// An address the provider fetches itself.
    Url(String),
    /// A file of the library, uploaded before the submission.
    Asset(AssetId),
    /// What another brief of the same order makes first. It is checked and priced with the rest, and nothing
    /// that still has one is admitted.
    Awaited,
}

/// Inputs by the parameter they fill, in the order they were given.
pub type Inputs = Vec<(String, Source)>;

/// The parameters that hold the words that a model works from, the likeliest first: what is to be seen, or
/// what is to be said.
pub const WORDS: [&str; 2] = ["prompt", "text"];

/// Everything the user asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// The service that shall do it. A job never changes its provider.
    pub provider: ProviderId,
    /// The model's exact id.
    pub model: ModelId,
    /// What is done.
    pub operation: Operation,
    /// The model's parameters, the prompt and the seed among them.
    pub params: Params,
    /// Files and addresses beside the parameters.
    #[serde(default)]
    pub inputs: Inputs,
    /// Where it belongs.
    #[serde(default)]
    pub project: Option<String>,
    /// What to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The take this brief was made from.
    #[serde(default)]
    pub parent: Option<AssetId>,
    /// Which part of a story it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<SceneRef>,
}

impl Brief {
    /// The text sent to the model; empty where there is none.
    pub fn prompt(&self) -> &str {
        let words = self.words_key().and_then(|key| self.params.get(key));
        words.and_then(Value::as_str).unwrap_or_default()
    }

    /// The parameter that holds it.
    pub fn words_key(&self) -> Option<&'static str> {
        WORDS.into_iter().find(|key| self.params.get(*key).is_some_and(Value::is_string))
    }

    /// What it is called where it has no words: `image to video`, `trim`, and `tiktok export`, the platform first,
    /// since that tells apart what is made of one take at once.
    pub fn work(&self) -> String {
        let platform = self.params.get("platform").and_then(Value::as_str);
        work(&self.model, self.operation, platform)
    }

    /// The seed that is asked for, or `None` where the model picks.
    pub fn seed(&self) -> Option<i64> {
        self.params.get("seed").and_then(Value::as_i64).filter(|seed| *seed >= 0)
    }
}

/// What is made without words: for a platform, by this machine, or by an operation.
pub(super) fn work(model: &ModelId, operation: Operation, platform: Option<&str>) -> String {
    match (model.as_str().strip_prefix("local/"), platform) {
        (Some(here), Some(platform)) => format!("{platform} {here}"),
        (Some(here), None) => here.to_owned(),
        (None, _) => operation.words(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_without_words_is_told_apart() {
        let called = |model: &str, operation, params: Params| {
            Brief {
                provider: ProviderId::Local,
                model: ModelId::new(model),
                operation,
                params,
                inputs: Vec::new(),
                project: None,
                tags: Vec::new(),
                parent: None,
                scene: None,
            }
            .work()
        };
        let platform = Params::from_iter([("platform".to_owned(), "tiktok".into())]);
        assert_eq!(called("local/export", Operation::Export, platform), "tiktok export");
        assert_eq!(called("local/trim", Operation::Edit, Params::default()), "trim");
        let cloud = called("some/model", Operation::ImageToVideo, Params::default());
        assert_eq!(cloud, "image to video");
    }

    #[test]
    fn every_operation_is_found_by_its_own_name() {
        for operation in Operation::ALL {
            assert_eq!(operation.as_str().parse(), Ok(operation));
            assert_eq!(
                serde_json::to_value(operation).expect("a plain enum is JSON"),
                operation.as_str()
            );
        }
    }
}
