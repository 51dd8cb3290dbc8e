//! What the platforms take: the shipped table, and the user's own beside it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::catalog::{CatalogError, toml_file};

const BUILT_IN: &str = include_str!("../../../assets/presets/platforms.toml");

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    platforms: Vec<Platform>,
}

/// All platforms that are known, in the order of the tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Platforms(Vec<Platform>);

impl Platforms {
    /// The shipped ones, and those of the user's file: an id that is known already is replaced.
    pub fn load(own: &Path) -> Result<Self, CatalogError> {
        let mut all = read("assets/presets/platforms.toml", BUILT_IN)?;
        let file = own.display().to_string();
        let own = match std::fs::read_to_string(own) {
            Ok(text) => read(&file, &text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(CatalogError::Unreadable { file, source }),
        };
        for platform in own {
            match all.iter_mut().find(|known| known.id == platform.id) {
                Some(known) => *known = platform,
                None => all.push(platform),
            }
        }
        Ok(Self(all))
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
    fn a_platform_of_the_users_own_stands_beside_the_shipped_ones_or_replaces_one() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let file = folder.path().join("platforms.toml");
        let shipped = Platforms::load(&file).expect("the shipped table is right");
        assert_eq!(shipped.ids().count(), 9);
        let one = |id: &str, width: u32| {
            format!(
                "[[platforms]]\nid = \"{id}\"\nname = \"Mine\"\nwidth = {width}\nheight = 90\n\
                 max_seconds = 2.5\nmax_mb = 1\nformats = [\"mp4\"]\n"
            )
        };
        std::fs::write(&file, one("mine", 160) + &one("tiktok", 90)).expect("it is written");
        let all = Platforms::load(&file).expect("it is right");
        assert_eq!(all.ids().count(), 10);
        assert_eq!(all.get("tiktok").map(|it| it.width), Some(90));
        assert_eq!(all.ids().last(), Some("mine"));
        for wrong in [one("odd", 161), "platforms = 1".to_owned(), one("x", 2) + "more = 1\n"] {
            std::fs::write(&file, wrong).expect("it is written");
            Platforms::load(&file).expect_err("it is wrong");
        }
    }
}
