//! What the platforms take: the shipped table, and the user's own beside it.

use serde::{Deserialize, Serialize};

use super::{CatalogError, toml_file};
use crate::domain::Pixels;

const BUILT_IN: &str = include_str!("../../assets/presets/platforms.toml");

/// What one platform takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// How it is named in an order.
    pub id: String,
    /// How a person calls it.
    pub name: String,
    /// Pixels across; even.
    pub width: u32,
    /// Pixels down; even.
    pub height: u32,
    /// No film is longer.
    pub max_seconds: f64,
    /// No film is heavier: millions of bytes.
    pub max_mb: f64,
    /// How a film's name may end.
    pub formats: Vec<String>,
}

/// What becomes of the picture of a film on a platform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// It has that size.
    AsItIs,
    /// It has that shape, in another size.
    Scaled,
    /// So much of it stays, in percent; the rest is cut off at two sides.
    Cropped(u32),
    /// All of it stays, with black at two sides.
    Letterboxed,
}

impl Platform {
    /// What becomes of a picture of this size: cut off, or with black beside it.
    pub fn shape(&self, pixels: Pixels, is_letterbox: bool) -> Shape {
        let (width, height) = (f64::from(pixels.width), f64::from(pixels.height));
        let (wide, tall) = (f64::from(self.width), f64::from(self.height));
        // How much wider than the platform's it is, in shape.
        let wider = (width * tall) / (height * wide).max(1.0);
        if (pixels.width, pixels.height) == (self.width, self.height) {
            Shape::AsItIs
        } else if (wider - 1.0).abs() < 0.01 {
            Shape::Scaled
        } else if is_letterbox {
            Shape::Letterboxed
        } else {
            let stays = if wider > 1.0 { 1.0 / wider } else { wider };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
            Shape::Cropped((stays * 100.0).round() as u32)
        }
    }

    /// The seconds that are left of a film of this length, where it is too long.
    pub fn cut(&self, milliseconds: u64) -> Option<f64> {
        let seconds = std::time::Duration::from_millis(milliseconds).as_secs_f64();
        (seconds > self.max_seconds).then_some(self.max_seconds)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    platforms: Vec<Platform>,
}

/// All platforms that are known, in the order of the tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Platforms(Vec<Platform>);

impl Platforms {
    /// The shipped ones, and those of the user's file, by its name and text: an id that is known already is replaced.
    ///
    /// # Errors
    ///
    /// When that file is wrong, naming it.
    pub fn with_own(own: Option<(&str, &str)>) -> Result<Self, CatalogError> {
        let Self(mut all) = Self::built_in()?;
        let own = own.map(|(file, text)| read(file, text)).transpose()?;
        for platform in own.unwrap_or_default() {
            match all.iter_mut().find(|known| known.id == platform.id) {
                Some(known) => *known = platform,
                None => all.push(platform),
            }
        }
        Ok(Self(all))
    }

    /// Those that are shipped.
    ///
    /// # Errors
    ///
    /// When the shipped table is wrong, which a test rules out.
    pub fn built_in() -> Result<Self, CatalogError> {
        read("assets/presets/platforms.toml", BUILT_IN).map(Self)
    }

    /// All of them.
    pub fn all(&self) -> &[Platform] {
        &self.0
    }

    /// Their ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|platform| platform.id.as_str())
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Option<&Platform> {
        self.0.iter().find(|platform| platform.id == id)
    }
}

fn read(file: &str, text: &str) -> Result<Vec<Platform>, CatalogError> {
    let wrong = |message: String| CatalogError::Wrong { file: file.to_owned(), message };
    let table: Table = toml_file::parse(text).map_err(wrong)?;
    for platform in &table.platforms {
        let Platform { id, width, height, .. } = platform;
        let even = |side: &u32| (2..=8192).contains(side) && side.is_multiple_of(2);
        if !even(width) || !even(height) {
            return Err(wrong(format!("{id}: {width}x{height} is no even size up to 8192")));
        }
        if platform.max_seconds <= 0.0 || platform.max_mb <= 0.0 {
            return Err(wrong(format!("{id}: max_seconds and max_mb must be above zero")));
        }
        let known = |format: &String| ["mp4", "mov", "webm"].contains(&format.as_str());
        if platform.formats.is_empty() || !platform.formats.iter().all(known) {
            return Err(wrong(format!("{id}: formats are some of mp4, mov, webm")));
        }
    }
    Ok(table.platforms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_a_picture_is_told_by_its_shape() {
        let all = Platforms::built_in().expect("the shipped table is right");
        let shape = |id: &str, width, height, letterbox| {
            all.get(id).expect(id).shape(Pixels { width, height }, letterbox)
        };
        assert_eq!(shape("linkedin", 1920, 1080, false), Shape::AsItIs);
        assert_eq!(shape("linkedin", 1280, 720, false), Shape::Scaled);
        assert_eq!(shape("linkedin", 832, 480, false), Shape::Cropped(98));
        assert_eq!(shape("tiktok", 1280, 720, false), Shape::Cropped(32));
        assert_eq!(shape("tiktok", 1280, 720, true), Shape::Letterboxed);
        assert_eq!(shape("linkedin-square", 720, 1280, false), Shape::Cropped(56));
        let tiktok = all.get("tiktok").expect("it is shipped");
        assert_eq!((tiktok.cut(60_000), tiktok.cut(60_040)), (None, Some(60.0)));
    }

    #[test]
    fn a_platform_of_the_users_own_stands_beside_the_shipped_ones_or_replaces_one() {
        let shipped = Platforms::built_in().expect("the shipped table is right");
        assert_eq!(shipped.ids().count(), 9);
        let one = |id: &str, width: u32| {
            format!(
                "[[platforms]]\nid = \"{id}\"\nname = \"Mine\"\nwidth = {width}\nheight = 90\n\
                 max_seconds = 2.5\nmax_mb = 1\nformats = [\"mp4\"]\n"
            )
        };
        let own = one("mine", 160) + &one("tiktok", 90);
        let all = Platforms::with_own(Some(("mine.toml", &own))).expect("it is right");
        assert_eq!(all.ids().count(), 10);
        assert_eq!(all.get("tiktok").map(|it| it.width), Some(90));
        assert_eq!(all.ids().last(), Some("mine"));
        for wrong in [one("odd", 161), "platforms = 1".to_owned(), one("x", 2) + "more = 1\n"] {
            let error = Platforms::with_own(Some(("mine.toml", &wrong))).expect_err("it is wrong");
            assert!(error.to_string().contains("mine.toml"), "{error}");
        }
    }
}
