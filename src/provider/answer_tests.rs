//! The rules' table, row by row.

use super::*;

const NOW: &str = "2026-08-21T10:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("it is a time")
}

/// Reads `{"id": …}` alone: what a provider's own record looks like is tested beside it.
fn id(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.get("id")?.as_str()?.to_owned())
}

fn answered(status: u16, retry_after: Option<&str>, body: &str) -> Result<String, SubmitError> {
    let body = body.as_bytes();
    judge(
        Outcome::Answered(Answer { status, retry_after, stated: None, body, cut: None }),
        now(),
        id,
    )
}

#[track_caller]
fn check(status: u16, body: &str, expected: Result<&str, SubmitError>) {
    assert_eq!(answered(status, None, body), expected.map(str::to_owned), "{status} {body}");
}

fn refused(status: u16, message: &str) -> Result<&'static str, SubmitError> {
    Err(SubmitError::Refused { status, message: message.to_owned() })
}

fn stopped(status: u16, message: &str) -> Result<&'static str, SubmitError> {
    Err(SubmitError::QueueStopped { status, message: message.to_owned() })
}

fn unknown(message: &str) -> Result<&'static str, SubmitError> {
    Err(SubmitError::Unanswered(message.to_owned()))
}

#[test]
fn a_readable_id_is_an_acceptance() {
    check(200, r#"{"id":"a1"}"#, Ok("a1"));
    check(201, r#"{"id":"a1","code":500}"#, Ok("a1"));
}

#[test]
fn a_success_without_an_id_is_unknown() {
    check(200, "", unknown("an answer 200 without an id: without a word"));
    check(200, "{}", unknown("an answer 200 without an id: without a message"));
    check(200, "<html>ok</html>", unknown("an answer 200 without an id: a web page"));
    check(200, r#"{"id":7"#, unknown("an answer 200 without an id: {\"id\":7"));
    check(204, "", unknown("an answer 204 without an id: without a word"));
    check(
        200,
        r#"{"code":400,"message":"bad size"}"#,
        unknown("an answer 200 without an id: bad size"),
    );
    check(
        200,
        r#"{"code":401,"message":"who are you"}"#,
        unknown("an answer 200 without an id: who are you"),
    );
}

#[test]
fn a_refusal_carries_the_providers_own_words() {
    check(400, r#"{"code":400,"message":"size is wrong"}"#, refused(400, "size is wrong"));
    let role = r#"{"message":"no","error_code":"role"}"#;
    check(403, role, refused(403, "no [role]"));
    check(404, "404 page not found", refused(404, "404 page not found"));
    check(413, "<html>", refused(413, "a web page"));
    check(422, r#"{"error":{"message":"nested"}}"#, refused(422, "nested"));
    check(499, "", refused(499, "without a word"));
}

#[test]
fn a_refused_key_or_used_up_credit_stops_the_queue() {
    check(401, r#"{"code":401,"message":"invalid key"}"#, stopped(401, "invalid key"));
    check(402, "", stopped(402, "without a word"));
    let body = r#"{"code":400,"message":"Insufficient credits. Please top up."}"#;
    check(400, body, stopped(400, "Insufficient credits. Please top up."));
    check(403, r#"{"message":"insufficient BALANCE"}"#, stopped(403, "insufficient BALANCE"));
    let card = r#"{"message":"a credit card may not be shown"}"#;
    check(400, card, refused(400, "a credit card may not be shown"));
}

#[test]
fn everything_else_is_unknown() {
    for status in [301, 302, 307, 308, 408, 425, 500, 502, 503, 504, 524, 599, 100, 999] {
        check(status, r#"{"message":"x"}"#, unknown(&format!("an answer {status}: x")));
    }
    // Not even with an id in it: a gateway's page of yesterday may hold one.
    check(500, r#"{"id":"a1"}"#, unknown("an answer 500: without a message"));
}

#[test]
fn a_line_is_only_harmless_before_it_was_made() {
    let judged = |outcome| judge(outcome, now(), id);
    let refused = judged(Outcome::NeverConnected("connection refused"));
    assert_eq!(refused, Err(SubmitError::NotSent("connection refused".to_owned())));
    let silent = judged(Outcome::Silent("reset\u{1b}[2J"));
    assert_eq!(silent, Err(SubmitError::Unanswered("reset[2J".to_owned())));
    let cut = |status| Answer {
        status,
        retry_after: None,
        stated: None,
        body: br#"{"id":"a1"}"#,
        cut: Some("cut"),
    };
    assert_eq!(judged(Outcome::Answered(cut(200))), Err(SubmitError::Unanswered("cut".to_owned())));
    let known = judged(Outcome::Answered(cut(400)));
    assert!(matches!(known, Err(SubmitError::Refused { status: 400, .. })), "the status is enough");
}

#[test]
fn a_rate_limit_says_how_long() {
    let check = |header: Option<&str>, seconds: Option<u64>| {
        let expected = SubmitError::RateLimited {
            retry_after: seconds.map(Duration::from_secs),
            message: "slow down".to_owned(),
        };
        assert_eq!(
            answered(429, header, r#"{"message":"slow down"}"#),
            Err(expected),
            "{header:?}"
        );
    };
    check(None, None);
    check(Some("7"), Some(7));
    check(Some(" 0 "), Some(0));
    check(Some("Fri, 21 Aug 2026 10:01:30 GMT"), Some(90));
    check(Some("Fri, 21 Aug 2026 09:00:00 GMT"), Some(0));
    check(Some("99999999999999999999999"), Some(86_400));
    check(Some("Fri, 21 Aug 2099 10:00:00 GMT"), Some(86_400));
    check(Some("soon"), None);
    check(Some("-5"), None);
    check(Some(""), None);
}

#[test]
fn words_are_short_printable_and_without_signatures() {
    let check = |body: &str, expected: &str| {
        let answer = Answer {
            status: 400,
            retry_after: None,
            stated: None,
            body: body.as_bytes(),
            cut: None,
        };
        assert_eq!(words(&answer), expected);
    };
    check("{\"message\":\"a\\u001b[31mb\\nc\"}", "a[31mb c");
    check(
        r#"{"message":"cannot fetch https://x/a.png?X-Signature=secret now"}"#,
        "cannot fetch https://x/a.png?… now",
    );
    check(&"ż".repeat(400), &format!("{}…", "ż".repeat(300)));
    check(r#"{"detail":"d"}"#, "d");
    check("[1]", "without a message");
}
