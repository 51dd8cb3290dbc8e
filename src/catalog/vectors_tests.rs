//! Forty prices that the provider's own formulas gave on 2026-03-13, worked out by another engine.

use serde_json::Value;

use super::{Catalog, Measured};
use crate::domain::Params;

/// A model, what is given beside its defaults, seconds of its files, and dollars.
#[derive(serde::Deserialize)]
struct Vector {
    model: String,
    given: Params,
    seconds: serde_json::Map<String, Value>,
    usd: String,
}

#[test]
fn forty_prices_of_the_provider_come_out() {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../tests/prices.json")).expect("a list of vectors");
    assert_eq!(vectors.len(), 40);
    for Vector { model, given, seconds, usd } in vectors {
        let spec = catalog.find(&model).expect("it is built in");
        assert_eq!(spec.id.as_str(), model);
        let lasting = |all: Measured, (key, seconds): (&String, &Value)| {
            all.lasting(key, seconds.as_u64().expect("whole seconds") * 1000)
        };
        let measured = seconds.iter().fold(Measured::default(), lasting);
        let estimate = spec.estimate(&given, &measured).expect("it has a price");
        // In tenths of micro-dollars, rounded half up: one of the figures has seven decimals.
        let (whole, rest) = usd.split_once('.').unwrap_or((&usd, ""));
        let tenths: i64 = format!("{whole}{rest:0<7}").parse().expect("digits");
        assert_eq!(estimate.high.micros(), (tenths + 5) / 10, "{model} {given:?}");
        assert!(!estimate.floor && estimate.low == estimate.high, "{model} {given:?}");
    }
}
