# make run    the program with a sample network, on this machine
# make test   the whole suite, on SQLite and on PostgreSQL
# make check  what a change must pass besides: style, types, imports, migrations
# make bench  how fast it is, beside bare parts measured in the same run
# make install     only .venv and what the program needs, for a server: docs/running.md
# make catalogues  brings translations/ up to date after a text has changed; what is new is then to be translated
#
# Needed: make and Python 3.11 or newer with its venv module. Everything else goes into .venv/.

.DELETE_ON_ERROR:
.PHONY: run test check bench install catalogues translations FORCE

# Any Python that will do, one that can make a .venv first; PYTHON=... chooses another.
CANDIDATES := python3 python3.13 python3.12 python3.11
can = $(foreach python,$(CANDIDATES),$(if $(shell $(python) -c '$(1)' 2>/dev/null),$(python)))
NEW_ENOUGH := import sys; print(sys.version_info >= (3, 11) or "")
PYTHON ?= $(firstword $(call can,import ensurepip; import venv; $(NEW_ENOUGH)) $(call can,$(NEW_ENOUGH)))

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CATALOGUES := $(wildcard translations/*/LC_MESSAGES/*.po)

# A .venv whose Python is gone, or that was made elsewhere and then moved, is made again; of one that is a link, only
# the link goes.
ifneq ($(shell cat .venv/.made 2>/dev/null && $(BIN)/python -c '' 2>/dev/null && echo works),$(CURDIR) works)
.venv/.made: FORCE
endif

run: .venv/.installed translations
	@$(BIN)/python run.py

test: .venv/.installed-dev translations
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=8 $(ARGS)

check: .venv/.installed-dev translations
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m pytest --quiet tests/migrations tests/translations/test_catalogues.py tests/translations/test_marked.py

bench: .venv/.installed-dev translations
	$(BIN)/python -m bench $(ARGS)

install: .venv/.installed translations

.venv/.made:
	@python="$(PYTHON)"; \
	test -n "$$python" || { \
		echo "Python 3.11 or newer is missing. Debian, Ubuntu: apt-get install python3 python3-venv"; exit 1; }; \
	$$python -c '$(NEW_ENOUGH)' | grep -q True || { echo "$$python is older than Python 3.11."; exit 1; }; \
	$$python -c 'import ensurepip, venv' 2>/dev/null || { \
		package=$$($$python -c 'import sys; print("python{}.{}-venv".format(*sys.version_info))'); \
		echo "The venv module of $$python is missing. Debian, Ubuntu: apt-get install $$package"; exit 1; }; \
	echo "Making .venv with $$($$python --version) ..."; \
	if [ -L .venv ]; then rm .venv; fi; \
	$$python -m venv --clear .venv && echo "$(CURDIR)" > $@

.venv/.installed: .venv/.made requirements.txt
	@echo "Installing what the program needs into .venv ..."
	@$(PIP) install -r requirements.txt
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.txt
	@echo "Installing what the tests need into .venv ..."
	@$(PIP) install -r requirements-dev.txt
	@touch $@

# No guesses at a translation, no dates and line numbers that change with every text.
catalogues: .venv/.installed-dev
	@$(BIN)/pybabel --quiet extract --mapping-file=babel.cfg --keyword=_l --keyword=lazy_ngettext:1,2 \
		--add-location=file --sort-output --output-file=.venv/messages.pot .
	@$(BIN)/pybabel --quiet update --input-file=.venv/messages.pot --output-dir=translations \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

translations: $(CATALOGUES:.po=.mo)

# Refused where a translation does not fit its source: the page would fail in that language alone.
%.mo: %.po | .venv/.installed
	@$(BIN)/python translations/compile.py $<
