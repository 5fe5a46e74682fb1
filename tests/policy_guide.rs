//! docs/policy.md is run: an engine opens with the files it shows, and answers as it says.

use std::fs;
use std::path::Path;

use aios_core::crypto::signature::Algorithm;
use aios_core::facade::handles::{Engine, Host};
use aios_core::facade::wire;
use aios_core::testing::TestIdp;
use serde_json::{Map, Value, json};

/// The blocks of the page: what stands behind the fence, and the text.
pub(crate) fn blocks() -> Vec<(String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/policy.md");
    let page = fs::read_to_string(page).unwrap();
    let parts: Vec<&str> = page.split("\n```").collect();
    let block = |part: &&str| part.split_once('\n').map(|(fence, text)| (fence.to_owned(), text.to_owned()));
    parts.iter().skip(1).step_by(2).filter_map(block).collect()
}

#[test]
fn the_policy_guide_says_what_an_engine_answers() {
    let folder = tempfile::tempdir().unwrap();
    let idp = TestIdp::new("https://idp.example.com/");
    let mut configuration = json!({
        "deployment": "guide", "audience": ["api://aios"], "store": {"url": "memory:"},
        "issuer": [{"name": "corp", "iss": "https://idp.example.com/", "jwks": idp.jwks(), "algorithms": ["ES256"],
            "tenants": {"acme": "t-acme", "globex": "t-globex"},
            "roles": {"analyst": "analyst", "on-leave": "on-leave", "keeper": "keeper", "filing": "filing", "clerk": "clerk", "lawmaker": "lawmaker"}}],
    });
    let (mut files, mut steps) = (0, Vec::new());
    for (fence, text) in blocks() {
        let (_, place) =
            fence.split_once(' ').unwrap_or_else(|| panic!("a block says nothing of itself: {text}"));
        if ["ask", "keep", "layer"].contains(&place) {
            steps.extend(lines(&text).map(|step| (place.to_owned(), step)));
            continue;
        }
        if place == "aios.toml" {
            let shown: toml::Table = text.parse().unwrap();
            for (name, value) in serde_json::to_value(shown).unwrap().as_object_mut().unwrap() {
                configuration[name] = value.take();
            }
            continue;
        }
        let path = folder.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        files += 1;
    }
    let count = |kind: &str| steps.iter().filter(|(place, _)| place == kind).count();
    assert!(files >= 4 && count("ask") >= 12 && count("keep") >= 9 && count("layer") >= 6);
    let opening = json!({"configuration": configuration, "base": folder.path()});
    let engine = Host.open(serde_json::from_value::<wire::Opening>(opening).unwrap()).unwrap();
    for (place, step) in steps {
        let credential = token(&idp, &step);
        match place.as_str() {
            "ask" => ask(&engine, credential, &step),
            _ => keep(&engine, (place.as_str(), credential), &step),
        }
    }
}

fn ask(engine: &Engine, credential: String, question: &Value) {
    let answer = serde_json::to_value(engine.check(asked(credential, question)).unwrap()).unwrap();
    for (name, expected) in question["answer"].as_object().unwrap() {
        let given = match name.as_str() {
            "errors" => json!([{"policy": answer["errors"][0]["policy"]}]),
            _ => answer[name].clone(),
        };
        assert_eq!(given, *expected, "{question}: {answer}");
    }
}

fn asked(credential: String, question: &Value) -> wire::Request {
    let mut request = Map::new();
    request.insert("credential".to_owned(), credential.into());
    for name in ["action", "resource", "context"] {
        request.extend(question.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    serde_json::from_value(request.into()).unwrap()
}

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

/// Keeps an entity or a policy, or is refused.
fn keep(engine: &Engine, (place, credential): (&str, String), order: &Value) {
    let mut asked = order["put"].clone();
    asked["credential"] = credential.into();
    let put = if place == "layer" {
        let asked: wire::PutPolicy = serde_json::from_value(asked).unwrap();
        engine.layer(wire::Nothing {}).unwrap().put(asked).map(|written| written.revision)
    } else {
        let asked: wire::PutEntity = serde_json::from_value(asked).unwrap();
        engine.entities(wire::Nothing {}).unwrap().put(asked).map(|written| written.version)
    };
    let refusal = put.err().map(|refusal| refusal.code().to_string());
    assert_eq!(refusal.as_deref(), order["refusal"].as_str(), "{order}");
}

fn token(idp: &TestIdp, question: &Value) -> String {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let mut claims = json!({"sub": "ada", "aud": "api://aios", "tid": "t-acme", "roles": question["roles"], "iat": now, "exp": now + 600});
    if question.get("hasgroups").is_some() {
        claims["hasgroups"] = true.into();
    }
    idp.sign(claims, json!({}), Algorithm::Es256)
}
