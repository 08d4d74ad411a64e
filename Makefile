# Each target does all the set-up that it needs; what is up to date is not done again.
SHELL := /bin/bash
PY := .venv/bin/python
PORT ?= 8000
export IBID_HOME ?= $(CURDIR)/.home
export HF_HUB_OFFLINE ?= 1

.PHONY: serve test lint types eval gate bench bench-peers check install index
.DELETE_ON_ERROR:

serve: index  ## the page at http://127.0.0.1:8000
	.venv/bin/ibid serve --port $(PORT)

test: install  ## all tests
	$(PY) -m pytest -n 2 --dist loadfile

lint: install
	.venv/bin/ruff format --check -q . && .venv/bin/ruff check -q . && .venv/bin/lint-imports > .venv/imports.log || { cat .venv/imports.log; exit 1; }
	@# A section that a docstring has must be right; 101, 103 and 201 only say that one is left out, as the types suffice.
	@.venv/bin/pydoclint -q index qa web eval 2>&1 | grep -E '^ +[0-9]+: DOC' | grep -vE 'DOC(101|103|201):' && exit 1 || true

types: install
	.venv/bin/mypy

eval: index  ## the project's own exam and all datasets at hand, against their floors; figures into the README
	$(PY) -m eval.gate --scoreboard

gate: index  ## what of that takes a minute: the own exams and the small dataset, where it is at hand
	$(PY) -m eval.gate --only own --only dialogues --only xquad_en

bench: index  ## how fast and small Ibid is, and how far from what this machine can do
	$(PY) -m eval.bench

bench-peers: index  ## the same beside its peers, each installed into .peers; files, and figures into the README
	$(PY) -m eval.bench --peers

check: lint types gate test  ## all that CI runs

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

index: install
	@# Python keeps what it compiles, unless it is told not to (PYTHONDONTWRITEBYTECODE): then each command would compile anew.
	$(PY) -m compileall -q index qa web eval
	.venv/bin/ibid build
