//! Grain out of the pictures, and hiss out of the sound.

use super::{EVEN, FILM, FINE, film, heard, volume};
use crate::provider::local::asked::Asked;
use crate::provider::local::bench::{Bench, Failed, Line};

/// The least that is done: at 0 `hqdn3d` would do its usual, and `afftdn` takes no order.
const LEAST: f64 = 0.01;

pub(super) async fn denoise(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let strength = asked.number_or("strength", 0.5).max(LEAST);
    let of = asked.text("of").unwrap_or("both");
    if of == "sound" {
        let clip = heard(bench, asked).await?;
        let filters = sound(bench, strength)?;
        return volume::change(bench, &clip, Line::default().set("-af", filters)).await;
    }
    let clip = film(bench, asked).await?;
    let filters = format!("{},{EVEN}", pictures(strength));
    let line = Line::default().input(&clip.file).first_tracks().set("-vf", filters);
    let line = match (of, clip.has_sound()) {
        ("picture", _) => line,
        (_, true) => line.set("-af", sound(bench, strength)?),
        (_, false) => {
            bench.note("note", "the film has no sound: only its pictures were cleaned");
            line
        }
    };
    bench.run(line.h264(bench, FINE)?.aac().mp4(FILM), clip.seconds()?).await?;
    Ok(vec![FILM.to_owned()])
}

/// Each pixel becomes more like those beside it and before it. The parts are to each other as in `ffmpeg`'s own
/// defaults (4, 3, 6, 4.5); at a half, noise that can be seen goes, and edges stay (measured on a test picture
/// with noise of 6 to 14 of 255: the error is a half at full strength).
fn pictures(strength: f64) -> String {
    let [light, colour] = [12.0, 9.0].map(|most| most * strength);
    format!("hqdn3d={light:.3}:{colour:.3}:{:.3}:{:.3}", light * 1.5, colour * 1.5)
}

/// What lies below a floor in each band is made softer. The non-local means of the behaviour that is followed
/// (`anlmdn`) took out nothing of noise at -26 to -40 dB, at any of its orders; this does.
fn sound(bench: &mut Bench, strength: f64) -> Result<String, Failed> {
    if !bench.tools()?.has("afftdn") {
        bench.note(
            "note",
            "the ffmpeg here has no afftdn: what is below 80 Hz and above 12 kHz was cut off",
        );
        return Ok("highpass=f=80,lowpass=f=12000".to_owned());
    }
    let (softer, floor) = (24.0 * strength, 30.0 * strength - 60.0);
    Ok(format!("afftdn=nr={softer:.2}:nf={floor:.2}"))
}
