//! What every request needs: where things lie, what is on offer, how fast, what goes wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::billing::Billing;
use super::faults::Switchboard;
use super::record::{Made, Pace, Record, Records, Status};
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
    /// Pixels of a film.
    pub(super) most_drawn: u64,
    pub(super) webhook_secret: String,
}

pub(super) type Shared = Arc<Desk>;

impl Desk {
    /// The model with exactly this id, if the sandbox offers it.
    pub(super) fn model(&self, id: &str) -> Option<&ModelSpec> {
        self.catalog.find(id).ok().filter(|spec| spec.id.as_str() == id && !spec.is_local())
    }

    /// What has become of a prediction: it is completed when its time is over and its output is made.
    pub(super) fn status(&self, record: &Record, now: Timestamp) -> (Status, Made) {
        let by_clock = record.status(now, self.pace);
        if by_clock != Status::Completed {
            return (by_clock, Made::default());
        }
        match self.records.made(&record.id) {
            None => (Status::Processing, Made::default()),
            Some(made) if made.failed.is_some() => (Status::Failed, made),
            Some(made) => (Status::Completed, made),
        }
    }

    /// Where the outputs of a prediction are fetched, at the address of today.
    pub(super) fn output_urls(&self, record: &Record, made: &Made) -> Vec<String> {
        let kind = self.model(&record.model).map_or(MediaKind::Video, |spec| spec.output);
        let url =
            |nth| format!("{}/outputs/{}/{nth}.{}", self.base_url, record.id, extension(kind));
        (1..=made.outputs).map(url).collect()
    }

    /// The file behind an address of ours: an upload, or an output that is still there. The host is not
    /// looked at: a file outlives the port.
    pub(super) fn here(&self, url: &str) -> Option<PathBuf> {
        self.uploaded(url).or_else(|| {
            let rest = url.split_once("://")?.1.split_once("/outputs/")?.1;
            let (id, name) = rest.split_once('/')?;
            let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let (nth, extension) = name.split_once('.')?;
            (is_plain(id) && is_plain(nth) && is_plain(extension))
                .then(|| self.studio.file(id, nth, extension))
                .filter(|file| file.is_file())
        })
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
                let length = match self.here(url) {
                    Some(file) => self.length(&file).await,
                    None => None,
                };
                lengths.add(&input.key, input.kind, length);
            }
        }
        lengths
    }

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
