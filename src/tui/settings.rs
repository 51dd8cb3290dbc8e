//! The settings of the next order: the chosen model, what it is given, its parameters, the seed, how many takes.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use tui_textarea::TextArea;

use super::batch::several::Several;
use super::draft::Draft;
use crate::catalog::{Catalog, Fault, ModelSpec};
use crate::domain::brief::Source;
use crate::domain::{Inputs, ModelId, Params, ProviderId};

/// The most takes of one order: enough to choose from, too few to ruin anybody by one key.
pub(super) const MOST_TAKES: u32 = 16;

/// Everything of the next order but its text.
#[derive(Debug, Clone)]
pub struct Settings {
    catalog: Arc<Catalog>,
    /// The service that orders go to: only what it runs is on offer.
    provider: ProviderId,
    pub(super) chosen: Box<ModelSpec>,
    /// What was set, without prompt and seed. The model's defaults are not in here.
    pub params: Params,
    /// The files and addresses that it is given.
    pub inputs: Inputs,
    /// Files that the chosen model has no place for: they come back with a model that has one.
    spare: Inputs,
    /// A fixed seed, or `None` for a new one each time.
    pub seed: Option<i64>,
    /// The last fixed seed, which comes back when *fixed* is chosen again.
    pub(super) last_seed: i64,
    /// How many takes.
    pub takes: u32,
    /// What has several values, and the models beside the chosen one: each a row of the order.
    pub several: Several,
    /// The row under the bar.
    pub at: usize,
    /// The first row in sight.
    pub top: usize,
    /// Whether what is rarely set is shown, too.
    pub all: bool,
    /// A value that is being typed.
    pub editing: Option<TextArea<'static>>,
    /// What was typed and cannot be read.
    pub misread: Option<Fault>,
    /// What somebody has seen to: its faults are shown at once.
    touched: BTreeSet<String>,
}

impl Settings {
    /// The settings of a provider's models, with this one chosen. `None` where the catalogue has it not.
    pub fn new(catalog: Arc<Catalog>, provider: ProviderId, chosen: &ModelId) -> Option<Self> {
        let chosen = Box::new(catalog.find(chosen.as_str()).ok()?.clone());
        Some(Self {
            catalog,
            provider,
            chosen,
            params: Params::new(),
            inputs: Inputs::new(),
            spare: Inputs::new(),
            seed: None,
            last_seed: 1,
            takes: 1,
            several: Several::default(),
            at: 0,
            top: 0,
            all: false,
            editing: None,
            misread: None,
            touched: BTreeSet::new(),
        })
    }

    /// The chosen model.
    pub fn model(&self) -> &ModelSpec {
        &self.chosen
    }

    /// Every model that is known.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// A model by its id.
    pub fn find(&self, id: &ModelId) -> Option<&ModelSpec> {
        self.catalog.find(id.as_str()).ok()
    }

    /// Whether this model can be ordered here: the provider runs it, and it is switched on.
    pub fn offers(&self, spec: &ModelSpec) -> bool {
        spec.is_at_hand(self.provider) && spec.available
    }

    /// Takes a newer catalogue. What was set stays, as far as the model still has it; a model that is gone
    /// stays chosen as it was known.
    pub fn shelve(&mut self, catalog: Arc<Catalog>) {
        self.catalog = catalog;
        if let Ok(spec) = self.catalog.find(self.chosen.id.as_str()) {
            *self.chosen = spec.clone();
            self.keep_what_fits();
        }
    }

    /// Chooses a model; `false` where it is not on offer here. Parameters that it does not have are
    /// forgotten; files go to its inputs of the same kind, and what finds no place waits for a model with one.
    pub fn choose(&mut self, id: &ModelId) -> bool {
        let found = self.find(id).filter(|spec| self.offers(spec)).cloned();
        let Some(spec) = found else { return false };
        if spec.id == self.chosen.id {
            return true;
        }
        let before = std::mem::replace(&mut *self.chosen, spec);
        self.touched.clear();
        self.several.models.retain(|marked| *marked != self.chosen.id);
        self.carry_files(&before);
        self.keep_what_fits();
        true
    }

    /// The models that do the same on this provider, in the order of the catalogue.
    pub(super) fn siblings(&self) -> Vec<&ModelSpec> {
        let alike = |spec: &&ModelSpec| {
            spec.id == self.chosen.id
                || (spec.operation == self.chosen.operation && self.offers(spec))
        };
        self.catalog.all().iter().filter(alike).collect()
    }

    /// Gives the files of another model to this one: by name, else by kind.
    fn carry_files(&mut self, before: &ModelSpec) {
        let files = std::mem::take(&mut self.inputs);
        let files: Vec<_> = files.into_iter().chain(std::mem::take(&mut self.spare)).collect();
        let spec = &self.chosen;
        for (key, source) in files {
            let known = before.input(&key).or_else(|| {
                let mut all = self.catalog.all().iter();
                all.find_map(|spec| spec.input(&key))
            });
            let kind = known.map(|input| input.kind);
            let has_room = |input: &&crate::catalog::InputSpec| {
                self.inputs.iter().filter(|(of, _)| *of == input.key).count() < input.how_many
            };
            let by_name = spec.input(&key).filter(has_room);
            let alike = || {
                let mut alike = spec.inputs.iter().filter(|input| Some(input.kind) == kind);
                alike.find(has_room)
            };
            match by_name.or_else(alike) {
                Some(input) => self.inputs.push((input.key.clone(), source)),
                None => self.spare.push((key, source)),
            }
        }
    }

    /// Whether somebody has seen to the parameter or input of this name.
    pub fn is_touched(&self, key: &str) -> bool {
        self.touched.contains(key)
    }

    pub(super) fn touch(&mut self, key: &str) {
        self.touched.insert(key.to_owned());
    }

    /// Puts a draft's settings in; `false` where its model is not on offer.
    pub fn put(&mut self, draft: &Draft) -> bool {
        let known = self.choose(&draft.model);
        self.params.clone_from(&draft.params);
        self.inputs.clone_from(&draft.inputs);
        self.spare.clear();
        self.seed = draft.seed;
        self.takes = draft.takes.clamp(1, MOST_TAKES);
        self.several.clone_from(&draft.several);
        self.editing = None;
        self.misread = None;
        self.addresses_are_files();
        self.keep_what_fits();
        self.touched = self.params.keys().cloned().collect();
        self.touched.extend(self.inputs.iter().map(|(key, _)| key.clone()));
        known
    }

    /// An address that a brief gave as a parameter is an input like any other.
    fn addresses_are_files(&mut self) {
        for input in &self.chosen.inputs {
            let given = match self.params.shift_remove(&input.key) {
                Some(Value::Array(several)) => several,
                Some(one) => vec![one],
                None => continue,
            };
            let texts = given.iter().filter_map(Value::as_str).filter(|text| !text.is_empty());
            let files = texts.map(|text| (input.key.clone(), Source::Url(text.to_owned())));
            self.inputs.extend(files);
        }
    }

    /// What the model does not have is forgotten.
    fn keep_what_fits(&mut self) {
        let spec = &self.chosen;
        self.params.retain(|key, _| spec.has_param(key));
        self.several.values.retain(|key, _| spec.has_param(key));
        self.inputs.retain(|(key, _)| spec.input(key).is_some());
        self.at = self.at.min(self.rows().len() - 1);
    }
}
