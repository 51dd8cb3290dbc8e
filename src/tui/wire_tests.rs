//! How many bytes a change costs, and that nothing costs none.

use ratatui::Terminal;
use ratatui::style::Style;
use ratatui::text::Line;

use super::*;

fn terminal() -> Terminal<Wire<Vec<u8>>> {
    let size = || Ok(Size { width: 20, height: 4 });
    Terminal::new(Wire::new(Vec::new(), size)).expect("a writer into memory never fails")
}

/// Draws these lines with the cursor there, and says what went over the wire.
fn draw(terminal: &mut Terminal<Wire<Vec<u8>>>, lines: &[Line<'_>], cursor: (u16, u16)) -> String {
    terminal.backend_mut().out.clear();
    terminal
        .draw(|frame| {
            for (row, line) in lines.iter().enumerate() {
                let row = u16::try_from(row).expect("a few rows");
                frame.buffer_mut().set_line(0, row, line, 20);
            }
            frame.set_cursor_position(cursor);
        })
        .expect("a writer into memory never fails");
    String::from_utf8_lossy(&terminal.backend().out).replace('\x1b', "␛")
}

#[test]
fn a_letter_typed_at_the_cursor_is_one_byte_and_nothing_is_none() {
    let mut terminal = terminal();
    draw(&mut terminal, &["a red kit".into()], (9, 0));
    assert_eq!(draw(&mut terminal, &["a red kite".into()], (10, 0)), "e");
    assert_eq!(draw(&mut terminal, &["a red kite".into()], (10, 0)), "");
    assert_eq!(draw(&mut terminal, &["a red kite".into()], (9, 0)), "\x08");
}

#[test]
fn only_frames_that_touch_more_than_a_row_are_synchronised() {
    let mut terminal = terminal();
    let first = draw(&mut terminal, &["one".into(), "two".into()], (0, 0));
    assert!(first.contains("␛[?2026h") && first.ends_with("␛[?2026l"), "{first}");
    let second = draw(&mut terminal, &["one".into(), "ten".into()], (0, 0));
    assert_eq!(second, "␛[2;2Hen␛[1;1H");
}

#[test]
fn a_style_is_set_once_and_taken_back_only_for_the_next_that_differs() {
    let mut terminal = terminal();
    draw(&mut terminal, &["x".into()], (0, 0));
    let red = Style::new().red().bold();
    let line = Line::styled("ab", red);
    assert_eq!(draw(&mut terminal, &[line], (0, 0)), "␛[1;31mab␛[1;1H");
    let line = Line::styled("abc", red);
    assert_eq!(draw(&mut terminal, &[line], (3, 0)), "␛[1;3Hc");
    assert_eq!(draw(&mut terminal, &["abc".into()], (3, 0)), "␛[1;1H␛[mabc");
}

#[test]
fn after_a_wide_letter_the_cursor_is_placed_again() {
    let mut terminal = terminal();
    draw(&mut terminal, &["x".into()], (0, 0));
    assert_eq!(draw(&mut terminal, &["龍a".into()], (3, 0)), "龍␛[1;3Ha");
}
