//! `tests/vectors/attacks.json`: the attack tokens of `tests/vectors/data/attack_vectors.json` as rules that every language runs.

use serde_json::{Value, json};

use super::assert_fresh;

const DATA: &str = include_str!("../vectors/data/attack_vectors.json");

/// The file's policy as configuration: issuer `idp` speaks for `t1`, `other` for `other/…`.
fn configuration(file: &Value) -> Value {
    let policy = &file["policy"];
    let issuer = |name: &str, at: usize, tenants: Value| {
        let iss = &policy["issuers"][at];
        json!({
            "name": name, "iss": iss, "jwks": file["jwks_by_issuer"][iss.as_str().unwrap()],
            "algorithms": policy["algs"], "typ": policy["typ"], "leeway_seconds": policy["leeway"],
            "max_lifetime_seconds": policy["max_lifetime"], "required": policy["required"], "tenants": tenants,
        })
    };
    json!({
        "deployment": "vectors",
        "audience": policy["audience"],
        "input": {
            "max_token_bytes": policy["max_token_bytes"], "max_header_bytes": policy["max_header_bytes"],
            "max_actor_depth": policy["max_actor_depth"],
        },
        "issuer": [issuer("idp", 0, json!({"t1": "t1"})), issuer("other", 1, json!("prefixed"))],
        "policy": {"dir": "policies"},
        "store": {"url": "memory:"},
        "keys": {"file": "root.keys"},
    })
}

fn rule(vector: &Value) -> Value {
    let told = format!("attack {}: {}", vector["id"].as_str().unwrap(), ending(vector));
    let mut step = json!({"on": "engine", "do": "authenticate", "with": {"credential": vector["token"]}});
    match vector["code"].as_str() {
        Some(code) => step["refusal"] = json!({"code": code}),
        None => step["as"] = json!("principal"),
    }
    let mut steps = vec![step];
    if vector["code"].is_null() {
        steps.push(json!({"on": "principal", "do": "view", "with": {}, "answer": {"kind": "user"}}));
    }
    json!({"rule": told, "steps": steps})
}

fn ending(vector: &Value) -> &str {
    vector["code"].as_str().unwrap_or("accepted")
}

#[test]
fn the_attack_tokens_are_rules_of_every_language() {
    let file: Value = serde_json::from_str(DATA).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 84);
    let rules: Vec<String> = vectors.iter().map(|vector| format!("    {}", rule(vector))).collect();
    let text = format!(
        "{{\n  \"about\": \"Tokens that somebody made to get in, and controls that must get in\",\n  \"now\": {},\n  \
         \"issuers\": {{}},\n  \"files\": {{\"policies/none.cedar\": \"\"}},\n  \"configuration\": {},\n  \"tokens\": {{}},\n  \
         \"rules\": [\n{}\n  ]\n}}\n",
        file["now"],
        configuration(&file),
        rules.join(",\n")
    );
    assert_fresh("tests/vectors/attacks.json", &text);
}
