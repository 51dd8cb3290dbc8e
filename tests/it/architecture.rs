//! The layers, as tests: which names a module's files may not contain, and that nothing shipped is forgotten.

use std::path::{Path, PathBuf};

use crate::support::sha256;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(below(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Source without comments and without its own tests.
fn code(file: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().enumerate();
    lines
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default().to_owned()))
        .collect()
}

fn faults(part: &str, forbidden: &[&str], but: &[&str]) -> Vec<String> {
    let place = root().join("src").join(part);
    let files = if place.is_dir() { below(&place, ".rs") } else { vec![place] };
    let mut faults = Vec::new();
    for file in files {
        let shown = file.strip_prefix(root()).unwrap().display().to_string();
        if shown.ends_with("_tests.rs") || but.iter().any(|but| shown.ends_with(but)) {
            continue;
        }
        for (number, line) in code(&file) {
            for name in forbidden.iter().filter(|name| line.contains(**name)) {
                faults.push(format!("{shown}:{number}: {name}"));
            }
        }
    }
    faults
}

#[test]
fn no_layer_names_what_it_may_not_know() {
    const IO: &[&str] =
        &["tokio", "reqwest", "rusqlite", "ratatui", "crossterm", "std::fs", "std::env"];
    const CLOCKS: &[&str] = &["Timestamp::now", "Instant::now", "SystemTime::now", "Zoned::now"];
    const UPPER: &[&str] = &[
        "crate::store",
        "crate::pipeline",
        "crate::provider",
        "crate::tui",
        "crate::cli",
        "crate::sandbox",
        "crate::assembly",
        "crate::studio",
        "crate::config",
        "crate::media",
    ];
    let mut found = Vec::new();
    found.extend(faults("domain", &[IO, CLOCKS, UPPER, &["crate::catalog"]].concat(), &[]));
    let files = ["catalog/mod.rs", "catalog/toml_file.rs"];
    found.extend(faults("catalog", &["tokio", "reqwest", "rusqlite", "ratatui"], &[]));
    found.extend(faults("catalog", &["std::fs"], &files));
    found.extend(faults("catalog", UPPER, &[]));
    found.extend(faults("pipeline", &["ratatui", "crossterm", "rusqlite", "reqwest"], &[]));
    found.extend(faults(
        "pipeline",
        &["crate::tui", "crate::cli", "crate::sandbox", "crate::assembly"],
        &[],
    ));
    found.extend(faults(
        "story",
        &[IO, CLOCKS].concat(),
        &["story/file.rs", "story/given.rs", "story/identified.rs", "story/run.rs"],
    ));
    let front = ["crate::tui", "crate::cli", "crate::assembly", "crate::studio", "crate::sandbox"];
    found.extend(faults("story", &front, &[]));
    found.extend(faults(
        "store",
        &["reqwest", "ratatui", "crate::provider", "crate::pipeline"],
        &[],
    ));
    found.extend(faults("store", &["crate::tui", "crate::cli", "crate::media"], &[]));
    found.extend(faults(
        "provider",
        &["rusqlite", "ratatui", "crate::store", "crate::pipeline"],
        &[],
    ));
    found.extend(faults("provider", &["crate::tui", "crate::cli", "crate::sandbox"], &[]));
    found.extend(faults("sandbox", &["crate::provider", "crate::pipeline", "crate::store"], &[]));
    found.extend(faults("sandbox", &["crate::tui", "crate::cli", "reqwest", "rusqlite"], &[]));
    found.extend(faults("media", &["reqwest", "rusqlite", "ratatui", "axum", "crate::store"], &[]));
    found.extend(faults(
        "tui",
        &["reqwest", "rusqlite", "std::fs", "std::env", "crate::store"],
        &[],
    ));
    found.extend(faults("tui", &["crate::pipeline", "crate::provider", "crate::cli"], &[]));
    // Of stories, the pure part.
    found.extend(faults("tui", &["story::run", "story::file", "story::identified"], &[]));
    assert!(found.is_empty(), "layers:\n{}", found.join("\n"));
}

#[test]
fn update_and_view_do_no_io_and_read_no_clock() {
    let names = [
        "tokio::spawn",
        "std::fs",
        "std::net",
        "Timestamp::now",
        "Instant::now",
        "SystemTime",
        "Backend",
        ".await",
        "async fn",
    ];
    let tui = root().join("src/tui");
    let mut found = Vec::new();
    for file in below(&tui, ".rs") {
        let shown = file.strip_prefix(root().join("src")).unwrap().display().to_string();
        let pure = ["update", "view", "layout", "screen", "pane/", "dialog/", "widget/"];
        if pure.iter().any(|part| shown.contains(part)) {
            found.extend(faults(&shown, &names, &[]));
        }
    }
    assert!(found.is_empty(), "the screen's pure part:\n{}", found.join("\n"));
}

#[test]
fn one_place_each_for_sql_http_and_the_environment() {
    let mut found = Vec::new();
    for file in below(&root().join("src"), ".rs") {
        let shown = file.strip_prefix(root().join("src")).unwrap().display().to_string();
        let only = [
            ("rusqlite", "store/"),
            ("reqwest", "provider/"),
            ("std::env::var", "config/env.rs"),
            ("ratatui", "tui/"),
            // The crate; an encoder of ffmpeg has a name like it.
            ("openh264::", "media/"),
        ];
        for (name, place) in only {
            if !shown.starts_with(place) {
                found.extend(faults(&shown, &[name], &[]));
            }
        }
    }
    assert!(found.is_empty(), "outside its one place:\n{}", found.join("\n"));
}

#[test]
fn one_place_submits() {
    let mut found = Vec::new();
    for file in below(&root().join("src"), ".rs") {
        let shown = file.strip_prefix(root().join("src")).unwrap().display().to_string();
        found.extend(faults(&shown, &[".submit(&"], &["pipeline/checking.rs"]));
    }
    assert!(found.is_empty(), "a second way to submit:\n{}", found.join("\n"));
}

/// Where an order becomes a job, and where a file becomes an asset. What these make has private parts, so that
/// nothing outside of the crate can; inside, this is the list.
#[test]
fn nothing_creates_a_take_but_the_pipeline() {
    let only: [(&[&str], &[&str]); 4] = [
        (&["NewJob {", "NewJob{", "store.admit("], &["pipeline/admit.rs", "store/jobs.rs"]),
        (&[".save_takes("], &["pipeline/downloading.rs"]),
        (&["store.import("], &["pipeline/import.rs"]),
        (
            &["NewAsset {", "NewAsset{", "INSERT INTO assets"],
            &["pipeline/downloading.rs", "pipeline/import.rs", "store/assets.rs"],
        ),
    ];
    let mut found = Vec::new();
    for file in below(&root().join("src"), ".rs") {
        let shown = file.strip_prefix(root().join("src")).unwrap().display().to_string();
        for (names, places) in only {
            found.extend(faults(&shown, names, places));
        }
    }
    assert!(found.is_empty(), "a take that goes round the pipeline:\n{}", found.join("\n"));

    // The search finds what it looks for: each name is where it belongs, and is closed to the outside.
    for (file, names) in [
        ("pipeline/admit.rs", ["NewJob {", "store.admit("]),
        ("pipeline/downloading.rs", ["NewAsset {", ".save_takes("]),
        ("pipeline/import.rs", ["NewAsset {", "store.import("]),
        ("store/assets.rs", ["pub(crate) async fn save_takes", "pub(crate) async fn import"]),
        ("store/assets.rs", ["    pub(crate) id: AssetId", "    pub(crate) path: String"]),
        ("store/jobs.rs", ["pub(crate) async fn admit", "    pub(crate) id: JobId"]),
    ] {
        for name in names {
            assert!(!faults(file, &[name], &[]).is_empty(), "{name} is not in {file}");
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    let mut found = Vec::new();
    for file in below(&root().join("src"), ".rs") {
        let text = std::fs::read_to_string(&file).unwrap();
        let shown = file.strip_prefix(root()).unwrap().display();
        if !text.starts_with("//!") && !text.starts_with("#![doc") {
            found.push(format!("{shown}: does not open with what it is for"));
        }
        let lines = text.lines().count();
        if lines > 500 {
            found.push(format!("{shown}: {lines} lines are two ideas"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_shipped_file_is_named_in_the_code() {
    let sources: String = below(&root().join("src"), ".rs")
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    for file in below(&root().join("assets"), "") {
        // `build.rs` takes all of these; that none is left out is a test of the catalogue.
        if file.parent().is_some_and(|folder| folder.ends_with("assets/models")) {
            continue;
        }
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let is_licence = name.to_lowercase().contains("licen");
        assert!(is_licence || sources.contains(&name), "{name} is shipped and never used");
    }
}

#[test]
fn a_landed_migration_is_never_edited() {
    let known = [
        ("0001_first.sql", "d8c553a493ccd837ec06aa9f6d165f246fe14015df04721d836897e244bcae27"),
        ("0002_uploads.sql", "4cbe8b41bfefdc76d2dcd6d5096be4dd5786c256cd232bd009368a75d2821534"),
        ("0003_money.sql", "0e9f3e9beddeb8ad9afa9b7abecb5a3ea65e8973df6ac5eaa2cdd62f8c45ae54"),
        ("0004_bills.sql", "1167b0649619c8300ab88b42784beb7df3128f442566985a149e53e2d7d56da3"),
        ("0005_stories.sql", "dbc706e79d1be4855c8afab56bb9cb7e3db8dbb191ff340657632791ba76909d"),
        ("0006_reasons.sql", "1e83c2f3d667ac7d018281bfd8208155038f659ee70c7413293f0002947863d2"),
    ];
    let files = below(&root().join("assets/migrations"), ".sql");
    assert_eq!(files.len(), known.len(), "a new migration belongs into this list");
    for (file, (name, hash)) in files.iter().zip(known) {
        let text = std::fs::read(file).unwrap();
        let found = sha256(&text);
        assert_eq!(file.file_name().unwrap().to_string_lossy(), name);
        assert_eq!(found, hash, "{name} was edited: write a new one");
    }
}
