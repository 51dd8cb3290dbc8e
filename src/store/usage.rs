//! Usage: sums that are read from sums, never added up from the ledger again.

use rusqlite::types::ToSql;
use rusqlite::{Connection, Row};

use super::rows::all;
use super::{Store, StoreError};
use crate::domain::usage::{Dear, GroupBy, UsageFilter};
use crate::domain::{Figures, JobId, Usd, usage};

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

/// The dearest jobs are read off the index in their order; only those that are told are looked up.
const DEAREST: &str = "SELECT dear.job, dear.number, dear.day, jobs.model, jobs.prompt, dear.spent
    FROM (SELECT job, number, day, spent FROM figures INDEXED BY figures_by_spent
        WHERE simulated = :simulated AND spent > 0 AND day BETWEEN :since AND :until
          AND (:project IS NULL OR project = :project)
        ORDER BY spent DESC, number DESC LIMIT :limit) AS dear
    CROSS JOIN jobs ON jobs.id = dear.job ORDER BY dear.spent DESC, dear.number DESC";

/// A filter as the library has it.
pub(super) struct Sought {
    pub(super) since: String,
    pub(super) until: String,
    /// Empty is what belongs to none.
    pub(super) project: Option<String>,
}

impl Sought {
    pub(super) fn of(filter: &UsageFilter) -> Self {
        let project = filter.project.as_ref();
        Self {
            project: project.map(|name| if name == "-" { String::new() } else { name.clone() }),
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
}

fn figures_sql(filter: &UsageFilter) -> String {
    // The table with the fewest rows a day that knows enough.
    match filter.project {
        None => format!("SELECT {SUMS} FROM model_sums WHERE {WHERE}"),
        Some(_) => format!("SELECT {SUMS} FROM project_sums WHERE {WHERE} AND project = :project"),
    }
}

fn groups_sql(by: GroupBy, filter: &UsageFilter) -> String {
    let key = match by {
        GroupBy::Project => "iif(project = '', '-', project)",
        other => other.as_str(),
    };
    let (from, columns) = match (by, &filter.project) {
        (GroupBy::Project, _) | (GroupBy::Day, Some(_)) => ("project_sums", SUMS),
        (GroupBy::Tag, None) => ("tag_sums", SUMS),
        // Sums of a tag know no project.
        (GroupBy::Tag, Some(_)) => ("figures JOIN job_tags USING (job)", OF_JOBS),
        (_, None) => ("model_sums", SUMS),
        (_, Some(_)) => ("sums", SUMS),
    };
    let project = filter.project.as_ref().map_or("", |_| "AND project = :project");
    let order = if by == GroupBy::Day { "1 DESC" } else { "10 DESC, 1" };
    format!(
        "SELECT {key}, {columns} FROM {from} WHERE {WHERE} {project} GROUP BY 1 ORDER BY {order}"
    )
}

fn figures(connection: &Connection, filter: &UsageFilter) -> Result<Figures, StoreError> {
    let wanted = Sought::of(filter);
    let sql = figures_sql(filter);
    let mut parameters: Vec<(&str, &dyn ToSql)> = vec![
        (":simulated", &filter.simulated),
        (":since", &wanted.since),
        (":until", &wanted.until),
    ];
    if filter.project.is_some() {
        parameters.push((":project", &wanted.project));
    }
    connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement.query_row(parameters.as_slice(), |row| read_figures(row, 0))
        })
        .map_err(StoreError::sql("adding up usage"))
}

fn groups(
    connection: &Connection,
    by: GroupBy,
    filter: &UsageFilter,
) -> Result<Vec<usage::Group>, StoreError> {
    let wanted = Sought::of(filter);
    let sql = groups_sql(by, filter);
    let mut parameters: Vec<(&str, &dyn ToSql)> = vec![
        (":simulated", &filter.simulated),
        (":since", &wanted.since),
        (":until", &wanted.until),
    ];
    if filter.project.is_some() {
        parameters.push((":project", &wanted.project));
    }
    let mut groups = all(connection, "adding up usage", &sql, &parameters, |row| {
        let group = || Ok(usage::Group { key: row.get(0)?, figures: read_figures(row, 1)? });
        group().map_err(|error| unreadable(&error))
    })?;
    groups.retain(|group| !group.figures.is_empty());
    Ok(groups)
}

fn dearest(
    connection: &Connection,
    filter: &UsageFilter,
    limit: usize,
) -> Result<Vec<Dear>, StoreError> {
    let wanted = Sought::of(filter);
    all(
        connection,
        "looking for the dearest",
        DEAREST,
        &[
            (":simulated", &filter.simulated),
            (":since", &wanted.since),
            (":until", &wanted.until),
            (":project", &wanted.project),
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

pub(super) fn unreadable(error: &rusqlite::Error) -> StoreError {
    StoreError::Row(error.to_string())
}

#[cfg(test)]
#[path = "usage_tests.rs"]
mod tests;
