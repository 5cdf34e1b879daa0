#!/bin/sh
# Installs Lighthouse for `make bench`. One of its packages is asked for as "latest", so a lock file would be out of date any day.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

if cmp -s end2end/lighthouse/package.json end2end/lighthouse/node_modules/.installed; then exit 0; fi
say "installing Lighthouse from npm (about a minute)"
(cd end2end/lighthouse && npm install --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error >&2) ||
    fail "npm install failed in end2end/lighthouse/: check the network and npm's registry setting, then try again"
cp end2end/lighthouse/package.json end2end/lighthouse/node_modules/.installed
