//! Usage as comma-separated values: a header that names the units, then a line each. Nothing is cut.

use std::fmt::Write as _;

use super::Usd;
use super::usage::{Entry, Figures, Group, GroupBy};

/// A text as one field: quoted where it would be taken for more than that. What a spreadsheet would take for a
/// formula begins with an apostrophe: much of it was written by others.
pub fn field(text: &str) -> String {
    let is_formula = text.len() > 1 && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guarded = if is_formula { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}

/// Groups with all their sums.
pub fn groups(by: GroupBy, groups: &[Group]) -> String {
    let mut text = format!(
        "{},jobs,runs,done,failed,takes,kept,rejected,video_seconds,spent_usd,held_usd,refund_due_usd,\
         per_run_usd,per_second_usd,per_kept_usd,failures_usd,rejects_usd,billed_runs,billed_usd,quoted_usd\n",
        by.as_str()
    );
    for Group { key, figures } in groups {
        let counts = [
            figures.jobs,
            figures.runs,
            figures.done,
            figures.failed,
            figures.takes,
            figures.kept,
            figures.rejected,
        ];
        let mut fields = vec![field(key)];
        fields.extend(counts.map(|count| count.to_string()));
        fields.push(seconds(figures.video_ms));
        fields.extend([figures.spent, figures.held, figures.due].map(Usd::decimal));
        let shares = [figures.per_run(), figures.per_second(), figures.per_kept()];
        fields.extend(shares.map(known));
        fields.extend([figures.failed_cost, figures.rejected_cost].map(Usd::decimal));
        fields.extend(bill(figures));
        let _ = writeln!(text, "{}", fields.join(","));
    }
    text
}

/// Lines of the ledger.
pub fn lines(entries: &[Entry]) -> String {
    let mut text = "line,written_utc,account_day,job,job_id,kind,amount_usd,basis,provider,model,project,stage,reason,prompt\n"
        .to_owned();
    for entry in entries {
        let fields = [
            entry.seq.to_string(),
            entry.at.to_string(),
            field(&entry.day),
            entry.number.to_string(),
            entry.job.to_string(),
            entry.kind.to_string(),
            entry.amount.decimal(),
            field(&entry.basis),
            field(&entry.provider),
            field(&entry.model),
            field(entry.project.as_deref().unwrap_or_default()),
            entry.stage.as_str().to_owned(),
            field(entry.reason.as_deref().unwrap_or_default()),
            field(&entry.prompt),
        ];
        let _ = writeln!(text, "{}", fields.join(","));
    }
    text
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
    fn a_text_stays_one_field_and_is_no_formula() {
        let check = |text: &str, expected: &str| assert_eq!(field(text), expected);
        check("wan", "wan");
        check("a, \"b\"", "\"a, \"\"b\"\"\"");
        check("two\nlines", "\"two\nlines\"");
        check("=1+1", "'=1+1");
        check("-", "-");
        check("@sum(a,b)", "\"'@sum(a,b)\"");
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
