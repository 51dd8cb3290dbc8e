//! Search over everything that a model says of itself, quick enough for every key press.

use super::spec::ModelSpec;

/// Every model that fits all words of the query, the best first; among equals by what they do, then in
/// the order of the list.
pub(super) fn search<'a>(models: &'a [ModelSpec], query: &str) -> Vec<&'a ModelSpec> {
    places(models, query).into_iter().map(|place| &models[place]).collect()
}

/// The same as places in the list.
///
/// Letters in the id that stand in this order, others between them, count only where nothing else fits: in
/// eight hundred ids nearly every short word is found that way.
pub(super) fn places(models: &[ModelSpec], query: &str) -> Vec<usize> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return (0..models.len()).collect();
    }
    let scored = |score: fn(&ModelSpec, &str) -> Option<u32>| -> Vec<(u32, usize)> {
        let all = models.iter().enumerate();
        all.filter_map(|(place, spec)| {
            let scores = words.iter().map(|word| score(spec, word));
            Some((scores.sum::<Option<u32>>()?, place))
        })
        .collect()
    };
    let mut found = scored(score);
    if found.is_empty() {
        found = scored(|spec, word| {
            score(spec, word).or_else(|| in_order(spec.id.as_str(), word).then_some(1))
        });
    }
    found.sort_by_key(|(score, place)| (std::cmp::Reverse(*score), models[*place].operation));
    found.into_iter().map(|(_, place)| place).collect()
}

/// How well one word fits: a name it is, begins or is part of, before what is only said in passing.
fn score(spec: &ModelSpec, word: &str) -> Option<u32> {
    let names = || {
        let own = [spec.id.as_str(), spec.name.as_str()];
        own.into_iter().chain(spec.aliases.iter().map(String::as_str))
    };
    let of_names = names().filter_map(|name| part(name, word)).max();
    let of_operation = || part(spec.operation.as_str(), word).map(|score| score / 2);
    let of_provider = || {
        let parts = spec.providers.iter().filter_map(|provider| part(provider.as_str(), word));
        parts.max().map(|score| score / 4)
    };
    let of_about = || part(&spec.about, word).map(|score| score / 4);
    of_names.or_else(of_operation).or_else(of_provider).or_else(of_about)
}

/// Where a word stands in a text: 100 for all of it, 80 from its start or the start of a word, else 40.
fn part(text: &str, word: &str) -> Option<u32> {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let mut best = None;
    for start in 0..=text.len().checked_sub(word.len())? {
        let here = &text[start..start + word.len()];
        if !here.eq_ignore_ascii_case(word) {
            continue;
        }
        if word.len() == text.len() {
            return Some(100);
        }
        let begins = start == 0 || !text[start - 1].is_ascii_alphanumeric();
        best = best.max(Some(if begins { 80 } else { 40 }));
    }
    best
}

/// Whether the letters of a word stand in the text in this order, others between them.
fn in_order(text: &str, word: &str) -> bool {
    let mut letters = text.bytes().map(|byte| byte.to_ascii_lowercase());
    word.bytes().all(|wanted| letters.any(|letter| letter == wanted))
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
