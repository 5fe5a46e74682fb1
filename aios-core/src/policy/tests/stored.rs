//! Policies that a tenant keeps in the store: they decide as if they stood in its files, or all its requests are refused.

use super::across::{self, ALLOW, ada, theirs};
use super::layers::{READ, delegating, layered, of};
use super::random::{Random, seeds};
use super::{admit_by, data, desk, try_admit_with, user};
use crate::model::{Principal, Refusal, Request, Resource};
use crate::policy::{Desk, Keeps, Kept, KeptPolicies, Source, Verdict};
use crate::tenant::Crossings;

pub(super) fn kept(texts: &[(&str, &str)]) -> Kept {
    let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let mut kept = Kept::default();
    kept.advance(1);
    assert_eq!(kept.lay(KeptPolicies::new(texts, (1, [7; 32]))), None);
    assert_eq!(kept.rows(), 1);
    kept
}

pub(super) fn ask(
    of: (&Desk, &Kept),
    who: &Principal,
    action: &str,
    resource: Resource,
) -> Result<Verdict, Refusal> {
    let request = Request::new(who, action, resource);
    let admitted = try_admit_with(of, who, &request)?;
    Ok(of.0.decide(&admitted, of.1)?)
}

/// What policies decided, or the code of the refusal with them.
fn said(answer: Result<Verdict, Refusal>) -> String {
    match answer {
        Ok(verdict) => verdict.policies.join(" "),
        Err(refusal) => {
            let (policies, errors) = (refusal.detail().policies.join(" "), &refusal.detail().errors);
            let errors = errors.iter().map(|fault| fault.policy.as_str()).collect::<Vec<_>>().join(" ");
            format!("{} {policies}{errors}", refusal.code()).trim_end().to_owned()
        }
    }
}

#[test]
fn files_and_store_apply_together() {
    let permit = format!(r#"@id("ours") permit(principal, {READ}, resource is Aios::Data);"#);
    let stop = r#"@id("stop") forbid(principal, action, resource == Aios::Data::"ledger");"#;
    let (files, desk) = (layered(&[("tenants/acme/a.cedar", stop)]), layered(&[]));
    let stored = kept(&[("ours", &permit)]);
    let read = |of: (&Desk, &Kept), id: &str| said(ask(of, &user(&[]), "read", data(id)));
    assert_eq!(read((&desk, &Kept::default()), "x"), "policy.denied");
    assert_eq!(read((&desk, &stored), "x"), "tenants/acme:ours");
    assert_eq!(read((&files, &kept(&[("ours", &permit)])), "ledger"), "policy.denied tenants/acme:stop");
    assert_eq!(read((&files, &kept(&[])), "ledger"), "policy.denied tenants/acme:stop");
    // A text without an @id is called by its name.
    let plain = permit.replace(r#"@id("ours")"#, "");
    assert_eq!(read((&desk, &kept(&[("plain", &plain)])), "x"), "tenants/acme:plain");
}

const FITS: &str = r#"permit(principal, action == Aios::Action::"read", resource is Aios::Data);"#;

/// Texts that may not be kept under a name, and what is said of each; nothing where it fits.
fn misfits() -> [(&'static str, String, &'static str); 18] {
    let nested =
        format!("forbid(principal, action, resource)\nwhen {{ {}true{} }};", "(".repeat(65), ")".repeat(65));
    let reaching = format!("permit(principal, {READ}, resource == Aios::Data::\"theirs\");");
    let table: [(&'static str, &str, &'static str); 18] = [
        ("a", "forbid (", "unexpected end of input"),
        (
            "a",
            "\n\npermit(principal, action, resource is Aios::Data);",
            "line 3: permits more than is delegated",
        ),
        (
            "a",
            r#"permit(principal, action == Aios::Action::"read", resource);"#,
            "permits more than is delegated",
        ),
        ("a", r#"permit(principal, action == Aios::Action::"invoke", resource is Aios::Tool);"#, "delegated"),
        ("a", "forbid(principal, action, resource) when { principal.shoe == 3 };", "attribute `shoe`"),
        ("a", r#"forbid(principal, action == Aios::Action::"fly", resource);"#, "fly"),
        ("a", "forbid(principal == ?principal, action, resource);", "holds a template"),
        ("a", "", "must hold one policy"),
        ("a", "// nothing", "must hold one policy"),
        (
            "a",
            "forbid(principal, action, resource); forbid(principal, action, resource);",
            "must hold one policy",
        ),
        ("a", r#"@id("b") forbid(principal, action, resource);"#, "is not the name"),
        ("a", r#"@id("") forbid(principal, action, resource);"#, "an @id is empty"),
        ("a", r#"@note("b") forbid(principal, action, resource);"#, "has no meaning here"),
        ("a", "forbid(principal, action, resource); // \u{202e}", "changes the direction of text"),
        ("a", &nested, "line 2: nests deeper than 64 brackets"),
        ("a", &reaching, "names an entity that is neither the tenant's nor shared"),
        ("filed", FITS, "a policy of this name stands in the tenant's files"),
        ("own.cedar-1", FITS, ""),
    ];
    table.map(|(name, text, expected)| (name, text.to_owned(), expected))
}

#[test]
fn what_does_not_fit_refuses_with_every_policy_and_line_and_lifts_nothing() {
    let desk = layered(&[
        ("a.cedar", r#"@id("all") permit(principal, action, resource);"#),
        ("tenants/acme/own.cedar", r#"@id("filed") forbid(principal, action, resource == Aios::Data::"y");"#),
        (
            "tenants/rival/entities/a.json",
            r#"[{"uid": {"type": "Aios::Data", "id": "theirs"}, "attrs": {}, "parents": []}]"#,
        ),
    ]);
    let acme = "acme".parse().unwrap();
    for (name, text, expected) in &misfits() {
        let kept = kept(&[
            ("good", FITS),
            (name, text),
            ("worse", "forbid(principal, action, resource) when { 1 };"),
        ]);
        let refusal = Refusal::from(desk.policies().read_layer(&acme, &kept).unwrap_err());
        assert_eq!(refusal.code().as_str(), "policy.unfit", "{text}");
        let faults = &refusal.detail().errors;
        // All that is wrong, and nothing of what is not.
        let named = |name: &str| {
            faults.iter().filter(|fault| fault.policy == format!("tenants/acme:{name}")).collect::<Vec<_>>()
        };
        assert!(!named("worse").is_empty() && named("good").is_empty(), "{text}: {faults:?}");
        let told = named(name);
        assert_eq!(told.is_empty(), expected.is_empty(), "{text}: {faults:?}");
        assert!(told.iter().all(|fault| fault.message.len() <= 512), "{text}");
        assert!(
            expected.is_empty() || told.iter().any(|fault| fault.message.contains(expected)),
            "{text}: {told:?}"
        );
        // Not even what the platform permits.
        let answer = said(ask((&desk, &kept), &user(&[]), "read", data("x")));
        assert!(answer.starts_with("policy.unfit"), "{text}: {answer}");
        let rival = Resource::new("Aios::Data", "x").tenant("rival");
        assert_eq!(said(ask((&desk, &Kept::default()), &of("rival"), "read", rival)), "all", "{text}");
    }
}

#[test]
fn who_may_change_them_is_not_theirs_to_say() {
    let all = r#"@id("all") permit(principal, action == Aios::Action::"administer", resource);"#;
    let stop = r#"@id("stop") forbid(principal, action, resource);"#;
    let about = |kind: &str| Resource::new(kind, "acme").tenant("acme");
    let (open, filed) =
        (layered(&[("a.cedar", all)]), layered(&[("a.cedar", all), ("tenants/acme/a.cedar", stop)]));
    for text in [stop, "forbid ("] {
        let kept = kept(&[("stop", text)]);
        let ask = |desk: &Desk, kind: &str| said(ask((desk, &kept), &user(&[]), "administer", about(kind)));
        assert_eq!(ask(&open, "Aios::Policies"), "all", "nobody is locked out");
        assert_ne!(ask(&open, "Aios::Entities"), "all", "nothing else is beyond them");
        assert_eq!(ask(&filed, "Aios::Policies"), "policy.denied tenants/acme:stop", "the files hold");
    }
}

fn ask_across(desk: &Desk, keeps: Keeps<'_>) -> Result<Verdict, Refusal> {
    let principal = Principal::new(ada());
    let request = Request::new(&principal, "read", theirs("plan"));
    let crossings = Crossings::new(vec![across::crossing()]);
    let admitted = admit_by((desk, keeps.own), &principal, &request, &crossings)?;
    assert!(admitted.crossing().is_some());
    Ok(desk.decide(&admitted, keeps)?)
}

#[test]
fn across_tenants_what_each_keeps_is_its_own_voice() {
    let desk = across::layered([ALLOW, "", ""], &[]);
    // What is kept is one tenant's.
    let states = || {
        let stops = kept(&[("f", "forbid(principal, action, resource);")]);
        let states = [("nothing", Kept::default()), ("allows", kept(&[("p", ALLOW)])), ("stops", stops)];
        states.into_iter().chain([("broken", kept(&[("b", "forbid (")]))])
    };
    for (home, own) in &states().collect::<Vec<_>>() {
        for (owner, visited) in &states().collect::<Vec<_>>() {
            let answer = ask_across(&desk, Keeps { own, visited: Some(visited) });
            let expected = match (*home, *owner) {
                (_, "broken") | ("broken", _) => Err("policy.unfit"),
                ("allows", "allows") => {
                    Ok((vec!["a.cedar#1", "tenants/acme:p"], vec!["a.cedar#1", "tenants/rival:p"]))
                }
                _ => Err("policy.denied"),
            };
            match (answer, expected) {
                (Ok(verdict), Ok((policies, owners))) => assert_eq!(
                    (verdict.policies, verdict.owners),
                    (
                        policies.iter().map(ToString::to_string).collect(),
                        owners.iter().map(ToString::to_string).collect()
                    )
                ),
                (Err(refusal), Err(code)) => {
                    assert_eq!(refusal.code().as_str(), code, "{home} {owner}");
                    let told = format!("{:?}", refusal.detail());
                    assert!(!told.contains("tenants/rival"), "the visitor learns of the owner's: {told}");
                }
                (answer, expected) => panic!("{home} {owner}: {answer:?} {expected:?}"),
            }
        }
    }
}

/// Policies of two tenants, some of which fail, and whether they are in the store.
fn some(random: &mut Random) -> Vec<(String, String)> {
    let scopes = [
        "principal",
        "principal is Aios::User",
        r#"principal in Aios::Role::"analyst""#,
        r#"principal == Aios::User::"corp/42""#,
    ];
    let things = [
        "resource is Aios::Data",
        r#"resource == Aios::Data::"x""#,
        r#"resource is Aios::Data in Aios::Data::"open""#,
    ];
    let actions = [
        READ,
        r#"action == Aios::Action::"write""#,
        r#"action in [Aios::Action::"read", Aios::Action::"write"]"#,
    ];
    let conditions = [
        "",
        "",
        r#"when { resource has tenant && resource.tenant == "acme" }"#,
        "when { principal has auth_time && principal.auth_time + 9223372036854775807 > 0 }",
        r#"unless { principal in Aios::Role::"guest" }"#,
    ];
    (0..random.below(6))
        .map(|number| {
            let effect = random.pick(&["permit", "permit", "forbid"]);
            let (who, action, what) = (random.pick(&scopes), random.pick(&actions), random.pick(&things));
            (format!("p{number}"), format!("{effect}({who}, {action}, {what}) {};", random.pick(&conditions)))
        })
        .collect()
}

#[test]
fn they_decide_as_if_they_stood_in_the_tenants_files_and_for_nobody_else() {
    for seed in seeds(60) {
        let mut random = Random::new(seed);
        let (platform, own) = (some(&mut random), some(&mut random));
        let text = |policies: &[(String, String)]| -> String {
            policies
                .iter()
                .map(|(name, text)| format!("@id(\"{name}\") {text}\n"))
                .collect::<Vec<_>>()
                .concat()
        };
        let (platform, all) = (text(&platform), text(&own));
        let place = random.below(own.len() + 1);
        let (filed, stored) = own.split_at(place);
        let filed = text(filed);
        let stored: Vec<(&str, &str)> =
            stored.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let load = |own: &str| desk(&source(&platform, own));
        let (whole, parted, none) = (load(&all), load(&filed), load(""));
        let kept = kept(&stored);
        for action in ["read", "write", "invoke"] {
            for id in ["x", "y"] {
                for who in [user(&[]), user(&["analyst"]), user(&["guest"])] {
                    let expected = said(ask((&whole, &Kept::default()), &who, action, data(id)));
                    assert_eq!(
                        said(ask((&parted, &kept), &who, action, data(id))),
                        expected,
                        "{seed} {action} {id}"
                    );
                }
                let rival = Resource::new("Aios::Data", id).tenant("rival");
                let without = said(ask((&none, &Kept::default()), &of("rival"), action, rival.clone()));
                assert_eq!(
                    said(ask((&parted, &Kept::default()), &of("rival"), action, rival)),
                    without,
                    "{seed}"
                );
            }
        }
    }
}

fn source(platform: &str, own: &str) -> Source {
    let files: Vec<(&str, &str)> = [("a.cedar", platform), ("tenants/acme/a.cedar", own)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect();
    delegating(&["read", "write"], &["Aios::Data", "Aios::Tool"], &files)
}
