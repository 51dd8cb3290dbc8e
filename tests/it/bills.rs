//! The provider's bill beside our ledger: read page by page, matched, noted once, and shown.

use rushes::domain::LineKind::{Adjust, Charge, Hold, Refund, Release};
use rushes::domain::{Job, Usd};
use rushes::pipeline::reconcile::{NotPulled, Reconciled};
use rushes::pipeline::{Scope, Supervisor};
use serde_json::{Value, json};

use crate::sandbox_client::{Studio, short};
use crate::support::binary::Home;
use crate::support::server::{Answer, Request, Server, envelope};
use crate::support::world::World;
use crate::support::{RUBBISH, id};

/// A line of the bill as the service writes it.
fn line(name: &str, kind: &str, prediction: &str, price: &Value) -> Value {
    json!({"uuid": name, "billing_type": kind, "price": price,
        "created_at": jiff::Timestamp::now().to_string(), "order": {"state": "done"},
        "prediction": {"uuid": prediction, "model_uuid": "house/model", "status": "completed"}})
}

fn page(items: &[Value], has_more: bool) -> Answer {
    Answer::json(200, &envelope(&json!({"page": 1, "has_more": has_more, "items": items})))
}

fn bills(server: &Server) -> Vec<Request> {
    let seen = server.seen().into_iter();
    seen.filter(|seen| seen.path == "/api/v3/billings/search").collect()
}

/// Makes a take with this prediction; it is charged $0.20.
async fn made(world: &World, server: &Server, number: u32) -> Job {
    server.does_well(&id(number), RUBBISH);
    world.run().await
}

async fn reconcile(world: &World) -> Reconciled {
    let mut all = world.pipeline.reconcile().await.unwrap();
    // The test's one client answers for every provider that has made something.
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[tokio::test]
async fn a_bill_of_several_pages_is_noted_once_whatever_its_amounts_look_like() {
    let server = Server::start().await;
    let world = World::new(&server).await;
    let first = made(&world, &server, 1).await;
    let second = made(&world, &server, 2).await;
    let third = made(&world, &server, 3).await;
    server.script(|script| {
        script.used = Some(0.800_000_5);
        script.bill = vec![
            page(
                &[
                    line("a", "deduct", &id(1), &json!(0.1 + 0.2)),
                    line("r", "refund", &id(2), &json!(-0.05)),
                    line("x", "deduct", &id(99), &json!("0.40")),
                ],
                true,
            ),
            page(
                &[
                    line("b", "deduct", &id(2), &json!("0.2")),
                    line("a", "deduct", &id(1), &json!(0.1 + 0.2)),
                    line("c", "deduct", &id(3), &json!("0.2000005")),
                    line("t", "recharge", "", &json!(100)),
                ],
                false,
            ),
        ];
    });
    let reconciled = reconcile(&world).await;
    assert_eq!((reconciled.read, reconciled.new, reconciled.missing), (5, 5, None));
    assert_eq!(world.lines(&first).await, [Hold, Release, Charge, Adjust]);
    assert_eq!(world.lines(&second).await, [Hold, Release, Charge, Refund]);
    assert_eq!(world.lines(&third).await, [Hold, Release, Charge, Adjust]);
    let cost = async |job| world.job(job).await.cost().unwrap().micros();
    assert_eq!(cost(&first).await, 300_000);
    assert_eq!(cost(&second).await, 150_000);
    assert_eq!(cost(&third).await, 200_001, "half a micro-dollar is rounded up, once");

    let sums = reconciled.compared.unwrap().unwrap();
    assert_eq!((sums.ours.micros(), sums.theirs.micros()), (650_001, 800_001));
    let unknown = world.store().unknown_bills(false, 10).await.unwrap();
    assert_eq!((unknown.lines, unknown.taken), (1, Usd::from_micros(400_000)));
    let drift = world.store().drift(false).await.unwrap();
    assert_eq!((drift[0].runs, drift[0].largest.micros()), (3, 100_000));

    let again = reconcile(&world).await;
    assert_eq!((again.read, again.new, again.changed), (5, 0, 0));
    assert_eq!(again.differences, []);
    let asked = bills(&server);
    let since = |request: &Request| -> jiff::Timestamp {
        request.json()["start_time"].as_str().unwrap().parse().unwrap()
    };
    let overlap = since(&asked[0]).duration_since(since(&asked[2]));
    assert_eq!(
        overlap.as_hours(),
        70,
        "three days before the last reading, an hour before the first job"
    );
}

#[tokio::test]
async fn a_page_that_fails_keeps_what_was_read_and_is_read_again() {
    let server = Server::start().await;
    let world = World::new(&server).await;
    let first = made(&world, &server, 1).await;
    let second = made(&world, &server, 2).await;
    let one = page(&[line("a", "deduct", &id(1), &json!(0.25))], true);
    let failing =
        Answer::Headers(429, "retry-after: 7\r\n", b"{\"code\":429,\"message\":\"slow\"}".to_vec());
    server.script(|script| script.bill = vec![one.clone(), failing]);
    let reconciled = reconcile(&world).await;
    assert_eq!(reconciled.read, 1);
    assert!(matches!(reconciled.missing, Some(NotPulled::NotAnswered(_))), "{reconciled:?}");
    assert_eq!(world.lines(&first).await, [Hold, Release, Charge, Adjust]);

    let two = page(&[line("b", "deduct", &id(2), &json!(0.25))], false);
    server.script(|script| script.bill = vec![one, two]);
    let reconciled = reconcile(&world).await;
    assert_eq!((reconciled.new, reconciled.missing), (1, None));
    assert_eq!(world.lines(&first).await, [Hold, Release, Charge, Adjust]);
    assert_eq!(world.lines(&second).await, [Hold, Release, Charge, Adjust]);
    let asked = bills(&server);
    assert_eq!(
        asked[0].json()["start_time"],
        asked[2].json()["start_time"],
        "from the same moment"
    );
}

#[tokio::test]
async fn a_studio_reads_the_bill_by_itself_once_a_job_has_ended() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.script(|script| {
        script.bill = vec![page(&[line("a", "deduct", &id(1), &json!(0.25))], false)];
    });
    let world = World::new(&server).await;
    let supervisor =
        Supervisor::start(std::sync::Arc::clone(&world.pipeline), Scope::Everything, None);
    let job = world.order().await;
    supervisor.drive(job.id).await;
    let billed = |job: &Job| job.balance.adjust == Usd::from_micros(50_000);
    world.until(&job, "billed", billed).await;

    // The next one ends within the same ten minutes.
    server.does_well(&id(2), RUBBISH);
    let next = world.order().await;
    supervisor.drive(next.id).await;
    world.until(&next, "done", |job| !job.stage.is_live()).await;
    supervisor.look_around().await;
    supervisor.look_around().await;
    assert_eq!(bills(&server).len(), 1);
}

#[tokio::test]
async fn the_command_line_tells_what_was_billed_refunded_and_unknown() {
    let studio = Studio::with_faults("moderation:1").await;
    let home = Home::empty()
        .set("WAVESPEED_API_KEY", "wsk_test_0123456789")
        .set("WAVESPEED_BASE_URL", &studio.sandbox.base_url());
    let ran = home.run(&["generate", "kite", "--yes", "--json"]).await;
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    let ran = home.run(&["generate", "kite", "--yes", "--json"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    // Somebody else with the same account.
    let stranger = studio.submit(3).await;
    assert_eq!(short(3)["seed"], 3);
    studio.end_of(&stranger).await;

    let usage = home.json(&["usage", "--reconcile", "--json"]).await;
    assert_eq!((&usage["spent"], &usage["refund_due"]), (&json!("0.20"), &json!("0.00")));
    let reconciled = &usage["reconciled"];
    let provider = &reconciled["providers"][0];
    let written = provider["written"].as_array().unwrap();
    assert_eq!(written.len(), 1, "{written:?}");
    assert_eq!((&written[0]["kind"], &written[0]["amount"]), (&json!("refund"), &json!("0.20")));
    let unknown = &reconciled["unknown"];
    assert_eq!(
        (&unknown["lines"], &unknown["newest"][0]["prediction_id"]),
        (&json!(1), &json!(stranger))
    );
    let sums = &provider["sums"];
    assert_eq!((&sums["ours"], &sums["difference"]), (&json!("0.20"), &unknown["billed"]));
    assert_eq!(reconciled["drift"][0]["difference"], "0.00");

    let before = home.ledger();
    let ran = home.run(&["usage", "--reconcile"]).await;
    assert_eq!((ran.code(), home.ledger()), (Some(0), before));
    let told = ran.stdout();
    assert!(told.contains("0 new, 0 changed, 0 jobs corrected"), "{told}");
    assert!(told.contains("billed, and no job here knows it: 1 lines"), "{told}");

    let refused = home.run(&["--read-only", "usage", "--reconcile"]).await;
    assert_eq!(refused.code(), Some(4), "{refused:?}");
    let keyless = home.unset("WAVESPEED_API_KEY").run(&["usage", "--reconcile"]).await;
    assert_eq!(keyless.code(), Some(5), "{keyless:?}");
}

#[tokio::test]
async fn a_bill_that_is_not_answered_ends_the_command_with_what_was_kept() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.script(|script| {
        let items = [line("a", "deduct", &id(1), &json!(0.25))];
        script.bill = vec![page(&items, true), Answer::error(503, "busy")];
    });
    let home = Home::with(&server);
    assert_eq!(home.run(&["generate", "kite", "--yes"]).await.code(), Some(0));
    let ran = home.run(&["usage", "--reconcile"]).await;
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    assert!(ran.stderr().contains("1 lines were read and are kept, the rest since "), "{ran:?}");
    assert!(ran.stdout().contains("charged $0.20; billed $0.05 more"), "{ran:?}");
    assert!(home.ledger().contains(&("adjust".to_owned(), 50_000)));
}

#[tokio::test]
async fn the_sandboxs_own_bill_is_noted_as_simulated() {
    let home = Home::empty().set("RUSHES_SANDBOX_FAULTS", "moderation:1");
    let ran = home.run(&["generate", "kite"]).await;
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    let usage = home.json(&["usage", "--reconcile", "--json"]).await;
    assert_eq!((&usage["spent"], &usage["simulated"]), (&json!("0.00"), &json!("0.00")));
    let written = &usage["reconciled"]["providers"][0]["written"][0];
    assert_eq!((&written["kind"], &written["basis"]), (&json!("refund"), &json!("simulated")));
    assert_eq!(usage["reconciled"]["unknown"]["lines"], 0);
}
