//! What has to be made, out of the words of a submission.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::record::Record;
use crate::catalog::ModelSpec;
use crate::domain::brief::WORDS;
use crate::domain::{MediaKind, Operation, Params, Pixels};

/// Frames a second where nothing else is said.
pub(super) const FPS_MILLI: u32 = 24_000;

/// A film that somebody asks for in the sandbox is at most this long; so is the longest avatar.
pub(super) const MOST_SECONDS: f64 = 600.0;

/// The shorter side where nothing says another one.
const SHORT: u32 = 720;

/// At most so many files come out of one prediction.
const MOST_OUTPUTS: usize = 8;

/// A submission, understood.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) kind: MediaKind,
    pub(super) operation: Operation,
    /// Every value, defaults too.
    pub(super) inputs: Params,
    pub(super) seed: u64,
    pub(super) prompt: String,
    /// How long it shall be, where that is said.
    pub(super) asked_s: Option<f64>,
    /// How long the longest sound is that was given, or else the longest film.
    pub(super) given_s: Option<f64>,
    pub(super) fps_milli: Option<u32>,
    pub(super) outputs: usize,
    /// The shorter side where no size is asked for: some models have it in their name.
    pub(super) short: u32,
}

impl Plan {
    pub(super) fn new(record: &Record, spec: &ModelSpec) -> Self {
        let inputs = spec.complete(&record.inputs);
        let wanted =
            inputs.get("seed").and_then(Value::as_i64).and_then(|seed| u64::try_from(seed).ok());
        let prompt = WORDS
            .into_iter()
            .chain(["script", "sound_effect_prompt"])
            .filter_map(|key| inputs.get(key)?.as_str())
            .find(|text| !text.trim().is_empty());
        let fps = number(&inputs, &["fps", "frame_rate"]).map(|fps| whole(fps).clamp(8, 60) * 1000);
        let several = ["num_samples", "num_images", "num_outputs", "num_videos", "max_images", "n"];
        let outputs = number(&inputs, &several).map_or(1, |count| whole(count) as usize);
        Self {
            kind: spec.output,
            operation: spec.operation,
            // The model picks: as if by chance, but the same for the same prediction.
            seed: wanted.unwrap_or_else(|| picked_seed(&record.id)),
            prompt: prompt.unwrap_or(&spec.name).to_owned(),
            asked_s: number(&inputs, &["duration", "seconds"]),
            given_s: record.input_ms.map(|ms| Duration::from_millis(ms).as_secs_f64()),
            fps_milli: fps,
            outputs: outputs.clamp(1, MOST_OUTPUTS),
            short: side_in_name(spec.id.as_str()).unwrap_or(SHORT),
            inputs,
        }
    }

    /// The same for one of several outputs, counted from 0: another seed.
    pub(super) fn nth(&self, nth: usize) -> Self {
        Self { seed: self.seed.wrapping_add(nth as u64), ..self.clone() }
    }

    /// How long it becomes: as asked, or as what was given.
    pub(super) fn seconds(&self) -> f64 {
        self.asked_s.or(self.given_s).unwrap_or(5.0).clamp(0.5, MOST_SECONDS)
    }

    /// A text among the values.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.inputs.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The first of these switches that is there.
    pub(super) fn switch(&self, keys: &[&str]) -> Option<bool> {
        keys.iter().find_map(|key| self.inputs.get(*key)?.as_bool())
    }

    /// The size that is asked for, in any of the words that models use. Where no shape is named it has the
    /// shape of `like`, and where nothing is said of a size its shorter side is `short`.
    pub(super) fn size(&self, like: Option<Pixels>, short: u32) -> Pixels {
        even(self.exact_size(like, short))
    }

    /// The same for a picture, whose sides may be odd.
    pub(super) fn exact_size(&self, like: Option<Pixels>, short: u32) -> Pixels {
        size(&self.inputs, like, short)
    }

    /// Whether a size or a resolution is named at all.
    pub(super) fn names_size(&self) -> bool {
        ["size", "resolution", "target_resolution", "aspect_ratio", "width"]
            .into_iter()
            .any(|key| self.inputs.contains_key(key))
    }
}

/// `…-480p`.
fn side_in_name(id: &str) -> Option<u32> {
    let mut ends = id.split(['/', '-']).filter_map(|part| part.strip_suffix('p')?.parse().ok());
    ends.find(|side: &u32| (240..=2160).contains(side))
}

/// A seed from any text.
pub(super) fn picked_seed(id: &str) -> u64 {
    let hash = Sha256::digest(id.as_bytes());
    hash.iter().take(4).fold(0, |seed, byte| seed << 8 | u64::from(*byte)) & 0x7fff_ffff
}

/// How many frames a length takes.
pub(super) fn frames(seconds: f64, fps_milli: u32) -> u32 {
    whole(seconds * f64::from(fps_milli) / 1000.0).max(1)
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

fn size(inputs: &Params, like: Option<Pixels>, short: u32) -> Pixels {
    let text = |key: &str| inputs.get(key).and_then(Value::as_str);
    let side = |key: &str| number(inputs, &[key]).map(whole);
    if let Some((width, height)) = side("width").zip(side("height")) {
        return Pixels { width, height };
    }
    let named = ["size", "resolution", "target_resolution"].into_iter().filter_map(text);
    if let Some(size) = named.clone().find_map(|size| size.parse::<Pixels>().ok()) {
        return size;
    }
    let short = named.clone().find_map(named_side).unwrap_or(short).clamp(64, 2160);
    let part = |text: &str| text.trim().parse().ok().filter(|side: &f64| *side >= 1.0);
    let aspect = text("aspect_ratio").and_then(|ratio| ratio.split_once(':'));
    let aspect = aspect.and_then(|(across, down)| part(across).zip(part(down)));
    let like = like.map(|size| (f64::from(size.width), f64::from(size.height)));
    let (across, down) = aspect.or(like).unwrap_or((16.0, 9.0));
    let long = |ratio: f64| whole(f64::from(short) * ratio.clamp(1.0, 4.0));
    if across >= down {
        Pixels { width: long(across / down), height: short }
    } else {
        Pixels { width: short, height: long(down / across) }
    }
}

/// The shorter side of a size that has a name.
fn named_side(name: &str) -> Option<u32> {
    match name.to_ascii_lowercase().as_str() {
        "4k" | "2160p" => Some(2160),
        "2k" | "1440p" => Some(1440),
        "1k" => Some(1024),
        name => name.trim_end_matches('p').parse().ok(),
    }
}

/// Within what the encoder can do, both sides even.
pub(super) fn even(size: Pixels) -> Pixels {
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

    fn inputs(inputs: Value) -> Params {
        serde_json::from_value(inputs).unwrap()
    }

    #[test]
    fn every_way_to_ask_for_a_size_is_understood() {
        let check = |given: Value, width: u32, height: u32| {
            let given = inputs(given);
            let found = even(size(&given, None, 720));
            assert_eq!(found, Pixels { width, height }, "{given:?}");
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
        check(json!({"width": 512, "height": 768}), 512, 768);
        check(json!({}), 1280, 720);
    }

    #[test]
    fn what_is_not_said_of_a_size_is_that_of_the_given_picture() {
        let check = |given: Value, like: (u32, u32), expected: (u32, u32)| {
            let like = Pixels { width: like.0, height: like.1 };
            let found = even(size(&inputs(given), Some(like), 720));
            assert_eq!((found.width, found.height), expected);
        };
        check(json!({"resolution": "480p"}), (3000, 4000), (480, 640));
        check(json!({"target_resolution": "1080p"}), (320, 180), (1920, 1080));
        check(json!({"target_resolution": "4k"}), (180, 320), (2160, 3840));
        check(json!({"aspect_ratio": "16:9"}), (500, 500), (1280, 720));
        check(json!({}), (500, 500), (720, 720));
    }

    #[test]
    fn some_models_have_a_size_in_their_name() {
        assert_eq!(side_in_name("bytedance/seedance-v1-lite-i2v-480p"), Some(480));
        assert_eq!(side_in_name("wavespeed-ai/wan-2.2/i2v-720p-lora"), Some(720));
        assert_eq!(side_in_name("wavespeed-ai/hunyuan-video-1.5/text-to-video"), None);
    }

    #[test]
    fn lengths_are_read_as_numbers_and_as_text() {
        let check = |value: Value, expected: Option<f64>| {
            assert_eq!(number(&inputs(json!({"duration": value})), &["duration"]), expected);
        };
        check(json!(8), Some(8.0));
        check(json!("8s"), Some(8.0));
        check(json!(-1), None);
    }
}
