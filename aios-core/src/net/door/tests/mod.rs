//! The door against real servers on loopback: TLS, a proxy, and whatever is not registered.

mod proxies;
mod tls;

use std::future::Future;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use super::*;

const HERE: Reach = Reach { private: false, loopback: true };

/// A server that hands each connection to a script, on a thread of its own.
pub(in crate::net) struct Server {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(in crate::net) fn start(script: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (hits, stopped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counter, ended) = (Arc::clone(&hits), Arc::clone(&stopped));
        let thread = std::thread::spawn(move || {
            std::thread::scope(|scope| {
                while let Ok((stream, _)) = listener.accept() {
                    if ended.load(Ordering::SeqCst) {
                        return;
                    }
                    counter.fetch_add(1, Ordering::SeqCst);
                    scope.spawn(|| script(stream));
                }
            });
        });
        Self { address, hits, stopped, thread: Some(thread) }
    }

    pub(in crate::net) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    pub(in crate::net) fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Reads a request's head; empty where none came.
pub(in crate::net) fn head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

pub(in crate::net) fn reply(stream: &mut impl Write, status: &str, more: &str, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n");
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
    let _ = stream.flush();
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build().unwrap();
    runtime.block_on(work)
}

fn line(outbound: Outbound, url: &str) -> Line {
    Door::new(outbound).register(Destination::at("corp", Purpose::Keys, url, HERE).unwrap())
}

/// Asks a URL and gives the status and the body.
fn ask(line: &Line, url: &str) -> Result<(u16, String), Error> {
    wait(async {
        let answer = line.send(Call::get(url)).await?;
        let status = answer.status().as_u16();
        Ok((status, String::from_utf8(answer.body().await?).unwrap()))
    })
}

#[test]
fn nothing_but_the_registered_host_is_asked() {
    let (ours, other) = (
        Server::start(|mut stream| drop(head(&mut stream))),
        Server::start(|mut stream| drop(head(&mut stream))),
    );
    let url = |server: &Server, host: &str, path: &str| format!("http://{host}:{}{path}", server.port());
    let line = line(Outbound::default(), &url(&ours, "127.0.0.1", "/keys"));
    for elsewhere in [
        url(&other, "127.0.0.1", "/keys"),
        url(&ours, "localhost", "/keys"),
        format!("https://127.0.0.1:{}/keys", ours.port()),
    ] {
        assert_eq!(ask(&line, &elsewhere).unwrap_err(), Error::NotRegistered, "{elsewhere}");
    }
    assert_eq!((ours.hits(), other.hits()), (0, 0));
    // Any path of it may be asked.
    assert_eq!(ask(&line, &url(&ours, "127.0.0.1", "/other")).unwrap_err(), Error::Connect);
    assert_eq!(ours.hits(), 1);
}

#[test]
fn a_redirect_is_an_answer_and_the_caller_reads_where_it_leads() {
    let server = Server::start(|mut stream| {
        head(&mut stream);
        reply(&mut stream, "302 Found", "location: https://elsewhere.example.com/\r\n", "");
    });
    let url = format!("http://127.0.0.1:{}/", server.port());
    let answer = wait(line(Outbound::default(), &url).send(Call::get(&url))).unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(answer.headers()[header::LOCATION], "https://elsewhere.example.com/");
    assert_eq!(server.hits(), 1);
}

#[test]
fn any_method_headers_and_body_go_out_and_the_answer_comes_in_parts_as_far_as_it_may() {
    let server = Server::start(|mut stream| {
        let asked = head(&mut stream);
        assert!(asked.starts_with("PATCH /a?b=c HTTP/1.1\r\n") && asked.contains("x-one: 1"), "{asked}");
        let mut body = [0; 5];
        stream.read_exact(&mut body).unwrap();
        assert_eq!(&body, b"hello");
        reply(&mut stream, "200 OK", "", "0123456789");
    });
    let url = format!("http://127.0.0.1:{}/a?b=c", server.port());
    let at = Destination::at("corp", Purpose::Keys, &url, HERE).unwrap();
    for (most, expected) in [(10, Ok("0123456789")), (9, Err(Error::BodyTooLarge))] {
        let cost = Cost { body: most, ..Cost::default() };
        let line = Door::new(Outbound::default()).register(at.clone().costing(cost));
        let mut headers = header::HeaderMap::new();
        headers.insert("x-one", header::HeaderValue::from_static("1"));
        let call = Call { method: Method::PATCH, url: &url, headers, body: Some("hello".into()) };
        let given = wait(async { line.send(call).await?.body().await });
        assert_eq!(given, expected.map(|text| text.as_bytes().to_vec()));
    }
}

#[test]
fn what_is_registered_is_listed_in_order_and_by_the_way_it_is_asked() {
    let proxy = Proxy {
        url: Proxy::address("http://proxy.internal:3128").unwrap(),
        credentials: Some(("aios".into(), Arc::new(crate::model::Secret::new(b"proxy-password".to_vec())))),
        except: vec!["direct.example.com".into()],
    };
    let door = Door::new(Outbound { proxy: Some(proxy), ..Outbound::default() });
    let at = |name: &str, purpose, url: &str, reach| Destination::at(name, purpose, url, reach).unwrap();
    let discovery = at("corp", Purpose::Discovery, "https://idp.example.com/", HERE);
    let discovery = door.register(discovery.leading_to(Purpose::Keys));
    let _ = door.register(at("b", Purpose::Keys, "http://127.0.0.1:8080/", HERE));
    let _ = door.register(at("b", Purpose::Keys, "http://[::1]:8080/", HERE));
    let private = Reach { private: true, loopback: false };
    let _ = door.register(at("a", Purpose::Introspection, "https://direct.example.com/", private));
    let rows = |door: &Door| -> Vec<_> {
        let shown = |row: &Egress| {
            let ways = [(row.proxied, "proxied"), (row.plaintext, "plaintext"), (row.private, "private")];
            let ways: Vec<_> = ways.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
            format!("{} {:?} {}:{} {}", row.name, row.purpose, row.host, row.port, ways.join(" "))
        };
        door.egress().iter().map(shown).collect()
    };
    let mut expected = vec![
        "a Introspection direct.example.com:443 private",
        "b Keys [::1]:8080 plaintext",
        "corp Discovery idp.example.com:443 proxied",
        "proxy Proxy proxy.internal:3128 plaintext private",
    ];
    assert_eq!(rows(&door), expected);
    assert_eq!(door.egress()[2].leads_to, Some(Purpose::Keys));
    discovery.lead(Purpose::Keys, "https://keys.example.com:8443/jwks").unwrap();
    expected.insert(3, "corp Keys keys.example.com:8443 proxied");
    assert_eq!(rows(&door), expected);
    assert_eq!(discovery.lead(Purpose::Keys, "https://10.0.0.1/").unwrap_err(), Error::AddressNotAllowed);
    let told = format!("{door:?} {discovery:?} {:?}", door.core.clients.outbound());
    assert!(!told.contains("proxy-password"), "{told}");
}
