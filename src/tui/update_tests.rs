//! Keys and messages in, facts of the screen and effects out.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Size;

use super::super::action::Action;
use super::super::backend::{Ordered, Spending};
use super::super::edit;
use super::super::keymap::Keymap;
use super::super::look::Look;
use super::super::screen::{Desk, Looking, Opening};
use super::super::settings::Settings;
use super::super::theme::{Depth, Theme};
use super::*;
use crate::catalog::Catalog;
use crate::domain::job::Settlement;
use crate::domain::{
    Account, Ask, Asset, AssetId, Balance, Brief, Check, CheckId, Fingerprint, JobId, LineKind,
    MediaFacts, MediaKind, ModelId, Operation, Origin, PredictionId, Preflight, ProviderId, Reason,
    ReasonKind, Stage, Times, Unsent, Usd, Verdict,
};

#[path = "update_batch_tests.rs"]
mod batch;
#[path = "update_form_tests.rs"]
mod form;
#[path = "update_improve_tests.rs"]
mod improve;
#[path = "update_made.rs"]
mod made;
#[path = "update_models_tests.rs"]
mod models;
#[path = "update_quote_tests.rs"]
mod quote;
#[path = "update_read_only_tests.rs"]
mod read_only;
#[path = "update_usage_tests.rs"]
mod usage;
#[path = "update_verdict_tests.rs"]
mod verdict;
#[path = "update_works_tests.rs"]
mod works;

use made::{asset, job, studio};

fn press(screen: &mut Screen, keys: &str) -> Vec<Effect> {
    let keys = keys.split(' ').map(|key| key.parse().expect(key));
    keys.flat_map(|chord| tell(screen, Msg::Key(chord))).collect()
}

/// Updates the screen; what it asks for by itself, pictures and usual times, is left out.
fn tell(screen: &mut Screen, msg: Msg) -> Vec<Effect> {
    let mut effects = update(screen, msg);
    effects.retain(|effect| !matches!(effect, Effect::Poster(..) | Effect::Usual(_)));
    effects
}

fn write(screen: &mut Screen, text: &str) {
    for letter in text.chars() {
        let key = if letter == ' ' { "Space".to_owned() } else { letter.to_string() };
        press(screen, &key);
    }
}

fn later(screen: &mut Screen, milliseconds: u64) -> Vec<Effect> {
    let then = screen.now + Duration::from_millis(milliseconds);
    update(screen, Msg::Tick(then))
}

/// The order among these effects.
fn looked_at(effects: &[Effect]) -> Ask {
    let mut asks = effects.iter().filter_map(|effect| match effect {
        Effect::Preflight(ask) => Some(ask.clone()),
        _ => None,
    });
    asks.next_back().expect("an order that is looked at first")
}

fn passing() -> Preflight {
    Preflight { estimate: None, checks: vec![Check::pass(CheckId::Disk, "enough")] }
}

fn asking() -> Preflight {
    let checks = vec![Check::block(CheckId::Consent, "nobody said yes", "say yes")];
    Preflight { estimate: None, checks }
}

fn preflighted(screen: &mut Screen, ask: &Ask, preflight: Preflight) -> Vec<Effect> {
    let reply = Reply::Preflighted { ask: ask.clone(), preflight: Ok(preflight) };
    update(screen, Msg::Reply(reply))
}

#[test]
fn enter_in_the_editor_is_a_new_line_and_never_orders() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "a kite");
    assert!(press(&mut screen, "Enter Enter").is_empty());
    assert_eq!(edit::text(&screen.prompt), "a kite\n\n");
}

#[test]
fn a_sandbox_order_is_looked_at_and_goes_out_without_a_question() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "a kite");
    let ask = looked_at(&press(&mut screen, "C-g"));
    assert_eq!(ask.briefs[0].prompt(), "a kite");
    assert!(ask.briefs[0].seed().is_some(), "a random seed is drawn here, so that it is known");
    assert_eq!(preflighted(&mut screen, &ask, passing()), [Effect::Order(ask)]);
    assert!(screen.dialogs.is_empty());
}

#[test]
fn real_money_is_always_asked_about_and_only_enter_says_yes() {
    let mut screen = studio(ProviderId::Wavespeed);
    write(&mut screen, "a kite");
    let ask = looked_at(&press(&mut screen, "C-g"));
    for preflight in [asking(), passing()] {
        assert!(preflighted(&mut screen, &ask, preflight).is_empty());
        assert!(matches!(screen.dialogs.last(), Some(Dialog::Preflight { .. })));
        later(&mut screen, 400);
        assert!(press(&mut screen, "y C-g Space").is_empty(), "only Enter spends");
        let agreed = Ask { consent: true, ..ask.clone() };
        assert_eq!(press(&mut screen, "Enter"), [Effect::Order(agreed)]);
        screen.ordering = false;
    }
}

#[test]
fn a_dialog_that_spends_is_deaf_for_its_first_moment() {
    let mut screen = studio(ProviderId::Wavespeed);
    write(&mut screen, "a kite");
    let ask = looked_at(&press(&mut screen, "C-g"));
    preflighted(&mut screen, &ask, asking());
    later(&mut screen, 290);
    assert!(press(&mut screen, "Enter Esc").is_empty());
    assert_eq!(screen.dialogs.len(), 1);
    later(&mut screen, 20);
    assert_eq!(press(&mut screen, "Enter").len(), 1);
}

#[test]
fn a_block_cannot_be_agreed_to() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "a kite");
    let ask = looked_at(&press(&mut screen, "C-g"));
    let mut blocked = passing();
    blocked.checks.push(Check::block(CheckId::Disk, "full", "make room"));
    preflighted(&mut screen, &ask, blocked);
    later(&mut screen, 400);
    assert!(press(&mut screen, "Enter").is_empty());
    assert_eq!(screen.dialogs.len(), 1);
    press(&mut screen, "e");
    assert!(screen.dialogs.is_empty() && screen.focus == Pane::Prompt);
}

#[test]
fn a_second_order_waits_until_the_first_was_looked_at() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "a kite");
    assert_eq!(press(&mut screen, "C-g").len(), 1);
    assert!(press(&mut screen, "C-g").is_empty());
}

#[test]
fn an_empty_prompt_is_told_at_once_and_nothing_is_sent() {
    let mut screen = studio(ProviderId::Sandbox);
    assert!(press(&mut screen, "C-g").is_empty());
    let toast = screen.toast.as_ref().expect("a word about it");
    assert!(toast.wrong && toast.text.starts_with("prompt"), "{toast:?}");
}

#[test]
fn takes_have_seeds_of_their_own_and_a_fixed_one_counts_up() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "a kite");
    screen.settings.takes = 3;
    let seeds = |ask: &Ask| ask.briefs.iter().filter_map(Brief::seed).collect::<Vec<_>>();
    let mut drawn = seeds(&looked_at(&press(&mut screen, "C-g")));
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!(drawn.len(), 3);
    screen.ordering = false;
    screen.settings.seed = Some(41);
    assert_eq!(seeds(&looked_at(&press(&mut screen, "C-g"))), [41, 42, 43]);
}

#[test]
fn a_paste_is_text_wherever_it_lands_and_presses_no_keys() {
    let mut screen = studio(ProviderId::Sandbox);
    press(&mut screen, "Esc");
    assert!(update(&mut screen, Msg::Paste("q\r\nd\u{7}\u{1b}x".to_owned())).is_empty());
    assert_eq!((edit::text(&screen.prompt).as_str(), screen.focus), ("q\ndx", Pane::Prompt));
    assert!(update(&mut screen, Msg::GenerateAmongOthers).is_empty());
    assert!(screen.toast.as_ref().is_some_and(|toast| toast.wrong));
}

#[test]
fn counters_follow_a_moment_after_the_last_key_and_the_draft_is_kept() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "kite");
    assert_eq!(screen.counted.characters, 0);
    later(&mut screen, 260);
    assert_eq!(screen.counted.characters, 4);
    let kept = later(&mut screen, 900);
    assert!(matches!(kept.as_slice(), [Effect::KeepDraft(text)] if text.contains("kite")));
    assert_eq!(screen.next_tick(), None);
}

#[test]
fn a_kept_draft_comes_back_unless_somebody_types_already() {
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "kite");
    let text = serde_json::to_string(&screen.draft()).expect("a draft is JSON");
    update(&mut screen, Msg::Reply(Reply::Recalled(Some(text.replace("kite", "dunes")))));
    assert_eq!(edit::text(&screen.prompt), "kite");
    let mut other = studio(ProviderId::Sandbox);
    update(&mut other, Msg::Reply(Reply::Recalled(Some(text))));
    assert_eq!((edit::text(&other.prompt).as_str(), other.counted.characters), ("kite", 4));
}

#[test]
fn nothing_ticks_while_nothing_is_live() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 3);
    assert_eq!(screen.next_tick(), None);
    let mut waiting = job(ProviderId::Sandbox, 9);
    waiting.stage = Stage::Waiting { prediction: PredictionId::new("p") };
    put_job(&mut screen, waiting);
    assert!(screen.next_tick().is_some_and(|pause| pause <= Duration::from_millis(250)));
    screen.look.reduced_motion = true;
    assert!(screen.next_tick().is_some_and(|pause| pause > Duration::from_millis(250)));
    screen.stale = false;
    later(&mut screen, 100);
    assert!(!screen.stale, "within a second nothing moves");
    later(&mut screen, 1000);
    assert!(screen.stale);
}

#[test]
fn leaving_asks_only_when_something_was_never_sent() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 1);
    assert_eq!(press(&mut screen, "C-c"), [Effect::Leave(Unsent::Hold)]);
    let check = |keys: &str, unsent| {
        let mut screen = studio(ProviderId::Sandbox);
        put_job(&mut screen, job(ProviderId::Sandbox, 1));
        assert!(press(&mut screen, "Esc q").is_empty());
        assert_eq!(press(&mut screen, keys), [Effect::Leave(unsent)]);
        assert!(screen.leaving);
        let closed = update(&mut screen, Msg::Reply(Reply::Left(Ok(()))));
        assert_eq!(closed, [Effect::Quit]);
    };
    check("s", Unsent::Send);
    check("h", Unsent::Hold);
    check("c", Unsent::Cancel);
    check("C-c", Unsent::Hold);
}

#[test]
fn when_handing_over_fails_the_screen_stays_and_the_next_leave_closes() {
    let mut screen = studio(ProviderId::Sandbox);
    press(&mut screen, "C-c");
    let trouble = Trouble { what: "starting the worker".to_owned(), hint: None };
    update(&mut screen, Msg::Reply(Reply::Left(Err(trouble))));
    assert!(!screen.leaving);
    assert_eq!(press(&mut screen, "C-c"), [Effect::Quit]);
}

#[test]
fn what_was_read_before_a_move_does_not_undo_it() {
    let mut screen = studio(ProviderId::Sandbox);
    let mut jobs = vec![job(ProviderId::Sandbox, 1)];
    let mut moved = jobs[0].clone();
    moved.stage = Stage::Waiting { prediction: PredictionId::new("p") };
    let event = JobEvent::Processing;
    update(&mut screen, Msg::Notice(Notice::Moved { job: Box::new(moved), event }));
    jobs.push(job(ProviderId::Sandbox, 0));
    let library = Library { jobs, assets: vec![], spending: Spending::default() };
    let reply = Reply::Loaded { moves: 0, library: Ok(library) };
    assert_eq!(tell(&mut screen, Msg::Reply(reply)), [Effect::Load(1)], "it is read again");
    assert!(screen.jobs[0].stage.prediction().is_some());
    assert_eq!(screen.jobs.len(), 2);
}

#[test]
fn settings_change_by_keys_and_the_price_follows_at_once() {
    let mut screen = studio(ProviderId::Sandbox);
    let cost = |screen: &Screen| screen.counted.estimate.as_ref().map(|estimate| estimate.high);
    let before = cost(&screen);
    press(&mut screen, "Tab j j l");
    assert_ne!(screen.settings.value(&screen.settings.row().what), "1280*720");
    press(&mut screen, "j l");
    assert!(cost(&screen).is_some() && cost(&screen) != before);
    press(&mut screen, "j 4 2 Enter");
    assert_eq!(screen.settings.seed, Some(42));
    press(&mut screen, "h");
    assert_eq!(screen.settings.seed, None);
    press(&mut screen, "G 9 9 Enter");
    assert_eq!(screen.settings.takes, 1, "99 takes by two keys would ruin somebody");
    assert!(screen.settings.misread.is_some(), "what is wrong stands beside it");
    press(&mut screen, "Esc l l");
    assert_eq!(screen.settings.takes, 3);
}

#[test]
fn keys_of_views_that_are_not_there_do_nothing() {
    let mut screen = studio(ProviderId::Sandbox);
    press(&mut screen, "Esc");
    assert!(press(&mut screen, "1 2 A-2").is_empty());
    assert!(screen.toast.is_none() && screen.dialogs.is_empty());
    assert_eq!(screen.looking, Looking::Jobs);
}

#[test]
fn an_admitted_order_shows_its_jobs_and_a_blocked_one_its_checks() {
    let mut screen = studio(ProviderId::Sandbox);
    let ask = Ask::new(vec![screen.brief(None)]);
    let admitted = Ordered::Admitted(vec![job(ProviderId::Sandbox, 5)]);
    update(&mut screen, Msg::Reply(Reply::Ordered { ask: ask.clone(), ordered: Ok(admitted) }));
    assert_eq!(screen.jobs.len(), 1);
    let blocked = Ordered::Blocked(passing());
    update(&mut screen, Msg::Reply(Reply::Ordered { ask, ordered: Ok(blocked) }));
    assert!(matches!(screen.dialogs.last(), Some(Dialog::Preflight { .. })));
}
