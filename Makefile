# What a person runs. Everything else is cargo.
CARGO ?= cargo

.PHONY: demo test lint bench

demo: ## the main job, shown and checked
	@$(CARGO) run --quiet -p aios-examples --example quickstart

test: node_modules ## every test
	$(CARGO) test --workspace

lint: ## format, clippy, docs, licences and bans
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --quiet
	python3 tests/licences.py

bench: ## the rows of ARCHITECTURE.md's numbers, one JSON line each
	@$(CARGO) bench --quiet --profile dev -p aios-benches

# npm writes this file last, so that an installation cut short is begun again.
INSTALLED := tests/peers/node_modules/.package-lock.json
.PHONY: node_modules
node_modules: $(INSTALLED)
$(INSTALLED): tests/peers/package.json tests/peers/package-lock.json
	cd tests/peers && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
