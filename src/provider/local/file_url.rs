//! Files as addresses: `file:///home/me/a%20film.mp4`. Whatever the name holds, it comes back as it was.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::provider::OutputUrl;

/// The address of a file.
pub(super) fn of(path: &Path) -> OutputUrl {
    use std::fmt::Write;

    let mut url = "file://".to_owned();
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(byte) {
            url.push(char::from(*byte));
        } else {
            write!(url, "%{byte:02X}").expect("a string takes any text");
        }
    }
    OutputUrl(url)
}

/// The file that an address names; `None` where it names none on this machine.
pub(super) fn path(url: &str) -> Option<PathBuf> {
    let mut bytes = Vec::with_capacity(url.len());
    let mut rest = url.strip_prefix("file://")?.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let path = PathBuf::from(OsString::from_vec(bytes));
    path.is_absolute().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_whatever_it_holds() {
        for name in [&b"/a/b.mp4"[..], b"/a b/-x%41?#:'\"\n\xff.mp4", "/żółw".as_bytes()] {
            let file = PathBuf::from(OsString::from_vec(name.to_vec()));
            let url = of(&file);
            assert!(url.0.is_ascii() && url.masked() == url.0, "{url:?}");
            assert_eq!(path(&url.0), Some(file));
        }
        for no_file in ["https://x/a.mp4", "file://relative", "file:///%4", "/a/b.mp4"] {
            assert_eq!(path(no_file), None, "{no_file}");
        }
    }
}
