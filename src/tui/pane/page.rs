//! A page of facts: names in a column, words beside them, broken to the width.

use ratatui::text::{Line, Span};

use super::super::look::Look;
use super::super::text;
use super::super::theme::Role;
use crate::domain::text::printable;

/// What each line is about stands in a column of so many cells.
pub(super) const NAMES: usize = 10;

/// Lines as they are written, cleaned and broken to the width.
pub(super) struct Page<'a> {
    look: &'a Look,
    pub(super) width: usize,
    pub(super) lines: Vec<Line<'static>>,
}

impl<'a> Page<'a> {
    /// An empty page.
    pub(super) fn new(look: &'a Look, width: usize) -> Self {
        Self { look, width, lines: Vec::new() }
    }

    /// An empty line, where there is none.
    pub(super) fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| line.width() > 0) {
            self.lines.push(Line::default());
        }
    }

    /// Words from edge to edge.
    pub(super) fn words(&mut self, words: &str, role: Role) {
        for line in text::wrap(&printable(words), self.width) {
            self.lines.push(Line::styled(format!(" {line}"), self.look.style(role)));
        }
    }

    /// A name in its column, and the words beside it.
    pub(super) fn fact(&mut self, name: &str, words: &str) {
        self.fact_in(name, words, Role::Text);
    }

    /// The same in the style of a role.
    pub(super) fn fact_in(&mut self, name: &str, words: &str, role: Role) {
        self.beside(&format!(" {}", text::fit(name, NAMES - 1)), words, role);
    }

    fn beside(&mut self, name: &str, words: &str, role: Role) {
        let column = text::width(name);
        let mut name = name.to_owned();
        for line in text::wrap(&printable(words), self.width.saturating_sub(column)) {
            self.lines.push(Line::from(vec![
                Span::styled(
                    std::mem::replace(&mut name, " ".repeat(column)),
                    self.look.style(Role::Muted),
                ),
                Span::styled(line, self.look.style(role)),
            ]));
        }
    }

    /// Rows of a name and words, the names in a column as wide as they are, the heading in the line above.
    pub(super) fn table(&mut self, heading: &str, rows: impl Iterator<Item = (String, String)>) {
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return;
        }
        self.gap();
        let style = self.look.style(Role::Title);
        self.lines.push(Line::styled(format!(" {heading}"), style));
        let widest = rows.iter().map(|(name, _)| text::width(name)).max().unwrap_or_default();
        let names = widest.clamp(NAMES - 2, (self.width / 3).max(NAMES - 2));
        for (name, words) in rows {
            let name = printable(&name).replace('_', " ");
            self.beside(&format!(" {} ", text::fit(&name, names)), &words, Role::Text);
        }
    }
}
