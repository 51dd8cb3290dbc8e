//! The lines of the ledger as they are looked for, the newest first.
//!
//! A million lines are never read for one page. Each job's row knows its first and its last line, and an index
//! holds that with everything that jobs are chosen by. So the jobs that are wanted are walked from the one with
//! the newest line on, until a page is full and no job that is left can have a newer line; where nothing fits,
//! only the index was read. Two things are not in it: words and kinds. Where few jobs have the words, or few
//! lines are of the kind, those are gathered first instead.

use std::fmt::Write as _;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rusqlite::types::ToSql;
use rusqlite::{Connection, Row};

use super::rows::{self, all, moment};
use super::usage::{Sought, unreadable};
use super::{Store, StoreError};
use crate::domain::usage::{Entry, LedgerFilter};
use crate::domain::{JobId, LineKind, Reason, StageName, Usd};

/// Up to so many jobs with the words, or lines of the kind, all of them are looked at.
const FEW: i64 = 5_000;

const DOING: &str = "looking through the ledger";

impl Store {
    /// Lines of the ledger with their jobs, the newest first.
    pub async fn entries(&self, filter: LedgerFilter) -> Result<Vec<Entry>, StoreError> {
        self.call(move |connection| entries(connection, &filter)).await
    }
}

/// What a filter is in the library's words.
struct Looked<'a> {
    filter: &'a LedgerFilter,
    jobs: Sought,
    words: String,
    tag: String,
    kind: Option<&'static str>,
}

/// From where the lines are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the few jobs that have the words.
    Words,
    /// From the few lines of the kind.
    Kind,
    /// From the jobs, the one with the newest line first.
    Newest,
}

fn entries(connection: &Connection, filter: &LedgerFilter) -> Result<Vec<Entry>, StoreError> {
    let looked = Looked::of(filter);
    let way = way(connection, &looked)?;
    let lines = newest_lines(connection, &looked, way)?;
    let mut entries = Vec::with_capacity(lines.len());
    for seq in lines {
        entries.extend(all(connection, DOING, ENTRY, &[(":seq", &seq)], read_entry)?);
    }
    Ok(entries)
}

/// Which way is short.
fn way(connection: &Connection, looked: &Looked<'_>) -> Result<Way, StoreError> {
    let is_few = |rows: &str| -> Result<bool, StoreError> {
        let sql = format!("SELECT count(*) FROM ({rows} LIMIT {})", FEW + 1);
        let parameters = looked.parameters(&sql);
        let count: i64 = connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row(parameters.as_slice(), |row| row.get(0)))
            .map_err(StoreError::sql(DOING))?;
        Ok(count <= FEW)
    };
    if looked.has_words() && is_few(&format!("SELECT number FROM ({HAVE_WORDS})"))? {
        return Ok(Way::Words);
    }
    if looked.kind.is_some() && is_few(OF_KIND)? {
        return Ok(Way::Kind);
    }
    Ok(Way::Newest)
}

/// The places of the newest lines that are wanted, the newest first.
fn newest_lines(
    connection: &Connection,
    looked: &Looked<'_>,
    way: Way,
) -> Result<Vec<i64>, StoreError> {
    let limit = looked.filter.limit;
    let sql = lines_sql(looked, way);
    // The newest so far, of which the oldest is on top.
    let mut newest = BinaryHeap::new();
    let mut look = || -> Result<(), rusqlite::Error> {
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(looked.parameters(&sql).as_slice())?;
        while let Some(row) = rows.next()? {
            let (seq, last): (i64, i64) = (row.get(0)?, row.get(1)?);
            let is_full = newest.len() >= limit;
            let Some(Reverse(oldest)) = newest.peek().copied().filter(|_| is_full) else {
                if is_full {
                    break;
                }
                newest.push(Reverse(seq));
                continue;
            };
            // No job from here on has a line as new as the oldest that is kept.
            if way == Way::Newest && last <= oldest {
                break;
            }
            if seq > oldest {
                newest.pop();
                newest.push(Reverse(seq));
            }
        }
        Ok(())
    };
    look().map_err(StoreError::sql(DOING))?;
    Ok(newest.into_sorted_vec().into_iter().map(|Reverse(seq)| seq).collect())
}

/// The numbers of the jobs that have the words, or a tag that begins with all of them. Nothing in a text is
/// greater than the last of all letters.
const HAVE_WORDS: &str = "SELECT rowid AS number FROM job_words WHERE job_words MATCH :words
    UNION SELECT number FROM job_tags CROSS JOIN figures USING (job)
    WHERE tag COLLATE NOCASE >= :tag AND tag COLLATE NOCASE < :tag || char(1114111)";

const OF_KIND: &str =
    "SELECT seq, job, kind FROM ledger WHERE simulated = :simulated AND kind = :kind";

fn lines_sql(looked: &Looked<'_>, way: Way) -> String {
    let mut conditions = looked.conditions();
    if looked.has_words() && way != Way::Words {
        let _ = write!(conditions, " AND figures.number IN ({HAVE_WORDS})");
    }
    if looked.filter.before.is_some() {
        conditions.push_str(" AND figures.oldest < :before AND ledger.seq < :before");
    }
    if looked.kind.is_some() {
        conditions.push_str(" AND ledger.kind = :kind");
    }
    let (from, order) = match way {
        Way::Words => (
            format!(
                "({HAVE_WORDS}) CROSS JOIN figures USING (number)
                 CROSS JOIN ledger ON ledger.job = figures.job"
            ),
            "",
        ),
        Way::Kind => {
            (format!("({OF_KIND}) AS ledger CROSS JOIN figures ON figures.job = ledger.job"), "")
        }
        Way::Newest => (
            "figures INDEXED BY figures_by_newest CROSS JOIN ledger ON ledger.job = figures.job"
                .to_owned(),
            "ORDER BY figures.newest DESC",
        ),
    };
    format!(
        "SELECT ledger.seq, figures.newest FROM {from}
         WHERE figures.simulated = :simulated {conditions} {order}"
    )
}

impl<'a> Looked<'a> {
    fn of(filter: &'a LedgerFilter) -> Self {
        let (words, tag) = wanted(&filter.words);
        let (jobs, kind) = (Sought::of(&filter.jobs), filter.kind.map(LineKind::as_str));
        Self { filter, jobs, words, tag, kind }
    }

    fn has_words(&self) -> bool {
        !self.filter.words.trim().is_empty()
    }

    /// What the index of the newest lines decides.
    fn conditions(&self) -> String {
        let LedgerFilter { jobs, model, .. } = self.filter;
        let mut conditions = String::new();
        if jobs.since.is_some() || jobs.until.is_some() {
            conditions.push_str(" AND figures.day BETWEEN :since AND :until");
        }
        if jobs.project.is_some() {
            conditions.push_str(" AND figures.project = :project");
        }
        if model.is_some() {
            conditions.push_str(" AND figures.model = :model");
        }
        conditions
    }

    /// Those that this statement names.
    fn parameters(&self, sql: &str) -> Vec<(&'static str, &dyn ToSql)> {
        let all: [(&'static str, &dyn ToSql); 9] = [
            (":simulated", &self.filter.jobs.simulated),
            (":since", &self.jobs.since),
            (":until", &self.jobs.until),
            (":project", &self.jobs.project),
            (":model", &self.filter.model),
            (":words", &self.words),
            (":tag", &self.tag),
            (":kind", &self.kind),
            (":before", &self.filter.before),
        ];
        all.into_iter().filter(|(name, _)| sql.contains(name)).collect()
    }
}

/// Words as the index is asked for them: each in quotes, as the beginning of a word; and all of them together
/// as the beginning of a tag.
fn wanted(words: &str) -> (String, String) {
    let quoted = |word: &str| format!("\"{}\"*", word.replace('"', "\"\""));
    let has_letters = |word: &&str| word.chars().any(char::is_alphanumeric);
    let index: Vec<_> = words.split_whitespace().filter(has_letters).map(quoted).collect();
    let index = if index.is_empty() { "\"\"".to_owned() } else { index.join(" ") };
    (index, words.trim().to_owned())
}

const ENTRY: &str =
    "SELECT ledger.seq, ledger.at, ledger.account_day, ledger.job, jobs.number, ledger.kind,
    ledger.amount, ledger.basis, jobs.model, jobs.provider, jobs.project, jobs.prompt, jobs.stage,
    jobs.abandoned, jobs.reason
    FROM ledger CROSS JOIN jobs ON jobs.id = ledger.job WHERE ledger.seq = :seq";

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

#[cfg(test)]
#[path = "entries_tests.rs"]
pub(super) mod tests;
