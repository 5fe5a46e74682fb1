//! Documents whose claims are run: README's program, its promises, and where links lead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aios_core::crypto::signature::Algorithm;
use aios_core::testing::TestIdp;
use serde_json::json;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// README's one block of a language.
fn block(language: &str) -> String {
    let readme = page("README.md");
    let opening = format!("\n```{language}\n");
    let mut blocks = readme.split(&opening).skip(1).map(|rest| rest.split_once("\n```\n").unwrap().0);
    let found = format!("{}\n", blocks.next().unwrap_or_else(|| panic!("README has no block of {language}")));
    assert_eq!(blocks.count(), 0, "README has several blocks of {language}");
    found
}

/// Every file below a folder whose name ends so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() && !["node_modules", "target"].contains(&name.as_str()) {
            found.extend(files(&entry.path(), ending));
        } else if name.ends_with(ending) {
            found.push(entry.path());
        }
    }
    found
}

#[test]
fn readmes_program_is_the_example_and_prints_what_readme_says() {
    let (source, shown) = (page("examples/readme.rs"), block("rust"));
    assert_eq!(
        source[source.find("\nuse ").unwrap() + 1..],
        shown,
        "examples/readme.rs is not what README shows"
    );
    assert!(shown.trim_end().lines().count() <= 15, "README's program is too long");

    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    let idp = TestIdp::new("https://idp.example.com/");
    fs::create_dir(folder.path().join("policies")).unwrap();
    write("aios.toml", &block("toml"));
    write("policies/analysts.cedar", &block("cedar"));
    write("keys.json", &idp.jwks().to_string());
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let ada = json!({
        "sub": "ada", "aud": "api://aios", "tid": "t-acme", "roles": ["Analyst"], "iat": now, "exp": now + 600,
    });
    let token = idp.sign(ada, json!({}), Algorithm::Es256);
    let program = env!("CARGO_BIN_EXE_aios-readme");
    let run = Command::new(program).arg(token).current_dir(folder.path()).output().unwrap();
    let (stdout, stderr) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    assert!(run.status.success(), "{stderr}");
    assert_eq!((stdout, stderr), (block("text"), String::new()));
}

#[test]
fn every_promise_of_readme_has_a_test_of_that_name() {
    let readme = page("README.md");
    let promises = readme.split_once("\n## Promises\n").unwrap().1.split("\n## ").next().unwrap();
    let rows = promises.lines().filter(|line| line.starts_with("| ")).skip(1);
    let tests: Vec<&str> = rows.map(|row| row.rsplit('`').nth(1).unwrap()).collect();
    assert!(tests.len() >= 10, "{tests:?}");
    let folders = ["aios-core/src", "aios-core/tests", "tests"].map(|folder| root().join(folder));
    let sources: Vec<String> = folders
        .iter()
        .flat_map(|folder| files(folder, ".rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for test in tests {
        let declared = format!("#[test]\nfn {test}() {{");
        let is_there = |source: &String| {
            let lines: Vec<&str> = source.lines().map(str::trim).collect();
            lines.join("\n").contains(&declared)
        };
        assert!(sources.iter().any(is_there), "README promises what no test of the name {test} proves");
    }
}

#[test]
fn links_in_documents_lead_to_files() {
    let mut pages = files(&root().join("docs"), ".md");
    let top = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    pages.extend(top.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    assert!(pages.len() >= 8, "{pages:?}");
    let mut lost = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = link.split('#').next().unwrap();
            if !link.contains("://") && !file.is_empty() && !page.with_file_name(file).exists() {
                lost.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn what_readme_names_is_there() {
    let readme = page("README.md");
    let makefile = page("Makefile");
    for command in ["demo", "test"] {
        assert!(
            readme.contains(&format!("\n    make {command} ")) && makefile.contains(&format!("\n{command}:"))
        );
    }
    let workspace = page("Cargo.toml");
    assert!(readme.contains("Rust ≥ 1.89") && workspace.contains("\nrust-version = \"1.89\"\n"));
    assert!(workspace.contains("\nlicense = \"MIT OR Apache-2.0\"\n"));
}

#[test]
fn every_issuer_shown_in_the_page_on_tokens_can_be_configured() {
    let text = page("docs/tokens.md");
    let blocks: Vec<&str> =
        text.split("\n```toml\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect();
    // Blocks of more than an issuer cannot stand together.
    let (more, blocks): (Vec<_>, Vec<_>) =
        blocks.into_iter().partition(|block| block.starts_with("public_url"));
    assert!(blocks.len() >= 9 && more.len() == 1, "{}", blocks.len());
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("policies")).unwrap();
    fs::write(folder.path().join("introspection.secret"), "secret").unwrap();
    fs::write(folder.path().join("proxy.password"), "secret").unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = authority.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let head = "deployment = \"docs\"\naudience = [\"api://aios\"]\n";
    let tail = "\n[policy]\ndir = \"policies\"\n[store]\nurl = \"memory:\"\n";
    let open = |text: &str| {
        let path = folder.path().join("aios.toml");
        fs::write(&path, text).unwrap();
        aios_core::Aios::open(&path)
    };
    for block in blocks.iter().chain(&more) {
        // How others are asked is said beside an issuer.
        let beside = if block.starts_with("[net]") { blocks[0] } else { "" };
        assert!(
            ["[[issuer]]", "[net]", "public_url"].iter().any(|begins| block.starts_with(begins)),
            "{block}"
        );
        if let Err(refusal) = open(&format!("{head}{block}\n{beside}{tail}")) {
            panic!("{block}\n{refusal}");
        }
    }
    // All of them together, too: names and issuers differ.
    open(&format!("{head}{}{tail}", blocks.join("\n"))).unwrap();
}

#[test]
fn the_page_on_tokens_shows_what_the_program_says_of_a_token() {
    let page = page("docs/tokens.md");
    let shown = page.split("\n```text\n").nth(1).unwrap().split_once("```\n").unwrap().0;
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("policies")).unwrap();
    let iss = "https://kc.example.com/realms/acme";
    let idp = TestIdp::new(iss);
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    write("keys.json", &idp.jwks().to_string());
    write(
        "aios.toml",
        r#"
        deployment = "docs"
        audience = ["api://aios"]
        [[issuer]]
        name = "kc"
        preset = "keycloak"
        iss = "https://kc.example.com/realms/acme"
        jwks_file = "keys.json"
        algorithms = ["ES256"]
        tenants = { acme = "acme" }
        roles = { operator = "aios-api:operator" }
        [policy]
        dir = "policies"
        [store]
        url = "memory:"
        "#,
    );
    let claims = json!({
        "typ": "Bearer", "sub": "f41a", "azp": "web", "aud": "account", "iat": 1_699_999_400, "exp": 1_700_000_000,
        "resource_access": {"aios-api": {"roles": ["operator"]}},
    });
    write("token.txt", &idp.sign(claims, json!({"typ": "JWT"}), Algorithm::Es256));
    let run = Command::new(env!("CARGO_BIN_EXE_aios-explain"))
        .stdin(fs::File::open(folder.path().join("token.txt")).unwrap())
        .current_dir(folder.path())
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    assert_eq!((stdout.as_str(), stderr.as_str()), (shown, ""));
}
