//! What goes to the terminal, in as few bytes as it takes.
//!
//! The style and the place of the cursor are remembered from one frame to the next, so that a letter
//! typed at the cursor is one byte on the wire.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

/// A ratatui backend over any writer that speaks ANSI.
#[derive(Debug)]
pub struct Wire<W> {
    out: W,
    size: fn() -> io::Result<Size>,
    /// What is written at the next flush, in one piece.
    pending: Vec<u8>,
    /// How the terminal draws now; `None` where that is not known.
    pen: Option<Pen>,
    /// Where its cursor is; `None` where that is not known.
    at: Option<Position>,
    shown: Option<bool>,
    /// The frame so far touched more than one row, so it is wrapped in synchronised output.
    synchronised: bool,
}

impl<W: Write> Wire<W> {
    /// Writes to `out`; `size` asks the terminal for its cells.
    pub fn new(out: W, size: fn() -> io::Result<Size>) -> Self {
        let pending = Vec::with_capacity(16 * 1024);
        Self { out, size, pending, pen: None, at: None, shown: None, synchronised: false }
    }

    /// Sends a sequence that moves nothing and colours nothing.
    pub fn send(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// Forgets what the terminal looks like: somebody else wrote to it.
    pub fn forget(&mut self) {
        (self.pen, self.at, self.shown) = (None, None, None);
    }

    fn go(&mut self, to: Position) {
        if self.at == Some(to) {
            return;
        }
        match self.at {
            Some(at) if at.y == to.y && to.x == at.x + 1 => self.send(b"\x1b[C"),
            Some(at) if at.y == to.y && at.x == to.x + 1 => self.send(b"\x08"),
            _ => {
                let text = format!("\x1b[{};{}H", to.y + 1, to.x + 1);
                self.send(text.as_bytes());
            }
        }
        self.at = Some(to);
    }

    fn take(&mut self, pen: Pen) {
        if self.pen == Some(pen) {
            return;
        }
        let mut codes: Vec<String> = Vec::new();
        // Modifiers are only ever added one by one; to lose one, everything is set anew.
        let known = self.pen.filter(|now| pen.modifier.contains(now.modifier));
        let now = known.unwrap_or_else(|| {
            codes.push("0".to_owned());
            PLAIN
        });
        for (modifier, code) in [
            (Modifier::BOLD, "1"),
            (Modifier::DIM, "2"),
            (Modifier::ITALIC, "3"),
            (Modifier::UNDERLINED, "4"),
            (Modifier::REVERSED, "7"),
            (Modifier::CROSSED_OUT, "9"),
        ] {
            if pen.modifier.contains(modifier) && !now.modifier.contains(modifier) {
                codes.push(code.to_owned());
            }
        }
        if pen.fg != now.fg {
            codes.push(colour(pen.fg, 30));
        }
        if pen.bg != now.bg {
            codes.push(colour(pen.bg, 40));
        }
        if codes == ["0"] {
            codes.clear();
        }
        let text = format!("\x1b[{}m", codes.join(";"));
        self.send(text.as_bytes());
        self.pen = Some(pen);
    }

    /// Draws a cell of a screen whose last column is `last`.
    fn put(&mut self, position: Position, cell: &Cell, last: u16) {
        self.go(position);
        self.take(Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier });
        let symbol = cell.symbol();
        self.send(symbol.as_bytes());
        // At the right edge, and after anything wider than one cell, terminals differ.
        self.at = (symbol.width() == 1 && symbol.chars().count() == 1 && position.x < last)
            .then(|| Position { x: position.x + 1, y: position.y });
    }
}

/// The SGR code of a colour, for foreground (`base` 30) or background (40).
fn colour(colour: Color, base: u8) -> String {
    let named = |offset: u8| (base + offset).to_string();
    let bright = |offset: u8| (base + 60 + offset).to_string();
    match colour {
        Color::Reset => named(9),
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
    }
}

impl<W: Write> Backend for Wire<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let cells: Vec<_> = content.collect();
        let rows = cells.chunk_by(|one, other| one.1 == other.1).count();
        if rows > 1 && !self.synchronised {
            self.synchronised = true;
            self.send(b"\x1b[?2026h");
        }
        let last = (self.size)().map_or(0, |size| size.width.saturating_sub(1));
        for (x, y, cell) in cells {
            self.put(Position { x, y }, cell, last);
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.shown != Some(false) {
            self.shown = Some(false);
            self.send(b"\x1b[?25l");
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.shown != Some(true) {
            self.shown = Some(true);
            self.send(b"\x1b[?25h");
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.at.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.go(position.into());
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.forget();
        self.take(PLAIN);
        self.send(b"\x1b[2J");
        Ok(())
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        let code: &[u8] = match clear_type {
            ClearType::All => return self.clear(),
            ClearType::AfterCursor => b"\x1b[J",
            ClearType::BeforeCursor => b"\x1b[1J",
            ClearType::CurrentLine => b"\x1b[2K",
            ClearType::UntilNewLine => b"\x1b[K",
        };
        self.take(PLAIN);
        self.send(code);
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        (self.size)()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.synchronised {
            self.synchronised = false;
            self.send(b"\x1b[?2026l");
        }
        if self.pending.is_empty() {
            return Ok(());
        }
        let written = self.out.write_all(&self.pending).and_then(|()| self.out.flush());
        self.pending.clear();
        written
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
