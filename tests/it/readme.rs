//! What the README shows is what the program does: its frame is a golden one, its keys are the keymap's.
//!
//! `UPDATE_README=1 cargo test` writes them anew.

use std::fmt::Write;

use rushes::tui::action::Action;
use rushes::tui::keymap::{Keymap, Place};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// The README with the part between two marks replaced.
fn with_part(text: &str, name: &str, part: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&open).expect("the README has this mark");
    let (_, after) = rest.split_once(&close).expect("a mark is closed");
    format!("{before}{open}{part}{close}{after}")
}

/// The text of a golden frame, without its colours.
fn frame() -> String {
    let snapshot = include_str!("snapshots/it__frames__live_80x24.snap");
    let body = snapshot.splitn(3, "---\n").nth(2).unwrap_or_default();
    let rows: Vec<_> = body.lines().take(24).map(str::trim_end).collect();
    format!("```text\n{}\n```\n", rows.join("\n"))
}

fn keys() -> String {
    let keymap = Keymap::load(None).unwrap();
    let places = [
        ("everywhere", Place::Everywhere),
        ("in lists", Place::Lists),
        ("on a job or a take", Place::Works),
        ("on a job in doubt", Place::Doubt),
        ("in the settings", Place::Settings),
        ("where no figure is typed", Place::Views),
        ("in the usage view", Place::Usage),
        ("on a line of the ledger or a dearest job", Place::Charges),
        ("in the catalogue of models", Place::Models),
        ("in the story view", Place::Story),
        ("on a scene", Place::Scenes),
    ];
    let mut table = "| where | keys | what |\n| --- | --- | --- |\n".to_owned();
    for (name, place) in places {
        let mut told: Vec<Action> = Vec::new();
        for (_, action) in keymap.bindings(place) {
            if told.contains(action) {
                continue;
            }
            told.push(*action);
            let bound: Vec<_> = keymap
                .keys(&[place], *action)
                .iter()
                .map(|key| format!("`{}`", key.replace('|', "\\|")))
                .collect();
            let _ = writeln!(table, "| {name} | {} | {} |", bound.join(" "), action.summary());
        }
    }
    table
}

#[test]
fn the_readme_shows_what_the_program_does() {
    let text = std::fs::read_to_string(README).unwrap();
    let wanted = with_part(&with_part(&text, "frame", &frame()), "keys", &keys());
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(README, &wanted).unwrap();
        return;
    }
    assert!(text == wanted, "README.md is behind: UPDATE_README=1 cargo test --test it readme");
}
