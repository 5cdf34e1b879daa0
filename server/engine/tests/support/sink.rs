//! A merchant's server: takes webhooks and remembers them. Answers with what it is told to.

use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A webhook as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }

    pub fn event(&self) -> String {
        self.json()["type"].as_str().unwrap_or_default().to_owned()
    }
}

#[derive(Clone)]
pub struct Sink {
    pub url: String,
    status: Arc<AtomicU16>,
    /// Header lines besides the length, and the body.
    said: Arc<Mutex<(String, String)>>,
    is_silent: Arc<AtomicBool>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Sink {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let sink =
            Self { url, status: Arc::new(AtomicU16::new(200)), said: Arc::default(), is_silent: Arc::default(), received: Arc::default() };
        let server = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.clone().answer(stream));
            }
        });
        sink
    }

    pub fn answer_with(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// Answers so, with header lines (each ends with CR LF) and a body.
    pub fn answer_at_length(&self, status: u16, headers: &str, body: &str) {
        *self.said.lock().expect("no test panicked here") = (headers.to_owned(), body.to_owned());
        self.answer_with(status);
    }

    /// Takes what comes and answers nothing.
    pub fn be_silent(&self) {
        self.is_silent.store(true, Ordering::Relaxed);
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no test panicked here").clone()
    }

    async fn answer(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        loop {
            let mut headers = Vec::new();
            let mut line = String::new();
            loop {
                line.clear();
                if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                    return;
                }
                if line.trim().is_empty() {
                    break;
                }
                if let Some((name, value)) = line.trim().split_once(": ") {
                    headers.push((name.to_lowercase(), value.to_owned()));
                }
            }
            let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            stream.read_exact(&mut body).await.expect("the whole body");
            let body = String::from_utf8(body).expect("UTF-8");
            self.received.lock().expect("no test panicked here").push(Received { headers, body });
            if self.is_silent.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            let (headers, said) = self.said.lock().expect("no test panicked here").clone();
            let status = self.status.load(Ordering::Relaxed);
            let answer = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{said}", said.len());
            stream.get_mut().write_all(answer.as_bytes()).await.ok();
        }
    }
}
