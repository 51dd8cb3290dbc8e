//! What a file is, by its first bytes. Pure.

use crate::domain::MediaKind;

/// How many first bytes are worth showing to [`sniff`].
pub const SNIFF_BYTES: usize = 512;

/// What the first bytes of a file say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sniffed {
    /// `video/mp4`, …; `application/octet-stream` where nothing is recognised.
    pub mime: &'static str,
    /// What kind of file that is.
    pub kind: MediaKind,
    /// How such a file's name ends, without the dot.
    pub extension: &'static str,
}

impl Sniffed {
    const fn new(mime: &'static str, kind: MediaKind, extension: &'static str) -> Self {
        Self { mime, kind, extension }
    }
}

const UNKNOWN: Sniffed = Sniffed::new("application/octet-stream", MediaKind::Other, "bin");
const MP4: Sniffed = Sniffed::new("video/mp4", MediaKind::Video, "mp4");
const TEXT: Sniffed = Sniffed::new("text/plain", MediaKind::Other, "txt");
const HTML: Sniffed = Sniffed::new("text/html", MediaKind::Other, "html");
const XML: Sniffed = Sniffed::new("application/xml", MediaKind::Other, "xml");
const JSON: Sniffed = Sniffed::new("application/json", MediaKind::Other, "json");

/// Signatures at the very start of a file.
const AT_START: &[(&[u8], Sniffed)] = &[
    (b"\x89PNG\r\n\x1a\n", Sniffed::new("image/png", MediaKind::Image, "png")),
    (b"\xff\xd8\xff", Sniffed::new("image/jpeg", MediaKind::Image, "jpg")),
    (b"GIF87a", Sniffed::new("image/gif", MediaKind::Image, "gif")),
    (b"GIF89a", Sniffed::new("image/gif", MediaKind::Image, "gif")),
    (b"fLaC", Sniffed::new("audio/flac", MediaKind::Audio, "flac")),
    (b"ID3", Sniffed::new("audio/mpeg", MediaKind::Audio, "mp3")),
    (b"PK\x03\x04", Sniffed::new("application/zip", MediaKind::Other, "zip")),
    (b"PK\x05\x06", Sniffed::new("application/zip", MediaKind::Other, "zip")),
    (b"glTF", Sniffed::new("model/gltf-binary", MediaKind::Other, "glb")),
];

/// What a file is, by its first bytes (show it [`SNIFF_BYTES`] of them, or the whole of a shorter file).
pub fn sniff(first_bytes: &[u8]) -> Sniffed {
    let starts = AT_START.iter().find(|(magic, _)| first_bytes.starts_with(magic));
    if let Some((_, found)) = starts {
        return *found;
    }
    iso_media(first_bytes)
        .or_else(|| riff(first_bytes))
        .or_else(|| ebml(first_bytes))
        .or_else(|| ogg(first_bytes))
        .or_else(|| bitmap(first_bytes))
        .or_else(|| bare_mpeg_audio(first_bytes))
        .or_else(|| words(first_bytes))
        .unwrap_or(UNKNOWN)
}

/// MP4 and its relatives: a size, `ftyp`, a brand. Old `QuickTime` files start with another box.
fn iso_media(bytes: &[u8]) -> Option<Sniffed> {
    let mov = Sniffed::new("video/quicktime", MediaKind::Video, "mov");
    match bytes.get(4..8)? {
        b"ftyp" => Some(match bytes.get(8..12)? {
            b"qt  " => mov,
            b"M4A " | b"M4B " => Sniffed::new("audio/mp4", MediaKind::Audio, "m4a"),
            b"heic" | b"heix" | b"mif1" => Sniffed::new("image/heic", MediaKind::Image, "heic"),
            b"avif" => Sniffed::new("image/avif", MediaKind::Image, "avif"),
            _ => MP4,
        }),
        b"moov" | b"mdat" | b"wide" => Some(mov),
        _ => None,
    }
}

fn riff(bytes: &[u8]) -> Option<Sniffed> {
    if !bytes.starts_with(b"RIFF") {
        return None;
    }
    match bytes.get(8..12)? {
        b"WAVE" => Some(Sniffed::new("audio/wav", MediaKind::Audio, "wav")),
        b"WEBP" => Some(Sniffed::new("image/webp", MediaKind::Image, "webp")),
        b"AVI " => Some(Sniffed::new("video/x-msvideo", MediaKind::Video, "avi")),
        _ => None,
    }
}

/// Matroska and `WebM` share a magic number; the document type follows within the first bytes.
fn ebml(bytes: &[u8]) -> Option<Sniffed> {
    if !bytes.starts_with(b"\x1a\x45\xdf\xa3") {
        return None;
    }
    let head = &bytes[..bytes.len().min(128)];
    let is_webm = head.windows(4).any(|word| word == b"webm");
    Some(if is_webm {
        Sniffed::new("video/webm", MediaKind::Video, "webm")
    } else {
        Sniffed::new("video/x-matroska", MediaKind::Video, "mkv")
    })
}

fn ogg(bytes: &[u8]) -> Option<Sniffed> {
    if !bytes.starts_with(b"OggS") {
        return None;
    }
    let head = &bytes[..bytes.len().min(128)];
    let is_video = head.windows(6).any(|word| word == b"theora");
    Some(if is_video {
        Sniffed::new("video/ogg", MediaKind::Video, "ogv")
    } else {
        Sniffed::new("audio/ogg", MediaKind::Audio, "ogg")
    })
}

/// Two letters are weak evidence, so the reserved fields and the header's size must be right too.
fn bitmap(bytes: &[u8]) -> Option<Sniffed> {
    let reserved = bytes.get(6..10)?;
    let header = bytes.get(14..18)?;
    (bytes.starts_with(b"BM") && reserved == [0; 4] && header[1..] == [0; 3])
        .then_some(Sniffed::new("image/bmp", MediaKind::Image, "bmp"))
}

/// MPEG audio without an ID3 tag: eleven set bits, then version, layer and bit rate that exist.
/// Layer 0 is AAC in ADTS framing.
fn bare_mpeg_audio(bytes: &[u8]) -> Option<Sniffed> {
    let [first, second, third, ..] = *bytes else { return None };
    if first != 0xff || second & 0xe0 != 0xe0 {
        return None;
    }
    let layer = second >> 1 & 3;
    if layer == 0 && second & 0xf6 == 0xf0 {
        return Some(Sniffed::new("audio/aac", MediaKind::Audio, "aac"));
    }
    let version_exists = second >> 3 & 3 != 1;
    let bit_rate_exists = third >> 4 != 15 && third >> 4 != 0;
    (layer != 0 && version_exists && bit_rate_exists).then_some(Sniffed::new(
        "audio/mpeg",
        MediaKind::Audio,
        "mp3",
    ))
}

/// HTML, XML, JSON or any other text.
fn words(bytes: &[u8]) -> Option<Sniffed> {
    let text = leading_text(bytes)?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let lower: String = text.chars().take(64).collect::<String>().to_ascii_lowercase();
    let is_html = ["<!doctype html", "<html", "<head", "<body", "<!--"]
        .iter()
        .any(|start| lower.starts_with(start));
    if is_html {
        return Some(HTML);
    }
    let is_xml = lower.starts_with("<?xml");
    if lower.starts_with("<svg") || (is_xml && text.contains("<svg")) {
        return Some(Sniffed::new("image/svg+xml", MediaKind::Image, "svg"));
    }
    // What a store of files answers in place of a file.
    if is_xml || lower.starts_with("<error>") {
        return Some(XML);
    }
    if lower.starts_with(['{', '[']) {
        return Some(JSON);
    }
    (!text.is_empty()).then_some(TEXT)
}

/// The bytes as text, where they are text; a letter may be cut off at the end.
fn leading_text(bytes: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_binary = text.chars().any(|letter| letter.is_control() && !letter.is_whitespace());
    (!is_binary).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let check = |bytes: &[u8], expected: &str| {
            assert_eq!(sniff(bytes).mime, expected, "{}", String::from_utf8_lossy(bytes));
        };
        check(b"\0\0\0\x20ftypisom\0\0\x02\0", "video/mp4");
        check(b"\0\0\0\x14ftypqt  \0\0\x02\0", "video/quicktime");
        check(b"\0\0\0\x20ftypM4A \0\0\x02\0", "audio/mp4");
        check(b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm");
        check(b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska", "video/x-matroska");
        check(b"RIFF\x10\0\0\0AVI LIST", "video/x-msvideo");
        check(b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav");
        check(b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp");
        check(b"GIF89a\x01\0", "image/gif");
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png");
        check(b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg");
        check(b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "image/bmp");
        check(b"ID3\x04\0\0", "audio/mpeg");
        check(b"\xff\xfb\x90\x64\0", "audio/mpeg");
        check(b"\xff\xf1\x50\x80\x03", "audio/aac");
        check(b"fLaC\0\0\0\x22", "audio/flac");
        check(b"OggS\0\x02\0\0", "audio/ogg");
        check(b"PK\x03\x04\x14\0", "application/zip");
        check(b"glTF\x02\0\0\0", "model/gltf-binary");
        check(b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml");
    }

    #[test]
    fn a_page_or_a_message_is_never_taken_for_a_video() {
        let check = |text: &str, expected: &str| {
            let found = sniff(text.as_bytes());
            assert_eq!((found.mime, found.kind), (expected, MediaKind::Other), "{text}");
        };
        check("<!DOCTYPE html>\n<html>", "text/html");
        check("\u{feff}\r\n  <HTML lang=en>", "text/html");
        check("{\"code\":404}", "application/json");
        check(" [1, 2]", "application/json");
        check("<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code>", "application/xml");
        check("404 page not found", "text/plain");
        check("BM is no picture, only two letters", "text/plain");
    }

    #[test]
    fn what_nobody_knows_is_bytes() {
        for bytes in [&b""[..], b"\0", b"\x01\x02\x03\x04\x05\x06\x07\x08", b"\xff\xff\xff"] {
            assert_eq!(sniff(bytes), UNKNOWN);
        }
    }
}
