//! A proxy: the configured one, for all that is not on this machine, and no other.

use std::sync::Mutex;
use std::sync::mpsc;

use super::*;
use crate::model::Secret;

/// A proxy that notes what it is asked and connects to nobody.
fn proxy(status: &'static str) -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let theirs = Arc::clone(&asked);
    let server = Server::start(move |mut stream| {
        theirs.lock().unwrap().push(head(&mut stream));
        reply(&mut stream, status, "", "");
    });
    (server, asked)
}

fn through(server: &Server, credentials: Option<(&str, &str)>, except: &[&str]) -> Outbound {
    let secret = |text: &str| Arc::new(Secret::new(text.as_bytes().to_vec()));
    let proxy = Proxy {
        url: Proxy::address(&format!("http://127.0.0.1:{}", server.port())).unwrap(),
        credentials: credentials.map(|(user, password)| (user.to_owned(), secret(password))),
        except: except.iter().map(|host| (*host).to_owned()).collect(),
    };
    Outbound { proxy: Some(proxy), ..Outbound::default() }
}

#[test]
fn the_proxy_is_asked_for_the_name_and_resolves_it() {
    let (server, asked) = proxy("403 Forbidden");
    // Nobody has this name (RFC 6761 section 6.4): it is not resolved here.
    let url = "https://idp.invalid/keys";
    let refused = ask(&line(through(&server, Some(("aios", "s3cret")), &[]), url), url).unwrap_err();
    assert_eq!(refused, Error::Proxied);
    let asked = asked.lock().unwrap();
    assert!(asked[0].starts_with("CONNECT idp.invalid:443 HTTP/1.1\r\n"), "{asked:?}");
    // aios:s3cret
    assert!(
        asked[0].to_ascii_lowercase().contains("proxy-authorization: basic ywlvczpzm2nyzxq="),
        "{asked:?}"
    );
}

#[test]
fn what_goes_through_it_is_tls_from_end_to_end() {
    let (sender, receiver) = mpsc::channel();
    let server = Server::start(move |mut stream| {
        head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let mut start = [0; 3];
        stream.read_exact(&mut start).unwrap();
        sender.send(start).unwrap();
    });
    let url = "https://idp.invalid/keys";
    ask(&line(through(&server, None, &[]), url), url).unwrap_err();
    assert_eq!(receiver.recv().unwrap()[..2], [22, 3], "a handshake of TLS");
}

#[test]
fn this_machine_and_exceptions_are_asked_directly_and_addresses_are_checked_either_way() {
    let (server, asked) = proxy("403 Forbidden");
    let local = Server::start(|mut stream| {
        head(&mut stream);
        reply(&mut stream, "200 OK", "", "here");
    });
    let outbound = through(&server, None, &["direct.invalid"]);
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("http://{host}:{}/", local.port());
        assert_eq!(ask(&line(outbound.clone(), &url), &url), Ok((200, "here".into())));
    }
    let direct = "https://direct.invalid/";
    assert_eq!(ask(&line(outbound, direct), direct), Err(Error::NameNotFound));
    assert!(asked.lock().unwrap().is_empty());
    for private in ["https://10.0.0.1/", "https://169.254.169.254/", "https://[fd00::1]/"] {
        let refused = Destination::at("corp", Purpose::Keys, private, HERE).unwrap_err();
        assert_eq!(refused, Error::AddressNotAllowed, "{private}");
    }
}

#[test]
fn a_proxys_address_is_an_origin_and_holds_no_password() {
    for (text, good) in [
        ("http://proxy:3128", true),
        ("https://proxy", true),
        ("http://10.0.0.1:3128/", true),
        ("http://user:password@proxy:3128", false),
        ("http://proxy/path", false),
        ("socks5://proxy", false),
        ("proxy:3128", false),
        ("", false),
    ] {
        assert_eq!(Proxy::address(text).is_ok(), good, "{text}");
    }
}

#[test]
fn i12_the_environment_names_no_proxy_and_no_exception() {
    let (trap, asked) = proxy("502 Bad Gateway");
    let us = std::thread::current().name().unwrap().to_owned();
    let room = us.rsplit_once("::proxies::").unwrap().0.to_owned();
    // All other tests of this room once more, with an environment that wants otherwise.
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args([room.as_str(), "--skip", us.as_str()]).env_remove("NO_PROXY");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        again.env(name, format!("http://127.0.0.1:{}", trap.port()));
    }
    let told = |output: std::process::Output| {
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && !text.contains("running 0 tests"), "{text}");
    };
    told(again.output().unwrap());
    assert_eq!(*asked.lock().unwrap(), Vec::<String>::new());
    told(again.env("NO_PROXY", "*").env("no_proxy", "*").output().unwrap());
}
