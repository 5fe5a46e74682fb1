"""Every rule of tests/vectors holds in C, called and waited for, and called back."""

import unittest

import vectors


class Vectors(unittest.TestCase):
    def test_every_rule_holds_in_both_forms(self):
        files = sorted(vectors.FOLDER.glob("*.json"))
        self.assertTrue(files)
        for path in files:
            file = vectors.load(path)
            with vectors.Stage(file) as stage:
                for stage.program.suffix in ("", "_async"):
                    for rule in file["rules"]:
                        with self.subTest(file=path.name, form=stage.program.suffix, rule=rule["rule"]):
                            stage.run(rule)
                    stage.furnish()
                self.assertEqual(stage.program.end(), (0, ""), path.name)


if __name__ == "__main__":
    unittest.main()
