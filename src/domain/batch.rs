//! Batches: `{a|b}` in a text, and several values of anything, multiplied into the rows of one order.
//!
//! A group holds alternatives parted by `|`; groups may stand in each other, and several multiply, the last of
//! them changing fastest. Braces without a `|` and braces that nobody closes are letters like any other, and so is
//! whatever stands behind a backslash of `{`, `|`, `}` and `\`. Every text can be read.

use std::fmt;

/// The most rows of one order, its takes counted.
pub const MOST_ROWS: u64 = 1_000;

/// Groups that stand deeper in each other than this are letters: nobody writes so, and a text of nothing but
/// braces is no work.
const MOST_DEEP: usize = 32;

/// A text with its alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Plain(String),
    OneOf(Vec<Pattern>),
}

/// One text that a pattern stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The whole text.
    pub text: String,
    /// What was taken of each group, in reading order; none where there is no choice.
    pub picked: Vec<String>,
}

impl Variant {
    /// A text that is as it is said, braces and all.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), picked: Vec::new() }
    }

    /// What tells it from the others: what was taken, else all of it.
    fn label(&self) -> String {
        if self.picked.is_empty() {
            return named(&self.text).to_owned();
        }
        self.picked.iter().map(|picked| named(picked)).collect::<Vec<_>>().join(", ")
    }
}

/// An empty alternative has to be called something.
fn named(text: &str) -> &str {
    if text.trim().is_empty() { "(nothing)" } else { text.trim() }
}

impl Pattern {
    /// Reads a text.
    pub fn read(text: &str) -> Self {
        /// A group that is open: its alternatives so far.
        type Open = Vec<Vec<Part>>;

        let mut open: Vec<Open> = vec![vec![vec![]]];
        let mut letters = String::new();
        for token in tokens(text) {
            if let Token::Letter(letter) = token {
                letters.push(letter);
                continue;
            }
            let Some(group) = open.last_mut() else { continue };
            if let Some(parts) = group.last_mut().filter(|_| !letters.is_empty()) {
                parts.push(Part::Plain(std::mem::take(&mut letters)));
            }
            match token {
                Token::Open => open.push(vec![vec![]]),
                Token::Bar => group.push(vec![]),
                _ => {
                    let closed = open.pop().unwrap_or_default().into_iter().map(Self).collect();
                    let parts = open.last_mut().and_then(|group| group.last_mut());
                    if let Some(parts) = parts {
                        parts.push(Part::OneOf(closed));
                    }
                }
            }
        }
        let mut parts = open.pop().and_then(|mut whole| whole.pop()).unwrap_or_default();
        if !letters.is_empty() {
            parts.push(Part::Plain(letters));
        }
        Self(parts)
    }

    /// How many texts it stands for, without making them. More than can be counted is the most that can.
    pub fn count(&self) -> u64 {
        let of = |part: &Part| match part {
            Part::Plain(_) => 1,
            Part::OneOf(others) => others.iter().map(Self::count).fold(0, u64::saturating_add),
        };
        self.0.iter().map(of).fold(1, u64::saturating_mul)
    }

    /// The characters of its longest text, without making it.
    pub fn longest(&self) -> usize {
        let of = |part: &Part| match part {
            Part::Plain(text) => text.chars().count(),
            Part::OneOf(others) => others.iter().map(Self::longest).max().unwrap_or(0),
        };
        self.0.iter().map(of).sum()
    }

    /// The first of its texts.
    pub fn first(&self) -> String {
        let of = |part: &Part| match part {
            Part::Plain(text) => text.clone(),
            Part::OneOf(others) => others.first().map(Self::first).unwrap_or_default(),
        };
        self.0.iter().map(of).collect()
    }

    /// Every text it stands for, in reading order. Whoever asks has looked at [`Self::count`].
    pub fn variants(&self) -> Vec<Variant> {
        let mut variants = vec![Variant::plain("")];
        for part in &self.0 {
            match part {
                Part::Plain(text) => {
                    for variant in &mut variants {
                        variant.text.push_str(text);
                    }
                }
                Part::OneOf(others) => {
                    let others: Vec<_> = others.iter().flat_map(Self::variants).collect();
                    let with = |so_far: &Variant, other: &Variant| {
                        let mut picked = so_far.picked.clone();
                        picked.push(other.text.clone());
                        Variant { text: format!("{}{}", so_far.text, other.text), picked }
                    };
                    variants = variants
                        .iter()
                        .flat_map(|so_far| others.iter().map(move |other| with(so_far, other)))
                        .collect();
                }
            }
        }
        variants
    }
}

/// The text that is read as this one and nothing else.
pub fn escaped(text: &str) -> String {
    let read = Pattern::read(text);
    if read.count() == 1 && read.first() == text {
        return text.to_owned();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_sign(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

fn is_sign(letter: char) -> bool {
    matches!(letter, '{' | '|' | '}' | '\\')
}

#[derive(Clone, Copy)]
enum Token {
    Letter(char),
    Open,
    Bar,
    Close,
}

/// The text in letters and what is more than a letter: braces and bars of groups that are whole.
fn tokens(text: &str) -> Vec<Token> {
    /// A pair of braces: where it opens and closes, its bars, and how deep it stands.
    struct Pair {
        at: usize,
        bars: Vec<usize>,
    }

    let mut tokens = Vec::with_capacity(text.len());
    let mut open: Vec<Pair> = Vec::new();
    let mut whole: Vec<(Pair, usize)> = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let at = tokens.len();
        tokens.push(Token::Letter(letter));
        match letter {
            '\\' => {
                if let Some(sign) = letters.next_if(|next| is_sign(*next)) {
                    tokens[at] = Token::Letter(sign);
                }
            }
            '{' => open.push(Pair { at, bars: Vec::new() }),
            '|' => {
                if let Some(pair) = open.last_mut() {
                    pair.bars.push(at);
                }
            }
            '}' => whole.extend(open.pop().map(|pair| (pair, at))),
            _ => {}
        }
    }
    // What was never closed is letters, but the bars behind it may be those of the pair around it: only bars of
    // the pair itself count, so that no brace that somebody forgot cuts another group in two.
    whole.retain(|(pair, _)| !pair.bars.is_empty());
    whole.sort_unstable_by_key(|(pair, _)| pair.at);
    let mut ends: Vec<usize> = Vec::new();
    for (pair, end) in whole {
        ends.retain(|around| *around > pair.at);
        if ends.len() >= MOST_DEEP {
            continue;
        }
        ends.push(end);
        tokens[pair.at] = Token::Open;
        tokens[end] = Token::Close;
        for bar in pair.bars {
            tokens[bar] = Token::Bar;
        }
    }
    tokens
}

/// One thing that differs between rows, with everything it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// What it is called in a list: `prompt`, `model`, a parameter.
    pub name: String,
    /// Its values as they are said, in order; never none.
    pub values: Vec<Variant>,
}

impl Axis {
    /// An axis of values that are as they are said.
    pub fn plain<T: Into<String>>(name: &str, values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter().map(Variant::plain).collect();
        Self { name: name.to_owned(), values }
    }

    /// An axis of all texts that these patterns stand for, or how many that would be.
    pub fn read(name: &str, patterns: &[Pattern]) -> Result<Self, TooManyRows> {
        let count = patterns.iter().map(Pattern::count).fold(0, u64::saturating_add);
        few(count)?;
        let values = patterns.iter().flat_map(|pattern| {
            let mut variants = pattern.variants();
            if patterns.len() > 1 && variants.len() > 1 {
                // Beside other patterns, what was taken of this one alone does not say which it is.
                for variant in &mut variants {
                    variant.picked.clear();
                }
            }
            variants
        });
        Ok(Self { name: name.to_owned(), values: values.collect() })
    }
}

/// One row: which value of each axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(Vec<usize>);

impl Row {
    /// Which value it has on the axis at this place.
    pub fn at(&self, axis: usize) -> usize {
        self.0[axis]
    }

    /// Its values on those axes where rows differ, by the name of the axis.
    pub fn picked<'a>(&'a self, axes: &'a [Axis]) -> impl Iterator<Item = (&'a str, &'a Variant)> {
        let values = axes.iter().zip(&self.0).filter(|(axis, _)| axis.values.len() > 1);
        values.map(|(axis, at)| (axis.name.as_str(), &axis.values[*at]))
    }

    /// What tells it from the other rows: `prompt: storm light · duration: 10`.
    pub fn words(&self, axes: &[Axis]) -> String {
        let words = self.picked(axes).map(|(name, value)| format!("{name}: {}", value.label()));
        words.collect::<Vec<_>>().join(" · ")
    }
}

/// Every combination of these axes' values, the last axis changing fastest; each row `takes` times.
pub fn rows(axes: &[Axis], takes: u32) -> Result<Vec<Row>, TooManyRows> {
    let counts = axes.iter().map(|axis| u64::try_from(axis.values.len()).unwrap_or(u64::MAX));
    few(counts.fold(u64::from(takes), u64::saturating_mul))?;
    let mut rows = vec![Row(Vec::with_capacity(axes.len()))];
    for axis in axes {
        let with = |row: &Row, at: usize| Row(row.0.iter().copied().chain([at]).collect());
        rows = rows
            .iter()
            .flat_map(|row| (0..axis.values.len()).map(move |at| with(row, at)))
            .collect();
    }
    Ok(rows)
}

/// `Err` where so many rows are too many for one order.
pub fn few(rows: u64) -> Result<(), TooManyRows> {
    if rows > MOST_ROWS { Err(TooManyRows { rows }) } else { Ok(()) }
}

/// More rows than one order may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyRows {
    /// So many, its takes counted; the largest number where it is more.
    pub rows: u64,
}

impl TooManyRows {
    /// What to do about it.
    pub const HINT: &str =
        "take some alternatives or values out, or order them one after the other";
}

impl fmt::Display for TooManyRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows;
        let more = if rows == u64::MAX { "more than " } else { "" };
        write!(f, "that would be {more}{rows} takes; one order has at most {MOST_ROWS}")
    }
}

impl std::error::Error for TooManyRows {}

/// The seed of a take where a row's seed was given: the given one, then numbers above all that were given, so
/// that no two takes of an order are the same one paid twice.
pub fn seed(given: &[i64], at: usize, take: u32) -> i64 {
    let Some(seed) = given.get(at).copied().filter(|_| !given.is_empty()) else { return 0 };
    if take == 0 {
        return seed;
    }
    let most = given.iter().copied().max().unwrap_or(seed);
    let count = i64::try_from(given.len()).unwrap_or(i64::MAX);
    let round = i64::from(take - 1).saturating_mul(count);
    let place = i64::try_from(at).unwrap_or_default().saturating_add(1);
    most.saturating_add(round).saturating_add(place)
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
