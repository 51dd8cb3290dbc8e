//! What the screen shows and does not have: it is asked for.

use super::super::layout;
use super::super::msg::Effect;
use super::super::screen::{Screen, Subject};
use super::super::views::View;
use super::picker;
use crate::domain::{AssetId, MediaKind, ModelId, Pixels};

/// Pictures and figures that the screen shows and does not have.
pub(super) fn wants(screen: &mut Screen) -> Vec<Effect> {
    let mut wanted = pictures(screen);
    wanted.retain(|(id, _)| {
        // A recording shows nothing that could be painted.
        !screen.assets.iter().any(|asset| asset.id == *id && asset.kind == MediaKind::Audio)
    });
    let asked = screen.pictures.ask(&wanted);
    let posters = asked.into_iter().map(|(id, fit)| Effect::Poster(id, fit));
    let mut effects: Vec<_> = posters.collect();
    let files: Vec<_> = screen.given_files().cloned().collect();
    effects.extend(screen.files.ask(files.iter()).into_iter().map(Effect::Facts));
    effects.extend(picker::wants(screen));
    let live = screen.jobs.iter().filter(|job| job.stage.is_live());
    let models: Vec<ModelId> = live.map(|job| job.brief.model.clone()).collect();
    for model in models {
        if !screen.usual.contains_key(&model) {
            screen.usual.insert(model.clone(), None);
            effects.push(Effect::Usual(model));
        }
    }
    effects
}

fn pictures(screen: &Screen) -> Vec<(AssetId, Pixels)> {
    match screen.view {
        View::Studio => {}
        View::Story => return super::super::pane::story::picture(screen).into_iter().collect(),
        View::Usage | View::Models => return vec![],
    }
    let areas = screen.areas();
    let takes = screen.shown_takes();
    let in_sight = takes.iter().skip(screen.take_top).zip(layout::posters(areas.takes));
    let strip = in_sight.map(|(asset, cells)| (asset.id, layout::pixels(cells)));
    let large = layout::large_picture(areas.preview);
    let looked_at = match screen.subject() {
        Subject::Take(asset) if !large.is_empty() => Some((asset.id, layout::pixels(large))),
        _ => None,
    };
    // What is looked at comes first.
    picker::shown_asset(screen).into_iter().chain(looked_at).chain(strip).collect()
}
