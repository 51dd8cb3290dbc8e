//! `--read-only`: everything can be looked at, and nothing is changed, sent or spent.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use clap::CommandFactory;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::stream::{self, Stream};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use rushes::assembly::{self, Flags};
use rushes::cli::Cli;
use rushes::config::Env;
use rushes::domain::ProviderId;
use rushes::pipeline::Scope;
use rushes::studio::{Desk, Ear};
use rushes::tui::action::Action;
use rushes::tui::app::{Sources, play};
use rushes::tui::chord::Chord;
use rushes::tui::keymap::{Keymap, Place};
use rushes::tui::{Ended, Ending, Start, prepare};

use crate::frames::start;
use crate::support::binary::{Home, RUSHES};
use crate::support::given::Given;
use crate::support::server::{Answer, Server};
use crate::support::{RUBBISH, id, sha256};

/// What becomes of a word of the command line.
enum Is {
    /// It looks, and ends with this code.
    Looks(i32),
    /// Exit 4, and one sentence.
    Refused,
}

use Is::{Looks, Refused};

/// Every word, with what else is said. `FILE` is a file outside of the library, `NEW` one that is not there.
const WORDS: &[(&str, &str, Is)] = &[
    ("generate", "kite --yes", Refused),
    ("generate", "kite --dry-run", Looks(0)),
    ("jobs", "", Looks(0)),
    ("jobs list", "--json", Looks(0)),
    ("jobs show", "1", Looks(0)),
    ("jobs follow", "1", Looks(0)),
    ("jobs cancel", "2", Refused),
    ("jobs retry", "1 --yes", Refused),
    ("jobs resume", "", Refused),
    ("jobs find", "2", Refused),
    ("jobs adopt", "2 0123456789abcdef0123456789abcdef", Refused),
    ("jobs settle", "2 --as charged", Refused),
    ("assets", "", Looks(0)),
    ("assets list", "--json", Looks(0)),
    ("assets show", "1", Looks(0)),
    ("assets import", "FILE", Refused),
    ("assets tag", "1 good", Refused),
    ("assets rate", "1 4", Refused),
    ("assets keep", "1", Refused),
    ("assets reject", "1 --reason w", Refused),
    ("assets trash", "1", Refused),
    ("assets restore", "1", Refused),
    ("assets export", "1 NEW", Looks(0)),
    // There is no desktop here.
    ("assets open", "1", Looks(1)),
    ("usage", "--json", Looks(0)),
    ("usage", "--reconcile", Refused),
    ("budget", "", Looks(0)),
    ("budget show", "", Looks(0)),
    ("budget set", "day 5", Refused),
    ("models", "", Looks(0)),
    ("models list", "", Looks(0)),
    ("models show", "flashvsr", Looks(0)),
    ("models refresh", "", Refused),
    // No list was fetched.
    ("models check", "", Looks(1)),
    ("story new", "NEW", Refused),
    ("story show", "STORY", Looks(0)),
    ("story run", "STORY --yes", Refused),
    ("story run", "STORY --dry-run", Looks(0)),
    ("story assemble", "STORY", Refused),
    ("presets", "", Looks(0)),
    ("key", "", Looks(0)),
    ("key show", "", Looks(0)),
    ("key set", "wavespeed --no-check", Refused),
    ("key forget", "wavespeed", Refused),
    ("worker", "", Refused),
    ("sandbox", "", Refused),
    ("doctor", "", Looks(0)),
    ("backup", "NEW", Looks(0)),
    ("completions", "bash", Looks(0)),
    ("man", "", Looks(0)),
];

/// A library with a job that is done, and one in doubt.
async fn library(server: &Server) -> Home {
    server.does_well(&id(1), RUBBISH);
    let home = Home::with(server);
    let made = home.run(&["generate", "kite", "--yes"]).await;
    assert_eq!(made.code(), Some(0), "{made:?}");
    server.on_submit([Answer::Cut]);
    let doubted = home.set("RUSHES_FAILPOINT", "after-post=kill");
    doubted.run(&["generate", "another kite", "--yes"]).await;
    let home = doubted.unset("RUSHES_FAILPOINT");
    assert_eq!(home.jobs().await.len(), 2);
    home
}

/// Every file of the four folders with its content. What a reader of a journal needs beside it is none of the
/// library.
fn files(home: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in ["config", "data", "state", "cache"] {
        for entry in walkdir::WalkDir::new(home.join(folder)).into_iter().filter_map(Result::ok) {
            let path = entry.path().display().to_string();
            if entry.file_type().is_file() && !path.ends_with("-shm") && !path.ends_with("-wal") {
                found.insert(path, sha256(&std::fs::read(entry.path()).unwrap()));
            }
        }
    }
    found
}

/// Every row of every table.
fn rows(home: &Home) -> Vec<String> {
    let library = rusqlite::Connection::open(home.path().join("data/library.db")).unwrap();
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut names = library.prepare(names).unwrap();
    let names: Vec<String> =
        names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut found = Vec::new();
    for name in names {
        let mut all = library.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let columns = all.column_count();
        let mut rows = all.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<_> = (0..columns).map(|at| row.get_ref(at).unwrap()).collect();
            found.push(format!("{name} {values:?}"));
        }
    }
    found
}

/// Every command that does something, by its words.
fn words(command: &clap::Command, before: &str, found: &mut BTreeSet<String>) {
    for verb in command.get_subcommands() {
        let words = format!("{before} {}", verb.get_name()).trim().to_owned();
        words_of(verb, &words, found);
    }
}

fn words_of(verb: &clap::Command, words_so_far: &str, found: &mut BTreeSet<String>) {
    if !verb.is_subcommand_required_set() {
        found.insert(words_so_far.to_owned());
    }
    words(verb, words_so_far, found);
}

#[tokio::test]
#[cfg(feature = "failpoints")]
async fn every_word_of_the_command_line_looks_or_is_refused_and_changes_nothing() {
    let mut all = BTreeSet::new();
    words(&Cli::command(), "", &mut all);
    let told: BTreeSet<_> = WORDS.iter().map(|(words, ..)| (*words).to_owned()).collect();
    assert_eq!(told, all, "each says what it is");

    let server = Server::start().await;
    let home = library(&server).await;
    let outside = tempfile::tempdir().unwrap();
    let given = Given::below(outside.path());
    let story = outside.path().join("film.toml");
    let written = home.run(&["story", "new", story.to_str().unwrap()]).await;
    assert_eq!(written.code(), Some(0), "{written:?}");
    // Closed by the last that wrote: nothing is left in a journal.
    let (rows_before, before) = (rows(&home), files(home.path()));
    let posts = server.submissions();
    for (nth, (words, more, is)) in WORDS.iter().enumerate() {
        let new = outside.path().join(format!("new-{nth}"));
        let said = more
            .replace("FILE", given.picture.to_str().unwrap())
            .replace("NEW", new.to_str().unwrap())
            .replace("STORY", story.to_str().unwrap());
        let said: Vec<_> = ["--read-only"]
            .into_iter()
            .chain(words.split(' '))
            .chain(said.split_whitespace())
            .collect();
        let ran = home.run(&said).await;
        match is {
            Looks(code) => assert_eq!(ran.code(), Some(*code), "{said:?}: {ran:?}"),
            Refused => {
                assert_eq!(ran.code(), Some(4), "{said:?}: {ran:?}");
                let told = ran.stderr();
                assert!(told.starts_with("rushes: this is --read-only: nothing"), "{told}");
                assert_eq!((told.lines().count(), ran.stdout().as_str()), (2, ""), "{told}");
            }
        }
        assert_eq!(files(home.path()), before, "{said:?}");
    }
    // Where it would be taken for something else, it is not lost.
    let ran = home.run(&["assets", "tag", "1", "good", "--read-only"]).await;
    assert_eq!(ran.code(), Some(2), "{ran:?}");
    assert_eq!(rows(&home), rows_before);
    assert_eq!(server.submissions(), posts);
}

/// Keys, each in a read of its own, with time for what was asked meanwhile.
struct Keys {
    left: std::vec::IntoIter<Event>,
    pauses: u8,
}

impl Stream for Keys {
    type Item = std::io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.pauses > 0 {
            self.pauses -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.pauses = 3;
        Poll::Ready(self.left.next().map(Ok))
    }
}

fn control(letter: char) -> Event {
    Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL))
}

fn pressed(chord: &Chord) -> Event {
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::CONTROL, chord.ctrl);
    modifiers.set(KeyModifiers::ALT, chord.alt);
    modifiers.set(KeyModifiers::SHIFT, chord.shift);
    Event::Key(KeyEvent::new(chord.code, modifiers))
}

/// Every key that is bound anywhere, pressed in the prompt, the settings, on jobs, on takes, and in every view.
fn every_key() -> Vec<Event> {
    let keymap = Keymap::load(None).unwrap();
    let key = |code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    let alt = |letter| Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT));
    let (tab, esc) = (key(KeyCode::Tab), key(KeyCode::Esc));
    let prompt = Event::Paste("a red kite".to_owned());
    let ways = [
        vec![prompt.clone()],
        vec![prompt.clone(), tab.clone()],
        vec![prompt.clone(), esc.clone()],
        vec![prompt.clone(), esc.clone(), tab],
        vec![alt('3')],
        vec![alt('4')],
        vec![alt('5')],
    ];
    // In the prompt, the keys of the fourth open an editor too.
    let ends = [Action::Leave, Action::Suspend, Action::EditOutside, Action::EditStory];
    let mut keys = Vec::new();
    for way in ways {
        for place in Place::ALL {
            for (chords, _) in keymap.bindings(*place).iter().filter(|(_, it)| !ends.contains(it)) {
                keys.extend([esc.clone(), esc.clone(), esc.clone(), alt('1')]);
                keys.extend(way.clone());
                keys.extend(chords.iter().map(pressed));
            }
        }
    }
    keys.extend([esc.clone(), esc.clone(), esc, control('c')]);
    keys
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(feature = "failpoints")]
async fn every_bound_key_of_the_studio_leaves_the_library_as_it_was() {
    let server = Server::start().await;
    let home = library(&server).await;
    let (rows_before, before) = (rows(&home), files(home.path()));
    let posts = server.submissions();

    let (ear, news) = Ear::new();
    let flags = Flags { read_only: true, ..Flags::default() };
    let env = Env::of_pairs(home.variables());
    let assembly = assembly::open_in(env, RUSHES.into(), flags, Arc::new(ear)).await.unwrap();
    let assembly = Arc::new(assembly);
    let supervisor = assembly.supervisor(Scope::Told);
    let backend = Arc::new(Desk::new(Arc::clone(&assembly), supervisor));
    let start = start(ProviderId::Wavespeed, backend, news.notices, news.board);
    let start = Start { read_only: true, clock: jiff::Timestamp::now, ..start };
    let (screen, rest) = prepare(start, Size { width: 80, height: 24 }).unwrap();
    let mut keys = Some(every_key());
    let sources = Sources {
        input: move || Keys { left: keys.take().unwrap().into_iter(), pauses: 0 },
        signals: Box::pin(stream::pending::<Ending>()),
        notices: rest.notices,
        board: rest.board,
        backend: rest.backend,
        clock: rest.clock,
    };
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let ended = play(screen, &mut terminal, sources).await.unwrap();
    assert_eq!(ended, Ended { by: None, unfinished: None });
    drop(assembly);
    assert_eq!(rows(&home), rows_before);
    let after = files(home.path());
    let changed = |(path, hash): &(&String, &String)| {
        // Small pictures can be made again at any time.
        before.get(*path) != Some(*hash) && !path.contains("/cache/")
    };
    assert_eq!(after.iter().find(changed), None);
    assert_eq!(server.submissions(), posts);
}

#[tokio::test]
#[cfg(feature = "failpoints")]
async fn a_library_without_leave_to_write_is_looked_at_all_the_same() {
    let server = Server::start().await;
    let home = library(&server).await;
    let rows_before = rows(&home);
    let all = || walkdir::WalkDir::new(home.path()).into_iter().filter_map(Result::ok);
    let mode = |path: &Path, folder: u32, file: u32| {
        let mode = if path.is_dir() { folder } else { file };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for entry in all() {
        mode(entry.path(), 0o555, 0o444);
    }
    for (words, code) in [
        (&["jobs", "list"][..], 0),
        (&["assets", "show", "1"], 0),
        (&["usage"], 0),
        (&["doctor"], 0),
        (&["generate", "kite", "--dry-run"], 0),
        (&["generate", "kite", "--yes"], 4),
    ] {
        let mut command = home.command(&[words, &["--read-only"]].concat());
        if rustix::process::geteuid().is_root() {
            // To whom no file says no.
            command.uid(65_534).gid(65_534);
        }
        let output = command.output().await.unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {output:?}");
        if code == 0 && words[0] != "doctor" {
            assert!(told.contains("folder cannot be written"), "{words:?}: {told}");
        }
    }
    for entry in all() {
        mode(entry.path(), 0o755, 0o644);
    }
    assert_eq!(rows(&home), rows_before);
}

#[tokio::test]
async fn where_nothing_was_ever_made_nothing_is_made_by_looking() {
    let home = Home::bare();
    let ran = home.run(&["jobs", "list", "--json", "--read-only"]).await;
    assert_eq!((ran.code(), ran.stdout().trim()), (Some(0), "[]"), "{ran:?}");
    assert!(ran.stderr().contains("there is no library yet"), "{ran:?}");
    let ran = home.run(&["generate", "kite", "--dry-run", "--read-only"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert_eq!(files(home.path()).len(), 0);
    assert!(!home.path().join("state").exists() && !home.path().join("data").exists());
}
