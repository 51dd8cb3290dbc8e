//! The pictures, films and sounds that a submission names, as far as they lie here.

use std::path::PathBuf;

use serde_json::Value;

use super::film::ShotError;
use super::plan::{Plan, picked_seed};
use crate::catalog::{InputKind, ModelSpec};
use crate::domain::MediaKind;
use crate::media::probe::sniff_file;

/// One thing that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thing {
    /// The input's name on the wire.
    pub(super) key: String,
    /// Where it lies. Nothing where it would have to be fetched: the sandbox has no network.
    pub(super) file: Option<PathBuf>,
    /// What a stand-in is drawn from.
    pub(super) seed: u64,
}

/// Everything that was given, by kind, in the order of the model's schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) pictures: Vec<Thing>,
    pub(super) last_picture: Option<Thing>,
    pub(super) films: Vec<Thing>,
    pub(super) sounds: Vec<Thing>,
}

impl Given {
    /// Looks for every input of the model; `here` tells the file behind an address of ours.
    pub(super) fn new(
        plan: &Plan,
        spec: &ModelSpec,
        here: impl Fn(&str) -> Option<PathBuf>,
    ) -> Result<Self, ShotError> {
        let mut given = Self::default();
        for input in &spec.inputs {
            let value = plan.inputs.get(&input.key);
            let several = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let urls = value.into_iter().chain(several).filter_map(Value::as_str);
            for url in urls.filter(|url| !url.trim().is_empty()) {
                let file = here(url);
                // An address names a port, which is another one tomorrow.
                let named = url.rsplit('/').next().unwrap_or(url);
                let thing = Thing { key: input.key.clone(), seed: picked_seed(named), file };
                given.add(input.kind, thing)?;
            }
        }
        Ok(given)
    }

    fn add(&mut self, kind: InputKind, thing: Thing) -> Result<(), ShotError> {
        let media = match (kind, &thing.file) {
            (InputKind::File, Some(file)) => sniff_file(file)?.kind,
            (kind, _) => kind.media(),
        };
        match (kind, media) {
            // It says where, and is not to be seen.
            (InputKind::Mask, _) | (_, MediaKind::Other) => {}
            (InputKind::LastImage, _) => self.last_picture = Some(thing),
            (_, MediaKind::Image) => self.pictures.push(thing),
            (_, MediaKind::Video) => self.films.push(thing),
            (_, MediaKind::Audio) => self.sounds.push(thing),
        }
        Ok(())
    }
}
