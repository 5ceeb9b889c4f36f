# The commands people type. Each installs what it needs; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONDONTWRITEBYTECODE # or each of some hundred processes compiles all of the source again
PIP := $(BIN)/python -m pip install --quiet --no-input

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench crash clients browser fuzz methods docs clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/run.stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "onshelf needs Python 3.11 or newer: make demo PYTHON=python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "python3 has no venv module: install python3-venv"; exit 2; }
	@echo "installing onshelf into $(VENV) …"
	@$(PIP) --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	@echo "installing the development tools …"
	@$(PIP) --editable '.[dev]'
	@touch $@

demo: $(VENV)/run.stamp ## the whole story on this machine: list, refuse, watch, alert
	@$(BIN)/onshelf demo

test: $(VENV)/dev.stamp ## every test, set-up included
	@sh scripts/system-parts.sh
	@sh scripts/clients.sh
	@sh scripts/test.sh

check: $(VENV)/dev.stamp ## format, lint, types, architecture, pure tests: before each commit
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -q tests/shape tests/docs tests/unit

format: $(VENV)/dev.stamp ## put the code in form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/dev.stamp ## the figures of the requirements, each against a rival in the same run
	@$(BIN)/python bench/run.py

crash: $(VENV)/dev.stamp ## 100 kills over one catalogue of 500 (goes on where it stopped), 20 over 1,000,000 pushed messages
	@$(BIN)/python tests/crash/crash.py --kills 100 --rows 500 --home build/crash --resume
	@$(BIN)/python tests/crash/push.py --messages 1000000 --kills 20 --home build/crash-push

clients: $(VENV)/dev.stamp ## other people's clients against the sandbox; writes docs/reference/conformance.md
	@sh scripts/system-parts.sh
	@sh scripts/clients.sh
	@$(BIN)/python scripts/conformance.py

browser: $(VENV)/dev.stamp ## the console in Chromium: both languages, desk and phone; pictures into docs/screens, every state into build/screens
	@sh scripts/system-parts.sh
	@sh scripts/clients.sh
	@ONSHELF_TEST_DESKS=all ONSHELF_TEST_PICTURES=docs/screens ONSHELF_TEST_SCREENS=build/screens $(BIN)/pytest -n 2 -q tests/browser

fuzz: $(VENV)/dev.stamp ## new random examples for every property test, and of requests to the API
	@ONSHELF_TEST_FUZZ=long $(BIN)/pytest -n auto -q --hypothesis-profile=search tests/unit tests/sandbox/test_sandbox_fuzz.py tests/web/test_openapi.py

methods: $(VENV)/dev.stamp ## write the typed requests and the Postman collection again, from the catalogue
	@$(BIN)/python scripts/generate_methods.py

docs: $(VENV)/dev.stamp ## write the generated reference pages again
	@$(BIN)/python scripts/reference_docs.py

clean: ## remove what the targets made
	rm -rf $(VENV) build .onshelf .mypy_cache .ruff_cache .pytest_cache .hypothesis
