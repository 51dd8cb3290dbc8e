//! Tests of the client against a scripted server: submissions, results, history, bill, balance, prices.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::domain::text::printable;
use crate::domain::{Fingerprint, ProviderId};
use crate::provider::Status;
use crate::provider::abilities;
use crate::provider::scripted::{Reaction, Received, Server};

pub(super) const KEY: &str = "wsk_0123456789abcdef";
const MODEL: &str = "wavespeed-ai/hunyuan-video-1.5/text-to-video";

pub(super) fn client(url: &str) -> Wavespeed {
    let options = WavespeedOptions {
        account: Account {
            provider: ProviderId::Wavespeed,
            base_url: url.to_owned(),
            credential: Fingerprint::new("0123456789ab"),
        },
        request_base_url: url.to_owned(),
        key: ApiKey::read(KEY).expect("the test's key is fit"),
        abilities: abilities::of(ProviderId::Wavespeed, "").expect("there is a first level"),
    };
    let short = Duration::from_millis(300);
    let timeouts = Timeouts { submit: short, ask: short, stall: short, ..Timeouts::default() };
    Wavespeed::connect_within(options, timeouts).expect("the test's address is fit")
}

fn order() -> Order {
    let Value::Object(params) = json!({"prompt": "a red kite", "size": "1280*720", "seed": -1})
    else {
        unreachable!("it is an object")
    };
    Order { model: ModelId::new(MODEL), params }
}

fn record(status: &str) -> Value {
    json!({"id": "a1", "model": MODEL, "outputs": [], "status": status})
}

/// Submits once to a server that always reacts so; gives what came of it and what the server got.
async fn submit(
    react: impl Fn(&Received) -> Reaction + Send + Sync + 'static,
) -> (Result<Prediction, SubmitError>, Vec<Received>) {
    let server = Server::start(react).await;
    let result = client(&server.url).submit(&order()).await;
    (result, server.received())
}

#[tokio::test]
async fn a_submission_is_the_models_inputs_flat_with_the_key() {
    let (result, received) = submit(|_| Reaction::data(&record("created"))).await;
    let prediction = result.expect("it is accepted");
    assert_eq!((prediction.id.as_str(), prediction.status), ("a1", Status::Created));
    let [request] = &received[..] else { panic!("one request, not {received:?}") };
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", &*format!("/api/v3/{MODEL}"))
    );
    assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.json(), Value::Object(order().params));
}

#[tokio::test]
async fn whatever_comes_back_a_submission_is_sent_once() {
    let reactions: Vec<fn() -> Reaction> = vec![
        || Reaction::text(500, ""),
        || Reaction::text(503, ""),
        || Reaction::text(429, ""),
        || Reaction::text(408, ""),
        || Reaction::text(425, ""),
        || Reaction::redirect("/elsewhere"),
        || Reaction::Answer(307, vec![("Location", "/elsewhere".to_owned())], Vec::new()),
        || Reaction::Raw(Vec::new()),
        || Reaction::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"code\":200".to_vec()),
        || Reaction::Raw(b"HTTP/1.1 200".to_vec()),
        || Reaction::Raw(b"nonsense\r\n\r\n".to_vec()),
        || Reaction::HangUp,
        || Reaction::Stall(Vec::new()),
    ];
    for (at, reaction) in reactions.into_iter().enumerate() {
        let (result, received) = submit(move |_| reaction()).await;
        assert_eq!(received.len(), 1, "reaction {at}");
        let is_unknown = matches!(result, Err(SubmitError::Unanswered(_)));
        let is_limited = matches!(result, Err(SubmitError::RateLimited { .. }));
        assert!(is_unknown || (is_limited && at == 2), "reaction {at}: {result:?}");
    }
}

#[tokio::test]
async fn a_line_cut_after_the_request_is_unanswered() {
    let (result, _) = submit(|_| Reaction::HangUp).await;
    assert!(matches!(result, Err(SubmitError::Unanswered(_))), "{result:?}");
    let id = br#"{"code":200,"data":{"id":"a1","status":"created"}}"#;
    let cut = [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n".to_vec(), id.to_vec()].concat();
    let (result, _) = submit(move |_| Reaction::Raw(cut.clone())).await;
    let Err(SubmitError::Unanswered(why)) = result else { panic!("{result:?}") };
    assert!(why.starts_with("the answer was cut off"), "{why}");
}

#[tokio::test]
async fn a_slow_answer_is_unanswered() {
    let (result, _) = submit(|_| Reaction::Stall(Vec::new())).await;
    assert_eq!(result, Err(SubmitError::Unanswered("no answer in time".to_owned())));
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let result = client(&format!("http://{address}")).submit(&order()).await;
    let Err(SubmitError::NotSent(why)) = result else { panic!("{result:?}") };
    assert!(why.starts_with("no connection: "), "{why}");
}

#[tokio::test]
async fn a_failed_handshake_is_not_sent() {
    // The server speaks no TLS: it hangs up on the first bytes of the handshake, which are no request.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    let result = client(&format!("https://{address}")).submit(&order()).await;
    assert!(matches!(result, Err(SubmitError::NotSent(_))), "{result:?}");
}

#[tokio::test]
async fn every_submission_has_a_connection_of_its_own() {
    let server = Server::start(|_| Reaction::data(&record("created"))).await;
    let client = client(&server.url);
    for _ in 0..3 {
        client.submit(&order()).await.expect("it is accepted");
    }
    let connections: Vec<usize> =
        server.received().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0, 1, 2]);
}

#[tokio::test]
async fn the_table_is_used_as_it_stands() {
    let credits = json!({"code": 400, "message": "Insufficient credits. Please top up."});
    let (result, _) = submit(move |_| Reaction::json(400, &credits)).await;
    assert!(matches!(result, Err(SubmitError::QueueStopped { status: 400, .. })), "{result:?}");
    let limited = || Reaction::Answer(429, vec![("Retry-After", "7".to_owned())], Vec::new());
    let (result, _) = submit(move |_| limited()).await;
    let Err(SubmitError::RateLimited { retry_after, .. }) = result else { panic!("{result:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));
    let (result, _) = submit(|_| Reaction::text(404, "404 page not found")).await;
    assert!(matches!(result, Err(SubmitError::Refused { status: 404, .. })), "{result:?}");
}

#[tokio::test]
async fn an_answer_that_holds_the_key_is_shown_without_it() {
    let echo = json!({"code": 401, "message": format!("unknown key {KEY} (Bearer {KEY})")});
    let (result, _) = submit(move |_| Reaction::json(401, &echo)).await;
    let Err(SubmitError::QueueStopped { message, .. }) = result else { panic!("{result:?}") };
    assert_eq!(message, "unknown key *** (Bearer ***)");
    assert_eq!(printable(&message), message);
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let endless = vec![b' '; USUAL_BODY + 1];
    let (result, _) =
        submit(move |_| Reaction::text(200, std::str::from_utf8(&endless).expect("blanks"))).await;
    let Err(SubmitError::Unanswered(why)) = result else { panic!("{result:?}") };
    assert!(why.starts_with("an answer of more than"), "{why}");
}

/// Asks for the result at a server that always reacts so.
async fn result(
    react: impl Fn(&Received) -> Reaction + Send + Sync + 'static,
) -> (Result<Prediction, AskError>, Vec<Received>) {
    let server = Server::start(react).await;
    let answer = client(&server.url).result(&PredictionId::new("a1")).await;
    (answer, server.received())
}

#[tokio::test]
async fn a_result_is_one_question() {
    let done = json!({"id": "a1", "status": "completed", "outputs": ["https://x/1.mp4"]});
    let (answer, received) = result(move |_| Reaction::data(&done)).await;
    let prediction = answer.expect("it is answered");
    assert_eq!((prediction.status, prediction.outputs.len()), (Status::Completed, 1));
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].path, "/api/v3/predictions/a1/result");
}

#[tokio::test]
async fn a_question_that_goes_wrong_ends_nothing() {
    let refused =
        |answer: &Result<Prediction, AskError>| matches!(answer, Err(AskError::Refused { .. }));
    for status in [400, 401, 403, 404] {
        let (answer, received) = result(move |_| Reaction::text(status, "no")).await;
        assert!(refused(&answer) && received.len() == 1, "{status}: {answer:?}");
    }
    for status in [302, 408, 425, 429, 500, 502, 503] {
        let (answer, received) = result(move |_| Reaction::text(status, "no")).await;
        assert!(matches!(answer, Err(AskError::Unreachable { .. })), "{status}: {answer:?}");
        assert_eq!(received.len(), 1, "{status}");
    }
    let (answer, _) =
        result(|_| Reaction::json(200, &json!({"code": 404, "message": "gone"}))).await;
    assert_eq!(answer, Err(AskError::Refused { status: 404, message: "gone".to_owned() }));
    for reaction in
        [|| Reaction::HangUp, || Reaction::Stall(Vec::new()), || Reaction::text(200, "<html>")]
    {
        let (answer, _) = result(move |_| reaction()).await;
        assert!(matches!(answer, Err(AskError::Unreachable { .. })), "{answer:?}");
    }
    let other = json!({"id": "b2", "status": "completed"});
    let (answer, _) = result(move |_| Reaction::data(&other)).await;
    assert!(matches!(answer, Err(AskError::Unreachable { .. })), "{answer:?}");
    let (answer, _) =
        result(|_| Reaction::Answer(429, vec![("Retry-After", "9".to_owned())], Vec::new())).await;
    let Err(AskError::Unreachable { retry_after, .. }) = answer else { panic!("{answer:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(9)));
}

#[tokio::test]
async fn a_question_is_asked_at_no_other_address() {
    let other = Server::start(|_| Reaction::data(&record("completed"))).await;
    let to = format!("{}/api/v3/predictions/a1/result", other.url);
    let (answer, _) = result(move |_| Reaction::redirect(&to)).await;
    assert!(matches!(answer, Err(AskError::Unreachable { .. })), "{answer:?}");
    assert!(other.received().is_empty(), "the key went along a redirect");
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("it is a time")
}

#[tokio::test]
async fn history_is_read_to_its_end_newest_first() {
    let server = Server::start(|request| {
        let page = request.json()["page"].as_u64().expect("it asks for a page");
        let item = |n: u64, model: &str| {
            let minute = n / 60;
            let created = format!("2026-08-21T10:{minute:02}:{:02}Z", n % 60);
            json!({"id": format!("p{n}"), "model": model, "status": "completed", "created_at": created,
                "outputs": null, "inputs": {"prompt": "kite"}})
        };
        let items: Vec<Value> = match page {
            1 => (0..100).map(|n| item(n, MODEL)).collect(),
            2 => vec![item(99, MODEL), item(100, MODEL), item(101, "other/model"), json!({"id": null})],
            _ => panic!("it asks for page {page}"),
        };
        Reaction::data(&json!({"page": page, "items": items}))
    })
    .await;
    let (after, before) = (at("2026-08-21T10:00:10Z"), at("2026-08-21T11:00:00Z"));
    let found = client(&server.url).history(&ModelId::new(MODEL), after, before).await;
    let found = found.expect("it is answered");
    let ids: Vec<&str> = found.iter().map(|past| past.prediction.id.as_str()).collect();
    assert_eq!((ids.len(), ids[0], ids[90]), (91, "p100", "p10"));
    assert_eq!(
        found[0].inputs.as_ref().and_then(|inputs| inputs.get("prompt")),
        Some(&json!("kite"))
    );
    let asked = server.received();
    assert_eq!(asked.len(), 2);
    let expected = json!({"page": 1, "page_size": 100, "model": MODEL,
        "created_after": "2026-08-21T10:00:10Z", "created_before": "2026-08-21T11:00:00Z"});
    assert_eq!(asked[0].json(), expected);
}

#[tokio::test]
async fn history_stops_where_it_gets_too_old() {
    let server = Server::start(|_| {
        let item = |n| {
            json!({"id": format!("p{n}"), "model": MODEL, "status": "completed",
            "created_at": "2026-08-20T00:00:00Z"})
        };
        Reaction::data(&json!({"items": (0..100).map(item).collect::<Vec<_>>()}))
    })
    .await;
    let (after, before) = (at("2026-08-21T10:00:00Z"), at("2026-08-21T11:00:00Z"));
    let found = client(&server.url).history(&ModelId::new(MODEL), after, before).await;
    assert_eq!(found, Ok(Vec::new()));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn the_bill_is_read_to_its_end_or_to_the_page_that_fails() {
    let server = Server::start(|request| {
        let asked = request.json();
        let page = asked["page"].as_u64().expect("it asks for a page");
        let line = |uuid: &str, kind: &str, prediction: &str| {
            json!({"uuid": uuid, "billing_type": kind, "price": 0.5, "created_at": "2026-08-21T10:00:00Z",
                "prediction": {"uuid": prediction, "model_uuid": MODEL}})
        };
        let items = match page {
            1 => vec![line("u1", "deduct", "a1"), line("u2", "deduct", "stranger")],
            2 => vec![
                line("u1", "deduct", "a1"), line("u3", "refund", "a1"), line("u4", "recharge", "a1"),
                json!({"uuid": "u5", "billing_type": "deduct", "price": "much"}),
            ],
            _ => return Reaction::text(503, "busy"),
        };
        let is_long = asked["start_time"] == json!("2026-08-20T00:00:00Z");
        Reaction::data(&json!({"page": page, "has_more": page < 2 || is_long, "items": items}))
    })
    .await;
    let since = |day: &str| BillingQuery { since: Some(at(day)), until: None };
    let client = client(&server.url);
    let bill = client.billings(&since("2026-08-21T00:00:00Z")).await.expect("it is answered");
    let read = |bill: &Bill| -> Vec<(String, bool)> {
        bill.lines.iter().map(|line| (line.id.clone(), line.is_refund)).collect()
    };
    let expected = [("u1".into(), false), ("u2".into(), false), ("u3".into(), true)];
    assert_eq!(read(&bill), expected);
    assert_eq!((bill.unreadable, bill.missing), (1, None));
    let asked = server.received();
    assert_eq!((asked.len(), asked[0].path.as_str()), (2, "/api/v3/billings/search"));
    assert_eq!(asked[0].json()["start_time"], json!("2026-08-21T00:00:00Z"));

    let bill = client.billings(&since("2026-08-20T00:00:00Z")).await.expect("two pages are");
    assert_eq!(read(&bill), expected);
    assert!(matches!(bill.missing, Some(AskError::Unreachable { .. })), "{:?}", bill.missing);
}

#[tokio::test]
async fn what_was_used_is_added_up_month_by_month() {
    let server = Server::start(|request| {
        assert_eq!(request.path, "/api/v3/user/usage_stats");
        Reaction::data(&json!({"summary": {"total_cost": 0.1, "total_requests": 2}}))
    })
    .await;
    let (since, until) = (at("2026-06-01T00:00:00Z"), at("2026-08-01T00:00:00Z"));
    let sum = client(&server.url).usage_stats(since, until).await;
    assert_eq!(sum, Ok(UsageStats { total: Usd::from_micros(200_000), runs: 4 }));
    let asked: Vec<_> = server.received().iter().map(Received::json).collect();
    assert_eq!(asked[0]["end_time"], asked[1]["start_time"]);
    assert_eq!(asked[1]["end_time"], json!("2026-08-01T00:00:00Z"));
}

#[tokio::test]
async fn balance_quote_and_models_are_read() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v3/balance" => Reaction::data(&json!({"balance": 12.34})),
        "/api/v3/model/price" => Reaction::data(&json!({"price": 0.2, "discounted_price": 0.18})),
        "/api/v3/models" => Reaction::data(&json!([{"model_id": MODEL}])),
        _ => Reaction::text(404, "404 page not found"),
    })
    .await;
    let client = client(&server.url);
    assert_eq!(client.balance().await, Ok(Some(Usd::from_micros(12_340_000))));
    assert_eq!(client.quote(&order()).await, Ok(Usd::from_micros(180_000)));
    assert_eq!(client.models().await, Ok(json!([{"model_id": MODEL}])));
    let asked = server.received();
    assert_eq!(asked[1].json(), json!({"model_id": MODEL, "inputs": order().params}));
    let cancel = client.cancel(&PredictionId::new("a1")).await;
    assert_eq!(cancel, Err(AskError::NotOffered("cancelling a run")));
    assert_eq!(server.received().len(), 3, "a cancel that is not offered is not sent");
}

#[tokio::test]
async fn an_older_server_is_asked_for_a_price_by_the_older_name() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v3/model/pricing" => Reaction::data(&json!({"unit_price": 0.45, "currency": "USD"})),
        _ => Reaction::text(404, "404 page not found"),
    })
    .await;
    assert_eq!(client(&server.url).quote(&order()).await, Ok(Usd::from_micros(450_000)));
}

#[test]
fn an_address_that_is_none_is_refused() {
    let connect = |url: &str| {
        Http::new(url, Scheme::Bearer, &ApiKey::read("k").expect("it is fit"), Timeouts::default())
    };
    for url in ["", "sandbox", "ftp://x", "http://", "data:x"] {
        assert!(connect(url).is_err(), "{url:?} was taken for an address");
    }
    let below = connect("https://proxy.example/wave/").map(|http| http.url(["models"]).to_string());
    assert_eq!(below.ok().as_deref(), Some("https://proxy.example/wave/api/v3/models"));
}
