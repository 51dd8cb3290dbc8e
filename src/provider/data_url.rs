//! Outputs that came inside an answer: `data:` addresses, made and read.

use bytes::Bytes;

/// The address of a text.
pub(super) fn of_text(mime: &str, text: &str) -> String {
    use std::fmt::Write;

    let mut url = format!("data:{mime};charset=utf-8,");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~ ".contains(&byte) {
            url.push(char::from(byte));
        } else {
            write!(url, "%{byte:02X}").expect("a string takes any text");
        }
    }
    url
}

/// The address of a file of this type.
pub(super) fn of_file(mime: &str, bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut url = format!("data:{mime};base64,");
    url.reserve(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for letter in 0..4 {
            let value = (bits >> (18 - 6 * letter)) & 63;
            let is_padding = letter > three.len();
            url.push(if is_padding { '=' } else { char::from(LETTERS[value as usize]) });
        }
    }
    url
}

/// The address of a file in base64, where the text is one by its first bytes.
pub(super) fn of_base64(text: &str) -> Option<String> {
    let start = text.get(..64)?;
    let magic = decode(start.as_bytes())?;
    let is_file = magic.get(4..8) == Some(b"ftyp")
        || [
            &b"\x89PNG"[..],
            b"\xff\xd8\xff",
            b"RIFF",
            b"GIF8",
            b"ID3",
            b"OggS",
            b"fLaC",
            b"\x1aE\xdf\xa3",
        ]
        .iter()
        .any(|known| magic.starts_with(known));
    is_file.then(|| format!("data:application/octet-stream;base64,{text}"))
}

/// The bytes that a `data:` address holds; `None` where it is broken.
pub(super) fn bytes(url: &str) -> Option<Bytes> {
    let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
    let plain = unescape(data)?;
    if head.to_ascii_lowercase().ends_with(";base64") {
        return decode(&plain).map(Bytes::from);
    }
    Some(Bytes::from(plain))
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(bytes)
}

/// Base64 in both alphabets, with or without padding; white space is passed over.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' | b' ' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_as_it_was() {
        for text in ["", "a red kite, 100 %", "żółw\n{\"a\": 1}"] {
            let url = of_text("text/plain", text);
            assert!(url.is_ascii());
            assert_eq!(bytes(&url).as_deref(), Some(text.as_bytes()));
        }
    }

    #[test]
    fn base64_is_read_in_both_alphabets() {
        let check = |text: &str, expected: &[u8]| {
            let url = format!("data:video/mp4;base64,{text}");
            assert_eq!(bytes(&url).as_deref(), Some(expected));
        };
        check("Zm9v", b"foo");
        check("Zm8=", b"fo");
        check("Zg", b"f");
        check("-_8", b"\xfb\xff");
        assert_eq!(bytes("data:x;base64,a*b"), None);
        assert_eq!(bytes("data:x,%4"), None);
        assert_eq!(bytes("https://x"), None);
    }

    #[test]
    fn a_file_comes_back_as_it_was() {
        let all: Vec<u8> = (0..=255).collect();
        for length in [0, 1, 2, 3, 4, 255, 256] {
            let url = of_file("image/png", &all[..length]);
            assert_eq!(bytes(&url).as_deref(), Some(&all[..length]));
            assert_eq!((url.len() - "data:image/png;base64,".len()) % 4, 0);
        }
        assert_eq!(of_file("image/png", b"foob"), "data:image/png;base64,Zm9vYg==");
    }

    #[test]
    fn only_what_begins_like_a_file_is_taken_for_base64() {
        let mp4 = format!("AAAAIGZ0eXBpc29t{}", "A".repeat(60));
        assert!(of_base64(&mp4).is_some());
        assert_eq!(of_base64(&"A".repeat(80)), None);
        assert_eq!(of_base64("a sentence"), None);
        assert_eq!(of_base64(&"ż".repeat(40)), None);
    }
}
