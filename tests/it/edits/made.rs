//! Frames, assembly, words and names through the real binary, and what all work on this machine has in common.

use serde_json::Value;

use super::sources::{
    Judged, brightness, can_be_tested, distance, file, film, generate, made, param, plain, takes,
};
use crate::support::binary::Home;

#[tokio::test]
async fn the_last_frame_is_the_last_one_and_a_moment_shows_what_is_seen_then() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Each of ten frames brighter than the one before; the sound goes on without pictures.
    let steps = "color=black:s=64x64:r=10:d=1,geq=lum='N*20+16':cb=128:cr=128";
    let source = film(folder.path(), "steps.mp4", steps, Some("sine=440:d=3.5"));
    let source = source.display().to_string();
    let home = Home::empty();
    let lumas = [("first", 16), ("middle", 116), ("last", 196), ("0.25", 56), ("0.98", 196)];
    let mut words = vec!["--matrix", "--video", &source, "-p", "format=png", "-p", "format=jpg"];
    let moments: Vec<String> = lumas.iter().map(|(at, _)| format!("at={at}")).collect();
    words.extend(moments.iter().flat_map(|at| ["-p", at]));
    let taken = takes(&home, "local/frame", &words).await;
    let mut seen = Vec::new();
    for take in &taken {
        let (at, format) = (param(&home, take, "at"), param(&home, take, "format"));
        let mime = if format == "png" { "image/png" } else { "image/jpeg" };
        assert_eq!(take["mime"], mime, "{at}");
        let pixels = brightness(&file(take), "0");
        let (_, luma) = lumas.iter().find(|(known, _)| *known == at).unwrap();
        // Video range becomes full range.
        let expected = (f64::from(*luma) - 16.0) * 255.0 / 219.0;
        let off = distance(&pixels, &vec![0; pixels.len()]) - expected;
        assert!(off.abs() < 4.0, "{at}: off by {off}");
        seen.push((at, format));
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 10, "each once: {seen:?}");

    let wrong = ["--matrix", "--video", &source, "-p", "at=5", "-p", "at=soon", "-p", "at=-1"];
    let ran = generate(&home, "local/frame", &wrong).await;
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    let failed = ran.of_type("job").into_iter().filter(|job| job["stage"] == "failed").count();
    assert_eq!((failed, ran.of_type("take").len()), (3, 0), "{ran:?}");
    let kinds = |kind: &str| home.ledger().iter().filter(|(is, _)| is == kind).count();
    assert_eq!((kinds("release"), kinds("charge")), (13, 10), "what failed costs nothing");
}

#[tokio::test]
async fn clips_that_differ_become_like_the_first_and_their_lineage_is_all_of_them() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), &["turned", "plain", "odd", "tone"]);
    let home = Home::empty();
    for name in ["turned.mp4", "plain.mp4", "odd.mp4", "tone.m4a"] {
        let file = folder.path().join(name).display().to_string();
        assert_eq!(home.run(&["assets", "import", &file]).await.code(), Some(0));
    }
    let clips = ["--video", "asset:1", "--video", "asset:2", "--video", "asset:3"];
    let check = async |more: &[&str], seconds: f64| -> Value {
        let taken = takes(&home, "local/assemble", &[&clips[..], more].concat()).await;
        let judged = Judged::of(&file(&taken[0]));
        assert_eq!((judged.size(), judged.rate()), ((90, 160), "24/1"), "{more:?}");
        assert_eq!(judged.codec("audio"), Some("aac"));
        assert!((judged.seconds() - seconds).abs() < 0.05, "{more:?}: {}", judged.seconds());
        taken[0]["metadata"].clone()
    };
    let told = check(&[], 3.0).await;
    let differences = told["differences"].to_string();
    assert!(differences.contains("clip 2: it is turned"), "{differences}");
    assert!(differences.contains("clip 3: 161x91 pixels, the first has 160x90"), "{differences}");
    assert!(differences.contains("no sound, the first has some"), "{differences}");
    check(&["-p", "crossfade=0.25"], 2.5).await;
    let told = check(&["-p", "pauses=[0.5,0,1]", "--audio", "asset:4"], 4.5).await;

    let assets = home.json(&["assets", "list", "--json"]).await;
    let named = |number: u64| {
        let found = assets.as_array().unwrap().iter().find(|it| it["number"] == number);
        found.unwrap_or_else(|| panic!("{assets:#}"))["asset_id"].clone()
    };
    let all: Value = [named(1), named(2), named(3), named(4)].into_iter().collect();
    assert_eq!(told["sources"], all);
    let newest = &assets[0];
    assert_eq!(newest["parent"], named(1));
    let words = [&clips[..], &["-p", "crossfade=0.6"]].concat();
    let ran = generate(&home, "local/assemble", &words).await;
    assert!(ran.stdout().contains("too short to cross-fade"), "{ran:?}");
}

#[tokio::test]
async fn no_word_and_no_name_is_ever_taken_for_an_order() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let hard = folder.path().join("-y it's 100%d: \"{a}\" [0:v];\n#?&.mp4");
    let first = plain(folder.path(), "plain.mp4");
    std::fs::rename(first, &hard).unwrap();
    let source = hard.display().to_string();
    let home = Home::empty();
    let words = "%{localtime} ':x=0:textfile=/etc/passwd\\' 100% [v];\\n, {a|b}";
    let more = ["--video", &source, "-p", "size=9", "-p", "from=0.5", "-p", "position=top"];
    let taken = takes(&home, "local/text", &[&[words][..], &more].concat()).await;
    let lettered = file(&taken[0]);
    assert_eq!(taken[0]["prompt"], words);
    let apart = |at: &str| distance(&brightness(&hard, at), &brightness(&lettered, at));
    let (before, while_shown) = (apart("0.1"), apart("0.7"));
    assert!(before < 2.0 && while_shown > before + 1.0, "{before} and {while_shown}");

    let taken = takes(&home, "local/assemble", &["--video", &source, "--video", &source]).await;
    assert_eq!(taken[0]["metadata"]["joined"], "copied");
    for (model, param) in [("local/trim", "end=0.5"), ("local/stabilise", "smoothing=3")] {
        takes(&home, model, &["--video", &source, "-p", param]).await;
    }
}

#[tokio::test]
async fn work_here_needs_no_yes_no_key_and_no_provider_and_is_nobodys_default() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = plain(folder.path(), "plain.mp4").display().to_string();
    let home = Home::empty();
    let words = ["--video", &source, "-p", "end=0.5", "--provider", "wavespeed"];
    let taken = takes(&home, "local/trim", &words).await;
    assert_eq!(taken[0]["provider"], "local");
    let usage = home.json(&["usage", "--json"]).await;
    assert_eq!(
        (usage["spent"].as_str(), usage["simulated"].as_str()),
        (Some("0.00"), Some("0.00"))
    );
    // No real provider was used by it: the next run is the sandbox's, without a key.
    let home = home.set("RUSHES_SANDBOX_SPEED", "50");
    let ran = home.run(&["generate", "kite", "--json", "--dry-run"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert!(ran.stderr().contains("SANDBOX"), "{ran:?}");
    let far = ["--video", "https://x.test/a.mp4", "-p", "end=0.5"];
    let ran = generate(&home, "local/trim", &far).await;
    assert_eq!(ran.code(), Some(1));
    assert!(ran.stdout().contains("nothing is fetched"), "{ran:?}");
}
