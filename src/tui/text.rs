//! Text cut, padded and worded for cells: widths are measured, figures are never cut.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells the text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most `cells` cells, its end replaced by `…` where it is too long.
pub(super) fn cut_end(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    if cells == 0 {
        return String::new();
    }
    format!("{}…", head(text, cells - 1).trim_end())
}

/// The same for a sentence: cut between two words, so that no figure in it loses its end.
pub(super) fn cut_words(text: &str, cells: usize) -> String {
    if width(text) <= cells || cells == 0 {
        return cut_end(text, cells);
    }
    let start = head(text, cells - 1);
    match start.rfind(' ').filter(|_| !text[start.len()..].starts_with(' ')) {
        Some(at) => format!("{}…", start[..at].trim_end()),
        None => cut_end(text, cells),
    }
}

/// The text in at most `cells` cells, its middle replaced by `…`: for paths, whose end tells most.
pub(super) fn cut_middle(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    if cells < 4 {
        return cut_end(text, cells);
    }
    let front = (cells - 1) / 3;
    let start = head(text, front);
    let rest: String = text.graphemes(true).rev().collect();
    let end: String = head(&rest, cells - 1 - width(start)).graphemes(true).rev().collect();
    format!("{start}…{end}")
}

/// The longest start of the text that fits into `cells` cells.
fn head(text: &str, cells: usize) -> &str {
    let mut used = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > cells {
            break;
        }
        end = at + grapheme.len();
    }
    &text[..end]
}

/// Cut or filled with blanks to exactly `cells` cells.
pub(super) fn fit(text: &str, cells: usize) -> String {
    let cut = cut_end(text, cells);
    let blanks = cells.saturating_sub(width(&cut));
    cut + &" ".repeat(blanks)
}

/// At the right end of `cells` cells; longer text stays whole, since it is a figure.
pub(super) fn right(text: &str, cells: usize) -> String {
    let blanks = cells.saturating_sub(width(text));
    " ".repeat(blanks) + text
}

/// `23.976` of 23,976 thousandths, `24` of 24,000.
pub(super) fn thousandths(milli: u32) -> String {
    let text = format!("{}.{:03}", milli / 1000, milli % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The text broken at blanks into lines of at most `cells` cells.
pub(super) fn wrap(text: &str, cells: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if cells == 0 {
        return lines;
    }
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let mut word = word;
            let blank = usize::from(!line.is_empty());
            if width(&line) + blank + width(word) > cells && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            while width(word) > cells {
                let piece = head(word, cells);
                if piece.is_empty() {
                    break;
                }
                lines.push(piece.to_owned());
                word = &word[piece.len()..];
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// `0:07`, `1:12`, `1:02:03`.
pub(super) fn clock(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// The time between two moments; nothing where they are the wrong way round.
pub(super) fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// `4.2 of 12.0 MB`, `640 KB`: one unit for both, decimal as files are counted.
pub(super) fn bytes_of(received: u64, total: Option<u64>) -> String {
    let largest = total.unwrap_or(received);
    let (unit, name) = unit_of(largest);
    match total {
        Some(total) => format!("{} of {} {name}", in_unit(received, unit), in_unit(total, unit)),
        None => format!("{} {name}", in_unit(received, unit)),
    }
}

/// `3.1 MB`.
pub(super) fn size(bytes: u64) -> String {
    bytes_of(bytes, None)
}

fn unit_of(bytes: u64) -> (u64, &'static str) {
    match bytes {
        1_000_000_000.. => (1_000_000_000, "GB"),
        1_000_000.. => (1_000_000, "MB"),
        1_000.. => (1_000, "KB"),
        _ => (1, "B"),
    }
}

fn in_unit(bytes: u64, unit: u64) -> String {
    if unit == 1 {
        return bytes.to_string();
    }
    let tenths = bytes / (unit / 10);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// `5.0 s` from milliseconds.
pub(super) fn seconds(milliseconds: u64) -> String {
    let tenths = (milliseconds + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// `1,500`.
pub(super) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `10:14` of that day, where it is.
pub(super) fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// `10:14:07` of that day, where it is.
pub(super) fn time_in_full(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// `2026-11-22 10:14`, where it is.
pub(super) fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_its_cells_and_figures_stay_whole() {
        assert_eq!(cut_end("a red kite over dunes", 10), "a red kit…");
        assert_eq!(cut_end("kite", 10), "kite");
        assert_eq!(cut_words("has 14.8 MB; 10 MB are allowed", 15), "has 14.8 MB;…");
        assert_eq!(cut_words("kite", 10), "kite");
        assert_eq!(cut_end("龍龍龍龍", 5), "龍龍…");
        assert_eq!(cut_middle("takes/2026/11/22/a-red-kite-1.mp4", 20), "takes/…ed-kite-1.mp4");
        assert_eq!(fit("ab", 4), "ab  ");
        assert_eq!(right("$12.50", 4), "$12.50");
    }

    #[test]
    fn long_words_are_broken_only_when_they_must_be() {
        assert_eq!(wrap("a red kite over dunes", 10), ["a red kite", "over dunes"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("one\n\ntwo", 9), ["one", "", "two"]);
    }

    #[test]
    fn figures_read_as_a_person_says_them() {
        assert_eq!(clock(Duration::from_secs(72)), "1:12");
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
        assert_eq!(bytes_of(4_200_000, Some(12_000_000)), "4.2 of 12.0 MB");
        assert_eq!(bytes_of(900, Some(12_000_000)), "0.0 of 12.0 MB");
        assert_eq!(size(640_000), "640.0 KB");
        assert_eq!(seconds(5_000), "5.0 s");
        assert_eq!(grouped(1_500), "1,500");
        assert_eq!(grouped(132), "132");
    }
}
