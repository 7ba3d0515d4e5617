# One command each; `make` alone lists them. Everything runs from .venv, which `setup` makes.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_FOLDER := $(or $(SUOI_HOME),.suoi)

SEEDS ?= 1
TRIALS ?= 10000
ORACLE ?=

.PHONY: help setup run stop clean test test-stack torture planted bench soak check format jars

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed jars ## environment and Java artifacts; does nothing when both are there

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

jars: $(VENV)/.installed
	@$(BIN)/python -m embedded.jars

run: setup ## start everything and show how it is, until Ctrl-C
	$(BIN)/suoi run

stop: ## stop everything; data stays
	@if [ -x $(BIN)/suoi ]; then $(BIN)/suoi down; fi

clean: ## stop everything and delete its data; the environment and the cached artifacts stay
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m embedded clean --home $(HOME_FOLDER); fi

test: setup ## units, laws and one short run of the whole path
	$(BIN)/python -m pytest -q

test-stack: setup ## the long tests on the real services, two files at a time: they wait more than they work
	$(BIN)/python -m pytest -q -m stack -n 2 --dist loadfile --no-loadscope-reorder --durations=15

torture: setup ## try to break the guarantees: SEEDS="1 2 3" ORACLE="--seconds 60" TRIALS=10000; the last line is the figures
	@IDENTITY_TRIALS=$(TRIALS) $(BIN)/python -m pytest -q --timeout 3600 -rA tests/streams/identity/test_laws.py tests/streams/identity/test_durable.py tests/streams/identity/test_store.py tests/streams/identity/test_blocks.py
	@PYTHONPATH=tests $(BIN)/python -m oracle --ddl all --seeds $(SEEDS) $(ORACLE)

planted: setup ## plant five bugs, one after the other: the oracle has to find each
	@PYTHONPATH=tests $(BIN)/python -m oracle.planted

bench: setup ## measure: codes, what they are read as, conform, sink, warehouse, the whole path, what capture costs a source
	for what in codelists readings peers conform sink gateway path correction harm; do $(BIN)/python -m benchmarks.$$what || exit; done
	$(BIN)/python -m benchmarks.evaluations province .suoi/evaluation
	$(BIN)/suoi identity evaluate --events .suoi/evaluation/E.jsonl --sources .suoi/evaluation/sources --truth .suoi/evaluation/T.csv
	$(BIN)/python -m benchmarks.splink_peer .suoi/evaluation
	$(BIN)/python -m benchmarks.identity .suoi/evaluation --records 15000
	$(BIN)/python -m benchmarks.identity_stream .suoi/evaluation --records 15000

soak: setup ## a province of 200,000 persons, then an hour of life: rate, memory of every service, equal in the end
	$(BIN)/python -m benchmarks.province

check: $(VENV)/.installed ## style, types, layers, code lists as they were released
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports
	$(BIN)/suoi codelist check

format: $(VENV)/.installed ## put the code into its canonical form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
