//! A provider made of raw bytes: it answers just what a test says, and counts what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How one request is answered.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A status with a body of this type.
    Body(u16, &'static str, Vec<u8>),
    /// The same, with further header lines.
    Headers(u16, &'static str, Vec<u8>),
    /// The request is read, then the line is cut without a byte.
    Cut,
    /// The request is read and never answered.
    Silence,
    /// A length is promised and fewer bytes come.
    Short { promised: usize, body: Vec<u8> },
    /// Answered after a while.
    Late(Duration, Box<Self>),
}

impl Answer {
    /// A JSON body.
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::Body(status, "application/json", value.to_string().into_bytes())
    }

    /// A prediction in `WaveSpeed`'s envelope.
    pub(crate) fn prediction(id: &str, status: &str, outputs: &[String]) -> Self {
        Self::json(200, &envelope(&prediction(id, status, outputs)))
    }

    /// A failed prediction.
    pub(crate) fn failed(id: &str, code: i64, error: &str) -> Self {
        let mut body = prediction(id, "failed", &[]);
        body["code"] = code.into();
        body["error"] = error.into();
        Self::json(200, &envelope(&body))
    }

    /// An error body as `WaveSpeed` sends it.
    pub(crate) fn error(status: u16, message: &str) -> Self {
        Self::json(status, &json!({"code": status, "message": message}))
    }

    /// A web page.
    pub(crate) fn page(status: u16) -> Self {
        Self::Body(status, "text/html", b"<!DOCTYPE html><html><body>hello</body></html>".to_vec())
    }
}

/// `WaveSpeed`'s envelope around data.
pub(crate) fn envelope(data: &Value) -> Value {
    json!({"code": 200, "message": "success", "data": data})
}

/// A prediction's fields.
pub(crate) fn prediction(id: &str, status: &str, outputs: &[String]) -> Value {
    json!({
        "id": id, "model": "wavespeed-ai/hunyuan-video-1.5/text-to-video", "outputs": outputs,
        "urls": {"get": format!("/api/v3/predictions/{id}/result")}, "has_nsfw_contents": [],
        "status": status, "created_at": jiff::Timestamp::now().to_string(), "error": "",
        "executionTime": 0, "timings": {"inference": 0},
    })
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// What is answered to what. Each list's last answer stays.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) submit: VecDeque<Answer>,
    pub(crate) result: VecDeque<Answer>,
    pub(crate) output: VecDeque<Answer>,
    pub(crate) history: Option<Value>,
    /// The bill, page by page.
    pub(crate) bill: Vec<Answer>,
    /// What it says everything cost, in dollars.
    pub(crate) used: Option<f64>,
    pub(crate) models: Option<Answer>,
    pub(crate) price: Option<Answer>,
    /// Questions for a ticket; a server without any does not know the way.
    pub(crate) ticket: VecDeque<Answer>,
    /// What is put where a ticket leads.
    pub(crate) put: VecDeque<Answer>,
    /// The older way.
    pub(crate) binary: VecDeque<Answer>,
}

/// What another service answers.
type Chooser = Box<dyn FnMut(&Request) -> Answer + Send>;

struct Inner {
    script: Mutex<Script>,
    /// In the place of the script.
    chooser: Mutex<Option<Chooser>>,
    seen: Mutex<Vec<Request>>,
    told: tokio::sync::watch::Sender<usize>,
}

/// A provider on loopback. Stops with its last handle's runtime.
#[derive(Clone)]
pub(crate) struct Server {
    inner: Arc<Inner>,
    address: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (told, _) = tokio::sync::watch::channel(0);
        let inner = Arc::new(Inner {
            script: Mutex::default(),
            chooser: Mutex::default(),
            seen: Mutex::default(),
            told,
        });
        let serving = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let inner = Arc::clone(&serving);
                // Head and body are two writes: the second would wait 40 ms for a delayed ACK.
                let _ = stream.set_nodelay(true);
                tokio::spawn(async move {
                    let _ = serve(stream, &inner).await;
                });
            }
        });
        Self { inner, address }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Lets another service answer everything.
    pub(crate) fn answers(&self, chooser: impl FnMut(&Request) -> Answer + Send + 'static) {
        *self.inner.chooser.lock().unwrap() = Some(Box::new(chooser));
    }

    /// The address of an output of this server.
    pub(crate) fn output(&self, name: &str) -> String {
        format!("{}/outputs/{name}", self.address)
    }

    /// Changes what is answered from now on.
    pub(crate) fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.inner.script.lock().unwrap());
    }

    /// Says what is answered to submissions, in this order; the last one stays.
    pub(crate) fn on_submit(&self, answers: impl IntoIterator<Item = Answer>) -> &Self {
        self.script(|script| script.submit = answers.into_iter().collect());
        self
    }

    /// Says what is answered to questions for a result.
    pub(crate) fn on_result(&self, answers: impl IntoIterator<Item = Answer>) -> &Self {
        self.script(|script| script.result = answers.into_iter().collect());
        self
    }

    /// Says what comes when an output is fetched.
    pub(crate) fn on_output(&self, answers: impl IntoIterator<Item = Answer>) -> &Self {
        self.script(|script| script.output = answers.into_iter().collect());
        self
    }

    /// Accepts, works a moment, and has a small video.
    pub(crate) fn does_well(&self, id: &str, video: &[u8]) -> &Self {
        let outputs = [self.output("1.mp4")];
        self.on_submit([Answer::prediction(id, "created", &[])]);
        self.on_result([
            Answer::prediction(id, "processing", &[]),
            Answer::prediction(id, "completed", &outputs),
        ]);
        self.on_output([Answer::Body(200, "video/mp4", video.to_vec())])
    }

    /// Gives tickets, in turn for each of these files, and takes what is put.
    pub(crate) fn takes_files(&self, names: &[&str]) -> &Self {
        let ticket = |name: &&str| {
            let upload = json!({"method": "PUT", "url": format!("{}/put/{name}", self.address),
                "headers": {"X-Seal": "one, two", "If-None-Match": "*"}});
            let url = format!("https://cdn.example/{name}");
            Answer::json(200, &envelope(&json!({"download_url": url, "upload": upload})))
        };
        let tickets = names.iter().map(ticket).collect();
        self.script(|script| {
            script.ticket = tickets;
            script.put = [Answer::Body(200, "text/plain", vec![])].into();
        });
        self
    }

    /// Every file that was put so far.
    pub(crate) fn puts(&self) -> Vec<Request> {
        self.seen().into_iter().filter(|request| request.method == "PUT").collect()
    }

    /// What was submitted so far.
    pub(crate) fn submitted(&self) -> Vec<Value> {
        self.seen().iter().filter(|request| is_submission(request)).map(Request::json).collect()
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.inner.seen.lock().unwrap().clone()
    }

    /// How many submissions came.
    pub(crate) fn submissions(&self) -> usize {
        self.seen().iter().filter(|request| is_submission(request)).count()
    }

    /// How many questions for a result came.
    pub(crate) fn polls(&self) -> usize {
        self.seen().iter().filter(|request| request.path.ends_with("/result")).count()
    }

    /// Waits until so many requests of a kind came.
    pub(crate) async fn until(&self, what: &str, enough: impl Fn(&Self) -> bool) {
        let mut told = self.inner.told.subscribe();
        let waited = tokio::time::timeout(Duration::from_secs(20), async {
            while !enough(self) {
                told.changed().await.unwrap();
            }
        });
        assert!(waited.await.is_ok(), "the provider never saw {what}: {:?}", self.paths());
    }

    fn paths(&self) -> Vec<String> {
        self.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
    }
}

fn is_submission(request: &Request) -> bool {
    let models = ["hunyuan", "infinitetalk", "speech"];
    request.method == "POST" && models.iter().any(|model| request.path.contains(model))
}

async fn serve(stream: TcpStream, inner: &Inner) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        let answer = choose(&request, inner);
        inner.seen.lock().unwrap().push(request);
        inner.told.send_modify(|count| *count += 1);
        if !write(stream.get_mut(), answer).await? {
            break;
        }
    }
    Ok(())
}

async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = Request { method, path, headers, body: vec![] };
    let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    request.body.resize(length, 0);
    stream.read_exact(&mut request.body).await?;
    Ok(Some(request))
}

fn choose(request: &Request, inner: &Inner) -> Answer {
    if let Some(chooser) = inner.chooser.lock().unwrap().as_mut() {
        return chooser(request);
    }
    let mut script = inner.script.lock().unwrap();
    let nothing = || Answer::Body(404, "text/plain", b"404 page not found".to_vec());
    let next = |answers: &mut VecDeque<Answer>| {
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
            .unwrap_or_else(nothing)
    };
    let path = request.path.as_str();
    if is_submission(request) {
        next(&mut script.submit)
    } else if path.ends_with("/result") {
        next(&mut script.result)
    } else if path.starts_with("/outputs/") {
        next(&mut script.output)
    } else if path == "/api/v3/media/uploads" {
        next(&mut script.ticket)
    } else if path.starts_with("/put/") {
        next(&mut script.put)
    } else if path == "/api/v3/media/upload/binary" {
        next(&mut script.binary)
    } else if path == "/api/v3/balance" {
        Answer::json(200, &envelope(&json!({"balance": 50.0})))
    } else if path == "/api/v3/models" {
        script.models.clone().unwrap_or_else(nothing)
    } else if path == "/api/v3/model/price" {
        script.price.clone().unwrap_or_else(nothing)
    } else if path == "/api/v3/predictions" {
        let listed = script.history.clone();
        listed.map_or_else(nothing, |items| {
            Answer::json(200, &envelope(&json!({"page": 1, "items": items})))
        })
    } else if path == "/api/v3/billings/search" {
        let page = request.json()["page"].as_u64().unwrap_or(1);
        let page = usize::try_from(page).unwrap().saturating_sub(1);
        script.bill.get(page).cloned().unwrap_or_else(nothing)
    } else if path == "/api/v3/user/usage_stats" {
        script.used.map_or_else(nothing, |cost| {
            let summary = json!({"total_cost": cost, "total_requests": 1});
            Answer::json(200, &envelope(&json!({"summary": summary})))
        })
    } else {
        nothing()
    }
}

/// Writes the answer and says whether the line stays open.
async fn write(stream: &mut TcpStream, answer: Answer) -> std::io::Result<bool> {
    let head = |status: u16, kind: &str, length: usize, more: &str| {
        format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n{more}\r\n"
        )
    };
    match answer {
        Answer::Body(status, kind, body) => {
            stream.write_all(head(status, kind, body.len(), "").as_bytes()).await?;
            stream.write_all(&body).await?;
            Ok(true)
        }
        Answer::Headers(status, more, body) => {
            let head = head(status, "application/json", body.len(), more);
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await?;
            Ok(true)
        }
        Answer::Cut => Ok(false),
        Answer::Silence => {
            // Until the other side gives up.
            let mut rest = [0; 1];
            let _ = stream.read(&mut rest).await;
            Ok(false)
        }
        Answer::Short { promised, body } => {
            stream.write_all(head(200, "video/mp4", promised, "").as_bytes()).await?;
            stream.write_all(&body).await?;
            Ok(false)
        }
        Answer::Late(wait, answer) => {
            tokio::time::sleep(wait).await;
            Box::pin(write(stream, *answer)).await
        }
    }
}
