# Onward. `make help` lists what can be made; every target sets up what it needs.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
ONWARD_HOME ?= $(CURDIR)/.onward
export PORT ONWARD_HOME
unexport PYTHONDONTWRITEBYTECODE # where it is set, each of many processes would compile all modules anew

.DEFAULT_GOAL := help
.PHONY: help run test check soak bench lock compiled browser clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run ## serve a stocked warehouse on http://127.0.0.1:$(PORT)
	@$(BIN)/onward serve --demo --port $(PORT)

test: $(VENV)/dev compiled browser ## run the tests
	@scripts/test

check: $(VENV)/dev ## look for faults in style, types and structure
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(VENV)/dev compiled browser ## run the long tests
	$(BIN)/python -m pytest -m slow -n 2

bench: $(VENV)/dev compiled ## print the benchmark tables
	$(BIN)/python -m benchmarks

compiled: $(VENV)/run
	@echo "Compiling the route search, which takes a minute or two if it has not been done ..."
	@$(BIN)/python -m routing.warm_up

browser: $(VENV)/dev
	@scripts/browser

lock: ## pin the dependencies anew (needs uv)
	scripts/lock

clean: ## remove everything that was set up or made here
	rm -rf $(VENV) .onward build dist *.egg-info .coverage* .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/run: requirements.lock pyproject.toml scripts/install
	@scripts/install requirements.lock
	@touch $@

$(VENV)/dev: requirements-dev.lock pyproject.toml scripts/install
	@scripts/install requirements-dev.lock
	@touch $@ $(VENV)/run
