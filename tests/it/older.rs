//! A library that an older program wrote: its money is counted as if it had always been.

use rushes::domain::bound::Rule;
use rushes::domain::{Scope, Standing, Usd};
use rushes::store::Store;
use rushes::store::ledger::Days;
use rusqlite::Connection;

/// A library of schema 2 with a job in each state that money knows.
fn written_by_schema_2(path: &std::path::Path) {
    let library = Connection::open(path).unwrap();
    library
        .execute_batch(concat!(
            include_str!("../../assets/migrations/0001_first.sql"),
            include_str!("../../assets/migrations/0002_uploads.sql"),
            "PRAGMA user_version = 2;"
        ))
        .unwrap();
    // A number, where it counts, where it stands, whether it was sent, its lines, its take's verdict.
    let job = |number: u8,
               day: &str,
               project: Option<&str>,
               (provider, operation): (&str, &str),
               stage: &str,
               abandoned: bool,
               lines: &[(&str, i64)]| {
        let id = vec![number; 16];
        let simulated = provider == "sandbox";
        let brief = format!(r#"{{"tags": ["b{}"]}}"#, number % 2);
        let sent = (stage != "queued").then_some(5);
        library
            .execute(
                "INSERT INTO jobs (id, number, brief, provider, base_url, credential, simulated, model,
                    operation, project, prompt, account_day, hold, stage, abandoned, created, submitted, stage_at)
                 VALUES (?1, ?2, ?3, ?4, '', '', ?5, 'm', ?6, ?7, 'kite', ?8, 200000, ?9, ?10, 0, ?11, 0)",
                rusqlite::params![id, number, brief, provider, simulated, operation, project, day, stage, abandoned, sent],
            )
            .unwrap();
        for (kind, amount) in lines {
            library
                .execute(
                    "INSERT INTO ledger (job, kind, amount, basis, at, account_day, project, simulated)
                     VALUES (?1, ?2, ?3, 'quoted', 0, ?4, ?5, ?6)",
                    rusqlite::params![id, kind, amount, day, project, simulated],
                )
                .unwrap();
        }
    };
    let (hold, release, charge) = (("hold", 200_000), ("release", 200_000), ("charge", 200_000));
    let due = ("refund_due", 200_000);
    let video = ("wavespeed", "text-to-video");
    let kite = Some("kite");
    job(1, "2026-11-22", kite, video, "done", false, &[hold, release, charge]);
    job(2, "2026-11-23", kite, video, "done", false, &[hold, release, charge, ("adjust", -50_000)]);
    job(3, "2026-11-23", None, video, "failed", false, &[hold, release, charge, due]);
    job(
        4,
        "2026-11-23",
        None,
        video,
        "failed",
        false,
        &[hold, release, charge, due, ("refund", 150_000)],
    );
    job(5, "2026-11-23", kite, video, "in_doubt", false, &[hold]);
    job(6, "2026-11-23", None, video, "queued", false, &[hold]);
    job(7, "2026-11-23", None, video, "done", true, &[hold, release, charge]);
    job(8, "2026-11-23", None, ("wavespeed", "speech"), "done", false, &[hold, release, charge]);
    job(
        9,
        "2026-11-23",
        kite,
        ("sandbox", "text-to-video"),
        "done",
        false,
        &[hold, release, charge],
    );
    for (number, verdict, facts) in [
        (1, Some("kept"), r#"{"duration_ms": 5000}"#),
        (2, Some("rejected"), r#"{"duration_ms": 5000}"#),
        (7, None, "{}"),
        (9, Some("kept"), r#"{"duration_ms": 8000}"#),
    ] {
        let id: Vec<u8> = vec![number; 16];
        library
            .execute(
                "INSERT INTO assets (id, number, job, take, path, sha256, bytes, mime, kind, facts, prompt, verdict, created)
                 VALUES (?1, ?2, ?1, 1, '', '', 1, 'video/mp4', 'video', ?3, 'kite', ?4, 0)",
                rusqlite::params![id, number, facts, verdict],
            )
            .unwrap();
        library.execute("INSERT INTO tags (asset, tag) VALUES (?1, 't')", [id]).unwrap();
    }
}

/// Columns of sums over these rows, in one line each.
fn rows(library: &Connection, sql: &str) -> Vec<String> {
    let mut statement = library.prepare(sql).unwrap();
    let columns = statement.column_count();
    let line = |row: &rusqlite::Row<'_>| -> rusqlite::Result<String> {
        let value = |at| {
            Ok(match row.get::<_, rusqlite::types::Value>(at)? {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => format!("{other:?}"),
            })
        };
        Ok((0..columns).map(value).collect::<rusqlite::Result<Vec<_>>>()?.join(" "))
    };
    statement.query_map([], line).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn what_an_older_program_wrote_is_counted_as_if_it_had_always_been() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    written_by_schema_2(&path);
    let store = Store::open(&path).await.unwrap();
    assert!(folder.path().join("library.v2.backup.db").exists());

    let library = Connection::open(&path).unwrap();
    let of = "jobs, runs, done, failed, videos, calls, takes, kept, rejected, video_ms, spent, held, due, failed_cost, rejected_cost";
    let sum = of.split(", ").map(|column| format!("sum({column})")).collect::<Vec<_>>().join(", ");
    assert_eq!(
        rows(
            &library,
            &format!("SELECT simulated, day, {sum} FROM sums GROUP BY 1, 2 ORDER BY 1, 2")
        ),
        [
            "0 2026-11-22 1 1 1 0 1 1 1 1 0 5000 200000 0 0 0 0",
            // 2: 150000, 3: 200000, 4: 50000, 7: 200000, 8: 200000; 5 and 6 hold.
            "0 2026-11-23 7 6 2 2 3 7 2 0 1 5000 800000 400000 250000 450000 150000",
            "1 2026-11-23 1 1 1 0 1 1 1 1 0 8000 200000 0 0 0 0",
        ]
    );
    assert_eq!(
        rows(
            &library,
            "SELECT simulated, tag, sum(jobs), sum(spent), sum(held) FROM tag_sums GROUP BY 1, 2 ORDER BY 1, 2"
        ),
        [
            "0 b0 4 400000 200000",
            "0 b1 4 600000 200000",
            "0 t 3 550000 0",
            "1 b1 1 200000 0",
            "1 t 1 200000 0",
        ]
    );

    // Budgets count it, and agree with the ledger itself.
    let now = jiff::Timestamp::now();
    for scope in ["day", "month", "project:kite"] {
        let budget = Some(Usd::from_micros(5_000_000));
        store.set_budget(scope.parse().unwrap(), budget, false, now).await.unwrap();
    }
    let day = jiff::civil::date(2026, 11, 23);
    let standings = store.standings(None, day, false).await.unwrap();
    let used = |scope: Scope| {
        let is_it = |standing: &&Standing| standing.bound.rule == Rule::Budget(scope.clone());
        let used = standings.iter().find(is_it).unwrap().used;
        (used.spent, used.held)
    };
    assert_eq!(used(Scope::Day), (800_000, 400_000));
    assert_eq!(used(Scope::Month), (1_000_000, 400_000));
    assert_eq!(used(Scope::Project("kite".into())), (350_000, 200_000));
    let totals = store.totals(Days::default()).await.unwrap();
    assert_eq!((totals.spent.micros(), totals.held.micros()), (1_000_000, 400_000));
    assert_eq!((totals.refund_due.micros(), totals.simulated.micros()), (250_000, 200_000));

    // From here on the sums go along.
    library
        .execute_batch(
            "UPDATE jobs SET stage = 'cancelled' WHERE number = 6;
             INSERT INTO ledger (job, kind, amount, basis, at, account_day, simulated)
             SELECT id, 'release', 200000, 'quoted', 0, account_day, 0 FROM jobs WHERE number = 6;
             UPDATE assets SET verdict = 'kept' WHERE number = 2;
             DELETE FROM tags WHERE asset = (SELECT id FROM assets WHERE number = 1);",
        )
        .unwrap();
    assert_eq!(
        rows(
            &library,
            &format!("SELECT {sum} FROM sums WHERE simulated = 0 AND day = '2026-11-23'")
        ),
        ["7 6 2 2 2 6 2 1 0 5000 800000 200000 250000 450000 0"]
    );
    assert_eq!(
        rows(
            &library,
            "SELECT jobs, spent FROM tag_sums WHERE tag = 't' AND simulated = 0 AND day = '2026-11-22'"
        ),
        ["0 0"]
    );
    drop(store);
    Store::open(&path).await.unwrap();
}
