//! Prices by the length of a text: the rules of the files against the provider's formulas of 2026-03-13, as
//! its list writes them, worked out by the formula engine.

use serde_json::{Value, json};

use super::*;
use crate::domain::Params;

/// What the list says of a model's price.
fn listed(model: &str, base_price: f64, formula: &str) -> ModelSpec {
    let schema = json!({"properties": {"text": {"type": "string"}}});
    let entry = json!({"model_id": model, "base_price": base_price, "formula": formula,
        "type": "text-to-audio",
        "api_schema": {"api_schemas": [{"type": "model_run", "request_schema": schema}]}});
    let day = "2026-03-13".parse().expect("a day");
    let listing = Listing::of(json!([entry]), day).expect("a list");
    listing.models.into_iter().next().expect("it can be used")
}

fn saying(text: &str) -> Params {
    Params::from_iter([("text".to_owned(), Value::from(text))])
}

#[test]
fn speech_costs_what_the_providers_formula_says_of_every_length() {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    let check = |model: &str, base_price: f64, formula: &str| {
        let (ours, theirs) =
            (catalog.find(model).expect("built in"), listed(model, base_price, formula));
        for length in [1, 7, 99, 100, 101, 999, 1000, 1001, 2500, 9999, 10_000] {
            // No text is longer for being written in other letters.
            for letter in ["a", "é", "言", "🎈"] {
                let given = saying(&letter.repeat(length));
                let price = |spec: &ModelSpec| {
                    let estimate = spec.estimate(&given, &Measured::default()).expect("a price");
                    assert!(!estimate.floor, "{model} {length}");
                    (estimate.low, estimate.high)
                };
                assert_eq!(price(ours), price(&theirs), "{model}: {length} × {letter}");
            }
        }
    };
    let by_letter = r#"{"total_price":base_price * $length(text) / 1000}"#;
    let begun = r#"{"total_price": base_price * $ceil($length(text) / 1000)}"#;
    let least = r#"{"total_price": $length(text) < 100 ? base_price * 1.0 : base_price * $length(text) / 100}"#;
    check("minimax/speech-02-hd", 0.05, by_letter);
    check("minimax/speech-02-turbo", 0.03, by_letter);
    check("elevenlabs/eleven-v3", 0.1, begun);
    check("wavespeed-ai/qwen3-tts/text-to-speech", 0.005, least);
}

#[test]
fn the_price_of_words_says_how_it_comes_about() {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    let check = |model: &str, given: Params, price: &str, finding: &str| {
        let spec = catalog.find(model).expect("built in");
        let estimate = spec.estimate(&given, &Measured::default()).expect("a price");
        assert_eq!((estimate.to_string().as_str(), estimate.finding.as_str()), (price, finding));
    };
    let kite = saying(&"kite ".repeat(300));
    check("speech-02-hd", kite.clone(), "$0.075", "1500 characters × $0.00005, rule of 2026-03-13");
    check("eleven-v3", kite, "$0.20", "2 × 1000 characters begun × $0.10, rule of 2026-03-13");
    // Before anything is said, it is known that it will not be for nothing.
    let nothing = "1 characters × $0.00005 at least, rule of 2026-03-13";
    check("speech-02-hd", saying(" "), "≥ $0.00005", nothing);
}

#[test]
fn words_go_where_each_model_wants_them() {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    let check = |model: &str, key: Option<&str>| {
        assert_eq!(catalog.find(model).expect("built in").words_key(), key, "{model}");
    };
    check("alibaba/wan-2.5/text-to-video", Some("prompt"));
    check("speech-02-hd", Some("text"));
    check("prompt-optimizer", Some("text"));
    check("flashvsr", None);
}

#[test]
fn more_words_than_a_voice_takes_are_told_before_they_are_sent() {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    let spec = catalog.find("speech-02-hd").expect("built in");
    let faults = spec.faults(&saying(&"k".repeat(10_001)), &crate::domain::Inputs::new());
    let told: Vec<String> = faults.iter().map(Fault::to_string).collect();
    assert_eq!(told, ["text is 10001 characters long; 10000 are allowed"]);
}
