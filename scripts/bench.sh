#!/bin/sh
# Prints the measured sizes: the browser bundle and the claim page's first load. Speed is not measured yet.
set -eu
cd "$(dirname "$0")/.."

scripts/ensure-tools.sh test
scripts/ensure-wasm-target.sh
scripts/ensure-node-modules.sh
cargo build --workspace --exclude refundry-frontend --locked --quiet
"${CARGO_TARGET_DIR:-target}/debug/xtask" bundle
exec node end2end/sizes.mjs
