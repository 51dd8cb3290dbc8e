//! An input: a file or address that a model takes, and what a file must be to be taken.

use serde::Deserialize;

use super::{Fault, Ratio};
use crate::domain::MediaKind;

/// What kind of file an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// A picture.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// A picture that says where.
    Mask,
    /// The picture to end on.
    LastImage,
    /// Whatever the model makes of it: pictures or videos, an archive, a 3D model.
    File,
}

impl InputKind {
    /// Its name on the command line: `last-image`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Mask => "mask",
            Self::LastImage => "last-image",
            Self::File => "file",
        }
    }

    /// What it is, with its article: `a picture`.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Image | Self::Mask | Self::LastImage => "a picture",
            Self::Audio => "a recording",
            Self::Video => "a video",
            Self::File => "a file",
        }
    }

    /// The kind of file that it must be.
    pub fn media(self) -> MediaKind {
        match self {
            Self::Image | Self::Mask | Self::LastImage => MediaKind::Image,
            Self::Audio => MediaKind::Audio,
            Self::Video => MediaKind::Video,
            Self::File => MediaKind::Other,
        }
    }

    /// Whether what is given as `given` may fill an input of this kind: a file takes anything.
    pub fn takes(self, given: Self) -> bool {
        self == given || self == Self::File
    }
}

/// A file or address that the model takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSpec {
    /// Its key on the wire.
    pub key: String,
    /// What kind of file.
    pub kind: InputKind,
    /// Whether it must be given.
    pub required: bool,
    /// How its name may end, in lower case; any where empty.
    pub formats: Vec<String>,
    /// No file larger.
    pub max_bytes: Option<u64>,
    /// No file shorter.
    pub min_seconds: Option<u32>,
    /// No file longer.
    pub max_seconds: Option<u32>,
    /// No side with fewer pixels.
    pub min_side: Option<u32>,
    /// No side longer than so many times the other.
    pub max_ratio: Option<Ratio>,
    /// At least so many, where any are given.
    pub at_least: usize,
    /// At most so many.
    pub how_many: usize,
    /// Whether it is sent as a list, even of one.
    pub is_list: bool,
    /// In one sentence.
    pub about: Option<String>,
}

/// What is known of a file, as far as it could be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its name, for the messages and its ending.
    pub name: String,
    /// What kind of file it is.
    pub kind: MediaKind,
    /// How large.
    pub bytes: u64,
    /// How long, in milliseconds.
    pub milliseconds: Option<u64>,
    /// Width and height in pixels.
    pub pixels: Option<(u32, u32)>,
}

impl InputSpec {
    /// Everything for which the provider would refuse this file, or take money and make nothing of it.
    pub fn file_faults(&self, file: &FileFacts) -> Vec<Fault> {
        let Self { key, .. } = self;
        let mut faults = Vec::new();
        let mut fault = |message: String| {
            faults.push(Fault::new(key, message).hint(format!("{key} is {}", file.name)));
        };
        let wanted = self.kind.media();
        if wanted != MediaKind::Other && file.kind != wanted {
            fault(format!("{key} must be {}, not {}", wanted.as_str(), file.kind.as_str()));
        }
        let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
        if !self.formats.is_empty() && ending.is_none_or(|it| !self.formats.contains(&it)) {
            fault(format!("{key} must be {}", self.formats.join(" or ")));
        }
        if let Some(most) = self.max_bytes.filter(|most| file.bytes > *most) {
            fault(format!("{key} has {}; {} are allowed", megabytes(file.bytes), megabytes(most)));
        }
        let lasts = file.milliseconds.and_then(|ms| Ratio::new(i128::from(ms), 1000));
        if let Some(lasts) = lasts {
            let whole = |seconds: u32| Ratio::whole(i64::from(seconds));
            if let Some(least) = self.min_seconds.filter(|least| lasts < whole(*least)) {
                fault(format!("{key} lasts {lasts} s; at least {least} s are needed"));
            }
            if let Some(most) = self.max_seconds.filter(|most| lasts > whole(*most)) {
                fault(format!("{key} lasts {lasts} s; at most {most} s are allowed"));
            }
        }
        if let Some((width, height)) = file.pixels {
            let (short, long) = (width.min(height), width.max(height));
            if let Some(least) = self.min_side.filter(|least| short < *least) {
                fault(format!("{key} is {width}×{height}; no side may be below {least}"));
            }
            let ratio = Ratio::new(i128::from(long), i128::from(short));
            if let Some(most) = self.max_ratio.filter(|most| ratio.is_none_or(|it| it > *most)) {
                fault(format!("{key} is {width}×{height}; no side may be over {most} × the other"));
            }
        }
        faults
    }
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    if tenths.is_multiple_of(10) {
        format!("{} MB", tenths / 10)
    } else {
        format!("{}.{} MB", tenths / 10, tenths % 10)
    }
}
