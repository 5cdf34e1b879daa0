#!/bin/sh
# Plays one refund on a private EVM chain, with the real signer process, and prints each step with its transaction ids.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

scripts/ensure-tools.sh test
scripts/ensure-wasm-target.sh
scripts/ensure-node-modules.sh
target=${CARGO_TARGET_DIR:-target}
[ -x "$target/debug/refundry" ] || say "first build: about 10 minutes on 2 cores, seconds from then on"
cargo build --workspace --exclude refundry-frontend --locked --quiet || fail "the build failed: see the messages above"
"$target/debug/xtask" bundle || fail "the browser bundle failed: see the messages above"
exec node end2end/demo-evm.mjs
