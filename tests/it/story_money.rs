//! What a story's run may spend, and what it never orders twice, with a provider that takes money.

use std::path::PathBuf;

use rushes::domain::brief::Source;
use rushes::domain::{Ask, Brief, CheckId, Operation};
use rushes::pipeline::PipelineError;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::binary::{Home, Ran};
use crate::support::given::Given;
use crate::support::screen::Screen;
use crate::support::server::{Answer, Server};
use crate::support::world::World;
use crate::support::{RUBBISH, id, sound};

const WORDS: &str = "Nobody knew whose kite it was.";

/// A film of 8 seconds at $0.03 a second is $0.24; as long as nobody has spoken, it is at least $0.15.
struct Set {
    server: Server,
    home: Home,
    file: PathBuf,
}

impl Set {
    async fn new(text: &str) -> Self {
        let server = Server::start().await;
        let home = Home::with(&server);
        Given::below(home.path());
        let file = home.path().join("film.toml");
        std::fs::write(&file, text).unwrap();
        Self { server, home, file }
    }

    async fn talking() -> Self {
        let set = Self::new(&format!(
            "[cast.ada]\nportrait = \"face.png\"\n[[scene]]\nid = \"a\"\nspeaker = \"ada\"\nwords = \"{WORDS}\"\n"
        ))
        .await;
        let spoken = set.home.path().join("spoken.wav");
        sound(&spoken, 8_000);
        let spoken = std::fs::read(spoken).unwrap();
        let done = |number: u32, name: &str| {
            [
                Answer::prediction(&id(number), "processing", &[]),
                Answer::prediction(&id(number), "completed", &[set.server.output(name)]),
            ]
        };
        set.server.takes_files(&["face.png", "spoken.wav"]);
        set.server.on_submit([1, 2].map(|number| Answer::prediction(&id(number), "created", &[])));
        set.server.on_result([done(1, "1.wav"), done(2, "2.mp4")].concat());
        set.server.on_output([
            Answer::Body(200, "audio/wav", spoken),
            Answer::Body(200, "video/mp4", RUBBISH.to_vec()),
        ]);
        set
    }

    async fn run(&self, words: &[&str]) -> Ran {
        let mut all = vec!["story", "run", self.file.to_str().unwrap(), "--json"];
        all.extend(words);
        self.home.run(&all).await
    }
}

#[tokio::test]
async fn nothing_is_spent_that_nobody_said_yes_to() {
    let set = Set::talking().await;
    let ran = set.run(&[]).await;
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    let preflight = ran.of_type("preflight").remove(0);
    assert_eq!(preflight["estimate"]["floor"], true);
    assert_eq!(preflight["estimate"]["high_usd"], "0.1515");
    let checks = preflight["checks"].as_array().unwrap();
    assert!(checks.iter().any(|check| check["id"] == "consent" && check["outcome"] == "block"));

    let ran = set.run(&["-y", "--max-cost", "0.10"]).await;
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    assert_eq!(set.server.submissions(), 0);
}

#[tokio::test]
async fn a_step_that_comes_to_more_than_was_agreed_is_not_ordered() {
    let set = Set::talking().await;
    let ran = set.run(&["-y"]).await;
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    assert!(
        ran.stderr().contains("a (film) costs $0.24; $0.15 is left of what was agreed"),
        "{ran:?}"
    );
    assert_eq!(set.server.submissions(), 1, "it was spoken, and no more");

    // Now its length is known, and so is the price that is said yes to.
    let ran = set.run(&["-y"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert_eq!(ran.of_type("preflight")[0]["estimate"]["high_usd"], "0.24");
    assert_eq!(set.server.submissions(), 2);
    assert_eq!(set.home.ledger().last(), Some(&("charge".to_owned(), 240_000)));
}

#[tokio::test]
async fn what_was_allowed_for_the_whole_run_is_enough_for_all_of_it() {
    let set = Set::talking().await;
    let ran = set.run(&["-y", "--max-cost", "0.50"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert_eq!(set.server.submissions(), 2);
    let steps: Vec<_> = ran.of_type("take").iter().map(|take| take["step"].clone()).collect();
    assert_eq!(steps, ["speech", "film"]);
    let given = set.server.submitted().pop().unwrap();
    assert!(given["audio"].as_str().unwrap().ends_with("spoken.wav"), "{given}");
}

// The screen is waited for on this thread, and the server answers meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_to_more_than_was_agreed_is_asked_again_where_somebody_can_answer() {
    for (answer, exit, submissions) in [("n", 4, 1), ("y", 0, 2)] {
        let set = Set::talking().await;
        let file = set.file.to_str().unwrap();
        let mut screen = Screen::open(&set.home, 100, 40, &["story", "run", file]);
        screen.wait_for("Spend ≥ $0.1515 for the whole run? [y/N]");
        screen.keys("y\r");
        let again = "a (film) costs $0.24; $0.15 is left of what was agreed. Spend it? [y/N]";
        screen.wait_for(again);
        assert_eq!(set.server.submissions(), 1, "nobody said yes to it yet");
        screen.keys(answer).keys("\r");
        assert_eq!(screen.ended(), exit, "{answer}: {}", screen.text());
        assert_eq!(set.server.submissions(), submissions, "{answer}");
        let says_no = screen.text().contains("it is not ordered");
        assert_eq!(says_no, exit == 4, "{answer}: {}", screen.text());
        let charged = set.home.ledger().into_iter().filter(|(kind, _)| kind == "charge");
        let charged: i64 = charged.map(|(_, amount)| amount).sum();
        let speech = 1_500;
        assert_eq!(charged, if exit == 4 { speech } else { speech + 240_000 }, "{answer}");
    }
}

#[tokio::test]
async fn what_needs_something_that_a_worker_makes_is_named_and_ordered_by_the_next_run() {
    let set = Set::talking().await;
    let ran = set.run(&["-y", "--max-cost", "0.50", "--detach"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert_eq!(set.server.submissions(), 1, "it is spoken first");
    for said in [
        "0 of 1 scenes are done",
        "not ordered yet, because it needs what is being made: a (film)",
        &format!("hint: rushes story run {} orders it when that is there", set.file.display()),
    ] {
        assert!(ran.stderr().contains(said), "{said:?}: {ran:?}");
    }
    // Whether the worker is done with what was said by then or not.
    let ran = set.run(&["-y", "--max-cost", "0.50", "--detach"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let ran = set.run(&["-y", "--max-cost", "0.50"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert!(!ran.stderr().contains("not ordered yet"), "{ran:?}");
    assert_eq!(set.server.submissions(), 2, "each once");
}

#[tokio::test]
async fn a_submission_without_an_answer_is_never_ordered_again() {
    let set = Set::new("[[scene]]\nid = \"a\"\nprompt = \"kite\"\n").await;
    set.server.on_submit([Answer::page(502)]);
    set.server.script(|script| script.history = Some(serde_json::json!([])));
    let ran = set.run(&["-y"]).await;
    assert_eq!(ran.code(), Some(3), "{ran:?}");
    for words in [&["-y"][..], &["-y", "--scene", "a"], &["-y", "--all"]] {
        let ran = set.run(words).await;
        assert_eq!(ran.code(), Some(3), "{words:?}: {ran:?}");
        assert!(ran.stderr().contains("is in doubt, and is not ordered again"), "{ran:?}");
    }
    assert_eq!(set.server.submissions(), 1);
    // Settled by hand, it can be made.
    assert_eq!(set.home.run(&["jobs", "settle", "1", "--as", "free"]).await.code(), Some(0));
    set.server.does_well(&id(1), RUBBISH);
    assert_eq!(set.run(&["-y"]).await.code(), Some(0));
    assert_eq!(set.server.submissions(), 2);
}

#[tokio::test]
async fn a_run_that_was_hung_up_is_gone_on_with_and_two_at_once_are_one() {
    let set = Set::new("[[scene]]\nid = \"a\"\nprompt = \"kite\"\n").await;
    set.server.does_well(&id(1), RUBBISH);
    set.server.on_result([Answer::prediction(&id(1), "processing", &[])]);
    let file = set.file.to_str().unwrap();
    let mut child = set.home.spawn(&["story", "run", file, "-y", "--json"]);
    set.server.until("a poll", |server| server.polls() > 0).await;
    let ran = set.run(&["-y"]).await;
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    assert!(ran.stderr().contains("another process is running this story"), "{ran:?}");

    let pid = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::HUP).unwrap();
    assert_eq!(child.wait().await.unwrap().code(), Some(129));
    let done = Answer::prediction(&id(1), "completed", &[set.server.output("1.mp4")]);
    let server = set.server.clone();
    let polls = server.polls();
    let later = async move {
        server.until("another poll", |server| server.polls() > polls).await;
        server.on_result([done]);
    };
    let (ran, ()) = tokio::join!(set.run(&["-y"]), later);
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert_eq!(set.server.submissions(), 1);
    assert_eq!(ran.of_type("take").len(), 1, "{ran:?}");
}

#[tokio::test]
async fn what_needs_something_that_is_not_there_is_priced_and_never_admitted() {
    let server = Server::start().await;
    let world = World::new(&server).await;
    let given = Given::below(world.folder());
    let inputs = vec![
        ("image".to_owned(), Source::File(given.picture)),
        ("audio".to_owned(), Source::Awaited),
    ];
    let brief = Brief {
        model: rushes::domain::ModelId::new("wavespeed-ai/infinitetalk"),
        operation: Operation::TalkingAvatar,
        params: serde_json::Map::new(),
        inputs,
        ..World::brief("")
    };
    let ask = Ask { consent: true, ..Ask::new(vec![brief]) };
    let estimate = world.pipeline.preflight(&ask).await.estimate.unwrap();
    assert_eq!(estimate.to_string(), "≥ $0.15");
    let refused = world.pipeline.admit(ask, None).await;
    let Err(PipelineError::Blocked(preflight)) = refused else { panic!("{refused:?}") };
    assert!(preflight.blocks_on(CheckId::Inputs), "{preflight:?}");
    assert!(world.store().jobs(9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_budget_bounds_the_whole_story_though_a_part_of_it_is_made_here_for_nothing() {
    let home = Home::empty();
    let file = home.path().join("film.toml");
    // Two films of $0.20 each; between them a frame that this machine takes, for nothing.
    let text =
        "[[scene]]\nprompt = \"a kite\"\n[[scene]]\nfrom_previous = true\nprompt = \"it climbs\"\n";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let told = home.run(&["story", "run", file, "--dry-run", "--json"]).await;
    let preflight = told.of_type("preflight").remove(0);
    let price: rushes::domain::Usd =
        preflight["estimate"]["low_usd"].as_str().unwrap().parse().unwrap();
    let less = rushes::domain::Usd::from_micros(price.micros() - 10_000);
    home.run(&["budget", "set", "day", &less.decimal(), "--sandbox"]).await;
    let ran = home.run(&["story", "run", file, "--json"]).await;
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    let checks = ran.of_type("preflight").remove(0)["checks"].clone();
    let budget = checks.as_array().unwrap().iter().find(|check| check["id"] == "budget").unwrap();
    assert_eq!(budget["outcome"], "block", "{checks:#}");
    assert!(home.jobs().await.is_empty(), "nothing was ordered");
    home.run(&["budget", "set", "day", &price.decimal(), "--sandbox"]).await;
    let looked = home.run(&["story", "run", file, "--dry-run", "--json"]).await;
    assert_eq!(looked.code(), Some(0), "{looked:?}");
}
