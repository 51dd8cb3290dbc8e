//! The form of settings: of a simple, a rich and a hostile model.

use std::sync::Arc;

use rushes::catalog::{Catalog, InputKind, InputSpec, ItemKind, ModelSpec, ParamKind, ParamSpec};
use rushes::domain::{ModelId, ProviderId};
use rushes::tui::Start;
use rushes::tui::msg::Msg;
use serde_json::json;

use super::{Studio, at_every_size};

/// A studio with this model chosen and the focus in its form.
fn form(size: (u16, u16), model: &str) -> Studio {
    let model = ModelId::new(model);
    let change = |start: Start| Start { model, ..start };
    let mut studio = Studio::with(ProviderId::Wavespeed, size, vec![], vec![], change);
    studio.keys("Tab");
    studio
}

impl Studio {
    /// Pastes into what has the focus.
    fn paste(&mut self, text: &str) {
        self.tell(Msg::Paste(text.to_owned()));
    }

    /// Puts the bar on the row with this label.
    pub(super) fn go(&mut self, label: &str) {
        let rows = self.screen.settings.rows();
        let at = rows.iter().position(|row| row.label == label).expect(label);
        self.keys("g g");
        for _ in 0..at {
            self.keys("j");
        }
    }
}

#[test]
fn a_simple_model_has_a_row_for_everything() {
    at_every_size("form_simple", |size| {
        let mut studio = form(size, "alibaba/wan-2.5/text-to-video");
        studio.go("size");
        studio
    });
}

/// Inputs that were measured, one of them refused, two shots, one of them without its text.
fn rich(size: (u16, u16)) -> Studio {
    let mut studio = form(size, "kwaivgi/kling-v3.0-pro/image-to-video");
    studio.keys("S-Tab");
    studio.write("a hat is thrown into the air");
    studio.keys("Tab");
    studio.go("image");
    studio.paste("'/home/ada/last one.jpg'");
    studio.go("multi prompt");
    studio.keys("Enter i a Space h a t Enter + j l l");
    studio.go("cfg scale");
    studio.keys("i C-u 2 Enter");
    studio
}

#[test]
fn a_rich_model_shows_its_files_its_items_and_their_faults() {
    at_every_size("form_rich", |size| {
        let mut studio = rich(size);
        studio.keys("G C-g");
        studio
    });
}

#[test]
fn the_picker_shows_the_file_system_with_a_preview() {
    at_every_size("picker_files", |size| {
        let mut studio = form(size, "wavespeed-ai/infinitetalk");
        studio.go("image");
        studio.keys("Enter Down Down Down");
        studio
    });
}

#[test]
fn the_picker_shows_what_of_the_library_fits() {
    at_every_size("picker_library", |size| {
        let (jobs, assets) = super::library(ProviderId::Wavespeed);
        let model = ModelId::new("heygen/video-translate");
        let change = |start: Start| Start { model, ..start };
        let mut studio = Studio::with(ProviderId::Wavespeed, size, jobs, assets, change);
        studio.keys("Tab");
        studio.go("video");
        studio.keys("Enter Down");
        studio
    });
}

#[test]
fn one_of_very_many_choices_is_found_by_its_letters() {
    at_every_size("choices", |size| {
        let mut studio = form(size, "heygen/video-translate");
        studio.go("output language");
        studio.keys("Enter s w e");
        studio
    });
}

#[test]
fn an_avatar_is_priced_by_its_recording_once_that_is_measured() {
    at_every_size("form_avatar", |size| {
        let mut studio = form(size, "wavespeed-ai/infinitetalk");
        studio.go("image");
        studio.paste("/home/ada/IMG_20261122_101400_a_very_long_name_of_a_picture_indeed.png");
        studio.go("audio");
        studio.paste("/home/ada/voice.wav");
        studio
    });
}

/// Everything that a provider's list could hold, and worse.
fn hostile() -> ModelSpec {
    let catalog = Catalog::builtin().unwrap();
    let mut spec = catalog.find("alibaba/wan-2.5/text-to-video").unwrap().clone();
    spec.id = ModelId::new("hostile/model");
    spec.name = format!("\u{1b}[31m{}\u{202e}", "Model of many names ".repeat(8));
    "\u{9b}2J gone\n\n\tnot gone".clone_into(&mut spec.about);
    spec.aliases.clear();
    let param = |key: String, kind: ParamKind| ParamSpec {
        key,
        kind,
        default: None,
        required: false,
        hidden: false,
        unit: None,
        about: Some("\u{1b}]0;title\u{7} prose \u{202e}drawkcab".to_owned()),
        suggested: vec![],
        fields: vec![],
    };
    let text = || ParamKind::Text { max_chars: None };
    let list = |item| ParamKind::List { item, min_items: Some(9), max_items: Some(2) };
    let leaf = ParamSpec { required: true, ..param("leaf".into(), text()) };
    let nested = ParamSpec {
        fields: vec![leaf.clone(), param("\u{1b}c".into(), list(ItemKind::Number))],
        ..param("inner_list".into(), list(ItemKind::Object))
    };
    let object =
        ParamSpec { fields: vec![leaf, nested.clone()], ..param("box".into(), ParamKind::Object) };
    let outer = ParamSpec {
        fields: vec![object, nested],
        default: Some(json!([{"box": {"inner_list": [{"leaf": 7}, "odd"]}}, null, 3])),
        ..param(
            "nested_in_nested".into(),
            ParamKind::List { item: ItemKind::Object, min_items: None, max_items: None },
        )
    };
    let many = (0..400).map(|at| json!(format!("value\u{202e} {at}\u{1b}[2J"))).collect();
    let huge =
        ParamKind::Integer { min: Some(i64::MIN), max: Some(i64::MAX), step: Some(i64::MAX) };
    let upside_down = ParamKind::Number { min: Some(1e300), max: Some(-1e300), step: Some(-0.0) };
    let mut params = vec![
        outer,
        param("enum_of_400".into(), ParamKind::Choice { of: many }),
        param("enum_of_none".into(), ParamKind::Choice { of: vec![] }),
        param("huge".into(), huge),
        param("upside_down".into(), upside_down),
        ParamSpec { hidden: true, ..param("hidden".into(), text()) },
        ParamSpec {
            default: Some(json!({"a": "\u{1b}[31m", "b": [1, 2, 3]})),
            ..param("anything".into(), ParamKind::Object)
        },
        param("long".into(), ParamKind::Size { min: Some(99_999_999), max: Some(-1) }),
    ];
    params.extend((0..60).map(|at| {
        let key = format!("a_name_of_eighty_characters_{at}_{}", "龍\u{200f}x".repeat(20));
        param(key, text())
    }));
    spec.params = params;
    spec.inputs = vec![InputSpec {
        key: "fi\u{1b}[7mle".to_owned(),
        kind: InputKind::File,
        required: true,
        formats: vec!["\u{7}".to_owned()],
        max_bytes: Some(0),
        min_seconds: Some(u32::MAX),
        max_seconds: Some(0),
        min_side: Some(u32::MAX),
        max_ratio: None,
        at_least: 9,
        how_many: usize::MAX,
        is_list: true,
        about: None,
    }];
    spec
}

fn with_hostile(size: (u16, u16)) -> Studio {
    let spec = hostile();
    let change = |start: Start| {
        let folder = std::path::Path::new("/nowhere");
        let catalog = Catalog::with_listed(folder, vec![spec]).unwrap();
        Start { catalog: Arc::new(catalog), model: ModelId::new("hostile/model"), ..start }
    };
    let mut studio = Studio::with(ProviderId::Wavespeed, size, vec![], vec![], change);
    studio.keys("Tab");
    studio
}

#[test]
fn a_hostile_model_harms_nothing() {
    at_every_size("form_hostile", |size| {
        let mut studio = with_hostile(size);
        studio.keys("j");
        studio.paste("/home/ada/portrait.png /home/ada/\u{1b}[31mnowhere.mov");
        studio.keys("C-g");
        studio
    });
}

#[test]
fn no_key_on_any_row_of_any_model_panics_or_draws_outside() {
    let keys = ["l", "h", "Enter", "Esc", "i", "7", "Enter", "Esc", "+", "Esc", "J", "K", "a", "d"];
    let mut studio = with_hostile((80, 24));
    let walk = |studio: &mut Studio, steps: usize| {
        for step in 0..steps {
            for key in keys {
                studio.keys(key);
                if step % 4 == 0 {
                    studio.buffer();
                }
            }
            studio.screen.focus = rushes::tui::screen::Pane::Settings;
            studio.screen.dialogs.clear();
            studio.keys("Down");
        }
    };
    walk(&mut studio, 90);
    let catalog = Catalog::builtin().unwrap();
    for spec in catalog.all().iter().filter(|spec| spec.available).step_by(9) {
        let mut studio = form((80, 24), spec.id.as_str());
        walk(&mut studio, 8);
    }
}
