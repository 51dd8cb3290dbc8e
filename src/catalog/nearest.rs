//! The nearest right word to a wrong one, for every "did you mean".

/// The candidate that is nearest to `word`, if any is near enough to have been meant.
///
/// ```
/// use rushes::catalog::nearest::nearest;
/// assert_eq!(nearest("promt", ["prompt", "seed"]), Some("prompt"));
/// assert_eq!(nearest("colour", ["prompt", "seed"]), None);
/// ```
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(word, candidates, 1).into_iter().next()
}

/// Up to `count` candidates that may have been meant, the nearest first.
pub fn near<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<&'a str> {
    let mut ranked: Vec<_> = candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(steps, candidate)| {
            let longer = word.chars().count().max(candidate.chars().count());
            *steps <= (longer / 3).max(1) || (word.len() >= 3 && candidate.contains(word))
        })
        .collect();
    ranked.sort_by_key(|(steps, _)| *steps);
    ranked.into_iter().take(count).map(|(_, candidate)| candidate).collect()
}

/// How many letters have to be put in, taken out or changed, or neighbours swapped. Case is ignored.
pub fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.to_lowercase().chars().collect();
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, wanted) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != wanted);
            let mut best = replaced.min(last[column + 1] + 1).min(line[column] + 1);
            if row > 0
                && column > 0
                && *letter == other[column - 1]
                && one[row - 1] == *wanted
                && let Some(swapped) = before_last.get(column - 1)
            {
                best = best.min(swapped + 1);
            }
            line.push(best);
        }
        before_last = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or_default()
}

/// What serde says of a key that it does not know, with the nearest right key instead of all of them.
///
/// Anything else that it says comes back as it is.
pub fn explain_unknown_key(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let (true, Some(wrong)) = (message.starts_with("unknown field"), quoted.next()) else {
        return message.to_owned();
    };
    match nearest(wrong, quoted) {
        Some(right) => format!("unknown key `{wrong}`; did you mean `{right}`?"),
        None => format!("unknown key `{wrong}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        let check = |one, other, steps| assert_eq!(distance(one, other), steps, "{one} {other}");
        check("", "", 0);
        check("seed", "", 4);
        check("Seed", "seed", 0);
        check("promt", "prompt", 1);
        check("prmopt", "prompt", 1);
        check("kitten", "sitting", 3);
    }

    #[test]
    fn only_what_may_have_been_meant_is_offered() {
        assert_eq!(near("hunyan", ["hunyuan-video-1.5", "wan"], 3), Vec::<&str>::new());
        assert_eq!(near("hunyuan", ["wan", "x/hunyuan-video"], 3), vec!["x/hunyuan-video"]);
        assert_eq!(near("dura", ["duration", "during", "seed"], 1), vec!["duration"]);
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        assert_eq!(
            explain_unknown_key("unknown field `kindd`, expected one of `key`, `kind`, `of`"),
            "unknown key `kindd`; did you mean `kind`?"
        );
        assert_eq!(explain_unknown_key("missing field `id`"), "missing field `id`");
    }
}
