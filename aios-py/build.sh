#!/usr/bin/env bash
# Builds the package where it stands: the native module beside python/aios. `pip install ./aios-py` is for everybody else.
set -euo pipefail
cd "$(dirname "$0")/.."
# All packages, as everywhere: one alone would have dependencies with fewer features, built once more for it.
cargo build --quiet --workspace
built=${CARGO_TARGET_DIR:-target}/debug
for library in "$built"/lib_aios.so "$built"/lib_aios.dylib; do
    if [ -f "$library" ]; then
        # A copy, because the loader keys on the file and cargo replaces it. Renamed into place, as programs may have it open.
        cp "$library" aios-py/python/aios/.new.so
        mv aios-py/python/aios/.new.so aios-py/python/aios/_aios.abi3.so
    fi
done
