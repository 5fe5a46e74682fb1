//! `[net]`: authorities and a proxy.

use super::*;
use crate::net::Trust;

/// A certificate that can vouch for others.
pub(super) fn authority() -> String {
    static MADE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let make = || {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
    };
    MADE.get_or_init(make).clone()
}

#[test]
fn authorities_are_added_to_the_systems_unless_they_are_the_only_ones() {
    let folder = Folder::new();
    folder.write("ca.pem", &authority());
    let pem = authority().into_bytes();
    assert_eq!(folder.settings(&minimal()).outbound.trust, Trust::Platform);
    for (net, expected) in [
        (json!({"ca_file": "ca.pem"}), Trust::PlatformAnd(pem.clone())),
        (json!({"ca_file": "ca.pem", "ca": "only"}), Trust::Only(pem)),
    ] {
        assert_eq!(folder.settings(&with("/net", net)).outbound.trust, expected);
    }
}

#[test]
fn authorities_are_part_of_the_digest() {
    let folder = Folder::new();
    let document = with("/net", json!({"ca_file": "ca.pem"}));
    folder.write("ca.pem", &authority());
    let digest = folder.settings(&document).digest;
    folder.write("ca.pem", &format!("{}{}", authority(), authority()));
    assert_ne!(folder.settings(&document).digest, digest);
}

#[test]
fn mistakes_about_authorities_and_proxies_are_told() {
    let folder = Folder::new();
    folder.write("empty", "");
    folder.write("not-text", "x");
    std::fs::write(folder.0.join("not-text"), [0xff]).unwrap();
    let proxy = |more: Value| {
        let mut proxy = json!({"url": "http://proxy:3128"});
        proxy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"proxy": proxy})
    };
    for (net, expected) in [
        (json!({"ca": "only"}), "net.ca: needs `ca_file`"),
        (json!({"ca_file": "none.pem"}), "none.pem cannot be read"),
        (json!({"ca_file": "empty"}), "net.ca_file: holds no certificates"),
        (json!({"ca_file": "root.keys"}), "net.ca_file: holds no certificates"),
        (proxy(json!({"url": "socks5://proxy"})), "net.proxy.url: must begin with http://"),
        (proxy(json!({"url": "http://a:s3cret@proxy"})), "net.proxy.url: may have neither user"),
        (proxy(json!({"user": "a"})), "net.proxy: must say both"),
        (proxy(json!({"password": {"file": "root.keys"}})), "net.proxy: must say both"),
        (proxy(json!({"user": "a:b", "password": {"file": "root.keys"}})), "net.proxy: must say both"),
        (proxy(json!({"user": "a", "password": {"file": "empty"}})), "net.proxy.password: is missing"),
        (proxy(json!({"user": "a", "password": {"file": "not-text"}})), "net.proxy.password: is missing"),
        (proxy(json!({"user": "a", "password": {"file": "none"}})), "none cannot be read"),
        (proxy(json!({"except": ["https://a/"]})), "net.proxy.except[0]: is not a host"),
    ] {
        let mistakes = folder.mistakes(&with("/net", net));
        assert!(mistakes.len() == 1 && mistakes[0].contains(expected), "{expected}: {mistakes:?}");
        assert!(!mistakes[0].contains("s3cret"));
    }
}

#[test]
fn hosts_at_private_addresses_that_secrets_go_to_are_listed_each_with_its_port() {
    let folder = Folder::new();
    let vault =
        folder.settings(&with("/vault", json!({"private_hosts": ["10.0.0.5:8443", "llm.corp:443"]}))).vault;
    for (host, port, is_listed) in [
        ("10.0.0.5", 8443, true),
        ("llm.corp", 443, true),
        ("10.0.0.5", 443, false),
        ("10.0.0.6", 8443, false),
    ] {
        assert_eq!(vault.is_private_host(host, port), is_listed, "{host}:{port}");
    }
    for text in [
        "10.0.0.5",
        "10.0.0.5:0",
        "10.0.0.5:65536",
        ":443",
        "LLM.corp:443",
        "10.5:443",
        "a b:1",
        "https://a:1",
    ] {
        let mistakes = folder.mistakes(&with("/vault", json!({"private_hosts": [text]})));
        assert!(
            mistakes.len() == 1 && mistakes[0].starts_with("vault.private_hosts[0]"),
            "{text}: {mistakes:?}"
        );
    }
}
