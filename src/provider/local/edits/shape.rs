//! Another container, another shape, another size.

use super::{EVEN, FILM, FINE, film};
use crate::provider::local::asked::Asked;
use crate::provider::local::bench::{Bench, Clip, Failed, Line};

/// How fine a conversion is: its weight, how long the encoder takes over it (x264's words, then VP9's figure),
/// and how many colours a GIF has.
struct Quality {
    kilobits: u32,
    preset: &'static str,
    haste: u32,
    colours: u32,
}

fn quality(name: Option<&str>) -> Quality {
    match name {
        Some("high") => Quality { kilobits: 5000, preset: "slow", haste: 1, colours: 256 },
        Some("low") => Quality { kilobits: 1000, preset: "fast", haste: 4, colours: 64 },
        _ => Quality { kilobits: 2500, preset: "medium", haste: 2, colours: 128 },
    }
}

pub(super) async fn format(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = film(bench, asked).await?;
    let quality = quality(asked.text("quality"));
    let format = asked.text("format").unwrap_or("mp4");
    let name = format!("take.{format}");
    let line = Line::default().input(&clip.file);
    let line = match format {
        "gif" => {
            let colours = quality.colours;
            let filters = format!(
                "[0:v:0]fps=15,scale=iw*sar:ih:flags=lanczos,setsar=1,split[a][b];\
                 [a]palettegen=max_colors={colours}[palette];[b][palette]paletteuse[v]"
            );
            let line = line.set("-filter_complex", filters).with(&["-map", "[v]", "-an"]);
            line.with(&["-loop", "0", "-f", "gif", &name])
        }
        "webm" => webm(line.first_tracks().set("-vf", EVEN), bench, &quality)?.with(&[&name]),
        container => {
            let line = line.first_tracks().set("-vf", EVEN).h264(bench, FINE)?;
            let is_x264 = bench.tools()?.h264() == Some("libx264");
            let line = if is_x264 { line.with(&["-preset", quality.preset]) } else { line };
            let line = weighed(line, quality.kilobits).aac();
            line.with(&["-movflags", "+faststart", "-f", container, &name])
        }
    };
    bench.run(line, clip.seconds()?).await?;
    Ok(vec![name])
}

/// No finer than it has to be, and no heavier than that.
fn weighed(line: Line, kilobits: u32) -> Line {
    line.set("-maxrate", format!("{kilobits}k")).set("-bufsize", format!("{}k", kilobits * 2))
}

fn webm(line: Line, bench: &Bench, quality: &Quality) -> Result<Line, Failed> {
    vp9(line, bench, quality.kilobits, quality.haste)
}

/// VP9 and Opus, as a `.webm` file has them.
pub(super) fn vp9(line: Line, bench: &Bench, kilobits: u32, haste: u32) -> Result<Line, Failed> {
    for part in ["libvpx-vp9", "libopus"] {
        if !bench.tools()?.has(part) {
            return Err(Failed(format!(
                "the ffmpeg here was built without {part}, which WebM needs"
            )));
        }
    }
    let line = line.with(&["-c:v", "libvpx-vp9", "-row-mt", "1", "-deadline", "good"]);
    let line = line.set("-cpu-used", haste.to_string()).set("-b:v", format!("{kilobits}k"));
    Ok(line.with(&["-pix_fmt", "yuv420p", "-c:a", "libopus", "-b:a", "128k", "-f", "webm"]))
}

pub(super) async fn aspect(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = film(bench, asked).await?;
    let ratio = asked.text("ratio").unwrap_or("16:9");
    let ratio = ratio.replace(':', "/");
    let change = match asked.text("fit") {
        Some("letterbox") => format!(
            "pad=ceil(max(iw\\,ih*{ratio})/2)*2:ceil(max(ih\\,iw/({ratio}))/2)*2:(ow-iw)/2:(oh-ih)/2:black"
        ),
        _ => format!(
            "crop=max(2\\,trunc(min(iw\\,ih*{ratio})/2)*2):max(2\\,trunc(min(ih\\,iw/({ratio}))/2)*2)"
        ),
    };
    again(bench, &clip, format!("{EVEN},{change}")).await
}

pub(super) async fn scale(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = film(bench, asked).await?;
    let (width, height) = match asked.text("resolution") {
        Some("480p") => (854, 480),
        Some("1080p") => (1920, 1080),
        Some("1440p") => (2560, 1440),
        Some("4k") => (3840, 2160),
        _ => (1280, 720),
    };
    let change = if asked.is_on("keep_aspect") {
        // The shorter side is what the name says, as for films that are made.
        format!(
            "scale=if(gte(iw\\,ih)\\,-2\\,{height}):if(gte(iw\\,ih)\\,{height}\\,-2):flags=lanczos"
        )
    } else {
        format!("scale={width}:{height}:flags=lanczos")
    };
    again(bench, &clip, format!("{EVEN},{change},setsar=1")).await
}

/// The whole film through these filters.
pub(super) async fn again(
    bench: &mut Bench,
    clip: &Clip,
    filters: String,
) -> Result<Vec<String>, Failed> {
    let line = Line::default().input(&clip.file).first_tracks().set("-vf", filters);
    let line = line.h264(bench, FINE)?.aac().mp4(FILM);
    bench.run(line, clip.seconds()?).await?;
    Ok(vec![FILM.to_owned()])
}
