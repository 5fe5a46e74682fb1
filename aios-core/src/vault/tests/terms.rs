//! Terms of use: what can be written, and that only what was written is read.

use super::*;

fn http() -> Http {
    Http {
        hosts: vec!["api.openai.com".into()],
        methods: Vec::new(),
        paths: Vec::new(),
        header: "authorization".into(),
        template: "Bearer {}".into(),
    }
}

fn refused(change: impl FnOnce(&mut Http)) -> &'static str {
    let mut http = http();
    change(&mut http);
    match Terms::of(alice()).http(http).write() {
        Err(Error::Invalid { at, .. }) => at,
        other => panic!("{other:?}"),
    }
}

#[test]
fn r09_terms_are_read_back_as_they_were_written_and_name_the_owner() {
    let terms = Terms::of(alice()).http(http());
    let written = terms.write().unwrap();
    assert_eq!(Terms::read(&written).unwrap(), terms);
    assert!(written.contains(r#""owner":{"kind":"user","issuer":"corp","id":"alice"}"#));
    assert_eq!(Terms::of(alice()).write().unwrap().as_bytes(), TERMS);
}

#[test]
fn i03_hosts_are_exact_and_have_one_spelling() {
    for good in ["localhost", "a.b-c.example", "127.0.0.1", "127.0.0.1:8443", "x1.example:80"] {
        let mut http = http();
        http.hosts = vec![good.into()];
        assert!(Terms::of(alice()).http(http).write().is_ok(), "{good}");
    }
    let long = format!("{}.example", "x".repeat(64));
    for bad in [
        "",
        "*.example.com",
        "*",
        "Example.com",
        "example.com.",
        ".example.com",
        "a..b",
        "-a.example",
        "a-.example",
        "example.com:443",
        "example.com:0",
        "example.com:080",
        "example.com:65536",
        "example.com:",
        "a:b:1",
        "https://example.com",
        "example.com/",
        "user@example.com",
        "ex ample.com",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "1.2.3.4.5",
        "[::1]",
        "::1",
        "\u{00e9}.example",
        "exam_ple.com",
        "example.com\n",
        &long,
    ] {
        assert_eq!(refused(|http| http.hosts = vec![bad.into()]), "http.hosts", "{bad:?}");
    }
    assert_eq!(refused(|http| http.hosts = Vec::new()), "http.hosts");
    assert_eq!(refused(|http| http.hosts = vec!["a.example".into(); 65]), "http.hosts");
}

#[test]
fn i04_i06_methods_paths_headers_and_templates_keep_their_rules() {
    for bad in ["", "get", "GE T", "G\r\nET", &"G".repeat(33)] {
        assert_eq!(refused(|http| http.methods = vec![bad.into()]), "http.methods", "{bad:?}");
    }
    for bad in ["", "v1", "/a/../b", "/./a", "/..", "/a%2fb", "/a\\b", "/a?b", "/a#b", "/a b", "/\u{e9}"] {
        assert_eq!(refused(|http| http.paths = vec![bad.into()]), "http.paths", "{bad:?}");
    }
    for bad in ["", "Authorization", "host", "content-length", "transfer-encoding", "a b", "a:", "a\r\nb"] {
        assert_eq!(refused(|http| http.header = bad.into()), "http.header", "{bad:?}");
    }
    for bad in ["", "Bearer", "{}{}", "{0}", "{", "{}}", " {}", "Bearer {} ", "a\r\nb: {}", "\u{e9}{}"] {
        assert_eq!(refused(|http| http.template = bad.into()), "http.template", "{bad:?}");
    }
}

#[test]
fn i06_i14_a_value_that_could_end_a_header_line_is_not_admitted_where_it_goes_into_one() {
    let (plain, http) = (Terms::of(alice()), Terms::of(alice()).http(http()));
    for bad in [
        &b"12345678\r\nb"[..],
        b"12345678\nb",
        b"1234567\0b",
        b" 12345678",
        b"12345678 ",
        b"1234567\xff",
        b"1234567\x7f",
        b"1234567",
    ] {
        assert!(matches!(http.admit(&secret(bad)), Err(Error::Invalid { at: "value", .. })), "{bad:?}");
        assert_eq!(plain.admit(&secret(bad)), Ok(()));
    }
    assert_eq!(http.admit(&secret(b"sk-proj 1")), Ok(()));
}

#[test]
fn r25_terms_with_an_unknown_member_or_form_are_not_read() {
    let good = Terms::of(alice()).http(http()).write().unwrap();
    for (from, to) in [
        (r#""v":1"#, r#""v":2"#),
        (r#""v":1"#, r#""v":1,"x":1"#),
        (r#""kind":"user""#, r#""kind":"user","x":1"#),
        (r#""kind":"user""#, r#""kind":"root""#),
        (r#""header""#, r#""headers""#),
        (r#""header""#, r#""methods":[],"header""#),
        ("api.openai.com", "*.openai.com"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good);
        let read = Terms::read(&changed);
        // An empty list that is written is as good as one that is not, in bytes that somebody else sealed.
        if to.contains("methods") {
            assert!(read.is_ok());
        } else {
            assert_eq!(read, Err(Error::Undecryptable), "{changed}");
        }
    }
}
