//! Python's generated files: the native layer's stub, types of requests and answers, the table of codes.

mod answers;
mod types;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aios_core::Code;

use super::assert_fresh;
use super::describe::{Answer, Operation, definitions, product, testing};

const MADE: &str = "Made from the operations table (`UPDATE=1 make test`).";

#[test]
fn pythons_types_are_fresh() {
    assert_fresh("aios-py/python/aios/_types.py", &types::module(&definitions()));
}

#[test]
fn pythons_answers_are_fresh() {
    assert_fresh("aios-py/python/aios/_answers.py", &answers::module(&definitions(), &product()));
}

#[test]
fn pythons_codes_are_fresh() {
    assert_fresh("aios-py/python/aios/codes.py", &codes());
}

#[test]
fn pythons_stub_is_fresh() {
    assert_fresh("aios-py/python/aios/_aios.pyi", &stub());
}

fn codes() -> String {
    let mut file = format!(
        r#""""The table of codes: every refusal carries one. {MADE}"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from ._types import Retry

Code = Literal[
"#
    );
    for code in Code::ALL {
        writeln!(file, "    \"{code}\",").unwrap();
    }
    file.push_str(
        r#"]


class Row(NamedTuple):
    """What a code means."""

    status: int
    retry: Retry
    sentence: str
    remedy: str
    anchor: str


CODES: dict[Code, Row] = {
"#,
    );
    for code in Code::ALL {
        let retry = serde_json::to_value(code.retry()).unwrap();
        let (status, anchor) = (code.status(), code.anchor());
        let (sentence, remedy) = (text(code.sentence()), text(code.remedy()));
        writeln!(file, "    \"{code}\": Row({status}, {retry}, {sentence}, {remedy}, \"{anchor}\"),")
            .unwrap();
    }
    file.push_str("}\n");
    file
}

/// A string literal.
fn text(text: &str) -> String {
    // JSON's escapes are Python's too.
    serde_json::to_string(text).unwrap()
}

/// A documentation comment as Python has it, indented by so many spaces.
fn doc(indent: usize, sentence: &str) -> String {
    let margin = " ".repeat(indent);
    let sentence = sentence.replace('\\', "\\\\").replace('"', "'");
    format!("{margin}\"\"\"{sentence}\"\"\"\n")
}

/// What is written by hand of the native layer.
const NATIVE: &str = r#""""The native layer: every operation of the table, from data to data. {MADE}"""

from typing import Final, NoReturn, final

from . import _answers, _types
from .errors import Refused

__all__ = [{names}]
__version__: Final[str]
OPERATIONS: Final[list[str]]
TESTING_OPERATIONS: Final[list[str]]
CODES: Final[list[str]]
HOST: Final[Host]
KIT: Final[Kit]

@final
class Tasks:
    """Awaited work of one event loop."""
    def __new__(cls) -> Tasks: ...
    def fileno(self) -> int:
        """Readable when `turn` has something to do."""
    def turn(self) -> list[tuple[int, object, Refused | None]]:
        """Polls what was woken and gives what is done: its number, and its answer or the exception."""
    def drop(self, number: int) -> None:
        """Drops work that nobody waits for any longer."""

@final
class Pending:
    """Awaited work that goes on."""
    @property
    def number(self) -> int:
        """The number by which `Tasks.turn` names it."""
"#;

fn stub() -> String {
    let operations = [product(), testing()].concat();
    let mut names: Vec<&str> = operations.iter().map(|row| row.receiver).collect();
    names.dedup();
    names.extend([
        "Pending",
        "Tasks",
        "HOST",
        "KIT",
        "OPERATIONS",
        "TESTING_OPERATIONS",
        "CODES",
        "__version__",
    ]);
    let names = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let mut file = NATIVE.replace("{MADE}", MADE).replace("{names}", &names);
    let classes = answers::classes(&definitions(), &product());
    for rows in operations.chunk_by(|one, next| one.receiver == next.receiver) {
        let receiver = rows[0].receiver;
        write!(file, "\n@final\nclass {receiver}:\n").unwrap();
        file.push_str(&doc(4, &format!("`{receiver}` of the operations table.")));
        file.extend(rows.iter().map(|row| methods(row, &classes)));
        file.push_str("    def __reduce__(self) -> NoReturn: ...\n");
    }
    file
}

fn methods(row: &Operation, classes: &BTreeSet<String>) -> String {
    let Operation { name, request, .. } = row;
    let answer = match row.answer {
        Answer::Data(answer) if classes.contains(answer) => format!("_answers.{answer}"),
        Answer::Data(answer) => format!("_types.{answer}"),
        Answer::Handle(answer) => answer.to_owned(),
    };
    let about = doc(8, &row.doc);
    let mut methods = format!("    def {name}(self, request: _types.{request}) -> {answer}:\n{about}");
    if row.waits {
        write!(
            methods,
            "    def {name}_async(self, request: _types.{request}, tasks: Tasks) -> {answer} | Pending:\n{about}"
        )
        .unwrap();
    }
    methods
}
