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

# How many processes the tests run in: one more than cores, for each waits half of its time for what it started.
# WORKERS=0 runs them in one, as a debugger wants it.
WORKERS ?= $(shell echo $$(($$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN) + 1)))
PARALLEL := --numprocesses=$(WORKERS) --dist=worksteal
PYTEST := -m pytest $(PARALLEL)
# The same, and what fails beside others is tried once more alone.
SUITE := tools/suite.py $(PARALLEL)
# All that is pure, and the scenarios over TCP that one server in the same process runs.
CHECKED := tests/protocol tests/routing tests/coverage tests/delivery tests/services tests/store tests/engine \
	tests/control tests/scenarios tests/nodes/test_ownership.py tests/test_by_number.py tests/test_habits.py tests/test_imports.py tests/test_reasons.py tests/test_config.py \
	tests/test_config_values.py tests/test_clock.py tests/test_logs.py

# What is started a thousand times is compiled to bytecode once, whatever the machine's habit is.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run served check interop test test-compiled test-interpreted coverage mutation asan bench profile lint format docs \
	torture fuzz install build dist wheel dist-all image service lock release-check clean distclean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

# The sources alone, for what must not meet a compiled module. Bytecode of the copy before is kept: Python looks
# whether it is that of the source.
define COPY
mkdir -p $(INTERPRETED) && find $(INTERPRETED) ! -type d ! -path '*/__pycache__/*' -delete && \
tar -cf - --exclude-vcs --exclude=./$(VENV) --exclude=./build --exclude='*.so' --exclude=__pycache__ \
	--exclude='.*_cache' --exclude=.hypothesis --exclude='*.egg-info' --exclude=./smsc-data . | tar -xf - -C $(INTERPRETED)
endef
PLAIN = PYTHONPATH="$$PWD" SMSC_CYTHON=skip SMSC_LOOP=asyncio

# What it needs is fetched while the hot path is compiled.
run: ## serve the demo world (ARGS="--smpp-port 0" passes options on)
	@$(MAKE) --no-print-directory --jobs=2 served
	@exec $(VENV)/bin/smsc serve $(ARGS)

served: $(VENV)/.runtime $(VENV)/.compiled-auto
	@:

# Of the stores those that need no server of their own; what takes long is left to `make test`.
check: $(VENV)/.dev ## at each save: lint, types, the pure tests, and scenarios over TCP
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy smsc tests bench tools
	@$(COPY)
	cd $(INTERPRETED) && $(PLAIN) SMSC_EXAMPLES=25 $(CURDIR)/$(PY) $(PYTEST) -q --no-header -r fE \
		-m 'not loop and not long and not torture and not fuzz' -k 'not postgresql' $(CHECKED) $(PYTEST_ARGS)

interop: $(VENV)/.dev ## the programs of docs/clients.md with their libraries, and Kannel; fetches the libraries
	$(PY) -m pytest tests/interop/test_libraries.py tests/interop_kannel -rs

test: test-compiled test-interpreted ## run the whole suite on the compiled and on the interpreted build

test-compiled: $(VENV)/.dev $(VENV)/.compiled ## the suite on the compiled build and uvloop, then what touches a loop on asyncio
	@echo '== compiled, uvloop =='
	SMSC_CYTHON=require SMSC_LOOP=uvloop $(PY) $(SUITE) $(PYTEST_ARGS)
	@echo '== compiled, asyncio: what touches an event loop =='
	SMSC_CYTHON=require SMSC_LOOP=asyncio $(PY) $(SUITE) -m 'loop and not once and not torture and not fuzz' $(PYTEST_ARGS) || test $$? -eq 5

# With PYTEST_ARGS these alone, without the branches.
ifeq ($(PYTEST_ARGS),)
test-interpreted: coverage ## the suite on plain Python and asyncio: the pure tests as `make coverage`, then the rest
	@echo '== interpreted, asyncio: the rest =='
	cd $(INTERPRETED) && $(PLAIN) SMSC_EXAMPLES=50 TESTS_LEFT_OUT="$(CHECKED)" $(CURDIR)/$(PY) $(SUITE) \
		-m 'not once and not torture and not fuzz'
else
test-interpreted: $(VENV)/.dev
	@$(COPY)
	@echo '== interpreted, asyncio =='
	cd $(INTERPRETED) && $(PLAIN) $(CURDIR)/$(PY) $(SUITE) $(PYTEST_ARGS)
endif

# From a copy that has no extensions.
coverage: $(VENV)/.dev ## the pure tests on plain Python, and the branches they take in each room; fails under a floor
	@$(COPY)
	@echo '== interpreted: the pure tests, with branches =='
	cd $(INTERPRETED) && $(PLAIN) SMSC_EXAMPLES=100 $(CURDIR)/$(PY) tools/suite.py --coverage $(PARALLEL) -q --no-header -r fE \
		-m 'not loop and not once and not torture and not fuzz' $(CHECKED) $(PYTEST_ARGS)
	cd $(INTERPRETED) && $(CURDIR)/$(PY) -m coverage combine --quiet && $(CURDIR)/$(PY) -m coverage json --quiet
	$(PY) tools/rooms.py $(INTERPRETED)/coverage.json

mutation: $(VENV)/.dev ## which small wrong changes no pure test notices (ROOMS="services", SECONDS=300 for each)
	@$(COPY)
	cd $(INTERPRETED) && for room in $(or $(ROOMS),mt delivery services routing protocol); do \
		$(PLAIN) nice $(CURDIR)/$(PY) tools/mutate.py $$room --seconds $(or $(SECONDS),300); done

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

docs: $(VENV)/.dev ## the documentation as a site, strictly; the server serves it at /guide
	$(PY) tools/docs.py

torture: $(VENV)/.dev $(VENV)/.compiled ## the long fault tests
	SMSC_CYTHON=require $(PY) -m pytest -m torture --timeout=0 $(PYTEST_ARGS)

asan: $(VENV)/.dev ## the tests of the protocol and its fuzz run, compiled with AddressSanitizer (FUZZ_SECONDS=60)
	@rm -rf build/asan && $(subst $(INTERPRETED),build/asan,$(COPY))
	cd build/asan && CC=gcc CFLAGS='-fsanitize=address -fno-omit-frame-pointer -O1 -g1' LDFLAGS=-fsanitize=address \
		SMSC_CYTHON=require $(CURDIR)/$(PY) setup.py --quiet build_ext --inplace
	cd build/asan && PYTHONPATH="$$PWD" SMSC_CYTHON=require SMSC_FUZZ_SECONDS=$(or $(FUZZ_SECONDS),60) \
		LD_PRELOAD="$$(gcc -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc \
		$(CURDIR)/$(PY) -m pytest -m 'not torture' --timeout=0 tests/protocol tests/load/test_lane.py $(PYTEST_ARGS)

fuzz: $(VENV)/.dev $(VENV)/.compiled ## the long fuzz runs
	SMSC_CYTHON=require $(PY) -m pytest -m fuzz --timeout=0 $(PYTEST_ARGS)

install: $(VENV)/.dev ## the virtual environment with everything that development needs

build: $(VENV)/.runtime $(VENV)/.compiled ## compile in place; fails when it cannot

dist: $(VENV)/.dev ## source archive and wheels of this Python for x86_64 and aarch64, tried, in dist/
	$(PY) tools/dist.py

wheel: $(VENV)/.dev ## one of these wheels, for this machine
	$(PY) tools/dist.py --here

dist-all: $(VENV)/.dev ## the same for every CPython that is here
	$(PY) tools/dist.py --all

image: $(VENV)/.dev ## the container image from the wheel, run as it is meant to be, in build/image/
	$(PY) tools/image.py

service: $(VENV)/.dev ## deploy/smsc.service under a real systemd of its own, with the wheel in dist/ (as root)
	$(PY) tools/service.py

lock: | $(PY) ## fix anew the versions and hashes of what is shipped, and of what builds it
	$(PY) tools/lock.py

release-check: $(VENV)/.dev ## before a release: build all twice and compare the octets, try all, audit what is shipped
	$(PY) tools/dist.py --all --twice
	$(PY) tools/service.py
	$(PY) tools/image.py
	$(PY) tools/audit.py -r deploy/requirements.txt

$(PY):
	@test -n "$(PYTHON)" || { echo 'smsc needs Python 3.11 or newer; none was found on PATH' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The build's own requirements stand in pyproject.toml only; compiling in place uses the same.
$(VENV)/.build: pyproject.toml | $(PY)
	$(PY) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		> $(VENV)/build-requires.txt
	$(PIP) install -r $(VENV)/build-requires.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.build
	SMSC_CYTHON=skip $(PIP) install --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	SMSC_CYTHON=skip $(PIP) install --no-build-isolation --editable '.[dev]'
	@touch $@

$(VENV)/.compiled: $(VENV)/.build $(SOURCES)
	@echo 'compiling the hot path, about a minute the first time' >&2
	SMSC_CYTHON=require $(PY) setup.py --quiet build_ext --inplace
	@touch $@ $(VENV)/.compiled-auto

# `make run` also serves where there is no C compiler: plain Python then, and it says so.
$(VENV)/.compiled-auto: $(VENV)/.build $(SOURCES)
	@echo 'compiling the hot path, about a minute the first time' >&2
	SMSC_CYTHON=$${SMSC_CYTHON:-auto} $(PY) setup.py --quiet build_ext --inplace
	@touch $@

clean: ## remove what was compiled, cached and measured
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis $(VENV)/.compiled $(VENV)/.compiled-auto
	find smsc tests bench -name '*.so' -delete -o -name '*.c' -path 'smsc/*' -delete 2>/dev/null || true
	find smsc tests bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## and the virtual environment
	rm -rf $(VENV)
