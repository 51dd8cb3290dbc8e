//! The screen as cells. Reads the state, changes nothing, asks no clock.

use ratatui::Frame;
use ratatui::text::Line;

use super::dialog;
use super::layout::{Areas, Room, SMALLEST};
use super::pane;
use super::screen::Screen;
use super::theme::Role;
use super::views::View;

/// Draws the whole screen.
pub fn view(screen: &Screen, frame: &mut Frame<'_>) {
    let areas = screen.areas();
    if areas.room == Room::None {
        let words = format!("rushes needs {}x{} cells", SMALLEST.width, SMALLEST.height);
        let area = frame.area();
        pane::line(frame.buffer_mut(), area, 0, Line::from(words));
        return;
    }
    pane::header::draw(screen, areas.header, frame.buffer_mut());
    match screen.view {
        View::Studio => studio(screen, &areas, frame),
        View::Usage => pane::usage::draw(screen, frame),
        View::Models => pane::models::draw(screen, frame),
        View::Story => pane::story::draw(screen, frame.buffer_mut()),
    }
    pane::footer::draw(screen, areas.footer, frame);
    dialog::draw::draw(screen, frame);
}

fn studio(screen: &Screen, areas: &Areas, frame: &mut Frame<'_>) {
    pane::prompt::draw(screen, areas.prompt, frame);
    pane::settings::draw(screen, areas.settings, frame);
    pane::jobs::draw(screen, areas.jobs, frame.buffer_mut());
    pane::takes::draw(screen, areas.takes, frame.buffer_mut());
    pane::preview::draw(screen, areas.preview, frame.buffer_mut());
    for row in 0..areas.divider.height {
        let line = Line::styled(screen.look.divider(), screen.look.style(Role::Rule));
        pane::line(frame.buffer_mut(), areas.divider, row, line);
    }
}
