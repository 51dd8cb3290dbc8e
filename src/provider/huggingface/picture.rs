//! Pictures that go along inside an order: the router takes no uploads.

use super::super::data_url;
use super::garbage;
use crate::provider::{AskError, OutputUrl, Upload};

/// fal takes small files as `data:` addresses and names no limit; base64 adds a third.
const LARGEST: u64 = 10_000_000;

/// The whole picture as an address.
pub(super) async fn inline(
    file: &Upload,
    sent: &(dyn Fn(u64) + Send + Sync),
) -> Result<OutputUrl, AskError> {
    let unreadable =
        |error: std::io::Error| garbage(format!("reading the file to send along: {error}"));
    let size = tokio::fs::metadata(&file.path).await.map_err(unreadable)?.len();
    if size > LARGEST {
        return Err(garbage(format!(
            "{size} bytes are too many to go inside an order ({LARGEST} at most): give an address instead"
        )));
    }
    let bytes = tokio::fs::read(&file.path).await.map_err(unreadable)?;
    let known = mime_of(&bytes).or(file.mime.as_deref().filter(|mime| mime.starts_with("image/")));
    let mime = known.ok_or_else(|| {
        garbage(
            "only a picture goes inside an order (PNG, JPEG, WebP, GIF): give an address instead",
        )
    })?;
    sent(size);
    Ok(OutputUrl(data_url::of_file(mime, &bytes)))
}

fn mime_of(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 4] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"RIFF", "image/webp"),
    ];
    let (magic, mime) = kinds.into_iter().find(|(magic, _)| bytes.starts_with(magic))?;
    (magic != b"RIFF" || bytes.get(8..12) == Some(b"WEBP")).then_some(mime)
}
