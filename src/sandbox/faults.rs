//! What can be made to go wrong, by name: for tests and for demonstrations.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Submissions are answered 429 with `Retry-After: 1`; nothing is made.
    RateLimit,
    /// Submissions are answered 500; nothing is made.
    ServerError,
    /// Submissions are answered 503; nothing is made.
    Unavailable,
    /// The submission is accepted and billed, then the line is cut without an answer.
    SilenceAfterAccept,
    /// The submission is accepted and billed, and answered 200 with a page of HTML.
    Html,
    /// The submission is accepted and billed, and answered 200 with half a JSON object.
    Garbage,
    /// The submission is accepted and billed, and answered 200 without an id.
    NoId,
    /// Every answer of the API is three seconds late (at speed 1).
    Slow,
    /// Results are answered 502.
    PollError,
    /// Results are answered 401.
    PollUnauthorized,
    /// Results have a status that nobody knows.
    OddStatus,
    /// A download stops half way.
    CutDownload,
    /// A download promises more bytes than come.
    WrongLength,
    /// A download is a page of HTML.
    HtmlOutput,
    /// A download has the right first bytes and the right length, and rubbish inside.
    UnreadableOutput,
    /// The prediction fails: moderation, code 1200.
    Moderation,
    /// Submissions are answered 400 `Insufficient credits. Please top up.`
    NoCredits,
    /// Every call is answered 401.
    Unauthorized,
    /// The prediction stays `processing` for ever.
    Stuck,
    /// Quotes are a tenth above what is billed.
    QuoteDiffers,
}

impl Fault {
    /// Every fault with its name.
    pub const ALL: [(&'static str, Self); 20] = [
        ("rate-limit", Self::RateLimit),
        ("server-error", Self::ServerError),
        ("unavailable", Self::Unavailable),
        ("silence-after-accept", Self::SilenceAfterAccept),
        ("html", Self::Html),
        ("garbage", Self::Garbage),
        ("no-id", Self::NoId),
        ("slow", Self::Slow),
        ("poll-error", Self::PollError),
        ("poll-unauthorized", Self::PollUnauthorized),
        ("odd-status", Self::OddStatus),
        ("cut-download", Self::CutDownload),
        ("wrong-length", Self::WrongLength),
        ("html-output", Self::HtmlOutput),
        ("unreadable-output", Self::UnreadableOutput),
        ("moderation", Self::Moderation),
        ("no-credits", Self::NoCredits),
        ("unauthorized", Self::Unauthorized),
        ("stuck", Self::Stuck),
        ("quote-differs", Self::QuoteDiffers),
    ];
}

impl FromStr for Fault {
    type Err = NotFaults;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|(name, _)| *name == text);
        named.map(|(_, fault)| fault).ok_or_else(|| NotFaults(text.to_owned()))
    }
}

/// A text that is no list of faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFaults(pub String);

impl std::error::Error for NotFaults {}

impl fmt::Display for NotFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<_> = Fault::ALL.iter().map(|(name, _)| *name).collect();
        write!(f, "unknown fault {:?}; known: {}", self.0, known.join(", "))
    }
}

/// Faults that are switched on, each for ever or for the first so many requests it applies to.
///
/// ```
/// use rushes::sandbox::Faults;
/// assert!("rate-limit:2, cut-download".parse::<Faults>().is_ok());
/// assert!("rainfall".parse::<Faults>().is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<(Fault, Option<u32>)>);

impl FromStr for Faults {
    type Err = NotFaults;

    /// `name[:count],name…`
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let one = |entry: &str| match entry.split_once(':') {
            Some((name, count)) => {
                let count = count.trim().parse().map_err(|_error| NotFaults(entry.to_owned()))?;
                Ok((name.trim().parse()?, Some(count)))
            }
            None => Ok((entry.parse()?, None)),
        };
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(one).collect::<Result<_, _>>().map(Self)
    }
}

/// The faults of a running server, counted down.
#[derive(Debug, Default)]
pub(super) struct Switchboard(Vec<(Fault, Option<AtomicU32>)>);

impl Switchboard {
    pub(super) fn new(faults: Faults) -> Self {
        Self(
            faults.0.into_iter().map(|(fault, count)| (fault, count.map(AtomicU32::new))).collect(),
        )
    }

    /// Whether this goes wrong now; uses one of its counts up.
    pub(super) fn strikes(&self, fault: Fault) -> bool {
        self.0.iter().filter(|(on, _)| *on == fault).any(|(_, left)| match left {
            None => true,
            Some(left) => left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .is_ok(),
        })
    }

    /// The first of these that goes wrong now.
    pub(super) fn first_of(&self, faults: &[Fault]) -> Option<Fault> {
        faults.iter().copied().find(|fault| self.strikes(*fault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_fault_strikes_so_often_and_no_more() {
        let board = Switchboard::new("rate-limit:2, stuck".parse().unwrap());
        let struck: Vec<bool> = (0..4).map(|_| board.strikes(Fault::RateLimit)).collect();
        assert_eq!(struck, [true, true, false, false]);
        assert!(board.strikes(Fault::Stuck) && board.strikes(Fault::Stuck));
        assert!(!board.strikes(Fault::Html));
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = "rate-limit,rainfall".parse::<Faults>().unwrap_err().to_string();
        assert!(error.starts_with("unknown fault \"rainfall\"; known: rate-limit, "), "{error}");
        assert!("rate-limit:x".parse::<Faults>().is_err());
        assert_eq!("".parse::<Faults>(), Ok(Faults::default()));
    }
}
