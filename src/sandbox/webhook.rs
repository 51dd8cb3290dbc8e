//! Webhooks: signed as the service signs them, delivered over plain HTTP, a few times if need be.

use std::io;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::desk::Shared;
use super::record::{Record, Status};
use super::wire;

const ATTEMPTS: u32 = 4;

/// `v3,` and the HMAC-SHA256 over `id.timestamp.body`; the key is the secret's text without `whsec_`.
pub(super) fn signature(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    let key = secret.strip_prefix("whsec_").unwrap_or(secret);
    let mut hmac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes any key");
    hmac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    let digits = hmac
        .finalize()
        .into_bytes()
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("v3,{digits}")
}

/// Waits for the prediction's end and tells the address. Nothing is told where the server stops before.
pub(super) async fn deliver(desk: Shared, record: Record, url: String) {
    sleep(desk.pace.whole_run()).await;
    while !matches!(desk.status(&record, Timestamp::now()).0, Status::Completed | Status::Failed) {
        // The clock may have been set back; a prediction that is stuck never tells anything.
        sleep(desk.pace.seconds(1.0)).await;
    }
    let now = Timestamp::now();
    let mut told = wire::prediction(&desk, &record, now);
    told.insert("input".to_owned(), json!(record.inputs));
    let body = Value::Object(told).to_string();
    let event = &record.id[..25];
    let signed = signature(&desk.webhook_secret, event, now.as_second(), &body);
    let headers = format!(
        "webhook-id: {event}\r\nwebhook-timestamp: {}\r\nwebhook-signature: {signed}\r\n",
        now.as_second()
    );
    for attempt in 0..ATTEMPTS {
        let post = timeout(Duration::from_secs(10), post(&url, &headers, &body)).await;
        if matches!(post, Ok(Ok(status)) if (200..300).contains(&status)) {
            return;
        }
        sleep(desk.pace.seconds(f64::from(1 << attempt))).await;
    }
}

/// One POST over plain HTTP; its status.
async fn post(url: &str, headers: &str, body: &str) -> io::Result<u16> {
    let unusable = || io::Error::other("only http:// addresses can be told");
    let rest = url.strip_prefix("http://").ok_or_else(unusable)?;
    let (host, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    // An address with a control in it could add headers of its own.
    if url.chars().any(|letter| letter.is_control() || letter == ' ') {
        return Err(unusable());
    }
    let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer).await?;
    let line = String::from_utf8_lossy(&answer);
    line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(unusable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_follows_the_stated_rule() {
        let body = "{\"id\":\"abc\",\"status\":\"completed\"}";
        let signed = signature("whsec_dGVzdC1zZWNyZXQ=", "evt_0001", 1_700_000_000, body);
        assert_eq!(signed, "v3,f16a87d132e91ca9e41dab0e9e1d04dec330127a6a3531c4d985b4594187995d");
    }
}
