#!/usr/bin/env bash
# Builds the package where it stands: `dist/` from `ts/`, and the native layer beside it.
set -euo pipefail
cd "$(dirname "$0")"

# npm writes this file last, so that an installation cut short is begun again.
installed=node_modules/.package-lock.json
if [ ! -f "$installed" ] || [ package-lock.json -nt "$installed" ]; then
    npm ci --no-audit --no-fund --loglevel=error
    touch "$installed"
fi
rm -rf dist
node_modules/.bin/tsc

# All packages, as everywhere: one alone would have dependencies with fewer features, built once more for it.
cargo build --quiet --workspace
built=$(cargo metadata --format-version 1 --no-deps | node -p 'JSON.parse(require("node:fs").readFileSync(0)).target_directory')/debug
for library in "$built"/libaios_node.so "$built"/libaios_node.dylib "$built"/aios_node.dll; do
    if [ -f "$library" ]; then
        name=$(node -p 'require("./dist/addon.js").names()[0]')
        # Not over the old file, which a running process may have mapped.
        cp "$library" "aios.$name.node.new"
        mv "aios.$name.node.new" "aios.$name.node"
    fi
done
