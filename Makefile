# make demo and make test each work alone on a fresh clone with Python 3.11, 3.12 or 3.13, a C compiler and make.
#   VENV=folder      where the virtual environment is made (.venv)
#   PYTHON=command   the Python to make it with (else the first that fits, see .ci/pythons)

VENV ?= .venv
RUN := $(VENV)/bin/python
export PYTHON

# `make` itself sets CC to cc; only a compiler that somebody asked for is handed on.
ifeq ($(origin CC),default)
unexport CC
else
export CC
endif

# Another Python asked for than the one in the folder: make it anew.
ifdef PYTHON
VERSION := import sys; print(sys.version_info[:2])
ANEW := $(shell test "$$('$(PYTHON)' -c '$(VERSION)' 2>&1)" = "$$('$(RUN)' -c '$(VERSION)' 2>&1)" || echo force)
endif

.PHONY: help demo test bench fuzz docs lock clean force

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/ready  ## the Shire11 story, from founding to audit
	$(VENV)/bin/pastoral demo

test: $(VENV)/ready  ## lint, format, types and tests
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(RUN) -m pytest

bench: $(VENV)/ready  ## every benchmark: medians, and ratios against something plain in the same run
	@set -e; for script in tests/benchmarks/bench_*.py; do echo "== $$script"; PYTHONPATH=. $(RUN) $$script; done

fuzz: $(VENV)/ready  ## the long comparison of the two rule evaluations
	$(RUN) -m tests.benchmarks.fuzz_rules -n 1000000

docs: $(VENV)/ready  ## write docs/cli.md, docs/facts.md and the answers in the guide from the program itself
	$(RUN) -m docs.reference
	$(RUN) -m docs.facts
	$(RUN) -m docs.guide

lock:  ## choose the newest allowed versions for .ci/lock.txt
	.ci/lock

clean:  ## remove what make built
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/locked: .ci/lock.txt .ci/venv $(ANEW)
	@.ci/venv $(VENV)
	@touch $@

$(VENV)/ready: $(VENV)/locked pyproject.toml
	@$(RUN) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(RUN) -m compileall -q cli.py panel rules  # so that the first command is as quick as the second
	@touch $@
