#!/bin/sh
# Stops the PostgreSQL that the tests share (server/engine/tests/support/postgres.rs), if one runs. Otherwise it stops itself when idle.
set -eu
cd "$(dirname "$0")/.."
note=${CARGO_TARGET_DIR:-target}/tmp/postgres.url
[ -e "$note" ] || exit 0
# Its keeper watches this file, stops the server and removes its folder.
rm -f "$note"
