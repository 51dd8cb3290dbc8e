//! Text from outside (a provider, a file name) made safe to print.

/// The text without anything that could move a cursor, change a colour or reorder what is read:
/// ESC and whole escape sequences' introducers, C0 and C1 controls, bidirectional overrides.
/// New lines and tabs become spaces.
pub fn printable(text: &str) -> String {
    text.chars()
        .filter_map(|letter| match letter {
            '\n' | '\r' | '\t' => Some(' '),
            _ if is_unsafe(letter) => None,
            _ => Some(letter),
        })
        .collect()
}

/// The same, but new lines stay: for a prompt that is shown as it was written.
pub fn printable_lines(text: &str) -> String {
    text.chars()
        .filter_map(|letter| match letter {
            '\n' => Some('\n'),
            '\t' => Some(' '),
            _ if is_unsafe(letter) => None,
            _ => Some(letter),
        })
        .collect()
}

fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_printed() {
        assert_eq!(printable("a\u{1b}[31mred\u{7}\u{9b}2J"), "a[31mred2J");
        assert_eq!(printable("file\u{202e}gpm.4\nnext"), "filegpm.4 next");
        assert_eq!(printable_lines("one\r\ntwo\u{1b}]0;x"), "one\ntwo]0;x");
        assert_eq!(printable("żółw 龍 🐉"), "żółw 龍 🐉");
    }
}
