//! What the provider itself says a run costs: asked where our own rule does not say it, and only there.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::catalog::ModelSpec;
use crate::domain::brief::Source;
use crate::domain::{Ask, Basis, Brief, Estimate, ModelId, ProviderId, Usd};
use crate::provider::{AskError, Order, Provider};

use super::inputs::Files;
use super::{Pipeline, since};

/// How long the provider may take for all quotes of an order. Nobody waits longer before a dialog.
const WAIT: Duration = Duration::from_secs(4);

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
pub(super) struct Quoted(HashMap<Question, Result<Usd, String>>);

impl Quoted {
    /// The estimate with the quote for this brief. Where both say something, the larger is held.
    pub(super) fn with(
        &self,
        spec: &ModelSpec,
        brief: &Brief,
        ruled: Option<Estimate>,
    ) -> Option<Estimate> {
        let Some(Ok(quote)) = self.0.get(&question(spec, brief)) else { return ruled };
        let least = ruled.as_ref().map_or(*quote, |ruled| ruled.high.max(*quote));
        // The provider cannot measure what is not uploaded yet: then its quote is a floor too.
        let is_measured = brief.inputs.iter().all(|(_, source)| matches!(source, Source::Url(_)));
        let low = if is_measured { *quote } else { least };
        let quoted = Estimate::exact(least, Basis::Quoted, "the provider's quote");
        Some(Estimate { low, floor: !is_measured, ..quoted })
    }

    /// Why something was not quoted, where it was not.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.0.values().find_map(|quoted| quoted.as_ref().err()).map(String::as_str)
    }
}

impl Pipeline {
    /// Asks for every brief whose price our rules leave open, each question once, all of them within a few
    /// seconds. The sandbox has our own rules, and is not asked.
    pub(super) async fn quotes_of(&self, ask: &Ask, files: &Files) -> Quoted {
        let catalog = self.catalog.now();
        let mut open: Vec<(Question, Order, ProviderId)> = Vec::new();
        for brief in &ask.briefs {
            let Ok(spec) = catalog.find(brief.model.as_str()) else { continue };
            let ruled = spec.estimate(&brief.params, &files.measured(brief));
            let is_open = ruled.is_none_or(|ruled| ruled.floor) && !brief.provider.is_simulated();
            let can_be_sent = spec.runs_on(brief.provider)
                && spec.faults(&brief.params, &brief.inputs).is_empty();
            let question = question(spec, brief);
            if is_open && can_be_sent && open.iter().all(|(known, ..)| *known != question) {
                open.push((question, order(spec, brief), brief.provider));
            }
        }
        let (mut quoted, now) = (Quoted::default(), self.clock.now());
        let deadline = tokio::time::Instant::now() + WAIT;
        for (question, order, provider) in open {
            let answer = match self.quotes.good(&question, now) {
                Some(known) => Ok(known),
                None => match self.services.provider(provider).await {
                    Ok(client) => tokio::time::timeout_at(deadline, quote(client.as_ref(), &order))
                        .await
                        .unwrap_or_else(|_| Err(format!("no answer within {} s", WAIT.as_secs()))),
                    Err(missing) => Err(missing.to_string()),
                },
            };
            if let Ok(price) = answer {
                self.quotes.keep(question.clone(), price, now);
            }
            quoted.0.insert(question, answer);
        }
        quoted
    }
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
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_good_for_a_while() {
        let quotes = Quotes::default();
        let asked = || Question(ModelId::new("a/b"), "{}".to_owned());
        let (now, price) = (Timestamp::UNIX_EPOCH, Usd::from_micros(310_000));
        let later = |wait: Duration| super::super::later(now, wait);
        quotes.keep(asked(), price, now);
        assert_eq!(quotes.good(&asked(), later(GOOD_FOR / 2)), Some(price));
        assert_eq!(quotes.good(&asked(), later(GOOD_FOR)), None);
        assert_eq!(quotes.good(&Question(ModelId::new("a/c"), "{}".to_owned()), now), None);
    }
}
