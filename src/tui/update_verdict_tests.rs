//! Why a take is rejected.

use super::*;

fn on_takes() -> Screen {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 3);
    press(&mut screen, "Esc Tab");
    screen
}

fn why(screen: &Screen, number: u32) -> Option<&str> {
    screen.assets.iter().find(|asset| asset.number == number)?.reason.as_deref()
}

fn rejects(number: u32) -> Effect {
    Effect::Decide(asset(number).id, Some(Verdict::Rejected))
}

fn says(number: u32, why: &str) -> Effect {
    Effect::GiveReason(asset(number).id, Some(why.to_owned()))
}

#[test]
fn a_letter_right_after_a_rejection_is_its_reason_and_the_next_take_is_there_already() {
    let mut screen = on_takes();
    assert_eq!(press(&mut screen, "-"), [rejects(3)]);
    assert_eq!(screen.take().map(|asset| asset.number), Some(2), "at once");
    // p plays there, but for this moment.
    assert_eq!(press(&mut screen, "p"), [says(3, "off prompt")]);
    assert_eq!((why(&screen, 3), why(&screen, 2)), (Some("off prompt"), None));
    assert!(screen.playing.is_none() && screen.why.is_none());
    press(&mut screen, "p");
    assert!(screen.playing.is_some(), "the second p is no reason");
}

#[test]
fn a_key_that_is_no_reason_does_what_it_does() {
    let mut screen = on_takes();
    press(&mut screen, "-");
    assert_eq!(press(&mut screen, "+"), [Effect::Decide(asset(2).id, Some(Verdict::Kept))]);
    assert_eq!((screen.why.as_ref(), why(&screen, 3)), (None, None));
    assert_eq!(
        press(&mut screen, "h h - - w"),
        [Effect::Decide(asset(3).id, None), rejects(3), says(3, "warped"),]
    );
}

#[test]
fn after_two_seconds_a_letter_is_a_key_again() {
    let mut screen = on_takes();
    press(&mut screen, "-");
    assert!(screen.next_tick().is_some_and(|tick| tick <= Duration::from_secs(2)));
    later(&mut screen, 1_900);
    assert!(screen.why.is_some());
    later(&mut screen, 200);
    assert_eq!(screen.why, None);
    press(&mut screen, "p");
    assert!(screen.playing.is_some());
}

#[test]
fn undo_brings_verdict_and_reason_back() {
    let mut screen = on_takes();
    press(&mut screen, "- w h");
    let kept = Effect::Decide(asset(3).id, Some(Verdict::Kept));
    assert_eq!(press(&mut screen, "+ z"), [kept, rejects(3), says(3, "warped")]);
    assert_eq!(why(&screen, 3), Some("warped"));
    assert_eq!(press(&mut screen, "z"), [Effect::Decide(asset(3).id, None)]);
    assert_eq!(why(&screen, 3), None);
}

#[test]
fn a_take_is_found_by_the_reason_it_was_rejected_for() {
    let mut screen = on_takes();
    press(&mut screen, "- f /");
    write(&mut screen, "flick");
    assert_eq!(screen.shown_takes().iter().map(|asset| asset.number).collect::<Vec<_>>(), [3]);
}
