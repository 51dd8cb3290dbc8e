//! Keys in the picker of files and in the list of many choices.

use std::path::{Path, PathBuf};

use super::super::action::Action;
use super::super::backend::{Folder, Trouble};
use super::super::dialog::picker::{Pick, Picker, Section};
use super::super::dialog::{Dialog, pick};
use super::super::edit;
use super::super::form::paths;
use super::super::form::rows::input_of;
use super::super::form::spot::Spot;
use super::super::form::widget::worded;
use super::super::layout;
use super::super::msg::Effect;
use super::super::pictures::Slot;
use super::super::screen::{Peek, Screen};
use super::command::distance;
use super::settings;
use crate::domain::brief::Source;
use crate::domain::{MediaKind, Pixels};

/// Opens the picker for the row under the bar.
pub(super) fn open(screen: &mut Screen) -> Vec<Effect> {
    let row = screen.settings.row();
    let Some((input, nth)) = input_of(screen.settings.model(), &row.what) else { return vec![] };
    let label = super::super::form::rows::label(&input.key);
    let given = screen.settings.given(&input.key).nth(nth);
    // Where the file is that is there already; else where somebody looked last.
    let beside = match given {
        Some(Source::File(path)) => path.parent().map(Path::to_owned),
        _ => None,
    };
    let start = beside.clone().or(screen.folder.clone()).unwrap_or_else(|| PathBuf::from("."));
    let mut picker = Picker::new(input, label, start.clone(), screen);
    if beside.is_some() {
        picker.section = Section::Files;
    }
    screen.dialogs.push(Dialog::Pick(Box::new(picker)));
    vec![Effect::LookInto(start)]
}

/// Does an action in the picker; `None` closes it.
pub(super) fn act(
    screen: &mut Screen,
    mut picker: Box<Picker>,
    action: Action,
) -> (Option<Box<Picker>>, Vec<Effect>) {
    let items = picker.items(screen);
    let last = items.len().saturating_sub(1);
    let page = pick::rows(screen.size);
    match action {
        Action::Down => picker.at = (picker.at + 1).min(last),
        Action::Up => picker.at = picker.at.saturating_sub(1),
        Action::HalfDown => picker.at = (picker.at + page).min(last),
        Action::HalfUp => picker.at = picker.at.saturating_sub(page),
        Action::SwitchSection => {
            picker.section = match picker.section {
                Section::Library => Section::Files,
                Section::Files => Section::Library,
            };
            picker.at = 0;
        }
        Action::AnyKind => (picker.any_kind, picker.at) = (!picker.any_kind, 0),
        Action::HiddenFiles => (picker.hidden, picker.at) = (!picker.hidden, 0),
        Action::ParentFolder => return up(picker),
        Action::DeleteBack if picker.field.is_empty() && picker.section == Section::Files => {
            return up(picker);
        }
        Action::Accept => match items.into_iter().nth(picker.at).map(|item| item.pick) {
            Some(Pick::Folder(path)) => return into(picker, path),
            Some(Pick::Source(source)) => {
                if let (Source::File(_), Some(Ok(folder))) = (&source, &picker.folder) {
                    screen.folder = Some(folder.path.clone());
                }
                screen.settings.put_files(vec![source]);
                settings::changed(screen);
                return (None, vec![]);
            }
            // What was typed may be a file that its folder does not show.
            None => {
                let text = edit::text(&picker.field);
                if text.contains('/') {
                    screen.settings.put_files(paths::sources(&text));
                    settings::changed(screen);
                    return (None, vec![]);
                }
            }
        },
        _ => {
            if edit::act(&mut picker.field, action) {
                let effects = typed(&mut picker);
                return (Some(picker), effects);
            }
        }
    }
    (Some(picker), vec![])
}

/// Goes to the folder above.
fn up(picker: Box<Picker>) -> (Option<Box<Picker>>, Vec<Effect>) {
    let above = match &picker.folder {
        Some(Ok(folder)) => folder.path.parent().map(Path::to_owned),
        _ => None,
    };
    match above {
        Some(above) => into(picker, above),
        None => (Some(picker), vec![]),
    }
}

fn into(mut picker: Box<Picker>, path: PathBuf) -> (Option<Box<Picker>>, Vec<Effect>) {
    picker.field = edit::field("");
    picker.section = Section::Files;
    picker.at = 0;
    let effects = look(&mut picker, path);
    (Some(picker), effects)
}

fn look(picker: &mut Picker, path: PathBuf) -> Vec<Effect> {
    picker.asked.clone_from(&path);
    picker.folder = None;
    vec![Effect::LookInto(path)]
}

/// The text of the field changed: a path leads to its folder.
pub(super) fn typed(picker: &mut Picker) -> Vec<Effect> {
    picker.at = 0;
    if edit::text(&picker.field).contains("://") {
        return vec![];
    }
    let folder = match picker.typed().0 {
        Some(folder) if folder.is_absolute() || folder.starts_with("~") => folder,
        Some(folder) => picker.base.join(folder),
        None => picker.base.clone(),
    };
    if picker.asked == folder {
        return vec![];
    }
    picker.section = Section::Files;
    look(picker, folder)
}

/// A paste into the picker: a quoted or escaped path is read as what it names.
pub(super) fn pasted(picker: &mut Picker, text: &str) -> Vec<Effect> {
    match paths::sources(text).first() {
        Some(source) if text.contains('/') => {
            picker.field = edit::field(&paths::typed(source));
        }
        _ => drop(picker.field.insert_str(text)),
    }
    typed(picker)
}

/// A folder was read.
pub(super) fn looked(screen: &mut Screen, asked: &Path, folder: &Result<Folder, Trouble>) {
    for dialog in &mut screen.dialogs {
        if let Dialog::Pick(picker) = dialog
            && picker.asked == asked
        {
            // What is typed from now on is looked for in here.
            if let (Ok(folder), None) = (folder, picker.typed().0) {
                picker.base.clone_from(&folder.path);
                picker.asked.clone_from(&folder.path);
            }
            picker.folder = Some(folder.clone().map_err(|trouble| trouble.what));
        }
    }
}

/// The picture of the chosen file, where it is shown and was not asked for. One at a time: whoever goes down
/// a long folder does not start a reader for each file of it.
pub(super) fn wants(screen: &mut Screen) -> Vec<Effect> {
    let Some(Dialog::Pick(picker)) = screen.dialogs.last() else {
        screen.peek = None;
        return vec![];
    };
    let fit = layout::pixels(pick::preview(screen.size));
    let Some(Pick::Source(source)) = picker.chosen(screen).map(|item| item.pick) else {
        return vec![];
    };
    let Source::File(path) = source.clone() else { return vec![] };
    if fit == (Pixels { width: 0, height: 0 }) {
        return vec![];
    }
    match &screen.peek {
        Some(peek) if matches!(peek.slot, Slot::Asked) => return vec![],
        Some(peek) if peek.path == path && peek.fit == fit => {
            return screen
                .files
                .ask([&source].into_iter())
                .into_iter()
                .map(Effect::Facts)
                .collect();
        }
        _ => {}
    }
    screen.peek = Some(Peek { path: path.clone(), fit, slot: Slot::Asked });
    vec![Effect::Picture(path, fit)]
}

/// The asset that the picker shows large.
pub(super) fn shown_asset(screen: &Screen) -> Option<(crate::domain::AssetId, Pixels)> {
    let Some(Dialog::Pick(picker)) = screen.dialogs.last() else { return None };
    let cells = pick::preview(screen.size);
    match picker.chosen(screen)?.pick {
        Pick::Source(Source::Asset(id)) if !cells.is_empty() => {
            let asset = screen.assets.iter().find(|asset| asset.id == id)?;
            matches!(asset.kind, MediaKind::Image | MediaKind::Video)
                .then(|| (id, layout::pixels(cells)))
        }
        _ => None,
    }
}

/// The choices of a parameter that these letters find, by their places.
pub fn choices(screen: &Screen, spot: &Spot, letters: &str) -> Vec<(usize, String)> {
    let param = spot.spec(screen.settings.model());
    let letters = letters.trim().to_lowercase();
    let values = screen.settings.allowed(spot);
    let mut found: Vec<_> = values
        .iter()
        .enumerate()
        .filter_map(|(at, value)| {
            let words = worded(&param, value);
            Some((distance(&words.to_lowercase(), &letters)?, at, words))
        })
        .collect();
    if !letters.is_empty() {
        found.sort_by_key(|(far, at, _)| (*far, *at));
    }
    found.into_iter().map(|(_, at, words)| (at, words)).collect()
}

/// Opens the list of many choices, at the present one.
pub(super) fn open_choices(screen: &mut Screen, spot: Spot) {
    let now = screen.settings.value_at(&spot);
    let values = screen.settings.allowed(&spot);
    let at = now.and_then(|now| values.iter().position(|value| *value == now)).unwrap_or(0);
    screen.dialogs.push(Dialog::Choices { spot, field: Box::new(edit::field("")), at });
}

/// The value at this place of the list is it.
pub(super) fn chose(screen: &mut Screen, spot: &Spot, at: usize) {
    let value = screen.settings.allowed(spot).into_iter().nth(at);
    if let Some(value) = value {
        screen.settings.set(spot, Some(value));
        settings::changed(screen);
    }
}
