//! The lines of the form: the model, its inputs, its parameters down to the fields of nested items, seed, takes.

use super::super::settings::Settings;
use super::spot::{Spot, Step};
use crate::catalog::{InputSpec, ModelSpec, ParamKind, ParamSpec, Then};
use crate::domain::text::printable;
use serde_json::Value;

/// What a line of the form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Which model.
    Model,
    /// A file of an input, by its place; one place further than the last is where another can be put.
    File {
        /// The input, by its place in the model's declaration.
        input: usize,
        /// Which of its files.
        nth: usize,
    },
    /// A single value.
    Value(Spot),
    /// The heading of a list.
    List(Spot),
    /// Where one more item can be added to a list.
    Add(Spot),
    /// The heading of an object.
    Group(Spot),
    /// The seed.
    Seed,
    /// How many takes.
    Takes,
    /// So many parameters that are not shown.
    More(usize),
}

/// One line of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is for.
    pub what: What,
    /// The name that a fault about it has: `multi_prompt[0].duration`.
    pub key: String,
    /// What the form calls it.
    pub label: String,
    /// How far it stands to the right.
    pub depth: usize,
}

/// A model with more parameters than this shows those that nobody set only when asked.
const CALM: usize = 16;

/// What the form calls a parameter or an input.
pub fn label(key: &str) -> String {
    match key {
        "negative_prompt" => "without".to_owned(),
        // A switch reads `off` and `on`: what it enables is its name.
        key => {
            let key = key.strip_prefix("enable_").unwrap_or(key);
            printable(&key.replace('_', " ")).trim().to_owned()
        }
    }
}

/// Where a fault of this name is shown: at its row, else at the one that it is in, else at the first that is
/// in it.
pub fn row_of(rows: &[Row], field: &str) -> Option<usize> {
    let exact = rows.iter().position(|row| row.key == field);
    let around = || {
        let holding = rows.iter().enumerate().filter(|(_, row)| is_in(field, &row.key));
        holding.max_by_key(|(at, row)| (row.key.len(), usize::MAX - at)).map(|(at, _)| at)
    };
    let within = || rows.iter().position(|row| is_in(&row.key, field));
    exact.or_else(around).or_else(within)
}

/// Whether the field of this name is part of the other: `multi_prompt[0].prompt` of `multi_prompt[0]`.
fn is_in(field: &str, whole: &str) -> bool {
    !whole.is_empty() && field.strip_prefix(whole).is_some_and(|rest| rest.starts_with(['[', '.']))
}

/// The parameter or input that a field is, or is part of.
pub fn root(field: &str) -> &str {
    field.split(['[', '.']).next().unwrap_or(field)
}

impl Settings {
    /// The lines of the form, from the top.
    pub fn rows(&self) -> Vec<Row> {
        let spec = self.model();
        let mut rows = vec![plain_row(What::Model, "model")];
        let order = |wanted: bool| {
            spec.inputs.iter().enumerate().filter(move |(_, input)| input.required == wanted)
        };
        for (at, input) in order(true).chain(order(false)) {
            rows.extend(self.file_rows(at, input));
        }
        let mut unseen = 0;
        let mut seen = 0;
        for (at, param) in spec.params.iter().enumerate() {
            if param.key == "seed" || spec.words_key() == Some(&param.key) {
                continue;
            }
            let is_set = self.params.contains_key(&param.key);
            let is_rare = param.hidden || (seen >= CALM && !param.required);
            if !is_set && (self.is_unwelcome(&param.key) || (is_rare && !self.all)) {
                unseen += usize::from(is_rare && !self.all);
                continue;
            }
            seen += 1;
            self.rows_of(&Spot::of(at), label(&param.key), 0, &mut rows);
        }
        if unseen > 0 {
            rows.push(plain_row(What::More(unseen), ""));
        }
        if spec.takes_seed() {
            rows.push(plain_row(What::Seed, "seed"));
        }
        rows.push(plain_row(What::Takes, "takes"));
        rows
    }

    /// Whether a condition that holds forbids this field.
    fn is_unwelcome(&self, key: &str) -> bool {
        let asked = self.model().asked(&self.params, &self.inputs);
        asked.iter().any(|condition| condition.key == key && condition.then == Then::Never)
    }

    fn file_rows(&self, at: usize, input: &InputSpec) -> Vec<Row> {
        let given = self.given(&input.key).count();
        if given == 0 && self.is_unwelcome(&input.key) {
            return Vec::new();
        }
        let shown = if given < input.how_many { given + 1 } else { given };
        let row = |nth: usize| Row {
            what: What::File { input: at, nth },
            key: self.file_key(input, nth),
            label: match nth {
                0 => label(&input.key),
                _ => String::new(),
            },
            depth: 0,
        };
        (0..shown).map(row).collect()
    }

    /// What a fault about a file calls it: `image`, or `images[2]` where there can be several.
    pub fn file_key(&self, input: &InputSpec, nth: usize) -> String {
        if input.how_many > 1 && nth < self.given(&input.key).count() {
            format!("{}[{nth}]", input.key)
        } else {
            input.key.clone()
        }
    }

    /// The lines of a value: one, or a heading and what it holds.
    fn rows_of(&self, spot: &Spot, label: String, depth: usize, rows: &mut Vec<Row>) {
        let model = self.model();
        let spec = spot.spec(model);
        let value = spot.get(model, &self.params).or(spec.default.as_ref());
        let what = match (&spec.kind, value) {
            (ParamKind::List { .. }, None | Some(Value::Array(_))) => What::List(spot.clone()),
            (ParamKind::Object, None | Some(Value::Object(_) | Value::Null))
                if !spec.fields.is_empty() =>
            {
                What::Group(spot.clone())
            }
            _ => What::Value(spot.clone()),
        };
        let is_list = matches!(what, What::List(_));
        let is_group = matches!(what, What::Group(_));
        rows.push(Row { what, key: spot.key(model), label, depth });
        if is_group {
            self.field_rows(spot, &spec, "", depth + 1, rows);
        }
        if !is_list {
            return;
        }
        let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (place, item) in items.iter().enumerate() {
            let spot = spot.then(Step::Item(place));
            let number = (place + 1).to_string();
            if !spec.fields.is_empty() && (item.is_object() || item.is_null()) {
                self.field_rows(&spot, &spec, &number, depth + 1, rows);
            } else {
                let key = spot.key(model);
                rows.push(Row { what: What::Value(spot), key, label: number, depth: depth + 1 });
            }
        }
        let ParamKind::List { max_items, .. } = spec.kind else { return };
        if !items.is_empty() && max_items.is_none_or(|most| items.len() < most) {
            let what = What::Add(spot.clone());
            rows.push(Row { what, key: String::new(), label: String::new(), depth: depth + 1 });
        }
    }

    /// The fields of an object. The number of an item stands before its first field.
    fn field_rows(
        &self,
        spot: &Spot,
        holder: &ParamSpec,
        number: &str,
        depth: usize,
        rows: &mut Vec<Row>,
    ) {
        let model = self.model();
        let mut lead = number.to_owned();
        for (at, field) in holder.fields.iter().enumerate() {
            let spot = spot.then(Step::Field(at));
            if field.hidden && !self.all && spot.get(model, &self.params).is_none() {
                continue;
            }
            let name = label(&field.key);
            let name = if number.is_empty() { name } else { format!("{lead:<2}{name}") };
            lead.clear();
            self.rows_of(&spot, name, depth, rows);
        }
    }

    /// The row under the bar.
    pub fn row(&self) -> Row {
        let mut rows = self.rows();
        let at = self.at.min(rows.len() - 1);
        rows.swap_remove(at)
    }
}

fn plain_row(what: What, key: &str) -> Row {
    Row { what, key: key.to_owned(), label: key.to_owned(), depth: 0 }
}

/// The input of a file's row.
pub fn input_of<'a>(model: &'a ModelSpec, what: &What) -> Option<(&'a InputSpec, usize)> {
    match what {
        What::File { input, nth } => Some((model.inputs.get(*input)?, *nth)),
        _ => None,
    }
}
