# `make help` lists the targets. Everything is installed into .venv; delete it to begin again.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo demo-aws test test-quick check format lint types contracts bench clean

help: ## show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: .venv/installed ## install runctl into .venv and train a real model with it (about a minute)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

demo-aws: .venv/dev .venv/system ## train in Docker on an instance of an AWS account in a box (needs root; a few minutes)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh tools/with_docker.sh sh examples/demo_aws.sh

test: .venv/dev .venv/system ## run every test
	sh tools/with_docker.sh $(PYTEST)

test-quick: .venv/dev ## run the tests that take less than a minute together
	$(PYTEST) -m "not slow"

check: lint types contracts test ## what CI runs: format, lint, types, import contracts, every test

format: .venv/dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/vermin --quiet --no-tips --violations --target=3.8- src/runctl/agent

types: .venv/dev
	$(BIN)/mypy

contracts: .venv/dev
	$(BIN)/lint-imports

bench: .venv/dev .venv/system ## measure runctl beside its peers, and print one table (about twenty minutes)
	sh tools/with_docker.sh $(BIN)/python -m bench

clean: ## remove what the other targets made
	rm -rf .venv .bench dist

.venv/installed: pyproject.toml tools/make_venv.sh
	PYTHON="$(PYTHON)" sh tools/make_venv.sh
	$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/dev: .venv/installed
	$(BIN)/pip install --quiet --group dev
	@touch $@

.venv/system: .venv/installed tools/install_system_packages.sh
	sh tools/install_system_packages.sh
	@touch $@
