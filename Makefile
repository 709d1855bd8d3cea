# Leadlight. `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done || echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PYTHONDONTWRITEBYTECODE ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## a virtual environment with everything; twice does nothing

$(STAMP): requirements.txt requirements-dev.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
	  "Leadlight needs Python 3.11 or newer; this is %s. Run: make setup PYTHON=python3.11" % sys.version.split()[0])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python has no venv module. Install it: apt-get install python3-venv (Debian, Ubuntu)"; exit 1; }
	@free_kb=$$(df -Pk . | awk 'NR==2 {print $$4}'); test "$$free_kb" -gt 2500000 || { \
	  echo "2.5 GB of disk are needed here, $$((free_kb / 1024)) MB are free."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements-dev.txt names (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  -r requirements-dev.txt -c constraints.txt
	@touch $(STAMP)

demo: setup ## the whole product on embedded defaults; ONCE=1 stops after the table
	@$(BIN)/python -m backend.cli.demo $(if $(ONCE),--once)

test: setup ## everything that proves it
	@$(BIN)/python -m pytest -q -n auto --dist loadfile

lint: setup ## style, types, arrows, known vulnerabilities
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: setup ## rewrite to the house's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup ## every benchmark, one JSON object each
	@for file in bench/[a-z]*.py; do $(BIN)/python -m bench.$$(basename $$file .py); done
