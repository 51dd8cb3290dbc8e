//! H.264 frames of an MP4 in the order they are shown, one at a time.
//!
//! Decodes what a stranger sent in C++: only called in the child process.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use openh264::OpenH264API;
use openh264::decoder::{DecodeOptions, DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;
use re_mp4::{Avc1Box, Mp4, Sample, StsdBoxContent, TrackKind};

use super::poster::{Picture, fitted};
use super::probe::{Unreadable, read_mp4};
use crate::domain::Pixels;

/// Nothing that a camera or a model makes has larger frames, encoded.
const LARGEST_PACKET: u64 = 64 << 20;

/// What is made of a decoded frame, for whoever shows it in a frame of this size.
type Convert<T> = fn(&DecodedYUV<'_>, Pixels) -> Result<T, Unreadable>;

/// A film's frames, one after the other: pictures scaled to fit a frame, or whatever is made of them.
pub struct Frames<T = Picture> {
    file: File,
    samples: VecDeque<Sample>,
    fit: Pixels,
    decoder: Decoder,
    /// Parameter sets, sent before the first packet.
    headers: Vec<u8>,
    /// How many bytes say how long a unit is.
    length_bytes: usize,
    /// Moments of the frames still to come, in milliseconds, in the order they are shown.
    moments: VecDeque<u64>,
    /// What came out of the decoder's end at once.
    drained: Option<VecDeque<T>>,
    convert: Convert<T>,
}

impl Frames {
    /// Starts at the last frame that can be decoded by itself, at or before `from_ms`.
    /// `Ok(None)` where the film is not H.264.
    pub fn open(file: &Path, fit: Pixels, from_ms: u64) -> Result<Option<Self>, Unreadable> {
        Self::open_as(file, fit, from_ms, scaled)
    }
}

impl Frames<Vec<u8>> {
    /// All frames in the decoder's own form and size: width and height (four bytes each, little end first),
    /// then the three planes.
    pub fn planes(file: &Path) -> Result<Option<Self>, Unreadable> {
        Self::open_as(file, Pixels { width: 0, height: 0 }, 0, |frame, _| packed(frame))
    }
}

impl<T> Frames<T> {
    fn open_as(
        file: &Path,
        fit: Pixels,
        from_ms: u64,
        convert: Convert<T>,
    ) -> Result<Option<Self>, Unreadable> {
        let mp4 = read_mp4(file)?;
        let Some((track, entry)) = h264_track(&mp4) else { return Ok(None) };
        let avcc = &entry.avcc;
        let scale = track.timescale.max(1);
        let shown_at = |sample: &Sample| {
            u64::try_from(sample.composition_timestamp).unwrap_or(0).saturating_mul(1000) / scale
        };
        let samples = &track.samples;
        let start = samples
            .iter()
            .rposition(|sample| sample.is_sync && shown_at(sample) <= from_ms)
            .unwrap_or(0);
        let mut moments: Vec<u64> = samples[start..].iter().map(shown_at).collect();
        moments.sort_unstable();
        let headers = avcc
            .sequence_parameter_sets
            .iter()
            .chain(&avcc.picture_parameter_sets)
            .flat_map(|unit| [&START_CODE[..], &unit.bytes].concat())
            .collect();
        Ok(Some(Self {
            file: File::open(file).map_err(|error| Unreadable::because("opening", &error))?,
            samples: samples[start..].iter().copied().collect(),
            fit,
            decoder: Decoder::with_api_config(OpenH264API::from_source(), DecoderConfig::new())
                .map_err(|error| Unreadable::because("the decoder did not start", &error))?,
            headers,
            length_bytes: usize::from(avcc.length_size_minus_one & 3) + 1,
            moments: moments.into(),
            drained: None,
            convert,
        }))
    }

    /// The next frame with the moment it is shown, in milliseconds; `None` after the last.
    pub fn next_frame(&mut self) -> Result<Option<(u64, T)>, Unreadable> {
        let picture = match &mut self.drained {
            Some(rest) => rest.pop_front(),
            None => self.decode_on()?,
        };
        let Some(picture) = picture else { return Ok(None) };
        Ok(Some((self.moments.pop_front().unwrap_or(0), picture)))
    }

    fn decode_on(&mut self) -> Result<Option<T>, Unreadable> {
        let failed = |error| Unreadable::because("a frame cannot be decoded", &error);
        while let Some(sample) = self.samples.pop_front() {
            let packet = self.packet(sample)?;
            // The default flushes after every packet, and then files with B-frames fail after about ten.
            let options = DecodeOptions::new().flush_after_decode(Flush::NoFlush);
            let decoded = self.decoder.decode_with_options(&packet, options).map_err(failed)?;
            if let Some(decoded) = decoded {
                return (self.convert)(&decoded, self.fit).map(Some);
            }
        }
        let rest = self.decoder.flush_remaining().map_err(failed)?;
        let rest: Result<VecDeque<_>, _> =
            rest.iter().map(|frame| (self.convert)(frame, self.fit)).collect();
        Ok(self.drained.insert(rest?).pop_front())
    }

    /// One sample as the decoder wants it: start codes in place of lengths.
    fn packet(&mut self, sample: Sample) -> Result<Vec<u8>, Unreadable> {
        let cut = |error| Unreadable::because("the file is cut short", &error);
        if sample.size > LARGEST_PACKET {
            return Err(Unreadable("a frame claims to be larger than 64 MB".to_owned()));
        }
        self.file.seek(SeekFrom::Start(sample.offset)).map_err(cut)?;
        let mut data = Vec::new();
        (&mut self.file).take(sample.size).read_to_end(&mut data).map_err(cut)?;
        let mut packet = std::mem::take(&mut self.headers);
        let mut rest = &data[..];
        while let Some((length, after)) = rest.split_at_checked(self.length_bytes) {
            let length = length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
            let (unit, after) = after.split_at(length.min(after.len()));
            packet.extend_from_slice(&START_CODE);
            packet.extend_from_slice(unit);
            rest = after;
        }
        Ok(packet)
    }
}

const START_CODE: [u8; 4] = [0, 0, 0, 1];

fn h264_track(mp4: &Mp4) -> Option<(&re_mp4::Track, &Avc1Box)> {
    let video = mp4.tracks().values().find(|track| track.kind == Some(TrackKind::Video))?;
    match &video.trak(mp4).mdia.minf.stbl.stsd.contents {
        StsdBoxContent::Avc1(entry) => Some((video, entry)),
        _ => None,
    }
}

/// A decoded frame in the size it will be shown: every pixel of the small picture is the average of what
/// it covers, taken before the colours are converted, which is most of the work saved.
fn scaled(frame: &DecodedYUV<'_>, fit: Pixels) -> Result<Picture, Unreadable> {
    let (width, height) = frame.dimensions();
    let pixels = |side: usize| u32::try_from(side).unwrap_or(0);
    let size = Pixels { width: pixels(width), height: pixels(height) };
    if size.width == 0 || size.height == 0 {
        return Err(Unreadable("a frame has no size".to_owned()));
    }
    let target = fitted(size, fit);
    let strides = frame.strides();
    let shrink = |plane: &[u8], stride: usize, width: usize, height: usize| {
        Plane { bytes: plane, stride, width, height }.shrunk(target)
    };
    let (half_width, half_height) = frame.dimensions_uv();
    let luma = shrink(frame.y(), strides.0, width, height);
    let blue = shrink(frame.u(), strides.1, half_width.max(1), half_height.max(1));
    let red = shrink(frame.v(), strides.2, half_width.max(1), half_height.max(1));
    let rgb = luma
        .iter()
        .zip(blue.iter().zip(&red))
        .flat_map(|(luma, (blue, red))| to_rgb(*luma, *blue, *red))
        .collect();
    Picture::from_rgb(target, rgb).ok_or_else(|| Unreadable("a frame is too large".to_owned()))
}

/// A decoded frame as it is, but for a row or column too many for colours at half the size.
fn packed(frame: &DecodedYUV<'_>) -> Result<Vec<u8>, Unreadable> {
    let (width, height) = frame.dimensions();
    let (width, height) = (width & !1, height & !1);
    if width == 0 || height == 0 {
        return Err(Unreadable("a frame has no size".to_owned()));
    }
    let side = |side: usize| u32::try_from(side).unwrap_or(0).to_le_bytes();
    let mut bytes = Vec::with_capacity(width * height * 3 / 2 + 8);
    bytes.extend(side(width));
    bytes.extend(side(height));
    let strides = frame.strides();
    let planes = [
        (frame.y(), strides.0, width, height),
        (frame.u(), strides.1, width / 2, height / 2),
        (frame.v(), strides.2, width / 2, height / 2),
    ];
    for (plane, stride, across, down) in planes {
        for row in plane.chunks(stride).take(down) {
            bytes.extend_from_slice(&row[..across]);
        }
    }
    Ok(bytes)
}

struct Plane<'a> {
    bytes: &'a [u8],
    stride: usize,
    width: usize,
    height: usize,
}

impl Plane<'_> {
    fn shrunk(&self, target: Pixels) -> Vec<u8> {
        let (across, down) = (target.width as usize, target.height as usize);
        let span = |index: usize, of: usize, length: usize| {
            let start = (index * length / of).min(length - 1);
            start..((index + 1) * length / of).clamp(start + 1, length)
        };
        let mut small = Vec::with_capacity(across * down);
        for y in 0..down {
            let rows = span(y, down, self.height);
            for x in 0..across {
                let columns = span(x, across, self.width);
                let count = rows.len() * columns.len();
                let sum: usize = rows
                    .clone()
                    .flat_map(|row| {
                        let start = row * self.stride;
                        self.bytes[start + columns.start..start + columns.end].iter()
                    })
                    .map(|byte| usize::from(*byte))
                    .sum();
                small.push(u8::try_from(sum / count).unwrap_or(u8::MAX));
            }
        }
        small
    }
}

/// BT.709, video range, in 16-bit fixed point: what nearly every HD file is, said or unsaid.
pub(super) fn to_rgb(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let luma = (i32::from(luma) - 16) * 76_309;
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let clamp = |value: i32| u8::try_from(((value + 32_768) >> 16).clamp(0, 255)).unwrap_or(0);
    [
        clamp(luma + 117_489 * red),
        clamp(luma - 13_975 * blue - 34_925 * red),
        clamp(luma + 138_438 * blue),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_and_white_are_the_ends_of_video_range() {
        assert_eq!(to_rgb(16, 128, 128), [0, 0, 0]);
        assert_eq!(to_rgb(235, 128, 128), [255, 255, 255]);
        assert_eq!(to_rgb(255, 128, 128), [255, 255, 255]);
    }

    #[test]
    fn a_shrunk_plane_is_the_average_of_what_it_covers() {
        let plane = Plane { bytes: &[0, 100, 9, 100, 200, 9], stride: 3, width: 2, height: 2 };
        assert_eq!(plane.shrunk(Pixels { width: 1, height: 1 }), [100]);
        assert_eq!(plane.shrunk(Pixels { width: 2, height: 2 }), [0, 100, 100, 200]);
        assert_eq!(plane.shrunk(Pixels { width: 4, height: 1 }), [50, 50, 150, 150]);
    }
}
