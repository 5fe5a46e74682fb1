//! What the RFCs show, byte for byte.

use super::*;
use crate::token::binding;

/// RFC 9449 section 4.1 (figure 2) and section 6.1.
const TOKEN_PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

/// RFC 9449 section 7.1 (figure 12).
const ACCESS_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";

/// RFC 8705 appendix A: a certificate and its `x5t#S256`.
const CERTIFICATE: &str = "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=";
const CERTIFICATE_HASH: &str = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

fn proves(proof: &str, credential: &Credential, base: &str, at: i64) -> Result<(), Error> {
    let rules = ProofRules { public_url: PublicUrl::parse(base), ..rules() };
    let key = URL_SAFE_NO_PAD.decode(THUMBPRINT).unwrap().try_into().unwrap();
    let now = Timestamp::from_seconds(at);
    binding::verify_proof(proof, credential, (&key, &rules), now)
}

#[test]
fn the_proof_of_rfc_9449_section_7_1_holds_for_its_request_at_its_time() {
    let base = "https://resource.example.org";
    let of = |token: &str, method: &str| Credential::dpop(token, PROOF, method, "/protectedresource");
    let good = of(ACCESS_TOKEN, "GET");
    for at in [1_562_262_613, 1_562_262_618, 1_562_262_678] {
        assert_eq!(proves(PROOF, &good, base, at), Ok(()), "{at}");
    }
    for (credential, base, at, place) in [
        (of(ACCESS_TOKEN, "POST"), base, 1_562_262_618, "dpop.htm"),
        (of("another", "GET"), base, 1_562_262_618, "dpop.ath"),
        (of(ACCESS_TOKEN, "GET"), "https://elsewhere.example.org", 1_562_262_618, "dpop.htu"),
        (of(ACCESS_TOKEN, "GET"), base, 1_562_262_612, "dpop.iat"),
        (of(ACCESS_TOKEN, "GET"), base, 1_562_262_679, "dpop.iat"),
    ] {
        let end = proves(PROOF, &credential, base, at);
        assert!(matches!(&end, Err(Error::PopInvalid { at, .. }) if *at == place), "{place}: {end:?}");
    }
}

#[test]
fn the_proof_of_rfc_9449_section_4_is_for_a_token_request_and_holds_for_no_token() {
    let credential = Credential::dpop(ACCESS_TOKEN, TOKEN_PROOF, "POST", "/token");
    let end = proves(TOKEN_PROOF, &credential, "https://server.example.com", 1_562_262_616);
    assert!(matches!(end, Err(Error::PopInvalid { at: "dpop.ath", .. })), "{end:?}");
}

#[test]
fn the_certificate_of_rfc_8705_appendix_a_is_the_one_of_its_token() {
    let world = World::new();
    let der = STANDARD.decode(CERTIFICATE).unwrap();
    let token = world.token(&claims(json!({"cnf": {"x5t#S256": CERTIFICATE_HASH}})));
    let presented = |der: &[u8]| Credential::Bearer(token.clone()).with_certificate(der);
    assert_eq!(world.prove(&presented(&der)).unwrap().view().binding, Binding::Mtls);
    for place in [0, 100, der.len() - 1] {
        let mut other = der.clone();
        other[place] ^= 1;
        assert_eq!(world.prove(&presented(&other)).unwrap_err(), Code::TokenPopInvalid);
    }
}
