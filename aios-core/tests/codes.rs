//! The page of codes is made from the table.

use std::fmt::Write as _;
use std::path::Path;

use aios_core::Code;
use aios_core::model::code::Retry;

const HEAD: &str = "# Codes

Every refusal carries one of these: the same string in every language and in the audit record. 401, 403 and 429 are
denials, the caller's affair; 500 and 503 are failures of ours. Made from `aios-core/src/model/code.rs` (`UPDATE=1 make
test`).

| code | status | try again | what happened | what to do |
|---|---|---|---|---|
";

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told whether to rewrite what is stale")]
fn the_page_of_codes_is_fresh() {
    let mut page = HEAD.to_owned();
    for code in Code::ALL {
        let retry = match code.retry() {
            Retry::Later => "later",
            Retry::No => "no",
            Retry::Refresh => "with a fresh token",
        };
        let (anchor, status) = (code.anchor(), code.status());
        let (what, remedy) = (code.sentence(), code.remedy());
        writeln!(page, "| <a id=\"{anchor}\"></a>`{code}` | {status} | {retry} | {what} | {remedy} |")
            .unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/codes.md");
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == page,
        "docs/codes.md is stale: UPDATE=1 make test"
    );
}
