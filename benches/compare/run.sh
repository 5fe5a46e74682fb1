#!/usr/bin/env bash
# Prints AIOS beside other libraries as a Markdown table. Wants tests/peers/node_modules, which `make` installs.
set -euo pipefail
cd "$(dirname "$0")/../.."
aios-py/build.sh
aios-node/build.sh
tests/python/environment.sh
ROWS=$(cargo bench --quiet --profile dev --bench rows --no-run --message-format=json | sed -n 's/.*"executable":"\([^"]*rows[^"]*\)".*/\1/p')
PYTHONPATH="$PWD/aios-py/python" exec target/venv/bin/python benches/compare/compare.py "$ROWS"
