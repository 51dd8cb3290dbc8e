//! From a scene and its story's defaults to briefs: what is said, what it begins with, what is seen, what is
//! heard over it.

use serde_json::Value;

use super::{Named, Scene, Speaker, Story, StoryFault};
use crate::catalog::{Catalog, InputKind, ModelSpec};
use crate::domain::{Brief, ModelId, Operation, Params, ProviderId, SceneStep};

/// What takes a picture out of a film, on this machine.
pub(super) const FRAME: &str = "local/frame";

/// What lays a recording over a film, on this machine.
pub(super) const SOUND: &str = "local/sound";

/// What puts films together, on this machine.
pub(super) const ASSEMBLE: &str = "local/assemble";

/// What speech models call the voice, the likeliest first.
const VOICES: [&str; 3] = ["voice_id", "voice", "speaker"];

/// What fills an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// What the file names.
    Given(Named),
    /// What another step of the scene makes.
    Made(SceneStep),
    /// The chosen take of the scene before.
    Previous,
}

/// A step as far as the file says it: its inputs are not looked up yet.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) step: SceneStep,
    /// Without inputs.
    pub(super) brief: Brief,
    pub(super) needs: Vec<(String, Need)>,
    /// Whether the file names the model; otherwise it is the usual one.
    pub(super) is_model_said: bool,
}

/// What holds for all scenes.
pub(super) struct Setting<'a> {
    pub(super) story: &'a Story,
    pub(super) catalog: &'a Catalog,
    /// Who makes what does not say it itself.
    pub(super) provider: ProviderId,
    pub(super) project: Option<&'a str>,
}

/// The steps of a scene, each after what it needs.
pub(super) fn of(setting: &Setting<'_>, scene: &Scene, faults: &mut Vec<StoryFault>) -> Vec<Draft> {
    let mut writer = Writer { setting, scene, faults };
    let mut steps = Vec::new();
    if scene.from_previous {
        steps.extend(writer.frame());
    }
    if let Some(words) = &scene.words {
        steps.extend(writer.speech(words));
    }
    steps.extend(writer.film());
    if let Some(film) = steps.last().filter(|last| last.step == SceneStep::Film)
        && let Some(sound) = writer.heard()
        && !film.needs.iter().any(|(_, need)| *need == sound)
    {
        steps.extend(writer.sound(sound));
    }
    steps
}

/// Everything that is wrong with what is said once for all scenes.
pub(super) fn common_faults(setting: &Setting<'_>, faults: &mut Vec<StoryFault>) {
    let mut unknown = |place: String, name: &str| {
        if let Err(error) = setting.catalog.find(name) {
            let hint = Some(error.hint());
            faults.push(StoryFault {
                place,
                key: "model".to_owned(),
                message: error.to_string(),
                hint,
            });
        }
    };
    if let Some(name) = &setting.story.model {
        unknown("story".to_owned(), name);
    }
    for (operation, defaults) in &setting.story.defaults {
        if let Some(name) = &defaults.model {
            unknown(format!("defaults {operation}"), name);
        }
    }
    if setting.story.scenes.is_empty() {
        faults.push(StoryFault {
            place: "story".to_owned(),
            key: "scene".to_owned(),
            message: "there is no scene".to_owned(),
            hint: Some("[[scene]]".to_owned()),
        });
    }
}

struct Writer<'a, 'f> {
    setting: &'a Setting<'a>,
    scene: &'a Scene,
    faults: &'f mut Vec<StoryFault>,
}

impl<'a> Writer<'a, '_> {
    fn fault(&mut self, key: &str, message: String, hint: Option<String>) {
        let (place, key) = (format!("scene {}", self.scene.id), key.to_owned());
        self.faults.push(StoryFault { place, key, message, hint });
    }

    fn speaker(&self) -> Option<&'a Speaker> {
        self.setting.story.cast.get(self.scene.speaker.as_ref()?)
    }

    /// What is heard: a recording, or the words once they are spoken.
    fn heard(&self) -> Option<Need> {
        let spoken = self.scene.words.as_ref().map(|_| Need::Made(SceneStep::Speech));
        spoken.or_else(|| self.scene.audio.clone().map(Need::Given))
    }

    /// The pictures that it begins with: its own, the last one of the scene before, or who speaks.
    fn pictures(&self) -> Vec<Need> {
        if self.scene.from_previous {
            return vec![Need::Made(SceneStep::Frame)];
        }
        if !self.scene.images.is_empty() {
            return self.scene.images.iter().cloned().map(Need::Given).collect();
        }
        let portrait = self.heard().and_then(|_| self.speaker()?.portrait.clone());
        portrait.into_iter().map(Need::Given).collect()
    }

    /// What is to be done: what is said, else what is given for.
    fn operation(&self) -> Operation {
        let usual = || self.setting.story.operation.unwrap_or(Operation::TextToVideo);
        let shown = match (self.pictures().is_empty(), self.heard()) {
            (false, Some(_)) => Operation::TalkingAvatar,
            (false, None) => Operation::ImageToVideo,
            (true, _) if self.scene.last_image.is_some() => Operation::ImageToVideo,
            (true, _) => usual(),
        };
        self.scene.operation.unwrap_or(shown)
    }

    /// The model for an operation, and whether the file names it. `said` is what the scene or the speaker says.
    fn model(&mut self, said: Option<&str>, operation: Operation) -> Option<(&'a ModelSpec, bool)> {
        let setting = self.setting;
        if let Some(name) = said {
            return match setting.catalog.find_for(name, operation) {
                Ok(spec) => Some((spec, true)),
                Err(unknown) => {
                    self.fault("model", unknown.to_string(), Some(unknown.hint()));
                    None
                }
            };
        }
        let here = setting.story.defaults.get(&operation).and_then(|it| it.model.as_deref());
        // One for all scenes is for those that it can make.
        let does_it = |spec: &&ModelSpec| spec.operation == operation;
        let find = |name: &str| setting.catalog.find_for(name, operation).ok().filter(does_it);
        if let Some(spec) =
            here.and_then(find).or_else(|| setting.story.model.as_deref().and_then(find))
        {
            return Some((spec, true));
        }
        let usual = setting.catalog.default_on(operation, setting.provider);
        if usual.is_none() {
            self.fault("operation", format!("no model for {} is known", operation.words()), None);
        }
        usual.map(|spec| (spec, false))
    }

    fn brief(&self, spec: &ModelSpec, params: Params) -> Brief {
        Brief {
            provider: spec.provider_for(self.setting.provider),
            model: ModelId::new(spec.id.as_str()),
            operation: spec.operation,
            params,
            inputs: Vec::new(),
            project: self.setting.project.map(str::to_owned),
            tags: Vec::new(),
            parent: None,
            scene: None,
        }
    }

    /// What is said once for all scenes, as far as this model has it.
    fn common(&self, spec: &ModelSpec) -> Params {
        let story = self.setting.story;
        let of_operation = story.defaults.get(&spec.operation).map(|it| &it.params);
        let negative = story.negative_prompt.clone().map(Value::from);
        let negative = negative.map(|value| ("negative_prompt".to_owned(), value));
        let said = story.params.clone().into_iter();
        let said = said.chain(negative).chain(of_operation.cloned().unwrap_or_default());
        said.filter(|(key, _)| spec.has_param(key)).collect()
    }

    fn speech(&mut self, words: &str) -> Option<Draft> {
        let speaker = self.speaker();
        let said = speaker.and_then(|speaker| speaker.model.as_deref());
        let (spec, is_model_said) = self.model(said, Operation::Speech)?;
        let mut params = self.common(spec);
        if let Some(speaker) = speaker {
            params.extend(speaker.params.clone());
        }
        if let Some(voice) = speaker.and_then(|speaker| speaker.voice.clone()) {
            match VOICES.into_iter().find(|key| spec.has_param(key)) {
                Some(key) => drop(params.insert(key.to_owned(), voice.into())),
                None => self.fault("voice", format!("{} has no voices", spec.name), None),
            }
        }
        match spec.words_key() {
            Some(key) => drop(params.insert(key.to_owned(), words.into())),
            None => self.fault("words", format!("{} speaks no words", spec.name), None),
        }
        let brief = self.brief(spec, params);
        Some(Draft { step: SceneStep::Speech, brief, needs: Vec::new(), is_model_said })
    }

    fn frame(&mut self) -> Option<Draft> {
        let spec = self.local(FRAME)?;
        let params = Params::from_iter([("at".to_owned(), Value::from("last"))]);
        let needs = vec![("video".to_owned(), Need::Previous)];
        let brief = self.brief(spec, params);
        Some(Draft { step: SceneStep::Frame, brief, needs, is_model_said: true })
    }

    fn sound(&mut self, heard: Need) -> Option<Draft> {
        let spec = self.local(SOUND)?;
        let needs =
            vec![("video".to_owned(), Need::Made(SceneStep::Film)), ("audio".to_owned(), heard)];
        // Words that are longer than the picture are heard to their end.
        let params = Params::from_iter([("length".to_owned(), Value::from("longest"))]);
        let brief = self.brief(spec, params);
        Some(Draft { step: SceneStep::Sound, brief, needs, is_model_said: true })
    }

    fn local(&mut self, id: &str) -> Option<&'a ModelSpec> {
        let found = self.setting.catalog.find(id);
        if let Err(unknown) = &found {
            self.fault("model", unknown.to_string(), Some(unknown.hint()));
        }
        found.ok()
    }

    fn film(&mut self) -> Option<Draft> {
        let scene = self.scene;
        let operation = self.operation();
        if scene.video.is_some() && scene.operation.is_none() && scene.model.is_none() {
            let hint = "operation = \"enhance\", or a model".to_owned();
            self.fault(
                "video",
                "video is given, but not what to do with it".to_owned(),
                Some(hint),
            );
            return None;
        }
        let (spec, is_model_said) = self.model(scene.model.as_deref(), operation)?;
        if scene.operation.is_some_and(|said| said != spec.operation) {
            let (does, said) = (spec.operation.words(), operation.words());
            let message = format!("{} is a model for {does}, not for {said}", spec.name);
            self.fault("model", message, None);
            return None;
        }
        let mut params = self.common(spec);
        if let Some(negative) = &scene.negative_prompt {
            params.insert("negative_prompt".to_owned(), negative.clone().into());
        }
        params.extend(scene.params.clone());
        if let Some(prompt) = &scene.prompt {
            match spec.words_key() {
                Some(key) => drop(params.insert(key.to_owned(), prompt.clone().into())),
                None => self.fault("prompt", format!("{} takes no prompt", spec.name), None),
            }
        }
        let needs = self.needs(spec);
        let brief = self.brief(spec, params);
        Some(Draft { step: SceneStep::Film, brief, needs, is_model_said })
    }

    /// Fills the model's declared inputs of each kind in schema order.
    fn needs(&mut self, spec: &ModelSpec) -> Vec<(String, Need)> {
        let given = |name: &Option<Named>| name.clone().map(Need::Given);
        let mut needs = Vec::new();
        let mut given_as = vec![
            ("image", InputKind::Image, self.pictures()),
            (
                "last_image",
                InputKind::LastImage,
                given(&self.scene.last_image).into_iter().collect(),
            ),
            ("video", InputKind::Video, given(&self.scene.video).into_iter().collect()),
        ];
        // A model that hears nothing has the recording laid over its film instead.
        if spec.inputs.iter().any(|input| input.kind == InputKind::Audio) {
            given_as.push(("audio", InputKind::Audio, self.heard().into_iter().collect()));
        }
        for (key, kind, files) in given_as {
            let inputs = spec.inputs.iter().filter(|input| input.kind == kind);
            let mut places = inputs
                .flat_map(|input| std::iter::repeat_n(input.key.clone(), input.how_many.max(1)));
            for file in files {
                let Some(place) = places.next() else {
                    let takes = spec.inputs.iter().map(|input| input.key.as_str());
                    let takes = takes.collect::<Vec<_>>().join(", ");
                    let hint = if takes.is_empty() { "text alone" } else { &takes };
                    let message = format!("{} takes no such {key}", spec.name);
                    self.fault(key, message, Some(format!("it works from {hint}")));
                    break;
                };
                needs.push((place, file));
            }
        }
        needs
    }
}
