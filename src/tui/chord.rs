//! A key with its modifiers: read from text, from the terminal, and shown to a person.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key press. Letters carry their case, so only other keys have `shift`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The key.
    pub code: KeyCode,
    /// Ctrl was down.
    pub ctrl: bool,
    /// Alt was down.
    pub alt: bool,
    /// Shift was down, for a key that is no letter.
    pub shift: bool,
}

impl Chord {
    /// The letter, where the chord types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(letter) if !self.ctrl && !self.alt => Some(letter),
            _ => None,
        }
    }

    /// Whether a terminal without keyboard extensions sends something else for it.
    pub fn is_forbidden(self) -> bool {
        self.ctrl && matches!(self.code, KeyCode::Char('m' | 'i' | '[' | 'h'))
    }
}

impl From<KeyEvent> for Chord {
    fn from(event: KeyEvent) -> Self {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        let plain = |code| Self { code, ctrl: false, alt, shift: false };
        match event.code {
            KeyCode::BackTab => Self { code: KeyCode::Tab, ctrl, alt, shift: true },
            // Terminals send Ctrl-H for Backspace, and crossterm names the byte 0x1f Ctrl-7.
            KeyCode::Char('h') if ctrl => plain(KeyCode::Backspace),
            KeyCode::Char('7') if ctrl => {
                Self { code: KeyCode::Char('_'), ctrl: true, alt, shift: false }
            }
            KeyCode::Char(letter) if ctrl => {
                Self { code: KeyCode::Char(letter.to_ascii_lowercase()), ctrl, alt, shift: false }
            }
            KeyCode::Char(letter) => {
                // With keyboard extensions a shifted letter may arrive in lower case.
                let letter = if shift { letter.to_ascii_uppercase() } else { letter };
                Self { code: KeyCode::Char(letter), ctrl, alt, shift: false }
            }
            code => Self { code, ctrl, alt, shift },
        }
    }
}

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key; write C-g, A-x, S-Tab, Enter, Esc, Space, Up, F1, or one letter")]
pub struct NotAChord(pub String);

const NAMED: [(&str, KeyCode); 16] = [
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Space", KeyCode::Char(' ')),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PageUp", KeyCode::PageUp),
    ("PageDown", KeyCode::PageDown),
    ("Null", KeyCode::Null),
];

impl FromStr for Chord {
    type Err = NotAChord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotAChord(text.to_owned());
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        loop {
            let flag = match rest.get(..2) {
                Some("C-") if rest.len() > 2 => &mut ctrl,
                Some("A-") if rest.len() > 2 => &mut alt,
                Some("S-") if rest.len() > 2 => &mut shift,
                _ => break,
            };
            *flag = true;
            rest = &rest[2..];
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(letter), None) => KeyCode::Char(letter),
            _ => match rest.strip_prefix('F').and_then(|number| number.parse().ok()) {
                Some(number @ 1..=12) => KeyCode::F(number),
                _ => NAMED.iter().find(|(name, _)| *name == rest).ok_or_else(wrong)?.1,
            },
        };
        Ok(Self { code, ctrl, alt, shift })
    }
}

impl fmt::Display for Chord {
    /// `^G`, `Alt-X`, `Shift-Tab`, `⏎`, `j`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.alt {
            f.write_str("Alt-")?;
        }
        if self.shift {
            f.write_str("Shift-")?;
        }
        match self.code {
            KeyCode::Char(' ') if self.ctrl => f.write_str("^Space"),
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(letter) if self.ctrl => write!(f, "^{}", letter.to_ascii_uppercase()),
            KeyCode::Char(letter) => write!(f, "{letter}"),
            code => {
                if self.ctrl {
                    f.write_str("^")?;
                }
                match code {
                    KeyCode::Enter => f.write_str("⏎"),
                    KeyCode::Up => f.write_str("↑"),
                    KeyCode::Down => f.write_str("↓"),
                    KeyCode::Left => f.write_str("←"),
                    KeyCode::Right => f.write_str("→"),
                    KeyCode::F(number) => write!(f, "F{number}"),
                    _ => {
                        let name = NAMED.iter().find(|(_, known)| *known == code);
                        f.write_str(name.map_or("?", |(name, _)| name))
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_shown() {
        let check = |text: &str, shown: &str| {
            let chord: Chord = text.parse().expect(text);
            assert_eq!(chord.to_string(), shown);
        };
        check("C-g", "^G");
        check("A-x", "Alt-x");
        check("S-Tab", "Shift-Tab");
        check("Enter", "⏎");
        check("-", "-");
        check("A-<", "Alt-<");
        check("C-_", "^_");
        check("F1", "F1");
        assert!("C-".parse::<Chord>().is_err());
        assert!("Hyper-x".parse::<Chord>().is_err());
    }

    #[test]
    fn what_a_terminal_sends_for_backspace_and_undo_is_understood() {
        let event = |code, modifiers| Chord::from(KeyEvent::new(code, modifiers));
        let backspace = event(KeyCode::Char('h'), KeyModifiers::CONTROL);
        assert_eq!(backspace, "Backspace".parse().expect("a key"));
        let undo = event(KeyCode::Char('7'), KeyModifiers::CONTROL);
        assert_eq!(undo, "C-_".parse().expect("a key"));
        let back_tab = event(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(back_tab, "S-Tab".parse().expect("a key"));
    }
}
