//! What lies along the time: a part of a film, another speed, one frame.

use std::path::Path;

use super::{EVEN, FILM, FINE, film, short};
use crate::provider::local::asked::Asked;
use crate::provider::local::bench::{Bench, Clip, Failed, Line};

/// One frame with square pixels, in its own size.
const FLAT: &str = "scale=iw*sar:ih,setsar=1";

/// From where to where of a film.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub(super) start: f64,
    pub(super) end: f64,
}

impl Span {
    pub(super) fn seconds(self) -> f64 {
        self.end - self.start
    }

    /// So much of a film of this length, from where the mode says.
    pub(super) fn of_mode(mode: &str, most: f64, length: f64) -> Self {
        let left = (length - most).max(0.0);
        let start = match mode {
            "middle" => left / 2.0,
            "end" => left,
            _ => 0.0,
        };
        Self { start, end: length.min(start + most) }
    }

    /// Reads no more of the next input than this.
    pub(super) fn on(self, line: Line) -> Line {
        let line = if self.start > 0.0 { line.set("-ss", short(self.start)) } else { line };
        line.set("-t", short(self.seconds()))
    }
}

pub(super) async fn trim(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = film(bench, asked).await?;
    let span = span(asked, clip.seconds()?)?;
    let line = span.on(Line::default()).input(&clip.file).first_tracks();
    let line = line.set("-vf", EVEN).h264(bench, FINE)?.aac().mp4(FILM);
    bench.run(line, span.seconds()).await?;
    Ok(vec![FILM.to_owned()])
}

fn span(asked: Asked<'_>, length: f64) -> Result<Span, Failed> {
    if let Some(most) = asked.number("max_duration") {
        let mode = asked.text("mode").unwrap_or("beginning");
        return Ok(Span::of_mode(mode, most, length));
    }
    let start = asked.number_or("start", 0.0);
    let end = asked.number("end").unwrap_or(length);
    if start >= length {
        let (start, length) = (short(start), short(length));
        return Err(Failed(format!("it would start at {start} s, and the film lasts {length} s")));
    }
    if end <= start {
        let (start, end) = (short(start), short(end));
        return Err(Failed(format!("the end, {end} s, is not after the start, {start} s")));
    }
    Ok(Span { start, end: end.min(length) })
}

pub(super) async fn speed(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = film(bench, asked).await?;
    let factor = asked.number_or("factor", 1.0);
    let seconds = clip.seconds()? / factor;
    let pictures = format!("setpts=(PTS-STARTPTS)/{factor},fps={},{EVEN}", clip.rate());
    let line = Line::default().input(&clip.file).first_tracks().set("-vf", pictures);
    let line = if clip.has_sound() { line.set("-af", tempo(factor)) } else { line };
    let line = line.h264(bench, FINE)?.aac().set("-t", short(seconds)).mp4(FILM);
    bench.run(line, seconds).await?;
    Ok(vec![FILM.to_owned()])
}

/// Sound at another speed in its own pitch: one filter does between half and twice.
fn tempo(mut factor: f64) -> String {
    let mut filters = Vec::new();
    while factor > 2.0 {
        filters.push("atempo=2".to_owned());
        factor /= 2.0;
    }
    while factor < 0.5 {
        filters.push("atempo=0.5".to_owned());
        factor /= 0.5;
    }
    filters.push(format!("atempo={factor}"));
    filters.join(",")
}

pub(super) async fn frame(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = film(bench, asked).await?;
    let name = match asked.text("format") {
        Some("jpg") => "frame.jpg",
        _ => "frame.png",
    };
    let length = clip.seconds();
    let at = match asked.text("at").unwrap_or("middle").trim() {
        "first" => Some(0.0),
        "middle" => Some(length? / 2.0),
        "last" => None,
        said => {
            let wrong = || Failed(format!("{said:?} is no moment: first, middle, last or seconds"));
            let moment: f64 = said.trim_end_matches(['s', ' ']).parse().map_err(|_| wrong())?;
            if !moment.is_finite() || moment < 0.0 {
                return Err(wrong());
            }
            let length = length?;
            if moment > length {
                let (moment, length) = (short(moment), short(length));
                return Err(Failed(format!("the film lasts {length} s: nothing is at {moment} s")));
            }
            Some(moment)
        }
    };
    still(bench, &clip, at, name).await?;
    Ok(vec![name.to_owned()])
}

/// The frame that is shown at a moment, or the last one.
pub(super) async fn still(
    bench: &mut Bench,
    clip: &Clip,
    at: Option<f64>,
    name: &str,
) -> Result<(), Failed> {
    // Every frame up to the moment is written over the one before, and the last stays. How long before it that
    // one begins, only the film knows: its sound may go on without pictures.
    let parts = if let Some(at) = at {
        vec![until(at - 2.0, at), until(0.0, at)]
    } else {
        let last = |back: &str| Line::default().with(&["-sseof", back]);
        vec![last("-1"), last("-10"), Line::default()]
    };
    for part in parts {
        let line = part.input(&clip.file).with(&["-map", "0:v:0", "-an", "-vf", FLAT]);
        let line = line.with(&["-c:v", "bmp", "-f", "image2", "-update", "1", "one.bmp"]);
        bench.run(line, 0.0).await?;
        if bench.has("one.bmp") {
            let line = Line::default().with(&["-i", "one.bmp", "-frames:v", "1"]);
            return bench.run(picture(line, name), 0.0).await;
        }
    }
    // Before its first frame a film shows that one.
    let line = Line::default().input(&clip.file).with(&["-map", "0:v:0", "-frames:v", "1"]);
    bench.run(picture(line.with(&["-vf", FLAT]), name), 0.0).await?;
    if bench.has(name) { Ok(()) } else { Err(Failed(format!("{} has no picture", clip.name()))) }
}

/// From a moment to another, which is still in it.
fn until(from: f64, to: f64) -> Line {
    let from = from.max(0.0);
    let line = if from > 0.0 { Line::default().set("-ss", short(from)) } else { Line::default() };
    line.set("-t", format!("{:.4}", to - from + 0.0005))
}

fn picture(line: Line, name: &str) -> Line {
    let line = line.with(&["-an", "-f", "image2", "-update", "1"]);
    // The finest that the encoder calls full quality.
    let is_jpeg = Path::new(name).extension().is_some_and(|it| it == "jpg");
    let line = if is_jpeg { line.with(&["-c:v", "mjpeg", "-q:v", "2"]) } else { line };
    line.with(&[name])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_lies_where_the_mode_says_and_never_outside_of_the_film() {
        let check = |mode, most, length, expected: (f64, f64)| {
            let Span { start, end } = Span::of_mode(mode, most, length);
            assert_eq!((start, end), expected, "{mode} {most} of {length}");
        };
        check("beginning", 2.0, 10.0, (0.0, 2.0));
        check("middle", 2.0, 10.0, (4.0, 6.0));
        check("end", 2.0, 10.0, (8.0, 10.0));
        check("middle", 20.0, 10.0, (0.0, 10.0));
        check("end", 20.0, 10.0, (0.0, 10.0));
    }

    #[test]
    fn each_filter_stays_between_half_and_twice() {
        let check = |factor, expected| assert_eq!(tempo(factor), expected);
        check(0.25, "atempo=0.5,atempo=0.5");
        check(0.3, "atempo=0.5,atempo=0.6");
        check(1.5, "atempo=1.5");
        check(4.0, "atempo=2,atempo=2");
        check(3.0, "atempo=2,atempo=1.5");
    }
}
