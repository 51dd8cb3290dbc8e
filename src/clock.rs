//! Time and chance as values that are handed in, so that a test can say when and which.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use uuid::Uuid;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A source of ids, seeds and jitter.
#[derive(Debug)]
pub struct Dice(AtomicU64);

impl Dice {
    /// Thrown by the system's own randomness.
    pub fn new() -> Self {
        let (high, low) = Uuid::new_v4().as_u64_pair();
        Self::seeded(high ^ low.rotate_left(32))
    }

    /// Thrown the same each time.
    pub fn seeded(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// 64 random bits (`SplitMix64`: enough for ids and pauses, not for secrets).
    pub fn throw(&self) -> u64 {
        let mut bits = self
            .0
            .fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed)
            .wrapping_add(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Ten random bytes, for an id.
    pub fn ten_bytes(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.throw().to_le_bytes());
        bytes[8..].copy_from_slice(&self.throw().to_le_bytes()[..2]);
        bytes
    }

    /// A seed that every model takes: 0 to 2^31 − 1.
    pub fn seed(&self) -> i64 {
        i64::from(u32::try_from(self.throw() >> 33).expect("31 bits"))
    }
}

impl Default for Dice {
    fn default() -> Self {
        Self::new()
    }
}

/// UTC milliseconds for an id.
pub fn id_millis(now: Timestamp) -> u64 {
    u64::try_from(now.as_millisecond()).unwrap_or_default()
}
