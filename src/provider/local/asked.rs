//! The parameters of an order, read as what they were declared to be.

use std::path::PathBuf;

use serde_json::Value;

use super::file_url;
use crate::domain::Params;

/// What an order asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a>(pub(super) &'a Params);

impl<'a> Asked<'a> {
    /// A text or a choice; an empty one is none.
    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.0.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(super) fn number(self, key: &str) -> Option<f64> {
        self.0.get(key).and_then(Value::as_f64)
    }

    /// A number that has a default in the declaration.
    pub(super) fn number_or(self, key: &str, usual: f64) -> f64 {
        self.number(key).unwrap_or(usual)
    }

    pub(super) fn numbers(self, key: &str) -> Vec<f64> {
        let list = self.0.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_f64).collect()
    }

    pub(super) fn is_on(self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The files of an input; none where it was not given.
    pub(super) fn files(self, key: &str) -> Vec<PathBuf> {
        let given = match self.0.get(key) {
            Some(Value::Array(several)) => several.iter().collect(),
            one => one.into_iter().collect::<Vec<_>>(),
        };
        given.into_iter().filter_map(|it| file_url::path(it.as_str()?)).collect()
    }

    /// The file of an input.
    pub(super) fn file(self, key: &str) -> Option<PathBuf> {
        self.files(key).into_iter().next()
    }
}

/// The inputs that models of this machine have.
const INPUTS: [&str; 3] = ["video", "videos", "audio"];

/// What is on another machine cannot be worked on here: nothing is fetched.
pub(super) fn files(params: &Params) -> Result<(), String> {
    for key in INPUTS {
        let given = match params.get(key) {
            Some(Value::Array(several)) => several.iter().collect(),
            one => one.into_iter().collect::<Vec<_>>(),
        };
        for address in given.into_iter().filter_map(Value::as_str) {
            if file_url::path(address).is_none() {
                return Err(format!(
                    "{key} is an address, and nothing is fetched for work on this machine: \
                     save it here and give the file"
                ));
            }
        }
    }
    Ok(())
}
