//! Roles and their styles, from theme files, for terminals with many colours, few, or none.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

/// The themes that the program comes with, by name.
pub const BUILT_IN: [(&str, &str); 2] = [
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
];

/// What a piece of the screen is. Panes name roles, never colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is named after what it is for")]
pub enum Role {
    Text,
    Muted,
    Rule,
    Title,
    Accent,
    Key,
    Selected,
    Live,
    Good,
    Warn,
    Bad,
    Money,
    Badge,
}

/// How many colours the terminal can show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: `NO_COLOR`. Bold and reverse remain.
    None,
    /// The sixteen named ones.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// Any.
    #[default]
    True,
}

impl Depth {
    /// The colour itself, or the nearest one the terminal has.
    pub fn colour(self, red: u8, green: u8, blue: u8) -> Color {
        match self {
            Self::None | Self::Sixteen => Color::Reset,
            Self::Indexed => Color::Indexed(indexed(red, green, blue)),
            Self::True => Color::Rgb(red, green, blue),
        }
    }
}

/// The nearest of xterm's 6x6x6 cube and its 24 greys.
fn indexed(red: u8, green: u8, blue: u8) -> u8 {
    const STEPS: [i32; 6] = [0, 95, 135, 175, 215, 255];
    let nearest = |value: u8| match value {
        0..=47 => 0_u8,
        48..=114 => 1,
        _ => (value - 35) / 40,
    };
    let distance = |one: [i32; 3], other: [i32; 3]| -> i32 {
        one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
    };
    let wanted = [i32::from(red), i32::from(green), i32::from(blue)];
    let cube = [nearest(red), nearest(green), nearest(blue)];
    let in_cube = cube.map(|step| STEPS[usize::from(step)]);
    let average = wanted.iter().sum::<i32>() / 3;
    let grey = ((average - 3) / 10).clamp(0, 23);
    let level = 8 + 10 * grey;
    if distance(wanted, [level; 3]) < distance(wanted, in_cube) {
        232 + u8::try_from(grey).unwrap_or_default()
    } else {
        16 + 36 * cube[0] + 6 * cube[1] + cube[2]
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in a theme file")]
struct Look {
    fg: Option<Hex>,
    bg: Option<Hex>,
    ansi: Option<Ansi>,
    ansi_bg: Option<Ansi>,
    bold: bool,
    dim: bool,
    underline: bool,
    reverse: bool,
}

/// `#rrggbb`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Hex([u8; 3]);

impl TryFrom<String> for Hex {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let bits = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let [_, red, green, blue] =
            bits.ok_or_else(|| format!("{text:?} is no colour; write #rrggbb"))?.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ansi {
    Black,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    White,
    BrightBlack,
    BrightRed,
    BrightGreen,
    BrightYellow,
    BrightBlue,
    BrightMagenta,
    BrightCyan,
    BrightWhite,
}

impl From<Ansi> for Color {
    fn from(name: Ansi) -> Self {
        match name {
            Ansi::Black => Self::Black,
            Ansi::Red => Self::Red,
            Ansi::Green => Self::Green,
            Ansi::Yellow => Self::Yellow,
            Ansi::Blue => Self::Blue,
            Ansi::Magenta => Self::Magenta,
            Ansi::Cyan => Self::Cyan,
            Ansi::White => Self::Gray,
            Ansi::BrightBlack => Self::DarkGray,
            Ansi::BrightRed => Self::LightRed,
            Ansi::BrightGreen => Self::LightGreen,
            Ansi::BrightYellow => Self::LightYellow,
            Ansi::BrightBlue => Self::LightBlue,
            Ansi::BrightMagenta => Self::LightMagenta,
            Ansi::BrightCyan => Self::LightCyan,
            Ansi::BrightWhite => Self::White,
        }
    }
}

/// A style for each role.
#[derive(Debug, Clone, Default)]
pub struct Theme {
    styles: BTreeMap<Role, Style>,
}

impl Theme {
    /// Reads a theme file for a terminal with these colours.
    pub fn read(text: &str, depth: Depth) -> Result<Self, toml::de::Error> {
        let looks: BTreeMap<Role, Look> = toml::from_str(text)?;
        let styles = looks.into_iter().map(|(role, look)| (role, style(&look, depth))).collect();
        Ok(Self { styles })
    }

    /// A built-in theme by name.
    pub fn built_in(name: &str, depth: Depth) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Self::read(text, depth).ok()
    }

    /// The style of a role; the terminal's own where the theme says nothing.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

fn style(look: &Look, depth: Depth) -> Style {
    let of = |many: Option<Hex>, few: Option<Ansi>| match (depth, many) {
        (Depth::None, _) => None,
        (Depth::Indexed | Depth::True, Some(Hex([red, green, blue]))) => {
            Some(depth.colour(red, green, blue))
        }
        _ => few.map(Color::from),
    };
    let (fg, bg) = (of(look.fg, look.ansi), of(look.bg, look.ansi_bg));
    // A badge has to stand out where there are no colours at all.
    let reverse = look.reverse || (depth == Depth::None && look.bg.is_some());
    let modifiers = [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.underline, Modifier::UNDERLINED),
        (reverse, Modifier::REVERSED),
    ];
    let mut style = Style { fg, bg, ..Style::default() };
    for (_, modifier) in modifiers.into_iter().filter(|(on, _)| *on) {
        style = style.add_modifier(modifier);
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_themes_are_whole_and_name_only_known_roles() {
        for (name, text) in BUILT_IN {
            let looks: BTreeMap<Role, Look> = toml::from_str(text).expect(name);
            assert_eq!(looks.len(), 13, "{name} leaves a role out");
            for depth in [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::True] {
                assert!(Theme::built_in(name, depth).is_some());
            }
        }
    }

    #[test]
    fn no_colour_means_no_colour_and_the_badge_still_stands_out() {
        let theme = Theme::built_in("dark", Depth::None).expect("it is built in");
        for role in [Role::Accent, Role::Bad, Role::Badge, Role::Muted] {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        assert!(theme.style(Role::Badge).add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn colours_become_the_nearest_of_256() {
        assert_eq!(indexed(0, 0, 0), 16);
        assert_eq!(indexed(255, 255, 255), 231);
        assert_eq!(indexed(255, 0, 0), 196);
        assert_eq!(indexed(128, 128, 128), 244);
    }
}
