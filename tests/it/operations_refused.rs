//! One bad input of each kind for each operation: told with exit 4 before anything is sent.

use std::path::{Path, PathBuf};

use rushes::catalog::{Catalog, InputKind, InputSpec, ModelSpec};
use rushes::domain::{Operation, Pixels};
use rushes::media::encode::{Film, Frame};
use serde_json::Value;

use crate::declared::least;
use crate::support::binary::Home;
use crate::support::given::Given;
use crate::support::server::Server;
use crate::support::sound;

/// The model of each operation, and one of each limit that a built-in model has.
const MODELS: [&str; 17] = [
    "wavespeed-ai/hunyuan-video-1.5/text-to-video",
    "wavespeed-ai/hunyuan-video-1.5/image-to-video",
    "bytedance/seedance-v1-lite/reference-to-video",
    "kwaivgi/kling-v2.6-pro/motion-control",
    "wavespeed-ai/infinitetalk",
    "wavespeed-ai/hunyuan-avatar",
    "wavespeed-ai/flashvsr",
    "lightricks/ltx-2-retake",
    "kwaivgi/kling-video-o1/video-edit",
    "alibaba/wan-2.5/video-extend",
    "wavespeed-ai/wan-2.1/mocha",
    "heygen/video-translate",
    "wavespeed-ai/video-background-remover",
    "wavespeed-ai/hunyuan-video-foley",
    "test/speech",
    "test/text-to-image",
    "wavespeed-ai/depth-anything/video",
];

struct Desk {
    home: Home,
    server: Server,
    good: Given,
}

impl Desk {
    async fn open() -> Self {
        let server = Server::start().await;
        let home = Home::with(&server);
        let models = home.path().join("config/models");
        std::fs::create_dir_all(&models).unwrap();
        let more = [include_str!("../models/speech.toml"), include_str!("../models/image.toml")];
        for (nth, text) in more.iter().enumerate() {
            std::fs::write(models.join(format!("{nth}.toml")), text).unwrap();
        }
        let good = Given::below(home.path());
        Self { home, server, good }
    }

    fn good(&self, input: &InputSpec) -> &Path {
        match input.kind {
            InputKind::Audio => &self.good.sound,
            InputKind::Video => &self.good.film,
            _ => &self.good.picture,
        }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let file = self.home.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    }

    /// What may be given to this input and will not do, with what is said about it.
    fn bad(&self, input: &InputSpec) -> Vec<(PathBuf, String)> {
        let good = self.good(input);
        let ending = good.extension().unwrap().to_str().unwrap();
        let named = |what: &str| format!("{what}.{ending}");
        let wrong =
            if input.kind == InputKind::Image { &self.good.sound } else { &self.good.picture };
        let head = &std::fs::read(good).unwrap()[..24];
        let mut bad = vec![
            (self.home.path().join(named("missing")), "cannot read".to_owned()),
            (
                self.file(&named("rubbish"), &[head, &[0x5a; 200]].concat()),
                "cannot read".to_owned(),
            ),
            (self.file(&named("empty"), b""), "is empty".to_owned()),
            (wrong.clone(), format!("{} must be ", input.key)),
            (self.file(&named("letter"), b"dear sir"), format!("{} must be ", input.key)),
        ];
        let most = input.max_bytes.unwrap_or(300_000_000);
        let large = self.file(&named("large"), &std::fs::read(good).unwrap());
        std::fs::File::options().write(true).open(&large).unwrap().set_len(most + 1).unwrap();
        bad.push((large, " MB".to_owned()));
        if let Some(most) = input.max_seconds {
            let long = self.home.path().join(named("long"));
            lasts(&long, input.kind, most + 1);
            bad.push((long, format!("at most {most} s are allowed")));
        }
        bad
    }

    /// Every check, of an order with these files, that is blocked and sends nothing.
    async fn refused(&self, spec: &ModelSpec, files: &[(&str, &Path)], why: &str) {
        let mut words = vec!["generate".to_owned(), "--yes".into(), "--json".into()];
        words.extend(["-m".to_owned(), spec.id.to_string(), "--max-cost=49".into()]);
        for (key, value) in least(spec).0 {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            words.extend(["-p".to_owned(), format!("{key}={text}")]);
        }
        for (key, file) in files {
            words.extend(["-p".to_owned(), format!("{key}=@{}", file.display())]);
        }
        let ran = self.home.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert_eq!(ran.code(), Some(4), "{} {files:?}: {ran:?}", spec.id);
        let checks = &ran.of_type("preflight")[0]["checks"];
        let blocks = checks.as_array().unwrap().iter().filter(|it| it["outcome"] == "block");
        let said = blocks.map(Value::to_string).collect::<String>();
        assert!(said.contains(why), "{} {files:?}: {why:?} is not in {said}", spec.id);
    }

    async fn every_bad_input(&self, spec: &ModelSpec) {
        let needed: Vec<_> = least(spec).1.into_iter().map(|(key, _)| key).collect();
        for key in &needed {
            let input = spec.input(key).unwrap();
            let others = needed.iter().filter(|other| *other != key);
            let rest = others.map(|other| (other.as_str(), self.good(spec.input(other).unwrap())));
            let rest: Vec<_> = rest.collect();
            self.refused(spec, &rest, &format!("{key} is missing")).await;
            for (file, why) in self.bad(input) {
                self.refused(spec, &[&rest[..], &[(key, &file)]].concat(), &why).await;
            }
        }
        // What takes no file at all says so.
        if spec.inputs.is_empty() {
            let why = format!("{} takes no image", spec.name);
            self.refused(spec, &[("image", &self.good.picture)], &why).await;
        }
    }
}

/// Writes something that lasts so long.
fn lasts(at: &Path, kind: InputKind, seconds: u32) {
    if kind == InputKind::Audio {
        return sound(at, u64::from(seconds) * 1000);
    }
    let size = Pixels { width: 640, height: 480 };
    let mut film = Film::create(at, size, 1).unwrap();
    for _ in 0..seconds {
        film.push(&Frame::black(size).unwrap()).unwrap();
    }
    film.finish().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_input_of_each_kind_for_each_operation_is_exit_4_and_nothing_is_sent() {
    let desk = Desk::open().await;
    let catalog = Catalog::load(&desk.home.path().join("config/models")).unwrap();
    let specs: Vec<_> = MODELS.iter().map(|id| catalog.find(id).unwrap()).collect();
    // What this machine does itself is refused in `edits`.
    let local = [Operation::Edit, Operation::Export, Operation::Assemble];
    for operation in Operation::ALL.into_iter().filter(|it| !local.contains(it)) {
        assert!(specs.iter().any(|spec| spec.operation == operation), "{operation}");
    }
    // Of each limit there is one.
    let inputs = || specs.iter().flat_map(|spec| &spec.inputs);
    assert!(inputs().any(|input| input.max_seconds.is_some() && input.kind == InputKind::Video));
    assert!(inputs().any(|input| input.max_seconds.is_some() && input.kind == InputKind::Audio));
    assert!(inputs().any(|input| input.max_bytes.is_some()));
    for spec in specs {
        desk.every_bad_input(spec).await;
    }
    let sent: Vec<_> = desk.server.seen().into_iter().filter(|seen| seen.method != "GET").collect();
    assert!(sent.is_empty(), "{sent:?}");
    assert!(desk.home.jobs().await.is_empty() && desk.home.ledger().is_empty());
}
