//! Lighter: to a number of megabytes in two passes, or by how fine it has to be.

use super::{EVEN, FILM, film, short};
use crate::provider::local::asked::Asked;
use crate::provider::local::bench::{Bench, Clip, Failed, Line};

/// Below this nothing is worth looking at, above it nothing looks better: kilobits a second.
const KILOBITS: std::ops::RangeInclusive<f64> = 500.0..=10_000.0;

/// What the sound takes: kilobits a second.
const SOUND: f64 = 128.0;

/// The index, and what an encoder goes beyond its order.
const ROOM: f64 = 0.96;

/// What one second of pictures may weigh, that all of it comes to so many megabytes: kilobits.
pub(super) fn kilobits(megabytes: f64, seconds: f64, has_sound: bool) -> f64 {
    let all = megabytes * 8000.0 * ROOM / seconds.max(0.001);
    let pictures = if has_sound { all - SOUND } else { all };
    pictures.clamp(*KILOBITS.start(), *KILOBITS.end())
}

pub(super) async fn compress(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = film(bench, asked).await?;
    let Some(target) = asked.number("target_mb") else {
        let fine = match asked.text("quality") {
            Some("high") => 22,
            Some("low") => 34,
            _ => 28,
        };
        let line = Line::default().input(&clip.file).first_tracks().set("-vf", EVEN);
        let line = line.h264(bench, fine)?.with(&["-c:a", "aac", "-b:a", "128k"]).mp4(FILM);
        bench.run(line, clip.seconds()?).await?;
        return told(bench, &clip).await;
    };
    bench.steps(4);
    let seconds = clip.seconds()?;
    let mut rate = kilobits(target, seconds, clip.has_sound());
    // An encoder keeps to its order the worse the shorter the film is: what came out heavier is done again.
    for _ in 0..2 {
        two_passes(bench, &clip, rate).await?;
        let came = megabytes(bench.made(FILM).await?.bytes);
        if came <= target {
            bench.note("kilobits", rate.round());
            return told(bench, &clip).await;
        }
        let less = (rate * target / came * ROOM).max(*KILOBITS.start());
        if less >= rate {
            break;
        }
        rate = less;
    }
    let came = megabytes(bench.made(FILM).await?.bytes);
    Err(Failed(format!(
        "{} MB came out, {} MB were asked: below {} kbit/s nothing is made. trim it or scale it first",
        short(came),
        short(target),
        KILOBITS.start()
    )))
}

async fn two_passes(bench: &mut Bench, clip: &Clip, rate: f64) -> Result<(), Failed> {
    let seconds = clip.seconds()?;
    let line = |pass: &str| {
        let line = Line::default().input(&clip.file).set("-vf", EVEN);
        let line = line.h264_of_weight(bench, rate)?;
        Ok::<_, Failed>(line.with(&["-pass", pass, "-passlogfile", "passes"]))
    };
    let first = line("1")?.with(&["-map", "0:v:0", "-f", "null", "-"]);
    let second = line("2")?.first_tracks().set("-c:a", "aac").set("-b:a", format!("{SOUND}k"));
    bench.run(first, seconds).await?;
    bench.run(second.mp4(FILM), seconds).await
}

async fn told(bench: &mut Bench, clip: &Clip) -> Result<Vec<String>, Failed> {
    let made = bench.made(FILM).await?;
    bench.note("bytes_before", clip.bytes);
    bench.note("bytes_after", made.bytes);
    Ok(vec![FILM.to_owned()])
}

pub(super) fn megabytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a file of 9 petabytes loses a byte")]
    let bytes = bytes as f64;
    bytes / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_becomes_a_rate_between_the_limits() {
        let check = |megabytes, has_sound, expected: f64| {
            let found = kilobits(megabytes, 40.0, has_sound);
            assert!((found - expected).abs() < 0.001, "{found} is not {expected}");
        };
        check(10.0, false, 1920.0);
        check(10.0, true, 1792.0);
        check(0.1, true, 500.0);
        check(1000.0, true, 10_000.0);
    }
}
