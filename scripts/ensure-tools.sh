#!/bin/sh
# Makes sure the programs that build Refundry (and with "test": that test it) are there. Installs Debian packages, never Rust itself.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

command -v cargo >/dev/null || fail "Rust is missing: install it from https://rustup.rs and open a new shell"

command -v cc >/dev/null || install_packages "compiling C parts of libraries" gcc libc6-dev

[ "${1:-}" = test ] || exit 0

command -v node >/dev/null || install_packages "browser tests" nodejs npm
command -v npm >/dev/null || install_packages "browser tests" npm
[ "$(node -p 'process.versions.node.split(".")[0] >= 18')" = true ] || fail "browser tests need Node.js 18 or newer, found $(node --version)"
[ -x /usr/bin/chromium ] || [ -n "${REFUNDRY_CHROMIUM:-}" ] || install_packages "browser tests" chromium
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || [ -n "${REFUNDRY_TEST_POSTGRES_URL:-}" ] ||
    install_packages "tests on PostgreSQL" postgresql
command -v ip >/dev/null || [ -x /usr/sbin/ip ] || install_packages "tests in a network of their own" iproute2
