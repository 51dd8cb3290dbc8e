//! Every stage against every event, by table and by random walk.

use proptest::prelude::*;

use super::*;
use crate::domain::{Basis, LineKind, ModelId, Operation, PredictionId};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_770_000_000 + second).expect("a moment of our time is valid")
}

fn prediction() -> PredictionId {
    PredictionId::new("0123456789abcdef0123456789abcdef")
}

fn reason() -> Reason {
    Reason::new(ReasonKind::Refused, "because")
}

fn queued() -> Job {
    let price = Usd::from_micros(200_000);
    let mut job = Job {
        id: JobId::at(1, &[0; 10]),
        number: 1,
        batch: None,
        brief: Brief {
            provider: ProviderId::Wavespeed,
            model: ModelId::new("m"),
            operation: Operation::TextToVideo,
            params: serde_json::Map::new(),
            inputs: vec![],
            project: None,
            tags: vec![],
            parent: None,
            scene: None,
        },
        account: Account {
            provider: ProviderId::Wavespeed,
            base_url: "https://example.test".into(),
            credential: Fingerprint::new("abc"),
        },
        estimate: Some(Estimate::exact(price, Basis::Quoted, "")),
        hold: price,
        stage: Stage::Queued,
        abandoned: false,
        settled: false,
        reason: None,
        not_before: None,
        wish: None,
        progress: Progress::default(),
        times: Times {
            created: at(0),
            submitted: None,
            accepted: None,
            processing: None,
            ended: None,
            stage: at(0),
        },
        balance: Balance::default(),
    };
    for line in ledger::lines(&job, &JobEvent::Admitted) {
        job.balance.add(line.kind, line.amount);
    }
    job
}

fn stages() -> Vec<Stage> {
    let some = Some(prediction());
    vec![
        Stage::Queued,
        Stage::Checking,
        Stage::Submitting,
        Stage::Waiting { prediction: prediction() },
        Stage::Downloading { prediction: prediction() },
        Stage::Done { prediction: prediction() },
        Stage::InDoubt { prediction: None },
        Stage::InDoubt { prediction: some.clone() },
        Stage::Failed { prediction: None },
        Stage::Failed { prediction: some.clone() },
        Stage::Cancelled { prediction: None },
        Stage::Cancelled { prediction: some },
    ]
}

fn events() -> Vec<JobEvent> {
    let charge = Usd::from_micros(200_000);
    let policy = FailurePolicy::Refunded;
    vec![
        JobEvent::Admitted,
        JobEvent::PutOff { reason: reason(), until: None },
        JobEvent::Resumed,
        JobEvent::CheckStarted,
        JobEvent::Blocked { reason: reason() },
        JobEvent::SubmitStarted,
        JobEvent::RateLimited { reason: reason(), until: at(9) },
        JobEvent::Refused { reason: reason() },
        JobEvent::Unanswered { reason: reason() },
        JobEvent::Accepted { prediction: prediction() },
        JobEvent::Adopted { prediction: prediction() },
        JobEvent::Processing,
        JobEvent::Noted { reason: Some(reason()) },
        JobEvent::OutputReady,
        JobEvent::OutputMissing { reason: reason() },
        JobEvent::Saved { charge },
        JobEvent::Unusable { reason: reason(), charge },
        JobEvent::FailedAtProvider { reason: reason(), policy, charge },
        JobEvent::StoppedAtProvider { reason: reason(), policy, charge },
        JobEvent::Lost { reason: reason() },
        JobEvent::GivenUp,
        JobEvent::Abandoned,
        JobEvent::Settled { settlement: Settlement::Charged },
        JobEvent::Settled { settlement: Settlement::Free },
    ]
}

#[expect(clippy::match_same_arms, reason = "a row of the table each")]
/// Which stage each event leads to from each stage; everything else is refused.
fn expected(from: StageName, event: &str) -> Option<StageName> {
    use StageName as S;
    let to = match (from, event) {
        (S::Queued | S::Checking, "put_off") => S::Queued,
        (S::Queued, "resumed") => S::Queued,
        (S::Queued, "check_started") => S::Checking,
        (S::Queued | S::Checking, "blocked") => S::Failed,
        (S::Queued | S::Checking, "given_up") => S::Cancelled,
        (S::Checking, "submit_started") => S::Submitting,
        (S::Submitting, "rate_limited") => S::Queued,
        (S::Submitting, "refused") => S::Failed,
        (S::Submitting, "unanswered") => S::InDoubt,
        (S::Submitting, "accepted") => S::Waiting,
        (S::InDoubt, "adopted") => S::Waiting,
        (S::InDoubt, "settled") => S::Failed,
        (S::Waiting, "processing" | "noted" | "abandoned") => S::Waiting,
        (S::Waiting, "output_ready") => S::Downloading,
        (S::Waiting, "failed_at_provider" | "unusable") => S::Failed,
        (S::Waiting, "stopped_at_provider") => S::Cancelled,
        (S::Waiting, "lost") => S::InDoubt,
        (S::Downloading, "noted" | "abandoned") => S::Downloading,
        (S::Downloading, "output_missing") => S::Waiting,
        (S::Downloading, "saved") => S::Done,
        (S::Downloading, "unusable") => S::Failed,
        _ => return None,
    };
    Some(to)
}

#[test]
fn every_stage_takes_just_the_steps_of_the_table() {
    for stage in stages() {
        for event in events() {
            let mut job = Job { stage: stage.clone(), ..queued() };
            let before = job.clone();
            let outcome = job.apply(&event, at(1)).map(|_| job.stage.name()).ok();
            // The one step that looks inside a stage: an answer may overwrite a doubt without an id.
            let accepted_late =
                stage == Stage::InDoubt { prediction: None } && event.name() == "accepted";
            let wanted = if accepted_late {
                Some(StageName::Waiting)
            } else {
                expected(stage.name(), event.name())
            };
            assert_eq!(outcome, wanted, "{stage:?} × {}", event.name());
            if outcome.is_none() {
                assert_eq!(job, before, "an illegal step changed something");
            }
        }
    }
}

#[test]
fn an_id_that_turns_up_after_settling_attaches_its_take_and_never_charges_again() {
    let mut job = Job { stage: Stage::InDoubt { prediction: None }, ..queued() };
    job.apply(&JobEvent::Settled { settlement: Settlement::Charged }, at(1)).expect("legal");
    job.apply(&JobEvent::Adopted { prediction: prediction() }, at(2)).expect("legal");
    job.apply(&JobEvent::OutputReady, at(3)).expect("legal");
    let lines = job.apply(&JobEvent::Saved { charge: job.price() }, at(4)).expect("legal");
    assert_eq!(lines, vec![]);
    assert_eq!(job.stage.name(), StageName::Done);
    assert_eq!(job.cost(), Some(job.price()));
}

#[test]
fn a_job_given_up_after_it_was_accepted_reads_cancelled_and_is_followed_to_its_end() {
    let mut job = Job { stage: Stage::Waiting { prediction: prediction() }, ..queued() };
    job.apply(&JobEvent::Abandoned, at(1)).expect("legal");
    assert_eq!(job.shown_stage(), StageName::Cancelled);
    assert!(job.stage.is_live());
    assert_eq!(
        job.reason.as_ref().map(|reason| reason.text.as_str()),
        Some("cancelled, may still be billed")
    );
    assert_eq!(job.balance.held(), job.hold);
    job.apply(&JobEvent::Noted { reason: None }, at(2)).expect("legal");
    job.apply(&JobEvent::OutputReady, at(3)).expect("legal");
    assert_eq!(job.reason.map(|reason| reason.kind), Some(ReasonKind::Abandoned));
}

#[test]
fn each_ending_writes_the_lines_of_the_table() {
    use LineKind::{Charge, RefundDue, Release};
    let charge = Usd::from_micros(200_000);
    let check = |stage: Stage, event: JobEvent, expected: &[LineKind]| {
        let mut job = Job { stage, ..queued() };
        let lines = job.apply(&event, at(1)).expect("legal");
        let kinds: Vec<_> = lines.iter().map(|line| line.kind).collect();
        assert_eq!(kinds, expected, "{}", event.name());
        assert!(lines.iter().all(|line| line.amount == charge), "{}", event.name());
    };
    let waiting = || Stage::Waiting { prediction: prediction() };
    let downloading = || Stage::Downloading { prediction: prediction() };
    let doubt = || Stage::InDoubt { prediction: None };
    let failed = |policy| JobEvent::FailedAtProvider { reason: reason(), policy, charge };

    check(Stage::Submitting, JobEvent::Refused { reason: reason() }, &[Release]);
    check(Stage::Queued, JobEvent::GivenUp, &[Release]);
    check(Stage::Checking, JobEvent::Blocked { reason: reason() }, &[Release]);
    check(downloading(), JobEvent::Saved { charge }, &[Release, Charge]);
    check(waiting(), failed(FailurePolicy::Refunded), &[Release, Charge, RefundDue]);
    check(waiting(), failed(FailurePolicy::Free), &[Release]);
    check(waiting(), failed(FailurePolicy::Charged), &[Release, Charge]);
    check(downloading(), JobEvent::Unusable { reason: reason(), charge }, &[Release, Charge]);
    check(Stage::Submitting, JobEvent::Unanswered { reason: reason() }, &[]);
    check(waiting(), JobEvent::Lost { reason: reason() }, &[]);
    check(waiting(), JobEvent::Abandoned, &[]);
    check(doubt(), JobEvent::Settled { settlement: Settlement::Charged }, &[Release, Charge]);
    check(doubt(), JobEvent::Settled { settlement: Settlement::Free }, &[Release]);
}

#[test]
fn the_text_of_every_event_is_a_format() {
    for event in events() {
        let text = serde_json::to_value(&event).expect("an event is JSON");
        assert_eq!(text["event"], event.name());
        assert_eq!(serde_json::from_value::<JobEvent>(text).expect("its own text"), event);
    }
    for stage in stages() {
        let text = serde_json::to_value(&stage).expect("a stage is JSON");
        assert_eq!(text["stage"], stage.name().as_str());
    }
}

proptest! {
    /// Whatever happens, in whatever order: at most one of each settling line, the hold is never
    /// released twice, and a second submission needs a 429 before it.
    #[test]
    fn no_walk_charges_twice_or_submits_again_without_a_429(
        choices in prop::collection::vec(any::<prop::sample::Index>(), 1..120),
    ) {
        let all = events();
        let mut job = queued();
        let mut written = vec![LineKind::Hold];
        let mut may_submit = true;
        for (second, choice) in choices.into_iter().enumerate() {
            let event = &all[choice.index(all.len())];
            let second = i64::try_from(second).expect("a short walk");
            let Ok(lines) = job.apply(event, at(second)) else { continue };
            written.extend(lines.iter().map(|line| line.kind));
            match event {
                JobEvent::SubmitStarted => {
                    prop_assert!(may_submit, "submitted again");
                    may_submit = false;
                }
                JobEvent::RateLimited { .. } => may_submit = true,
                _ => {}
            }
            prop_assert!(job.balance.held() >= Usd::ZERO);
            prop_assert_eq!(job.times.ended.is_some(), !job.stage.is_live());
        }
        for kind in LineKind::ALL {
            let times = written.iter().filter(|written| **written == kind).count();
            prop_assert!(times <= 1, "{} written {} times", kind, times);
        }
        if matches!(job.stage, Stage::Done { .. }) {
            prop_assert_eq!(job.balance.held(), Usd::ZERO);
        }
    }
}
