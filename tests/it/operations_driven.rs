//! Each operation as a person orders it: from the command line, and by keys in the studio.

use rushes::domain::Operation;
use serde_json::Value;

use crate::support::binary::Home;
use crate::support::given::Given;
use crate::support::screen::Screen;

/// What a model is given, and how.
#[derive(Clone, Copy)]
enum Give {
    /// A picture, as this parameter.
    Picture(&'static str),
    Sound,
    Film,
}

use Give::{Film, Picture, Sound};

/// One operation.
struct Row {
    operation: Operation,
    /// What finds the model in the catalogue.
    found_by: &'static str,
    model: &'static str,
    prompt: Option<&'static str>,
    given: &'static [Give],
    kind: &'static str,
}

/// Models of a person's own files.
const MORE_MODELS: [(&str, &str); 2] = [
    ("speech.toml", include_str!("../models/speech.toml")),
    ("image.toml", include_str!("../models/image.toml")),
];

fn home() -> (Home, Given) {
    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "40");
    let models = home.path().join("config/models");
    std::fs::create_dir_all(&models).unwrap();
    for (name, text) in MORE_MODELS {
        let text = text.replace("[\"wavespeed\"]", "[\"wavespeed\", \"sandbox\"]");
        std::fs::write(models.join(name), text).unwrap();
    }
    let given = Given::below(home.path());
    (home, given)
}

/// What of a `take` line is a figure for this kind of file, and what is null.
fn is_told(take: &Value, kind: &str) {
    let has = |key: &str| !take.get(key).unwrap_or_else(|| panic!("no {key}: {take}")).is_null();
    for key in ["asset_id", "path", "sha256", "bytes", "mime", "model_name", "cost", "metadata"] {
        assert!(has(key), "{key}: {take}");
    }
    assert_eq!(has("duration"), matches!(kind, "video" | "audio"), "{take}");
    for key in ["width", "height", "resolution"] {
        assert_eq!(has(key), matches!(kind, "video" | "image"), "{key}: {take}");
    }
    assert_eq!(has("fps"), kind == "video", "{take}");
    assert!(has("codec") || kind != "video", "{take}");
    assert!(take["mime"].as_str().unwrap().starts_with(kind), "{take}");
}

async fn generate(home: &Home, row: &Row, give: impl Fn(Give) -> [String; 2]) -> Value {
    let operation = row.operation.as_str();
    let mut words: Vec<String> = ["generate", "--op", operation, "-m", row.model, "--json"]
        .iter()
        .chain(row.prompt.iter())
        .map(|&word| word.to_owned())
        .collect();
    words.extend(row.given.iter().flat_map(|given| give(*given)));
    let ran = home.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let take = ran.of_type("take").remove(0);
    assert_eq!((&take["operation"], &take["model_name"]), (&operation.into(), &row.model.into()));
    assert_eq!(ran.of_type("job").last().unwrap()["stage"], "done");
    is_told(&take, row.kind);
    let show = ["assets", "show", take["asset_id"].as_str().unwrap(), "--json"];
    let asset = home.json(&show).await;
    assert_eq!(asset["kind"], row.kind);
    asset
}

/// Orders it with files of this machine, then with what is in the library.
async fn said(row: &Row) {
    let (home, files) = home();
    let pair = |flag: &str, text: String| [flag.to_owned(), text];
    let asset = generate(&home, row, |given| match given {
        Picture(key) => pair("-p", format!("{key}=@{}", files.picture.display())),
        Film => pair("--video", files.film.display().to_string()),
        Sound => pair("--audio", files.sound.display().to_string()),
    })
    .await;
    assert!(asset["parent"].is_null(), "{asset}");
    let lines: Vec<_> = home.ledger().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(lines, ["hold", "release", "charge"]);

    let has_film = row.given.iter().any(|given| matches!(given, Film));
    if !has_film && !row.given.iter().any(|given| matches!(given, Picture(_))) {
        return;
    }
    let mut names = Vec::new();
    for file in [&files.picture, &files.film] {
        names.push(home.json(&["assets", "import", file.to_str().unwrap(), "--json"]).await);
    }
    let picture = names[0]["asset_id"].as_str().unwrap();
    let film = names[1]["number"].to_string();
    let asset = generate(&home, row, |given| match given {
        // By its id, and by its short number.
        Picture(_) => pair("--image", format!("asset:{picture}")),
        Film => pair("--video", format!("asset:{film}")),
        Sound => pair("--audio", files.sound.display().to_string()),
    })
    .await;
    let parent = if has_film { &names[1] } else { &names[0] };
    assert_eq!(asset["parent"], parent["asset_id"], "a film descends from a film");
}

/// Chooses the model, gives it what it needs and orders, with keys alone.
fn keyed(row: &Row) {
    let (home, files) = home();
    let mut screen = Screen::open(&home, 150, 40, &[]);
    screen.wait_for("SANDBOX").wait_for("Jobs").wait_for("$0.00");
    if let Some(prompt) = row.prompt {
        screen.keys(prompt).wait_for(prompt);
    }
    screen.keys("\x1b4").wait_for("Models");
    screen.keys("/");
    screen.keys(row.found_by).wait_for(row.found_by);
    screen.keys("\r").wait_for(row.model);
    screen.keys("\r").wait_for("Settings").wait("the form", |text| text.contains("Jobs"));
    for given in row.given {
        screen.keys("j");
        match given {
            Picture(_) => put(&mut screen, &files.picture),
            Film => put(&mut screen, &files.film),
            Sound => put(&mut screen, &files.sound),
        }
    }
    screen.keys("\x07").wait_for("done");
    screen.keys("\x03");
    assert_eq!(screen.ended(), 0);
    let lines: Vec<_> = home.ledger().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(lines, ["hold", "release", "charge"]);
    assert_eq!(home.takes().len(), 1);
    let library = rusqlite::Connection::open(home.path().join("data/library.db")).unwrap();
    let model: String = library.query_row("SELECT model FROM jobs", [], |row| row.get(0)).unwrap();
    assert_eq!(model, row.model);
}

fn put(screen: &mut Screen, file: &std::path::Path) {
    screen.keys(&format!("\x1b[200~{}\x1b[201~", file.display()));
    screen.wait_for(file.file_name().unwrap().to_str().unwrap());
}

macro_rules! operations {
    ($($name:ident, $operation:ident, $kind:literal, $model:literal by $words:literal, $prompt:expr, $given:expr;)*) => {
        $(const fn $name() -> Row {
            Row {
                operation: Operation::$operation,
                found_by: $words,
                model: $model,
                prompt: $prompt,
                given: &$given,
                kind: $kind,
            }
        })*

        const ALL: &[Row] = &[$($name()),*];

        mod from_the_command_line {
            $(#[tokio::test]
            async fn $name() {
                super::said(&super::$name()).await;
            })*
        }

        mod by_keys_in_the_studio {
            $(#[test]
            fn $name() {
                super::keyed(&super::$name());
            })*
        }
    };
}

const KITE: Option<&str> = Some("a red kite");

operations! {
    text_to_video, TextToVideo, "video", "wavespeed-ai/hunyuan-video-1.5/text-to-video" by "hunyuan text to video", KITE, [];
    image_to_video, ImageToVideo, "video", "bytedance/seedance-v1-lite-i2v-480p" by "seedance lite i2v 480p", KITE, [Picture("image")];
    reference_to_video, ReferenceToVideo, "video", "bytedance/seedance-v1-lite/reference-to-video" by "seedance lite reference", KITE, [Picture("reference_images")];
    talking_avatar, TalkingAvatar, "video", "wavespeed-ai/infinitetalk-fast" by "infinitetalk-fast", None, [Picture("image"), Sound];
    enhance, Enhance, "video", "wavespeed-ai/flashvsr" by "flashvsr", None, [Film];
    retake, Retake, "video", "lightricks/ltx-2-retake" by "ltx-2-retake", KITE, [Film];
    extend, Extend, "video", "wavespeed-ai/ltx-2.3/video-extend" by "ltx-2.3 video-extend", KITE, [Film];
    face_swap, FaceSwap, "video", "wavespeed-ai/video-face-swap" by "wavespeed video-face-swap", None, [Film, Picture("face_image")];
    translate, Translate, "video", "heygen/video-translate" by "heygen", None, [Film];
    background, Background, "video", "wavespeed-ai/video-background-remover" by "wavespeed background", None, [Film];
    sound, Sound, "video", "wavespeed-ai/hunyuan-video-foley" by "foley", None, [Film];
    speech, Speech, "audio", "test/speech" by "test/speech", KITE, [];
    image, Image, "image", "test/text-to-image" by "test/text-to-image", KITE, [];
    other, Other, "video", "wavespeed-ai/depth-anything/video" by "depth-anything", None, [Film];
}

#[test]
fn no_operation_is_left_out() {
    // What this machine does itself is driven in `edits`.
    let local = [Operation::Edit, Operation::Export, Operation::Assemble];
    let driven: Vec<_> = ALL.iter().map(|row| row.operation).chain(local).collect();
    let all: std::collections::BTreeSet<_> = Operation::ALL.into_iter().collect();
    assert_eq!(driven.len(), all.len());
    assert_eq!(driven.into_iter().collect::<std::collections::BTreeSet<_>>(), all);
}

#[tokio::test]
async fn an_asset_that_nobody_knows_is_wrong_usage_with_a_hint() {
    let (home, _) = home();
    for name in ["asset:7", "asset:01890a5d-ac96-774b-bcce-b302099a8057", "asset:none"] {
        let ran = home.run(&["generate", "kite", "--image", name, "--json"]).await;
        assert_eq!(ran.code(), Some(2), "{ran:?}");
        assert!(ran.stderr().contains("rushes assets list"), "{ran:?}");
        assert!(ran.stderr().contains(name.trim_start_matches("asset:")), "{ran:?}");
    }
    assert!(home.jobs().await.is_empty());
}
