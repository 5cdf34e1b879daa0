#!/bin/bash
# Every check and test there is, from a fresh clone. The last line is the count; the exit status is 0 only when nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. scripts/common.sh

target=${CARGO_TARGET_DIR:-target}
native=(--workspace --exclude refundry-frontend --locked)
log=$target/tmp/tests.log
broken=()

# step NAME MINUTES COMMAND...: runs one step, remembers whether it broke.
step() {
    local name=$1 minutes=$2 started=$SECONDS
    shift 2
    say "── $name (up to $minutes min from cold)"
    if "$@"; then
        say "   $name: ok, $((SECONDS - started)) s"
    else
        say "   $name: FAILED, $((SECONDS - started)) s"
        broken+=("$name")
        return 1
    fi
}

# The arrows between the packages, which a build of the whole workspace would hide by unifying features.
purity() {
    cargo check --locked --package refundry-domain --target wasm32-unknown-unknown || return 1
    local tree
    tree=$(cargo tree --locked --package refundry-frontend --target wasm32-unknown-unknown --edges normal --prefix none) || return 1
    if grep -E '^(sqlx|tokio|axum|refundry-engine)[ -]' <<<"$tree"; then
        echo "the browser's package depends on the crates above: keep them behind app's feature ssr" >&2
        return 1
    fi
}

rust_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run "${native[@]}" -E 'not binary(simulator)' --no-fail-fast --status-level fail --final-status-level fail 2>&1 | tee "$log"
    else
        cargo test "${native[@]}" --lib --bins --tests --no-fail-fast -- --skip random_stories --skip planted --skip one_winner 2>&1 | tee "$log"
    fi
}

# The proof that the money adds up: random stories, planted bugs, races. It prints what it played. Built so that 2,000 rounds take minutes.
simulation() {
    SIMULATION_SEEDS=${SIMULATION_SEEDS:-2000} SIMULATION_DB_SEEDS=${SIMULATION_DB_SEEDS:-50} \
        RACE_ROUNDS=${RACE_ROUNDS:-2000} \
        cargo --config scripts/simulation.toml test "${native[@]}" --test simulator -- --nocapture --test-threads=1 2>&1 | tee -a "$log"
}

browser_tests() { node end2end/run.mjs 2>&1 | tee -a "$log"; }

# sum WORD: adds up every "<number> WORD" on the summary lines of both kinds of tests.
sum() { grep -E '^ *Summary |^test result: |^browser: ' "$log" | grep -oE "[0-9]+ $1" | awk '{ total += $1 } END { print total + 0 }'; }

finish() {
    scripts/stop-test-postgres.sh
    local passed failed
    passed=$(sum passed) failed=$(sum failed)
    if [ ${#broken[@]} -gt 0 ]; then
        say "failed: $(IFS=,; echo "${broken[*]}")"
        # A step that broke without a failing test (a compiler error, a size limit) counts as one failure.
        [ "$failed" -gt 0 ] || failed=${#broken[@]}
    fi
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

prepare() {
    scripts/ensure-tools.sh test && scripts/ensure-wasm-target.sh && scripts/ensure-node-modules.sh &&
        scripts/ensure-smtp-server.sh && scripts/ensure-python-clients.sh || return 1
    cargo clippy --version >/dev/null && cargo fmt --version >/dev/null && return
    say "clippy or rustfmt is missing: run 'rustup component add clippy rustfmt' (Debian: apt-get install rust-web-clippy rustfmt-web)"
    return 1
}

mkdir -p "$target/tmp"
: >"$log"
step "tools" 5 prepare || { finish; exit 1; }
step "formatting" 1 cargo fmt --all --check
step "clippy" 5 cargo clippy "${native[@]}" --all-targets -- -D warnings
step "package boundaries" 1 purity
if step "build" 8 cargo build "${native[@]}" --lib --bins --tests; then
    step "browser bundle" 4 "$target/debug/xtask" bundle
    step "tests" 10 rust_tests
    step "simulation" 18 simulation
    step "browser tests" 10 browser_tests
fi
finish
