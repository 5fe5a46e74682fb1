#!/bin/sh
# Prints sealing and opening by AIOS beside other libraries as a Markdown table. Peers are installed into target/sealing, from PyPI.
set -eu
cd "$(dirname "$0")/../.."
venv=target/sealing
if ! cmp --silent benches/sealing/requirements.txt "$venv/requirements.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r benches/sealing/requirements.txt
  cp benches/sealing/requirements.txt "$venv/requirements.txt"
fi
aios-py/build.sh
PYTHONPATH="$PWD/aios-py/python" exec "$venv/bin/python" benches/sealing/sealing.py
