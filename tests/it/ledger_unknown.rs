//! What is held and charged where no price is known, and what the sandbox pretends.

use std::sync::Arc;

use rushes::catalog::{Catalog, Shelf};
use rushes::config::ApiKey;
use rushes::domain::brief::Source;
use rushes::domain::job::FailurePolicy;
use rushes::domain::job::FailurePolicy::{Charged, Free, Refunded};
use rushes::domain::{Account, Ask, Fingerprint, ModelId, Operation, ProviderId, StageName, Usd};
use rushes::provider::wavespeed::{Wavespeed, WavespeedOptions};

use crate::ledger_table::with_policy;
use crate::support::book::{CHARGE, HOLD, Line, RELEASE, check};
use crate::support::cents::{UNKNOWN, write_models};
use crate::support::server::{Answer, Server};
use crate::support::world::{Differs, World, patience_of_the_line};
use crate::support::{RUBBISH, id};

/// Of a price that is unknown, or at least $0.15, with and without a most.
async fn unknown(is_floor: bool, max_cost: Option<i64>, policy: FailurePolicy, lines: &[Line]) {
    let (server, mut world) = with_policy(policy).await;
    let models = tempfile::tempdir().unwrap();
    write_models(models.path());
    let pipeline = Arc::get_mut(&mut world.pipeline).unwrap();
    pipeline.catalog = Arc::new(Shelf::new(Catalog::load(models.path()).unwrap()));
    let mut brief = World::brief("kite");
    brief.params.shift_remove("seed");
    if is_floor {
        brief.model = ModelId::new("wavespeed-ai/infinitetalk");
        brief.operation = Operation::TalkingAvatar;
        let given =
            |key: &str, file: &str| (key.to_owned(), Source::Url(format!("https://a.test/{file}")));
        brief.inputs = vec![given("image", "a.png"), given("audio", "a.mp3")];
    } else {
        brief.model = ModelId::new(UNKNOWN);
    }
    let max_cost = max_cost.map(Usd::from_micros);
    let ask = Ask { consent: true, max_cost, ..Ask::new(vec![brief]) };
    let job = world.pipeline.admit(ask, None).await.unwrap().remove(0);
    let mut ends = StageName::Done;
    if policy != Charged {
        server.on_result([Answer::failed(&id(1), 500, "out of memory")]);
        ends = StageName::Failed;
    }
    world.drive(&job).await;
    check("unknown price", &world, &job, ends, lines).await;
    if max_cost.is_none() && !is_floor && ends == StageName::Done {
        assert_eq!(world.job(&job).await.cost(), None, "which is not the same as nothing");
    }
}

#[tokio::test]
async fn of_an_unknown_price_its_most_is_held_and_charged_and_told_as_unknown() {
    let line = |kind, amount| (kind, amount, "unknown");
    let most = [line("hold", 500_000), line("release", 500_000), line("charge", 500_000)];
    let none = [line("hold", 0), line("release", 0), line("charge", 0)];
    let quoted = |kind| (kind, 150_000, "quoted");
    let floor = ["hold", "release", "charge"].map(quoted);
    let due = [&most[..], &[line("refund_due", 500_000)]].concat();
    tokio::join!(
        unknown(false, Some(500_000), Charged, &most),
        unknown(false, Some(500_000), Free, &most[..2]),
        unknown(false, Some(500_000), Refunded, &due),
        unknown(false, None, Charged, &none),
        unknown(true, Some(500_000), Charged, &most),
        unknown(true, None, Charged, &floor),
    );
}

#[tokio::test]
async fn what_the_sandbox_pretends_is_simulated_to_the_last_line() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let account = Account {
        provider: ProviderId::Sandbox,
        base_url: "sandbox".into(),
        credential: Fingerprint::new("sandbox"),
    };
    let options = WavespeedOptions {
        account,
        request_base_url: server.address().to_owned(),
        key: ApiKey::read("wsk_test_0123456789").unwrap(),
        abilities: Differs::default().abilities,
    };
    let client = Wavespeed::connect_within(options, patience_of_the_line()).unwrap();
    let provider = Some(Arc::new(client) as Arc<dyn rushes::provider::Provider>);
    let world = World::with(&server, Differs { provider, ..Differs::default() }).await;
    let mut brief = World::brief("kite");
    brief.provider = ProviderId::Sandbox;
    let job = world.pipeline.admit(Ask::new(vec![brief]), None).await.unwrap().remove(0);
    world.drive(&job).await;
    let lines = [HOLD, RELEASE, CHARGE].map(|(kind, amount, _)| (kind, amount, "simulated"));
    check("pretended", &world, &job, StageName::Done, &lines).await;
    let totals = world.store().totals(rushes::store::ledger::Days::default()).await.unwrap();
    assert_eq!((totals.spent, totals.simulated.micros()), (Usd::ZERO, 200_000));
}
