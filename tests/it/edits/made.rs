//! Every edit, every platform and every way of assembly, through the real binary.

use std::path::Path;

use futures_util::StreamExt;
use serde_json::Value;

use super::sources::{
    Judged, brightness, can_be_tested, distance, file, film, generate, loudness, odd, plain, takes,
    turned,
};
use crate::support::binary::Home;

/// A film of one kind that is edited in one way, and what has to come out.
#[derive(Clone, Copy)]
struct Case {
    model: &'static str,
    source: &'static str,
    params: &'static [&'static str],
    /// Picture, then sound.
    codecs: (&'static str, Option<&'static str>),
    size: (u64, u64),
    seconds: f64,
    ending: &'static str,
}

const fn case(
    model: &'static str,
    source: &'static str,
    params: &'static [&'static str],
    size: (u64, u64),
    seconds: f64,
) -> Case {
    let codecs = ("h264", Some("aac"));
    Case { model, source, params, codecs, size, seconds, ending: "mp4" }
}

const fn silent(case: Case) -> Case {
    Case { codecs: ("h264", None), ..case }
}

const fn as_file(
    case: Case,
    ending: &'static str,
    codecs: (&'static str, Option<&'static str>),
) -> Case {
    Case { codecs, ending, ..case }
}

const WIDE: (u64, u64) = (160, 90);
const TALL: (u64, u64) = (90, 160);

const CASES: &[Case] = &[
    case("local/trim", "plain.mp4", &["start=0.25", "end=0.75"], WIDE, 0.5),
    case("local/trim", "plain.mp4", &["max_duration=0.5", "mode=end"], WIDE, 0.5),
    case("local/trim", "turned.mp4", &["end=0.5"], TALL, 0.5),
    silent(case("local/trim", "odd.mp4", &["start=0.5"], WIDE, 0.5)),
    case("local/speed", "plain.mp4", &["factor=4"], WIDE, 0.25),
    case("local/speed", "plain.mp4", &["factor=0.25"], WIDE, 4.0),
    silent(case("local/speed", "odd.mp4", &["factor=0.5"], WIDE, 2.0)),
    case("local/format", "plain.mp4", &["format=mp4", "quality=low"], WIDE, 1.0),
    as_file(
        case("local/format", "plain.mp4", &["format=mov"], WIDE, 1.0),
        "mov",
        ("h264", Some("aac")),
    ),
    as_file(
        case("local/format", "plain.mp4", &["format=webm"], WIDE, 1.0),
        "webm",
        ("vp9", Some("opus")),
    ),
    as_file(case("local/format", "plain.mp4", &["format=gif"], WIDE, 1.0), "gif", ("gif", None)),
    silent(case("local/aspect", "odd.mp4", &["ratio=16:9"], WIDE, 1.0)),
    case("local/aspect", "plain.mp4", &["ratio=9:16"], (50, 90), 1.0),
    case("local/aspect", "plain.mp4", &["ratio=1:1", "fit=letterbox"], (160, 160), 1.0),
    case("local/aspect", "plain.mp4", &["ratio=4:5"], (72, 90), 1.0),
    case("local/aspect", "plain.mp4", &["ratio=21:9", "fit=letterbox"], (210, 90), 1.0),
    case("local/aspect", "turned.mp4", &["ratio=9:16"], (90, 160), 1.0),
    case("local/scale", "plain.mp4", &["resolution=480p"], (854, 480), 1.0),
    case("local/scale", "turned.mp4", &["resolution=480p"], (480, 854), 1.0),
    silent(case(
        "local/scale",
        "odd.mp4",
        &["resolution=720p", "keep_aspect=false"],
        (1280, 720),
        1.0,
    )),
    case("local/compress", "plain.mp4", &["quality=low"], WIDE, 1.0),
    case("local/compress", "plain.mp4", &["target_mb=0.2"], WIDE, 1.0),
    case("local/volume", "plain.mp4", &["level=0.25"], WIDE, 1.0),
    case("local/normalise", "long.mp4", &["loudness=-20"], WIDE, 3.0),
    case("local/stabilise", "plain.mp4", &["smoothing=5"], WIDE, 1.0),
    case("local/text", "plain.mp4", &["text=Hello", "position=center"], WIDE, 1.0),
    case("local/sound", "plain.mp4", &["mode=mix"], WIDE, 1.0),
    case("local/sound", "odd.mp4", &["length=longest"], WIDE, 2.0),
];

fn sources(folder: &Path) {
    plain(folder, "plain.mp4");
    film(folder, "long.mp4", "testsrc=s=160x90:r=24:d=3", Some("sine=440:d=3"));
    odd(folder);
    turned(folder);
    super::sources::ffmpeg(folder, &["-f", "lavfi", "-i", "sine=880:d=2", "tone.m4a"]);
}

#[tokio::test]
async fn every_edit_makes_what_it_says_by_ffprobe() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    sources(folder.path());
    let all = futures_util::stream::iter(CASES).map(|case| judge(case, folder.path()));
    all.buffer_unordered(4).collect::<Vec<()>>().await;
}

async fn judge(case: &Case, folder: &Path) {
    let home = Home::empty();
    let source = folder.join(case.source).display().to_string();
    let tone = folder.join("tone.m4a").display().to_string();
    let mut words = vec!["--video", &source];
    if case.model == "local/sound" {
        words.extend(["--audio", &tone]);
    }
    words.extend(case.params.iter().flat_map(|param| ["-p", param]));
    let what = format!("{} {} {:?}", case.model, case.source, case.params);
    let before = std::fs::read(&source).unwrap();
    let takes = takes(&home, case.model, &words).await;
    let [take] = &takes[..] else { panic!("{what}: {takes:?}") };
    let made = file(take);
    let judged = Judged::of(&made);
    assert_eq!(made.extension().unwrap().to_str(), Some(case.ending), "{what}");
    let codecs = (judged.codec("video").unwrap(), judged.codec("audio"));
    assert_eq!(codecs, case.codecs, "{what}");
    assert_eq!(judged.size(), case.size, "{what}");
    assert!((judged.seconds() - case.seconds).abs() < 0.09, "{what}: {}", judged.seconds());
    assert_eq!(
        (take["cost"].as_str(), take["cost_basis"].as_str()),
        (Some("0.00"), Some("quoted"))
    );
    let of_it = (take["width"].as_u64().unwrap(), take["height"].as_u64().unwrap());
    assert_eq!(of_it, case.size, "{what}: the library says the same");
    match case.model {
        "local/speed" if case.source == "odd.mp4" => assert_eq!(judged.rate(), "30000/1001"),
        "local/format" if case.ending == "gif" => assert_eq!(judged.rate(), "15/1"),
        "local/normalise" => assert!((loudness(&made) + 20.0).abs() < 1.0, "{}", loudness(&made)),
        "local/volume" => {
            let change = loudness(&made) - loudness(Path::new(&source));
            assert!((change + 12.0).abs() < 1.0, "a quarter is 12 dB less: {change}");
        }
        "local/compress" if case.params == ["target_mb=0.2"] => {
            assert!(made.metadata().unwrap().len() <= 200_000, "{what}");
        }
        _ => {}
    }
    assert_eq!(std::fs::read(&source).unwrap(), before, "{what}: what is given stays as it is");
    assert_eq!(
        home.ledger(),
        [("hold", 0), ("release", 0), ("charge", 0)].map(|(k, a)| (k.to_owned(), a))
    );
    let left = std::fs::read_dir(home.path().join("state/local")).unwrap().count();
    assert_eq!(left, 0, "{what}: nothing is left of the order");
}

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
    for (at, luma) in [("first", 16), ("middle", 116), ("last", 196), ("0.25", 56), ("0.98", 196)] {
        for format in ["png", "jpg"] {
            let (at, format) = (format!("at={at}"), format!("format={format}"));
            let words = ["--video", &source, "-p", &at, "-p", &format];
            let taken = takes(&home, "local/frame", &words).await;
            assert_eq!(taken[0]["mime"].as_str().unwrap().split('/').next(), Some("image"));
            let seen = brightness(&file(&taken[0]), "0");
            // Video range becomes full range.
            let expected = (f64::from(luma) - 16.0) * 255.0 / 219.0;
            let off = distance(&seen, &vec![0; seen.len()]) - expected;
            assert!(off.abs() < 4.0, "{at}: off by {off}");
        }
    }
    for wrong in ["at=5", "at=soon", "at=-1"] {
        let ran = generate(&home, "local/frame", &["--video", &source, "-p", wrong]).await;
        assert_eq!(ran.code(), Some(1), "{wrong}: {ran:?}");
    }
    let lines = home.ledger();
    assert_eq!(lines.last(), Some(&("release".to_owned(), 0)), "what failed costs nothing");
}

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
    let folder = folder.path();
    film(folder, "short.mp4", "testsrc=s=160x90:r=24:d=0.5", Some("sine=440:d=0.5"));
    let all =
        futures_util::stream::iter(PLATFORMS).map(async |(id, size, seconds, mb, formats)| {
            let home = Home::empty();
            let platform = format!("platform={id}");
            let fit = if size.0 == size.1 { "fit=letterbox" } else { "fit=crop" };
            // The last format that it takes; every other one is refused.
            for format in ["mp4", "mov", "webm"] {
                let is_taken = formats.contains(&format);
                if is_taken && formats.last() != Some(&format) {
                    continue;
                }
                let format_is = format!("format={format}");
                let source = folder.join("short.mp4").display().to_string();
                let words = ["--video", &source, "-p", &platform, "-p", fit, "-p", &format_is];
                let ran = generate(&home, "local/export", &words).await;
                assert_eq!(ran.code(), Some(i32::from(!is_taken)), "{id} {format}: {ran:?}");
                if !is_taken {
                    continue;
                }
                let take = &ran.of_type("take")[0];
                let judged = Judged::of(&file(take));
                assert_eq!((judged.size(), judged.frames()), (size, 12), "{id}");
                let codec = if format == "webm" { "vp9" } else { "h264" };
                assert_eq!(judged.codec("video"), Some(codec), "{id}");
                assert!(judged.codec("audio").is_some() && judged.seconds() <= seconds, "{id}");
                let said = &take["metadata"];
                assert_eq!(said["platform"], id);
                assert_eq!(said["megabytes_allowed"].as_f64(), Some(mb), "{id}");
                assert_eq!(said["seconds_allowed"].as_f64(), Some(seconds), "{id}");
            }
        });
    all.buffer_unordered(3).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn a_platform_of_ones_own_is_held_to_its_length_and_its_weight() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    sources(folder.path());
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
    let source = folder.path().join("long.mp4").display().to_string();
    let mut seen = Vec::new();
    for mode in ["beginning", "middle", "end"] {
        let mode = format!("trim_mode={mode}");
        let words =
            ["--video", &source, "-p", "platform=mine", "-p", &mode, "-p", "thumbnail=true"];
        let taken = takes(&home, "local/export", &words).await;
        let [film, thumbnail] = &taken[..] else { panic!("{taken:?}") };
        let judged = Judged::of(&file(film));
        assert_eq!(judged.size(), (64, 128), "{mode}");
        assert!((1.8..=2.0).contains(&judged.seconds()), "{mode}: {}", judged.seconds());
        assert_eq!(thumbnail["mime"], "image/jpeg");
        assert_eq!(Judged::of(&file(thumbnail)).size(), (64, 128));
        seen.push(brightness(&file(film), "0"));
    }
    assert!(distance(&seen[0], &seen[1]) > 0.5 && distance(&seen[1], &seen[2]) > 0.5);

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

#[tokio::test]
async fn clips_that_differ_become_like_the_first_and_their_lineage_is_all_of_them() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    sources(folder.path());
    let home = Home::empty();
    for name in ["turned.mp4", "plain.mp4", "odd.mp4", "tone.m4a"] {
        let file = folder.path().join(name).display().to_string();
        assert_eq!(home.run(&["assets", "import", &file]).await.code(), Some(0));
    }
    let clips = ["--video", "asset:1", "--video", "asset:2", "--video", "asset:3"];
    let check = async |more: &[&str], seconds: f64| -> Value {
        let taken = takes(&home, "local/assemble", &[&clips[..], more].concat()).await;
        let judged = Judged::of(&file(&taken[0]));
        assert_eq!((judged.size(), judged.rate()), (TALL, "24/1"), "{more:?}");
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
    let made = file(&taken[0]);
    assert_eq!(taken[0]["prompt"], words);
    let apart = |at: &str| distance(&brightness(&hard, at), &brightness(&made, at));
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
