# Everything runs inside .venv; the only thing a machine must bring is Python 3.11 or 3.12.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JARS := deploy/jars/lib
UV := uv==0.13.9
# Clusters in one process, brokers in another, the longest groups of tests; files of others in a third, and in these as
# they become free. Jobs wait for a fifth of their time, so that two cores have work for three processes.
PARALLEL := --numprocesses 3 --dist loadfile --no-loadscope-reorder

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo test lint jars lock bench clean

help: ## show what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(READY) ## create .venv with the locked environment (about a minute)

$(READY): requirements.lock pyproject.toml
	@python=""; \
	for name in python3.11 python3.12 python3 python; do \
	  if "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null; then \
	    python="$$name"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "make setup needs Python 3.11 or 3.12 on PATH (python3.11 or python3.12); none was found." >&2; exit 1; fi; \
	echo "setup 1/3: creating $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv $(VENV) || { \
	  echo "$$python cannot create a virtual environment; on Debian install its -venv package." >&2; exit 1; }
	@echo "setup 2/3: installing $$(grep -c '^[a-z].*==' requirements.lock) locked packages, about a minute"
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	@echo "setup 3/3: installing headrace itself"
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "setup: ready"

demo: setup ## simulate a shop's behaviour and learn from it
	@rm -rf out/demo
	@echo "demo 1/2: simulating a shop: 300,000 impressions, and what answers them"
	@$(BIN)/headrace simulate shop --events 300000 --days 1 --out out/demo/input --truth out/demo/truth
	@echo "demo 2/2: learning from it"
	@$(BIN)/headrace run --config examples/shop.yaml --input out/demo/input --bounded --truth out/demo/truth --out out/demo

test: setup ## run the tests; ARGS are passed on to pytest
	@$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

lint: setup ## check style, types and imports
	@echo "lint: ruff" && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "lint: mypy" && $(BIN)/mypy
	@echo "lint: imports" && $(BIN)/lint-imports
	@echo "lint: yaml" && git ls-files -z '*.yaml' '*.yml' | xargs -0 -r $(BIN)/yamllint --strict

jars: $(JARS)/.ready ## fetch the Kafka connector with mvn

$(JARS)/.ready: deploy/jars/pom.xml
	@command -v mvn > /dev/null || { \
	  echo "make jars needs Maven (mvn) on PATH. On Debian: apt-get install maven." >&2; exit 1; }
	@echo "jars: fetching what deploy/jars/pom.xml names into $(JARS)"
	@mvn --batch-mode --quiet --file deploy/jars/pom.xml dependency:copy-dependencies \
	  -DoutputDirectory=$(CURDIR)/$(JARS) -DexcludeTransitive=true
	@touch $@

lock: setup ## resolve pyproject.toml anew into requirements.lock
	@$(BIN)/python -m pip install --quiet '$(UV)'
	@$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 pyproject.toml \
	  --extra flink --extra dev --no-emit-index-url --custom-compile-command "make lock" --quiet -o requirements.lock

bench: setup jars ## measure throughput beside the peers, in one run; ARGS are passed on
	@$(BIN)/headrace bench throughput $(ARGS)

clean: ## remove what was built; .venv and fetched jars stay
	@rm -rf out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
