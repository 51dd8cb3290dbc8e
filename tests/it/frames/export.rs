//! Golden frames of the picker of platforms and edits.

use std::sync::Arc;

use rushes::catalog::Catalog;
use rushes::domain::{Ask, Brief, MediaKind, Pixels, ProviderId};
use rushes::tui::Start;
use rushes::tui::Style;
use rushes::tui::msg::Effect;
use rushes::tui::theme::Depth;

use super::{Studio, at_every_size, library};
use crate::support::builtin;

/// A studio with its newest take selected, and the picker open.
fn picker(size: (u16, u16), change: impl FnOnce(Start) -> Start) -> Studio {
    let (jobs, assets) = library(ProviderId::Sandbox);
    let mut studio = Studio::with(ProviderId::Sandbox, size, jobs, assets, change);
    studio.keys("Esc Tab E");
    studio
}

fn opened(size: (u16, u16)) -> Studio {
    picker(size, |start| start)
}

#[test]
fn every_platform_says_what_becomes_of_the_take() {
    at_every_size("export", opened);
}

#[test]
fn platforms_are_ticked_and_made_together() {
    at_every_size("export_ticked", |size| {
        let mut studio = opened(size);
        studio.keys("Tab Down Space A-l");
        studio
    });
}

#[test]
fn letters_find_platforms_and_edits() {
    at_every_size("export_found", |size| {
        let mut studio = opened(size);
        studio.write("square");
        studio
    });
    let mut studio = opened((80, 24));
    studio.write("trim");
    insta::assert_snapshot!("export_edit_80x24", studio.frame());
}

#[test]
fn a_tall_and_long_take_is_cut_to_what_is_allowed() {
    at_every_size("export_tall", |size| {
        let (jobs, mut assets) = library(ProviderId::Sandbox);
        assets[0].facts.pixels = Some(Pixels { width: 720, height: 1280 });
        assets[0].facts.duration_ms = Some(75_000);
        let mut studio = Studio::new(ProviderId::Sandbox, size, jobs, assets);
        studio.keys("Esc Tab E Down");
        studio
    });
}

fn without(missing: &'static str) -> Arc<Catalog> {
    let catalog: Catalog = (*builtin()).clone();
    Arc::new(catalog.fitted(|spec| {
        if spec.is_local() && spec.id.as_str().starts_with(missing) {
            spec.available = false;
            spec.reason = Some("no ffmpeg was found: apt install ffmpeg".to_owned());
        }
    }))
}

#[test]
fn without_ffmpeg_the_list_says_why_it_is_empty() {
    at_every_size("export_without", |size| {
        let studio = picker(size, |start| Start { catalog: without("local/"), ..start });
        assert!(studio.frame().contains("install ffmpeg"), "how to get it: {size:?}");
        studio
    });
    let mut studio = picker((80, 24), |start| Start { catalog: without("local/text"), ..start });
    studio.keys("Down");
    insta::assert_snapshot!("export_without_one_80x24", studio.frame());
    let mut studio = picker((80, 24), |start| Start { catalog: without("local/"), ..start });
    let effects = studio.keys("Tab A-a Enter");
    assert!(!effects.iter().any(|it| matches!(it, Effect::Preflight(_))), "{effects:?}");
}

#[test]
fn the_picker_reads_without_colours_and_symbols() {
    let mut studio = picker((80, 24), |start| Start {
        style: Style { depth: Depth::None, ascii: true, ..start.style.clone() },
        ..start
    });
    studio.keys("Tab");
    for cell in studio.buffer().content() {
        assert_eq!(cell.fg, ratatui::style::Color::Reset);
    }
    insta::assert_snapshot!("export_plain_80x24", studio.frame());
}

fn asked(effects: &[Effect]) -> Vec<Brief> {
    let ask = effects.iter().find_map(|effect| match effect {
        Effect::Preflight(Ask { briefs, .. }) => Some(briefs.clone()),
        _ => None,
    });
    ask.unwrap_or_default()
}

#[test]
fn what_is_ticked_is_ordered_together_and_without_ticks_the_row_under_the_bar() {
    let mut studio = opened((120, 36));
    let take = studio.screen.assets[0].clone();
    let platforms = |briefs: &[Brief]| {
        briefs
            .iter()
            .map(|it| it.params["platform"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let briefs = asked(&studio.keys("Down Down Tab Up Up Up Tab A-l Enter"));
    assert_eq!(platforms(&briefs), ["instagram-reels", "youtube-shorts"], "in the table's order");
    for brief in &briefs {
        assert_eq!((brief.provider, brief.parent), (ProviderId::Local, Some(take.id)));
        assert_eq!((brief.params["fit"].as_str(), brief.inputs.len()), (Some("letterbox"), 1));
        assert_eq!(brief.project, take.project);
    }
    let mut studio = opened((120, 36));
    assert_eq!(platforms(&asked(&studio.keys("Down Enter"))), ["tiktok"]);
    let mut studio = opened((120, 36));
    assert_eq!(asked(&studio.keys("A-a Enter")).len(), 9);
    let mut studio = opened((120, 36));
    assert_eq!(asked(&studio.keys("A-a A-a Down Enter")).len(), 1, "and none again");
}

#[test]
fn ticking_all_that_letters_find_leaves_the_other_ticks() {
    let platforms = |studio: &mut Studio| {
        let briefs = asked(&studio.keys("Enter"));
        let ids = briefs.iter().map(|it| it.params["platform"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    let narrowed = |letters: &str| {
        let mut studio = opened((120, 36));
        studio.keys("Down Tab");
        studio.write(letters);
        studio
    };
    let mut studio = narrowed("square");
    studio.keys("A-a");
    assert_eq!(platforms(&mut studio), ["tiktok", "linkedin-square", "facebook-square"]);
    let mut studio = narrowed("square");
    studio.keys("A-a A-a");
    assert_eq!(platforms(&mut studio), ["tiktok"]);
    let mut studio = narrowed("volume");
    studio.keys("A-a");
    assert_eq!(platforms(&mut studio), ["tiktok"], "there is none to tick or not");
}

#[test]
fn a_take_that_was_not_measured_is_still_told_to_be_too_long() {
    let (jobs, mut assets) = library(ProviderId::Sandbox);
    assets[0].facts.pixels = None;
    assets[0].facts.duration_ms = Some(75_000);
    let mut studio = Studio::new(ProviderId::Sandbox, (80, 24), jobs, assets);
    studio.keys("Esc Tab E");
    let frame = studio.frame();
    let tiktok = frame.lines().find(|line| line.contains("TikTok")).unwrap();
    assert!(tiktok.contains("287 MB  first 60 s"), "{tiktok}");
}

#[test]
fn an_edit_goes_into_the_form_with_the_take_and_the_draft_comes_back() {
    let (jobs, assets) = library(ProviderId::Sandbox);
    let mut studio = Studio::new(ProviderId::Sandbox, (80, 24), jobs, assets);
    studio.write("a red kite");
    let before = studio.screen.draft();
    studio.keys("Esc Tab E");
    studio.write("trim");
    let effects = studio.keys("Enter");
    assert!(asked(&effects).is_empty(), "it is ordered from the form");
    let draft = studio.screen.draft();
    assert_eq!(draft.model.as_str(), "local/trim");
    assert_eq!(draft.parent, Some(studio.screen.assets[0].id));
    assert_eq!(studio.screen.brief(None).inputs.len(), 1);
    insta::assert_snapshot!("export_form_80x24", studio.frame());
    studio.keys("Esc z");
    assert_eq!(studio.screen.draft(), before);
}

#[test]
fn only_films_are_exported_and_nothing_is_where_everything_is_only_looked_at() {
    let (jobs, mut assets) = library(ProviderId::Sandbox);
    assets[0].kind = MediaKind::Audio;
    let mut studio = Studio::new(ProviderId::Sandbox, (80, 24), jobs, assets);
    studio.keys("Esc Tab E");
    assert!(studio.screen.dialogs.is_empty());
    let mut studio = picker((80, 24), |start| Start { read_only: true, ..start });
    assert!(asked(&studio.keys("Enter")).is_empty());
    assert!(studio.screen.toast.as_ref().unwrap().text.contains("--read-only"));
}
