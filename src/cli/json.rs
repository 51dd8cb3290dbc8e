//! The shapes that scripts rely on: field by field, in this order.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::catalog::ModelSpec;
use crate::domain::{
    Asset, Estimate, Job, JobEvent, Origin, PredictionId, Preflight, Progress, Usd,
};
use crate::store::LedgerLine;

/// The `preflight` line.
pub(super) fn preflight(preflight: &Preflight) -> Value {
    json!({
        "type": "preflight",
        "verdict": preflight.verdict(),
        "estimate": preflight.estimate.as_ref().map(estimate),
        "checks": preflight.checks,
    })
}

/// What something will cost.
pub(super) fn estimate(estimate: &Estimate) -> Value {
    json!({
        "low_usd": estimate.low.decimal(),
        "high_usd": estimate.high.decimal(),
        "basis": estimate.basis.as_str(),
        "floor": estimate.floor,
    })
}

/// A `job` line. What is not known is left out.
pub(super) fn job_line(job: &Job, at: Timestamp) -> Value {
    let mut line = json!({
        "type": "job",
        "job_id": job.id.to_string(),
        "stage": job.shown_stage().as_str(),
        "at": at.to_string(),
        "model": job.brief.model.as_str(),
        "provider": job.account.provider.as_str(),
        "operation": job.brief.operation.as_str(),
    });
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            line[name] = value.into();
        }
    };
    add("prediction_id", job.stage.prediction().map(PredictionId::as_str));
    add("reason", job.reason.as_ref().map(|reason| reason.text.as_str()));
    add("hint", job.reason.as_ref().and_then(|reason| reason.hint.as_deref()));
    of_scene(line, job)
}

/// A line about a job with the scene that it is for, where it is for one.
pub(super) fn of_scene(mut line: Value, job: &Job) -> Value {
    if let Some(of) = &job.brief.scene {
        line["scene"] = of.scene.clone().into();
        line["step"] = of.step.as_str().into();
    }
    line
}

/// A `progress` line: only what is measured or told.
pub(super) fn progress_line(job: &Job, progress: Progress, elapsed_s: f64) -> Value {
    let mut line = json!({
        "type": "progress",
        "job_id": job.id.to_string(),
        "stage": job.shown_stage().as_str(),
    });
    let mut add = |name: &str, value: Option<u64>| {
        if let Some(value) = value {
            line[name] = value.into();
        }
    };
    add("percent", progress.percent.map(u64::from));
    add("queue_position", progress.queue_position.map(u64::from));
    add("bytes", progress.bytes);
    add("bytes_total", progress.bytes_total);
    line["elapsed_s"] = json!((elapsed_s * 10.0).round() / 10.0);
    of_scene(line, job)
}

/// A `take` line. `seed` is left out where the model picked.
pub(super) fn take_line(asset: &Asset, file: &Path) -> Value {
    let mut line = Map::from_iter([("type".to_owned(), Value::from("take"))]);
    let Value::Object(fields) = take(asset, file) else { unreachable!("an object was made") };
    line.extend(fields);
    if line["seed"].is_null() {
        line.shift_remove("seed");
    }
    Value::Object(line)
}

/// An asset with all that is known; `null` where its kind has no such figure.
pub(super) fn asset(asset: &Asset, file: &Path) -> Value {
    let mut value = take(asset, file);
    value["tags"] = json!(asset.tags);
    value["rating"] = asset.rating.into();
    value["favourite"] = asset.favourite.into();
    value["project"] = json!(asset.project);
    value["parent"] = json!(asset.parent.map(|parent| parent.to_string()));
    value["number"] = asset.number.into();
    value["kind"] = asset.kind.as_str().into();
    value["verdict"] = json!(asset.verdict);
    value["reason"] = json!(asset.reason);
    value["unreadable"] = json!(asset.unreadable);
    value["created_at"] = asset.created.to_string().into();
    value["trashed_at"] = json!(asset.trashed.map(|at| at.to_string()));
    value
}

fn take(asset: &Asset, file: &Path) -> Value {
    let origin = asset.origin.as_ref();
    let facts = &asset.facts;
    json!({
        "job_id": origin.map(|origin| origin.job.to_string()),
        "asset_id": asset.id.to_string(),
        "path": file.to_string_lossy(),
        "sha256": asset.sha256,
        "bytes": asset.bytes,
        "mime": asset.mime,
        "codec": facts.codec,
        "prompt": asset.prompt,
        "seed": origin.and_then(|origin| origin.seed),
        "duration": facts.duration_s(),
        "fps": facts.fps(),
        "width": facts.pixels.map(|size| size.width),
        "height": facts.pixels.map(|size| size.height),
        "resolution": facts.resolution(),
        "model_name": origin.map(|origin| origin.model.as_str()),
        "provider": origin.map(|origin| origin.provider.as_str()),
        "operation": origin.map(|origin| origin.operation.as_str()),
        "cost": origin.and_then(Origin::known_cost).map(Usd::decimal),
        "cost_basis": origin.map(|origin| origin.cost_basis.as_str()),
        "prediction_id": origin.map(|origin| origin.prediction.as_str()),
        "source_video_url": origin.map(|origin| origin.source_url.as_str()),
        "metadata": asset.metadata,
    })
}

/// A job in a list.
pub(super) fn job(job: &Job) -> Value {
    let reason = job.reason.as_ref();
    json!({
        "job_id": job.id.to_string(),
        "number": job.number,
        "stage": job.shown_stage().as_str(),
        "reason": reason.map(|reason| reason.text.as_str()),
        "hint": reason.and_then(|reason| reason.hint.as_deref()),
        "prediction_id": job.stage.prediction().map(PredictionId::as_str),
        "provider": job.account.provider.as_str(),
        "model": job.brief.model.as_str(),
        "operation": job.brief.operation.as_str(),
        "prompt": job.brief.prompt(),
        "seed": job.brief.seed(),
        "project": job.brief.project,
        "tags": job.brief.tags,
        "cost": job.cost().map(Usd::decimal),
        "held": job.balance.held().decimal(),
        "refund_due": job.balance.refund_open().decimal(),
        "created_at": job.times.created.to_string(),
    })
}

/// A job with its brief, what happened to it, and its money.
pub(super) fn job_in_full(
    shown: &Job,
    timeline: &[(Timestamp, JobEvent)],
    ledger: &[LedgerLine],
) -> Value {
    let mut value = job(shown);
    value["params"] = Value::Object(shown.brief.params.clone());
    value["parent"] = json!(shown.brief.parent.map(|parent| parent.to_string()));
    value["base_url"] = shown.account.base_url.clone().into();
    value["estimate"] = json!(shown.estimate.as_ref().map(|estimate| estimate.high.decimal()));
    value["timeline"] = timeline
        .iter()
        .map(|(at, event)| {
            let mut entry = json!({"at": at.to_string()});
            if let (Value::Object(entry), Ok(Value::Object(event))) =
                (&mut entry, serde_json::to_value(event))
            {
                entry.extend(event);
            }
            entry
        })
        .collect();
    value["ledger"] = ledger.iter().map(ledger_line).collect();
    value
}

/// A line of the ledger.
pub(super) fn ledger_line(line: &LedgerLine) -> Value {
    json!({
        "at": line.at.to_string(),
        "account_day": line.account_day,
        "job_id": line.job.to_string(),
        "kind": line.kind.as_str(),
        "amount": line.amount.decimal(),
        "basis": line.basis,
        "simulated": line.simulated,
    })
}

/// Milliseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "285 000 years of video lose a millisecond")]
pub(super) fn seconds(millis: u64) -> f64 {
    millis as f64 / 1000.0
}

/// A model in a list.
pub(super) fn model(spec: &ModelSpec) -> Value {
    json!({
        "id": spec.id.as_str(),
        "name": spec.name,
        "operation": spec.operation.as_str(),
        "provider": spec.providers.first().map(|provider| provider.as_str()),
        "available": spec.available,
        "reason": spec.reason,
        "providers": spec.providers.iter().map(|provider| provider.as_str()).collect::<Vec<_>>(),
        "aliases": spec.aliases,
        "about": spec.about,
        "origin": spec.origin.as_str(),
        "checked": spec.checked.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::followed::tests::admitted;
    use crate::domain::{
        AssetId, Basis, Check, CheckId, Estimate, MediaFacts, MediaKind, Origin, Pixels,
        PredictionId, Reason, ReasonKind, Stage,
    };

    #[test]
    fn a_preflight_line_has_just_its_fields() {
        let amount = Usd::from_micros(48_000);
        let line = preflight(&Preflight {
            estimate: Some(Estimate::exact(amount, Basis::Quoted, "rule")),
            checks: vec![Check::pass(CheckId::Disk, "70 GB free")],
        });
        assert_eq!(
            line.to_string(),
            "{\"type\":\"preflight\",\"verdict\":\"pass\",\"estimate\":{\"low_usd\":\"0.048\",\
             \"high_usd\":\"0.048\",\"basis\":\"quoted\",\"floor\":false},\"checks\":[{\"id\":\"disk\",\
             \"outcome\":\"pass\",\"finding\":\"70 GB free\",\"hint\":null}]}"
        );
        let unknown = preflight(&Preflight { estimate: None, checks: vec![] });
        assert_eq!(unknown["estimate"], Value::Null);
    }

    #[test]
    fn a_job_line_leaves_out_what_is_not_known() {
        let mut job = admitted();
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let known = "\"stage\":\"queued\",\"at\":\"2023-11-14T22:13:20Z\",\
             \"model\":\"house/model/text-to-video\",\"provider\":\"sandbox\",\
             \"operation\":\"text-to-video\"";
        let start = format!("{{\"type\":\"job\",\"job_id\":\"{}\",", job.id);
        assert_eq!(job_line(&job, at).to_string(), format!("{start}{known}}}"));

        job.stage = Stage::Waiting { prediction: PredictionId::new("p1") };
        job.reason = Some(Reason::new(ReasonKind::Overdue, "overdue").hint("wait"));
        let line = job_line(&job, at);
        assert_eq!(line["stage"], "waiting");
        let names: Vec<_> = line.as_object().unwrap().keys().skip(7).collect();
        assert_eq!(names, ["prediction_id", "reason", "hint"]);
    }

    #[test]
    fn a_progress_line_has_only_what_is_measured() {
        let job = admitted();
        let start =
            format!("{{\"type\":\"progress\",\"job_id\":\"{}\",\"stage\":\"queued\",", job.id);
        let check = |progress, rest: &str| {
            let line = progress_line(&job, progress, 5.04).to_string();
            assert_eq!(line, format!("{start}{rest}"));
        };
        check(Progress::default(), "\"elapsed_s\":5.0}");
        let bytes = Progress { bytes: Some(1), bytes_total: Some(2), ..Progress::default() };
        check(bytes, "\"bytes\":1,\"bytes_total\":2,\"elapsed_s\":5.0}");
        let place = Progress { percent: Some(40), queue_position: Some(3), ..Progress::default() };
        check(place, "\"percent\":40,\"queue_position\":3,\"elapsed_s\":5.0}");
    }

    fn made(facts: MediaFacts, seed: Option<i64>) -> Asset {
        let job = admitted();
        Asset {
            id: AssetId::at(0, &[2; 10]),
            number: job.number,
            path: "takes/a.mp4".into(),
            sha256: "00".into(),
            bytes: 9,
            mime: "video/mp4".into(),
            kind: MediaKind::Video,
            facts,
            unreadable: None,
            prompt: "a kite".into(),
            origin: Some(Origin {
                job: job.id,
                take: 1,
                provider: job.account.provider,
                model: job.brief.model,
                operation: job.brief.operation,
                prediction: PredictionId::new("p1"),
                source_url: "https://x.test/1.mp4".into(),
                seed,
                cost: Usd::from_micros(200_000),
                cost_basis: Basis::Quoted,
            }),
            parent: None,
            project: None,
            tags: vec![],
            rating: 0,
            favourite: false,
            verdict: None,
            reason: None,
            created: Timestamp::UNIX_EPOCH,
            trashed: None,
            metadata: Map::new(),
        }
    }

    #[test]
    fn a_take_line_has_just_its_fields() {
        let facts = MediaFacts {
            codec: Some("h264".into()),
            duration_ms: Some(5_000),
            fps_milli: Some(24_000),
            pixels: Some(Pixels { width: 1280, height: 720 }),
            has_audio: Some(false),
        };
        let asset = made(facts, Some(7));
        let ids = format!("\"job_id\":\"{}\",\"asset_id\":\"{}\"", admitted().id, asset.id);
        assert_eq!(
            take_line(&asset, Path::new("/d/takes/a.mp4")).to_string(),
            format!(
                "{{\"type\":\"take\",{ids},\"path\":\"/d/takes/a.mp4\",\"sha256\":\"00\",\
                 \"bytes\":9,\"mime\":\"video/mp4\",\"codec\":\"h264\",\"prompt\":\"a kite\",\
                 \"seed\":7,\"duration\":5.0,\"fps\":24.0,\"width\":1280,\"height\":720,\
                 \"resolution\":\"720p\",\"model_name\":\"house/model/text-to-video\",\
                 \"provider\":\"sandbox\",\"operation\":\"text-to-video\",\"cost\":\"0.20\",\
                 \"cost_basis\":\"quoted\",\"prediction_id\":\"p1\",\
                 \"source_video_url\":\"https://x.test/1.mp4\",\"metadata\":{{}}}}"
            )
        );
    }

    #[test]
    fn a_take_that_cannot_be_read_has_nulls_and_no_made_up_seed() {
        let asset = made(MediaFacts::default(), None);
        let line = take_line(&asset, Path::new("a"));
        for name in ["codec", "duration", "fps", "width", "height", "resolution"] {
            assert_eq!(line[name], Value::Null, "{name}");
        }
        assert!(line.get("seed").is_none());
        assert_eq!(super::asset(&asset, Path::new("a"))["seed"], Value::Null);
    }
}
