# `make demo`, `make test`, `make chaos` and `make bench`. Each sets up its own environment
# in .venv and needs nothing but Python 3.11 to 3.13 and make.
#   make demo ARGS='--seconds 60 --json'
#   make test ARGS='-k queue'

VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# A demo starts eight processes and the tests hundreds: each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# Nearly half of the installed files, which no process of ours imports: tests of the libraries, mock
# services of AWS other than S3, what exists as machine code too. Python compiles one when it is imported.
NOT_IMPORTED := /(tests?|pip|setuptools|pkg_resources|mypyc?|fontTools|devtools|bidi|lexers)/|/moto/(?!core/|s3/|moto_|utilities/)[a-z0-9_]+/

# pytest compiles each test file. Before its first run one process does so for all test processes;
# each would do it by itself, which takes each of them ten seconds.
BYTECODE := [ -d tests/__pycache__ ] \
  || $(BIN)/python -m pytest -q -n 0 --collect-only tests >/dev/null || true

.PHONY: help setup demo test unit chaos bench bench-check docs release check lint types imports words tests browser lock clean

help:
	@echo 'make demo   run everything on this machine against the simulator'
	@echo 'make test   lint, types, import rules, all tests: some minutes'
	@echo 'make check  lint, types, import rules, words, lengths of files'
	@echo 'make unit   the quick unit tests, with few examples each: about a minute'
	@echo 'make chaos  kill every process at random, then recount'
	@echo 'make bench  measure this machine beside what others do, and write docs/benchmarks.md'
	@echo 'make bench-check  measure again and compare with docs/benchmarks.json'
	@echo 'make docs   build the documentation in site/'
	@echo 'make release  build both distributions in dist/, and try them in clean environments'
	@echo 'make lock   resolve requirements.txt again'
	@echo 'make clean  remove the environment and what the tools cached'

setup: $(VENV)/.ready

# An interpreter on PATH may be a shim that does not start: ask each for its version.
$(VENV)/.ready: requirements.txt pyproject.toml tws_simulator/pyproject.toml
	@set -e; for python in $${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do \
	  if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
	  then found=$$python; break; fi; done; \
	if [ -z "$$found" ]; then echo 'Slotwise needs Python 3.11, 3.12 or 3.13: install one, or name it with PYTHON=...' >&2; exit 1; fi; \
	[ -x $(BIN)/python ] || $$found -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --no-deps -r requirements.txt
	@# pip compiles on one core; a file that cannot be compiled is not ours to mend.
	-@$(BIN)/python -m compileall -qq -j 0 -x '$(NOT_IMPORTED)' $(VENV)/lib
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps \
	  --editable . --editable tws_simulator
	@touch $@

demo: setup
	@$(BIN)/slotwise demo $(ARGS)

# Side by side: most tests wait for processes, and the checks compute. Targets are made first, so
# that the two do not both make them.
test:
	@$(MAKE) --no-print-directory -j2 setup browser
	@$(MAKE) --no-print-directory -j2 check tests

chaos: setup
	@$(BIN)/python -m tests.chaos.run $(ARGS)

bench: setup
	@$(BIN)/python -m benchmarks --write docs $(ARGS)

bench-check: setup
	@$(BIN)/python -m benchmarks --check docs/benchmarks.json $(ARGS)

release: setup
	$(BIN)/python -m tests.release dist

docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet

check: lint types imports words

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

words: setup
	$(BIN)/python -m tests.docs.plain_words
	$(BIN)/python -m tests.docs.short_files

tests: setup browser
	@$(BYTECODE)
	$(BIN)/python -m pytest $(ARGS)

# What is quick: tests/support/schedule.py says which files are not. Four processes, as many of
# these tests wait for a moment.
unit: setup
	@$(BYTECODE)
	$(BIN)/python -m pytest -n 4 --quick tests/unit $(ARGS)

# The browser tests skip themselves where there is no chromium; on a CI machine it is installed.
browser:
	@if [ -n "$${CI:-}" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && ! { command -v chromium && command -v chromedriver; } >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends chromium chromium-driver >/dev/null; fi

# Needs uv; the file names no index, so pip's own settings decide where from.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --extra dev pyproject.toml --output-file requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  pyproject.toml --output-file infra/requirements.txt

clean:
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
