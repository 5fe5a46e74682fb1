#!/bin/sh
# The curve of decisions over the number of policies: benches/curve.sh [image], docs/policy-curve.svg where none is said.
# Peers are installed into target/peers, from PyPI.
set -eu
cd "$(dirname "$0")/.."
image=$(realpath "${1:-docs/policy-curve.svg}")
if [ ! -x target/peers/bin/python ]; then
  python3 -m venv target/peers
  target/peers/bin/pip install --quiet --disable-pip-version-check cedarpy==4.12.2 cedarling-python==2.5.20
fi
cargo bench --quiet --profile dev --bench rows -- curve "$image" "$PWD/target/peers/bin/python"
