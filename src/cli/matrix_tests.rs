//! Command lines multiplied out.

use clap::Parser;

use super::*;
use crate::catalog::Catalog;
use crate::cli::{Cli, Command};

const WAN: &str = "alibaba/wan-2.5/text-to-video";

fn said(words: &[&str]) -> Generate {
    let words = ["rushes", "generate", "--matrix"].iter().chain(words);
    let Some(Command::Generate(args)) = Cli::parse_from(words).command else { panic!() };
    args
}

/// The rows in words, with the parameters of each.
fn rows(words: &[&str]) -> Result<Vec<(String, Vec<String>)>, WrongUsage> {
    let catalog = Catalog::builtin().unwrap();
    let args = said(words);
    let names = if args.models.is_empty() { vec![WAN.to_owned()] } else { args.models.clone() };
    let specs: Vec<_> = names.iter().map(|name| catalog.find(name).ok()).collect();
    let matrix = expand(&args, &names, args.prompt.clone(), &specs)?;
    let words = matrix.rows().rows.into_iter().map(|(words, _)| words);
    let words: Vec<_> = if matrix.lines.len() > 1 { words.collect() } else { vec![String::new()] };
    Ok(words.into_iter().zip(matrix.lines.into_iter().map(|line| line.params)).collect())
}

#[test]
fn texts_models_and_repeated_values_multiply() {
    let check = |words: &[&str], expected: &[&str]| {
        let found: Vec<_> = rows(words).unwrap().into_iter().map(|(words, _)| words).collect();
        assert_eq!(found, expected, "{words:?}");
    };
    check(&["a {red|blue} kite"], &["prompt: red", "prompt: blue"]);
    check(
        &["{a|b}", "-p", "duration=5", "-p", "duration=10"],
        &[
            "prompt: a · duration: 5",
            "prompt: a · duration: 10",
            "prompt: b · duration: 5",
            "prompt: b · duration: 10",
        ],
    );
    check(&["a", "-p", "duration={5|10}"], &["duration: 5", "duration: 10"]);
    check(&["a", "-m", WAN, "-m", "sora-2"], &[&format!("model: {WAN}"), "model: sora-2"]);
    check(
        &["a", "-p", "negative_prompt={x|}"],
        &["negative_prompt: x", "negative_prompt: (nothing)"],
    );
    check(&[r"a \{red|blue\}"], &[""]);
    check(&["{a|b}", "-p", "prompt={c|d}"], &["prompt: c", "prompt: d"]);
}

#[test]
fn braces_of_json_and_of_files_are_no_alternatives() {
    let kling = "kwaivgi/kling-v3.0-pro/image-to-video";
    let json = "multi_prompt=[{\"prompt\": \"a|b\"}]";
    let found = rows(&["a", "-m", kling, "-p", json, "-p", "image=@{a|b}.png"]).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, [json, "image=@{a|b}.png"]);
    let found = rows(&["a", "-m", kling, "-p", "image=@a.png", "-p", "image=@b.png"]).unwrap();
    assert_eq!(found.len(), 2, "one picture each");
    let several = "kwaivgi/kling-video-o3-std/reference-to-video";
    let found = rows(&["a", "-m", several, "-p", "images=@a.png", "-p", "images=@b.png"]).unwrap();
    assert_eq!(found.len(), 1, "both pictures together");
}

#[test]
fn too_many_rows_are_told_before_one_is_made() {
    let many = "{a|b}".repeat(40);
    let error = rows(&[&many]).unwrap_err();
    assert!(error.what.contains(&(1_u64 << 40).to_string()), "{}", error.what);
    let error = rows(&["{a|b}", "--takes", "501"]).unwrap_err();
    assert!(error.what.contains("1002"), "{}", error.what);
}

#[test]
fn very_many_rows_are_told_by_their_ends() {
    let row = |number: u32| PricedRow {
        words: format!("seed: {number}"),
        prompt: String::new(),
        model: String::new(),
        params: Map::new(),
        takes: 2,
        price: None,
    };
    let lines = listed(&(1..=100).map(row).collect::<Vec<_>>());
    assert_eq!(lines[0], "100 rows × 2 takes = 200 takes");
    assert_eq!(lines.len(), 22);
    assert!(lines[11].contains("80 more"), "{}", lines[11]);
    assert!(lines[21].contains("seed: 100"), "{}", lines[21]);
    assert!(listed(&[]).is_empty());
}
