//! Shows a film frame by frame: one at a time is fetched, when it is due, and only when it is asked for.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::backend::{Backend, Film, Trouble};
use super::msg::{Effect, Pace, Reel, Reply};
use crate::domain::Picture;

/// A frame later than this is left out, so that the film keeps its time.
const TOO_LATE: Duration = Duration::from_millis(60);

/// So many are left out in a row at most: where decoding is slower than the film, it runs slower.
const MOST_LEFT_OUT: usize = 8;

/// The film that is open, if one is. There is at most one: opening the next closes it.
#[derive(Default)]
pub(super) struct Projector {
    reel: Mutex<Option<Loaded>>,
}

impl std::fmt::Debug for Projector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("projector")
    }
}

struct Loaded {
    run: u64,
    film: Box<dyn Film>,
    /// When a moment of the film was shown: the others follow from it.
    anchor: Option<(Instant, u64)>,
}

impl Projector {
    /// Does what the screen asked for. Every frame answers one wish: a slow terminal slows the film down and
    /// nothing piles up.
    pub(super) async fn run(&self, backend: &dyn Backend, effect: Effect) -> Option<Reply> {
        let mut reel = self.reel.lock().await;
        let (run, pace) = match effect {
            Effect::OpenFilm(Reel { run, id, fit, from_ms }) => {
                if reel.as_ref().is_some_and(|loaded| loaded.run > run) {
                    return None;
                }
                *reel = None;
                match backend.film(id, fit, from_ms).await {
                    Ok(film) => *reel = Some(Loaded { run, film, anchor: None }),
                    Err(trouble) => return Some(Reply::Frame { run, frame: Err(trouble) }),
                }
                (run, Pace::Now)
            }
            Effect::NextFrame(run, pace) => (run, pace),
            _ => {
                *reel = None;
                return None;
            }
        };
        let loaded = reel.as_mut().filter(|loaded| loaded.run == run)?;
        let frame = loaded.next(pace).await;
        let frame = frame.map(|frame| frame.map(|(at_ms, picture)| (at_ms, Arc::new(picture))));
        if !matches!(frame, Ok(Some(_))) {
            *reel = None;
        }
        Some(Reply::Frame { run, frame })
    }
}

impl Loaded {
    async fn next(&mut self, pace: Pace) -> Result<Option<(u64, Picture)>, Trouble> {
        for left_out in 0.. {
            let Some((at_ms, picture)) = self.film.next().await? else { return Ok(None) };
            let now = Instant::now();
            let (Pace::Due, Some((shown, first_ms))) = (pace, self.anchor) else {
                self.anchor = (pace == Pace::Due).then_some((now, at_ms));
                return Ok(Some((at_ms, picture)));
            };
            let due = shown + Duration::from_millis(at_ms.saturating_sub(first_ms));
            if now <= due + TOO_LATE {
                tokio::time::sleep_until(due).await;
                return Ok(Some((at_ms, picture)));
            }
            if left_out == MOST_LEFT_OUT {
                self.anchor = Some((now, at_ms));
                return Ok(Some((at_ms, picture)));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;

    /// A film of 40 frames, 10 ms each, every one of which takes this long to decode.
    struct Slow(u64, Duration);

    #[async_trait]
    impl Film for Slow {
        async fn next(&mut self) -> Result<Option<(u64, Picture)>, Trouble> {
            tokio::time::sleep(self.1).await;
            self.0 += 10;
            let picture = Picture { width: 1, height: 1, rgb: vec![0; 3] };
            Ok((self.0 <= 400).then_some((self.0, picture)))
        }
    }

    async fn shown(decoding: Duration) -> (usize, Duration) {
        let mut loaded = Loaded { run: 1, film: Box::new(Slow(0, decoding)), anchor: None };
        let began = Instant::now();
        let mut count = 0;
        while loaded.next(Pace::Due).await.unwrap().is_some() {
            count += 1;
        }
        (count, began.elapsed())
    }

    #[tokio::test]
    async fn a_film_is_never_quicker_than_it_was_made() {
        let (count, took) = shown(Duration::ZERO).await;
        assert!(count > 0 && took >= Duration::from_millis(380), "{count} frames in {took:?}");
    }

    #[tokio::test]
    async fn where_decoding_is_slow_frames_are_left_out_but_some_are_shown() {
        let (count, _) = shown(Duration::from_millis(25)).await;
        assert!((4..35).contains(&count), "{count}");
    }
}
