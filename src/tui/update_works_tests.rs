//! What keys do to the selected job or take.

use std::sync::Arc;

use super::*;

#[test]
fn edit_puts_the_brief_back_and_undo_brings_the_draft_back() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 2);
    write(&mut screen, "unsaved");
    press(&mut screen, "Esc Tab e");
    assert_eq!((edit::text(&screen.prompt).as_str(), screen.focus), ("prompt 2", Pane::Prompt));
    assert_eq!(screen.parent, Some(asset(2).id));
    let brief = job(ProviderId::Sandbox, 2).brief;
    assert!(brief.seed().is_some());
    let wanted = looked_at(&press(&mut screen, "C-g"));
    assert_eq!(wanted.briefs, [Brief { parent: Some(asset(2).id), ..brief }], "the whole brief");
    press(&mut screen, "Esc z");
    assert_eq!((edit::text(&screen.prompt).as_str(), screen.parent), ("unsaved", None));
}

#[test]
fn again_takes_a_new_seed_and_exactly_again_the_same() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 2);
    press(&mut screen, "Esc Tab");
    let again = looked_at(&press(&mut screen, "r"));
    screen.ordering = false;
    let exactly = looked_at(&press(&mut screen, "R"));
    let before = job(ProviderId::Sandbox, 2).brief;
    assert_eq!(exactly.briefs, [Brief { parent: Some(asset(2).id), ..before.clone() }]);
    assert_ne!(again.briefs[0].seed(), before.seed());
    assert_eq!(again.briefs[0].prompt(), before.prompt());
}

#[test]
fn verdicts_go_on_to_the_next_take_and_can_be_undone() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 3);
    press(&mut screen, "Esc Tab");
    let kept = Effect::Decide(asset(3).id, Some(Verdict::Kept));
    assert_eq!(press(&mut screen, "+"), [kept]);
    let rejected = Effect::Decide(asset(2).id, Some(Verdict::Rejected));
    assert_eq!(press(&mut screen, "-"), [rejected]);
    assert_eq!(press(&mut screen, "*"), [Effect::Favourite(asset(1).id, true)]);
    assert_eq!(press(&mut screen, "z"), [Effect::Favourite(asset(1).id, false)]);
    assert_eq!(press(&mut screen, "z"), [Effect::Decide(asset(2).id, None)]);
    assert_eq!(screen.take().map(|asset| asset.number), Some(2));
}

#[test]
fn trash_can_be_undone_and_the_next_take_is_selected() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 3);
    press(&mut screen, "Esc Tab l");
    assert_eq!(press(&mut screen, "d"), [Effect::Trash(asset(2).id)]);
    assert_eq!(screen.take().map(|asset| asset.number), Some(1));
    assert_eq!(press(&mut screen, "z"), [Effect::Restore(asset(2).id)]);
}

#[test]
fn copying_says_what_and_copies_it() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 1);
    press(&mut screen, "Esc Tab");
    assert_eq!(press(&mut screen, "y p"), [Effect::Copy("prompt 1".to_owned())]);
    assert_eq!(press(&mut screen, "y s"), [Effect::Copy("1".to_owned())]);
    assert_eq!(press(&mut screen, "y f"), [Effect::Copy("takes/1.mp4".to_owned())]);
    assert_eq!(press(&mut screen, "y i"), [Effect::Copy(asset(1).id.to_string())]);
    assert!(press(&mut screen, "y q").is_empty(), "the second key is not an action of its own");
}

#[test]
fn cancelling_asks_first() {
    let mut screen = studio(ProviderId::Sandbox);
    let queued = job(ProviderId::Sandbox, 1);
    put_job(&mut screen, queued.clone());
    press(&mut screen, "Esc");
    assert!(press(&mut screen, "x n").is_empty() && screen.dialogs.is_empty());
    assert_eq!(press(&mut screen, "x y"), [Effect::Cancel(queued.id)]);
}

#[test]
fn a_job_in_doubt_has_keys_of_its_own() {
    let mut screen = studio(ProviderId::Sandbox);
    let mut doubted = job(ProviderId::Sandbox, 1);
    doubted.stage = Stage::InDoubt { prediction: None };
    put_job(&mut screen, doubted.clone());
    press(&mut screen, "Esc");
    assert_eq!(press(&mut screen, "f"), [Effect::Find(doubted.id)]);
    assert_eq!(press(&mut screen, "s f"), [Effect::Settle(doubted.id, Settlement::Free)]);
    assert_eq!(press(&mut screen, "s c"), [Effect::Settle(doubted.id, Settlement::Charged)]);
}

#[test]
fn a_held_job_is_not_asked_about_again() {
    let mut screen = studio(ProviderId::Sandbox);
    let mut held = job(ProviderId::Sandbox, 1);
    held.reason = Some(Reason::new(ReasonKind::Held, "held when you left"));
    put_job(&mut screen, held.clone());
    press(&mut screen, "Esc");
    assert_eq!(press(&mut screen, "s"), [Effect::Resume(Some(held.id))]);
    assert_eq!(press(&mut screen, "q"), [Effect::Leave(Unsent::Hold)]);
}

#[test]
fn new_rows_do_not_move_a_selection_that_somebody_made() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 3);
    press(&mut screen, "Esc j");
    let event = JobEvent::Admitted;
    let moved = Notice::Moved { job: Box::new(job(ProviderId::Sandbox, 7)), event };
    assert_eq!(tell(&mut screen, Msg::Notice(moved)), [Effect::Load(1)]);
    assert_eq!(screen.jobs[0].number, 7);
    assert_eq!(screen.job().map(|job| job.number), Some(2));
}

#[test]
fn the_filter_works_as_it_is_typed_and_esc_takes_it_away() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 12);
    press(&mut screen, "Esc / p r o m p t Space 1 2");
    assert_eq!((screen.shown_jobs().len(), screen.shown_takes().len()), (1, 1));
    press(&mut screen, "Enter Esc");
    assert_eq!(screen.shown_jobs().len(), 12);
}

#[test]
fn commands_and_the_palette_do_what_keys_do() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 2);
    press(&mut screen, "Esc Tab : t a k e s Space 4 Enter");
    assert_eq!(screen.settings.takes, 4);
    assert_eq!(press(&mut screen, ": t r a s h Enter"), [Effect::Trash(asset(2).id)]);
    press(&mut screen, ": f l y Enter");
    assert!(screen.toast.as_ref().is_some_and(|toast| toast.text.contains("no command")));
    let left = press(&mut screen, "A-x l e a v e Enter");
    assert!(matches!(left.as_slice(), [Effect::KeepDraft(_), Effect::Leave(Unsent::Hold)]));
}

#[test]
fn playing_asks_for_one_frame_at_a_time_and_stops_when_it_is_not_in_sight() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 2);
    press(&mut screen, "Esc Tab");
    let opened = press(&mut screen, "p");
    let Some(Effect::OpenFilm(reel)) = opened.first().cloned() else { panic!("{opened:?}") };
    assert_eq!((reel.id, reel.from_ms), (asset(2).id, 0));
    let picture = Arc::new(crate::domain::Picture { width: 1, height: 1, rgb: vec![9; 3] });
    let frame = |at_ms| Ok(Some((at_ms, Arc::clone(&picture))));
    let came =
        |screen: &mut Screen, run, frame| tell(screen, Msg::Reply(Reply::Frame { run, frame }));
    let next = Effect::NextFrame(reel.run, crate::tui::msg::Pace::Due);
    assert_eq!(came(&mut screen, reel.run, frame(0)), [next]);
    assert!(came(&mut screen, reel.run + 7, frame(40)).is_empty(), "a frame of another film");
    press(&mut screen, "p");
    assert!(came(&mut screen, reel.run, frame(40)).is_empty(), "nothing follows a pause");
    assert!(screen.next_tick().is_none(), "a pause costs nothing");
    let again = press(&mut screen, "p");
    assert!(matches!(again[..], [Effect::OpenFilm(reel)] if reel.from_ms == 40), "{again:?}");
    assert!(press(&mut screen, "l").contains(&Effect::CloseFilm), "another take is in sight");
    assert!(screen.playing.is_none());
}
