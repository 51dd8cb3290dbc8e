//! HTTP as every provider uses it: one place for time limits, for the key's way, and for what an error says.

use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Url, redirect, retry};

use super::AskError;
use super::answer::{self, Answer, Outcome};
use crate::config::ApiKey;
use crate::domain::text::printable;

/// No answer but the list of models is larger.
pub(super) const USUAL_BODY: usize = 8 * 1024 * 1024;

/// The list of models had 1.4 MB in March 2026.
pub(super) const MODELS_BODY: usize = 64 * 1024 * 1024;

/// How long each kind of request may take. A value, so that tests can shorten it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Making a connection.
    pub connect: Duration,
    /// A submission, as a whole.
    pub submit: Duration,
    /// Any question, as a whole.
    pub ask: Duration,
    /// Silence within a download, or an upload that does not get on.
    pub stall: Duration,
    /// An upload, as a whole, beside the time that its size allows at 50 kB/s.
    pub upload: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            submit: Duration::from_mins(2),
            ask: Duration::from_secs(30),
            stall: Duration::from_mins(1),
            upload: Duration::from_mins(2),
        }
    }
}

/// How a key is written into its header.
#[derive(Clone, Copy)]
pub(super) enum Scheme {
    /// `Authorization: Bearer …`.
    Bearer,
    /// `Authorization: Key …`.
    Key,
}

/// The clients of one provider, made when they are first needed.
pub(super) struct Http {
    base: Url,
    authorization: HeaderValue,
    key: ApiKey,
    pub(super) timeouts: Timeouts,
    here: OnceLock<Result<Clients, String>>,
    away: OnceLock<Result<Clients, String>>,
}

/// Clients of one sort: none follows a redirect or sends anything twice.
struct Clients {
    /// Every submission has a connection of its own: a pooled one may be half dead, and then nobody can say
    /// whether the request arrived.
    submit: Client,
    ask: Client,
    download: Client,
    /// Without a limit on silence: until its last byte is gone, a server has nothing to say.
    upload: Client,
}

/// What came back, read to its end, the key taken out.
pub(super) struct Reply {
    pub(super) status: u16,
    retry_after: Option<String>,
    /// What went wrong, in a header of its own.
    stated: Option<String>,
    /// Where a redirect leads. Nobody follows one by himself.
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
    cut: Option<String>,
}

/// A request that brought no status.
pub(super) struct Unsent {
    /// Whether the connection was never made.
    pub(super) never_connected: bool,
    pub(super) message: String,
}

/// A provider cannot be spoken with at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnfitProvider(pub String);

impl Http {
    pub(super) fn new(
        base: &str,
        scheme: Scheme,
        key: &ApiKey,
        timeouts: Timeouts,
    ) -> Result<Self, UnfitProvider> {
        let base: Url = base
            .trim_end_matches('/')
            .parse()
            .map_err(|error| UnfitProvider(format!("the provider's address: {error}")))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(UnfitProvider("the provider's address is no web address".to_owned()));
        }
        let mut authorization = HeaderValue::try_from(scheme.header(key))
            .map_err(|_unprintable| UnfitProvider("no header can carry the key".to_owned()))?;
        authorization.set_sensitive(true);
        let (here, away) = (OnceLock::new(), OnceLock::new());
        Ok(Self { base, authorization, key: key.clone(), timeouts, here, away })
    }

    /// An address below the provider's own, each part escaped.
    pub(super) fn url<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(["api", "v3"]).extend(path);
        }
        url
    }

    /// The address that everything else is below, as it was given.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// A question to the provider itself, with the key.
    pub(super) fn ask(&self, method: Method, url: Url) -> Result<RequestBuilder, Unsent> {
        let clients = self.clients(&url)?;
        Ok(self.with_key(clients.ask.request(method, url)).timeout(self.timeouts.ask))
    }

    /// A submission to the provider itself, with the key.
    pub(super) fn submission(&self, url: Url) -> Result<RequestBuilder, Unsent> {
        let clients = self.clients(&url)?;
        Ok(self.with_key(clients.submit.post(url)).timeout(self.timeouts.submit))
    }

    /// A question to somebody else, without the key.
    pub(super) fn ask_without_key(
        &self,
        method: Method,
        url: Url,
    ) -> Result<RequestBuilder, Unsent> {
        let clients = self.clients(&url)?;
        Ok(clients.ask.request(method, url).timeout(self.timeouts.ask))
    }

    /// A file from anywhere. The key goes along only to the provider's own scheme, host and port, and only
    /// when `first`: along a redirect it never goes.
    pub(super) fn download(&self, url: Url, first: bool) -> Result<RequestBuilder, Unsent> {
        let is_own = url.origin() == self.base.origin();
        let request = self.clients(&url)?.download.get(url);
        Ok(if first && is_own { self.with_key(request) } else { request })
    }

    /// A file to the provider itself, with the key.
    pub(super) fn upload(&self, url: Url) -> Result<RequestBuilder, Unsent> {
        let clients = self.clients(&url)?;
        Ok(self.with_key(clients.upload.post(url)))
    }

    /// A file to anywhere, without the key.
    pub(super) fn upload_without_key(&self, url: Url) -> Result<RequestBuilder, Unsent> {
        Ok(self.clients(&url)?.upload.put(url))
    }

    /// Whether a file may go to this address: encrypted, or on this machine, or as the provider itself is
    /// spoken with.
    pub(super) fn is_fit(&self, url: &Url) -> bool {
        url.scheme() == "https"
            || (url.scheme() == "http" && (is_loopback(url) || self.base.scheme() == "http"))
    }

    /// Sends a request and reads what comes back, up to `limit` bytes.
    pub(super) async fn send(
        &self,
        request: RequestBuilder,
        limit: usize,
    ) -> Result<Reply, Unsent> {
        let mut response = request.send().await.map_err(|error| unsent(&error))?;
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let reset = || header("ratelimit").as_deref().and_then(reset_in).map(str::to_owned);
        let retry_after = header(RETRY_AFTER.as_str()).or_else(reset);
        let (stated, location) = (header("x-error-message"), header("location"));
        let status = response.status().as_u16();
        let mut body = Vec::new();
        let cut = loop {
            match response.chunk().await {
                Ok(Some(part)) if body.len() + part.len() > limit => {
                    break Some(format!("an answer of more than {limit} bytes"));
                }
                Ok(Some(part)) => body.extend_from_slice(&part),
                Ok(None) => break None,
                Err(error) => break Some(format!("the answer was cut off: {}", reason(&error))),
            }
        };
        without_key(&mut body, &self.key);
        Ok(Reply { status, retry_after, stated, location, body, cut })
    }

    fn with_key(&self, request: RequestBuilder) -> RequestBuilder {
        request
            .header(AUTHORIZATION, self.authorization.clone())
            .header("X-Client-Name", env!("CARGO_PKG_NAME"))
            .header("X-Client-Version", env!("CARGO_PKG_VERSION"))
    }

    fn clients(&self, url: &Url) -> Result<&Clients, Unsent> {
        let is_here = url.scheme() == "http" && is_loopback(url);
        let made = if is_here {
            self.here.get_or_init(|| Clients::make(&self.timeouts, true))
        } else {
            self.away.get_or_init(|| Clients::make(&self.timeouts, false))
        };
        made.as_ref().map_err(|why| Unsent { never_connected: true, message: why.clone() })
    }
}

impl Clients {
    fn make(timeouts: &Timeouts, here: bool) -> Result<Self, String> {
        // A second call changes nothing: whoever came first chose the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            let builder = Client::builder()
                .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
                .http1_only()
                .connect_timeout(timeouts.connect)
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .referer(false);
            // This machine is reached without a proxy and without reading certificates.
            if here { builder.no_proxy().tls_certs_only([]) } else { builder }
        };
        let client = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|error| {
                let why = reason(&error);
                let why = why.trim_start_matches("unexpected error: ");
                format!(
                    "https cannot be used here: {why}; hint: install the package ca-certificates"
                )
            })
        };
        Ok(Self {
            submit: client(builder().pool_max_idle_per_host(0))?,
            ask: client(builder())?,
            download: client(builder().read_timeout(timeouts.stall))?,
            upload: client(builder())?,
        })
    }
}

impl Reply {
    pub(super) fn answer(&self) -> Answer<'_> {
        Answer {
            status: self.status,
            retry_after: self.retry_after.as_deref(),
            stated: self.stated.as_deref(),
            body: &self.body,
            cut: self.cut.as_deref(),
        }
    }

    /// The body of a whole 2xx answer; everything else as a question's error.
    pub(super) fn whole(&self, now: Timestamp) -> Result<&[u8], AskError> {
        let unreachable = |message: String| AskError::Unreachable {
            message,
            retry_after: self.retry_after.as_deref().and_then(|header| answer::pause(header, now)),
        };
        let words = || answer::words(&self.answer());
        match (self.status, &self.cut) {
            (200..=299, None) => Ok(&self.body),
            (200..=299, Some(cut)) => Err(unreachable(printable(cut))),
            (408 | 425 | 429, _) => {
                Err(unreachable(format!("the provider answers {}: {}", self.status, words())))
            }
            (status @ 400..=499, _) => Err(AskError::Refused { status, message: words() }),
            (status, _) => Err(unreachable(format!("the provider answers {status}: {}", words()))),
        }
    }
}

impl Unsent {
    pub(super) fn outcome(&self) -> Outcome<'_> {
        if self.never_connected {
            Outcome::NeverConnected(&self.message)
        } else {
            Outcome::Silent(&self.message)
        }
    }
}

impl From<Unsent> for AskError {
    fn from(unsent: Unsent) -> Self {
        Self::Unreachable { message: unsent.message, retry_after: None }
    }
}

impl Scheme {
    fn header(self, key: &ApiKey) -> String {
        match self {
            Self::Bearer => format!("Bearer {}", key.expose()),
            Self::Key => format!("Key {}", key.expose()),
        }
    }
}

/// The seconds until a limit is lifted: `t` of the header `ratelimit: "api";r=0;t=55` (an IETF draft).
fn reset_in(header: &str) -> Option<&str> {
    // Several limits stand in one header, with a comma between: the one that is used up counts.
    header.split(',').filter(|limit| limit.split(';').any(|part| part.trim() == "r=0")).find_map(
        |limit| limit.split(';').find_map(|part| part.trim().strip_prefix("t=")).map(str::trim),
    )
}

/// Puts JSON into a request.
pub(super) fn with_json(request: RequestBuilder, body: &serde_json::Value) -> RequestBuilder {
    request.header(CONTENT_TYPE, "application/json").body(body.to_string())
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// `is_connect` is true only for what failed before the connection, with its TLS, stood; a request that
/// could not even be built was not sent either. A reset, a hang-up or a time limit after that is silence.
fn unsent(error: &reqwest::Error) -> Unsent {
    let never_connected = error.is_connect() || error.is_builder();
    Unsent { never_connected, message: reason(error) }
}

/// What happened, by the innermost cause and without any address, which may hold a signature.
pub(super) fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        let what = if error.is_connect() { "no connection in time" } else { "no answer in time" };
        return what.to_owned();
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    let cause = match innermost.downcast_ref::<reqwest::Error>() {
        // Nothing beneath it: its own text would name the address.
        Some(_) if error.is_builder() => "the request could not be made".to_owned(),
        Some(_) => "the exchange broke off".to_owned(),
        None => printable(&innermost.to_string()),
    };
    if error.is_connect() { format!("no connection: {cause}") } else { cause }
}

/// Shorter than any real key: the sandbox takes any word, and a word may stand in an answer.
const SHORTEST_KEY: usize = 16;

/// Takes the key out of what somebody else wrote.
fn without_key(text: &mut Vec<u8>, key: &ApiKey) {
    let key = key.expose().as_bytes();
    if key.len() < SHORTEST_KEY {
        return;
    }
    let mut at = 0;
    while let Some(found) = text[at..].windows(key.len()).position(|part| part == key) {
        let start = at + found;
        text.splice(start..start + key.len(), *b"***");
        at = start + 3;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_is_used_up_says_when_it_is_lifted() {
        assert_eq!(reset_in("\"api\";r=0;t=55"), Some("55"));
        assert_eq!(reset_in("\"page\";r=9;t=300, \"api\"; r=0; t=7"), Some("7"));
        assert_eq!(reset_in("\"api\";r=3;t=55"), None);
        assert_eq!(reset_in("nonsense"), None);
    }
}
