//! A track of H.264 pictures as they come out of the encoder.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::boxes::{boxed, full};
use super::{Made, Track};
use crate::domain::Pixels;

/// Pictures that are being collected: their bytes on disk, their lengths in memory.
pub struct FilmTrack {
    samples: BufWriter<File>,
    sizes: Vec<u32>,
    keys: Vec<u32>,
    sequence: Vec<u8>,
    picture: Vec<u8>,
    size: Pixels,
    fps_milli: u32,
}

impl FilmTrack {
    /// A track of this size and rate; its samples are kept in this folder until it is written.
    pub fn new(folder: &Path, size: Pixels, fps_milli: u32) -> io::Result<Self> {
        let samples = BufWriter::with_capacity(1 << 17, tempfile::tempfile_in(folder)?);
        Ok(Self {
            samples,
            sizes: Vec::new(),
            keys: Vec::new(),
            sequence: Vec::new(),
            picture: Vec::new(),
            size,
            fps_milli: fps_milli.max(1),
        })
    }

    /// Adds one picture: units with start codes, as encoders give them.
    pub fn push(&mut self, packet: &[u8], is_key: bool) -> io::Result<()> {
        let mut length = 0;
        for unit in units(packet) {
            // Parameter sets belong into the index; of several equal ones the first is kept.
            let kept = match unit.first().map(|first| first & 0x1f) {
                Some(7) => Some(&mut self.sequence),
                Some(8) => Some(&mut self.picture),
                _ => None,
            };
            if let Some(kept) = kept {
                if kept.is_empty() {
                    unit.clone_into(kept);
                }
                continue;
            }
            let size = u32::try_from(unit.len()).map_err(io::Error::other)?;
            self.samples.write_all(&size.to_be_bytes())?;
            self.samples.write_all(unit)?;
            length += size + 4;
        }
        if length == 0 {
            return Err(io::Error::other("the encoder gave an empty picture"));
        }
        self.sizes.push(length);
        if is_key {
            self.keys.push(self.frames());
        }
        Ok(())
    }

    /// How many pictures there are.
    pub fn frames(&self) -> u32 {
        u32::try_from(self.sizes.len()).unwrap_or(u32::MAX)
    }

    /// The whole track.
    pub fn finish(self) -> io::Result<Track> {
        let no_sets = || io::Error::other("the encoder gave no parameter sets");
        let [_, profile, compatible, level, ..] = self.sequence[..] else {
            return Err(no_sets());
        };
        let short = |side: u32| u16::try_from(side).unwrap_or(u16::MAX);
        let size = (short(self.size.width), short(self.size.height));
        let length = |set: &[u8]| short(u32::try_from(set.len()).unwrap_or(u32::MAX)).to_be_bytes();
        let configuration = boxed(
            *b"avcC",
            &[
                &[1, profile, compatible, level, 0xff, 0xe1],
                &length(&self.sequence),
                &self.sequence,
                &[1],
                &length(&self.picture),
                &self.picture,
            ],
        );
        // BT.709, video range.
        let colours = boxed(*b"colr", &[b"nclx\0\x01\0\x01\0\x01\0"]);
        let description = boxed(
            *b"avc1",
            &[
                &[0, 0, 0, 0, 0, 0, 0, 1],
                &[0; 16],
                &size.0.to_be_bytes(),
                &size.1.to_be_bytes(),
                b"\0\x48\0\0\0\x48\0\0\0\0\0\0\0\x01",
                &[0; 32],
                b"\0\x18\xff\xff",
                &configuration,
                &colours,
            ],
        );
        let made = Made {
            handler: b"vide",
            media_header: full(*b"vmhd", 1, &[&[0; 8]]),
            description,
            size,
            timescale: self.fps_milli,
            step: 1000,
            sizes: &self.sizes,
            in_chunk: (self.fps_milli / 1000).max(1),
            keys: &self.keys,
            played: None,
        };
        let source = self.samples.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(made.track(source))
    }
}

/// What lies between start codes of three or four bytes.
fn units(packet: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(found) = next_start(packet, at) {
        starts.push(found);
        at = found;
    }
    let ends: Vec<usize> =
        starts.iter().skip(1).map(|start| start - 3).chain([packet.len()]).collect();
    starts.into_iter().zip(ends).filter_map(|(start, end)| {
        let unit = packet.get(start..end)?;
        // The fourth byte of a start code, or padding: a unit never ends in a zero.
        let used = unit.iter().rposition(|byte| *byte != 0)? + 1;
        Some(&unit[..used])
    })
}

/// Behind the next `0 0 1`.
fn next_start(packet: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 2;
    while let Some(byte) = packet.get(at) {
        match byte {
            // A byte above 1 rules out three places at once.
            2.. => at += 3,
            1 if packet[at - 2..at] == [0, 0] => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}
