//! Sounds: a few soft notes, as WAV and as AAC, and tones that have the rhythm of words.

use std::f32::consts::TAU;
use std::io::{Cursor, Read};

use super::Shot;
use super::canvas::{whole, whole_f32};
use super::dice::Dice;
use crate::sandbox::plan::Plan;

const RATE: u32 = 24_000;

/// Notes that go together whatever the order.
const SCALE: [f32; 6] = [220.0, 261.63, 293.66, 329.63, 392.0, 440.0];

/// How long a word takes.
const WORD_S: f32 = 0.4;

/// No speech is longer.
const MOST_WORDS: usize = 1500;

/// Eleven notes of 0.512 s and a rest as AAC (24 kHz, one channel, each of twelve frames and silent at both
/// ends, so that any order of them is a stream). Made for this program with ffmpeg's encoder.
const NOTES: &[u8] = include_bytes!("../../../assets/sandbox/notes.aac");
const FRAMES_OF_A_NOTE: usize = 12;

/// A WAV file of notes, 16 bit mono, as long as the shot.
pub(in crate::sandbox) fn notes(shot: &Shot) -> Vec<u8> {
    let samples = u64::from(shot.frames) * 1000 * u64::from(RATE) / u64::from(shot.fps_milli);
    let samples = u32::try_from(samples).unwrap_or(u32::MAX).min(RATE * 600);
    let mut dice = Dice::new(shot.seed);
    let beat = whole_f32(RATE as usize) * 0.5;
    let mut pitch = SCALE[0];
    wav((0..samples).map(|index| {
        let at = whole_f32(index as usize) % beat;
        if whole(at) == 0 {
            pitch = SCALE[dice.pick(SCALE.len())];
        }
        let fade = (1.0 - at / beat).powi(2) * (at / 240.0).min(1.0);
        let angle = at * pitch * TAU / whole_f32(RATE as usize);
        (angle.sin() + 0.3 * (angle * 2.0).sin()) * fade * 9_000.0
    }))
}

/// The same as a bare AAC stream, at least so many milliseconds of it.
pub(in crate::sandbox) fn aac(seed: u64, milliseconds: u64) -> impl Read {
    let mut starts = vec![0];
    while let Some([_, _, _, fourth, fifth, sixth, ..]) =
        starts.last().and_then(|at| NOTES.get(*at..))
    {
        let length =
            usize::from(fourth & 3) << 11 | usize::from(*fifth) << 3 | usize::from(sixth >> 5);
        starts.push(starts.last().unwrap_or(&0) + length.max(7));
    }
    let notes: Vec<&[u8]> = starts
        .windows(FRAMES_OF_A_NOTE + 1)
        .step_by(FRAMES_OF_A_NOTE)
        .filter_map(|frames| NOTES.get(*frames.first()?..*frames.last()?))
        .collect();
    let mut dice = Dice::new(seed);
    let mut stream = Vec::new();
    // Half a second each, and one for what the encoder puts before.
    for _ in 0..milliseconds / 512 + 2 {
        stream.extend_from_slice(notes[dice.pick(notes.len())]);
    }
    Cursor::new(stream)
}

/// Somebody who says something.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sandbox) struct Voice {
    /// How many syllables each word has, and whether a pause follows.
    words: Vec<(usize, bool)>,
    pitch: f32,
    /// How many times faster than by default.
    speed: f32,
    seed: u64,
}

impl Voice {
    /// The words of a plan, in the pitch of its voice.
    pub(in crate::sandbox) fn new(plan: &Plan) -> Self {
        let voice = plan.text("voice_id").or(plan.text("voice")).unwrap_or("voice");
        let mut dice = Dice::new(crate::sandbox::plan::picked_seed(voice));
        let speed = plan.inputs.get("speed").and_then(serde_json::Value::as_f64);
        #[expect(clippy::cast_possible_truncation, reason = "it is between a half and two")]
        let speed = speed.map_or(1.0, |speed| speed.clamp(0.5, 2.0) as f32);
        Self {
            words: words(&plan.prompt),
            pitch: dice.between(105.0, 230.0),
            speed,
            seed: plan.seed,
        }
    }

    /// How many words it says.
    pub(in crate::sandbox) fn words(&self) -> usize {
        self.words.len()
    }
}

/// Words by white space; of scripts that have none between words, two letters make one.
fn words(text: &str) -> Vec<(usize, bool)> {
    let mut found = Vec::new();
    for word in text.split_whitespace() {
        let is_wide = |letter: &char| ('\u{2e80}'..='\u{d7ff}').contains(letter);
        let wide = word.chars().filter(is_wide).count();
        let ends = word.ends_with(['.', '!', '?', ';', ':', '。', '！', '？']);
        if wide > 2 {
            found.extend(std::iter::repeat_n((2, false), wide / 2));
        } else {
            found.push((syllables(word), ends));
        }
    }
    found.truncate(MOST_WORDS);
    found
}

/// Runs of vowels; at least one.
fn syllables(word: &str) -> usize {
    let is_vowel = |letter: char| "aeiouyäöüáéíóúàèìòù".contains(letter.to_ascii_lowercase());
    let (mut count, mut before) = (0, false);
    for letter in word.chars() {
        let now = is_vowel(letter);
        count += usize::from(now && !before);
        before = now;
    }
    count.max(1)
}

/// A WAV file, 16 bit mono: a tone a syllable, and a falling one at the end of a sentence.
pub(in crate::sandbox) fn speech(voice: &Voice) -> Vec<u8> {
    let mut dice = Dice::new(voice.seed);
    let mut sound = Vec::new();
    let rate = whole_f32(RATE as usize);
    for (syllables, ends) in &voice.words {
        let word = whole(WORD_S * rate / voice.speed);
        let each = word / (syllables + 1);
        for index in 0..*syllables {
            let falls = if *ends && index + 1 == *syllables { 0.75 } else { 1.0 };
            let pitch = voice.pitch * dice.between(0.9, 1.25) * falls;
            let (first, second) = (dice.between(2.0, 5.0), dice.between(6.0, 11.0));
            for at in 0..each {
                let share = whole_f32(at) / whole_f32(each);
                let envelope = (share * TAU / 2.0).sin().max(0.0).sqrt();
                let angle = whole_f32(at) * pitch * TAU / rate;
                let timbre =
                    angle.sin() + 0.5 * (angle * first).sin() + 0.2 * (angle * second).sin();
                sound.push(timbre * envelope * 7_000.0);
            }
        }
        // What is left of the word is the pause after it.
        sound.extend(std::iter::repeat_n(0.0, word - each * syllables));
    }
    if sound.is_empty() {
        sound.resize(RATE as usize / 2, 0.0);
    }
    wav(sound.into_iter())
}

fn wav(sound: impl ExactSizeIterator<Item = f32>) -> Vec<u8> {
    let bytes = u32::try_from(sound.len() * 2).unwrap_or(u32::MAX - 44);
    let mut file = b"RIFF".to_vec();
    file.extend((bytes + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(bytes.to_le_bytes());
    file.extend(sound.flat_map(|value| sample(value).to_le_bytes()));
    file
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn sample(value: f32) -> i16 {
    value as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_by_their_vowels() {
        assert_eq!(words("A red balloon."), [(1, false), (1, false), (2, true)]);
        assert_eq!(words("红色的风筝飞过"), [(2, false); 3]);
        assert_eq!(words("  "), []);
    }

    #[test]
    fn the_notes_are_as_many_as_there_should_be() {
        let read = |seed| {
            let mut stream = Vec::new();
            aac(seed, 3000).read_to_end(&mut stream).unwrap();
            stream
        };
        assert_ne!(read(1), read(2));
        assert_eq!(read(1), read(1));
        let folder = tempfile::tempdir().unwrap();
        let track = crate::media::mp4::Track::aac(folder.path(), aac(1, 3000), 1024, Some(3000));
        assert_eq!(track.unwrap().unwrap().length_ms(), 3000);
    }
}
