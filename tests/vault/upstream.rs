//! A server on loopback that a test scripts. It ends with the test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What it was sent, head and body, in the order of arrival.
type Seen = Arc<Mutex<Vec<String>>>;

#[derive(Debug)]
pub(crate) struct Upstream {
    port: u16,
    seen: Seen,
    is_over: Arc<AtomicBool>,
}

impl Upstream {
    /// Answers each request by `answer`, on a thread of its own, and closes the connection.
    pub(crate) fn start(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, is_over) = (Seen::default(), Arc::new(AtomicBool::new(false)));
        let (known, over, answer) = (Arc::clone(&seen), Arc::clone(&is_over), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::Acquire) {
                    return;
                }
                let (known, answer, mut stream) = (Arc::clone(&known), Arc::clone(&answer), stream.unwrap());
                thread::spawn(move || {
                    let Some(asked) = taken(&mut stream) else { return };
                    known.lock().unwrap().push(asked.clone());
                    answer(&asked, &mut stream);
                });
            }
        });
        Self { port, seen, is_over }
    }

    /// Answers each request with this status and body.
    pub(crate) fn saying(status: &'static str, body: &'static str) -> Self {
        Self::start(move |_, stream| reply(stream, status, "", body))
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host())
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

/// An answer whose connection is closed behind it.
pub(crate) fn reply(stream: &mut TcpStream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let text =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}");
    // Whoever asked may be gone.
    let _ = stream.write_all(text.as_bytes());
}

fn taken(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        read.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&read).into_owned();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8_lossy(&body))
}
