//! The seven parts of a scene's prompt, joined into one.

/// The parts that a prompt may be written in, in the order in which they are joined: who, where, what happens,
/// how the camera moves, the mood, the light, the picture's build.
pub const PARTS: [&str; 7] =
    ["subject", "scene", "motion", "camera", "atmosphere", "lighting", "composition"];

/// One prompt of the parts that are there, each a sentence, in the order of [`PARTS`]. `None` where there is none.
pub fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let sentence = |part: &str| {
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_ended = part.ends_with(['.', '!', '?', '…', '。']);
        if part.is_empty() || is_ended { part } else { format!("{part}.") }
    };
    let sentences: Vec<String> =
        parts.into_iter().map(sentence).filter(|part| !part.is_empty()).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_sentences_of_one_prompt() {
        let check = |parts: &[&str], expected: Option<&str>| {
            assert_eq!(joined(parts.iter().copied()).as_deref(), expected);
        };
        check(&[], None);
        check(&["", "  "], None);
        check(&["a red kite", "over dunes"], Some("a red kite. over dunes."));
        check(&["A kite!", "It\n  climbs."], Some("A kite! It climbs."));
        check(&["龍。", "rain"], Some("龍。 rain."));
    }
}
