//! What every request needs: where things lie, what is on offer, how fast, what goes wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::billing::Billing;
use super::faults::Switchboard;
use super::record::{Pace, Record, Records};
use super::studio::Studio;
use crate::catalog::{Catalog, InputKind, Measured, ModelSpec};
use crate::domain::{MediaKind, Params, Usd};
use crate::media::MediaChild;
use crate::media::sound::wav_facts;

/// Shared by every request.
pub(super) struct Desk {
    pub(super) base_url: String,
    pub(super) pace: Pace,
    pub(super) faults: Switchboard,
    pub(super) required_key: Option<String>,
    pub(super) catalog: Arc<Catalog>,
    pub(super) records: Records,
    pub(super) billing: Billing,
    pub(super) studio: Studio,
    /// Uploads.
    pub(super) media: PathBuf,
    pub(super) reader: Option<MediaChild>,
    pub(super) webhook_secret: String,
}

pub(super) type Shared = Arc<Desk>;

impl Desk {
    /// The model with exactly this id, if the sandbox offers it.
    pub(super) fn model(&self, id: &str) -> Option<&ModelSpec> {
        self.catalog.find(id).ok().filter(|spec| spec.id.as_str() == id)
    }

    /// Where the output of a prediction is fetched, at the address of today.
    pub(super) fn output_url(&self, record: &Record) -> String {
        let kind = self.model(&record.model).map_or(MediaKind::Video, |spec| spec.output);
        format!("{}/outputs/{}/1.{}", self.base_url, record.id, extension(kind))
    }

    /// How long the sounds and films among these inputs are, where they were uploaded here.
    pub(super) async fn measure(&self, spec: &ModelSpec, inputs: &Params) -> Lengths {
        let mut lengths = Lengths::default();
        for input in &spec.inputs {
            if !matches!(input.kind, InputKind::Audio | InputKind::Video) {
                continue;
            }
            let given = inputs.get(&input.key);
            let several = given.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            for url in given.into_iter().chain(several).filter_map(Value::as_str) {
                let length = match self.uploaded(url) {
                    Some(file) => self.length(&file).await,
                    None => None,
                };
                lengths.add(&input.key, input.kind, length);
            }
        }
        lengths
    }

    /// The file behind an address of ours. Its host is not looked at: an upload outlives the port.
    fn uploaded(&self, url: &str) -> Option<PathBuf> {
        let rest = url.split_once("://")?.1.split_once("/media/")?.1;
        let (folder, name) = rest.split_once('/')?;
        let is_plain =
            |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('/');
        let file = self.media.join(folder).join(name);
        (is_plain(folder) && is_plain(name) && file.is_file()).then_some(file)
    }

    async fn length(&self, file: &Path) -> Option<u64> {
        if let Some(reader) = &self.reader {
            return reader.probe(file).await.facts.duration_ms;
        }
        // A WAV header is the one thing that is safe to read in this process.
        let path = file.to_owned();
        let read =
            tokio::task::spawn_blocking(move || wav_facts(std::fs::File::open(path).ok()?).ok());
        read.await.ok()??.and_then(|facts| facts.duration_ms)
    }
}

/// How a file of this kind is called.
pub(super) fn extension(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Video => "mp4",
        MediaKind::Image => "png",
        MediaKind::Audio => "wav",
        MediaKind::Other => "txt",
    }
}

/// What a run of this model costs with these inputs; nothing where no rule is known.
pub(super) fn price(spec: &ModelSpec, inputs: &Params, lengths: &Lengths) -> Usd {
    let estimate = spec.estimate(inputs, &lengths.measured);
    estimate
        .or_else(|| spec.estimate(&spec.defaults(), &Measured::default()))
        .map_or(Usd::ZERO, |price| price.high)
}

/// Lengths of inputs.
#[derive(Debug, Default)]
pub(super) struct Lengths {
    pub(super) measured: Measured,
    sound_ms: Option<u64>,
    film_ms: Option<u64>,
}

impl Lengths {
    fn add(&mut self, key: &str, kind: InputKind, length: Option<u64>) {
        let measured = std::mem::take(&mut self.measured);
        self.measured = match length {
            Some(ms) => measured.lasting(key, ms),
            None => measured.unmeasured(key),
        };
        let longest = if kind == InputKind::Audio { &mut self.sound_ms } else { &mut self.film_ms };
        *longest = (*longest).max(length);
    }

    /// The longest sound, or else the longest film.
    pub(super) fn longest_ms(&self) -> Option<u64> {
        self.sound_ms.or(self.film_ms)
    }
}
