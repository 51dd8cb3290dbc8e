//! Files and folders that were not made here become assets: once each, by what is in them.

use std::fs;

use crate::support::binary::Home;
use crate::support::given::Given;
use crate::support::screen::Screen;

/// A folder with two pictures (one of them twice), a recording, a film, a text, hidden things and a loop.
fn folder(home: &Home) -> std::path::PathBuf {
    let folder = home.path().join("stills");
    fs::create_dir_all(folder.join("day one/.cache")).unwrap();
    let given = Given::below(&folder);
    fs::copy(&given.picture, folder.join("day one/again.png")).unwrap();
    fs::write(folder.join("notes.txt"), "no picture").unwrap();
    fs::copy(&given.picture, folder.join("day one/.cache/hidden.png")).unwrap();
    std::os::unix::fs::symlink(&folder, folder.join("day one/loop")).unwrap();
    folder
}

#[tokio::test]
async fn a_folder_becomes_assets_once_each_and_what_is_no_media_is_left_out() {
    let home = Home::empty();
    let folder = folder(&home);
    let ran = home.run(&["assets", "import", folder.to_str().unwrap(), "--json"]).await;
    assert_eq!(ran.code(), Some(0), "{}", ran.stderr());
    let lines = ran.lines();
    assert_eq!(lines.len(), 4, "two pictures that are one, a film and a recording");
    let kinds: std::collections::BTreeSet<_> = lines
        .iter()
        .map(|line| line["mime"].as_str().unwrap().split('/').next().unwrap())
        .collect();
    assert_eq!(kinds, ["audio", "image", "video"].into());
    assert!(ran.stderr().contains("1 others are left out"), "{}", ran.stderr());
    assert!(ran.stderr().contains("is known as"), "{}", ran.stderr());

    let again = home.run(&["assets", "import", folder.to_str().unwrap()]).await;
    assert_eq!(again.stderr().matches("is known as").count(), 4, "{}", again.stderr());
    let listed = home.json(&["assets", "list", "--json"]).await;
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert!(home.ledger().is_empty(), "nothing was made, nothing costs");
}

#[tokio::test]
async fn an_empty_folder_and_a_file_that_is_not_there_are_told() {
    let home = Home::empty();
    let nothing = home.path().join("nothing");
    fs::create_dir(&nothing).unwrap();
    let ran = home.run(&["assets", "import", nothing.to_str().unwrap()]).await;
    assert_eq!(ran.code(), Some(0));
    assert!(ran.stderr().contains("no picture, recording or film"), "{}", ran.stderr());
    let ran = home.run(&["assets", "import", nothing.join("a.png").to_str().unwrap()]).await;
    assert_eq!(ran.code(), Some(1));
}

#[test]
fn the_studio_takes_a_folder_in() {
    let home = Home::empty();
    let folder = folder(&home);
    let mut screen = Screen::open(&home, 120, 36, &[]);
    screen.wait_for("SANDBOX").wait_for("Jobs");
    screen.keys("\x1b").wait("the jobs have the focus", |text| text.contains("▌Jobs"));
    screen.keys(&format!(":import {}\r", folder.display()));
    screen.wait_for("3 new files are in the library").wait_for("1 known, 1 left out");
}
