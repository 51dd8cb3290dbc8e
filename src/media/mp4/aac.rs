//! A track of AAC from its bare stream (ADTS: a header before each frame).

use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::Path;

use super::boxes::{boxed, full};
use super::{CLOCK, Made, Track};

/// Samples in a frame.
const FRAME: u32 = 1024;

const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];

/// What a frame's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    /// Kind of AAC, index of the rate, channels.
    coding: (u8, u8, u8),
    /// Behind the header.
    length: usize,
    has_checksum: bool,
}

impl Header {
    fn read(bytes: [u8; 7]) -> Option<Self> {
        let [first, second, third, fourth, fifth, sixth, _] = bytes;
        if first != 0xff || second & 0xf6 != 0xf0 {
            return None;
        }
        let has_checksum = second & 1 == 0;
        let whole =
            usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
        let coding = ((third >> 6) + 1, third >> 2 & 15, (third & 1) << 2 | fourth >> 6);
        let length = whole.checked_sub(if has_checksum { 9 } else { 7 })?;
        (length > 0 && usize::from(coding.1) < RATES.len() && coding.2 > 0).then_some(Self {
            coding,
            length,
            has_checksum,
        })
    }
}

impl Track {
    /// The sound of a bare AAC stream, its first `skip` samples left out (an encoder puts 1024 of silence
    /// before), cut to a length in milliseconds where one is given. Its samples are kept in this folder until
    /// it is written. `None` where it is no such stream.
    pub fn aac(
        folder: &Path,
        mut stream: impl Read,
        skip: u32,
        most_ms: Option<u64>,
    ) -> io::Result<Option<Self>> {
        let mut samples = BufWriter::new(tempfile::tempfile_in(folder)?);
        let mut coding = None;
        let mut sizes: Vec<u32> = Vec::new();
        let mut frame = Vec::new();
        let most_frames = |rate: u32| {
            most_ms.map_or(usize::MAX, |ms| {
                let samples = ms * u64::from(rate) / 1000 + u64::from(skip);
                usize::try_from(samples.div_ceil(u64::from(FRAME))).unwrap_or(usize::MAX)
            })
        };
        loop {
            let mut header = [0; 7];
            let Some(header) =
                read_all(&mut stream, &mut header)?.then(|| Header::read(header)).flatten()
            else {
                break;
            };
            // A stream that changes in the middle is only right up to there.
            if *coding.get_or_insert(header.coding) != header.coding {
                break;
            }
            if sizes.len() >= most_frames(RATES[usize::from(header.coding.1)]) {
                break;
            }
            if header.has_checksum && !read_all(&mut stream, &mut [0; 2])? {
                break;
            }
            frame.resize(header.length, 0);
            if !read_all(&mut stream, &mut frame)? {
                break;
            }
            samples.write_all(&frame)?;
            sizes.push(u32::try_from(header.length).unwrap_or(u32::MAX));
        }
        let Some((kind, rate, channels)) = coding.filter(|_| !sizes.is_empty()) else {
            return Ok(None);
        };
        let hertz = RATES[usize::from(rate)];
        let there = (sizes.len() as u64 * u64::from(FRAME)).saturating_sub(skip.into());
        let there = there * u64::from(CLOCK) / u64::from(hertz);
        let length = most_ms.map_or(there, |ms| there.min(ms * u64::from(CLOCK) / 1000));
        let made = Made {
            handler: b"soun",
            media_header: full(*b"smhd", 0, &[&[0; 4]]),
            description: description(kind, rate, channels, &sizes),
            size: (0, 0),
            timescale: hertz,
            step: FRAME,
            sizes: &sizes,
            in_chunk: (hertz / FRAME).max(1),
            keys: &[],
            played: Some((skip, length)),
        };
        let mut source = samples.into_inner().map_err(io::IntoInnerError::into_error)?;
        source.rewind()?;
        Ok(Some(made.track(source)))
    }
}

fn description(kind: u8, rate: u8, channels: u8, sizes: &[u32]) -> Vec<u8> {
    let hertz = RATES[usize::from(rate)];
    let total: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
    let bits = total * 8 * u64::from(hertz) / (sizes.len() as u64 * u64::from(FRAME)).max(1);
    let bits = u32::try_from(bits).unwrap_or(u32::MAX).to_be_bytes();
    let config = [kind << 3 | rate >> 1, (rate & 1) << 7 | channels << 3];
    let decoder: [&[u8]; 6] =
        [&[4, 17, 0x40, 0x15, 0, 0, 0], &bits, &bits, &[5, 2], &config, &[6, 1, 2]];
    let decoder = decoder.concat();
    let length = u8::try_from(decoder.len() + 3).unwrap_or(u8::MAX);
    let stream = full(*b"esds", 0, &[&[3, length, 0, 0, 0], &decoder]);
    let rate = u16::try_from(hertz).unwrap_or(0).to_be_bytes();
    let parts: [&[u8]; 7] = [
        &[0, 0, 0, 0, 0, 0, 0, 1],
        &[0; 8],
        &[0, channels, 0, 16],
        &[0; 4],
        &rate,
        &[0; 2],
        &stream,
    ];
    boxed(*b"mp4a", &parts)
}

/// Fills the buffer; `false` where the stream ends before.
fn read_all(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match stream.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
