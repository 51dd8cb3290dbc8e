//! The model view: what is searched for, which models that leaves, which of them is selected.

pub mod areas;
pub mod price;
pub mod words;

use std::collections::{BTreeSet, HashMap};

use self::price::Prices;
use crate::catalog::{Catalog, ModelSpec};
use crate::domain::{ModelId, Operation, ProviderId, Quote};

/// A part of the view that can have the focus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// Every model that was let through.
    #[default]
    List,
    /// Everything about the selected one.
    Facts,
}

/// The state of the view.
#[derive(Debug, Default)]
pub struct Models {
    /// The words that are searched for.
    pub query: String,
    /// Only what does this.
    pub operation: Option<Operation>,
    /// Only what runs there.
    pub provider: Option<ProviderId>,
    /// Only favourites.
    pub only_favourites: bool,
    /// The favourites, those that this catalogue does not know too: they may come back.
    pub favourites: BTreeSet<ModelId>,
    /// The models that are let through, by their place in the catalogue.
    pub shown: Vec<usize>,
    /// The selected one.
    pub at: Option<ModelId>,
    /// The first row in sight.
    pub top: usize,
    /// What keys move.
    pub part: Part,
    /// The first line of the facts in sight.
    pub facts_top: usize,
    /// What was priced so far.
    pub prices: Prices,
    /// Where the provider quotes another price than our rule: the newest quote.
    differences: HashMap<ModelId, Quote>,
    /// The provider is being asked for its list.
    pub refreshing: bool,
}

impl Models {
    /// An untouched view of what this provider runs.
    pub fn new(provider: ProviderId, catalog: &Catalog) -> Self {
        let mut models = Self { provider: Some(provider), ..Self::default() };
        models.list(catalog);
        models
    }

    /// Looks again which models are let through, after anything that decides about it changed. Without words:
    /// favourites first, then by what they do, then by name. With words: what fits best comes first.
    pub fn list(&mut self, catalog: &Catalog) {
        let all = catalog.all();
        let mut shown = if self.query.trim().is_empty() {
            (0..all.len()).collect()
        } else {
            catalog.places(&self.query)
        };
        shown.retain(|place| self.lets_through(&all[*place]));
        if self.query.trim().is_empty() {
            shown.sort_by_cached_key(|place| {
                let spec = &all[*place];
                let name = (spec.name.to_lowercase(), spec.id.clone());
                (!self.is_favourite(&spec.id), spec.operation, name)
            });
        }
        self.shown = shown;
    }

    fn lets_through(&self, spec: &ModelSpec) -> bool {
        self.operation.is_none_or(|operation| spec.operation == operation)
            && self.provider.is_none_or(|provider| spec.is_at_hand(provider))
            && (!self.only_favourites || self.is_favourite(&spec.id))
    }

    /// Remembers a quote that is not what our rule says.
    pub fn differ(&mut self, quote: Quote) {
        self.differences.insert(quote.model.clone(), quote);
    }

    /// The newest quote of a model that is not what our rule says.
    pub fn difference(&self, id: &ModelId) -> Option<&Quote> {
        self.differences.get(id)
    }

    /// Whether it is a favourite.
    pub fn is_favourite(&self, id: &ModelId) -> bool {
        self.favourites.contains(id)
    }

    /// Whether anything but words decides what is shown.
    pub fn is_filtered(&self) -> bool {
        self.operation.is_some() || self.provider.is_some() || self.only_favourites
    }

    /// Where the selected model is in the list; the first where it is not there.
    pub fn place(&self, catalog: &Catalog) -> usize {
        let Some(id) = &self.at else { return 0 };
        let is_it = |place: &usize| catalog.all()[*place].id == *id;
        self.shown.iter().position(is_it).unwrap_or_default()
    }

    /// The selected model.
    pub fn selected<'a>(&self, catalog: &'a Catalog) -> Option<&'a ModelSpec> {
        self.shown.get(self.place(catalog)).map(|place| &catalog.all()[*place])
    }

    /// Selects the model in this row, or in the last.
    pub fn go(&mut self, catalog: &Catalog, row: usize) {
        let place = self.shown.get(row.min(self.shown.len().saturating_sub(1)));
        self.at = place.map(|place| catalog.all()[*place].id.clone());
        self.facts_top = 0;
    }

    /// The next operation that any model does, or the one before; after the last, all of them.
    pub fn turn_operation(&mut self, catalog: &Catalog, by: isize) {
        let is_done =
            |operation: &Operation| catalog.all().iter().any(|spec| spec.operation == *operation);
        let known: Vec<_> = Operation::ALL.into_iter().filter(is_done).collect();
        self.operation = turned(&known, self.operation, by);
    }

    /// The next provider that runs any model, or the one before; after the last, all of them.
    pub fn turn_provider(&mut self, catalog: &Catalog, by: isize) {
        let is_used =
            |provider: &ProviderId| catalog.all().iter().any(|spec| spec.runs_on(*provider));
        let known: Vec<_> = ProviderId::ALL.into_iter().filter(is_used).collect();
        self.provider = turned(&known, self.provider, by);
    }

    /// Makes it a favourite, or not any more; says which.
    pub fn turn_favourite(&mut self, id: &ModelId) -> bool {
        let is_new = self.favourites.insert(id.clone());
        if !is_new {
            self.favourites.remove(id);
        }
        is_new
    }

    /// The favourites as they are kept between runs.
    pub fn kept(&self) -> Option<String> {
        serde_json::to_string(&self.favourites).ok()
    }

    /// Takes the favourites of the last run; what cannot be read is none.
    pub fn recall(&mut self, text: &str) {
        let recalled: BTreeSet<ModelId> = serde_json::from_str(text).unwrap_or_default();
        self.favourites.extend(recalled);
    }
}

/// One further among these, with `None` before the first and after the last.
fn turned<T: Copy + PartialEq>(known: &[T], now: Option<T>, by: isize) -> Option<T> {
    let place = now.and_then(|now| known.iter().position(|it| *it == now)).map_or(0, |at| at + 1);
    let count = isize::try_from(known.len() + 1).unwrap_or(1);
    let next = (isize::try_from(place).unwrap_or_default() + by).rem_euclid(count);
    usize::try_from(next - 1).ok().and_then(|at| known.get(at).copied())
}
