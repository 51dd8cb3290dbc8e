//! A film as a platform takes it, measured afterwards.

use super::cut::{Span, still};
use super::weight::{kilobits, megabytes};
use super::{EVEN, film, shape, short};
use crate::catalog::platforms::Platform;
use crate::provider::local::asked::Asked;
use crate::provider::local::bench::{Bench, Clip, Failed, Line};

/// A sound ends up to a packet after the pictures: so much less is asked for than is allowed.
const MARGIN: f64 = 0.1;

/// The part of the allowed weight that is aimed at.
const AIM: f64 = 0.9;

pub(super) async fn export(
    bench: &mut Bench,
    asked: Asked<'_>,
    platform: Option<&Platform>,
) -> Result<Vec<String>, Failed> {
    let platform = platform.ok_or_else(|| Failed::new("there is no platform"))?;
    let format = asked.text("format").unwrap_or("mp4");
    if !platform.formats.iter().any(|known| known == format) {
        let known = platform.formats.join(" or ");
        return Err(Failed(format!("{} takes {known}, not {format}", platform.name)));
    }
    let clip = film(bench, asked).await?;
    let length = clip.seconds()?;
    let span = if length > platform.max_seconds {
        let mode = asked.text("trim_mode").unwrap_or("beginning");
        Span::of_mode(mode, platform.max_seconds - MARGIN, length)
    } else {
        Span { start: 0.0, end: length }
    };
    let wants_picture = asked.is_on("thumbnail");
    bench.steps(if wants_picture { 3 } else { 1 });

    let line = span.on(Line::default()).input(&clip.file).first_tracks();
    let line = line.set("-vf", fitted(platform, asked.text("fit")));
    let aim = kilobits(platform.max_mb * AIM, span.seconds(), clip.has_sound());
    let name = format!("take.{format}");
    let line = if format == "webm" {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "500 to 10000")]
        let usual = aim.min(8000.0) as u32;
        shape::vp9(line, bench, usual, 4)?.with(&[&name])
    } else {
        let line = line.h264(bench, 20)?;
        let line = if asked.is_on("compress") {
            line.set("-maxrate", format!("{aim:.0}k")).set("-bufsize", format!("{:.0}k", aim * 2.0))
        } else {
            line
        };
        line.aac().with(&["-movflags", "+faststart", "-f", format, &name])
    };
    bench.run(line, span.seconds()).await?;
    let made = bench.made(&name).await?;
    measure(&made, platform)?;
    bench.note("platform", platform.id.as_str());
    bench.note("megabytes", (megabytes(made.bytes) * 1000.0).round() / 1000.0);
    bench.note("megabytes_allowed", platform.max_mb);
    bench.note("seconds_allowed", platform.max_seconds);
    if span.seconds() < length {
        bench.note("cut", format!("{} s to {} s", short(span.start), short(span.end)));
    }
    if !wants_picture {
        return Ok(vec![name]);
    }
    still(bench, &made, Some(span.seconds() / 2.0), "thumbnail.jpg").await?;
    Ok(vec![name, "thumbnail.jpg".to_owned()])
}

/// Exactly the platform's size, cut off or with black beside it.
fn fitted(platform: &Platform, fit: Option<&str>) -> String {
    let Platform { width, height, .. } = platform;
    let size = format!("{width}:{height}");
    let change = if fit == Some("letterbox") {
        format!(
            "scale={size}:force_original_aspect_ratio=decrease:flags=lanczos,\
             pad={size}:(ow-iw)/2:(oh-ih)/2:black"
        )
    } else {
        format!("scale={size}:force_original_aspect_ratio=increase:flags=lanczos,crop={size}")
    };
    format!("{EVEN},{change},setsar=1")
}

/// What came out against what is allowed: with the figures, where it is not within.
fn measure(made: &Clip, platform: &Platform) -> Result<(), Failed> {
    let mut faults = Vec::new();
    let (seconds, weight) = (made.seconds()?, megabytes(made.bytes));
    if seconds > platform.max_seconds {
        let (is, most) = (short(seconds), short(platform.max_seconds));
        faults.push(format!("{is} s, {most} s are allowed"));
    }
    if weight > platform.max_mb {
        let (is, most) = (short(weight), short(platform.max_mb));
        faults.push(format!("{is} MB, {most} MB are allowed"));
    }
    let pixels = made.facts.pixels;
    if pixels.is_none_or(|it| (it.width, it.height) != (platform.width, platform.height)) {
        let is = pixels.map_or_else(|| "an unknown size".to_owned(), |it| it.to_string());
        faults.push(format!("{is}, {}x{} is asked", platform.width, platform.height));
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failed(format!("what came out is not for {}: {}", platform.name, faults.join("; "))))
}
