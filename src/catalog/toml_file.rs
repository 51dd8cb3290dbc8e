//! TOML read into a type, with what is wrong told by its line and the nearest right key.

use std::io::ErrorKind;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::CatalogError;
use super::nearest::explain_unknown_key;

/// The text of a file that a person may have written; nothing where there is none.
pub fn text_of(file: &Path) -> Result<Option<String>, CatalogError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CatalogError::Unreadable { file: file.display().to_string(), source }),
    }
}

/// Reads TOML. The error is one line: `line 4: unknown key `kindd`; did you mean `kind`?`
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| {
        let message = explain_unknown_key(error.message());
        match error.span().and_then(|span| text.get(..span.start)) {
            Some(before) => format!("line {}: {message}", before.matches('\n').count() + 1),
            None => message,
        }
    })
}
