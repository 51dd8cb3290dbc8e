//! What can be made here, by the model of the order.

mod assemble;
mod cut;
mod export;
mod lettering;
mod noise;
mod shape;
mod steady;
mod volume;
mod weight;

use super::asked::Asked;
use super::bench::{Bench, Clip, Failed, Line};
use super::orders::Written;

/// Square pixels and even sides, as H.264 in its usual form needs them.
const EVEN: &str = "scale=trunc(iw*sar/2)*2:trunc(ih/2)*2,setsar=1";

/// Sound that fits every joint: 48 kHz, two channels, without gaps, from the first moment on.
const PLAIN_SOUND: &str = "aresample=48000:async=1:first_pts=0,\
                           aformat=sample_fmts=fltp:channel_layouts=stereo";

/// The name of the film that comes out.
const FILM: &str = "take.mp4";

/// How fine pictures are encoded: x264's own scale, smaller is finer.
const FINE: u32 = 18;

/// Makes what was ordered; gives the names of the files, within the order's folder.
pub(super) async fn make(bench: &mut Bench, order: &Written) -> Result<Vec<String>, Failed> {
    let asked = Asked(&order.params);
    if let Ok(tools) = bench.tools() {
        let version = tools.version.clone();
        bench.note("ffmpeg", version);
    }
    match order.model.as_str() {
        "local/trim" => cut::trim(bench, asked).await,
        "local/speed" => cut::speed(bench, asked).await,
        "local/frame" => cut::frame(bench, asked).await,
        "local/format" => shape::format(bench, asked).await,
        "local/aspect" => shape::aspect(bench, asked).await,
        "local/scale" => shape::scale(bench, asked).await,
        "local/compress" => weight::compress(bench, asked).await,
        "local/volume" => volume::volume(bench, asked).await,
        "local/normalise" => volume::normalise(bench, asked).await,
        "local/sound" => volume::sound(bench, asked).await,
        "local/denoise" => noise::denoise(bench, asked).await,
        "local/stabilise" => steady::stabilise(bench, asked).await,
        "local/text" => lettering::text(bench, asked).await,
        "local/export" => export::export(bench, asked, order.platform.as_ref()).await,
        "local/assemble" => assemble::assemble(bench, asked).await,
        other => Err(Failed(format!("this machine has no {other}"))),
    }
}

/// The film that is worked on.
async fn film(bench: &Bench, asked: Asked<'_>) -> Result<Clip, Failed> {
    let file = asked.file("video").ok_or_else(|| Failed::new("there is no video"))?;
    bench.clip(&file).await
}

/// A film that has sound to work on.
async fn heard(bench: &Bench, asked: Asked<'_>) -> Result<Clip, Failed> {
    let clip = film(bench, asked).await?;
    if !clip.has_sound() {
        return Err(Failed(format!("{} has no sound", clip.name())));
    }
    Ok(clip)
}

impl Line {
    /// H.264 as fine as that.
    fn h264(self, bench: &Bench, fine: u32) -> Result<Self, Failed> {
        let tools = bench.tools()?;
        let line = match tools.h264() {
            Some("libx264") => {
                self.with(&["-c:v", "libx264", "-preset", "medium"]).set("-crf", fine.to_string())
            }
            // It knows no measure of quality, only a weight: half of it for each six steps of the other's.
            Some(other) => {
                let kilobits = 12_000 >> (fine.saturating_sub(14) / 6);
                self.with(&["-c:v", other]).set("-b:v", format!("{kilobits}k"))
            }
            None => return Err(Failed::new("the ffmpeg here was built without an H.264 encoder")),
        };
        Ok(line.with(&["-pix_fmt", "yuv420p"]))
    }

    /// H.264 of so many kilobits a second.
    fn h264_of_weight(self, bench: &Bench, kilobits: f64) -> Result<Self, Failed> {
        let none = || Failed::new("the ffmpeg here was built without an H.264 encoder");
        let encoder = bench.tools()?.h264().ok_or_else(none)?;
        let line = self.with(&["-c:v", encoder]).set("-b:v", format!("{kilobits:.0}k"));
        let line = if encoder == "libx264" { line.with(&["-preset", "medium"]) } else { line };
        Ok(line.with(&["-pix_fmt", "yuv420p"]))
    }

    /// The pictures as they are where an MP4 file takes them, else H.264.
    fn same_pictures(self, bench: &Bench, clip: &Clip) -> Result<Self, Failed> {
        if !clip.is_mp4_picture() {
            return self.set("-vf", EVEN).h264(bench, FINE);
        }
        let line = self.with(&["-c:v", "copy"]);
        let is_hevc = clip.facts.codec.as_deref() == Some("hevc");
        Ok(if is_hevc { line.with(&["-tag:v", "hvc1"]) } else { line })
    }

    fn aac(self) -> Self {
        self.with(&["-c:a", "aac", "-b:a", "192k"])
    }

    /// The first picture and the first sound of the first input, nothing else of it.
    fn first_tracks(self) -> Self {
        self.with(&["-map", "0:v:0", "-map", "0:a:0?"]).plain()
    }

    /// Nothing that a camera or another program wrote about the film.
    fn plain(self) -> Self {
        self.with(&["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"])
    }

    /// Writes an MP4 file that plays before all of it is there.
    fn mp4(self, name: &str) -> Self {
        self.with(&["-movflags", "+faststart", "-f", "mp4", name])
    }
}

/// A number as `ffmpeg` reads it, and as a person does: at most three decimals.
fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
