//! Golden frames of the model view.

use std::sync::{Arc, LazyLock};

use rushes::catalog::{Catalog, Listing};
use rushes::domain::{ModelId, ProviderId};
use rushes::tui::backend::Notice;
use rushes::tui::msg::{Msg, Reply};
use rushes::tui::theme::Depth;
use rushes::tui::{Start, Style};
use serde_json::json;

use super::{Studio, Tap, Wire, frame, view};

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 36), (200, 50)];

/// Two entries of a provider's list: one priced by a formula, one whose price nobody knows, both hostile.
fn listed() -> Vec<rushes::catalog::ModelSpec> {
    let schema = |properties: serde_json::Value| json!({"api_schemas": [{"type": "model_run", "request_schema": {"properties": properties}}]});
    let length = json!({"type": "integer", "enum": [5, 10], "default": 5});
    let entries = json!([
        {"model_id": "somebody/new\u{1b}[31m-model/text-to-video", "type": "text-to-video", "base_price": 0.1,
            "description": "Says \u{202e}it backwards, and \u{7}rings.",
            "formula": "{\"total_price\": 20000 * duration}",
            "api_schema": schema(json!({"prompt": {"type": "string"}, "duration": length}))},
        {"model_id": "somebody/unpriced/text-to-video", "type": "text-to-video",
            "api_schema": schema(json!({"prompt": {"type": "string"}}))},
    ]);
    let listing = Listing::of(entries, "2026-11-22".parse().unwrap()).unwrap();
    assert_eq!(listing.models.len(), 2, "{:?}", listing.unusable);
    listing.models
}

fn catalog() -> Arc<Catalog> {
    static LISTED: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        Arc::new(Catalog::with_listed(folder.path(), listed()).unwrap())
    });
    Arc::clone(&LISTED)
}

fn opened(provider: ProviderId, size: (u16, u16), change: impl FnOnce(Start) -> Start) -> Studio {
    let mut studio = Studio::with(provider, size, vec![], vec![], |start| {
        change(Start { catalog: catalog(), ..start })
    });
    let favourites = r#"["alibaba/wan-2.5/image-to-video","gone/model"]"#.to_owned();
    studio.tell(Msg::Reply(Reply::Favourites(Some(favourites))));
    studio.keys("A-4");
    studio
}

/// Takes a snapshot of the view at every size, after these keys.
fn at_every_size(name: &str, provider: ProviderId, keys: &str) {
    for size in SIZES {
        let mut studio = opened(provider, size, |start| start);
        if !keys.is_empty() {
            studio.keys(keys);
        }
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), studio.frame());
    }
}

#[test]
fn every_model_has_its_price_at_the_settings_of_now() {
    at_every_size("models", ProviderId::Wavespeed, "");
}

#[test]
fn words_are_typed_above_what_they_find() {
    at_every_size("models_search", ProviderId::Wavespeed, "/ w a n Space 2 . 5");
}

#[test]
fn everything_known_of_a_model_is_told() {
    at_every_size("models_facts", ProviderId::Wavespeed, "/ w a n - 2 . 5 / v i d e o Enter i");
}

#[test]
fn what_is_switched_off_says_why() {
    at_every_size("models_off", ProviderId::Sandbox, "a / s o r a Enter");
}

#[test]
fn nothing_found_says_what_to_do() {
    at_every_size("models_none", ProviderId::Sandbox, "/ z e p p e l i n Enter");
}

#[test]
fn text_of_a_provider_steers_no_terminal_and_no_price_is_no_zero() {
    let mut studio = opened(ProviderId::Wavespeed, (120, 36), |start| start);
    studio.keys("/ s o m e b o d y Enter");
    let frame = studio.frame();
    assert!(frame.chars().all(|letter| letter == '\n' || !letter.is_control()), "{frame}");
    assert!(!frame.contains('\u{202e}'));
    assert!(frame.contains("price unknown") && frame.contains("$0.02/s"), "{frame}");
    assert!(!frame.contains("$0.00/s") && !frame.contains(" $0.00 a run"));
}

#[test]
fn the_view_reads_without_colours_and_symbols() {
    let mut studio = opened(ProviderId::Wavespeed, (80, 24), |start| Start {
        style: Style { depth: Depth::None, ascii: true, ..start.style.clone() },
        ..start
    });
    studio.keys("a / s o r a Enter i");
    for cell in studio.buffer().content() {
        assert_eq!(cell.fg, ratatui::style::Color::Reset);
        assert!(cell.symbol().is_ascii() || "…".contains(cell.symbol()), "{:?}", cell.symbol());
    }
    insta::assert_snapshot!("models_plain_80x24", studio.frame());
}

#[test]
fn a_newer_catalogue_changes_nothing_but_what_is_new() {
    let mut studio = Studio::new(ProviderId::Wavespeed, (120, 36), vec![], vec![]);
    studio.keys("A-4 / h u n y u a n Enter");
    let before = studio.frame();
    studio.tell(Msg::Notice(Notice::Catalog(catalog())));
    let after = studio.frame();
    let differing = before.lines().zip(after.lines()).filter(|(one, other)| one != other).count();
    // The counts in the title, in text and style.
    assert!(differing <= 2 && before != after, "{before}\n{after}");
}

#[test]
fn a_letter_of_a_search_costs_little_and_a_frame_like_the_last_nothing() {
    let mut studio = opened(ProviderId::Wavespeed, (80, 24), |start| start);
    let tap = Tap::default();
    let size = || Ok(ratatui::layout::Size { width: 80, height: 24 });
    let mut terminal = ratatui::Terminal::new(Wire::new(tap.clone(), size)).unwrap();
    let mut cost = |studio: &Studio| {
        tap.0.lock().unwrap().clear();
        terminal.draw(|frame| view(&studio.screen, frame)).unwrap();
        tap.0.lock().unwrap().len()
    };
    cost(&studio);
    studio.keys("/");
    for letter in "seedance pro".chars() {
        studio.keys(&if letter == ' ' { "Space".to_owned() } else { letter.to_string() });
        let bytes = cost(&studio);
        assert!(bytes <= 3_000, "{letter:?} cost {bytes} bytes");
    }
    assert_eq!(cost(&studio), 0);
    assert_eq!(studio.screen.next_tick(), None, "nothing is waited for");
    studio.screen.models.at = Some(ModelId::new("gone/model"));
    studio.keys("Enter");
    assert!(!frame(&studio.buffer()).is_empty());
}

#[test]
fn the_view_is_drawn_within_its_screen_at_any_size() {
    for width in (1..220).step_by(17) {
        for height in (1..70).step_by(7) {
            let mut studio = opened(ProviderId::Sandbox, (width, height), |start| start);
            for keys in ["G", "i", "G", "Esc", "/", "q", "z", "Enter", "?", "Esc", "a", "g g"] {
                studio.keys(keys);
                studio.buffer();
            }
        }
    }
}
