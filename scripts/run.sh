#!/bin/sh
# Builds what changed and starts Refundry with SQLite, the sandbox network and a demo merchant.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

scripts/ensure-tools.sh
scripts/ensure-wasm-target.sh
target=${CARGO_TARGET_DIR:-target}
[ -x "$target/debug/refundry" ] || say "first build: about 10 minutes on 2 cores, seconds from then on"
cargo build --workspace --exclude refundry-frontend --locked --quiet || fail "the build failed: see the messages above"
"$target/debug/xtask" bundle || fail "the browser bundle failed: see the messages above"
exec "$target/debug/refundry" serve --demo
