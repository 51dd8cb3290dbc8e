//! How what usage asks is answered: by which index.

use super::*;

/// The plan of a statement, a line a step.
fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect(sql);
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
    steps.map(|step| step.expect("a step")).collect::<Vec<_>>().join("\n")
}

fn library() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("library.db");
    let mut connection = Connection::open(&path).expect("a library");
    super::super::migrate::bring_up_to_date(&mut connection, &path).expect("up to date");
    (folder, connection)
}

#[test]
fn nothing_that_usage_or_an_admission_asks_reads_a_whole_table() {
    let (_folder, library) = library();
    let mut asked: Vec<(String, Vec<&str>)> = Vec::new();
    for project in [None, Some("kite".to_owned())] {
        let filter = UsageFilter { project, ..UsageFilter::default() };
        asked.push((figures_sql(&filter), vec![]));
        for by in GroupBy::ALL {
            asked.push((groups_sql(by, &filter), vec![]));
        }
    }
    // In the order of the index, so that ten rows are read for ten.
    asked.push((DEAREST.to_owned(), vec!["USE TEMP B-TREE FOR ORDER BY"; 0]));
    asked.push((format!("{} WHERE jobs.id = :id", super::super::rows::JOB), vec!["ledger_by_job"]));
    asked.extend(super::super::entries::tests::statements().into_iter().map(|sql| (sql, vec![])));
    asked.push((super::super::jobs::NEXT_NUMBER.to_owned(), vec![]));
    for (sql, named) in asked {
        let plan = plan(&library, &sql);
        for table in [
            "ledger",
            "jobs",
            "figures",
            "sums",
            "model_sums",
            "project_sums",
            "tag_sums",
            "assets",
        ] {
            let scans = plan.lines().any(|step| {
                step.starts_with(&format!("SCAN {table}")) && !step.contains("VIRTUAL")
            });
            assert!(!scans, "{sql}\n{plan}");
        }
        for name in named {
            assert!(plan.contains(name), "{name}: {sql}\n{plan}");
        }
    }
}

#[test]
fn the_dearest_and_the_newest_are_read_in_order_and_not_sorted() {
    let (_folder, library) = library();
    let newest = super::super::entries::tests::statements().pop().expect("the way from the newest");
    for sql in [DEAREST.to_owned(), newest] {
        let plan = plan(&library, &sql);
        let inner = plan.lines().filter(|step| step.contains("COVERING INDEX figures_by")).count();
        assert_eq!(inner, 1, "{plan}");
    }
}
