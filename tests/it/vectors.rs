//! Forty prices that the provider's own formulas gave on 2026-03-13, asked of the real binary.

use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use rushes::catalog::{Catalog, InputKind, ParamKind};
use rushes::domain::Pixels;
use rushes::media::encode::{Film, Frame};
use serde_json::{Map, Value};

use crate::support::binary::{Home, Ran};
use crate::support::server::Server;
use crate::support::sound;

/// Models that stay blocked when everything they need is given, and why.
const STILL_BLOCKED: [(&str, &str); 3] = [
    ("infinitetalk 720p, 700 s", "audio lasts 700 s; at most 600 s are allowed"),
    ("hunyuan-avatar, 200 s", "audio lasts 200 s; at most 120 s are allowed"),
    ("sora-2, switched off", "openai/sora-2/text-to-video-pro is switched off"),
];

/// What runs as it stands in the list; the others lack a prompt or a picture.
const NEED_NO_MORE: [&str; 8] = [
    "google/veo3.1/video-extend",
    "wavespeed-ai/flashvsr",
    "wavespeed-ai/flashvsr",
    "bytedance/video-upscaler",
    "wavespeed-ai/video-background-remover",
    "wavespeed-ai/video-background-remover",
    "heygen/video-translate",
    "wavespeed-ai/hunyuan-video-foley",
];

#[derive(serde::Deserialize)]
struct Vector {
    model: String,
    given: Map<String, Value>,
    seconds: Map<String, Value>,
    usd: String,
}

impl Vector {
    /// As many decimals as money has in JSON: two to six, rounded half up.
    fn text(&self) -> String {
        let (whole, rest) = self.usd.split_once('.').unwrap_or((&self.usd, ""));
        let tenths_of_micros: u64 = format!("{whole}{rest:0<7}").parse().unwrap();
        let micros = (tenths_of_micros + 5) / 10;
        let decimals = format!("{:06}", micros % 1_000_000);
        let decimals = format!("{:0<2}", decimals.trim_end_matches('0'));
        format!("{}.{decimals}", micros / 1_000_000)
    }

    fn bare(&self, folder: &Path) -> Vec<String> {
        let mut words: Vec<String> =
            ["generate", "-m", &self.model, "--dry-run", "--json"].map(str::to_owned).into();
        for (key, value) in &self.given {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            words.extend(["-p".to_owned(), format!("{key}={text}")]);
        }
        for (key, seconds) in &self.seconds {
            let file = file_of(folder, key, seconds.as_u64().unwrap());
            words.extend(["-p".to_owned(), format!("{key}=@{}", file.display())]);
        }
        words
    }

    /// The same with everything else that the model needs.
    fn whole(&self, folder: &Path, catalog: &Catalog) -> Vec<String> {
        let mut words = self.bare(folder);
        let spec = catalog.find(&self.model).unwrap();
        let needed = spec.params.iter().filter(|it| it.required && it.default.is_none());
        for param in needed.filter(|it| !self.given.contains_key(&it.key)) {
            let value = match &param.kind {
                ParamKind::Choice { of } => of[0].as_str().unwrap(),
                _ => "kite",
            };
            words.extend(["-p".to_owned(), format!("{}={value}", param.key)]);
        }
        for input in spec.inputs.iter().filter(|it| it.required) {
            if !self.seconds.contains_key(&input.key) {
                let ending = if input.kind == InputKind::Video { "mp4" } else { "png" };
                words.extend(["-p".to_owned(), format!("{}=https://x.test/a.{ending}", input.key)]);
            }
        }
        words
    }
}

fn vectors() -> Vec<Vector> {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../prices.json")).unwrap();
    assert_eq!(vectors.len(), 40);
    vectors
}

fn file_of(folder: &Path, key: &str, seconds: u64) -> PathBuf {
    let ending = if key.ends_with("audio") { "wav" } else { "mp4" };
    folder.join(format!("{seconds}.{ending}"))
}

/// Real files of the lengths that the vectors ask for.
fn make_files(folder: &Path) {
    for vector in vectors() {
        for (key, seconds) in &vector.seconds {
            let seconds = seconds.as_u64().unwrap();
            let file = file_of(folder, key, seconds);
            if file.exists() {
                continue;
            }
            if key.ends_with("audio") {
                sound(&file, seconds * 1000);
            } else {
                film(&file, seconds);
            }
        }
    }
}

/// One picture a second.
fn film(file: &Path, seconds: u64) {
    let size = Pixels { width: 320, height: 320 };
    let mut writer = Film::create(file, size, 1).unwrap();
    let frame = Frame::black(size).unwrap();
    for _ in 0..seconds {
        writer.push(&frame).unwrap();
    }
    writer.finish().unwrap();
}

/// Every command line through the binary, a few at a time, in their order.
async fn run_all(home: &Home, lines: Vec<Vec<String>>) -> Vec<Ran> {
    let run = async |words: Vec<String>| {
        home.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    futures_util::stream::iter(lines).map(run).buffered(4).collect().await
}

fn has_price(vector: &Vector, ran: &Ran) {
    let preflight = &ran.lines()[0];
    let estimate = &preflight["estimate"];
    let (model, text) = (&vector.model, vector.text());
    assert_eq!(estimate["low_usd"], text.as_str(), "{model}: {preflight:#}");
    assert_eq!(estimate["high_usd"], text.as_str(), "{model}: {preflight:#}");
    assert_eq!((&estimate["floor"], &estimate["basis"]), (&false.into(), &"quoted".into()));
}

#[tokio::test]
async fn forty_prices_come_out_of_the_binary_blocked_briefs_included() {
    let server = Server::start().await;
    let home = Home::with(&server);
    let folder = tempfile::tempdir().unwrap();
    make_files(folder.path());
    let (catalog, vectors) = (Catalog::builtin().unwrap(), vectors());

    // As they stand in the list: hardly one has a prompt, some lack a picture.
    let bare = vectors.iter().map(|vector| vector.bare(folder.path())).collect();
    let mut passed = Vec::new();
    for (vector, ran) in vectors.iter().zip(run_all(&home, bare).await) {
        has_price(vector, &ran);
        let is_blocked = ran.lines()[0]["verdict"] == "block";
        assert_eq!(ran.code(), Some(if is_blocked { 4 } else { 0 }), "{ran:?}");
        passed.extend((!is_blocked).then_some(vector.model.as_str()));
    }
    assert_eq!(passed, NEED_NO_MORE);

    // With all that the models need.
    let whole = vectors.iter().map(|vector| vector.whole(folder.path(), &catalog)).collect();
    let mut reasons = STILL_BLOCKED.iter();
    for (vector, ran) in vectors.iter().zip(run_all(&home, whole).await) {
        has_price(vector, &ran);
        if ran.code() != Some(0) {
            let Some((which, why)) = reasons.next() else { panic!("{ran:?}") };
            assert_eq!(ran.code(), Some(4), "{which}: {ran:?}");
            assert!(ran.lines()[0].to_string().contains(why), "{which}: {ran:?}");
        }
    }
    assert_eq!(reasons.next(), None);
    // Its own prices were asked for; nothing else was sent.
    let sent = |seen: &crate::support::server::Request| {
        seen.method == "POST" && !seen.path.contains("/model/pric")
    };
    assert_eq!(server.seen().iter().filter(|seen| sent(seen)).count(), 0);
}
