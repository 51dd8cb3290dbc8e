//! What a follower tells of a timeline.

use super::*;
use crate::domain::job::{Account, Times};
use crate::domain::{
    Balance, Brief, Fingerprint, JobId, ModelId, Operation, Params, PredictionId, ProviderId,
    Reason, ReasonKind, Stage, Usd,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A job that was admitted at second 0.
pub(in crate::cli) fn admitted() -> Job {
    Job {
        id: JobId::at(0, &[1; 10]),
        number: 41,
        batch: None,
        brief: Brief {
            provider: ProviderId::Sandbox,
            model: ModelId::new("house/model/text-to-video"),
            operation: Operation::TextToVideo,
            params: Params::new(),
            inputs: vec![],
            project: None,
            tags: vec![],
            parent: None,
            scene: None,
        },
        account: Account {
            provider: ProviderId::Sandbox,
            base_url: "sandbox".into(),
            credential: Fingerprint::new("sandbox"),
        },
        estimate: None,
        hold: Usd::from_micros(200_000),
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
    }
}

fn timeline(events: Vec<JobEvent>) -> Vec<(Timestamp, JobEvent)> {
    (0..).map(at).zip(std::iter::once(JobEvent::Admitted).chain(events)).collect()
}

fn accepted() -> JobEvent {
    JobEvent::Accepted { prediction: PredictionId::new("p1") }
}

fn told(followed: &mut Followed, timeline: &[(Timestamp, JobEvent)]) -> Vec<(i64, &'static str)> {
    let steps = followed.catch_up(timeline).unwrap();
    steps.iter().map(|(at, job)| (at.as_second(), job.shown_stage().as_str())).collect()
}

#[test]
fn every_stage_is_told_once_and_in_order_however_late_one_looks() {
    let mut followed = Followed::new(admitted(), 1);
    let events = timeline(vec![
        JobEvent::CheckStarted,
        JobEvent::SubmitStarted,
        accepted(),
        JobEvent::Processing,
        JobEvent::OutputReady,
        JobEvent::Saved { charge: Usd::ZERO },
    ]);
    assert_eq!(told(&mut followed, &events[..3]), [(1, "checking"), (2, "submitting")]);
    assert_eq!(told(&mut followed, &events[..2]), []);
    assert_eq!(told(&mut followed, &events), [(3, "waiting"), (5, "downloading"), (6, "done")]);
    assert_eq!(told(&mut followed, &events), []);
}

#[test]
fn another_reason_is_told_and_the_same_one_is_not_told_again() {
    let mut followed = Followed::new(admitted(), 1);
    let reason = Reason::new(ReasonKind::NoPlace, "waits for a place");
    let wait = || JobEvent::PutOff { reason: reason.clone(), until: None };
    let events = timeline(vec![wait(), wait()]);
    assert_eq!(told(&mut followed, &events), [(1, "queued")]);
}

#[test]
fn a_look_up_is_due_once_and_only_in_doubt() {
    let due =
        |followed: &Followed, second| followed.look_up_is_due(Duration::from_secs(15), at(second));
    let mut followed = Followed::new(admitted(), 1);
    assert!(!due(&followed, 100));
    let reason = Reason::new(ReasonKind::Unanswered, "silence");
    let unanswered = JobEvent::Unanswered { reason };
    let events = timeline(vec![JobEvent::CheckStarted, JobEvent::SubmitStarted, unanswered]);
    told(&mut followed, &events);
    assert!(!due(&followed, 17) && due(&followed, 18));
    followed.looked_up = true;
    assert!(!due(&followed, 100));
}

#[test]
fn a_download_has_no_place_in_a_queue() {
    let all = Progress {
        bytes: Some(1),
        bytes_total: Some(2),
        percent: Some(3),
        queue_position: Some(4),
    };
    let check = |stage, expected: Progress| assert_eq!(figures_of(stage, all), expected);
    check(StageName::Queued, Progress::default());
    check(
        StageName::Waiting,
        Progress { percent: Some(3), queue_position: Some(4), ..Progress::default() },
    );
    check(
        StageName::Downloading,
        Progress { bytes: Some(1), bytes_total: Some(2), ..Progress::default() },
    );
}
