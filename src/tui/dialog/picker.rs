//! The picker of files: what of the library and of the file system fits an input, by its letters.

use std::path::{Path, PathBuf};

use tui_textarea::TextArea;

use super::super::backend::Folder;
use super::super::edit;
use super::super::form::files;
use super::super::form::paths;
use super::super::screen::Screen;
use super::super::text;
use super::super::update::command::distance;
use crate::catalog::InputSpec;
use crate::domain::brief::Source;
use crate::domain::text::printable;
use crate::domain::{Asset, MediaKind};

/// Where it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// In the library.
    Library,
    /// In the file system.
    Files,
}

/// The picker of files. What is chosen goes into the row under the bar of the form.
#[derive(Debug, Clone)]
pub struct Picker {
    /// What the form calls the input.
    pub label: String,
    /// What kind of file fits.
    pub kind: MediaKind,
    /// How a file's name may end, where the model says so.
    formats: Vec<String>,
    /// Where it looks.
    pub section: Section,
    /// What was typed: letters of a name, a path, an address.
    pub field: TextArea<'static>,
    /// Which of what is found.
    pub at: usize,
    /// The folder that was asked for, as it was written.
    pub asked: PathBuf,
    /// The folder that letters and paths from here are looked for in.
    pub base: PathBuf,
    /// What is in it, once that is known.
    pub folder: Option<Result<Folder, String>>,
    /// Whether files that do not fit are shown, too.
    pub any_kind: bool,
    /// Whether files whose names begin with a dot are shown.
    pub hidden: bool,
}

/// What choosing a line of the picker means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// This is it.
    Source(Source),
    /// Look in there.
    Folder(PathBuf),
}

/// A line of the picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// Its figures.
    pub facts: String,
    /// What choosing it means.
    pub pick: Pick,
}

impl Picker {
    /// A picker for this input, in the library where something there fits.
    pub fn new(input: &InputSpec, label: String, start: PathBuf, screen: &Screen) -> Self {
        let mut picker = Self {
            label,
            kind: input.kind.media(),
            formats: input.formats.clone(),
            section: Section::Library,
            field: edit::field(""),
            at: 0,
            base: start.clone(),
            asked: start,
            folder: None,
            any_kind: false,
            hidden: false,
        };
        if picker.assets(screen).next().is_none() {
            picker.section = Section::Files;
        }
        picker
    }

    fn assets<'a>(&self, screen: &'a Screen) -> impl Iterator<Item = &'a Asset> {
        let (kind, any) = (self.kind, self.any_kind);
        let fits = move |asset: &&Asset| any || kind == MediaKind::Other || asset.kind == kind;
        screen.assets.iter().filter(fits)
    }

    /// How much of the library fits.
    pub fn fitting(&self, screen: &Screen) -> usize {
        self.assets(screen).count()
    }

    /// The folder and the letters that were typed, taken apart at the last slash.
    pub fn typed(&self) -> (Option<PathBuf>, String) {
        let text = edit::text(&self.field);
        let text = text.trim_start();
        if text == "~" {
            return (Some(PathBuf::from("~")), String::new());
        }
        match text.rsplit_once('/') {
            Some((folder, letters)) => {
                (Some(PathBuf::from(format!("{folder}/"))), letters.to_owned())
            }
            None => (None, text.to_owned()),
        }
    }

    /// The address that was typed, if one was.
    fn address(&self) -> Option<Source> {
        let text = edit::text(&self.field);
        let sources = paths::sources(&text);
        sources.into_iter().next().filter(|source| !matches!(source, Source::File(_)))
    }

    /// The lines, best first.
    pub fn items(&self, screen: &Screen) -> Vec<Item> {
        if let Some(source) = self.address() {
            let name = files::name(&source, &screen.assets);
            return vec![Item { name, facts: "address".to_owned(), pick: Pick::Source(source) }];
        }
        let (_, letters) = self.typed();
        let letters = letters.to_lowercase();
        let found = match self.section {
            Section::Library => self.of_library(screen),
            Section::Files => self.of_folder(&letters),
        };
        if letters.is_empty() {
            return found;
        }
        let mut found: Vec<_> = found
            .into_iter()
            .filter_map(|item| Some((distance(&item.name.to_lowercase(), &letters)?, item)))
            .collect();
        found.sort_by_key(|(far, _)| *far);
        found.into_iter().map(|(_, item)| item).collect()
    }

    fn of_library(&self, screen: &Screen) -> Vec<Item> {
        let item = |asset: &Asset| {
            let facts = [
                asset.facts.pixels.map(|size| format!("{}×{}", size.width, size.height)),
                asset.facts.duration_ms.map(text::seconds),
            ];
            Item {
                name: format!("{} {}", asset.label(), printable(&asset.prompt)),
                facts: facts.into_iter().flatten().collect::<Vec<_>>().join("  "),
                pick: Pick::Source(Source::Asset(asset.id)),
            }
        };
        self.assets(screen).map(item).collect()
    }

    fn of_folder(&self, letters: &str) -> Vec<Item> {
        let Some(Ok(folder)) = &self.folder else { return Vec::new() };
        // Who types the dot wants what begins with one.
        let hidden = self.hidden || letters.starts_with('.');
        let mut items = Vec::new();
        for entry in &folder.entries {
            let name = entry.name.to_string_lossy();
            let path = folder.path.join(&entry.name);
            let is_shown = hidden || !name.starts_with('.');
            if is_shown && entry.is_folder {
                let name = format!("{}/", printable(&name));
                items.push(Item { name, facts: String::new(), pick: Pick::Folder(path) });
            } else if is_shown && (self.any_kind || self.fits(&path)) {
                let (name, facts) = (printable(&name), text::size(entry.bytes));
                items.push(Item { name, facts, pick: Pick::Source(Source::File(path)) });
            }
        }
        items
    }

    /// Whether a file's name ends as one that fits.
    fn fits(&self, path: &Path) -> bool {
        let ending = path.extension().map(|it| it.to_string_lossy().to_lowercase());
        let Some(ending) = ending else { return self.kind == MediaKind::Other };
        if !self.formats.is_empty() {
            return self.formats.contains(&ending);
        }
        self.kind == MediaKind::Other || kind_of(&ending) == Some(self.kind)
    }

    /// The line that is chosen.
    pub fn chosen(&self, screen: &Screen) -> Option<Item> {
        self.items(screen).into_iter().nth(self.at)
    }
}

/// The kind of file that a name ends like.
fn kind_of(ending: &str) -> Option<MediaKind> {
    match ending {
        "png" | "jpg" | "jpeg" | "webp" | "gif" | "bmp" | "tif" | "tiff" | "heic" | "avif" => {
            Some(MediaKind::Image)
        }
        "mp4" | "mov" | "webm" | "mkv" | "avi" | "m4v" => Some(MediaKind::Video),
        "wav" | "mp3" | "m4a" | "flac" | "ogg" | "aac" | "opus" => Some(MediaKind::Audio),
        _ => None,
    }
}
