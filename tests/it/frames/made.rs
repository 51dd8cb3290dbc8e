//! Made-up jobs, takes, checks and pictures.

use jiff::{SignedDuration, Timestamp};
use rushes::domain::bound;
use rushes::domain::job::FailurePolicy;
use rushes::domain::{
    Account, Asset, AssetId, Balance, Basis, Brief, Budget, Check, CheckId, Estimate, Fingerprint,
    Job, JobEvent, JobId, LineKind, MediaFacts, MediaKind, Operation, Origin, Params, Picture,
    Pixels, PredictionId, Preflight, Progress, ProviderId, Reason, ReasonKind, Scope, Stage,
    Standing, Times, Usd, Used,
};
use serde_json::Map;

use crate::support::builtin;

/// The moment at which every test takes place.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T10:14:00Z".parse().expect("a moment")
}

/// So many seconds before that.
pub(crate) fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

/// A brief for the built-in model.
pub(crate) fn brief(provider: ProviderId, prompt: &str, seed: i64) -> Brief {
    let catalog = builtin();
    let spec = catalog.default_for(Operation::TextToVideo).expect("there is a model for text");
    let mut params = Params::new();
    params.insert("prompt".to_owned(), prompt.into());
    params.insert("seed".to_owned(), seed.into());
    Brief {
        provider,
        model: spec.id.clone(),
        operation: spec.operation,
        params: spec.complete(&params),
        inputs: Vec::new(),
        project: Some("kite-film".to_owned()),
        tags: Vec::new(),
        parent: None,
        scene: None,
    }
}

/// A job of this number as it was admitted, `created` before now.
pub(crate) fn job(provider: ProviderId, number: u32, prompt: &str, created: i64) -> Job {
    let at = ago(created);
    let mut balance = Balance::default();
    let price = Usd::from_micros(200_000);
    balance.add(LineKind::Hold, price);
    Job {
        id: JobId::at(u64::from(number) * 1000, &[0; 10]),
        number,
        batch: None,
        brief: brief(provider, prompt, i64::from(number) + 2),
        account: Account {
            provider,
            base_url: "https://api.wavespeed.ai".to_owned(),
            credential: Fingerprint::new("0123456789ab"),
        },
        estimate: Some(Estimate::exact(price, Basis::Quoted, "5 s × $0.04")),
        hold: price,
        stage: Stage::Queued,
        abandoned: false,
        settled: false,
        reason: None,
        not_before: None,
        wish: None,
        progress: Progress::default(),
        times: Times {
            created: at,
            submitted: None,
            accepted: None,
            processing: None,
            ended: None,
            stage: at,
        },
        balance,
    }
}

/// The job after these events, each a second after the last.
pub(crate) fn after(mut job: Job, events: &[JobEvent]) -> Job {
    let mut at = job.times.created;
    for event in events {
        at += SignedDuration::from_secs(1);
        job.apply(event, at).expect("a legal step");
    }
    job
}

/// The provider's record of a job.
pub(crate) fn prediction() -> PredictionId {
    PredictionId::new("pred-7f3a")
}

/// The events up to the provider's acceptance.
pub(crate) fn accepted() -> Vec<JobEvent> {
    vec![
        JobEvent::CheckStarted,
        JobEvent::SubmitStarted,
        JobEvent::Accepted { prediction: prediction() },
    ]
}

/// A job that is done.
pub(crate) fn done(provider: ProviderId, number: u32, prompt: &str, created: i64) -> Job {
    let charge = Usd::from_micros(200_000);
    let mut events = accepted();
    events.extend([JobEvent::OutputReady, JobEvent::Saved { charge }]);
    let mut job = after(job(provider, number, prompt, created), &events);
    job.times.ended = job.times.submitted.map(|at| at + SignedDuration::from_secs(111));
    job
}

/// A job nobody can say anything about.
pub(crate) fn in_doubt(number: u32, prompt: &str, created: i64) -> Job {
    let reason = Reason::new(ReasonKind::Unanswered, "no answer to the submission within 120 s")
        .hint("it is looked for in the provider's history; the hold stays until it is settled");
    let events = [JobEvent::CheckStarted, JobEvent::SubmitStarted, JobEvent::Unanswered { reason }];
    after(job(ProviderId::Wavespeed, number, prompt, created), &events)
}

/// A job that the provider's moderation ended.
pub(crate) fn moderated(number: u32, prompt: &str, created: i64) -> Job {
    let reason = Reason::new(ReasonKind::Moderated, "content moderation (code 1200)")
        .hint("change the prompt; $0.20 is due back within 3 h");
    let mut events = accepted();
    let charge = Usd::from_micros(200_000);
    let policy = FailurePolicy::Refunded;
    events.push(JobEvent::FailedAtProvider { reason, policy, charge });
    after(job(ProviderId::Wavespeed, number, prompt, created), &events)
}

/// The take of a done job.
pub(crate) fn take(job: &Job) -> Asset {
    Asset {
        id: AssetId::at(u64::from(job.number) * 1000, &[1; 10]),
        number: job.number,
        path: format!("takes/2026/11/22/a-red-kite-over-dunes-0f3a-{}.mp4", job.number),
        sha256: "0".repeat(64),
        bytes: 3_123_456,
        mime: "video/mp4".to_owned(),
        kind: MediaKind::Video,
        facts: MediaFacts {
            codec: Some("h264".to_owned()),
            duration_ms: Some(5_000),
            fps_milli: Some(24_000),
            pixels: Some(Pixels { width: 1280, height: 720 }),
            has_audio: Some(false),
        },
        unreadable: None,
        prompt: job.brief.prompt().to_owned(),
        origin: Some(Origin {
            job: job.id,
            take: 1,
            provider: job.account.provider,
            model: job.brief.model.clone(),
            operation: job.brief.operation,
            prediction: prediction(),
            source_url: "https://cdn.example/out.mp4".to_owned(),
            seed: job.brief.seed(),
            cost: Usd::from_micros(200_000),
            cost_basis: if job.is_simulated() { Basis::Simulated } else { Basis::Quoted },
        }),
        parent: job.brief.parent,
        project: job.brief.project.clone(),
        tags: Vec::new(),
        rating: 0,
        favourite: false,
        verdict: None,
        reason: None,
        created: job.times.ended.unwrap_or(job.times.created),
        trashed: None,
        metadata: Map::new(),
    }
}

/// A list of checks that all pass.
pub(crate) fn checks(provider: ProviderId) -> Preflight {
    let price = Estimate::exact(Usd::from_micros(200_000), Basis::Quoted, "5 s × $0.04");
    let mut checks = vec![
        Check::pass(CheckId::Credential, "WAVESPEED_API_KEY (environment)"),
        Check::pass(CheckId::Parameters, "all valid"),
        Check::pass(CheckId::Inputs, "none needed"),
        Check::pass(CheckId::Price, "5 s × $0.04 = $0.20, rule of 2026-03-13"),
        Check::pass(CheckId::Limits, "no limits set"),
        Check::warn(
            CheckId::Budget,
            "month budget: $87.50 spent + $0.40 held + $0.20 = $88.10 of $90.00; \
             day budget: $1.24 spent + $0.40 held + $0.20 = $1.84 of $5.00",
            "97 % of the month budget is used after this",
        ),
        Check::pass(CheckId::Balance, "$41.20 at the provider"),
        Check::pass(CheckId::Disk, "71 GB free"),
    ];
    if !provider.is_simulated() {
        checks.push(Check::block(CheckId::Consent, "nobody said yes", "add --yes"));
    }
    Preflight { estimate: Some(price), checks }
}

/// A budget of five dollars a day, and what stands against it.
pub(crate) fn day_budget(spent: Usd, held: Usd) -> Standing {
    let budget = Budget { scope: Scope::Day, amount: Usd::from_micros(5_000_000) };
    let day = jiff::civil::date(2026, 11, 22);
    let bound = bound::bounds(&[budget], None, day, None, false).remove(0);
    Standing { bound, used: Used { spent: spent.micros(), held: held.micros() } }
}

/// A picture of dunes under a sky, different for each number.
pub(crate) fn painted(number: u64, fit: Pixels) -> Picture {
    let width = fit.width.min(fit.height * 16 / 9).max(1);
    let height = (width * 9 / 16).max(1);
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (along, down) = (x * 255 / width, y * 255 / height);
            let dune = 150 + (along * 3 + u32::try_from(number % 97).unwrap_or(0) * 7) % 128 / 3;
            let kite = (along.abs_diff(90 + u32::try_from(number % 11).unwrap_or(0) * 9))
                + down.abs_diff(70);
            let pixel = if kite < 24 {
                [214, 52, 44]
            } else if down > dune {
                [196 - along / 6, 150 - along / 6, 92 - along / 8]
            } else {
                [90 + down / 2, 130 + down / 3, 190 - down / 6]
            };
            rgb.extend(pixel.map(|value| u8::try_from(value.min(255)).unwrap_or(255)));
        }
    }
    Picture { width, height, rgb }
}
