//! From an issuer to the bytes of its key set.

use serde::Deserialize;

use super::http::Http;
use super::{Error, From, Origin};

/// The issuer's key set as its server sends it, in the time that all of it may take.
pub(super) async fn download(http: &Http, origin: &Origin) -> Result<Vec<u8>, Error> {
    tokio::time::timeout(http.limits().total, key_set(http, origin)).await.map_err(|_| Error::Timeout)?
}

async fn key_set(http: &Http, origin: &Origin) -> Result<Vec<u8>, Error> {
    match &origin.from {
        From::Discovery => {
            let document = http.get(origin.reach(), &document_url(&origin.iss)).await?;
            http.get(origin.reach(), &keys_url(&document, &origin.iss)?).await
        }
        From::Set(bytes) => Ok(bytes.clone()),
        From::Url(url) => http.get(origin.reach(), url).await,
    }
}

/// Exactly one slash before `.well-known` (`OpenID` Connect Discovery 1.0 section 4).
fn document_url(iss: &str) -> String {
    format!("{}/.well-known/openid-configuration", iss.strip_suffix('/').unwrap_or(iss))
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
    fn document_must_name_the_issuer_exactly() {
        let document = br#"{"issuer": "https://a/", "jwks_uri": "https://a/keys"}"#;
        assert_eq!(keys_url(document, "https://a/").unwrap(), "https://a/keys");
        assert_eq!(keys_url(document, "https://a").unwrap_err(), Error::IssuerMismatch);
        assert_eq!(keys_url(b"{}", "https://a").unwrap_err(), Error::Discovery);
        assert_eq!(keys_url(br#"{"issuer": "https://a"}"#, "https://a").unwrap_err(), Error::Discovery);
    }
}
