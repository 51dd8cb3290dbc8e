//! What pre-flight found, weighed: each fact comes to one check, by pure functions.

use crate::domain::{Ask, Check, CheckId, Estimate, Usd};
use crate::provider::Offer;

use super::Unavailable;

/// Whether there is a key, or why there is none.
pub(super) fn credential(found: Result<String, Unavailable>) -> Check {
    match found {
        Ok(source) => Check::pass(CheckId::Credential, source),
        Err(missing) => {
            Check::block(CheckId::Credential, missing.to_string(), missing.hint().to_owned())
        }
    }
}

/// `unquoted` is why the provider's own quote is not there, where it was asked for.
pub(super) fn price(estimate: Option<&Estimate>, ask: &Ask, unquoted: Option<&str>) -> Check {
    let hint = "say --max-cost to hold at most that";
    let unquoted = unquoted.map(|why| format!("; no quote: {why}")).unwrap_or_default();
    match estimate {
        None if ask.max_cost.is_some() => {
            Check::pass(CheckId::Price, format!("price unknown; --max-cost is held{unquoted}"))
        }
        None => Check::warn(CheckId::Price, format!("price unknown{unquoted}"), hint),
        Some(floor) if floor.floor => {
            let finding = format!("at least {}: {}{unquoted}", floor.low, floor.finding);
            Check::warn(CheckId::Price, finding, hint)
        }
        Some(exact) => Check::pass(CheckId::Price, format!("{exact} = {}", exact.finding)),
    }
}

/// What is known of the prices, against the most that it may be. Where one is not known at all, there has to be
/// something left to hold for it.
pub(super) fn max_cost_check(estimates: &[Option<Estimate>], max_cost: Usd) -> Check {
    let least: Usd = estimates.iter().flatten().map(|known| known.high).sum();
    let is_exact = estimates.iter().all(|known| known.as_ref().is_some_and(|known| !known.floor));
    let is_unknown = estimates.iter().any(Option::is_none);
    if least < max_cost || (least == max_cost && !is_unknown) {
        return Check::pass(CheckId::MaxCost, format!("at most {max_cost}"));
    }
    let least = if is_exact { least.to_string() } else { format!("≥ {least}") };
    let finding = if is_unknown {
        format!("{least} and an unknown price leave nothing of --max-cost {max_cost} to hold")
    } else {
        format!("{least} is above --max-cost {max_cost}")
    };
    Check::block(CheckId::MaxCost, finding, "raise --max-cost, or ask for less")
}

/// `None` where the catalogue says all there is to say.
pub(super) fn weigh_offer(asked: Result<Offer, String>) -> Option<Check> {
    let id = CheckId::Offer;
    match asked {
        Ok(Offer::Listed) => None,
        Ok(Offer::Live(found)) => Some(Check::pass(id, found)),
        Ok(Offer::Doubtful(found)) => {
            Some(Check::warn(id, found, "the run may fail; another model may serve"))
        }
        Ok(Offer::Absent { finding, hint }) => Some(Check::block(id, finding, hint)),
        Err(error) => Some(Check::warn(
            id,
            format!("could not be asked: {error}"),
            "the provider is asked again before anything is sent",
        )),
    }
}

pub(super) fn weigh_balance(
    asked: Result<Option<Usd>, String>,
    estimate: Option<&Estimate>,
) -> Check {
    match (asked, estimate) {
        (Err(error), _) => Check::warn(
            CheckId::Balance,
            format!("could not be asked: {error}"),
            "the run may be refused for want of credit",
        ),
        (Ok(None), _) => Check::pass(CheckId::Balance, "this provider has none"),
        (Ok(Some(left)), Some(estimate)) if left < estimate.low => Check::block(
            CheckId::Balance,
            format!("{left} at the provider, {estimate} needed"),
            "top up at the provider",
        ),
        (Ok(Some(left)), _) => Check::pass(CheckId::Balance, format!("{left} at the provider")),
    }
}

/// Whether there is room for a take.
pub fn disk(free: Option<u64>, needed: u64) -> Check {
    const MB: u64 = 1_000_000;
    match free {
        None => Check::warn(CheckId::Disk, "free space could not be read", "look at the disk"),
        Some(free) if free < needed => Check::block(
            CheckId::Disk,
            format!("{} MB free, {} MB needed", free / MB, needed / MB),
            "make room, or set RUSHES_HOME to another disk",
        ),
        Some(free) if free < 10_000 * MB => {
            Check::pass(CheckId::Disk, format!("{} MB free", free / MB))
        }
        Some(free) => Check::pass(CheckId::Disk, format!("{} GB free", free / MB / 1000)),
    }
}

/// Whether a person has to say yes: always at a limit of zero, or when the price is not known.
pub(super) fn needs_consent(estimate: Option<&Estimate>, confirm_above: Usd) -> bool {
    match estimate {
        Some(estimate) if !estimate.floor => {
            confirm_above == Usd::ZERO || estimate.high > confirm_above
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Basis;
    use crate::domain::Outcome::{self, Block, Pass, Warn};

    fn cents(cents: i64) -> Usd {
        Usd::from_micros(cents * 10_000)
    }

    fn exact(price: i64) -> Estimate {
        Estimate::exact(cents(price), Basis::Quoted, "rule")
    }

    #[test]
    fn consent_is_asked_always_at_zero_and_above_the_limit_otherwise() {
        assert!(needs_consent(Some(&exact(1)), Usd::ZERO));
        assert!(needs_consent(Some(&exact(101)), cents(100)));
        assert!(!needs_consent(Some(&exact(100)), cents(100)));
        assert!(needs_consent(None, cents(100)));
        assert!(needs_consent(Some(&Estimate { floor: true, ..exact(1) }), cents(100)));
    }

    #[test]
    fn each_fact_comes_to_its_outcome() {
        let check = |check: Check, id, outcome| {
            assert_eq!((check.id, check.outcome), (id, outcome), "{}", check.finding);
            assert_eq!(check.hint.is_some(), outcome != Outcome::Pass);
        };
        let ask = Ask::new(vec![]);
        let capped = Ask { max_cost: Some(cents(50)), ..ask.clone() };
        check(price(Some(&exact(20)), &ask, None), CheckId::Price, Pass);
        check(price(None, &ask, None), CheckId::Price, Warn);
        check(price(None, &capped, None), CheckId::Price, Pass);
        check(price(Some(&Estimate { floor: true, ..exact(1) }), &ask, None), CheckId::Price, Warn);
        let floor = || Some(Estimate { floor: true, ..exact(50) });
        for (prices, expected) in [
            (vec![Some(exact(51))], Block),
            (vec![Some(exact(50))], Pass),
            (vec![Some(exact(25)), Some(exact(26))], Block),
            (vec![floor()], Pass),
            (vec![floor(), Some(exact(1))], Block),
            (vec![None], Pass),
            (vec![None, Some(exact(49))], Pass),
            (vec![None, Some(exact(50))], Block),
        ] {
            check(max_cost_check(&prices, cents(50)), CheckId::MaxCost, expected);
        }
        check(max_cost_check(&[None], Usd::ZERO), CheckId::MaxCost, Block);
        check(max_cost_check(&[Some(exact(0))], Usd::ZERO), CheckId::MaxCost, Pass);
        check(weigh_balance(Err("x".into()), None), CheckId::Balance, Warn);
        check(weigh_balance(Ok(None), None), CheckId::Balance, Pass);
        check(weigh_balance(Ok(Some(cents(19))), Some(&exact(20))), CheckId::Balance, Block);
        check(weigh_balance(Ok(Some(cents(20))), Some(&exact(20))), CheckId::Balance, Pass);
        assert_eq!(weigh_offer(Ok(Offer::Listed)), None);
        let offer = |asked| weigh_offer(asked).expect("there is something to say");
        check(offer(Ok(Offer::Live("live".into()))), CheckId::Offer, Pass);
        check(offer(Ok(Offer::Doubtful("staging".into()))), CheckId::Offer, Warn);
        check(offer(Err("silent".into())), CheckId::Offer, Warn);
        let absent = Offer::Absent { finding: "gone".into(), hint: "another".into() };
        check(offer(Ok(absent)), CheckId::Offer, Block);
        check(disk(Some(99), 100), CheckId::Disk, Block);
        check(disk(Some(100), 100), CheckId::Disk, Pass);
        check(disk(None, 100), CheckId::Disk, Warn);
    }
}
