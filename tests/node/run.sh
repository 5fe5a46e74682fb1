#!/usr/bin/env bash
# Builds the package for Node and runs its tests. Arguments are test files; left out: all.
set -euo pipefail
cd "$(dirname "$0")"
../../aios-node/build.sh
# The tests use the package by its name, as everybody does.
mkdir -p node_modules/@aios
ln -sfn ../../../../aios-node node_modules/@aios/node
if [ $# -eq 0 ]; then set -- *.test.mjs; fi
# A test that hangs must not take everything else with it.
exec node --test --test-timeout=120000 "$@"
