//! Two processes and the last cents: whoever comes first has them, and never both.

use std::io::{BufRead, Write};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rushes::assembly::{self, Flags};
use rushes::domain::{Ask, Job, JobEvent, JobId, Progress, ProviderId};
use rushes::pipeline::{PipelineError, Reporter};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::support::binary::Home;
use crate::support::cents::a_till;
use crate::support::world::World;

/// Says that a process of this test binary is one of the two.
const RACES: &str = "RUSHES_TEST_RACES";
/// What a run of the usual model costs, in micro-dollars.
const PRICE: i64 = 200_000;

struct Deaf;

impl Reporter for Deaf {
    fn moved(&self, _: &Job, _: &JobEvent) {}
    fn progress(&self, _: JobId, _: Progress) {}
    fn trouble(&self, _: &str, _: Option<&str>) {}
}

/// One of the two processes: at each line it orders at once, and says how many were let in.
#[test]
#[ignore = "one of the two processes of a race, which starts it itself"]
fn a_racer() {
    if std::env::var_os(RACES).is_none() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let open = async {
        let flags = Flags { provider: Some(ProviderId::Wavespeed), ..Flags::default() };
        assembly::open(flags, Arc::new(Deaf)).await.unwrap()
    };
    let assembly = runtime.block_on(open);
    let say = |what: &str| {
        let mut out = std::io::stdout();
        writeln!(out, "race: {what}").and_then(|()| out.flush()).unwrap();
    };
    say("ready");
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (count, how) = line.split_once(' ').unwrap();
        let mut brief = World::brief("kite");
        brief.project = Some("race".into());
        let briefs = vec![brief; count.parse().unwrap()];
        let ask = Ask { consent: true, partly: how == "partly", ..Ask::new(briefs) };
        match runtime.block_on(assembly.pipeline.admit(ask, None)) {
            Ok(jobs) => say(&jobs.len().to_string()),
            Err(PipelineError::Blocked(_)) => say("0"),
            Err(error) => say(&format!("{error:?}")),
        }
    }
}

/// One of the two processes, from outside.
struct Racer {
    _process: Child,
    start: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

impl Racer {
    async fn start(home: &Home) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "races::a_racer", "--nocapture", "--test-threads=1"])
            .env_clear()
            .envs(home.variables())
            .env(RACES, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (start, out) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut racer = Self { _process: process, start, said: BufReader::new(out).lines() };
        assert_eq!(racer.says().await, "ready");
        racer
    }

    /// What it says next. The test's own words are passed over.
    async fn says(&mut self) -> String {
        loop {
            let line = tokio::time::timeout(Duration::from_secs(30), self.said.next_line()).await;
            let line = line.expect("it says something").unwrap().expect("it is still there");
            if let Some((_, said)) = line.split_once("race: ") {
                return said.to_owned();
            }
        }
    }

    async fn admitted(&mut self) -> i64 {
        let said = self.says().await;
        said.parse().unwrap_or_else(|_| panic!("{said}"))
    }
}

/// What one round leaves room for, what each of the two orders, and how many are let in of both.
struct Round {
    scope: &'static str,
    room: i64,
    orders: &'static str,
    admitted: i64,
}

const ROUNDS: [Round; 6] = [
    Round { scope: "day", room: PRICE, orders: "1 whole", admitted: 1 },
    Round { scope: "month", room: 2 * PRICE - 1, orders: "1 whole", admitted: 1 },
    Round { scope: "project:race", room: 3 * PRICE, orders: "2 whole", admitted: 2 },
    Round { scope: "day", room: 3 * PRICE, orders: "2 partly", admitted: 3 },
    Round { scope: "month", room: PRICE - 1, orders: "1 whole", admitted: 0 },
    Round { scope: "project:race", room: 2 * PRICE, orders: "1 whole", admitted: 2 },
];

#[tokio::test]
async fn a_thousand_races_for_the_last_cents_let_in_just_what_fits() {
    let (_server, home) = a_till().await;
    let mut racers = [Racer::start(&home).await, Racer::start(&home).await];
    let library = rusqlite::Connection::open(home.path().join("data/library.db")).unwrap();
    library.busy_timeout(Duration::from_secs(10)).unwrap();
    let held = || -> (i64, i64) {
        let sql = "SELECT coalesce((SELECT sum(held) + sum(spent) FROM sums), 0),
            coalesce((SELECT sum(iif(kind = 'release', -amount, amount)) FROM ledger), 0)";
        library.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };

    let (mut sum, mut wins) = (0, [0, 0]);
    for number in 0..1_000 {
        let round = &ROUNDS[number % ROUNDS.len()];
        let limit = sum + round.room;
        library.execute("DELETE FROM budgets", []).unwrap();
        let set = "INSERT INTO budgets (simulated, scope, amount, at) VALUES (0, ?1, ?2, 0)";
        library.execute(set, rusqlite::params![round.scope, limit]).unwrap();

        // Each is told first as often as the other.
        for at in [number % 2, 1 - number % 2] {
            let line = format!("{}\n", round.orders);
            racers[at].start.write_all(line.as_bytes()).await.unwrap();
        }
        let admitted = [racers[0].admitted().await, racers[1].admitted().await];
        assert_eq!(admitted[0] + admitted[1], round.admitted, "round {number}: {admitted:?}");
        for (wins, admitted) in wins.iter_mut().zip(admitted) {
            *wins += i64::from(admitted > 0);
        }
        sum += round.admitted * PRICE;
        assert_eq!(held(), (sum, sum), "round {number}");
        assert!(sum <= limit);
    }
    assert!(wins.iter().all(|wins| *wins > 250), "they never raced: {wins:?}");
}

/// Four times two whole runs for the money of one.
async fn whole_runs() {
    let (server, home) = a_till().await;
    for round in 1..=4 {
        let budget = rushes::domain::Usd::from_micros(round * PRICE).decimal();
        assert_eq!(home.run(&["budget", "set", "day", &budget]).await.code(), Some(0));
        let run = || home.run(&["generate", "kite", "-y"]);
        let (one, other) = tokio::join!(run(), run());
        let mut codes = [one.code(), other.code()];
        codes.sort_unstable();
        assert_eq!(codes, [Some(0), Some(4)], "round {round}: {one:?} {other:?}");
        assert_eq!(i64::try_from(server.submissions()).unwrap(), round);
        let sum = |kind: &str| -> i64 {
            let lines = home.ledger().into_iter().filter(|(known, _)| known == kind);
            lines.map(|(_, amount)| amount).sum()
        };
        let sums = ["hold", "release", "charge"].map(sum);
        assert_eq!(sums, [round * PRICE; 3], "round {round}");
    }
}

#[tokio::test]
async fn twenty_races_of_whole_runs_spend_the_budget_once() {
    // A run waits for its provider most of the time.
    join_all((0..5).map(|_| whole_runs())).await;
}
