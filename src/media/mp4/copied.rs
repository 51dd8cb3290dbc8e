//! A track of another file, sample for sample.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::boxes::{Inner, boxed, child, four, full, inner, number};
use super::{CLOCK, Chunk, Track, blank_offsets};

/// An index larger than this belongs to a film of days.
const LARGEST_INDEX: u64 = 64 << 20;

/// Sound that players know from MP4 files.
pub(super) const SOUNDS: [&[u8; 4]; 5] = [b"mp4a", b"ac-3", b"ec-3", b"alac", b"Opus"];

/// Which track of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Picture,
    Sound,
}

impl Track {
    /// The sound of an MP4 or M4A file as it is; `None` where it has none that can be carried over.
    pub fn sound_of(file: &Path) -> io::Result<Option<Self>> {
        Self::of(file, Kind::Sound, None)
    }

    /// The same, of which no more is played than so many milliseconds.
    pub fn sound_of_at_most(file: &Path, most_ms: u64) -> io::Result<Option<Self>> {
        Self::of(file, Kind::Sound, Some(most_ms.saturating_mul(u64::from(CLOCK)) / 1000))
    }

    /// The pictures of an MP4 file as they are; `None` where there are none.
    pub fn pictures_of(file: &Path) -> io::Result<Option<Self>> {
        Self::of(file, Kind::Picture, None)
    }

    fn of(file: &Path, kind: Kind, most: Option<u64>) -> io::Result<Option<Self>> {
        let mut source = File::open(file)?;
        let size = source.metadata()?.len();
        let Some(movie) = movie(&mut source, size)? else { return Ok(None) };
        Ok(find(&movie, kind, size, most).map(|(chunks, index, length)| Self {
            sources: vec![source],
            chunks,
            index,
            length,
        }))
    }
}

/// The payload of `moov`.
pub(super) fn movie(file: &mut File, size: u64) -> io::Result<Option<Vec<u8>>> {
    let mut at = 0;
    while at + 8 <= size {
        file.seek(SeekFrom::Start(at))?;
        let mut header = Vec::new();
        Read::by_ref(file).take(16).read_to_end(&mut header)?;
        let length = match number(&header, 0, 4) {
            Some(0) => size - at,
            Some(1) => number(&header, 8, 8).unwrap_or(0),
            length => length.unwrap_or(0),
        };
        if length < 8 {
            return Ok(None);
        }
        if header.get(4..8) == Some(b"moov") {
            if length > LARGEST_INDEX || length > size - at {
                return Ok(None);
            }
            file.seek(SeekFrom::Start(at + 8))?;
            let mut payload = Vec::new();
            Read::by_ref(file).take(length - 8).read_to_end(&mut payload)?;
            return Ok(Some(payload));
        }
        at = at.saturating_add(length);
    }
    Ok(None)
}

fn find(
    movie: &[u8],
    kind: Kind,
    size: u64,
    most: Option<u64>,
) -> Option<(Vec<Chunk>, Vec<u8>, u64)> {
    let header = child(movie, *b"mvhd")?;
    let clock = number(header, if header.first()? == &1 { 20 } else { 12 }, 4)?;
    let handler: &[u8] = if kind == Kind::Sound { b"soun" } else { b"vide" };
    let track = inner(movie).filter(|found| found.kind == *b"trak").find(|track| {
        let media = child(track.payload, *b"mdia");
        media.and_then(|media| child(media, *b"hdlr")?.get(8..12)) == Some(handler)
    })?;
    let samples = child(child(child(track.payload, *b"mdia")?, *b"minf")?, *b"stbl")?;
    let description = child(samples, *b"stsd")?;
    if kind == Kind::Sound
        && !SOUNDS.iter().any(|known| description.get(12..16) == Some(&known[..]))
    {
        return None;
    }
    let chunks = chunks(samples, size)?;
    let (index, length) = index(track.payload, clock, chunks.len(), most)?;
    Some((chunks, index, length))
}

/// Where each chunk lies and how long it is, if all of that is inside the file.
pub(super) fn chunks(samples: &[u8], file_size: u64) -> Option<Vec<Chunk>> {
    let sizes = child(samples, *b"stsz")?;
    let (same, count) = (number(sizes, 4, 4)?, number(sizes, 8, 4)?);
    let size_of = |sample: u64| match same {
        0 => number(sizes, usize::try_from(sample.checked_mul(4)?.checked_add(12)?).ok()?, 4),
        same => Some(same),
    };
    let (table, width) = match (child(samples, *b"stco"), child(samples, *b"co64")) {
        (Some(table), _) => (table, 4),
        (None, table) => (table?, 8),
    };
    let runs = child(samples, *b"stsc")?;
    let run = |index: u64, field: usize| {
        number(runs, usize::try_from(index * 12 + 8).ok()?.checked_add(field)?, 4)
    };
    let (chunk_count, run_count) = (number(table, 4, 4)?, number(runs, 4, 4)?);
    let (mut found, mut sample, mut current, mut total) = (Vec::new(), 0, 0, 0_u64);
    for chunk in 0..chunk_count {
        let at =
            number(table, usize::try_from(chunk).ok()?.checked_mul(width)?.checked_add(8)?, width)?;
        while current + 1 < run_count && run(current + 1, 0)? <= chunk + 1 {
            current += 1;
        }
        let last = sample.min(count) + run(current, 4)?.min(count - sample.min(count));
        let mut length = 0_u64;
        while sample < last {
            length = length.checked_add(size_of(sample)?).filter(|length| *length <= file_size)?;
            sample += 1;
        }
        total = total.checked_add(length)?;
        // Samples that lie over each other would let a small file grow without end.
        if at.checked_add(length)? > file_size || total > file_size {
            return None;
        }
        found.push(Chunk { source: 0, at, length });
    }
    (sample == count && count > 0).then_some(found)
}

/// Its index with the places of the chunks last and blank, and its length by our clock.
fn index(track: &[u8], clock: u64, chunks: usize, most: Option<u64>) -> Option<(Vec<u8>, u64)> {
    let ours = |length: u64| {
        let scaled = u128::from(length) * u128::from(CLOCK) / u128::from(clock.max(1));
        u64::try_from(scaled).unwrap_or(0)
    };
    let about = child(track, *b"tkhd")?;
    let is_long = about.first()? == &1;
    let (length_at, length_bytes) = if is_long { (28, 8) } else { (20, 4) };
    let whole = ours(number(about, length_at, length_bytes)?);
    let length = most.map_or(whole, |most| whole.min(most));
    let rest = about.get(length_at + length_bytes..)?;
    let about = boxed(*b"tkhd", &[&[0, 0, 0, 3], &[0; 16], &four(length), rest]);
    let edits = match child(track, *b"edts").and_then(|edits| child(edits, *b"elst")) {
        Some(list) => boxed(*b"edts", &[&edit_list(list, ours, most)?]),
        None if length < whole => {
            let all = [&four(1)[..], &four(length), &[0; 4], b"\0\x01\0\0"];
            boxed(*b"edts", &[&full(*b"elst", 0, &all)])
        }
        None => Vec::new(),
    };
    let media = child(track, *b"mdia")?;
    let information = child(media, *b"minf")?;
    let samples = child(information, *b"stbl")?;
    let all_but = |bytes: &[u8], left_out: &[&[u8; 4]]| -> Vec<u8> {
        let kept = |found: &Inner<'_>| !left_out.iter().any(|kind| found.kind == **kind);
        inner(bytes).filter(kept).flat_map(|found| found.whole.iter().copied()).collect()
    };
    let samples = boxed(
        *b"stbl",
        &[&all_but(samples, &[b"stco", b"co64", b"saiz", b"saio"]), &blank_offsets(chunks)],
    );
    let information = boxed(*b"minf", &[&all_but(information, &[b"stbl"]), &samples]);
    let media = boxed(*b"mdia", &[&all_but(media, &[b"minf"]), &information]);
    Some((boxed(*b"trak", &[&about, &edits, &media]), length))
}

/// The same edits by our clock, and no more of them than there may be.
fn edit_list(list: &[u8], ours: impl Fn(u64) -> u64, most: Option<u64>) -> Option<Vec<u8>> {
    let is_long = list.first()? == &1;
    let width = if is_long { 8 } else { 4 };
    let mut left = most.unwrap_or(u64::MAX);
    let (mut edits, mut count) = (Vec::new(), 0);
    for edit in list.get(8..)?.chunks_exact(width * 2 + 4) {
        let length = ours(number(edit, 0, width)?).min(left);
        if left == 0 {
            break;
        }
        left -= length;
        count += 1;
        if is_long {
            edits.extend(length.to_be_bytes());
        } else {
            edits.extend(four(length));
        }
        edits.extend_from_slice(&edit[width..]);
    }
    Some(boxed(*b"elst", &[&list[..4], &four(count), &edits]))
}
