//! Every operation from order to take, through the one pipeline and the built-in provider.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use rushes::catalog::{Catalog, InputKind, ModelSpec, ParamKind, ParamSpec};
use rushes::config::ApiKey;
use rushes::domain::brief::Source;
use rushes::domain::{
    Account, Ask, Asset, AssetId, Brief, Fingerprint, Inputs, Job, LineKind, MediaKind, Operation,
    ProviderId, StageName,
};
use rushes::pipeline::{Leash, import};
use rushes::provider::Abilities;
use rushes::provider::wavespeed::{Wavespeed, WavespeedOptions};
use rushes::sandbox::{Sandbox, SandboxOptions};
use rushes::store::AssetFilter;
use serde_json::Value;

use crate::declared::{least, value};
use crate::sandbox_client::options;
use crate::support::given::Given;
use crate::support::server::Server;
use crate::support::sha256;
use crate::support::world::{Differs, World, patience_of_the_line};

/// A library over a sandbox of its own, with something in it to be made from.
struct Shop {
    world: World,
    picture: AssetId,
    film: AssetId,
    given: Given,
    _sandbox: Sandbox,
    _folder: tempfile::TempDir,
}

impl Shop {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Every size and length as it is asked for, with few frames a second: there are many films.
        let options = SandboxOptions { most_drawn: 1_000_000, ..options(folder.path(), "") };
        let sandbox = Sandbox::start(options).await.unwrap();
        let usual = Differs::default();
        let abilities =
            Abilities { running_at_once: 1000, sent_per_minute: 10_000, ..usual.abilities };
        let client = Wavespeed::connect_within(
            WavespeedOptions {
                account: Account {
                    provider: ProviderId::Sandbox,
                    base_url: sandbox.base_url(),
                    credential: Fingerprint::new("sandbox"),
                },
                request_base_url: sandbox.base_url(),
                key: ApiKey::read("sandbox_0123456789").unwrap(),
                abilities: abilities.clone(),
            },
            patience_of_the_line(),
        );
        let provider = Some(Arc::new(client.unwrap()) as _);
        let nobody = Server::start().await;
        let world = World::with(&nobody, Differs { abilities, provider, ..usual }).await;
        let given = Given::below(folder.path());
        let kept = async |file| import::import(&world.pipeline, file, None).await.unwrap().0.id;
        let (picture, film) = (kept(&given.picture).await, kept(&given.film).await);
        Self { world, picture, film, given, _sandbox: sandbox, _folder: folder }
    }

    /// The least that the model needs, with files for addresses, as short and small as it allows.
    fn brief(&self, spec: &ModelSpec) -> Brief {
        let (mut params, inputs) = least(spec);
        let inputs: Inputs = inputs
            .into_iter()
            .map(|(key, _)| {
                let source = match spec.input(&key).unwrap().kind {
                    InputKind::Audio => Source::File(self.given.sound.clone()),
                    InputKind::Video => Source::Asset(self.film),
                    _ => Source::Asset(self.picture),
                };
                (key, source)
            })
            .collect();
        let small = spec.params.iter().filter_map(|param| Some((param.key.clone(), small(param)?)));
        params.extend(small);
        for fault in spec.faults(&params, &inputs) {
            params.remove(&fault.field);
        }
        Brief {
            provider: ProviderId::Sandbox,
            model: spec.id.clone(),
            operation: spec.operation,
            params,
            inputs,
            ..World::brief("")
        }
    }

    async fn run(&self, spec: &ModelSpec) {
        let id = &spec.id;
        let brief = self.brief(spec);
        let admitted = self.world.pipeline.admit(Ask::new(vec![brief.clone()]), None).await;
        let job = admitted.unwrap_or_else(|error| panic!("{id}: {error:?}")).remove(0);
        let leash = Leash::default();
        let driven = self.world.pipeline.drive(job.id, &leash);
        let driven = tokio::time::timeout(Duration::from_secs(200), driven).await;
        driven.unwrap_or_else(|_| panic!("{id} never ends")).unwrap();
        let job = self.world.job(&job).await;
        assert_eq!(job.shown_stage(), StageName::Done, "{id}: {:?}", job.reason);
        let lines = self.world.lines(&job).await;
        assert_eq!(lines, [LineKind::Hold, LineKind::Release, LineKind::Charge], "{id}");
        let filter = AssetFilter { job: Some(job.id), ..AssetFilter::default() };
        let takes = self.world.store().assets(filter).await.unwrap();
        assert!(!takes.is_empty(), "{id} made nothing");
        for take in &takes {
            self.is_whole(spec, &brief, &job, take);
        }
    }

    /// The row in the library against the file and the order that it came from.
    fn is_whole(&self, spec: &ModelSpec, brief: &Brief, job: &Job, take: &Asset) {
        let id = &spec.id;
        let bytes = std::fs::read(self.world.pipeline.library.file(&take.path)).unwrap();
        assert_eq!((take.bytes, take.kind), (bytes.len() as u64, spec.output), "{id}");
        assert_eq!(take.sha256, sha256(&bytes), "{id}");
        assert_eq!(take.unreadable, None, "{id}");
        let (facts, kind) = (&take.facts, take.kind);
        let has_length = facts.duration_ms.is_some_and(|ms| ms > 0);
        assert_eq!(has_length, matches!(kind, MediaKind::Video | MediaKind::Audio), "{id}");
        let has_size = facts.pixels.is_some_and(|size| size.width > 0 && size.height > 0);
        assert_eq!(has_size, matches!(kind, MediaKind::Video | MediaKind::Image), "{id}");
        let moves = facts.fps_milli.is_some() && facts.has_audio.is_some();
        assert_eq!(moves, kind == MediaKind::Video, "{id}: {facts:?}");
        assert!(facts.codec.is_some() || kind != MediaKind::Video, "{id}");
        let origin = take.origin.as_ref().unwrap();
        assert_eq!((origin.job, &origin.model, origin.operation), (job.id, id, spec.operation));
        assert_eq!(Some(&origin.prediction), job.stage.prediction(), "{id}");
        assert_eq!(origin.cost, job.price(), "{id}");
        let is_given = |asset| brief.inputs.iter().any(|(_, it)| *it == Source::Asset(asset));
        let parent = [self.film, self.picture].into_iter().find(|asset| is_given(*asset));
        assert_eq!(take.parent, parent, "{id}");
        assert_eq!(job.brief.inputs, brief.inputs, "{id}: every source is remembered");
    }
}

/// The least of what makes a film long or large; `None` for anything else.
fn small(param: &ParamSpec) -> Option<Value> {
    let keys = ["duration", "seconds", "resolution", "target_resolution", "size", "fps"];
    if !keys.contains(&param.key.as_str()) {
        return None;
    }
    Some(match &param.kind {
        ParamKind::Integer { min: Some(min), .. } => (*min).into(),
        ParamKind::Choice { of } => of.iter().min_by_key(|value| measure(value))?.clone(),
        ParamKind::Size { .. } => value(param),
        _ => return None,
    })
}

/// How much a value is, of whatever it counts: `480p`, `832*480`, `4k`, 5.
fn measure(value: &Value) -> u64 {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_lowercase);
    let numbers = text.split(|letter: char| !letter.is_ascii_digit());
    let product = numbers.filter_map(|number| number.parse::<u64>().ok()).product::<u64>();
    if text.ends_with('k') { product * 1000 } else { product }
}

fn run_here(catalog: &Catalog) -> Vec<&ModelSpec> {
    let ours = |spec: &&ModelSpec| spec.available && spec.runs_on(ProviderId::Sandbox);
    catalog.all().iter().filter(ours).collect()
}

#[test]
fn the_built_in_models_do_every_operation() {
    let catalog = Catalog::builtin().unwrap();
    // Those of this machine are run by the tests of edits.
    let local = catalog.all().iter().filter(|spec| spec.is_local());
    let models: Vec<_> = run_here(&catalog).into_iter().chain(local).collect();
    let done = |operation: &Operation| models.iter().any(|spec| spec.operation == *operation);
    let missing: Vec<_> = Operation::ALL.into_iter().filter(|it| !done(it)).collect();
    assert_eq!(missing, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_built_in_model_runs_to_a_probed_file_with_its_library_and_ledger_rows() {
    let catalog = Catalog::builtin().unwrap();
    let models = run_here(&catalog);
    assert!(models.len() > 160, "{} models", models.len());
    // A sandbox films one at a time: several of them, each with its share.
    let shops = join_all((0..3).map(|_| Shop::open())).await;
    let shares = shops.iter().enumerate().map(|(nth, shop)| {
        let share = models.iter().skip(nth).step_by(shops.len());
        futures_util::stream::iter(share).for_each_concurrent(4, |spec| shop.run(spec))
    });
    join_all(shares).await;
}
