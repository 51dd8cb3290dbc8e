//! What a person allows is never passed: budgets, `--max-cost` and a plan's limits, asked of the real binary.

use futures_util::future::join_all;
use rushes::domain::{LineKind, ReasonKind, StageName};
use serde_json::json;

use crate::support::binary::{Home, Ran};
use crate::support::cents::{CENTS, UNKNOWN, a_till, buy, check, configure, is_blocked};
use crate::support::server::{Answer, Server};
use crate::support::world::World;
use crate::support::{RUBBISH, id};

/// A model that costs at least $0.15, as long as nobody has measured the sound.
const FLOOR: &[&str] = &[
    "generate",
    "-m",
    "wavespeed-ai/infinitetalk",
    "--image",
    "https://files.test/a.png",
    "--audio",
    "https://files.test/a.mp3",
    "--yes",
    "--json",
];

async fn set(home: &Home, scope: &str, amount: &str) {
    let ran = home.run(&["budget", "set", scope, amount]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
}

async fn of_unknown_price(home: &Home, more: &[&str]) -> Ran {
    home.run(&[&["generate", "kite", "-m", UNKNOWN, "--yes", "--json"], more].concat()).await
}

fn spent(amounts: &[i64]) -> Vec<(String, i64)> {
    let lines =
        |cents: &i64| ["hold", "release", "charge"].map(|kind| (kind.to_owned(), cents * 10_000));
    amounts.iter().flat_map(lines).collect()
}

/// Forty cents are left of this budget; forty-one are not spent, forty are.
async fn forty_cents_are_left(scope: &str, rule: &str) {
    let (server, home) = a_till().await;
    let project = ["--project", "kite"];
    set(&home, scope, "0.40").await;
    let hint = format!("rushes budget set {scope} 0.41 allows it");
    let expected = [rule, "$0.41 of $0.40", &hint];

    let over = buy(&home, 41, &project).await;
    is_blocked(&over, "budget", &expected);
    assert_eq!(over.lines().len(), 1, "only the pre-flight: {over:?}");
    let dry = buy(&home, 41, &[&project[..], &["--dry-run"]].concat()).await;
    is_blocked(&dry, "budget", &expected);
    assert_eq!(dry.lines()[0]["estimate"]["high_usd"], "0.41");
    let words = ["generate", "kite", "-m", CENTS, "-p", "cents=41", "--yes", "--project", "kite"];
    let told = home.run(&words).await;
    assert_eq!(told.code(), Some(4));
    for part in expected {
        assert!(told.stderr().contains(part), "no {part:?} in {}", told.stderr());
    }
    assert_eq!(server.submissions(), 0);
    assert_eq!(home.ledger(), []);
    assert!(home.jobs().await.is_empty());

    let bought = buy(&home, 40, &project).await;
    assert_eq!(bought.code(), Some(0), "{bought:?}");
    assert_eq!(server.submissions(), 1);
    assert_eq!(home.ledger(), spent(&[40]));
    let again = buy(&home, 1, &project).await;
    if scope == "per-run" {
        assert_eq!(again.code(), Some(0), "each run has its own: {again:?}");
    } else {
        is_blocked(&again, "budget", &["$0.40 spent + $0.00 held + $0.01 = $0.41 of $0.40"]);
    }
    // Another project has its own money.
    let other = buy(&home, 1, &["--project", "dragon", "--dry-run"]).await;
    let free = scope == "per-run" || scope.starts_with("project:");
    assert_eq!(other.code(), Some(if free { 0 } else { 4 }), "{other:?}");
}

#[tokio::test]
async fn with_forty_cents_left_forty_one_send_nothing_and_forty_go_through() {
    let scopes = [
        ("per-run", "budget of a run"),
        ("day", "day budget"),
        ("month", "month budget"),
        ("project:kite", "budget of kite"),
    ];
    join_all(scopes.map(|(scope, rule)| forty_cents_are_left(scope, rule))).await;
}

#[tokio::test]
async fn max_cost_lets_through_what_it_says_and_not_a_cent_more() {
    let (server, home) = a_till().await;
    let over = buy(&home, 41, &["--max-cost", "0.40"]).await;
    is_blocked(&over, "max_cost", &["$0.41 is above --max-cost $0.40", "raise --max-cost"]);
    let several = buy(&home, 14, &["--max-cost", "0.40", "--takes", "3"]).await;
    is_blocked(&several, "max_cost", &["$0.42 is above --max-cost $0.40"]);
    assert_eq!(server.submissions(), 0);
    assert_eq!(buy(&home, 40, &["--max-cost", "0.40"]).await.code(), Some(0));
    assert_eq!(home.ledger(), spent(&[40]));
}

#[tokio::test]
async fn an_unknown_price_is_blocked_by_any_rule_unless_its_most_is_said() {
    let (server, home) = a_till().await;
    let free = of_unknown_price(&home, &["--dry-run"]).await;
    assert_eq!(free.code(), Some(0), "{free:?}");
    let lines = free.lines();
    assert_eq!(
        (&lines[0]["estimate"], &check(&lines, "price")["outcome"]),
        (&json!(null), &json!("warn"))
    );
    // Nothing is no most: it would count as a price that is known.
    let nothing = of_unknown_price(&home, &["--max-cost", "0"]).await;
    is_blocked(&nothing, "max_cost", &["unknown price", "--max-cost $0.00"]);

    for scope in ["per-run", "day", "month", "project:kite"] {
        set(&home, scope, "0.40").await;
        let ran = of_unknown_price(&home, &["--project", "kite"]).await;
        is_blocked(&ran, "budget", &["the price is not known", "say --max-cost"]);
        let ran = of_unknown_price(&home, &["--project", "kite", "--max-cost", "0.41"]).await;
        is_blocked(&ran, "budget", &["$0.41 of $0.40"]);
        set(&home, scope, "off").await;
    }
    configure(&home, "limits = \"free\"");
    is_blocked(
        &of_unknown_price(&home, &[]).await,
        "limits",
        &["free plan, cost: the price is not known"],
    );
    configure(&home, "");
    assert_eq!(server.submissions(), 0);

    set(&home, "day", "0.40").await;
    let ran = of_unknown_price(&home, &["--max-cost", "0.40"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert_eq!(home.ledger(), spent(&[40]), "what was held is what it counts for");
    assert_eq!(ran.of_type("take")[0]["cost_basis"], "unknown");
}

#[tokio::test]
async fn a_floor_is_blocked_by_any_rule_unless_its_most_is_said() {
    let (server, home) = a_till().await;
    let dry = async |more: &[&str]| home.run(&[FLOOR, &["--dry-run"], more].concat()).await;
    assert_eq!(dry(&[]).await.code(), Some(0));
    set(&home, "day", "5").await;
    let blocked = dry(&[]).await;
    is_blocked(&blocked, "budget", &["the price is not known"]);
    let estimate = &blocked.lines()[0]["estimate"];
    assert_eq!((&estimate["low_usd"], &estimate["floor"]), (&json!("0.15"), &json!(true)));
    assert_eq!(dry(&["--max-cost", "5"]).await.code(), Some(0));
    is_blocked(&dry(&["--max-cost", "5.01"]).await, "budget", &["$5.01 of $5.00"]);
    is_blocked(&dry(&["--max-cost", "0.14"]).await, "max_cost", &["≥ $0.15 is above"]);
    assert_eq!(server.submissions(), 0);
}

#[tokio::test]
async fn a_batch_goes_whole_or_not_at_all_or_as_far_as_it_fits_where_that_was_said() {
    let (server, home) = a_till().await;
    set(&home, "day", "0.50").await;
    let whole = buy(&home, 20, &["--takes", "3"]).await;
    is_blocked(&whole, "budget", &["$0.00 spent + $0.00 held + $0.60 = $0.60 of $0.50"]);
    assert_eq!((server.submissions(), home.ledger()), (0, vec![]));

    let look = buy(&home, 20, &["--takes", "3", "--partly", "--dry-run"]).await;
    assert_eq!(look.code(), Some(0), "{look:?}");
    let lines = look.lines();
    let told = check(&lines, "budget");
    assert_eq!(told["outcome"], "warn");
    assert!(told["finding"].as_str().unwrap().starts_with("2 of 3 fit; "), "{told}");
    let partly = buy(&home, 20, &["--takes", "3", "--partly"]).await;
    assert_eq!(partly.code(), Some(0), "{partly:?}");
    assert!(partly.stderr().contains("2 of 3 go on"), "{}", partly.stderr());
    assert_eq!((server.submissions(), partly.of_type("take").len()), (2, 2));
    let charges = home.ledger().into_iter().filter(|(kind, _)| kind == "charge");
    assert_eq!(charges.map(|(_, amount)| amount).sum::<i64>(), 400_000);

    // Not one of them fits.
    let none = buy(&home, 20, &["--takes", "3", "--partly"]).await;
    is_blocked(&none, "budget", &["$0.40 spent + $0.00 held + $0.60 = $1.00 of $0.50"]);
    assert_eq!(buy(&home, 5, &["--takes", "2"]).await.code(), Some(0));
    assert_eq!(server.submissions(), 4);
}

#[tokio::test]
async fn a_plan_counts_videos_calls_and_cost_and_a_file_of_ones_own_is_one() {
    let (server, home) = a_till().await;
    configure(&home, "limits = \"free\"");
    // What came to nothing is no video, and was a call.
    let refused = Server::start().await;
    refused.on_submit([Answer::error(422, "no")]);
    let home = home.set("WAVESPEED_BASE_URL", refused.address());
    assert_eq!(buy(&home, 1, &[]).await.code(), Some(1));
    let home = home.set("WAVESPEED_BASE_URL", server.address());
    let dear = buy(&home, 201, &["--dry-run"]).await;
    is_blocked(
        &dear,
        "limits",
        &["free plan, cost: $0.00 spent", "$2.01 of $2.00", "the plan free", "config.toml"],
    );
    assert_eq!(buy(&home, 1, &["--takes", "2"]).await.code(), Some(0));
    is_blocked(&buy(&home, 1, &[]).await, "limits", &["free plan, videos: 2 + 1 = 3 of 2"]);

    let plan = async |text: &str| {
        let folder = home.path().join("config/limits");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("mine.toml"), text).unwrap();
        configure(&home, "limits = \"mine\"");
        buy(&home, 1, &["--dry-run"]).await
    };
    let is_free = |ran: &Ran| assert_eq!(ran.code(), Some(0), "{ran:?}");
    is_blocked(
        &plan("period = \"month\"\n[calls]\nwavespeed = 3").await,
        "limits",
        &["mine plan, wavespeed calls: 3 + 1 = 4 of 3"],
    );
    is_free(&plan("period = \"month\"\n[calls]\nwavespeed = 4").await);
    is_free(&plan("period = \"month\"\n[calls]\nhuggingface = \"disabled\"").await);
    is_blocked(
        &plan("period = \"2 days\"\nvideos = \"disabled\"").await,
        "limits",
        &["mine plan, videos: 2 + 1 = 3 of 0"],
    );
    is_free(&plan("period = \"2 days\"\nvideos = \"unlimited\"").await);
    is_blocked(&plan("period = \"2 days\"\ncost = \"0.02\"").await, "limits", &["$0.03 of $0.02"]);
    is_free(&plan("period = \"2 days\"\ncost = \"0.03\"").await);
    // What was made longer ago than the days that roll is not counted.
    let library = rusqlite::Connection::open(home.path().join("data/library.db")).unwrap();
    for table in ["figures", "sums", "model_sums", "project_sums"] {
        library.execute_batch(&format!("UPDATE {table} SET day = date(day, '-2 days')")).unwrap();
    }
    is_free(&plan("period = \"2 days\"\nvideos = 1").await);
    is_blocked(&plan("period = \"3 days\"\nvideos = 1").await, "limits", &["2 + 1 = 3 of 1"]);

    let broken = plan("period = \"month\"\nvideo = 2").await;
    assert_eq!(broken.code(), Some(2), "{broken:?}");
    assert!(
        broken.stderr().contains("mine.toml") && broken.stderr().contains("hint:"),
        "{broken:?}"
    );
    configure(&home, "limits = \"fre\"");
    let unknown = buy(&home, 1, &[]).await;
    assert_eq!(unknown.code(), Some(2));
    assert!(unknown.stderr().contains("did you mean free"), "{unknown:?}");
}

#[tokio::test]
async fn the_sandbox_is_bound_by_its_own_budgets_and_by_no_other() {
    let (_server, home) = a_till().await;
    configure(&home, "limits = \"free\"");
    set(&home, "day", "0").await;
    is_blocked(&buy(&home, 1, &["--dry-run"]).await, "budget", &["$0.01 of $0.00"]);
    is_blocked(&buy(&home, 300, &["--dry-run"]).await, "limits", &["free plan"]);
    let pretended = buy(&home, 300, &["--provider", "sandbox", "--dry-run"]).await;
    assert_eq!(pretended.code(), Some(0), "{pretended:?}");
    // What costs nothing needs no money.
    assert_eq!(buy(&home, 0, &["--dry-run"]).await.code(), Some(0));

    assert_eq!(home.run(&["budget", "set", "day", "1", "--sandbox"]).await.code(), Some(0));
    let over = buy(&home, 101, &["--provider", "sandbox"]).await;
    is_blocked(&over, "budget", &["$1.01 of $1.00", "rushes budget set day 1.01 --sandbox"]);
    let within = buy(&home, 100, &["--provider", "sandbox", "--dry-run"]).await;
    assert_eq!(within.code(), Some(0), "{within:?}");
    let shown = |limit: &str| json!([{"scope": "day", "limit": limit, "spent": "0.00", "held": "0.00", "left": limit}]);
    assert_eq!(home.json(&["budget", "show", "--json"]).await, shown("0.00"));
    assert_eq!(home.json(&["budget", "show", "--json", "--sandbox"]).await, shown("1.00"));
}

#[tokio::test]
async fn budgets_are_shown_with_what_stands_against_them_and_set_with_care() {
    let (_server, home) = a_till().await;
    assert_eq!(home.json(&["budget", "show", "--json"]).await, json!([]));
    for (scope, amount) in
        [("project:kite", "0.50"), ("month", "9"), ("day", "0.048"), ("per-run", "0.40")]
    {
        set(&home, scope, amount).await;
    }
    set(&home, "day", "off").await;
    assert_eq!(buy(&home, 40, &["--project", "kite"]).await.code(), Some(0));
    let row = |scope: &str, limit: &str, spent: &str, left: &str| json!({"scope": scope, "limit": limit, "spent": spent, "held": "0.00", "left": left});
    let expected = json!([
        row("per-run", "0.40", "0.00", "0.40"),
        row("month", "9.00", "0.40", "8.60"),
        row("project:kite", "0.50", "0.40", "0.10"),
    ]);
    assert_eq!(home.json(&["budget", "show", "--json"]).await, expected);

    let read_only = home.run(&["--read-only", "budget", "set", "month", "99"]).await;
    assert_eq!(read_only.code(), Some(4), "{read_only:?}");
    assert_eq!(home.json(&["--read-only", "budget", "show", "--json"]).await, expected);
    for wrong in
        [["day", "-1"], ["day", "much"], ["week", "1"], ["project:", "1"], ["day", "0.0000001"]]
    {
        let ran = home.run(&[&["budget", "set", "--"], &wrong[..]].concat()).await;
        assert_eq!(ran.code(), Some(2), "{wrong:?}: {ran:?}");
    }
    assert_eq!(home.json(&["budget", "show", "--json"]).await, expected);
}

#[tokio::test]
async fn a_budget_that_is_lowered_stops_what_still_waits_and_gives_its_money_back() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::new(&server).await;
    let jobs = world.orders(2).await;
    let budget = Some("0.20".parse().unwrap());
    let now = jiff::Timestamp::now();
    world.store().set_budget("day".parse().unwrap(), budget, false, now).await.unwrap();

    world.drive(&jobs[0]).await;
    let first = world.job(&jobs[0]).await;
    assert_eq!(first.stage.name(), StageName::Failed);
    let reason = first.reason.clone().unwrap();
    assert_eq!(reason.kind, ReasonKind::Blocked);
    assert!(reason.text.contains("day budget: $0.40 with this of $0.20"), "{reason:?}");
    assert_eq!(reason.hint.unwrap(), "rushes budget set day 0.40 allows it; or ask for less");
    assert_eq!(world.lines(&first).await, [LineKind::Hold, LineKind::Release]);
    assert_eq!(server.submissions(), 0);

    // What was given back is enough for the other one.
    world.drive(&jobs[1]).await;
    assert_eq!(world.job(&jobs[1]).await.stage.name(), StageName::Done);
    assert_eq!(server.submissions(), 1);

    world.store().set_budget("day".parse().unwrap(), None, false, now).await.unwrap();
    let job = world.order().await;
    let budget = Some("0.19".parse().unwrap());
    world.store().set_budget("per-run".parse().unwrap(), budget, false, now).await.unwrap();
    world.drive(&job).await;
    assert_eq!(world.lines(&job).await, [LineKind::Hold, LineKind::Release]);
    assert_eq!(server.submissions(), 1);
}
