//! Tests of the price language, over every shape that the provider's formulas take.

use serde_json::json;

use super::*;
use crate::catalog::file;
use crate::catalog::spec::Origin;

/// Every key that the rules below name.
const KEYS: &str = r#"
id = "a/b"
name = "B"
providers = ["wavespeed"]
operation = "other"
about = "For tests."
source = "a test"
checked = "2026-03-13"
output = "video"
params = [
    { key = "duration", kind = "choice", of = [4, 5, 8] },
    { key = "resolution", kind = "choice", of = ["480p", "720p"], default = "480p" },
    { key = "sound", kind = "switch", default = true },
    { key = "num_samples", kind = "integer", min = 2, max = 4, default = 2 },
]
inputs = [
    { key = "video", kind = "video" },
    { key = "audio", kind = "audio", required = true },
    { key = "left", kind = "audio", required = true },
    { key = "right", kind = "audio", required = true },
]
"#;

fn estimate(price: &str, params: Value, measured: &Measured) -> Option<Estimate> {
    let spec = file::read("test.toml", &format!("{KEYS}\n{price}"), Origin::User)
        .expect("the test's file is right");
    let Value::Object(params) = params else { panic!("the test gives an object") };
    spec.estimate(&params, measured)
}

#[track_caller]
fn check(price: &str, params: Value, measured: &Measured, usd: &str) {
    let estimate = estimate(price, params, measured).expect("the test's price is known");
    assert_eq!(estimate.high.decimal(), usd, "{}", estimate.finding);
    assert!(!estimate.floor, "{}", estimate.finding);
}

fn measured(lengths: &[(&str, u64)]) -> Measured {
    lengths.iter().fold(Measured::default(), |all, (key, ms)| all.lasting(*key, *ms))
}

#[test]
fn a_flat_price_needs_nothing() {
    check("[price]\nrules = [{ usd = \"0.05\" }]", json!({}), &Measured::default(), "0.05");
}

#[test]
fn seconds_of_a_parameter_count_by_the_first_matching_rule() {
    let price = r#"
        [price]
        per = "second"
        length = [{ of = "duration" }]
        rules = [{ when = { resolution = "720p" }, usd = "0.04" }, { usd = "0.02" }]"#;
    check(price, json!({"duration": 5}), &Measured::default(), "0.10");
    check(price, json!({"duration": 8, "resolution": "720p"}), &Measured::default(), "0.32");
}

#[test]
fn the_length_of_an_input_is_held_between_its_limits() {
    let price = r#"
        [price]
        per = "second"
        length = [{ of = "audio", at_least = "5", at_most = "600" }]
        rules = [{ when = { resolution = "720p" }, usd = "0.06" }, { usd = "0.03" }]"#;
    check(price, json!({}), &measured(&[("audio", 60_000)]), "1.80");
    check(price, json!({}), &measured(&[("audio", 1_000)]), "0.15");
    check(price, json!({"resolution": "720p"}), &measured(&[("audio", 700_000)]), "36.00");
    check(price, json!({}), &measured(&[("audio", 7_250)]), "0.2175");
}

#[test]
fn two_lengths_are_added_or_the_longer_one_counts() {
    let price = r#"
        [price]
        per = "second"
        length = [{ of = "left" }, { of = "right" }]
        at_least = "5"
        at_most = "600"
        rules = [{ when = { sound = true }, usd = "0.03", combine = "longest" }, { usd = "0.03" }]"#;
    let lengths = measured(&[("left", 6_000), ("right", 4_000)]);
    check(price, json!({}), &lengths, "0.18");
    check(price, json!({"sound": false}), &lengths, "0.30");
    // The limits hold the sum, or the longer one, and not each of them.
    let seconds = |left, right| measured(&[("left", left), ("right", right)]);
    check(price, json!({"sound": false}), &seconds(1_000, 2_000), "0.15");
    check(price, json!({}), &seconds(1_000, 2_000), "0.15");
    check(price, json!({"sound": false}), &seconds(400_000, 300_000), "18.00");
    check(price, json!({"sound": false}), &seconds(4_000, 3_000), "0.21");
}

#[test]
fn started_blocks_and_started_seconds_count_whole() {
    let blocks = r#"
        [price]
        per = "block"
        block = "5"
        length = [{ of = "audio" }]
        rules = [{ usd = "0.15" }]"#;
    check(blocks, json!({}), &measured(&[("audio", 5_000)]), "0.15");
    check(blocks, json!({}), &measured(&[("audio", 5_001)]), "0.30");
    let seconds = r#"
        [price]
        per = "second"
        length = [{ of = "audio", started = true, at_least = "2", at_most = "15" }, { of = "duration", plus = "5" }]
        rules = [{ usd = "0.10" }]"#;
    check(seconds, json!({"duration": 5}), &measured(&[("audio", 2_100)]), "1.30");
}

#[test]
fn only_full_seconds_may_count() {
    let price = r#"
        [price]
        per = "second"
        length = [{ of = "audio", full = true, at_least = "5" }]
        rules = [{ usd = "0.02" }]"#;
    check(price, json!({}), &measured(&[("audio", 7_999)]), "0.14");
    check(price, json!({}), &measured(&[("audio", 1_500)]), "0.10");
}

#[test]
fn a_doubt_belongs_to_the_rule_that_it_is_about() {
    let price = r#"
        [price]
        rules = [
            { when = { resolution = "720p" }, usd = "0.20", note = "it may be more" },
            { usd = "0.20" },
        ]"#;
    let finding = |params| {
        let estimate = estimate(price, params, &Measured::default()).expect("it has a price");
        estimate.finding
    };
    assert_eq!(finding(json!({})), "$0.20 a run, rule of 2026-03-13");
    let doubtful = "$0.20 a run, rule of 2026-03-13; it may be more";
    assert_eq!(finding(json!({"resolution": "720p"})), doubtful);
}

#[test]
fn five_is_five_however_it_is_written() {
    let price = r#"
        [price]
        rules = [{ when = { duration = 5 }, usd = "0.28" }, { usd = "0.56" }]"#;
    check(price, json!({"duration": 5.0}), &Measured::default(), "0.28");
    check(price, json!({"duration": "5"}), &Measured::default(), "0.56");
}

#[test]
fn the_first_second_may_cost_otherwise() {
    let price = r#"
        [price]
        per = "second"
        length = [{ of = "duration" }]
        after = "1"
        rules = [
            { when = { duration = 4 }, per = "run", usd = "0.04" },
            { base = "0.10", usd = "0.05" },
        ]"#;
    check(price, json!({"duration": 8}), &Measured::default(), "0.45");
    check(price, json!({"duration": 4}), &Measured::default(), "0.04");
}

#[test]
fn factors_multiply_and_limits_hold_the_sum() {
    let price = r#"
        [price]
        per = "second"
        length = [{ of = "duration" }]
        rules = [{ usd = "0.084" }]
        times = [{ when = { sound = true }, by = "4/3" }, { by_param = "num_samples" }]
        max_usd = "1.5""#;
    check(price, json!({"duration": 5, "num_samples": 2}), &Measured::default(), "1.12");
    check(price, json!({"duration": 5, "sound": false}), &Measured::default(), "0.84");
    check(price, json!({"duration": 8, "num_samples": 4}), &Measured::default(), "1.50");
    let least = "[price]\nrules = [{ usd = \"0.01\" }]\nmin_usd = \"0.05\"";
    check(least, json!({}), &Measured::default(), "0.05");
}

#[test]
fn an_empty_input_is_not_an_absent_one() {
    let price = r#"
        [price]
        rules = [{ usd = "0.42" }]
        times = [{ when = { video = { is = "absent" } }, by = "1.5" }, { when = { video = { is = "given" } }, by = "2" }]"#;
    check(price, json!({}), &Measured::default(), "0.63");
    check(price, json!({"video": ""}), &Measured::default(), "0.42");
    check(price, json!({"video": "https://x"}), &Measured::default(), "0.84");
    check(price, json!({}), &measured(&[("video", 1)]), "0.84");
    let empty = price.replace("absent", "empty");
    check(&empty, json!({}), &Measured::default(), "0.42");
    check(&empty, json!({"video": ""}), &Measured::default(), "0.63");
    check(&empty, json!({"video": "https://x"}), &Measured::default(), "0.84");
    let missing = price.replace("absent", "missing");
    check(&missing, json!({"video": ""}), &Measured::default(), "0.63");
    check(&missing, json!({}), &Measured::default(), "0.63");
}

#[test]
fn a_price_is_rounded_once_where_it_leaves_the_engine() {
    let price = r#"
        [price]
        per = "second"
        length = [{ of = "duration" }]
        rules = [{ usd = "0.026" }]
        times = [{ by = "0.461538" }]"#;
    check(price, json!({"duration": 5}), &Measured::default(), "0.06");
}

#[test]
fn an_unmeasured_input_gives_a_floor_and_no_floor_gives_nothing() {
    let floor = r#"
        [price]
        per = "second"
        length = [{ of = "audio", at_least = "5" }]
        rules = [{ usd = "0.03" }]"#;
    for known in [Measured::default(), Measured::default().unmeasured("audio")] {
        let estimate = estimate(floor, json!({}), &known).expect("five seconds are the least");
        assert_eq!((estimate.floor, estimate.high.decimal().as_str()), (true, "0.15"));
    }
    let nothing = floor.replace(", at_least = \"5\"", "");
    assert_eq!(estimate(&nothing, json!({}), &Measured::default()), None);
    let optional = nothing.replace("of = \"audio\"", "of = \"video\"");
    assert_eq!(
        estimate(&optional, json!({}), &Measured::default().unmeasured("video")),
        None,
        "a video of unknown length"
    );
}

#[test]
fn a_wrong_value_is_priced_at_its_least() {
    let price = r#"
        [price]
        per = "second"
        length = [{ of = "duration" }]
        rules = [{ when = { resolution = "480p" }, usd = "0.02" }, { when = { resolution = "720p" }, usd = "0.04" }]"#;
    let least = estimate(price, json!({"duration": "long"}), &Measured::default());
    assert_eq!(least.map(|least| (least.floor, least.high.decimal())), Some((true, "0.08".into())));
    let negative = estimate(price, json!({"duration": -8}), &Measured::default());
    assert_eq!(negative.map(|it| (it.floor, it.high.decimal())), Some((true, "0.08".into())));
    let none = estimate(price, json!({"duration": 5, "resolution": "8k"}), &Measured::default());
    assert_eq!(none.map(|none| (none.floor, none.high.decimal())), Some((true, "0.10".into())));
}

#[test]
fn a_rule_about_an_unknown_key_is_refused() {
    let read =
        |price: &str| file::read("test.toml", &format!("{KEYS}\n[price]\n{price}"), Origin::User);
    for price in [
        "rules = [{ when = { fps = 24 }, usd = \"1\" }]",
        "rules = [{ usd = \"1\" }]\nlength = [{ of = \"seconds\" }]",
        "rules = [{ usd = 1.5 }]",
        "rules = [{ when = { video = { is = \"there\" } }, usd = \"1\" }]",
    ] {
        assert!(read(price).is_err(), "{price} was taken for a price");
    }
}
