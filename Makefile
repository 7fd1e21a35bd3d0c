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

.PHONY: help demo test bench performance fuzz tamper kills writers comparison docs lock clean force

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/ready  ## the Shire11 story, from founding to audit
	$(VENV)/bin/pastoral demo

test: $(VENV)/ready  ## lint, format, types and tests
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(RUN) -m pytest

bench: $(VENV)/ready $(VENV)/solvers  ## every benchmark: medians, and ratios against something plain in the same run
	@set -e; for script in tests/benchmarks/bench_*.py; do echo "== $$script"; PYTHONPATH=. $(RUN) $$script; done

performance: $(VENV)/ready $(VENV)/solvers $(VENV)/fairpyx/tried  ## write docs/performance.md: placements with their proof against other solvers
	$(RUN) -m docs.performance

fuzz: $(VENV)/ready  ## the long comparisons: of the rule evaluations, and of two checkers of certificates
	$(RUN) -m tests.benchmarks.fuzz_rules -n 1000000
	$(RUN) -m tests.benchmarks.fuzz_tariffs -n 100000
	$(RUN) -m tests.benchmarks.fuzz_certificates

writers: $(VENV)/ready  ## eight processes append 1,000 steps each to one ledger, on SQLite and on PostgreSQL: nothing may be lost
	$(RUN) -m tests.benchmarks.writers

tamper: $(VENV)/ready  ## every attack on a ledger at every entry of the story; writes docs/what-tampering-shows.md
	$(RUN) -m tests.attacks --jobs 2

kills: $(VENV)/ready  ## kill the story 500 times, and look at each ledger that is left
	$(RUN) -m tests.attacks.kills

comparison: $(VENV)/ready  ## write docs/comparison.md: 200 invented years of what panels do today, and of this program
	$(RUN) -m tests.benchmarks.comparison

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

# In an environment of its own, as it asks for another NumPy, which not every Python has.
$(VENV)/fairpyx/tried: $(VENV)/locked .ci/fairpyx.txt
	@$(RUN) -m venv --clear $(VENV)/fairpyx
	@$(VENV)/fairpyx/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-deps --require-hashes --only-binary :all: \
	    -r .ci/fairpyx.txt || { echo "fairpyx cannot be installed here: it will not be measured"; rm -rf $(VENV)/fairpyx/bin; }
	@touch $@

$(VENV)/solvers: $(VENV)/locked .ci/solvers.txt
	@$(RUN) -m pip install -qq --disable-pip-version-check --no-input --no-deps --require-hashes --only-binary :all: -r .ci/solvers.txt
	@touch $@
