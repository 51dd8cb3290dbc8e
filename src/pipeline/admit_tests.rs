//! What is held for the jobs of one order.

use super::*;
use crate::domain::{Basis, ModelId, Operation, ProviderId};

fn cents(cents: i64) -> Usd {
    Usd::from_micros(cents * 10_000)
}

fn exact(price: i64) -> Option<Estimate> {
    Some(Estimate::exact(cents(price), Basis::Quoted, ""))
}

fn floor(price: i64) -> Option<Estimate> {
    exact(price).map(|exact| Estimate { floor: true, ..exact })
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
    of(&[exact(20)], None, &[(20, Some(20))]);
    of(&[exact(20)], Some(50), &[(20, Some(20))]);
    of(&[None], None, &[(0, None)]);
    of(&[floor(15)], None, &[(15, None)]);
    of(&[None], Some(50), &[(50, Some(50))]);
    of(&[floor(15)], Some(50), &[(50, Some(50))]);
    of(&[None, None], Some(50), &[(25, Some(25)), (25, Some(25))]);
    // Nothing bounds nothing.
    of(&[None], Some(0), &[(0, None)]);
}

#[test]
fn what_is_held_for_a_whole_order_is_never_above_its_most() {
    for prices in [
        vec![exact(90), None],
        vec![None, None, None],
        vec![exact(10), floor(50)],
        vec![floor(10), None, exact(1)],
    ] {
        let sum: Usd = held(&prices, Some(100)).into_iter().map(|(hold, _)| hold).sum();
        assert!(sum <= cents(100) && sum > cents(99), "{sum} for {prices:?}");
    }
}
