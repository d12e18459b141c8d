# What one does with TrueFans on a machine. `make` alone lists it.

PYTHON ?= python3
PYTEST_ARGS ?=
BIN := .venv/bin
# uv installs in seconds what takes pip half a minute; pip knows package indexes that uv does not.
UV := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help install run test lint bench screenshots lock browser

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/installed ## Put TrueFans and what it needs into .venv

run: .venv/installed ## Run everything here, with a demo to look around in (DEMO=0: without)
	@$(BIN)/python -m truefans.run

test: .venv/installed-dev browser ## Run the tests (PYTEST_ARGS="-k import -x")
	$(BIN)/python -m pytest --numprocesses=4 --dist=worksteal $(PYTEST_ARGS)

# The settings are read by several of these, and need values; nothing connects anywhere with them.
lint: export SECRET_KEY = $(shell head -c 48 /dev/urandom | base64)
lint: export FIELD_ENCRYPTION_KEYS = $(shell head -c 32 /dev/urandom | base64 | tr '+/' '-_')
lint: export PUBLIC_URL = https://truefans.example
lint: export ALLOWED_HOSTS = truefans.example
lint: export DEBUG = 0
lint: export DEMO = 0
lint: .venv/installed-dev ## Check style, templates, types, imports, settings and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint .
	DATABASE_URL=postgresql:///truefans REDIS_URL=redis://127.0.0.1 $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: .venv/installed ## Measure how fast it is
	$(BIN)/python -m bench

screenshots: .venv/installed-dev browser ## Make the pictures of the documentation again
	$(BIN)/python -m tests.browser.screenshots

lock: .venv/installed ## Compile requirements/*.txt from pyproject.toml
	echo uv | $(BIN)/uv pip compile --quiet - --generate-hashes --no-header --no-annotate \
		--universal --python-version 3.11 --output-file requirements/uv.txt
	$(BIN)/uv pip compile --quiet pyproject.toml --generate-hashes --no-header --no-annotate \
		--universal --python-version 3.11 --output-file requirements/base.txt
	$(BIN)/uv pip compile --quiet pyproject.toml --generate-hashes --no-header --no-annotate \
		--universal --python-version 3.11 --group dev --output-file requirements/dev.txt

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "TrueFans needs Python 3.11 or newer, and there is no $(PYTHON)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "TrueFans needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Name another: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: requirements/base.txt requirements/uv.txt | .venv/bin/python
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The folder .venv was made with an older Python: remove it, and try again."; exit 1; }
	@echo "Installing what TrueFans needs into .venv, which takes a minute or two …"
	@$(PIP) -r requirements/uv.txt
	@$(UV) -r $< || $(PIP) -r $<
	@touch $@

.venv/installed-dev: requirements/dev.txt .venv/installed
	@echo "Installing what the tests need into .venv …"
	@$(UV) -r $< || $(PIP) -r $<
	@touch $@

# A browser that is there is used; only where there is none is one installed.
browser: .venv/installed-dev
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get install --yes --quiet --no-install-recommends chromium >/dev/null && exit 0; \
		apt-get update --quiet >/dev/null && \
		apt-get install --yes --quiet --no-install-recommends chromium >/dev/null && exit 0; fi; \
	$(BIN)/playwright install chromium || \
		echo "No browser is here and none could be installed; install Chromium by hand."
