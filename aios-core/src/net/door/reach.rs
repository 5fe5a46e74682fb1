//! What may be asked: https, at public addresses, unless the configuration says more.
//!
//! A name is checked by what it resolves to at the time of the connection, so that no second look-up can differ.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::net::Error;

/// What may be asked besides public addresses by https.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    /// Private addresses too (RFC 1918, RFC 6598, RFC 4193).
    pub private: bool,
    /// This machine's loopback too, and there without TLS.
    pub loopback: bool,
}

/// How far away an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone {
    Loopback,
    /// Link-local, multicast, reserved, documentation, tunnels: no key server is there.
    Nowhere,
    Private,
    Public,
}

impl Reach {
    /// Parses a URL and holds it to the rules that need no address.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn scheme(self, text: &str) -> Result<Url, Error> {
        let url = Url::parse(text).map_err(|_| Error::Url("not a URL"))?;
        let host = url.host().ok_or(Error::Url("names no host"))?;
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(Error::Url("may have neither user, password nor fragment"));
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.loopback && is_loopback(&host) => Ok(url),
            "http" if is_loopback(&host) => {
                Err(Error::Url("must begin with https://, or set [development] plaintext_loopback"))
            }
            _ => Err(Error::Url("must begin with https://")),
        }
    }

    /// Parses a URL that may be fetched. A host given by name is checked once more when it is resolved.
    ///
    /// # Errors
    /// [`Error::Url`] or [`Error::AddressNotAllowed`].
    pub fn url(self, text: &str) -> Result<Url, Error> {
        let url = self.scheme(text)?;
        let allowed = match url.host() {
            Some(Host::Ipv4(ip)) => self.allows(ip.into()),
            Some(Host::Ipv6(ip)) => self.allows(ip.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        if allowed { Ok(url) } else { Err(Error::AddressNotAllowed) }
    }

    fn allows(self, ip: IpAddr) -> bool {
        match zone(ip) {
            Zone::Loopback => self.loopback,
            Zone::Nowhere => false,
            Zone::Private => self.private,
            Zone::Public => true,
        }
    }

    fn allows_for(self, host: &str, ip: IpAddr) -> bool {
        // `localhost` may be asked without TLS, so it must be what it says.
        self.allows(ip) && (host != LOCALHOST || zone(ip) == Zone::Loopback)
    }
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = *self;
        Box::pin(async move {
            let found: Vec<SocketAddr> = look_up(&name).await?.collect();
            // All of them: a host with one foot in a private network is not a public host.
            if !found.iter().all(|address| reach.allows_for(name.as_str(), address.ip())) {
                return Err(Error::AddressNotAllowed.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// What a name resolves to.
pub(super) async fn look_up(name: &Name) -> Result<Addrs, Box<dyn std::error::Error + Send + Sync>> {
    let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| Error::NameNotFound)?;
    Ok(Box::new(found.collect::<Vec<_>>().into_iter()))
}

pub(super) const LOCALHOST: &str = "localhost";

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == LOCALHOST,
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

fn zone(ip: IpAddr) -> Zone {
    match ip {
        IpAddr::V4(ip) => zone_v4(ip),
        IpAddr::V6(ip) => zone_v6(ip),
    }
}

fn zone_v4(ip: Ipv4Addr) -> Zone {
    match ip.octets() {
        [127, ..] => Zone::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Zone::Private,
        [0 | 224..=255, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Zone::Nowhere,
        _ => Zone::Public,
    }
}

fn zone_v6(ip: Ipv6Addr) -> Zone {
    if let Some(inner) = ip.to_ipv4_mapped() {
        return zone_v4(inner);
    }
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Zone::Loopback,
        // NAT64: the IPv4 address is the real one.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            zone_v4(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)))
        }
        [0xfc00..=0xfdff, ..] => Zone::Private,
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => Zone::Nowhere,
        [0x2000..=0x3fff, ..] => Zone::Public,
        _ => Zone::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Reach = Reach { private: false, loopback: false };

    #[test]
    fn addresses_are_told_apart() {
        for (text, expected) in [
            ("8.8.8.8", Zone::Public),
            ("2606:4700::1111", Zone::Public),
            ("64:ff9b::808:808", Zone::Public),
            ("127.0.0.1", Zone::Loopback),
            ("127.9.9.9", Zone::Loopback),
            ("::1", Zone::Loopback),
            ("::ffff:127.0.0.1", Zone::Loopback),
            ("10.1.2.3", Zone::Private),
            ("172.31.0.1", Zone::Private),
            ("172.32.0.1", Zone::Public),
            ("192.168.0.1", Zone::Private),
            ("100.64.0.1", Zone::Private),
            ("fd00::1", Zone::Private),
            ("64:ff9b::a00:1", Zone::Private),
            ("::ffff:10.0.0.1", Zone::Private),
            ("169.254.169.254", Zone::Nowhere),
            ("::ffff:169.254.169.254", Zone::Nowhere),
            ("fe80::1", Zone::Nowhere),
            ("0.0.0.0", Zone::Nowhere),
            ("::", Zone::Nowhere),
            ("224.0.0.1", Zone::Nowhere),
            ("ff02::1", Zone::Nowhere),
            ("255.255.255.255", Zone::Nowhere),
            ("198.18.0.1", Zone::Nowhere),
            ("2001:db8::1", Zone::Nowhere),
            ("2001::1", Zone::Nowhere),
            ("2002:7f00:1::", Zone::Nowhere),
        ] {
            assert_eq!(zone(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn urls_that_leave_the_reach_are_refused() {
        let loopback = Reach { loopback: true, ..STRICT };
        let private = Reach { private: true, ..STRICT };
        for (reach, text, good) in [
            (STRICT, "https://idp.example.com/keys", true),
            (STRICT, "http://idp.example.com/keys", false),
            (loopback, "http://idp.example.com/keys", false),
            (STRICT, "http://127.0.0.1/", false),
            (loopback, "http://127.0.0.1:8080/", true),
            (loopback, "http://[::1]:8080/", true),
            (loopback, "http://localhost/", true),
            (loopback, "http://localhost.example.com/", false),
            (private, "http://10.0.0.1/", false),
            (private, "https://10.0.0.1/", true),
            (private, "https://169.254.169.254/", false),
            (private, "https://127.0.0.1/", false),
            (STRICT, "https://10.0.0.1/", false),
            (STRICT, "https://0x7f.1/", false),
            (STRICT, "https://2130706433/", false),
            (STRICT, "https://[::ffff:127.0.0.1]/", false),
            (STRICT, "https://user@idp.example.com/", false),
            (STRICT, "https://idp.example.com/#keys", false),
            (loopback, "file:///etc/passwd", false),
            (STRICT, "ftp://idp.example.com/", false),
            (STRICT, "keys", false),
        ] {
            assert_eq!(reach.url(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn localhost_must_be_on_this_machine() {
        let wide = Reach { private: true, loopback: true };
        assert!(wide.allows_for("localhost", Ipv4Addr::LOCALHOST.into()));
        assert!(!wide.allows_for("localhost", Ipv4Addr::new(10, 0, 0, 1).into()));
        assert!(!wide.allows_for("localhost", Ipv4Addr::new(8, 8, 8, 8).into()));
        assert!(wide.allows_for("idp", Ipv4Addr::new(10, 0, 0, 1).into()));
    }
}
