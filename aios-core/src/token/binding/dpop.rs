//! A proof that the sender of one request holds the key that the token is bound to (RFC 9449 section 4.3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::target::{PublicUrl, Target};
use super::{Nonces, ProofRules, Spend};
use crate::crypto::signature::VerifyingKey;
use crate::crypto::{Digest, equal, frame, sha256};
use crate::model::{Credential, PROOF_ALGORITHMS, Timestamp};
use crate::token::claims::{self, Claims};
use crate::token::compact::Compact;
use crate::token::error::shown;
use crate::token::header::Header;
use crate::token::json::{self, Json, Members};
use crate::token::{Error, Limits, keys};

/// What a proof has to be for.
#[derive(Debug)]
pub(super) struct Request<'c> {
    token: &'c str,
    method: &'c str,
    target: Target,
    url: &'c PublicUrl,
}

impl<'c> Request<'c> {
    /// # Errors
    /// [`Error::PopInvalid`] where the host says nothing of the request, or of one elsewhere.
    pub(super) fn of(credential: &'c Credential, rules: &'c ProofRules) -> Result<Self, Error> {
        let url = rules.public_url.as_ref();
        let url = url.ok_or_else(|| Error::pop_invalid("public_url", "to be set in the configuration"))?;
        let request = match credential {
            Credential::Bearer(_) => None,
            Credential::Bound(bound) => bound.request.as_ref(),
        };
        let request = request.ok_or_else(|| Error::pop_invalid("request", "the request's method and URL"))?;
        if request.method.is_empty() {
            return Err(Error::pop_invalid("request.method", "the method of the request"));
        }
        let target = url.target(&request.url);
        let target = target
            .ok_or_else(|| Error::pop_invalid("request.url", format!("a URL below {url}, or its path")))?;
        Ok(Self { token: credential.token(), method: &request.method, target, url })
    }
}

/// Gives what has to be spent, so that the proof is not used again.
///
/// # Errors
/// [`Error::PopInvalid`] with what is wrong; [`Error::PopNonce`] where nothing else is.
pub(super) fn verify(
    proof: &str,
    request: &Request<'_>,
    (key, rules): (&Digest, &ProofRules),
    nonces: Option<&Nonces<'_>>,
    now: Timestamp,
) -> Result<Spend, Error> {
    let parts = Compact::split(proof, &LIMITS).map_err(|_| malformed())?;
    let signature = parts.signature().map_err(|_| malformed())?;
    let (verifying, thumbprint) = signer(&parts.header)?;
    let members = claims::read(&parts.payload).map_err(|_| malformed())?;
    let says = Claims::of(&members);
    verifying
        .verify(parts.signed.as_bytes(), &signature)
        .map_err(|_| Error::pop_invalid("dpop", "a signature by the key in its header"))?;
    is_for(request, &says)?;
    let until = is_recent(&says, rules, now)?;
    if !equal(&thumbprint, key) {
        return Err(Error::pop_invalid("dpop.jwk", "the key that the token is bound to"));
    }
    let id =
        says.required_identifier("jti").map_err(|_| Error::pop_invalid("dpop.jti", "an id of this proof"))?;
    if let Some(nonces) = nonces {
        let nonce = says.text("nonce").ok().flatten().unwrap_or_default();
        if !nonces.hold(nonce) {
            return Err(Error::PopNonce { nonce: nonces.fresh() });
        }
    }
    Ok(Spend { id: sha256(&[&frame(&[b"aios dpop proof v1", key, id.as_bytes()])]), until })
}

/// The key that a proof's header carries, and its thumbprint.
fn signer(header: &[u8]) -> Result<(VerifyingKey, Digest), Error> {
    let read = Header::read(header, &LIMITS).map_err(|error| {
        if let Error::AlgNotAllowed { actual } = error { wrong_algorithm(actual) } else { malformed() }
    })?;
    if read.typ.as_deref() != Some(TYP) {
        let actual = read.typ.as_deref().map(shown);
        return Err(Error::PopInvalid { at: "dpop.typ", expected: TYP.to_owned(), actual });
    }
    if !PROOF_ALGORITHMS.contains(&read.algorithm.name()) {
        return Err(wrong_algorithm(read.algorithm.name().to_owned()));
    }
    let members = json::read_object(header, json::TOKEN).map_err(|_| malformed())?;
    let unusable =
        |why: &str| Error::pop_invalid("dpop.jwk", format!("a public key of the algorithm: {why}"));
    let jwk = members.find("jwk").ok_or_else(|| unusable("there is none"))?;
    let imported = keys::import(jwk, &[read.algorithm]).map_err(unusable)?;
    let Json::Object(jwk) = jwk else { return Err(unusable("not an object")) };
    Ok((imported.key, thumbprint(jwk)))
}

/// RFC 7638. The members were read as base64url and names of curves, so there is nothing to escape in them.
fn thumbprint(jwk: &Members<'_>) -> Digest {
    let text = |name: &str| jwk.find(name).and_then(Json::as_text).unwrap_or_default();
    let names: &[&str] = match text("kty") {
        "RSA" => &["e", "kty", "n"],
        "OKP" => &["crv", "kty", "x"],
        _ => &["crv", "kty", "x", "y"],
    };
    let spelled: Vec<String> = names.iter().map(|name| format!("\"{name}\":\"{}\"", text(name))).collect();
    sha256(&[format!("{{{}}}", spelled.join(",")).as_bytes()])
}

/// Whether it is for this request and this token.
fn is_for(request: &Request<'_>, says: &Claims<'_>) -> Result<(), Error> {
    let text = |name| says.text(name).ok().flatten().unwrap_or_default();
    if text("htm") != request.method {
        return Err(Error::pop_invalid("dpop.htm", "the request's method"));
    }
    if Target::parse(text("htu")).as_ref() != Some(&request.target) {
        let expected = format!("the request's URL below {}, without query and fragment", request.url);
        return Err(Error::pop_invalid("dpop.htu", expected));
    }
    let hash = URL_SAFE_NO_PAD.encode(sha256(&[request.token.as_bytes()]));
    if equal(text("ath").as_bytes(), hash.as_bytes()) {
        Ok(())
    } else {
        Err(Error::pop_invalid("dpop.ath", "the SHA-256 of the access token"))
    }
}

/// Whether it was made just now; gives when it will be too old.
fn is_recent(says: &Claims<'_>, rules: &ProofRules, now: Timestamp) -> Result<Timestamp, Error> {
    let moment = |name, at| says.moment(name).map_err(|_| Error::pop_invalid(at, "a number of seconds"));
    let iat = moment("iat", "dpop.iat")?;
    let iat = iat.ok_or_else(|| Error::pop_invalid("dpop.iat", "when it was made"))?;
    let (until, ahead) = (iat.plus_seconds(rules.past_seconds), now.plus_seconds(rules.future_seconds));
    if now > until || iat > ahead {
        let window = format!("{} to {} seconds ago", -rules.future_seconds, rules.past_seconds);
        let actual = Some(iat.to_string());
        return Err(Error::PopInvalid { at: "dpop.iat", expected: window, actual });
    }
    // What a proof need not say, but holds it where it does (RFC 7519 sections 4.1.4 and 4.1.5).
    if moment("exp", "dpop.exp")?.is_some_and(|exp| exp <= now) {
        return Err(Error::pop_invalid("dpop.exp", "a time to come"));
    }
    if moment("nbf", "dpop.nbf")?.is_some_and(|nbf| nbf > ahead) {
        return Err(Error::pop_invalid("dpop.nbf", "a time that has come"));
    }
    // Until the last moment at which any clock takes it.
    Ok(until.plus_seconds(rules.future_seconds + 1))
}

fn malformed() -> Error {
    Error::pop_invalid("dpop", "one header DPoP that holds one signed proof")
}

fn wrong_algorithm(actual: String) -> Error {
    Error::PopInvalid { at: "dpop.alg", expected: PROOF_ALGORITHMS.join(" "), actual: Some(actual) }
}

const TYP: &str = "dpop+jwt";
/// A proof holds an RSA key of 8192 bits and a URL at most.
const LIMITS: Limits = Limits { max_token_bytes: 16384, max_header_bytes: 4096, max_actor_depth: 0 };
