//! What stands in the ledger for a job, to the line, and that nothing can be written twice.

use jiff::Timestamp;
use rushes::domain::job::FailurePolicy::Charged;
use rushes::domain::{BillingLine, Job, JobEvent, Reason, ReasonKind, Settlement, StageName, Usd};
use rushes::store::Actor;
use rushes::store::bills::Noted;
use rusqlite::Connection;

use super::world::World;

/// A line: kind, micro-dollars, basis.
pub(crate) type Line = (&'static str, i64, &'static str);

pub(crate) const HOLD: Line = ("hold", 200_000, "quoted");
pub(crate) const RELEASE: Line = ("release", 200_000, "quoted");
pub(crate) const CHARGE: Line = ("charge", 200_000, "quoted");
pub(crate) const DUE: Line = ("refund_due", 200_000, "quoted");

/// The provider billed this much for the job's prediction, and gave so much back; the ledger is told.
pub(crate) async fn billed(world: &World, job: &Job, amount: i64, back: Option<i64>) -> Noted {
    let (job, now) = (world.job(job).await, Timestamp::now());
    let line = |id: &str, is_refund, amount| BillingLine {
        id: format!("{}-{id}", job.number),
        prediction: job.stage.prediction().cloned(),
        model: None,
        is_refund,
        amount: Usd::from_micros(amount),
        at: None,
    };
    let lines = std::iter::once(line("deduct", false, amount))
        .chain(back.map(|back| line("refund", true, back)))
        .collect();
    world.store().keep_bills(job.account.clone(), lines, now).await.unwrap();
    world.store().note_bill(job.id, now).await.unwrap()
}

fn library(world: &World) -> Connection {
    Connection::open(world.folder().join("library.db")).unwrap()
}

/// The job stands there with just these lines, and no second one can be written.
pub(crate) async fn check(what: &str, world: &World, job: &Job, stage: StageName, lines: &[Line]) {
    let job = world.job(job).await;
    assert_eq!(job.stage.name(), stage, "{what}: {:?}", job.reason);
    let library = library(world);
    let mut statement = library
        .prepare(
            "SELECT ledger.kind, ledger.amount, ledger.basis,
                ledger.account_day = jobs.account_day
                    AND jobs.account_day = strftime('%Y-%m-%d', jobs.created / 1000, 'unixepoch')
                    AND ledger.project IS jobs.project AND ledger.simulated = jobs.simulated
             FROM ledger JOIN jobs ON jobs.id = ledger.job WHERE jobs.number = ?1 ORDER BY ledger.seq",
        )
        .unwrap();
    let found: Vec<(String, i64, String)> = statement
        .query_map([job.number], |row| {
            assert!(row.get::<_, bool>(3)?, "{what}: counted on another day or project");
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let plain: Vec<Line> =
        lines.iter().map(|(kind, amount, basis)| (*kind, *amount, *basis)).collect();
    let seen: Vec<_> = found
        .iter()
        .map(|(kind, amount, basis)| (kind.as_str(), *amount, basis.as_str()))
        .collect();
    assert_eq!(seen, plain, "{what}");

    let sum = |plus: &[&str], minus: &[&str]| -> i64 {
        let signed = lines.iter().map(|(kind, amount, _)| {
            let times = i64::from(plus.contains(kind)) - i64::from(minus.contains(kind));
            times * amount
        });
        signed.sum()
    };
    let (spent, held) = (sum(&["charge", "adjust"], &["refund"]), sum(&["hold"], &["release"]));
    let kept = library.query_row(
        "SELECT spent, held FROM figures WHERE number = ?1",
        [job.number],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
    );
    assert_eq!(kept.unwrap(), (spent, held), "{what}: the sums");
    assert_eq!(job.balance.held().micros(), held, "{what}");
    assert_eq!(job.cost().unwrap_or_default().micros(), spent, "{what}");

    // The database refuses a second line of each kind that there is.
    for (kind, _, _) in lines.iter().filter(|(kind, ..)| *kind != "adjust") {
        let refused = library
            .execute(
                "INSERT INTO ledger (job, kind, amount, basis, at, account_day, project, simulated)
                 SELECT job, kind, amount, basis, at, account_day, project, simulated
                 FROM ledger WHERE job = (SELECT id FROM jobs WHERE number = ?1) AND kind = ?2",
                rusqlite::params![job.number, kind],
            )
            .unwrap_err();
        assert!(refused.to_string().contains("UNIQUE constraint"), "{what}: {kind}: {refused}");
    }
    if !job.stage.is_live() && job.stage.name() != StageName::InDoubt {
        refuses_to_end_again(what, world, &job, lines.len()).await;
    }
}

/// So does the domain, and through it the library, even for the job's own owner.
async fn refuses_to_end_again(what: &str, world: &World, job: &Job, lines: usize) {
    let reason = || Reason::new(ReasonKind::Refused, "again");
    let (charge, policy) = (job.price(), Charged);
    for event in [
        JobEvent::Saved { charge },
        JobEvent::Unusable { reason: reason(), charge },
        JobEvent::FailedAtProvider { reason: reason(), policy, charge },
        JobEvent::StoppedAtProvider { reason: reason(), policy, charge },
        JobEvent::Settled { settlement: Settlement::Charged },
        JobEvent::Refused { reason: reason() },
        JobEvent::Blocked { reason: reason() },
        JobEvent::GivenUp,
    ] {
        let now = jiff::Timestamp::now();
        assert!(job.clone().apply(&event, now).is_err(), "{what}: {}", event.name());
        let _ = world.pipeline.claim(job.id).await.unwrap();
        let actor = Actor::Owner(world.pipeline.owner.clone());
        assert!(world.store().step(job.id, event, actor, now).await.is_err(), "{what}");
    }
    assert_eq!(world.lines(job).await.len(), lines, "{what}");
}
