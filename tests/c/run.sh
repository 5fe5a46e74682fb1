#!/bin/sh
# Every test of the C interface. Needs `cargo build --workspace`, cc, c++, pkg-config, valgrind and Python 3.10.
set -eu
cd "$(dirname "$0")"
exec python3 -m unittest "$@"
