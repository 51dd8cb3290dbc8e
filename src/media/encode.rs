//! Frames → H.264 → MP4.
//!
//! One frame is encoded at a time and kept on disk until the index is known, which goes first in the file:
//! memory does not grow with a film.

use std::path::{Path, PathBuf};

use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, QpRange,
    RateControlMode, VuiConfig,
};
use openh264::formats::YUVSource;
use openh264::{OpenH264API, Timestamp};

use super::decode::to_rgb;
use super::mp4::{self, FilmTrack, Track};
use crate::domain::Pixels;

/// How often a frame is offered to the encoder before the film is given up.
const MOST_OFFERS: usize = 48;

/// Why no film came out.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A size that H.264 with 4:2:0 colour, or this encoder, cannot have.
    #[error("{0} cannot be encoded: both sides must be even, from 16 to 3840 pixels")]
    Size(Pixels),
    /// The encoder refused a frame.
    #[error("encoding a frame")]
    Encoder(#[source] openh264::Error),
    /// The file could not be made.
    #[error("writing an MP4 file")]
    File(#[from] std::io::Error),
}

/// One picture in the encoder's own form: planar YUV 4:2:0, BT.709, video range.
#[derive(Debug, Clone)]
pub struct Frame {
    size: Pixels,
    /// Brightness, `width * height` bytes.
    pub luma: Vec<u8>,
    /// Blue difference, a quarter of that.
    pub blue: Vec<u8>,
    /// Red difference, a quarter of that.
    pub red: Vec<u8>,
}

impl Frame {
    /// A black picture. Both sides must be even.
    pub fn black(size: Pixels) -> Result<Self, EncodeError> {
        let possible = |side: u32| side.is_multiple_of(2) && (16..=3840).contains(&side);
        if !possible(size.width) || !possible(size.height) {
            return Err(EncodeError::Size(size));
        }
        let pixels = size.width as usize * size.height as usize;
        Ok(Self {
            size,
            luma: vec![16; pixels],
            blue: vec![128; pixels / 4],
            red: vec![128; pixels / 4],
        })
    }

    /// Its size.
    pub fn size(&self) -> Pixels {
        self.size
    }

    /// The same as red, green and blue, three bytes a pixel.
    pub fn to_rgb(&self) -> Vec<u8> {
        let (width, half) = (self.size.width as usize, self.size.width as usize / 2);
        let colours = |(at, luma): (usize, &u8)| {
            let coarse = at / width / 2 * half + at % width / 2;
            to_rgb(*luma, self.blue[coarse], self.red[coarse])
        };
        self.luma.iter().enumerate().flat_map(colours).collect()
    }
}

impl YUVSource for Frame {
    fn dimensions(&self) -> (usize, usize) {
        (self.size.width as usize, self.size.height as usize)
    }

    fn strides(&self) -> (usize, usize, usize) {
        let width = self.size.width as usize;
        (width, width / 2, width / 2)
    }

    fn y(&self) -> &[u8] {
        &self.luma
    }

    fn u(&self) -> &[u8] {
        &self.blue
    }

    fn v(&self) -> &[u8] {
        &self.red
    }
}

/// A film being written: as many frames as are pushed, each lasting `1 / fps` seconds.
pub struct Film {
    encoder: Encoder,
    track: FilmTrack,
    file: PathBuf,
    fps_milli: u32,
    packet: Vec<u8>,
}

/// From here on a frame is large: it gets fewer bits a pixel, because it was made from a smaller one.
const LARGE: u64 = 1920 * 1088;

impl Film {
    /// Starts a film of this size in a new file. Nothing is in the file before [`Film::finish`].
    pub fn create(file: &Path, size: Pixels, fps: u32) -> Result<Self, EncodeError> {
        Self::at_rate(file, size, fps.saturating_mul(1000))
    }

    /// The same at a rate in thousandths of a frame a second.
    pub fn at_rate(file: &Path, size: Pixels, fps_milli: u32) -> Result<Self, EncodeError> {
        // About 0.13 bits a pixel: below it, gradients of a sky show blocks.
        let pixels = u64::from(size.width) * u64::from(size.height);
        let weight = pixels.min(LARGE) * 13 / 100 + pixels.saturating_sub(LARGE) * 5 / 100;
        let bits = weight * u64::from(fps_milli) / 1000;
        let bits = u32::try_from(bits).unwrap_or(u32::MAX).clamp(200_000, 40_000_000);
        let fps = (fps_milli / 1000).max(1);
        let config = EncoderConfig::new()
            .bitrate(BitRate::from_bps(bits))
            .max_frame_rate(FrameRate::from_hz(frames_as_f32(fps)))
            .rate_control_mode(RateControlMode::Bitrate)
            // Without leave to skip frames the encoder warns on the standard error output, where a screen
            // may be, before it can be told to be silent. `push` does not accept a skipped frame.
            .skip_frames(true)
            .qp(QpRange::new(10, 42))
            .complexity(Complexity::Low)
            .scene_change_detect(false)
            // It leaves specks behind what moves in front of a still sky.
            .background_detection(false)
            // Two seconds: a seek decodes 48 frames at most.
            .intra_frame_period(IntraFramePeriod::from_num_frames(fps * 2))
            // One thread: the same frames give the same bytes.
            .num_threads(1)
            .vui(VuiConfig::bt709());
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config)
            .map_err(EncodeError::Encoder)?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let track = FilmTrack::new(folder, size, fps_milli)?;
        Ok(Self { encoder, track, file: file.to_owned(), fps_milli, packet: Vec::new() })
    }

    /// Adds one frame at the end.
    pub fn push(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        let at_ms = u64::from(self.track.frames()) * 1_000_000 / u64::from(self.fps_milli.max(1));
        let mut is_key = false;
        self.packet.clear();
        // The encoder skips a frame when it has spent too much; offered again, it has saved enough.
        for _ in 0..MOST_OFFERS {
            let encoded = self
                .encoder
                .encode_at(frame, Timestamp::from_millis(at_ms))
                .map_err(EncodeError::Encoder)?;
            is_key = matches!(encoded.frame_type(), FrameType::IDR | FrameType::I);
            encoded.write_vec(&mut self.packet);
            if !self.packet.is_empty() {
                break;
            }
        }
        Ok(self.track.push(&self.packet, is_key)?)
    }

    /// Writes the file and tells how many frames are in it.
    pub fn finish(self) -> Result<u32, EncodeError> {
        self.finish_with(None)
    }

    /// The same with a sound beside the pictures.
    pub fn finish_with(self, sound: Option<Track>) -> Result<u32, EncodeError> {
        let frames = self.track.frames();
        let tracks = std::iter::once(self.track.finish()?).chain(sound).collect();
        mp4::write(&self.file, tracks)?;
        Ok(frames)
    }
}

fn frames_as_f32(fps: u32) -> f32 {
    f32::from(u16::try_from(fps).unwrap_or(u16::MAX))
}
