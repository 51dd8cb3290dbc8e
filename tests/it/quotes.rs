//! What the provider quotes, beside our own rule: asked, compared, held and remembered.

use std::time::Duration;

use rushes::domain::{Ask, CheckId, Outcome};
use serde_json::{Value, json};

use crate::sandbox_client::Studio;
use crate::support::binary::{Home, Ran};
use crate::support::server::{Answer, Server, envelope};
use crate::support::world::World;

const HUNYUAN: &str = "wavespeed-ai/hunyuan-video-1.5/text-to-video";

/// A home whose provider is a sandbox that bills as the service does.
fn home_of(studio: &Studio) -> Home {
    Home::empty()
        .set("WAVESPEED_API_KEY", "wsk_test_0123456789")
        .set("WAVESPEED_BASE_URL", &studio.sandbox.base_url())
}

fn price_of(ran: &Ran) -> Value {
    let line = ran.of_type("preflight").remove(0);
    let checks = line["checks"].as_array().unwrap();
    let mut found = checks.iter().filter(|check| check["id"] == "price").cloned();
    json!({"estimate": line["estimate"], "check": found.next().unwrap()})
}

#[tokio::test]
async fn a_quote_that_is_our_rule_s_price_is_told_to_agree() {
    let studio = Studio::open().await;
    let home = home_of(&studio);
    let ran = home.run(&["generate", "kite", "--dry-run", "--json"]).await;
    let price = price_of(&ran);
    assert_eq!(price["check"]["outcome"], "pass");
    let finding = price["check"]["finding"].as_str().unwrap();
    assert!(finding.ends_with("; the provider agrees"), "{finding}");
    assert_eq!(price["estimate"]["high_usd"], "0.20");
    let shown = home.json(&["models", "show", HUNYUAN, "--json"]).await;
    assert_eq!(shown["quoted"], Value::Null);
}

#[tokio::test]
async fn where_rule_and_quote_differ_the_larger_is_held_and_both_are_remembered() {
    let studio = Studio::with_faults("quote-differs").await;
    let home = home_of(&studio);
    let ran = home.run(&["generate", "kite", "--yes", "--json"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let price = price_of(&ran);
    assert_eq!(price["check"]["outcome"], "warn");
    let finding = price["check"]["finding"].as_str().unwrap();
    assert!(
        finding.contains("rule $0.20, the provider quotes $0.22: the larger is held"),
        "{finding}"
    );
    let estimate = &price["estimate"];
    assert_eq!((&estimate["low_usd"], &estimate["high_usd"]), (&json!("0.20"), &json!("0.22")));
    assert_eq!(home.ledger()[0], ("hold".to_owned(), 220_000));

    let shown = home.json(&["models", "show", HUNYUAN, "--json"]).await;
    assert_eq!(
        (&shown["quoted"]["rule"], &shown["quoted"]["quote"]),
        (&json!("0.20"), &json!("0.22"))
    );
    let told = home.run(&["models", "show", HUNYUAN]).await.stdout();
    assert!(told.contains("quoted     rule $0.20, the provider quotes $0.22 ("), "{told}");
    let library = rusqlite::Connection::open(home.path().join("data/library.db")).unwrap();
    let question: String =
        library.query_row("SELECT question FROM quotes", [], |row| row.get(0)).unwrap();
    assert!(question.contains("4 characters") && !question.contains("kite"), "{question}");

    // What is billed in the end is what it costs.
    let usage = home.json(&["usage", "--reconcile", "--json"]).await;
    assert_eq!(usage["spent"], "0.20");
    let written = &usage["reconciled"]["providers"][0]["written"];
    assert_eq!((&written[0]["kind"], &written[0]["amount"]), (&json!("adjust"), &json!("-0.02")));
}

#[tokio::test]
async fn quotes_are_asked_side_by_side_and_each_question_once() {
    let server = Server::start().await;
    let quote = Answer::json(200, &envelope(&json!({"price": 0.2})));
    server.script(|script| {
        script.price = Some(Answer::Late(Duration::from_millis(300), Box::new(quote)));
    });
    let world = World::new(&server).await;
    let brief = |nth: usize| World::brief(&format!("kite {}", nth % 20));
    let asked = || server.seen().iter().filter(|seen| seen.path == "/api/v3/model/price").count();
    // One after the other they would take longer than anybody waits.
    let preflight = world.pipeline.preflight(&Ask::new((0..40).map(brief).collect())).await;
    let price = preflight.checks.iter().find(|check| check.id == CheckId::Price).unwrap();
    assert_eq!(price.outcome, Outcome::Pass);
    assert!(price.finding.ends_with("the provider agrees"), "{}", price.finding);
    assert_eq!(asked(), 20);

    // Nobody asks for a thousand prices at once, and what was not asked is told.
    let many = (0..1000).map(|nth| World::brief(&format!("another kite {nth}"))).collect();
    let preflight = world.pipeline.preflight(&Ask::new(many)).await;
    let price = preflight.checks.iter().find(|check| check.id == CheckId::Price).unwrap();
    assert!(price.finding.contains("936 of 1000 not compared"), "{}", price.finding);
    assert_eq!(asked(), 84);
}

#[tokio::test]
async fn a_provider_that_gives_no_quote_is_told_and_our_rule_stands() {
    let server = Server::start().await;
    server.script(|script| script.price = Some(Answer::error(503, "busy")));
    let world = World::new(&server).await;
    let preflight = world.pipeline.preflight(&Ask::new(vec![World::brief("kite")])).await;
    let price = preflight.checks.iter().find(|check| check.id == CheckId::Price).unwrap();
    assert_eq!(price.outcome, Outcome::Pass);
    assert!(price.finding.contains("; not compared with the provider: "), "{}", price.finding);
    assert_eq!(preflight.estimate.unwrap().to_string(), "$0.20");
}
