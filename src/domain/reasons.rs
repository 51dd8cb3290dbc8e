//! Why a take is rejected, in a word: the letters that say one.

use serde::Deserialize;

/// So many letters a reason has at most: it stands beside a number in a strip of pictures.
pub const LONGEST: usize = 40;

/// A letter and its word.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offered {
    /// The letter.
    pub key: char,
    /// What it says.
    pub word: String,
}

/// Every reason on offer, in the order in which they are offered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    #[serde(default, rename = "reason")]
    all: Vec<Offered>,
}

impl Reasons {
    /// Every one.
    pub fn all(&self) -> &[Offered] {
        &self.all
    }

    /// The word of a letter.
    pub fn word(&self, key: char) -> Option<&str> {
        self.all.iter().find(|offered| offered.key == key).map(|offered| offered.word.as_str())
    }

    /// These with a person's own laid over them: a letter that is there gets the new word, an empty word takes
    /// it away.
    #[must_use]
    pub fn with(mut self, own: Self) -> Self {
        for new in own.all {
            match self.all.iter_mut().find(|known| known.key == new.key) {
                Some(known) => *known = new,
                None => self.all.push(new),
            }
        }
        self.all.retain(|offered| !offered.word.trim().is_empty());
        self
    }

    /// What a person means who says this: the word of a letter, or the word itself. `None` where it is nothing,
    /// or too long.
    pub fn meant(&self, said: &str) -> Option<String> {
        let said = said.trim();
        let mut letters = said.chars();
        if let (Some(key), None) = (letters.next(), letters.next())
            && let Some(word) = self.word(key)
        {
            return Some(word.to_owned());
        }
        let fits = !said.is_empty()
            && said.chars().count() <= LONGEST
            && !said.chars().any(char::is_control);
        fits.then(|| said.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(pairs: &[(char, &str)]) -> Reasons {
        let one = |(key, word): &(char, &str)| Offered { key: *key, word: (*word).to_owned() };
        Reasons { all: pairs.iter().map(one).collect() }
    }

    #[test]
    fn a_persons_own_words_go_before_ours_letter_by_letter() {
        let ours = reasons(&[('w', "warped"), ('f', "flicker")]);
        let both = ours.with(reasons(&[('f', ""), ('w', "melted"), ('k', "wrong kite")]));
        assert_eq!(both, reasons(&[('w', "melted"), ('k', "wrong kite")]));
    }

    #[test]
    fn a_letter_or_a_word_says_why_and_nothing_else_does() {
        let known = reasons(&[('w', "warped")]);
        let check = |said, meant: Option<&str>| assert_eq!(known.meant(said).as_deref(), meant);
        check("w", Some("warped"));
        check(" the string is missing ", Some("the string is missing"));
        check("x", Some("x"));
        check(" ", None);
        check("red\u{1b}[31m", None);
        check(&"long".repeat(20), None);
    }
}
