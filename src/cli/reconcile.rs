//! `rushes usage --reconcile`: what the providers billed, beside our ledger.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::exit::Exit;
use super::talk;
use crate::assembly::Assembly;
use crate::domain::{LineKind, ModelId, PredictionId, ProviderId, StageName, Usd};
use crate::pipeline::Unavailable;
use crate::pipeline::reconcile::{Compared, Difference, NotPulled, REFUND_WITHIN, Reconciled};
use crate::store::billed::{Drift, DueRefund, OpenBill, Unknown, UnknownBill};

/// Lines of a bill that nobody here knows, so many are shown one by one.
const SHOWN: u32 = 20;

/// What was read and what is to be seen from it.
pub(super) struct Report {
    providers: Vec<Reconciled>,
    real: Seen,
    simulated: Seen,
}

/// What is to be seen from the bills: of real money, or of the sandbox's.
struct Seen {
    unknown: Unknown,
    drift: Vec<Drift>,
    overdue: Vec<DueRefund>,
    open: Vec<OpenBill>,
}

impl Seen {
    async fn of(assembly: &Assembly, simulated: bool) -> anyhow::Result<Self> {
        let (store, now) = (&assembly.store, assembly.pipeline.clock.now());
        let wait = SignedDuration::try_from(REFUND_WITHIN)?;
        Ok(Self {
            unknown: store.unknown_bills(simulated, SHOWN).await?,
            drift: store.drift(simulated).await?,
            overdue: store.refunds_due(simulated, now.checked_sub(wait)?).await?,
            open: store.open_bills(simulated).await?,
        })
    }
}

impl Report {
    /// Asks every provider for its bill, and looks at what came.
    pub(super) async fn make(assembly: &Assembly) -> anyhow::Result<Self> {
        let providers = assembly.pipeline.reconcile().await?;
        let (real, simulated) = (Seen::of(assembly, false).await?, Seen::of(assembly, true).await?);
        Ok(Self { providers, real, simulated })
    }

    /// How the command ends: with what was kept, even where something did not answer.
    pub(super) fn exit(&self) -> Exit {
        let one = |reconciled: &Reconciled| match &reconciled.missing {
            None | Some(NotPulled::NotOffered | NotPulled::OtherAccount) => Exit::Done,
            Some(NotPulled::Unavailable(Unavailable::NoCredential { .. })) => Exit::NoCredential,
            Some(NotPulled::Unavailable(_) | NotPulled::NotAnswered(_)) => Exit::Failed,
        };
        self.providers.iter().map(one).max().unwrap_or(Exit::Done)
    }

    /// For a person.
    pub(super) fn say(&self, line: impl Fn(&str)) {
        if self.providers.is_empty() {
            line("no provider has made anything yet: there is no bill to ask for");
        }
        for reconciled in &self.providers {
            said(reconciled, &line);
        }
        self.real.say(&line);
        self.simulated.say(&|text: &str| line(&format!("sandbox: {text}")));
    }

    /// What could not be read, with what to do about it: for a person, whatever the form of the rest.
    pub(super) fn say_what_is_missing(&self) {
        for reconciled in &self.providers {
            let Some(missing) = &reconciled.missing else { continue };
            let since = reconciled.since.map(|since| format!(" since {}", day(since)));
            let since = since.unwrap_or_default();
            let kept = match reconciled.read {
                0 => "nothing was read".to_owned(),
                read => format!("{read} lines were read and are kept, the rest{since} was not"),
            };
            talk::say(&format!("rushes: the bill of {}: {missing}; {kept}", reconciled.provider));
            match missing {
                NotPulled::Unavailable(unavailable) => talk::hint(unavailable.hint()),
                NotPulled::NotAnswered(_) => {
                    talk::hint("say it again later: what is known already is not read twice");
                }
                NotPulled::NotOffered => talk::hint("look at the provider's own page"),
                NotPulled::OtherAccount => talk::hint("rushes doctor says which address is set"),
            }
        }
    }

    /// For a script.
    pub(super) fn json(&self) -> Value {
        let mut report = self.real.json();
        report["providers"] = self.providers.iter().map(provider_json).collect();
        report["simulated"] = self.simulated.json();
        report
    }
}

/// What was read of one provider, and what it changed.
fn said(reconciled: &Reconciled, line: &impl Fn(&str)) {
    let provider = reconciled.provider;
    let since = reconciled.since.map_or_else(String::new, |since| format!(" since {}", day(since)));
    line(&format!(
        "{provider}: {} lines of the bill{since}, {} new, {} changed, {} jobs corrected",
        reconciled.read,
        reconciled.new,
        reconciled.changed,
        reconciled.differences.len()
    ));
    if reconciled.unreadable > 0 {
        line(&format!("  {} lines of money could not be understood", reconciled.unreadable));
    }
    for difference in &reconciled.differences {
        line(&format!("  {}", of_job(difference)));
    }
    match &reconciled.compared {
        Some(Ok(compared)) => line(&format!("  {}", of_sums(provider, compared))),
        Some(Err(error)) => line(&format!("  its own sum could not be asked for: {error}")),
        None => {}
    }
}

fn of_job(difference: &Difference) -> String {
    let charged = match difference.charged {
        Some(charged) => format!("charged {charged}"),
        None => "not charged".to_owned(),
    };
    let lines: Vec<String> = difference
        .lines
        .iter()
        .map(|line| match line.kind {
            LineKind::Refund => format!("{} came back", line.amount),
            _ if line.amount < Usd::ZERO => format!("billed {} less", -line.amount),
            _ => format!("billed {} more", line.amount),
        })
        .collect();
    format!("job {}: {charged}; {}", difference.number, lines.join("; "))
}

fn of_sums(provider: ProviderId, compared: &Compared) -> String {
    let Compared { since, until, ours, theirs } = compared;
    let days = format!("{} to {}", day(*since), day(*until));
    if ours == theirs {
        return format!("{days}: {ours} here, the same by {provider}'s own sum");
    }
    let difference = signed(*theirs - *ours);
    format!("{days}: {ours} here, {theirs} by {provider}'s own sum ({difference})")
}

impl Seen {
    fn say(&self, line: &impl Fn(&str)) {
        if self.unknown.lines > 0 {
            let Unknown { lines, taken, back, newest } = &self.unknown;
            line(&format!(
                "billed, and no job here knows it: {lines} lines, {taken} taken, {back} back"
            ));
            for bill in newest {
                line(&format!("  {}", of_unknown(bill)));
            }
        }
        if !self.drift.is_empty() {
            line("quote against bill:");
        }
        for drift in &self.drift {
            line(&format!(
                "  {:<52}  {:>5} runs  quoted {}  billed {}  {}{}",
                drift.model.as_str(),
                drift.runs,
                drift.quoted,
                drift.billed,
                signed(drift.billed - drift.quoted),
                if drift.largest == Usd::ZERO {
                    String::new()
                } else {
                    format!(", at most {} a run", signed(drift.largest))
                }
            ));
        }
        for due in &self.overdue {
            line(&format!(
                "a question: job {}: {} is due back since {} and was not seen; ask the provider",
                due.number,
                due.amount,
                minute(due.since)
            ));
        }
        for open in &self.open {
            line(&of_open(open));
        }
    }

    fn json(&self) -> Value {
        json!({
            "unknown": {
                "lines": self.unknown.lines,
                "billed": self.unknown.taken.decimal(),
                "refunded": self.unknown.back.decimal(),
                "newest": self.unknown.newest.iter().map(unknown_json).collect::<Vec<_>>(),
            },
            "drift": self.drift.iter().map(|drift| json!({
                "provider": drift.provider.as_str(),
                "model": drift.model.as_str(),
                "runs": drift.runs,
                "quoted": drift.quoted.decimal(),
                "billed": drift.billed.decimal(),
                "difference": (drift.billed - drift.quoted).decimal(),
                "largest": drift.largest.decimal(),
            })).collect::<Vec<_>>(),
            "refunds_overdue": self.overdue.iter().map(|due| json!({
                "job": due.number,
                "amount": due.amount.decimal(),
                "since": due.since.to_string(),
            })).collect::<Vec<_>>(),
            "open": self.open.iter().map(|open| json!({
                "job": open.number,
                "stage": open.stage.as_str(),
                "billed": open.taken.decimal(),
                "refunded": open.back.decimal(),
            })).collect::<Vec<_>>(),
        })
    }
}

fn of_unknown(bill: &UnknownBill) -> String {
    let at = bill.at.map_or_else(|| "at a time not told".to_owned(), minute);
    let model = bill.model.as_ref().map_or("no model", |model| model.as_str());
    let what = if bill.is_refund { "back" } else { "taken" };
    let prediction = bill.prediction.as_ref().map_or("none", |prediction| prediction.as_str());
    let adopt = bill.perhaps.map_or_else(String::new, |number| {
        format!("; job {number} is in doubt: rushes jobs adopt {number} {prediction}")
    });
    format!("{at}  {} {what}  {model}  prediction {prediction}{adopt}", bill.amount)
}

fn of_open(open: &OpenBill) -> String {
    let OpenBill { number, stage, taken, back } = open;
    match stage {
        StageName::InDoubt => format!(
            "a question: job {number} is in doubt, and {taken} was billed for it; \
             rushes jobs settle {number} --as charged, or find {number}"
        ),
        StageName::Done | StageName::Failed | StageName::Cancelled => format!(
            "a question: job {number}: {back} came back, and nothing was charged or billed for it"
        ),
        _ => format!("job {number} is {stage}: {taken} is billed, and noted when it ends"),
    }
}

fn provider_json(reconciled: &Reconciled) -> Value {
    let line = |difference: &Difference| {
        let number = difference.number;
        let charged = difference.charged.map(Usd::decimal);
        difference
            .lines
            .iter()
            .map(move |line| {
                json!({"job": number, "charged": charged, "kind": line.kind.as_str(),
                "amount": line.amount.decimal(), "basis": line.basis.as_str()})
            })
            .collect::<Vec<_>>()
    };
    let compared = reconciled.compared.as_ref().and_then(|compared| compared.as_ref().ok());
    json!({
        "provider": reconciled.provider.as_str(),
        "since": reconciled.since.map(|since| since.to_string()),
        "read": reconciled.read,
        "new": reconciled.new,
        "changed": reconciled.changed,
        "unreadable": reconciled.unreadable,
        "missing": reconciled.missing.as_ref().map(ToString::to_string),
        "written": reconciled.differences.iter().flat_map(line).collect::<Vec<_>>(),
        "sums": compared.map(|compared| json!({
            "since": compared.since.to_string(),
            "until": compared.until.to_string(),
            "ours": compared.ours.decimal(),
            "theirs": compared.theirs.decimal(),
            "difference": (compared.theirs - compared.ours).decimal(),
        })),
    })
}

fn unknown_json(bill: &UnknownBill) -> Value {
    json!({
        "provider": bill.provider.as_str(),
        "bill": bill.bill,
        "prediction_id": bill.prediction.as_ref().map(PredictionId::as_str),
        "model": bill.model.as_ref().map(ModelId::as_str),
        "kind": if bill.is_refund { "refund" } else { "deduct" },
        "amount": bill.amount.decimal(),
        "at": bill.at.map(|at| at.to_string()),
        "perhaps_job": bill.perhaps,
    })
}

fn signed(amount: Usd) -> String {
    if amount > Usd::ZERO { format!("+{amount}") } else { amount.to_string() }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
