"""AIOS installed below a temporary prefix, and programs built against it as a stranger would."""

import atexit
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
OPERATIONS = ROOT / "aios-ffi/examples/operations.c"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"]
LANGUAGES = {".c": ["cc", "-std=c99"], ".cpp": ["c++", "-std=c++17"]}


def run(*command, **options):
    """What a command prints; its words where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=80, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ends with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


@functools.cache
def folder():
    made = pathlib.Path(tempfile.mkdtemp(prefix="aios-c-"))
    atexit.register(shutil.rmtree, made)
    return made


@functools.cache
def prefix():
    """Where AIOS is installed."""
    libraries = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
    run(ROOT / "aios-ffi/install.sh", folder() / "usr", libraries)
    return folder() / "usr"


def pkg_config(*options):
    found = {**os.environ, "PKG_CONFIG_PATH": str(prefix() / "lib/pkgconfig")}
    return run("pkg-config", *options, "aios", env=found).split()


@functools.cache
def built(source, static=False):
    """A program, linked as `pkg-config` says; a static one as its user would, who asks for the archive by its name."""
    source = pathlib.Path(source)
    program = folder() / (source.stem + ("-static" if static else ""))
    libraries = pkg_config("--static", "--libs") if static else [*pkg_config("--libs"), f"-Wl,-rpath,{prefix()}/lib"]
    libraries = ["-l:libaios.a" if static and part == "-laios" else part for part in libraries]
    compiler = LANGUAGES[source.suffix]
    run(*compiler, *STRICT, *pkg_config("--cflags"), "-o", program, source, *libraries, "-pthread")
    return program
