#!/bin/sh
# Installs what the browser tests need from npm, when the lock file changed. No package's own scripts are run.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

if cmp -s end2end/package-lock.json end2end/node_modules/.installed-lock; then exit 0; fi
say "installing the browser tests' packages from npm (about a minute)"
(cd end2end && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
    fail "npm ci failed in end2end/: check the network and npm's registry setting, then try again"
cp end2end/package-lock.json end2end/node_modules/.installed-lock
