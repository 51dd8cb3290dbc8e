//! `--matrix` through the real binary, against the sandbox.

use serde_json::{Value, json};

use crate::support::binary::{Home, Ran};

/// The rows of a dry run's preflight line.
fn rows(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    ran.lines()[0]["rows"].as_array().cloned().unwrap_or_default()
}

async fn dry(arguments: &[&str]) -> Ran {
    let home = Home::empty();
    let all = [&["generate", "--dry-run", "--json"], arguments].concat();
    home.run(&all).await
}

#[tokio::test]
async fn alternatives_and_repeated_values_are_rows_with_a_price_each() {
    let ran = dry(&["a {red|blue} kite", "--matrix", "-p", "duration=5", "-p", "duration=8"]).await;
    let rows = rows(&ran);
    let told: Vec<_> = rows.iter().map(|row| (&row["prompt"], &row["params"])).collect();
    let (red, blue) = (json!("a red kite"), json!("a blue kite"));
    let (five, eight) = (json!({"duration": 5}), json!({"duration": 8}));
    assert_eq!(told, [(&red, &five), (&red, &eight), (&blue, &five), (&blue, &eight)]);
    let sum = |rows: &[Value]| -> f64 {
        rows.iter().map(|row| row["high_usd"].as_str().unwrap().parse::<f64>().unwrap()).sum()
    };
    let total: f64 = ran.lines()[0]["estimate"]["high_usd"].as_str().unwrap().parse().unwrap();
    assert!((sum(&rows) - total).abs() < 1e-9, "{rows:#?}");
}

#[tokio::test]
async fn takes_are_per_row_and_no_seed_is_paid_twice() {
    let arguments = ["{a|b}", "--matrix", "-p", "seed=1", "-p", "seed=2", "--takes", "2"];
    let rows = rows(&dry(&arguments).await);
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row["takes"] == 2), "{rows:#?}");

    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "50");
    let mut all = vec!["generate", "--json"];
    all.extend(["kite", "--matrix", "-p", "seed=1", "-p", "seed=2", "--takes", "2"]);
    let ran = home.run(&all).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let takes = ran.of_type("take");
    let mut seeds: Vec<_> = takes.iter().map(|take| take["seed"].as_i64().unwrap()).collect();
    seeds.sort_unstable();
    assert_eq!(seeds, [1, 2, 3, 4]);
}

#[tokio::test]
async fn braces_are_letters_without_matrix_and_behind_a_backslash() {
    for arguments in [&["a {red|blue} kite"][..], &[r"a \{red\|blue\} kite", "--matrix"]] {
        let ran = dry(arguments).await;
        assert_eq!(rows(&ran), Vec::<Value>::new(), "one row is no batch: {ran:?}");
    }
    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "50");
    let ran = home.run(&["generate", r"a \{red|blue\} kite", "--matrix", "--json"]).await;
    assert_eq!(ran.of_type("take")[0]["prompt"], "a {red|blue} kite");
}

#[tokio::test]
async fn too_many_rows_and_several_models_without_matrix_are_wrong_usage() {
    let many = "{a|b}".repeat(30);
    let ran = dry(&[&many, "--matrix"]).await;
    assert_eq!(ran.code(), Some(2), "{ran:?}");
    assert!(ran.stderr().contains(&(1_u64 << 30).to_string()), "{}", ran.stderr());
    let models = ["-m", "alibaba/wan-2.5/text-to-video", "-m", "alibaba/wan-2.6/text-to-video"];
    let ran = dry(&[&["kite"], &models[..]].concat()).await;
    assert_eq!(ran.code(), Some(2), "{ran:?}");
    let ran = dry(&[&["kite", "--matrix"], &models[..]].concat()).await;
    let named: Vec<_> = rows(&ran).iter().map(|row| row["model"].clone()).collect();
    assert_eq!(named, [models[1], models[3]]);
}

#[tokio::test]
async fn every_fault_of_every_row_is_told_at_once() {
    let ran = dry(&["{a|}", "--matrix", "-p", "duration={5|99}", "-p", "nonsense=1"]).await;
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    let line = &ran.lines()[0];
    let checks = line["checks"].as_array().unwrap();
    let finding = checks.iter().find(|check| check["id"] == "parameters").unwrap();
    let finding = finding["finding"].as_str().unwrap();
    for part in ["prompt", "99", "nonsense"] {
        assert!(finding.contains(part), "{part}: {finding}");
    }
    assert_eq!(line["rows"].as_array().unwrap().len(), 4, "what is blocked is priced too");
}

#[tokio::test]
async fn a_repeated_value_without_matrix_is_the_last_one() {
    let ran = dry(&["kite", "-p", "duration=99", "-p", "duration=5"]).await;
    assert_eq!(rows(&ran), Vec::<Value>::new());
}

#[tokio::test]
async fn an_order_that_does_not_fit_is_admitted_not_at_all_or_as_far_as_it_fits() {
    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "50");
    let words = ["generate", "{a|b|c}", "--matrix", "--json"];
    let price = home.run(&[&words[..], &["--dry-run"]].concat()).await;
    let rows = price.lines()[0]["rows"].clone();
    let each: f64 = rows[0]["high_usd"].as_str().unwrap().parse().unwrap();
    let two = format!("{:.2}", each * 2.0);
    let set = home.run(&["budget", "set", "day", &two, "--sandbox"]).await;
    assert_eq!(set.code(), Some(0), "{set:?}");
    let ran = home.run(&words).await;
    assert_eq!((ran.code(), home.jobs().await.len()), (Some(4), 0), "{ran:?}");
    let ran = home.run(&[&words[..], &["--partly"]].concat()).await;
    let made: Vec<_> = ran.of_type("take").iter().map(|take| take["prompt"].clone()).collect();
    assert_eq!(home.jobs().await.len(), 2, "{ran:?}");
    assert!(made.contains(&"a".into()) && made.contains(&"b".into()), "{made:?}");
}
