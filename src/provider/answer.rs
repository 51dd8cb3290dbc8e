//! What came back from a submission, and what that means: the table of the rules as one pure function.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::SubmitError;
use crate::domain::text::printable;

/// No provider asks for more; a date far away is a broken clock.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// An answer of a server, read to its end or to where the line was cut.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`, as it came.
    pub retry_after: Option<&'a str>,
    /// The header `X-Error-Message`, as it came.
    pub stated: Option<&'a str>,
    /// The body, as far as it came.
    pub body: &'a [u8],
    /// Why the body ended early, where it did.
    pub cut: Option<&'a str>,
}

/// What a submission met.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// The connection was never made: not one byte of the request left.
    NeverConnected(&'a str),
    /// The request, or part of it, left, and no status came back.
    Silent(&'a str),
    /// A status came back.
    Answered(Answer<'a>),
}

/// The table. `accepted` reads the provider's record out of a whole 2xx body; `None` where there is no
/// readable id in it.
///
/// An id counts whatever else the body says. A 2xx *without* one is unknown even where its envelope holds a
/// 4xx code and a sentence: the service answers every refusal that is known with a 4xx status, so such a
/// body comes from somewhere else, and sending again what may exist would be paid twice.
pub fn judge<T>(
    outcome: Outcome<'_>,
    now: Timestamp,
    accepted: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, SubmitError> {
    let answer = match outcome {
        Outcome::NeverConnected(why) => return Err(SubmitError::NotSent(printable(why))),
        Outcome::Silent(why) => return Err(SubmitError::Unanswered(printable(why))),
        Outcome::Answered(answer) => answer,
    };
    let status = answer.status;
    let message = words(&answer);
    match status {
        200..=299 => match answer.cut {
            Some(why) => Err(SubmitError::Unanswered(printable(why))),
            None => accepted(answer.body).ok_or_else(|| {
                SubmitError::Unanswered(format!("an answer {status} without an id: {message}"))
            }),
        },
        429 => Err(SubmitError::RateLimited {
            retry_after: answer.retry_after.and_then(|header| pause(header, now)),
            message,
        }),
        401 | 402 => Err(SubmitError::QueueStopped { status, message }),
        408 | 425 => Err(SubmitError::Unanswered(format!("an answer {status}: {message}"))),
        400..=499 if says_no_credit(&message) => Err(SubmitError::QueueStopped { status, message }),
        400..=499 => Err(SubmitError::Refused { status, message }),
        _ => Err(SubmitError::Unanswered(format!("an answer {status}: {message}"))),
    }
}

/// How long a `Retry-After` asks to wait: seconds, or a date. At most a day; `None` where it is neither.
pub fn pause(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = header.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST_PAUSE));
    }
    let until = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    let seconds = u64::try_from(until.as_second() - now.as_second()).unwrap_or(0);
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

/// The provider's own words, in one short line that is safe to print.
///
/// Whatever follows the `?` of an address is left out: it may be a signature.
pub fn words(answer: &Answer<'_>) -> String {
    let body: Option<Value> = serde_json::from_slice(answer.body).ok();
    let from_json = body.as_ref().and_then(message_in);
    let text = String::from_utf8_lossy(answer.body);
    let is_page = text.trim_start().starts_with('<');
    let from_text = (body.is_none() && !is_page).then(|| text.trim().to_owned());
    let stated = || answer.stated.map(|text| text.trim().to_owned());
    let said = from_json.or_else(stated).or(from_text).filter(|text| !text.is_empty());
    let said = said.unwrap_or_else(|| match answer.body {
        [] => "without a word".to_owned(),
        _ if is_page => "a web page".to_owned(),
        _ => "without a message".to_owned(),
    });
    shortened(&without_queries(&printable(&said)))
}

/// `message [error_code]`, `error: error_description`, `error.message`, `detail`, or the sentences in a list of any of them.
///
/// Of a list of faults only the sentences are taken: beside them a server repeats the whole input.
fn message_in(body: &Value) -> Option<String> {
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let nested = body.get("error").and_then(|error| error.get("message")).and_then(Value::as_str);
    let message = text("message").or(text("error")).or(nested).or(text("detail"));
    let Some(message) = message else {
        return ["detail", "errors", "error"].iter().find_map(|key| sentences(body.get(key)?));
    };
    Some(match (text("error_code"), text("error_description")) {
        (Some(code), _) => format!("{message} [{code}]"),
        (None, Some(more)) => format!("{message}: {more}"),
        (None, None) => message.to_owned(),
    })
}

/// `["…"]`, `[{"message": "…"}]` or `[{"loc": ["body", "prompt"], "msg": "…"}]`.
fn sentences(list: &Value) -> Option<String> {
    let sentence = |item: &Value| {
        let said = item.as_str().or_else(|| item.get("message")?.as_str());
        let said = said.or_else(|| item.get("msg")?.as_str())?;
        let place = item.get("loc").and_then(Value::as_array).and_then(|loc| loc.last()?.as_str());
        Some(match place.filter(|place| *place != "body") {
            Some(place) => format!("{place}: {said}"),
            None => said.to_owned(),
        })
    };
    let said: Vec<String> = list.as_array()?.iter().filter_map(sentence).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// There is no code for it: `WaveSpeed` says it in a sentence, with status 400.
fn says_no_credit(message: &str) -> bool {
    const SENTENCES: [&str; 8] = [
        "insufficient credit",
        "insufficient balance",
        "insufficient fund",
        "not enough credit",
        "out of credit",
        "no credits",
        "top up",
        "top-up",
    ];
    let message = message.to_lowercase();
    SENTENCES.iter().any(|sentence| message.contains(sentence))
}

fn without_queries(text: &str) -> String {
    let masked = text.split(' ').map(|word| match (word.find("://"), word.find('?')) {
        (Some(scheme), Some(query)) if query > scheme => format!("{}?…", &word[..query]),
        _ => word.to_owned(),
    });
    masked.collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str) -> String {
    let start: String = text.chars().take(300).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
