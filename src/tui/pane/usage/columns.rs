//! Columns of figures: their captions in the rule of the title, amounts below each other at their points.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use super::super::super::look::Look;
use super::super::super::text;
use super::super::super::theme::{Depth, Role};
use super::super::super::usage::words;
use crate::domain::Usd;

/// What stands in a column.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    /// Something that is no money.
    Plain(String),
    /// An amount.
    Money(Usd),
    /// What nobody knows, or what there is none of.
    None,
}

impl Cell {
    /// An amount, where there is one.
    pub(super) fn money(amount: Option<Usd>) -> Self {
        amount.map_or(Self::None, Self::Money)
    }

    /// A text, where there is one.
    pub(super) fn plain(text: Option<String>) -> Self {
        text.map_or(Self::None, Self::Plain)
    }
}

/// A column of figures, at its right end.
#[derive(Debug)]
pub(super) struct Column {
    caption: &'static str,
    /// The column with the highest rank goes first where there is too little room; those of rank 0 stay.
    rank: u8,
    cells: Vec<Cell>,
    /// The most digits behind the cents.
    behind: usize,
    width: usize,
}

impl Column {
    /// A column of one cell a row.
    pub(super) fn new(caption: &'static str, rank: u8, cells: Vec<Cell>) -> Self {
        let behind = |cell: &Cell| match cell {
            Cell::Money(amount) => words::money(*amount).1.len(),
            Cell::Plain(_) | Cell::None => 0,
        };
        let behind = cells.iter().map(behind).max().unwrap_or_default();
        let wide = |cell: &Cell| match cell {
            Cell::Money(amount) => words::money(*amount).0.len() + behind,
            Cell::Plain(plain) => text::width(plain),
            Cell::None => 1,
        };
        let widest = cells.iter().map(wide).max().unwrap_or_default();
        let width = widest.max(text::width(caption));
        Self { caption, rank, cells, behind, width }
    }

    /// How many cells it takes, with the two blanks before it.
    fn taken(&self) -> usize {
        self.width + 2
    }

    fn spans(&self, look: &Look, row: usize, style: Style, spans: &mut Vec<Span<'static>>) {
        let muted = look.style(Role::Muted);
        match self.cells.get(row).unwrap_or(&Cell::None) {
            Cell::Money(amount) => {
                // What is nothing stands back.
                let style = if *amount == Usd::ZERO { muted } else { style };
                let (cents, rest) = words::money(*amount);
                let cents = text::right(&cents, self.width - self.behind);
                spans.push(Span::styled(format!("  {cents}"), style));
                spans.push(Span::styled(text::fit(&rest, self.behind), behind(look, style)));
            }
            Cell::Plain(plain) => {
                spans.push(Span::styled(format!("  {}", text::right(plain, self.width)), style));
            }
            Cell::None => {
                let none = text::right(look.pick("–", "-"), self.width);
                spans.push(Span::styled(format!("  {none}"), muted));
            }
        }
    }
}

/// What stands behind the cents stands back, where colours tell that the amount goes on.
pub(super) fn behind(look: &Look, style: Style) -> Style {
    if look.depth == Depth::None { style } else { look.style(Role::Muted) }
}

/// Columns side by side.
#[derive(Debug)]
pub(super) struct Columns(Vec<Column>);

impl Columns {
    /// As many of these as fit into so many cells.
    pub(super) fn fitting(mut columns: Vec<Column>, room: usize) -> Self {
        let taken = |columns: &[Column]| columns.iter().map(Column::taken).sum::<usize>();
        while taken(&columns) > room {
            let rank = columns.iter().map(|column| column.rank).max().unwrap_or_default();
            if rank == 0 {
                break;
            }
            columns.retain(|column| column.rank != rank);
        }
        Self(columns)
    }

    /// How many cells they take.
    pub(super) fn width(&self) -> usize {
        self.0.iter().map(Column::taken).sum()
    }

    /// The figures of a row.
    pub(super) fn row(&self, look: &Look, row: usize, style: Style) -> Vec<Span<'static>> {
        let mut spans = Vec::new();
        for column in &self.0 {
            column.spans(look, row, style, &mut spans);
        }
        spans
    }

    /// Writes the captions into the rule of the title, the first column beginning at this cell of the area.
    /// Those that would run into the `name` are left out.
    pub(super) fn captions(
        &self,
        buf: &mut Buffer,
        area: Rect,
        look: &Look,
        from: usize,
        name: usize,
    ) {
        let mut end = from;
        for column in &self.0 {
            end += column.taken();
            let caption = format!(" {} ", column.caption);
            let begin = end + 1 - text::width(&caption).min(end + 1);
            if begin < name || end >= usize::from(area.width) {
                continue;
            }
            let at = area.x + u16::try_from(begin).unwrap_or_default();
            buf.set_string(at, area.y, caption, look.style(Role::Muted));
        }
    }
}
