//! What the provider quotes for the draft: asked a moment after the last change of anything that is priced.

use std::time::Duration;

use jiff::Timestamp;

use super::msg::Effect;
use super::screen::Screen;
use super::theme::Role;
use crate::catalog::ParamKind;
use crate::domain::{Brief, Estimate, Inputs, ModelId, Params, Quote};

/// The draft is counted a moment after the last key; together they are about 600 ms.
const MOMENT: Duration = Duration::from_millis(350);

/// What of a draft a price depends on. A text is in it by what our own rule makes of it.
#[derive(Debug, Clone, PartialEq)]
struct Priced {
    model: ModelId,
    params: Params,
    inputs: Inputs,
    estimate: Option<Estimate>,
}

/// The quote of the draft, and when the next one is asked for.
#[derive(Debug, Default)]
pub struct Quoting {
    /// `None` while there is nothing to ask: the sandbox has our own rules, and what is wrong is not sent.
    priced: Option<Priced>,
    /// When it is asked for.
    pub at: Option<Timestamp>,
    /// What is on its way.
    asked: Option<Brief>,
    answer: Option<Quote>,
}

impl Screen {
    /// Follows the draft, which was counted: a quote of what it is no longer is dropped.
    pub(super) fn follow_price(&mut self) {
        let priced =
            (!self.is_simulated() && self.counted.faults.is_empty()).then(|| self.priced());
        if self.quoting.priced == priced {
            return;
        }
        let at = priced.as_ref().map(|_| self.now + MOMENT);
        self.quoting = Quoting { priced, at, ..Quoting::default() };
    }

    fn priced(&self) -> Priced {
        let spec = self.settings.model();
        let mut params = self.brief(None).params;
        params.retain(|key, _| {
            !matches!(spec.param(key).map(|param| &param.kind), Some(ParamKind::Text { .. }))
        });
        Priced {
            model: spec.id.clone(),
            params,
            inputs: self.settings.inputs.clone(),
            estimate: self.counted.estimate.clone(),
        }
    }

    /// Asks for the quote, where that is due by now.
    pub(super) fn ask_quote(&mut self) -> Option<Effect> {
        self.quoting.at.take_if(|at| *at <= self.now)?;
        let brief = self.brief(self.settings.seed);
        self.quoting.asked = Some(brief.clone());
        Some(Effect::Quote(Box::new(brief)))
    }

    /// The quote of this brief came. One of a draft that was changed meanwhile says nothing.
    pub(super) fn quoted(&mut self, brief: &Brief, quote: Option<Quote>) {
        if let Some(quote) = quote.as_ref().filter(|quote| quote.difference().is_some()) {
            self.models.differ(quote.clone());
        }
        if self.quoting.asked.as_ref() == Some(brief) {
            self.quoting.asked = None;
            self.quoting.answer = quote;
        }
    }

    /// What the provider says to the estimate, in a few words, and how it is drawn. Nothing where it was not
    /// asked, or did not say.
    pub(super) fn quote_words(&self) -> Option<(String, Role)> {
        let quote = self.quoting.answer.as_ref()?;
        match quote.rule {
            Some(rule) if rule == quote.quote => Some(("provider agrees".to_owned(), Role::Muted)),
            _ => {
                let is_one = self.settings.takes == 1 && self.counted.rows < 2;
                let each = if is_one { "" } else { " a take" };
                let role = if quote.rule.is_some() { Role::Warn } else { Role::Muted };
                Some((format!("provider: {}{each}", quote.quote), role))
            }
        }
    }
}
