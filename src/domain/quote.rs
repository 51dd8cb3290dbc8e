//! What a provider says that a run costs, beside what our own rule says.

use jiff::Timestamp;

use super::{ModelId, ProviderId, Usd};

/// A quote, with what our rule said to the same question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Who was asked.
    pub provider: ProviderId,
    /// About which model.
    pub model: ModelId,
    /// What our rule says at most; `None` where no rule knows.
    pub rule: Option<Usd>,
    /// What the provider says.
    pub quote: Usd,
    /// When it was asked.
    pub at: Timestamp,
}

impl Quote {
    /// Both figures, where they are not the same: `rule $0.50, the provider quotes $0.55`.
    pub fn difference(&self) -> Option<String> {
        let rule = self.rule.filter(|rule| *rule != self.quote)?;
        Some(format!("rule {rule}, the provider quotes {}", self.quote))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_figures_that_are_not_the_same_differ() {
        let micros = Usd::from_micros;
        let quote = |rule: Option<i64>| Quote {
            provider: ProviderId::Wavespeed,
            model: ModelId::new("a/b"),
            rule: rule.map(micros),
            quote: micros(550_000),
            at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(quote(None).difference(), None);
        assert_eq!(quote(Some(550_000)).difference(), None);
        let told = quote(Some(500_000)).difference();
        assert_eq!(told.as_deref(), Some("rule $0.50, the provider quotes $0.55"));
    }
}
