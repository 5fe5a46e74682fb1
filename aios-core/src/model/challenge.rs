//! What a web front end answers whoever did not show that a token is theirs.

use super::{Code, Refusal};

/// Algorithms that proofs may be signed with, by the names that clients are told.
pub const PROOF_ALGORITHMS: &[&str] = &["ES256", "EdDSA", "PS256", "RS256", "ES384"];

impl Refusal {
    /// The header `WWW-Authenticate` for a refusal that is about a proof (RFC 9449 section 7.1, RFC 8705 section 3); of
    /// any other refusal none.
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        let error = match (self.code(), self.detail().at.as_deref()) {
            (Code::TokenPopInvalid | Code::TokenPopRequired, Some("certificate")) => {
                return Some(r#"Bearer error="invalid_token""#.to_owned());
            }
            (Code::TokenPopInvalid | Code::TokenPopReplayed, _) => "invalid_dpop_proof",
            (Code::TokenPopNonce, _) => "use_dpop_nonce",
            (Code::TokenPopRequired, _) => "invalid_token",
            _ => return None,
        };
        Some(format!(r#"DPoP error="{error}", algs="{}""#, PROOF_ALGORITHMS.join(" ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_about_proofs_say_how_to_come_again() {
        let of = |code, at: Option<&str>| {
            let refusal = Refusal::new(code);
            at.map_or(refusal.clone(), |at| refusal.at(at)).challenge().unwrap_or_default()
        };
        let algs = r#", algs="ES256 EdDSA PS256 RS256 ES384""#;
        for (code, at, expected) in [
            (Code::TokenPopInvalid, Some("dpop.htu"), format!(r#"DPoP error="invalid_dpop_proof"{algs}"#)),
            (Code::TokenPopReplayed, None, format!(r#"DPoP error="invalid_dpop_proof"{algs}"#)),
            (Code::TokenPopNonce, None, format!(r#"DPoP error="use_dpop_nonce"{algs}"#)),
            (Code::TokenPopRequired, Some("dpop"), format!(r#"DPoP error="invalid_token"{algs}"#)),
            (Code::TokenPopRequired, Some("certificate"), r#"Bearer error="invalid_token""#.to_owned()),
            (Code::TokenPopInvalid, Some("certificate"), r#"Bearer error="invalid_token""#.to_owned()),
            (Code::TokenExpired, None, String::new()),
        ] {
            assert_eq!(of(code, at), expected, "{code}");
        }
    }
}
