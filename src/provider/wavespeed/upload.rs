//! Uploads: a ticket and a PUT; one multipart request where the server has no tickets. Flat memory.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Method, RequestBuilder, Url};
use serde_json::{Value, json};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

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
    size: u64,
}

/// Uploads a file; gives the address to use as an input.
pub(super) async fn upload(
    provider: &Wavespeed,
    file: &Upload,
    sent: Told<'_>,
) -> Result<OutputUrl, AskError> {
    let size = tokio::fs::metadata(&file.path).await.map_err(|error| unreadable(&error))?.len();
    let name = file.path.file_name().map(|name| printable(&name.to_string_lossy()));
    let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "upload".to_owned());
    let parcel = Parcel { file, name, size };
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
    let (body, count) = body(parcel).await?;
    let request = provider
        .http
        .transfer_without_key(Method::PUT, url)?
        .headers(headers)
        .header(CONTENT_LENGTH, parcel.size)
        .body(Body::wrap_stream(body));
    let reply = deliver(provider, parcel, request, &count, sent).await?;
    reply.whole(Timestamp::now())?;
    sent(parcel.size);
    Ok(address)
}

/// The older way: one multipart request to the provider itself.
async fn post(
    provider: &Wavespeed,
    parcel: &Parcel<'_>,
    sent: Told<'_>,
) -> Result<OutputUrl, AskError> {
    let (body, count) = body(parcel).await?;
    let mut part = Part::stream_with_length(Body::wrap_stream(body), parcel.size)
        .file_name(parcel.name.clone());
    if let Some(mime) = &parcel.file.mime {
        part =
            part.mime_str(mime).map_err(|_broken| garbage(format!("{mime:?} is no MIME type")))?;
    }
    let url = provider.http.url(["media", "upload", "binary"]);
    let request = provider.http.transfer(Method::POST, url, true)?;
    let request = request.multipart(Form::new().part("file", part));
    let reply = deliver(provider, parcel, request, &count, sent).await?;
    let data = wire::data(reply.whole(Timestamp::now())?).map_err(refused_inside)?;
    sent(parcel.size);
    download_url(&data)
}

/// Sends, and meanwhile tells how many bytes are gone.
async fn deliver(
    provider: &Wavespeed,
    parcel: &Parcel<'_>,
    request: RequestBuilder,
    count: &AtomicU64,
    sent: Told<'_>,
) -> Result<Reply, AskError> {
    let limit = provider.http.timeouts.upload + Duration::from_secs(parcel.size / SLOWEST);
    let exchange = provider.http.send(request.timeout(limit), USUAL_BODY);
    tokio::pin!(exchange);
    let mut tick = tokio::time::interval(TOLD_EVERY);
    loop {
        tokio::select! {
            reply = &mut exchange => return Ok(reply?),
            _ = tick.tick() => sent(count.load(Ordering::Relaxed)),
        }
    }
}

/// The file's bytes, never more than were promised, and how many of them are gone.
async fn body(
    parcel: &Parcel<'_>,
) -> Result<(impl Stream<Item = io::Result<bytes::Bytes>> + use<>, Arc<AtomicU64>), AskError> {
    let file = File::open(&parcel.file.path).await.map_err(|error| unreadable(&error))?;
    let count = Arc::new(AtomicU64::new(0));
    let gone = Arc::clone(&count);
    let parts = ReaderStream::with_capacity(file.take(parcel.size), PART).inspect(move |part| {
        if let Ok(part) = part {
            gone.fetch_add(part.len() as u64, Ordering::Relaxed);
        }
    });
    Ok((parts, count))
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
