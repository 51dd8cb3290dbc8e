//! What the next order is made of, read from the screen: parameters, brief, draft, price.

use super::action::Action;
use super::draft::Draft;
use super::edit;
use super::keymap::Place;
use super::screen::{Counted, Screen};
use crate::catalog::Fault;
use crate::domain::brief::Source;
use crate::domain::{Brief, Params};

use super::form::rows::root;

impl Screen {
    /// The parameters of the next order, its prompt and this seed among them, as they would be sent.
    pub fn params(&self, seed: Option<i64>) -> Params {
        let mut params = self.settings.params.clone();
        let text = edit::text(&self.prompt).trim().to_owned();
        // A model that can do without is not sent an empty one, which would be another thing than none.
        if let Some(words) = self.settings.model().words()
            && (words.required || !text.is_empty())
        {
            params.insert(words.key.clone(), text.into());
        }
        if let Some(seed) = seed {
            params.insert("seed".to_owned(), seed.into());
        }
        self.settings.model().complete(&params)
    }

    /// The next order's brief with this seed.
    pub fn brief(&self, seed: Option<i64>) -> Brief {
        let spec = self.settings.model();
        Brief {
            provider: spec.provider_for(self.desk.provider),
            model: spec.id.clone(),
            operation: spec.operation,
            params: self.params(seed),
            inputs: self.settings.inputs.clone(),
            project: self.desk.project.clone(),
            tags: Vec::new(),
            parent: self.parent,
        }
    }

    /// Everything in the editor and its settings.
    pub fn draft(&self) -> Draft {
        Draft {
            prompt: edit::text(&self.prompt),
            model: self.settings.model().id.clone(),
            params: self.settings.params.clone(),
            inputs: self.settings.inputs.clone(),
            seed: self.settings.seed,
            takes: self.settings.takes,
            parent: self.parent,
        }
    }

    /// Counts everything that follows the draft.
    pub fn count(&mut self) {
        self.count_at = None;
        let params = self.params(self.settings.seed);
        let spec = self.settings.model();
        let inputs = &self.settings.inputs;
        let mut faults = self.file_faults();
        faults.extend(spec.faults(&params, inputs).into_iter().map(|fault| self.said_here(fault)));
        self.counted = Counted {
            characters: edit::text(&self.prompt).chars().count(),
            estimate: spec.estimate(&params, &self.files.measured(inputs)),
            faults,
        };
        self.follow_price();
    }

    /// A fault as it is told on a screen: a file is not given by an option here.
    fn said_here(&self, fault: Fault) -> Fault {
        let is_missing = self.settings.model().input(&fault.field).is_some()
            && self.settings.given(&fault.field).next().is_none();
        match self.keymap.key(&[Place::Settings], Action::Choose).filter(|_| is_missing) {
            Some(key) => {
                let hint = format!("{key} on its row chooses one; a path can be pasted there");
                Fault { hint: Some(hint), ..fault }
            }
            None => fault,
        }
    }

    /// What is wrong with the files themselves, as far as they were looked at.
    fn file_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for input in &self.settings.model().inputs {
            for (nth, source) in self.settings.given(&input.key).enumerate() {
                let field = self.settings.file_key(input, nth);
                faults.extend(self.files.faults(input, &field, source));
            }
        }
        faults
    }

    /// The faults that are shown: of what somebody has seen to, and of everything once it was to be ordered.
    pub fn shown_faults(&self) -> Vec<&Fault> {
        let is_shown = |fault: &&Fault| self.tried || self.settings.is_touched(root(&fault.field));
        let misread = self.settings.misread.iter();
        misread.chain(self.counted.faults.iter().filter(is_shown)).collect()
    }

    /// The files whose facts the form shows.
    pub fn given_files(&self) -> impl Iterator<Item = &Source> {
        self.settings.inputs.iter().map(|(_, source)| source)
    }

    /// A new seed that every model takes: 31 bits.
    pub fn new_seed(&mut self) -> i64 {
        // SplitMix64: a step of a fixed odd number, then the bits are stirred.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((bits ^ (bits >> 31)) >> 33).unwrap_or_default()
    }
}
