# Every target makes its own virtual environment and installs only what changed.
#   make demo    raw web crawl -> documents -> tokenizer -> shards -> a small trained LLaMA, on generated data
#   make test    the tests that take a few minutes; TESTS='-m "slow or not slow"' runs all of them
#   make check   lint, formatting and types
#   make bench   timings beside other tools
#   make sanitize  the kernels' tests under AddressSanitizer and UndefinedBehaviorSanitizer
PYTHON ?= python3
TESTS ?=
DEMO ?= demo-out

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet
NATIVE := CMakeLists.txt $(wildcard kernels/*.cpp kernels/*.hpp)

.PHONY: demo test check bench clean build

demo: $(VENV)/.native
	$(BIN)/llama-corpus demo --out $(DEMO)

test: $(VENV)/.native $(VENV)/.dev
	$(BIN)/python -m pytest $(TESTS)

check: $(VENV)/.native $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

build: $(VENV)/.native

clean:
	rm -rf $(VENV) build $(DEMO) kernels/_native*.so

$(VENV)/.run: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --constraint constraints.txt scikit-build-core nanobind cmake ninja
	$(PIP) install --constraint constraints.txt --editable '.[train]'
	touch $@ $(VENV)/.native

$(VENV)/.native: $(VENV)/.run $(NATIVE)
	$(PIP) install --no-build-isolation --no-deps --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	touch $@
