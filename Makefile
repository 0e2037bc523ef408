# Every target makes its own virtual environment and installs only what changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: build
build:
	$(BIN)/pip install -q --no-build-isolation --no-deps -e .
