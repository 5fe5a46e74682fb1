"""C and C++ programs that look at arguments, callbacks, forks and the end of the process."""

import json
import unittest

import installed
from installed import HERE, built, run
from world import world


class Programs(unittest.TestCase):
    def test_every_function_refuses_wrong_arguments(self):
        with world() as stage:
            run(built(HERE / "arguments.c"), stage.opening("memory:"), stage.request, stage.presented, stage.put, stage.fetch, stage.payload)

    def test_callbacks_come_once_each_from_one_thread(self):
        with world() as stage:
            run(built(HERE / "callbacks.c"), stage.opening("memory:"), stage.request, stage.waits, stage.silent)

    def test_handles_and_promises_in_cpp(self):
        with world() as stage:
            run(built(HERE / "raii.cpp"), stage.opening("memory:"), stage.request)

    def test_children_use_what_they_inherit_and_open_their_own(self):
        for store in ("memory:", "sqlite:forked.db"):
            with self.subTest(store=store), world() as stage:
                run(built(HERE / "life.c"), "fork", stage.opening(store), stage.request, stage.waits, stage.silent)

    def test_a_process_ends_while_work_is_under_way_and_the_trail_is_whole(self):
        with world() as stage:
            for _ in range(10):
                run(built(HERE / "life.c"), "exit", stage.opening("sqlite:ended.db"), stage.request, stage.waits, stage.silent)
            stage.program.call("kit", "clock", {"seconds": stage.file["now"]}, "clock")
            stage.program.call("clock", "engine", json.loads(stage.opening("sqlite:ended.db")), "engine")
            stage.program.call("engine", "audit", {}, "trail")
            report = stage.program.call("trail", "verify")
            self.assertTrue(report["ok"], report)
            self.assertGreaterEqual(report["records"], 10)


class Header(unittest.TestCase):
    def test_the_header_alone_is_clean_in_both_languages(self):
        for suffix, compiler in installed.LANGUAGES.items():
            for define in ("-UAIOS_TESTING", "-DAIOS_TESTING"):
                source = installed.folder() / f"header{suffix}"
                source.write_text("#include <aios.h>\n#include <aios.h>\nint main(void) { return AIOS_OK; }\n")
                flags = [*installed.STRICT, "-Wconversion", "-Wshadow", "-Wundef", define, *installed.pkg_config("--cflags")]
                run(*compiler, *flags, "-fsyntax-only", source)


if __name__ == "__main__":
    unittest.main()
