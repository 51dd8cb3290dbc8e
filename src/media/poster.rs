//! Pictures small enough to show, and their cache on disk.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use image::RgbImage;
use image::imageops::{self, FilterType};

pub use crate::domain::Picture;
use crate::domain::Pixels;

/// The largest side of a picture that is passed around; a terminal shows less.
pub const LARGEST_SIDE: u32 = 4096;

/// Pictures in our own raw form start with this.
const MAGIC: &[u8; 8] = b"RUSHPIC1";

impl Picture {
    /// The picture of this size, if that is how many bytes there are.
    pub fn from_rgb(size: Pixels, rgb: Vec<u8>) -> Option<Self> {
        let possible = |side: u32| (1..=LARGEST_SIDE).contains(&side);
        let fits = possible(size.width) && possible(size.height) && rgb.len() == byte_count(size);
        fits.then_some(Self { width: size.width, height: size.height, rgb })
    }

    /// Its size.
    pub fn size(&self) -> Pixels {
        Pixels { width: self.width, height: self.height }
    }

    /// The same picture made small enough for this frame, its shape kept. Never made larger.
    #[must_use]
    pub fn fit(self, frame: Pixels) -> Self {
        let target = fitted(self.size(), frame);
        if target == self.size() {
            return self;
        }
        let image = RgbImage::from_raw(self.width, self.height, self.rgb)
            .expect("a picture has three bytes a pixel");
        // Triangle over a shrinking picture averages all it covers: no shimmer between frames.
        let small = imageops::resize(&image, target.width, target.height, FilterType::Triangle);
        Self { width: target.width, height: target.height, rgb: small.into_raw() }
    }

    /// Writes it in our raw form: magic, width and height (four bytes each, little end first), colours.
    pub fn write_raw(&self, mut to: impl Write) -> io::Result<()> {
        to.write_all(MAGIC)?;
        to.write_all(&self.width.to_le_bytes())?;
        to.write_all(&self.height.to_le_bytes())?;
        to.write_all(&self.rgb)
    }

    /// Writes it as a PNG file, whatever the file is called.
    pub fn write_png(&self, file: &Path) -> io::Result<()> {
        let colour = image::ColorType::Rgb8;
        let format = image::ImageFormat::Png;
        image::save_buffer_with_format(file, &self.rgb, self.width, self.height, colour, format)
            .map_err(io::Error::other)
    }

    /// Reads what [`Picture::write_raw`] wrote; `None` for anything else.
    pub fn from_raw(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (width, rest) = rest.split_first_chunk()?;
        let (height, rgb) = rest.split_first_chunk()?;
        let size =
            Pixels { width: u32::from_le_bytes(*width), height: u32::from_le_bytes(*height) };
        Self::from_rgb(size, rgb.to_vec())
    }

    /// How many bytes [`Picture::write_raw`] writes at most for a picture that fits into this frame.
    pub fn raw_limit(frame: Pixels) -> usize {
        let side = |side: u32| side.min(LARGEST_SIDE);
        let clamped = Pixels { width: side(frame.width), height: side(frame.height) };
        MAGIC.len() + 8 + byte_count(clamped)
    }
}

fn byte_count(size: Pixels) -> usize {
    size.width as usize * size.height as usize * 3
}

/// The size of a picture made to fit into a frame, its shape kept, never larger than it is.
pub fn fitted(size: Pixels, frame: Pixels) -> Pixels {
    let frame = Pixels {
        width: frame.width.clamp(1, LARGEST_SIDE),
        height: frame.height.clamp(1, LARGEST_SIDE),
    };
    if size.width <= frame.width && size.height <= frame.height {
        return size;
    }
    let (width, height) = (u64::from(size.width), u64::from(size.height));
    let (across, down) = (u64::from(frame.width), u64::from(frame.height));
    let scaled = |side: u64, by: u64, of: u64| {
        let rounded = (side * by + of / 2).checked_div(of).unwrap_or(1).max(1);
        u32::try_from(rounded).unwrap_or(LARGEST_SIDE)
    };
    if width * down >= height * across {
        Pixels { width: frame.width, height: scaled(height, across, width) }
    } else {
        Pixels { width: scaled(width, down, height), height: frame.height }
    }
}

/// Pictures on disk by what they were made from. Losing one costs the time to make it again.
#[derive(Debug, Clone)]
pub struct PosterCache {
    folder: PathBuf,
    limit_bytes: u64,
}

impl PosterCache {
    /// The cache in this folder (made when first needed), kept below this many bytes.
    pub fn new(folder: PathBuf, limit_bytes: u64) -> Self {
        Self { folder, limit_bytes }
    }

    /// The picture of the file with this hash, made for this frame and this moment.
    pub fn get(&self, sha256: &str, fit: Pixels, at_ms: Option<u64>) -> Option<Picture> {
        Picture::from_raw(&fs::read(self.file(sha256, fit, at_ms)?).ok()?)
    }

    /// Keeps a picture, and lets the oldest go where there is too much.
    pub fn put(
        &self,
        sha256: &str,
        fit: Pixels,
        at_ms: Option<u64>,
        picture: &Picture,
    ) -> io::Result<()> {
        let Some(file) = self.file(sha256, fit, at_ms) else { return Ok(()) };
        fs::create_dir_all(&self.folder)?;
        let mut part = tempfile::NamedTempFile::new_in(&self.folder)?;
        picture.write_raw(part.as_file_mut())?;
        part.persist(file).map_err(|error| error.error)?;
        self.prune()
    }

    /// Where it lies; `None` for a text that is no hash (and could be a path).
    fn file(&self, sha256: &str, fit: Pixels, at_ms: Option<u64>) -> Option<PathBuf> {
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        let moment = at_ms.map_or_else(String::new, |ms| format!("-{ms}"));
        is_hash.then(|| self.folder.join(format!("{sha256}-{fit}{moment}.rgb")))
    }

    fn prune(&self) -> io::Result<()> {
        prune_oldest(&self.folder, self.limit_bytes)
    }
}

/// Removes the oldest files of a folder until the rest is below this many bytes.
pub fn prune_oldest(folder: &Path, limit_bytes: u64) -> io::Result<()> {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = fs::read_dir(folder)?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((about.modified().ok()?, about.len(), entry.path()))
        })
        .collect();
    let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
    files.sort();
    for (_, size, file) in files {
        if total <= limit_bytes {
            break;
        }
        // Another process may have removed it already; that is as good.
        let _ = fs::remove_file(file);
        total -= size;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: u32, height: u32) -> Picture {
        let size = Pixels { width, height };
        Picture::from_rgb(size, vec![90; byte_count(size)]).unwrap()
    }

    #[test]
    fn a_picture_keeps_its_shape_and_is_never_made_larger() {
        let check = |size: (u32, u32), frame: (u32, u32), expected: (u32, u32)| {
            let pixels = |(width, height)| Pixels { width, height };
            assert_eq!(fitted(pixels(size), pixels(frame)), pixels(expected));
        };
        check((1280, 720), (160, 160), (160, 90));
        check((720, 1280), (160, 160), (90, 160));
        check((100, 50), (160, 160), (100, 50));
        check((4000, 1), (10, 10), (10, 1));
        check((1280, 720), (0, 0), (1, 1));
        assert_eq!(plain(64, 32).fit(Pixels { width: 16, height: 16 }), plain(16, 8));
    }

    #[test]
    fn the_raw_form_is_read_back_whole_or_not_at_all() {
        let mut bytes = Vec::new();
        plain(5, 3).write_raw(&mut bytes).unwrap();
        assert!(bytes.len() <= Picture::raw_limit(Pixels { width: 5, height: 3 }));
        assert_eq!(Picture::from_raw(&bytes), Some(plain(5, 3)));
        assert_eq!(Picture::from_raw(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Picture::from_raw(b"RUSHPIC1\xff\xff\xff\xff\xff\xff\xff\xff"), None);
    }

    #[test]
    fn the_cache_stays_below_its_limit_and_refuses_what_is_no_hash() {
        let folder = tempfile::tempdir().unwrap();
        let frame = Pixels { width: 10, height: 10 };
        let cache = PosterCache::new(folder.path().join("posters"), 1000);
        let hash = |digit: char| digit.to_string().repeat(64);
        for digit in ['a', 'b', 'c', 'd', 'e'] {
            cache.put(&hash(digit), frame, None, &plain(10, 10)).unwrap();
        }
        let kept = "abcde".chars().filter(|digit| cache.get(&hash(*digit), frame, None).is_some());
        assert_eq!(kept.count(), 3);
        cache.put("../../escape", frame, None, &plain(10, 10)).unwrap();
        assert_eq!(cache.get("../../escape", frame, None), None);
    }
}
