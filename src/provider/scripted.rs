//! A server for tests: it answers with the bytes that a test says, and remembers all that it was sent.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Received {
    /// `GET`.
    pub(super) method: String,
    /// With its query.
    pub(super) path: String,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// Which connection it came on, from 0.
    pub(super) connection: usize,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the request's body is JSON")
    }
}

/// What the server does with a request.
pub(super) enum Reaction {
    /// Answers and keeps the connection.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Sends these bytes as they are, then hangs up.
    Raw(Vec<u8>),
    /// Hangs up without a byte.
    HangUp,
    /// Sends these bytes, perhaps none, and then says nothing until the other side goes away.
    Stall(Vec<u8>),
}

impl Reaction {
    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        let headers = vec![("Content-Type", "application/json".to_owned())];
        Self::Answer(status, headers, body.to_string().into_bytes())
    }

    /// `{"code": 200, "message": "success", "data": …}`.
    pub(super) fn data(data: &serde_json::Value) -> Self {
        Self::json(200, &serde_json::json!({"code": 200, "message": "success", "data": data}))
    }

    pub(super) fn text(status: u16, text: &str) -> Self {
        Self::Answer(status, Vec::new(), text.as_bytes().to_vec())
    }

    pub(super) fn redirect(to: &str) -> Self {
        Self::Answer(302, vec![("Location", to.to_owned())], Vec::new())
    }
}

/// The running server. It ends with the test's runtime.
pub(super) struct Server {
    /// `http://127.0.0.1:PORT`.
    pub(super) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts; `react` is asked for each request.
    pub(super) async fn start(
        react: impl Fn(&Received) -> Reaction + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (react, kept) = (Arc::new(react), Arc::clone(&received));
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (react, kept) = (Arc::clone(&react), Arc::clone(&kept));
                tokio::spawn(async move { serve(stream, connection, &*react, &kept).await });
            }
        });
        Self { url, received }
    }

    /// Everything that came so far.
    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no test panics while it holds this").clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    react: &(dyn Fn(&Received) -> Reaction + Send + Sync),
    kept: &Mutex<Vec<Received>>,
) {
    while let Some(request) = read(&mut stream, connection).await {
        kept.lock().expect("no test panics while it holds this").push(request.clone());
        match react(&request) {
            Reaction::Answer(status, headers, body) => {
                let mut answer =
                    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
                for (name, value) in headers {
                    answer = format!("{answer}{name}: {value}\r\n");
                }
                answer.push_str("\r\n");
                let whole = [answer.into_bytes(), body].concat();
                if stream.write_all(&whole).await.is_err() {
                    return;
                }
            }
            Reaction::Raw(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reaction::HangUp => return,
            Reaction::Stall(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest).await;
                return;
            }
        }
    }
}

/// One request with a length or none; `None` at the end of the connection.
async fn read(stream: &mut TcpStream, connection: usize) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received { method, path, headers, body, connection })
}
