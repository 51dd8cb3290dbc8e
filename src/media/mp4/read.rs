//! A track of another file in full: what joining several of them needs to know. No length is believed.

use super::boxes::{Inner, child, inner, number};
use super::copied::{SOUNDS, chunks};
use super::{CLOCK, Chunk};

/// Times of samples as they are written: how many, how long each.
pub(super) type Runs = Vec<(u32, u32)>;

/// One track.
pub(super) struct Read {
    /// Its header (`tkhd`) from the fields after the length on: where it lies, how it is turned.
    pub(super) shape: Vec<u8>,
    /// The language, and what else follows the length in `mdhd`.
    pub(super) language: Vec<u8>,
    /// `hdlr`, whole.
    pub(super) handler: Vec<u8>,
    /// What `minf` holds beside the samples, whole.
    pub(super) about: Vec<u8>,
    /// `stsd`, whole.
    pub(super) description: Vec<u8>,
    /// The part of it that a decoder sees.
    pub(super) coding: Vec<u8>,
    pub(super) codec: [u8; 4],
    /// Pixels, or channels and samples a second.
    pub(super) measures: (u64, u64),
    pub(super) timescale: u64,
    /// Of the media, by its own clock.
    pub(super) duration: u64,
    pub(super) times: Runs,
    /// When samples are shown after they are decoded; none where they are shown at once.
    pub(super) offsets: Runs,
    /// The version of `ctts`: with 1 an offset may be negative.
    pub(super) signed_offsets: bool,
    /// Samples that can be decoded alone, from 1; `None` where all of them can.
    pub(super) keys: Option<Vec<u32>>,
    pub(super) sizes: Vec<u32>,
    pub(super) chunks: Vec<Chunk>,
    /// Samples in each chunk.
    pub(super) in_chunk: Vec<u32>,
    /// Nothing is played so long first, by the film's clock.
    pub(super) delay: u64,
    /// Where in the media it begins.
    pub(super) from: u64,
    /// How much of it is played, by the film's clock.
    pub(super) played: u64,
}

/// The pictures and the sound of a file's index, or why they cannot be carried over.
pub(super) fn tracks(movie: &[u8], size: u64) -> Result<(Read, Option<Read>), &'static str> {
    let broken = "its index cannot be read";
    let header = child(movie, *b"mvhd").ok_or(broken)?;
    let is_long = header.first() == Some(&1);
    let clock = number(header, if is_long { 20 } else { 12 }, 4).ok_or(broken)?;
    if inner(movie).any(|it| it.kind == *b"mvex") {
        return Err("it is in fragments");
    }
    let of_kind = |handler: &[u8]| {
        let is_it = |track: &Inner<'_>| {
            let media = child(track.payload, *b"mdia");
            media.and_then(|media| child(media, *b"hdlr")?.get(8..12)) == Some(handler)
        };
        inner(movie).filter(|found| found.kind == *b"trak").find(is_it)
    };
    let pictures = of_kind(b"vide").ok_or("it has no pictures")?;
    let pictures = read(pictures.payload, clock, size).ok_or(broken)??;
    let Some(sound) = of_kind(b"soun") else { return Ok((pictures, None)) };
    let sound = read(sound.payload, clock, size).ok_or(broken)??;
    if !SOUNDS.iter().any(|known| sound.codec == **known) {
        return Err("its sound is of a kind that is not carried over");
    }
    Ok((pictures, Some(sound)))
}

fn read(track: &[u8], clock: u64, size: u64) -> Option<Result<Read, &'static str>> {
    let header = child(track, *b"tkhd")?;
    let is_long = header.first()? == &1;
    let shape = header.get(if is_long { 36 } else { 24 }..)?.to_vec();
    let media = child(track, *b"mdia")?;
    let media_header = child(media, *b"mdhd")?;
    let is_long = media_header.first()? == &1;
    let (at, width) = if is_long { (20, 8) } else { (12, 4) };
    let timescale = number(media_header, at, 4).filter(|timescale| *timescale > 0)?;
    let language = media_header.get(at + 4 + width..)?.to_vec();
    let handler = inner(media).find(|it| it.kind == *b"hdlr")?.whole.to_vec();
    let information = child(media, *b"minf")?;
    let is_about = |it: &Inner<'_>| it.kind != *b"stbl";
    let about =
        inner(information).filter(is_about).flat_map(|it| it.whole.iter().copied()).collect();
    let samples = child(information, *b"stbl")?;
    let description = inner(samples).find(|it| it.kind == *b"stsd")?;
    let (codec, measures, coding) = coding(description.payload)?;
    let times = runs(child(samples, *b"stts")?)?;
    let offsets = child(samples, *b"ctts");
    let signed_offsets = offsets.is_some_and(|it| it.first() == Some(&1));
    let offsets = offsets.map_or(Some(Runs::new()), runs)?;
    let chunks = chunks(samples, size)?;
    let sizes = sizes(child(samples, *b"stsz")?)?;
    let in_chunk = in_chunks(child(samples, *b"stsc")?, chunks.len())?;
    let counted: u64 = times.iter().map(|(count, _)| u64::from(*count)).sum();
    let listed: u64 = in_chunk.iter().map(|count| u64::from(*count)).sum();
    if counted != sizes.len() as u64 || listed != counted {
        return None;
    }
    let keys = child(samples, *b"stss").map(table).map_or(Some(None), |keys| Some(Some(keys?)))?;
    let duration = times.iter().map(|(count, each)| u64::from(*count) * u64::from(*each)).sum();
    let ours = |length: u64, of: u64| {
        u64::try_from(u128::from(length) * u128::from(CLOCK) / u128::from(of.max(1))).unwrap_or(0)
    };
    let edits = child(track, *b"edts").and_then(|edits| child(edits, *b"elst"));
    let (mut delay, mut from, mut played) = (0, 0, ours(duration, timescale));
    match edits.map(edits_of) {
        None => {}
        Some(edits) => match edits?[..] {
            [] => {}
            [(length, start @ 0..)] => {
                (from, played) = (start.cast_unsigned(), ours(length, clock).min(played));
            }
            [(wait, -1), (length, start @ 0..)] => {
                delay = ours(wait, clock);
                (from, played) = (start.cast_unsigned(), ours(length, clock).min(played));
            }
            _ => return Some(Err("it is itself cut together from parts")),
        },
    }
    Some(Ok(Read {
        shape,
        language,
        handler,
        about,
        description: description.whole.to_vec(),
        coding,
        codec,
        measures,
        timescale,
        duration,
        times,
        offsets,
        signed_offsets,
        keys,
        sizes,
        chunks,
        in_chunk,
        delay,
        from,
        played,
    }))
}

/// Length and first moment of each edit; -1 is nothing at all. Only ones at usual speed.
fn edits_of(list: &[u8]) -> Option<Vec<(u64, i64)>> {
    let is_long = list.first()? == &1;
    let width = if is_long { 8 } else { 4 };
    let mut edits = Vec::new();
    for edit in list.get(8..)?.chunks_exact(width * 2 + 4) {
        let (length, start) = (number(edit, 0, width)?, number(edit, width, width)?);
        let start = if is_long {
            start.cast_signed()
        } else {
            i64::from(u32::try_from(start).ok()?.cast_signed())
        };
        if edit.get(width * 2..) != Some(b"\0\x01\0\0") {
            return None;
        }
        edits.push((length, start));
    }
    Some(edits)
}

fn runs(payload: &[u8]) -> Option<Runs> {
    let count = usize::try_from(number(payload, 4, 4)?).ok()?;
    let rows = payload.get(8..8_usize.checked_add(count.checked_mul(8)?)?)?;
    rows.chunks_exact(8).map(|row| Some((short(row, 0)?, short(row, 4)?))).collect()
}

fn table(payload: &[u8]) -> Option<Vec<u32>> {
    let count = usize::try_from(number(payload, 4, 4)?).ok()?;
    let rows = payload.get(8..8_usize.checked_add(count.checked_mul(4)?)?)?;
    rows.chunks_exact(4).map(|row| short(row, 0)).collect()
}

fn sizes(payload: &[u8]) -> Option<Vec<u32>> {
    let (same, count) = (short(payload, 4)?, usize::try_from(number(payload, 8, 4)?).ok()?);
    if same > 0 {
        // A sample is at least a byte of a file that was looked at: so many cannot be claimed for nothing.
        return (count <= 1 << 26).then(|| vec![same; count]);
    }
    let rows = payload.get(12..12_usize.checked_add(count.checked_mul(4)?)?)?;
    rows.chunks_exact(4).map(|row| short(row, 0)).collect()
}

/// How many samples each chunk has, where all of them are described by the first description.
fn in_chunks(payload: &[u8], chunks: usize) -> Option<Vec<u32>> {
    let count = usize::try_from(number(payload, 4, 4)?).ok()?;
    let rows = payload.get(8..8_usize.checked_add(count.checked_mul(12)?)?)?;
    let rows: Vec<_> = rows.chunks_exact(12).collect();
    let mut all = Vec::with_capacity(chunks);
    for (at, row) in rows.iter().enumerate() {
        let next = rows.get(at + 1).and_then(|next| number(next, 0, 4));
        let end = next.map_or(chunks as u64 + 1, |next| next.min(chunks as u64 + 1));
        let first = number(row, 0, 4)?;
        if first != all.len() as u64 + 1 || short(row, 8)? != 1 {
            return None;
        }
        for _ in first..end {
            all.push(short(row, 4)?);
        }
    }
    (all.len() == chunks).then_some(all)
}

fn short(bytes: &[u8], at: usize) -> Option<u32> {
    u32::try_from(number(bytes, at, 4)?).ok()
}

type Coding = ([u8; 4], (u64, u64), Vec<u8>);

/// Codec, measures, and what a decoder needs to know, of the only description that there is.
fn coding(payload: &[u8]) -> Option<Coding> {
    if number(payload, 4, 4)? != 1 {
        return None;
    }
    let entry = inner(payload.get(8..)?).next()?;
    let is_sound = SOUNDS.iter().any(|known| entry.kind == **known);
    if !is_sound {
        let measures = (number(entry.payload, 24, 2)?, number(entry.payload, 26, 2)?);
        let boxes = inner(entry.payload.get(78..)?);
        // What a second weighs differs from film to film and changes nothing.
        let coding = boxes.filter(|it| it.kind != *b"btrt");
        let coding = coding.flat_map(|it| it.whole.iter().copied()).collect();
        return Some((entry.kind, measures, coding));
    }
    let measures = (number(entry.payload, 16, 2)?, number(entry.payload, 24, 2)?);
    let boxes: Vec<_> = inner(entry.payload.get(28..)?).collect();
    let of_kind = |kind: &[u8; 4]| boxes.iter().find(|it| it.kind == *kind);
    let coding = if let Some(esds) = of_kind(b"esds") {
        decoder_of(esds.payload.get(4..)?).unwrap_or_default()
    } else {
        let kept = boxes.iter().filter(|it| it.kind != *b"btrt");
        kept.flat_map(|it| it.whole.iter().copied()).collect()
    };
    Some((entry.kind, measures, coding))
}

/// The decoder's own part of an elementary stream descriptor: kind of stream, and the bytes meant for it.
/// Weights, which stand beside it, differ from film to film.
fn decoder_of(bytes: &[u8]) -> Option<Vec<u8>> {
    let (tag, stream) = descriptor(bytes)?;
    if tag != 3 {
        return None;
    }
    let (tag, config) = descriptor(stream.get(3..)?)?;
    if tag != 4 {
        return None;
    }
    let (tag, own) = descriptor(config.get(13..)?)?;
    (tag == 5).then(|| [&config[..1], own].concat())
}

/// A tag, a length in groups of seven bits, so many bytes.
fn descriptor(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut length = 0_usize;
    let mut at = 1;
    loop {
        let byte = *bytes.get(at)?;
        length = length << 7 | usize::from(byte & 0x7f);
        at += 1;
        if byte & 0x80 == 0 || at > 5 {
            break;
        }
    }
    Some((*bytes.first()?, bytes.get(at..at.checked_add(length)?)?))
}
