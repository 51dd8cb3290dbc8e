//! The provider's own list of models: fetched, kept, used without a network, compared, priced by quotes.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rushes::catalog::{Catalog, InputSpec, Listing, Measured, ModelSpec, ParamKind, ParamSpec};
use rushes::domain::{Ask, Brief, CheckId, ModelId, Operation, Params};
use serde_json::{Value, json};

use crate::sandbox_client::Studio;

use crate::support::binary::{Home, Ran};
use crate::support::server::{Answer, Server, envelope};
use crate::support::world::World;
use crate::support::{RUBBISH, id, params};

const MINE: &str = "acme/hunyuan-of-tomorrow/text-to-video";

/// An entry of the list: a prompt, a length of 5 or 10 seconds, this formula.
fn entry(id: &str, formula: &str) -> Value {
    json!({
        "model_id": id, "name": id, "base_price": 0.25, "formula": formula, "sort_order": 1,
        "type": "text-to-video", "description": "Makes things move.",
        "api_schema": {"api_schemas": [{"type": "model_run", "request_schema": {
            "required": ["prompt"],
            "properties": {
                "prompt": {"type": "string"},
                "duration": {"type": "integer", "enum": [5, 10], "default": 5},
                "seed": {"type": "integer", "default": -1},
            },
        }}]},
    })
}

const PER_SECOND: &str = "{\"total_price\": base_price * duration / 5}";
/// It names what its schema lacks, as ten formulas of March 2026 do.
const NO_PRICE: &str = "{\"total_price\": base_price * num_frames}";

fn list(entries: &[Value]) -> Answer {
    Answer::json(200, &envelope(&json!(entries)))
}

fn offers(server: &Server, answer: Answer) {
    server.script(|script| script.models = Some(answer));
}

fn today() -> String {
    Timestamp::now().to_zoned(TimeZone::UTC).date().to_string()
}

fn kept(home: &Home) -> std::path::PathBuf {
    home.path().join("cache/models/wavespeed.json")
}

/// A home in which a list with this model was fetched once.
async fn home_with(server: &Server, entries: &[Value]) -> Home {
    offers(server, list(entries));
    let home = Home::with(server);
    let ran = home.run(&["models", "refresh"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    home
}

fn price_of(ran: &Ran) -> Value {
    let checks = ran.lines()[0]["checks"].as_array().unwrap().clone();
    checks.into_iter().find(|check| check["id"] == "price").unwrap()
}

#[tokio::test]
async fn a_fetched_list_is_kept_dated_and_used() {
    let server = Server::start().await;
    let home = home_with(&server, &[entry(MINE, PER_SECOND), entry("acme/old", "")]).await;
    offers(&server, list(&[entry(MINE, PER_SECOND), entry("acme/new", ""), json!({"odd": 1})]));
    let told = home.json(&["models", "refresh", "--json"]).await;
    assert_eq!((&told["models"], &told["priced"]), (&json!(2), &json!(2)), "{told}");
    assert_eq!((&told["new"], &told["gone"]), (&json!(["acme/new"]), &json!(["acme/old"])));
    assert_eq!(told["unusable"].as_array().unwrap().len(), 1);

    let found = home.json(&["models", "list", "--search", "tomorrow", "--json"]).await;
    assert_eq!(found[0]["id"], MINE);
    assert_eq!((&found[0]["origin"], &found[0]["checked"]), (&json!("listed"), &json!(today())));
    let shown = home.run(&["models", "show", MINE]).await.stdout();
    for part in [&format!("listed {}", today()), "by duration: 5 $0.25, 10 $0.50"] {
        assert!(shown.contains(part), "{shown}");
    }
    let filtered =
        home.json(&["models", "list", "--op", "text-to-video", "--provider", "sandbox", "--json"]);
    let filtered = filtered.await;
    assert!(filtered.as_array().unwrap().iter().any(|spec| spec["id"] == MINE));
    assert!(filtered.as_array().unwrap().iter().all(|spec| spec["operation"] == "text-to-video"));
}

#[tokio::test]
async fn what_is_no_list_replaces_nothing_and_the_old_one_stays_in_use() {
    let server = Server::start().await;
    let entries: Vec<Value> = (0..4).map(|number| entry(&format!("acme/{number}"), "")).collect();
    let home = home_with(&server, &entries).await;
    let before = std::fs::read(kept(&home)).unwrap();
    let check = async |home: &Home, hint: &str| {
        let ran = home.run(&["models", "refresh"]).await;
        assert_eq!(ran.code(), Some(1), "{ran:?}");
        let told = ran.stderr();
        assert!(told.contains("hint: ") && told.contains(hint), "{told}");
        assert!(told.contains(&format!("the list of {} stays in use", today())), "{told}");
        assert_eq!(std::fs::read(kept(home)).unwrap(), before);
    };
    for (answer, hint) in [
        (Answer::page(200), "hint"),
        (Answer::json(200, &envelope(&json!("nothing"))), "address"),
        (list(&[]), "address"),
        (list(&[json!({"model_id": ""}), json!(7)]), "address"),
        (list(&entries[..1]), "address"),
        (Answer::error(401, "Invalid API key"), "rushes key set wavespeed"),
        (Answer::error(503, "busy"), "network"),
        (Answer::Cut, "network"),
    ] {
        offers(&server, answer);
        check(&home, hint).await;
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = home.set("WAVESPEED_BASE_URL", &format!("http://{closed}"));
    check(&home, "network").await;
    let found = home.json(&["models", "list", "--search", "acme/3", "--json"]).await;
    assert_eq!(found[0]["id"], "acme/3", "it is used without a network");
}

#[tokio::test]
async fn without_a_key_there_is_no_list_and_without_a_list_no_comparison() {
    let home = Home::empty();
    let refresh = ["models", "refresh", "--provider", "wavespeed"];
    assert_eq!(home.run(&refresh).await.code(), Some(5));
    let ran = home.run(&["models", "check"]).await;
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    assert!(ran.stderr().contains("hint: rushes models refresh"), "{}", ran.stderr());
    assert_eq!(home.run(&["--read-only", "models", "refresh"]).await.code(), Some(4));
}

#[tokio::test]
async fn a_closed_pipe_ends_the_output_and_the_list_is_kept() {
    let server = Server::start().await;
    offers(&server, list(&[entry(MINE, PER_SECOND)]));
    let home = Home::with(&server);
    let mut child = home.spawn(&["models", "refresh", "--json"]);
    drop(child.stdout.take());
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
    assert!(kept(&home).is_file());
}

#[tokio::test]
async fn a_broken_file_in_the_cache_is_a_warning_and_stops_nothing() {
    let server = Server::start().await;
    let home = home_with(&server, &[entry(MINE, PER_SECOND)]).await;
    for broken in ["", "{", "[]", "{\"fetched_at\": \"2026-03-13T06:00:00Z\", \"models\": 7}"] {
        std::fs::write(kept(&home), broken).unwrap();
        let ran = home.run(&["models", "list", "--json"]).await;
        assert_eq!(ran.code(), Some(0), "{ran:?}");
        assert!(ran.stderr().contains("hint: fetch it again"), "{}", ran.stderr());
        let doctor = home.json(&["doctor", "--json"]).await;
        let said = doctor.to_string();
        assert!(said.contains("cannot be used"), "{said}");
    }
    let ran = home.run(&["generate", "kite", "--dry-run", "--provider", "sandbox"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert!(ran.stderr().contains("hint: fetch it again"), "{}", ran.stderr());
    assert_eq!(home.run(&["models", "refresh"]).await.code(), Some(0), "it mends it");
    assert_eq!(home.run(&["models", "show", MINE]).await.code(), Some(0));
}

#[tokio::test]
async fn a_listed_model_runs_in_the_sandbox() {
    let server = Server::start().await;
    let home = home_with(&server, &[entry(MINE, PER_SECOND)]).await;
    let home = home.set("RUSHES_SANDBOX_SPEED", "20");
    let order =
        ["generate", "kite", "-m", MINE, "--provider", "sandbox", "-p", "duration=10", "--json"];
    let ran = home.run(&order).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let take = ran.lines().last().unwrap().clone();
    assert_eq!((&take["cost"], &take["cost_basis"]), (&json!("0.50"), &json!("simulated")));
    assert_eq!((&take["duration"], &take["model_name"]), (&json!(10.0), &json!(MINE)));
    let fault = ["generate", "kite", "-m", MINE, "--provider", "sandbox", "-p", "duration=7"];
    assert_eq!(home.run(&fault).await.code(), Some(4));
}

#[tokio::test]
async fn differences_from_the_list_are_told_in_words() {
    let server = Server::start().await;
    let ltx = "lightricks/ltx-2-pro/text-to-video";
    let home = home_with(&server, &[entry(ltx, PER_SECOND)]).await;
    let ran = home.run(&["models", "check"]).await;
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    for line in [ltx, "  duration: 6, 8, 10 here; 5, 10 there", "  no longer listed"] {
        assert!(ran.stdout().lines().any(|told| told == line), "{line}: {}", ran.stdout());
    }
    let told = home.run(&["models", "check", "--json"]).await;
    assert_eq!(told.code(), Some(1));
    let told: Value = serde_json::from_str(&told.stdout()).unwrap();
    let of_ltx = told.as_array().unwrap().iter().find(|it| it["id"] == ltx).unwrap();
    let duration = json!({"field": "duration", "here": "6, 8, 10", "there": "5, 10"});
    assert!(of_ltx["differences"].as_array().unwrap().contains(&duration), "{of_ltx}");
}

#[tokio::test]
async fn the_sandbox_s_own_list_agrees_with_the_files() {
    let home = Home::empty();
    let ran = home.run(&["models", "refresh"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let ran = home.run(&["models", "check"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
}

#[tokio::test]
async fn where_no_rule_gives_a_price_the_provider_s_quote_is_held() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let home = home_with(&server, &[entry(MINE, NO_PRICE)]).await;
    let dry_run = ["generate", "kite", "-m", MINE, "--dry-run", "--json"];
    let ran = home.run(&dry_run).await;
    let estimate = ran.lines()[0]["estimate"].clone();
    assert_eq!((&estimate["low_usd"], &estimate["floor"]), (&json!("0.25"), &json!(true)));
    let told = price_of(&ran);
    assert_eq!(told["outcome"], "warn");
    assert!(told["finding"].as_str().unwrap().contains("no quote: "), "{told}");

    let quote = json!({"model_id": MINE, "price": 0.31, "discounted_price": 0.31});
    server.script(|script| script.price = Some(Answer::json(200, &envelope(&quote))));
    let ran = home.run(&["generate", "kite", "-m", MINE, "--yes", "--json"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let estimate = ran.lines()[0]["estimate"].clone();
    assert_eq!((&estimate["high_usd"], &estimate["floor"]), (&json!("0.31"), &json!(false)));
    assert_eq!(home.ledger()[0], ("hold".to_owned(), 310_000));
    let asked: Vec<_> =
        server.seen().into_iter().filter(|seen| seen.path == "/api/v3/model/price").collect();
    assert_eq!(asked.last().unwrap().json()["inputs"]["prompt"], "kite");

    // A rule that gives a price is compared with the quote.
    let ran = home.run(&["generate", "kite", "--dry-run", "--json"]).await;
    let estimate = ran.lines()[0]["estimate"].clone();
    assert_eq!((&estimate["low_usd"], &estimate["high_usd"]), (&json!("0.20"), &json!("0.31")));
    assert_eq!(price_of(&ran)["outcome"], "warn");
}

#[tokio::test]
async fn a_newer_catalogue_is_used_by_the_pipeline_that_runs() {
    let server = Server::start().await;
    let world = World::new(&server).await;
    let brief = Brief { model: ModelId::new(MINE), ..World::brief("kite") };
    let ask = Ask::new(vec![Brief { params: params("kite"), ..brief }]);
    let unknown = world.pipeline.preflight(&ask).await;
    assert!(unknown.blocks_on(CheckId::Parameters), "{unknown:?}");

    let body = json!([entry(MINE, PER_SECOND)]).to_string();
    let listing = Listing::read(&body, "2026-11-23".parse().unwrap()).unwrap();
    let newer = Catalog::with_listed(world.folder(), listing.models).unwrap();
    world.pipeline.catalog.put(newer);
    let known = world.pipeline.preflight(&ask).await;
    assert!(!known.blocks_on(CheckId::Parameters), "{known:?}");
    assert_eq!(known.estimate.unwrap().high.decimal(), "0.25");
}

#[tokio::test]
async fn a_worker_with_a_key_fetches_the_list_once_a_day() {
    let server = Server::start().await;
    offers(&server, list(&[entry(MINE, PER_SECOND)]));
    server.on_submit([Answer::prediction(&id(1), "created", &[])]);
    server.on_result([Answer::prediction(&id(1), "processing", &[])]);
    let home = Home::with(&server);
    let asked =
        |server: &Server| server.seen().iter().filter(|seen| seen.path == "/api/v3/models").count();
    let mut generate = home.spawn(&["generate", "kite", "--yes"]);
    server.until("a poll", |server| server.polls() > 0).await;
    assert_eq!(asked(&server), 0, "a short command fetches nothing");
    generate.kill().await.unwrap();

    let worker = home.spawn(&["worker"]);
    server.until("a question for the list", |server| asked(server) == 1).await;
    for _ in 0..2_000 {
        if kept(&home).is_file() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(home.run(&["models", "show", MINE]).await.code(), Some(0));
    drop(worker);

    let polls = server.polls();
    let _second = home.spawn(&["worker"]);
    server.until("the second worker's polls", |server| server.polls() > polls + 2).await;
    assert_eq!(asked(&server), 1, "the list is of today");
}

/// What the list has words for.
fn of_param(param: &ParamSpec) -> ParamSpec {
    let fields = param.fields.iter().map(of_param).collect();
    let unit = (param.key == "duration").then(|| "s".to_owned());
    ParamSpec { fields, unit, ..param.clone() }
}

fn of_input(input: &InputSpec) -> InputSpec {
    let formats = vec![];
    let (max_bytes, min_seconds, max_seconds) = (None, None, None);
    let (min_side, max_ratio) = (None, None);
    InputSpec { formats, max_bytes, min_seconds, max_seconds, min_side, max_ratio, ..input.clone() }
}

/// Every setting that a price may look at: the defaults, each value of each choice and switch, and files
/// of this length.
fn tries(spec: &ModelSpec) -> Vec<Params> {
    let mut tries = vec![Params::new()];
    for param in &spec.params {
        let values = match &param.kind {
            ParamKind::Choice { of } => of.clone(),
            ParamKind::Switch => vec![json!(false), json!(true)],
            _ => vec![],
        };
        let known = tries.clone();
        // Two at once find what one alone does not.
        let with = values.iter().flat_map(|value| {
            known.iter().filter(|it| it.len() < 2).map(move |given| {
                let mut given = given.clone();
                given.insert(param.key.clone(), value.clone());
                given
            })
        });
        tries.extend(with);
    }
    tries
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_s_list_gives_back_every_built_in_model() {
    let studio = Studio::open().await;
    let body = studio.get("/api/v3/models").await.text();
    let listing = Listing::read(&body, "2026-03-13".parse().unwrap()).unwrap();
    assert_eq!(listing.unusable, []);
    let catalog = Catalog::builtin().unwrap();
    assert_eq!(catalog.compared_with(&listing.models), []);
    let (mut priced, mut other) = (0, Vec::new());
    // What is done on the client's own machine is in nobody's list.
    let offered = catalog.all().iter().filter(|spec| !spec.is_local());
    for (ours, theirs) in offered.zip(&listing.models) {
        let id = &ours.id;
        assert_eq!(*id, theirs.id);
        let params: Vec<_> = ours.params.iter().map(of_param).collect();
        assert_eq!(params, theirs.params, "{id}");
        let inputs: Vec<_> = ours.inputs.iter().map(of_input).collect();
        assert_eq!(inputs, theirs.inputs, "{id}");
        assert_eq!(ours.conditions, theirs.conditions, "{id}");
        assert_eq!(ours.output, theirs.output, "{id}");
        other.extend(
            (ours.operation != theirs.operation).then_some((id.as_str(), theirs.operation)),
        );
        for ms in [700, 7_500, 61_250] {
            let files = ours.inputs.iter().filter(|input| input.required);
            let measured = files.fold(Measured::default(), |all, it| all.lasting(&it.key, ms));
            for given in tries(ours) {
                let price = |spec: &ModelSpec| {
                    let estimate = spec.estimate(&given, &measured);
                    estimate.map(|it| (it.low, it.high, it.floor))
                };
                // A formula has a time limit, which a busy machine may let pass: it is asked again.
                let there = (0..3).map(|_| price(theirs)).find(|there| *there == price(ours));
                let there = there.unwrap_or_else(|| price(theirs));
                assert_eq!(price(ours), there, "{id} {given:?} {ms} ms");
                priced += 1;
            }
        }
    }
    // The service has no type for these; what it says of them is that they change a video.
    let changed = ["wavespeed-ai/depth-anything/video", "wavespeed-ai/sam3-video"];
    assert_eq!(other, changed.map(|id| (id, Operation::Retake)));
    assert!(priced > 10_000, "{priced} prices were compared");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_quotes_what_our_rules_say() {
    let studio = Studio::open().await;
    let catalog = Catalog::builtin().unwrap();
    for spec in catalog.all().iter().filter(|spec| !spec.is_local()) {
        let inputs = spec.defaults();
        let Some(ours) = spec.estimate(&inputs, &Measured::default()) else { continue };
        let body = json!({"model_id": spec.id, "inputs": inputs});
        let quoted = studio.post("/api/v3/model/price", &body).await.data();
        let price = quoted["price"].as_f64().unwrap();
        let ours = ours.high.decimal().parse::<f64>().unwrap();
        assert!((price - ours).abs() < 1e-9, "{}: {price} is not {ours}", spec.id);
    }
}
