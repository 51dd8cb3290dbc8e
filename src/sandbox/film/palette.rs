//! Colours: as people mix them, and as a frame holds them.

use serde::Deserialize;

/// A colour that can be mixed: red, green and blue from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Colour([f32; 3]);

impl Colour {
    pub(super) const WHITE: Self = Self([1.0; 3]);
    pub(super) const BLACK: Self = Self([0.0; 3]);

    /// This much of the way to another colour.
    pub(super) fn towards(self, other: Self, share: f32) -> Self {
        let share = share.clamp(0.0, 1.0);
        let mix = |index: usize| self.0[index] + (other.0[index] - self.0[index]) * share;
        Self([mix(0), mix(1), mix(2)])
    }

    /// Lit by another colour, as light adds up.
    pub(super) fn lit_by(self, light: Self, share: f32) -> Self {
        let add = |index: usize| {
            1.0 - (1.0 - self.0[index]) * (1.0 - light.0[index] * share.clamp(0.0, 1.0))
        };
        Self([add(0), add(1), add(2)])
    }

    /// The same in video range with a little noise (in steps of brightness), which hides the steps of a
    /// gradient.
    pub(super) fn ink_with_noise(self, noise: f32) -> Ink {
        let [red, green, blue] = self.0;
        let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        Ink {
            luma: byte(16.0 + 219.0 * luma + noise),
            blue: byte(128.0 + 224.0 * (blue - luma) / 1.8556),
            red: byte(128.0 + 224.0 * (red - luma) / 1.5748),
        }
    }

    /// The same as a frame holds it.
    pub(super) fn ink(self) -> Ink {
        self.ink_with_noise(0.0)
    }
}

impl TryFrom<String> for Colour {
    type Error = String;

    /// `#rrggbb`.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = || format!("{text:?} is no colour, like #ff8c42");
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or_else(wrong)?;
        let number = u32::from_str_radix(digits, 16).map_err(|error| format!("{text}: {error}"))?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self([red, green, blue].map(|part| f32::from(part) / 255.0)))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn byte(value: f32) -> u8 {
    value.round() as u8
}

/// A colour as a frame holds it: BT.709, video range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ink {
    pub(super) luma: u8,
    pub(super) blue: u8,
    pub(super) red: u8,
}

/// The colours of one landscape.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Palette {
    #[serde(rename = "name")]
    _name: String,
    pub(super) zenith: Colour,
    pub(super) middle: Colour,
    pub(super) horizon: Colour,
    pub(super) sun: Colour,
    pub(super) far: Colour,
    pub(super) near: Colour,
    pub(super) accent: Colour,
    pub(super) second: Colour,
    #[serde(default)]
    pub(super) stars: bool,
}

/// Every palette, in the order of the file.
pub(super) fn palettes() -> Vec<Palette> {
    #[derive(Deserialize)]
    struct File {
        palette: Vec<Palette>,
    }
    let file: File = toml::from_str(include_str!("../../../assets/sandbox/palettes.toml"))
        .expect("the built-in palettes are checked by a test");
    file.palette
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_palettes_are_readable() {
        assert!(palettes().len() >= 4);
    }

    #[test]
    fn black_and_white_are_the_ends_of_video_range() {
        assert_eq!(Colour::BLACK.ink(), Ink { luma: 16, blue: 128, red: 128 });
        assert_eq!(Colour::WHITE.ink(), Ink { luma: 235, blue: 128, red: 128 });
    }
}
