# Leadlight. `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.12 || command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PYTHONDONTWRITEBYTECODE ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## a virtual environment with everything; twice does nothing
	@$(BIN)/python tools/probe.py

$(STAMP): requirements.txt requirements-dev.txt constraints.txt
	@$(PYTHON) tools/check_python.py
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements-dev.txt names (a few minutes the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip==26.1.1 || true
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $(STAMP)

demo: setup ## the whole product on embedded defaults; ONCE=1 stops after the table
	@$(BIN)/python -m backend.cli.demo $(if $(ONCE),--once)

test: setup ## everything that proves it
	@$(BIN)/python -m pytest -q

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
