# make jam   plays, with no configuration and no TensorFlow
# make test  makes the whole environment and runs everything

PYTHON ?= python3
BIN := .venv/bin

.PHONY: jam test lint clean

jam: .venv/plays
	@$(BIN)/improvd

test: .venv/learns
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/plays: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/learns: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,test]'
	@touch .venv/plays $@

clean:
	rm -rf .venv build *.egg-info
