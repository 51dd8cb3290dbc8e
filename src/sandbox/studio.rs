//! Makes the output of a prediction, once, and keeps it as a file.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::desk::extension;
use super::film::{Shot, tone};
use super::record::Record;
use crate::catalog::ModelSpec;
use crate::domain::{MediaKind, Operation, Params, Pixels};
use crate::media::poster::prune_oldest;

/// Outputs can be made again at any time; more than this is not kept.
const MOST_BYTES: u64 = 256 << 20;

/// A film that somebody asks for in the sandbox is at most this long.
const MOST_SECONDS: f64 = 120.0;

const FPS: u32 = 24;

/// Where outputs are made and kept.
pub(super) struct Studio {
    folder: PathBuf,
    /// One film at a time: painting is work for a whole core, and people are waiting for their keys.
    camera: Arc<Semaphore>,
    /// Who makes what, so that nothing is made twice at once.
    making: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    closed: Arc<AtomicBool>,
}

impl Studio {
    pub(super) fn open(folder: PathBuf, closed: Arc<AtomicBool>) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let camera = Arc::new(Semaphore::new(1));
        Ok(Self { folder, camera, making: Mutex::default(), closed })
    }

    /// The finished file, made now if it is not there.
    pub(super) async fn output(&self, record: &Record, spec: &ModelSpec) -> io::Result<PathBuf> {
        let file = self.folder.join(format!("{}.{}", record.id, extension(spec.output)));
        let turn = self.turn(&record.id);
        let _alone = turn.lock().await;
        if file.is_file() {
            return Ok(file);
        }
        let _film = self.camera.acquire().await.map_err(io::Error::other)?;
        let plan = Plan::new(record, spec);
        let (target, folder) = (file.clone(), self.folder.clone());
        let closed = Arc::clone(&self.closed);
        tokio::task::spawn_blocking(move || plan.make(&folder, &target, &closed))
            .await
            .map_err(io::Error::other)??;
        Ok(file)
    }

    /// Removes an output that nobody shall see again.
    pub(super) fn remove(&self, record: &Record, kind: MediaKind) {
        // It may never have been made.
        let _ = fs::remove_file(self.folder.join(format!("{}.{}", record.id, extension(kind))));
    }

    fn turn(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        making.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(making.entry(id.to_owned()).or_default())
    }
}

/// What has to be made.
struct Plan {
    shot: Shot,
    kind: MediaKind,
}

impl Plan {
    fn new(record: &Record, spec: &ModelSpec) -> Self {
        let inputs = spec.complete(&record.inputs);
        let wanted =
            inputs.get("seed").and_then(Value::as_i64).and_then(|seed| u64::try_from(seed).ok());
        // The model picks: as if by chance, but the same for the same prediction.
        let seed = wanted.unwrap_or_else(|| picked_seed(&record.id));
        let prompt =
            ["prompt", "text", "script"].into_iter().find_map(|key| inputs.get(key)?.as_str());
        let fps =
            number(&inputs, &["fps", "frame_rate"]).map_or(FPS, |fps| whole(fps).clamp(8, 60));
        let asked = number(&inputs, &["duration", "seconds"]);
        let given = record.input_ms.map(|ms| Duration::from_millis(ms).as_secs_f64());
        // A talking avatar has the length of its sound, whatever else is said.
        let seconds = match spec.operation {
            Operation::TalkingAvatar => given.or(asked),
            _ => asked.or(given),
        };
        let seconds = seconds.unwrap_or(5.0);
        let seconds = seconds.clamp(0.5, MOST_SECONDS);
        let shot = Shot {
            size: size(&inputs),
            frames: whole(seconds * f64::from(fps)).max(1),
            fps,
            seed,
            seed_shown: seed.to_string(),
            prompt: prompt.unwrap_or(&spec.name).to_owned(),
        };
        Self { shot, kind: spec.output }
    }

    /// Makes it beside and renames it: two processes may make the same, and both are right.
    fn make(&self, folder: &Path, target: &Path, closed: &AtomicBool) -> io::Result<()> {
        let part = tempfile::Builder::new().suffix(".part").tempfile_in(folder)?;
        match self.kind {
            MediaKind::Video => self.shot.film(part.path(), closed).map_err(io::Error::other)?,
            MediaKind::Image => {
                self.shot.still().map_err(io::Error::other)?.write_png(part.path())?;
            }
            MediaKind::Audio => fs::write(part.path(), tone::wav(&self.shot))?,
            MediaKind::Other => fs::write(part.path(), format!("{}\n", self.shot.prompt))?,
        }
        part.persist(target).map_err(|error| error.error)?;
        prune_oldest(folder, MOST_BYTES)
    }
}

/// A seed from a prediction's id.
fn picked_seed(id: &str) -> u64 {
    let hash = Sha256::digest(id.as_bytes());
    hash.iter().take(4).fold(0, |seed, byte| seed << 8 | u64::from(*byte)) & 0x7fff_ffff
}

/// The first of these that is a number, or a text that is one.
fn number(inputs: &Params, keys: &[&str]) -> Option<f64> {
    keys.iter().find_map(|key| {
        let value = inputs.get(*key)?;
        let number =
            value.as_f64().or_else(|| value.as_str()?.trim_end_matches('s').parse().ok())?;
        (number.is_finite() && number > 0.0).then_some(number)
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn whole(value: f64) -> u32 {
    value.round() as u32
}

/// The size that is asked for, in any of the words that models use.
fn size(inputs: &Params) -> Pixels {
    let text = |key: &str| inputs.get(key).and_then(Value::as_str);
    if let Some(size) = text("size").and_then(|size| size.parse::<Pixels>().ok()) {
        return even(size);
    }
    let named = ["resolution", "target_resolution", "size"].into_iter().find_map(text);
    if let Some(size) = named.and_then(|size| size.parse::<Pixels>().ok()) {
        return even(size);
    }
    let short = match named.map(str::to_ascii_lowercase).as_deref() {
        Some("4k" | "2160p") => 2160,
        Some("2k" | "1440p") => 1440,
        Some(name) => name.trim_end_matches('p').parse().unwrap_or(720).clamp(64, 2160),
        None => 720,
    };
    let side = |text: &str| text.trim().parse().ok().filter(|side: &f64| *side >= 1.0);
    let aspect = text("aspect_ratio").and_then(|ratio| ratio.split_once(':'));
    let aspect = aspect.and_then(|(across, down)| side(across).zip(side(down)));
    let (across, down) = aspect.unwrap_or((16.0, 9.0));
    let long = |ratio: f64| whole(f64::from(short) * ratio.clamp(1.0, 4.0));
    even(if across >= down {
        Pixels { width: long(across / down), height: short }
    } else {
        Pixels { width: short, height: long(down / across) }
    })
}

/// Within what the encoder can do, both sides even.
fn even(size: Pixels) -> Pixels {
    let (long, short) = (3840, 2160);
    let (most_wide, most_high) =
        if size.width >= size.height { (long, short) } else { (short, long) };
    Pixels {
        width: size.width.clamp(16, most_wide) & !1,
        height: size.height.clamp(16, most_high) & !1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_way_to_ask_for_a_size_is_understood() {
        let check = |inputs: Value, width: u32, height: u32| {
            let inputs: Params = serde_json::from_value(inputs).unwrap();
            assert_eq!(size(&inputs), Pixels { width, height }, "{inputs:?}");
        };
        check(json!({"size": "832*480"}), 832, 480);
        check(json!({"size": "720*1280"}), 720, 1280);
        check(json!({"resolution": "1080p"}), 1920, 1080);
        check(json!({"resolution": "480p", "aspect_ratio": "9:16"}), 480, 852);
        check(json!({"resolution": "720p", "aspect_ratio": "1:1"}), 720, 720);
        check(json!({"resolution": "1024x576"}), 1024, 576);
        check(json!({"target_resolution": "4k"}), 3840, 2160);
        check(json!({"aspect_ratio": "0:0"}), 1280, 720);
        check(json!({"size": "99999*3"}), 3840, 16);
        check(json!({}), 1280, 720);
    }

    #[test]
    fn lengths_are_read_as_numbers_and_as_text() {
        let inputs =
            |value: Value| serde_json::from_value::<Params>(json!({"duration": value})).unwrap();
        assert_eq!(number(&inputs(json!(8)), &["duration"]), Some(8.0));
        assert_eq!(number(&inputs(json!("8s")), &["duration"]), Some(8.0));
        assert_eq!(number(&inputs(json!(-1)), &["duration"]), None);
    }
}
