//! What is not kept, and what becomes of it where schema, files or settings change afterwards.

use aios_core::engine::layer::PolicyChanges;
use aios_core::{Code, Refusal};
use serde_json::json;

use super::{OPENS, STOPS, configuration, open, policy, puts, site, their_answer};
use crate::bodies::bodies;
use crate::entities::{SQLITE, code};

#[test]
fn names_and_bounds_are_refused_before_anything_is_recorded() {
    let site = site();
    let aios = open(&site, SQLITE);
    let many = |count: usize| -> PolicyChanges {
        let put = (0..count).map(|number| policy(&format!("p{number}"), "")).collect();
        PolicyChanges { put, remove: Vec::new() }
    };
    let remove = |names: &[&str]| PolicyChanges {
        put: Vec::new(),
        remove: names.iter().map(ToString::to_string).collect(),
    };
    let large = "x".repeat(256 * 1024 + 1);
    let long = "x".repeat(65);
    let table = [
        (puts(&[]), "changes"),
        (many(1001), "changes"),
        (puts(&[("a", &large)]), "put"),
        (puts(&[("", OPENS)]), "put[0].name"),
        (puts(&[("a", OPENS), (&long, OPENS)]), "put[1].name"),
        (puts(&[("a:b", OPENS)]), "put[0].name"),
        (puts(&[("a b", OPENS)]), "put[0].name"),
        (puts(&[("a/b", OPENS)]), "put[0].name"),
        (puts(&[("ä", OPENS)]), "put[0].name"),
        (puts(&[("a", OPENS), ("a", STOPS)]), "put[1].name"),
        (remove(&["a", "a"]), "remove[1]"),
        (remove(&["a#1"]), "remove[0]"),
    ];
    for (changes, expected) in table {
        let refusal = aios.layer().change(site.keeper(), &changes, None).unwrap_err();
        assert_eq!((refusal.code(), refusal.detail().at.as_deref()), (Code::PolicyInput, Some(expected)));
    }
    aios.flush().unwrap();
    assert!(!bodies(&site.world.path("aios.db")).iter().any(|record| record.is("intent")));
}

#[test]
fn a_tenant_keeps_so_many_policies_and_bytes_and_no_more() {
    let site = site();
    let aios = open(&site, "memory:");
    let filler = format!("// {}\n{OPENS}", "x".repeat(7000));
    let some = |from: usize, count: usize, text: &str| -> Result<u64, Refusal> {
        let put = (from..from + count).map(|number| policy(&format!("p{number}"), text)).collect();
        aios.layer().change(site.keeper(), &PolicyChanges { put, remove: Vec::new() }, None)
    };
    assert_eq!(some(0, 36, &filler).unwrap(), 1);
    let refusal = some(36, 1, &filler).unwrap_err();
    assert_eq!((refusal.code(), refusal.detail().at.as_deref()), (Code::PolicyInput, Some("put")));
    assert_eq!(some(0, 36, OPENS).unwrap(), 2);
    assert_eq!(some(36, 964, OPENS).unwrap(), 3);
    assert_eq!(code(some(1000, 1, OPENS)), Code::PolicyInput);
    // In the place of others there is room.
    assert_eq!(some(999, 1, OPENS).unwrap(), 4);
    assert_eq!(aios.check(&site.asks()).unwrap().policies.len(), 1000);
    assert_eq!(code(some(0, 1, &"x".repeat(8193))), Code::PolicyUnfit);
}

#[test]
fn what_is_refused_leaves_what_is_kept_as_it_was() {
    let site = site();
    let aios = open(&site, SQLITE);
    aios.layer().put(site.keeper(), policy("opens", OPENS), None).unwrap();
    let both = puts(&[("stops", STOPS), ("broken", "forbid (")]);
    let refusal = aios.layer().change(site.keeper(), &both, Some(1)).unwrap_err();
    let told: Vec<&str> = refusal.detail().errors.iter().map(|fault| fault.policy.as_str()).collect();
    assert_eq!((refusal.code(), told), (Code::PolicyUnfit, vec!["tenants/acme:broken"]));
    let gone = PolicyChanges { put: vec![policy("stops", STOPS)], remove: vec!["nobody".into()] };
    assert_eq!(code(aios.layer().change(site.keeper(), &gone, None)), Code::PolicyNotFound);
    assert_eq!(aios.layer().list(site.keeper()).unwrap().revision, 1);
    assert_eq!(site.answer(&aios), "allowed");
}

#[test]
fn what_fits_no_longer_refuses_its_tenant_alone_until_it_is_put_right() {
    let site = site();
    let fits = configuration(&site, SQLITE);
    let aios = open(&site, SQLITE);
    aios.layer().change(site.keeper(), &puts(&[("opens", OPENS), ("stays", OPENS)]), None).unwrap();
    aios.close().unwrap();
    let mut narrower = fits.clone();
    narrower["policy"]["delegable"]["resources"] = json!([]);
    let mut filed = fits.clone();
    std::fs::create_dir_all(site.world.path("more/tenants/acme")).unwrap();
    for file in ["all.cedar", "layers.cedar", "schema.cedarschema"] {
        std::fs::copy(site.world.path(&format!("policies/{file}")), site.world.path(&format!("more/{file}")))
            .unwrap();
    }
    std::fs::write(site.world.path("more/tenants/acme/a.cedar"), format!("@id(\"opens\") {OPENS}")).unwrap();
    filed["policy"]["dir"] = json!("more");
    for (changed, of, word) in
        [(narrower, 2, "line 1: permits more than is delegated"), (filed, 1, "stands in the tenant's files")]
    {
        let aios = site.build(changed).build().unwrap();
        assert_eq!(
            (site.answer(&aios), their_answer(&site, &aios)),
            ("policy.unfit".into(), "allowed".into())
        );
        let decision = aios.check(&site.asks()).unwrap();
        assert_eq!((decision.allowed, decision.errors.len(), decision.policies.len()), (false, of, 0));
        assert_eq!(decision.errors[0].policy, "tenants/acme:opens");
        assert!(
            decision.errors[0].message.starts_with(word) || decision.errors[0].message.ends_with(word),
            "{decision:?}"
        );
        assert_eq!(code(aios.authorize(&site.asks())), Code::PolicyUnfit);
        // What is not about them is refused, too; who administers them still can.
        assert_eq!(code(aios.entities().list(site.keeper(), None)), Code::PolicyUnfit);
        assert_eq!(aios.layer().list(site.keeper()).unwrap().policies.len(), 2);
        aios.close().unwrap();
    }
    let mut narrower = fits.clone();
    narrower["policy"]["delegable"]["resources"] = json!([]);
    let aios = site.build(narrower).build().unwrap();
    let rest = aios.layer().remove(site.keeper(), "opens", None).unwrap_err();
    assert_eq!(rest.detail().errors[0].policy, "tenants/acme:stays");
    let both = PolicyChanges { put: Vec::new(), remove: vec!["opens".into(), "stays".into()] };
    aios.layer().change(site.keeper(), &both, Some(1)).unwrap();
    assert_eq!(site.answer(&aios), "policy.denied");
}
