#!/usr/bin/env bash
# Prints AIOS beside other libraries as a Markdown table. Wants tests/peers/node_modules and Python's test environment.
set -euo pipefail
cd "$(dirname "$0")/../.."
ROWS=$(cargo bench --quiet --profile dev -p aios-benches --no-run --message-format=json | sed -n 's/.*"executable":"\([^"]*rows[^"]*\)".*/\1/p')
PYTHONPATH="$PWD/aios-py/python" exec target/venv/bin/python benches/compare/compare.py "$ROWS"
