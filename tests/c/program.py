"""Drives the C program that calls operations by name."""

import json
import subprocess
import tempfile

import installed


class Refused(Exception):
    """An operation was refused: the class, and what the refusal says."""

    def __init__(self, status, view):
        super().__init__(view)
        self.status, self.view = status, view


class Program:
    """One running program. `suffix` is the form in which it calls what may wait: "" or "_async"."""

    def __init__(self, command=None):
        self.command = command or [installed.built(installed.OPERATIONS)]
        listed = installed.run(*self.command[-1:], "--list").splitlines()
        self.operations = [line.split()[1] for line in listed if line.startswith("operation ")]
        self.codes = [line.split()[1] for line in listed if line.startswith("code ")]
        self.suffix, self.kinds = "", {}
        # A file, because nobody reads a pipe of complaints until the end, and a full one would block.
        self.complaints = tempfile.TemporaryFile("w+", encoding="utf-8")
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.complaints}
        self.process = subprocess.Popen(self.command, text=True, encoding="utf-8", **streams)

    def call(self, on, operation, request=None, name="-"):
        """Calls an operation, in the program's form where there is one. Gives data, or None for a handle, which is kept."""
        kind = self.kinds.get(on, on)
        if f"{kind}.{operation}{self.suffix}" in self.operations:
            operation += self.suffix
        return self.line(name, on, operation, json.dumps(request or {}))

    def line(self, name, on, operation, request):
        """The same, with the operation's form in its name and the request as text."""
        self.process.stdin.write(f"{name} {on} {operation} {request}\n")
        self.process.stdin.flush()
        word, _, rest = self.process.stdout.readline().rstrip("\n").partition(" ")
        if word == "data":
            return json.loads(rest)
        if word == "handle":
            self.kinds[name] = rest
            return None
        if word == "refused":
            status, _, view = rest.partition(" ")
            raise Refused(int(status), json.loads(view) if view else None)
        raise AssertionError(f"{on} {operation}: {word} {rest} {'' if word else self.end()}")

    def end(self):
        """Closes its input. Gives how it ended and what it said on standard error."""
        self.process.communicate(timeout=80)
        self.complaints.seek(0)
        return self.process.returncode, self.complaints.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.complaints.close()
