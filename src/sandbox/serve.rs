//! Serves outputs and uploads: whole or in part, and outputs no faster than can be seen.

use std::io::{self, SeekFrom};
use std::ops::Range;
use std::path::Path as FilePath;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use futures_util::stream::{self, StreamExt};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::desk::{Shared, extension};
use super::faults::Fault;
use super::record::Status;
use super::{uploads, wire};
use jiff::Timestamp;

const CHUNK: u64 = 32 << 10;

/// How long a whole file takes at speed 1.
const DOWNLOAD_S: f64 = 1.2;

pub(super) async fn upload(
    State(desk): State<Shared>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let is_plain = |part: &str| !part.starts_with('.') && !part.contains(['/', '\\']);
    if !is_plain(&id) || !is_plain(&name) {
        return wire::not_found().await;
    }
    let file = desk.media.join(id).join(name);
    send(&file, &headers, Sending::whole(Duration::ZERO)).await
}

pub(super) async fn output(
    State(desk): State<Shared>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(record) = desk.records.read(&id) else { return wire::not_found().await };
    let Some(spec) = desk.model(&record.model) else { return wire::not_found().await };
    let (status, made) = desk.status(&record, Timestamp::now());
    let ending = format!(".{}", extension(spec.output));
    let nth = name.strip_suffix(&ending).and_then(|nth| nth.parse::<usize>().ok());
    let Some(nth) = nth.filter(|nth| (1..=made.outputs).contains(nth)) else {
        return wire::not_found().await;
    };
    if status != Status::Completed {
        return wire::not_found().await;
    }
    let file = match desk.studio.output(&desk, &record, spec, nth).await {
        Ok(file) => file,
        Err(error) => {
            let message = format!("the sandbox cannot make this output: {error}");
            return wire::refusal(StatusCode::INTERNAL_SERVER_ERROR, message);
        }
    };
    let faults =
        [Fault::HtmlOutput, Fault::CutDownload, Fault::WrongLength, Fault::UnreadableOutput];
    let fault = desk.faults.first_of(&faults);
    if fault == Some(Fault::HtmlOutput) {
        let page = "<!DOCTYPE html><title>Error</title><p>The request could not be satisfied.";
        return wire::text(StatusCode::OK, "text/html", page.to_owned());
    }
    let sending = Sending { duration: desk.pace.seconds(DOWNLOAD_S), fault };
    send(&file, &headers, sending).await
}

/// How a file is sent.
#[derive(Clone, Copy)]
struct Sending {
    /// How long the whole file takes.
    duration: Duration,
    fault: Option<Fault>,
}

impl Sending {
    fn whole(duration: Duration) -> Self {
        Self { duration, fault: None }
    }
}

async fn send(path: &FilePath, headers: &HeaderMap, sending: Sending) -> Response {
    match open(path).await {
        Ok((file, size, mime)) => respond(file, size, mime, headers, sending).await,
        Err(_) => wire::not_found().await,
    }
}

async fn open(path: &FilePath) -> io::Result<(File, u64, &'static str)> {
    let mut file = File::open(path).await?;
    let about = file.metadata().await?;
    if !about.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let mut first = [0; 512];
    let read = file.read(&mut first).await?;
    Ok((file, about.len(), uploads::mime_of(&first[..read])))
}

async fn respond(
    mut file: File,
    size: u64,
    mime: &'static str,
    headers: &HeaderMap,
    sending: Sending,
) -> Response {
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let (status, range) = match asked.map(|text| part(text, size)) {
        None | Some(Part::NotUnderstood) => (StatusCode::OK, 0..size),
        Some(Part::Is(range)) => (StatusCode::PARTIAL_CONTENT, range),
        Some(Part::OutOfReach) => {
            let answer = Response::builder()
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .header(header::CONTENT_RANGE, format!("bytes */{size}"))
                .body(Body::empty());
            return answer.unwrap_or_default();
        }
    };
    if file.seek(SeekFrom::Start(range.start)).await.is_err() {
        return wire::not_found().await;
    }
    let length = range.end - range.start;
    let promised = length + if sending.fault == Some(Fault::WrongLength) { 4096 } else { 0 };
    let mut answer = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, mime)
        .header(header::CONTENT_LENGTH, promised)
        .header(header::ACCEPT_RANGES, "bytes");
    if status == StatusCode::PARTIAL_CONTENT {
        let said = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        answer = answer.header(header::CONTENT_RANGE, said);
    }
    answer.body(body(file, range, size, sending)).unwrap_or_default()
}

/// The file in chunks with pauses between them.
fn body(file: File, range: Range<u64>, size: u64, sending: Sending) -> Body {
    let chunks = u32::try_from(size.div_ceil(CHUNK)).unwrap_or(u32::MAX).max(1);
    let pause = sending.duration / chunks;
    let half = range.start + (range.end - range.start) / 2;
    let next = move |(mut file, mut range): (File, Range<u64>)| async move {
        if range.is_empty() {
            return None;
        }
        if sending.fault == Some(Fault::CutDownload) && range.start >= half {
            return Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), (file, 0..0)));
        }
        tokio::time::sleep(pause).await;
        let mut chunk = Vec::new();
        let wanted = CHUNK.min(range.end - range.start);
        if let Err(error) = (&mut file).take(wanted).read_to_end(&mut chunk).await {
            return Some((Err(error), (file, 0..0)));
        }
        if chunk.is_empty() {
            return None;
        }
        if sending.fault == Some(Fault::UnreadableOutput) {
            // The first box stays, so that its first bytes and its length are those of a film.
            let keep = usize::try_from(32_u64.saturating_sub(range.start)).unwrap_or(0);
            chunk.iter_mut().skip(keep).for_each(|byte| *byte = byte.wrapping_mul(31) ^ 0x5a);
        }
        range.start += chunk.len() as u64;
        Some((Ok(Bytes::from(chunk)), (file, range)))
    };
    Body::from_stream(stream::unfold((file, range), next).boxed())
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Is(Range<u64>),
    OutOfReach,
    NotUnderstood,
}

/// One range of bytes; several at once are answered with the whole file, which is allowed.
fn part(text: &str, size: u64) -> Part {
    let Some((from, to)) = text.strip_prefix("bytes=").and_then(|rest| rest.trim().split_once('-'))
    else {
        return Part::NotUnderstood;
    };
    let range = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => from..to.saturating_add(1).min(size),
        (Ok(from), Err(_)) if to.is_empty() => from..size,
        (Err(_), Ok(last)) if from.is_empty() => size.saturating_sub(last)..size,
        _ => return Part::NotUnderstood,
    };
    if range.start < size && !range.is_empty() { Part::Is(range) } else { Part::OutOfReach }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let check = |text: &str, expected: Part| assert_eq!(part(text, 100), expected, "{text}");
        check("bytes=0-9", Part::Is(0..10));
        check("bytes=90-", Part::Is(90..100));
        check("bytes=-10", Part::Is(90..100));
        check("bytes=-500", Part::Is(0..100));
        check("bytes=50-500", Part::Is(50..100));
        check("bytes=100-", Part::OutOfReach);
        check("bytes=-0", Part::OutOfReach);
        check("bytes=9-0", Part::NotUnderstood);
        check("bytes=0-1,5-6", Part::NotUnderstood);
        check("lines=0-1", Part::NotUnderstood);
    }
}
