//! `aios-ffi/include/aios.h`: the template `aios-ffi/aios.h.in`, filled from the tables.

use std::collections::BTreeSet;
use std::fmt::Write;

use aios_core::Code;
use serde_json::{Map, Value};

use prose::{broken, comment, described, wrapped};

use super::describe::{Answer, Operation, definitions, product, testing};

mod prose;

#[path = "../../aios-ffi/src/constants.rs"]
#[expect(dead_code, reason = "the library uses them one by one")]
mod constants;

#[test]
fn the_c_header_says_what_the_tables_say() {
    let (product, testing) = (product(), testing());
    let definitions = definitions();
    let told = reached(&product, &definitions);
    let rest: BTreeSet<_> = reached(&testing, &definitions).difference(&told).cloned().collect();
    let everything = [product.clone(), testing.clone()].concat();
    let places = [
        ("@VERSION@", env!("CARGO_PKG_VERSION").to_owned()),
        ("@ABI@", constants::ABI.to_string()),
        ("@LIMIT@", constants::REQUEST_LIMIT.to_string()),
        ("@STATUSES@", statuses()),
        ("@CODES@", codes()),
        ("@CODE_LIST@", code_list()),
        ("@DEFINITIONS@", described(&told, &definitions)),
        ("@TESTING_DEFINITIONS@", described(&rest, &definitions)),
        ("@HANDLES@", handles(&product, &everything)),
        ("@TESTING_HANDLES@", handles(&testing, &everything)),
        ("@CALLBACKS@", callbacks(&product)),
        ("@TESTING_CALLBACKS@", callbacks(&testing)),
        ("@FUNCTIONS@", functions(&product)),
        ("@TESTING_FUNCTIONS@", functions(&testing)),
        ("@OPERATION_LIST@", operation_list(&product)),
        ("@TESTING_OPERATION_LIST@", operation_list(&testing)),
    ];
    let template = include_str!("../../aios-ffi/aios.h.in");
    let header = places.iter().fold(template.to_owned(), |text, (place, filling)| {
        assert!(text.contains(place), "the template has no {place}");
        text.replace(place, filling.trim_end())
    });
    super::assert_fresh("aios-ffi/include/aios.h", &header);
}

fn statuses() -> String {
    constants::STATUSES.iter().fold(String::new(), |mut text, (name, number, sentence)| {
        write!(text, "/* {sentence} */\n#define AIOS_{name} {number}\n").unwrap();
        text
    })
}

fn codes() -> String {
    Code::ALL.iter().fold(String::new(), |mut text, code| {
        let (name, sentence, status) = (constant(*code), code.sentence(), code.status());
        write!(text, "/* {status}: {sentence} */\n#define AIOS_CODE_{name} \"{code}\"\n").unwrap();
        text
    })
}

fn code_list() -> String {
    list(Code::ALL.iter().map(|code| {
        let (name, sentence, status) = (constant(*code), code.sentence(), code.status());
        format!("X({name}, \"{code}\", {status}, {sentence:?})")
    }))
}

fn constant(code: Code) -> String {
    code.as_str().replace('.', "_").to_uppercase()
}

fn operation_list(operations: &[Operation]) -> String {
    list(operations.iter().map(|operation| {
        let on = if on_the_process(operation) { "process" } else { "handle" };
        let (gives, answer) = match operation.answer {
            Answer::Data(_) => ("data", "buf".to_owned()),
            Answer::Handle(name) => ("handle", snake(name)),
        };
        let when = if operation.waits { "waits" } else { "now" };
        format!("X({}, {}, {on}, {gives}, {answer}, {when})", snake(operation.receiver), operation.name)
    }))
}

fn list(rows: impl Iterator<Item = String>) -> String {
    rows.fold(String::new(), |text, row| format!("{text} \\\n    {row}")).trim_start().to_owned()
}

/// The kinds of data that operations take and give, and what those are made of.
fn reached(operations: &[Operation], definitions: &Map<String, Value>) -> BTreeSet<String> {
    let mut open: Vec<String> = operations
        .iter()
        .flat_map(|operation| [Some(operation.request), data(operation)])
        .flatten()
        .chain(["RefusalView"])
        .map(str::to_owned)
        .collect();
    let mut reached = BTreeSet::new();
    while let Some(name) = open.pop() {
        let text = definitions[&name].to_string();
        open.extend(
            text.split("#/$defs/").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)),
        );
        if !reached.insert(name) {
            open.retain(|name| !reached.contains(name));
        }
    }
    reached
}

fn data(operation: &Operation) -> Option<&'static str> {
    match operation.answer {
        Answer::Data(name) => Some(name),
        Answer::Handle(_) => None,
    }
}

/// The opaque types of a table, each with where it comes from and how it is freed.
fn handles(operations: &[Operation], everything: &[Operation]) -> String {
    let mut text = String::new();
    for receiver in receivers(operations) {
        let handle = snake(receiver);
        let made =
            |operation: &&Operation| matches!(operation.answer, Answer::Handle(name) if name == receiver);
        let makers: Vec<String> = everything.iter().filter(made).map(function).collect();
        let lines =
            wrapped(&format!("Made by {}. Any number of threads may use it at once.", makers.join(", ")), "");
        writeln!(text, "{}typedef struct aios_{handle} aios_{handle};", comment(&lines)).unwrap();
        write!(text, "void aios_{handle}_free(aios_{handle} *{handle});\n\n").unwrap();
    }
    text
}

/// The receivers that are handles, in the table's order.
fn receivers(operations: &[Operation]) -> Vec<&'static str> {
    let mut names: Vec<_> = operations
        .iter()
        .filter(|operation| !on_the_process(operation))
        .map(|operation| operation.receiver)
        .collect();
    names.dedup();
    names
}

fn callbacks(operations: &[Operation]) -> String {
    let awaited = |handle: &str| {
        operations.iter().any(|row| row.waits && matches!(row.answer, Answer::Handle(name) if name == handle))
    };
    let mut text = String::new();
    for handle in receivers(operations).into_iter().filter(|handle| awaited(handle)).map(snake) {
        writeln!(text, "/* Gets a handle, which is its own, to be freed by aios_{handle}_free. */").unwrap();
        let arguments =
            format!("void *user_data, aios_status status, aios_{handle} *{handle}, aios_error *error");
        writeln!(text, "{}", broken(&format!("typedef void (*aios_{handle}_callback)({arguments});")))
            .unwrap();
    }
    text
}

fn functions(operations: &[Operation]) -> String {
    operations.iter().map(declared).collect::<Vec<_>>().join("\n")
}

/// Both forms of an operation.
fn declared(operation: &Operation) -> String {
    let receiver = snake(operation.receiver);
    let on = if on_the_process(operation) {
        String::new()
    } else {
        format!("const aios_{receiver} *{receiver}, ")
    };
    let (answer, callback, given) = match operation.answer {
        Answer::Data(name) => {
            ("aios_buf *answer".to_owned(), "aios_data_callback".to_owned(), name.to_owned())
        }
        Answer::Handle(name) => {
            let handle = snake(name);
            (format!("aios_{handle} **answer"), format!("aios_{handle}_callback"), format!("aios_{handle}"))
        }
    };
    let lines = wrapped(&format!("{} ({} -> {given})", operation.doc, operation.request), "");
    let name = function(operation);
    let mut text = comment(&lines);
    let waiting = format!("aios_status {name}({on}aios_str request, {answer}, aios_error **error);");
    writeln!(text, "{}", broken(&waiting)).unwrap();
    if operation.waits {
        let awaiting = format!(
            "aios_status {name}_async({on}aios_str request, {callback} callback, void *user_data, aios_ticket *ticket);"
        );
        writeln!(text, "{}", broken(&awaiting)).unwrap();
    }
    text
}

fn function(operation: &Operation) -> String {
    format!("aios_{}_{}", snake(operation.receiver), operation.name)
}

/// Whether it is called on the process, which is no handle.
fn on_the_process(operation: &Operation) -> bool {
    ["Host", "Kit"].contains(&operation.receiver)
}

fn snake(name: &str) -> String {
    let mut text = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
