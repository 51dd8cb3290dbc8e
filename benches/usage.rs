//! How long usage takes over a million lines of the ledger, for CHANGELOG.md: `cargo bench --bench usage`.
//!
//! The library is filled as one of the second schema, which knew no sums, and then brought up to date: that ends
//! in the same rows as the triggers that keep the sums (tests/it/older.rs), in a fraction of the time. Its totals
//! are compared with a plain sum over the ledger.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rushes::domain::bound::Counted;
use rushes::domain::usage::{GroupBy, LedgerFilter, UsageFilter};
use rushes::domain::{LineKind, ProviderId, Scope, Usd, Wanted};
use rushes::store::Store;
use rusqlite::{Connection, params};

const LINES: u32 = 1_000_000;
/// Hold, release and charge.
const LINES_A_JOB: u32 = 3;
const DAYS: u32 = 400;
const TRIES: usize = 7;
const OPENS: Duration = Duration::from_millis(100);
const A_TABLE: Duration = Duration::from_millis(250);

fn main() {
    // `cargo test --benches` runs this too, and wants no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure());
}

async fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("library.db");
    let today = date(2026, 11, 23);
    let start = Instant::now();
    let plain = fill(&file, today);
    let store = Store::open(&file).await.expect("a library");
    for (scope, dollars) in
        [(Scope::Day, 50), (Scope::Month, 900), (Scope::Project("film 3".into()), 5_000)]
    {
        let amount = Some(Usd::from_micros(dollars * 1_000_000));
        store
            .set_budget(scope, amount, false, jiff::Timestamp::UNIX_EPOCH)
            .await
            .expect("a budget");
    }
    let bytes = std::fs::metadata(&file).map_or(0, |about| about.len());
    println!("{LINES} lines written in {:.0?}; {} MB", start.elapsed(), bytes / 1_000_000);

    let (ever, month) = (UsageFilter::default(), of_month(today));
    let sums = store.figures(ever.clone()).await.expect("sums");
    assert_eq!((sums.spent, sums.held), plain, "the sums are those of a plain sum over the ledger");
    println!("totals equal a plain sum over the ledger: {} spent, {} held", sums.spent, sums.held);
    for by in GroupBy::ALL.into_iter().filter(|by| *by != GroupBy::Tag) {
        let groups = store.groups(by, ever.clone()).await.expect("a table");
        let spent: Usd = groups.iter().map(|group| group.figures.spent).sum();
        assert_eq!(spent, plain.0, "the table by {} adds up to it", by.as_str());
    }

    let mut slowest = Duration::ZERO;
    let opened = time("the view opens", || open(&store, today)).await;
    for (name, filter) in [("all time", &ever), ("a month", &month)] {
        for by in GroupBy::ALL {
            let table = || async {
                store.groups(by, filter.clone()).await.expect("a table");
            };
            slowest = slowest.max(time(&format!("table by {}, {name}", by.as_str()), table).await);
        }
        let top = || async {
            store.dearest(filter.clone(), 10).await.expect("a table");
        };
        slowest = slowest.max(time(&format!("top ten, {name}"), top).await);
    }
    let project = UsageFilter { project: Some("film 3".into()), ..UsageFilter::default() };
    for by in [GroupBy::Tag, GroupBy::Model, GroupBy::Day] {
        let table = || async {
            store.groups(by, project.clone()).await.expect("a table");
        };
        slowest =
            slowest.max(time(&format!("table by {} of one project", by.as_str()), table).await);
    }
    for (name, filter) in &pages() {
        let page = || async {
            store.entries(filter.clone()).await.expect("a page");
        };
        slowest = slowest.max(time(&format!("ledger: {name}"), page).await);
    }
    let wanted = Wanted {
        cost: Some(Usd::from_micros(400_000)),
        is_video: true,
        provider: ProviderId::Wavespeed,
        project: Some("film 3".into()),
    };
    let weigh = || async {
        let wanted = vec![wanted.clone(); 10];
        store.weigh(None, today, wanted, Counted::NotYet).await.expect("checks");
    };
    time("ten runs weighed against three budgets", weigh).await;
    assert!(opened < OPENS, "the view opens in {opened:?}");
    assert!(slowest < A_TABLE, "a table takes {slowest:?}");
}

/// What pages of the ledger are asked for.
fn pages() -> Vec<(&'static str, LedgerFilter)> {
    let filter = |change: fn(&mut LedgerFilter)| {
        let mut filter = LedgerFilter { limit: 200, ..LedgerFilter::default() };
        change(&mut filter);
        filter
    };
    vec![
        ("newest lines", filter(|_| {})),
        ("lines far down", filter(|it| it.before = Some(1000))),
        ("lines of a month", filter(|it| it.jobs = of_month(date(2026, 1, 15)))),
        ("lines of the first half year", filter(|it| it.jobs.until = Some(date(2026, 3, 31)))),
        ("lines of the sandbox", filter(|it| it.jobs.simulated = true)),
        ("kind charge", filter(|it| it.kind = Some(LineKind::Charge))),
        ("kind refund", filter(|it| it.kind = Some(LineKind::Refund))),
        ("one model", filter(|it| it.model = Some("maker/model-7/text-to-video".into()))),
        ("no such model", filter(|it| it.model = Some("nobody".into()))),
        ("no project", filter(|it| it.jobs.project = Some("-".into()))),
        ("one project", filter(|it| it.jobs.project = Some("film 3".into()))),
        ("a word of every line", filter(|it| it.words = "kite".into())),
        ("a word of each hundredth", filter(|it| it.words = "storm".into())),
        ("a word of one", filter(|it| it.words = "word77777".into())),
        ("a word of none", filter(|it| it.words = "zeppelin".into())),
        ("two words", filter(|it| it.words = "kite storm".into())),
        ("a letter", filter(|it| it.words = "r".into())),
        ("a model by its words", filter(|it| it.words = "maker/model-7".into())),
        ("a number", filter(|it| it.words = "123456".into())),
        (
            "a word and a kind",
            filter(|it| (it.words, it.kind) = ("storm".into(), Some(LineKind::Hold))),
        ),
        (
            "a model and a word of none",
            filter(|it| {
                (it.model, it.words) =
                    (Some("maker/model-7/text-to-video".into()), "zeppelin".into());
            }),
        ),
    ]
}

fn of_month(day: Date) -> UsageFilter {
    UsageFilter {
        since: Some(day.first_of_month()),
        until: Some(day.last_of_month()),
        ..UsageFilter::default()
    }
}

/// What the view asks for when it opens.
async fn open(store: &Store, today: Date) {
    let day = UsageFilter { since: Some(today), until: Some(today), ..UsageFilter::default() };
    let bars = UsageFilter {
        since: Some(today - 89.days()),
        until: Some(today),
        ..UsageFilter::default()
    };
    for filter in [day, of_month(today), UsageFilter::default()] {
        store.figures(filter).await.expect("sums");
    }
    store.standings(None, today, false).await.expect("budgets");
    store.alerts(None, today).await.expect("alerts");
    store.groups(GroupBy::Day, bars).await.expect("bars");
    store.groups(GroupBy::Model, of_month(today)).await.expect("a table");
    store.dearest(of_month(today), 10).await.expect("the dearest");
    let page = LedgerFilter { limit: 200, ..LedgerFilter::default() };
    store.entries(page).await.expect("a page");
}

/// The median of several tries.
async fn time<F: Future>(what: &str, run: impl Fn() -> F) -> Duration {
    let mut times = Vec::with_capacity(TRIES);
    for _ in 0..TRIES {
        let start = Instant::now();
        run().await;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let (median, largest) = (times[TRIES / 2], times[TRIES - 1]);
    println!("{what:<44} median {median:>9.2?}   slowest of {TRIES} {largest:>9.2?}");
    median
}

/// Fills the library, and returns what was spent and is held of real money by a plain sum over the ledger.
fn fill(file: &Path, today: Date) -> (Usd, Usd) {
    let mut library = Connection::open(file).expect("the library");
    library.pragma_update(None, "journal_mode", "wal").expect("a setting");
    library.pragma_update(None, "synchronous", "off").expect("a setting");
    library
        .execute_batch(concat!(
            include_str!("../assets/migrations/0001_first.sql"),
            include_str!("../assets/migrations/0002_uploads.sql"),
            "PRAGMA user_version = 2;"
        ))
        .expect("the second schema");
    let jobs = LINES / LINES_A_JOB + 1;
    let mut written = 0;
    for first in (0..jobs).step_by(20_000) {
        let batch = library.transaction().expect("a transaction");
        for number in first..(first + 20_000).min(jobs) {
            written += job(&batch, number, jobs, today, LINES - written);
        }
        batch.commit().expect("written");
    }
    assert_eq!(written, LINES);
    library
        .query_row(
            "SELECT sum(CASE kind WHEN 'charge' THEN amount WHEN 'adjust' THEN amount
                        WHEN 'refund' THEN -amount ELSE 0 END),
                    sum(CASE kind WHEN 'hold' THEN amount WHEN 'release' THEN -amount ELSE 0 END)
             FROM ledger WHERE NOT simulated",
            [],
            |row| Ok((Usd::from_micros(row.get(0)?), Usd::from_micros(row.get(1)?))),
        )
        .expect("a plain sum")
}

/// A number that looks like chance and is the same in each run.
fn mixed(number: u32, salt: u32) -> u32 {
    let mixed = (number ^ salt.wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35);
    mixed ^ (mixed >> 16)
}

/// Writes a job with its lines and its take; says how many lines. What it is follows from its number.
fn job(library: &Connection, number: u32, jobs: u32, today: Date, room: u32) -> u32 {
    let back = i64::from((jobs - 1 - number) * DAYS / jobs);
    let day = (today - back.days()).to_string();
    let id = u128::from(number).to_be_bytes().to_vec();
    // Independent of each other and of the day, so that as many rows of sums come of it as can.
    let model = mixed(number, 1) % 30;
    let provider =
        ["wavespeed", "wavespeed", "huggingface", "local", "sandbox"][model as usize % 5];
    let simulated = provider == "sandbox";
    let model = format!("maker/model-{model}/text-to-video");
    let project = match mixed(number, 2) % 21 {
        20 => None,
        film => Some(format!("film {film}")),
    };
    let weather = if number.is_multiple_of(100) { "storm" } else { "sun" };
    let prompt = format!(
        "a red kite over dunes, slow dolly in, {weather}, 35 mm, dust in the air, word{number}"
    );
    let brief =
        if number.is_multiple_of(7) { r#"{"tags":["dunes","kites"]}"# } else { r#"{"tags":[]}"# };
    let failed = number.is_multiple_of(40);
    let price = 50_000 + i64::from(number % 37) * 12_500;
    let at = i64::from(number) * 100_000;
    library
        .prepare_cached(
            "INSERT INTO jobs (id, number, brief, provider, base_url, credential, simulated, model, operation,
                project, prompt, account_day, hold, stage, submitted, created, stage_at)
             VALUES (?1, ?2, ?3, ?4, '', '', ?5, ?6, 'text-to-video', ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?12)",
        )
        .and_then(|mut it| {
            let stage = if failed { "failed" } else { "done" };
            it.execute(params![
                id, number + 1, brief, provider, simulated, model, project, prompt, day, price, stage, at
            ])
        })
        .expect("a job");
    let mut lines = vec![("hold", price), ("release", price), ("charge", price)];
    if failed {
        // Money that comes back takes the place of two other lines of later jobs.
        lines.extend([("refund_due", price), ("refund", price)]);
    }
    lines.truncate(room as usize);
    for (kind, amount) in &lines {
        library
            .prepare_cached(
                "INSERT INTO ledger (job, kind, amount, basis, at, account_day, project, simulated)
                 VALUES (?1, ?2, ?3, 'quoted', ?4, ?5, ?6, ?7)",
            )
            .and_then(|mut it| it.execute(params![id, kind, amount, at, day, project, simulated]))
            .expect("a line");
    }
    if !failed {
        let verdict = ["kept", "rejected"].get(number as usize % 4);
        library
            .prepare_cached(
                "INSERT INTO assets (id, number, job, take, path, sha256, bytes, mime, kind, facts, prompt,
                    verdict, created)
                 VALUES (?1, ?2, ?1, 1, '', '', 1, 'video/mp4', 'video', '{\"duration_ms\":5000}', ?3, ?4, ?5)",
            )
            .and_then(|mut it| it.execute(params![id, number + 1, prompt, verdict, at]))
            .expect("a take");
    }
    u32::try_from(lines.len()).expect("a handful")
}
