# Everything starts here: `make run` and `make test` need Python 3.11 or newer, make, and pip's index. `make help` lists all.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/messages.po))
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test check bench faults lock migration messages clean

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

run: $(BIN)/.installed $(CATALOGUES) ## Set up and start the site and its worker; Ctrl-C ends all (PORT=8000)
	@export PORT=$(PORT) BASE_URL="$${BASE_URL:-http://localhost:$(PORT)}"; \
	trap 'exit 0' INT TERM; \
	$(BIN)/flask prepare && \
	echo "Open $$BASE_URL in a browser; Ctrl-C ends the site and its worker." && \
	if [ "$${APP_ENV:-development}" = development ]; then \
		echo "Staff sign in at $$BASE_URL/organise; this link does so once, as an invented admin:" && \
		$(BIN)/flask staff demo-link; \
	fi && \
	PATH="$$PWD/$(BIN):$$PATH" $(BIN)/honcho --env /dev/null start --port $(PORT)

test: $(BIN)/.installed-dev $(CATALOGUES) ## Set up and pass all the tests; ARGS="tests/mail -k outbox" picks some
	@$(BIN)/python -m tests.support.programs
	@TMPDIR="$$($(BIN)/python -m tests.support.scratch)" $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

check: $(BIN)/.installed-dev $(CATALOGUES) ## Check style, types, import directions, migrations and content
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --cache-dir .import_linter_cache
	$(BIN)/python -m migrations check
	@echo "content of letter_templates/ and targets/"; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	export INSTANCE_DIR="$$scratch" APP_ENV=development; unset DATABASE_URL; \
	$(BIN)/flask db upgrade && $(BIN)/flask content sync --check > /dev/null

bench: $(BIN)/.installed-dev ## Measure side by side with our peers; ARGS="--quick" is a smoke run
	@$(BIN)/python -m benchmarks $(ARGS)

faults: $(BIN)/.installed-dev ## Send letters through everything that can break; ARGS="--seed 7 --database sqlite" picks
	@$(BIN)/python -m tests.faults $(ARGS)

lock: $(BIN)/.installed-dev ## Pin what requirements*.in ask for, with hashes; ARGS=--upgrade takes newer releases
	$(UV_COMPILE) $(ARGS) requirements.in -o requirements.txt
	$(UV_COMPILE) $(ARGS) requirements-dev.in -o requirements-dev.txt

migration: $(BIN)/.installed-dev ## Write the migration that the models ask for: make migration WORDS="add a reply"
	@test -n "$(WORDS)" || { echo 'Say what it does: make migration WORDS="add a reply"' >&2; exit 1; }
	$(BIN)/python -m migrations new "$(WORDS)"
	$(BIN)/ruff format --quiet migrations

messages: $(BIN)/.installed ## Bring the catalogues of app/translations up to date with the words in the code
	@template=$$(mktemp); trap 'rm -f "$$template"' EXIT; \
	$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --keywords "_l lazy_gettext" --add-location file --sort-output \
		--output-file "$$template" . && \
	$(BIN)/pybabel --quiet update --input-file "$$template" --output-dir app/translations --width 100 --ignore-obsolete \
		--no-fuzzy-matching --ignore-pot-creation-date

clean: ## Remove what can be made again; instance/, with letters and keys, stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis $(CATALOGUES)
	find app migrations tests -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; name one: make PYTHON=/usr/bin/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv module is not complete; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

$(BIN)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing what the site needs ..."
	@$(PIP_INSTALL) -r $<
	@touch $@

$(BIN)/.installed-dev: requirements-dev.txt | $(BIN)/python
	@echo "Installing what development and the tests need ..."
	@$(PIP_INSTALL) -r $<
	@touch $@

%.mo: %.po | $(BIN)/python
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
