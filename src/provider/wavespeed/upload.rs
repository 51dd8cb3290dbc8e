//! Uploads: a ticket and a PUT; one multipart request where the server has no tickets. Flat memory.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use jiff::Timestamp;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Body, RequestBuilder, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::time::Instant;

use super::super::http::{Reply, USUAL_BODY};
use super::{Wavespeed, garbage, is_not_found, refused_inside, wire};
use crate::domain::text::printable;
use crate::provider::{AskError, OutputUrl, Upload};

/// How often whoever looks on is told how far it is.
const TOLD_EVERY: Duration = Duration::from_millis(200);

/// A line slower than this is given up: bytes a second.
const SLOWEST: u64 = 50_000;

const PART: usize = 64 * 1024;

type Told<'a> = &'a (dyn Fn(u64) + Send + Sync);

/// A file that is about to be sent.
struct Parcel<'a> {
    file: &'a Upload,
    name: String,
}

/// How far the bytes are, and whether they are still those that were promised.
#[derive(Default)]
struct Gone {
    bytes: AtomicU64,
    changed: AtomicBool,
}

/// Uploads a file; gives the address to use as an input.
pub(super) async fn upload(
    provider: &Wavespeed,
    file: &Upload,
    sent: Told<'_>,
) -> Result<OutputUrl, AskError> {
    let size = tokio::fs::metadata(&file.path).await.map_err(|error| unreadable(&error))?.len();
    if size != file.bytes {
        return Err(changed());
    }
    let name = file.path.file_name().map(|name| printable(&name.to_string_lossy()));
    let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "upload".to_owned());
    let parcel = Parcel { file, name };
    let mut wanted = json!({"filename": parcel.name, "size": size});
    if let Some(mime) = &file.mime {
        wanted["content_type"] = Value::from(mime.as_str());
    }
    match provider.data(&["media", "uploads"], Some(&wanted)).await {
        Ok(ticket) => put(provider, &parcel, &ticket, sent).await,
        Err(error) if is_not_found(&error) => post(provider, &parcel, sent).await,
        Err(error) => Err(error),
    }
}

/// The PUT that a ticket asks for: its headers exactly, the length, and no key.
async fn put(
    provider: &Wavespeed,
    parcel: &Parcel<'_>,
    ticket: &Value,
    sent: Told<'_>,
) -> Result<OutputUrl, AskError> {
    let address = download_url(ticket)?;
    let upload = ticket.get("upload").unwrap_or(&Value::Null);
    let text = |key: &str| upload.get(key).and_then(Value::as_str).unwrap_or_default();
    if !text("method").eq_ignore_ascii_case("put") {
        return Err(garbage("the upload's ticket asks for something else than PUT"));
    }
    let url: Url =
        text("url").parse().map_err(|_broken| garbage("the upload's ticket names no address"))?;
    if !provider.http.is_fit(&url) {
        return Err(garbage("the upload's ticket names an unencrypted address"));
    }
    let headers = ticket_headers(upload.get("headers"))?;
    let (body, gone) = body(parcel).await?;
    let request = provider
        .http
        .upload_without_key(url)?
        .headers(headers)
        .header(CONTENT_LENGTH, parcel.file.bytes)
        .body(Body::wrap_stream(body));
    let reply = deliver(provider, parcel, request, &gone, sent).await?;
    reply.whole(Timestamp::now())?;
    sent(parcel.file.bytes);
    Ok(address)
}

/// The older way: one multipart request to the provider itself.
async fn post(
    provider: &Wavespeed,
    parcel: &Parcel<'_>,
    sent: Told<'_>,
) -> Result<OutputUrl, AskError> {
    let (body, gone) = body(parcel).await?;
    let mut part = Part::stream_with_length(Body::wrap_stream(body), parcel.file.bytes)
        .file_name(parcel.name.clone());
    if let Some(mime) = &parcel.file.mime {
        part =
            part.mime_str(mime).map_err(|_broken| garbage(format!("{mime:?} is no MIME type")))?;
    }
    let url = provider.http.url(["media", "upload", "binary"]);
    let request = provider.http.upload(url)?;
    let request = request.multipart(Form::new().part("file", part));
    let reply = deliver(provider, parcel, request, &gone, sent).await?;
    let data = wire::data(reply.whole(Timestamp::now())?).map_err(refused_inside)?;
    sent(parcel.file.bytes);
    download_url(&data)
}

/// Sends, and meanwhile tells how many bytes are gone. A line on which nothing moves is given up.
async fn deliver(
    provider: &Wavespeed,
    parcel: &Parcel<'_>,
    request: RequestBuilder,
    gone: &Gone,
    sent: Told<'_>,
) -> Result<Reply, AskError> {
    let limits = provider.http.timeouts;
    let limit = limits.upload + Duration::from_secs(parcel.file.bytes / SLOWEST);
    let exchange = provider.http.send(request.timeout(limit), USUAL_BODY);
    tokio::pin!(exchange);
    let mut tick = tokio::time::interval(TOLD_EVERY);
    let (mut last, mut moved) = (0, Instant::now());
    // Whoever has everything may still have to carry it on before it answers.
    let is_gone = |bytes| bytes == parcel.file.bytes;
    loop {
        tokio::select! {
            // What was sent of a file that changed is worth nothing, whatever the answer.
            reply = &mut exchange => return match reply {
                _ if gone.changed.load(Ordering::Acquire) => Err(changed()),
                reply => Ok(reply?),
            },
            _ = tick.tick() => {
                let bytes = gone.bytes.load(Ordering::Relaxed);
                if bytes != last {
                    (last, moved) = (bytes, Instant::now());
                    sent(bytes);
                } else if moved.elapsed() > if is_gone(bytes) { limits.upload } else { limits.stall } {
                    return Err(garbage("the upload does not get on"));
                }
            }
        }
    }
}

/// The file's bytes, never more than were promised, and how many of them are gone. The last part leaves only
/// if the whole is what was looked at, so that nobody ever holds another file in its place.
async fn body(
    parcel: &Parcel<'_>,
) -> Result<(impl Stream<Item = io::Result<Bytes>> + use<>, Arc<Gone>), AskError> {
    let Upload { path, bytes, sha256, .. } = parcel.file;
    let file = File::open(path).await.map_err(|error| unreadable(&error))?;
    let gone = Arc::new(Gone::default());
    let reading = Reading {
        file,
        left: *bytes,
        hash: Sha256::new(),
        sha256: sha256.clone(),
        gone: Arc::clone(&gone),
    };
    Ok((stream::try_unfold(reading, Reading::next), gone))
}

struct Reading {
    file: File,
    left: u64,
    hash: Sha256,
    sha256: String,
    gone: Arc<Gone>,
}

impl Reading {
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if self.left == 0 {
            return Ok(None);
        }
        let room = usize::try_from(self.left).map_or(PART, |left| left.min(PART));
        let mut part = BytesMut::with_capacity(room);
        let count = (&mut self.file).take(room as u64).read_buf(&mut part).await?;
        self.hash.update(&part);
        self.left -= count as u64;
        let is_other = count == 0 || (self.left == 0 && !self.is_as_promised());
        if is_other {
            self.gone.changed.store(true, Ordering::Release);
            return Err(io::Error::other(CHANGED));
        }
        self.gone.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(Some((part.freeze(), self)))
    }

    fn is_as_promised(&mut self) -> bool {
        let found = self.hash.finalize_reset();
        let digits = |digit: u8| char::from_digit(digit.into(), 16).unwrap_or_default();
        let found = found.iter().flat_map(|byte| [digits(byte >> 4), digits(byte & 15)]);
        found.eq(self.sha256.chars())
    }
}

const CHANGED: &str = "the file changed after it was looked at";

fn changed() -> AskError {
    garbage(CHANGED)
}

fn ticket_headers(headers: Option<&Value>) -> Result<HeaderMap, AskError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers.and_then(Value::as_object).into_iter().flatten() {
        let name = HeaderName::try_from(name.as_str()).ok();
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        let (Some(name), Some(mut value)) = (name, value) else {
            return Err(garbage("the upload's ticket asks for a header that cannot be sent"));
        };
        // The length is said once, by us; it is what was promised.
        if name != CONTENT_LENGTH {
            value.set_sensitive(true);
            map.insert(name, value);
        }
    }
    Ok(map)
}

fn download_url(data: &Value) -> Result<OutputUrl, AskError> {
    let url = data.get("download_url").and_then(Value::as_str).unwrap_or_default();
    if url.starts_with("https://") || url.starts_with("http://") {
        return Ok(OutputUrl(url.to_owned()));
    }
    Err(garbage("the upload has no address"))
}

fn unreadable(error: &io::Error) -> AskError {
    garbage(format!("reading the file to upload: {error}"))
}
