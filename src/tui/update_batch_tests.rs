//! Orders of several rows: from the editor, the form and the catalogue to the list and on.

use serde_json::json;

use super::super::super::action::Action;
use super::super::super::batch::Batch;
use super::*;
use crate::domain::brief::Brief;
use crate::domain::{Allowance, Bound, ModelId, Rule, Scope, Standing, bound::Used};

const OTHER: &str = "alibaba/wan-2.6/text-to-video";

fn list(screen: &Screen) -> &Batch {
    match screen.dialogs.last() {
        Some(Dialog::Batch(batch)) => batch,
        other => panic!("no list of rows: {other:?}"),
    }
}

fn words(screen: &Screen) -> Vec<String> {
    list(screen).order.rows.iter().map(|row| row.words.clone()).collect()
}

fn prompts(ask: &Ask) -> Vec<&str> {
    ask.briefs.iter().map(Brief::prompt).collect()
}

/// Orders, and waits until the list listens.
fn order(screen: &mut Screen) -> Vec<Effect> {
    let effects = press(screen, "C-g");
    later(screen, 400);
    effects
}

fn go(screen: &mut Screen, key: &str) {
    let rows = screen.settings.rows();
    screen.settings.at = rows.iter().position(|row| row.key == key).expect(key);
}

fn typed(screen: &mut Screen, key: &str, text: &str) {
    go(screen, key);
    press(screen, "i C-u");
    write(screen, text);
    press(screen, "Enter");
}

#[test]
fn variants_open_a_list_whose_ticked_rows_are_one_order() {
    let mut screen = studio(ProviderId::Wavespeed);
    write(&mut screen, "a {red|blue|green|} kite");
    assert!(order(&mut screen).is_empty(), "nothing is looked at yet");
    let rows = ["prompt: red", "prompt: blue", "prompt: green", "prompt: (nothing)"];
    assert_eq!(words(&screen), rows);
    press(&mut screen, "Space G k Space");
    let ask = looked_at(&press(&mut screen, "Enter"));
    assert_eq!(prompts(&ask), ["a blue kite", "a  kite"]);
    assert!(ask.briefs[0].seed() != ask.briefs[1].seed(), "each has a seed of its own");
    assert!(screen.dialogs.is_empty());
}

#[test]
fn the_list_comes_back_when_the_question_is_answered_with_no() {
    let mut screen = studio(ProviderId::Wavespeed);
    write(&mut screen, "{a|b|c}");
    order(&mut screen);
    press(&mut screen, "Space");
    let ask = looked_at(&press(&mut screen, "Enter"));
    preflighted(&mut screen, &ask, asking());
    later(&mut screen, 800);
    press(&mut screen, "Esc");
    assert_eq!(list(&screen).ticked, [false, true, true]);
    assert_eq!(list(&screen).at, 1);
    press(&mut screen, "Esc");
    assert!(screen.dialogs.is_empty());
    press(&mut screen, "Esc");
    assert!(screen.dialogs.is_empty() && screen.batch.is_none());
}

#[test]
fn nothing_ticked_sends_nothing_and_all_are_ticked_again_by_one_key() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "{a|b}");
    order(&mut screen);
    press(&mut screen, "a");
    assert!(press(&mut screen, "Enter").is_empty(), "nothing is ticked");
    press(&mut screen, "a");
    assert_eq!(looked_at(&press(&mut screen, "Enter")).briefs.len(), 2);
}

#[test]
fn keys_that_were_meant_for_the_editor_do_nothing_in_a_list_that_has_just_opened() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "{a|b}");
    press(&mut screen, "C-g Space Enter");
    assert_eq!(list(&screen).ticked, [true, true]);
}

#[test]
fn plain_takes_open_no_list() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "a kite");
    screen.settings.takes = 3;
    assert_eq!(looked_at(&press(&mut screen, "C-g")).briefs.len(), 3);
    assert!(screen.dialogs.is_empty());
}

#[test]
fn takes_are_per_variant_and_the_settings_line_multiplies() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "{a|b}");
    screen.settings.takes = 2;
    screen.count();
    let counted = &screen.counted;
    assert_eq!((counted.variants, counted.rows, counted.characters), (2, 2, 1));
    let each = counted.estimate.clone().expect("a price");
    assert_eq!(counted.total, Some(each.times(4)));
    order(&mut screen);
    assert_eq!(prompts(&looked_at(&press(&mut screen, "Enter"))), ["a", "a", "b", "b"]);
}

#[test]
fn a_setting_takes_several_values_and_forgets_them_for_one() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "a kite");
    press(&mut screen, "Tab");
    typed(&mut screen, "duration", "{5|8}");
    typed(&mut screen, "seed", "{1|2|3}");
    assert_eq!(screen.shown_faults(), Vec::<&crate::catalog::Fault>::new());
    let row = screen.settings.rows().into_iter().find(|row| row.key == "duration").unwrap();
    assert!(screen.settings.value(&row.what).starts_with("{5|8}"), "shown as it was typed");
    order(&mut screen);
    assert_eq!(words(&screen)[4], "duration: 8 · seed: 2");
    let ask = looked_at(&press(&mut screen, "Enter"));
    let seeds: Vec<_> = ask.briefs.iter().filter_map(Brief::seed).collect();
    assert_eq!(seeds, [1, 2, 3, 1, 2, 3]);
    assert_eq!(ask.briefs[5].params["duration"], json!(8));
    screen.ordering = false;

    let kept: Draft =
        serde_json::from_str(&serde_json::to_string(&screen.draft()).unwrap()).unwrap();
    assert_eq!(kept, screen.draft(), "they are kept with the draft");
    typed(&mut screen, "seed", "7");
    go(&mut screen, "duration");
    press(&mut screen, "l");
    assert_eq!(screen.counted.rows, 1);
    typed(&mut screen, "duration", "{5|x}");
    assert!(screen.settings.misread.is_some(), "each of them has to be readable");
}

#[test]
fn what_is_escaped_is_one_row_and_comes_back_so() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, r"a \{red\|blue\} kite");
    let ask = looked_at(&press(&mut screen, "C-g"));
    assert_eq!(prompts(&ask), ["a {red|blue} kite"]);
    let draft = Draft::of(&ask.briefs[0], None);
    put_draft(&mut screen, &draft);
    assert_eq!((screen.counted.rows, screen.brief(None).prompt()), (1, "a {red|blue} kite"));
}

#[test]
fn too_many_rows_are_a_fault_that_says_how_many() {
    let mut screen = studio(ProviderId::Sandbox);
    tell(&mut screen, Msg::Paste("{a|b}".repeat(12)));
    assert!(press(&mut screen, "C-g").is_empty() && screen.dialogs.is_empty());
    let toast = screen.toast.as_ref().expect("it is told");
    assert!(toast.text.contains("4096"), "{}", toast.text);
}

#[test]
fn marked_models_are_rows_until_they_are_taken_back() {
    let mut screen = studio(ProviderId::Wavespeed);
    write(&mut screen, "a kite");
    press(&mut screen, "A-4");
    screen.models.operation = None;
    screen.models.list(&Catalog::builtin().unwrap());
    screen.models.at = Some(ModelId::new(OTHER));
    press(&mut screen, "Space A-1");
    assert_eq!(screen.settings.several.models, [ModelId::new(OTHER)]);
    assert_eq!(screen.counted.rows, 2);
    order(&mut screen);
    let ask = looked_at(&press(&mut screen, "Enter"));
    assert_eq!(ask.briefs[1].model.as_str(), OTHER);
    assert_eq!(ask.briefs[1].prompt(), "a kite");
    screen.ordering = false;
    press(&mut screen, "A-4 u");
    assert!(screen.settings.several.models.is_empty());
    press(&mut screen, "Space A-1 Tab");
    go(&mut screen, "model");
    press(&mut screen, "d");
    assert_eq!(screen.counted.rows, 1);
}

#[test]
fn rows_that_no_longer_fit_into_a_budget_are_told_by_their_ticks() {
    let mut screen = studio(ProviderId::Wavespeed);
    write(&mut screen, "{a|b|c}");
    later(&mut screen, 400);
    let each = screen.counted.estimate.as_ref().expect("a price").high;
    let bound = Bound {
        rule: Rule::Budget(Scope::Day),
        allowed: Allowance::AtMost(each.micros() * 2),
        days: None,
        period: String::new(),
        simulated: false,
    };
    screen.spending.standings = vec![Standing { bound, used: Used::default() }];
    order(&mut screen);
    assert_eq!(list(&screen).over(), Some(2));
    press(&mut screen, "Space");
    assert_eq!(list(&screen).over(), None);
    assert!(Action::Tick.is_local(), "no palette offers what only a list knows");
}
