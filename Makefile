# Two commands for a new machine with Python 3.11 to 3.13: `make demo` and `make test`.
# Everything is installed into .venv with pip and the versions of constraints.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_FOLDER ?= ringroad-data

# Real recordings for tests, where there are any: see docs/real-data.md.
ifneq ($(wildcard ../shared/data/README.md),)
export RINGROAD_TEST_DATA ?= $(abspath ../shared/data)
endif

.PHONY: demo test check bench real web web-check format clean

demo: $(VENV)/.train
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory web || \
		echo "the web application was not built; the API and the report work without it"; fi
	$(BIN)/ringroad demo --workspace $(DEMO_FOLDER)

# Two processes, each with whole files: what a file sets up is set up once.
test: $(VENV)/.test
	$(BIN)/python tools/run_tests.py -n 2 --dist loadfile

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test
	$(BIN)/python benchmarks/run_all.py

real: $(VENV)/.browser
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory web; fi
	$(BIN)/python tools/run_tests.py -m "real or slow"

# The pages of `ringroad serve`; without npm the API works, and says that they were not built.
# Types of the API are generated from its description, which is written by tools/openapi.py.
WEB := src/ringroad/web/index.html
NODE := web/node_modules/.package-lock.json
WEB_SOURCES = $(filter-out web/src/api/schema.d.ts,$(wildcard \
	web/*.* web/public/*.* web/src/*.* web/src/*/*.* web/src/*/*/*.*))

web: $(WEB)

$(WEB): $(NODE) $(WEB_SOURCES) docs/openapi.json
	cd web && npm run --silent build
	touch $@

web-check: $(WEB)
	cd web && npm run --silent check && npm run --silent test

$(NODE): web/package-lock.json web/.npmrc
	cd web && npm ci --no-audit --no-fund --loglevel=error
	touch $@

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.venv:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.core: $(VENV)/.venv pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

# torch is named with its version: pip then takes the CPU wheel where one is offered.
$(VENV)/.train: $(VENV)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		$(shell grep '^torch==' constraints.txt) -e '.[train]'
	touch $@

$(VENV)/.test: $(VENV)/.train
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

$(VENV)/.browser: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e '.[browser]'
	touch $@
