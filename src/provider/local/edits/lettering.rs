//! Words on the picture. They go through a file, so that no letter of them is ever read as an order.

use super::{EVEN, film, shape, short};
use crate::media::FONT;
use crate::provider::local::asked::Asked;
use crate::provider::local::bench::{Bench, Failed};

pub(super) async fn text(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let clip = film(bench, asked).await?;
    let words = asked.text("text").ok_or_else(|| Failed::new("there are no words"))?;
    std::fs::write(bench.folder.join("words.txt"), words)?;
    std::fs::write(bench.folder.join("font.ttf"), FONT)?;
    let filters = format!("{EVEN},{}", drawn(asked, clip.seconds()?)?);
    shape::again(bench, &clip, filters).await
}

fn drawn(asked: Asked<'_>, length: f64) -> Result<String, Failed> {
    let size = asked.number_or("size", 48.0);
    let colour = asked.text("colour").unwrap_or("white");
    let (x, y) = place(asked.text("position").unwrap_or("bottom"));
    let mut parts = vec![format!(
        "drawtext=fontfile=font.ttf:textfile=words.txt:expansion=none:fontsize={size:.0}:\
         fontcolor={colour}:x={x}:y={y}"
    )];
    if asked.is_on("box") {
        let border = (size / 4.0).ceil();
        parts.push(format!("box=1:boxcolor=black@0.5:boxborderw={border:.0}"));
    }
    let (from, to) = (asked.number("from"), asked.number("to"));
    if from.is_some() || to.is_some() {
        let (from, to) = (from.unwrap_or(0.0), to.unwrap_or(length));
        if to <= from || from >= length {
            return Err(Failed(format!(
                "from {} s to {} s is no part of a film that lasts {} s",
                short(from),
                short(to),
                short(length)
            )));
        }
        parts.push(format!("enable='between(t,{},{})'", short(from), short(to)));
    }
    Ok(parts.join(":"))
}

/// Where the words stand; a twentieth of the height stays free at the edges.
fn place(position: &str) -> (&'static str, &'static str) {
    let (top, bottom) = ("h/20", "h-text_h-h/20");
    let (left, middle, right) = ("h/20", "(w-text_w)/2", "w-text_w-h/20");
    match position {
        "top" => (middle, top),
        "top-left" => (left, top),
        "top-right" => (right, top),
        "center" => (middle, "(h-text_h)/2"),
        "bottom-left" => (left, bottom),
        "bottom-right" => (right, bottom),
        _ => (middle, bottom),
    }
}
