//! Several films made one, sample for sample, where they agree; where they don't, in what they differ.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::boxes::{boxed, four, full};
use super::copied::movie;
use super::read::{Read, tracks};
use super::{CLOCK, Track, blank_offsets, write};

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Joined {
    /// They agree, and the file is there.
    Whole,
    /// They don't, and nothing was written: which of them differs from the first, and in what.
    Differ(Vec<String>),
}

/// One film of several.
struct Clip {
    file: File,
    pictures: Read,
    sound: Option<Read>,
}

/// Writes these films after each other into one, without touching a sample of them.
pub fn join(files: &[PathBuf], to: &Path) -> io::Result<Joined> {
    let (mut clips, mut differences) = (Vec::new(), Vec::new());
    for (at, file) in files.iter().enumerate() {
        let mut file = File::open(file)?;
        let size = file.metadata()?.len();
        let movie = movie(&mut file, size)?;
        let read = movie.as_deref().map_or(Err("it is no MP4 file"), |movie| tracks(movie, size));
        match read {
            Ok((pictures, sound)) => clips.push(Clip { file, pictures, sound }),
            Err(why) => differences.push(format!("clip {}: {why}", at + 1)),
        }
    }
    if differences.is_empty()
        && let Some((first, others)) = clips.split_first()
    {
        differences = (2..)
            .zip(others)
            .filter_map(|(at, clip)| Some(format!("clip {at}: {}", difference(first, clip)?)))
            .collect();
    }
    if !differences.is_empty() || clips.is_empty() {
        return Ok(Joined::Differ(differences));
    }
    let lengths: Vec<u64> =
        clips.iter().map(|clip| clip.pictures.delay + clip.pictures.played).collect();
    let mut ready = vec![together(&clips, &lengths, |clip| Some(&clip.pictures))?];
    if clips[0].sound.is_some() {
        ready.push(together(&clips, &lengths, |clip| clip.sound.as_ref())?);
    }
    write(to, ready)?;
    Ok(Joined::Whole)
}

/// Whether a film is to be shown turned by a quarter: its sides change places. `Err` where it cannot be read.
pub fn is_turned(file: &Path) -> io::Result<bool> {
    let mut file = File::open(file)?;
    let size = file.metadata()?.len();
    let movie = movie(&mut file, size)?;
    let read = movie.as_deref().and_then(|movie| tracks(movie, size).ok());
    // The matrix begins after layer, group, loudness and what is reserved; its first figure is what stays of
    // the width as width.
    Ok(read.is_some_and(|(pictures, _)| pictures.shape.get(16..20) == Some(&[0; 4])))
}

/// In what a film differs from the first one; all of it.
fn difference(first: &Clip, other: &Clip) -> Option<String> {
    let mut found = Vec::new();
    let (ours, theirs) = (&first.pictures, &other.pictures);
    if ours.codec != theirs.codec {
        found.push(format!("{}, the first is {}", word(theirs.codec), word(ours.codec)));
    }
    if ours.measures != theirs.measures {
        let size = |(width, height): (u64, u64)| format!("{width}x{height}");
        let (is, was) = (size(theirs.measures), size(ours.measures));
        found.push(format!("{is} pixels, the first has {was}"));
    }
    if rate(ours) != rate(theirs) {
        let (is, was) = (rate(theirs), rate(ours));
        found.push(format!("{is} frames a second, the first has {was}"));
    }
    if ours.shape.get(12..) != theirs.shape.get(12..) && ours.measures == theirs.measures {
        found.push("it is turned or stretched otherwise".to_owned());
    }
    if found.is_empty() && ours.timescale != theirs.timescale {
        found.push("another clock for its pictures".to_owned());
    }
    if found.is_empty() && ours.coding != theirs.coding {
        found.push("encoded with other settings (profile or parameter sets)".to_owned());
    }
    if found.is_empty() && ours.signed_offsets != theirs.signed_offsets {
        found.push("its frames are ordered in another way".to_owned());
    }
    match (&first.sound, &other.sound) {
        (None, None) => {}
        (Some(_), None) => found.push("no sound, the first has some".to_owned()),
        (None, Some(_)) => found.push("sound, the first has none".to_owned()),
        (Some(ours), Some(theirs)) => {
            let kind = |it: &Read| (it.codec, it.measures, it.timescale, it.coding.clone());
            if kind(ours) != kind(theirs) {
                let words = |it: &Read| {
                    let (channels, hertz) = it.measures;
                    format!("{} with {channels} channels at {hertz} Hz", word(it.codec))
                };
                let (is, was) = (words(theirs), words(ours));
                found.push(if is == was {
                    "sound with other settings".to_owned()
                } else {
                    format!("sound is {is}, the first has {was}")
                });
            }
        }
    }
    (!found.is_empty()).then(|| found.join(", "))
}

fn word(codec: [u8; 4]) -> String {
    match &codec {
        b"avc1" | b"avc3" => "h264".to_owned(),
        b"hvc1" | b"hev1" => "hevc".to_owned(),
        b"mp4a" => "aac".to_owned(),
        other => crate::domain::text::printable(&String::from_utf8_lossy(other)),
    }
}

/// Frames a second, by how long most of them are: two decimals.
fn rate(track: &Read) -> String {
    let usual = track.times.iter().max_by_key(|(count, _)| *count).map_or(1, |(_, each)| *each);
    let hundredths = (track.timescale * 100 + u64::from(usual) / 2) / u64::from(usual.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The same track of every clip as one. `lengths` is how long each clip is, by the film's clock: what is
/// heard ends with the pictures, and waits for them.
fn together(
    clips: &[Clip],
    lengths: &[u64],
    track: impl Fn(&Clip) -> Option<&Read>,
) -> io::Result<Track> {
    let no_track = || io::Error::other("a clip has no such track");
    let first = track(&clips[0]).ok_or_else(no_track)?;
    let has_offsets = clips.iter().filter_map(&track).any(|it| !it.offsets.is_empty());
    let has_keys = clips.iter().filter_map(&track).any(|it| it.keys.is_some());
    let (mut sources, mut chunks, mut in_chunk) = (Vec::new(), Vec::new(), Vec::new());
    let (mut times, mut offsets, mut keys, mut sizes) = (vec![], vec![], vec![], Vec::<u32>::new());
    let (mut edits, mut before) = (Edits::new(first.timescale), 0);
    for (at, (clip, length)) in clips.iter().zip(lengths).enumerate() {
        let it = track(clip).ok_or_else(no_track)?;
        sources.push(clip.file.try_clone()?);
        chunks.extend(it.chunks.iter().map(|chunk| super::Chunk { source: at, ..*chunk }));
        in_chunk.extend(&it.in_chunk);
        let (so_far, count) = (u32::try_from(sizes.len()), u32::try_from(it.sizes.len()));
        let (Ok(so_far), Ok(count)) = (so_far, count) else {
            return Err(io::Error::other("the films have too many samples"));
        };
        times.extend(&it.times);
        if has_offsets && it.offsets.is_empty() {
            offsets.push((count, 0));
        }
        offsets.extend(&it.offsets);
        if has_keys {
            match &it.keys {
                Some(own) => keys.extend(own.iter().map(|key| key.saturating_add(so_far))),
                None => keys.extend((1..=count).map(|key| key + so_far)),
            }
        }
        sizes.extend(&it.sizes);
        let delay = it.delay.min(*length);
        let played = it.played.min(length - delay);
        edits.nothing(delay);
        edits.play(before + it.from, played);
        edits.nothing(length - delay - played);
        before += it.duration;
    }
    let length: u64 = lengths.iter().sum();
    let duration = before;
    let about = boxed(*b"tkhd", &[&[0, 0, 0, 3], &[0; 16], &four(length), &first.shape]);
    let clock = first.timescale.to_be_bytes();
    let header =
        [&[1, 0, 0, 0][..], &[0; 16], &clock[4..], &duration.to_be_bytes(), &first.language];
    let runs = |name: [u8; 4], version: u32, runs: &[(u32, u32)]| {
        let rows = merged(runs)
            .into_iter()
            .flat_map(|(count, each)| [count.to_be_bytes(), each.to_be_bytes()].concat());
        let rows: Vec<u8> = rows.collect();
        full(name, version << 24, &[&four((rows.len() / 8) as u64), &rows])
    };
    let mut tables = vec![first.description.clone(), runs(*b"stts", 0, &times)];
    if has_offsets {
        tables.push(runs(*b"ctts", u32::from(first.signed_offsets), &offsets));
    }
    if has_keys {
        tables.push(full(*b"stss", 0, &[&super::table(keys.into_iter())]));
    }
    tables.push(full(*b"stsc", 0, &[&chunk_runs(&in_chunk)]));
    tables.push(full(*b"stsz", 0, &[&four(0), &super::table(sizes.into_iter())]));
    tables.push(blank_offsets(chunks.len()));
    let samples = boxed(*b"stbl", &[&tables.concat()]);
    let information = boxed(*b"minf", &[&first.about, &samples]);
    let media = [&boxed(*b"mdhd", &header)[..], &first.handler, &information];
    let media = boxed(*b"mdia", &media);
    let index = boxed(*b"trak", &[&about, &edits.written(duration), &media]);
    Ok(Track { sources, chunks, index, length })
}

/// Neighbours of the same length as one run.
fn merged(runs: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut all: Vec<(u32, u32)> = Vec::new();
    for (count, each) in runs {
        match all.last_mut() {
            Some((known, same)) if same == each && known.checked_add(*count).is_some() => {
                *known += count;
            }
            _ => all.push((*count, *each)),
        }
    }
    all
}

/// `stsc`: from which chunk on there are how many samples in each.
fn chunk_runs(in_chunk: &[u32]) -> Vec<u8> {
    let mut rows: Vec<[u64; 3]> = Vec::new();
    for (at, count) in (1..).zip(in_chunk) {
        if rows.last().is_none_or(|[_, known, _]| *known != u64::from(*count)) {
            rows.push([at, u64::from(*count), 1]);
        }
    }
    let mut bytes = four(rows.len() as u64).to_vec();
    bytes.extend(rows.concat().into_iter().flat_map(four));
    bytes
}

/// What is played of a track, in order.
struct Edits {
    timescale: u64,
    /// Length by the film's clock; first moment by the track's own, `None` for nothing at all.
    all: Vec<(u64, Option<u64>)>,
}

impl Edits {
    fn new(timescale: u64) -> Self {
        Self { timescale, all: Vec::new() }
    }

    fn nothing(&mut self, length: u64) {
        if length == 0 {
            return;
        }
        match self.all.last_mut() {
            Some((known, None)) => *known += length,
            _ => self.all.push((length, None)),
        }
    }

    fn play(&mut self, from: u64, length: u64) {
        if length == 0 {
            return;
        }
        // What goes on where the one before ends, within one tick, is the same part.
        if let Some((known, Some(begun))) = self.all.last_mut() {
            let reached = *begun * u64::from(CLOCK) + *known * self.timescale;
            let wanted = from * u64::from(CLOCK);
            if reached.abs_diff(wanted) <= self.timescale.max(u64::from(CLOCK)) {
                *known += length;
                return;
            }
        }
        self.all.push((length, Some(from)));
    }

    /// `edts`, or nothing where all of the track is played from its first moment on.
    fn written(&self, duration: u64) -> Vec<u8> {
        if let [(length, Some(0))] = self.all[..] {
            let whole =
                u128::from(duration) * u128::from(CLOCK) / u128::from(self.timescale.max(1));
            if u128::from(length).abs_diff(whole) <= 1 {
                return Vec::new();
            }
        }
        let mut rows = Vec::new();
        for (length, from) in &self.all {
            rows.extend(length.to_be_bytes());
            rows.extend(from.map_or([0xff; 8], u64::to_be_bytes));
            rows.extend(b"\0\x01\0\0");
        }
        boxed(*b"edts", &[&full(*b"elst", 1 << 24, &[&four(self.all.len() as u64), &rows])])
    }
}

#[cfg(test)]
#[path = "join_tests.rs"]
mod tests;
