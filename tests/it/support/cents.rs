//! Models whose price a test says to the cent, and a provider that makes whatever is asked for.

use std::path::Path;

use serde_json::Value;

use super::binary::{Home, Ran};
use super::server::{Answer, Server};
use super::{RUBBISH, id};

/// Costs as many cents as its parameter `cents` says.
pub(crate) const CENTS: &str = "proofs/hunyuan-cents";
/// Costs nobody knows what.
pub(crate) const UNKNOWN: &str = "proofs/hunyuan-unknown";

/// Puts both models into a folder of models.
pub(crate) fn write_models(folder: &Path) {
    let model = |id: &str, price: &str| {
        format!(
            r#"
            id = "{id}"
            name = "A proof"
            providers = ["wavespeed", "sandbox"]
            operation = "text-to-video"
            about = "For a test."
            source = "a test"
            checked = "2026-11-23"
            output = "video"
            [[params]]
            key = "prompt"
            kind = "text"
            required = true
            about = "What is to be seen."
            [[params]]
            key = "cents"
            kind = "integer"
            min = 0
            max = 1000
            default = 40
            about = "What it costs."
            {price}"#
        )
    };
    let price = r#"
            [price]
            times = [{ by_param = "cents" }]
            [[price.rules]]
            usd = "0.01""#;
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("cents.toml"), model(CENTS, price)).unwrap();
    std::fs::write(folder.join("unknown.toml"), model(UNKNOWN, "")).unwrap();
}

/// Answers every submission with a record of its own that is done at once.
pub(crate) fn makes_everything(server: &Server) {
    let output = server.output("1.mp4");
    let mut made = 0;
    server.answers(move |request| {
        let path = request.path.as_str();
        if path == "/api/v3/balance" {
            let balance = serde_json::json!({"code": 200, "data": {"balance": 500.0}});
            Answer::json(200, &balance)
        } else if let Some(record) = path.strip_prefix("/api/v3/predictions/") {
            let record = record.trim_end_matches("/result");
            Answer::prediction(record, "completed", std::slice::from_ref(&output))
        } else if path.starts_with("/outputs/") {
            Answer::Body(200, "video/mp4", RUBBISH.to_vec())
        } else if request.method == "POST" && path.contains("hunyuan") {
            made += 1;
            Answer::prediction(&id(made), "created", &[])
        } else {
            Answer::Body(404, "text/plain", b"404 page not found".to_vec())
        }
    });
}

/// A provider that makes everything, and a home with these models that may send as much as it likes.
pub(crate) async fn a_till() -> (Server, Home) {
    let server = Server::start().await;
    makes_everything(&server);
    let home = Home::with(&server);
    write_models(&home.path().join("config/models"));
    configure(&home, "");
    (server, home)
}

/// Writes the settings of such a home: these, before the tables.
pub(crate) fn configure(home: &Home, settings: &str) {
    let text = format!("{settings}\n[wavespeed]\naccount_level = \"gold\"\n");
    std::fs::write(home.path().join("config/config.toml"), text).unwrap();
}

/// Orders a kite for so many cents.
pub(crate) async fn buy(home: &Home, cents: i64, more: &[&str]) -> Ran {
    let cents = format!("cents={cents}");
    let words = ["generate", "kite", "-m", CENTS, "-p", &cents, "--yes", "--json"];
    home.run(&[&words, more].concat()).await
}

/// A check of an order's last pre-flight.
pub(crate) fn check<'a>(lines: &'a [Value], id: &str) -> &'a Value {
    let preflight = lines.iter().rfind(|line| line["type"] == "preflight").unwrap();
    let checks = preflight["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id} in {lines:?}"))
}

/// The order is blocked by this check, in these words.
pub(crate) fn is_blocked(ran: &Ran, id: &str, parts: &[&str]) {
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    let lines = ran.lines();
    let check = check(&lines, id);
    assert_eq!(check["outcome"], "block", "{ran:?}");
    let told = format!("{} | {}", check["finding"], check["hint"]);
    for part in parts {
        assert!(told.contains(part), "no {part:?} in {told}");
    }
}
