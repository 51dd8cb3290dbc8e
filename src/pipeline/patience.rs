//! How long what is waited for, as a value: a test says shorter figures.

use std::time::Duration;

/// Every pause and every limit of waiting.
#[derive(Debug, Clone)]
pub struct Patience {
    /// Before the first poll, and the pause that grows.
    pub poll_first: Duration,
    /// The longest pause between polls.
    pub poll_longest: Duration,
    /// Between polls of an overdue job.
    pub poll_overdue: Duration,
    /// How long a provider may keep a job in its own queue.
    pub created_for: Duration,
    /// How long from the first `processing`, where the model has no figure of its own.
    pub processing_for: Duration,
    /// How long an overdue job is still asked about.
    pub overdue_for: Duration,
    /// The first pause after a 429 without Retry-After, and the pause that grows.
    pub rate_limit_first: Duration,
    /// The longest such pause.
    pub rate_limit_longest: Duration,
    /// How long a job may be turned away with 429.
    pub rate_limit_for: Duration,
    /// After how long a job in doubt is looked up in the provider's history.
    pub look_ups: Vec<Duration>,
    /// How often other processes' changes are looked for.
    pub look_around: Duration,
    /// How long a provider's bill is let be after it was read by itself.
    pub bills: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            poll_first: Duration::from_secs(1),
            poll_longest: Duration::from_secs(5),
            poll_overdue: minutes(1),
            created_for: minutes(24 * 60),
            processing_for: minutes(10),
            overdue_for: minutes(24 * 60),
            rate_limit_first: Duration::from_secs(5),
            rate_limit_longest: minutes(5),
            rate_limit_for: minutes(24 * 60),
            look_ups: vec![Duration::from_secs(15), minutes(1), minutes(5), minutes(60)],
            look_around: Duration::from_secs(1),
            bills: minutes(10),
        }
    }
}

impl Patience {
    /// The pause before poll number `polls` (from 0), spread by `chance` so that many jobs do not ask
    /// in step.
    pub fn poll(&self, polls: u32, chance: u64) -> Duration {
        jittered(grown(self.poll_first, self.poll_longest, polls, 4, 3), chance)
    }

    /// The pause after refusal number `refusals` (from 0).
    pub fn rate_limit(&self, refusals: u32, chance: u64) -> Duration {
        jittered(grown(self.rate_limit_first, self.rate_limit_longest, refusals, 2, 1), chance)
    }
}

/// `first × (numerator / denominator)^times`, at most `longest`.
fn grown(
    first: Duration,
    longest: Duration,
    times: u32,
    numerator: u32,
    denominator: u32,
) -> Duration {
    let mut pause = first;
    for _ in 0..times.min(64) {
        if pause >= longest {
            break;
        }
        pause = pause.saturating_mul(numerator) / denominator;
    }
    pause.min(longest)
}

/// The pause ± 10 %.
fn jittered(pause: Duration, chance: u64) -> Duration {
    let percent = 90 + u32::try_from(chance % 21).expect("less than 21");
    pause.saturating_mul(percent) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_grow_from_one_second_to_five_and_no_further() {
        let patience = Patience::default();
        let middle = 10;
        assert_eq!(patience.poll(0, middle), Duration::from_secs(1));
        assert!(patience.poll(3, middle) > patience.poll(2, middle));
        assert_eq!(patience.poll(1_000_000, middle), Duration::from_secs(5));
        for chance in 0..100 {
            let pause = patience.poll(50, chance);
            assert!((4_500..=5_500).contains(&pause.as_millis()), "{pause:?}");
        }
    }
}
