//! What a proof names as the request's target, spelled in one way (RFC 3986 sections 6.2.2 and 6.2.3).

/// Where a deployment is reached: scheme, host, port, and the path below which all of it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Target);

/// A URL without query and fragment, in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// `scheme://host` or `scheme://host:port`.
    origin: String,
    /// Begins with `/`.
    path: String,
}

/// No proxy passes longer ones (RFC 9110 section 4.1 asks for 8000).
const LONGEST: usize = 8192;

impl PublicUrl {
    /// None where it is no URL of http or https, or has a query, a fragment, a user or a password.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_bare = !text.contains(['?', '#']);
        Target::parse(text).filter(|_| is_bare).map(Self)
    }

    /// The target of a request, where it lies below.
    ///
    /// A path alone is taken to be at this URL: so a host need not build a URL from a header `Host`, which is the
    /// sender's to choose.
    pub(super) fn target(&self, url: &str) -> Option<Target> {
        let target = if url.starts_with('/') && url.len() <= LONGEST {
            Target { origin: self.0.origin.clone(), path: path(without_query(url))? }
        } else {
            Target::parse(url)?
        };
        let base = self.0.path.trim_end_matches('/');
        let is_below = match target.path.strip_prefix(base) {
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => false,
        };
        (is_below && target.origin == self.0.origin).then_some(target)
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}{}", self.0.origin, self.0.path)
    }
}

impl Target {
    /// None where it is no URL of http or https, or has a user or a password.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let (scheme, rest) = without_query(text).split_once("://")?;
        let default_port = match scheme.to_ascii_lowercase().as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let (authority, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = authority_parts(authority)?;
        let mut origin = format!("{}://{host}", scheme.to_ascii_lowercase());
        if let Some(port) = port.filter(|port| *port != default_port) {
            origin = format!("{origin}:{port}");
        }
        Some(Self { origin, path: path(if rest.is_empty() { "/" } else { rest })? })
    }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// Host in lower case, and port. A user or a password has an `@`, which no host has.
fn authority_parts(authority: &str) -> Option<(String, Option<u16>)> {
    let end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match authority.get(end..)?.rfind(':') {
        Some(colon) => (authority.get(..end + colon)?, authority.get(end + colon + 1..)?),
        None => (authority, ""),
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(literal) => literal.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte)),
        None => !host.is_empty() && host.bytes().all(is_name),
    };
    if !is_host || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let port = if port.is_empty() { None } else { Some(port.parse().ok()?) };
    Some((host.to_ascii_lowercase(), port))
}

/// A path that begins with `/`: escapes in one spelling, then dots resolved.
fn path(raw: &str) -> Option<String> {
    let plain = unescaped(raw)?;
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = plain.split('/').skip(1).collect();
    for segment in &segments {
        match *segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    // A path that ends in dots is that of a folder.
    if segments.last().is_some_and(|last| matches!(*last, "." | "..")) {
        kept.push("");
    }
    Some(format!("/{}", kept.join("/")))
}

/// What need not be escaped is not, and all else is in capitals. None for what stands in no URL.
fn unescaped(raw: &str) -> Option<String> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            out.push(Some(character).filter(|character| is_path_character(*character))?);
            continue;
        }
        let (high, low) = (rest.next()?.to_digit(16)?, rest.next()?.to_digit(16)?);
        let byte = u8::try_from(high * 16 + low).ok()?;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            const HEX: [char; 16] =
                ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
            let digit = |half: u8| HEX.get(usize::from(half)).copied();
            out.extend(['%', digit(byte >> 4)?, digit(byte & 15)?]);
        }
    }
    Some(out)
}

fn is_path_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_target_has_one_spelling() {
        for (one, other, is_same) in [
            ("https://api.test/a", "https://api.test/a", true),
            ("https://api.test/a", "HTTPS://API.test:443/a?x=/y#z", true),
            ("https://api.test", "https://api.test:/?", true),
            ("http://api.test:80/", "http://api.test", true),
            ("https://api.test/a%7eb", "https://api.test/a~b", true),
            ("https://api.test/%c3%a4", "https://api.test/%C3%A4", true),
            ("https://api.test/a/./b/../c", "https://api.test/a/c", true),
            ("https://api.test/a/%2e%2E/c", "https://api.test/c", true),
            ("https://api.test/a/..", "https://api.test/", true),
            ("https://[::1]:443/a", "https://[::1]/a", true),
            ("https://[2001:DB8::1]/a", "https://[2001:db8::1]/a", true),
            ("https://api.test/a", "http://api.test/a", false),
            ("https://api.test/a", "https://api.test:8443/a", false),
            ("https://api.test/a", "https://api.test/A", false),
            ("https://api.test/a", "https://api.test/a/", false),
            ("https://api.test/a", "https://api.test//a", false),
            ("https://api.test/a%2fb", "https://api.test/a/b", false),
        ] {
            let (one_target, other_target) = (Target::parse(one).unwrap(), Target::parse(other).unwrap());
            assert_eq!(one_target == other_target, is_same, "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_target_is_none() {
        for text in [
            "",
            "/a",
            "api.test/a",
            "ftp://api.test/a",
            "https://",
            "https:///a",
            "https://me@api.test/a",
            "https://me:it@api.test/a",
            "https://api.test:x/a",
            "https://api.test:65536/a",
            "https://api.test:+1/a",
            "https://api_test\\evil/a",
            "https://api.test/a\\b",
            "https://api.test/a b",
            "https://api.test/a\nb",
            "https://api.test/%zz",
            "https://api.test/%+1",
            "https://api.test/%2",
            "https://api.test/ä",
            "https://[::1/a",
            "https://[api]/a",
            &format!("https://api.test/{}", "x".repeat(8192)),
        ] {
            assert_eq!(Target::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn requests_lie_below_the_public_url_or_are_none() {
        let below =
            |base: &str, url: &str| PublicUrl::parse(base).unwrap().target(url).map(|target| target.path);
        for (base, url, path) in [
            ("https://api.test", "https://api.test/a?b", Some("/a")),
            ("https://api.test", "/a?b", Some("/a")),
            ("https://api.test", "/", Some("/")),
            ("https://api.test", "//evil.test/a", Some("//evil.test/a")),
            ("https://api.test/v1/", "https://api.test/v1", Some("/v1")),
            ("https://api.test/v1", "https://api.test/v1/a", Some("/v1/a")),
            ("https://api.test/v1", "/v1/a/../b", Some("/v1/b")),
            ("https://api.test/v1", "/v1/../b", None),
            ("https://api.test/v1", "/v1%2f..%2fb", None),
            ("https://api.test/v1", "https://api.test/v10", None),
            ("https://api.test/v1", "/", None),
            ("https://api.test", "https://evil.test/a", None),
            ("https://api.test", "http://api.test/a", None),
            ("https://api.test", "https://api.test.evil/a", None),
            ("https://api.test", "a", None),
        ] {
            assert_eq!(below(base, url).as_deref(), path, "{base} {url}");
        }
        for base in ["https://api.test/?x", "https://api.test/#x", "https://me@api.test", "api.test", "/"] {
            assert_eq!(PublicUrl::parse(base), None, "{base}");
        }
        assert_eq!(PublicUrl::parse("https://API.test:443").unwrap().to_string(), "https://api.test/");
    }
}
