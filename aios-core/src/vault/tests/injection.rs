//! Where a secret may go, and what else may go with it.

use super::{alice, secret};
use crate::model::{Code, Refusal};
use crate::vault::{Carrier, Error, Http, Outgoing, Terms};

fn terms(change: fn(&mut Http)) -> Terms {
    let mut http = Http {
        hosts: vec!["api.example.com".into(), "xn--bcher-kva.example:8443".into(), "192.0.2.7".into()],
        methods: vec!["POST".into(), "GET".into()],
        paths: vec!["/v1".into(), "/files/".into()],
        header: "x-api-key".into(),
        template: "Key {};".into(),
    };
    change(&mut http);
    Terms::of(alice()).http(http)
}

fn outgoing(url: &str) -> Outgoing {
    Outgoing { method: "POST".into(), url: url.into(), headers: Vec::new() }
}

fn with_headers(headers: &[(&str, &str)]) -> Result<Vec<(String, String)>, Error> {
    let headers =
        headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
    let carrier =
        Carrier::of(&terms(|_| ()), Outgoing { headers, ..outgoing("https://api.example.com/v1") })?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ok(carrier.headers().iter().map(|(name, value)| (name.clone(), text(value))).collect())
}

fn at(answer: &Result<Carrier, Error>) -> (&'static str, &'static str) {
    match answer {
        Ok(_) => ("admitted", ""),
        Err(Error::NotAdmitted { at, .. }) => ("not admitted", at),
        Err(Error::Invalid { at, .. }) => ("invalid", at),
        Err(other) => panic!("{other}"),
    }
}

const URLS: &[(&str, &str)] = &[
    ("https://api.example.com/v1", "admitted"),
    ("https://api.example.com/v1/chat?x=..%2f#", "invalid"),
    ("https://api.example.com/v1/chat?x=..%2f", "admitted"),
    ("https://API.Example.com:443/v1/chat", "admitted"),
    ("https://api.example.com./v1/chat", "admitted"),
    ("https://api.example.com/files/a", "admitted"),
    ("https://192.0.2.7/v1", "admitted"),
    ("https://3221225991/v1", "admitted"),
    ("https://xn--bcher-kva.example:8443/v1", "admitted"),
    ("https://b\u{fc}cher.example:8443/v1", "invalid"),
    ("https://xn--bcher-kva.example/v1", "not admitted"),
    ("https://api.example.com:8443/v1", "not admitted"),
    ("https://api.example.com.evil.example/v1", "not admitted"),
    ("https://evil-api.example.com/v1", "not admitted"),
    ("https://sub.api.example.com/v1", "not admitted"),
    ("https://example.com/v1", "not admitted"),
    ("https://192.0.2.8/v1", "not admitted"),
    ("https://[::ffff:192.0.2.7]/v1", "not admitted"),
    ("http://api.example.com/v1", "not admitted"),
    ("https://api.example.com", "not admitted"),
    ("https://api.example.com/", "not admitted"),
    ("https://api.example.com/v10", "not admitted"),
    ("https://api.example.com/files", "not admitted"),
    ("https://api.example.com/V1/x", "not admitted"),
    ("https://api.example.com//v1/x", "not admitted"),
    ("https://api.example.com/v1/../admin", "invalid"),
    ("https://api.example.com/v1/./x", "invalid"),
    ("https://api.example.com/v1/%2e%2e/admin", "invalid"),
    ("https://api.example.com/v1/%2E./admin", "invalid"),
    ("https://api.example.com/v1/..%2fadmin", "invalid"),
    ("https://api.example.com/v1%5c..%5cadmin", "invalid"),
    ("https://api.example.com/v1\\..\\admin", "invalid"),
    ("https://api.example.com\\@evil.example/v1", "invalid"),
    ("https://evil.example#@api.example.com/v1", "invalid"),
    ("https://evil.example?@api.example.com/v1", "not admitted"),
    ("https://api.example.com@evil.example/v1", "invalid"),
    ("https://@api.example.com/v1", "invalid"),
    ("https://user:pass@api.example.com/v1", "invalid"),
    ("https:api.example.com/v1", "invalid"),
    ("https:///api.example.com/v1", "invalid"),
    ("https://api.example.com/v1/a b", "invalid"),
    ("https://api.example.com/v1/\r\nx: y", "invalid"),
    ("https://api.example.com/v1/%00", "invalid"),
    ("https://api.example.com/v1/\"", "invalid"),
    ("file:///v1", "not admitted"),
    ("/v1", "invalid"),
    ("", "invalid"),
];

#[test]
fn i03_i04_a_secret_goes_only_to_the_hosts_and_paths_of_its_terms() {
    for (url, expected) in URLS {
        let place = if *expected == "admitted" { "" } else { "url" };
        assert_eq!(at(&Carrier::of(&terms(|_| ()), outgoing(url))), (*expected, place), "{url}");
    }
    let long = format!("https://api.example.com/v1/{}", "a".repeat(8 * 1024));
    assert_eq!(at(&Carrier::of(&terms(|_| ()), outgoing(&long))), ("invalid", "url"));
}

#[test]
fn what_the_terms_do_not_restrict_is_free_and_without_http_nothing_is() {
    let free = terms(|http| {
        http.methods.clear();
        http.paths.clear();
    });
    let carrier =
        Carrier::of(&free, Outgoing { method: "PURGE".into(), ..outgoing("https://api.example.com") });
    assert_eq!(carrier.unwrap().url().as_str(), "https://api.example.com/");
    assert_eq!(
        at(&Carrier::of(&Terms::of(alice()), outgoing("https://api.example.com/v1"))),
        ("not admitted", "url")
    );
    // Plaintext is for the door to permit, and only where a port is named.
    let local = terms(|http| http.hosts = vec!["127.0.0.1:8080".into()]);
    assert_eq!(at(&Carrier::of(&local, outgoing("http://127.0.0.1:8080/v1"))), ("admitted", ""));
}

#[test]
fn i04_methods_are_those_of_the_terms() {
    for (method, expected) in [
        ("GET", "admitted"),
        ("DELETE", "not admitted"),
        ("get", "invalid"),
        ("", "invalid"),
        ("GET /v1 HTTP/1.1\r\nX:", "invalid"),
    ] {
        let outgoing = Outgoing { method: method.into(), ..outgoing("https://api.example.com/v1") };
        assert_eq!(at(&Carrier::of(&terms(|_| ()), outgoing)).0, expected, "{method}");
    }
    let every = terms(|http| http.methods.clear());
    let connect = Outgoing { method: "CONNECT".into(), ..outgoing("https://api.example.com/v1") };
    assert_eq!(at(&Carrier::of(&every, connect)), ("invalid", "method"));
}

#[test]
fn i07_no_credential_of_the_callers_and_no_other_word_about_the_request_goes_along() {
    let left_out = [
        "X-Api-Key",
        "Authorization",
        "authorization",
        "Cookie",
        "Proxy-Authorization",
        "api-key",
        "X-Goog-Api-Key",
        "Connection",
        "Transfer-Encoding",
        "Content-Length",
        "Accept-Encoding",
        "Expect",
        "TE",
        "Upgrade",
        "Via",
        "X-HTTP-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Forwarded-Host",
        "Forwarded",
    ];
    for name in left_out {
        let kept = with_headers(&[("Accept", "*/*"), (name, "sk-of-the-caller"), (name, "twice")]).unwrap();
        assert_eq!(kept, [("accept".to_owned(), "*/*".to_owned())], "{name}");
    }
    let kept =
        with_headers(&[("Content-Type", "application/json"), ("X-Trace", "a"), ("x-trace", "b")]).unwrap();
    assert_eq!(kept.len(), 3);
}

#[test]
fn headers_that_would_say_more_than_one_thing_are_refused() {
    let slots = ["Host", "HOST"];
    for (value, good) in [
        ("api.example.com", true),
        ("API.example.com:443", true),
        ("api.example.com:80", false),
        ("evil.example", false),
        ("", false),
    ] {
        for name in slots {
            let answer = with_headers(&[(name, value)]);
            let refused =
                Err(Error::NotAdmitted { at: "headers.host", rule: "the URL's host, or no such header" });
            assert_eq!(answer, if good { Ok(Vec::new()) } else { refused }, "{value}");
        }
    }
    for (name, value) in [
        ("x", "a\r\nauthorization: b"),
        ("x", "a\nb"),
        ("x", "a\0"),
        ("x\r\ny", "a"),
        ("x y", "a"),
        ("x:", "a"),
        ("", "a"),
        ("\u{e9}", "a"),
    ] {
        assert!(
            matches!(with_headers(&[(name, value)]), Err(Error::Invalid { at: "headers", .. })),
            "{name:?}"
        );
    }
    assert!(with_headers(&[("x", "a"); 101]).is_err());
    assert!(with_headers(&[("x", &"a".repeat(65 * 1024))]).is_err());
}

#[test]
fn i06_the_secret_stands_in_the_header_and_the_template_of_its_terms() {
    let carrier = Carrier::of(&terms(|_| ()), outgoing("https://api.example.com/v1/x?y=1")).unwrap();
    let value = secret(b"sk-{}-1");
    let (name, header) = carrier.header(&value);
    assert_eq!((name, header.expose()), ("x-api-key", b"Key sk-{}-1;".as_slice()));
    assert_eq!((carrier.method(), carrier.url().as_str()), ("POST", "https://api.example.com/v1/x?y=1"));
    assert!(!format!("{carrier:?}").contains("sk-"));
}

#[test]
fn a_place_that_is_not_the_secrets_is_refused_with_its_code_and_not_named() {
    let refusal =
        Refusal::from(Carrier::of(&terms(|_| ()), outgoing("https://evil.example/v1")).unwrap_err());
    assert_eq!((refusal.code(), refusal.code().status()), (Code::VaultNotAdmitted, 403));
    assert!(!refusal.to_string().contains("evil"), "{refusal}");
}
