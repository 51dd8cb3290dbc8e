//! What is weighed, and how it is told.

use super::*;
use crate::domain::plan::Period;
use Outcome::{Block, Pass, Warn};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn cents(cents: i64) -> Usd {
    Usd::from_micros(cents * 10_000)
}

fn budget(scope: &str, amount: i64) -> Budget {
    Budget { scope: scope.parse().unwrap(), amount: cents(amount) }
}

fn run(cost: i64) -> Wanted {
    Wanted {
        cost: Some(cents(cost)),
        is_video: true,
        provider: ProviderId::Wavespeed,
        project: None,
    }
}

fn standing(budget: &Budget, spent: i64, held: i64) -> Standing {
    let bound =
        bounds(std::slice::from_ref(budget), None, date(2026, 11, 23), None, false).remove(0);
    let used = Used { spent: cents(spent).micros(), held: cents(held).micros() };
    Standing { bound, used }
}

fn budgets_say(standings: &[Standing], wanted: &[Wanted]) -> Check {
    let checks = weigh(standings, wanted, Counted::NotYet);
    assert_eq!(
        checks.iter().map(|check| check.id).collect::<Vec<_>>(),
        [CheckId::Limits, CheckId::Budget]
    );
    checks.into_iter().nth(1).unwrap()
}

#[test]
fn the_last_cents_can_be_spent_and_not_one_more() {
    let day = [standing(&budget("day", 500), 440, 20)];
    let fits = budgets_say(&day, &[run(40)]);
    assert_eq!(fits.outcome, Warn, "it is all used afterwards");
    assert_eq!(fits.finding, "day budget: $4.40 spent + $0.20 held + $0.40 = $5.00 of $5.00");
    let over = budgets_say(&day, &[run(41)]);
    assert_eq!(over.outcome, Block);
    assert!(over.finding.contains("$5.01 of $5.00"), "{}", over.finding);
    assert!(over.hint.unwrap().contains("rushes budget set day 5.01"));
    let both = budgets_say(&day, &[run(20), run(21)]);
    assert_eq!(both.outcome, Block, "a batch counts together");
}

#[test]
fn the_way_out_names_the_budget_that_blocks_as_a_shell_takes_it() {
    let hint = |scope: &str, simulated| {
        let mut standing = standing(&budget(scope, 10), 0, 0);
        standing.bound.simulated = simulated;
        let run = Wanted { project: Some("a film's $".into()), ..run(41) };
        budgets_say(&[standing], &[run]).hint.unwrap()
    };
    assert_eq!(hint("day", false), "rushes budget set day 0.41 allows it; or ask for less");
    assert_eq!(
        hint("day", true),
        "rushes budget set day 0.41 --sandbox allows it; or ask for less"
    );
    let project = hint("project:a film's $", false);
    assert!(project.starts_with(r"rushes budget set 'project:a film'\''s $' 0.41"), "{project}");
}

#[test]
fn where_a_part_will_do_it_is_a_warning_as_long_as_one_fits() {
    let day = [standing(&budget("day", 50), 0, 0)];
    let say = |wanted: &[Wanted]| weigh(&day, wanted, Counted::AsManyAsFit).remove(1);
    assert_eq!(say(&[run(20)]).outcome, Pass);
    let part = say(&[run(20), run(20), run(20)]);
    assert_eq!(part.outcome, Warn);
    assert!(part.finding.starts_with("2 of 3 fit; all: day budget: "), "{}", part.finding);
    assert_eq!(say(&[run(51), run(20)]).outcome, Block, "the first ones, or none");
}

#[test]
fn the_worst_rule_is_told_first_and_every_rule_is_told() {
    let rules = [standing(&budget("day", 500), 0, 0), standing(&budget("month", 100), 99, 0)];
    let check = budgets_say(&rules, &[run(50)]);
    assert_eq!(check.outcome, Block);
    let (worst, other) = check.finding.split_once("; ").unwrap();
    assert!(worst.starts_with("month budget:") && other.starts_with("day budget:"), "{check:?}");
    assert_eq!(budgets_say(&rules[..1], &[run(50)]).outcome, Pass);
    assert_eq!(budgets_say(&[], &[run(50)]).outcome, Pass);
}

#[test]
fn a_runs_own_budget_is_for_each_run() {
    let per_run = [standing(&budget("per-run", 50), 900, 0)];
    assert_eq!(budgets_say(&per_run, &[run(50), run(50)]).outcome, Pass);
    assert_eq!(budgets_say(&per_run, &[run(50), run(51)]).outcome, Block);
}

#[test]
fn a_project_pays_for_its_own_runs_only() {
    let kite = [standing(&budget("project:kite", 100), 90, 0)];
    assert_eq!(budgets_say(&kite, &[run(50)]).outcome, Pass);
    let ours = Wanted { project: Some("kite".into()), ..run(50) };
    assert_eq!(budgets_say(&kite, &[ours]).outcome, Block);
}

#[test]
fn an_unknown_price_is_blocked_wherever_a_rule_counts() {
    let unknown = Wanted { cost: None, ..run(0) };
    let day = [standing(&budget("day", 500), 0, 0)];
    let check = budgets_say(&day, std::slice::from_ref(&unknown));
    assert_eq!(check.outcome, Block);
    assert!(check.hint.unwrap().contains("--max-cost"));
    let plan = plan(Allowance::AtMost(5), Allowance::Unlimited);
    let limits = weigh(&of_plan(&plan, 0), std::slice::from_ref(&unknown), Counted::NotYet);
    assert_eq!(limits[0].outcome, Block);
    assert_eq!(budgets_say(&[], &[unknown]).outcome, Pass);
}

#[test]
fn what_costs_nothing_is_not_blocked_by_money() {
    let empty = [standing(&budget("day", 0), 0, 0), standing(&budget("month", 10), 20, 0)];
    assert_eq!(budgets_say(&empty, &[run(0)]).outcome, Pass);
    assert_eq!(budgets_say(&empty, &[run(1)]).outcome, Block);
}

fn plan(videos: Allowance, calls: Allowance) -> Plan {
    Plan {
        name: "free".into(),
        period: Period::CalendarMonth,
        videos,
        calls: BTreeMap::from([(ProviderId::Wavespeed, calls)]),
        cost: Allowance::Unlimited,
    }
}

fn of_plan(plan: &Plan, spent: i64) -> Vec<Standing> {
    let bounds = bounds(&[], Some(plan), date(2026, 11, 23), None, false);
    bounds.into_iter().map(|bound| Standing { bound, used: Used { spent, held: 0 } }).collect()
}

#[test]
fn a_plan_counts_videos_and_calls_and_disabled_is_not_unlimited() {
    let limits = |plan: &Plan, used, wanted: &[Wanted]| {
        weigh(&of_plan(plan, used), wanted, Counted::NotYet).remove(0)
    };
    let two = plan(Allowance::AtMost(2), Allowance::Unlimited);
    assert_eq!(limits(&two, 1, &[run(1)]).outcome, Warn);
    let over = limits(&two, 1, &[run(1), run(1)]);
    assert_eq!((over.outcome, over.finding.as_str()), (Block, "free plan, videos: 1 + 2 = 3 of 2"));
    let sound = Wanted { is_video: false, ..run(1) };
    assert_eq!(limits(&two, 9, std::slice::from_ref(&sound)).outcome, Pass);
    let none = plan(Allowance::Unlimited, Allowance::Disabled);
    assert_eq!(limits(&none, 0, &[sound]).outcome, Block, "calls are disabled");
    let other = Wanted { provider: ProviderId::Huggingface, ..run(1) };
    assert_eq!(limits(&none, 0, &[other]).outcome, Pass);
    let all = plan(Allowance::Unlimited, Allowance::Unlimited);
    assert_eq!(limits(&all, 99_999, &[run(1)]).finding, "no limits set");
}

#[test]
fn what_was_admitted_is_not_counted_twice() {
    let day = [standing(&budget("day", 100), 60, 40)];
    let again = |standings: &[Standing]| weigh(standings, &[run(40)], Counted::Already)[1].outcome;
    assert_eq!(again(&day), Warn);
    let lowered = [standing(&budget("day", 99), 60, 40)];
    assert_eq!(again(&lowered), Block);
}

#[test]
fn the_sandbox_has_no_plan_and_a_day_is_its_own_period() {
    let plan = plan(Allowance::Disabled, Allowance::Disabled);
    let budgets = [budget("day", 1), budget("month", 1), budget("project:a", 1)];
    let day = date(2026, 2, 28);
    assert_eq!(bounds(&budgets, Some(&plan), day, None, true).len(), 3);
    let none = BTreeSet::new();
    let bounds = bounds(&budgets, Some(&plan), day, Some(&none), false);
    let periods: Vec<_> = bounds.iter().map(|bound| bound.period.as_str()).collect();
    assert_eq!(periods, ["2026-02-28", "2026-02", "2026-02", "2026-02"]);
    assert_eq!(bounds[1].days, Some((date(2026, 2, 1), day)));
}

proptest! {
    #[test]
    fn as_many_are_let_in_as_fit(
        prices in prop::collection::vec(0_i64..60, 0..30),
        limit in 0_i64..500,
        spent in 0_i64..200,
    ) {
        let rules = [standing(&budget("day", limit), spent, 0), standing(&budget("per-run", 50), 0, 0)];
        let wanted: Vec<_> = prices.iter().map(|price| run(*price)).collect();
        let fits = |count: usize| budgets_say(&rules, &wanted[..count]).outcome != Block;
        let count = fitting(&rules, &wanted);
        prop_assert!(fits(count));
        prop_assert!(count == wanted.len() || !fits(count + 1));
    }
}
