//! How a quote and our rule come together.

use super::*;

fn micros(micros: i64) -> Usd {
    Usd::from_micros(micros)
}

#[test]
fn a_quote_is_good_for_a_while() {
    let quotes = Quotes::default();
    let asked = || Question(ModelId::new("a/b"), "{}".to_owned());
    let (now, price) = (Timestamp::UNIX_EPOCH, micros(310_000));
    let later = |wait: Duration| super::super::later(now, wait);
    quotes.keep(asked(), price, now);
    assert_eq!(quotes.good(&asked(), later(GOOD_FOR / 2)), Some(price));
    assert_eq!(quotes.good(&asked(), later(GOOD_FOR)), None);
    assert_eq!(quotes.good(&Question(ModelId::new("a/c"), "{}".to_owned()), now), None);
}

/// A rule of half a dollar, if any, and this quote for what was measured or not.
fn answer(rule: Option<bool>, is_measured: bool, quote: Result<i64, &str>) -> Answer {
    let rule = rule.map(|floor| Estimate {
        floor,
        ..Estimate::exact(micros(500_000), Basis::Quoted, "5 s × $0.10")
    });
    Answer { rule, is_measured, quote: quote.map(micros).map_err(str::to_owned) }
}

#[test]
fn the_larger_of_rule_and_quote_is_held_and_a_floor_stays_one() {
    let check = |answer: Answer, stand: Stand, expected: Option<&str>| {
        assert_eq!(answer.stand(), stand);
        let told = answer.estimate().map(|it| format!("{it} {} {}", it.high, it.finding));
        assert_eq!(told.as_deref(), expected);
    };
    let ruled = "$0.50 $0.50 5 s × $0.10";
    let agreed = "$0.50 $0.50 5 s × $0.10; the provider agrees";
    let more = "$0.50-$0.55 $0.55 rule $0.50, the provider quotes $0.55: the larger is held";
    let less = "$0.45-$0.50 $0.50 rule $0.50, the provider quotes $0.45: the larger is held";
    let at_least = "≥ $0.55 $0.55 rule $0.50, the provider quotes $0.55: the larger is held";
    check(answer(Some(false), true, Ok(500_000)), Stand::Agrees, Some(agreed));
    check(answer(Some(false), false, Ok(500_000)), Stand::Agrees, Some(agreed));
    check(answer(Some(false), true, Ok(550_000)), Stand::Differs, Some(more));
    check(answer(Some(false), true, Ok(450_000)), Stand::Differs, Some(less));
    check(answer(Some(false), false, Ok(450_000)), Stand::Below, Some(ruled));
    check(answer(Some(false), false, Ok(550_000)), Stand::Differs, Some(at_least));
    check(answer(Some(false), true, Err("silent")), Stand::Missing, Some(ruled));
    let quoted = "$0.45 $0.45 the provider's quote";
    check(answer(None, true, Ok(450_000)), Stand::Alone, Some(quoted));
    let floor = "≥ $0.50 $0.50 the provider's quote";
    check(answer(Some(true), false, Ok(450_000)), Stand::Alone, Some(floor));
    check(answer(None, true, Err("silent")), Stand::Missing, None);
}

#[test]
fn what_was_not_compared_never_passes_as_agreed() {
    let said = |answers: Vec<Answer>| {
        let named = |(nth, answer)| (Question(ModelId::new("a/b"), format!("{nth}")), answer);
        let quoted = Quoted(answers.into_iter().enumerate().map(named).collect());
        let check = quoted.say(Check::pass(CheckId::Price, "$0.50"));
        (check.outcome, check.finding)
    };
    let agrees = || answer(Some(false), true, Ok(500_000));
    let differs = || answer(Some(false), true, Ok(550_000));
    let silent = || answer(Some(false), true, Err("silent"));
    let pass = |finding: &str| (Outcome::Pass, finding.to_owned());
    let warn = |finding: &str| (Outcome::Warn, finding.to_owned());
    assert_eq!(said(vec![]), pass("$0.50"));
    assert_eq!(said(vec![agrees()]), pass("$0.50"));
    assert_eq!(said(vec![silent()]), pass("$0.50; not compared with the provider: silent"));
    assert_eq!(said(vec![differs()]), warn("$0.50"));
    let some = "$0.50; the provider quotes 1 of 3 otherwise; 1 of 3 not compared with the provider: silent";
    assert_eq!(said(vec![agrees(), silent(), differs()]), warn(some));
}
