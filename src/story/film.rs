//! The film that was put together of a story, and what it would be put together of now.

use sha2::{Digest, Sha256};

use super::{Named, Outlook, PlannedScene, Story};
use crate::domain::brief::Source;
use crate::domain::{Asset, AssetId, Inputs, Params, SceneStep};
use crate::pipeline::fetch::hex;

/// The newest film of all scenes that is in the library; one that is as the story is now before all others.
#[derive(Debug, Clone, PartialEq)]
pub struct Film {
    /// The film.
    pub asset: Asset,
    /// In what the story is another one by now; `None` where the film is what would be put together again.
    pub stale: Option<Stale>,
}

/// What changed since a film was put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// These scenes have takes that are not in it.
    Takes(Vec<String>),
    /// It has the same takes in another order, or more of them.
    Order,
    /// Its cross-fade, pauses or music are not those of the story.
    Joints,
}

impl Stale {
    /// The scenes whose takes are not in it.
    pub fn scenes(&self) -> &[String] {
        match self {
            Self::Takes(scenes) => scenes,
            Self::Order | Self::Joints => &[],
        }
    }
}

impl std::fmt::Display for Stale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Takes(scenes) => {
                let names = scenes.join(", ");
                write!(f, "the takes that are chosen now for {names} are not in it")
            }
            Self::Order => f.write_str("scenes were moved or left out since"),
            Self::Joints => f.write_str("its cross-fade, pauses or music are not the story's"),
        }
    }
}

/// What an assembly is made of.
pub(super) struct Parts {
    pub(super) inputs: Inputs,
    pub(super) params: Params,
    /// What tells it from another assembly of the same story.
    pub(super) fingerprint: String,
}

/// The chosen takes with what lies between and under them, or why the music cannot be used.
pub(super) fn parts(
    story: &Story,
    scenes: &[PlannedScene],
    music: impl Fn(&Named) -> Option<Result<super::Given, String>>,
    crossfade: f64,
) -> Result<Parts, String> {
    let mut contents: Vec<String> = Vec::new();
    let mut inputs: Inputs = Vec::new();
    for chosen in scenes.iter().filter_map(|scene| scene.chosen.as_ref()) {
        contents.push(chosen.asset.sha256.clone());
        inputs.push(("videos".to_owned(), Source::Asset(chosen.asset.id)));
    }
    if let Some(given) = story.music.as_ref().and_then(music) {
        let given = given?;
        contents.push(given.content);
        inputs.push(("audio".to_owned(), given.source));
    }
    let pauses: Vec<f64> = story.scenes.iter().map(|scene| scene.pause).collect();
    let params = Params::from_iter([
        ("crossfade".to_owned(), crossfade.into()),
        ("pauses".to_owned(), pauses.into()),
    ]);
    let said = serde_json::json!([contents, params]).to_string();
    let fingerprint = hex(&Sha256::digest(said.as_bytes())[..12]);
    Ok(Parts { inputs, params, fingerprint })
}

/// The film beside the story as it is now; `None` where none was put together, or none is left.
pub(super) fn film(story: &Story, scenes: &[PlannedScene], outlook: &Outlook<'_>) -> Option<Film> {
    let crossfade = story.crossfade.unwrap_or_default();
    let now = parts(story, scenes, |name| outlook.given.get(name).cloned(), crossfade);
    let now = now.ok().map(|parts| parts.fingerprint);
    let made = outlook.made.iter().filter_map(|made| {
        let of = made.job.brief.scene.as_ref().filter(|of| of.step == SceneStep::Assembly)?;
        let asset = made.assets.iter().find(|asset| asset.trashed.is_none())?;
        Some((made, asset, now.as_ref() == Some(&of.fingerprint)))
    });
    let (made, asset, is_of_now) =
        made.clone().rfind(|(_, _, is_of_now)| *is_of_now).or_else(|| made.clone().next_back())?;
    let within: Vec<AssetId> = videos(&made.job.brief.inputs).collect();
    let stale = (!is_of_now).then(|| stale(&within, scenes));
    Some(Film { asset: asset.clone(), stale })
}

fn stale(within: &[AssetId], scenes: &[PlannedScene]) -> Stale {
    let chosen =
        || scenes.iter().filter_map(|scene| Some((scene, scene.chosen.as_ref()?.asset.id)));
    let others = chosen().filter(|(_, take)| !within.contains(take));
    let others: Vec<String> = others.map(|(scene, _)| scene.id.clone()).collect();
    if !others.is_empty() {
        return Stale::Takes(others);
    }
    if chosen().map(|(_, take)| take).ne(within.iter().copied()) {
        return Stale::Order;
    }
    Stale::Joints
}

fn videos(inputs: &Inputs) -> impl Iterator<Item = AssetId> {
    inputs.iter().filter_map(|(key, source)| match source {
        Source::Asset(asset) if key == "videos" => Some(*asset),
        _ => None,
    })
}

#[cfg(test)]
#[path = "film_tests.rs"]
mod tests;
