//! Nonces, and what has to be spent.

use super::*;
use crate::crypto::{Digest, MacKey};

#[test]
fn a_nonce_is_asked_for_last_and_taken_while_it_holds() {
    let (world, prover) = (World::new(), Prover::new());
    let token = world.token(&claims(json!({"cnf": {"jkt": prover.thumbprint()}})));
    let now = Timestamp::from_seconds(NOW);
    let key = MacKey::from_slice(&[7; 32]).unwrap();
    let nonces = Nonces::at(&key, now);
    let end = |says: Value| {
        let credential = presenting(&token, &prover.proof(&token, &json!({}), &says));
        let verified = verify(&token, &world.issuers, &|_| Some(world.keys.clone()), now).unwrap();
        verified.proven(&credential, &rules(), Some(&nonces), now).map(drop)
    };
    let asked = Err(Error::PopNonce { nonce: nonces.fresh() });
    for nonce in [Value::Null, json!(""), json!(1), json!("of somebody else")] {
        assert_eq!(end(json!({"nonce": nonce})), asked);
    }
    assert_eq!(end(json!({"nonce": nonces.fresh()})), Ok(()));
    // Whoever has no proof that holds otherwise is told what is wrong with it.
    assert!(matches!(end(json!({"htm": "POST"})), Err(Error::PopInvalid { at: "dpop.htm", .. })));
}

#[test]
fn a_use_is_known_by_key_and_id_until_the_proof_is_too_old_for_any_clock() {
    let (world, one, other) = (World::new(), Prover::new(), Prover::new());
    let spend = |prover: &Prover, says: Value| {
        let token = world.token(&claims(json!({"cnf": {"jkt": prover.thumbprint()}})));
        let credential = presenting(&token, &prover.proof(&token, &json!({}), &says));
        let now = Timestamp::from_seconds(NOW);
        let verified = verify(&token, &world.issuers, &|_| Some(world.keys.clone()), now).unwrap();
        verified.proven(&credential, &rules(), None, now).unwrap().spend.unwrap()
    };
    let first = spend(&one, json!({}));
    assert_eq!(first.until, Timestamp::from_seconds(NOW + 60 + 5 + 1));
    assert_eq!(spend(&one, json!({"iat": NOW - 10})).id, first.id);
    let ids: [Digest; 2] = [spend(&one, json!({"jti": "proof-2"})).id, spend(&other, json!({})).id];
    assert!(!ids.contains(&first.id));
}
