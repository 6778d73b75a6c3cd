# What a person types. Needs only python3 (3.11 or later), node 20, git, make and the two registries.
#
#   make report    install, build everything, say where the results are
#   make test      install, lint, run every test
#   make bench     time a whole run, the warehouse at scale beside hand-written SQL, and the site of 200 council-years
#   make attack    attack every suppressed number of the last build from what it published, and hide each relation from the
#                  protector to see that the attacker finds it
#   make soak      fill disks, kill runs, damage files; docs/soak.md says what is tried
#   make dagster   the same pipeline with a web page, a nightly schedule and a drop-folder sensor
#   make clean     remove what was installed and what was built for the code (results in build/ stay)

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := report
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PYTHON_STAMP := $(VENV)/.installed
NODE_STAMP := reports/node_modules/.installed

export DAGSTER_DISABLE_TELEMETRY := true
export GX_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1

.PHONY: report test bench attack soak dagster install install-python install-node test-tools chromium clean

report: install
	@$(BIN)/redress build < /dev/null
	build="$${REDRESS_BUILD:-build}"
	echo
	echo "The website       $$build/site      open it with: python3 -m http.server --directory $$build/site 8000"
	echo "                                   then browse to http://localhost:8000/"
	echo "Every figure      $$build/figures.csv"
	echo "Every check       $$build/checks.csv and $$build/published_check.csv"
	echo "Set-aside rows    $$build/quarantine/"
	echo "The evidence      $$build/evidence/"

test: test-tools
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	# These two take longest, each on one processor.
	$(BIN)/mypy & types=$$!
	$(BIN)/sqlfluff lint -q dbt_project/models < /dev/null
	wait $$types
	# A process for each processor, and each takes the next file (or files that share what they build; tests/conftest.py).
	# The longest folders begin, so that none waits for the other: without the last option the files with most tests would.
	$(BIN)/python -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder tests/pipeline tests/warehouse tests/browser \
		tests/protection tests/soak tests/narrative tests/unit < /dev/null

bench: install
	@$(BIN)/python -m tests.bench.whole_run < /dev/null
	$(BIN)/python -m tests.bench < /dev/null
	if [ -d "$${REDRESS_BUILD:-build}/state/protected" ]; then $(BIN)/python -m tests.bench.many_reports 200 < /dev/null; fi

attack: install-python
	@$(BIN)/python -m tests.protection.everything < /dev/null
	$(BIN)/python -m tests.protection.blind < /dev/null

# SOAK="--quick", SOAK="--only disk-full", SOAK="--count mutations=10000 --count whole-kills=50"
soak: install
	@mkdir -p "$${REDRESS_BUILD:-build}"
	$(BIN)/python -m tests.soak --report "$${REDRESS_BUILD:-build}/soak.md" $(SOAK) < /dev/null

dagster: install-python
	@export DAGSTER_HOME="$${DAGSTER_HOME:-$(CURDIR)/build/state/dagster}"
	mkdir -p "$$DAGSTER_HOME"
	CORES=$$($(BIN)/python -c "import os; print(os.cpu_count() or 1)")
	sed "s/max_concurrent_runs: .*/max_concurrent_runs: $$CORES/" orchestration/dagster.yaml > "$$DAGSTER_HOME/dagster.yaml"
	exec $(BIN)/dagster dev -m orchestration.definitions

install: install-python install-node
# each waits for its own registry
test-tools:
	@$(MAKE) -j 3 install-python install-node chromium
install-python: $(PYTHON_STAMP)
install-node: $(NODE_STAMP)

# uv installs the lock in seconds; where it cannot (it reads no pip.conf), pip does the same in a minute.
# Both refuse any file whose hash is not in the lock.
$(PYTHON_STAMP): requirements.lock requirements-tools.lock pyproject.toml
	@echo "Installing Python packages"
	rm -f $@
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m ensurepip --default-pip > /dev/null 2>&1 || true
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-tools.lock
	index="$$($(BIN)/python -m pip config get global.index-url 2> /dev/null || true)"
	index="$${UV_INDEX_URL:-$${PIP_INDEX_URL:-$$index}}"
	if ! $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes \
		$${index:+--index-url "$$index"} -r requirements.lock < /dev/null; then
	  echo "uv could not install; trying pip" >&2
	  $(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock < /dev/null
	fi
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	touch $@

$(NODE_STAMP): reports/package-lock.json reports/package.json
	@echo "Installing the website's packages"
	rm -f $@
	cd reports
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error < /dev/null
	touch node_modules/.installed

# The browser tests drive Debian's chromium.
chromium:
	@if command -v chromium chromium-browser google-chrome > /dev/null; then exit 0; fi
	root=""
	if [ "$$(id -u)" != 0 ]; then root="sudo -n"; fi
	export DEBIAN_FRONTEND=noninteractive
	if ! { $$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends chromium; } \
		< /dev/null > /dev/null; then
	  echo "The browser tests need chromium on the PATH, and it could not be installed: ask for it." >&2
	  exit 1
	fi

clean:
	@rm -rf $(VENV) reports/node_modules reports/.evidence reports/build
	rm -rf .compiled dbt_project/target dbt_project/logs build/.next .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
