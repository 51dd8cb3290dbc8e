//! What is known of the files that a model is given: measured behind the screen, kept here by source.

use crate::catalog::{Fault, FileFacts, InputSpec, Measured};
use crate::domain::brief::Source;
use crate::domain::text::printable;
use crate::domain::{Asset, Inputs};

use super::super::text;

/// What is known of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It is being looked at.
    Measuring,
    /// What it is.
    Facts(FileFacts),
    /// Why it cannot be used.
    Wrong(String),
}

/// A file as it was found: where it really is, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The source with its whole path.
    pub source: Source,
    /// What was measured.
    pub facts: FileFacts,
}

/// So many files are remembered; a form holds a handful.
const MOST: usize = 256;

/// What is known of every file that was asked about. A handful, so a list does.
#[derive(Debug, Clone, Default)]
pub struct Files(Vec<(Source, Known)>);

impl Files {
    /// What is known of a file; of an address, nothing ever is.
    pub fn get(&self, source: &Source) -> Option<&Known> {
        self.0.iter().find(|(known, _)| known == source).map(|(_, known)| known)
    }

    /// Those of `wanted` that were never asked about: they are asked about now.
    pub fn ask<'a>(&mut self, wanted: impl Iterator<Item = &'a Source>) -> Vec<Source> {
        let mut new = Vec::new();
        for source in wanted {
            if !matches!(source, Source::Url(_) | Source::Awaited) && self.get(source).is_none() {
                if self.0.len() >= MOST {
                    self.0.remove(0);
                }
                self.0.push((source.clone(), Known::Measuring));
                new.push(source.clone());
            }
        }
        new
    }

    /// Those that were looked at before: they are asked about once more; what is known of them stays until
    /// the answer is there.
    pub fn again(&self, wanted: &[Source]) -> Vec<Source> {
        let is_known =
            |source: &&Source| matches!(self.get(source), Some(Known::Facts(_) | Known::Wrong(_)));
        wanted.iter().filter(is_known).cloned().collect()
    }

    /// What came of asking.
    pub fn put(&mut self, source: Source, known: Known) {
        match self.0.iter_mut().find(|(asked, _)| *asked == source) {
            Some((_, place)) => *place = known,
            None => self.0.push((source, known)),
        }
    }

    /// How long it lasts, in milliseconds, where that was measured.
    fn milliseconds(&self, source: &Source) -> Option<u64> {
        match self.get(source)? {
            Known::Facts(facts) => facts.milliseconds,
            Known::Measuring | Known::Wrong(_) => None,
        }
    }

    /// What drives the price of these inputs.
    pub fn measured(&self, inputs: &Inputs) -> Measured {
        Measured::of(inputs, |source| self.milliseconds(source))
    }

    /// Everything that is wrong with a file for this input, under the name that the form gives its row.
    pub fn faults(&self, input: &InputSpec, field: &str, source: &Source) -> Vec<Fault> {
        // Which file it is stands before it in the form.
        let named = |fault: Fault| Fault { field: field.to_owned(), hint: None, ..fault };
        match self.get(source) {
            Some(Known::Facts(facts)) => input.file_faults(facts).into_iter().map(named).collect(),
            Some(Known::Wrong(why)) => {
                let message = format!("{} {why}", input.key);
                vec![Fault { field: field.to_owned(), message, hint: None }]
            }
            Some(Known::Measuring) | None => Vec::new(),
        }
    }
}

/// `1024×1024  1.2 MB`, `12.4 s  0.2 MB`.
pub fn words(facts: &FileFacts) -> String {
    let pixels = facts.pixels.map(|(width, height)| format!("{width}×{height}"));
    let length = facts.milliseconds.map(text::seconds);
    let bytes = Some(text::size(facts.bytes));
    [pixels, length, bytes].into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// What a source is called: a file's name, an address, `take 40`.
pub fn name(source: &Source, assets: &[Asset]) -> String {
    match source {
        Source::File(path) => {
            let name = path.file_name().unwrap_or(path.as_os_str());
            printable(&name.to_string_lossy())
        }
        Source::Url(url) => printable(url),
        Source::Awaited => "made first".to_owned(),
        Source::Asset(id) => match assets.iter().find(|asset| asset.id == *id) {
            Some(asset) if asset.origin.is_some() => format!("take {}", asset.label()),
            Some(asset) => format!("asset {}", asset.label()),
            None => format!("asset {id}"),
        },
    }
}
