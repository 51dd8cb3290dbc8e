//! Tests of what carries files: downloads and uploads, and that the key goes with neither where it must not.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use sha2::Digest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::tests::{KEY, client};
use super::*;
use crate::provider::scripted::{Reaction, Server};

async fn fetch(
    base: &str,
    url: &str,
) -> Result<(Option<u64>, Result<Vec<u8>, OpenError>), OpenError> {
    let mut download = client(base).open(&OutputUrl(url.to_owned())).await?;
    let mut bytes = Vec::new();
    while let Some(part) = download.bytes.next().await {
        match part {
            Ok(part) => bytes.extend_from_slice(&part),
            Err(error) => return Ok((download.length, Err(error))),
        }
    }
    Ok((download.length, Ok(bytes)))
}

#[tokio::test]
async fn the_key_goes_to_the_providers_own_host_and_along_no_redirect() {
    let elsewhere = Server::start(|_| Reaction::text(200, "video")).await;
    let to = format!("{}/1.mp4?signature=x", elsewhere.url);
    let own = Server::start(move |request| match request.path.as_str() {
        "/away.mp4" => Reaction::redirect(&to),
        "/here.mp4" => Reaction::redirect("/end.mp4"),
        _ => Reaction::text(200, "video"),
    })
    .await;
    for path in ["away", "here", "direct"] {
        let (length, bytes) =
            fetch(&own.url, &format!("{}/{path}.mp4", own.url)).await.expect("it can be opened");
        assert_eq!((length, bytes), (Some(5), Ok(b"video".to_vec())), "{path}");
    }
    let (_, bytes) = fetch(&own.url, &format!("{}/2.mp4", elsewhere.url)).await.expect("it opens");
    assert_eq!(bytes, Ok(b"video".to_vec()));
    let with_key = |server: &Server| -> Vec<(String, bool)> {
        let requests = server.received();
        requests
            .into_iter()
            .map(|r| (r.path.clone(), r.header("authorization").is_some()))
            .collect()
    };
    let expected =
        [("/away.mp4", true), ("/here.mp4", true), ("/end.mp4", false), ("/direct.mp4", true)];
    let expected: Vec<_> = expected.map(|(path, key)| (path.to_owned(), key)).into();
    assert_eq!(with_key(&own), expected);
    let sent_away = with_key(&elsewhere);
    assert_eq!(sent_away.len(), 2);
    assert!(sent_away.iter().all(|(_, key)| !key), "the key left the provider's host");
    assert!(elsewhere.received().iter().all(|r| !format!("{r:?}").contains(KEY)));
}

#[tokio::test]
async fn a_download_that_cannot_be_says_whether_a_fresh_address_helps() {
    let server =
        Server::start(|request| match request.path.split('?').next().unwrap_or_default() {
            "/loop" => Reaction::redirect("/loop"),
            "/unsafe" => Reaction::redirect("ftp://x/1.mp4"),
            path => Reaction::text(path.trim_start_matches('/').parse().expect("a status"), "no"),
        })
        .await;
    let check = |path: &'static str, stale: bool| {
        let url = format!("{}{path}?signature=secret", server.url);
        let base = server.url.clone();
        async move {
            let error = fetch(&base, &url).await.map(|_| ()).expect_err("it cannot be opened");
            assert_eq!(error.stale, stale, "{path}: {error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    };
    for path in ["/403", "/404", "/410"] {
        check(path, true).await;
    }
    for path in ["/500", "/429", "/206", "/loop", "/unsafe"] {
        check(path, false).await;
    }
    let nowhere = fetch(&server.url, "http://127.0.0.1:1/1.mp4?signature=secret").await.map(|_| ());
    let error = nowhere.expect_err("nobody listens there");
    assert!(!error.stale && !error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn a_cut_or_stalled_download_is_an_error_at_its_end() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec();
    let server = Server::start(move |request| match request.path.as_str() {
        "/cut.mp4" => Reaction::Raw(half.clone()),
        _ => Reaction::Stall(half.clone()),
    })
    .await;
    for path in ["cut", "stalled"] {
        let url = format!("{}/{path}.mp4", server.url);
        let (length, bytes) = fetch(&server.url, &url).await.expect("it opens");
        assert_eq!(length, Some(100));
        assert!(bytes.is_err_and(|error| !error.stale), "{path}");
    }
}

#[tokio::test]
async fn an_output_inside_the_answer_is_opened_without_a_request() {
    let url = "data:text/plain;charset=utf-8,a%20red%20kite";
    let (length, bytes) = fetch("http://127.0.0.1:1", url).await.expect("it needs no server");
    assert_eq!((length, bytes), (Some(10), Ok(b"a red kite".to_vec())));
    assert!(fetch("http://127.0.0.1:1", "data:nothing").await.is_err());
}

struct Case {
    _folder: tempfile::TempDir,
    upload: Upload,
    bytes: Vec<u8>,
}

fn digits(bytes: &[u8]) -> String {
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn case() -> Case {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join("a kite.png");
    let bytes: Vec<u8> =
        (0..300_000_u32).map(|n| u8::try_from(n % 251).expect("it fits")).collect();
    std::fs::write(&path, &bytes).expect("it can be written");
    let upload = Upload {
        path,
        mime: Some("image/png".to_owned()),
        bytes: bytes.len() as u64,
        sha256: digits(&bytes),
    };
    Case { _folder: folder, upload, bytes }
}

/// The bytes told as sent, in order.
#[derive(Default)]
struct Told(Mutex<Vec<u64>>);

impl Told {
    fn tell(&self, bytes: u64) {
        self.0.lock().expect("nobody panics while it is held").push(bytes);
    }

    fn last(&self) -> Option<u64> {
        self.0.lock().expect("nobody panics while it is held").last().copied()
    }
}

#[tokio::test]
async fn an_upload_follows_its_ticket_without_the_key() {
    let storage = Server::start(|_| Reaction::text(200, "")).await;
    let put_url = format!("{}/bucket/a?X-Signature=secret", storage.url);
    let provider = Server::start(move |_| {
        Reaction::data(&json!({
            "type": "image", "download_url": "https://cdn.example/a.png",
            "upload": {"method": "put", "url": put_url,
                "headers": {"Content-Type": "image/png", "If-None-Match": "*"}},
        }))
    })
    .await;
    let (case, told) = (case(), Told::default());
    let url = client(&provider.url).upload(&case.upload, &|bytes| told.tell(bytes)).await;
    assert_eq!(url, Ok(OutputUrl("https://cdn.example/a.png".to_owned())));
    assert_eq!(told.last(), Some(300_000));
    let asked = provider.received();
    let expected = json!({"filename": "a kite.png", "size": 300_000, "content_type": "image/png"});
    assert_eq!((asked.len(), asked[0].json()), (1, expected));
    assert!(asked[0].header("authorization").is_some());
    let [put] = &storage.received()[..] else { panic!("one PUT") };
    assert_eq!((put.method.as_str(), put.path.as_str()), ("PUT", "/bucket/a?X-Signature=secret"));
    assert_eq!(put.header("authorization"), None);
    assert_eq!(put.header("content-length"), Some("300000"));
    assert_eq!(put.header("transfer-encoding"), None);
    assert_eq!(put.header("if-none-match"), Some("*"));
    let types = put.headers.iter().filter(|(name, _)| name == "content-type").count();
    assert_eq!((types, put.header("content-type")), (1, Some("image/png")));
    assert_eq!(put.body, case.bytes);
}

#[tokio::test]
async fn the_key_stays_home_even_where_the_ticket_names_the_provider_itself() {
    let own = Server::start(|request| {
        let host = request.header("host").unwrap_or_default();
        Reaction::data(&json!({"download_url": "http://x/a.png",
            "upload": {"method": "PUT", "url": format!("http://{host}/put"), "headers": {}}}))
    })
    .await;
    client(&own.url).upload(&case().upload, &|_| ()).await.expect("it is uploaded");
    let received = own.received();
    assert_eq!((received.len(), received[1].header("authorization")), (2, None));
}

#[tokio::test]
async fn a_server_without_tickets_gets_one_multipart_request() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v3/media/upload/binary" => {
            Reaction::data(&json!({"type": "image", "download_url": "https://cdn.example/b.png"}))
        }
        _ => Reaction::text(404, "404 page not found"),
    })
    .await;
    let case = case();
    let url = client(&server.url).upload(&case.upload, &|_| ()).await;
    assert_eq!(url, Ok(OutputUrl("https://cdn.example/b.png".to_owned())));
    let post = &server.received()[1];
    assert!(post.header("authorization").is_some());
    assert!(post.header("content-type").is_some_and(|t| t.starts_with("multipart/form-data")));
    let holds = |part: &[u8]| post.body.windows(part.len()).any(|window| window == part);
    assert!(holds(b"name=\"file\"; filename=\"a kite.png\"") && holds(&case.bytes));
}

#[tokio::test]
async fn a_ticket_that_is_none_is_refused() {
    let check = |ticket: Value| async move {
        let server = Server::start(move |_| Reaction::data(&ticket)).await;
        let answer = client(&server.url).upload(&case().upload, &|_| ()).await;
        assert!(matches!(answer, Err(AskError::Unreachable { .. })), "{answer:?}");
        assert_eq!(server.received().len(), 1, "the file was sent all the same");
    };
    let upload = json!({"method": "PUT", "url": "https://x/put", "headers": {}});
    check(json!({"upload": upload})).await;
    check(json!({"download_url": "https://x", "upload": {"method": "POST", "url": "https://x"}}))
        .await;
    check(json!({"download_url": "https://x", "upload": {"method": "PUT", "url": ""}})).await;
    check(json!({"download_url": "javascript:x", "upload": upload})).await;
    let bad = json!({"method": "PUT", "url": "https://x/put", "headers": {"a b": "c"}});
    check(json!({"download_url": "https://x", "upload": bad})).await;
}

#[tokio::test]
async fn an_upload_that_fails_says_why_without_its_signature() {
    let server = Server::start(|request| {
        if request.method == "PUT" {
            return Reaction::text(403, "signature expired");
        }
        let host = request.header("host").unwrap_or_default();
        Reaction::data(&json!({"download_url": "http://x/a.png",
            "upload": {"method": "PUT", "url": format!("http://{host}/put?sig=secret"), "headers": {}}}))
    })
    .await;
    let answer = client(&server.url).upload(&case().upload, &|_| ()).await;
    let refused = AskError::Refused { status: 403, message: "signature expired".to_owned() };
    assert_eq!(answer, Err(refused));
    let missing = Upload { path: "/nowhere/a.png".into(), ..case().upload };
    let answer = client(&server.url).upload(&missing, &|_| ()).await;
    assert!(answer.is_err_and(|error| error.to_string().starts_with("reading the file to upload")));
}

/// A provider whose tickets lead back to itself.
async fn with_tickets(put: impl Fn() -> Reaction + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        if request.method == "PUT" {
            return put();
        }
        let host = request.header("host").unwrap_or_default();
        Reaction::data(&json!({"download_url": "http://x/a.png",
            "upload": {"method": "PUT", "url": format!("http://{host}/put"), "headers": {}}}))
    })
    .await
}

#[tokio::test]
async fn a_file_that_is_another_by_now_never_arrives_whole() {
    let server = with_tickets(|| Reaction::text(200, "")).await;
    let case = case();
    let check = |bytes: Vec<u8>, requests: usize| {
        std::fs::write(&case.upload.path, bytes).expect("it can be written");
        let (client, upload) = (client(&server.url), case.upload.clone());
        let server = &server;
        async move {
            let before = server.received().len();
            let error = client.upload(&upload, &|_| ()).await.expect_err("it changed");
            assert_eq!(error.to_string(), "the file changed after it was looked at");
            assert_eq!(server.received().len() - before, requests);
        }
    };
    check(case.bytes[1..].to_vec(), 0).await;
    // As long as it was: only the ticket is asked for, and the PUT breaks off before its last bytes.
    let mut other = case.bytes.clone();
    other[0] ^= 1;
    check(other, 1).await;
}

/// A file too large for the buffers between two processes.
fn large_case() -> Case {
    let mut case = case();
    case.bytes = vec![7; 24 << 20];
    std::fs::write(&case.upload.path, &case.bytes).expect("it can be written");
    (case.upload.bytes, case.upload.sha256) = (case.bytes.len() as u64, digits(&case.bytes));
    case
}

/// Storage that takes 1 MiB in each pause, up to so many bytes; it answers when it has a whole upload.
async fn slow_storage(takes: usize) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/put", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("somebody comes");
        let (mut received, mut part) = (0, vec![0; 1 << 20]);
        while received < takes {
            tokio::time::sleep(Duration::from_millis(25)).await;
            received += stream.read_exact(&mut part).await.expect("it is sent");
        }
        if takes == 24 << 20 {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        }
        std::future::pending::<()>().await;
    });
    url
}

#[tokio::test]
async fn an_upload_may_take_long_but_not_stand_still() {
    let case = large_case();
    let send = |takes: usize| {
        let upload = case.upload.clone();
        async move {
            let put = slow_storage(takes).await;
            let server = Server::start(move |_| {
                Reaction::data(&json!({"download_url": "http://x/a.png",
                    "upload": {"method": "PUT", "url": put, "headers": {}}}))
            })
            .await;
            // 300 ms of silence are all that this client bears.
            client(&server.url).upload(&upload, &|_| ()).await
        }
    };
    assert_eq!(send(24 << 20).await, Ok(OutputUrl("http://x/a.png".to_owned())));
    let error = send(1 << 20).await.expect_err("it stands still");
    assert_eq!(error.to_string(), "the upload does not get on");
}
