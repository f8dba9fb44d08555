# Each target sets up what it needs: a virtual environment, from nothing but Python 3.11+ and pip.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# What a thousand processes of the tests import is compiled once, whatever the machine is set to.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: frames engines bills prices overloads demo docs test lint types check matrix catalog commands files formats limits man sdks bench estimates oracle screens integrations clean fuzz

demo: $(VENV)/installed        ## the main job on a sample
	$(BIN)/multitok inspect samples/photo.jpg
	$(BIN)/multitok count README.md -m gpt-4o

test: $(VENV)/tests            ## the whole test suite
	@$(BIN)/python tools/versions.py
	$(BIN)/python -m pytest -n 2

lint: $(VENV)/tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/tests
	$(BIN)/mypy

check: lint types test

matrix: $(VENV)-uv/installed   ## the suite on the lowest versions, and on the later Pythons
	$(VENV)-uv/bin/python tools/matrix.py $(VENV)-uv/bin/uv

prices: $(VENV)/tests       ## prices.json from the installed genai-prices
	$(BIN)/python tools/make_prices.py

overloads: $(VENV)/tests       ## built_in.pyi from the registry and the parameters of its classes
	$(BIN)/python tools/make_overloads.py

catalog: $(VENV)/installed     ## catalog.json and what stands beside it from the TOML files
	$(BIN)/python -m multitok.catalog.compiled

commands: $(VENV)/installed    ## the tables of docs/commands.md
	$(BIN)/python tools/make_commands_table.py

man: $(VENV)/installed          ## the manual page, from the command line: man build/multitok.1
	$(BIN)/python tools/make_man.py

formats: $(VENV)/installed     ## the table of formats in docs/sources.md
	$(BIN)/python tools/make_formats_table.py

docs: $(VENV)-docs/installed    ## the site of docs/, into build/site; what it links to must be there
	NO_MKDOCS_2_WARNING=1 $(VENV)-docs/bin/mkdocs build --strict

integrations: $(VENV)-integrations/installed   ## the hook, the Action's file and script, the Dockerfile, the notebook
	$(VENV)-integrations/bin/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(VENV)-integrations/bin/hadolint Dockerfile
	$(VENV)-integrations/bin/python tools/try_integrations.py

limits: $(VENV)/installed      ## the table of docs/limits.md
	$(BIN)/python tools/make_limits_table.py

screens: $(VENV)/tests         ## pages and charts as people see them: build/screens (needs Chromium, Node, npm)
	$(BIN)/python tools/screens.py

sdks: $(VENV)/tests            ## the providers' Node SDKs against multitok serve (needs Node, npm)
	$(BIN)/python tools/node_sdks.py

frames: $(VENV)-frames/installed   ## the adapters and recipes for Daft, Polars, DuckDB, datasets, and an S3
	$(VENV)-frames/bin/python -m pytest -p no:cacheprovider engines/test_frames.py

engines: $(VENV)-engines/installed   ## the recipes for Ray, Daft on Ray, Spark, datatrove (needs Java 17)
	$(VENV)-engines/bin/python -m pytest -p no:cacheprovider engines/test_engines.py

fuzz: $(VENV)-fuzz/installed       ## inputs that nobody wrote: TARGETS="NAME..." SECONDS=3600 JOBS=2
	$(VENV)-fuzz/bin/python tests/fuzz/run.py $(TARGETS) --seconds $(or $(SECONDS),10) --jobs $(or $(JOBS),1)

bench: $(VENV)-bench/installed           ## the table of ratios against the peers, in one run
	$(VENV)-bench/bin/python benchmarks/run.py

bills: $(VENV)/tests           ## the tables of recorded bills: BILLS="FILE..." (PYTHON=python3.12)
	$(BIN)/python tools/bills_numbers.py $(BILLS)
	$(BIN)/python tools/bills_numbers.py --plain $(BILLS)
	$(BIN)/python tools/bills_table.py --write
	$(BIN)/python tools/make_kinds_table.py
	$(BIN)/python tools/make_evidence.py
	$(BIN)/python -m multitok.catalog.compiled

estimates: $(VENV)-oracle/installed      ## what text costs where no vocabulary is at hand (PYTHON=python3.12)
	$(VENV)-oracle/bin/python oracle/estimate_text.py --write

oracle: $(VENV)-oracle/installed         ## multitok against the reference implementations
	$(VENV)-oracle/bin/python -m pytest oracle

files: $(VENV)-oracle/installed          ## FILES="FOLDER...": what is read of them, against Pillow, FFmpeg, pandas
	$(VENV)-oracle/bin/python oracle/compare_files.py $(FILES)

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	-$(BIN)/python -m compileall -q src    # a first start as fast as the later ones
	@touch $@

# The optional back ends are installed too: each has a test that it gives what the core one gives.
$(VENV)/tests: $(VENV)/installed tests/requirements.txt tests/requirements-sdks.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

$(VENV)-uv/installed:
	$(PYTHON) -m venv $(VENV)-uv
	$(VENV)-uv/bin/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

$(VENV)-frames/installed: engines/requirements-frames.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)-frames
	$(VENV)-frames/bin/python -m pip install --quiet --disable-pip-version-check -r engines/requirements-frames.txt
	@touch $@

$(VENV)-engines/installed: engines/requirements-engines.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)-engines
	$(VENV)-engines/bin/python -m pip install --quiet --disable-pip-version-check -r engines/requirements-engines.txt
	@touch $@

$(VENV)-fuzz/installed: tests/fuzz/requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)-fuzz
	$(VENV)-fuzz/bin/python -m pip install --quiet --disable-pip-version-check -r tests/fuzz/requirements.txt
	@touch $@

$(VENV)-bench/installed: benchmarks/requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check -e '.[fast,serve]' -r benchmarks/requirements.txt
	-$(VENV)-bench/bin/python -m compileall -q src    # as an installed package is
	@touch $@

$(VENV)-docs/installed: docs/requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)-docs
	$(VENV)-docs/bin/python -m pip install --quiet --disable-pip-version-check -e . -r docs/requirements.txt
	@touch $@

$(VENV)-integrations/installed: .ci/requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)-integrations
	$(VENV)-integrations/bin/python -m pip install --quiet --disable-pip-version-check -r .ci/requirements.txt
	@touch $@

$(VENV)-oracle/installed: oracle/requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)-oracle
	$(VENV)-oracle/bin/python -m pip install --quiet --disable-pip-version-check -e . -r oracle/requirements.txt
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-* .mypy_cache .ruff_cache .pytest_cache
