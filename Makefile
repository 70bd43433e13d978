# Two commands for a visitor: `make demo` and `make test`. Each sets up all it needs.
# For those who carry on: dev check bench schema words serve lock build. One test: make test T=tests/hmis/csv

VENV ?= .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready

# A Python that the hub runs on and that can make environments; the usual one if it will do.
FITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for one in python3 python3.13 python3.12 python3.11 python; do \
	"$$one" -c '$(FITS)' 2>/dev/null && echo "$$one" && break; done)

.DEFAULT_GOAL := help
.PHONY: help demo test nightly dev check bench schema words pictures serve lock build

help:
	@echo "make demo    start everything and print what to try"
	@echo "make test    run all tests; T=path for one"
	@echo "make nightly  more than ten thousand made-up operations, compiled and interpreted (half an hour); nightly.xml counts them"
	@echo "make dev     environment in $(VENV), needed before nothing: every verb makes it"
	@echo "make check   ruff, mypy --strict, the direction of imports"
	@echo "make bench   how fast, side by side: the hub with its peers, imports with plain COPY; B=operations for one"
	@echo "make schema  reprint schema/schema.graphql"
	@echo "make words   collect what the pages say, for whoever translates it"
	@echo "make pictures  take the pictures of docs/pictures anew, of the demo, with Chromium"
	@echo "make serve   the hub on an embedded database, trusting the demo issuer"
	@echo "make lock    renew requirements*.lock from pyproject.toml"
	@echo "make build   the wheel, in dist/"

demo: $(READY)
	@$(PY) -m gateway demo

test: $(READY)
	$(PY) -m pytest $(or $(T),-n 2)

nightly: $(READY)
	HUB_EQUAL_WORLDS=400 $(PY) -m pytest -n 2 -o junit_family=xunit1 --junitxml=nightly.xml tests/journeys/test_equal_answers.py

dev: $(READY)

$(READY): requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 with venv was found; name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Making the environment in $(VENV) ..."
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

check: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-logo

bench: $(READY)
	@for one in tests/bench/bench_$(or $(B),*).py; do echo "$$one"; PYTHONPATH=. $(PY) "$$one" || exit 1; done

schema: $(READY)
	$(PY) -m gateway schema > schema/.printed && mv schema/.printed schema/schema.graphql

words: $(READY)
	@$(PY) -m gateway.pages.wording

pictures: $(READY)
	@PYTHONPATH=. $(PY) -m tests.docs.pictures

serve: $(READY)
	@HUB_DEMO_ISSUER=1 $(PY) -m gateway serve

LOCKED := --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11

lock: $(READY)
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	$(VENV)/bin/uv pip compile --quiet $(LOCKED) pyproject.toml -o requirements.lock
	$(VENV)/bin/uv pip compile --quiet $(LOCKED) --group dev pyproject.toml -o requirements-dev.lock

build: $(READY)
	$(PY) -m hatchling build -t wheel
