.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
INSTALLED_OBJECTS := $(VENV)/.installed-objects
# Byte-code is compiled once, at installation. Without it every process would compile every import again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-lanes test-objects test-spark spark-jars coverage test-faults test-superset dev bench lock sample page dictionary superset-set check-python
help:
	@echo "make run     land, build, check and publish (on the sample, unless CREDITS_HOME is set)"
	@echo "make test    lint and test everything"
	@echo "make test-lanes  test with the earlier DuckDB, other clients, the official FOCUS validator and deploy/ (installs them; fifteen minutes)"
	@echo "make test-objects  test landing, gateways and publishing with servers for S3 and Azure Blob Storage (installs them; eight minutes)"
	@echo "make test-spark  build on Spark and compare with DuckDB (installs Spark in an environment of its own; needs Java 17)"
	@echo "make spark-jars  put Delta's jars into build/spark-jars (needs Maven)"
	@echo "make coverage  run the same tests and measure which lines they run (slower: it follows every call of dbt)"
	@echo "make test-faults  kill 100 runs at random moments and cause other faults (an hour; CREDITS_FAULT_SEED repeats them)"
	@echo "make dev     run Dagster's user interface for the home of make run, on http://127.0.0.1:3000"
	@echo "make bench   take all measurements and write docs/benchmarks.md"
	@echo "make page    format and check the dashboard's scripts, and bundle them (needs Node 20)"
	@echo "make dictionary  update docs/data-dictionary.md"
	@echo "make superset-set   update bi/superset/ and pack it as build/credits-superset.zip (URI=duckdb:////… for another file)"
	@echo "make test-superset  test it in a separate Superset (installs 150 packages; takes minutes)"
	@echo "make lock    update the requirements files"

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
		|| { echo "Python 3.11 to 3.13 is needed; name it: make run PYTHON=python3.11" >&2; exit 1; }

$(BIN)/uv: | check-python
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv module is missing: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(INSTALLED): requirements.txt pyproject.toml | $(BIN)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --no-deps -e .
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt $(INSTALLED)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements-dev.txt
	@touch $@

$(INSTALLED_OBJECTS): tests/objects/requirements.txt $(INSTALLED_DEV)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r tests/objects/requirements.txt
	@touch $@

# Your own usage if CREDITS_HOME is set, else the sample in data/demo.
ifdef CREDITS_HOME
run: $(INSTALLED)
	@$(BIN)/credits run
else
run: $(INSTALLED)
	@mkdir -p data/demo && rm -rf data/demo/landing && cp -r -p data/sample/landing data/demo/landing
	@CREDITS_HOME=$(CURDIR)/data/demo $(BIN)/credits run
	@CREDITS_HOME=$(CURDIR)/data/demo $(BIN)/credits status
endif

test: $(INSTALLED_DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@cd dbt_project && ../$(BIN)/sqlfluff lint models tests
	@$(BIN)/pytest -n 2 --dist worksteal --durations=20 $(PYTEST_ARGS)

# Each installs other versions or programs beside the project's own.
test-lanes: $(INSTALLED_DEV)
	@$(BIN)/pytest -n 2 --dist worksteal -m lane tests $(PYTEST_ARGS)

# OBJECTS_TEST_S3_ENDPOINT names another S3 server to try too (docs/object-storage.md).
test-objects: $(INSTALLED_OBJECTS)
	@$(BIN)/pytest -n 2 --dist loadfile -m objects tests/objects --durations=5 $(PYTEST_ARGS)

# Delta for the Spark of the extra `spark`, in a folder that a session takes it from. Without Maven, Spark downloads it.
SPARK_JARS := build/spark-jars
DELTA := 4.1.0
spark-jars:
	@command -v mvn >/dev/null || { echo "Maven is missing: install it (Debian: apt-get install maven)" >&2; exit 1; }
	@for jar in io.delta:delta-spark_4.1_2.13:$(DELTA) io.delta:delta-storage:$(DELTA); do \
		mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
			-Dartifact=$$jar -DoutputDirectory=$(CURDIR)/$(SPARK_JARS) || exit 1; done

# Spark is tested in an environment of its own. CREDITS_TEST_IN_FULL=1 adds random homes, deliveries and workers.
SPARK_VENV := build/spark-venv
$(SPARK_VENV)/.installed: requirements-spark.txt requirements-dev.txt | $(BIN)/uv
	@$(BIN)/uv venv --quiet --allow-existing --python $(PYTHON) $(SPARK_VENV)
	@$(BIN)/uv pip install --quiet --python $(SPARK_VENV)/bin/python --compile-bytecode --require-hashes \
		-r requirements-spark.txt -r requirements-dev.txt
	@touch $@
test-spark: $(SPARK_VENV)/.installed
	@[ -n "$$(ls $(SPARK_JARS)/*.jar 2>/dev/null)" ] || ! command -v mvn >/dev/null || $(MAKE) --no-print-directory spark-jars
	@$(SPARK_VENV)/bin/python -m pytest -p no:xdist -m spark --durations=10 tests/spark $(PYTEST_ARGS)

coverage: $(INSTALLED_DEV)
	@$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

# Faults at random moments, repeatable with the printed seed; `make test` runs a short form.
CREDITS_FAULT_SEED ?= $(shell date +%s)
CREDITS_FAULT_TRIALS ?= 100
test-faults: $(INSTALLED_DEV)
	@CREDITS_FAULT_SEED=$(CREDITS_FAULT_SEED) CREDITS_FAULT_TRIALS=$(CREDITS_FAULT_TRIALS) \
		$(BIN)/pytest -m faults tests/faults -s $(PYTEST_ARGS)

# Too slow for `make test`.
test-superset: $(INSTALLED_DEV)
	@$(BIN)/pytest -m superset tests/superset $(PYTEST_ARGS)

# The home that `make run` works in: CREDITS_HOME if it is set, else data/demo if `make run` has made it, else data.
ifndef CREDITS_HOME
dev: export CREDITS_HOME = $(CURDIR)/$(if $(wildcard data/demo/landing),data/demo,data)
endif
DAGSTER_HOME ?= $(CURDIR)/.dagster
dev: $(INSTALLED)
	@echo "Dagster works in $$CREDITS_HOME (CREDITS_HOME=… make dev for another); stop it with Ctrl-C"
	@mkdir -p $(DAGSTER_HOME) && cp dagster.yaml $(DAGSTER_HOME)/dagster.yaml
	@DAGSTER_HOME=$(DAGSTER_HOME) $(BIN)/dagster dev -w workspace.yaml

bench: $(INSTALLED_DEV)
	@$(BIN)/python -m bench

sample: $(INSTALLED)
	@rm -rf data/sample/landing && $(BIN)/credits sample --out data/sample --records 3000 --days 120 --seed 7
	@$(BIN)/python -m orchestration.commands.sample_month data/sample/landing

# Only this target needs Node: it writes the script that users' pages contain.
PAGE := orchestration/dashboard/page
page:
	@cd $(PAGE) && npm ci --silent && npm run --silent format && npm run --silent lint && npm run --silent bundle

dictionary: $(INSTALLED)
	@$(BIN)/python -m orchestration.documentation docs/data-dictionary.md

superset-set: $(INSTALLED)
	@$(BIN)/python -m bi.superset build/credits-superset.zip $(if $(URI),--uri '$(URI)')

lock: | $(BIN)/uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		pyproject.toml --extra postgres --extra objects --extra delta -c requirements.txt -o deploy/containers/requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		tests/objects/requirements.in -c requirements-dev.txt -o tests/objects/requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		pyproject.toml --extra spark -c requirements.txt -o requirements-spark.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		--python-version 3.12 tests/focus/requirements.in -o tests/focus/requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		--python-version 3.11 tests/superset/requirements.in -o tests/superset/requirements.txt
