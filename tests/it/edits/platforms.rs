//! Every platform's film through the real binary, and platforms of one's own.

use serde_json::Value;

use super::sources::{
    Judged, brightness, can_be_tested, distance, file, film, generate, made, param, seen, takes,
};
use crate::support::binary::Home;

/// Id, size, seconds, megabytes, formats.
type Limits = (&'static str, (u64, u64), f64, f64, &'static [&'static str]);

/// The table that the program comes with, written down a second time.
const PLATFORMS: [Limits; 9] = [
    ("instagram-reels", (1080, 1920), 90.0, 4000.0, &["mp4"]),
    ("tiktok", (1080, 1920), 60.0, 287.0, &["mp4", "mov"]),
    ("youtube-shorts", (1080, 1920), 60.0, 256_000.0, &["mp4", "mov", "webm"]),
    ("linkedin", (1920, 1080), 600.0, 5000.0, &["mp4"]),
    ("linkedin-square", (1080, 1080), 600.0, 5000.0, &["mp4"]),
    ("linkedin-portrait", (1080, 1920), 600.0, 5000.0, &["mp4"]),
    ("facebook", (1920, 1080), 240.0, 4000.0, &["mp4", "mov"]),
    ("facebook-square", (1080, 1080), 240.0, 4000.0, &["mp4", "mov"]),
    ("twitter", (1920, 1080), 140.0, 512.0, &["mp4"]),
];

#[tokio::test]
async fn every_platform_gets_its_shape_its_kind_of_file_and_no_more_than_it_takes() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source =
        film(folder.path(), "short.mp4", "testsrc=s=160x90:r=8:d=0.5", Some("sine=440:d=0.5"));
    let source = source.display().to_string();
    // Two things at once are done in a library: three of them.
    let some = PLATFORMS.chunks(3).map(async |some| {
        let home = Home::empty();
        for limits in some {
            one(*limits, &source, &home).await;
        }
    });
    futures_util::future::join_all(some).await;
}

async fn one((id, size, seconds, mb, formats): Limits, source: &str, home: &Home) {
    let platform = format!("platform={id}");
    let fit = if size.0 == size.1 { "fit=letterbox" } else { "fit=crop" };
    // The last format that it takes; every other one is refused.
    let taken = *formats.last().unwrap();
    let refused: Vec<&str> =
        ["mp4", "mov", "webm"].into_iter().filter(|it| !formats.contains(it)).collect();
    let orders: Vec<String> =
        [&[taken][..], &refused].concat().iter().map(|format| format!("format={format}")).collect();
    let mut words = vec!["--matrix", "--video", source, "-p", &platform, "-p", fit];
    words.extend(orders.iter().flat_map(|order| ["-p", order]));
    let ran = generate(home, "local/export", &words).await;
    assert_eq!(ran.code(), Some(i32::from(!refused.is_empty())), "{id}: {ran:?}");
    let failed = ran.of_type("job").into_iter().filter(|job| job["stage"] == "failed");
    let mut told: Vec<String> = failed.map(|job| param(home, &job, "format")).collect();
    told.sort_unstable();
    assert_eq!(told, refused, "{id}: {ran:?}");
    let made = ran.of_type("take");
    let [take] = &made[..] else { panic!("{id}: {made:?}") };
    let judged = Judged::of(&file(take));
    assert_eq!((judged.size(), judged.frames()), (size, 4), "{id}");
    assert_eq!(file(take).extension().unwrap().to_str(), Some(taken), "{id}");
    let codec = if taken == "webm" { "vp9" } else { "h264" };
    assert_eq!(judged.codec("video"), Some(codec), "{id}");
    assert!(judged.codec("audio").is_some() && judged.seconds() <= seconds, "{id}");
    let said = &take["metadata"];
    assert_eq!(said["platform"], id);
    assert_eq!(said["megabytes_allowed"].as_f64(), Some(mb), "{id}");
    assert_eq!(said["seconds_allowed"].as_f64(), Some(seconds), "{id}");
}

#[tokio::test]
async fn one_command_makes_a_take_of_the_library_ready_for_several_platforms() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = film(folder.path(), "short.mp4", "testsrc=s=160x90:r=8:d=0.5", None);
    let home = Home::empty();
    let known = home.json(&["assets", "import", source.to_str().unwrap(), "--json"]).await;
    let words = ["generate", "--op", "export", "--video", "asset:1", "--matrix", "--json"];
    let ran = home.run(&[&words[..], &["-p", "platform={linkedin-square|twitter}"]].concat()).await;
    assert_eq!(ran.code(), Some(0), "it costs nothing, so nobody is asked: {ran:?}");
    assert!(ran.of_type("take").iter().all(|take| take["cost"] == "0.00"), "{ran:?}");
    let mut made: Vec<_> =
        ran.of_type("take").iter().map(|take| Judged::of(&file(take)).size()).collect();
    made.sort_unstable();
    assert_eq!(made, [(1080, 1080), (1920, 1080)]);
    let all = home.json(&["assets", "list", "--json"]).await;
    let of_it = |take: &&Value| take["parent"] == known["asset_id"];
    assert_eq!(all.as_array().unwrap().iter().filter(of_it).count(), 2, "{all:#}");
}

#[tokio::test]
async fn a_platform_of_ones_own_is_held_to_its_length_and_its_weight() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), &["long"]);
    let home = Home::empty();
    let presets = home.path().join("config/presets");
    std::fs::create_dir_all(&presets).unwrap();
    let one = |id: &str, mb: &str| {
        format!(
            "[[platforms]]\nid = \"{id}\"\nname = \"Mine\"\nwidth = 64\nheight = 128\n\
             max_seconds = 2\nmax_mb = {mb}\nformats = [\"mp4\"]\n"
        )
    };
    let table = one("mine", "5") + &one("feather", "0.001");
    std::fs::write(presets.join("platforms.toml"), table).unwrap();
    let long = folder.path().join("long.mp4");
    let source = long.display().to_string();
    let mut words = vec!["--matrix", "--video", &source, "-p", "platform=mine"];
    words.extend(["-p", "thumbnail=true"]);
    words.extend(["-p", "trim_mode=beginning", "-p", "trim_mode=middle", "-p", "trim_mode=end"]);
    let taken = takes(&home, "local/export", &words).await;
    assert_eq!(taken.len(), 6, "{taken:?}");
    let moments = [("beginning", "0"), ("middle", "0.55"), ("end", "1.1")];
    let moments = moments.map(|(mode, at)| (mode, seen(&long, at, "scale=-2:128,crop=64:128")));
    for film in taken.iter().filter(|take| take["mime"] == "video/mp4") {
        let mode = param(&home, film, "trim_mode");
        let judged = Judged::of(&file(film));
        assert_eq!(judged.size(), (64, 128), "{mode}");
        assert!((1.8..=2.0).contains(&judged.seconds()), "{mode}: {}", judged.seconds());
        let is_its_picture =
            |take: &&Value| take["job_id"] == film["job_id"] && take["mime"] == "image/jpeg";
        let picture = taken.iter().find(is_its_picture).unwrap_or_else(|| panic!("{taken:?}"));
        assert_eq!(Judged::of(&file(picture)).size(), (64, 128));
        // It begins where the source shows just that.
        let first = brightness(&file(film), "0");
        let apart = moments.each_ref().map(|(at, seen)| (distance(&first, seen), *at));
        let nearest = apart.into_iter().min_by(|one, other| one.0.total_cmp(&other.0)).unwrap();
        assert_eq!(nearest.1, mode, "{apart:?}");
    }

    let words = ["--video", &source, "-p", "platform=feather"];
    let ran = generate(&home, "local/export", &words).await;
    assert_eq!(ran.code(), Some(1));
    let reason = ran.of_type("job").pop().unwrap()["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("MB, 0.001 MB are allowed"), "with the figures: {reason}");
    let ran = generate(&home, "local/export", &["--video", &source, "-p", "platform=none"]).await;
    assert_eq!(ran.code(), Some(4), "one that nobody knows is no choice");
    std::fs::write(presets.join("platforms.toml"), "platforms = 1").unwrap();
    let ran = home.run(&["models", "list"]).await;
    assert!(ran.stderr().contains("platforms.toml"), "{ran:?}");
}
