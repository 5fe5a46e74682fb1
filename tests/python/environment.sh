#!/usr/bin/env bash
# Makes the environment of Python's tests in target/venv, unless it is there and as required.
set -euo pipefail
cd "$(dirname "$0")/../.."
VENV=target/venv
if ! cmp --silent tests/python/requirements.txt "$VENV/requirements.txt"; then
    "${PYTHON:-python3}" -m venv --clear "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check -r tests/python/requirements.txt
    cp tests/python/requirements.txt "$VENV/requirements.txt"
fi
