//! One table of a story's file, read key by key: what is wrong is noted and left out, so that everything is told
//! at once.

use serde_json::{Map, Value};
use toml_edit::{Item, TableLike};

use super::StoryFault;
use crate::catalog::nearest::nearest;
use crate::domain::Params;

/// A table being read.
pub(super) struct Reader<'a> {
    place: String,
    table: &'a dyn TableLike,
    faults: &'a mut Vec<StoryFault>,
}

impl<'a> Reader<'a> {
    /// Reads this table; keys that are not among these are told.
    pub(super) fn new(
        place: String,
        table: &'a dyn TableLike,
        known: &[&str],
        faults: &'a mut Vec<StoryFault>,
    ) -> Self {
        let mut reader = Self { place, table, faults };
        for (key, _) in table.iter().filter(|(key, _)| !known.contains(key)) {
            let near = nearest(key, known.iter().copied());
            let hint = near.map(|near| format!("did you mean {near}?"));
            let hint = hint.or_else(|| Some(format!("it can have {}", known.join(", "))));
            reader.fault(key, format!("{key} is no key of it"), hint);
        }
        reader
    }

    /// Reads a table below this one into the same list of faults.
    pub(super) fn below<'b>(
        &'b mut self,
        place: String,
        table: &'b dyn TableLike,
        known: &[&str],
    ) -> Reader<'b> {
        Reader::new(place, table, known, self.faults)
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, key: &str, message: String, hint: Option<String>) {
        let (place, key) = (self.place.clone(), key.to_owned());
        self.faults.push(StoryFault { place, key, message, hint });
    }

    fn wrong(&mut self, key: &str, wanted: &str, hint: &str) {
        self.fault(key, format!("{key} must be {wanted}"), Some(hint.to_owned()));
    }

    /// What is there.
    pub(super) fn item(&self, key: &str) -> Option<&'a Item> {
        self.table.get(key).filter(|item| !item.is_none())
    }

    /// A text. One with nothing in it is as good as none.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let item = self.item(key)?;
        let Some(text) = item.as_str() else {
            self.wrong(key, "a text", &format!("{key} = \"…\""));
            return None;
        };
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A text that means something.
    pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        key: &str,
    ) -> Option<T> {
        let text = self.text(key)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(key, format!("{key}: {error}"), None);
                None
            }
        }
    }

    /// One text, or several in a list.
    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let Some(list) = item.as_array() else { return self.text(key).into_iter().collect() };
        let texts: Option<Vec<String>> =
            list.iter().map(|value| value.as_str().map(str::to_owned)).collect();
        if texts.is_none() {
            self.wrong(
                key,
                "a text, or a list of them",
                &format!("{key} = [\"a.png\", \"b.png\"]"),
            );
        }
        texts.unwrap_or_default()
    }

    /// A switch; off where it is not there.
    pub(super) fn switch(&mut self, key: &str) -> bool {
        let Some(item) = self.item(key) else { return false };
        if item.as_bool().is_none() {
            self.wrong(key, "true or false", &format!("{key} = true"));
        }
        item.as_bool().unwrap_or(false)
    }

    /// Seconds, from 0 to 60.
    pub(super) fn seconds(&mut self, key: &str) -> Option<f64> {
        let item = self.item(key)?;
        let whole = item.as_integer().and_then(|whole| u32::try_from(whole).ok()).map(f64::from);
        let seconds = whole.or_else(|| item.as_float());
        let is_good = |seconds: &f64| (0.0..=60.0).contains(seconds);
        if !seconds.as_ref().is_some_and(is_good) {
            self.wrong(key, "seconds, from 0 to 60", &format!("{key} = 0.5"));
        }
        seconds.filter(is_good)
    }

    /// A take of the library: `41`, `"41"`, `"asset:41"`.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        match self.item(key)?.as_integer() {
            Some(number) => Some(number.to_string()),
            None => self.text(key).map(|text| text.trim_start_matches("asset:").to_owned()),
        }
    }

    /// Parameters as a model takes them.
    pub(super) fn params(&mut self, key: &str) -> Params {
        let Some(item) = self.item(key) else { return Params::new() };
        let Some(table) = item.as_table_like() else {
            self.wrong(key, "a table", &format!("{key} = {{ duration = 5 }}"));
            return Params::new();
        };
        let mut params = Params::new();
        for (name, item) in table.iter() {
            match json(item) {
                Some(value) => drop(params.insert(name.to_owned(), value)),
                None => self.fault(key, format!("{key}.{name} is no value of a model"), None),
            }
        }
        params
    }

    /// A table below this one.
    pub(super) fn table(&mut self, key: &str) -> Option<&'a dyn TableLike> {
        let table = self.item(key)?.as_table_like();
        if table.is_none() {
            self.wrong(key, "a table", &format!("[{key}]"));
        }
        table
    }
}

/// A value as JSON; `None` for dates, which no model takes.
fn json(item: &Item) -> Option<Value> {
    if let Some(table) = item.as_table_like() {
        let pairs: Option<Map<String, Value>> =
            table.iter().map(|(key, item)| Some((key.to_owned(), json(item)?))).collect();
        return pairs.map(Value::Object);
    }
    item.as_value().and_then(value)
}

fn value(value: &toml_edit::Value) -> Option<Value> {
    use toml_edit::Value as Toml;

    match value {
        Toml::String(text) => Some(text.value().as_str().into()),
        Toml::Integer(whole) => Some((*whole.value()).into()),
        Toml::Float(number) => serde_json::Number::from_f64(*number.value()).map(Value::Number),
        Toml::Boolean(switch) => Some((*switch.value()).into()),
        Toml::Datetime(_) => None,
        Toml::Array(list) => {
            list.iter().map(self::value).collect::<Option<Vec<_>>>().map(Value::Array)
        }
        Toml::InlineTable(table) => {
            let pairs: Option<Map<String, Value>> =
                table.iter().map(|(key, one)| Some((key.to_owned(), self::value(one)?))).collect();
            pairs.map(Value::Object)
        }
    }
}
