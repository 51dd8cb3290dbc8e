//! Where everything is only looked at, no key changes, sends or spends anything.

use super::*;
use crate::tui::keymap::{Found, Place};

/// A library with a job in doubt, a held one, and takes that were decided on.
fn looked_at() -> Screen {
    let mut screen = studio(ProviderId::Sandbox);
    screen.desk.read_only = true;
    made::fill(&mut screen, 3);
    let held = Reason::new(ReasonKind::Held, "held");
    let held = Job { reason: Some(held), ..job(ProviderId::Sandbox, 4) };
    let stage = Stage::InDoubt { prediction: None };
    let doubted = Job { stage, ..job(ProviderId::Sandbox, 5) };
    put_job(&mut screen, held);
    put_job(&mut screen, doubted);
    screen.assets[1].verdict = Some(Verdict::Rejected);
    screen
}

/// The keys that lead to a place from the prompt, where any do without changing something.
fn way_to(place: Place) -> &'static str {
    match place {
        Place::Everywhere | Place::Text | Place::Editor => "x",
        Place::Lists | Place::Views | Place::Works => "Esc Tab",
        Place::Line => "Esc :",
        Place::Settings => "Tab",
        Place::Models => "A-4",
        Place::Usage => "A-3",
        Place::Charges => "A-3 Enter",
        Place::Story | Place::Scenes => "A-5",
        Place::Dialog => "Esc Tab i",
        Place::Picker => "Esc Tab A-x",
        // What opens these is refused.
        Place::Doubt
        | Place::Preflight
        | Place::Batch
        | Place::Offer
        | Place::Leaving
        | Place::Settling => "Esc",
    }
}

#[test]
fn every_bound_key_of_every_place_changes_nothing() {
    let keymap = Keymap::load(None).unwrap();
    let mut refused = std::collections::BTreeSet::new();
    for place in Place::ALL {
        for (chords, action) in keymap.bindings(*place) {
            let mut screen = looked_at();
            let mut effects = press(&mut screen, way_to(*place));
            let here = screen.places();
            let before = (screen.jobs.clone(), screen.assets.clone());
            effects.extend(chords.iter().flat_map(|chord| tell(&mut screen, Msg::Key(*chord))));
            if keymap.find(&here, chords) == Found::Action(*action) && action.changes() {
                let toast = screen.toast.as_ref().map(|toast| toast.text.as_str());
                assert_eq!(toast, Some(&*Trouble::read_only().what), "{action:?} in {place:?}");
                refused.insert(*action);
            }
            effects.extend(later(&mut screen, 5_000));
            assert!(!effects.iter().any(Effect::changes), "{action:?} in {place:?}: {effects:?}");
            assert_eq!((screen.jobs, screen.assets), before, "{action:?} in {place:?}");
        }
    }
    // Those that are left belong to dialogs that never open.
    let never = [Action::SettleCharged, Action::SettleFree];
    let all = Action::ALL.iter().copied().filter(|action| action.changes());
    assert_eq!(all.filter(|it| !refused.contains(it)).collect::<Vec<_>>(), never);
}

#[test]
fn generate_says_so_before_anything_is_looked_at() {
    let mut screen = looked_at();
    write(&mut screen, "a red kite");
    assert_eq!(press(&mut screen, "C-g"), []);
    assert!(!screen.ordering);
    assert_eq!(screen.toast.unwrap().text, Trouble::read_only().what);
}

#[test]
fn what_is_said_as_a_command_is_refused_too_and_no_draft_is_kept() {
    let mut screen = looked_at();
    for command in ["import /tmp/a.mp4", "resume all", "again", "rate 4", "trash"] {
        press(&mut screen, "Esc :");
        write(&mut screen, command);
        assert_eq!(press(&mut screen, "Enter"), [], "{command}");
    }
    let mut screen = looked_at();
    write(&mut screen, "a draft");
    assert_eq!(later(&mut screen, 3_000), []);
    assert_eq!(screen.toast, None, "that is no news");
    assert_eq!(press(&mut screen, "C-c"), [Effect::Leave(Unsent::Hold)], "nothing is asked");
}
