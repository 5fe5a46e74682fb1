//! The arrow table: which room may use which. A change of architecture is a change of this table.
#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Room, and the rooms it may use. Rooms that come with a later issue are listed already.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("crypto", &["model"]),
    ("token", &["model", "crypto"]),
    ("session", &["model", "crypto"]),
    ("apikey", &["model", "crypto"]),
    ("tenant", &["model"]),
    ("policy", &["model"]),
    ("approval", &["model", "crypto"]),
    ("revocation", &["model", "crypto"]),
    ("limit", &["model"]),
    ("vault", &["model", "crypto"]),
    ("entities", &["model", "crypto"]),
    ("audit", &["model", "crypto"]),
    ("scan", &["model"]),
    ("store", &["model", "crypto", "audit", "limit", "revocation"]),
    ("net", &["model", "crypto", "token", "vault"]),
    ("config", &["model", "crypto", "token", "policy", "store", "net"]),
    (
        "engine",
        &[
            "model",
            "crypto",
            "token",
            "session",
            "apikey",
            "tenant",
            "policy",
            "approval",
            "revocation",
            "limit",
            "vault",
            "entities",
            "audit",
            "scan",
            "store",
            "net",
            "config",
        ],
    ),
    ("testing", &["model", "crypto", "token", "audit", "revocation", "store", "net", "config", "engine"]),
    ("facade", &["model", "crypto", "revocation", "vault", "engine", "config", "testing"]),
    (
        "lib",
        &[
            "model",
            "crypto",
            "token",
            "tenant",
            "policy",
            "audit",
            "revocation",
            "store",
            "net",
            "config",
            "engine",
            "entities",
            "facade",
            "testing",
        ],
    ),
];

/// Text that may stand only in files whose path starts with one of these.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("Principal::new(", &["token/mapping.rs"]),
    ("Admitted::new(", &["tenant.rs"]),
    ("Proof::new(", &["engine/intent.rs"]),
    ("aes_gcm::", &["crypto/"]),
    ("aws_lc_rs::", &["crypto/"]),
    ("getrandom::", &["crypto/"]),
    ("hkdf::", &["crypto/"]),
    ("hmac::", &["crypto/"]),
    ("sha2::", &["crypto/"]),
    ("subtle::", &["crypto/"]),
    ("cedar_policy::", &["policy/"]),
    ("rusqlite::", &["store/sqlite/"]),
    // The one outbound door. The testing kit's provider listens, which no product does.
    ("reqwest::", &["net/door/"]),
    ("rustls::", &["net/door/"]),
    ("tower_service::", &["engine/vault/service.rs"]),
    ("lookup_host", &["net/door/"]),
    ("ToSocketAddrs", &["net/door/"]),
    ("TcpListener", &["net/door/", "testing/serve.rs"]),
    ("TcpStream", &["net/door/", "testing/serve.rs"]),
    ("UdpSocket", &["net/door/"]),
    ("UnixStream", &["net/door/"]),
    ("UnixDatagram", &["net/door/"]),
    ("libc::socket", &["net/door/"]),
    ("libc::connect", &["net/door/"]),
    ("unsafe {", &["store/sqlite/fork.rs"]),
];

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    let name = |path: &PathBuf| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

/// The code of a file without its test module and comments.
fn code(text: &str) -> String {
    let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    product.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// First segments after `crate::`, also within braces.
fn rooms_used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let group =
            after.strip_prefix('{').map_or(after, |group| group.split('}').next().unwrap_or_default());
        let names = if after.starts_with('{') { group.split(',').collect() } else { vec![group] };
        for name in names {
            let word: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            used.insert(word);
        }
    }
    used
}

#[test]
fn rooms_use_only_what_the_table_draws() {
    let rooms: BTreeSet<&str> = MAY_USE.iter().map(|(room, _)| *room).collect();
    let mut wrong = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| !is_test(path)) {
        let room = path.split(['/', '.']).next().unwrap();
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{path}: room {room} is not in the table"));
            continue;
        };
        for used in rooms_used(&code(text)) {
            if rooms.contains(used.as_str()) && used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{path} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that the table does not draw:\n{}", wrong.join("\n"));
}

#[test]
fn proofs_and_foreign_crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| !is_test(path)) {
        for (word, homes) in ONLY_IN {
            let names = |line: &str| {
                let mut found = line.match_indices(word);
                found.any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                })
            };
            if !homes.iter().any(|home| path.starts_with(home)) && code(text).lines().any(names) {
                wrong.push(format!("{path} names {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_and_their_first_lines_keep_the_house_style() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        if !is_test(&path) && lines > 300 {
            wrong.push(format!("{path} has {lines} lines: find the second idea"));
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{path} does not say what it is for"));
        }
        let name = path.rsplit('/').next().unwrap().trim_end_matches(".rs");
        if ["util", "utils", "helper", "helpers", "common", "misc", "manager"].contains(&name) {
            wrong.push(format!("{path}: a name that says nothing"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_is_the_one_in_the_architecture_page() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md")).unwrap();
    for (room, allowed) in MAY_USE.iter().filter(|(room, _)| *room != "lib") {
        let row =
            format!("| `{room}` | {} |", if allowed.is_empty() { "-".into() } else { allowed.join(", ") });
        assert!(page.contains(&row), "ARCHITECTURE.md lacks the row\n{row}");
    }
}
