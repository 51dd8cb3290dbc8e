//! What is told of a budget before it is used up: each share once a period, to one process.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::join_all;
use rushes::clock::Clock;
use rushes::domain::{Alert, Ask, Usd};
use rushes::store::Store;

use crate::support::server::Server;
use crate::support::world::World;

/// The machine's clock, some days on.
struct DaysOn(AtomicI64);

impl Clock for DaysOn {
    fn now(&self) -> jiff::Timestamp {
        let days = self.0.load(Ordering::SeqCst);
        jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days)
    }
}

async fn set(world: &World, scope: &str, micros: i64) {
    let amount = Some(Usd::from_micros(micros));
    let now = jiff::Timestamp::now();
    world.store().set_budget(scope.parse().unwrap(), amount, false, now).await.unwrap();
}

/// Holds $0.20 for each of so many jobs of the project kite.
async fn hold(world: &World, count: usize) {
    let mut brief = World::brief("kite");
    brief.project = Some("kite".into());
    let ask = Ask { consent: true, ..Ask::new(vec![brief; count]) };
    world.pipeline.admit(ask, None).await.unwrap();
}

fn words(alerts: &[Alert]) -> Vec<String> {
    alerts.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_share_is_told_when_it_is_reached_to_the_micro_dollar_and_once() {
    let server = Server::start().await;
    for (limit, count, expected) in [
        (1_000_001, 4, None),
        (1_000_000, 4, Some("80 % of the day budget: $0.80 of $1.00")),
        (2_000_001, 9, Some("80 % of the day budget: $1.80 of $2.000001")),
        (2_000_000, 9, Some("90 % of the day budget: $1.80 of $2.00")),
        (800_001, 4, Some("90 % of the day budget: $0.80 of $0.800001")),
        (800_000, 4, Some("100 % of the day budget: $0.80 of $0.80")),
    ] {
        let world = World::new(&server).await;
        set(&world, "day", limit).await;
        hold(&world, count).await;
        let expected: Vec<_> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(words(&world.told.alerts()), expected, "{limit}");
        let (day, now) = (world.pipeline.account_day(), jiff::Timestamp::now());
        assert_eq!(world.store().new_alerts(None, day, now).await.unwrap(), [], "told already");
        assert_eq!(words(&world.store().alerts(None, day).await.unwrap()), expected, "{limit}");
    }
}

#[tokio::test]
async fn of_several_shares_at_once_the_highest_is_told_and_no_lower_one_after_it() {
    let server = Server::start().await;
    let world = World::new(&server).await;
    set(&world, "day", 1_000_000).await;
    hold(&world, 3).await;
    assert_eq!(world.told.alerts(), []);
    hold(&world, 2).await;
    assert_eq!(words(&world.told.alerts()), ["100 % of the day budget: $1.00 of $1.00"]);
    let library = rusqlite::Connection::open(world.folder().join("library.db")).unwrap();
    let noted: i64 =
        library.query_row("SELECT count(*) FROM alerts", [], |row| row.get(0)).unwrap();
    assert_eq!(noted, 3);
}

#[tokio::test]
async fn it_is_told_again_in_the_next_period_and_only_there() {
    let server = Server::start().await;
    let mut world = World::new(&server).await;
    let clock = Arc::new(DaysOn(AtomicI64::new(0)));
    Arc::get_mut(&mut world.pipeline).unwrap().clock = Arc::clone(&clock) as Arc<dyn Clock>;
    set(&world, "day", 1_000_000).await;
    set(&world, "project:kite", 1_500_000).await;
    // A run's own budget is never used up, and what allows nothing is told to who asks for it.
    set(&world, "per-run", 200_000).await;
    set(&world, "project:dragon", 0).await;
    hold(&world, 4).await;
    assert_eq!(words(&world.told.alerts()), ["80 % of the day budget: $0.80 of $1.00"]);
    clock.0.store(1, Ordering::SeqCst);
    hold(&world, 3).await;
    // The project is for its life: its share is told on the day on which it is reached.
    let both =
        ["80 % of the day budget: $0.80 of $1.00", "90 % of the budget of kite: $1.40 of $1.50"];
    assert_eq!(words(&world.told.alerts()), both);
    set(&world, "project:kite", 9_000_000).await;
    hold(&world, 1).await;
    assert_eq!(words(&world.told.alerts())[2..], ["80 % of the day budget: $0.80 of $1.00"]);
    // Another amount is another story, and so is the same one said anew.
    set(&world, "day", 1_000_000).await;
    let (day, now) = (world.pipeline.account_day(), jiff::Timestamp::now());
    let again = world.store().new_alerts(None, day, now).await.unwrap();
    assert_eq!(words(&again), ["80 % of the day budget: $0.80 of $1.00"]);
}

#[tokio::test]
async fn of_several_processes_one_tells() {
    let server = Server::start().await;
    let world = World::new(&server).await;
    hold(&world, 4).await;
    let path = world.folder().join("library.db");
    let stores = join_all((0..6).map(|_| Store::open(&path))).await;
    let stores: Vec<Store> = stores.into_iter().map(Result::unwrap).collect();
    let (day, now) = (world.pipeline.account_day(), jiff::Timestamp::now());
    for round in 0..20 {
        set(&world, "day", 1_000_000).await;
        let told = join_all(stores.iter().map(|store| store.new_alerts(None, day, now))).await;
        let told = told.into_iter().map(|alerts| alerts.unwrap().len()).sum::<usize>();
        assert_eq!(told, 1, "round {round}");
    }
}
