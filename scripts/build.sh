#!/bin/sh
# Builds the release programs into target/release, with the browser bundle embedded and the builder's paths taken out.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

say "building the browser bundle (about 4 minutes from cold)"
cargo xtask bundle
say "building refundry and refundry-signer for release (about 8 minutes from cold)"
RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo" \
    cargo build --release --locked --package refundry --package refundry-signer
