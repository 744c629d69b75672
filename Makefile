# make jam   plays in your browser, with no configuration and no TensorFlow
# make check  lint, types, contracts, and the tests that need no TensorFlow and no real time
# make test  makes the whole environment and runs everything
# make search  looks for examples that the property tests have not met yet, half an hour of them
# make test-rounding  runs what learns and what steps the cell as other processors would round
# make wheel-test  builds a wheel, installs it away from here, and plays
# make lowest-test  checks with the lowest versions of what it needs
# make models  makes every model that comes along again, from the Weimar Jazz Database's solos as
#   JSON lines: SOLOS=solos.jsonl.gz; hours of one core, and it writes over those that are here
# make debian-test  checks in a Debian 13 of its own; SUITE=forky for another
# make vm-test  runs it as a service under a real systemd and kernel, in a virtual machine

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --quiet
# A process for each core, though not for every core of a large machine: each loads TensorFlow.
SPREAD := --numprocesses auto --maxprocesses 8 --dist worksteal
# What plays in real time mostly waits; more at once than these, and they get in each other's way.
BESIDE := --numprocesses 2 --dist worksteal

# Each makes a library add in another order than it would on a processor with AVX-512.
ROUNDINGS := ONEDNN_MAX_CPU_ISA=SSE41 ONEDNN_MAX_CPU_ISA=AVX2 TF_ENABLE_ONEDNN_OPTS=0 \
	NPY_DISABLE_CPU_FEATURES=X86_V3,X86_V4,AVX512_ICL,AVX512_SPR \
	OPENBLAS_CORETYPE=NEHALEM OPENBLAS_CORETYPE=HASWELL
# As on another system, as far as that can be (tests/elsewhere).
ON_MACOS := PYTHONPATH=$(CURDIR)/tests/elsewhere/macos
ON_WINDOWS := PYTHONPATH=$(CURDIR)/tests/elsewhere/windows

ROUNDED := tests/training tests/core/network tests/test_learning.py tests/test_model.py

# Hundreds of processes are started by tests: each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

SUITE := trixie

.PHONY: jam check rules test search test-rounding wheel-test lowest-test debian-test vm-test models clean

jam: .venv/plays
	@$(BIN)/improvd --web

check: .venv/checks rules
	$(PYTEST) $(SPREAD) -m "not learning and not realtime and not long"

test: .venv/learns rules
	$(PYTEST) $(SPREAD) -m "not realtime"
	$(PYTEST) $(BESIDE) -m "realtime and not quiet"
	$(ON_MACOS) $(PYTEST) $(BESIDE) -m macos
	$(ON_WINDOWS) $(PYTEST) $(BESIDE) -m windows
	$(PYTEST) -m quiet

search: .venv/checks
	$(PYTEST) $(SPREAD) --hypothesis-profile search -m "not learning and not realtime and not long"

rules: .venv/checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform darwin
	$(BIN)/mypy --platform win32
	$(BIN)/lint-imports

# NumPy warns of features that this processor has not got anyway.
test-rounding: .venv/learns
	@for setting in $(ROUNDINGS); do \
		echo "With $$setting:"; \
		env $$setting $(PYTEST) $(SPREAD) -m "not realtime" \
			-W "ignore:During parsing environment variable:ImportWarning" $(ROUNDED) || exit 1; \
	done

# By way of a source distribution, so that nothing comes along that only lies in this folder.
wheel-test:
	rm -rf build/wheel
	$(PYTHON) -m venv build/wheel/tools
	build/wheel/tools/bin/python -m pip install --quiet --disable-pip-version-check build
	build/wheel/tools/bin/python -m build --outdir build/wheel/dist . >build/wheel/build.log
	$(PYTHON) -m venv build/wheel/empty
	build/wheel/empty/bin/python -m pip install --quiet --disable-pip-version-check \
		build/wheel/dist/*.whl
	$(PYTHON) tests/installed/plays.py build/wheel/empty

lowest-test:
	$(PYTHON) -m venv --clear build/lowest
	build/lowest/bin/python -m pip install --quiet --disable-pip-version-check uv
	build/lowest/bin/uv pip install --quiet --python build/lowest/bin/python \
		--resolution lowest-direct --editable '.[test]'
	build/lowest/bin/python -m pytest --quiet $(SPREAD) \
		-m "not learning and not realtime and not long"

# In this order: models of contours take in the realisation. The course's book is learned again, not
# composed, so that what was recorded with its model is played again by the same bytes.
RECIPE = $(BIN)/python -m improvd.training.recipes
models: .venv/learns
	@test -f "$(SOLOS)" || { echo "Say where the solos are: make models SOLOS=solos.jsonl.gz"; exit 2; }
	$(RECIPE).bass $(SOLOS)
	$(RECIPE).chords $(SOLOS)
	$(RECIPE).realisation $(SOLOS)
	$(RECIPE).default $(SOLOS)
	$(RECIPE).contours $(SOLOS)
	$(RECIPE).general $(SOLOS) general
	$(RECIPE).general $(SOLOS) wide
	$(RECIPE).book train
	$(RECIPE).book score $(SOLOS)

# As root, and needs mmdebstrap.
debian-test:
	tests/installed/debian.sh $(SUITE) build/debian/$(SUITE)

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
