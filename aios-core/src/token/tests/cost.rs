//! What verification costs beside the signature. `cargo test --lib token::tests::cost -- --ignored --nocapture`

use std::hint::black_box;

use super::*;
use crate::model::Deadline;

/// A token of about 1.2 KB with what issuers usually send.
fn ordinary(world: &World) -> String {
    let groups: Vec<_> = (0..4).map(|group| format!("0d3c1f1e-5b3a-4c7e-9a51-3f6f0c0a000{group}")).collect();
    let token = world.token(&claims(json!({
        "aud": ["api://aios", "api://other"], "sub": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "nbf": NOW - 10,
        "azp": "6e74172b-be56-4843-9ff4-e66a39bb12e3", "azpacr": "1", "scp": "crm.read crm.write",
        "roles": ["Analyst", "Reader"], "groups": groups, "sid": "002c9d5a-2c6f-4f4e-8f0b-7f5a3e6c1b2d",
        "jti": "fqiBqXLPj0eQa82S-IYFAA", "auth_time": NOW - 3600, "acr": "1", "amr": ["pwd", "mfa"],
        "name": "Alice Example", "preferred_username": "alice@example.com", "ver": "2.0",
    })));
    assert!((1100..1300).contains(&token.len()), "{}", token.len());
    token
}

/// Nanoseconds of one run, the best of several batches.
fn nanos(mut run: impl FnMut()) -> u128 {
    let hour = std::time::Duration::from_secs(3600);
    let mut batch = || {
        let deadline = Deadline::after(hour);
        (0..2000).for_each(|_| run());
        hour.saturating_sub(deadline.remaining()).as_nanos() / 2000
    };
    (0..15).map(|_| batch()).min().unwrap()
}

#[test]
#[ignore = "prints a measurement"]
fn cost_beside_the_signature() {
    let mut world = World::signing_with(SigningKey::generate(Algorithm::Rs256).unwrap());
    world.issuer().required = ["iss", "aud", "exp", "sub", "tid"].map(str::to_owned).to_vec();
    let token = ordinary(&world);
    let parts = Compact::split(&token, &world.issuers.limits).unwrap();
    let signature = parts.signature().unwrap();
    let key = &world.keys.find("k1").unwrap().key;
    let raw = nanos(|| key.verify(black_box(parts.signed.as_bytes()), &signature).unwrap());
    let whole = nanos(|| drop(black_box(world.verify_text(black_box(&token)).unwrap())));
    let split = nanos(|| drop(black_box(Compact::split(&token, &world.issuers.limits).unwrap())));
    let read = nanos(|| drop(black_box(claims::read(&parts.payload).unwrap())));
    println!(
        "signature {raw} ns, whole {whole} ns, beside {} ns (split {split}, claims {read})",
        whole.saturating_sub(raw)
    );
}
