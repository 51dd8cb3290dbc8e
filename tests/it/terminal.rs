//! The studio in a real pseudo-terminal.

use std::time::Duration;

use rushes::domain::{Picture, Pixels};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::binary::Home;
use crate::support::screen::Screen;

const CTRL_C: &str = "\x03";
const CTRL_G: &str = "\x07";
const ESC: &str = "\x1b";

fn studio(home: &Home) -> Screen {
    let screen = Screen::open(home, 80, 24, &[]);
    screen.wait_for("SANDBOX").wait_for("Jobs").wait_for("$0.00");
    screen
}

fn signal(screen: &Screen, signal: Signal) {
    let pid = i32::try_from(screen.process_id()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

#[test]
fn a_prompt_becomes_a_take_that_is_still_there_after_a_restart() {
    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "2");
    let mut screen = studio(&home);
    screen.keys("a red kite over dunes");
    screen.wait_for("a red kite over dunes");
    screen.keys(CTRL_G);
    screen.wait_for("waiting");
    screen.wait("downloading, with bytes", |text| {
        text.contains("downloading") || text.contains(" of ")
    });
    screen.wait_for("done");
    screen.wait_for("$0.20");
    // The poster: half blocks in colours of its own.
    screen.wait("a poster", |text| text.contains('▀') || text.contains('▄'));
    screen.keys(CTRL_C);
    assert_eq!(screen.ended(), 0);
    assert!(screen.is_given_back());

    let mut again = Screen::open(&home, 80, 24, &[]);
    again.wait_for("done").wait_for("Take 1");
    again.keys(ESC);
    std::thread::sleep(Duration::from_millis(100));
    again.keys("q");
    assert_eq!(again.ended(), 0);
}

#[test]
fn what_a_take_cost_is_told_three_keys_later_and_written_into_a_file() {
    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "20");
    let mut screen = studio(&home);
    screen.keys("a red kite over dunes");
    screen.wait_for("a red kite over dunes");
    screen.keys(CTRL_G);
    screen.wait_for("done");
    screen.keys("\x1b3");
    screen.wait_for("USAGE").wait_for("SIMULATED").wait_for("By model");
    // The table's own row: a run, its video, what it cost.
    screen.wait("the sums of one run", |text| {
        text.lines().any(|line| line.contains("5.0 s") && line.contains("$0.20"))
    });
    screen.keys("\t\t");
    screen.wait_for("charge").wait_for("release");
    screen.keys("/refund_due\r");
    screen.wait_for("no line has");
    screen.keys(ESC);
    screen.wait_for("charge");
    screen.keys("\r");
    screen.wait_for("admitted");
    screen.keys("\r");
    screen.wait_for("Ledger");
    screen.keys("x");
    screen.wait_for("written to");
    screen.keys(CTRL_C);
    assert_eq!(screen.ended(), 0);
}

/// A model that makes videos from pictures, as a person's own file declares it.
const FROM_PICTURES: &str = r#"
id        = "wavespeed-ai/hunyuan-video-1.5/image-to-video"
name      = "From pictures"
providers = ["sandbox"]
operation = "image-to-video"
about     = "Video from a picture."
source    = "made up"
checked   = "2026-11-22"
output    = "video"

[[inputs]]
key      = "image"
kind     = "image"
required = true

[[params]]
key      = "prompt"
kind     = "text"
required = true

[price]
per = "run"

[[price.rules]]
usd = "0.20"
"#;

#[test]
fn a_picture_chosen_by_keys_becomes_a_video() {
    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "2");
    let config = home.path().join("config");
    std::fs::create_dir_all(config.join("models")).unwrap();
    std::fs::write(config.join("models/pictures.toml"), FROM_PICTURES).unwrap();
    let model = "model = \"wavespeed-ai/hunyuan-video-1.5/image-to-video\"\n";
    std::fs::write(config.join("config.toml"), model).unwrap();
    std::fs::create_dir(home.path().join("pictures")).unwrap();
    let size = Pixels { width: 320, height: 180 };
    let picture = Picture::from_rgb(size, vec![90; 320 * 180 * 3]).unwrap();
    picture.write_png(&home.path().join("pictures/my kite.png")).unwrap();
    std::fs::write(home.path().join("pictures/notes.txt"), "none").unwrap();

    let mut screen = studio(&home);
    screen.keys("it flies").wait_for("it flies");
    screen.keys("\t").wait_for("–  needed");
    // What is missing is told, and nothing is sent.
    screen.keys(CTRL_G).wait_for("is missing");
    screen.keys("\r").wait_for("library 0").wait_for("pictures/");
    screen.keys("pict").wait_for("pict");
    screen.keys("\r").wait_for("my kite.png").wait_for("320×180");
    assert!(!screen.text().contains("notes.txt"), "it does not fit:\n{}", screen.text());
    screen.keys("\r");
    screen.wait("the row with its figures", |text| {
        text.contains("my kite.png  320×180") && !text.contains("library 0")
    });
    screen.keys(CTRL_G).wait_for("done");
    screen.keys(CTRL_C);
    assert_eq!(screen.ended(), 0);
    assert_eq!(home.takes().len(), 1);
}

#[test]
fn the_terminal_comes_back_on_every_way_out() {
    for (sent, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let home = Home::empty();
        let mut screen = studio(&home);
        signal(&screen, sent);
        assert_eq!(screen.ended(), code, "{sent:?}");
        assert!(screen.is_given_back(), "{sent:?}");
    }
}

#[test]
fn a_paste_is_text_and_enter_never_spends() {
    let home = Home::empty();
    let mut screen = studio(&home);
    screen.keys("\x1b[200~one\r\ntwo\x07three\x1b[201~");
    screen.wait_for("two");
    screen.keys("\r\r");
    // A terminal without bracketed paste: everything in one read.
    screen.keys("four\x07five");
    screen.wait_for("five");
    std::thread::sleep(Duration::from_millis(300));
    let home_jobs = std::process::Command::new(crate::support::binary::RUSHES)
        .args(["jobs", "list", "--json"])
        .env_clear()
        .envs(home.variables())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&home_jobs.stdout).trim(), "[]");
}

#[test]
fn nothing_is_written_while_nothing_happens() {
    let home = Home::empty();
    let mut screen = studio(&home);
    screen.keys("kite");
    screen.wait_for("kite");
    // The counters follow a moment after the last key.
    std::thread::sleep(Duration::from_secs(2));
    let (before, used) = (screen.bytes(), cpu_ticks(screen.process_id()));
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(screen.bytes() - before, 0, "bytes on the wire in five idle seconds");
    let ticks = cpu_ticks(screen.process_id()) - used;
    assert!(ticks <= 2, "{ticks} hundredths of a second of CPU in five idle seconds");
}

/// User and system time of a process, in hundredths of a second (proc(5), fields 14 and 15).
fn cpu_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok());
    field(11).unwrap_or(0) + field(12).unwrap_or(0)
}

#[test]
fn a_suspended_studio_gives_the_terminal_back_and_comes_back_itself() {
    let home = Home::empty();
    let mut screen = studio(&home);
    screen.keys("kite");
    screen.wait_for("kite");
    screen.keys("\x1a");
    let start = std::time::Instant::now();
    while !screen.is_given_back() {
        assert!(start.elapsed() < Duration::from_secs(10), "still drawn:\n{}", screen.text());
        std::thread::sleep(Duration::from_millis(10));
    }
    signal(&screen, Signal::CONT);
    screen.wait_for("kite").wait_for("SANDBOX");
    screen.keys(CTRL_C);
    assert_eq!(screen.ended(), 0);
    assert!(screen.is_given_back());
}

#[test]
fn every_size_is_drawn_and_the_smallest_says_so() {
    let home = Home::empty();
    let screen = studio(&home);
    for (columns, rows) in [(120, 36), (60, 16), (200, 50), (80, 24)] {
        screen.resize(columns, rows);
        screen.wait_for("rushes").wait_for("Prompt");
    }
    screen.resize(20, 5);
    screen.wait("one line", |text| !text.contains("Prompt"));
    assert!(!String::from_utf8_lossy(&screen.raw()).contains("panicked"));
}
