"""Every operation survives a panic; a whole story leaks nothing; what is exported is what the header declares."""

import json
import re
import unittest

import installed
import vectors
from installed import HERE, OPERATIONS, built, run
from program import Program, Refused
from world import REPORT, handles, world

FAILED, MISUSE = 2, 3
VALGRIND = ["valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full", "--show-leak-kinds=definite"]
VALGRIND += ["--errors-for-leak-kinds=definite"]


class Lists(unittest.TestCase):
    def test_operations_and_codes_are_those_of_every_language(self):
        contract = json.loads((installed.ROOT / "tests/contract/contract.json").read_text("utf-8"))
        rows = []
        for row in contract["operations"] + contract["testing"]:
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", row["receiver"]).lower() + "." + row["name"]
            rows += [name, f"{name}_async"] if row["waits"] else [name]
        with Program() as program:
            self.assertEqual(program.operations, rows)
            self.assertEqual(program.codes, [code["code"] for code in contract["codes"]])


class Panics(unittest.TestCase):
    def test_a_panic_in_any_operation_is_the_failure_internal_and_the_process_lives(self):
        with world() as stage:
            handles(stage, "memory:")
            program = stage.program
            self.assertGreater(len(program.operations), 40)
            for row in program.operations:
                with self.subTest(operation=row):
                    receiver, operation = row.split(".")
                    program.call("kit", "panic_next")
                    with self.assertRaises(Refused) as caught:
                        program.line("made", "idp-corp" if receiver == "idp" else receiver, operation, "{}")
                    self.assertEqual((caught.exception.status, caught.exception.view["code"]), (FAILED, "internal"))
                    self.assertNotIn("panic", json.dumps(caught.exception.view))
            self.assertTrue(program.call("engine", "check", json.loads(stage.request))["allowed"])
            # The default hook of Rust prints panics; they hold no secrets.
            self.assertEqual(program.end()[0], 0)

    def test_an_operation_of_no_handle_is_misuse(self):
        with Program() as program:
            for row in program.operations:
                receiver, operation = row.split(".")
                if receiver in ("host", "kit"):
                    continue
                with self.subTest(operation=row), self.assertRaises(Refused) as caught:
                    program.line("-", receiver, operation, "{}")
                self.assertEqual((caught.exception.status, caught.exception.view["at"]), (MISUSE, "receiver"))


class Memory(unittest.TestCase):
    def test_a_story_with_refusals_is_clean_in_both_forms(self):
        with world([*VALGRIND, built(OPERATIONS)]) as stage:
            for suffix in ("", "_async"):
                stage.program.suffix = suffix
                story(self, stage)
            self.assertEqual(stage.program.end(), (0, ""))

    def test_programs_are_clean(self):
        with world() as stage:
            arguments = stage.opening("memory:"), stage.request, stage.waits, stage.silent
            run(*VALGRIND, built(HERE / "callbacks.c"), *arguments)


def story(test, stage):
    """Every kind of handle and of answer; each rule of the first file; refusals of every class."""
    for rule in stage.file["rules"]:
        stage.run(rule)
    handles(stage, "sqlite:story.db")
    call = stage.program.call
    for name in ("principal", "permit", "served"):
        call(name, "view")
    call("permit", "complete", {"status": "failed", "data": {"why": "é\0"}})
    call("principal", "authorize", REPORT, "permit")
    refused = [
        ("permit", "complete", {"status": "perhaps"}),
        ("engine", "authorize", {**REPORT, "credential": "no token"}),
        ("engine", "authenticate", {"credential": 7}),
        ("host", "open", {"path": "/nowhere/aios.toml"}),
        ("nobody", "nothing", None),
    ]
    for on, operation, request in refused[:-1]:
        with test.assertRaises(Refused):
            call(on, operation, request)
    with test.assertRaises(AssertionError):
        call(*refused[-1])
    test.assertTrue(call("audit", "verify", {"tenant": "acme"})["ok"])
    call("served", "stop")
    call("engine", "close")
    with test.assertRaises(Refused):
        call("engine", "flush")


class Installation(unittest.TestCase):
    def test_the_libraries_export_what_the_header_declares(self):
        header = (installed.prefix() / "include/aios.h").read_text("utf-8")
        declared = set(re.findall(r"^[a-z].*?\b(aios_\w+)\(", re.sub(r"/\*.*?\*/", "", header, flags=re.S), re.M))
        declared.remove("aios_text")
        for library in ("libaios.so", "libaios.a"):
            options = ["-D"] if library.endswith("so") else []
            symbols = run("nm", *options, "--defined-only", "--extern-only", installed.prefix() / "lib" / library)
            exported = {line.split()[-1] for line in symbols.splitlines() if " T aios_" in line}
            self.assertEqual({name for name in exported if not name.startswith("aios_core")}, declared, library)
        with Program() as program:
            self.assertLessEqual({f"aios_{row.replace('.', '_')}" for row in program.operations}, declared)
    def test_the_shared_library_is_found_by_its_soname_and_the_static_one_needs_none(self):
        header = (installed.prefix() / "include/aios.h").read_text("utf-8")
        version = re.search(r'AIOS_VERSION "(.*)"', header)[1]
        abi = re.search(r"AIOS_ABI_VERSION (\d+)", header)[1]
        self.assertEqual(installed.pkg_config("--modversion"), [version])
        needed = {static: run("readelf", "-d", built(OPERATIONS, static)) for static in (False, True)}
        self.assertIn(f"[libaios.so.{abi}]", needed[False])
        self.assertNotIn("libaios", needed[True])
        for static in (False, True):
            with Program([built(OPERATIONS, static)]) as program:
                program.call("kit", "clock", {"seconds": 7}, "clock")
                self.assertEqual(program.call("clock", "now"), {"seconds": 7})
                self.assertEqual(program.end(), (0, ""))

    def test_an_installation_can_be_staged(self):
        staged = installed.folder() / "staged"
        libraries = installed.prefix() / "lib"
        run(installed.ROOT / "aios-ffi/install.sh", "/opt/aios", libraries, env={"PATH": "/usr/bin:/bin", "DESTDIR": str(staged)})
        self.assertIn("prefix=/opt/aios\n", (staged / "opt/aios/lib/pkgconfig/aios.pc").read_text("utf-8"))
        self.assertTrue((staged / "opt/aios/lib/libaios.so").exists())
        with self.assertRaises(AssertionError):
            run(installed.ROOT / "aios-ffi/install.sh", "relative", libraries)


if __name__ == "__main__":
    unittest.main()
