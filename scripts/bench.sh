#!/bin/sh
# Prints what is measured: whole refunds per second beside pgbench and the disk, lists over a million refunds, then the sizes of the browser bundle and
# what payer pages cost a slow phone. What is given is handed to the first part: `scripts/bench.sh --help`.
set -eu
cd "$(dirname "$0")/.."

scripts/ensure-tools.sh test
scripts/ensure-wasm-target.sh
scripts/ensure-node-modules.sh
scripts/ensure-lighthouse.sh
cargo bench --package refundry --bench lifecycles --locked --quiet -- "$@"
case " $* " in *" --help "*) exit ;; esac
is_broken=0
cargo bench --package refundry --bench lists --locked --quiet || is_broken=1
cargo build --workspace --exclude refundry-frontend --locked --quiet
"${CARGO_TARGET_DIR:-target}/debug/xtask" bundle
node end2end/budget.mjs || is_broken=1
exit $is_broken
