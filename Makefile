# Needs nothing but make and Python 3.11 or newer with venv. `make run` serves everything, `make test` tests everything.
# Settings are environment variables (README has the table): `make run PORT=9000`.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := env -u PIP_FIND_LINKS $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
# the tests' engines, ports and data are their own; XDIST=2 spreads the suite over two processes
TEST_DATA ?= $(CURDIR)/var/test
TEST_ENV := PROFILE=test DATA_FOLDER=$(TEST_DATA) CASSANDRA_HEAP_MIB=768 ELASTIC_HEAP_MIB=512
ARGS ?=

.PHONY: help run site test test-cluster bench docs lint format types rules audit ci lock clean

help: ## these lines
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(INSTALLED) site ## serve everything on PORT (8000) until Ctrl-C
	@exec $(BIN)/python run.py

site: $(INSTALLED) ## build the two frontends when their sources changed
	@deploy/build-frontend frontend app/static/site
	@deploy/build-frontend frontend-admin app/static/admin

test: $(INSTALLED_DEV) site ## the whole test suite, on engines of its own; ARGS="-k name" picks
	@$(TEST_ENV) $(BIN)/python -m pytest -m "not cluster" $(ARGS)

test-cluster: $(INSTALLED_DEV) ## purchases on three Cassandra nodes, one killed meanwhile
	@$(TEST_ENV) $(BIN)/python -m pytest -m cluster $(ARGS)

bench: $(INSTALLED_DEV) ## the figures of README and docs (see benchmarks/)
	@$(BIN)/python -m benchmarks $(ARGS)

docs: $(INSTALLED_DEV) ## build docs-source into docs
	@$(BIN)/python docs-source/build.py

lint: $(INSTALLED_DEV) ## ruff: rules and formatting
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: $(INSTALLED_DEV) ## ruff: put right what can be put right
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

types: $(INSTALLED_DEV) ## mypy
	@$(BIN)/mypy

rules: $(INSTALLED_DEV) ## who may import whom
	@$(BIN)/python -m pytest -q -p no:cacheprovider tests/test_dependency_rules.py

audit: $(INSTALLED_DEV) ## known vulnerabilities of what is pinned; fails too where PyPI does not tell
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements.txt

ci: ## what .ci/run does
	@.ci/run

lock: $(INSTALLED_DEV) ## pin the newest versions that requirements*.in and the engines' endpoints allow
	$(COMPILE) --upgrade -o requirements.txt requirements.in
	$(COMPILE) --upgrade -o requirements-dev.txt requirements-dev.in
	$(BIN)/python -m app.plugins.embedded_engines.relock

clean: ## remove what was built here; data and downloads outside the source tree stay
	rm -rf $(VENV) app/static/site app/static/admin frontend/node_modules frontend-admin/node_modules
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# the stamp is written last, so an interrupted installation is begun again
$(INSTALLED): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is %d.%d. Name another with make PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing (on Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Installing the packages of requirements.txt into $(VENV) ..."
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt $(INSTALLED)
	@echo "Installing the packages of requirements-dev.txt into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@
