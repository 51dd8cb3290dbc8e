//! Every edit through the real binary, on films that are awkward in one way each.

use std::path::Path;
use std::sync::Mutex;

use super::sources::{
    Judged, brightness, can_be_tested, distance, file, loudness, made, param, softness, takes,
    unrest,
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
    case("local/trim", "plain.mp4", &["max_duration=0.5", "mode=middle"], WIDE, 0.5),
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
    case("local/aspect", "turned.mp4", &["ratio=9:16"], (90, 160), 1.0),
    case("local/scale", "turned.mp4", &["resolution=480p"], (480, 854), 1.0),
    silent(case("local/scale", "odd.mp4", &["resolution=480p"], (854, 480), 1.0)),
    case("local/compress", "noisy.mp4", &["quality=low"], WIDE, 1.0),
    case("local/compress", "noisy.mp4", &["target_mb=0.12"], WIDE, 1.0),
    case("local/volume", "plain.mp4", &["level=0.25"], WIDE, 1.0),
    case("local/normalise", "long.mp4", &["loudness=-20"], WIDE, 3.0),
    case("local/denoise", "noisy.mp4", &["strength=1"], WIDE, 1.0),
    case("local/denoise", "noisy.mp4", &["strength=1", "of=sound"], WIDE, 1.0),
    case("local/denoise", "noisy.mp4", &["strength=1", "of=picture"], WIDE, 1.0),
    silent(case("local/denoise", "odd.mp4", &["strength=0"], WIDE, 1.0)),
    silent(case("local/stabilise", "shaken.mp4", &["smoothing=5"], WIDE, 1.0)),
    case("local/text", "plain.mp4", &["text=Hello", "position=center"], WIDE, 1.0),
    case("local/sound", "plain.mp4", &["mode=mix"], WIDE, 1.0),
    case("local/sound", "odd.mp4", &["length=longest"], WIDE, 2.0),
];

/// A size, and the two values that come to it.
type Shape = (&'static str, &'static str, (u64, u64));

/// Of 160x90: the ratio, and how it is fitted.
const ASPECTS: [Shape; 10] = [
    ("16:9", "crop", (160, 90)),
    ("9:16", "crop", (50, 90)),
    ("1:1", "crop", (90, 90)),
    ("4:5", "crop", (72, 90)),
    ("21:9", "crop", (160, 68)),
    ("16:9", "letterbox", (160, 90)),
    ("9:16", "letterbox", (160, 286)),
    ("1:1", "letterbox", (160, 160)),
    ("4:5", "letterbox", (160, 200)),
    ("21:9", "letterbox", (210, 90)),
];

/// Of 90x160: the resolution, and that the aspect is not kept.
const SCALES: [Shape; 5] = [
    ("480p", "0", (854, 480)),
    ("720p", "0", (1280, 720)),
    ("1080p", "0", (1920, 1080)),
    ("1440p", "0", (2560, 1440)),
    ("4k", "0", (3840, 2160)),
];

#[tokio::test]
async fn every_aspect_and_every_size_comes_out_as_it_was_ordered() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), &["wide", "few"]);
    let check = async |model: &str, source: &str, keys: [&str; 2], shapes: &[Shape]| {
        let home = Home::empty();
        let source = folder.path().join(source).display().to_string();
        let mut orders = Vec::new();
        for (one, other, _) in shapes {
            orders.extend([format!("{}={one}", keys[0]), format!("{}={other}", keys[1])]);
        }
        orders.sort_unstable();
        orders.dedup();
        let mut words = vec!["--matrix", "--video", &source];
        words.extend(orders.iter().flat_map(|order| ["-p", order]));
        let taken = takes(&home, model, &words).await;
        let of = |take| {
            let said = keys.map(|key| param(&home, take, key));
            (said, Judged::of(&file(take)).size())
        };
        let mut found: Vec<_> = taken.iter().map(of).collect();
        found.sort_unstable();
        let owned = |(one, other, size): &Shape| ([one, other].map(|it| (*it).to_owned()), *size);
        let mut expected: Vec<_> = shapes.iter().map(owned).collect();
        expected.sort_unstable();
        assert_eq!(found, expected, "{model}");
    };
    futures_util::future::join(
        check("local/aspect", "wide.mp4", ["ratio", "fit"], &ASPECTS),
        check("local/scale", "few.mp4", ["resolution", "keep_aspect"], &SCALES),
    )
    .await;
}

/// How many libraries the cases share: in each one after the other is made.
const LIBRARIES: usize = 4;

#[tokio::test]
async fn every_edit_makes_what_it_says_by_ffprobe() {
    if !can_be_tested() {
        return;
    }
    let films = Films::new();
    let left = Mutex::new(CASES.iter());
    let next = || left.lock().unwrap().next();
    let one = async || {
        let home = Home::empty();
        let mut lines = Vec::new();
        while let Some(case) = next() {
            judge(case, &films, &home).await;
            lines.extend([("hold", 0), ("release", 0), ("charge", 0)]);
            let written = home.ledger();
            let written: Vec<_> = written.iter().map(|(kind, sum)| (&kind[..], *sum)).collect();
            assert_eq!(written, lines, "{}", case.what());
            let left = std::fs::read_dir(home.path().join("state/local")).unwrap().count();
            assert_eq!(left, 0, "{}: nothing is left of the order", case.what());
        }
    };
    futures_util::future::join_all((0..LIBRARIES).map(|_| one())).await;
}

/// What is edited, and what is known of it before.
struct Films {
    folder: tempfile::TempDir,
    /// A picture without noise.
    clean: Vec<u8>,
    noisy: Noise,
}

impl Films {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = ["plain", "long", "odd", "turned", "clean", "noisy", "shaken", "tone"];
        made(folder.path(), &names);
        let clean = brightness(&folder.path().join("clean.mp4"), "0.5");
        let noisy = Noise::of(&folder.path().join("noisy.mp4"), &clean);
        Self { folder, clean, noisy }
    }
}

/// What is seen and heard of a noisy film.
struct Noise {
    picture: Vec<u8>,
    /// How far the picture is from the one without noise.
    grain: f64,
    /// How loud what is no tone is, and the tone: decibels.
    hiss: f64,
    tone: f64,
}

impl Noise {
    fn of(file: &Path, clean: &[u8]) -> Self {
        let picture = brightness(file, "0.5");
        let grain = distance(&picture, clean);
        Self { picture, grain, hiss: softness(file, true), tone: softness(file, false) }
    }
}

impl std::fmt::Debug for Noise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { grain, hiss, tone, .. } = self;
        write!(f, "grain {grain:.2}, hiss {hiss:.1} dB, tone {tone:.1} dB")
    }
}

impl Case {
    fn what(&self) -> String {
        format!("{} {} {:?}", self.model, self.source, self.params)
    }
}

async fn judge(case: &Case, films: &Films, home: &Home) {
    let folder = films.folder.path();
    let source = folder.join(case.source);
    let (named, tone) = (source.display().to_string(), folder.join("tone.m4a"));
    let tone = tone.display().to_string();
    let mut words = vec!["--video", &named];
    if case.model == "local/sound" {
        words.extend(["--audio", &tone]);
    }
    words.extend(case.params.iter().flat_map(|param| ["-p", param]));
    let what = case.what();
    let before = std::fs::read(&source).unwrap();
    let takes = takes(home, case.model, &words).await;
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
    what_it_is_for(case, &source, &made, films);
    assert_eq!(std::fs::read(&source).unwrap(), before, "{what}: what is given stays as it is");
}

/// Whether what cannot be seen from size and length was done, too.
fn what_it_is_for(case: &Case, source: &Path, made: &Path, films: &Films) {
    let what = case.what();
    let weight = |file: &Path| file.metadata().unwrap().len();
    match (case.model, case.params) {
        ("local/trim", params) if case.source == "plain.mp4" => {
            let begins = if params.contains(&"mode=end") { "0.5" } else { "0.25" };
            let first = brightness(made, "0");
            let apart = |at: &str| distance(&first, &brightness(source, at));
            let (wanted, other) = (apart(begins), apart("0"));
            assert!(wanted < 2.0 && other > 2.0 * wanted, "{what}: {wanted} and {other}");
        }
        ("local/speed", _) if case.source == "odd.mp4" => {
            assert_eq!(Judged::of(made).rate(), "30000/1001");
        }
        ("local/format", ["format=gif"]) => assert_eq!(Judged::of(made).rate(), "15/1"),
        ("local/normalise", _) => {
            assert!((loudness(made) + 20.0).abs() < 1.0, "{}", loudness(made));
        }
        ("local/volume", _) => {
            let change = loudness(made) - loudness(source);
            assert!((change + 12.0).abs() < 1.0, "a quarter is 12 dB less: {change}");
        }
        ("local/compress", params) => {
            let most = if params == ["target_mb=0.12"] { 120_000 } else { weight(source) / 2 };
            assert!(weight(source) > 150_000, "{what}: it is heavy before: {}", weight(source));
            assert!(weight(made) <= most, "{what}: {}", weight(made));
        }
        ("local/denoise", params) if case.source == "noisy.mp4" => {
            let (before, after) = (&films.noisy, Noise::of(made, &films.clean));
            let figures = format!("{what}: {before:?} became {after:?}");
            if params.contains(&"of=sound") {
                assert_eq!(before.picture, after.picture, "{figures}");
            } else {
                assert!(after.grain < 0.8 * before.grain, "{figures}");
            }
            let is_softer = after.hiss < before.hiss - 4.0;
            assert_eq!(is_softer, !params.contains(&"of=picture"), "{figures}");
            assert!((before.tone - after.tone).abs() < 1.0, "what is heard stays: {figures}");
        }
        ("local/stabilise", _) => {
            let (before, after) = (unrest(source), unrest(made));
            assert!(after < 0.7 * before, "{what}: {before} and {after}");
        }
        _ => {}
    }
}
