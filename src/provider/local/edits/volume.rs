//! What is heard: louder, even, or another sound under the pictures.

use serde_json::Value;

use super::{FILM, PLAIN_SOUND, film, heard, short};
use crate::provider::local::asked::Asked;
use crate::provider::local::bench::{Bench, Clip, Failed, Line};

/// Above this `loudnorm` takes no order; the difference is made by an amplifier and a limiter then.
const LOUDEST_ORDER: f64 = -5.0;

pub(super) async fn volume(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = heard(bench, asked).await?;
    let filter = format!("volume={}", asked.number_or("level", 1.0));
    change(bench, &clip, Line::default().set("-af", filter)).await
}

/// The same pictures, and the sound as this says.
pub(super) async fn change(
    bench: &mut Bench,
    clip: &Clip,
    sound: Line,
) -> Result<Vec<String>, Failed> {
    let line = Line::default().input(&clip.file).first_tracks().and(sound);
    let line = line.same_pictures(bench, clip)?.aac().mp4(FILM);
    bench.run(line, clip.seconds()?).await?;
    Ok(vec![FILM.to_owned()])
}

/// What the first pass measured.
struct Loudness {
    integrated: f64,
    peak: f64,
    range: f64,
    threshold: f64,
    offset: f64,
}

pub(super) async fn normalise(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = heard(bench, asked).await?;
    bench.steps(2);
    let target = asked.number_or("loudness", -14.0);
    let ordered = format!("loudnorm=I={}:TP=-1.5:LRA=11", short(target.min(LOUDEST_ORDER)));
    let line = Line::default().input(&clip.file).with(&["-map", "0:a:0"]);
    let line = line.set("-af", format!("{ordered}:print_format=json"));
    let said = bench.run_telling(line.with(&["-f", "null", "-"]), clip.seconds()?).await?;
    let found = loudness(&said).ok_or_else(|| Failed(format!("{} is silent", clip.name())))?;
    bench.note("loudness_before", found.integrated);
    let filters = if target > LOUDEST_ORDER {
        let louder = target - found.integrated;
        // -1.5 dB as a part of the whole.
        format!("volume={louder:.2}dB,alimiter=limit=0.841:level=false")
    } else {
        format!(
            "{ordered}:measured_I={}:measured_TP={}:measured_LRA={}:measured_thresh={}:offset={}:\
             linear=true",
            found.integrated, found.peak, found.range, found.threshold, found.offset
        )
    };
    // It measures at four times the rate, and would leave it so.
    let sound = Line::default().set("-af", filters).with(&["-ar", "48000"]);
    change(bench, &clip, sound).await
}

/// The figures that `loudnorm` prints last; `None` where there is nothing to hear.
fn loudness(said: &str) -> Option<Loudness> {
    let from = said.rfind('{')?;
    let to = from + said[from..].find('}')? + 1;
    let figures: Value = serde_json::from_str(&said[from..to]).ok()?;
    let figure = |name: &str| -> Option<f64> {
        figures.get(name)?.as_str()?.parse().ok().filter(|figure: &f64| figure.is_finite())
    };
    Some(Loudness {
        integrated: figure("input_i")?,
        peak: figure("input_tp")?,
        range: figure("input_lra")?,
        threshold: figure("input_thresh")?,
        offset: figure("target_offset")?,
    })
}

pub(super) async fn sound(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = film(bench, asked).await?;
    let audio = asked.file("audio").ok_or_else(|| Failed::new("there is no audio"))?;
    let audio = bench.clip(&audio).await?;
    let (film_lasts, sound_lasts) = (clip.seconds()?, audio.seconds()?);
    let is_longer = asked.text("length") == Some("longest") && sound_lasts > film_lasts;
    let seconds = if is_longer { sound_lasts } else { film_lasts };

    let level = asked.number_or("volume", 1.0);
    let own = format!("[0:a:0]{PLAIN_SOUND},apad,atrim=duration={seconds:.3}");
    let new = format!("[1:a:0]{PLAIN_SOUND},volume={level},apad,atrim=duration={seconds:.3}");
    let sound = match (asked.text("mode"), clip.has_sound()) {
        (Some("keep"), true) => {
            bench.note("note", "the film's own sound is kept: the other one is not heard");
            format!("{own}[a]")
        }
        (Some("mix"), true) => format!(
            "{own}[own];{new}[new];\
             [own][new]amix=inputs=2:duration=first:normalize=0,alimiter=limit=0.97:level=false[a]"
        ),
        _ => format!("{new}[a]"),
    };
    let line = Line::default().input(&clip.file).input(&audio.file);
    let line = if is_longer {
        // The last picture stays as long as there is something to hear.
        let more = sound_lasts - film_lasts + 1.0;
        let held = format!(
            "[0:v:0]{},tpad=stop_mode=clone:stop_duration={more:.3},trim=duration={seconds:.3}[v]",
            super::EVEN
        );
        let line = line.set("-filter_complex", format!("{held};{sound}"));
        line.with(&["-map", "[v]", "-map", "[a]"]).h264(bench, super::FINE)?
    } else {
        let line = line.set("-filter_complex", sound).with(&["-map", "0:v:0", "-map", "[a]"]);
        line.same_pictures(bench, &clip)?
    };
    bench.run(line.plain().aac().mp4(FILM), seconds).await?;
    Ok(vec![FILM.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loudness_is_read_from_what_is_said_last_and_silence_has_none() {
        let said = |loud: &str| {
            format!(
                "[Parsed_loudnorm_0 @ 0x5] \n{{\n\t\"input_i\" : \"{loud}\",\n\t\"input_tp\" : \"-3.00\",\n\
                 \t\"input_lra\" : \"1.20\",\n\t\"input_thresh\" : \"-30.1\",\n\
                 \t\"target_offset\" : \"0.10\"\n}}\n"
            )
        };
        let found = loudness(&said("-20.50")).unwrap();
        assert_eq!((found.integrated, found.peak, found.offset), (-20.5, -3.0, 0.1));
        assert!(loudness(&said("-inf")).is_none());
        assert!(loudness("nothing").is_none());
    }
}
