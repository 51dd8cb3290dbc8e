//! The quote of the draft: asked once things are quiet, shown while it is of what is there.

use serde_json::json;

use super::*;
use crate::domain::Quote;

/// Lets time go on until nothing is due any more; the quotes that were asked for meanwhile.
fn quiet(screen: &mut Screen) -> Vec<Brief> {
    let mut asked = Vec::new();
    while let Some(wait) = screen.next_tick() {
        let effects = later(screen, u64::try_from(wait.as_millis()).expect("a moment"));
        asked.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Quote(brief) => Some(*brief),
            _ => None,
        }));
    }
    asked
}

fn quoted(screen: &mut Screen, brief: &Brief, rule: i64, quote: i64) {
    let quote = Quote {
        provider: brief.provider,
        model: brief.model.clone(),
        rule: Some(Usd::from_micros(rule)),
        quote: Usd::from_micros(quote),
        at: screen.now,
    };
    let brief = Box::new(brief.clone());
    tell(screen, Msg::Reply(Reply::Quoted { brief, quote: Some(quote) }));
}

fn words(screen: &Screen) -> Option<String> {
    screen.quote_words().map(|(words, _)| words)
}

#[test]
fn a_quote_is_asked_for_once_after_the_last_change_of_what_is_priced() {
    let mut screen = studio(ProviderId::Wavespeed);
    write(&mut screen, "a kite over dunes");
    let asked = quiet(&mut screen);
    assert_eq!(asked.len(), 1, "once, however many keys");
    assert_eq!(asked[0].prompt(), "a kite over dunes");

    write(&mut screen, " at dusk");
    assert_eq!(quiet(&mut screen), [], "a text of this model has no price");
    screen.settings.params.insert("duration".to_owned(), json!(99));
    screen.count();
    screen.settings.params.insert("duration".to_owned(), json!(8));
    screen.count();
    let asked = quiet(&mut screen);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].params["duration"], json!(8));
    assert_eq!(screen.next_tick(), None, "nothing wakes an idle screen");
}

#[test]
fn what_cannot_be_sent_and_what_costs_nothing_is_not_asked_about() {
    let mut screen = studio(ProviderId::Wavespeed);
    screen.count();
    assert_eq!(quiet(&mut screen), [], "there is no prompt");
    let mut screen = studio(ProviderId::Sandbox);
    write(&mut screen, "a kite");
    assert_eq!(quiet(&mut screen), [], "the sandbox has our own rules");
}

#[test]
fn the_quote_stands_beside_the_estimate_until_the_draft_is_another_one() {
    let mut screen = studio(ProviderId::Wavespeed);
    write(&mut screen, "a kite");
    let asked = quiet(&mut screen).remove(0);
    quoted(&mut screen, &asked, 200_000, 200_000);
    assert_eq!(words(&screen).as_deref(), Some("provider agrees"));
    assert_eq!(screen.models.difference(&asked.model), None);

    screen.settings.params.insert("duration".to_owned(), json!(8));
    screen.count();
    assert_eq!(words(&screen), None);
    let newer = quiet(&mut screen).remove(0);
    quoted(&mut screen, &asked, 200_000, 900_000);
    assert_eq!(words(&screen), None, "it is of what was there before");
    quoted(&mut screen, &newer, 320_000, 352_000);
    assert_eq!(words(&screen).as_deref(), Some("provider: $0.352"));
    screen.settings.takes = 2;
    assert_eq!(words(&screen).as_deref(), Some("provider: $0.352 a take"));
    let told = screen.models.difference(&asked.model).and_then(Quote::difference);
    assert_eq!(told.as_deref(), Some("rule $0.32, the provider quotes $0.352"));
}
