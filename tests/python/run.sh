#!/usr/bin/env bash
# Python's tests: types, then pytest with the arguments given. Builds the native module first, unless it is built.
set -euo pipefail
cd "$(dirname "$0")/../.."
VENV=target/venv

aios-py/build.sh

tests/python/environment.sh

PYTHONPATH="$PWD/aios-py/python"
# Panics are asked for by the hundred.
RUST_BACKTRACE=0
export PYTHONPATH RUST_BACKTRACE
"$VENV/bin/mypy" --strict --enable-error-code truthy-bool --python-version 3.10 aios-py/python/aios tests/python/typed.py
"$VENV/bin/python" -m mypy.stubtest aios --allowlist tests/python/stubtest.allow
exec "$VENV/bin/python" -m pytest -q -p no:cacheprovider tests/python "$@"
