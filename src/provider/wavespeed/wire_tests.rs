//! Every shape that `WaveSpeed`'s answers were seen in.

use serde_json::json;

use super::*;

fn record(changes: Value) -> Value {
    let mut record = json!({
        "id": "0123456789abcdef0123456789abcdef", "model": "a/b", "outputs": [], "status": "created",
        "urls": {"get": "https://api.wavespeed.ai/api/v3/predictions/0123/result"},
        "has_nsfw_contents": [], "created_at": "2026-03-13T06:09:15.948268264Z", "error": "",
        "executionTime": 0, "timings": {"inference": 0},
    });
    let (Value::Object(fields), Value::Object(changes)) = (&mut record, changes) else {
        panic!("both are objects")
    };
    fields.extend(changes);
    record
}

fn read(changes: Value) -> Prediction {
    prediction(&record(changes)).expect("it has an id")
}

fn outputs_of(outputs: &Value) -> Vec<String> {
    read(json!({"outputs": outputs})).outputs.into_iter().map(|output| output.0).collect()
}

#[test]
fn every_status_has_a_meaning() {
    let check = |word: &str, expected: Status| {
        assert_eq!(read(json!({"status": word})).status, expected, "{word}");
    };
    let failed = |message: &str| Status::Failed {
        code: None,
        message: message.to_owned(),
        moderated: false,
    };
    check("created", Status::Created);
    check("pending", Status::Created);
    check("processing", Status::Processing);
    check("Completed", Status::Completed);
    check("failed", failed("the provider gives no reason"));
    check("timeout", failed("it took the provider too long"));
    check("deleted", failed("it was deleted at the provider"));
    check("cancelled", Status::Cancelled { message: "the provider stopped it".to_owned() });
    check("thinking\u{1b}[2J", Status::Unknown("thinking[2j".to_owned()));
    assert_eq!(read(json!({"status": null})).status, Status::Unknown(String::new()));
}

#[test]
fn a_failure_carries_its_code_and_words() {
    let check = |changes: Value, code: Option<i64>, message: &str, moderated: bool| {
        let expected = Status::Failed { code, message: message.to_owned(), moderated };
        assert_eq!(read(changes).status, expected);
    };
    let error = "content flagged\u{202e} by moderation";
    check(
        json!({"status": "failed", "code": 1200, "error": error}),
        Some(1200),
        "content flagged by moderation",
        true,
    );
    check(json!({"status": "failed", "code": 1403, "error": "x"}), Some(1403), "x", false);
    check(json!({"status": "failed", "code": 0, "error": {"message": "y"}}), None, "y", false);
    check(
        json!({"status": "failed", "error": null, "has_nsfw_contents": [false, true]}),
        None,
        "the provider gives no reason",
        true,
    );
    check(
        json!({"status": "failed", "has_nsfw_contents": null}),
        None,
        "the provider gives no reason",
        false,
    );
}

#[test]
fn outputs_come_in_every_shape() {
    let check = |outputs: Value, expected: &[&str]| assert_eq!(outputs_of(&outputs), expected);
    check(json!(null), &[]);
    check(json!([]), &[]);
    check(json!(["https://x/1.mp4?sig=a"]), &["https://x/1.mp4?sig=a"]);
    check(json!("https://x/1.mp4"), &["https://x/1.mp4"]);
    check(json!([{"url": "https://x/1.mp4", "type": "video"}]), &["https://x/1.mp4"]);
    check(json!([null, "", "http://127.0.0.1:1/1.mp4"]), &["http://127.0.0.1:1/1.mp4"]);
    check(json!(["a red kite"]), &["data:text/plain;charset=utf-8,a red kite"]);
    check(json!([{"score": 1}]), &["data:application/json;charset=utf-8,%7B%22score%22%3A1%7D"]);
    let base64 = format!("AAAAIGZ0eXBpc29t{}", "A".repeat(60));
    check(json!([base64]), &[&format!("data:application/octet-stream;base64,{base64}")]);
}

#[test]
fn an_id_must_be_usable() {
    let check = |id: Value, expected: Option<&str>| {
        let read = prediction(&record(json!({"id": id})));
        assert_eq!(read.map(|prediction| prediction.id.0).as_deref(), expected);
    };
    check(json!("a1"), Some("a1"));
    check(json!(17), Some("17"));
    for wrong in
        [json!(""), json!(null), json!("a b"), json!("ż"), json!("a\n"), json!(".."), json!({})]
    {
        check(wrong, None);
    }
    check(json!("a".repeat(129)), None);
}

#[test]
fn an_acceptance_is_read_in_an_envelope_or_bare() {
    let check = |body: &str, expected: Option<&str>| {
        let read = accepted(body.as_bytes());
        assert_eq!(read.map(|prediction| prediction.id.0).as_deref(), expected, "{body}");
    };
    check(r#"{"code":200,"message":"success","data":{"id":"a1","status":"created"}}"#, Some("a1"));
    check(r#"{"code":500,"data":{"id":"a1"}}"#, Some("a1"));
    check(r#"{"id":"a1","status":"created"}"#, Some("a1"));
    check(r#"{"id":"request-1","error":"x"}"#, None);
    check(r#"{"code":200,"data":null}"#, None);
    check(r#"{"code":200,"data":{"id":""}}"#, None);
    check("<html>", None);
    check("[]", None);
}

#[test]
fn an_envelope_is_good_only_with_code_200() {
    assert_eq!(data(br#"{"code":200,"data":[1]}"#), Ok(json!([1])));
    assert_eq!(data(br#"{"code":200}"#), Ok(Value::Null));
    assert_eq!(data(br#"{"code":404,"message":"gone"}"#), Err((Some(404), "gone".to_owned())));
    assert_eq!(data(br#"{"data":[]}"#), Err((None, "the answer is no envelope".to_owned())));
    assert_eq!(data(b"404 page not found"), Err((None, "the answer is no JSON object".to_owned())));
}

#[test]
fn a_past_prediction_tells_what_it_was_given() {
    let past_of = |changes| past(&record(changes)).expect("it is a record");
    let given = past_of(json!({"input": {"prompt": "kite"}}));
    assert_eq!(given.inputs.map(Value::Object), Some(json!({"prompt": "kite"})));
    assert_eq!(given.created, "2026-03-13T06:09:15.948268264Z".parse().ok());
    let other = past_of(json!({"inputs": {"prompt": "kite"}, "created_at": null}));
    assert!(other.inputs.is_some() && other.created.is_none());
    assert_eq!(past_of(json!({})).inputs, None);
    assert_eq!(past(&json!({"id": "a1"})), None);
}

#[test]
fn a_bill_has_charges_and_refunds_alone() {
    let item = |kind: &str, price: Value| {
        json!({"uuid": "u1", "billing_type": kind, "price": price, "created_at": "2026-03-13T06:09:15Z",
            "prediction": {"uuid": "a1", "model_uuid": "a/b", "status": "completed"}})
    };
    let line = billing_line(&item("deduct", json!(0.5))).expect("it is a charge");
    assert_eq!((line.amount, line.is_refund), (Usd::from_micros(500_000), false));
    assert_eq!(
        (line.prediction, line.model),
        (Some(PredictionId::new("a1")), Some(ModelId::new("a/b")))
    );
    let back = billing_line(&item("refund", json!(-0.5))).expect("it is a refund");
    assert_eq!((back.amount, back.is_refund), (Usd::from_micros(500_000), true));
    assert_eq!(billing_line(&item("recharge", json!(10))), None);
    assert_eq!(billing_line(&item("deduct", json!(null))), None);
}

#[test]
fn amounts_are_rounded_to_micro_dollars() {
    let check = |value: Value, micros: Option<i64>| {
        assert_eq!(usd(&value), micros.map(Usd::from_micros), "{value}");
    };
    check(json!(12.34), Some(12_340_000));
    check(json!(7), Some(7_000_000));
    check(json!(0.059_999_9), Some(60_000));
    check(json!(0.000_000_4), Some(0));
    check(json!(0.1 + 0.2), Some(300_000));
    check(json!(0.000_000_5), Some(1));
    check(json!("0.0000005"), Some(1));
    check(json!("0.0000004999999999"), Some(0));
    check(json!("1.2345674"), Some(1_234_567));
    check(json!("-1.2345675"), Some(-1_234_568));
    check(json!(1e-7), Some(0));
    check(json!("1.25e-1"), Some(125_000));
    check(json!("$0.50"), Some(500_000));
    check(json!("1e99"), None);
    check(json!("."), None);
    check(json!(""), None);
    check(json!("0.048"), Some(48_000));
    check(json!("lots"), None);
    check(json!(null), None);
}

#[test]
fn a_quote_is_what_is_taken() {
    let check = |data: Value, micros: Option<i64>| {
        assert_eq!(quote(&data), micros.map(Usd::from_micros), "{data}");
    };
    check(json!({"price": 0.2}), Some(200_000));
    check(json!({"price": 0.2, "discounted_price": 0.15}), Some(150_000));
    check(json!({"price": 0.2, "discounted_price": 0}), Some(200_000));
    check(json!({"unit_price": 0.45, "currency": "USD"}), Some(450_000));
    check(json!({}), None);
}

#[test]
fn what_is_said_besides_is_kept_plain_and_small() {
    let said = json!({"sandbox": {"note": "silent\u{1b}[31m", "list": ["a\u{7}b"]}});
    let kept = read(json!({"metadata": said})).metadata;
    assert_eq!(kept["sandbox"]["list"], json!(["ab"]));
    assert!(!kept["sandbox"]["note"].as_str().unwrap().contains('\u{1b}'));
    assert!(read(json!({"metadata": "text"})).metadata.is_empty());
    assert!(read(json!({"metadata": {"long": "x".repeat(20_000)}})).metadata.is_empty());
    assert!(read(json!({})).metadata.is_empty());
}
