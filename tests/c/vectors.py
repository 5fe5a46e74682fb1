"""Runs a file of rules (tests/vectors) through the C program."""

import copy
import json
import pathlib
import tempfile

from program import Program, Refused

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "vectors"


def load(path):
    """A file whose members are all known, so that no rule says something that nobody looks at."""
    file = json.loads(path.read_text("utf-8"))
    known(file, {"about", "now", "issuers", "files", "configuration", "tokens", "rules"})
    for token in file.get("tokens", {}).values():
        known(token, {"issuer", "claims", "header", "algorithm"})
    for rule in file["rules"]:
        known(rule, {"rule", "changes", "opening", "steps"})
        known(rule.get("opening", {}), {"refusal"})
        assert ("opening" in rule) != ("steps" in rule), f"{rule['rule']}: either an opening or steps"
        for step in rule.get("steps", []):
            known(step, {"on", "do", "with", "as", "answer", "refusal"} if "do" in step else {"at"})
    return file


def known(members, names):
    assert set(members) <= names, f"unknown members: {set(members) - names}"


class Stage:
    """What the rules of a file share: a program, a folder, key sets and tokens."""

    def __init__(self, file, command=None):
        self.file, self.program = file, Program(command)
        self.folder = None
        self.furnish()
        self.found = {"$introspection": {}, "$keys": {}, "$token": {}}
        for name, iss in file["issuers"].items():
            self.program.call("kit", "idp", {"iss": iss}, f"idp-{name}")
            self.found["$keys"][name] = self.program.call(f"idp-{name}", "jwks")
        for name, token in file.get("tokens", {}).items():
            wanted = {key: value for key, value in token.items() if key != "issuer"}
            self.found["$token"][name] = self.program.call(f"idp-{token['issuer']}", "sign", wanted)["token"]
        if "$introspection" in json.dumps(file["configuration"]):
            for name in file["issuers"]:
                self.program.call(f"idp-{name}", "serve", None, f"served-{name}")
                self.found["$introspection"][name] = self.program.call(f"served-{name}", "view")["iss"] + "/introspect"

    def furnish(self):
        """A new folder: what an engine left in the old one is not there."""
        if self.folder:
            self.folder.cleanup()
        self.folder = tempfile.TemporaryDirectory(prefix="aios-vectors-")
        base = pathlib.Path(self.folder.name)
        self.program.call("host", "create_root_keys", {"path": str(base / "root.keys")})
        for name, content in self.file.get("files", {}).items():
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            (base / name).write_text(content, "utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.__exit__()
        self.folder.cleanup()

    def run(self, rule):
        """Holds a rule against the program; what goes against it is an AssertionError."""
        configuration = merged(copy.deepcopy(self.file["configuration"]), rule.get("changes", {}))
        opening = {"configuration": self.filled(configuration), "base": self.folder.name}
        self.program.call("kit", "clock", {"seconds": self.file["now"]}, "clock")
        ended = self.attempt("clock", "engine", opening, "engine")
        expect("the opening", ended, rule.get("opening", {}))
        for number, step in enumerate(rule.get("steps", []), 1):
            if "at" in step:
                self.program.call("clock", "set", {"seconds": step["at"]})
            else:
                ended = self.attempt(step["on"], step["do"], self.filled(step["with"]), step.get("as", "-"))
                expect(f"step {number}", ended, step)
        named = {step["as"] for step in rule.get("steps", []) if "as" in step}
        for name in {"engine", *named} & set(self.program.kinds):
            self.program.line("-", name, "free", "{}")
            del self.program.kinds[name]

    def attempt(self, on, operation, request, name):
        try:
            return "answer", self.program.call(on, operation, request, name)
        except Refused as refused:
            return "refusal", refused.view

    def filled(self, value):
        """A value with tokens and key sets in place of their names."""
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (word := next(iter(value))) in self.found:
            return self.found[word][value[word]]
        return {name: self.filled(member) for name, member in value.items()}


def expect(place, ended, step):
    """An answer or a refusal holds what is expected of it; where nothing is, it is an answer."""
    how, given = ended
    assert how == ("refusal" if "refusal" in step else "answer"), f"{place}: {how} {given}"
    if how in step:
        fits(step[how], given, place)


def merged(base, changes):
    """RFC 7396."""
    if not isinstance(changes, dict):
        return changes
    base = base if isinstance(base, dict) else {}
    for name, change in changes.items():
        if change is None:
            base.pop(name, None)
        else:
            base[name] = merged(base.get(name), change)
    return base


def fits(expected, given, at):
    """Objects may have further members; `$contains` is a part of a text."""
    if isinstance(expected, dict) and set(expected) == {"$contains"} and isinstance(given, str):
        assert expected["$contains"] in given, f"{at} is {given!r}, without {expected}"
    elif isinstance(expected, dict) and isinstance(given, dict):
        for name, member in expected.items():
            assert name in given, f"{at}.{name} is not there"
            fits(member, given[name], f"{at}.{name}")
    elif isinstance(expected, list) and isinstance(given, list) and len(expected) == len(given):
        for index, pair in enumerate(zip(expected, given)):
            fits(*pair, f"{at}[{index}]")
    else:
        same = type(expected) is type(given) and expected == given
        assert same, f"{at} is {given!r}, not {expected!r}"
