//! A take made ready for platforms, or edited on this machine: chosen from a list.

use std::collections::BTreeSet;

use tui_textarea::TextArea;

use super::super::action::Action;
use super::super::backend::Trouble;
use super::super::dialog::Dialog;
use super::super::edit;
use super::super::msg::Effect;
use super::super::screen::{Pane, Screen, Subject, Undo};
use super::super::views::View;
use super::command::distance;
use super::{order, studio, touched};
use crate::catalog::ModelSpec;
use crate::catalog::platforms::Platform;
use crate::domain::brief::Source;
use crate::domain::{Asset, AssetId, Brief, MediaFacts, MediaKind, Operation, Params};

/// What a picker of platforms and edits holds.
#[derive(Debug, Clone)]
pub struct Export {
    /// The take.
    pub take: AssetId,
    /// Its number.
    pub label: String,
    /// How large and long it is.
    pub facts: MediaFacts,
    /// What was typed.
    pub field: TextArea<'static>,
    /// Which of the matches.
    pub at: usize,
    /// The platforms that are ordered together.
    pub ticked: BTreeSet<String>,
    /// Black beside the picture instead of cutting it off.
    pub is_letterbox: bool,
}

/// A row of it.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    /// Made ready for this platform.
    Platform(&'a Platform),
    /// Edited by this one.
    Edit(&'a ModelSpec),
}

/// Opens the list for the selected take.
pub(super) fn open(screen: &mut Screen) -> Vec<Effect> {
    let Subject::Take(asset) = screen.subject() else {
        screen.say("no take is selected");
        return vec![];
    };
    if asset.kind != MediaKind::Video {
        let what = format!("take {} is no film: only films are exported and edited", asset.label());
        screen.say(what);
        return vec![];
    }
    let Asset { id, facts, .. } = asset;
    let export = Export {
        take: *id,
        label: asset.label(),
        facts: facts.clone(),
        field: edit::field(""),
        at: 0,
        ticked: BTreeSet::new(),
        is_letterbox: false,
    };
    screen.dialogs.push(Dialog::Export(Box::new(export)));
    vec![]
}

/// What makes films ready for platforms, where this machine can.
fn exporter(screen: &Screen) -> Option<&ModelSpec> {
    let all = screen.settings.catalog().all().iter();
    all.filter(|spec| screen.settings.offers(spec))
        .find(|spec| spec.is_local() && spec.operation == Operation::Export)
}

/// What these letters find, best first; all of it without letters, the platforms first.
pub fn matches<'a>(screen: &'a Screen, letters: &str) -> Vec<Row<'a>> {
    let platforms = screen.platforms.all().iter().filter(|_| exporter(screen).is_some());
    let platforms = platforms.map(|platform| {
        let words = format!("{} {} export", platform.name, platform.id);
        (words, Row::Platform(platform))
    });
    let edits = edits(screen).filter(|spec| screen.settings.offers(spec)).map(|spec| {
        let words = format!("{} {} {} edit", spec.name, spec.id, spec.about);
        (words, Row::Edit(spec))
    });
    let letters = letters.trim().to_lowercase();
    let mut found: Vec<(usize, Row<'a>)> = platforms
        .chain(edits)
        .filter_map(|(words, row)| Some((distance(&words.to_lowercase(), &letters)?, row)))
        .collect();
    if !letters.is_empty() {
        found.sort_by_key(|(far, _)| *far);
    }
    found.into_iter().map(|(_, row)| row).collect()
}

/// Every edit of one film that this machine does, or would with the tools for it.
fn edits(screen: &Screen) -> impl Iterator<Item = &ModelSpec> {
    let all = screen.settings.catalog().all().iter();
    all.filter(|spec| spec.is_local() && spec.operation == Operation::Edit)
}

/// What the exports are called together, where there are none.
const PLATFORMS: &str = "Platforms";

/// What is not in the list, and why: each reason once, the platforms first.
pub fn lacks(screen: &Screen) -> Vec<String> {
    let all = screen.settings.catalog().all().iter();
    let ours = all.filter(|spec| {
        spec.is_local() && matches!(spec.operation, Operation::Edit | Operation::Export)
    });
    let mut lacks: Vec<(String, Vec<&str>)> = Vec::new();
    for spec in ours.filter(|spec| !spec.available) {
        let reason = spec.reason.clone().unwrap_or_else(|| "it is switched off".to_owned());
        match lacks.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) if spec.operation == Operation::Export => names.insert(0, PLATFORMS),
            Some((_, names)) => names.push(&spec.name),
            None if spec.operation == Operation::Export => lacks.push((reason, vec![PLATFORMS])),
            None => lacks.push((reason, vec![&spec.name])),
        }
    }
    let told = |(reason, names): (String, Vec<&str>)| match names.as_slice() {
        [one] => format!("{one}: {reason}"),
        [one, other] => format!("{one} and {other}: {reason}"),
        [one, more @ ..] => format!("{one} and {} more: {reason}", more.len()),
        [] => reason,
    };
    lacks.into_iter().map(told).collect()
}

/// Does an action in the list; it stays open where it is not done with.
pub(super) fn act(
    screen: &mut Screen,
    mut export: Box<Export>,
    action: Action,
) -> (Option<Box<Export>>, Vec<Effect>) {
    let letters = edit::text(&export.field);
    let found = matches(screen, &letters);
    let last = found.len().saturating_sub(1);
    match action {
        Action::Down => export.at = (export.at + 1).min(last),
        Action::Up => export.at = export.at.saturating_sub(1),
        Action::HalfDown => export.at = (export.at + 5).min(last),
        Action::HalfUp => export.at = export.at.saturating_sub(5),
        Action::Letterbox => export.is_letterbox = !export.is_letterbox,
        Action::Tick => {
            if let Some(Row::Platform(platform)) = found.get(export.at) {
                if !export.ticked.remove(&platform.id) {
                    export.ticked.insert(platform.id.clone());
                }
                export.at = (export.at + 1).min(last);
            }
        }
        Action::TickAll => {
            let all: BTreeSet<String> = found
                .iter()
                .filter_map(|row| match row {
                    Row::Platform(platform) => Some(platform.id.clone()),
                    Row::Edit(_) => None,
                })
                .collect();
            // What letters hide stays ticked as it was.
            if export.ticked.is_superset(&all) {
                export.ticked.retain(|id| !all.contains(id));
            } else {
                export.ticked.extend(all);
            }
        }
        Action::Accept => {
            let row = found.get(export.at);
            let ids: Vec<String> = match row {
                _ if !export.ticked.is_empty() => export.ticked.iter().cloned().collect(),
                Some(Row::Platform(platform)) => vec![platform.id.clone()],
                Some(Row::Edit(spec)) => {
                    let spec = (*spec).clone();
                    put_into_form(screen, &export, &spec);
                    return (None, vec![]);
                }
                None => return (Some(export), vec![]),
            };
            return (None, order(screen, &export, &ids));
        }
        _ => {
            if edit::act(&mut export.field, action) {
                export.at = 0;
            }
        }
    }
    (Some(export), vec![])
}

/// Orders an export for each of these platforms, in the order of the table.
fn order(screen: &mut Screen, export: &Export, ids: &[String]) -> Vec<Effect> {
    if screen.desk.read_only {
        screen.warn(Trouble::read_only());
        return vec![];
    }
    let Some(spec) = exporter(screen).cloned() else { return vec![] };
    let Some(input) = spec.inputs.first().map(|input| input.key.clone()) else { return vec![] };
    let take = screen.assets.iter().find(|asset| asset.id == export.take);
    let project = take.and_then(|take| take.project.clone()).or(screen.desk.project.clone());
    let platforms = screen.platforms.ids().filter(|id| ids.iter().any(|wanted| wanted == id));
    let brief = |id: &str| {
        let fit = if export.is_letterbox { "letterbox" } else { "crop" };
        let said = [("platform".to_owned(), id.into()), ("fit".to_owned(), fit.into())];
        Brief {
            provider: spec.provider_for(screen.desk.provider),
            model: spec.id.clone(),
            operation: spec.operation,
            params: spec.complete(&Params::from_iter(said)),
            inputs: vec![(input.clone(), Source::Asset(export.take))],
            project: project.clone(),
            tags: Vec::new(),
            parent: Some(export.take),
            scene: None,
        }
    };
    let briefs: Vec<Brief> = platforms.map(brief).collect();
    order::check(screen, briefs)
}

/// An edit has settings of its own: it goes into the form with the take, and is ordered from there like anything
/// else.
fn put_into_form(screen: &mut Screen, export: &Export, spec: &ModelSpec) {
    screen.undo.push(Undo::Draft(Box::new(screen.draft())));
    screen.settings.editing = None;
    if !screen.settings.choose(&spec.id) {
        let what = format!("{} is not on offer here", spec.name);
        return screen.warn(Trouble { what, hint: None });
    }
    screen.settings.inputs.clear();
    // It takes a film: the model was just chosen for that.
    let _ = screen.settings.give(Source::Asset(export.take), MediaKind::Video);
    screen.parent = Some(export.take);
    screen.view = View::Studio;
    studio::focus(screen, Pane::Settings);
    // Past the film, which is given, to the first thing that is to be said.
    let rows = screen.settings.rows().len();
    screen.settings.at = (screen.settings.at + 1).min(rows.saturating_sub(1));
    touched(screen);
    screen.count();
    let places = screen.places();
    let key = screen.keymap.key(&places, Action::Generate).unwrap_or_default();
    screen.say(format!("{} of take {}: {key} makes it, $0.00", spec.name, export.label));
}
