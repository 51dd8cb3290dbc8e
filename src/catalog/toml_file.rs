//! TOML read into a type, with what is wrong told by its line and the nearest right key.

use serde::de::DeserializeOwned;

use super::nearest::explain_unknown_key;

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
