//! A shaking camera held still.

use super::{EVEN, FILM, FINE, film, shape};
use crate::provider::local::asked::Asked;
use crate::provider::local::bench::{Bench, Failed, Line};

pub(super) async fn stabilise(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = film(bench, asked).await?;
    if !bench.tools()?.has("vidstabtransform") {
        bench.note("note", "the ffmpeg here has no vidstab: done with deshake, without smoothing");
        return shape::again(bench, &clip, format!("deshake,{EVEN}")).await;
    }
    bench.steps(2);
    let seconds = clip.seconds()?;
    let find = "vidstabdetect=stepsize=6:shakiness=10:accuracy=15:result=shake.trf";
    let line = Line::default().input(&clip.file).with(&["-map", "0:v:0", "-vf", find]);
    bench.run(line.with(&["-f", "null", "-"]), seconds).await?;
    let smoothing = asked.number_or("smoothing", 10.0);
    let hold = format!("vidstabtransform=input=shake.trf:smoothing={smoothing:.0},{EVEN}");
    let line = Line::default().input(&clip.file).first_tracks().set("-vf", hold);
    bench.run(line.h264(bench, FINE)?.aac().mp4(FILM), seconds).await?;
    Ok(vec![FILM.to_owned()])
}
