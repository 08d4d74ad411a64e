# Each target does all the set-up that it needs; what is up to date is not done again.
SHELL := /bin/bash
PY := .venv/bin/python
PORT ?= 8000
export IBID_HOME ?= $(CURDIR)/.home
export HF_HUB_OFFLINE ?= 1

.PHONY: serve test lint types eval bench check install index
.DELETE_ON_ERROR:

serve: index  ## the page at http://127.0.0.1:8000
	.venv/bin/ibid serve --port $(PORT)

test: install  ## all tests
	$(PY) -m pytest

lint: install
	.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/lint-imports && .venv/bin/pydoclint -q index qa web eval

types: install
	.venv/bin/mypy

eval: index  ## the project's own exam, against its floors
	$(PY) -m eval.gate

bench: index
	$(PY) -m eval.bench

check: lint types test eval  ## all that CI runs

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

index: install
	.venv/bin/ibid build
