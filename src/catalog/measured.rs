//! What is known of the files that a run is given, before it is priced.

use std::collections::BTreeMap;

use crate::domain::Inputs;
use crate::domain::brief::Source;

/// What is known of the inputs, by the key they fill: how many there are, and how long they last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured(BTreeMap<String, Files>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Files {
    count: usize,
    /// All of them together. `None` where one of them was not measured.
    milliseconds: Option<u64>,
}

impl Measured {
    /// Everything that a brief gives as files or addresses. `length` answers in milliseconds, `None` where
    /// it is not known (yet), or where there is none to know.
    pub fn of(inputs: &Inputs, length: impl Fn(&Source) -> Option<u64>) -> Self {
        inputs
            .iter()
            .fold(Self::default(), |all, (key, source)| all.with(key.clone(), length(source)))
    }

    /// The same, with an input that lasts this many milliseconds. Several of one key are added up.
    #[must_use]
    pub fn lasting(self, key: impl Into<String>, milliseconds: u64) -> Self {
        self.with(key.into(), Some(milliseconds))
    }

    /// The same, with an input that is given but was not measured, or that has no length: a picture.
    #[must_use]
    pub fn unmeasured(self, key: impl Into<String>) -> Self {
        self.with(key.into(), None)
    }

    fn with(mut self, key: String, milliseconds: Option<u64>) -> Self {
        let files = self.0.entry(key).or_insert(Files { count: 0, milliseconds: Some(0) });
        files.count += 1;
        let sum = files.milliseconds.zip(milliseconds);
        files.milliseconds = sum.map(|(one, other)| one.saturating_add(other));
        self
    }

    /// Whether a file or address fills this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// How many fill it.
    pub(super) fn count(&self, key: &str) -> usize {
        self.0.get(key).map_or(0, |files| files.count)
    }

    /// How long they last together, where that is known.
    pub(super) fn milliseconds(&self, key: &str) -> Option<u64> {
        self.0.get(key).and_then(|files| files.milliseconds)
    }
}
