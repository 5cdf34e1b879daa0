//! A receiver that fails three times in ten: it answers 500, drops the connection before it read anything, takes a webhook and loses its
//! reply, or takes it and says nothing until the sender gives up. Which one it is goes by the number of the connection, not by chance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How many posts are answered too late: each costs the sender ten seconds of the world's time.
const SILENT_MAX: u32 = 6;

/// A webhook that was read.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its id, which repeats share.
    pub id: String,
    /// Its type.
    pub event: String,
    /// What it is about.
    pub subject: String,
    /// Its number within that.
    pub sequence: i64,
    /// Whether it was answered with 200.
    pub is_acknowledged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Well,
    Broken,
    Dropping,
    LosingReply,
    Silent,
}

#[derive(Default)]
struct Book {
    posts: u32,
    arrivals: Vec<Arrival>,
    failures: BTreeMap<&'static str, u32>,
}

/// A receiver that is listening.
pub struct Receiver {
    /// Where.
    pub url: String,
    book: Arc<Mutex<Book>>,
}

impl Receiver {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let book = Arc::<Mutex<Book>>::default();
        let kept = Arc::clone(&book);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(Arc::clone(&kept), stream));
            }
        });
        Self { url, book }
    }

    /// Returns what was read so far, in this order.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.book.lock().expect("the book").arrivals.clone()
    }

    /// Returns how many posts were not even read.
    pub fn dropped(&self) -> usize {
        usize::try_from(self.failures()["dropped"]).expect("a small number")
    }

    /// Returns how often it failed in which way.
    pub fn failures(&self) -> BTreeMap<&'static str, u32> {
        let known = [("500", 0), ("dropped", 0), ("lost reply", 0), ("silent", 0)];
        let mut all = BTreeMap::from(known);
        all.extend(self.book.lock().expect("the book").failures.clone());
        all
    }
}

async fn answer(book: Arc<Mutex<Book>>, stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    loop {
        // The post is judged when its first byte comes: an idle connection is none.
        if stream.fill_buf().await.map_or(true, <[u8]>::is_empty) {
            return;
        }
        let mood = next_mood(&book);
        if mood == Mood::Dropping {
            return;
        }
        let Some(body) = read(&mut stream).await else { return };
        let json: Value = serde_json::from_str(&body).expect("JSON");
        let subject = ["refund", "invoice"].into_iter().find_map(|kind| json["data"][kind]["id"].as_str()).expect("a subject");
        book.lock().expect("the book").arrivals.push(Arrival {
            id: crate::text(&json["id"]).to_owned(),
            event: crate::text(&json["type"]).to_owned(),
            subject: subject.to_owned(),
            sequence: json["sequence"].as_i64().expect("a number"),
            is_acknowledged: mood == Mood::Well,
        });
        match mood {
            Mood::Dropping | Mood::LosingReply => return,
            Mood::Silent => return tokio::time::sleep(Duration::from_secs(15)).await,
            Mood::Broken => say(&mut stream, 500).await,
            Mood::Well => say(&mut stream, 200).await,
        }
    }
}

/// Three in ten fail, each time in another way.
fn next_mood(book: &Mutex<Book>) -> Mood {
    let mut book = book.lock().expect("the book");
    let number = book.posts;
    book.posts += 1;
    let (mood, name) = match (number % 10, (number / 10) % 2) {
        (1, 0) => (Mood::Silent, "silent"),
        (1, _) | (4, 0) => (Mood::Broken, "500"),
        (4, _) | (8, 0) => (Mood::LosingReply, "lost reply"),
        (8, _) => (Mood::Dropping, "dropped"),
        _ => return Mood::Well,
    };
    let times = book.failures.get(name).copied().unwrap_or_default();
    let (mood, name) = if mood == Mood::Silent && times >= SILENT_MAX { (Mood::Broken, "500") } else { (mood, name) };
    *book.failures.entry(name).or_default() += 1;
    mood
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    String::from_utf8(body).ok()
}

async fn say(stream: &mut BufReader<TcpStream>, status: u16) {
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
    stream.get_mut().write_all(answer.as_bytes()).await.ok();
}
