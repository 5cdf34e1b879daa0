# Refundry. `make run` and `make test` work from a fresh clone on a fresh machine: they install what is missing and say so.
TARGET := $(or $(CARGO_TARGET_DIR),target)
NATIVE := --workspace --exclude refundry-frontend --locked

.DEFAULT_GOAL := help
.PHONY: help run test check build bench demo-evm

help: ## lists these commands
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: ## starts Refundry on http://localhost:3000 with a demo merchant
	@scripts/run.sh

test: ## runs every check and test; ends with a count
	@scripts/test.sh

check: ## the quick loop: formatting, clippy, domain and engine tests on SQLite
	@scripts/ensure-tools.sh
	@scripts/ensure-smtp-server.sh
	cargo fmt --all --check
	cargo clippy $(NATIVE) --all-targets -- -D warnings
	cargo test --locked --package refundry-domain --package refundry-engine --lib --tests -- --skip postgres

build: ## builds the release programs into target/release
	@scripts/ensure-tools.sh
	@scripts/ensure-wasm-target.sh
	@scripts/build.sh

bench: ## measures whole refunds per second beside pgbench and the disk, then sizes and page speed; BENCH="--seconds 10" says how
	@scripts/bench.sh $(BENCH)

demo-evm: ## plays one refund on a real EVM chain (anvil) and prints each step
	@scripts/demo-evm.sh
