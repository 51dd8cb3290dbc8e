//! The film in the preview, as the screen knows it: which frame is shown, and whether it runs.

use std::sync::Arc;

use jiff::Timestamp;

use super::layout;
use super::msg::{Effect, Pace, Reel};
use super::screen::{Screen, Subject};
use super::text;
use super::views::View;
use crate::domain::{AssetId, Picture, Pixels};

/// A film that was begun.
#[derive(Debug, Clone)]
pub struct Playing {
    /// Which run of the projector: what an older one sends is late.
    pub run: u64,
    /// The take.
    pub id: AssetId,
    /// The pixels of the preview when it began.
    pub fit: Pixels,
    /// Whether it runs.
    pub runs: bool,
    /// The frame in sight, and its moment in milliseconds.
    pub shown: Option<(u64, Arc<Picture>)>,
    /// The last frame was shown.
    pub ended: bool,
    /// A frame was asked for and is not here yet.
    asked: bool,
    /// Since when it runs, and how many frames were shown since.
    since: Option<(Timestamp, u32)>,
}

impl Playing {
    /// `0:02.1 of 5.0 s` and how many frames a second are really shown.
    pub fn facts(&self, length_ms: Option<u64>, now: Timestamp, dot: &str) -> String {
        let at = self.shown.as_ref().map_or(0, |(at_ms, _)| *at_ms);
        let length = length_ms.map(|length| format!(" of {}", text::seconds(length)));
        let at = format!("{}.{}", at / 1000, at / 100 % 10);
        let state = if self.runs { "" } else { "paused" };
        let rate = self.since.filter(|_| self.runs).and_then(|(since, frames)| {
            let passed = now.as_millisecond() - since.as_millisecond();
            // Before a second has passed, nothing honest can be said.
            (passed >= 1000).then(|| format!("{} fps", i64::from(frames) * 1000 / passed))
        });
        let where_it_is = format!("{at}{}", length.unwrap_or_default());
        let facts = [rate.unwrap_or_else(|| state.to_owned()), where_it_is];
        facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(dot)
    }
}

/// What the preview shows at this moment: a take and the pixels for it, if nothing hides it.
fn in_sight(screen: &Screen) -> Option<(AssetId, Pixels)> {
    if screen.view != View::Studio {
        return None;
    }
    let large = layout::large_picture(screen.areas().preview);
    match screen.subject() {
        Subject::Take(asset) if !large.is_empty() && screen.dialogs.is_empty() => {
            Some((asset.id, layout::pixels(large)))
        }
        _ => None,
    }
}

/// Opens the film of what is in sight at this moment.
fn open(screen: &mut Screen, from_ms: u64, runs: bool) -> Vec<Effect> {
    let Some((id, fit)) = in_sight(screen) else {
        screen.say("no take is in sight to play");
        return vec![];
    };
    screen.runs += 1;
    let run = screen.runs;
    let shown = screen.playing.take().filter(|before| before.id == id).and_then(|film| film.shown);
    screen.playing =
        Some(Playing { run, id, fit, runs, shown, ended: false, asked: true, since: None });
    vec![Effect::OpenFilm(Reel { run, id, fit, from_ms })]
}

/// Plays, or pauses.
pub(super) fn toggle(screen: &mut Screen) -> Vec<Effect> {
    match &mut screen.playing {
        Some(film) if film.runs => {
            film.runs = false;
            vec![]
        }
        // From here on, in the time of the film: it is opened again, since a pause has no length.
        Some(film) if !film.ended => {
            let from_ms = film.shown.as_ref().map_or(0, |(at_ms, _)| *at_ms);
            open(screen, from_ms, true)
        }
        _ => open(screen, 0, true),
    }
}

/// Pauses and goes one frame on, or back.
pub(super) fn step(screen: &mut Screen, back: bool) -> Vec<Effect> {
    let frame_ms = match screen.subject() {
        Subject::Take(asset) => {
            1_000_000 / u64::from(asset.facts.fps_milli.unwrap_or(24_000).max(1))
        }
        _ => 41,
    };
    let Some(film) = &mut screen.playing else { return open(screen, 0, false) };
    film.runs = false;
    let at_ms = film.shown.as_ref().map_or(0, |(at_ms, _)| *at_ms);
    if back {
        // From half a frame before the one before this: times are rounded.
        return open(screen, at_ms.saturating_sub(frame_ms * 3 / 2), false);
    }
    if film.ended || film.asked {
        return vec![];
    }
    film.asked = true;
    vec![Effect::NextFrame(film.run, Pace::Now)]
}

/// A frame came, or the end, or trouble.
pub(super) fn frame(
    screen: &mut Screen,
    run: u64,
    frame: Result<Option<(u64, Arc<Picture>)>, super::backend::Trouble>,
) -> Vec<Effect> {
    let now = screen.now;
    let Some(film) = screen.playing.as_mut().filter(|film| film.run == run) else { return vec![] };
    film.asked = false;
    match frame {
        Ok(Some(frame)) => {
            film.shown = Some(frame);
            let (since, frames) = film.since.unwrap_or((now, 0));
            film.since = Some((since, frames + 1));
            if film.runs {
                film.asked = true;
                return vec![Effect::NextFrame(run, Pace::Due)];
            }
        }
        Ok(None) => (film.runs, film.ended) = (false, true),
        Err(trouble) => {
            screen.playing = None;
            screen.warn(trouble);
        }
    }
    vec![]
}

/// Closes the film as soon as it is not in sight any more.
pub(super) fn close_unseen(screen: &mut Screen) -> Vec<Effect> {
    let Some(film) = &screen.playing else { return vec![] };
    if in_sight(screen) == Some((film.id, film.fit)) {
        return vec![];
    }
    screen.playing = None;
    vec![Effect::CloseFilm]
}
