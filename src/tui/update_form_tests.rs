//! The form by keys: each kind of row, files, faults, what is hidden, what is nested, and the draft.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::super::backend::{Entry, Folder};
use super::super::super::dialog::Dialog;
use super::super::super::draft::Draft;
use super::super::super::form::files::{Found, Known};
use super::super::super::form::rows::What;
use super::*;
use crate::catalog::FileFacts;
use crate::domain::brief::Source;
use crate::domain::{Inputs, ModelId};

const KLING: &str = "kwaivgi/kling-v3.0-pro/image-to-video";
const AVATAR: &str = "wavespeed-ai/infinitetalk";
const REFERENCES: &str = "kwaivgi/kling-video-o3-std/reference-to-video";

/// A studio with this model chosen and the focus in its form.
fn form(model: &str) -> Screen {
    let mut screen = studio(ProviderId::Wavespeed);
    assert!(screen.settings.choose(&ModelId::new(model)), "{model} is on offer");
    press(&mut screen, "Tab");
    screen
}

fn go(screen: &mut Screen, key: &str) {
    let rows = screen.settings.rows();
    screen.settings.at = rows.iter().position(|row| row.key == key).expect(key);
}

fn paste(screen: &mut Screen, text: &str) -> Vec<Effect> {
    tell(screen, Msg::Paste(text.to_owned()))
}

fn file(path: &str) -> Source {
    Source::File(path.into())
}

fn facts(name: &str, kind: MediaKind, milliseconds: Option<u64>) -> FileFacts {
    FileFacts { name: name.to_owned(), kind, bytes: 1000, milliseconds, pixels: None }
}

fn measured(screen: &mut Screen, asked: &str, at: &str, kind: MediaKind, ms: Option<u64>) {
    let found = Ok(Found { source: file(at), facts: facts(at, kind, ms) });
    tell(screen, Msg::Reply(Reply::Facts { source: file(asked), found }));
}

fn missing(screen: &mut Screen, at: &str) {
    let found = Err(Trouble { what: "is not there".to_owned(), hint: None });
    tell(screen, Msg::Reply(Reply::Facts { source: file(at), found }));
}

fn param(screen: &Screen, key: &str) -> Option<Value> {
    screen.settings.params.get(key).cloned()
}

fn labels(screen: &Screen) -> Vec<String> {
    screen.settings.rows().into_iter().map(|row| row.label).collect()
}

fn shown(screen: &Screen) -> Vec<String> {
    screen.shown_faults().iter().map(|fault| fault.message.clone()).collect()
}

#[test]
fn required_files_come_first_and_every_parameter_has_its_row() {
    let screen = form(AVATAR);
    let wanted = ["model", "image", "audio", "mask image", "resolution", "seed", "takes"];
    assert_eq!(labels(&screen), wanted);
}

#[test]
fn every_kind_of_value_has_its_own_way_to_change() {
    let mut screen = form(KLING);
    go(&mut screen, "duration");
    press(&mut screen, "l");
    assert_eq!(param(&screen, "duration"), Some(json!(6)), "a choice goes on to the next");
    go(&mut screen, "cfg_scale");
    press(&mut screen, "h");
    assert_eq!(param(&screen, "cfg_scale"), Some(json!(0.49)), "a number goes by its step");
    press(&mut screen, "Enter C-u 7 Enter");
    assert_eq!(shown(&screen), ["cfg_scale is 7; it takes 0 to 1"], "and its limits are told");
    press(&mut screen, "d");
    assert_eq!(param(&screen, "cfg_scale"), None, "the default is back");
    go(&mut screen, "sound");
    press(&mut screen, "Enter Enter");
    assert_eq!(param(&screen, "sound"), Some(json!(true)), "a switch is thrown");
    go(&mut screen, "negative_prompt");
    press(&mut screen, "Enter b l u r Enter");
    assert_eq!(param(&screen, "negative_prompt"), Some(json!("blur")), "a text is typed");
}

#[test]
fn what_cannot_be_read_stays_where_it_is_typed_with_what_is_wrong_beside_it() {
    let mut screen = form(KLING);
    go(&mut screen, "cfg_scale");
    press(&mut screen, "i x y Enter");
    assert!(screen.settings.editing.is_some() && shown(&screen).len() == 1, "{:?}", shown(&screen));
    press(&mut screen, "C-u");
    assert!(shown(&screen).is_empty(), "typing on takes it away");
    press(&mut screen, "Enter");
    assert!(screen.settings.editing.is_none());
}

#[test]
fn entries_come_go_and_move_and_their_fields_are_sent_as_they_stand() {
    let mut screen = form(KLING);
    go(&mut screen, "multi_prompt");
    press(&mut screen, "Enter i o n e Enter + i t w o Enter j l");
    let second = json!({"duration": 6, "prompt": "two"});
    let first = json!({"duration": 5, "prompt": "one"});
    assert_eq!(param(&screen, "multi_prompt"), Some(json!([first, second])));
    press(&mut screen, "K");
    assert_eq!(param(&screen, "multi_prompt"), Some(json!([second, first])));
    assert_eq!(screen.settings.row().key, "multi_prompt[0].prompt", "the bar goes with it");
    press(&mut screen, "J d");
    assert_eq!(param(&screen, "multi_prompt"), Some(json!([first])));
    let sent = screen.brief(None).params.get("multi_prompt").cloned();
    assert_eq!(sent, Some(json!([first])));
    press(&mut screen, "d");
    assert_eq!(param(&screen, "multi_prompt"), None, "an empty list is none");
    assert_eq!(screen.settings.row().key, "multi_prompt");
}

#[test]
fn faults_of_nested_fields_stand_at_their_own_row() {
    let mut screen = form(KLING);
    go(&mut screen, "multi_prompt");
    press(&mut screen, "Enter");
    assert_eq!(shown(&screen), ["multi_prompt[0].prompt is missing"]);
    let rows = screen.settings.rows();
    let at = super::super::super::form::rows::row_of(&rows, "multi_prompt[0].prompt");
    assert_eq!(at.map(|at| rows[at].label.clone()), Some("1 prompt".to_owned()));
}

#[test]
fn a_missing_file_is_no_fault_until_somebody_orders_and_then_all_are_told() {
    let mut screen = form(AVATAR);
    assert!(shown(&screen).is_empty());
    let effects = press(&mut screen, "C-g");
    assert!(effects.is_empty(), "nothing is sent: {effects:?}");
    assert_eq!(shown(&screen), ["image is missing", "audio is missing"]);
    let told = screen.toast.as_ref().and_then(|toast| toast.hint.clone());
    assert_eq!(told.as_deref(), Some("⏎ on its row chooses one; a path can be pasted there"));
    assert_eq!(screen.settings.row().key, "image", "the bar is at the first");
}

#[test]
fn a_fault_of_what_is_hidden_opens_it() {
    let mut screen = form("wavespeed-ai/infinitetalk");
    let mut spec = screen.settings.model().clone();
    let mut hidden = spec.params[1].clone();
    (hidden.key, hidden.hidden, hidden.required, hidden.default) =
        ("secret".to_owned(), true, true, None);
    spec.params.push(hidden);
    spec.inputs.clear();
    spec.id = ModelId::new("hidden/model");
    let catalog = Catalog::with_listed(std::path::Path::new("/nowhere"), vec![spec]).unwrap();
    screen.settings.shelve(Arc::new(catalog));
    assert!(screen.settings.choose(&ModelId::new("hidden/model")));
    let more = |screen: &Screen| {
        screen.settings.rows().iter().any(|row| matches!(row.what, What::More(1)))
    };
    assert!(more(&screen) && !labels(&screen).contains(&"secret".to_owned()));
    press(&mut screen, "C-g");
    assert_eq!(screen.settings.row().key, "secret");
    press(&mut screen, "a");
    assert!(more(&screen), "one key hides it again");
}

#[test]
fn a_pasted_path_fills_its_row_and_is_measured_and_priced_in_the_same_frame() {
    let mut screen = form(AVATAR);
    go(&mut screen, "audio");
    let effects = paste(&mut screen, "'~/my voice.wav'");
    assert_eq!(effects, [Effect::Facts(file("~/my voice.wav"))]);
    let floor = screen.counted.estimate.clone();
    measured(&mut screen, "~/my voice.wav", "/home/a/my voice.wav", MediaKind::Audio, Some(20_000));
    assert_eq!(screen.brief(None).inputs, [("audio".to_owned(), file("/home/a/my voice.wav"))]);
    let price = screen.counted.estimate.as_ref().map(|estimate| estimate.high);
    assert_eq!(price, Some(Usd::from_micros(600_000)));
    assert_ne!(screen.counted.estimate, floor);
    assert!(shown(&screen).is_empty());
}

#[test]
fn a_file_that_does_not_fit_or_is_gone_is_told_beside_its_row() {
    let mut screen = form(AVATAR);
    go(&mut screen, "audio");
    paste(&mut screen, "/a/lecture.mp3");
    measured(&mut screen, "/a/lecture.mp3", "/a/lecture.mp3", MediaKind::Audio, Some(700_000));
    assert_eq!(shown(&screen), ["audio lasts 700 s; at most 600 s are allowed"]);
    let effects = press(&mut screen, "S-Tab Tab");
    assert_eq!(effects, [Effect::Facts(file("/a/lecture.mp3"))], "it is looked at again");
    missing(&mut screen, "/a/lecture.mp3");
    assert_eq!(shown(&screen), ["audio is not there"]);
    assert!(press(&mut screen, "C-g").is_empty(), "and nothing is sent");
}

#[test]
fn a_list_of_files_takes_several_at_once_and_no_more_than_fit() {
    let mut screen = form(REFERENCES);
    go(&mut screen, "images");
    paste(&mut screen, "/a/1.png /a/2.png\nhttps://example.com/3.png");
    let given = |screen: &Screen| screen.settings.given("images").cloned().collect::<Vec<_>>();
    let address = Source::Url("https://example.com/3.png".to_owned());
    assert_eq!(given(&screen), [file("/a/1.png"), file("/a/2.png"), address.clone()]);
    go(&mut screen, "images[1]");
    press(&mut screen, "K d");
    assert_eq!(given(&screen), [file("/a/1.png"), address]);
    go(&mut screen, "images");
    paste(&mut screen, &"/b.png ".repeat(9));
    assert_eq!(given(&screen).len(), 7);
    assert!(!screen.settings.rows().iter().any(|row| row.key == "images"), "there is no more room");
}

#[test]
fn a_field_that_another_forbids_is_not_offered() {
    let mut screen = form(KLING);
    assert!(labels(&screen).contains(&"multi prompt".to_owned()));
    go(&mut screen, "end_image");
    paste(&mut screen, "/a.png");
    assert!(!labels(&screen).contains(&"multi prompt".to_owned()));
}

#[test]
fn the_picker_goes_through_folders_and_gives_back_a_file() {
    let mut screen = form(AVATAR);
    go(&mut screen, "image");
    assert_eq!(press(&mut screen, "Enter"), [Effect::LookInto(".".into())]);
    let entry = |name: &str, is_folder| Entry { name: name.into(), is_folder, bytes: 5 };
    let looked = |screen: &mut Screen, asked: &str, path: &str, entries: Vec<Entry>| {
        let folder = Ok(Folder { path: path.into(), entries });
        tell(screen, Msg::Reply(Reply::LookedInto { asked: asked.into(), folder }));
    };
    let home = vec![entry("pictures", true), entry("a.wav", false), entry(".b.png", false)];
    looked(&mut screen, ".", "/home/a", home);
    assert_eq!(press(&mut screen, "Enter"), [Effect::LookInto("/home/a/pictures".into())]);
    let pictures = vec![entry("kite.png", false), entry("dune.PNG", false)];
    looked(&mut screen, "/home/a/pictures", "/home/a/pictures", pictures);
    let effects = press(&mut screen, "d n Enter");
    assert!(screen.dialogs.is_empty());
    assert!(effects.contains(&Effect::Facts(file("/home/a/pictures/dune.PNG"))), "{effects:?}");
    assert_eq!(screen.settings.given("image").next(), Some(&file("/home/a/pictures/dune.PNG")));
}

#[test]
fn a_path_typed_into_the_picker_leads_to_its_folder() {
    let mut screen = form(AVATAR);
    go(&mut screen, "image");
    press(&mut screen, "Enter");
    let effects = press(&mut screen, "~ / p i");
    assert_eq!(effects, [Effect::LookInto("~/".into())]);
    let gone = Err(Trouble { what: "is not there".to_owned(), hint: None });
    tell(&mut screen, Msg::Reply(Reply::LookedInto { asked: "~/".into(), folder: gone }));
    press(&mut screen, "Enter");
    assert_eq!(screen.settings.given("image").next(), Some(&file("~/pi")), "it is as it was typed");
    press(&mut screen, "Enter");
    paste(&mut screen, "https://example.com/a.png");
    press(&mut screen, "Enter");
    let address = Source::Url("https://example.com/a.png".to_owned());
    assert_eq!(screen.settings.given("image").next(), Some(&address));
}

#[test]
fn one_of_many_choices_is_found_by_letters() {
    let mut screen = form("heygen/video-translate");
    go(&mut screen, "output_language");
    press(&mut screen, "Enter");
    assert!(matches!(screen.dialogs.last(), Some(Dialog::Choices { .. })));
    press(&mut screen, "w e l s h Enter");
    assert_eq!(param(&screen, "output_language"), Some(json!("Welsh (United Kingdom)")));
    assert!(screen.dialogs.is_empty());
}

#[test]
fn a_take_becomes_the_input_of_this_model_or_of_one_that_takes_it() {
    let mut screen = studio(ProviderId::Wavespeed);
    made::fill(&mut screen, 2);
    let id = screen.assets[0].id;
    press(&mut screen, "Esc Tab I");
    let model = screen.settings.model();
    assert_eq!(model.operation, Operation::Enhance, "no model for text takes a video");
    assert!(screen.toast.as_ref().is_some_and(|it| it.text.contains("was chosen")));
    assert_eq!(screen.settings.given("video").next(), Some(&Source::Asset(id)));
    assert_eq!(screen.focus, Pane::Settings);
    press(&mut screen, "Tab Tab I");
    assert!(
        screen.toast.as_ref().is_some_and(|it| it.text.contains("all the files")),
        "{:?}",
        screen.toast
    );
}

#[test]
fn files_follow_to_a_model_that_calls_them_otherwise_and_wait_where_none_takes_them() {
    let mut screen = form(AVATAR);
    go(&mut screen, "audio");
    paste(&mut screen, "/a.wav");
    assert!(screen.settings.choose(&ModelId::new(KLING)));
    assert_eq!(screen.settings.inputs, Inputs::new());
    assert!(screen.settings.choose(&ModelId::new(AVATAR)));
    assert_eq!(screen.settings.inputs, [("audio".to_owned(), file("/a.wav"))]);
}

#[test]
fn a_draft_keeps_its_files_and_one_from_before_there_were_any_is_read() {
    let mut screen = form(KLING);
    go(&mut screen, "image");
    paste(&mut screen, "/a.png");
    go(&mut screen, "multi_prompt");
    press(&mut screen, "Enter i o n e Enter");
    let draft = screen.draft();
    let text = serde_json::to_string(&draft).unwrap();
    assert_eq!(serde_json::from_str::<Draft>(&text).unwrap(), draft);
    let mut other = studio(ProviderId::Wavespeed);
    let effects = tell(&mut other, Msg::Reply(Reply::Recalled(Some(text))));
    assert_eq!(effects, [Effect::Facts(file("/a.png"))]);
    assert_eq!(other.draft(), draft);
    assert_eq!(other.brief(None), screen.brief(None));
    let mut old: Value = serde_json::to_value(&draft).unwrap();
    old.as_object_mut().unwrap().remove("inputs");
    assert_eq!(serde_json::from_value::<Draft>(old).unwrap().inputs, Inputs::new());
}

#[test]
fn a_brief_comes_back_into_the_form_with_its_files_addresses_among_them() {
    let mut screen = form(AVATAR);
    let mut brief = screen.brief(None);
    brief.inputs = vec![("audio".to_owned(), file("/a.wav"))];
    brief.params.insert("image".to_owned(), "https://example.com/a.png".into());
    assert!(screen.settings.put(&Draft::of(&brief, None)));
    let address = Source::Url("https://example.com/a.png".to_owned());
    let wanted = [("audio".to_owned(), file("/a.wav")), ("image".to_owned(), address)];
    assert_eq!(screen.settings.inputs, wanted);
}

#[test]
fn a_model_without_a_prompt_is_ordered_without_one() {
    let mut screen = form("heygen/video-translate");
    go(&mut screen, "video");
    paste(&mut screen, "/a.mp4");
    measured(&mut screen, "/a.mp4", "/a.mp4", MediaKind::Video, Some(5_000));
    assert!(matches!(screen.files.get(&file("/a.mp4")), Some(Known::Facts(_))));
    let ask = looked_at(&press(&mut screen, "C-g"));
    assert!(!ask.briefs[0].params.contains_key("prompt"));
    assert_eq!(ask.briefs[0].inputs.len(), 1);
}

#[test]
fn a_text_of_several_lines_goes_to_the_persons_own_editor_and_comes_back() {
    let mut screen = form(KLING);
    go(&mut screen, "negative_prompt");
    assert_eq!(press(&mut screen, "C-x C-e"), [Effect::EditOutside(String::new())]);
    tell(&mut screen, Msg::Reply(Reply::Edited(Ok("blurry\ntext\n".to_owned()))));
    assert_eq!(param(&screen, "negative_prompt"), Some(json!("blurry\ntext")));
    assert_eq!(press(&mut screen, "Enter"), [Effect::EditOutside("blurry\ntext".to_owned())]);
    assert!(edit::text(&screen.prompt).is_empty(), "the prompt is another text");
}
