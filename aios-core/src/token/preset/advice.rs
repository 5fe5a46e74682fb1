//! What to do about a refusal, where users of a provider usually meet it.

use super::Preset;
use crate::token::Error;

pub(super) fn of(preset: Preset, error: &Error) -> Option<String> {
    if let (Preset::Keycloak, Error::WrongAudience { expected, actual }) = (preset, error) {
        let ours = expected.split(' ').next().unwrap_or_default();
        return Some(format!(
            "aud is [{actual}]; add an audience mapper for '{ours}' to the client in Keycloak"
        ));
    }
    fixed(preset, error).map(str::to_owned)
}

fn fixed(preset: Preset, error: &Error) -> Option<&'static str> {
    let text = match (preset, error) {
        (Preset::Auth0, Error::EncryptedUnsupported) => "turn off token encryption of this API in Auth0",
        (Preset::Auth0, Error::Malformed) => {
            "an Auth0 token is opaque unless the client asks for an `audience`; send the API's identifier as `audience`"
        }
        (Preset::Auth0, Error::UnknownIssuer { .. }) => {
            "Auth0's `iss` ends with a slash, and a custom domain changes it"
        }
        (Preset::Entra, Error::BadSignature) => {
            "a token for Microsoft Graph (a `nonce` in its header) can only be verified by Graph; ask for a token of this API"
        }
        (Preset::Entra, Error::UnknownIssuer { actual })
            if actual.starts_with("https://sts.windows.net/") =>
        {
            "this is a token of version 1; set `requestedAccessTokenVersion` to 2 in the API's manifest, or leave out `iss`"
        }
        (Preset::Entra, Error::WrongAudience { .. }) => {
            "version 1 names the API's App ID URI, version 2 its client id; list the one you get in `audience`"
        }
        (Preset::Google, Error::Malformed) => {
            "Google's access tokens (`ya29.…`) are opaque; send the ID token"
        }
        (Preset::Google, Error::WrongAudience { .. }) => {
            "an ID token names the client that asked for it; list its id in `audience`"
        }
        (Preset::Keycloak, Error::ClaimMissing { claim }) if claim == "aud" => {
            "add an audience mapper to the client in Keycloak; a lightweight access token has no `aud`"
        }
        (Preset::Keycloak, Error::ClaimMissing { claim }) if claim == "sub" => {
            "add the client scope `basic` in Keycloak, which carries `sub`"
        }
        (Preset::Keycloak, Error::WrongType { .. }) => {
            "send the access token, not the ID or the refresh token"
        }
        (Preset::Okta, Error::Malformed) => {
            "access tokens of Okta's org authorization server are opaque; use a custom one (`/oauth2/default`)"
        }
        (Preset::Okta, Error::WrongAudience { .. }) => {
            "list the authorization server's audience (`api://default`) in `audience`"
        }
        (Preset::Openiddict, Error::EncryptedUnsupported) => {
            "call `DisableAccessTokenEncryption()` in the OpenIddict server's options"
        }
        _ => return None,
    };
    Some(text)
}
