//! Configurations, policies and key files that are missing, broken or made to deceive.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use aios_core::{Aios, Code, Refusal};
use serde_json::{Value, json};

use super::SQLITE;
use crate::world::World;

/// The refusal is `config.invalid` and says each of these.
fn says(answer: Result<Aios, Refusal>, words: &[&str]) {
    let refused = answer.map(drop).unwrap_err();
    assert_eq!(refused.code(), Code::ConfigInvalid, "{refused}");
    for word in words {
        assert!(refused.to_string().contains(word), "{word:?} is not in: {refused}");
    }
}

#[test]
fn an_unknown_key_anywhere_is_named_with_its_path() {
    let places = [
        ("", ""),
        ("/audit", "audit"),
        ("/client/0", "client[0]"),
        ("/development", "development"),
        ("/input", "input"),
        ("/issuer/0", "issuer[0]"),
        ("/issuer/0/claims", "issuer[0].claims"),
        ("/keys", "keys"),
        ("/policy", "policy"),
        ("/store", "store"),
    ];
    let world = World::new();
    for (pointer, path) in places {
        let mut configuration = world.configuration(SQLITE);
        for section in ["audit", "development", "input"] {
            configuration[section] = json!({});
        }
        configuration.pointer_mut(pointer).unwrap()["colour"] = json!("blue");
        says(world.try_open(configuration), &["colour", path]);
    }
    // Spelled almost right is unknown too.
    for (pointer, key) in [("", "Deployment"), ("", "audiences"), ("/store", "url "), ("/store", "u\u{433}l")]
    {
        let mut configuration = world.configuration(SQLITE);
        configuration.pointer_mut(pointer).unwrap()[key] = json!("x");
        says(world.try_open(configuration), &[key]);
    }
}

#[test]
fn several_mistakes_are_told_at_once() {
    let world = World::new();
    let mut configuration = world.configuration("ftp://elsewhere");
    configuration["permit_seconds"] = json!(0);
    configuration["audience"] = json!([]);
    configuration["audit"] = json!({"deadline_seconds": 0, "queue_per_tenant": 0});
    configuration["policy"]["dir"] = json!("nowhere");
    configuration["keys"]["file"] = json!("nothing.keys");
    configuration["issuer"][0]["algorithms"] = json!(["none"]);
    let words = ["permit_seconds", "audience", "audit.deadline_seconds", "audit.queue_per_tenant"];
    says(world.try_open(configuration.clone()), &["issuer[0].algorithms"]);
    configuration["issuer"][0]["algorithms"] = json!(["ES256"]);
    says(world.try_open(configuration.clone()), &words);
    says(world.try_open(configuration), &["policy.dir", "nowhere", "keys.file", "store.url"]);
}

#[test]
fn a_configuration_file_that_is_none_is_refused_by_name() {
    let world = World::new();
    says(Aios::open(world.path("missing.toml")), &["missing.toml"]);
    says(Aios::open(world.path("policies")), &["policies"]);
    let write = |text: &[u8]| {
        fs::write(world.path("aios.toml"), text).unwrap();
        Aios::open(world.path("aios.toml"))
    };
    says(write(b"\xff\xfe binary \x00"), &["aios.toml", "UTF-8"]);
    says(write(b"deployment = \"x\"\ndeployment = \"y\"\n"), &["aios.toml:2"]);
    says(write(b"\n\nthis is no toml"), &["aios.toml:3"]);
    says(write(&vec![b'#'; 2 * 1024 * 1024]), &["aios.toml", "larger"]);
    says(write(b""), &["deployment"]);
    says(write("a.".repeat(100_000).as_bytes()), &["aios.toml"]);
    says(write(format!("a = {}", "[".repeat(100_000)).as_bytes()), &["aios.toml"]);
}

#[test]
fn policies_that_are_broken_or_deceive_are_refused_by_file_and_line() {
    let permit = "permit (principal, action == Aios::Action::\"read\", resource is Aios::Data);\n";
    let cases: [(&str, Vec<u8>, &[&str]); 13] = [
        ("broken.cedar", b"\npermit (principal".to_vec(), &["broken.cedar:2"]),
        ("empty-id.cedar", format!("@id(\"\")\n{permit}").into(), &["empty-id.cedar"]),
        (
            "twice.cedar",
            format!("@id(\"transfers\")\n{permit}").into(),
            &["twice.cedar", "transfers", "all.cedar"],
        ),
        ("annotated.cedar", format!("@role(\"admin\")\n{permit}").into(), &["annotated.cedar", "@role"]),
        ("bidi.cedar", format!("// \u{202e}\n{permit}").into(), &["bidi.cedar:1"]),
        (
            "mixed.cedar",
            "permit (principal == Aios::User::\"corp/\u{430}da\", action, resource);".into(),
            &["mixed.cedar"],
        ),
        (
            "unknown.cedar",
            b"permit (principal, action == Aios::Action::\"fly\", resource);".to_vec(),
            &["unknown.cedar", "fly"],
        ),
        (
            "untyped.cedar",
            b"permit (principal, action, resource) when { context.nothing > 3 };".to_vec(),
            &["untyped.cedar"],
        ),
        ("binary.cedar", b"\xff\xfe\x00".to_vec(), &["binary.cedar", "UTF-8"]),
        ("nul.cedar", b"permit (principal, \0 action, resource);".to_vec(), &["nul.cedar"]),
        ("what.txt", permit.into(), &["what.txt"]),
        ("schema.json", b"{]".to_vec(), &["schema.json"]),
        (
            "deep.cedar",
            format!("permit (principal, action, resource) when {{ {}true }};", "!(".repeat(20_000)).into(),
            &["deep.cedar"],
        ),
    ];
    for (name, text, words) in cases {
        let world = World::new();
        fs::write(world.path("policies").join(name), text).unwrap();
        says(world.try_open(world.configuration(SQLITE)), words);
        assert!(!world.path("aios.db").exists(), "a store was made in spite of {name}");
    }
}

#[test]
fn missing_policies_are_refused() {
    let world = World::new();
    fs::rename(world.path("policies"), world.path("gone")).unwrap();
    says(world.try_open(world.configuration(SQLITE)), &["policy.dir", "policies"]);
    symlink(world.path("gone/all.cedar"), world.path("policies")).unwrap();
    says(world.try_open(world.configuration(SQLITE)), &["policy.dir", "not a folder"]);
    fs::remove_file(world.path("policies")).unwrap();
    fs::create_dir(world.path("policies")).unwrap();
    // An empty folder says nothing, which permits nothing.
    let aios = world.open(SQLITE);
    assert_eq!(super::code(aios.authorize(&world.read())), Code::PolicyDenied);
    symlink("/etc/passwd", world.path("policies/linked.cedar")).unwrap();
    says(world.try_open(world.configuration(SQLITE)), &["linked.cedar", "link out of the folder"]);
}

#[test]
fn root_key_files_that_are_no_secret_are_refused_with_what_to_do() {
    let good = fs::read(World::new().path("root.keys")).unwrap();
    let encoded = |text: &str| format!("k-1 = {text}\n").into_bytes();
    let texts: [(Vec<u8>, &str); 6] = [
        (Vec::new(), "holds no key"),
        (encoded("c2hvcnQ="), "exactly 32 bytes"),
        (encoded(&format!("{}=", "A".repeat(43))), "one byte over and over"),
        (b"\x00\xff\xfe".to_vec(), "is not `kid = base64`"),
        ([good.clone(), good.clone()].concat(), "names a key id twice"),
        (vec![b'#'; 100_000], "64 KiB"),
    ];
    for (text, word) in texts {
        let world = World::new();
        fs::write(world.path("root.keys"), text).unwrap();
        says(world.try_open(world.configuration(SQLITE)), &["keys.file", word]);
    }
    let world = World::new();
    let opened = || world.try_open(world.configuration(SQLITE));
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(world.path("root.keys"), Permissions::from_mode(mode)).unwrap();
        says(opened(), &["keys.file", "chmod 600"]);
    }
    fs::remove_file(world.path("root.keys")).unwrap();
    says(opened(), &["keys.file", "root_keys::create"]);
    assert!(!world.path("root.keys").exists(), "opening made a key file");
    let elsewhere = World::new();
    symlink(elsewhere.path("root.keys"), world.path("root.keys")).unwrap();
    says(opened(), &["keys.file", "outside its folder"]);
}

#[test]
fn values_of_the_wrong_type_are_named_with_their_path() {
    let world = World::new();
    let wrong: [(&str, Value, &str); 6] = [
        ("/deployment", json!(["x"]), "deployment"),
        ("/permit_seconds", json!("60"), "permit_seconds"),
        ("/permit_seconds", json!(1e300), "permit_seconds"),
        ("/issuer/0/iss", json!({"deep": {"er": null}}), "issuer[0].iss"),
        ("/store", json!("sqlite:aios.db"), "store"),
        ("/issuer", json!("corp"), "issuer"),
    ];
    for (pointer, value, path) in wrong {
        let mut configuration = world.configuration(SQLITE);
        configuration["permit_seconds"] = json!(60);
        *configuration.pointer_mut(pointer).unwrap() = value;
        says(world.try_open(configuration), &[path]);
    }
}
