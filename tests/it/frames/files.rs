//! Made-up files, as the program behind the studio would find them.

use std::path::{Path, PathBuf};

use rushes::catalog::FileFacts;
use rushes::domain::MediaKind;
use rushes::domain::brief::Source;
use rushes::tui::backend::{Entry, Folder, Trouble};
use rushes::tui::form::files::Found;

/// Name, bytes, width and height, milliseconds, kind.
type File = (&'static str, u64, Option<(u32, u32)>, Option<u64>, MediaKind);

/// The files that there are.
const FILES: [File; 7] = [
    ("portrait.png", 1_200_000, Some((1024, 1024)), None, MediaKind::Image),
    ("last one.jpg", 14_800_000, Some((4000, 1200)), None, MediaKind::Image),
    (
        "IMG_20261122_101400_a_very_long_name_of_a_picture_indeed.png",
        3_400_000,
        Some((3840, 2160)),
        None,
        MediaKind::Image,
    ),
    ("voice.wav", 240_000, None, Some(12_400), MediaKind::Audio),
    ("lecture.mp3", 61_000_000, None, Some(3_600_000), MediaKind::Audio),
    ("beach.mp4", 8_100_000, Some((1280, 720)), Some(5_000), MediaKind::Video),
    ("notes.txt", 900, None, None, MediaKind::Other),
];

/// What is known of a file of this name; there is no other.
pub(crate) fn found(source: &Source) -> Result<Found, Trouble> {
    let missing = || Trouble { what: "is not there".to_owned(), hint: None };
    let Source::File(path) = source else { return Err(missing()) };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = FILES.iter().find(|(known, ..)| *known == name).ok_or_else(missing)?;
    let (_, bytes, pixels, milliseconds, kind) = *file;
    let facts = FileFacts { name, kind, bytes, milliseconds, pixels };
    Ok(Found { source: source.clone(), facts })
}

/// A home folder with two more in it.
pub(crate) fn folder(path: &Path) -> Folder {
    let entry = |name: &str, is_folder, bytes| Entry { name: name.into(), is_folder, bytes };
    let folders = [".cache", "clips", "pictures"].map(|name| entry(name, true, 0));
    let files = FILES.iter().map(|(name, bytes, ..)| entry(name, false, *bytes));
    let path = path.strip_prefix("~").map_or(path.to_owned(), |rest| {
        let home = PathBuf::from("/home/ada");
        if rest.as_os_str().is_empty() { home } else { home.join(rest) }
    });
    let path: PathBuf = path.components().filter(|it| it.as_os_str() != ".").collect();
    let path = if path.is_absolute() { path } else { PathBuf::from("/home/ada").join(path) };
    Folder { path, entries: folders.into_iter().chain(files).collect() }
}
