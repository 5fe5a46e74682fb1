//! Real servers on loopback, and a clock that the tests move.

mod aging;
mod carrying;
mod fetching;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use super::*;
use crate::crypto::signature::Algorithm;
use crate::model::Deadline;

/// What a test's server does with a path: writes to the connection, and may wait for the test.
type Script = Box<dyn Fn(&str, SocketAddr, &mut TcpStream) + Send + Sync>;

struct Server {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
    stop: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (hits, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counter, stopped) = (Arc::clone(&hits), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            std::thread::scope(|scope| {
                while let Ok((mut stream, _)) = listener.accept() {
                    if stopped.load(Ordering::SeqCst) > 0 {
                        return;
                    }
                    counter.fetch_add(1, Ordering::SeqCst);
                    let script = &script;
                    scope.spawn(move || {
                        let path = request_path(&mut stream);
                        script(&path, address, &mut stream);
                    });
                }
            });
        });
        Self { address, hits, stop, thread: Some(thread) }
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(1, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn request_path(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        request.push(byte[0]);
    }
    let request = String::from_utf8(request).unwrap();
    // Told apart by what no path can hold.
    let tag = if request.to_ascii_lowercase().contains("if-none-match: \"v1\"") { "#tag" } else { "" };
    format!("{}{tag}", request.split(' ').nth(1).unwrap_or_default())
}

fn reply(stream: &mut TcpStream, status: &str, body: &str) {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}

fn jwks(kid: &str) -> String {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    serde_json::json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": kid, "x": x}]})
        .to_string()
}

fn serves(status: &'static str, body: String) -> Server {
    Server::start(Box::new(move |_, _, stream| reply(stream, status, &body)))
}

fn origin(name: &str, iss: &str, from: From) -> Origin {
    Origin {
        issuer: name.parse().unwrap(),
        iss: iss.to_owned(),
        algorithms: vec![Algorithm::Ed25519],
        from,
        allow_private: false,
        plaintext_loopback: true,
    }
}

/// Keys with a clock that the test moves.
struct Bench {
    keys: Keys,
    seconds: Arc<AtomicU64>,
}

impl Bench {
    fn of(origins: Vec<Origin>) -> Self {
        Self::with(origins, Cost::default())
    }

    fn with(origins: Vec<Origin>, cost: Cost) -> Self {
        let seconds = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&seconds);
        let uptime: Uptime = Arc::new(move || Duration::from_secs(clock.load(Ordering::SeqCst)));
        Self { keys: Keys::at_cost(origins, uptime, &door(), cost).unwrap(), seconds }
    }

    fn at(server: &Server) -> Self {
        Self::of(vec![origin("corp", "https://corp", From::Url(server.url("/keys")))])
    }

    fn advance(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn fetch(&self, kid: &str) -> Result<Arc<KeySet>, KeySourceError> {
        self.keys.fetch(&corp(), kid, patient())
    }

    fn known(&self) -> Option<Arc<KeySet>> {
        self.keys.known(&corp())
    }

    /// Waits for a fetch that runs behind.
    fn settle(&self) {
        self.keys.slots[&corp()].settle();
    }
}

fn door() -> Arc<Door> {
    Arc::new(Door::new(Outbound::default()))
}

fn corp() -> IssuerName {
    "corp".parse().unwrap()
}

fn patient() -> Wait {
    Wait::Until(Deadline::after(Duration::from_secs(20)))
}

/// A server that answers only when the test says so.
fn gated(body: String) -> (Server, std::sync::mpsc::Sender<()>) {
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let server = Server::start(Box::new(move |_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{");
        let _ = gate.lock().unwrap().recv();
        let _ = stream.write_all(&body.as_bytes()[1..]);
    }));
    (server, open)
}
