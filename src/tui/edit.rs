//! Text fields: the emacs line keys over one text area, for the editor and for fields of one line.

use ratatui::style::Style;
use tui_textarea::{CursorMove, TextArea};

use super::action::Action;
use super::chord::Chord;
use crate::domain::text::{printable, printable_lines};

/// A text area for a prompt: many lines. They are broken on screen by [`super::wrap`].
pub(super) fn editor(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
    dress(&mut area);
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    area
}

/// A text area for a field of one line.
pub(super) fn field(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(vec![printable(text)]);
    dress(&mut area);
    area.move_cursor(CursorMove::End);
    area
}

/// The terminal's own cursor is used, so the widget draws none, and underlines nothing.
fn dress(area: &mut TextArea<'static>) {
    area.set_cursor_style(Style::default());
    area.set_cursor_line_style(Style::default());
    area.set_max_histories(500);
}

/// The whole text.
pub(super) fn text(area: &TextArea<'_>) -> String {
    area.lines().join("\n")
}

/// Types a letter; anything that is none changes nothing.
pub(super) fn type_letter(area: &mut TextArea<'_>, chord: Chord) -> bool {
    let Some(letter) = chord.typed() else { return false };
    area.insert_char(letter);
    true
}

/// Pasted text as it may stand in an editor: one kind of new line, nothing that steers a terminal.
pub(super) fn pasted(text: &str) -> String {
    printable_lines(&text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Puts another text in the place of all of it; undo brings the old one back.
pub(super) fn replace(area: &mut TextArea<'_>, text: &str) {
    area.select_all();
    area.insert_str(text);
    area.cancel_selection();
}

/// Does what an action does to text, and says whether it was one of those.
pub(super) fn act(area: &mut TextArea<'_>, action: Action) -> bool {
    let to = |area: &mut TextArea<'_>, wanted| area.move_cursor(wanted);
    match action {
        Action::CharLeft => to(area, CursorMove::Back),
        Action::CharRight => to(area, CursorMove::Forward),
        Action::WordLeft => to(area, CursorMove::WordBack),
        Action::WordRight => to(area, CursorMove::WordForward),
        Action::LineStart => to(area, CursorMove::Head),
        Action::LineEnd => to(area, CursorMove::End),
        Action::TextStart => {
            to(area, CursorMove::Top);
            to(area, CursorMove::Head);
        }
        Action::TextEnd => {
            to(area, CursorMove::Bottom);
            to(area, CursorMove::End);
        }
        Action::NewLine => area.insert_newline(),
        Action::DeleteBack => drop(area.delete_char()),
        Action::DeleteNext => drop(area.delete_next_char()),
        Action::DeleteWordBack => drop(area.delete_word()),
        Action::DeleteWordNext => drop(area.delete_next_word()),
        Action::KillToEnd => drop(area.delete_line_by_end()),
        Action::KillToStart => drop(area.delete_line_by_head()),
        Action::Yank => drop(area.paste()),
        Action::UndoEdit => drop(area.undo()),
        Action::RedoEdit => drop(area.redo()),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_is_clean_text() {
        assert_eq!(pasted("one\r\ntwo\rthree\t\u{1b}[31m\u{7}"), "one\ntwo\nthree [31m");
    }

    #[test]
    fn a_text_that_was_replaced_comes_back() {
        let mut area = editor("a red kite");
        replace(&mut area, "two\nlines");
        assert_eq!(text(&area), "two\nlines");
        while text(&area) != "a red kite" {
            assert!(area.undo(), "there is a way back");
        }
    }

    #[test]
    fn the_emacs_line_keys_work() {
        let mut area = editor("a red kite");
        for action in [Action::LineStart, Action::WordRight, Action::KillToEnd] {
            assert!(act(&mut area, action));
        }
        assert_eq!(text(&area), "a ");
        act(&mut area, Action::LineStart);
        act(&mut area, Action::Yank);
        assert_eq!(text(&area), "red kitea ");
        act(&mut area, Action::DeleteWordBack);
        act(&mut area, Action::DeleteNext);
        assert_eq!(text(&area), "red  ");
        act(&mut area, Action::KillToStart);
        assert_eq!(text(&area), " ");
        assert!(!act(&mut area, Action::Generate));
    }
}
