//! Sets the providers' own bills beside our ledger: read, kept, matched by prediction, noted once a job.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Pipeline, PipelineError, Unavailable};
use crate::domain::{JobId, Line, ProviderId, Usd};
use crate::provider::{AskError, BillingQuery, Provider};
use crate::store::bills::Noted;

/// What was read is read again for so long: refunds come within hours, the late ones within days.
const OVERLAP: SignedDuration = SignedDuration::from_hours(72);

/// Clocks differ: a first submission may be billed before it was sent.
const BEFORE_THE_FIRST: SignedDuration = SignedDuration::from_hours(1);

/// Sums are compared over so much at most.
const COMPARED: SignedDuration = SignedDuration::from_hours(31 * 24);

/// For so long a refund is waited for; after that it is a question.
pub const REFUND_WITHIN: Duration = Duration::from_hours(24);

/// For so long the bill of a job that ended is waited for by itself.
const BILLED_WITHIN: Duration = Duration::from_hours(1);

/// Why the bill of a provider was not read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPulled {
    /// There is no client to ask with.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It has no bill to ask for.
    #[error("this provider has no bill that can be asked for")]
    NotOffered,
    /// It did not answer, or no.
    #[error("{0}")]
    NotAnswered(String),
    /// What was made was made at another address.
    #[error(
        "what is in the library was made at another address; its bill cannot be asked for here"
    )]
    OtherAccount,
}

/// What was written into the ledger of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The job's short number.
    pub number: u32,
    /// What it was charged before, by our rule or its hold.
    pub charged: Option<Usd>,
    /// The lines.
    pub lines: Vec<Line>,
}

/// Our sum beside the provider's own for the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    /// From here.
    pub since: Timestamp,
    /// To here.
    pub until: Timestamp,
    /// What our ledger says that runs sent in that time have cost.
    pub ours: Usd,
    /// What the provider says that everything cost, by whomever it was made.
    pub theirs: Usd,
}

/// What came of asking one provider for its bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// The provider.
    pub provider: ProviderId,
    /// From when on it was asked.
    pub since: Option<Timestamp>,
    /// Lines that came, known or not.
    pub read: usize,
    /// Lines that were not known.
    pub new: usize,
    /// Lines that were known with another amount.
    pub changed: usize,
    /// Lines of money that nobody here understands.
    pub unreadable: usize,
    /// What was written into the ledger for it.
    pub differences: Vec<Difference>,
    /// Why not everything was read, where that is so.
    pub missing: Option<NotPulled>,
    /// The sums, or why there is none of the provider.
    pub compared: Option<Result<Compared, String>>,
}

impl Reconciled {
    fn nothing(provider: ProviderId, missing: Option<NotPulled>) -> Self {
        Self {
            provider,
            since: None,
            read: 0,
            new: 0,
            changed: 0,
            unreadable: 0,
            differences: vec![],
            missing,
            compared: None,
        }
    }
}

impl Pipeline {
    /// Asks every provider that has ever accepted something for its bill, and brings the ledger in line with it.
    /// What one of them does not answer keeps nothing of the others back. Saying it again writes nothing.
    pub async fn reconcile(&self) -> Result<Vec<Reconciled>, PipelineError> {
        let mut all = Vec::new();
        for provider in ProviderId::ALL {
            if self.store.has_predictions(provider).await? {
                let client = match self.services.provider(provider).await {
                    Ok(client) => client,
                    Err(missing) => {
                        all.push(Reconciled::nothing(provider, Some(missing.into())));
                        continue;
                    }
                };
                let mut reconciled = self.pull(provider, client.as_ref()).await?;
                reconciled.compared = self.compare(client.as_ref(), &reconciled).await?;
                all.push(reconciled);
            }
        }
        Ok(all)
    }

    /// The same where a bill or a refund of real money is waited for, and nobody has asked for a while. What
    /// fails is only logged: it is asked again. Says whether something is still waited for.
    pub(super) async fn reconcile_by_itself(&self) -> Result<bool, PipelineError> {
        let mut is_awaited = false;
        for provider in ProviderId::ALL.into_iter().filter(|provider| provider.is_paid()) {
            if !self.awaits_bills(provider).await? {
                continue;
            }
            let Ok(client) = self.services.provider(provider).await else { continue };
            let (account, now) = (client.account().clone(), self.clock.now());
            if self.store.begin_pull(account, self.patience.bills, now).await? {
                match self.pull(provider, client.as_ref()).await?.missing {
                    None => {}
                    Some(NotPulled::NotOffered | NotPulled::OtherAccount) => continue,
                    Some(missing) => tracing::warn!(%provider, %missing, "the bill was not read"),
                }
            }
            is_awaited |= self.awaits_bills(provider).await?;
        }
        Ok(is_awaited)
    }

    async fn awaits_bills(&self, provider: ProviderId) -> Result<bool, PipelineError> {
        let now = self.clock.now();
        Ok(self.store.awaits_bills(provider, now, REFUND_WITHIN, BILLED_WITHIN).await?)
    }

    /// Reads what is new on the bill of one account, and notes it.
    async fn pull(
        &self,
        provider: ProviderId,
        client: &dyn Provider,
    ) -> Result<Reconciled, PipelineError> {
        let (account, until) = (client.account().clone(), self.clock.now());
        let span = self.store.bill_span(account.clone()).await?;
        let mut reconciled = Reconciled::nothing(provider, None);
        if !span.has_jobs {
            reconciled.missing = span.has_others.then_some(NotPulled::OtherAccount);
            return Ok(reconciled);
        }
        reconciled.since = match (span.pulled, span.first) {
            (Some(pulled), _) => pulled.checked_sub(OVERLAP).ok(),
            (None, first) => first.and_then(|first| first.checked_sub(BEFORE_THE_FIRST).ok()),
        };
        let query = BillingQuery { since: reconciled.since, until: None };
        match client.billings(&query).await {
            Ok(bill) => {
                reconciled.read = bill.lines.len();
                reconciled.unreadable = bill.unreadable;
                let kept = self.store.keep_bills(account.clone(), bill.lines, until).await?;
                (reconciled.new, reconciled.changed) = (kept.new, kept.changed);
                reconciled.missing = bill.missing.map(not_answered);
            }
            Err(error) => reconciled.missing = Some(not_answered(error)),
        }
        // What was read before may still wait for its job to be settled.
        for id in self.store.billed_jobs(provider).await? {
            reconciled.differences.extend(self.note(id).await?);
        }
        if reconciled.missing.is_none() {
            self.store.end_pull(account, until).await?;
        }
        if !reconciled.differences.is_empty() {
            self.reporter.changed();
            self.tell_alerts().await;
        }
        Ok(reconciled)
    }

    async fn note(&self, id: JobId) -> Result<Option<Difference>, PipelineError> {
        let noted = self.store.note_bill(id, self.clock.now()).await?;
        Ok(match noted {
            Noted::Agreed(job, lines) if !lines.is_empty() => {
                tracing::info!(job = job.number, lines = lines.len(), "billed otherwise");
                Some(Difference { number: job.number, charged: job.balance.charge, lines })
            }
            Noted::Agreed(..) | Noted::NotYet => None,
        })
    }

    /// Both sums; `None` where the bill was not there to be asked for either.
    async fn compare(
        &self,
        client: &dyn Provider,
        reconciled: &Reconciled,
    ) -> Result<Option<Result<Compared, String>>, PipelineError> {
        if reconciled.missing.is_some() {
            return Ok(None);
        }
        let (account, until) = (client.account(), self.clock.now());
        let span = self.store.bill_span(account.clone()).await?;
        let since = span.first.and_then(|first| first.checked_sub(BEFORE_THE_FIRST).ok());
        let least = until.checked_sub(COMPARED).unwrap_or(Timestamp::MIN);
        let since = since.unwrap_or(until).max(least);
        let theirs = match client.usage_stats(since, until).await {
            Ok(stats) => stats.total,
            Err(AskError::NotOffered(_)) => return Ok(None),
            Err(error) => return Ok(Some(Err(error.to_string()))),
        };
        let address = account.base_url.clone();
        let ours = self.store.spent_at(account.provider, address, (since, until)).await?;
        Ok(Some(Ok(Compared { since, until, ours, theirs })))
    }
}

fn not_answered(error: AskError) -> NotPulled {
    match error {
        AskError::NotOffered(_) => NotPulled::NotOffered,
        error => NotPulled::NotAnswered(error.to_string()),
    }
}
