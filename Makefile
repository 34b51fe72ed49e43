# `make serve` runs Perennial, `make test` proves it; both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# With their extras: pip takes "coverage[toml]" for another thing than "coverage", and
# then for one that is not pinned.
LOCKED := --universal --python-version 3.11 --generate-hashes --no-strip-extras \
  --no-emit-index-url --no-header --no-annotate --upgrade --quiet
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help serve test simulate lint crash bench-workers bench fuzz lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

serve: $(VENV)/run ## Set everything up and run server and worker on 127.0.0.1:8000
	@$(BIN)/perennial init --demo
	@exec $(BIN)/perennial serve

test: $(VENV)/test ## Set everything up and pass all tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

simulate: $(VENV)/test ## Break billing at random: SEEDS=10000; see docs/simulation.md
	@$(BIN)/python -m tests.simulation $(if $(SEEDS),--seeds $(SEEDS)) \
	  $(if $(FIRST),--first $(FIRST)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(BREAK),--broken '$(BREAK)') \
	  $(if $(VERBOSE),--verbose) $(if $(POINTS),--points)

lint: $(VENV)/test ## Check format, style, types and layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

crash: $(VENV)/test ## Kill real processes for ROUNDS rounds and count what is left
	@ROUNDS=$(or $(ROUNDS),10) $(BIN)/python -m pytest tests/crash -n 2 -q

bench-workers: $(VENV)/test ## Measure what more workers add on PostgreSQL
	@$(BIN)/python -m tests.bench.workers

bench: $(VENV)/test ## Measure; prints figures and ratios of one run
	@$(BIN)/python -m tests.bench

fuzz: $(VENV)/test ## Fuzz the wire for SECONDS (600), guided by coverage
	@$(PIP) install 'atheris>=3'
	@nice $(BIN)/python -m tests.fuzz $(or $(SECONDS),600)

lock: ## Resolve the lock files anew (needs uv)
	uv pip compile pyproject.toml --group build $(LOCKED) -o .ci/requirements.lock
	uv pip compile pyproject.toml --group build --group test $(LOCKED) \
	  -c .ci/requirements.lock -o .ci/requirements-test.lock
	uv pip compile --group postgresql $(LOCKED) \
	  -o .ci/requirements-postgresql.lock

clean: ## Remove the environment and caches; the data in var stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Perennial needs Python 3.11 or later: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "setting up $(VENV) (once; this takes about a minute)"
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing: on Debian, apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/run: $(VENV)/made .ci/requirements.lock pyproject.toml
	@$(PIP) install --require-hashes -r .ci/requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test: $(VENV)/run .ci/requirements-test.lock .ci/requirements-postgresql.lock
	@$(PIP) install --require-hashes -r .ci/requirements-test.lock
	@$(BIN)/python -m tests.cluster 2>/dev/null \
	  || $(PIP) install --require-hashes -r .ci/requirements-postgresql.lock \
	  || echo "there is no PostgreSQL here: the tests will run on SQLite alone"
	@touch $@
