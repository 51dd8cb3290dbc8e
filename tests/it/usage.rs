//! `rushes usage`: the account's days in other time zones, and what a spreadsheet gets.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::civil::Date;
use rushes::clock::Clock;
use rushes::domain::usage::{GroupBy, LedgerFilter, UsageFilter};
use rushes::domain::{LineKind, Scope, Usd};
use serde_json::Value;
use tokio::io::AsyncWriteExt;

use crate::support::binary::Home;
use crate::support::server::Server;
use crate::support::world::World;
use crate::support::{RUBBISH, id};

/// A clock that stands where it is set.
struct Set(Mutex<Timestamp>);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Orders at each of these moments; each has to count on its day, alone and in its month.
async fn check(zone: &str, moments: &[(&str, &str)]) {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let mut world = World::new(&server).await;
    let clock = Arc::new(Set(Mutex::new(Timestamp::UNIX_EPOCH)));
    {
        let pipeline = Arc::get_mut(&mut world.pipeline).unwrap();
        pipeline.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        pipeline.terms.zone = jiff::tz::TimeZone::get(zone).unwrap();
    }
    let budget = Some(Usd::from_micros(1_000_000_000));
    let store = world.store();
    store.set_budget(Scope::Month, budget, false, Timestamp::UNIX_EPOCH).await.unwrap();
    for (at, day) in moments {
        *clock.0.lock().unwrap() = at.parse().unwrap();
        assert_eq!(world.pipeline.account_day().to_string(), *day, "{zone}: {at}");
        world.order().await;
    }
    let count =
        |is: &dyn Fn(&str) -> bool| moments.iter().filter(|(_, day)| is(day)).count() as u64;
    for (at, day) in moments {
        let date: Date = day.parse().unwrap();
        let within = |since: Date, until: Date| UsageFilter {
            since: Some(since),
            until: Some(until),
            ..UsageFilter::default()
        };
        let figures = store.figures(within(date, date)).await.unwrap();
        assert_eq!(figures.jobs, count(&|other| other == *day), "{zone}: {day}");
        let groups = store.groups(GroupBy::Day, within(date, date)).await.unwrap();
        assert_eq!(groups.len(), 1, "{zone}: {day}");
        assert_eq!(groups[0].key, *day);
        let (first, last) = (date.first_of_month(), date.last_of_month());
        let month = store.figures(within(first, last)).await.unwrap();
        assert_eq!(month.jobs, count(&|other| other[..7] == day[..7]), "{zone}: month of {day}");
        let standing = store.standings(None, date, false).await.unwrap().remove(0);
        assert_eq!(standing.used.held, month.held.micros(), "{zone}: the budget of {day}");
        let jobs = within(date, date);
        let page = LedgerFilter { jobs, limit: 100, ..LedgerFilter::default() };
        let lines = store.entries(page).await.unwrap();
        assert_eq!(lines.len() as u64, figures.jobs);
        assert!(lines.iter().any(|line| line.at == at.parse().unwrap()), "{zone}: {at}");
    }
}

#[tokio::test]
async fn days_and_months_end_at_midnight_in_new_york_on_days_of_23_and_25_hours_too() {
    check(
        "America/New_York",
        &[
            ("2026-03-08T04:59:59.999Z", "2026-03-07"),
            ("2026-03-08T05:00:00Z", "2026-03-08"),
            ("2026-03-09T03:59:59.999Z", "2026-03-08"),
            ("2026-03-09T04:00:00Z", "2026-03-09"),
            ("2026-11-01T03:59:59.999Z", "2026-10-31"),
            ("2026-11-01T04:00:00Z", "2026-11-01"),
            // Half past one, twice.
            ("2026-11-01T05:30:00Z", "2026-11-01"),
            ("2026-11-01T06:30:00Z", "2026-11-01"),
            ("2026-11-02T04:59:59.999Z", "2026-11-01"),
            ("2026-11-02T05:00:00Z", "2026-11-02"),
        ],
    )
    .await;
}

#[tokio::test]
async fn days_and_months_end_at_midnight_in_warsaw_on_days_of_23_and_25_hours_too() {
    check(
        "Europe/Warsaw",
        &[
            ("2026-03-28T22:59:59.999Z", "2026-03-28"),
            ("2026-03-28T23:00:00Z", "2026-03-29"),
            ("2026-03-29T21:59:59.999Z", "2026-03-29"),
            ("2026-03-29T22:00:00Z", "2026-03-30"),
            ("2026-10-24T22:00:00Z", "2026-10-25"),
            ("2026-10-25T22:59:59.999Z", "2026-10-25"),
            ("2026-10-31T22:59:59.999Z", "2026-10-31"),
            ("2026-10-31T23:00:00Z", "2026-11-01"),
        ],
    )
    .await;
}

#[tokio::test]
async fn days_and_months_end_at_midnight_on_lord_howe_where_summer_is_half_an_hour() {
    check(
        "Australia/Lord_Howe",
        &[
            ("2026-04-04T12:59:59.999Z", "2026-04-04"),
            ("2026-04-04T13:00:00Z", "2026-04-05"),
            ("2026-04-05T13:29:59.999Z", "2026-04-05"),
            ("2026-04-05T13:30:00Z", "2026-04-06"),
            ("2026-10-03T13:30:00Z", "2026-10-04"),
            ("2026-10-04T12:59:59.999Z", "2026-10-04"),
            ("2026-10-31T12:59:59.999Z", "2026-10-31"),
            ("2026-10-31T13:00:00Z", "2026-11-01"),
        ],
    )
    .await;
}

/// What Python's own reader makes of it, a list of lists; `None` where there is no Python.
async fn read_by_python(csv: &str) -> Option<Value> {
    let script = "import csv, json, io, sys\n\
        text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')\n\
        print(json.dumps(list(csv.reader(text, strict=True))))";
    let mut python = tokio::process::Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(csv.as_bytes()).await.unwrap();
    drop(stdin);
    let output = python.wait_with_output().await.unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test]
async fn usage_says_the_same_as_json_csv_and_lines_and_a_spreadsheet_runs_nothing_of_it() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let home = Home::with(&server);
    let prompt = "=HYPERLINK(\"https://x.test\"), \"żółw\"\nline two";
    for (number, project) in [(1, "=1+1"), (2, "kite, red")] {
        server.does_well(&id(number), RUBBISH);
        let ran = home
            .run(&["generate", prompt, "--project", project, "--tag", "@tag", "--yes", "--json"])
            .await;
        assert_eq!(ran.code(), Some(0), "{ran:?}");
    }
    let sandbox =
        Home::run(&home, &["generate", "pretended", "--provider", "sandbox", "--json"]).await;
    assert_eq!(sandbox.code(), Some(0), "{sandbox:?}");

    let usage = home.json(&["usage", "--json", "--by", "project"]).await;
    let real: i64 = home.sums().0;
    assert_eq!(usage["spent"], Usd::from_micros(real).decimal());
    assert_eq!((&usage["of"], &usage["simulated"]), (&"real".into(), &"0.20".into()));
    let spent: Vec<_> =
        usage["by"].as_array().unwrap().iter().map(|group| group["spent"].clone()).collect();
    assert_eq!(usage["by"].as_array().unwrap().len(), 2, "{usage:#}");
    assert_eq!(usage["today"]["runs"], 2);
    assert_eq!(usage["top"].as_array().unwrap().len(), 2);
    let pretended = home.json(&["usage", "--json", "--sandbox"]).await;
    assert_eq!((&pretended["of"], &pretended["spent"]), (&"sandbox".into(), &"0.20".into()));
    assert_eq!(pretended["totals"]["runs"], 1);

    let csv = home.run(&["usage", "--csv", "--by", "project"]).await;
    let ledger = home.run(&["usage", "--ledger", "--csv", "--kind", "charge"]).await;
    let lines = home.json(&["usage", "--ledger", "--json", "--kind", "charge"]).await;
    assert_eq!(lines.as_array().unwrap().len(), 2);
    assert_eq!(lines[0]["prompt"], prompt);
    if let Some(rows) = read_by_python(&csv.stdout()).await {
        let place = |name: &str| {
            let header = rows[0].as_array().unwrap();
            header
                .iter()
                .position(|field| field == name)
                .unwrap_or_else(|| panic!("{name} in {header:?}"))
        };
        assert_eq!(rows.as_array().unwrap().len(), 3);
        assert_eq!(rows[1][place("spent_usd")], spent[0]);
        assert_eq!(rows[1][place("video_seconds")], "0.000");
        let mut projects = [rows[1][0].as_str().unwrap(), rows[2][0].as_str().unwrap()];
        projects.sort_unstable();
        assert_eq!(projects, ["'=1+1", "kite, red"]);
        let rows = read_by_python(&ledger.stdout()).await.unwrap();
        assert_eq!(rows.as_array().unwrap().len(), 3);
        let last = rows[1].as_array().unwrap().last().unwrap();
        assert_eq!(last, &format!("'{prompt}"));
    }
    let found = async |arguments: &[&str]| {
        let arguments = [&["usage", "--ledger", "--json"], arguments].concat();
        home.json(&arguments).await.as_array().unwrap().len()
    };
    assert_eq!(found(&[]).await, 6);
    assert_eq!(found(&["--find", "kite"]).await, 3);
    assert_eq!(found(&["--find", "@TAG", "--limit", "2"]).await, 2);
    assert_eq!(found(&["--project", "=1+1", "--kind", LineKind::Hold.as_str()]).await, 1);
    assert_eq!(found(&["--sandbox"]).await, 3);
    assert_eq!(found(&["--since", "2000-01-01", "--until", "2000-01-02"]).await, 0);
    let text = home.run(&["usage", "--top", "1"]).await.stdout();
    for part in ["ever\n  spent $", "this month, ", "the dearest\n", "sandbox, simulated: $0.20\n"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let wrong = home.run(&["usage", "--since", "2026-02-02", "--until", "2026-02-01"]).await;
    assert_eq!(wrong.code(), Some(2), "{wrong:?}");
}
