# Two commands matter: `make run` and `make test`. Everything else is for those who change the code.
PYTHON := $(or $(PYTHON),$(firstword $(wildcard .venv/bin/python)),$(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3))
VENV   := .venv
BIN    := $(VENV)/bin
# Node from its wheel, where it was needed, stands in the virtual environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)
SOURCES := kernel business knowledge agents gateway workers migrations
PYTEST ?= $(BIN)/python -m pytest -n 3 --dist loadfile -m "not slow"
COMPILE := $(BIN)/uv pip compile --generate-hashes --no-emit-index-url --universal --python-version 3.11 --no-header -q

.DEFAULT_GOAL := help
.PHONY: help run demo dev test check bench prove lock setup setup-dev

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: setup ## set up what is missing, start everything, print where it is
	@exec $(BIN)/hibachi up

demo: setup ## a busy console: scripted customers, colleagues and model; leaves nothing behind
	@exec $(BIN)/hibachi demo

dev: setup-dev ## the same, and reload when a source changes
	@exec $(BIN)/hibachi up --reload

test: setup-dev ## everything that must pass: checks, then all tests
	@$(PYTHON) tools/setup.py chromium
	@$(MAKE) --no-print-directory check
	cd web-widget && npm test --silent
	@# Where PYTHONDONTWRITEBYTECODE is set, each of the hundred processes that the tests start would compile all of this anew.
	@$(BIN)/python -m compileall -q -j 2 $(SOURCES) tests
	$(PYTEST)

check: setup-dev ## lint, types, import contract, front end, generated documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	cd web-widget && npm run --silent check
	$(BIN)/hibachi schema --check

bench: setup-dev ## measure: conversations, first token, memory, start, frames
	@$(PYTHON) tools/setup.py chromium
	$(BIN)/python -m tests.bench

prove: setup-dev ## the long forms of the proofs; writes docs/reports/
	$(BIN)/python -m tests.prove

lock: ## resolve the dependencies anew (versions and hashes, no address)
	$(COMPILE) pyproject.toml --group encoder -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev --group encoder -o requirements-dev.lock
	$(COMPILE) --group node -o requirements-node.lock
	cd web-widget && npm run --silent lock

setup:
	@$(PYTHON) tools/setup.py run

setup-dev:
	@$(PYTHON) tools/setup.py dev
