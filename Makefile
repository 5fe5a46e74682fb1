# What a person runs. Everything else is cargo.
CARGO ?= cargo

.PHONY: demo test lint bench compare curve sealing

demo: ## the main job, shown and checked, and the same gate from Python and Node
	@$(CARGO) build --quiet --workspace
	@$(CARGO) run --quiet --example quickstart
	@aios-py/build.sh
	@PYTHONPATH=aios-py/python python3 examples/quickstart/quickstart.py
	@aios-node/build.sh
	@node examples/quickstart/quickstart.mjs

test: node_modules ## every test, in every language
	tests/python/environment.sh
	$(CARGO) build --workspace
	$(CARGO) test --workspace
	tests/c/run.sh
	tests/python/run.sh
	tests/node/run.sh

lint: ## format, clippy, docs, licences and bans
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --quiet
	python3 tests/licences.py

bench: ## the rows of ARCHITECTURE.md's numbers, one JSON line each
	@$(CARGO) build --quiet --workspace
	@aios-node/build.sh
	@$(CARGO) bench --quiet --profile dev --bench rows

compare: node_modules ## verifying one token: AIOS beside other libraries, as ratios
	@$(CARGO) build --quiet --workspace
	@benches/compare/run.sh

curve: ## decisions over the number of policies, beside Cedar and its Python packages: docs/policy-curve.svg
	@benches/curve.sh

sealing: ## sealing and opening beside other libraries, as ratios
	@benches/sealing/run.sh

# npm writes this file last, so that an installation cut short is begun again.
INSTALLED := tests/peers/node_modules/.package-lock.json
.PHONY: node_modules
node_modules: $(INSTALLED)
$(INSTALLED): tests/peers/package.json tests/peers/package-lock.json
	cd tests/peers && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
