//! What differs between two prompts, word by word, as lines that can be read without colours too.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use similar::{Algorithm, ChangeTag, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation as _;

use super::look::Look;
use super::text::width;
use super::theme::{Depth, Role};

/// What became of some words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// They are in both.
    Same,
    /// They were in the old one only.
    Gone,
    /// They are in the new one only.
    New,
}

/// A word, a sign or a new line, and whether it stands right behind what is before it.
#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    glued: bool,
}

/// What is written without a break in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    change: Change,
    text: String,
    glued: bool,
}

/// The words of both texts in one, as they changed: `a [-red-] {+green+} kite`.
#[cfg(test)]
fn marked(old: &str, new: &str) -> String {
    let pieces = marks(pieces(old, new));
    pieces.iter().fold(String::new(), |text, piece| {
        let is_first = text.is_empty() || text.ends_with('\n');
        let gap = if piece.glued || is_first || piece.text == "\n" { "" } else { " " };
        format!("{text}{gap}{}", piece.text)
    })
}

/// The same as lines of so many cells.
pub(super) fn lines(old: &str, new: &str, look: &Look, cells: usize) -> Vec<Line<'static>> {
    let is_plain = look.ascii || look.depth == Depth::None;
    let pieces = if is_plain { marks(pieces(old, new)) } else { pieces(old, new) };
    let mut lines = vec![Line::default()];
    let mut used = 0;
    for Piece { change, text, glued } in pieces {
        if text.contains('\n') {
            lines.push(Line::default());
            used = 0;
            continue;
        }
        let gap = usize::from(!glued && used > 0);
        let wanted = width(&text);
        if used > 0 && used + gap + wanted > cells {
            lines.push(Line::default());
            used = 0;
        }
        let Some(line) = lines.last_mut() else { continue };
        if gap > 0 && used > 0 {
            line.push_span(Span::raw(" "));
            used += 1;
        }
        used += wanted;
        let style = match change {
            Change::Same => look.style(Role::Text),
            Change::Gone if is_plain => look.style(Role::Muted),
            Change::New if is_plain => look.style(Role::Title),
            Change::Gone => look.style(Role::Bad).add_modifier(Modifier::CROSSED_OUT),
            Change::New => look.style(Role::Good).add_modifier(Modifier::UNDERLINED),
        };
        line.push_span(Span::styled(text, style));
    }
    lines
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut glued = false;
    let mut tokens = Vec::new();
    for part in text.split_word_bounds() {
        if part.contains('\n') {
            tokens.push(Token { text: "\n", glued: true });
            glued = false;
        } else if part.trim().is_empty() {
            glued = false;
        } else {
            tokens.push(Token { text: part, glued });
            glued = true;
        }
    }
    tokens
}

/// Signs stay with the word before them where both became the same.
fn pieces(old: &str, new: &str) -> Vec<Piece> {
    let (old, new) = (tokens(old), tokens(new));
    let texts = |tokens: &[Token<'_>]| -> Vec<String> {
        tokens.iter().map(|token| token.text.to_owned()).collect()
    };
    let (old_texts, new_texts) = (texts(&old), texts(&new));
    let mut pieces: Vec<Piece> = Vec::new();
    for operation in capture_diff_slices(Algorithm::Patience, &old_texts, &new_texts) {
        for change in operation.iter_changes(&old_texts, &new_texts) {
            let (change, token) = match (change.tag(), change.old_index(), change.new_index()) {
                (ChangeTag::Delete, Some(at), _) => (Change::Gone, old[at]),
                (ChangeTag::Insert, _, Some(at)) => (Change::New, new[at]),
                (_, _, Some(at)) => (Change::Same, new[at]),
                _ => continue,
            };
            let is_break = token.text == "\n";
            match pieces.last_mut() {
                Some(last)
                    if token.glued && !is_break && last.change == change && last.text != "\n" =>
                {
                    last.text.push_str(token.text);
                }
                _ => {
                    let text = token.text.to_owned();
                    pieces.push(Piece { change, text, glued: token.glued });
                }
            }
        }
    }
    // A line that is gone breaks nothing any more.
    pieces.retain(|piece| piece.text != "\n" || piece.change != Change::Gone);
    pieces
}

/// Says with signs what is gone and what is new.
fn marks(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let changes: Vec<Change> = pieces
        .iter()
        .map(|piece| if piece.text == "\n" { Change::Same } else { piece.change })
        .collect();
    for (at, piece) in pieces.iter_mut().enumerate() {
        let (open, close) = match changes[at] {
            Change::Same => continue,
            Change::Gone => ("[-", "-]"),
            Change::New => ("{+", "+}"),
        };
        if at.checked_sub(1).is_none_or(|before| changes[before] != changes[at]) {
            piece.text.insert_str(0, open);
        }
        if changes.get(at + 1) != Some(&changes[at]) {
            piece.text.push_str(close);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn what_is_gone_and_what_is_new_stands_where_it_was() {
        let check = |old: &str, new: &str, expected: &str| assert_eq!(marked(old, new), expected);
        check("a red kite", "a red kite", "a red kite");
        check("a red kite", "a green kite", "a [-red-] {+green+} kite");
        check("a kite", "a kite, slow dolly in.", "a kite{+, slow dolly in.+}");
        check("a big red kite", "kite", "[-a big red-] kite");
        check("", "a kite", "{+a kite+}");
        check("a kite", "", "[-a kite-]");
        check("one\ntwo", "one\nthree", "one\n[-two-] {+three+}");
        check("one two", "one\ntwo", "one\ntwo");
        check("żółw 龍", "żółw 🐉", "żółw [-龍-] {+🐉+}");
    }
}
