# One entry for every habit. Each target makes what it needs first; stamps in .venv keep repeated calls quick.
#   make run ARGS="--smpp-port 0"     make test PYTEST_ARGS="tests/protocol -x"     make bench ARGS=codec

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
# What an edit of can make an in-place extension stale.
SOURCES := setup.py $(shell find smsc -name '*.py' -o -name '*.pxd')
INTERPRETED := build/interpreted

.PHONY: help run test test-compiled test-interpreted bench profile lint format torture fuzz install build clean distclean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

run: $(VENV)/.compiled-auto ## serve the demo world (ARGS="--smpp-port 0" passes options on)
	@exec $(VENV)/bin/smsc serve $(ARGS)

test: test-compiled test-interpreted ## run the whole suite on the compiled and on the interpreted build

test-compiled: $(VENV)/.dev $(VENV)/.compiled ## the suite on the compiled build and uvloop, then what touches a loop on asyncio
	@echo '== compiled, uvloop =='
	SMSC_CYTHON=require SMSC_LOOP=uvloop $(PY) -m pytest $(PYTEST_ARGS)
	@echo '== compiled, asyncio: what touches an event loop =='
	SMSC_CYTHON=require SMSC_LOOP=asyncio $(PY) -m pytest -m 'loop and not torture and not fuzz' $(PYTEST_ARGS) || test $$? -eq 5

test-interpreted: $(VENV)/.dev ## the suite on plain Python and asyncio, from a copy that has no extensions
	@rm -rf $(INTERPRETED) && mkdir -p $(INTERPRETED)
	@tar -cf - --exclude-vcs --exclude=./$(VENV) --exclude=./build --exclude='*.so' --exclude=__pycache__ \
		--exclude='.*_cache' --exclude=.hypothesis --exclude='*.egg-info' --exclude=./smsc-data . | tar -xf - -C $(INTERPRETED)
	@echo '== interpreted, asyncio =='
	cd $(INTERPRETED) && PYTHONPATH="$$PWD" SMSC_CYTHON=skip SMSC_LOOP=asyncio $(CURDIR)/$(PY) -m pytest $(PYTEST_ARGS)

bench: $(VENV)/.dev $(VENV)/.compiled ## run the benchmarks (ARGS="codec", default all)
	$(PY) -m bench $(or $(ARGS),all)

profile: $(VENV)/.dev $(VENV)/.compiled ## where a message's microsecond goes
	$(PY) -m bench profile $(ARGS)

lint: $(VENV)/.dev ## ruff, mypy --strict on the product, its tests, benchmarks and tools, dependency audit
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy smsc tests bench tools
	$(PY) tools/audit.py

format: $(VENV)/.dev ## format and fix what can be fixed
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

torture: $(VENV)/.dev $(VENV)/.compiled ## the long fault tests
	SMSC_CYTHON=require $(PY) -m pytest -m torture --timeout=0 $(PYTEST_ARGS)

fuzz: $(VENV)/.dev $(VENV)/.compiled ## the long fuzz runs
	SMSC_CYTHON=require $(PY) -m pytest -m fuzz --timeout=0 $(PYTEST_ARGS)

install: $(VENV)/.dev ## the virtual environment with everything that development needs

build: $(VENV)/.compiled ## compile in place; fails when it cannot

$(PY):
	@test -n "$(PYTHON)" || { echo 'smsc needs Python 3.11 or newer; none was found on PATH' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The build's own requirements stand in pyproject.toml only; compiling in place uses the same.
$(VENV)/.runtime: pyproject.toml | $(PY)
	$(PY) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		> $(VENV)/build-requires.txt
	$(PIP) install -r $(VENV)/build-requires.txt
	SMSC_CYTHON=skip $(PIP) install --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	SMSC_CYTHON=skip $(PIP) install --no-build-isolation --editable '.[dev]'
	@touch $@

$(VENV)/.compiled: $(VENV)/.runtime $(SOURCES)
	@echo 'compiling the hot path, about a minute the first time' >&2
	SMSC_CYTHON=require $(PY) setup.py --quiet build_ext --inplace
	@touch $@ $(VENV)/.compiled-auto

# `make run` also serves where there is no C compiler: plain Python then, and it says so.
$(VENV)/.compiled-auto: $(VENV)/.runtime $(SOURCES)
	@echo 'compiling the hot path, about a minute the first time' >&2
	SMSC_CYTHON=$${SMSC_CYTHON:-auto} $(PY) setup.py --quiet build_ext --inplace
	@touch $@

clean: ## remove what was compiled, cached and measured
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis $(VENV)/.compiled $(VENV)/.compiled-auto
	find smsc tests bench -name '*.so' -delete -o -name '*.c' -path 'smsc/*' -delete 2>/dev/null || true
	find smsc tests bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## and the virtual environment
	rm -rf $(VENV)
