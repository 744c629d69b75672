# make jam   plays, with no configuration and no TensorFlow
# make test  makes the whole environment and runs everything
# make vm-test  runs it as a service under a real systemd and kernel, in a virtual machine

PYTHON ?= python3
BIN := .venv/bin

.PHONY: jam test vm-test clean

jam: .venv/plays
	@$(BIN)/improvd

test: .venv/learns
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

# The machine is made once, as root; tests/vm/README.md says what it needs.
vm-test: build/vm/root.ext4 .venv/bin/python
	$(BIN)/python tests/vm/run.py

build/vm/root.ext4: tests/vm/image.sh
	tests/vm/image.sh build/vm

.venv/bin/python:
	@echo "Making .venv, an environment of improvd's own."
	$(PYTHON) -m venv .venv

.venv/plays: .venv/bin/python pyproject.toml
	@echo "Installing improvd and what it needs into .venv; this takes half a minute, once."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/learns: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,test]'
	@touch .venv/plays $@

clean:
	rm -rf .venv build *.egg-info
