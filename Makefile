# make run    the daemon on config/alerter.yaml, with the starter feeds
# make demo   a bundled scenario, without any network
# make test   all tests          make lint   formatters, types, layers
# make bench  the benchmarks, results in benchmarks/results/
PYTHON ?= python3
BIN := .venv/bin
CONFIG ?= config/alerter.yaml
# The image of a machine may ask pip to look elsewhere; a lock with hashes needs no advice.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet

.PHONY: run demo test lint bench wheel clean

run: .venv/run
	$(BIN)/alerter --config $(CONFIG) run

demo: .venv/run
	$(BIN)/alerter demo

test: .venv/dev
	$(BIN)/python -m pytest -n 2

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev
	$(BIN)/python -m benchmarks

wheel: .venv/dev
	$(BIN)/python -m hatchling build -t wheel

clean:
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: .venv/bin/python requirements-dev.lock pyproject.toml
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@ .venv/run

# Locks of versions and hashes; needs uv (https://docs.astral.sh/uv/).
.PHONY: lock
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --extra build --extra multilingual
lock:
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --extra dev --extra postgres --extra fulltext --extra apprise --extra onnx \
		pyproject.toml -o requirements-dev.lock
