//! What the next order is made of, read from the screen: parameters, brief, draft, price.

use super::draft::Draft;
use super::edit;
use super::screen::{Counted, Screen};
use crate::catalog::Measured;
use crate::domain::{Brief, Params};

impl Screen {
    /// The parameters of the next order, its prompt and this seed among them, as they would be sent.
    pub fn params(&self, seed: Option<i64>) -> Params {
        let mut params = self.settings.params.clone();
        params.insert("prompt".to_owned(), edit::text(&self.prompt).trim().into());
        if let Some(seed) = seed {
            params.insert("seed".to_owned(), seed.into());
        }
        self.settings.model().complete(&params)
    }

    /// The next order's brief with this seed.
    pub fn brief(&self, seed: Option<i64>) -> Brief {
        let spec = self.settings.model();
        Brief {
            provider: self.desk.provider,
            model: spec.id.clone(),
            operation: spec.operation,
            params: self.params(seed),
            inputs: Vec::new(),
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
        self.counted = Counted {
            characters: edit::text(&self.prompt).chars().count(),
            estimate: spec.estimate(&params, &Measured::default()),
            faults: spec.faults(&params, &Vec::new()),
        };
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
