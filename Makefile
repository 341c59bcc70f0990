# The two commands are `make demo` and `make test`; each builds .venv on its first use. Needed: Python 3.11 or newer with
# venv, and make. `make help` lists the rest.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
# The first Python on the path that is new enough; PYTHON=… overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check -q install -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test check peers test-real test-faults bench soak shots audio clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "onset needs Python 3.11 or newer; none was found (PYTHON=/path/to/python3 make … names one)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "onset needs Python 3.11 or newer; $(PYTHON) is older."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt install python3-venv."; exit 1; }
	@echo "Setting up $(VENV) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -e '.[test]'
	@$(MAKE) -s audio-if-there
	@touch $@

# PyAudio has no wheel for Linux and macOS: it is compiled, where PortAudio's header is. Without it all else works.
BREW := $(shell command -v brew >/dev/null 2>&1 && brew --prefix 2>/dev/null)
AUDIO_FLAGS := $(if $(BREW),-I$(BREW)/include)
.PHONY: audio-if-there
audio-if-there:
	@if printf '#include <portaudio.h>\n' | $(CC) $(AUDIO_FLAGS) -E - >/dev/null 2>&1; then $(MAKE) -s build-audio; \
	else echo "No sound input: PortAudio's header is not here (apt install portaudio19-dev, or brew install portaudio; then make audio)."; fi

.PHONY: build-audio
build-audio:
	@mkdir -p build
	@CFLAGS="$(CFLAGS) $(AUDIO_FLAGS)" LDFLAGS="$(LDFLAGS) $(if $(BREW),-L$(BREW)/lib)" $(PIP) -e '.[audio]' >build/audio.log 2>&1 \
	|| echo "No sound input: PyAudio could not be built (build/audio.log says why); everything else works."

audio: $(STAMP)  ## add sound input (needs PortAudio's header)
	@$(MAKE) -s audio-if-there

demo: $(STAMP)  ## a rehearsal day: the app at a terminal, a headless day without one
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/onset demo build/demo; else $(BIN)/onset demo build/demo --headless; fi

# One worker more than cores: tests wait for programs and disks a third of their time. Bytecode is kept even where the
# environment forbids it: each worker, and each program that a test starts, would compile everything again.
WORKERS = $$($(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')
test: $(STAMP)  ## the tests that need nothing but Python
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n "$(WORKERS)" -m "not real and not faults"

test-real: $(STAMP)  ## tests against real components: ffmpeg, GStreamer, PipeWire, loop devices, the reference MHL tool
	@$(BIN)/pytest -m "real and not faults"

peers:  ## install the Node programs that test-real talks to (needs Node 18 or newer, and npm)
	@mkdir -p build/npm && cp tests/real/decks/package.json tests/real/decks/package-lock.json build/npm/
	@npm ci --prefix build/npm --no-audit --no-fund --loglevel=error

# Recordings keep real time and have the machine to themselves; the log's and the offload's faults share it.
CAPTURE_FAULTS := tests/faults/test_capture_kills.py tests/faults/test_recording_kills.py tests/faults/test_deck_faults.py
test-faults: $(STAMP)  ## kills, full disks, cut power
	@$(BIN)/pytest -n auto -m faults $(CAPTURE_FAULTS:%=--ignore=%)
	@$(BIN)/pytest -m faults $(CAPTURE_FAULTS)

check: $(STAMP)  ## lint, format, types, import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(STAMP)  ## measure against peers, printed as ratios (minutes)
	@set -e; for each in $(filter-out shots shots_set,$(basename $(notdir $(wildcard benchmarks/*.py)))); do \
	echo "== $$each"; $(BIN)/python -m benchmarks.$$each; done

soak: $(STAMP)  ## what takes longer than a minute, by hand
	@set -e; for each in $(basename $(notdir $(wildcard benchmarks/soak/*.py))); do \
	echo "== $$each"; $(BIN)/python -m benchmarks.soak.$$each; done

shots: $(STAMP)  ## draw the pictures of every screen in docs/pictures, dark and for the sun
	@$(BIN)/python -m benchmarks.shots docs/pictures

clean:  ## remove what make built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
