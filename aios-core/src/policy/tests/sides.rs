//! What each side of a decision across tenants sees: its own, and no name that stands for two things.

use serde_json::{Value, json};

use super::across::{ALLOW, ada, ask, layered, theirs, try_layered, word};
use super::random::{Random, seeds};

fn entity(kind: &str, id: &str, attrs: &Value, parents: &[(&str, &str)]) -> Value {
    let parents: Vec<_> = parents.iter().map(|(kind, id)| json!({"type": kind, "id": id})).collect();
    json!({"uid": {"type": kind, "id": id}, "attrs": attrs, "parents": parents})
}

fn group(id: &str) -> Value {
    json!({"__entity": {"type": "Aios::Group", "id": id}})
}

/// What each tenant's files say: of ada and her groups, of a report and its folder.
fn files() -> (String, String) {
    let home = json!([
        entity("Aios::Group", "inner", &json!({}), &[]),
        entity("Aios::User", "corp/42", &json!({}), &[("Aios::Group", "inner")]),
    ]);
    let owner = json!([
        entity("Aios::Data", "vault", &json!({}), &[]),
        entity(
            "Aios::Data",
            "report",
            &json!({"price": 7, "team": group("crew")}),
            &[("Aios::Data", "vault")]
        ),
        entity("Aios::User", "corp/42", &json!({}), &[("Aios::Role", "trusted")]),
    ]);
    (home.to_string(), owner.to_string())
}

#[test]
fn the_platform_sees_both_sides_and_each_tenant_its_own() {
    let (home, owner) = files();
    let files =
        [("tenants/acme/entities/a.json", home.as_str()), ("tenants/rival/entities/a.json", owner.as_str())];
    // Condition, and whether it holds for the platform, for acme and for rival.
    for (condition, holds) in [
        (r#"principal in Aios::Group::"inner""#, [true, true, false]),
        (r#"principal in Aios::Role::"trusted""#, [false, false, false]),
        (r#"resource in Aios::Data::"vault""#, [true, false, true]),
        ("resource has price", [true, false, true]),
        ("resource has price && resource.price == 7", [true, false, true]),
        ("resource has team", [true, false, true]),
        (r#"principal in Aios::Role::"analyst""#, [true, true, false]),
        (r#"principal.tenant == "acme""#, [true, true, true]),
        (r#"resource has tenant && resource.tenant == "rival""#, [true, true, true]),
        (r#"resource == Aios::Data::"report""#, [true, false, true]),
        (r#"principal == Aios::User::"corp/42""#, [true, true, true]),
    ] {
        for (place, holds) in holds.into_iter().enumerate() {
            let conditional = ALLOW.replace(';', &format!(" when {{ {condition} }};"));
            let mut texts = [ALLOW; 3];
            texts[place] = &conditional;
            // What only another tenant's files know cannot even be named.
            let Some(desk) = try_layered(texts, &files) else {
                assert!(!holds, "{condition} {place}");
                continue;
            };
            let expected = if holds { "allowed" } else { "policy.denied" };
            assert_eq!(word(ask(&desk, ada(), theirs("report"))), expected, "{condition} {place}");
        }
    }
}

#[test]
fn what_the_owners_files_know_a_request_may_not_even_repeat() {
    let (_, owner) = files();
    let desk = layered([ALLOW; 3], &[("tenants/rival/entities/a.json", &owner)]);
    for (resource, expected) in [
        (theirs("report"), "allowed"),
        (theirs("report").attr("price", 7), "policy.entity_conflict resource.attrs"),
        (theirs("report").attr("price", 8), "policy.entity_conflict resource.attrs"),
        (theirs("report").parent("Aios::Data", "vault"), "policy.entity_conflict resource.parents"),
        (theirs("new").attr("price", 8).parent("Aios::Data", "vault"), "allowed"),
        (theirs("new").attr("price", "8"), "policy.input resource"),
        (theirs("new").attr("tenant", "acme"), "policy.input resource.attrs.tenant"),
    ] {
        assert_eq!(word(ask(&desk, ada(), resource.clone())), expected, "{resource:?}");
    }
}

#[test]
fn a_name_that_may_mean_two_things_refuses() {
    let home = json!([
        entity("Aios::Data", "both", &json!({}), &[]),
        entity("Aios::Group", "team", &json!({}), &[]),
        entity("Aios::User", "corp/42", &json!({}), &[("Aios::Group", "team"), ("Aios::Group", "crew")]),
    ])
    .to_string();
    let owner = json!([
        entity("Aios::Data", "both", &json!({}), &[]),
        entity("Aios::Data", "folder", &json!({}), &[]),
        entity("Aios::Group", "team", &json!({}), &[]),
        entity("Aios::Data", "of-team", &json!({"team": group("team")}), &[]),
        entity("Aios::Data", "of-teams", &json!({"teams": [group("team")]}), &[]),
        // Which acme's files name and do not know.
        entity("Aios::Group", "crew", &json!({}), &[]),
        entity("Aios::Data", "of-crew", &json!({"team": group("crew")}), &[]),
        entity("Aios::Data", "free", &json!({"team": group("other")}), &[]),
    ])
    .to_string();
    let files = [("tenants/acme/entities/a.json", &*home), ("tenants/rival/entities/a.json", &*owner)];
    let desk = layered([ALLOW; 3], &files);
    let twin = |id: &str| json!({"__entity": {"type": "Aios::Data", "id": id}});
    for (resource, expected) in [
        (theirs("free"), "allowed"),
        (theirs("both"), "tenant.mismatch resource"),
        (theirs("new").parent("Aios::Data", "both"), "tenant.mismatch resource.parents"),
        (theirs("new").parent("Aios::Data", "folder"), "allowed"),
        (theirs("new").attr("twin", twin("both")), "tenant.mismatch resource.attrs"),
        (theirs("new").attr("twin", twin("folder")), "allowed"),
        (theirs("of-team"), "policy.entity_conflict resource"),
        (theirs("of-teams"), "policy.entity_conflict resource"),
        (theirs("of-crew"), "policy.entity_conflict resource"),
    ] {
        assert_eq!(word(ask(&desk, ada(), resource.clone())), expected, "{resource:?}");
    }
}

#[test]
fn a_tenant_may_name_its_visitors_though_their_tenants_files_know_them() {
    let (home, _) = files();
    let files = [("tenants/acme/entities/a.json", home.as_str())];
    let named = |id: &str| ALLOW.replace("principal,", &format!(r#"principal == Aios::User::"corp/{id}","#));
    assert_eq!(word(ask(&layered([ALLOW, ALLOW, &named("42")], &files), ada(), theirs("x"))), "allowed");
    let other = json!([entity("Aios::User", "corp/7", &json!({}), &[])]).to_string();
    assert!(try_layered([ALLOW, ALLOW, &named("7")], &[("tenants/acme/entities/a.json", &other)]).is_none());
}

/// Whatever the other tenant's files say, a tenant's own policies answer the same.
#[test]
fn nothing_in_the_other_tenants_files_changes_what_a_layer_says() {
    let conditions = [
        r#"principal in Aios::Group::"g0""#,
        r#"principal in Aios::Group::"corp/g1""#,
        r#"principal in Aios::Role::"r0""#,
        "resource has price && resource.price > 3",
        r#"resource in Aios::Data::"d0""#,
        "resource has team && principal in resource.team",
        "resource has twin && resource.twin has price && resource.twin.price > 3",
        "resource has twin && resource.twin in resource",
    ];
    for seed in seeds(60) {
        let mut random = Random::new(seed);
        let condition = conditions[random.below(conditions.len())];
        let asking = ALLOW.replace(';', &format!(" when {{ {condition} }};"));
        let mut world = |side: &str| {
            let data = |id: usize, random: &mut Random| {
                let mut attrs = json!({});
                if random.below(2) == 0 {
                    attrs["price"] = random.below(8).into();
                }
                if random.below(2) == 0 {
                    attrs["twin"] =
                        json!({"__entity": {"type": "Aios::Data", "id": format!("d{}", random.below(3))}});
                }
                entity("Aios::Data", &format!("{side}{id}"), &attrs, &[])
            };
            let mut all: Vec<Value> = (0..3).map(|id| data(id, &mut random)).collect();
            let groups = [("Aios::Group", "g0"), ("Aios::Group", "corp/g1"), ("Aios::Role", "r0")];
            let parents: Vec<_> = groups.into_iter().filter(|_| random.below(2) == 0).collect();
            all.push(entity("Aios::User", "corp/42", &json!({}), &parents));
            Value::from(all).to_string()
        };
        let (home, empty) = (world("h"), "[]".to_owned());
        // The report is known to none of the files, so that nothing but what they say of others can differ.
        let resource = theirs("report").attr("twin", json!({"__entity": {"type": "Aios::Data", "id": "o1"}}));
        let owner = world("o");
        let answer = |texts: [&str; 3], home: &str, owner: &str| {
            let files = [("tenants/acme/entities/a.json", home), ("tenants/rival/entities/a.json", owner)];
            word(ask(&layered(texts, &files), ada(), resource.clone()))
        };
        assert_eq!(
            answer([ALLOW, &asking, ALLOW], &home, &owner),
            answer([ALLOW, &asking, ALLOW], &home, &empty),
            "acme's {condition}, seed {seed}"
        );
        assert_eq!(
            answer([ALLOW, ALLOW, &asking], &home, &owner),
            answer([ALLOW, ALLOW, &asking], &empty, &owner),
            "rival's {condition}, seed {seed}"
        );
    }
}
