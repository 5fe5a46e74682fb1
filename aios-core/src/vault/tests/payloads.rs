//! Payloads open whole, in their order, for their entity and tenant, or not at all.

use std::sync::Arc;

use super::*;
use crate::model::EntityRef;

/// More than two chunks, so that there is an order.
const LENGTH: usize = 2 * 16 * 1024 + 100;
/// Magic, suite, key id with its length, wrapped key, salt and commitment.
const HEAD: usize = 6 + 3 + 104 + 56;

fn of(tenant: &str, kind: &str, id: &str) -> PayloadOf {
    PayloadOf { tenant: tenant.parse().unwrap(), entity: EntityRef::new(kind, id) }
}

fn report() -> PayloadOf {
    of("acme", "Aios::Data", "report-7")
}

fn content() -> Vec<u8> {
    (0..=255).cycle().take(LENGTH).collect()
}

fn sealed(of: &PayloadOf, content: &[u8]) -> Vec<u8> {
    let (mut sealing, mut out) = PayloadSealing::begin(&keys(&of.tenant), of).unwrap();
    out.extend(sealing.update(content).unwrap());
    out.extend(sealing.finish().unwrap());
    out
}

/// The keys of a tenant that has one master.
#[expect(clippy::unnecessary_wraps, reason = "a store may fail")]
fn held(keys: TenantKeys, kid: &str) -> Result<Option<Arc<TenantKeys>>, Error> {
    Ok((keys.wrapping().kid() == kid).then(|| Arc::new(keys)))
}

/// Opened in parts of a size.
fn opened(of: &PayloadOf, payload: &[u8], size: usize) -> Result<Vec<u8>, Error> {
    let mut opening = PayloadOpening::begin(of.clone());
    let mut out = Vec::new();
    for part in payload.chunks(size) {
        out.extend(opening.update(|kid| held(keys(&of.tenant), kid), part)?);
    }
    out.extend(opening.finish()?);
    Ok(out)
}

#[test]
fn what_is_sealed_opens_in_parts_of_any_size_with_little_added() {
    for length in [0, 1, 16 * 1024, LENGTH] {
        let content = &content()[..length];
        let payload = sealed(&report(), content);
        assert_eq!(payload.len(), HEAD + length + 16 * (length / (16 * 1024) + 1));
        for size in [1, 7, HEAD - 1, HEAD, HEAD + 1, 5000, 100_000] {
            assert_eq!(opened(&report(), &payload, size).unwrap(), content, "{length} by {size}");
        }
    }
}

#[test]
fn another_tenant_entity_or_key_opens_nothing() {
    let payload = sealed(&report(), b"content");
    for other in [
        of("globex", "Aios::Data", "report-7"),
        of("acme", "Aios::Data", "report-8"),
        of("acme", "Aios::Memory", "report-7"),
        // The same bytes, parted elsewhere.
        of("acme", "Aios::Datar", "eport-7"),
    ] {
        assert_eq!(opened(&other, &payload, 4096), Err(Error::Undecryptable), "{other:?}");
    }
    for (master, kid) in [(8, "m-1"), (7, "m-2")] {
        let keys = TenantKeys::derive(&secret(&[master; 32]), &acme(), kid).unwrap();
        let mut opening = PayloadOpening::begin(report());
        assert_eq!(
            opening.update(|kid| held(keys, kid), &payload),
            Err(Error::Undecryptable),
            "{master} {kid}"
        );
    }
}

#[test]
fn a_changed_byte_a_cut_more_behind_it_or_another_order_is_found() {
    let content = content();
    let payload = sealed(&report(), &content);
    let mut places: Vec<usize> = (0..HEAD).collect();
    places.extend([HEAD, HEAD + 16 * 1024, payload.len() - 1]);
    for place in places {
        let mut changed = payload.clone();
        changed[place] ^= 1;
        assert_eq!(opened(&report(), &changed, 4096), Err(Error::Undecryptable), "byte {place}");
    }
    let chunk = 16 * 1024 + 16;
    let edges = [HEAD, HEAD + chunk, HEAD + 2 * chunk];
    for cut in (0..=HEAD).chain(edges).chain([HEAD + 1, payload.len() - 1]) {
        assert_eq!(opened(&report(), &payload[..cut], 4096), Err(Error::Undecryptable), "cut at {cut}");
    }
    let [first, second, last] = edges;
    let swapped =
        [&payload[..first], &payload[second..last], &payload[first..second], &payload[last..]].concat();
    let doubled = [&payload[..second], &payload[first..]].concat();
    let longer = [&payload[..], b"x"].concat();
    let joined = [&payload[..], &payload[..]].concat();
    for (what, payload) in
        [("swapped", swapped), ("doubled", doubled), ("longer", longer), ("joined", joined)]
    {
        assert_eq!(opened(&report(), &payload, 4096), Err(Error::Undecryptable), "{what}");
    }
}

#[test]
fn what_comes_out_before_the_end_is_what_was_sealed() {
    let content = content();
    let payload = sealed(&report(), &content);
    let mut cut = payload[..payload.len() - 1].to_vec();
    cut[HEAD + 16 * 1024 + 16 + 5] ^= 1;
    let mut opening = PayloadOpening::begin(report());
    let mut update = |bytes| opening.update(|kid| held(keys(&acme()), kid), bytes);
    let first = update(&cut[..HEAD + 16 * 1024 + 16]).unwrap();
    assert_eq!(first, &content[..16 * 1024]);
    assert_eq!(update(&cut[HEAD + 16 * 1024 + 16..]), Err(Error::Undecryptable));
}

#[test]
fn no_two_payloads_have_a_byte_of_key_salt_or_ciphertext_in_common_place() {
    let (one, two) = (sealed(&report(), &content()), sealed(&report(), &content()));
    assert_eq!(one[..9], two[..9]);
    let same = one.iter().zip(&two).skip(9).filter(|(a, b)| a == b).count();
    assert!(same < one.len() / 128, "{same} of {}", one.len());
}

#[test]
fn a_secrets_wrap_is_no_payloads_wrap() {
    let binding = Binding { path: &path(), version: version(1), terms: TERMS };
    let keys = keys(&acme());
    let envelope = seal(&[keys.wrapping()], &binding, &secret(b"0123456789")).unwrap();
    let parsed = Envelope::parse(&envelope).unwrap();
    let payload = sealed(&report(), b"content");
    let mut mixed = payload.clone();
    mixed[9..9 + 104].copy_from_slice(parsed.wraps[0].wrapped);
    assert_eq!(opened(&report(), &mixed, 4096), Err(Error::Undecryptable));
}
