//! Usage as comma-separated values (RFC 4180, UTF-8): a header that names the units, then a line each. Nothing
//! is cut.
//!
//! Much of the text was written by others, and a spreadsheet runs a field that begins like a formula, quoted or
//! not. Such a field gets an apostrophe in front, and so does one that begins with an apostrophe itself: whoever
//! takes one leading apostrophe away has every text back as it was. There is no byte order mark: scripts would
//! find it in the name of the first column.

use ::csv::{Terminator, Writer, WriterBuilder};

use super::Usd;
use super::usage::{Entry, Figures, Group, GroupBy};

/// Groups with all their sums.
pub fn groups(by: GroupBy, groups: &[Group]) -> String {
    let header = [
        by.as_str(),
        "jobs",
        "runs",
        "done",
        "failed",
        "takes",
        "kept",
        "rejected",
        "video_seconds",
        "spent_usd",
        "held_usd",
        "refund_due_usd",
        "per_run_usd",
        "per_second_usd",
        "per_kept_usd",
        "failures_usd",
        "rejects_usd",
        "billed_runs",
        "billed_usd",
        "quoted_usd",
    ];
    written(header, groups.iter().map(group))
}

fn group(Group { key, figures }: &Group) -> [String; 20] {
    let Figures { jobs, runs, done, failed, takes, kept, rejected, .. } = *figures;
    let [jobs, runs, done, failed, takes, kept, rejected] =
        [jobs, runs, done, failed, takes, kept, rejected].map(|count| count.to_string());
    let [billed_runs, billed, quoted] = bill(figures);
    [
        text(key),
        jobs,
        runs,
        done,
        failed,
        takes,
        kept,
        rejected,
        seconds(figures.video_ms),
        figures.spent.decimal(),
        figures.held.decimal(),
        figures.due.decimal(),
        known(figures.per_run()),
        known(figures.per_second()),
        known(figures.per_kept()),
        figures.failed_cost.decimal(),
        figures.rejected_cost.decimal(),
        billed_runs,
        billed,
        quoted,
    ]
}

/// Lines of the ledger.
pub fn lines(entries: &[Entry]) -> String {
    let header = [
        "line",
        "written_utc",
        "account_day",
        "job",
        "job_id",
        "kind",
        "amount_usd",
        "basis",
        "provider",
        "model",
        "project",
        "stage",
        "reason",
        "prompt",
    ];
    written(header, entries.iter().map(line))
}

fn line(entry: &Entry) -> [String; 14] {
    [
        entry.seq.to_string(),
        entry.at.to_string(),
        entry.day.clone(),
        entry.number.to_string(),
        entry.job.to_string(),
        entry.kind.to_string(),
        entry.amount.decimal(),
        text(&entry.basis),
        text(&entry.provider),
        text(&entry.model),
        text(entry.project.as_deref().unwrap_or_default()),
        entry.stage.as_str().to_owned(),
        text(entry.reason.as_deref().unwrap_or_default()),
        text(&entry.prompt),
    ]
}

fn written<const N: usize>(
    header: [&str; N],
    mut rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let mut write = |writer: &mut Writer<Vec<u8>>| -> Result<(), ::csv::Error> {
        writer.write_record(header)?;
        rows.try_for_each(|row| writer.write_record(row))
    };
    write(&mut writer).expect("memory takes everything");
    let bytes = writer.into_inner().expect("memory takes everything");
    String::from_utf8(bytes).expect("it was made of text")
}

/// A text that no spreadsheet runs. Full-width signs begin a formula too where Japanese is set.
fn text(text: &str) -> String {
    let first = text.trim_start().chars().next();
    let is_formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    let is_guarded = text.starts_with(['\'', '\t', '\r']);
    // A dash alone is what stands where there is no project.
    if (is_formula && text != "-") || is_guarded { format!("'{text}") } else { text.to_owned() }
}

/// What the provider billed, and what we had charged for the same; empty while no bill was seen.
fn bill(figures: &Figures) -> [String; 3] {
    let seen = figures.billed_runs > 0;
    let billed = known(seen.then_some(figures.billed));
    let quoted = known(seen.then_some(figures.billed_quoted));
    [figures.billed_runs.to_string(), billed, quoted]
}

/// What nobody knows is an empty field, never a zero.
fn known(amount: Option<Usd>) -> String {
    amount.map(Usd::decimal).unwrap_or_default()
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{JobId, LineKind, StageName};

    #[test]
    fn whatever_was_written_is_read_again_and_is_no_formula() {
        let texts = [
            "wan",
            "a, \"b\"",
            "two\nlines\r\n",
            "=1+1",
            "-",
            "-2",
            "@sum(a,b)",
            "'quoted'",
            "''",
            " =1",
            "\t=1",
            "＝1",
            "żółw 龍",
            "",
            " ",
            "a\u{1b}[31m",
        ];
        let group = |text: &&str| Group { key: (*text).to_owned(), figures: Figures::default() };
        let written = groups(GroupBy::Project, &texts.iter().map(group).collect::<Vec<_>>());
        let mut reader = ::csv::Reader::from_reader(written.as_bytes());
        let fields: Vec<String> =
            reader.records().map(|record| record.expect("a record")[0].to_owned()).collect();
        for field in &fields {
            let begins = field.trim_start().starts_with(['=', '+', '@', '＝']);
            assert!(!(begins || field.starts_with('-') && field.len() > 1), "{field:?}");
        }
        let read: Vec<_> =
            fields.iter().map(|field| field.strip_prefix('\'').unwrap_or(field)).collect();
        assert_eq!(read, texts);
    }

    #[test]
    fn every_line_has_as_many_fields_as_its_header_and_unknown_is_empty() {
        let figures = Figures {
            jobs: 2,
            runs: 2,
            video_ms: 5_250,
            spent: Usd::from_micros(48_001),
            ..Figures::default()
        };
        let group = |key: &str| Group { key: key.to_owned(), figures };
        let text = groups(GroupBy::Project, &[group("-"), group("kite")]);
        let lines: Vec<_> = text.lines().collect();
        assert!(text.ends_with("\r\n"));
        assert!(lines[0].starts_with("project,jobs,") && lines[0].contains("spent_usd"));
        assert_eq!(
            lines[2],
            "kite,2,2,0,0,0,0,0,5.250,0.048001,0.00,0.00,0.024001,0.009143,,0.00,0.00,0,,"
        );
        for line in &lines {
            assert_eq!(line.split(',').count(), lines[0].split(',').count());
        }
    }

    #[test]
    fn a_line_of_the_ledger_keeps_its_micro_dollars_and_its_moment() {
        let entry = Entry {
            seq: 7,
            at: "2026-11-22T10:14:00Z".parse().expect("a moment"),
            day: "2026-11-22".to_owned(),
            job: JobId::at(1, &[0; 10]),
            number: 40,
            kind: LineKind::Adjust,
            amount: Usd::from_micros(-120_001),
            basis: "billed".to_owned(),
            model: "wan".to_owned(),
            provider: "wavespeed".to_owned(),
            project: None,
            prompt: "a kite, red".to_owned(),
            stage: StageName::InDoubt,
            reason: None,
        };
        let text = lines(&[entry]);
        let line = text.lines().nth(1).expect("a line");
        assert!(line.starts_with("7,2026-11-22T10:14:00Z,2026-11-22,40,"), "{line}");
        assert!(
            line.ends_with(",adjust,-0.120001,billed,wavespeed,wan,,in_doubt,,\"a kite, red\"")
        );
    }
}
