//! Uploads: a ticket and a PUT without a credential, or the older form.

use std::fs;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use axum::body::{Body, Bytes};
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::desk::Shared;
use super::record::write_whole;
use super::{routes, wire};
use crate::domain::MediaKind;
use crate::media::sniff;

/// Above this the service wants an address instead (documented limit, checked 2026-08-21).
const MOST_BYTES: u64 = 300 << 20;
pub(super) const MOST_BYTES_WITH_FORM: usize = (300 << 20) + (1 << 20);

/// What a ticket was given for.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    filename: String,
    size: u64,
    content_type: Option<String>,
    expires: Timestamp,
}

#[derive(Deserialize)]
struct Wish {
    filename: String,
    size: u64,
    #[serde(default)]
    content_type: Option<String>,
}

pub(super) async fn ticket(State(desk): State<Shared>, body: Bytes) -> Response {
    let wish: Wish = match routes::body(&body) {
        Ok(wish) => wish,
        Err(refused) => return *refused,
    };
    if wish.size > MOST_BYTES {
        return too_large();
    }
    if wish.size == 0 || wish.filename.trim().is_empty() {
        return wire::refusal(StatusCode::BAD_REQUEST, "filename and size must not be empty");
    }
    let id = uuid::Uuid::now_v7().simple().to_string();
    let expires = Timestamp::now() + SignedDuration::from_mins(15);
    let ticket = Ticket {
        filename: plain_name(&wish.filename),
        size: wish.size,
        content_type: wish.content_type,
        expires,
    };
    let stored = serde_json::to_vec(&ticket)
        .map_err(std::io::Error::other)
        .and_then(|bytes| write_whole(&ticket_file(&desk, &id), &bytes));
    if let Err(error) = stored {
        return cannot_write(&error);
    }
    let mut headers = serde_json::Map::new();
    if let Some(mime) = &ticket.content_type {
        headers.insert("Content-Type".to_owned(), json!(mime));
    }
    headers.insert("If-None-Match".to_owned(), json!("*"));
    let mime = ticket.content_type.as_deref().unwrap_or_default();
    wire::success(json!({
        "type": kind_name(mime, &ticket.filename),
        "download_url": format!("{}/media/{id}/{}", desk.base_url, ticket.filename),
        "filename": wish.filename,
        "size": ticket.size,
        "upload": {
            "method": "PUT",
            "url": format!("{}/uploads/{id}", desk.base_url),
            "headers": headers,
            "expires_at": wire::moment(expires),
        },
    }))
}

/// The PUT: as strict as the object store behind the real service.
pub(super) async fn receive(
    State(desk): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let refuse = |status, message: &str| wire::refusal(status, message);
    let read = is_plain(&id).then(|| fs::read(ticket_file(&desk, &id)).ok()).flatten();
    let Some(ticket) = read.and_then(|bytes| serde_json::from_slice::<Ticket>(&bytes).ok()) else {
        return refuse(StatusCode::FORBIDDEN, "no such upload ticket");
    };
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if headers.contains_key(header::AUTHORIZATION) {
        return refuse(StatusCode::BAD_REQUEST, "only one auth mechanism is allowed: the address");
    }
    if Timestamp::now() > ticket.expires {
        return refuse(StatusCode::FORBIDDEN, "the upload ticket has expired");
    }
    let same_type =
        ticket.content_type.as_deref().is_none_or(|mime| header("content-type") == Some(mime));
    if !same_type || header("if-none-match") != Some("*") {
        return refuse(StatusCode::FORBIDDEN, "the headers are not those of the ticket");
    }
    let folder = desk.media.join(&id);
    let file = folder.join(&ticket.filename);
    if file.exists() {
        return refuse(StatusCode::PRECONDITION_FAILED, "this ticket was used already");
    }
    match store(&folder, &file, body.into_data_stream(), ticket.size..=ticket.size).await {
        Ok(received) if received == ticket.size => {
            wire::text(StatusCode::OK, "text/plain", String::new())
        }
        Ok(_) => refuse(StatusCode::BAD_REQUEST, "the size is not that of the ticket"),
        Err(error) => cannot_write(&error),
    }
}

/// The older form: multipart, field `file`.
pub(super) async fn binary(State(desk): State<Shared>, mut form: Multipart) -> Response {
    let no_file = || wire::refusal(StatusCode::BAD_REQUEST, "the form has no field `file`");
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return no_file(),
            Err(error) => return wire::refusal(error.status(), error.body_text()),
        };
        if field.name() != Some("file") {
            continue;
        }
        let given = field.file_name().unwrap_or("file").to_owned();
        let mime = field.content_type().unwrap_or_default().to_owned();
        let filename = plain_name(&given);
        let id = uuid::Uuid::now_v7().simple().to_string();
        let folder = desk.media.join(&id);
        let file = folder.join(&filename);
        return match store(&folder, &file, field, 1..=MOST_BYTES).await {
            Ok(size) if size > MOST_BYTES => too_large(),
            Ok(size) => wire::success(json!({
                "type": kind_name(&mime, &filename),
                "download_url": format!("{}/media/{id}/{filename}", desk.base_url),
                "filename": given,
                "size": size,
            })),
            Err(error) => cannot_write(&error),
        };
    }
}

/// Writes what comes into a new file; keeps it only if it is as long as it may be. Tells how much came.
async fn store<E: std::error::Error + Send + Sync + 'static>(
    folder: &std::path::Path,
    file: &std::path::Path,
    body: impl futures_util::Stream<Item = Result<Bytes, E>>,
    allowed: RangeInclusive<u64>,
) -> std::io::Result<u64> {
    tokio::fs::create_dir_all(folder).await?;
    let part = folder.join(".part");
    let mut writer = File::create(&part).await?;
    let mut received = 0;
    let mut body = std::pin::pin!(body);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(std::io::Error::other)?;
        received += chunk.len() as u64;
        if received > *allowed.end() {
            break;
        }
        writer.write_all(&chunk).await?;
    }
    writer.flush().await?;
    if allowed.contains(&received) {
        tokio::fs::rename(part, file).await?;
    } else {
        tokio::fs::remove_file(part).await?;
    }
    Ok(received)
}

fn ticket_file(desk: &Shared, id: &str) -> PathBuf {
    desk.media.join(format!("{id}.json"))
}

fn is_plain(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A file's name without anything that means something in a path or an address.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let letter = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => letter,
        _ => '_',
    };
    let plain: String = last.chars().map(letter).collect();
    let plain = plain.trim_start_matches('.');
    let cut = plain.len().saturating_sub(80);
    if plain.is_empty() {
        "file".to_owned()
    } else {
        plain[cut..].trim_start_matches('.').to_owned()
    }
}

/// `image`, `video` or `audio`, by its type or else by its name.
fn kind_name(mime: &str, filename: &str) -> &'static str {
    let extension = filename.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let kind = match MediaKind::of_mime(mime) {
        MediaKind::Other => match extension.as_str() {
            "mp4" | "mov" | "webm" | "mkv" | "avi" => MediaKind::Video,
            "mp3" | "wav" | "ogg" | "aac" | "flac" | "m4a" | "opus" => MediaKind::Audio,
            _ => MediaKind::Image,
        },
        kind => kind,
    };
    kind.as_str()
}

fn too_large() -> Response {
    wire::refusal(StatusCode::PAYLOAD_TOO_LARGE, "files above 300 MB are given by their address")
}

fn cannot_write(error: &std::io::Error) -> Response {
    let message = format!("the sandbox cannot write: {error}");
    wire::refusal(StatusCode::INTERNAL_SERVER_ERROR, message)
}

/// The type of a file that is served again, by its own first bytes.
pub(super) fn mime_of(first: &[u8]) -> &'static str {
    sniff(first).mime
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_only_a_name() {
        let check = |given: &str, expected: &str| assert_eq!(plain_name(given), expected);
        check("a.png", "a.png");
        check("../../etc/passwd", "passwd");
        check("..", "file");
        check("my photo (1).jpg", "my_photo__1_.jpg");
        check("C:\\x\\ü.wav", "_.wav");
        assert!(plain_name(&"x".repeat(500)).len() <= 80);
    }

    #[test]
    fn what_it_is_follows_from_its_type_or_its_name() {
        assert_eq!(kind_name("video/mp4", "a.bin"), "video");
        assert_eq!(kind_name("", "a.WAV"), "audio");
        assert_eq!(kind_name("application/octet-stream", "a.png"), "image");
    }
}
