#!/bin/sh
# Prints what is measured: whole refunds per second beside pgbench and the disk, then the sizes of the browser bundle and
# what payer pages cost a slow phone. What is given is handed to the first part: `scripts/bench.sh --help`.
set -eu
cd "$(dirname "$0")/.."

scripts/ensure-tools.sh test
scripts/ensure-wasm-target.sh
scripts/ensure-node-modules.sh
scripts/ensure-lighthouse.sh
cargo bench --package refundry --bench lifecycles --locked --quiet -- "$@"
case " $* " in *" --help "*) exit ;; esac
cargo build --workspace --exclude refundry-frontend --locked --quiet
"${CARGO_TARGET_DIR:-target}/debug/xtask" bundle
exec node end2end/budget.mjs
