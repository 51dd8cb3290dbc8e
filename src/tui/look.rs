//! How the screen looks: theme, glyphs, motion, time zone. Chosen at the start, never by a pane.

use jiff::tz::TimeZone;
use ratatui::style::Style;

use super::theme::{Depth, Role, Theme};
use crate::domain::StageName;

/// Everything about looks that a person can choose.
#[derive(Debug, Clone)]
pub struct Look {
    /// Roles and their styles.
    pub theme: Theme,
    /// How many colours pictures may use.
    pub depth: Depth,
    /// Plain letters instead of rules and symbols.
    pub ascii: bool,
    /// Nothing turns.
    pub reduced_motion: bool,
    /// Times of day are told in this zone.
    pub zone: TimeZone,
}

impl Look {
    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// One of two spellings.
    pub fn pick(&self, symbol: &'static str, plain: &'static str) -> &'static str {
        if self.ascii { plain } else { symbol }
    }

    /// A key's name, its signs spelled out where there are none.
    pub fn key(&self, name: String) -> String {
        if !self.ascii {
            return name;
        }
        let signs = [("⏎", "Enter"), ("↑", "Up"), ("↓", "Down"), ("←", "Left"), ("→", "Right")];
        signs.iter().fold(name, |name, (sign, word)| name.replace(sign, word))
    }

    /// The rule under titles.
    pub fn rule(&self) -> &'static str {
        self.pick("─", "-")
    }

    /// The line between two columns.
    pub fn divider(&self) -> &'static str {
        self.pick("│", "|")
    }

    /// The bar before what has the focus, or is selected.
    pub fn bar(&self) -> &'static str {
        self.pick("▌", ">")
    }

    /// Between two facts on one line.
    pub fn dot(&self) -> &'static str {
        self.pick(" · ", " - ")
    }

    /// Words that somebody says.
    pub fn quoted(&self, words: &str) -> String {
        format!("{}{words}{}", self.pick("“", "\""), self.pick("”", "\""))
    }

    /// The symbol of a stage; live ones turn with `beat`.
    pub fn stage(&self, stage: StageName, held: bool, beat: usize) -> &'static str {
        let turning: &[&'static str; 4] =
            if self.ascii { &["|", "/", "-", "\\"] } else { &["◐", "◓", "◑", "◒"] };
        match stage {
            StageName::Queued if held => self.pick("‖", "="),
            StageName::Queued => self.pick("○", "o"),
            StageName::Checking
            | StageName::Submitting
            | StageName::Waiting
            | StageName::Downloading => turning[if self.reduced_motion { 0 } else { beat % 4 }],
            StageName::Done => self.pick("✓", "+"),
            StageName::Failed => self.pick("✗", "x"),
            StageName::Cancelled => self.pick("–", "-"),
            StageName::InDoubt => "?",
        }
    }

    /// What a stage's symbol and word are drawn in.
    pub fn stage_role(stage: StageName) -> Role {
        match stage {
            StageName::Queued | StageName::Cancelled => Role::Muted,
            StageName::Checking
            | StageName::Submitting
            | StageName::Waiting
            | StageName::Downloading => Role::Live,
            StageName::Done => Role::Good,
            StageName::Failed => Role::Bad,
            StageName::InDoubt => Role::Warn,
        }
    }
}
