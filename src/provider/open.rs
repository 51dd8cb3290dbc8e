//! Outputs opened: redirects followed by hand, so that the key never goes along one.

use futures_util::{StreamExt, stream};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, LOCATION};
use reqwest::{Response, Url};

use super::data_url;
use super::http::{Http, reason};
use crate::provider::{Download, OpenError, OutputUrl};

const REDIRECTS: usize = 10;

/// Who is shown the key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    OwnHost,
    Nobody,
}

/// Opens an output, wherever it is. The key goes along to the provider's own host.
pub(super) async fn open(http: &Http, output: &OutputUrl) -> Result<Download, OpenError> {
    fetch(http, output, Key::OwnHost).await
}

/// Opens an output that everybody may fetch: the key goes nowhere.
pub(super) async fn open_public(http: &Http, output: &OutputUrl) -> Result<Download, OpenError> {
    fetch(http, output, Key::Nobody).await
}

async fn fetch(http: &Http, output: &OutputUrl, key: Key) -> Result<Download, OpenError> {
    if output.is_inline() {
        let bytes = data_url::bytes(&output.0).ok_or_else(|| broken("a broken data address"))?;
        let length = u64::try_from(bytes.len()).ok();
        return Ok(Download { length, bytes: stream::once(async { Ok(bytes) }).boxed() });
    }
    let mut url: Url = output.0.parse().map_err(|_broken| broken("a broken address"))?;
    for hop in 0..=REDIRECTS {
        let request = http
            .download(url.clone(), hop == 0 && key == Key::OwnHost)
            .map_err(|unsent| broken(&unsent.message))?
            // A length is a promise only for the bytes as they are stored.
            .header(ACCEPT_ENCODING, "identity");
        let response = request.send().await.map_err(|error| broken(&reason(&error)))?;
        match next_hop(&url, &response)? {
            Some(next) => url = next,
            None => return download(response),
        }
    }
    Err(broken("redirected too often"))
}

/// Where a redirect leads. Never from https to http.
fn next_hop(from: &Url, response: &Response) -> Result<Option<Url>, OpenError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let next = location.and_then(|location| from.join(location).ok());
    let next = next.ok_or_else(|| broken("redirected to nowhere"))?;
    let is_fit = next.scheme() == "https" || (next.scheme() == "http" && from.scheme() == "http");
    if is_fit { Ok(Some(next)) } else { Err(broken("redirected to an unencrypted address")) }
}

fn download(response: Response) -> Result<Download, OpenError> {
    let status = response.status().as_u16();
    if status != 200 {
        let message = format!("the file's server answers {status}");
        return Err(OpenError { message, stale: matches!(status, 401 | 403 | 404 | 410) });
    }
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let length = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let bytes = response.bytes_stream().map(|part| part.map_err(|error| broken(&reason(&error))));
    Ok(Download { length, bytes: bytes.boxed() })
}

fn broken(message: &str) -> OpenError {
    OpenError { message: message.to_owned(), stale: false }
}
