//! What `rushes usage` prints: the shapes that scripts rely on, and the same figures everywhere.

use jiff::civil::date;
use serde_json::Value;

use super::*;
use crate::domain::{Scope, Usd};
use crate::store::Store;
use crate::store::walk::{Walked, walks};

async fn told(store: &Store, filter: UsageFilter, by: GroupBy) -> Told {
    let asked = Asked { filter, by, dearest: 3 };
    Told::read(store, None, date(2026, 11, 23), asked).await.expect("it is told")
}

fn micros(value: &Value) -> i64 {
    let amount: Usd = value.as_str().expect("an amount").parse().expect("an amount");
    amount.micros()
}

#[tokio::test]
async fn an_empty_library_tells_just_these_fields() {
    let walked = Walked::through(&[]).await;
    let usage = json::usage(&told(&walked.store, UsageFilter::default(), GroupBy::Model).await);
    let text = usage.to_string();
    let begins = "{\"currency\":\"USD\",\"spent\":\"0.00\",\"held\":\"0.00\",\"refund_due\":\"0.00\",\
         \"simulated\":\"0.00\",\"by\":[],\"grouped_by\":\"model\",\"of\":\"real\",\"since\":null,";
    assert!(text.starts_with(begins), "{text}");
    let names: Vec<_> = usage.as_object().expect("an object").keys().skip(8).collect();
    let expected = [
        "since",
        "until",
        "project",
        "totals",
        "budgets",
        "limits",
        "alerts",
        "today",
        "month",
        "projection",
        "top",
    ];
    assert_eq!(names, expected);
    assert_eq!(usage["projection"], Value::Null);
}

#[tokio::test]
async fn json_csv_and_text_say_what_a_plain_sum_over_the_ledger_says() {
    let walked = Walked::through(&walks(400)).await;
    let store = &walked.store;
    for scope in [Scope::Day, Scope::Month, Scope::Project("film 1".into())] {
        let amount = Some(Usd::from_micros(1_000_000));
        store.set_budget(scope, amount, false, jiff::Timestamp::UNIX_EPOCH).await.expect("set");
    }
    for simulated in [false, true] {
        let (spent, held) = walked.plainly(&format!("ledger.simulated = {simulated}"));
        let filter = UsageFilter { simulated, ..UsageFilter::default() };
        for by in GroupBy::ALL {
            let told = told(store, filter.clone(), by).await;
            let usage = json::usage(&told);
            assert_eq!(micros(&usage["spent"]), spent.micros());
            assert_eq!(micros(&usage["held"]), held.micros());
            let (pretended, _) = walked.plainly("ledger.simulated");
            assert_eq!(micros(&usage["simulated"]), pretended.micros());
            assert_eq!(
                usage["budgets"].as_array().expect("a list").len(),
                if simulated { 0 } else { 3 }
            );
            let lines = text::usage(&told);
            let sums = format!("  spent {spent}   held {held}   ");
            assert!(lines[1].starts_with(&sums), "{lines:#?}");

            let groups = store.groups(by, filter.clone()).await.expect("groups");
            let written = csv::groups(by, &groups);
            let mut reader = ::csv::Reader::from_reader(written.as_bytes());
            let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
            let listed = usage["by"].as_array().expect("a list");
            assert_eq!(rows.len(), listed.len());
            for (row, group) in rows.iter().zip(listed) {
                assert_eq!(
                    (&row[0], &row[9]),
                    (group["key"].as_str().unwrap(), group["spent"].as_str().unwrap())
                );
            }
            if by != GroupBy::Tag {
                let sum: i64 = listed.iter().map(|group| micros(&group["spent"])).sum();
                assert_eq!(sum, spent.micros(), "by {}", by.as_str());
            }
        }
        let (day, _) = walked.plainly(&format!(
            "ledger.simulated = {simulated} AND ledger.account_day = '2026-11-23'"
        ));
        let (month, _) = walked.plainly(&format!(
            "ledger.simulated = {simulated} AND ledger.account_day LIKE '2026-11-%'"
        ));
        let usage = json::usage(&told(store, filter, GroupBy::Day).await);
        assert_eq!(micros(&usage["today"]["spent"]), day.micros());
        assert_eq!(micros(&usage["month"]["spent"]), month.micros());
    }
}

#[tokio::test]
async fn a_project_is_told_alone_with_its_own_budget() {
    let walked = Walked::through(&walks(200)).await;
    for scope in [Scope::Day, Scope::Project("film 1".into()), Scope::Project("film 2".into())] {
        let amount = Some(Usd::from_micros(1_000_000));
        let set = walked.store.set_budget(scope, amount, false, jiff::Timestamp::UNIX_EPOCH).await;
        set.expect("set");
    }
    let filter = UsageFilter { project: Some("film 1".into()), ..UsageFilter::default() };
    let usage = json::usage(&told(&walked.store, filter, GroupBy::Project).await);
    let (spent, held) = walked.plainly("NOT ledger.simulated AND ledger.project = 'film 1'");
    assert_eq!((micros(&usage["spent"]), micros(&usage["held"])), (spent.micros(), held.micros()));
    let budgets = usage["budgets"].as_array().unwrap();
    assert_eq!(budgets.len(), 1);
    assert_eq!(budgets[0]["scope"], "project:film 1");
    assert_eq!(micros(&budgets[0]["spent"]), spent.micros());
    assert_eq!(usage["by"].as_array().unwrap().len(), 1);
}
