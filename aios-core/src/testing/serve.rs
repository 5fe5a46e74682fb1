//! The provider's HTTP: `/.well-known/openid-configuration`, `/jwks` and `/introspect` on an ephemeral port.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::json;

use super::TestIdp;

/// A client that says nothing must not hold up the others for long.
const PATIENCE: Duration = Duration::from_millis(500);
const MAX_REQUEST_BYTES: u64 = 16 * 1024;

/// A provider that answers on loopback. Dropping it closes the port and ends its thread.
#[derive(Debug)]
pub struct Served {
    address: SocketAddr,
    iss: String,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    requests: AtomicUsize,
    stopped: AtomicBool,
}

impl Served {
    pub(super) fn start(idp: TestIdp) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let iss = format!("http://{address}");
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let site = Site { iss: iss.clone(), idp };
        let thread = std::thread::Builder::new()
            .name("test-idp".into())
            .spawn(move || accept(&listener, &site, &theirs))?;
        Ok(Self { address, iss, shared, thread: Some(thread) })
    }

    /// Where it answers, and what its tokens' `iss` says: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn iss(&self) -> &str {
        &self.iss
    }

    /// How many requests it has taken.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread, which waits for a connection.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            let _ = thread.join();
        }
    }
}

struct Site {
    iss: String,
    idp: TestIdp,
}

fn accept(listener: &TcpListener, site: &Site, shared: &Shared) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        shared.requests.fetch_add(1, Ordering::SeqCst);
        // A client that goes away is its own affair.
        let _ = site.answer(&stream);
    }
}

impl Site {
    fn answer(&self, mut stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let asked = Asked::read(stream)?;
        let (status, body) = match asked.path.as_str() {
            "/.well-known/openid-configuration" => ("200 OK", self.discovery()),
            "/introspect" => self.introspection(&asked),
            "/jwks" => ("200 OK", self.idp.jwks().to_string()),
            _ => ("404 Not Found", String::new()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())
    }

    fn discovery(&self) -> String {
        json!({"issuer": self.iss, "jwks_uri": format!("{}/jwks", self.iss)}).to_string()
    }

    /// Whoever shows any secret is told.
    fn introspection(&self, asked: &Asked) -> (&'static str, String) {
        let field = |wanted: &str| {
            let mut fields = url::form_urlencoded::parse(asked.body.as_bytes());
            fields.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
        };
        match field("token") {
            Some(token) if asked.shows_secret || field("client_secret").is_some() => {
                ("200 OK", self.idp.introspect(&token).to_string())
            }
            Some(_) => ("401 Unauthorized", String::new()),
            None => ("400 Bad Request", String::new()),
        }
    }
}

/// A request, read to its end, so that closing the connection does not reset it.
struct Asked {
    path: String,
    shows_secret: bool,
    body: String,
}

impl Asked {
    fn read(stream: &TcpStream) -> io::Result<Self> {
        let mut reader = BufReader::new(stream.take(MAX_REQUEST_BYTES));
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let (mut shows_secret, mut length) = (false, 0);
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let header = line.trim_end().to_ascii_lowercase();
            let Some((name, value)) = header.split_once(':') else { break };
            shows_secret |= name == "authorization" && value.trim().starts_with("basic ");
            if name == "content-length" {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = String::new();
        reader.take(length).read_to_string(&mut body)?;
        Ok(Self { path, shows_secret, body })
    }
}
