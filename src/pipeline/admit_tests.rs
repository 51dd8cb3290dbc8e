//! What is held for the jobs of one order.

use super::*;
use crate::domain::{Basis, ModelId, Operation, ProviderId};

fn cents(cents: i64) -> Usd {
    Usd::from_micros(cents * 10_000)
}

/// A price that is exact, or only a floor.
fn priced(price: i64, floor: bool) -> Estimate {
    Estimate { floor, ..Estimate::exact(cents(price), Basis::Quoted, "") }
}

/// What is held for orders with these prices, and what of it counts against a budget.
fn held(prices: &[Option<Estimate>], max_cost: Option<i64>) -> Vec<(Usd, Option<Usd>)> {
    let brief = Brief {
        provider: ProviderId::Wavespeed,
        model: ModelId::new("m"),
        operation: Operation::TextToVideo,
        params: serde_json::Map::new(),
        inputs: vec![],
        project: None,
        tags: vec![],
        parent: None,
        scene: None,
    };
    let briefs = vec![brief; prices.len()];
    let ask = Ask { max_cost: max_cost.map(cents), ..Ask::new(briefs) };
    wanted(&ask, prices).into_iter().map(|(hold, wanted)| (hold, wanted.cost)).collect()
}

#[test]
fn a_known_price_is_held_and_an_unknown_one_counts_only_with_a_most() {
    let of = |prices: &[Option<Estimate>], max_cost, expected: &[(i64, Option<i64>)]| {
        let expected: Vec<_> =
            expected.iter().map(|(hold, cost)| (cents(*hold), cost.map(cents))).collect();
        assert_eq!(held(prices, max_cost), expected, "{prices:?} {max_cost:?}");
    };
    of(&[Some(priced(20, false))], None, &[(20, Some(20))]);
    of(&[Some(priced(20, false))], Some(50), &[(20, Some(20))]);
    of(&[None], None, &[(0, None)]);
    of(&[Some(priced(15, true))], None, &[(15, None)]);
    of(&[None], Some(50), &[(50, Some(50))]);
    of(&[Some(priced(15, true))], Some(50), &[(50, Some(50))]);
    of(&[None, None], Some(50), &[(25, Some(25)), (25, Some(25))]);
    // Nothing bounds nothing.
    of(&[None], Some(0), &[(0, None)]);
}

#[test]
fn what_is_held_for_a_whole_order_is_never_above_its_most() {
    for prices in [
        vec![Some(priced(90, false)), None],
        vec![None, None, None],
        vec![Some(priced(10, false)), Some(priced(50, true))],
        vec![Some(priced(10, true)), None, Some(priced(1, false))],
    ] {
        let sum: Usd = held(&prices, Some(100)).into_iter().map(|(hold, _)| hold).sum();
        assert!(sum <= cents(100) && sum > cents(99), "{sum} for {prices:?}");
    }
}
