//! Tests of the provider's formulas: what they look at, and what no sane formula does.

use serde_json::json;

use super::super::{Listing, ModelSpec};
use super::*;

/// A model with one formula, of our own making.
fn model(formula: &str) -> ModelSpec {
    let entry = json!([{
        "model_id": "a/b", "base_price": 0.25, "formula": formula, "type": "video-to-video",
        "api_schema": {"api_schemas": [{"type": "model_run", "request_schema": {
            "required": ["video"],
            "properties": {
                "video": {"type": "string"},
                "images": {"type": "array", "items": {"type": "string"}},
                "audio": {"type": "string"},
                "duration": {"type": "integer", "default": 5},
                "sound": {"type": "boolean", "default": true},
                "prompt": {"type": "string"},
            },
        }}]},
    }]);
    let day = "2026-03-13".parse().expect("a day");
    let mut listing = Listing::read(&entry.to_string(), day).expect("it is a list");
    listing.models.pop().expect("it is usable")
}

#[track_caller]
fn check(formula: &str, given: Value, measured: &Measured, micros: i64, is_floor: bool) {
    let Value::Object(given) = given else { panic!("the test gives an object") };
    let estimate = model(formula).estimate(&given, measured).expect("it has a base price");
    assert_eq!(
        (estimate.high.micros(), estimate.floor),
        (micros, is_floor),
        "{}",
        estimate.finding
    );
}

fn seven_seconds() -> Measured {
    Measured::default().lasting("video", 7_250)
}

#[test]
fn the_lengths_of_files_and_the_defaults_are_known_to_it() {
    let by_length =
        r#"{"total_price": $max([5, $number(get_duration_v2(video))]) * base_price / 5}"#;
    check(by_length, json!({}), &seven_seconds(), 362_500, false);
    let by_both = r#"{"total_price": base_price * $number(duration) / 5 * (sound ? 2 : 1)}"#;
    check(by_both, json!({}), &seven_seconds(), 500_000, false);
    check(by_both, json!({"sound": false, "duration": 10}), &seven_seconds(), 500_000, false);
    let newer = r#"{"total_price": $ceil(get_duration_v3 (video)) * base_price}"#;
    check(newer, json!({}), &seven_seconds(), 2_000_000, false);
}

#[test]
fn a_file_that_nobody_measured_gives_a_floor() {
    let by_length =
        r#"{"total_price": $max([5, $number(get_duration_v2(video))]) * base_price / 5}"#;
    check(by_length, json!({}), &Measured::default(), 250_000, true);
    check(by_length, json!({}), &Measured::default().unmeasured("video"), 250_000, true);
    check(by_length, json!({"video": "https://x/a.mp4"}), &Measured::default(), 250_000, true);
    let optional = r#"{"total_price": $max([5, get_duration(audio)]) * base_price / 5}"#;
    check(optional, json!({}), &seven_seconds(), 250_000, false);
}

#[test]
fn an_absent_an_empty_and_a_given_input_differ() {
    let formula = r#"{"total_price": base_price * (audio = "" ? 1 : audio ? 2 : 3)}"#;
    check(formula, json!({"audio": ""}), &seven_seconds(), 250_000, false);
    check(formula, json!({}), &seven_seconds(), 750_000, false);
    check(formula, json!({"audio": "https://x"}), &seven_seconds(), 500_000, false);
    let counted = r#"{"total_price": base_price * $count(images)}"#;
    let two = seven_seconds().unmeasured("images").unmeasured("images");
    check(counted, json!({}), &two, 500_000, false);
    check(counted, json!({"images": ["https://x", "https://y"]}), &seven_seconds(), 500_000, false);
}

#[test]
fn what_is_no_sane_price_is_at_least_the_base_price() {
    for formula in [
        r#"{"total_price": base_price * num_images}"#,
        r#"{"total_price": 0}"#,
        r#"{"total_price": -5}"#,
        r#"{"total_price": "five"}"#,
        r#"{"total_price": 1/0}"#,
        r#"{"price": 5}"#,
        "base_price",
        "{{{",
        "$unknown(5)",
        "($f := function($n){ $f($n + 1) }; {\"total_price\": $f(0)})",
        "{\"total_price\": $sum([1..100000000])}",
    ] {
        check(formula, json!({}), &seven_seconds(), 250_000, true);
    }
}

#[test]
fn a_price_is_rounded_half_up_to_a_micro_dollar() {
    check("{\"total_price\": 59999.94}", json!({}), &seven_seconds(), 60_000, false);
    check("{\"total_price\": 0.5}", json!({}), &seven_seconds(), 1, false);
}

#[test]
fn only_the_call_is_rewritten() {
    let check = |text: &str, expected: &str| assert_eq!(in_jsonata(text), expected);
    check("get_duration_v2(video)", "$media_seconds(video)");
    check("$get_duration(video)", "$media_seconds(video)");
    check("a+get_duration_v3 (b)", "a+$media_seconds (b)");
    check("my_get_duration(a) get_duration_v2", "my_get_duration(a) get_duration_v2");
    check("", "");
}
