//! Random jobs through every step that a job may take, and what the ledger, the sums and the tables make of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use uuid::Uuid;

use super::*;
use crate::domain::job::{FailurePolicy, Settlement};
use crate::domain::usage::{Figures, GroupBy, LedgerFilter, UsageFilter};
use crate::domain::{
    Account, AssetId, Basis, BillingLine, Brief, Estimate, Fingerprint, Job, JobEvent, JobId,
    MediaFacts, MediaKind, ModelId, Operation, Owner, PredictionId, ProviderId, Reason, ReasonKind,
    StageName, Usd, Verdict, Wanted,
};

/// What becomes of a job, from its admission to its end.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    provider: ProviderId,
    model: u8,
    operation: Operation,
    project: Option<u8>,
    tags: BTreeSet<u8>,
    day: u8,
    price: Option<i64>,
    fate: Fate,
    after: After,
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Queued,
    PutOff,
    Blocked,
    GivenUp,
    RateLimited,
    Submitting,
    Refused,
    InDoubt,
    Settled(Settlement),
    SettledThenSaved(Settlement),
    Adopted,
    Waiting,
    Abandoned,
    Downloading,
    Saved,
    SavedAbandoned,
    Unusable,
    Failed(FailurePolicy),
    Stopped(FailurePolicy),
    Lost,
    LostSettled(Settlement),
}

/// What somebody does with the take, and what the provider's bill says later.
#[derive(Debug, Clone)]
struct After {
    verdict: Option<Verdict>,
    again: bool,
    tag: bool,
    untag: bool,
    /// What was taken beyond the charge, and whether a part came back.
    bill: Option<(i64, bool)>,
}

pub(crate) fn walk() -> impl Strategy<Value = Walk> {
    let policy = prop_oneof![
        Just(FailurePolicy::Refunded),
        Just(FailurePolicy::Free),
        Just(FailurePolicy::Charged)
    ];
    let by_hand = prop_oneof![Just(Settlement::Charged), Just(Settlement::Free)];
    let fate = prop_oneof![
        1 => Just(Fate::Queued),
        1 => Just(Fate::PutOff),
        1 => Just(Fate::Blocked),
        1 => Just(Fate::GivenUp),
        1 => Just(Fate::RateLimited),
        1 => Just(Fate::Submitting),
        1 => Just(Fate::Refused),
        1 => Just(Fate::InDoubt),
        1 => by_hand.clone().prop_map(Fate::Settled),
        1 => by_hand.clone().prop_map(Fate::SettledThenSaved),
        1 => Just(Fate::Adopted),
        1 => Just(Fate::Waiting),
        1 => Just(Fate::Abandoned),
        1 => Just(Fate::Downloading),
        6 => Just(Fate::Saved),
        1 => Just(Fate::SavedAbandoned),
        1 => Just(Fate::Unusable),
        2 => policy.clone().prop_map(Fate::Failed),
        1 => policy.prop_map(Fate::Stopped),
        1 => Just(Fate::Lost),
        1 => by_hand.prop_map(Fate::LostSettled),
    ];
    let verdict = prop::option::of(prop_oneof![Just(Verdict::Kept), Just(Verdict::Rejected)]);
    let bill = prop::option::of((-60_000_i64..60_000, any::<bool>()));
    let after = (verdict, any::<bool>(), any::<bool>(), any::<bool>(), bill)
        .prop_map(|(verdict, again, tag, untag, bill)| After { verdict, again, tag, untag, bill });
    let brief = (
        prop::sample::select(ProviderId::ALL.to_vec()),
        0_u8..4,
        prop::sample::select(vec![
            Operation::TextToVideo,
            Operation::Speech,
            Operation::TalkingAvatar,
        ]),
        prop::option::of(0_u8..3),
        prop::collection::btree_set(0_u8..3, 0..3),
    );
    (brief, 0_u8..70, prop::option::weighted(0.9, 0_i64..2_000_000), fate, after).prop_map(
        |((provider, model, operation, project, tags), day, price, fate, after)| Walk {
            provider,
            model,
            operation,
            project,
            tags,
            day,
            price,
            fate,
            after,
        },
    )
}

/// The walks of one seed.
pub(crate) fn walks(count: usize) -> Vec<Walk> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let of_count = prop::collection::vec(walk(), count..=count);
    let tree = of_count.new_tree(&mut runner).expect("walks");
    prop::strategy::ValueTree::current(&tree)
}

/// A library in which these walks were walked.
pub(crate) struct Walked {
    pub(crate) store: Store,
    folder: tempfile::TempDir,
}

impl Walked {
    pub(crate) async fn through(walks: &[Walk]) -> Self {
        // In memory where that is offered: a disk would be waited for after every step.
        let memory = Path::new("/dev/shm");
        let folder = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir());
        let folder = folder.expect("a folder");
        let store = Store::open(&folder.path().join("library.db")).await.expect("a library");
        let walked = Self { store, folder };
        for (first, walks) in (0..).step_by(500).zip(walks.chunks(500)) {
            let ids = walked.admit(walks).await;
            let steps: Vec<_> = walks
                .iter()
                .zip(&ids)
                .enumerate()
                .map(|(place, (walk, id))| (*id, walk.events(first + place)))
                .collect();
            walked
                .store
                .write("walking", move |transaction| {
                    for (id, events) in steps {
                        for event in events {
                            step(transaction, id, &event)?;
                        }
                    }
                    Ok(())
                })
                .await
                .expect("every step is legal");
            for (walk, id) in walks.iter().zip(&ids) {
                walked.end(walk, *id).await;
            }
            walked.bill(walks, &ids).await;
        }
        walked
    }

    async fn admit(&self, walks: &[Walk]) -> Vec<JobId> {
        let new: Vec<NewJob> = walks.iter().map(Walk::new_job).collect();
        let ids = new.iter().map(|job| job.id).collect();
        let gate = Gate { plan: None, day: date(2026, 11, 23), partly: false };
        let admitted = self.store.admit(new, gate, (owner(), Timestamp::MAX), NOW).await;
        assert!(matches!(admitted, Ok(Admission::Admitted(_))), "{admitted:?}");
        ids
    }

    /// The file, and what somebody does with it.
    async fn end(&self, walk: &Walk, id: JobId) {
        if !matches!(
            walk.fate,
            Fate::Saved | Fate::SavedAbandoned | Fate::SettledThenSaved(_) | Fate::Adopted
        ) {
            return;
        }
        let (store, after) = (&self.store, &walk.after);
        let takes = vec![take(walk)];
        let owner = Actor::Owner(owner());
        let saved = store.save_takes(id, takes, usd(walk.charge()), owner, NOW).await;
        let asset = saved.expect("it is saved").1[0].id;
        if after.verdict.is_some() {
            store.decide(asset, after.verdict).await.expect("decided");
        }
        if after.again {
            store.decide(asset, None).await.expect("taken back");
            store.decide(asset, Some(Verdict::Kept)).await.expect("decided again");
        }
        if after.tag {
            store.tag(asset, vec!["later".into()], vec![]).await.expect("tagged");
        }
        if after.untag {
            let tags = vec!["tag 0".into(), "later".into()];
            store.tag(asset, vec![], tags).await.expect("untagged");
        }
    }

    /// The provider's own bill for those that it is told of.
    async fn bill(&self, walks: &[Walk], ids: &[JobId]) {
        let mut bills: BTreeMap<ProviderId, Vec<BillingLine>> = BTreeMap::new();
        for (walk, id) in walks.iter().zip(ids) {
            let Some((beyond, back)) = walk.after.bill else { continue };
            let job = self.store.job(*id).await.expect("a job");
            let Some(prediction) = job.stage.prediction().cloned() else { continue };
            let taken = (walk.charge() + beyond).max(0);
            let line = |is_refund: bool, micros| BillingLine {
                id: format!("{prediction} {is_refund}"),
                prediction: Some(prediction.clone()),
                model: None,
                is_refund,
                amount: usd(micros),
                at: Some(NOW),
            };
            let of = bills.entry(walk.provider).or_default();
            of.push(line(false, taken));
            if back {
                of.push(line(true, taken / 2));
            }
        }
        for (provider, lines) in bills {
            self.store.keep_bills(account(provider), lines, NOW).await.expect("kept");
            for id in self.store.billed_jobs(provider).await.expect("jobs") {
                self.store.note_bill(id, NOW).await.expect("noted");
            }
        }
    }

    /// One row of a plain sum over the ledger: spent and held.
    pub(crate) fn plainly(&self, wanted: &str) -> (Usd, Usd) {
        self.sum(&format!("FROM ledger JOIN jobs ON jobs.id = ledger.job WHERE {wanted}"))
    }

    fn sum(&self, from: &str) -> (Usd, Usd) {
        let library = Connection::open(self.folder.path().join("library.db")).expect("a library");
        let sql = format!(
            "SELECT coalesce(sum(CASE kind WHEN 'charge' THEN amount WHEN 'adjust' THEN amount
                    WHEN 'refund' THEN -amount ELSE 0 END), 0),
                coalesce(sum(CASE kind WHEN 'hold' THEN amount WHEN 'release' THEN -amount ELSE 0 END), 0)
             {from}"
        );
        let read = |row: &rusqlite::Row<'_>| Ok((usd(row.get(0)?), usd(row.get(1)?)));
        library.query_row(&sql, [], read).expect("a sum")
    }
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn usd(micros: i64) -> Usd {
    Usd::from_micros(micros)
}

fn owner() -> Owner {
    Owner { host: "walks".into(), pid: 1, start: 1 }
}

fn account(provider: ProviderId) -> Account {
    let base_url = "https://api.example".to_owned();
    Account { provider, base_url, credential: Fingerprint::new("one") }
}

fn step(transaction: &Transaction<'_>, id: JobId, event: &JobEvent) -> Result<(), StoreError> {
    claims::set_owner(transaction, id, &owner(), Timestamp::MAX)?;
    jobs::step(transaction, id, event, &Actor::Owner(owner()), NOW)?;
    claims::set_owner(transaction, id, &owner(), Timestamp::MAX)
}

fn take(walk: &Walk) -> NewAsset {
    let id = AssetId(Uuid::now_v7());
    NewAsset {
        id,
        take: 1,
        path: format!("takes/{id}"),
        sha256: id.to_string(),
        bytes: 1,
        mime: "video/mp4".into(),
        kind: MediaKind::Video,
        facts: MediaFacts {
            duration_ms: (walk.model > 0).then_some(u64::from(walk.model) * 1_234),
            ..MediaFacts::default()
        },
        unreadable: None,
        source_url: None,
        metadata: serde_json::Map::new(),
    }
}

impl Walk {
    fn charge(&self) -> i64 {
        self.price.unwrap_or(70_000)
    }

    fn new_job(&self) -> NewJob {
        let params = serde_json::json!({"prompt": format!("a kite of kind {}", self.model)});
        let serde_json::Value::Object(params) = params else { unreachable!("an object was made") };
        let brief = Brief {
            provider: self.provider,
            model: ModelId::new(format!("house/model-{}", self.model)),
            operation: self.operation,
            params,
            inputs: vec![],
            project: self.project.map(|project| format!("film {project}")),
            tags: self.tags.iter().map(|tag| format!("tag {tag}")).collect(),
            parent: None,
            scene: None,
        };
        let hold = usd(self.price.unwrap_or_default());
        NewJob {
            id: JobId(Uuid::now_v7()),
            batch: None,
            wanted: Wanted::new(&brief, self.price.map(usd)),
            account: account(self.provider),
            estimate: self.price.map(|price| Estimate::exact(usd(price), Basis::Quoted, "rule")),
            hold,
            account_day: (date(2026, 9, 20) + i64::from(self.day).days()).to_string(),
            wish: None,
            brief,
        }
    }

    /// Every step but the saving of a file.
    fn events(&self, place: usize) -> Vec<JobEvent> {
        use JobEvent as E;

        let reason = || Reason::new(ReasonKind::GivenUp, "a walk");
        let prediction = PredictionId::new(format!("p{place}"));
        let charge = usd(self.charge());
        let sent = || vec![E::CheckStarted, E::SubmitStarted];
        let with = |mut events: Vec<JobEvent>, more: Vec<JobEvent>| {
            events.extend(more);
            events
        };
        let accepted =
            |more| with(with(sent(), vec![E::Accepted { prediction: prediction.clone() }]), more);
        let doubtful = |more| with(with(sent(), vec![E::Unanswered { reason: reason() }]), more);
        let lost = || vec![E::Processing, E::Lost { reason: reason() }];
        match self.fate {
            Fate::Queued => vec![],
            Fate::PutOff => vec![E::CheckStarted, E::PutOff { reason: reason(), until: None }],
            Fate::Blocked => vec![E::CheckStarted, E::Blocked { reason: reason() }],
            Fate::GivenUp => vec![E::GivenUp],
            Fate::RateLimited => {
                with(sent(), vec![E::RateLimited { reason: reason(), until: NOW }])
            }
            Fate::Submitting => sent(),
            Fate::Refused => with(sent(), vec![E::Refused { reason: reason() }]),
            Fate::InDoubt => doubtful(vec![]),
            Fate::Settled(settlement) => doubtful(vec![E::Settled { settlement }]),
            Fate::SettledThenSaved(settlement) => {
                doubtful(vec![E::Settled { settlement }, E::Adopted { prediction }, E::OutputReady])
            }
            Fate::Adopted => doubtful(vec![E::Adopted { prediction }, E::OutputReady]),
            Fate::Waiting => accepted(vec![]),
            Fate::Abandoned => accepted(vec![E::Abandoned]),
            Fate::Downloading => accepted(vec![
                E::OutputReady,
                E::OutputMissing { reason: reason() },
                E::OutputReady,
            ]),
            Fate::Saved => accepted(vec![E::Processing, E::OutputReady]),
            Fate::SavedAbandoned => accepted(vec![E::Abandoned, E::OutputReady]),
            Fate::Unusable => {
                accepted(vec![E::OutputReady, E::Unusable { reason: reason(), charge }])
            }
            Fate::Failed(policy) => {
                accepted(vec![E::FailedAtProvider { reason: reason(), policy, charge }])
            }
            Fate::Stopped(policy) => accepted(vec![
                E::Abandoned,
                E::StoppedAtProvider { reason: reason(), policy, charge },
            ]),
            Fate::Lost => accepted(lost()),
            Fate::LostSettled(settlement) => {
                accepted(with(lost(), vec![E::Settled { settlement }]))
            }
        }
    }
}

#[path = "walk_agree_tests.rs"]
mod agree;
