# make jam   plays, with no configuration and no TensorFlow
# make check  lint, types, contracts, and the tests that need no TensorFlow and no real time
# make test  makes the whole environment and runs everything
# make rounding  runs what learns as on other processors
# make vm-test  runs it as a service under a real systemd and kernel, in a virtual machine

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --quiet
# A process for each core; one that is done takes over from those that are not.
SPREAD := --numprocesses auto --dist worksteal
# What plays in real time mostly waits; more at once than these, and they get in each other's way.
BESIDE := --numprocesses 3 --dist worksteal

.PHONY: jam check rules test rounding vm-test clean

jam: .venv/plays
	@$(BIN)/improvd

check: .venv/checks rules
	$(PYTEST) $(SPREAD) -m "not learning and not realtime"

test: .venv/learns rules
	$(PYTEST) $(SPREAD) -m "not realtime"
	$(PYTEST) $(BESIDE) -m "realtime and not quiet"
	$(PYTEST) -m quiet

rules: .venv/checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
# To come, when both are at 0 errors:
#	$(BIN)/mypy --platform darwin
#	$(BIN)/mypy --platform win32

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

.venv/checks: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch .venv/plays $@

.venv/learns: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,test]'
	@touch .venv/plays .venv/checks $@

clean:
	rm -rf .venv build *.egg-info
