//! The list of rows before an order of several, and the prompt and settings that make it.

use rushes::domain::bound::Used;
use rushes::domain::{Allowance, Bound, ProviderId, Rule, Scope, Standing};

use super::{Studio, at_every_size};

/// Ten rows, one of them not sent; the last of the others are over the day's budget.
fn ten(size: (u16, u16)) -> Studio {
    let mut studio = Studio::new(ProviderId::Wavespeed, size, vec![], vec![]);
    studio.write(
        "a red kite over dunes, slow dolly in, {golden hour|storm light|night, no moon|fog|}, 35 mm",
    );
    studio.keys("Tab");
    studio.go("seed");
    studio.keys("{ 1 | 2 } Enter");
    let left = studio.screen.counted.estimate.as_ref().unwrap().high.micros() * 7;
    let bound = Bound {
        rule: Rule::Budget(Scope::Day),
        allowed: Allowance::AtMost(left),
        days: None,
        period: String::new(),
        simulated: false,
    };
    studio.screen.spending.standings.push(Standing { bound, used: Used::default() });
    studio
}

#[test]
fn variants_multiply_in_the_prompts_rule_and_the_settings() {
    at_every_size("variants", ten);
}

#[test]
fn the_rows_of_an_order_are_ticked_before_it_is_looked_at() {
    at_every_size("batch", |size| {
        let mut studio = ten(size);
        studio.keys("C-g");
        let later = studio.screen.now + std::time::Duration::from_millis(400);
        studio.tell(rushes::tui::msg::Msg::Tick(later));
        studio.keys("j Space j j");
        studio
    });
}
