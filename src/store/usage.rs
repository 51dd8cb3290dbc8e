//! Usage: sums that are read, never added up again, and the lines of the ledger as they are looked for.

use rusqlite::types::ToSql;
use rusqlite::{Connection, Row};

use super::rows::{self, all, moment};
use super::{Store, StoreError};
use crate::domain::usage::{Dear, Entry, GroupBy, LedgerFilter, UsageFilter};
use crate::domain::{Figures, JobId, Reason, StageName, Usd, usage};

/// The columns of a row of sums, in the order of [`read_figures`].
const SUMS: &str = "coalesce(sum(jobs), 0), coalesce(sum(runs), 0), coalesce(sum(done), 0),
    coalesce(sum(failed), 0), coalesce(sum(takes), 0), coalesce(sum(kept), 0), coalesce(sum(rejected), 0),
    coalesce(sum(video_ms), 0), coalesce(sum(spent), 0), coalesce(sum(held), 0), coalesce(sum(due), 0),
    coalesce(sum(failed_cost), 0), coalesce(sum(rejected_cost), 0), coalesce(sum(billed_runs), 0),
    coalesce(sum(billed), 0), coalesce(sum(billed_quoted), 0)";

/// The same from the rows of jobs themselves.
const OF_JOBS: &str = "count(*), coalesce(sum(sent), 0), coalesce(sum(is_done), 0),
    coalesce(sum(is_failed), 0), coalesce(sum(takes), 0), coalesce(sum(kept), 0), coalesce(sum(rejected), 0),
    coalesce(sum(video_ms), 0), coalesce(sum(spent), 0), coalesce(sum(held), 0), coalesce(sum(due), 0),
    coalesce(sum(failed_cost), 0), coalesce(sum(rejected_cost), 0), coalesce(sum(is_billed), 0),
    coalesce(sum(billed_amount), 0), coalesce(sum(billed_quoted), 0)";

/// Where rows of sums are of these jobs. A missing bound is beyond every day.
const WHERE: &str = "simulated = :simulated AND day BETWEEN :since AND :until";

/// Up to so many jobs, their lines are gathered and sorted; where more jobs fit, the ledger is read from its
/// end, and a page of lines is soon full. Both find the same.
const FEW_JOBS: usize = 20_000;

/// The days of a filter as the library has them.
struct Days {
    since: String,
    until: String,
}

impl Days {
    fn of(filter: &UsageFilter) -> Self {
        Self {
            since: filter.since.map_or_else(String::new, |day| day.to_string()),
            until: filter.until.map_or_else(|| "9999-99-99".to_owned(), |day| day.to_string()),
        }
    }
}

impl Store {
    /// The sums over all these jobs.
    pub async fn figures(&self, filter: UsageFilter) -> Result<Figures, StoreError> {
        self.call(move |connection| figures(connection, &filter)).await
    }

    /// The sums by groups, the dearest first; days with the newest first. A group that nothing was ever sent
    /// or held for is left out.
    pub async fn groups(
        &self,
        by: GroupBy,
        filter: UsageFilter,
    ) -> Result<Vec<usage::Group>, StoreError> {
        self.call(move |connection| groups(connection, by, &filter)).await
    }

    /// The jobs that cost the most.
    pub async fn dearest(
        &self,
        filter: UsageFilter,
        limit: usize,
    ) -> Result<Vec<Dear>, StoreError> {
        self.call(move |connection| dearest(connection, &filter, limit)).await
    }

    /// Lines of the ledger with their jobs, the newest first.
    pub async fn entries(&self, filter: LedgerFilter) -> Result<Vec<Entry>, StoreError> {
        self.call(move |connection| entries(connection, &filter)).await
    }
}

fn figures(connection: &Connection, filter: &UsageFilter) -> Result<Figures, StoreError> {
    let days = Days::of(filter);
    let sql = format!(
        "SELECT {SUMS} FROM sums WHERE {WHERE} AND (:project IS NULL OR project = :project)"
    );
    connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement.query_row(
                &[
                    (":simulated", &filter.simulated as &dyn ToSql),
                    (":since", &days.since),
                    (":until", &days.until),
                    (":project", &filter.project),
                ],
                |row| read_figures(row, 0),
            )
        })
        .map_err(StoreError::sql("adding up usage"))
}

fn groups(
    connection: &Connection,
    by: GroupBy,
    filter: &UsageFilter,
) -> Result<Vec<usage::Group>, StoreError> {
    let days = Days::of(filter);
    let (key, columns, from) = match by {
        GroupBy::Day => ("day", SUMS, "sums"),
        GroupBy::Model => ("model", SUMS, "sums"),
        GroupBy::Provider => ("provider", SUMS, "sums"),
        GroupBy::Operation => ("operation", SUMS, "sums"),
        GroupBy::Project => ("iif(project = '', '-', project)", SUMS, "sums"),
        // Sums of a tag know no project.
        GroupBy::Tag if filter.project.is_none() => ("tag", SUMS, "tag_sums"),
        GroupBy::Tag => ("tag", OF_JOBS, "figures JOIN job_tags USING (job)"),
    };
    let project = match by {
        GroupBy::Tag if filter.project.is_none() => ":project IS NULL",
        _ => "(:project IS NULL OR project = :project)",
    };
    let order = if by == GroupBy::Day { "1 DESC" } else { "10 DESC, 1" };
    let sql = format!(
        "SELECT {key}, {columns} FROM {from} WHERE {WHERE} AND {project} GROUP BY 1 ORDER BY {order}"
    );
    let mut groups = all(
        connection,
        "adding up usage",
        &sql,
        &[
            (":simulated", &filter.simulated),
            (":since", &days.since),
            (":until", &days.until),
            (":project", &filter.project),
        ],
        |row| {
            let group = || Ok(usage::Group { key: row.get(0)?, figures: read_figures(row, 1)? });
            group().map_err(|error| unreadable(&error))
        },
    )?;
    // One whose only jobs were blocked before anything was sent tells nobody anything.
    groups.retain(|group| {
        let Figures { runs, spent, held, .. } = group.figures;
        runs > 0 || spent != Usd::ZERO || held != Usd::ZERO
    });
    Ok(groups)
}

fn dearest(
    connection: &Connection,
    filter: &UsageFilter,
    limit: usize,
) -> Result<Vec<Dear>, StoreError> {
    let days = Days::of(filter);
    let sql =
        "SELECT figures.job, figures.number, figures.day, figures.model, jobs.prompt, figures.spent
         FROM figures JOIN jobs ON jobs.id = figures.job
         WHERE figures.simulated = :simulated AND figures.spent > 0
           AND figures.day BETWEEN :since AND :until
           AND (:project IS NULL OR figures.project = :project)
         ORDER BY figures.spent DESC, figures.number DESC LIMIT :limit";
    all(
        connection,
        "looking for the dearest",
        sql,
        &[
            (":simulated", &filter.simulated),
            (":since", &days.since),
            (":until", &days.until),
            (":project", &filter.project),
            (":limit", &i64::try_from(limit).unwrap_or(i64::MAX)),
        ],
        |row| {
            let dear = || {
                Ok(Dear {
                    job: JobId(row.get(0)?),
                    number: row.get(1)?,
                    day: row.get(2)?,
                    model: row.get(3)?,
                    prompt: row.get(4)?,
                    spent: Usd::from_micros(row.get(5)?),
                })
            };
            dear().map_err(|error| unreadable(&error))
        },
    )
}

fn entries(connection: &Connection, filter: &LedgerFilter) -> Result<Vec<Entry>, StoreError> {
    let days = Days::of(&filter.jobs);
    let kind = filter.kind.map(crate::domain::LineKind::as_str);
    let (words, tag) = wanted(&filter.words);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let few = i64::try_from(FEW_JOBS).unwrap_or(i64::MAX);
    let parameters: Vec<(&str, &dyn ToSql)> = vec![
        (":simulated", &filter.jobs.simulated),
        (":since", &days.since),
        (":until", &days.until),
        (":project", &filter.jobs.project),
        (":model", &filter.model),
        (":words", &words),
        (":tag", &tag),
        (":kind", &kind),
        (":before", &filter.before),
        (":limit", &limit),
        (":few", &few),
    ];
    let few_jobs = which_jobs(filter, "LIMIT :few + 1");
    let unused = |name: &str, sql: &str| !sql.contains(name);
    let used = |sql: &str| -> Vec<(&str, &dyn ToSql)> {
        parameters.iter().copied().filter(|(name, _)| !unused(name, sql)).collect()
    };
    let count = format!("SELECT count(*) FROM ({few_jobs})");
    let found: i64 = connection
        .prepare_cached(&count)
        .and_then(|mut statement| statement.query_row(used(&count).as_slice(), |row| row.get(0)))
        .map_err(StoreError::sql("looking through the ledger"))?;
    let (from, is_it) = if found <= few {
        (
            format!("({few_jobs}) AS wanted JOIN figures USING (job) JOIN ledger USING (job)"),
            String::new(),
        )
    } else {
        // The ledger leads: from its newest line on, each line's job is asked whether it is wanted.
        ("ledger CROSS JOIN figures USING (job)".to_owned(), is_wanted(filter))
    };
    let by_kind = match (&kind, found <= few) {
        (Some(_), false) => "AND ledger.kind = :kind",
        (Some(_), true) => "AND +ledger.kind = :kind",
        (None, _) => "",
    };
    let before = if filter.before.is_some() { "AND ledger.seq < :before" } else { "" };
    let sql = format!(
        "SELECT ledger.seq, ledger.at, ledger.account_day, ledger.job, figures.number, ledger.kind,
            ledger.amount, ledger.basis, figures.model, figures.provider, nullif(figures.project, ''),
            jobs.prompt, jobs.stage, jobs.abandoned, jobs.reason
         FROM {from} CROSS JOIN jobs ON jobs.id = ledger.job
         WHERE TRUE {is_it} {by_kind} {before}
         ORDER BY ledger.seq DESC LIMIT :limit"
    );
    all(connection, "looking through the ledger", &sql, &used(&sql), read_entry)
}

/// The jobs that a filter wants, found by whatever index narrows them most.
fn which_jobs(filter: &LedgerFilter, limit: &str) -> String {
    let plain = format!("SELECT job FROM figures WHERE TRUE {} {limit}", is_wanted_plainly(filter));
    if filter.words.trim().is_empty() {
        return plain;
    }
    let conditions = is_wanted_plainly(filter);
    format!(
        "SELECT job FROM (
            SELECT rowid AS number FROM job_words WHERE job_words MATCH :words
            UNION SELECT number FROM job_tags JOIN figures USING (job) WHERE tag LIKE :tag ESCAPE '\\'
         ) CROSS JOIN figures USING (number) WHERE TRUE {conditions} {limit}"
    )
}

/// Whether the job of this line is wanted.
fn is_wanted(filter: &LedgerFilter) -> String {
    let mut conditions = is_wanted_plainly(filter);
    if !filter.words.trim().is_empty() {
        conditions.push_str(
            " AND (EXISTS (SELECT 1 FROM job_words WHERE job_words MATCH :words AND rowid = figures.number)
                OR EXISTS (SELECT 1 FROM job_tags WHERE job_tags.job = figures.job
                    AND tag LIKE :tag ESCAPE '\\'))",
        );
    }
    conditions
}

fn is_wanted_plainly(filter: &LedgerFilter) -> String {
    let mut conditions = "AND figures.simulated = :simulated".to_owned();
    if filter.jobs.since.is_some() || filter.jobs.until.is_some() {
        conditions.push_str(" AND figures.day BETWEEN :since AND :until");
    }
    if filter.jobs.project.is_some() {
        conditions.push_str(" AND figures.project = :project");
    }
    if filter.model.is_some() {
        conditions.push_str(" AND figures.model = :model");
    }
    conditions
}

/// Words as the index is asked for them: each in quotes, as the beginning of a word; and all of them together
/// as the beginning of a tag.
fn wanted(words: &str) -> (String, String) {
    let quoted = |word: &str| format!("\"{}\"*", word.replace('"', "\"\""));
    let has_letters = |word: &&str| word.chars().any(char::is_alphanumeric);
    let index: Vec<_> = words.split_whitespace().filter(has_letters).map(quoted).collect();
    let index = if index.is_empty() { "\"\"".to_owned() } else { index.join(" ") };
    let mut tag = words.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    tag.push('%');
    (index, tag)
}

fn read_entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let text = |at: usize| row.get::<_, String>(at).map_err(|error| unreadable(&error));
    let number = |at: usize| row.get::<_, i64>(at).map_err(|error| unreadable(&error));
    let abandoned: bool = row.get(13).map_err(|error| unreadable(&error))?;
    let stage = if abandoned { StageName::Cancelled } else { parsed(&text(12)?)? };
    let reason: Option<String> = row.get(14).map_err(|error| unreadable(&error))?;
    let reason: Option<Reason> = reason.map(|text| rows::from_json(&text)).transpose()?;
    Ok(Entry {
        seq: number(0)?,
        at: moment(number(1)?)?,
        day: text(2)?,
        job: JobId(row.get(3).map_err(|error| unreadable(&error))?),
        number: row.get(4).map_err(|error| unreadable(&error))?,
        kind: parsed(&text(5)?)?,
        amount: Usd::from_micros(number(6)?),
        basis: text(7)?,
        model: text(8)?,
        provider: text(9)?,
        project: row.get(10).map_err(|error| unreadable(&error))?,
        prompt: text(11)?,
        stage,
        reason: reason.map(|reason| reason.text),
    })
}

fn parsed<T: std::str::FromStr>(word: &str) -> Result<T, StoreError> {
    word.parse().map_err(|_| StoreError::Row(format!("{word:?} is not known here")))
}

fn read_figures(row: &Row<'_>, from: usize) -> Result<Figures, rusqlite::Error> {
    let usd = |at: usize| row.get(from + at).map(Usd::from_micros);
    Ok(Figures {
        jobs: row.get(from)?,
        runs: row.get(from + 1)?,
        done: row.get(from + 2)?,
        failed: row.get(from + 3)?,
        takes: row.get(from + 4)?,
        kept: row.get(from + 5)?,
        rejected: row.get(from + 6)?,
        video_ms: row.get(from + 7)?,
        spent: usd(8)?,
        held: usd(9)?,
        due: usd(10)?,
        failed_cost: usd(11)?,
        rejected_cost: usd(12)?,
        billed_runs: row.get(from + 13)?,
        billed: usd(14)?,
        billed_quoted: usd(15)?,
    })
}

fn unreadable(error: &rusqlite::Error) -> StoreError {
    StoreError::Row(error.to_string())
}
