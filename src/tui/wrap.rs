//! Where the lines of a prompt are broken on screen: after blanks, so that no row begins with a comma.

use tui_textarea::{CursorMove, DataCursor, TextArea};
use unicode_width::UnicodeWidthChar;

/// A row on screen: letters `start..end` of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// The line it belongs to.
    pub line: usize,
    /// Its first letter.
    pub start: usize,
    /// The letter after its last. Blanks at the end of a row may stand beyond the edge.
    pub end: usize,
}

/// The rows of these lines, each at most `cells` wide apart from blanks at its end.
pub(super) fn rows(lines: &[String], cells: usize) -> Vec<Row> {
    let cells = cells.max(2);
    let mut rows = Vec::new();
    for (line, text) in lines.iter().enumerate() {
        let letters: Vec<char> = text.chars().collect();
        let (mut start, mut used) = (0, 0);
        let mut word = 0;
        for (at, letter) in letters.iter().enumerate() {
            if at > 0 && letters[at - 1] == ' ' && *letter != ' ' {
                word = at;
            }
            let width = letter.width().unwrap_or(0);
            while *letter != ' ' && used + width > cells && at > start {
                // A word that is wider than a row is broken where the row ends.
                let end = if word > start { word } else { at };
                rows.push(Row { line, start, end });
                start = end;
                used = wide(&letters[start..at]);
            }
            used += width;
        }
        rows.push(Row { line, start, end: letters.len() });
    }
    rows
}

fn wide(letters: &[char]) -> usize {
    letters.iter().map(|letter| letter.width().unwrap_or(0)).sum()
}

/// The text of a row.
pub(super) fn text(lines: &[String], row: Row) -> String {
    lines[row.line].chars().skip(row.start).take(row.end - row.start).collect()
}

/// The row and the column of the cursor among these rows.
pub(super) fn cursor(area: &TextArea<'_>, rows: &[Row]) -> (usize, usize) {
    let DataCursor(line, at) = area.cursor();
    let place = rows.iter().rposition(|row| row.line == line && row.start <= at).unwrap_or(0);
    let letters: Vec<char> = area.lines()[line].chars().collect();
    let start = rows.get(place).map_or(0, |row| row.start);
    (place, wide(&letters[start.min(at)..at]))
}

/// Moves the cursor by rows as they stand on screen.
pub(super) fn move_rows(area: &mut TextArea<'_>, cells: usize, by: isize) {
    let rows = rows(area.lines(), cells);
    let (place, column) = cursor(area, &rows);
    let Some(target) = place.checked_add_signed(by).and_then(|place| rows.get(place)) else {
        let edge = if by < 0 { CursorMove::Head } else { CursorMove::End };
        area.move_cursor(edge);
        return;
    };
    let last = rows.iter().rfind(|row| row.line == target.line) == Some(target);
    let mut at = target.start;
    let mut used = 0;
    for letter in area.lines()[target.line].chars().skip(target.start) {
        used += letter.width().unwrap_or(0);
        // The end of a row that goes on below is the beginning of the next one.
        if used > column || at + 1 >= target.end + usize::from(last) {
            break;
        }
        at += 1;
    }
    let cell = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
    area.move_cursor(CursorMove::Jump(cell(target.line), cell(at)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::edit;
    use super::*;

    fn broken(written: &str, cells: usize) -> Vec<String> {
        let lines: Vec<String> = written.split('\n').map(str::to_owned).collect();
        rows(&lines, cells).into_iter().map(|row| text(&lines, row)).collect()
    }

    #[test]
    fn rows_break_after_blanks_and_never_before_a_comma() {
        assert_eq!(broken("hour, 35 mm, dust in", 11), ["hour, 35 ", "mm, dust in"]);
        assert_eq!(broken("a red kite   over", 10), ["a red kite   ", "over"]);
        assert_eq!(broken("one\n\ntwo", 10), ["one", "", "two"]);
        assert_eq!(broken("abcdefgh ij", 3), ["abc", "def", "gh ", "ij"]);
        assert_eq!(broken("龍龍龍", 4), ["龍龍", "龍"]);
    }

    #[test]
    fn the_cursor_moves_by_the_rows_that_are_seen() {
        let mut area = edit::editor("a red kite over dunes");
        move_rows(&mut area, 11, -1);
        assert_eq!(area.cursor(), (0, 10), "the end of the row above, before its last blank");
        move_rows(&mut area, 11, 1);
        assert_eq!(area.cursor(), (0, 21));
        move_rows(&mut area, 11, -1);
        move_rows(&mut area, 11, -1);
        assert_eq!(area.cursor(), (0, 0));
    }

    proptest! {
        #[test]
        fn rows_hold_every_letter_once_and_the_cursor_stands_in_one(
            written in "[a-z, 龍\n]{0,60}", cells in 2_usize..20,
        ) {
            let lines: Vec<String> = written.split('\n').map(str::to_owned).collect();
            let all = rows(&lines, cells);
            let joined: String = all.iter().map(|row| text(&lines, *row)).collect();
            prop_assert_eq!(joined, lines.concat());
            for row in &all {
                prop_assert!(text(&lines, *row).trim_end().chars().map(|l| l.width().unwrap_or(0)).sum::<usize>() <= cells);
            }
            let area = edit::editor(&written);
            let (place, _) = cursor(&area, &all);
            prop_assert_eq!(place, all.len() - 1);
        }
    }
}
