//! Frames as text with their styles, and a writer that counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use ratatui::buffer::{Buffer, Cell};

/// The text of a frame, without the blanks at the ends of its lines.
pub(crate) fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let line = |cells: &[Cell]| cells.iter().map(Cell::symbol).collect::<String>();
    let lines: Vec<_> =
        buffer.content().chunks(width).map(|cells| line(cells).trim_end().to_owned()).collect();
    lines.join("\n")
}

/// The text, then a letter for the style of each cell, then what the letters mean. Pictures have one letter.
pub(crate) fn frame(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let mut legend: BTreeMap<String, char> = BTreeMap::new();
    let mut styles = String::new();
    for cells in buffer.content().chunks(width) {
        let mut line = String::new();
        for cell in cells {
            let style = if cell.symbol() == "▀" {
                "picture".to_owned()
            } else {
                format!("{:?} on {:?} {:?}", cell.fg, cell.bg, cell.modifier)
            };
            let plain = style == "Reset on Reset NONE"
                || (cell.symbol() == " " && style.contains("on Reset"));
            let next = char::from(b'a' + u8::try_from(legend.len()).unwrap());
            line.push(if plain { '.' } else { *legend.entry(style).or_insert(next) });
        }
        writeln!(styles, "{}", line.trim_end_matches('.')).unwrap();
    }
    let mut legend: Vec<_> =
        legend.into_iter().map(|(style, letter)| format!("{letter} {style}")).collect();
    legend.sort();
    let text = text(buffer).replace('▀', "▒");
    format!("{text}\n\n{styles}\n{}", legend.join("\n"))
}

/// A writer that a test can read.
#[derive(Clone, Default)]
pub(crate) struct Tap(pub(crate) Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
