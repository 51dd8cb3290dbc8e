//! A film of several scenes, from an empty library, by the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::binary::{Home, Ran};

/// A shot, a picture that moves, somebody who talks, another shot, and what goes on where that ended.
const FIVE: &str = r#"
title = "The kite"
project = "kite-film"
params = { size = "832*480", duration = 5 }

[cast.ada]
portrait = "asset:1"
voice = "Calm_Woman"

[[scene]]
title = "Dunes"
prompt = "A red kite over dunes"   # the hook
pause = 0.5

[[scene]]
title = "Ada"
image = "asset:1"
prompt = "she looks up and smiles"
params = { duration = 5 }

[[scene]]
title = "Ada tells"
speaker = "ada"
words = "Nobody knew whose kite it was."

[[scene]]
title = "Shore"
subject = "The same kite"
scene = "above a quiet shore"

[[scene]]
title = "Away"
from_previous = true
prompt = "the camera rises"
"#;

/// What is ordered for it: one job each.
const STEPS: [&str; 7] = [
    "ada film",
    "ada-tells film",
    "ada-tells speech",
    "away film",
    "away frame",
    "dunes film",
    "shore film",
];

struct Set {
    home: Home,
    file: PathBuf,
}

impl Set {
    /// An empty library, but for a picture that was made in it.
    async fn new(text: &str) -> Self {
        // As few frames a second as five to eight: every length still comes out, to a tenth of a second.
        let home = Home::empty().set("RUSHES_SANDBOX_MEGAPIXELS", "20");
        let home = home.set("RUSHES_SANDBOX_SPEED", "40");
        let file = home.path().join("film.toml");
        std::fs::write(&file, text).unwrap();
        if text.contains("asset:1") {
            let painted =
                home.run(&["generate", "--op", "image", "a woman's face", "--json"]).await;
            assert_eq!(painted.code(), Some(0), "{painted:?}");
        }
        Self { home, file }
    }

    async fn story(&self, words: &[&str]) -> Ran {
        self.home.run(&self.words(words)).await
    }

    fn words<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        let mut all = vec!["story", words[0], self.file.to_str().unwrap()];
        all.extend(&words[1..]);
        all
    }

    async fn done(&self, words: &[&str]) -> Ran {
        let ran = self.story(words).await;
        assert_eq!(ran.code(), Some(0), "{words:?}: {ran:?}");
        ran
    }

    async fn show(&self) -> Value {
        let ran = self.story(&["show", "--json"]).await;
        ran.lines().remove(0)
    }

    fn change(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(&self.file).unwrap();
        assert!(text.contains(from), "{from:?} is not in {text}");
        std::fs::write(&self.file, text.replace(from, to)).unwrap();
    }

    /// How many jobs there are for each step of each scene, from the library itself.
    fn ordered(&self) -> BTreeMap<String, usize> {
        let library = self.home.path().join("data/library.db");
        let library = rusqlite::Connection::open(library).unwrap();
        let sql = "SELECT json_extract(brief, '$.scene.scene') || ' ' || json_extract(brief, '$.scene.step')
                   FROM jobs WHERE json_extract(brief, '$.scene.story') IS NOT NULL";
        let mut rows = library.prepare(sql).unwrap();
        let mut ordered = BTreeMap::new();
        for name in rows.query_map([], |row| row.get::<_, String>(0)).unwrap() {
            *ordered.entry(name.unwrap()).or_default() += 1;
        }
        ordered
    }

    fn each_once(&self) {
        let ordered = self.ordered();
        assert_eq!(ordered.keys().map(String::as_str).collect::<Vec<_>>(), STEPS);
        assert!(ordered.values().all(|times| *times == 1), "{ordered:?}");
    }

    /// Steps of which there is more than one order.
    fn ordered_again(&self) -> Vec<String> {
        let ordered = self.ordered().into_iter();
        ordered.filter(|(_, times)| *times > 1).map(|(step, _)| step).collect()
    }

    /// Looks what a run comes to, runs it, and gives what it cost: to the micro-dollar what was told.
    async fn exactly_paid(&self, words: &[&str]) -> i64 {
        let before = self.charged();
        let looked = self.done(&[&["run", "--dry-run", "--json"], words].concat()).await;
        let told = looked.of_type("preflight").remove(0);
        assert_eq!(told["estimate"]["floor"], false, "{told}");
        assert_eq!(told["estimate"]["low_usd"], told["estimate"]["high_usd"], "{told}");
        assert_eq!(self.charged(), before, "looking costs nothing");
        self.done(&[&["run", "--json"], words].concat()).await;
        let paid = self.charged() - before;
        assert_eq!(micros(&told["estimate"]["high_usd"]), paid, "{told}");
        paid
    }

    /// Puts the film together, and has `ffprobe` say that it is as long as its parts and its pause are.
    async fn assembled(&self) -> Value {
        let film = self.done(&["assemble", "--json"]).await.of_type("take").remove(0);
        let shown = self.show().await;
        let wanted = lasts(&shown).iter().sum::<f64>() + 0.5;
        let found = probed(film["path"].as_str().unwrap()).await;
        // Each cut is at a whole frame of the first clip's rate (8 a second here) and within half a frame of where it
        // should be, however many there are: 0.0625 s.
        let apart = (found - wanted).abs();
        assert!(apart < 0.07, "{found} s of {wanted} s");
        assert_eq!(shown["totals"]["duration"].as_f64(), Some(wanted));
        let told = &shown["film"];
        for key in ["asset_id", "path", "duration"] {
            assert_eq!(told[key], film[key], "{shown:#}");
        }
        assert_eq!(told["is_stale"], false, "{shown:#}");
        assert!((told["duration"].as_f64().unwrap() - found).abs() < 0.002, "{told} and {found}");
        assert_eq!((film["cost"].as_str(), film["fps"].as_f64()), (Some("0.00"), Some(8.0)));
        let chosen = shown["scenes"].as_array().unwrap().iter().map(|scene| &scene["asset_id"]);
        let sources = film["metadata"]["sources"].as_array().unwrap();
        assert_eq!(sources.iter().collect::<Vec<_>>(), chosen.collect::<Vec<_>>());
        film
    }

    /// Micro-dollars that were charged.
    fn charged(&self) -> i64 {
        let ledger = self.home.ledger();
        ledger.iter().filter(|(kind, _)| kind == "charge").map(|(_, amount)| amount).sum()
    }
}

fn micros(decimal: &Value) -> i64 {
    let amount: rushes::domain::Usd = decimal.as_str().unwrap().parse().unwrap();
    amount.micros()
}

/// What a scene's take lasts, in seconds.
fn lasts(shown: &Value) -> Vec<f64> {
    let scenes = shown["scenes"].as_array().unwrap();
    scenes.iter().map(|scene| scene["duration"].as_f64().unwrap()).collect()
}

fn status(shown: &Value) -> Vec<&str> {
    let scenes = shown["scenes"].as_array().unwrap();
    scenes.iter().map(|scene| scene["status"].as_str().unwrap()).collect()
}

pub(crate) async fn probed(file: &str) -> f64 {
    let asked = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file];
    let ran = tokio::process::Command::new("ffprobe").args(asked).output().await.unwrap();
    String::from_utf8_lossy(&ran.stdout).trim().parse().unwrap()
}

pub(crate) fn has_ffmpeg() -> bool {
    let found = std::process::Command::new("ffprobe").arg("-version").output().is_ok();
    if !found {
        eprintln!("skipped: ffmpeg is not installed");
    }
    found
}

/// Whether the provider has every job, and is at work: none is in doubt when this process is killed now.
pub(crate) fn has_what_was_ordered(jobs: &[Value]) -> bool {
    let is_sent = |job: &Value| {
        !["queued", "checking", "submitting"].iter().any(|stage| job["stage"] == *stage)
    };
    jobs.iter().any(|job| job["stage"] == "waiting") && jobs.iter().all(is_sent)
}

#[tokio::test]
async fn five_scenes_survive_a_kill_and_become_one_film() {
    if !has_ffmpeg() {
        return;
    }
    let mut set = Set::new(FIVE).await;
    let before = set.done(&["run", "--dry-run", "--json"]).await.of_type("preflight").remove(0);
    assert_eq!(before["scenes"].as_array().unwrap().len(), STEPS.len(), "{before}");
    assert_eq!(before["estimate"]["floor"], true, "what is spoken has no length yet: {before}");
    assert!(set.ordered().is_empty(), "looking orders nothing");

    // Slow enough to be killed in the middle.
    set.home = set.home.set("RUSHES_SANDBOX_SPEED", "2");
    let mut child = set.home.spawn(&set.words(&["run", "--json"]));
    for _ in 0..600 {
        if has_what_was_ordered(&set.home.jobs().await) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    assert_eq!(child.wait().await.unwrap().code(), None);
    let at_the_kill: usize = set.ordered().values().sum();
    assert!((1..STEPS.len()).contains(&at_the_kill), "{:?}", set.ordered());

    set.home = set.home.set("RUSHES_SANDBOX_SPEED", "40");
    let ran = set.done(&["run", "--json"]).await;
    set.each_once();
    assert!(ran.of_type("job").iter().all(|line| line["scene"].is_string()), "{ran:?}");
    assert!(ran.of_type("take").iter().any(|line| line["scene"] == "away"), "{ran:?}");
    let text = std::fs::read_to_string(&set.file).unwrap();
    assert!(text.contains("prompt = \"A red kite over dunes\"   # the hook"), "{text}");

    // Nothing is left to do.
    let again = set.done(&["run", "--json"]).await;
    assert_eq!(again.of_type("job"), Vec::<Value>::new());
    set.each_once();
    let shown = set.show().await;
    assert_eq!(status(&shown), ["done"; 5], "{shown:#}");

    // Another take of one scene, at the price that was told before. Nothing else is made.
    assert_eq!(set.exactly_paid(&["--scene", "away"]).await, 500_000);
    assert_eq!(set.ordered_again(), ["away film"]);
    let shown = set.show().await;
    let takes = &shown["scenes"][4]["takes"];
    assert_eq!(shown["scenes"][4]["take"], takes[1], "the newest is in the film: {shown:#}");
    let first = set.assembled().await;

    // One that another one begins with: that one is made again, too, and no other.
    set.change("above a quiet shore", "above a stormy shore");
    let stale = set.show().await;
    assert_eq!(status(&stale), ["done", "done", "done", "changed", "changed"]);
    assert_eq!(stale["film"]["is_stale"], false, "as long as nothing else is chosen: {stale:#}");
    assert_eq!(set.exactly_paid(&[]).await, 600_000);
    assert_eq!(set.ordered_again(), ["away film", "away frame", "shore film"]);
    assert_eq!(set.ordered()["away film"], 3);

    let stale = set.show().await["film"].clone();
    assert_eq!(stale["asset_id"], first["asset_id"]);
    assert_eq!(
        (&stale["is_stale"], &stale["stale_scenes"]),
        (&json!(true), &json!(["shore", "away"]))
    );
    let told = set.done(&["show"]).await.stdout();
    let again = format!("hint: rushes story assemble {} makes it anew", set.file.display());
    for said in ["s  out of date", "chosen now for shore, away are not in it", &again] {
        assert!(told.contains(said), "{said:?}: {told}");
    }
    let second = set.assembled().await;
    assert_ne!(second["sha256"], first["sha256"]);
    // With the take of before chosen again, what began with it counts again, and so does the first film.
    let takes = set.show().await["scenes"][3]["takes"].clone();
    set.change("id = \"shore\"", &format!("id = \"shore\"\ntake = {}", takes[0]));
    let of_before = set.show().await["film"].clone();
    assert_eq!(
        (&of_before["asset_id"], &of_before["is_stale"]),
        (&first["asset_id"], &json!(false))
    );
}

#[tokio::test]
async fn changing_one_scene_makes_one_scene_and_the_ledger_has_what_was_said() {
    let two = r#"
        params = { size = "832*480" }
        [[scene]]
        id = "a"
        prompt = "a kite"
        [[scene]]
        id = "b"
        prompt = "a shore"
    "#;
    let set = Set::new(two).await;
    let ran = set.done(&["run", "--json"]).await;
    let said = micros(&ran.of_type("preflight")[0]["estimate"]["high_usd"]);
    assert_eq!((said, set.charged()), (200_000, 200_000));

    set.change("\"a shore\"", "\"a storm\"");
    let shown = set.show().await;
    assert_eq!(status(&shown), ["done", "changed"]);
    assert_eq!(shown["totals"]["estimate"]["high_usd"], "0.10");
    let ran = set.done(&["run", "--json"]).await;
    assert!(ran.of_type("job").iter().all(|line| line["scene"] == "b"), "{ran:?}");
    assert_eq!(set.ordered(), [("a film".to_owned(), 1), ("b film".to_owned(), 2)].into());
    assert_eq!(set.charged(), 300_000);

    // Another take of one, by its place; the other stays.
    let ran = set.done(&["run", "--scene", "1", "--json"]).await;
    assert_eq!(ran.of_type("take").len(), 1);
    assert_eq!(set.ordered()["a film"], 2);
    let shown = set.show().await;
    assert_eq!(shown["scenes"][0]["takes"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&shown["totals"]["simulated"], &shown["totals"]["cost"]),
        (&"0.40".into(), &"0.00".into())
    );
    set.change("id = \"a\"", "id = \"a\"\ntake = 1");
    assert_eq!(set.show().await["scenes"][0]["take"], "1");
}

#[tokio::test]
#[cfg(feature = "failpoints")]
async fn killed_right_after_admission_the_next_run_sends_what_was_ordered() {
    let text = "params = { size = \"832*480\" }\n[[scene]]\nprompt = \"a kite\"\n[[scene]]\nprompt = \"a shore\"\n";
    for step in ["after-admit", "after-accepted"] {
        let mut set = Set::new(text).await;
        set.home = set.home.set("RUSHES_FAILPOINT", &format!("{step}=kill"));
        let killed = set.story(&["run", "--json"]).await;
        assert_eq!(killed.code(), None, "{step} was never reached: {killed:?}");
        let ordered = set.ordered();
        assert_eq!(ordered.values().sum::<usize>(), 2, "{step}: {ordered:?}");

        set.home = set.home.unset("RUSHES_FAILPOINT");
        let ran = set.story(&["run", "--json"]).await;
        assert_eq!(set.ordered(), ordered, "{step}: nothing is ordered twice: {ran:?}");
        if ran.code() == Some(0) {
            assert_eq!(status(&set.show().await), ["done", "done"], "{step}");
        } else {
            // The other job was on its way when the process died: nobody can say whether it arrived.
            assert_eq!((step, ran.code()), ("after-accepted", Some(3)), "{ran:?}");
        }
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_and_nothing_is_sent() {
    let text = "model = \"no-such\"\n[[scene]]\nid = \"a\"\nprompt = \"kite\"\nparams = { duration = 7 }\nspeeker = \"x\"\n";
    let set = Set::new(text).await;
    let ran = set.story(&["run", "--json"]).await;
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    let preflight = ran.of_type("preflight").remove(0);
    assert_eq!(preflight["verdict"], "block");
    let checks = preflight["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["id"] == "parameters").unwrap();
    for fault in
        ["story: unknown model \"no-such\"", "scene a: duration", "scene a: speeker is no key"]
    {
        assert!(found["finding"].as_str().unwrap().contains(fault), "{fault:?}: {found}");
    }
    assert!(found["hint"].as_str().unwrap().contains("did you mean speaker?"), "{found}");
    assert!(checks.iter().any(|check| check["id"] == "disk"), "every check appears: {preflight}");
    assert!(set.home.jobs().await.is_empty());
    assert_eq!(std::fs::read_to_string(&set.file).unwrap(), text, "a blocked run changes no file");

    std::fs::write(&set.file, "[[scene]\n").unwrap();
    let ran = set.story(&["run"]).await;
    assert_eq!(ran.code(), Some(2));
    assert!(ran.stderr().contains("film.toml:1:9: "), "{ran:?}");
    std::fs::write(&set.file, "[[scene]]\nid = \"a\"\nprompt = \"kite\"\n").unwrap();
    let ran = set.story(&["run", "--scene", "b"]).await;
    assert_eq!(ran.code(), Some(2));
    assert!(ran.stderr().contains("there is no scene \"b\"; there are a"), "{ran:?}");
    let ran = set.story(&["assemble"]).await;
    assert_eq!(ran.code(), Some(4));
    assert!(ran.stderr().contains("there is no take of a"), "{ran:?}");
}

#[tokio::test]
async fn a_new_story_can_be_made_as_it_is_and_is_never_written_over() {
    let home = Home::empty();
    let file = home.path().join("new.toml");
    let file = file.to_str().unwrap();
    assert_eq!(home.run(&["story", "new", file]).await.code(), Some(0));
    let written = std::fs::read_to_string(file).unwrap();
    let ran = home.run(&["story", "new", file]).await;
    assert_eq!(ran.code(), Some(2), "{ran:?}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), written);
    let ran = home.run(&["story", "run", file, "--dry-run", "--json"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert_eq!(ran.of_type("preflight")[0]["scenes"].as_array().unwrap().len(), 2);
}
