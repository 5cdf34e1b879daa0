#!/bin/sh
# Plays one refund on a private EVM chain, with the real signer process, and prints each step with its transaction ids.
set -eu
cd "$(dirname "$0")/.."

scripts/ensure-tools.sh test
scripts/ensure-wasm-target.sh
scripts/ensure-node-modules.sh
cargo build --workspace --exclude refundry-frontend --locked --quiet
"${CARGO_TARGET_DIR:-target}/debug/xtask" bundle
exec node end2end/demo-evm.mjs
