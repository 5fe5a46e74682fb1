//! A secret goes where its terms say and does not come back.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use super::super::door::tests::{Server, head, reply};
use super::super::{Door, Error, Outbound, Patience, Reach};
use crate::model::{Kind, Secret};
use crate::vault::{Carrier, Http, Outgoing, Owner, Terms};

const KEY: &str = "sk-live-0123456789abcdef";
const HERE: Reach = Reach { private: false, loopback: true };
const CALM: Patience = Patience { head: Duration::from_secs(20), part: Duration::from_secs(20) };

fn carrier(server: &Server, path: &str, headers: &[(&str, &str)]) -> Carrier {
    let host = format!("127.0.0.1:{}", server.port());
    let url = format!("http://{host}{path}");
    let owner = Owner { kind: Kind::User, issuer: "corp".parse().unwrap(), id: "alice".into() };
    let template = "Bearer {}".into();
    let (methods, paths) = (Vec::new(), Vec::new());
    let http = Http { hosts: vec![host], methods, paths, header: "authorization".into(), template };
    let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Carrier::of(&Terms::of(owner).http(http), Outgoing { method: "POST".into(), url, headers }).unwrap()
}

fn secret() -> Secret {
    Secret::new(KEY.as_bytes().to_vec())
}

/// Reads a whole request and gives its head.
fn taken(stream: &mut TcpStream) -> String {
    let head = head(stream).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    assert!(body.is_empty() || body == b"hello");
    head
}

type Answer = (u16, Vec<(String, Vec<u8>)>, Vec<u8>);

fn send(server: &Server, patience: Patience) -> Result<Answer, Error> {
    let door = Door::new(Outbound::default());
    let carrier = carrier(server, "/v1", &[("authorization", "Bearer of-the-caller"), ("x-one", "1")]);
    let mut answer = door.carry(carrier, secret(), b"hello".to_vec(), (HERE, patience))?.answer_blocking()?;
    let mut body = Vec::new();
    while let Some(part) = answer.next_blocking()? {
        body.extend(part);
    }
    Ok((answer.status, std::mem::take(&mut answer.headers), body))
}

#[test]
fn the_secret_goes_in_its_header_alone_and_the_callers_credentials_do_not() {
    let server = Server::start(|mut stream| {
        let asked = taken(&mut stream);
        assert!(asked.contains("content-length: 5\r\n"), "{asked}");
        let credentials: Vec<_> = asked.lines().filter(|line| line.contains("bearer")).collect();
        assert_eq!(credentials, [format!("authorization: bearer {KEY}")], "{asked}");
        assert!(asked.contains("x-one: 1") && asked.contains("accept-encoding: identity"), "{asked}");
        assert!(asked.contains(&format!("host: 127.0.0.1:{}\r\n", stream.local_addr().unwrap().port())));
        reply(&mut stream, "201 Created", "x-two: 2\r\n", "done");
    });
    let (status, headers, body) = send(&server, CALM).unwrap();
    assert_eq!((status, body.as_slice()), (201, b"done".as_slice()));
    assert!(headers.contains(&("x-two".into(), b"2".into())));
    assert!(!headers.iter().any(|(name, _)| name == "connection"));
}

#[test]
fn what_comes_back_of_the_secret_is_masked_in_headers_and_across_parts() {
    let server = Server::start(|mut stream| {
        taken(&mut stream);
        let start = "HTTP/1.1 401 Unauthorized\r\ntransfer-encoding: chunked\r\n";
        let start =
            format!("{start}www-authenticate: Bearer error=\"{KEY}\"\r\nlocation: /?key={KEY}\r\n\r\n");
        stream.write_all(start.as_bytes()).unwrap();
        for part in
            ["sk-", "live-0123456789ab", "cdef and ", "736B2d6c6976652d30313233343536373839616263646566"]
        {
            write!(stream, "{:x}\r\n{part}\r\n", part.len()).unwrap();
            stream.flush().unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
    });
    let (status, headers, body) = send(&server, CALM).unwrap();
    assert_eq!(status, 401);
    let body = String::from_utf8(body).unwrap();
    assert_eq!(body, format!("{} and {}", "*".repeat(KEY.len()), "*".repeat(2 * KEY.len())));
    let line = |(name, value): &(String, Vec<u8>)| format!("{name}: {}\n", String::from_utf8_lossy(value));
    let all = headers.iter().map(line).collect::<Vec<_>>().concat();
    assert!(all.contains("location: /?key=***") && !all.contains("sk-live"), "{all}");
}

#[test]
fn a_stream_is_handed_on_as_it_comes() {
    let (read, heard) = mpsc::channel::<()>();
    let heard = Mutex::new(heard);
    let server = Server::start(move |mut stream| {
        taken(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\ndata: one\n\n").unwrap();
        // The second event is made only once the first was read.
        heard.lock().unwrap().recv().unwrap();
        stream.write_all(b"data: two\n\n").unwrap();
    });
    let door = Door::new(Outbound::default());
    let carried = door.carry(carrier(&server, "/v1", &[]), secret(), Vec::new(), (HERE, CALM)).unwrap();
    let answer = carried.answer_blocking().unwrap();
    assert_eq!(answer.next_blocking().unwrap().unwrap(), b"data: one\n\n");
    read.send(()).unwrap();
    assert_eq!(answer.next_blocking().unwrap().unwrap(), b"data: two\n\n");
    assert_eq!(answer.next_blocking().unwrap(), None);
}

#[test]
fn what_cannot_be_looked_through_is_refused() {
    for (encoding, refused) in [("gzip", true), ("br", true), ("identity", false)] {
        let more = format!("content-encoding: {encoding}\r\n");
        let server = Server::start(move |mut stream| {
            taken(&mut stream);
            reply(&mut stream, "200 OK", &more, "text");
        });
        let expected = if refused { Err(Error::Encoded) } else { Ok(200) };
        assert_eq!(send(&server, CALM).map(|(status, ..)| status), expected, "{encoding}");
    }
}

#[test]
fn a_redirect_is_an_answer_and_the_secret_goes_nowhere_else() {
    let elsewhere = Server::start(|mut stream| drop(taken(&mut stream)));
    let to = format!("location: http://127.0.0.1:{}/\r\n", elsewhere.port());
    let server = Server::start(move |mut stream| {
        taken(&mut stream);
        reply(&mut stream, "307 Temporary Redirect", &to, "");
    });
    assert_eq!(send(&server, CALM).unwrap().0, 307);
    assert_eq!(elsewhere.hits(), 0);
}

#[test]
fn a_silent_server_is_given_up_and_a_gone_caller_ends_the_connection() {
    let silent = |patience: Patience, begins: bool| {
        let (ended, end) = mpsc::channel();
        let server = Server::start(move |mut stream| {
            taken(&mut stream);
            if begins {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nx").unwrap();
            }
            ended.send(stream.read(&mut [0; 64]).unwrap_or(0)).unwrap();
        });
        (server, end, patience)
    };
    let short = Duration::from_millis(50);
    for (begins, patience) in
        [(false, Patience { head: short, ..CALM }), (true, Patience { part: short, ..CALM })]
    {
        let (server, end, patience) = silent(patience, begins);
        assert_eq!(send(&server, patience).unwrap_err(), Error::Timeout);
        assert_eq!(end.recv().unwrap(), 0);
    }
    let (server, end, _) = silent(CALM, true);
    let door = Door::new(Outbound::default());
    let carried = door.carry(carrier(&server, "/v1", &[]), secret(), Vec::new(), (HERE, CALM)).unwrap();
    drop(carried.answer_blocking().unwrap());
    assert_eq!(end.recv().unwrap(), 0);
}

#[test]
fn a_host_that_is_out_of_reach_is_not_asked() {
    let server = Server::start(|_: TcpStream| ());
    let door = Door::new(Outbound::default());
    let nothing = Reach { private: false, loopback: false };
    let refused = door.carry(carrier(&server, "/v1", &[]), secret(), Vec::new(), (nothing, CALM));
    assert!(matches!(refused, Err(Error::Url(_) | Error::AddressNotAllowed)), "{refused:?}");
    assert_eq!((server.hits(), door.egress().len()), (0, 0));
}
