//! What the provider itself says a run costs: asked beside our own rule, compared with it, and remembered.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use jiff::Timestamp;
use serde_json::Value;

use crate::catalog::{ModelSpec, ParamKind};
use crate::domain::brief::Source;
use crate::domain::{
    Ask, Basis, Brief, Check, CheckId, Estimate, ModelId, Outcome, ProviderId, Quote, Usd,
};
use crate::provider::{AskError, Order, Provider};

use super::inputs::Files;
use super::{Pipeline, since};

/// How long the provider may take for all quotes of an order. Nobody waits longer before a dialog.
const WAIT: Duration = Duration::from_secs(4);

/// So many questions are on their way at once, and so many are asked for one order.
const AT_ONCE: usize = 8;
const MOST: usize = 64;

/// A quote is good for so long: the figure that somebody says yes to is the one that is held.
const GOOD_FOR: Duration = Duration::from_mins(10);

/// Quotes that were given to this process, by what was asked.
#[derive(Debug, Default)]
pub struct Quotes(Mutex<HashMap<Question, (Timestamp, Usd)>>);

/// A model with everything that is sent to it, but for the seed: no price depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question(ModelId, String);

impl Quotes {
    fn good(&self, question: &Question, now: Timestamp) -> Option<Usd> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, price) = known.get(question)?;
        (since(*at, now) < GOOD_FOR).then_some(*price)
    }

    fn keep(&self, question: Question, price: Usd, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (at, _)| since(*at, now) < GOOD_FOR);
        known.insert(question, (now, price));
    }
}

/// What was quoted for an order, or why nothing was.
#[derive(Default)]
pub(super) struct Quoted(HashMap<Question, Answer>);

/// The answer to one question, beside what our rule says.
struct Answer {
    rule: Option<Estimate>,
    /// The provider cannot measure what is not uploaded yet: then its quote is a floor.
    is_measured: bool,
    quote: Result<Usd, String>,
}

/// How a quote stands to our rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// The rule does not say what it costs: the quote does.
    Alone,
    Agrees,
    Differs,
    /// A floor that is not above our rule: it says nothing against it.
    Below,
    Missing,
}

impl Answer {
    fn stand(&self) -> Stand {
        match (&self.rule, &self.quote) {
            (_, Err(_)) => Stand::Missing,
            (None, _) => Stand::Alone,
            (Some(rule), _) if rule.floor => Stand::Alone,
            (Some(rule), Ok(quote)) if (rule.low..=rule.high).contains(quote) => {
                if self.is_measured || *quote == rule.high { Stand::Agrees } else { Stand::Below }
            }
            (Some(rule), Ok(quote)) if !self.is_measured && *quote < rule.low => Stand::Below,
            _ => Stand::Differs,
        }
    }

    /// The estimate of both. Where both say something, the larger is held.
    fn estimate(&self) -> Option<Estimate> {
        let (Ok(quote), stand) = (&self.quote, self.stand()) else { return self.rule.clone() };
        let floor = !self.is_measured;
        match (&self.rule, stand) {
            (Some(rule), Stand::Agrees) => Some(Estimate {
                finding: format!("{}; the provider agrees", rule.finding),
                ..rule.clone()
            }),
            (Some(rule), Stand::Differs) => Some(Estimate {
                low: if floor { rule.high.max(*quote) } else { rule.low.min(*quote) },
                high: rule.high.max(*quote),
                basis: Basis::Quoted,
                floor,
                finding: format!(
                    "rule {}, the provider quotes {quote}: the larger is held",
                    rule.high
                ),
            }),
            (rule, Stand::Alone) => {
                let least = rule.as_ref().map_or(*quote, |rule| rule.high.max(*quote));
                let low = if floor { least } else { *quote };
                let quoted = Estimate::exact(least, Basis::Quoted, "the provider's quote");
                Some(Estimate { low, floor, ..quoted })
            }
            (rule, Stand::Below | Stand::Missing) | (rule @ None, _) => rule.clone(),
        }
    }
}

impl Quoted {
    /// The estimate with the quote for this brief, where there is one.
    pub(super) fn with(
        &self,
        spec: &ModelSpec,
        brief: &Brief,
        ruled: Option<Estimate>,
    ) -> Option<Estimate> {
        match self.0.get(&question(spec, brief)) {
            Some(answer) => answer.estimate(),
            None => ruled,
        }
    }

    /// Why something was not quoted, where it was not.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.0.values().find_map(|answer| answer.quote.as_ref().err()).map(String::as_str)
    }

    /// Adds to what was found about the price what the provider says to it. What was not compared never
    /// passes as agreed.
    pub(super) fn say(&self, mut check: Check) -> Check {
        let all = self.0.len();
        let of = |stand| self.0.values().filter(move |answer| answer.stand() == stand);
        let knows = |answer: &&Answer| answer.rule.as_ref().is_some_and(|rule| !rule.floor);
        let (differing, missing) =
            (of(Stand::Differs).count(), of(Stand::Missing).filter(knows).count());
        if differing > 0 && all > 1 {
            let _ = write!(check.finding, "; the provider quotes {differing} of {all} otherwise");
        }
        if missing > 0 {
            let why = self.trouble().unwrap_or_default();
            let how_many = if all > 1 { format!("{missing} of {all} ") } else { String::new() };
            let _ = write!(check.finding, "; {how_many}not compared with the provider: {why}");
        }
        if differing > 0 && check.outcome == Outcome::Pass {
            let hint = "rushes usage --reconcile shows what is billed in the end";
            return Check::warn(CheckId::Price, check.finding, hint);
        }
        check
    }
}

impl Pipeline {
    /// What the provider says that this brief costs, beside what our rule says.
    ///
    /// # Errors
    ///
    /// Why there is none, in words.
    pub async fn quote(&self, brief: &Brief) -> Result<Quote, String> {
        let ask = Ask::new(vec![brief.clone()]);
        let files = self.files_of(&ask).await;
        let quoted = self.quotes_of(&ask, &files).await;
        let Some(answer) = quoted.0.into_values().next() else {
            return Err("there is nothing to ask for".to_owned());
        };
        if answer.stand() == Stand::Below {
            return Err("the files are not with the provider yet".to_owned());
        }
        Ok(answered(brief.provider, &brief.model, &answer, answer.quote.clone()?, self.clock.now()))
    }

    /// Asks what every brief costs, each question once, all of them within a few seconds. The sandbox has our
    /// own rules, this machine takes nothing: neither is asked.
    pub(super) async fn quotes_of(&self, ask: &Ask, files: &Files) -> Quoted {
        let catalog = self.catalog.now();
        let mut open: Vec<Open> = Vec::new();
        let mut known: HashSet<Question> = HashSet::new();
        for brief in ask.briefs.iter().filter(|brief| brief.provider.is_paid()) {
            let Ok(spec) = catalog.find(brief.model.as_str()) else { continue };
            let can_be_sent = spec.runs_on(brief.provider)
                && spec.faults(&brief.params, &brief.inputs).is_empty();
            let question = question(spec, brief);
            if can_be_sent && known.insert(question.clone()) {
                open.push(Open {
                    question,
                    in_short: in_short(spec, brief),
                    order: order(spec, brief),
                    provider: brief.provider,
                    rule: spec.estimate(&brief.params, &files.measured(brief)),
                    is_measured: brief.inputs.iter().all(|(_, it)| matches!(it, Source::Url(_))),
                });
            }
        }
        let too_many = open.split_off(open.len().min(MOST));
        let deadline = tokio::time::Instant::now() + WAIT;
        let asked: Vec<(Open, Result<Usd, String>, bool)> = futures_util::stream::iter(open)
            .map(|open| async move {
                let (answer, is_new) = self.ask_or_recall(&open, deadline).await;
                (open, answer, is_new)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let unasked = too_many.into_iter().map(|open| {
            (open, Err(format!("{MOST} questions are asked for one order at most")), false)
        });
        let (mut quoted, mut new, now) = (Quoted::default(), Vec::new(), self.clock.now());
        for (open, quote, is_new) in asked.into_iter().chain(unasked) {
            let Open { question, in_short, order, provider, rule, is_measured } = open;
            let answer = Answer { rule, is_measured, quote };
            if let (Ok(price), true) = (&answer.quote, is_new) {
                self.quotes.keep(question.clone(), *price, now);
                // A floor is no price to compare with.
                if answer.is_measured {
                    new.push((in_short, answered(provider, &order.model, &answer, *price, now)));
                }
            }
            quoted.0.insert(question, answer);
        }
        if !new.is_empty()
            && let Err(error) = self.store.remember_quotes(new).await
        {
            tracing::warn!(%error, "what was quoted is not remembered");
        }
        quoted
    }

    /// What was quoted a moment ago, or what is quoted now, and whether it is new.
    async fn ask_or_recall(
        &self,
        open: &Open,
        deadline: tokio::time::Instant,
    ) -> (Result<Usd, String>, bool) {
        if let Some(known) = self.quotes.good(&open.question, self.clock.now()) {
            return (Ok(known), false);
        }
        let asked = async {
            let client = self.services.provider(open.provider).await;
            let client = client.map_err(|missing| missing.to_string())?;
            quote(client.as_ref(), &open.order).await
        };
        let answer = tokio::time::timeout_at(deadline, asked).await;
        let late = |_| Err(format!("no answer within {} s", WAIT.as_secs()));
        (answer.unwrap_or_else(late), true)
    }
}

/// A question that is to be asked.
struct Open {
    question: Question,
    /// The same as it is remembered.
    in_short: String,
    order: Order,
    provider: ProviderId,
    rule: Option<Estimate>,
    is_measured: bool,
}

fn answered(
    provider: ProviderId,
    model: &ModelId,
    answer: &Answer,
    quote: Usd,
    at: Timestamp,
) -> Quote {
    // Within a range of our rule it says the same.
    let rule = match (&answer.rule, answer.stand()) {
        (Some(_), Stand::Agrees) => Some(quote),
        (Some(rule), _) if !rule.floor => Some(rule.high),
        _ => None,
    };
    Quote { provider, model: model.clone(), rule, quote, at }
}

async fn quote(client: &dyn Provider, order: &Order) -> Result<Usd, String> {
    match client.quote(order).await {
        Ok(price) if price > Usd::ZERO => Ok(price),
        Ok(_) => Err("the quote is nothing at all".to_owned()),
        Err(AskError::NotOffered(_)) => Err("the provider gives none".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn question(spec: &ModelSpec, brief: &Brief) -> Question {
    let mut params = order(spec, brief).params;
    params.shift_remove("seed");
    Question(spec.id.clone(), Value::Object(params).to_string())
}

/// The question as it is remembered: a text by its length, which a price may depend on; an address without what
/// may open it.
fn in_short(spec: &ModelSpec, brief: &Brief) -> String {
    fn short(value: &Value, is_words: bool) -> Value {
        match value {
            Value::String(text) if text.contains("://") => {
                text.split(['?', '#']).next().unwrap_or_default().into()
            }
            Value::String(text) if is_words => {
                format!("{} characters", text.chars().count()).into()
            }
            Value::Array(several) => several.iter().map(|it| short(it, is_words)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(key, it)| (key.clone(), short(it, is_words))).collect()
            }
            other => other.clone(),
        }
    }
    let mut params = order(spec, brief).params;
    params.shift_remove("seed");
    let is_plain = |key: &str| {
        spec.params.iter().any(|param| {
            param.key == key && matches!(param.kind, ParamKind::Choice { .. } | ParamKind::Switch)
        })
    };
    let short = params.iter().map(|(key, value)| (key.clone(), short(value, !is_plain(key))));
    Value::Object(short.collect()).to_string()
}

/// What will be sent, but for files that are not uploaded yet.
fn order(spec: &ModelSpec, brief: &Brief) -> Order {
    let address = |(key, source): &(String, Source)| match source {
        Source::Url(url) => Some((key.clone(), url.clone())),
        Source::File(_) | Source::Asset(_) | Source::Awaited => None,
    };
    let addresses = brief.inputs.iter().filter_map(address).collect();
    Order { model: spec.id.clone(), params: spec.filled(&brief.params, addresses) }
}

#[cfg(test)]
#[path = "quotes_tests.rs"]
mod tests;
