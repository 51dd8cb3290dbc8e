//! What the next order is made of, read from the screen: parameters, brief, draft, price.

use std::collections::HashSet;

use super::action::Action;
use super::draft::Draft;
use super::edit;
use super::keymap::Place;
use super::screen::{Counted, Screen};
use crate::catalog::{Fault, ParamKind};
use crate::domain::Brief;
use crate::domain::batch::{Pattern, TooManyRows};
use crate::domain::brief::Source;
use crate::domain::text::printable;

use super::batch::rows::{self, OrderRows};
use super::form::rows::root;

impl Screen {
    /// The brief of the next order's first row with this seed.
    pub fn brief(&self, seed: Option<i64>) -> Brief {
        let spec = self.settings.model();
        let mut params = self.settings.params.clone();
        for (key, pattern) in self.settings.patterns() {
            if spec.param(&key).is_some_and(|it| matches!(it.kind, ParamKind::Text { .. })) {
                params.insert(key, pattern.first().into());
            }
        }
        let text = Pattern::read(edit::text(&self.prompt).trim()).first().trim().to_owned();
        // A model that can do without is not sent an empty one, which would be another thing than none.
        if let Some(words) = spec.words()
            && (words.required || !text.is_empty())
        {
            params.insert(words.key.clone(), text.into());
        }
        if let Some(seed) = seed {
            params.insert("seed".to_owned(), seed.into());
        }
        Brief {
            provider: spec.provider_for(self.desk.provider),
            model: spec.id.clone(),
            operation: spec.operation,
            params: spec.complete(&params),
            inputs: self.settings.inputs.clone(),
            project: self.desk.project.clone(),
            tags: Vec::new(),
            parent: self.parent,
            scene: None,
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
            several: self.settings.several.clone(),
            parent: self.parent,
        }
    }

    /// Counts everything that follows the draft.
    pub fn count(&mut self) {
        self.recount();
    }

    /// The same; the rows of the order come back, unless they are too many.
    pub fn recount(&mut self) -> Option<OrderRows> {
        self.count_at = None;
        let pattern = Pattern::read(edit::text(&self.prompt).trim());
        let found = rows::rows(self);
        let mut faults = self.file_faults();
        let (estimate, total, count) = match &found {
            Ok(order) => {
                let count = u64::try_from(order.rows.len()).unwrap_or(u64::MAX);
                self.row_faults(order, &mut faults);
                (order.each(), order.total(), count)
            }
            Err(many) => {
                let hint = Some(TooManyRows::HINT.to_owned());
                let field = self.settings.model().words_key().unwrap_or_default().to_owned();
                faults.push(Fault { field, message: many.to_string(), hint });
                let brief = self.brief(self.settings.seed);
                let measured = self.files.measured(&brief.inputs);
                let each = self.settings.model().estimate(&brief.params, &measured);
                (each, None, many.rows)
            }
        };
        self.counted = Counted {
            characters: pattern.longest(),
            variants: pattern.count(),
            rows: count,
            estimate,
            total,
            faults,
        };
        self.follow_price();
        found.ok()
    }

    /// What is wrong with any of the rows, each fault once.
    fn row_faults(&self, order: &OrderRows, faults: &mut Vec<Fault>) {
        let chosen = self.settings.model();
        let mut told = HashSet::new();
        let mut spec = chosen;
        for row in &order.rows {
            if spec.id != row.brief.model {
                spec = self.settings.find(&row.brief.model).unwrap_or(chosen);
            }
            // A seed that is fixed is judged with the row that has it.
            let seeded = order.first_params(row);
            for fault in spec.faults(&seeded, &row.brief.inputs) {
                let fault = if spec.id == chosen.id {
                    self.said_here(fault)
                } else {
                    // The form shows another model.
                    let message = format!("{}: {}", printable(&spec.name), fault.message);
                    Fault { message, ..fault }
                };
                if told.insert((fault.field.clone(), fault.message.clone())) {
                    faults.push(fault);
                }
            }
        }
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
