//! MP4 files put together from tracks: what was just encoded, AAC, and tracks of other files as they are.
//!
//! A sample that is copied keeps its bytes, so a track can be judged by its hash. The index goes first, so
//! that a player can start before the whole file is there. Memory holds the index and never the samples.
//! Foreign files are read here without a parser that can panic: every length is checked against the file.

mod aac;
mod boxes;
mod copied;
mod film;
mod join;
mod read;

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use boxes::{boxed, four, full};

pub use film::FilmTrack;
pub use join::{Joined, is_turned, join};

/// Units of the whole file's clock in a second.
const CLOCK: u32 = 90_000;

/// A part of a file that holds samples which follow each other.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    /// Which of the track's sources it lies in.
    source: usize,
    at: u64,
    length: u64,
}

/// A track, ready to be put into a file.
pub struct Track {
    /// Where its samples lie.
    sources: Vec<File>,
    chunks: Vec<Chunk>,
    /// Its index. The last four bytes for each chunk are where the chunk lies, and still blank.
    index: Vec<u8>,
    /// How long it is, by the file's clock.
    length: u64,
}

/// The track number in an index: after the box's header, version, flags and two four-byte moments.
const NUMBER_AT: std::ops::Range<usize> = 28..32;

impl Track {
    /// How long it is, in milliseconds.
    pub fn length_ms(&self) -> u64 {
        self.length * 1000 / u64::from(CLOCK)
    }

    fn weight(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.length).sum()
    }
}

/// Writes a file with these tracks.
pub fn write(file: &Path, mut tracks: Vec<Track>) -> io::Result<()> {
    let too_large = || io::Error::other("the film is larger than 4 GB");
    let header = boxed(*b"ftyp", &[b"isom\0\0\x02\0isomiso2avc1mp41"]);
    let length = tracks.iter().map(|track| track.length).max().unwrap_or(0);
    let movie = movie_header(length, tracks.len());
    let index: usize = tracks.iter().map(|track| track.index.len()).sum::<usize>() + movie.len();
    let samples: u64 = tracks.iter().map(Track::weight).sum();
    let first = (header.len() + index + 16) as u64;
    u32::try_from(first + samples).map_err(|_| too_large())?;

    let mut order: Vec<(usize, usize)> = Vec::new();
    for (number, track) in tracks.iter().enumerate() {
        order.extend((0..track.chunks.len()).map(|chunk| (number, chunk)));
    }
    // What is heard at a moment lies beside what is seen at it.
    order.sort_by_key(|(track, chunk)| {
        (chunk * 1_000_000 / tracks[*track].chunks.len(), *track, *chunk)
    });
    let mut at = first;
    for (number, chunk) in &order {
        let track = &mut tracks[*number];
        let place = track.index.len() - 4 * (track.chunks.len() - chunk);
        track.index[place..place + 4].copy_from_slice(&four(at));
        at += track.chunks[*chunk].length;
    }
    for (number, track) in tracks.iter_mut().enumerate() {
        track.index[NUMBER_AT].copy_from_slice(&four(number as u64 + 1));
    }

    let mut out = BufWriter::with_capacity(1 << 18, File::create(file)?);
    out.write_all(&header)?;
    out.write_all(&four(index as u64 + 8))?;
    out.write_all(b"moov")?;
    out.write_all(&movie)?;
    for track in &tracks {
        out.write_all(&track.index)?;
    }
    out.write_all(&four(samples + 8))?;
    out.write_all(b"mdat")?;
    for (number, chunk) in order {
        let track = &mut tracks[number];
        let Chunk { source, at, length } = track.chunks[chunk];
        let source = &mut track.sources[source];
        source.seek(SeekFrom::Start(at))?;
        let copied = io::copy(&mut source.take(length), &mut out)?;
        if copied != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn movie_header(length: u64, tracks: usize) -> Vec<u8> {
    let fields: [&[u8]; 8] = [
        &[0; 8],
        &CLOCK.to_be_bytes(),
        &four(length),
        // Speed and loudness as they are.
        b"\0\x01\0\0\x01\0",
        &[0; 10],
        &MATRIX,
        &[0; 24],
        &four(tracks as u64 + 1),
    ];
    full(*b"mvhd", 0, &fields)
}

/// Neither turned nor stretched.
const MATRIX: [u8; 36] =
    *b"\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\0\0";

/// What a track of ours is made of.
struct Made<'a> {
    handler: &'a [u8; 4],
    /// `vmhd` or `smhd`.
    media_header: Vec<u8>,
    /// One sample description.
    description: Vec<u8>,
    size: (u16, u16),
    timescale: u32,
    /// How long each sample is, by its own clock.
    step: u32,
    sizes: &'a [u32],
    /// Samples in a chunk.
    in_chunk: u32,
    /// Samples that can be decoded alone, counted from 1; all of them where empty.
    keys: &'a [u32],
    /// What is played: from this moment by its own clock, so long by the file's; all of it where absent.
    played: Option<(u32, u64)>,
}

impl Made<'_> {
    fn track(self, source: File) -> Track {
        let count = self.sizes.len() as u64;
        let duration = count * u64::from(self.step);
        let whole = duration * u64::from(CLOCK) / u64::from(self.timescale.max(1));
        let length = self.played.map_or(whole, |(_, length)| length.min(whole));
        let in_chunk = self.in_chunk.max(1) as usize;
        let mut at = 0;
        let chunks: Vec<Chunk> = self
            .sizes
            .chunks(in_chunk)
            .map(|sizes| {
                let length = sizes.iter().map(|size| u64::from(*size)).sum();
                let chunk = Chunk { source: 0, at, length };
                at += chunk.length;
                chunk
            })
            .collect();
        let index = self.index(duration, length, &chunks);
        Track { sources: vec![source], chunks, index, length }
    }

    fn index(&self, duration: u64, length: u64, chunks: &[Chunk]) -> Vec<u8> {
        let side = |side: u16| (u32::from(side) << 16).to_be_bytes();
        let is_sound = self.handler == b"soun";
        let loudness: &[u8] = if is_sound { b"\x01\0" } else { b"\0\0" };
        let about: [&[u8]; 8] = [
            &[0; 16],
            &four(length),
            &[0; 12],
            loudness,
            &[0; 2],
            &MATRIX,
            &side(self.size.0),
            &side(self.size.1),
        ];
        let about = full(*b"tkhd", 3, &about);
        let edits = self.played.map_or_else(Vec::new, |(from, _)| {
            let one: [&[u8]; 4] = [&four(1), &four(length), &from.to_be_bytes(), b"\0\x01\0\0"];
            boxed(*b"edts", &[&full(*b"elst", 0, &one)])
        });
        let media = full(
            *b"mdhd",
            0,
            &[&[0; 8], &self.timescale.to_be_bytes(), &four(duration), b"\x55\xc4\0\0"],
        );
        let handler = full(*b"hdlr", 0, &[&[0; 4], self.handler, &[0; 12], b"rushes\0"]);
        let here = full(*b"dref", 0, &[&four(1), &full(*b"url ", 1, &[])]);
        let data = boxed(*b"dinf", &[&here]);
        let inside = boxed(
            *b"minf",
            &[&self.media_header, &data, &boxed(*b"stbl", &[&self.samples(chunks)])],
        );
        let all = boxed(*b"mdia", &[&media, &handler, &inside]);
        boxed(*b"trak", &[&about, &edits, &all])
    }

    /// The tables of samples. Where the chunks lie comes last.
    fn samples(&self, chunks: &[Chunk]) -> Vec<u8> {
        let count = self.sizes.len() as u64;
        let full_chunks = count / u64::from(self.in_chunk.max(1));
        let rest = count % u64::from(self.in_chunk.max(1));
        let mut runs = Vec::new();
        if full_chunks > 0 {
            runs.push([1, u64::from(self.in_chunk.max(1)), 1]);
        }
        if rest > 0 {
            runs.push([full_chunks + 1, rest, 1]);
        }
        let mut in_chunks = four(runs.len() as u64).to_vec();
        in_chunks.extend(runs.concat().into_iter().flat_map(four));
        let keys = if self.keys.is_empty() {
            Vec::new()
        } else {
            full(*b"stss", 0, &[&table(self.keys.iter().copied())])
        };
        [
            full(*b"stsd", 0, &[&four(1), &self.description]),
            full(*b"stts", 0, &[&four(1), &four(count), &self.step.to_be_bytes()]),
            keys,
            full(*b"stsc", 0, &[&in_chunks]),
            full(*b"stsz", 0, &[&four(0), &table(self.sizes.iter().copied())]),
            blank_offsets(chunks.len()),
        ]
        .concat()
    }
}

fn table(numbers: impl ExactSizeIterator<Item = u32>) -> Vec<u8> {
    boxes::table(numbers.map(u64::from))
}

fn blank_offsets(chunks: usize) -> Vec<u8> {
    full(*b"stco", 0, &[&four(chunks as u64), &vec![0; chunks * 4]])
}

#[cfg(test)]
#[path = "mp4_tests.rs"]
mod tests;
