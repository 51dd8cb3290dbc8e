//! Bills against the ledger: every ending, every order.

use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{Fingerprint, StageName};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A library with jobs as they may stand when a bill comes.
struct Books {
    store: Store,
    _folder: tempfile::TempDir,
}

fn usd(micros: i64) -> Usd {
    Usd::from_micros(micros)
}

fn account(provider: ProviderId, credential: &str) -> Account {
    Account {
        provider,
        base_url: "https://api.example".to_owned(),
        credential: Fingerprint::new(credential),
    }
}

fn ours() -> Account {
    account(ProviderId::Wavespeed, "one")
}

fn line(id: &str, prediction: &str, micros: i64, is_refund: bool) -> BillingLine {
    BillingLine {
        id: id.to_owned(),
        prediction: Some(PredictionId::new(prediction)),
        model: Some(ModelId::new("house/model")),
        is_refund,
        amount: usd(micros),
        at: Some(NOW),
    }
}

impl Books {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("library.db")).await.expect("a library");
        Self { store, _folder: folder }
    }

    /// A job in this stage with these lines in the ledger.
    async fn job(
        &self,
        provider: ProviderId,
        (stage, prediction): (StageName, Option<&str>),
        ledger: &[(LineKind, i64)],
    ) -> JobId {
        let id = JobId(Uuid::now_v7());
        let brief = serde_json::json!({"provider": provider, "model": "house/model",
            "operation": "text-to-video", "params": {"prompt": "kite"}, "inputs": []});
        let (brief, prediction) = (brief.to_string(), prediction.map(str::to_owned));
        let (ledger, simulated) = (ledger.to_vec(), provider.is_simulated());
        let write = move |transaction: &Transaction<'_>| {
            transaction
                .execute(
                    "INSERT INTO jobs (id, number, brief, provider, base_url, credential, simulated, model,
                        operation, prompt, account_day, hold, stage, prediction, submitted, created, ended,
                        stage_at)
                     VALUES (?1, 1 + (SELECT count(*) FROM jobs), ?2, ?3, 'https://api.example', 'one', ?4,
                        'house/model', 'text-to-video', 'kite', '1970-01-01', 500000, ?5, ?6, 0, 0, 0, 0)",
                    params![id.0, brief, provider.as_str(), simulated, stage.as_str(), prediction],
                )
                .map_err(StoreError::sql("a job"))?;
            let job = load(transaction, id)?;
            for (kind, micros) in ledger {
                let line = Line { kind, amount: usd(micros), basis: Basis::Quoted };
                ledger::write(transaction, &job, &[line], NOW)?;
            }
            Ok(id)
        };
        self.store.write("a job", write).await.expect("it is there")
    }

    /// A job that is done and was charged half a dollar.
    async fn done(&self, prediction: &str) -> JobId {
        use LineKind::{Charge, Hold, Release};
        let ledger = [(Hold, 500_000), (Release, 500_000), (Charge, 500_000)];
        self.job(ProviderId::Wavespeed, (StageName::Done, Some(prediction)), &ledger).await
    }

    async fn keep(&self, lines: &[BillingLine]) -> KeptBills {
        self.store.keep_bills(ours(), lines.to_vec(), NOW).await.expect("they are kept")
    }

    /// Notes everything that is open; the lines that were written.
    async fn note(&self, provider: ProviderId) -> Vec<(LineKind, i64, Basis)> {
        let mut written = Vec::new();
        for id in self.store.billed_jobs(provider).await.expect("jobs") {
            if let Noted::Agreed(_, lines) = self.store.note_bill(id, NOW).await.expect("noted") {
                let one = |line: Line| (line.kind, line.amount.micros(), line.basis);
                written.extend(lines.into_iter().map(one));
            }
        }
        written
    }

    /// Keeps and notes; the kinds and amounts of what was written.
    async fn bill(&self, lines: &[BillingLine]) -> Vec<(LineKind, i64)> {
        self.keep(lines).await;
        let written = self.note(ProviderId::Wavespeed).await;
        written.into_iter().map(|(kind, amount, _)| (kind, amount)).collect()
    }

    async fn spent(&self, id: JobId) -> Usd {
        let balance = self.store.job(id).await.expect("a job").balance;
        balance.charge.unwrap_or_default() + balance.adjust - balance.refund
    }
}

#[tokio::test]
async fn another_amount_is_adjusted_once_and_by_the_new_difference_when_it_changes_again() {
    let books = Books::new().await;
    let id = books.done("p").await;
    assert_eq!(books.bill(&[line("b", "p", 500_000, false)]).await, []);
    let changed = [line("b", "p", 550_000, false)];
    assert_eq!(books.bill(&changed).await, [(LineKind::Adjust, 50_000)]);
    assert_eq!(books.bill(&changed).await, []);
    assert_eq!(books.bill(&[line("b", "p", 0, false)]).await, [(LineKind::Adjust, -550_000)]);
    assert_eq!(books.spent(id).await, Usd::ZERO);
}

#[tokio::test]
async fn what_comes_back_is_a_refund_once_and_an_adjustment_after_that() {
    use LineKind::{Adjust, Charge, Hold, Refund, RefundDue, Release};
    let books = Books::new().await;
    let ledger = [(Hold, 500_000), (Release, 500_000), (Charge, 500_000), (RefundDue, 500_000)];
    let id = books.job(ProviderId::Wavespeed, (StageName::Failed, Some("p")), &ledger).await;
    // The refund may be on an earlier page than what it is for.
    let first = [line("r1", "p", 300_000, true)];
    assert_eq!(books.bill(&first).await, [(Refund, 300_000)]);
    assert_eq!(books.bill(&[line("r2", "p", 200_000, true)]).await, [(Adjust, -200_000)]);
    assert_eq!(books.bill(&[line("b", "p", 500_000, false)]).await, []);
    assert_eq!(books.spent(id).await, Usd::ZERO);
    let due = books.store.refunds_due(false, Timestamp::MAX).await.expect("they are read");
    assert_eq!(due, [], "all of it came back, in two parts");
}

#[tokio::test]
async fn a_bill_comes_to_what_the_rules_say_for_every_standing_of_its_job() {
    use LineKind::{Adjust, Charge, Hold, Refund, Release};
    use StageName::{Cancelled, Done, Failed, InDoubt, Waiting};
    let (taken, back) = (line("b", "p", 400_000, false), line("r", "p", 400_000, true));
    let check = async |stage, ledger: &[(LineKind, i64)], bill: &[BillingLine], expected: &[_]| {
        let books = Books::new().await;
        books.job(ProviderId::Wavespeed, (stage, Some("p")), ledger).await;
        assert_eq!(books.bill(bill).await, expected, "{stage} {ledger:?} {bill:?}");
        assert_eq!(books.bill(bill).await, [], "a second time");
        let is_open = !books.store.open_bills(false).await.expect("read").is_empty();
        assert_eq!(is_open, expected.is_empty(), "what is not noted is shown: {stage}");
    };
    let held = [(Hold, 500_000)];
    let free = [(Hold, 500_000), (Release, 500_000)];
    let charged = [(Hold, 500_000), (Release, 500_000), (Charge, 500_000)];
    let one = std::slice::from_ref(&taken);
    // While a hold stays, nothing is written: the question is shown.
    check(InDoubt, &held, one, &[]).await;
    check(Waiting, &held, one, &[]).await;
    // Settled as free, failed for free, or cancelled and still run: what was billed is what it cost.
    check(Failed, &free, one, &[(Adjust, 400_000)]).await;
    check(Cancelled, &free, one, &[(Adjust, 400_000)]).await;
    check(Cancelled, &charged, one, &[(Adjust, -100_000)]).await;
    // What was never taken cannot come back.
    check(Failed, &free, std::slice::from_ref(&back), &[]).await;
    check(Failed, &free, &[taken.clone(), back], &[(Refund, 400_000), (Adjust, 400_000)]).await;
    // Two lines for one prediction are two bills.
    let twice = [taken, line("b2", "p", 400_000, false)];
    check(Done, &charged, &twice, &[(Adjust, 300_000)]).await;
}

#[tokio::test]
async fn a_bill_of_a_held_job_is_noted_once_its_own_end_is_written() {
    use LineKind::{Adjust, Charge, Hold, Release};
    let books = Books::new().await;
    let held = [(Hold, 500_000)];
    let id = books.job(ProviderId::Wavespeed, (StageName::Waiting, Some("p")), &held).await;
    assert_eq!(books.bill(&[line("b", "p", 600_000, false)]).await, []);
    let end = move |transaction: &Transaction<'_>| {
        let job = load(transaction, id)?;
        let line = |kind| Line { kind, amount: usd(500_000), basis: Basis::Quoted };
        ledger::write(transaction, &job, &[line(Release), line(Charge)], NOW)
    };
    books.store.write("its end", end).await.expect("written");
    assert_eq!(books.bill(&[]).await, [(Adjust, 100_000)]);
}

#[tokio::test]
async fn what_no_job_knows_is_listed_until_one_does() {
    let books = Books::new().await;
    let doubt = books.job(ProviderId::Wavespeed, (StageName::InDoubt, None), &[]).await;
    let stranger = BillingLine { prediction: None, ..line("x", "", 70_000, false) };
    books.bill(&[line("b", "p", 500_000, false), stranger]).await;
    let unknown = books.store.unknown_bills(false, 10).await.expect("they are read");
    assert_eq!((unknown.lines, unknown.taken, unknown.back), (2, usd(570_000), Usd::ZERO));
    assert!(unknown.newest.iter().all(|bill| bill.perhaps == Some(1)), "{unknown:?}");

    let adopt = move |transaction: &Transaction<'_>| {
        let sql = "UPDATE jobs SET prediction = 'p', stage = 'waiting' WHERE id = ?1";
        transaction.execute(sql, [doubt.0]).map_err(StoreError::sql("adopting"))
    };
    books.store.write("adopting", adopt).await.expect("adopted");
    books.bill(&[]).await;
    let unknown = books.store.unknown_bills(false, 10).await.expect("they are read");
    assert_eq!((unknown.lines, unknown.taken), (1, usd(70_000)));
}

#[tokio::test]
async fn a_line_that_is_read_with_another_key_too_counts_once() {
    let books = Books::new().await;
    let id = books.done("p").await;
    let lines = [line("b", "p", 600_000, false)];
    assert_eq!(books.keep(&lines).await, KeptBills { new: 1, changed: 0 });
    let newer = account(ProviderId::Wavespeed, "two");
    let again = books.store.keep_bills(newer, lines.to_vec(), NOW).await.expect("kept");
    assert_eq!(again, KeptBills::default());
    books.note(ProviderId::Wavespeed).await;
    assert_eq!(books.spent(id).await, usd(600_000));
}

#[tokio::test]
async fn the_sandboxs_bill_stays_simulated() {
    use LineKind::{Adjust, Charge, Hold, Release};
    let books = Books::new().await;
    let ledger = [(Hold, 500_000), (Release, 500_000), (Charge, 500_000)];
    books.job(ProviderId::Sandbox, (StageName::Done, Some("p")), &ledger).await;
    let sandbox = account(ProviderId::Sandbox, "one");
    let lines = vec![line("b", "p", 600_000, false), line("x", "stranger", 1, false)];
    books.store.keep_bills(sandbox, lines, NOW).await.expect("kept");
    let written = books.note(ProviderId::Sandbox).await;
    assert_eq!(written, [(Adjust, 100_000, Basis::Simulated)]);
    let totals = books.store.totals(ledger::Days::default()).await.expect("totals");
    assert_eq!((totals.spent, totals.simulated), (Usd::ZERO, usd(600_000)));
    assert_eq!(books.store.unknown_bills(false, 1).await.expect("read").lines, 0);
    assert_eq!(books.store.unknown_bills(true, 1).await.expect("read").lines, 1);
    assert_eq!(books.store.drift(false).await.expect("read"), []);
    assert_eq!(books.store.drift(true).await.expect("read").len(), 1);
}

#[tokio::test]
async fn drift_is_what_was_billed_beside_what_was_charged() {
    let books = Books::new().await;
    for prediction in ["a", "b", "c"] {
        books.done(prediction).await;
    }
    let lines = [line("1", "a", 500_000, false), line("2", "b", 400_000, false)];
    books.bill(&lines).await;
    let drift = books.store.drift(false).await.expect("it is read");
    let expected = super::super::billed::Drift {
        provider: ProviderId::Wavespeed,
        model: ModelId::new("house/model"),
        runs: 2,
        quoted: usd(1_000_000),
        billed: usd(900_000),
        largest: usd(-100_000),
    };
    assert_eq!(drift, [expected]);
}

#[tokio::test]
async fn a_refund_is_a_question_when_it_is_not_seen_in_its_time() {
    use LineKind::{Charge, Hold, RefundDue, Release};
    let books = Books::new().await;
    let ledger = [(Hold, 5), (Release, 5), (Charge, 5), (RefundDue, 5)];
    books.job(ProviderId::Wavespeed, (StageName::Failed, Some("p")), &ledger).await;
    let due = async |before| books.store.refunds_due(false, before).await.expect("read").len();
    assert_eq!(due(NOW).await, 0);
    assert_eq!(due(NOW + SignedDuration::from_secs(1)).await, 1);
    let hours = |hours: i64| NOW + SignedDuration::from_hours(hours);
    let day = Duration::from_hours(24);
    let awaited = async |now| {
        let provider = ProviderId::Wavespeed;
        books.store.awaits_bills(provider, now, day, Duration::ZERO).await.expect("read")
    };
    assert!(awaited(hours(23)).await);
    assert!(!awaited(hours(25)).await);
    books.bill(&[line("r", "p", 5, true)]).await;
    assert_eq!(due(Timestamp::MAX).await, 0);
    assert!(!awaited(hours(23)).await);
}

#[tokio::test]
async fn a_bill_is_read_by_itself_once_in_a_while_whoever_asks() {
    let books = Books::new().await;
    let minutes = |minutes: i64| NOW + SignedDuration::from_mins(minutes);
    let begin = async |now| {
        books.store.begin_pull(ours(), Duration::from_mins(10), now).await.expect("asked")
    };
    assert!(begin(NOW).await);
    assert!(!begin(minutes(9)).await);
    assert!(begin(minutes(10)).await);
    books.store.end_pull(ours(), minutes(15)).await.expect("noted");
    assert!(!begin(minutes(20)).await);
    let span = books.store.bill_span(ours()).await.expect("read");
    assert_eq!(span.pulled, Some(minutes(15)));
}

/// Lines of one job's bill: named by their index, so that one that comes again has its amount again.
fn bills() -> impl Strategy<Value = (Vec<(i64, bool)>, Vec<usize>)> {
    let lines = prop::collection::vec((0_i64..1_000_000, any::<bool>()), 1..8);
    lines.prop_flat_map(|lines| {
        let count = lines.len();
        let shuffled = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
        let again = prop::collection::vec(0..count, 0..8);
        (Just(lines), shuffled, again).prop_map(|(lines, shuffled, again)| {
            (lines, shuffled.into_iter().chain(again).collect())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn in_any_order_and_however_often_a_job_costs_what_was_taken_less_what_came_back(
        (mut lines, order) in bills(),
        together in 1_usize..4,
    ) {
        lines[0].1 = false;
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let books = Books::new().await;
            let id = books.done("p").await;
            for some in order.chunks(together) {
                let one = |index: &usize| {
                    let (micros, is_refund) = lines[*index];
                    line(&index.to_string(), "p", micros, is_refund)
                };
                books.bill(&some.iter().map(one).collect::<Vec<_>>()).await;
            }
            let sum: i64 = lines.iter().map(|(micros, back)| if *back { -micros } else { *micros }).sum();
            assert_eq!(books.spent(id).await, usd(sum));
            assert_eq!(books.note(ProviderId::Wavespeed).await, []);
        });
    }
}
