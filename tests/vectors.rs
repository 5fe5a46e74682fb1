//! `tests/vectors/*.json`: rules that every language keeps, run here through the JSON form of the operations.

mod awaiting;
mod format;
mod itself;
mod reach;
mod run;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use format::File;
use run::Form;

/// Every file of rules, with its text read; what other tests read lies deeper.
fn files() -> Vec<(PathBuf, Result<File, String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let file = File::read(&std::fs::read_to_string(&path).unwrap());
        (path, file)
    };
    paths.into_iter().map(read).collect()
}

fn holds(form: Form) {
    let run = |(path, file): (PathBuf, Result<File, String>)| {
        let wrong = file.and_then(|file| run::file(&file, form)).err()?;
        Some(format!("{}: {wrong}", path.display()))
    };
    let wrong: Vec<String> = files().into_iter().filter_map(run).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_holds_for_callers_that_wait() {
    holds(Form::Waiting);
}

#[test]
fn every_rule_holds_for_callers_that_await() {
    holds(Form::Awaiting);
}

#[test]
fn every_code_is_provoked_by_a_rule_or_excused_with_a_reason() {
    let seen: BTreeSet<String> =
        files().iter().flat_map(|(_, file)| reach::expected(file.as_ref().unwrap())).collect();
    assert_eq!(reach::unreached(&seen), Vec::<String>::new());
}

#[test]
fn no_rule_stands_in_two_files() {
    let files = files();
    let names: Vec<&String> =
        files.iter().flat_map(|(_, file)| &file.as_ref().unwrap().rules).map(|rule| &rule.name).collect();
    let distinct: BTreeSet<_> = names.iter().collect();
    let mut twice = names.clone();
    twice.retain(|name| names.iter().filter(|other| other == &name).count() > 1);
    assert!(distinct.len() == names.len() && names.len() >= 120, "{} rules, twice: {twice:?}", names.len());
}
