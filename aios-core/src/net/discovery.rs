//! From an issuer to the bytes of its key set.

use serde::Deserialize;

use super::door::{Line, Purpose};
use super::fetch::{self, Fetched};
use super::{Error, From, Origin};

/// The issuer's key set as its server sends it, in the time that all of it may take; or that it is still what had the tag.
pub(super) async fn download(line: &Line, origin: &Origin, tag: Option<&str>) -> Result<Fetched, Error> {
    tokio::time::timeout(line.cost().total, key_set(line, origin, tag)).await.map_err(|_| Error::Timeout)?
}

async fn key_set(line: &Line, origin: &Origin, tag: Option<&str>) -> Result<Fetched, Error> {
    match &origin.from {
        From::Discovery => {
            let document = document(line, origin).await?;
            let url = keys_url(&document, &origin.iss)?;
            fetch::get(&line.lead(Purpose::Keys, &url)?, &url, tag).await
        }
        // At hand: there is nothing to fetch.
        From::Set(_) | From::Shared(_) => Err(Error::Discovery),
        From::Url(url) => fetch::get(line, url, tag).await,
    }
}

/// The discovery document: `OpenID` Connect's, or where there is none RFC 8414's.
async fn document(line: &Line, origin: &Origin) -> Result<Vec<u8>, Error> {
    let mut answer = fetch::get(line, &document_url(&origin.iss), None).await;
    if let (Err(Error::Status(404)), Some(url)) = (&answer, metadata_url(&origin.iss)) {
        answer = fetch::get(line, &url, None).await;
    }
    answer?.body.ok_or(Error::Discovery)
}

/// Exactly one slash before `.well-known` (`OpenID` Connect Discovery 1.0 section 4).
fn document_url(iss: &str) -> String {
    format!("{}/.well-known/openid-configuration", iss.strip_suffix('/').unwrap_or(iss))
}

/// Between the host and the path (RFC 8414 section 3.1).
fn metadata_url(iss: &str) -> Option<String> {
    let url = url::Url::parse(iss).ok()?;
    let path = url.path().strip_suffix('/').unwrap_or(url.path());
    let origin = url.origin().ascii_serialization();
    Some(format!("{origin}/.well-known/oauth-authorization-server{path}"))
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}

fn keys_url(document: &[u8], iss: &str) -> Result<String, Error> {
    let document: Document = serde_json::from_slice(document).map_err(|_| Error::Discovery)?;
    // Otherwise whoever serves this path could speak for another issuer.
    if document.issuer == iss { Ok(document.jwks_uri) } else { Err(Error::IssuerMismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_is_one_slash_away() {
        for iss in ["https://idp.example.com/a", "https://idp.example.com/a/"] {
            assert_eq!(document_url(iss), "https://idp.example.com/a/.well-known/openid-configuration");
        }
    }

    #[test]
    fn metadata_stands_between_host_and_path() {
        for (iss, url) in [
            (
                "https://idp.example.com/a/b/",
                "https://idp.example.com/.well-known/oauth-authorization-server/a/b",
            ),
            (
                "https://idp.example.com:8443",
                "https://idp.example.com:8443/.well-known/oauth-authorization-server",
            ),
        ] {
            assert_eq!(metadata_url(iss).unwrap(), url);
        }
    }

    #[test]
    fn document_must_name_the_issuer_exactly() {
        let document = br#"{"issuer": "https://a/", "jwks_uri": "https://a/keys"}"#;
        assert_eq!(keys_url(document, "https://a/").unwrap(), "https://a/keys");
        assert_eq!(keys_url(document, "https://a").unwrap_err(), Error::IssuerMismatch);
        assert_eq!(keys_url(b"{}", "https://a").unwrap_err(), Error::Discovery);
        assert_eq!(keys_url(br#"{"issuer": "https://a"}"#, "https://a").unwrap_err(), Error::Discovery);
    }
}
