//! Golden frames of the story view.

use std::path::PathBuf;

use rushes::domain::{Asset, Progress, ProviderId};
use rushes::story::{Revision, Selection, Sheet};
use rushes::tui::backend::Trouble;
use rushes::tui::msg::{Effect, Msg, Reply};
use rushes::tui::story::desk::Known;
use rushes::tui::story::{Answer, Ask, Ran, RunLook};
use rushes::tui::theme::Depth;
use rushes::tui::{Start, Style};

use super::film::{Film, KITE, Kind, file};
use super::{Studio, frame, made, text};

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 36), (200, 50)];

/// A studio in which nothing is open.
fn closed(size: (u16, u16), known: &[&str]) -> Studio {
    let mut studio = Studio::new(ProviderId::Wavespeed, size, vec![], vec![]);
    studio.keys("A-5");
    let files = known.iter().map(PathBuf::from).collect();
    studio.tell(Msg::Reply(Reply::Story(Answer::Known(Known { files, is_opened: false }))));
    studio
}

fn read(studio: &mut Studio, sheet: Result<Option<Sheet>, Trouble>) -> Vec<Effect> {
    let sheet = sheet.map(|sheet| sheet.map(Box::new));
    studio.tell(Msg::Reply(Reply::Story(Answer::Read(file(), sheet))))
}

fn opened_with(size: (u16, u16), kind: Kind, change: impl FnOnce(Start) -> Start) -> Studio {
    let film = Film::of(kind);
    let mut studio = Studio::with(ProviderId::Wavespeed, size, film.jobs(), film.assets(), change);
    studio.keys("Esc :");
    studio.write("story /home/ada/films/kite.toml");
    studio.keys("Enter");
    read(&mut studio, Ok(Some(film.sheet(KITE))));
    let live = film.jobs().into_iter().find(|job| job.stage.is_live());
    if let Some(job) = live.filter(|_| kind == Kind::Running) {
        let progress = Progress { percent: Some(40), ..Progress::default() };
        studio.tell(Msg::Progress(std::sync::Arc::new([(job.id, progress)].into())));
    }
    studio
}

fn opened(size: (u16, u16), kind: Kind) -> Studio {
    opened_with(size, kind, |start| start)
}

fn at_every_size(name: &str, studio: impl Fn((u16, u16)) -> Studio) {
    for size in SIZES {
        let studio = studio(size);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), studio.frame());
    }
}

#[test]
fn without_a_story_the_view_says_how_one_is_begun() {
    at_every_size("story_none", |size| closed(size, &[]));
    at_every_size("story_known", |size| {
        closed(size, &["/home/ada/films/kite.toml", "/home/ada/films/storm.toml"])
    });
}

#[test]
fn a_new_story_tells_what_each_scene_will_cost() {
    at_every_size("story_new", |size| opened(size, Kind::New));
}

#[test]
fn a_running_story_tells_what_goes_on_and_what_waits() {
    at_every_size("story_running", |size| {
        let mut studio = opened(size, Kind::Running);
        studio.keys("j");
        studio
    });
}

#[test]
fn a_scene_that_failed_tells_why_and_what_to_do() {
    at_every_size("story_failed", |size| {
        let mut studio = opened(size, Kind::Failed);
        studio.keys("j");
        studio
    });
}

#[test]
fn a_scene_in_doubt_has_the_keys_for_that() {
    at_every_size("story_doubt", |size| {
        let mut studio = opened(size, Kind::InDoubt);
        studio.keys("j");
        studio
    });
}

#[test]
fn a_story_that_is_done_shows_its_film() {
    at_every_size("story_done", |size| opened(size, Kind::Done));
    at_every_size("story_stale", |size| opened(size, Kind::Stale));
}

#[test]
fn the_facts_have_the_room_of_a_small_screen() {
    let mut studio = opened((60, 16), Kind::Failed);
    studio.keys("j Tab");
    insta::assert_snapshot!("story_facts_60x16", studio.frame());
}

#[test]
fn a_run_is_asked_about_with_the_price_of_all_of_it() {
    at_every_size("story_asked", |size| {
        let mut studio = opened(size, Kind::New);
        let effects = studio.keys("r");
        let look = Ask::Look(file(), Selection::Missing, None);
        assert!(effects.contains(&Effect::Story(look)), "{effects:?}");
        looked(&mut studio);
        studio
    });
}

fn looked(studio: &mut Studio) -> Vec<Effect> {
    let preflight = made::checks(ProviderId::Wavespeed);
    let looked = RunLook { preflight, jobs: 7, scenes: 4, costs: true, simulated: false };
    let answer = Answer::Looked(file(), Selection::Missing, Ok(Box::new(looked)));
    studio.tell(Msg::Reply(Reply::Story(answer)))
}

#[test]
fn what_is_wrong_is_told_where_it_is_written() {
    at_every_size("story_faulty", |size| {
        let mut studio = opened(size, Kind::New);
        let faulty = KITE
            .replace("from_previous = true", "model = \"no-such-model\"")
            .replace("voice = \"Calm_Woman\"", "voce = \"Calm_Woman\"");
        read(&mut studio, Ok(Some(Film::of(Kind::New).sheet(&faulty))));
        studio.keys("G");
        studio
    });
}

#[test]
fn a_file_that_is_no_toml_keeps_the_last_look_and_says_where_it_is_broken() {
    let broken = || {
        let what = "kite.toml:7:9: invalid basic string".to_owned();
        Err(Trouble { what, hint: Some("the file must be TOML".to_owned()) })
    };
    let mut studio = opened((80, 24), Kind::Done);
    read(&mut studio, broken());
    insta::assert_snapshot!("story_broken_80x24", studio.frame());
    let mut studio = closed((80, 24), &["/home/ada/films/kite.toml"]);
    studio.keys("Enter");
    read(&mut studio, broken());
    insta::assert_snapshot!("story_unread_80x24", studio.frame());
    studio.tell(Msg::Reply(Reply::Story(Answer::Read(file(), Ok(None)))));
    insta::assert_snapshot!("story_absent_80x24", studio.frame());
    assert!(studio.keys("o").contains(&Effect::Story(Ask::Create(file()))));
}

#[test]
fn the_view_reads_without_colours_and_symbols() {
    for kind in [Kind::Running, Kind::Done] {
        let mut studio = opened_with((80, 24), kind, |start| Start {
            style: Style { depth: Depth::None, ascii: true, ..start.style.clone() },
            ..start
        });
        studio.keys("j");
        for cell in studio.buffer().content() {
            assert_eq!(cell.fg, ratatui::style::Color::Reset);
            let is_plain = cell.symbol().is_ascii() || cell.symbol() == "…";
            assert!(is_plain, "{:?}", cell.symbol());
        }
        let name = if kind == Kind::Done { "story_plain_done" } else { "story_plain_running" };
        insta::assert_snapshot!(format!("{name}_80x24"), studio.frame());
    }
}

#[test]
fn who_only_looks_is_offered_no_key_that_changes_anything() {
    let mut studio =
        opened_with((120, 36), Kind::Failed, |start| Start { read_only: true, ..start });
    insta::assert_snapshot!("story_read_only_120x36", studio.frame());
    for key in ["r", "R", "A", "a", "e", "o", "c", "n", "d", "K", "J", "t", "T", "C-g"] {
        let effects = studio.keys(key);
        assert!(effects.iter().all(|effect| !effect.changes()), "{key}: {effects:?}");
        assert!(studio.screen.line.is_none(), "{key} opens no line");
    }
}

#[test]
fn the_view_is_drawn_within_its_screen_at_any_size() {
    for width in (1..220).step_by(19) {
        for height in (1..70).step_by(5) {
            for kind in [Kind::New, Kind::Running, Kind::Done] {
                let mut studio = opened((width, height), kind);
                for keys in ["j", "Tab", "G", "Esc", "c", "Esc", "?"] {
                    studio.keys(keys);
                    studio.buffer();
                }
            }
        }
    }
}

#[test]
fn text_of_a_story_steers_no_terminal() {
    let mut studio = opened((120, 36), Kind::New);
    let hostile = KITE.replace("The dunes", "The \\u001b[31mdunes\\u202e");
    let hostile = hostile.replace("golden light", "\\u0007golden");
    read(&mut studio, Ok(Some(Film::of(Kind::New).sheet(&hostile))));
    let shown = frame(&studio.buffer());
    let is_bad = |letter: char| (letter != '\n' && letter.is_control()) || letter == '\u{202e}';
    assert!(!shown.chars().any(is_bad), "{shown}");
}

fn revisions(effects: &[Effect]) -> Vec<Revision> {
    let revision = |effect: &Effect| match effect {
        Effect::Story(Ask::Revise(of, revision)) if *of == file() => Some(revision.clone()),
        _ => None,
    };
    effects.iter().filter_map(revision).collect()
}

#[test]
fn scenes_are_moved_reworded_added_and_taken_away_by_keys() {
    let mut studio = opened((120, 36), Kind::Failed);
    let scene = || "shore".to_owned();
    let moved = revisions(&studio.keys("j J"));
    assert_eq!(moved, [Revision::Move { scene: scene(), by: 1 }]);
    assert_eq!(revisions(&studio.keys("k K")), [], "the first goes no further up");
    let removed = revisions(&studio.keys("j d"));
    assert_eq!(removed, [Revision::Remove { scene: scene() }]);
    studio.keys("n");
    studio.write(" again");
    let words = "At the shore again".to_owned();
    let said = Revision::Say { scene: scene(), what: rushes::story::Said::Title, words };
    assert_eq!(revisions(&studio.keys("Enter")), [said]);
    studio.keys("o");
    studio.write("a storm");
    let added = Revision::Add { after: Some(scene()), prompt: "a storm".to_owned() };
    assert_eq!(revisions(&studio.keys("Enter")), [added]);
    assert_eq!(revisions(&studio.keys("o Enter")), [], "nothing is added of nothing");
    assert_eq!(revisions(&studio.keys("o Esc")), []);
}

#[test]
fn takes_of_a_scene_go_round_and_the_newest_comes_again() {
    let mut film = Film::of(Kind::Done);
    let mut again = film.made[0].clone();
    again.job = film.job(again.job.brief.clone());
    again.assets = vec![made::take(&again.job)];
    film.made.push(again);
    let mut studio = opened((120, 36), Kind::Done);
    read(&mut studio, Ok(Some(film.sheet(KITE))));
    let labels: Vec<String> =
        studio.screen.story.scene().unwrap().takes.iter().map(Asset::label).collect();
    assert_eq!(labels.len(), 2);
    let take =
        |take: Option<&String>| Revision::Take { scene: "dunes".into(), take: take.cloned() };
    assert_eq!(revisions(&studio.keys("t")), [take(labels.first())]);
    assert_eq!(revisions(&studio.keys("T")), [take(labels.last())]);
}

#[test]
fn a_change_of_the_file_is_taken_back_in_the_order_of_the_changes() {
    let mut studio = opened((80, 24), Kind::New);
    let change = Revision::Remove { scene: "dunes".into() };
    for (before, now) in [("1", "2"), ("2", "3")] {
        let texts = Ok((before.to_owned(), now.to_owned()));
        studio.tell(Msg::Reply(Reply::Story(Answer::Revised(file(), change.clone(), texts))));
    }
    let back =
        |now: &str, before: &str| Revision::PutBack { now: now.into(), before: before.into() };
    assert_eq!(revisions(&studio.keys("z")), [back("3", "2")]);
    assert_eq!(revisions(&studio.keys("z")), [back("2", "1")]);
    assert_eq!(revisions(&studio.keys("z")), []);
}

#[test]
fn a_run_is_agreed_to_once_and_goes_on_when_something_is_there() {
    let mut studio = opened((80, 24), Kind::New);
    studio.keys("r");
    assert!(!studio.keys("r").iter().any(|it| matches!(it, Effect::Story(Ask::Look(..)))), "once");
    looked(&mut studio);
    let deaf = studio.keys("Enter");
    assert!(!deaf.iter().any(|it| matches!(it, Effect::Story(Ask::Run(..)))), "it just opened");
    let later = studio.screen.now + std::time::Duration::from_millis(400);
    studio.tell(Msg::Tick(later));
    let effects = studio.keys("Enter");
    let agreed = effects.iter().find_map(|it| match it {
        Effect::Story(Ask::Run(_, Selection::Missing, agreed)) => Some(*agreed),
        _ => None,
    });
    let agreed = agreed.unwrap_or_else(|| panic!("it runs: {effects:?}"));
    assert!(agreed.consent && agreed.ceiling.is_some(), "{agreed:?}");
    let film = Film::of(Kind::Running);
    let ran = Ran { jobs: film.jobs(), goes_on: true, ..Ran::default() };
    studio.tell(Msg::Reply(Reply::Story(Answer::Ran(Ok(ran.clone())))));
    let library = rushes::tui::msg::Library {
        jobs: film.jobs(),
        assets: film.assets(),
        spending: studio.screen.spending.clone(),
    };
    let moves = studio.screen.moves;
    let loaded = |studio: &mut Studio| {
        let library = Ok(library.clone());
        studio.tell(Msg::Reply(Reply::Loaded { moves, library }))
    };
    let asks =
        |effects: &[Effect]| effects.iter().filter(|it| **it == Effect::Story(Ask::GoOn)).count();
    assert_eq!(asks(&loaded(&mut studio)), 1);
    assert_eq!(asks(&loaded(&mut studio)), 0, "one look at a time");
    let nothing = Ran { goes_on: true, ..Ran::default() };
    let effects = studio.tell(Msg::Reply(Reply::Story(Answer::WentOn(Ok(nothing.clone())))));
    assert_eq!(asks(&effects), 1, "and once more for what came meanwhile");
    let effects = studio.tell(Msg::Reply(Reply::Story(Answer::WentOn(Ok(nothing)))));
    assert!(effects.is_empty(), "nothing was ordered, so nothing is read again: {effects:?}");
    let ended = Ran { ended: Some("The kite: 4 of 4 scenes are done".into()), ..Ran::default() };
    studio.tell(Msg::Reply(Reply::Story(Answer::WentOn(Ok(ended)))));
    assert!(text(&studio.buffer()).contains("4 of 4 scenes are done"));
    assert_eq!(asks(&loaded(&mut studio)), 0, "it has come to its end");
}

#[test]
fn the_last_story_opens_by_itself_and_another_one_is_chosen_from_the_list() {
    let mut studio = Studio::new(ProviderId::Sandbox, (80, 24), vec![], vec![]);
    assert!(studio.keys("A-5").contains(&Effect::Story(Ask::Known)));
    let files = vec![file(), PathBuf::from("/home/ada/films/storm.toml")];
    let known = |is_opened| {
        let known = Known { files: files.clone(), is_opened };
        Msg::Reply(Reply::Story(Answer::Known(known)))
    };
    assert!(studio.tell(known(true)).contains(&Effect::Story(Ask::Read(file()))));
    read(&mut studio, Ok(Some(Film::of(Kind::New).sheet(KITE))));
    assert!(studio.keys("O").contains(&Effect::Story(Ask::Known)));
    assert!(studio.tell(known(true)).is_empty(), "the list stays open");
    let effects = studio.keys("j Enter");
    assert!(effects.contains(&Effect::Story(Ask::Read(files[1].clone()))), "{effects:?}");
}

#[test]
fn what_a_run_may_cost_at_most_is_said_as_a_command() {
    let mut studio = opened((80, 24), Kind::New);
    let mut say = |words: &str| {
        studio.keys(":");
        studio.write(words);
        studio.keys("Enter");
        studio.screen.story.max_cost
    };
    assert_eq!(say("max-cost $2.50"), Some(rushes::domain::Usd::from_micros(2_500_000)));
    assert!(say("max-cost much").is_some(), "that is no amount, and changes nothing");
    let effects = studio.keys("r");
    let most = Some(rushes::domain::Usd::from_micros(2_500_000));
    assert!(effects.contains(&Effect::Story(Ask::Look(file(), Selection::Missing, most))));
    looked(&mut studio);
    let later = studio.screen.now + std::time::Duration::from_millis(400);
    studio.tell(Msg::Tick(later));
    let is_bound = |effect: &Effect| matches!(effect, Effect::Story(Ask::Run(_, _, agreed)) if agreed.max_cost == most);
    assert!(studio.keys("Enter").iter().any(is_bound));
    studio.screen.story.looking = false;
    studio.keys(":");
    studio.write("max-cost off");
    studio.keys("Enter");
    assert_eq!(studio.screen.story.max_cost, None);
}
