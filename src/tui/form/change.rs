//! What a person changes in the form: a step to the next value, a typed one, items that come, go and move.

use serde_json::Value;

use super::super::edit;
use super::super::settings::{MOST_TAKES, Settings};
use super::paths;
use super::rows::{What, input_of};
use super::spot::{Spot, Step, blank};
use super::widget;
use crate::catalog::{Fault, ParamKind, plain};
use crate::domain::Inputs;
use crate::domain::brief::Source;

/// What `Enter` on a row asks for beyond the form itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    /// Nothing: it is done.
    Nothing,
    /// The picker of files.
    Picker,
    /// The list of very many choices.
    Chooser(Spot),
    /// The person's own editor, with this text.
    Editor(String),
}

impl Settings {
    /// Moves the value of the row under the bar by one choice.
    pub fn step(&mut self, by: i64) {
        match self.row().what {
            What::Model => {
                let siblings = self.siblings();
                let at = siblings.iter().position(|spec| spec.id == self.model().id);
                let next = widget::moved(at.unwrap_or_default(), by, siblings.len());
                if let Some(id) = siblings.get(next).map(|spec| spec.id.clone()) {
                    self.choose(&id);
                }
            }
            What::Value(spot) => self.step_value(&spot, by),
            What::Seed if self.several.values.remove("seed").is_some() => {}
            What::Seed => match self.seed.take() {
                Some(seed) => self.last_seed = seed,
                None => self.seed = Some(self.last_seed),
            },
            What::Takes => {
                let takes = i64::from(self.takes) + by;
                self.takes =
                    u32::try_from(takes.clamp(1, i64::from(MOST_TAKES))).unwrap_or(self.takes);
            }
            What::File { .. } | What::List(_) | What::Add(_) | What::Group(_) | What::More(_) => {}
        }
    }

    fn step_value(&mut self, spot: &Spot, by: i64) {
        let mut param = spot.spec(self.model()).into_owned();
        let allowed = self.allowed(spot);
        if let ParamKind::Choice { of } = &mut param.kind {
            *of = allowed;
        }
        let now = self.value_at(spot);
        if let Some(next) = widget::stepped(&param, now.as_ref(), by) {
            self.set(spot, Some(next));
        }
    }

    /// Sets a value, or takes it away. Somebody has seen to it now: its faults are shown.
    pub fn set(&mut self, spot: &Spot, value: Option<Value>) {
        // What an item is in is the default until it is changed: then it is a value like any other.
        let whole = Spot::of(spot.param);
        let model = &self.chosen;
        if !spot.steps.is_empty() && whole.get(model, &self.params).is_none() {
            let default = model.params[spot.param].default.clone();
            whole.set(model, &mut self.params, default);
        }
        spot.set(model, &mut self.params, value);
        let key = model.params[spot.param].key.clone();
        self.several.values.remove(&key);
        self.touch(&key);
    }

    /// What `Enter` does on the row under the bar.
    pub fn open(&mut self) -> Opens {
        match self.row().what {
            What::File { .. } => return Opens::Picker,
            What::Model => self.step(1),
            What::List(spot) | What::Add(spot) => self.add_to(&spot),
            What::More(_) => self.all = true,
            What::Value(spot) => {
                let param = spot.spec(self.model());
                let is_closed = matches!(param.kind, ParamKind::Choice { .. } | ParamKind::Switch);
                let count = self.allowed(&spot).len();
                if is_closed && count > widget::MANY {
                    return Opens::Chooser(spot);
                }
                if is_closed {
                    self.step(1);
                } else {
                    return self.begin();
                }
            }
            What::Seed | What::Takes => return self.begin(),
            What::Group(_) => {}
        }
        Opens::Nothing
    }

    /// Begins to type a value for the row under the bar.
    pub fn begin(&mut self) -> Opens {
        let row = self.row();
        if let Some(several) = self.several.values.get(&row.key) {
            self.editing = Some(edit::field(several));
            return Opens::Nothing;
        }
        let text = match row.what {
            What::Model | What::List(_) | What::Add(_) | What::Group(_) | What::More(_) => {
                return Opens::Nothing;
            }
            What::Value(spot) => match self.value_at(&spot).as_ref().map(plain) {
                // In a field of one line its lines would be lost.
                Some(text) if text.contains('\n') => return Opens::Editor(text),
                text => text.unwrap_or_default(),
            },
            What::File { input, nth } => {
                let key = &self.model().inputs[input].key;
                self.given(key).nth(nth).map(paths::typed).unwrap_or_default()
            }
            What::Seed => self.seed.map_or(String::new(), |seed| seed.to_string()),
            What::Takes => self.takes.to_string(),
        };
        self.editing = Some(edit::field(&text));
        Opens::Nothing
    }

    /// Whether a digit begins to type a value in the row under the bar.
    pub fn takes_digits(&self) -> bool {
        match self.row().what {
            What::Seed | What::Takes => true,
            What::Value(spot) => {
                let closed =
                    |kind: &ParamKind| matches!(kind, ParamKind::Choice { .. } | ParamKind::Switch);
                !closed(&spot.spec(self.model()).kind)
            }
            _ => false,
        }
    }

    /// Takes what was typed. An empty text takes the value away: the model's default, or a random seed. What
    /// cannot be read stays where it is typed, with what is wrong beside it.
    pub fn finish(&mut self) {
        let Some(field) = self.editing.take() else { return };
        let text = edit::text(&field).trim().to_owned();
        match self.take_text(&text) {
            Ok(()) => self.misread = None,
            Err(fault) => (self.misread, self.editing) = (Some(fault), Some(field)),
        }
    }

    /// Sets the row under the bar to what this text says.
    pub fn take_text(&mut self, text: &str) -> Result<(), Fault> {
        let row = self.row();
        if self.take_several(&row, text)? {
            return Ok(());
        }
        if row.what == What::Seed {
            self.several.values.remove("seed");
        }
        let wrong = |message: &str| {
            Err(Fault { field: row.key.clone(), message: message.to_owned(), hint: None })
        };
        match &row.what {
            What::Seed if text.is_empty() => self.seed = None,
            What::Seed => match text.parse() {
                Ok(seed) => (self.seed, self.last_seed) = (Some(seed), seed),
                Err(_) => return wrong("is a whole number, or empty for a random one"),
            },
            What::Takes => match text.parse::<u32>() {
                Ok(takes @ 1..=MOST_TAKES) => self.takes = takes,
                _ => return wrong("is a number from 1 to 16"),
            },
            What::Value(spot) if text.is_empty() => match spot.steps.last() {
                // An item that is emptied stays, empty: only the key for that takes it out.
                Some(Step::Item(_)) => self.set(spot, Some(Value::from(""))),
                _ => self.set(spot, None),
            },
            What::Value(spot) => {
                let value = spot.spec(self.model()).parse(text)?;
                self.set(spot, Some(value));
            }
            What::File { .. } => self.put_files(paths::sources(text)),
            What::Model | What::List(_) | What::Add(_) | What::Group(_) | What::More(_) => {}
        }
        Ok(())
    }

    /// The files of an input, in order.
    pub fn given(&self, key: &str) -> impl Iterator<Item = &Source> {
        self.inputs.iter().filter(move |(of, _)| of == key).map(|(_, source)| source)
    }

    /// Puts files into the row under the bar, and where there are several and it takes several, below it.
    /// None at all takes away what is there.
    pub fn put_files(&mut self, sources: Vec<Source>) {
        let what = self.row().what;
        let Some((input, nth)) = input_of(&self.chosen, &what) else { return };
        let (key, room) = (input.key.clone(), input.how_many.max(1));
        let mut files: Vec<Source> = self.given(&key).cloned().collect();
        if nth < files.len() {
            files.remove(nth);
        }
        let at = nth.min(files.len());
        let fitting = room.saturating_sub(files.len());
        files.splice(at..at, sources.into_iter().take(fitting));
        self.replace_files(&key, &files);
    }

    /// Makes these the files of an input; those of the others stay.
    fn replace_files(&mut self, key: &str, files: &[Source]) {
        let mut inputs: Inputs = Vec::new();
        for input in &self.chosen.inputs {
            if input.key == key {
                inputs.extend(files.iter().map(|source| (key.to_owned(), source.clone())));
            } else {
                inputs.extend(self.inputs.iter().filter(|(of, _)| *of == input.key).cloned());
            }
        }
        self.inputs = inputs;
        self.touch(key);
    }

    /// Adds one more item to the list that the row under the bar is about, below the item it is in; the bar
    /// goes there. `false` where there is no list.
    pub fn add(&mut self) -> bool {
        match self.row().what {
            What::List(spot) | What::Add(spot) => self.add_to(&spot),
            What::Value(spot) | What::Group(spot) => {
                let Some((list, place)) = spot.item() else { return false };
                self.insert(&list, place + 1);
            }
            _ => return false,
        }
        true
    }

    fn add_to(&mut self, list: &Spot) {
        let count = self.value_at(list).and_then(|it| it.as_array().map(Vec::len)).unwrap_or(0);
        self.insert(list, count);
    }

    fn insert(&mut self, list: &Spot, place: usize) {
        let spec = list.spec(self.model()).into_owned();
        let ParamKind::List { max_items, .. } = spec.kind else { return };
        let mut items = self.items(list);
        if max_items.is_some_and(|most| items.len() >= most) {
            return;
        }
        let place = place.min(items.len());
        items.insert(place, blank(&spec));
        self.set(list, Some(Value::Array(items)));
        self.go_to_item(list, place);
        // A list of texts or numbers: what it is can be typed at once.
        let is_plain =
            matches!(self.row().what, What::Value(spot) if spot == list.then(Step::Item(place)));
        if is_plain {
            self.editing = Some(edit::field(""));
        }
    }

    fn items(&self, list: &Spot) -> Vec<Value> {
        match self.value_at(list) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        }
    }

    /// Puts the bar on the first row of an item.
    fn go_to_item(&mut self, list: &Spot, place: usize) {
        let item = list.then(Step::Item(place));
        let is_in = |what: &What| match what {
            What::Value(spot) | What::List(spot) | What::Group(spot) => {
                spot.param == item.param && spot.steps.starts_with(&item.steps)
            }
            _ => false,
        };
        if let Some(at) = self.rows().iter().position(|row| is_in(&row.what)) {
            self.at = at;
        }
    }

    /// Takes away what the row under the bar has: an item out of its list, a file, a value that was set.
    pub fn remove(&mut self) {
        match self.row().what {
            What::File { input, nth } => {
                let key = self.model().inputs[input].key.clone();
                let mut files: Vec<Source> = self.given(&key).cloned().collect();
                if nth < files.len() {
                    files.remove(nth);
                    self.replace_files(&key, &files);
                }
            }
            What::Value(spot) | What::Group(spot) => match spot.item() {
                Some((list, place)) => self.take_out(&list, place),
                None => self.set(&spot, None),
            },
            What::List(spot) => self.set(&spot, None),
            What::Seed => {
                self.several.values.remove("seed");
                self.seed = None;
            }
            What::Model => self.several.models.clear(),
            What::Takes => self.takes = 1,
            What::Add(_) | What::More(_) => {}
        }
        self.at = self.at.min(self.rows().len() - 1);
    }

    fn take_out(&mut self, list: &Spot, place: usize) {
        let mut items = self.items(list);
        if place >= items.len() {
            return;
        }
        items.remove(place);
        let left = items.len();
        let is_optional = !list.spec(self.model()).required;
        let empty = left == 0 && is_optional && list.steps.is_empty();
        self.set(list, (!empty).then_some(Value::Array(items)));
        if left > 0 {
            self.go_to_item(list, place.min(left - 1));
        } else {
            let heading = |what: &What| matches!(what, What::List(spot) if spot == list);
            self.at = self.rows().iter().position(|row| heading(&row.what)).unwrap_or(self.at);
        }
    }

    /// Moves the item or file of the row under the bar up or down among its fellows; the bar goes with it.
    pub fn shift(&mut self, by: isize) {
        match self.row().what {
            What::File { input, nth } => {
                let key = self.model().inputs[input].key.clone();
                let mut files: Vec<Source> = self.given(&key).cloned().collect();
                let Some(next) = nth.checked_add_signed(by) else { return };
                if nth < files.len() && next < files.len() {
                    files.swap(nth, next);
                    self.replace_files(&key, &files);
                    self.at = self.at.saturating_add_signed(by);
                }
            }
            What::Value(spot) | What::Group(spot) => {
                let Some((list, place)) = spot.item() else { return };
                let mut items = self.items(&list);
                let Some(next) = place.checked_add_signed(by) else { return };
                if next < items.len() {
                    items.swap(place, next);
                    self.set(&list, Some(Value::Array(items)));
                    self.go_to_item(&list, next);
                }
            }
            _ => {}
        }
    }
}
