//! Made-up jobs and takes for the tests of `update`.

use std::sync::{Arc, LazyLock};

use super::*;

/// An empty studio of 80 by 24 cells.
pub(super) fn studio(provider: ProviderId) -> Screen {
    static CATALOG: LazyLock<Arc<Catalog>> =
        LazyLock::new(|| Arc::new(Catalog::builtin().expect("the built-in models are good")));
    let catalog = Arc::clone(&CATALOG);
    let spec = catalog.default_for(Operation::TextToVideo).expect("there is a model for text");
    let model = spec.id.clone();
    let look = Look {
        theme: Theme::default(),
        depth: Depth::True,
        ascii: false,
        reduced_motion: false,
        zone: TimeZone::UTC,
    };
    Screen::new(Opening {
        size: Size { width: 80, height: 24 },
        now: Timestamp::UNIX_EPOCH + Duration::from_secs(1_000_000),
        look,
        keymap: Keymap::load(None).expect("the built-in keymap is good"),
        desk: Desk {
            provider,
            project: None,
            read_only: false,
            reasons: crate::config::reasons::built_in(),
            notifies: true,
        },
        settings: Settings::new(catalog, provider, &model).expect("a known model"),
        presets: crate::catalog::presets::Presets::built_in().expect("built-in presets are good"),
        platforms: crate::catalog::platforms::Platforms::built_in().expect("they are good"),
        random: 1,
    })
}

/// The library holds so many jobs that are done, each with its take.
pub(super) fn fill(screen: &mut Screen, count: u32) {
    let done = |number| {
        let stage = Stage::Done { prediction: PredictionId::new("p") };
        Job { stage, ..job(ProviderId::Sandbox, number) }
    };
    let library = Library {
        jobs: (1..=count).rev().map(done).collect(),
        assets: (1..=count).rev().map(asset).collect(),
        spending: Spending::default(),
    };
    screen.loading = true;
    update(screen, Msg::Reply(Reply::Loaded { moves: 0, library: Ok(library) }));
}

/// A queued job of this number.
pub(super) fn job(provider: ProviderId, number: u32) -> Job {
    let screen = studio(provider);
    let mut brief = screen.brief(Some(i64::from(number)));
    brief.params.insert("prompt".to_owned(), format!("prompt {number}").into());
    let mut balance = Balance::default();
    balance.add(LineKind::Hold, Usd::from_micros(200_000));
    Job {
        id: JobId::at(u64::from(number), &[0; 10]),
        number,
        batch: None,
        brief,
        account: Account {
            provider,
            base_url: String::new(),
            credential: Fingerprint::new("0123456789ab"),
        },
        estimate: None,
        hold: Usd::from_micros(200_000),
        stage: Stage::Queued,
        abandoned: false,
        settled: false,
        reason: None,
        not_before: None,
        wish: None,
        progress: crate::domain::Progress::default(),
        times: Times {
            created: screen.now,
            submitted: None,
            accepted: None,
            processing: None,
            ended: None,
            stage: screen.now,
        },
        balance,
    }
}

/// The take of the job of this number.
pub(super) fn asset(number: u32) -> Asset {
    let made = job(ProviderId::Sandbox, number);
    Asset {
        id: AssetId::at(u64::from(number), &[1; 10]),
        number,
        path: format!("takes/{number}.mp4"),
        sha256: String::new(),
        bytes: 1,
        mime: "video/mp4".to_owned(),
        kind: MediaKind::Video,
        facts: MediaFacts::default(),
        unreadable: None,
        prompt: made.brief.prompt().to_owned(),
        origin: Some(Origin {
            job: made.id,
            take: 1,
            provider: made.account.provider,
            model: made.brief.model.clone(),
            operation: made.brief.operation,
            prediction: PredictionId::new("p"),
            source_url: String::new(),
            seed: made.brief.seed(),
            cost: made.hold,
            cost_basis: crate::domain::Basis::Simulated,
        }),
        parent: None,
        project: None,
        tags: Vec::new(),
        rating: 0,
        favourite: false,
        verdict: None,
        reason: None,
        created: made.times.created,
        trashed: None,
        metadata: serde_json::Map::new(),
    }
}
