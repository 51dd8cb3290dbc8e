//! Files and addresses as people type and terminals paste them: quoted, escaped, `file://`, several at once.

use std::path::PathBuf;

use crate::domain::brief::Source;

/// Every file and address in a text that was typed or pasted. A blank between two of them parts them only
/// where another path or address begins behind it: `/my pictures/a b.png` is one file.
pub fn sources(text: &str) -> Vec<Source> {
    words(text).into_iter().filter_map(|word| source(&word)).collect()
}

/// A source as a person would type it.
pub fn typed(source: &Source) -> String {
    match source {
        Source::File(path) => path.display().to_string(),
        Source::Url(url) => url.clone(),
        Source::Asset(id) => format!("asset:{id}"),
        Source::Awaited => String::new(),
    }
}

/// One path or address without its quotes and escapes; `None` where there is nothing.
fn source(word: &str) -> Option<Source> {
    if let Some(id) = word.strip_prefix("asset:").and_then(|id| id.parse().ok()) {
        return Some(Source::Asset(id));
    }
    if ["http://", "https://", "data:"].iter().any(|scheme| word.starts_with(scheme)) {
        return Some(Source::Url(word.to_owned()));
    }
    let path = match word.strip_prefix("file://") {
        // `file://host/path`: what is on another host is not on this one either way.
        Some(rest) => decoded(rest.strip_prefix("localhost").unwrap_or(rest)),
        None => word.to_owned(),
    };
    (!path.is_empty()).then(|| Source::File(PathBuf::from(path)))
}

/// The text cut into paths and addresses, each as a shell would read it.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let letters: Vec<char> = text.trim().chars().collect();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let next = letters.get(at + 1).copied();
        at += 1;
        match (quote, letter, next) {
            (Some(open), letter, _) if letter == open => quote = None,
            (None, '\'' | '"', _) if word.is_empty() || is_closed(&letters[at..], letter) => {
                quote = Some(letter);
            }
            (None | Some('"'), '\\', Some(escaped)) if !escaped.is_alphanumeric() => {
                word.push(escaped);
                at += 1;
            }
            (None, letter, _) if letter.is_whitespace() => {
                let rest: String = letters[at..].iter().collect();
                if letter == '\n' || begins_another(rest.trim_start()) {
                    words.push(std::mem::take(&mut word));
                } else {
                    word.push(letter);
                }
            }
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.into_iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

/// An apostrophe in a name opens no quotation that nobody closes.
fn is_closed(rest: &[char], quote: char) -> bool {
    rest.contains(&quote)
}

fn begins_another(rest: &str) -> bool {
    let beginnings = ["/", "~/", "'/", "\"/", "'~", "file://", "http://", "https://", "asset:"];
    beginnings.iter().any(|beginning| rest.starts_with(beginning))
}

/// `%20` and its like; what is no such thing stays.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = hex.filter(|_| bytes[at] == b'%').and_then(|it| u8::from_str_radix(it, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: &[&str]) {
        let shown = |source: &Source| match source {
            Source::File(path) => path.display().to_string(),
            Source::Url(url) => url.clone(),
            Source::Asset(id) => format!("asset {id}"),
            Source::Awaited => unreachable!("nobody types that"),
        };
        let found: Vec<String> = sources(text).iter().map(shown).collect();
        assert_eq!(found, wanted, "{text:?}");
    }

    #[test]
    fn a_path_is_read_as_a_terminal_pastes_it() {
        check("/a/b.png", &["/a/b.png"]);
        check(" /a/b.png \n", &["/a/b.png"]);
        check("'/a/my picture.png'", &["/a/my picture.png"]);
        check("'/a/it'\\''s.png'", &["/a/it's.png"]);
        check("\"/a/my picture.png\"", &["/a/my picture.png"]);
        check("/a/my\\ picture\\(1\\).png", &["/a/my picture(1).png"]);
        check("/a/my picture.png", &["/a/my picture.png"]);
        check("/a/it's here.png", &["/a/it's here.png"]);
        check("file:///a/my%20picture%2Ez.png", &["/a/my picture.z.png"]);
        check("file://localhost/a/100%.png", &["/a/100%.png"]);
        check("~/a.png", &["~/a.png"]);
    }

    #[test]
    fn several_files_and_addresses_come_apart() {
        check("'/a b.png' '/c.png'", &["/a b.png", "/c.png"]);
        check("/a b.png /c d.png", &["/a b.png", "/c d.png"]);
        check("file:///a.png\nfile:///b.png", &["/a.png", "/b.png"]);
        check("https://example.com/a.png?x=1 /b.png", &["https://example.com/a.png?x=1", "/b.png"]);
        check("", &[]);
        check("   \n ", &[]);
    }
}
