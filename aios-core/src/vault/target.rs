//! Where a request goes, read strictly: before anybody is asked whether a secret may go along, and again when it goes.

use url::Url;

use super::Error;

const LONGEST_URL: usize = 8 * 1024;

/// A method and a URL that every reader reads alike.
#[derive(Debug, Clone)]
pub struct Target {
    pub(super) method: String,
    pub(super) url: Url,
    /// As terms write it; none for what they cannot write.
    pub(super) host: Option<String>,
}

impl Target {
    /// Reads a method, and a URL that says what would be sent.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn parse(method: &str, url: &str) -> Result<Self, Error> {
        let url = read(url)?;
        let is_method = (1..=32).contains(&method.len())
            && method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        demand(is_method && method != "CONNECT", "method", "a method in upper case, not CONNECT")?;
        let host = listed_as(&url);
        Ok(Self { method: method.to_owned(), url, host })
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The host that will be connected to, as terms write it: with its port, where that is not 443.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host.as_deref().unwrap_or_default()
    }

    /// The path, without query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }
}

/// A URL that every reader reads alike: what it says is what would be sent.
fn read(text: &str) -> Result<Url, Error> {
    let rule = "https://host[:port]/path[?query], written as it is sent: no user, fragment, dot parts, backslash or escaped slash";
    let good = |good| demand(good, "url", rule);
    good(text.len() <= LONGEST_URL && text.bytes().all(|byte| matches!(byte, b'!'..=b'~') && byte != b'\\'))?;
    let mut url = Url::parse(text).map_err(|_| Error::Invalid { at: "url", rule })?;
    good(url.username().is_empty() && url.password().is_none() && url.fragment().is_none())?;
    let behind = text.split_once("://").map_or("", |(_, rest)| rest);
    let authority = behind.find(['/', '?']).map_or(behind.len(), |end| end);
    let written = behind.get(authority..).unwrap_or_default();
    let path = written.split('?').next().filter(|path| !path.is_empty()).unwrap_or("/");
    let lower = path.to_ascii_lowercase();
    let is_hidden = ["%2e", "%2f", "%5c", "%00"].iter().any(|part| lower.contains(part));
    good(path == url.path() && !is_hidden && !behind.get(..authority).unwrap_or_default().contains('@'))?;
    if let Some(name) = url.domain().and_then(|name| name.strip_suffix('.')).map(str::to_owned) {
        url.set_host(Some(&name)).map_err(|_| Error::Invalid { at: "url", rule })?;
    }
    Ok(url)
}

/// How terms write a URL's host: with its port, where it is not 443. None for what they cannot write.
fn listed_as(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    match url.port_or_known_default()? {
        443 => Some(host.to_owned()),
        port => Some(format!("{host}:{port}")),
    }
}

fn demand(good: bool, at: &'static str, rule: &'static str) -> Result<(), Error> {
    if good { Ok(()) } else { Err(Error::Invalid { at, rule }) }
}
