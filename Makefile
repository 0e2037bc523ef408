# Every target makes its own virtual environment and installs only what changed.
#   make demo    raw dumps -> documents -> tokenizer -> shards -> a small trained LLaMA, on generated data of all sources
#   make test    the tests that take a few minutes; TESTS='-m "slow or not slow"' runs all of them
#   make check   lint, formatting and types
#   make bench   timings beside other tools
#   make sanitize  the kernels' tests under AddressSanitizer and UndefinedBehaviorSanitizer
PYTHON ?= python3
TESTS ?=
DEMO ?= demo-out

VENV := .venv
BIN := $(VENV)/bin
SANITIZE := build/sanitize
PIP := $(BIN)/python -m pip --quiet
NATIVE := CMakeLists.txt $(wildcard kernels/native/*/*.cpp kernels/native/*/*.hpp)

.PHONY: demo test check bench sanitize clean build

demo: $(VENV)/.native
	$(BIN)/llama-corpus demo --out $(DEMO)

test: $(VENV)/.native $(VENV)/.dev
	$(BIN)/python -m pytest $(TESTS)

check: $(VENV)/.native $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.native $(VENV)/.dev $(VENV)/.bench
	$(BIN)/python -m benchmarks.commoncrawl
	$(if $(LLAMA_CORPUS_TEST_DATA),$(BIN)/python -m benchmarks.html $(LLAMA_CORPUS_TEST_DATA)/data/web/html)
	$(BIN)/python -m benchmarks.wikitext
	$(BIN)/python -m benchmarks.quality_rules
	$(BIN)/python -m benchmarks.minhash
	$(BIN)/python -m benchmarks.books
	$(BIN)/python -m benchmarks.github

build: $(VENV)/.native

# Python itself is not instrumented, so the runtimes are loaded ahead of it; `python -S` does not see the installed
# kernels; reports appear because pytest leaves file descriptor 2 alone.
sanitize: $(VENV)/.native $(VENV)/.dev
	$(BIN)/cmake -S . -B $(SANITIZE) -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g" \
	  -DSANITIZERS=address,undefined -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python \
	  -Dnanobind_DIR="$$($(BIN)/python -m nanobind --cmake_dir)"
	$(BIN)/cmake --build $(SANITIZE)
	mkdir -p $(SANITIZE)/site/kernels
	cp kernels/*.py $(SANITIZE)/_native*.so $(SANITIZE)/site/kernels
	env ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 ARROW_DEFAULT_MEMORY_POOL=system \
	  LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libstdc++.so)" \
	  PYTHONPATH="$(CURDIR)/$(SANITIZE)/site:$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'):$(CURDIR)" \
	  $(BIN)/python -S $(BIN)/pytest --capture=sys tests/kernels $(TESTS)

clean:
	rm -rf $(VENV) build $(DEMO)

# What the project needs is installed from its list, so that the extension is built once and then only what changed.
REQUIREMENTS := import sys; toml = __import__("tomllib" if sys.version_info >= (3, 11) else "tomli"); \
  project = toml.load(open("pyproject.toml", "rb"))["project"]; \
  print(*project["dependencies"], *project["optional-dependencies"][sys.argv[1]], sep="\n")

$(VENV)/.run: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --constraint constraints.txt scikit-build-core nanobind cmake ninja
	$(BIN)/python -c '$(REQUIREMENTS)' train > $(VENV)/requirements.txt
	$(PIP) install --constraint constraints.txt --requirement $(VENV)/requirements.txt
	touch $@

$(VENV)/.native: $(VENV)/.run $(NATIVE)
	$(PIP) install --no-build-isolation --no-deps --editable .
	touch $@

$(VENV)/.bench: $(VENV)/.run
	$(BIN)/python -c '$(REQUIREMENTS)' bench > $(VENV)/requirements.txt
	$(PIP) install --constraint constraints.txt --requirement $(VENV)/requirements.txt
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -c '$(REQUIREMENTS)' dev > $(VENV)/requirements.txt
	$(PIP) install --constraint constraints.txt --requirement $(VENV)/requirements.txt
	touch $@
