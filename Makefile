# What people run: make run, make test. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := pip-compile --quiet --no-header --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
# Settings of a production that does not exist, for `check --deploy`. Nothing is connected to.
PRODUCTION := VAR_DIR=var/check DATABASE_URL=postgres://check@127.0.0.1/check REDIS_URL=redis://127.0.0.1:6379/15 \
	SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG \
	ENCRYPTION_KEYS=b25seS1mb3ItdGhpcy1jaGVjay1ub3QtYS1zZWNyZXQ= \
	ALLOWED_HOSTS=panel.example.com ZADARMA_API_KEY= ZADARMA_API_SECRET=
PYTEST := $(BIN)/python -m pytest
STORM := $(BIN)/python -m tests.storm
# How big a storm is, and after how many seconds it is given up.
QUICK ?= --orders 300 --prolongs 200 --seconds 300
LONG ?= --orders 6000 --prolongs 4000 --accounts 60 --workers 2 --seconds 7200
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run install install-dev test test-postgres full storm-quick storm storm-sqlite storm-postgres storm-paced \
	check lint types imports migrations deploy templates format requirements messages clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-24s %s\n", $$1, $$2}'

run: .venv/base.stamp ## Start everything at http://127.0.0.1:8000 (PORT changes it)
	@$(BIN)/python -m config.start

install: .venv/base.stamp ## Make .venv with what the panel needs, and nothing else

install-dev: .venv/dev.stamp ## Add what tests and checks need

.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Numberdesk needs Python 3.11 or newer as $(PYTHON)."; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "No virtual environment could be made. On Debian: apt install python3-venv"; exit 1; }
	@touch $@

.venv/base.stamp: requirements/base.txt | .venv/made.stamp
	@echo "Installing requirements into .venv ..."
	@$(PIP) install --require-hashes -r requirements/base.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt | .venv/base.stamp
	@echo "Installing what tests and checks need into .venv ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

test: .venv/dev.stamp ## Run the tests (those of `make full` left out)
	$(PYTEST) -n $(WORKERS) -m "not full" $(ARGS)

# CI's second run: DATABASE_URL and REDIS_URL must name servers that may be written to.
test-postgres: .venv/dev.stamp ## Run the tests on the servers of DATABASE_URL and REDIS_URL
	@test -n "$$DATABASE_URL" && test -n "$$REDIS_URL" || { echo "Set DATABASE_URL and REDIS_URL."; exit 1; }
	$(PYTEST) -n $(WORKERS) -m "not full" $(ARGS)

full: .venv/dev.stamp ## Run all tests with the long proofs
	$(PYTEST) -n $(WORKERS) -m "full or not full" $(ARGS)

storm-quick: .venv/dev.stamp ## 500 paid calls amid faults and kills on each set-up, and 20 orders at the real rate
	@$(MAKE) --no-print-directory --output-sync=target -j3 storm-paced storm-sqlite storm-postgres

storm: .venv/dev.stamp ## The same with 10,000 paid calls on each set-up (about an hour)
	@$(MAKE) --no-print-directory storm-sqlite storm-postgres QUICK="$(LONG)"

# Where a server is missing it says so and passes, but for NUMBERDESK_REQUIRE_ALL=1.
storm-sqlite storm-postgres: storm-%: .venv/dev.stamp
	@$(STORM) --backend $* $(QUICK)

storm-paced: .venv/dev.stamp
	@$(STORM) --paced --orders 20 --prolongs 0 --seconds 400

check: .venv/dev.stamp ## Lint, types, import contracts, migrations, production settings, templates
	@$(MAKE) --no-print-directory -j2 lint types imports migrations deploy templates

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.stamp
	VAR_DIR=var/check $(BIN)/mypy .

imports: .venv/dev.stamp
	PYTHONPATH=.:numbers $(BIN)/lint-imports

migrations: .venv/dev.stamp
	VAR_DIR=var/check $(BIN)/python manage.py makemigrations --check --dry-run

deploy: .venv/dev.stamp
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

templates: .venv/dev.stamp
	$(BIN)/djlint --lint --quiet templates

format: .venv/dev.stamp ## Format and fix what can be fixed by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Relative names, so that no path and no index address lands in the files.
requirements: .venv/dev.stamp ## Compile requirements/*.txt from requirements/*.in
	cd requirements && for name in base dev; do ../$(BIN)/$(COMPILE) --output-file=$$name.txt $$name.in || exit 1; done

messages: .venv/dev.stamp ## Collect and compile the German texts (needs gettext)
	@command -v msgfmt >/dev/null || { echo "gettext is missing. On Debian: apt install gettext"; exit 1; }
	VAR_DIR=var/check $(BIN)/python manage.py makemessages --locale de --no-location --no-obsolete \
		--ignore .venv --ignore var --ignore tests
	VAR_DIR=var/check $(BIN)/python manage.py compilemessages --locale de --ignore .venv

clean: ## Remove .venv and caches; var/ (your data) stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache var/check
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
