//! What is known of a file's pictures and sound: measured, never assumed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A size in pixels. `1280x720` in text; `WaveSpeed` writes `1280*720`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pixels {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl fmt::Display for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// A text that is no size in pixels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a size in pixels, like 1280x720")]
pub struct NotPixels(pub String);

impl FromStr for Pixels {
    type Err = NotPixels;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_once(['*', 'x', 'X', '×'])
            .and_then(|(width, height)| {
                Some(Self {
                    width: width.trim().parse().ok()?,
                    height: height.trim().parse().ok()?,
                })
            })
            .filter(|size| size.width > 0 && size.height > 0)
            .ok_or_else(|| NotPixels(text.to_owned()))
    }
}

/// What kind of file an asset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    /// Moving pictures, with or without sound.
    Video,
    /// One still picture (or a short GIF).
    Image,
    /// Sound alone.
    Audio,
    /// Anything else: text, an archive, a 3D model.
    Other,
}

impl MediaKind {
    /// Its name in the library and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Other => "other",
        }
    }

    /// The kind that a MIME type names.
    pub fn of_mime(mime: &str) -> Self {
        match mime.split('/').next() {
            Some("video") => Self::Video,
            Some("image") => Self::Image,
            Some("audio") => Self::Audio,
            _ => Self::Other,
        }
    }
}

/// What was measured from a file itself. A field is `None` where the file's kind has no such figure,
/// or where it could not be read here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MediaFacts {
    /// `h264`, `hevc`, `vp9`, `av1`, `png`, `pcm`, …
    pub codec: Option<String>,
    /// Length in milliseconds.
    pub duration_ms: Option<u64>,
    /// Frames a second, in thousandths (24 000 is 24 fps), so that no float is stored.
    pub fps_milli: Option<u32>,
    /// Size in pixels.
    pub pixels: Option<Pixels>,
    /// Whether there is a sound track; `None` where that could not be told.
    pub has_audio: Option<bool>,
}

impl MediaFacts {
    /// Length in seconds, as JSON shows it.
    #[expect(clippy::cast_precision_loss, reason = "a length of 285 000 years loses a millisecond")]
    pub fn duration_s(&self) -> Option<f64> {
        self.duration_ms.map(|ms| ms as f64 / 1000.0)
    }

    /// Frames a second, as JSON shows them.
    pub fn fps(&self) -> Option<f64> {
        self.fps_milli.map(|milli| f64::from(milli) / 1000.0)
    }

    /// The short name of a video's size by its shorter side: `720p`.
    pub fn resolution(&self) -> Option<String> {
        self.pixels.map(|size| format!("{}p", size.width.min(size.height)))
    }
}

/// A still picture in memory, small enough for a screen.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Red, green, blue; row by row from the top left: `width * height * 3` bytes.
    pub rgb: Vec<u8>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_both_spellings() {
        assert_eq!("1280*720".parse(), Ok(Pixels { width: 1280, height: 720 }));
        assert_eq!("720x1280".parse(), Ok(Pixels { width: 720, height: 1280 }));
        for text in ["", "720p", "0*5", "12*", "-1x4"] {
            assert!(text.parse::<Pixels>().is_err(), "{text:?} was taken for a size");
        }
    }

    #[test]
    fn a_resolution_is_named_by_the_shorter_side() {
        let facts = |width, height| MediaFacts {
            pixels: Some(Pixels { width, height }),
            ..MediaFacts::default()
        };
        assert_eq!(facts(1280, 720).resolution().as_deref(), Some("720p"));
        assert_eq!(facts(720, 1280).resolution().as_deref(), Some("720p"));
        assert_eq!(MediaFacts::default().resolution(), None);
    }
}
