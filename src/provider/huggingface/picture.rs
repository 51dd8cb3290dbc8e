//! Pictures that go along inside an order: the router takes no uploads.

use super::super::data_url;
use super::garbage;
use crate::provider::{AskError, OutputUrl, Upload};

/// What fal is given as `data:` addresses.
const KINDS: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// The whole picture as an address, where it has not more than so many bytes.
pub(super) async fn inline(
    file: &Upload,
    most_bytes: u64,
    sent: &(dyn Fn(u64) + Send + Sync),
) -> Result<OutputUrl, AskError> {
    if file.bytes > most_bytes {
        return Err(garbage(format!(
            "{} bytes are too many to go inside an order ({most_bytes} at most): give an address instead",
            file.bytes
        )));
    }
    let mime = file.mime.as_deref().filter(|mime| KINDS.contains(mime)).ok_or_else(|| {
        garbage(
            "only a picture goes inside an order (PNG, JPEG, WebP, GIF): give an address instead",
        )
    })?;
    let bytes = tokio::fs::read(&file.path)
        .await
        .map_err(|error| garbage(format!("reading the file to send along: {error}")))?;
    sent(file.bytes);
    Ok(OutputUrl(data_url::of_file(mime, &bytes)))
}
