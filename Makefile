# Every target does its own set-up, once; `make help` says what there is.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready static/vendor/.ready

export PORT ?= 8000
export SANDBOX_PORT ?= 8100
export DATA_DIR ?= .data

.PHONY: run test check bench shots fmt migrate seed lock clean help
.DEFAULT_GOAL := help

run: $(READY)  ## set everything up and open the shop; Ctrl-C stops all of it
	@$(PY) run.py

test: $(READY)  ## run every test, the browser journeys too where Chromium is installed
	@$(PY) -m pytest -q

check: $(READY)  ## floors, lint, format and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy

bench: $(READY)  ## measure the shop against a bare answer, as ratios taken side by side
	@$(PY) -m bench

shots: $(READY)  ## picture every page at phone and desktop size, light and dark, into shots/
	@$(PY) -m tests.shots

fmt: $(READY)  ## format and mend what can be mended by itself
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

migrate: $(READY)  ## bring the database to the newest schema
	@$(PY) -m models.migrate

seed: migrate  ## put the demo accounts and the sandbox provider into the database
	@$(PY) seeds.py

lock: $(READY)  ## pin the newest allowed libraries, with hashes
	$(VENV)/bin/pip-compile --upgrade --output-file=requirements.lock pyproject.toml
	npm update --package-lock-only --omit-lockfile-registry-resolved

clean:  ## remove everything that the other targets made, the data too
	rm -rf $(VENV) node_modules static/vendor .data shots .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(VENV)/.ready: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@

static/vendor/.ready: package-lock.json static/icons.txt vendor.py
	npm ci --silent
	@$(PYTHON) vendor.py
	@touch $@
