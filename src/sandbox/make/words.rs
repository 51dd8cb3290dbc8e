//! Words that are written out of a few: the same ones, and what pictures and films of a style are made of.

use crate::sandbox::plan::Plan;

/// What a prompt gains in each style (the styles of `WaveSpeed`'s prompt optimizers, 2026-03-13).
const STYLES: [(&str, &str); 6] = [
    ("default", "soft evening light, a clear subject before a calm background"),
    ("artistic", "painted in broad strokes, warm against cold colours"),
    ("photographic", "35 mm, shallow depth of field, natural light"),
    ("technical", "sharp from front to back, even light, every part in view"),
    ("anime", "drawn in clean lines, flat colours, a high summer sky"),
    ("realistic", "as it would look on the day, plain light, true colours"),
];

/// The text that comes back; `None` where nothing says that words are to be written out.
pub(super) fn written_out(plan: &Plan) -> Option<String> {
    let (style, mode) = (plan.text("style")?, plan.text("mode")?);
    let gained = STYLES.iter().find(|(name, _)| *name == style).map_or(STYLES[0].1, |(_, it)| it);
    let words = plan.prompt.trim().trim_end_matches(['.', ',']);
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let moves =
        if mode == "video" { ", a slow dolly in while the wind moves everything" } else { "" };
    Some(format!("{first}{}, {gained}{moves}.", letters.as_str()))
}
