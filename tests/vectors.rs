//! `tests/vectors/*.json`: rules that every language keeps, run here through the JSON form of the operations.

mod format;
mod run;

use std::path::Path;

#[test]
fn every_rule_of_every_file_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut wrong = Vec::new();
    let mut rules = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let file = format::File::read(&std::fs::read_to_string(&path).unwrap());
            rules += file.as_ref().map_or(0, |file| file.rules.len());
            if let Err(said) = file.and_then(|file| run::file(&file)) {
                wrong.push(format!("{}: {said}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rules > 5, "only {rules} rules were found");
}
