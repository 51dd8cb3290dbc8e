//! What was walked, counted once more by plain means: the ledger, the jobs, the sums and the tables agree.

use super::*;

fn each(
    library: &Connection,
    sql: &str,
    mut read: impl FnMut(&rusqlite::Row<'_>) -> Result<(), rusqlite::Error>,
) {
    let mut statement = library.prepare(sql).expect("a statement");
    let mut rows = statement.query([]).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        read(row).expect("its columns");
    }
}

/// A job and what it counts for.
struct Counted {
    job: Job,
    day: String,
    tags: Vec<String>,
    figures: Figures,
}

impl Counted {
    fn keys(&self, by: GroupBy) -> Vec<String> {
        let brief = &self.job.brief;
        match by {
            GroupBy::Day => vec![self.day.clone()],
            GroupBy::Model => vec![brief.model.to_string()],
            GroupBy::Provider => vec![brief.provider.to_string()],
            GroupBy::Operation => vec![brief.operation.to_string()],
            GroupBy::Project => vec![brief.project.clone().unwrap_or_else(|| "-".to_owned())],
            GroupBy::Tag => self.tags.clone(),
        }
    }

    fn is_in(&self, filter: &UsageFilter) -> bool {
        let project = self.job.brief.project.as_deref().unwrap_or("-");
        self.job.is_simulated() == filter.simulated
            && filter.since.is_none_or(|since| self.day >= since.to_string())
            && filter.until.is_none_or(|until| self.day <= until.to_string())
            && filter.project.as_deref().is_none_or(|wanted| wanted == project)
    }
}

fn figures(job: &Job, take: Option<&crate::domain::Asset>, billed: Option<i64>) -> Figures {
    let balance = &job.balance;
    let spent = balance.charge.unwrap_or_default() + balance.adjust - balance.refund;
    let runs = u64::from(job.times.submitted.is_some());
    let outcome = match job.stage.name() {
        stage if stage.is_live() => None,
        _ => Some(job.shown_stage()),
    };
    let is = |stage: StageName| outcome == Some(stage);
    let verdict = |wanted: Verdict| take.is_some_and(|take| take.verdict == Some(wanted));
    let if_so = |is: bool, amount: Usd| if is { amount } else { Usd::ZERO };
    Figures {
        jobs: 1,
        runs,
        done: u64::from(is(StageName::Done)),
        failed: u64::from(is(StageName::Failed)) * runs,
        takes: u64::from(take.is_some()),
        kept: u64::from(verdict(Verdict::Kept)),
        rejected: u64::from(verdict(Verdict::Rejected)),
        video_ms: take.and_then(|take| take.facts.duration_ms).unwrap_or_default(),
        spent,
        held: balance.held(),
        due: balance.refund_open(),
        failed_cost: if_so(is(StageName::Failed) || is(StageName::Cancelled), spent),
        rejected_cost: if_so(is(StageName::Done) && verdict(Verdict::Rejected), spent),
        billed_runs: u64::from(billed.is_some()),
        billed: usd(billed.unwrap_or_default()),
        billed_quoted: if_so(billed.is_some(), balance.charge.unwrap_or_default()),
    }
}

fn add(sum: &mut Figures, one: &Figures) {
    let counts: [(&mut u64, u64); 9] = [
        (&mut sum.jobs, one.jobs),
        (&mut sum.runs, one.runs),
        (&mut sum.done, one.done),
        (&mut sum.failed, one.failed),
        (&mut sum.takes, one.takes),
        (&mut sum.kept, one.kept),
        (&mut sum.rejected, one.rejected),
        (&mut sum.video_ms, one.video_ms),
        (&mut sum.billed_runs, one.billed_runs),
    ];
    for (sum, one) in counts {
        *sum += one;
    }
    let amounts: [(&mut Usd, Usd); 7] = [
        (&mut sum.spent, one.spent),
        (&mut sum.held, one.held),
        (&mut sum.due, one.due),
        (&mut sum.failed_cost, one.failed_cost),
        (&mut sum.rejected_cost, one.rejected_cost),
        (&mut sum.billed, one.billed),
        (&mut sum.billed_quoted, one.billed_quoted),
    ];
    for (sum, one) in amounts {
        *sum = *sum + one;
    }
}

/// Which jobs are looked at: every kind of filter, real and pretended.
fn filters() -> Vec<UsageFilter> {
    let mut filters = Vec::new();
    for simulated in [false, true] {
        for project in [None, Some("film 1"), Some("-"), Some("nothing")] {
            for (since, until) in [
                (None, None),
                (Some(date(2026, 10, 1)), Some(date(2026, 10, 31))),
                (None, Some(date(2026, 9, 20))),
                (Some(date(2026, 11, 23)), None),
            ] {
                let project = project.map(str::to_owned);
                filters.push(UsageFilter { since, until, project, simulated });
            }
        }
    }
    filters
}

/// The ledger, the jobs, the sums and every table agree.
async fn check(walks: &[Walk]) {
    let walked = Walked::through(walks).await;
    let counted = walked.by_hand().await;
    assert_eq!(counted.len(), walks.len());
    for filter in filters() {
        let wanted: Vec<_> = counted.iter().filter(|one| one.is_in(&filter)).collect();
        let mut expected = Figures::default();
        for one in &wanted {
            add(&mut expected, &one.figures);
        }
        let told = walked.store.figures(filter.clone()).await.expect("figures");
        assert_eq!(told, expected, "{filter:?}");
        for by in GroupBy::ALL {
            let mut groups: BTreeMap<String, Figures> = BTreeMap::new();
            for one in &wanted {
                for key in one.keys(by) {
                    add(groups.entry(key).or_default(), &one.figures);
                }
            }
            groups.retain(|_, figures| !figures.is_empty());
            let told = walked.store.groups(by, filter.clone()).await.expect("groups");
            let told: BTreeMap<_, _> =
                told.into_iter().map(|group| (group.key, group.figures)).collect();
            assert_eq!(told, groups, "by {} {filter:?}", by.as_str());
        }
        let mut dear: Vec<_> =
            wanted.iter().map(|one| (one.figures.spent, one.job.number)).collect();
        dear.retain(|(spent, _)| *spent > Usd::ZERO);
        dear.sort_unstable_by(|one, other| other.cmp(one));
        dear.truncate(10);
        let told = walked.store.dearest(filter, 10).await.expect("the dearest");
        let told: Vec<_> = told.into_iter().map(|dear| (dear.spent, dear.number)).collect();
        assert_eq!(told, dear);
    }
    for simulated in [false, true] {
        let sum = |table: &str| walked.kept(table, simulated);
        let figures = walked.kept_by_job(simulated);
        for table in ["sums", "model_sums", "project_sums"] {
            assert_eq!(sum(table), figures, "videos, calls, spent and held of {table}");
        }
        let ever = UsageFilter { simulated, ..UsageFilter::default() };
        let told = walked.store.figures(ever).await.expect("figures");
        let plainly = walked.plainly(&format!("ledger.simulated = {simulated}"));
        assert_eq!((told.spent, told.held), plainly);
    }
    let totals = walked.store.totals(ledger::Days::default()).await.expect("totals");
    assert_eq!((totals.spent, totals.held), walked.plainly("NOT ledger.simulated"));
    assert_eq!(
        (totals.simulated, totals.simulated_held),
        walked.plainly("ledger.simulated"),
        "what is pretended stays apart"
    );
}

impl Walked {
    /// What a job is counted by, with what it adds; all of it from the job, its takes and its bill.
    async fn by_hand(&self) -> Vec<Counted> {
        let jobs = self.store.jobs(usize::MAX).await.expect("jobs");
        let library = Connection::open(self.folder.path().join("library.db")).expect("a library");
        let mut bills: BTreeMap<Uuid, i64> = BTreeMap::new();
        let mut days: BTreeMap<Uuid, String> = BTreeMap::new();
        let rows = "SELECT job, sum(amount) FROM bills WHERE noted AND NOT is_refund GROUP BY job";
        each(&library, rows, |row| {
            bills.insert(row.get(0)?, row.get(1)?);
            Ok(())
        });
        each(&library, "SELECT id, account_day FROM jobs", |row| {
            days.insert(row.get(0)?, row.get(1)?);
            Ok(())
        });
        let filter = |trashed| AssetFilter { trashed, ..AssetFilter::default() };
        let mut takes = self.store.assets(filter(false)).await.expect("takes");
        takes.extend(self.store.assets(filter(true)).await.expect("takes"));
        let takes: BTreeMap<_, _> =
            takes.into_iter().filter_map(|take| Some((take.origin.as_ref()?.job, take))).collect();
        jobs.into_iter()
            .map(|job| {
                let take = takes.get(&job.id);
                Counted {
                    figures: figures(&job, take, bills.get(&job.id.0).copied()),
                    day: days.remove(&job.id.0).expect("its day"),
                    tags: take.map_or_else(|| job.brief.tags.clone(), |take| take.tags.clone()),
                    job,
                }
            })
            .collect()
    }

    fn kept(&self, table: &str, simulated: bool) -> (i64, i64, i64, i64) {
        let columns = "coalesce(sum(videos), 0), coalesce(sum(calls), 0)";
        self.four(columns, table, simulated)
    }

    fn kept_by_job(&self, simulated: bool) -> (i64, i64, i64, i64) {
        let columns = "coalesce(sum(is_video), 0), coalesce(sum(is_call), 0)";
        self.four(columns, "figures", simulated)
    }

    fn four(&self, columns: &str, table: &str, simulated: bool) -> (i64, i64, i64, i64) {
        let library = Connection::open(self.folder.path().join("library.db")).expect("a library");
        let sql = format!(
            "SELECT {columns}, coalesce(sum(spent), 0), coalesce(sum(held), 0) FROM {table}
             WHERE simulated = ?1"
        );
        let read =
            |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        library.query_row(&sql, [simulated], read).expect("sums")
    }
}

/// The words of a text, as the index of words has them.
fn split(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Whether each of these words, in one piece where it is several, begins one of the job's; or all of them a tag.
fn has_words(one: &Counted, words: &str) -> bool {
    let brief = &one.job.brief;
    let project = brief.project.as_deref().unwrap_or_default();
    let (number, prompt) = (one.job.number, brief.prompt());
    let known = split(&format!(
        "{number} {prompt} {} {} {} {project}",
        brief.model, brief.operation, brief.provider
    ));
    let is_in = |word: &str| {
        let parts = split(word);
        let (last, before) = parts.split_last().expect("letters");
        known.windows(parts.len()).any(|window| {
            window[..before.len()] == *before && window[before.len()].starts_with(last.as_str())
        })
    };
    words.is_empty()
        || words.split_whitespace().all(is_in)
        || one.tags.iter().any(|tag| tag.starts_with(words))
}

#[tokio::test]
async fn the_ledger_the_jobs_and_what_usage_tells_agree_over_ten_thousand_jobs() {
    check(&walks(10_000)).await;
}

proptest! {
    #![proptest_config(Config { cases: 12, ..Config::default() })]

    #[test]
    fn the_ledger_the_jobs_and_what_usage_tells_agree(walks in prop::collection::vec(walk(), 0..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(check(&walks));
    }
}

#[tokio::test]
async fn lines_are_found_by_every_filter_as_a_plain_look_finds_them() {
    use crate::domain::LineKind;

    let walked = Walked::through(&walks(600)).await;
    let counted = walked.by_hand().await;
    let library = Connection::open(walked.folder.path().join("library.db")).expect("a library");
    let mut lines = Vec::new();
    each(&library, "SELECT seq, job, kind FROM ledger", |row| {
        lines.push((row.get(0)?, JobId(row.get(1)?), row.get(2)?));
        Ok(())
    });
    let words = [
        "",
        "kite",
        "ki 2",
        "model-1",
        "film 2",
        "tag 1",
        "later",
        "17",
        "speech wave",
        "zeppelin",
    ];
    for words in words {
        let having: BTreeMap<_, _> = counted
            .iter()
            .filter(|one| has_words(one, words))
            .map(|one| (one.job.id, one))
            .collect();
        for (place, jobs) in filters().into_iter().enumerate().step_by(5) {
            let kind = [None, Some(LineKind::Charge), Some(LineKind::Refund)][place % 3];
            for (model, before, limit) in [
                (None, None, 50),
                (Some("house/model-2"), None, 7),
                (None, Some(400), 9),
                (Some("house/model-1"), Some(900), usize::MAX),
            ] {
                let filter = LedgerFilter {
                    jobs: jobs.clone(),
                    kind,
                    model: model.map(str::to_owned),
                    words: words.to_owned(),
                    before,
                    limit,
                };
                let fits = |(seq, job, of_kind): &&(i64, JobId, String)| {
                    having.get(job).is_some_and(|one| {
                        one.is_in(&jobs)
                            && kind.is_none_or(|kind| kind.as_str() == of_kind)
                            && model.is_none_or(|model| model == one.job.brief.model.as_str())
                            && before.is_none_or(|before| *seq < before)
                    })
                };
                let mut expected: Vec<i64> = lines.iter().filter(fits).map(|line| line.0).collect();
                expected.sort_unstable_by(|one, other| other.cmp(one));
                expected.truncate(limit);
                for way in entries::Way::ALL {
                    let asked = filter.clone();
                    let places = move |connection: &mut Connection| {
                        entries::tests::places(connection, &asked, way)
                    };
                    if let Some(found) = walked.store.call(places).await.expect("lines") {
                        assert_eq!(found, expected, "{way:?} {filter:?}");
                    }
                }
            }
        }
    }
}
