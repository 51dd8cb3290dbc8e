//! A film of several scenes by keys alone, from an empty library, in a pseudo-terminal.

use std::collections::BTreeMap;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::story::{has_ffmpeg, has_what_was_ordered, probed};
use crate::support::binary::Home;
use crate::support::given::Given;
use crate::support::screen::Screen;

/// Two shots, a picture that moves, somebody who talks, and one that goes on where that ended.
const FIVE: &str = r#"
title = "The kite"
params = { size = "832*480", duration = 5 }

[cast.ada]
portrait = "face.png"
voice = "Calm_Woman"

[[scene]]
title = "Dunes"
prompt = "A red kite over dunes"

[[scene]]
title = "Shore"
subject = "The same kite"
scene = "above a quiet shore"

[[scene]]
title = "Face"
image = "face.png"
prompt = "she looks up and smiles"

[[scene]]
title = "Ada tells"
speaker = "ada"
words = "Nobody knew whose kite it was."

[[scene]]
title = "Away"
from_previous = true
prompt = "the camera rises"
"#;

const STORY: &str = "\u{1b}5";

fn home() -> Home {
    // Frames enough that every length comes out.
    let home = Home::empty().set("RUSHES_SANDBOX_MEGAPIXELS", "100");
    Given::below(home.path());
    std::fs::write(home.path().join("film.toml"), FIVE).unwrap();
    home.set("RUSHES_SANDBOX_SPEED", "4")
}

/// Types as soon as this is seen.
fn at(screen: &mut Screen, seen: &str, keys: &str) {
    screen.wait_for(seen);
    screen.keys(keys);
}

/// How many jobs there are for each step of each scene, from the library itself.
fn ordered(home: &Home) -> BTreeMap<String, usize> {
    let library = rusqlite::Connection::open(home.path().join("data/library.db")).unwrap();
    let sql =
        "SELECT json_extract(brief, '$.scene.scene') || ' ' || json_extract(brief, '$.scene.step')
               FROM jobs WHERE json_extract(brief, '$.scene.story') IS NOT NULL";
    let mut rows = library.prepare(sql).unwrap();
    let mut ordered = BTreeMap::new();
    for name in rows.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        *ordered.entry(name.unwrap()).or_default() += 1;
    }
    ordered
}

#[tokio::test]
async fn five_scenes_by_keys_survive_a_kill_and_become_one_film() {
    if !has_ffmpeg() {
        return;
    }
    let home = home();
    let mut screen = Screen::open(&home, 110, 30, &[]);
    at(&mut screen, "SANDBOX", STORY);
    at(&mut screen, "film.toml", "\r");
    at(&mut screen, "0 of 5 done", "r");
    screen.wait_for("on the way");
    for _ in 0..400 {
        if has_what_was_ordered(&home.jobs().await) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let pid = Pid::from_raw(i32::try_from(screen.process_id()).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    assert_ne!(screen.ended(), 0);
    let at_the_kill: usize = ordered(&home).values().sum();
    assert!((1..7).contains(&at_the_kill), "{:?}", ordered(&home));

    // The story that was open opens by itself; what was ordered is found, and the rest is ordered as it can be.
    let home = home.set("RUSHES_SANDBOX_SPEED", "40");
    let mut screen = Screen::open(&home, 110, 30, &[]);
    at(&mut screen, "SANDBOX", STORY);
    at(&mut screen, "of 5 done", "r");
    screen.wait_for("5 of 5 done");
    let steps = ordered(&home);
    assert!(steps.len() == 7 && steps.values().all(|times| *times == 1), "{steps:?}");

    // Another take of one scene: of that one alone.
    at(&mut screen, "5 of 5 scenes are done", "jR");
    screen.wait_for("on the way").wait_for("takes    ");
    screen.wait_for("5 of 5 scenes are done");
    let again = ordered(&home);
    assert_eq!(again["shore film"], 2, "{again:?}");
    assert_eq!(again.values().sum::<usize>(), 8, "{again:?}");

    // The first take of it is better after all: that is written into the file, and taken back, and done again.
    let file = home.path().join("film.toml");
    let takes = |text: &str| text.matches("\ntake = ").count();
    let read = || std::fs::read_to_string(&file).unwrap();
    screen.keys("t");
    at(&mut screen, "●", "z");
    screen.wait("no take is named", |shown| !shown.contains('●'));
    assert_eq!(takes(&read()), 0, "{}", read());
    screen.keys("t").wait_for("●");
    assert_eq!(takes(&read()), 1, "{}", read());

    screen.keys("a").wait_for("the film  take");
    let shown =
        home.run(&["story", "show", file.to_str().unwrap(), "--json"]).await.lines().remove(0);
    let lasts = |scene: &Value| scene["duration"].as_f64().unwrap();
    let wanted: f64 = shown["scenes"].as_array().unwrap().iter().map(lasts).sum();
    let newest = home.json(&["assets", "list", "--json"]).await;
    let found = probed(
        home.path().join("data").join(newest[0]["path"].as_str().unwrap()).to_str().unwrap(),
    )
    .await;
    assert!((found - wanted).abs() < 0.3, "{found} s of {wanted} s");
    screen.keys("q");
    assert_eq!(screen.ended(), 0);
    assert!(screen.is_given_back());
}

#[tokio::test]
async fn a_story_is_begun_and_written_in_the_studio() {
    let home = Home::empty()
        .set("EDITOR", "printf '\\n[[scene]]\\nid = \"end\"\\nprompt = \"night\"\\n' >>");
    let mut screen = Screen::open(&home, 100, 30, &[]);
    at(&mut screen, "SANDBOX", STORY);
    at(&mut screen, "A story is a film", ":story storm.toml\r");
    at(&mut screen, "There is no such file yet", "o");
    screen.wait_for("0 of 2 done");
    let file = home.path().join("storm.toml");
    let scenes = || {
        let (story, faults) =
            rushes::story::read(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        story.scenes.into_iter().map(|scene| scene.id).collect::<Vec<_>>()
    };
    screen.keys("o");
    at(&mut screen, "new scene:", "a storm comes\r");
    screen.wait_for("a-storm-comes");
    assert_eq!(scenes(), ["dunes", "a-storm-comes", "shore"]);
    screen.keys("K").wait("it moved", |_| scenes()[0] == "a-storm-comes");
    screen.keys("e").wait("the file is read again", |shown| shown.contains("0 of 4 done"));
    assert_eq!(scenes(), ["a-storm-comes", "dunes", "shore", "end"]);
    screen.keys("d");
    at(&mut screen, "0 of 3 done", "z");
    screen.wait_for("0 of 4 done");
    screen.keys("q");
    assert_eq!(screen.ended(), 0);
    assert!(ordered(&home).is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_run_that_is_stopped_orders_nothing_more_until_it_is_run_again() {
    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "8");
    Given::below(home.path());
    let talking = "[cast.ada]\nportrait = \"face.png\"\n[[scene]]\nid = \"ada\"\nspeaker = \"ada\"\nwords = \"Yes.\"\n";
    std::fs::write(home.path().join("film.toml"), talking).unwrap();
    let mut screen = Screen::open(&home, 100, 30, &[]);
    at(&mut screen, "SANDBOX", STORY);
    at(&mut screen, "film.toml", "\r");
    at(&mut screen, "0 of 1 done", "r");
    at(&mut screen, "on the way", "X");
    screen.wait_for("nothing more is ordered of this run");
    screen.wait("what was under way has ended", |shown| !shown.contains("on the way"));
    screen.wait("its take is there", |shown| !shown.contains("live"));
    assert_eq!(ordered(&home), [("ada speech".to_owned(), 1)].into());
    at(&mut screen, "missing", "r");
    screen.wait_for("1 of 1 done");
    let all = [("ada film".to_owned(), 1), ("ada speech".to_owned(), 1)].into();
    assert_eq!(ordered(&home), all);
    screen.keys("q");
    assert_eq!(screen.ended(), 0);
}
